"""Posts and ports together: what they decide for a quarter, and what then passes them."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from mesa import Model

from sim.laws.numerics.arrays import FloatArray
from sim.simulation.agents.border_post import BorderPost
from sim.simulation.agents.port import Port, extra_charge_usd
from sim.simulation.snapshot.capacity import Capacity, GateDecisions, build, initial_capacity
from sim.simulation.snapshot.route_offer import RouteTerms
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.transport.gate_queues import Service, Traffic, find_service, serve
from sim.simulation.transport.path_costs import Gates
from sim.simulation.transport.transport_domain import Transport
from sim.world.transport.network import HOURS_A_DAY

if TYPE_CHECKING:
    from sim.scenario.blocks.agreements import Agreement
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.uncertainty.draws import Draws
    from sim.world.world import World


class GateOutcome(NamedTuple):
    """Gates of a quarter, named as in the `Snapshot`."""

    gate_open_share: FloatArray
    gate_tonnes: FloatArray
    gate_utilisation: FloatArray
    gate_backlog: FloatArray
    gate_delay_hours: FloatArray
    gate_delay_ahead_hours: FloatArray


class Infrastructure:
    """The gates of a model; straits have nobody who decides for them.

    Parameters
    ----------
    model : mesa.Model
        Where posts and ports are agents.
    scenario, world
        What is asked and what is.
    draws : Draws
        When each gate is open.
    transport : Transport
        Routes that lead through the gates.
    """

    def __init__(
        self,
        model: Model,
        scenario: "Scenario",
        world: "World",
        draws: "Draws",
        transport: Transport,
    ) -> None:
        self._draws, self._transport = draws, transport
        self._service: Service = find_service(world)
        normal = np.zeros(len(world.gates))
        normal[self._service.gate] = self._service.utilisation
        handling = _handling(world)
        agreements = scenario.agreements.values()
        self.actors: list[BorderPost | Port] = []
        for number, gate in enumerate(world.gates):
            if gate.kind == "port":
                terms = (float(handling[number]), float(normal[number]))
                self.actors.append(Port(model, number, *terms))
            elif gate.owners:
                paid = [_lanes_paid(agreement, gate.owners) for agreement in agreements]
                lanes = np.array(paid, dtype=np.float64)
                self.actors.append(BorderPost(model, number, lanes))
        self._normal = normal
        self._shape = len(draws.runs), len(normal)
        choosing = [actor for actor in self.actors if actor.has_choice]
        self._paid = [actor for actor in choosing if isinstance(actor, BorderPost)]
        ports = [actor for actor in choosing if isinstance(actor, Port)]
        self._ports = np.array([port.gate for port in ports], dtype=np.intp)
        self._port_terms = (
            np.array([port.normal_utilisation for port in ports]),
            np.array([port.handling_usd for port in ports]),
        )
        self._deciding = np.array([actor.gate for actor in self.actors], dtype=np.intp)

    def initial(self) -> GateOutcome:
        """Gates of the base year, as the season leaves them."""
        open_share = np.broadcast_to(self._draws.season_open_share[:, 0], self._shape)
        return GateOutcome(open_share, *self.at_rest(open_share))

    def initial_capacity(self) -> Capacity:
        """Capacity of the base year, which posts and ports carry on from quarter to quarter."""
        return initial_capacity(self._shape)

    def step(self, now: Snapshot, decided: GateDecisions, terms: RouteTerms) -> GateOutcome:
        """Gates of the next quarter, and what passes them.

        Parameters
        ----------
        now : Snapshot
            The quarter before.
        decided : GateDecisions
            Of posts and ports.
        terms : RouteTerms
            Cargo on the routes.
        """
        fuels = 1e6 * now.energy.added_load_mt
        traffic = self.serve(now, decided, terms, fuels)
        return GateOutcome(decided.open_share, *traffic)

    def at_rest(self, open_share: FloatArray) -> Traffic:
        """Traffic of the base year, nothing of it beyond what the tables say.

        Parameters
        ----------
        open_share : (n_runs, n_gates) ndarray
            Part of the quarter in which each gate is open [1].
        """
        nothing = np.zeros(open_share.shape)
        backlog = nothing.copy()
        backlog[:, self._service.gate] = self._service.backlog
        return Traffic(
            gate_tonnes=nothing,
            gate_utilisation=np.where(open_share > 0.0, self._normal, 0.0),
            gate_backlog=backlog,
            gate_delay_hours=nothing,
            gate_delay_ahead_hours=nothing,
        )

    def decide(self, snapshot: Snapshot) -> GateDecisions:
        """Ask every post and port what it decides for the coming quarter.

        Season, dates and chance say when each is open. All of them widen by one rule and ports
        charge by one, each of which is asked once for all; posts whose lanes agreements pay for are
        asked one by one.
        """
        quarter, own = snapshot.quarter + 1, self._deciding
        open_share = self._draws.gate_open_share[:, :, self._draws.tick(quarter)].copy()
        capacity = initial_capacity(open_share.shape)
        used = snapshot.gate_utilisation[:, own]
        capacity.put(own, build(snapshot.of(Capacity).of_gates(own), quarter, used))
        factor, extra_usd = capacity.factor.copy(), np.zeros_like(open_share)
        used = snapshot.gate_utilisation[:, self._ports]
        extra_usd[:, self._ports] = extra_charge_usd(used, *self._port_terms)
        for post in self._paid:
            asked = post.decide(snapshot, capacity.factor[:, post.gate])
            factor[:, post.gate], extra_usd[:, post.gate] = asked.capacity_factor, asked.extra_usd
        return GateDecisions(open_share, factor, extra_usd, capacity)

    def serve(
        self,
        snapshot: Snapshot,
        gates: GateDecisions,
        terms: RouteTerms,
        extra_tonnes: FloatArray | None = None,
    ) -> Traffic:
        """Let the quarter's cargo through.

        Parameters
        ----------
        snapshot : Snapshot
            The quarter before.
        gates, terms
            What the gates decided, and what the paths carry.
        extra_tonnes : (n_runs, n_gates) ndarray, optional
            Cargo beyond that of the paths and of the base year, such as fuels, negative where
            there is less of it [t/year].
        """
        tick, routes = self._draws.tick(snapshot.quarter + 1), self._transport.routes
        season_share = self._draws.season_open_share[:, tick]
        if self._draws.season_lifted[tick]:
            # Relative to the season, gates that used to be shut in it would be flooded.
            base_tonnes = routes.baseline.open_gate_tonnes(self._transport.seasons)
            season_share = np.ones_like(season_share)
        else:
            base_tonnes = routes.baseline.gate_tonnes(Gates.by_season(season_share))
        tonnes = routes.gate_tonnes(terms.carried)
        if extra_tonnes is not None:
            # The market of fuels is a year's; at a gate that is shut nothing waits for it.
            tonnes = np.maximum(tonnes + extra_tonnes, 0.0) * (gates.open_share > 0.0)
        cargo = routes.cargo
        turned_away = (cargo.dispersion + cargo.trade_elasticity) * cargo.time_cost_per_day
        return serve(
            self._service,
            tonnes,
            base_tonnes,
            season_share=season_share,
            open_share=gates.open_share,
            capacity_factor=gates.capacity_factor,
            backlog=snapshot.gate_backlog,
            delay_hours=snapshot.gate_delay_ahead_hours,
            response=turned_away[:, None] / HOURS_A_DAY,
        )


def _lanes_paid(agreement: "Agreement", owners: tuple[str, ...]) -> float:
    """Lanes that an agreement adds at a post whose owners are members, over those there [1]."""
    inside = set(owners) <= set(agreement.members)
    return agreement.changes.lanes_added_share if inside else 0.0


def _handling(world: "World") -> FloatArray:
    """Charge for a move between ship and land at every gate that is a port [USD/FEU]."""
    charge = np.zeros(len(world.gates))
    for terms in world.network.port_terms:
        gate = int(world.network.gate[terms.node])
        if gate >= 0 and world.gates[gate].gate == world.network.nodes[terms.node]:
            charge[gate] = terms.handling_usd_per_feu
    return charge
