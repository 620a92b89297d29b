"""The world's market by HiGHS: curves as steps that grow finer around the answer.

Every curve is replaced by straight pieces between breakpoints on it, which is a linear programme.
Its solution becomes a breakpoint of the next, with finer ones beside it, so the worth of the answer
never falls. At the end the same is solved with tangents in place of chords, which flatters every
curve: no answer can be worth more than that.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csc_array

from sim.laws.energy import Arcs, Contracts, Demand, Supply
from tests.twins.energy_oracle import Array, Columns, columns

ROUNDS, SHRINK, GROW = 8, 0.25, 2.5
"""How often steps are refined, by what, and how fast they widen away from the answer."""
MOST = 4e4
"""Stands for no limit: more than the world has of anything."""


@dataclass(frozen=True, eq=False)
class Optimum:
    x: Array
    price: Array
    worth: float
    gap: float
    """At most this much more can be had."""


def of_run(table: object, run: int) -> dict[str, Array]:
    """Columns of one run of a table that may have a run axis."""
    return {name: v[run] if v.ndim > 1 else v for name, v in vars(table).items()}


def with_contracts(
    supply: Supply, demand: Demand, arcs: Arcs, contracts: Contracts, n_nodes: int
) -> Columns:
    """Programme of one run; committed volume is carried apart and saves the penalty."""
    assert (contracts.arc >= 0).all()
    base = columns(supply, demand, arcs, n_nodes)
    on = base.balance.shape[1] - arcs.n_arcs + contracts.arc
    upper = base.upper.copy()
    pledged = np.minimum(contracts.quantity * contracts.take_or_pay, upper[on])
    upper[on] -= pledged
    return Columns(
        np.hstack([base.balance, base.balance[:, on]]),
        np.concatenate([base.cost, base.cost[on] - contracts.penalty]),
        np.concatenate([base.slope, np.zeros(on.size)]),
        np.concatenate([upper, pledged]),
        base.n_supply,
        base.n_demand,
    )


def worth_of(problem: Columns, x: Array) -> float:
    return -float(problem.cost @ x + 0.5 * problem.slope @ (x * x))


def by_steps(problem: Columns) -> Optimum:
    upper = np.minimum(problem.upper, MOST)
    x, finest = np.zeros(upper.size), 1e-3
    for _ in range(ROUNDS):
        points = [
            _around(m, finest * max(m, 0.1), u) if slope > 0 else np.array([0.0, u])
            for slope, m, u in zip(problem.slope, x, upper, strict=True)
        ]
        x, price, _ = _linear(problem, points)
        finest *= SHRINK
    assert x.max() < 0.5 * MOST
    worth, (_, _, most) = worth_of(problem, x), _linear(problem, points, tangents=True)
    return Optimum(x, price, worth, most - worth)


def _around(middle: float, finest: float, end: float) -> Array:
    """Breakpoints from nothing to the end, finest around the middle."""
    away = finest * GROW ** np.arange(np.log2(2 * MOST / finest) / np.log2(GROW))
    return np.unique(np.clip([0.0, *(middle - away), middle, *(middle + away), end], 0.0, end))


def _linear(
    problem: Columns, points: list[Array], *, tangents: bool = False
) -> tuple[Array, Array, float]:
    """Quantities, prices and worth with every curve straight between its points, or at them."""
    if tangents:  # two of them meet half way between the points they touch
        touched = points
        points = [np.concatenate([p[:1], (p[:-1] + p[1:]) / 2, p[-1:]]) for p in touched]
    else:
        touched = [(p[:-1] + p[1:]) / 2 for p in points]  # slope of a chord: that in its middle
    owner = np.repeat(np.arange(len(points)), [len(p) for p in touched])
    length = np.concatenate([np.diff(p) for p in points])
    found = linprog(
        problem.cost[owner] + problem.slope[owner] * np.concatenate(touched),
        A_eq=csc_array(problem.balance[:, owner]),
        b_eq=np.zeros(len(problem.balance)),
        bounds=np.column_stack([np.zeros(owner.size), length]),
        method="highs",
    )
    assert found.status == 0, found.message
    quantity = np.bincount(owner, found.x, len(points))
    return quantity, np.asarray(found.eqlin.marginals), -float(found.fun)
