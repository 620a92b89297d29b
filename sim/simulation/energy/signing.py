"""Choice of suppliers: which of the deals on offer a buyer signs at the end of a year.

Each buyer ranks what is offered of a carrier by what it gains on a unit over what the seller earns
elsewhere: its price with the premium for spreading its suppliers, less discount, less carriage. It
signs the best offer first, then weighs the others again, its suppliers being less concentrated, and
signs nothing that does not pay or that it would have no use for. Prices are those of the year that
ends; a deal that is signed stays signed.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.energy.decisions import concentration, gain_of_signing, security_premium
from sim.laws.numerics.arrays import BoolArray, FloatArray, IndexArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR

if TYPE_CHECKING:
    from sim.simulation.energy.energy_setup import EnergyContracts, EnergyTable

ROUNDING = 1e-9
"""Excess over what a buyer uses that is no excess [unit/year]."""


class BuyersView(NamedTuple):
    """Facts by which buyers judge offers; runs first, then carriers `c` and regions `n`."""

    price: FloatArray
    """(n_runs, c, n) [USD/unit]."""
    bought: FloatArray
    """(n_runs, c, n, n) what arrives, by carrier, seller and buyer [unit/year]."""
    used: FloatArray
    """(n_runs, c, n) consumed, and taken in by plants [unit/year]."""
    import_share: FloatArray
    """(n_runs, c, n) part of the use that is imported [1]."""
    money: FloatArray
    """(n_runs, c) world prices over those of the base year [1]."""
    cost_scale: FloatArray
    """(n_runs,) general prices over those of the base year [1]."""
    security_weight: FloatArray
    """(n_runs,) premium for spreading suppliers [1]."""


def offers_in(pledges: "EnergyContracts", year: int) -> IndexArray:
    """Places of the deals that may be signed at the end of a year.

    Prices of long before the first delivery sign nothing: the year before it is the first.
    """
    is_near = pledges.first // QUARTERS_PER_YEAR <= year + 1
    return np.flatnonzero(pledges.awaits_gain & is_near)


def signed_offers(
    table: "EnergyTable", market: BuyersView, signed: BoolArray, waiting: IndexArray, year: int
) -> BoolArray:
    """Deals signed once every buyer has chosen, (n_runs, p).

    Parameters
    ----------
    table : EnergyTable
    market : BuyersView
        Of the year that ends.
    signed : (n_runs, p) bool ndarray
        Signed before.
    waiting : (k,) int ndarray
        Places of the deals on offer.
    year : int
        Year for which they are signed.
    """
    arcs, found = table.market_arcs, signed.copy()
    at = table.pledges.arc
    buyers = sorted({(int(arcs.carrier[at[p]]), int(arcs.head[at[p]])) for p in waiting})
    for carrier, buyer in buyers:
        own = (arcs.carrier[at] == carrier) & (arcs.head[at] == buyer)
        left = market.used[:, carrier, buyer] - _under_contract(table, found, own, year)
        _choose(table, market, found, waiting[own[waiting]], left)
    return found


def _choose(
    table: "EnergyTable",
    market: BuyersView,
    signed: BoolArray,
    offers: IndexArray,
    left: FloatArray,
) -> None:
    """Sign one buyer's offers of a carrier, the best first; `signed` and `left` change in place."""
    arcs, quantity = table.market_arcs, table.pledges.quantity[offers]
    rows = table.pledges.arc[offers]
    carrier, buyer = arcs.carrier[rows[0]], arcs.head[rows[0]]
    bought = market.bought[:, carrier, :, buyer].copy()
    runs = np.arange(len(bought))
    for _ in offers:
        gain = np.stack([_gain(table, market, bought, int(p)) for p in offers], axis=1)
        fits = quantity <= left[:, None] + ROUNDING
        gain = np.where(fits & ~signed[:, offers], gain, -np.inf)
        best = gain.argmax(axis=1)
        takes = gain[runs, best] >= 0.0
        if not takes.any():
            return
        signed[runs[takes], offers[best[takes]]] = True
        bought[runs[takes], arcs.tail[rows[best[takes]]]] += quantity[best[takes]]
        left[takes] -= quantity[best[takes]]


def _gain(table: "EnergyTable", market: BuyersView, bought: FloatArray, pledge: int) -> FloatArray:
    """Gain of buyer and seller together from a unit of one offer, (n_runs,) [USD/unit]."""
    arcs = table.market_arcs
    w = int(table.pledges.arc[pledge])
    c, seller, buyer = arcs.carrier[w], arcs.tail[w], arcs.head[w]
    then = bought.copy()
    then[:, seller] += table.pledges.quantity[pledge]
    premium = security_premium(
        concentration(bought),
        concentration(then),
        market.import_share[:, c, buyer],
        weight=market.security_weight,
    )
    worth = market.price[:, c, buyer] * arcs.delivered_share[w] * arcs.price_share[w]
    cost = arcs.carriage_cost(w, market.money, market.cost_scale)
    return gain_of_signing(worth, cost, market.price[:, c, seller], premium=premium)


def _under_contract(
    table: "EnergyTable", signed: BoolArray, own: BoolArray, year: int
) -> FloatArray:
    """Volumes that some contracts and deals which are signed bring in a year, (n_runs,)."""
    pledges = table.pledges
    runs = (pledges.first // QUARTERS_PER_YEAR <= year) & (
        pledges.last // QUARTERS_PER_YEAR >= year
    )
    return np.asarray((signed * np.where(own & runs, pledges.quantity, 0.0)).sum(axis=1))
