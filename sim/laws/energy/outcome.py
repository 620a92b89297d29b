"""Results of an energy equilibrium: prices, flows, and who pays what."""

from dataclasses import dataclass

import numpy as np

from sim.laws.energy.assembly import Assembly
from sim.laws.energy.elimination import sums_at
from sim.laws.energy.market import Market
from sim.laws.energy.programme import total
from sim.laws.numerics.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class EnergyEquilibrium:
    """Prices, flows and what they are worth. `...` is the run axis, if any table has one."""

    price: FloatArray
    """(..., carrier, node) [money/unit]; nan where nothing is made, wanted or brought."""
    flow: FloatArray
    """(..., arc) what enters the arc; negative when a two-way line runs from head to tail."""
    produced: FloatArray
    """(..., carrier, node) produced, with contract volume from outside [unit]."""
    consumed: FloatArray
    """(..., carrier, node) [unit]"""
    unserved: FloatArray
    """(..., carrier, node) blocks of demand (those without a slope) that are not met [unit]."""
    supplied: FloatArray
    """(..., supply entry) [unit]"""
    served: FloatArray
    """(..., demand entry) [unit]"""
    taken: FloatArray
    """(..., contract) volume taken under the contract [unit]."""
    paid: FloatArray
    """(..., contract) paid for it, with the penalty for what was short [money]."""
    congestion_rent: FloatArray
    """(..., arc) flow times what the price gap leaves after cost, toll and loss [money]."""
    capacity_price: FloatArray
    """(..., arc) surplus gained by one more unit of capacity [money/unit]."""
    toll_revenue: FloatArray
    """(..., arc) [money]"""
    cost: FloatArray
    """(...) production, carriage, tolls, and payments for contracts from outside [money]."""
    surplus: FloatArray
    """(...) worth of what is consumed less `cost`; fixed demand without a stated value of
    lost load counts nothing [money]."""
    smoothing_bias: FloatArray
    """(...) the greatest surplus is at most this much above the one found [money]."""
    residual: FloatArray
    """(...) largest imbalance at any node, recomputed from the flows [unit]."""
    n_iterations: IntArray
    """(...) Newton steps."""

    def run(self, number: int) -> "EnergyEquilibrium":
        """One run, without the run axis."""
        return EnergyEquilibrium(**{name: column[number] for name, column in vars(self).items()})


def report(
    market: Market, assembly: Assembly, x: FloatArray, price: FloatArray, worth: FloatArray
) -> EnergyEquilibrium:
    """Everything the result says, from quantities (a, R), prices (r, R), capacities' worth."""
    supply, demand, arcs, contracts = market.supply, market.demand, market.arcs, market.contracts
    see, out, over = market.spread, market.outside, market.carried
    supplied, served = x[assembly.supply], x[assembly.demand]
    flow, taken = x[assembly.arcs].copy(), np.zeros((contracts.n_contracts, x.shape[1]))
    taken[out] = x[assembly.committed] + x[assembly.further]
    taken[over] = x[assembly.carried]
    for place, k in enumerate(over):
        flow[contracts.arc[k]] += x[assembly.carried][place]
    _cancel(flow, market, assembly)
    short = np.maximum(see(contracts.committed) - taken, 0.0)
    paid = see(contracts.price) * taken + see(contracts.penalty) * short
    tails, heads = market.row(arcs.carrier, arcs.tail), market.row(arcs.carrier_out, arcs.head)
    share, toll = see(arcs.delivered_share), see(arcs.toll)
    steep = see(arcs.slope)
    left = share * price[heads] - price[tails] - see(arcs.cost) - toll - steep * flow
    block = see(demand.slope) == 0
    missing = np.where(block, see(demand.capacity) - served, 0.0)
    produced = _sum_at(market, market.row(supply.carrier, supply.node), supplied)
    produced += _sum_at(market, market.row(contracts.carrier, contracts.buyer)[out], taken[out])
    wanted_at = market.row(demand.carrier, demand.node)
    consumed, unserved = (_sum_at(market, wanted_at, q) for q in (served, missing))
    net = _sum_at(market, heads, share * flow) - _sum_at(market, tails, flow)
    cost = total((see(supply.cost) + 0.5 * see(supply.slope) * supplied) * supplied)
    cost = cost + total((see(arcs.cost) + toll + 0.5 * steep * flow) * flow) + total(paid[out])
    value = np.where(assembly.priceless, 0.0, see(demand.value))
    benefit = total((value - 0.5 * see(demand.slope) * served) * served)
    runs = x.shape[1]
    shape = (runs, market.n_carriers, market.n_nodes)
    return EnergyEquilibrium(
        price=_runs_first(price).reshape(shape),
        flow=_runs_first(flow),
        produced=_runs_first(produced).reshape(shape),
        consumed=_runs_first(consumed).reshape(shape),
        unserved=_runs_first(unserved).reshape(shape),
        supplied=_runs_first(supplied),
        served=_runs_first(served),
        taken=_runs_first(taken),
        paid=_runs_first(paid),
        congestion_rent=_runs_first(flow * np.where(flow == 0, 0.0, left)),
        capacity_price=_runs_first(worth),
        toll_revenue=_runs_first(toll * flow),
        cost=cost,
        surplus=benefit - cost,
        smoothing_bias=np.zeros(runs),
        residual=np.abs(produced - consumed + net).max(axis=0, initial=0.0),
        n_iterations=np.zeros(runs, dtype=np.int64),
    )


def _cancel(flow: FloatArray, market: Market, assembly: Assembly) -> None:
    """Take back what free carriage moves there and back between the same two places."""
    arcs, share = market.arcs, market.spread(market.arcs.delivered_share)
    tails, heads = market.row(arcs.carrier, arcs.tail), market.row(arcs.carrier_out, arcs.head)
    arc = market.spread(arcs.cost) + market.spread(arcs.toll)
    for a in np.flatnonzero(assembly.endless.any(axis=1)):
        for b in np.flatnonzero((tails == heads[a]) & (heads == tails[a])):
            even = (arc[a] + arc[b] == 0) & (share[a] == 1) & (share[b] == 1)
            back = np.where(even, np.minimum(flow[a], flow[b]), 0.0)
            flow[a] -= back
            flow[b] -= back


def _runs_first(values: FloatArray) -> FloatArray:
    """Runs back to the first axis, contiguous, so that later sums keep their bits too."""
    return np.ascontiguousarray(values.T)


def _sum_at(market: Market, rows: IntArray, values: FloatArray) -> FloatArray:
    """Sum entries (k, R) at the rows (r, R) they stand at."""
    return sums_at(market.n_rows, rows, values)
