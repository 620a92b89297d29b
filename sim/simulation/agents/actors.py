"""All actors of a model: each decides on the same snapshot, for all runs in one call."""

from typing import TYPE_CHECKING, NamedTuple

from mesa import Model

from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.simulation.agents.energy_producer import EnergyProducer
from sim.simulation.agents.gates import Infrastructure
from sim.simulation.agents.state import State
from sim.simulation.diplomacy.negotiation import NegotiationDecision
from sim.simulation.diplomacy.negotiation_setup import Agenda
from sim.simulation.snapshot.capacity import GateDecisions
from sim.simulation.snapshot.energy_outcome import Expansion
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.tariffs.concessions import ConcessionTable, TariffOffer

if TYPE_CHECKING:
    from sim.world.world import World


class ActorDecisions(NamedTuple):
    """Decisions of all actors for the next quarter."""

    tariffs: list[TariffOffer]
    gates: GateDecisions
    expansions: list[Expansion]
    """Of a year that ends; none in other quarters."""
    negotiations: list[NegotiationDecision]
    carried: tuple[object, ...]
    """Records of arrays that types of agents carry into the next quarter, one of each type."""


class Actors:
    """States, posts and ports, and producers of energy; firms decide on what they then meet.

    Parameters
    ----------
    model : mesa.Model
        Where each is an agent.
    world : World
    concessions : ConcessionTable
        Concessions of all States.
    agenda : Agenda or None
        What is negotiated.
    gates : Infrastructure
        Posts and ports, agents of the model already.
    """

    def __init__(
        self,
        model: Model,
        world: "World",
        concessions: ConcessionTable,
        agenda: Agenda | None,
        gates: Infrastructure,
    ) -> None:
        self._model, self._gates, self._is_negotiated = model, gates, agenda is not None
        for region in range(len(world.regions)):
            State(model, region, concessions, agenda)
        for region, produces in enumerate(world.energy.production.T > 0):
            if produces.any():
                EnergyProducer(model, region, produces, world.energy.expansion_limit)

    def initial(self) -> tuple[object, ...]:
        """Records that types of agents carry on, as of the base year; `Snapshot.of` gives each."""
        return (self._gates.initial_capacity(),)

    def decide(self, now: Snapshot) -> ActorDecisions:
        """Ask every actor what it decides for the next quarter."""
        of_type = self._model.agents_by_type
        states, year_ends = of_type[State], (now.quarter + 1) % QUARTERS_PER_YEAR == 0
        said = states.map("negotiate", now) if self._is_negotiated else []
        expands = year_ends and now.energy.state is not None and EnergyProducer in of_type
        gates = self._gates.decide(now)
        return ActorDecisions(
            tariffs=states.map("decide", now),
            gates=gates,
            expansions=of_type[EnergyProducer].map("decide", now.energy) if expands else [],
            negotiations=[decision for decision in said if decision is not None],
            carried=(gates.capacity,),
        )
