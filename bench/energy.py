"""Time of the energy equilibrium beside one linear programme after another.

Six carriers on 25 nodes with about 60 arcs each, 64 runs, one period: the size of the
packaged world. Both sides are timed in one process and compared as a ratio, best of several
rounds, on blocks of supply and demand that a linear programme can hold; sloped curves, which
it cannot, are timed alone. Run with `OMP_NUM_THREADS=1 python -m bench.energy`.
"""

import sys
import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csc_array

from sim.laws import energy
from sim.laws.energy import Arcs, Demand, EnergyEquilibrium, Supply

FloatArray = NDArray[np.float64]
N_CARRIERS, N_NODES, N_ARCS, N_RUNS = 6, 25, 60, 64
ROUNDS = 5
Market = tuple[Supply, Demand, Arcs]


def network(rng: np.random.Generator) -> Arcs:
    """Connected two-way networks, one per carrier, half of the arcs with a capacity."""
    tail: list[int] = []
    head: list[int] = []
    for _ in range(N_CARRIERS):
        order = rng.permutation(N_NODES)
        pairs = [(order[i], order[rng.integers(0, i)]) for i in range(1, N_NODES)]
        pairs += [tuple(rng.choice(N_NODES, 2, replace=False)) for _ in range(N_ARCS // 2 - 24)]
        tail += [end for a, b in pairs for end in (a, b)]
        head += [end for a, b in pairs for end in (b, a)]
    n = len(tail)
    capacity = np.where(rng.random(n) < 0.5, rng.uniform(5, 40, n), np.inf)
    carrier = np.repeat(np.arange(N_CARRIERS), n // N_CARRIERS)
    return Arcs(tail, head, rng.uniform(1, 10, n), capacity, loss=0.01, carrier=carrier)


def market(n_runs: int, change: float, *, sloped: bool) -> Market:
    """A market per run; `change` is the spread of costs and values between runs."""
    rng = np.random.default_rng(7)
    arcs = network(rng)
    entries = 1 if sloped else 2  # at every node: one curve, or two blocks
    node = np.tile(np.arange(N_NODES), entries * N_CARRIERS)
    carrier = np.repeat(np.arange(N_CARRIERS), entries * N_NODES)
    k = node.size
    cost, value = rng.uniform(20, 60, k), rng.uniform(60, 150, k)
    slopes = rng.uniform(0.1, 1.0, (2, k)) if sloped else np.zeros((2, k))
    limits = rng.uniform(5, 40, (2, k))
    luck = np.random.default_rng(8)
    spread = np.exp(change * luck.standard_normal((2, n_runs, k)))
    return (
        Supply(node, cost * spread[0], slopes[0], limits[0], carrier),
        Demand(node, value * spread[1], slopes[1], limits[1], carrier),
        arcs,
    )


def best(act: Callable[[], object]) -> float:
    """Shortest time of several rounds [s]."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return min(times)


def programmes(parts: Market, run: int) -> list[tuple[FloatArray, csc_array, FloatArray]]:
    """Cost, balance and limits of each carrier of one run, as linear programmes."""
    supply, demand, arcs = parts
    found = []
    for c in range(N_CARRIERS):
        s, d, a = (np.flatnonzero(table.carrier == c) for table in parts)
        n = s.size + d.size + a.size
        rows = np.concatenate([supply.node[s], demand.node[d], arcs.tail[a], arcs.head[a]])
        where = np.r_[: s.size, s.size : s.size + d.size, s.size + d.size : n, s.size + d.size : n]
        share = np.ones(a.size)
        data = np.concatenate([np.ones(s.size), -np.ones(d.size), -share, share - arcs.loss[a]])
        cost = np.concatenate([supply.cost[run, s], -demand.value[run, d], arcs.cost[a]])
        upper = np.concatenate([supply.capacity[s], demand.capacity[d], arcs.capacity[a]])
        found.append((cost, csc_array((data, (rows, where)), shape=(N_NODES, n)), upper))
    return found


def by_linprog(problems: list[tuple[FloatArray, csc_array, FloatArray]]) -> float:
    """Solve the carriers of one run one after another; the surplus."""
    surplus = 0.0
    for cost, balance, upper in problems:
        limits = np.column_stack([np.zeros_like(upper), upper])
        right = np.zeros(N_NODES)
        surplus -= float(linprog(cost, A_eq=balance, b_eq=right, bounds=limits).fun)
    return surplus


def by_highspy(problems: list[tuple[FloatArray, csc_array, FloatArray]]) -> float:
    """Best time of re-solving the carriers of one run from a warm basis [s]."""
    import highspy  # optional, only for this comparison

    solvers = []
    for cost, balance, upper in problems:
        solver = highspy.Highs()
        solver.silent()
        for c, u in zip(cost, upper, strict=True):
            solver.addVar(0.0, float(u))
            solver.changeColCost(solver.getNumCol() - 1, float(c))
        rows = balance.tocsr()
        for r in range(N_NODES):
            part = slice(rows.indptr[r], rows.indptr[r + 1])
            size = part.stop - part.start
            solver.addRow(0.0, 0.0, size, rows.indices[part], rows.data[part])
        solver.run()
        solvers.append((solver, cost))
    rng = np.random.default_rng(9)

    def again() -> None:
        for solver, cost in solvers:
            changed = cost * np.exp(0.03 * rng.standard_normal(cost.size))
            solver.changeColsCost(cost.size, np.arange(cost.size, dtype=np.int32), changed)
            solver.run()

    return best(again)


def ours(before: Market, now: Market) -> tuple[float, float, float, EnergyEquilibrium]:
    """Times of a run [s]: cold and warm in a batch, alone; and the equilibrium."""
    start = energy.equilibrium(*before)
    found = energy.equilibrium(*now, start=start)
    cold = best(lambda: energy.equilibrium(*now)) / N_RUNS
    warm = best(lambda: energy.equilibrium(*now, start=start)) / N_RUNS
    supply, demand, arcs = now
    one = (
        Supply(supply.node, supply.cost[0], supply.slope, supply.capacity, supply.carrier),
        Demand(demand.node, demand.value[0], demand.slope, demand.capacity, demand.carrier),
        arcs,
    )
    alone = best(lambda: energy.equilibrium(*one))
    return cold, warm, alone, found


def main() -> None:
    """Print the times and their ratios."""
    say = sys.stdout.write
    say(f"{N_CARRIERS} carriers, {N_NODES} nodes, {N_ARCS} arcs each, {N_RUNS} runs; ms a run\n")
    blocks = market(N_RUNS, 0.03, sloped=False)
    cold, warm, alone, found = ours(market(N_RUNS, 0.0, sloped=False), blocks)
    problems = programmes(blocks, 0)
    other = best(lambda: by_linprog(problems))
    apart = by_linprog(problems) - float(found.surplus[0])
    bias = float(found.smoothing_bias[0])
    for name, value in (("cold", cold), ("warm", warm), ("alone", alone)):
        say(f"blocks, {name:5} {1e3 * value:8.2f}   linprog {1e3 * other:7.2f}")
        say(f"   linprog / ours {other / value:6.1f}\n")
    say(f"surplus of run 0: linprog is higher by {apart:.2e}, stated bias {bias:.2e}\n")
    if find_spec("highspy") is None:
        say("highspy is not installed: no warm simplex to compare with\n")
    else:
        again = by_highspy(problems)
        say(f"warm highspy {1e3 * again:8.2f}   highspy / ours warm {again / warm:6.1f}\n")
    cold, warm, alone, found = ours(
        market(N_RUNS, 0.0, sloped=True), market(N_RUNS, 0.03, sloped=True)
    )
    for name, value in (("cold", cold), ("warm", warm), ("alone", alone)):
        say(f"slopes, {name:5} {1e3 * value:8.2f}\n")
    steps = found.n_iterations.mean()
    say(f"largest imbalance {found.residual.max():.1e}, mean steps {steps:.1f}\n")


if __name__ == "__main__":
    main()
