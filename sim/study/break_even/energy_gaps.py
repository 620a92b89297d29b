"""Break-even of energy routes that are not in use: what would make them pay.

On a route that nobody uses the law of the market leaves a shortfall: price at the seller, plus
cost of the route, less what arrives at the buyer's price (the reduced cost of the route). A fare
cut of that size per unit, or a price gap wider by it, makes the first unit pay. With a volume
committed the market is settled again, so that the shortfall is that of the last unit of it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.energy import EnergyEquilibrium
from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.scenario.blocks.energy import EnergyDeal
from sim.simulation.energy.energy_setup import arc_of
from sim.simulation.uncertainty.draws import draw, simulated_quarters
from sim.study.break_even.energy_courses import EnergyCourse, energy_course

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

MAX_RUNS = 16
"""Runs of a scenario for which the break-even is worked out."""
COMMITTED = 0.5
"""Part of a route's capacity for which the support is told [1]."""
FREE, BOUND = "free", "bound"


class EnergyGap(NamedTuple):
    """One route of energy in the target's year; runs are (n_runs,)."""

    arc: int
    """Of the tables."""
    fare: FloatArray
    """Cost of the route at that year's prices [USD/unit]."""
    shortfall: FloatArray
    """By which the first unit does not pay; below 0 it does [USD/unit]."""
    price_at_buyer: FloatArray
    """[USD/unit]."""
    pays_volume: FloatArray
    """What is shipped if buyer and seller are free to [unit/year]."""
    committed: float
    """Volume for which support is told [unit/year]."""
    support: FloatArray
    """By which the last unit of it does not pay [USD/unit]."""

    @property
    def is_shut(self) -> bool:
        """True if nothing passes in any run: a smoothed market ships a trace of all that can."""
        return not bool(np.any(self.pays_volume > 0.0))

    @property
    def support_musd(self) -> FloatArray:
        """(n_runs,) support for the whole volume, none where it pays [musd/year]."""
        return np.asarray(np.maximum(self.support, 0.0) * self.committed)


def energy_gaps(
    scenario: "Scenario", world: "World", parties: tuple[str, str]
) -> tuple[EnergyGap, ...]:
    """Routes that need a deal at either of two States, in the first target's year.

    Empty where no such route joins the two: the others are not what is asked about.

    Parameters
    ----------
    scenario, world
        What is asked and what is; deals of the scenario on these routes are taken out.
    parties : tuple of str
        Regions whose routes are looked at.
    """
    if not world.energy:
        return ()
    arcs, own = world.energy.arcs, {world.region_index(code) for code in parties}
    chosen = [
        a
        for a, status in enumerate(arcs.statuses)
        if status == "needs-deal" and {int(arcs.tail[a]), int(arcs.head[a])} & own
        and np.isfinite(arcs.capacity[a]) and np.isfinite(arcs.cost[a])
    ]  # fmt: skip
    if not any({int(arcs.tail[a]), int(arcs.head[a])} == own for a in chosen):
        return ()
    year = int(next(iter(scenario.targets.values())).deadline) // QUARTERS_PER_YEAR
    quarters = simulated_quarters(scenario, world)
    runs = range(min(scenario.runs, MAX_RUNS))
    drawn = draw(scenario, world, runs, quarters.start, len(quarters))
    others = {
        name: deal
        for name, deal in scenario.energy.deals.items()
        if arc_of(world, deal) not in chosen
    }
    tried = _tried(world, chosen, year)
    course = energy_course(scenario, world, drawn, {**others, **tried}, year)
    nothing = _market(course, tried, ())
    return tuple(_gap(world, course, tried, nothing, a) for a in chosen)


def _tried(world: "World", chosen: list[int], year: int) -> dict[str, EnergyDeal]:
    """Two deals on each route from the year on: one that binds nobody, one that binds."""
    arcs, deals = world.energy.arcs, {}
    for a in chosen:
        stated = {
            "exporter": world.regions[arcs.tail[a]],
            "importer": world.regions[arcs.head[a]],
            "carrier": world.energy.carriers[arcs.carrier[a]],
            "arc": arcs.names[a],
            "from": f"{year}Q1",
        }
        capacity = float(arcs.capacity[a])
        deals[_name(world, a, FREE)] = EnergyDeal.model_validate({**stated, "volume": capacity})
        deals[_name(world, a, BOUND)] = EnergyDeal.model_validate(
            {**stated, "volume": COMMITTED * capacity, "take_or_pay": 1.0}
        )
    return deals


def _name(world: "World", arc: int, kind: str) -> str:
    return f"{world.energy.arcs.names[arc]} {kind}"


def _market(
    course: EnergyCourse, tried: Mapping[str, EnergyDeal], kept: tuple[str, ...]
) -> EnergyEquilibrium:
    """The year's market with only some of the deals that are tried."""
    state, table = course.terms.state, course.system.table
    assert state is not None
    signed = state.signed.copy()
    for p, w in enumerate(table.pledges.arc):
        name = table.market_arcs.names[w]
        signed[:, p] &= name not in tried or name in kept
    return course.system.market_if(state, signed)


def _gap(
    world: "World",
    course: EnergyCourse,
    tried: Mapping[str, EnergyDeal],
    nothing: EnergyEquilibrium,
    arc: int,
) -> EnergyGap:
    table = course.system.table
    free, bound = _name(world, arc, FREE), _name(world, arc, BOUND)
    freely = _market(course, tried, (free,))
    bindingly = _market(course, tried, (bound,))
    fare = course.system.carriage_cost(arc, course.terms.year)
    arcs = world.energy.arcs
    volume = COMMITTED * float(arcs.capacity[arc])
    return EnergyGap(
        arc=arc,
        fare=fare,
        shortfall=_shortfall(world, nothing, arc, fare),
        price_at_buyer=nothing.price[:, arcs.carrier_out[arc], arcs.head[arc]],
        pays_volume=freely.flow[:, table.market_arcs.names.index(free)],
        committed=volume,
        support=_shortfall(world, bindingly, arc, fare),
    )


def _shortfall(world: "World", found: EnergyEquilibrium, arc: int, fare: FloatArray) -> FloatArray:
    """Reduced cost of a route at the prices of a market, (n_runs,) [USD/unit]."""
    arcs = world.energy.arcs
    at_seller = found.price[:, arcs.carrier[arc], arcs.tail[arc]]
    at_buyer = found.price[:, arcs.carrier_out[arc], arcs.head[arc]]
    return np.asarray(at_seller + fare - arcs.delivered_share[arc] * at_buyer)
