"""Exact answers by methods that share nothing with the law they check.

Step supply and block demand: HiGHS through `scipy.optimize.linprog`. Sloped supply and
demand: Lemke's pivoting on the complementarity problem, exact up to rounding. Markets are
single runs without lines of a direct-current flow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from sim.laws.energy import Arcs, Demand, Supply

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Columns:
    """minimise cost x + slope x^2 / 2 subject to balance @ x = 0 and 0 <= x <= upper."""

    balance: Array
    cost: Array
    slope: Array
    upper: Array
    n_supply: int
    n_demand: int


@dataclass(frozen=True, eq=False)
class Answer:
    supplied: Array
    served: Array
    flow: Array
    surplus: float


def columns(supply: Supply, demand: Demand, arcs: Arcs, n_nodes: int) -> Columns:
    carriers = [c.max(initial=0) for c in (supply.carrier, demand.carrier, arcs.carrier_out)]
    n_rows = n_nodes * (1 + int(max(carriers)))
    n_s, n_d, n_a = supply.n_entries, demand.n_entries, arcs.n_arcs
    balance = np.zeros((n_rows, n_s + n_d + n_a))
    for k in range(n_s):
        balance[supply.carrier[k] * n_nodes + supply.node[k], k] += 1.0
    for k in range(n_d):
        balance[demand.carrier[k] * n_nodes + demand.node[k], n_s + k] -= 1.0
    for k in range(n_a):
        share = (1.0 - arcs.loss[k]) * arcs.conversion[k]
        balance[arcs.carrier[k] * n_nodes + arcs.tail[k], n_s + n_d + k] -= 1.0
        balance[arcs.carrier_out[k] * n_nodes + arcs.head[k], n_s + n_d + k] += share
    return Columns(
        balance,
        np.concatenate([supply.cost, -demand.value, arcs.cost + arcs.toll]),
        np.concatenate([supply.slope, demand.slope, arcs.slope]),
        np.concatenate([supply.capacity, demand.capacity, arcs.capacity]),
        n_s,
        n_d,
    )


def _answer(problem: Columns, x: Array) -> Answer:
    value = -float(problem.cost @ x + 0.5 * problem.slope @ (x * x))
    parts = np.split(x, [problem.n_supply, problem.n_supply + problem.n_demand])
    return Answer(parts[0], parts[1], parts[2], value)


def by_linear_programming(supply: Supply, demand: Demand, arcs: Arcs, n_nodes: int) -> Answer:
    problem = columns(supply, demand, arcs, n_nodes)
    assert not problem.slope.any()
    found = linprog(
        problem.cost,
        A_eq=problem.balance,
        b_eq=np.zeros(len(problem.balance)),
        bounds=[(0.0, u if np.isfinite(u) else None) for u in problem.upper],
        method="highs",
    )
    assert found.status == 0, found.message
    return _answer(problem, found.x)


def by_pivoting(supply: Supply, demand: Demand, arcs: Arcs, n_nodes: int) -> Answer:
    problem = columns(supply, demand, arcs, n_nodes)
    n_rows, n = problem.balance.shape
    capped = np.flatnonzero(np.isfinite(problem.upper))
    pick = np.zeros((capped.size, n))
    pick[np.arange(capped.size), capped] = 1.0
    # One inequality "not less than nothing" per row and one for their sum make equalities.
    rows = np.vstack([problem.balance, -problem.balance.sum(axis=0)])
    lower = np.vstack([rows, -pick])
    matrix = np.block([[np.diag(problem.slope), -lower.T], [lower, np.zeros((len(lower),) * 2)]])
    offset = np.concatenate([problem.cost, np.zeros(n_rows + 1), problem.upper[capped]])
    return _answer(problem, lemke(matrix, offset)[:n])


def lemke(matrix: Array, offset: Array) -> Array:
    """z >= 0 with w = matrix z + offset >= 0 and z w = 0; lexicographic rule against cycling."""
    n = len(offset)
    tableau = np.hstack([np.eye(n), -matrix, -np.ones((n, 1)), offset[:, None]])
    basis = np.arange(n)
    if (offset >= 0).all():
        return np.zeros(n)
    leaving = _least(tableau, np.flatnonzero(offset < 0), None, n)
    entering = 2 * n
    for _ in range(4000):
        tableau[leaving] /= tableau[leaving, entering]
        others = np.arange(n) != leaving
        tableau[others] -= np.outer(tableau[others, entering], tableau[leaving])
        out, basis[leaving] = basis[leaving], entering
        if out == 2 * n:
            z = np.zeros(2 * n + 1)
            z[basis] = tableau[:, -1]
            return z[n : 2 * n]
        entering = out + n if out < n else out - n
        rising = np.flatnonzero(tableau[:, entering] > 1e-10)
        assert rising.size, "no solution: the market has no end"
        leaving = _least(tableau, rising, entering, n)
    raise AssertionError("pivoting did not end")


def _least(tableau: Array, rows: NDArray[np.int64], entering: int | None, n: int) -> int:
    """Row with the lexicographically least ratio; the artificial column leaves where it can."""
    divisor = 1.0 if entering is None else tableau[rows, entering][:, None]
    keys = np.hstack([tableau[rows, -1:], tableau[rows, :n]]) / divisor
    for column in range(n + 1):
        best = keys[:, column].min()
        keep = keys[:, column] <= best + 1e-11
        rows, keys = rows[keep], keys[keep]
        if rows.size == 1:
            break
    return int(rows[0])


def by_angles(supply: Supply, demand: Demand, lines: Arcs, n_nodes: int) -> float:
    """Greatest surplus of a direct-current power flow in blocks, with angles as unknowns."""
    n_s, n_d, n_l = supply.n_entries, demand.n_entries, lines.n_arcs
    balance = np.zeros((n_nodes + n_l, n_s + n_d + n_nodes + n_l))
    balance[supply.node, np.arange(n_s)] = 1.0
    balance[demand.node, n_s + np.arange(n_d)] = -1.0
    for k in range(n_l):
        tail, head, flow = lines.tail[k], lines.head[k], n_s + n_d + n_nodes + k
        balance[tail, flow], balance[head, flow] = -1.0, 1.0
        balance[n_nodes + k, flow] = 1.0
        balance[n_nodes + k, n_s + n_d + tail] = -lines.susceptance[k]
        balance[n_nodes + k, n_s + n_d + head] = lines.susceptance[k]
    limits = [(0.0, u) for u in np.concatenate([supply.capacity, demand.capacity])]
    limits += [(None, None)] * n_nodes + [(-u, u) for u in lines.capacity]
    cost = np.concatenate([supply.cost, -demand.value, np.zeros(n_nodes + n_l)])
    found = linprog(cost, A_eq=balance, b_eq=np.zeros(len(balance)), bounds=limits)
    assert found.status == 0, found.message
    return -float(found.fun)
