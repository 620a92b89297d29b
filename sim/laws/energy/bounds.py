"""Activities that can move at all, and the meaning of a price where none can.

Supply that cannot get to anybody and demand nothing can get to have no strict interior
for the solver to walk in. They are found first and stay at zero.

Axes: a activities, r rows, R runs.
"""

from dataclasses import dataclass, replace

import numpy as np

from sim.laws.energy.assembly import Assembly
from sim.laws.energy.elimination import sums_at
from sim.laws.energy.market import Market
from sim.laws.energy.programme import Programme
from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ActivityEnds:
    """Rows each activity draws on and feeds; -1 for the world outside."""

    draws: IntArray
    feeds: IntArray
    both: BoolArray
    """Whether it may run backwards."""


def ends_of(market: Market, assembly: Assembly) -> ActivityEnds:
    """Rows at the ends of every activity."""
    n = assembly.programme.cost.shape[0]
    draws, feeds = np.full(n, -1), np.full(n, -1)
    both = np.zeros(n, dtype=np.bool_)
    supply, demand, arcs, contracts = market.supply, market.demand, market.arcs, market.contracts
    buyer = market.row(contracts.carrier, contracts.buyer)[market.outside]
    feeds[assembly.supply] = market.row(supply.carrier, supply.node)
    feeds[assembly.committed] = feeds[assembly.further] = buyer
    draws[assembly.demand] = market.row(demand.carrier, demand.node)
    tails, heads = market.row(arcs.carrier, arcs.tail), market.row(arcs.carrier_out, arcs.head)
    over = contracts.arc[market.carried]
    draws[assembly.arcs], feeds[assembly.arcs] = tails, heads
    draws[assembly.carried], feeds[assembly.carried] = tails[over], heads[over]
    both[assembly.arcs] = arcs.two_way
    return ActivityEnds(draws, feeds, both)


def reachable(programme: Programme, ends: ActivityEnds, n_rows: int) -> Programme:
    """The programme with `live` only where something can both come in and go out."""
    wide = programme.live
    come = _spread(ends.draws, ends.feeds, wide, ends.both, n_rows)
    leave = _spread(ends.feeds, ends.draws, wide, ends.both, n_rows)
    at_tail = come[ends.draws] | (ends.draws < 0)[:, None]
    far = np.where(ends.both, ends.draws, ends.feeds)
    at_head = leave[far] | (far < 0)[:, None]
    return replace(programme, live=wide & at_tail & at_head)


def _spread(
    start: IntArray, end: IntArray, open_: BoolArray, both: BoolArray, n_rows: int
) -> BoolArray:
    """Rows (r, R) reached from the world outside through open activities."""
    inner = (start >= 0) & (end >= 0)
    entry = (start < 0) & (end >= 0)
    back = inner & both
    source, target = np.r_[start[inner], end[back]], np.r_[end[inner], start[back]]
    passes = np.concatenate([open_[inner], open_[back]])
    reached = _any_at(n_rows, end[entry], open_[entry])
    while True:
        more = reached | _any_at(n_rows, target, reached[source] & passes)
        if np.array_equal(more, reached):
            return np.asarray(reached)
        reached = more


def _any_at(n_rows: int, rows: IntArray, holds: BoolArray) -> BoolArray:
    """Rows (r, R) at which something holds of what stands there (k, R)."""
    return sums_at(n_rows, rows, holds.astype(np.float64)) > 0


def idle_prices(
    programme: Programme, ends: ActivityEnds, delivered: FloatArray, price: FloatArray
) -> FloatArray:
    """Give rows where nothing can move the price at which something would start to.

    That is what a first unit would cost there: the least that producers ask, or that it
    costs to bring one. Where nothing can be brought it is what a unit would be worth there,
    used or sent on; where there is neither, nan.

    Parameters
    ----------
    delivered : (a, R) float
        Units given out per unit drawn, for activities inside the market.
    price : (r, R) float
        Prices of the rows where something moves.
    """
    moves = np.zeros(price.shape, dtype=np.bool_)
    for rows in (ends.draws, ends.feeds):
        inside = rows >= 0
        moves |= _any_at(len(price), rows[inside], programme.live[inside])
    if moves.all():
        return price
    shut = np.where(programme.upper > programme.lower, 0.0, np.inf)
    back = np.flatnonzero(ends.both)
    tails, heads = np.r_[ends.draws, ends.feeds[back]], np.r_[ends.feeds, ends.draws[back]]
    cost = np.concatenate([programme.cost + shut, shut[back]])
    share = np.concatenate([delivered, delivered[back]])
    asked = _settle(np.where(moves, price, np.inf), tails, heads, cost, share)
    known = np.where(np.isfinite(asked), asked, -np.inf)
    # A bid travels from head to tail: it is an asking price seen in a mirror.
    bid = -_settle(-known, heads, tails, cost / share, 1.0 / share)
    return np.where(np.isfinite(bid), bid, np.nan)


def _settle(
    price: FloatArray, tails: IntArray, heads: IntArray, cost: FloatArray, share: FloatArray
) -> FloatArray:
    """Least price (r, R) at which each unsettled row (inf) can be reached from the others."""
    unsettled = np.isinf(price)
    ends = heads >= 0
    for _ in range(len(price)):
        due = np.where((tails >= 0)[:, None], price[tails], 0.0)
        due = (due + cost) / share
        least = np.full(price.shape, np.inf)
        np.minimum.at(least, heads[ends], due[ends])
        lower = np.where(unsettled, np.minimum(price, least), price)
        if np.array_equal(lower, price):
            break
        price = lower
    return price
