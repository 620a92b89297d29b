"""Contest of suppliers: who sells a buyer its energy with the deals of a scenario and without them.

Nothing that is traded bears on the energy market, so its years are settled by themselves: with all
deals, with none, and with all but each one, on the same draws. The first runs of the scenario do.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.simulation.uncertainty.draws import draw, simulated_quarters
from sim.study.break_even.energy_courses import EnergyCourse, energy_course

if TYPE_CHECKING:
    from sim.scenario.blocks.energy import EnergyDeal
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

MAX_RUNS = 32
"""Runs of a scenario for which its suppliers are told."""


class BuyerMarket(NamedTuple):
    """Purchases of one carrier by one buyer in one variant; runs first."""

    bought: FloatArray
    """(n_runs, n) what arrives from each region [unit/year]."""
    price: FloatArray
    """(n_runs,) at the buyer [USD/unit]."""


class OfferedDeal(NamedTuple):
    """One deal in the contest."""

    name: str
    seller: int
    volume: float
    """As stated by the scenario [unit/year]."""
    signed: FloatArray
    """(n_runs,) 1 where it is signed, else 0."""
    shipped: FloatArray
    """(n_runs,) with all deals on offer [unit/year]."""
    market_without: BuyerMarket
    """With all deals but this one."""


class SupplierContest(NamedTuple):
    """One buyer's market of one carrier in the target's year."""

    buyer: int
    carrier: int
    year: int
    base: FloatArray
    """(n,) bought from each region in the base year [unit/year]."""
    with_deals: BuyerMarket
    without_deals: BuyerMarket
    deals: tuple[OfferedDeal, ...]


def supplier_contests(scenario: "Scenario", world: "World") -> tuple[SupplierContest, ...]:
    """Markets on which the scenario's deals meet other suppliers, in the first target's year.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    """
    deals = scenario.energy.deals
    if not world.energy or not deals or not scenario.targets:
        return ()
    year = int(next(iter(scenario.targets.values())).deadline) // QUARTERS_PER_YEAR
    quarters = simulated_quarters(scenario, world)
    runs = range(min(scenario.runs, MAX_RUNS))
    drawn = draw(scenario, world, runs, quarters.start, len(quarters))

    def course(kept: "dict[str, EnergyDeal]") -> EnergyCourse:
        return energy_course(scenario, world, drawn, kept, year)

    offered, none = course(dict(deals)), course({})
    but_one = {}
    for name in deals:
        others = dict(deals)
        del others[name]
        but_one[name] = course(others)
    return tuple(_contests(scenario, world, year, offered, none, but_one))


def _contests(
    scenario: "Scenario",
    world: "World",
    year: int,
    offered: EnergyCourse,
    none: EnergyCourse,
    but_one: dict[str, EnergyCourse],
) -> Iterator[SupplierContest]:
    deals = scenario.energy.deals
    markets = {
        (world.region_index(deal.importer), world.energy.carriers.index(deal.carrier))
        for deal in deals.values()
    }
    for buyer, carrier in sorted(markets):
        own = [
            name
            for name, deal in deals.items()
            if (deal.importer, deal.carrier)
            == (world.regions[buyer], world.energy.carriers[carrier])
        ]
        yield SupplierContest(
            buyer,
            carrier,
            year,
            _base(world, buyer, carrier),
            _market(offered, buyer, carrier),
            _market(none, buyer, carrier),
            tuple(
                _offered_deal(
                    name, deals[name], world, offered, _market(but_one[name], buyer, carrier)
                )
                for name in own
            ),
        )


def _base(world: "World", buyer: int, carrier: int) -> FloatArray:
    """Recorded purchases of the base year by seller, (n,) [unit/year]."""
    arcs, found = world.energy.arcs, np.zeros(len(world.regions))
    own = arcs.is_trade & (arcs.head == buyer) & (arcs.carrier_out == carrier)
    np.add.at(found, arcs.tail[own], (arcs.flow * arcs.delivered_share)[own])
    return found


def _market(course: EnergyCourse, buyer: int, carrier: int) -> BuyerMarket:
    arcs, terms = course.system.table.market_arcs, course.terms
    bought = np.zeros((len(terms.flow), course.system.table.shape[1]))
    own = arcs.is_trade & (arcs.head == buyer) & (arcs.carrier_out == carrier)
    for w in np.flatnonzero(own):
        bought[:, arcs.tail[w]] += terms.flow[:, w] * arcs.delivered_share[w]
    return BuyerMarket(bought, terms.price[:, carrier, buyer])


def _offered_deal(
    name: str, deal: "EnergyDeal", world: "World", offered: EnergyCourse, without: BuyerMarket
) -> OfferedDeal:
    table = offered.system.table
    row = table.market_arcs.names.index(name)
    pledge = int(np.flatnonzero(table.pledges.arc == row)[0])
    state = offered.terms.state
    assert state is not None
    return OfferedDeal(
        name,
        world.region_index(deal.exporter),
        deal.volume,
        state.signed[:, pledge].astype(np.float64),
        offered.terms.flow[:, row],
        without,
    )
