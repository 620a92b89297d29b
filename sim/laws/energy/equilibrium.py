"""Spatial price equilibrium of all carriers, for all runs at once.

Prices at which, everywhere, what is produced and arrives is what is consumed and leaves;
producers produce up to marginal cost, consumers consume down to marginal value, and an arc
carries when the price gap pays for its cost, toll and loss, and earns a rent when full
(Samuelson 1952; Takayama and Judge 1971). It is the greatest surplus of the market, found
as a strictly interior point of it: see `interior` for the method.

Which price where several would do? The analytic centre of all prices that clear the market:
the product of all distances to where another limit would bind is greatest, as it is for the
smoothed market too. Demand that ends exactly at a step of a merit order is priced about
half-way up the step, and two equal arcs share a flow equally. The centre does not depend on
the start, the order of the tables or the batch.
"""

from dataclasses import replace

import numpy as np

from sim.laws.energy.active_set import exact_point
from sim.laws.energy.arcs import Arcs, Contracts
from sim.laws.energy.assembly import Assembly, assemble
from sim.laws.energy.bounds import ends_of, idle_prices, reachable
from sim.laws.energy.interior import Centre, Tolerances, central_points
from sim.laws.energy.market import Market, market_of
from sim.laws.energy.outcome import EnergyEquilibrium, report
from sim.laws.energy.programme import Programme, cold_start, total, warm_start
from sim.laws.energy.supply_demand import Demand, Supply
from sim.laws.numerics.arrays import FloatArray
from sim.laws.solve_errors import SolveError

# Smoothing from which the exact point is found, and how close to that centre is enough.
NEARLY_EXACT = 1e-9
CLOSE = 1e-6
# A warm start keeps this much hair, so that it can still turn; where it has not arrived
# after so many steps it was no help.
WARM_HAIR = 5e-2
WARM_ITERATIONS = 25
# Smallest imbalance, in typical quantities, that can be asked for in double precision.
ROUNDING = 1e-12


def equilibrium(
    supply: Supply,
    demand: Demand,
    arcs: Arcs,
    *,
    contracts: Contracts | None = None,
    smoothing: float = 1e-6,
    tolerance: float = 1e-9,
    max_iterations: int = 80,
    start: EnergyEquilibrium | None = None,
    start_hair: float = WARM_HAIR,
    n_carriers: int | None = None,
    n_nodes: int | None = None,
) -> EnergyEquilibrium:
    """Solve the spatial price equilibrium of every run.

    Parameters
    ----------
    supply, demand, arcs, contracts
        The market. Columns with a run axis must agree on the number of runs.
    smoothing : float
        Surplus given away per limit, as a share of a typical consumer's bill: small and
        smooth for ensembles. 0 asks for the exact equilibrium, polished run by run on its
        set of binding limits.
    tolerance : float
        Largest imbalance allowed at a node [unit], where rounding allows: 1e-12 of a typical
        quantity at the least.
    start : EnergyEquilibrium, optional
        An equilibrium of the same nodes and carriers to start from; it changes the time,
        not the answer.
    start_hair : float
        Room times price of each limit at which the search from `start` begins: the less, the
        fewer steps from a near start and the more from a far one.
    n_carriers, n_nodes : int, optional
        Size of the market where the tables do not name every carrier or node.

    Returns
    -------
    EnergyEquilibrium
        With the residual and the bias of the smoothing.

    Raises
    ------
    ValueError
        If the tables disagree, with the place.
    SolveError
        If a run does not arrive (a market without a bound does not), with the numbers.

    Examples
    --------
    Two regions, a pipeline that costs 10, and room for 20:

    >>> found = equilibrium(
    ...     Supply.linear([0, 1], intercept=[20.0, 60.0], slope=1.0),
    ...     Demand.linear([0, 1], intercept=[100.0, 160.0], slope=1.0),
    ...     Arcs(tail=[0], head=[1], cost=10.0, capacity=20.0),
    ...     smoothing=0,
    ... )
    >>> found.price.round(6).tolist(), found.flow.round(6).tolist()
    ([[70.0, 100.0]], [20.0])
    """
    if not 0 <= smoothing <= 1e-2:
        raise ValueError(f"smoothing: {smoothing} came; wanted 0, or a share up to 0.01")
    if not 0 <= tolerance < np.inf:
        raise ValueError(f"tolerance: {tolerance} came; wanted a number >= 0")
    market = market_of(supply, demand, arcs, contracts, n_carriers, n_nodes)
    assembly = assemble(market)
    ends = ends_of(market, assembly)
    programme = reachable(assembly.programme, ends, market.n_rows)
    money, size = _scales(assembly)
    scaled = _scaled(programme, money, size)
    hair = smoothing if smoothing > 0 else NEARLY_EXACT
    allowed = np.maximum(tolerance / size, ROUNDING)
    search = Tolerances(hair, 0.1 * allowed, max_iterations)
    centre = _centre(market, scaled, start, start_hair, search, money)
    _check(centre, allowed if smoothing > 0 else np.full_like(size, CLOSE))
    point, bias = centre.point, total(centre.point.room * centre.point.rent)
    if smoothing == 0:
        point = exact_point(scaled, point)
        bias = np.zeros_like(bias)
    _check_ends(assembly, point.quantity, scaled.upper)
    quantity, price = point.quantity * size, point.price * money
    priced = idle_prices(programme, ends, _delivered(market, assembly), price[: market.n_rows])
    rent = _capacity_price(market, assembly, scaled, point.rent) * money
    worth = np.where(scaled.upper[assembly.arcs] > 0, rent, _first_unit(market, priced))
    found = report(market, assembly, quantity, priced, worth)
    found = replace(found, smoothing_bias=bias * money * size, n_iterations=centre.n_iterations)
    return found if market.n_runs is not None else found.run(0)


