"""From a market to one network programme per run.

Everything that can move is an *activity*: producing, taking contract volume, consuming,
carrying. A *row* is a carrier at a node, or a loop of lines around which the differences of
angle sum to zero. Activities stand in this order: supply, committed and further contract
volume delivered from outside, demand, arcs, committed volume carried over arcs, and one
opener per line that is out of service in some run.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.laws.energy.cycles import loops_of
from sim.laws.energy.elimination import Incidence
from sim.laws.energy.market import Market
from sim.laws.energy.programme import Programme, total
from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray

# An arc that costs nothing and has no limit gets this many times all demand: free carriage
# there and back must end somewhere.
AMPLE = 4.0
# Demand that must be met outbids the dearest way to reach it by this factor.
OUTBID = 100.0


@dataclass(frozen=True, eq=False)
class Assembly:
    """Programmes of a market, and where its parts stand among the activities."""

    programme: Programme
    supply: slice
    committed: slice
    further: slice
    demand: slice
    arcs: slice
    carried: slice
    priceless: BoolArray
    """(k, R) demand that outbids every cost."""
    endless: BoolArray
    """(k, R) arcs whose limit is a stand-in."""


def assemble(market: Market) -> Assembly:
    """Write the market as programmes, in its own units."""
    supply, demand, arcs, contracts = market.supply, market.demand, market.arcs, market.contracts
    see, out, over = market.spread, market.outside, market.carried
    price, penalty = see(contracts.price), see(contracts.penalty)
    committed, whole = see(contracts.committed), see(contracts.quantity)
    flat = np.zeros_like(price)
    priceless = ~np.isfinite(see(demand.value))
    worth = np.where(priceless, _outbid(market), see(demand.value))
    arc = see(arcs.cost) + see(arcs.toll)
    capacity, pledged = _pledge(market, committed)
    steep = see(arcs.slope)
    endless = (arc <= 0) & (steep == 0) & ~arcs.two_way[:, None] & np.isinf(capacity)
    capacity = np.where(endless, AMPLE * _most(market), capacity)
    outages = np.flatnonzero(arcs.two_way & (capacity <= 0).any(axis=1))
    opened = np.where(capacity[outages] <= 0, np.inf, 0.0)
    blocks = [
        (see(supply.cost), see(supply.slope), see(supply.capacity)),
        (price[out] - penalty[out], flat[out], committed[out]),
        (price[out], flat[out], (whole - committed)[out]),
        (-worth, see(demand.slope), see(demand.capacity)),
        (arc, steep, capacity),
        (arc[contracts.arc[over]] - penalty[over], flat[over], pledged),
        (np.zeros_like(opened), np.zeros_like(opened), opened),
    ]
    ends = np.cumsum([0, *(len(block[0]) for block in blocks)]).tolist()
    parts = [slice(a, b) for a, b in pairwise(ends)]
    cost, slope, upper = (np.concatenate(columns) for columns in zip(*blocks, strict=True))
    both = np.zeros((len(cost), 1), dtype=np.bool_)
    both[parts[4], 0], both[parts[6], 0] = arcs.two_way, True
    programme = Programme(
        incidence=_incidence(market, parts, outages),
        cost=cost,
        slope=slope,
        lower=np.where(both, -upper, 0.0),
        upper=upper,
        live=upper > 0,
    )
    return Assembly(
        programme=programme,
        supply=parts[0],
        committed=parts[1],
        further=parts[2],
        demand=parts[3],
        arcs=parts[4],
        carried=parts[5],
        priceless=priceless,
        endless=endless,
    )


def _outbid(market: Market) -> FloatArray:
    """A value above the dearest delivered cost (R,)."""
    supply, demand, arcs, see = market.supply, market.demand, market.arcs, market.spread
    wanted = np.where(np.isfinite(see(demand.capacity)), see(demand.capacity), 0.0)
    most = np.minimum(see(supply.capacity), total(wanted))
    dearest = np.zeros(market.n_runs or 1)
    for costs in (
        see(supply.cost) + see(supply.slope) * most,
        see(arcs.cost) + see(arcs.toll),
        see(market.contracts.price),
        np.where(np.isfinite(see(demand.value)), see(demand.value), 0.0),
    ):
        dearest = np.maximum(dearest, np.abs(costs).max(axis=0, initial=0.0))
    return OUTBID * np.where(dearest > 0, dearest, 1.0)


def _most(market: Market) -> FloatArray:
    """All that consumers could want (R,), at prices from nothing up."""
    demand, see = market.demand, market.spread
    value, slope = see(demand.value), see(demand.slope)
    end = np.divide(np.abs(value), slope, out=np.full_like(slope, np.inf), where=slope > 0)
    return total(np.minimum(see(demand.capacity), end))


def _pledge(market: Market, committed: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Remainder of each arc, and the part each carried contract holds of it, in table order."""
    capacity = market.spread(market.arcs.capacity)
    pledged = np.zeros((market.carried.size, capacity.shape[1]))
    for place, k in enumerate(market.carried):
        a = market.contracts.arc[k]
        pledged[place] = np.minimum(committed[k], capacity[a])
        capacity[a] = np.maximum(capacity[a] - pledged[place], 0.0)
    return capacity, pledged


def _incidence(market: Market, parts: list[slice], outages: IntArray) -> Incidence:
    supply, demand, arcs, contracts = market.supply, market.demand, market.arcs, market.contracts
    loops = loops_of(arcs, outages)
    is_line = loops.line < arcs.n_arcs
    member = loops.line + np.where(is_line, parts[4].start, parts[6].start - arcs.n_arcs)
    at_buyer = market.row(contracts.carrier, contracts.buyer)[market.outside]
    tails, heads = market.row(arcs.carrier, arcs.tail), market.row(arcs.carrier_out, arcs.head)
    over = contracts.arc[market.carried]
    share = np.atleast_2d(arcs.delivered_share).T
    one = np.ones((1, share.shape[1]))
    blocks = [
        (market.row(supply.carrier, supply.node), parts[0], one),
        (at_buyer, parts[1], one),
        (at_buyer, parts[2], one),
        (market.row(demand.carrier, demand.node), parts[3], -one),
        (tails, parts[4], -one),
        (heads, parts[4], share),
        (tails[over], parts[5], -one),
        (heads[over], parts[5], share[over]),
    ]
    rows = [rows for rows, _, _ in blocks]
    activities = [np.arange(part.start, part.stop) for _, part, _ in blocks]
    values = [np.broadcast_to(v, (len(r), share.shape[1])) for r, _, v in blocks]
    return Incidence(
        market.n_rows + (int(loops.row.max()) + 1 if loops.row.size else 0),
        parts[6].stop,
        np.concatenate([*rows, market.n_rows + loops.row]),
        np.concatenate([*activities, member]),
        np.concatenate([*values, loops.weight[:, None] * one]),
    )
