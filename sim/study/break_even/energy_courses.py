"""Energy by itself: its years up to one that is asked for, under some deals.

Nothing that is traded bears on the energy market, so it can be settled without the rest.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.simulation.energy.energy_domain import EnergySystem
from sim.simulation.energy.expansions import expansions

if TYPE_CHECKING:
    from sim.scenario.blocks.energy import EnergyDeal
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.snapshot.energy_outcome import EnergyTerms
    from sim.simulation.uncertainty.draws import Draws
    from sim.world.world import World


class EnergyCourse(NamedTuple):
    """Energy in a year, and the system that settled it."""

    system: EnergySystem
    terms: "EnergyTerms"


def energy_course(
    scenario: "Scenario",
    world: "World",
    drawn: "Draws",
    deals: Mapping[str, "EnergyDeal"],
    year: int,
) -> EnergyCourse:
    """Settle the energy market year by year.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    drawn : Draws
        Of the runs.
    deals : mapping of str to EnergyDeal
        Deals in place of the scenario's.
    year : int
        Last year that is settled.
    """
    energy = scenario.energy.model_copy(update={"deals": dict(deals)})
    system = EnergySystem(scenario.model_copy(update={"energy": energy}), world, drawn)
    terms = system.initial()
    for each in range(world.base_year + 1, year + 1):
        terms = system.step(terms, expansions(world, terms), QUARTERS_PER_YEAR * each)
    return EnergyCourse(system, terms)