def _scales(assembly: Assembly) -> tuple[FloatArray, FloatArray]:
    """A typical price and a typical quantity of each run (R,)."""
    programme = assembly.programme
    worth = np.where(assembly.priceless, 0.0, -programme.cost[assembly.demand])
    rising = programme.slope[assembly.demand] > 0
    costs = [programme.cost[part] for part in (assembly.supply, assembly.arcs)]
    money = _mean(np.abs(np.concatenate([*costs, np.where(rising, worth, 0.0)])))
    money = np.where(money > 0, money, _mean(np.abs(worth)))
    slope = programme.slope[assembly.demand]
    end = np.divide(np.abs(worth), slope, out=np.full_like(slope, np.inf), where=rising)
    size = _mean(np.minimum(end, programme.upper[assembly.demand]))
    return np.where(money > 0, money, 1.0), np.where(size > 0, size, 1.0)


def _mean(values: FloatArray) -> FloatArray:
    """Mean over the first axis of what is not zero."""
    return np.asarray(total(values) / np.maximum((values > 0).sum(axis=0), 1))


def _scaled(programme: Programme, money: FloatArray, size: FloatArray) -> Programme:
    return replace(
        programme,
        cost=programme.cost / money,
        slope=programme.slope * (size / money),
        lower=programme.lower / size,
        upper=programme.upper / size,
    )


def _centre(
    market: Market,
    programme: Programme,
    start: EnergyEquilibrium | None,
    start_hair: float,
    search: Tolerances,
    money: FloatArray,
) -> Centre:
    """Central points from an equilibrium found before; runs it misleads start again cold."""
    n_runs = money.size
    price = np.zeros((programme.incidence.n_rows, n_runs))
    price[: market.n_rows] = 1.0
    if start is None:
        return central_points(programme, cold_start(programme, price), search)
    known = np.broadcast_to(start.price, (n_runs, market.n_carriers, market.n_nodes))
    known = known.reshape(n_runs, market.n_rows).T / money
    warm = price.copy()
    warm[: market.n_rows] = np.where(np.isfinite(known), known, 0.0)
    first = warm_start(programme, warm, max(start_hair, search.hair))
    brief = replace(search, max_iterations=min(WARM_ITERATIONS, search.max_iterations))
    centre = central_points(programme, first, brief)
    lost = np.flatnonzero(~(centre.error <= search.tolerance))
    if lost.size == 0:
        return centre
    fewer = programme.runs(lost)
    again = central_points(fewer, cold_start(fewer, price[:, lost]), search.runs(lost))
    return centre.replaced(lost, again)


def _delivered(market: Market, assembly: Assembly) -> FloatArray:
    share = np.ones_like(assembly.programme.cost)
    share[assembly.arcs] = market.spread(market.arcs.delivered_share)
    share[assembly.carried] = share[assembly.arcs][market.contracts.arc[market.carried]]
    return share


def _check_ends(assembly: Assembly, quantity: FloatArray, upper: FloatArray) -> None:
    full = assembly.endless & (quantity > 0.95 * upper)[assembly.arcs] & (upper > 0)[assembly.arcs]
    if full.any():
        arc, run = (int(i) for i in np.argwhere(full)[0])
        raise SolveError(
            f"energy equilibrium: arc {arc} carries all it can in run {run}, at no cost and "
            "without a limit; wanted a cost or a capacity that ends carriage in a circle",
            runs=tuple(np.flatnonzero(full.any(axis=0)).tolist()),
        )


def _capacity_price(
    market: Market, assembly: Assembly, programme: Programme, rent: FloatArray
) -> FloatArray:
    """Worth of a unit of capacity of each arc (k, R), in either sense of a two-way line."""
    upper = np.zeros_like(programme.cost)
    upper[programme.capped] = rent[len(upper) :]
    upper = upper[assembly.arcs] * ~assembly.endless
    return upper + rent[assembly.arcs] * market.arcs.two_way[:, None]


def _first_unit(market: Market, price: FloatArray) -> FloatArray:
    """Net gain of the first unit on each arc after its cost (k, R), 0 if there is none.

    So much a unit of capacity is worth where there is none, or none that contracts have left.
    """
    arcs, see = market.arcs, market.spread
    known = np.where(np.isfinite(price), price, 0.0)
    tails, heads = market.row(arcs.carrier, arcs.tail), market.row(arcs.carrier_out, arcs.head)
    gain = see(arcs.delivered_share) * known[heads] - known[tails]
    gain = np.where(arcs.two_way[:, None], np.abs(gain), gain)
    return np.maximum(gain - see(arcs.cost) - see(arcs.toll), 0.0)


def _check(centre: Centre, allowed: FloatArray) -> None:
    bad = np.flatnonzero(~(centre.error <= allowed))
    if bad.size:
        run = int(bad[0])
        raise SolveError(
            f"energy equilibrium: {bad.size} of {allowed.size} runs did not arrive; run {run} is "
            f"off by {centre.error[run]:.3g} of a typical quantity or price after "
            f"{centre.n_iterations[run]} iterations; wanted {allowed[run]:.3g} "
            "(has the market an end? carriage in a circle at a negative cost has none)",
            runs=tuple(bad.tolist()),
            residual=float(centre.error[run]),
        )
