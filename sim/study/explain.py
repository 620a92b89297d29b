"""Explain: how much each lever contributes to reaching the target, by Shapley's rule.

Every coalition of levers is simulated with the same runs, the others switched off. What a coalition
comes to is the median trade in the target's year, and the share of runs that reach the target; the
parts of the levers sum to what all of them change. Intervals come from drawing the runs anew with
replacement, the same ones for every coalition, and beyond ten levers the orders too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.laws.attribution import (
    MOST_EXACT,
    coalitions_of,
    shapley,
    shapley_of_orders,
)
from sim.store.parts import PartStore
from sim.study.outcome import FINISHED
from sim.study.plan import Case, Plan, case_rows
from sim.study.problems import StudyError
from sim.study.sweep import case_of, without_inner

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.scenario.vocabulary import Names
    from sim.world.world import World

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

RESAMPLES = 400
MOST_LEVERS = 60
DEFAULT_ORDERS = 32
COVERAGE = (0.05, 0.95)


@dataclass(frozen=True)
class Attribution:
    """What the levers contribute to one target, in one measure."""

    target: str
    measure: str
    """`trade_musd` (median over the runs) or `reached_share`."""
    without: float
    """What no lever comes to."""
    with_all: float
    levers: tuple[str, ...]
    parts: FloatArray
    """(n_levers,) sum to `with_all - without`."""
    interval: FloatArray
    """(n_levers, 2) 90 % interval of each part for the number of runs."""
    without_interval: tuple[float, float]
    """90 % interval of what no lever comes to, for the number of runs."""
    with_all_interval: tuple[float, float]
    total_interval: tuple[float, float]
    n_runs: int
    """Runs that finished in every coalition."""


@dataclass(frozen=True)
class Levers:
    """Levers of a scenario and the coalitions that are looked at."""

    paths: tuple[str, ...]
    coalitions: tuple[int, ...]
    orders: tuple[tuple[int, ...], ...]
    """Empty if every coalition is looked at."""


def levers_of(scenario: "Scenario", n_orders: int | None = None) -> Levers:
    """Levers of a scenario, its agreements unless it names them, and the coalitions to simulate.

    Parameters
    ----------
    scenario : Scenario
    n_orders : int, optional
        Orders that are looked at beyond ten levers; 32 unless given.

    Raises
    ------
    StudyError
        If there is nothing to switch.
    """
    paths = scenario.levers or tuple(f"agreements.{name}" for name in scenario.agreements)
    if not paths:
        raise StudyError(
            "there is nothing to explain: no levers, and no agreements; add levers: […]"
        )
    if len(paths) > MOST_LEVERS:
        raise StudyError(f"there are {len(paths)} levers; wanted at most {MOST_LEVERS}")
    if len(paths) <= MOST_EXACT:
        return Levers(paths, tuple(range(2 ** len(paths))), ())
    generator = np.random.default_rng(scenario.seed)
    drawn = [generator.permutation(len(paths)).tolist() for _ in range(n_orders or DEFAULT_ORDERS)]
    # Each order is looked at backwards too, which makes their mean steadier.
    orders = tuple(tuple(o) for order in drawn for o in (order, order[::-1]))
    return Levers(paths, tuple(coalitions_of(orders)), orders)


def explain_plan(
    scenario: "Scenario",
    levers: Levers,
    n_runs: int,
    world_of: Callable[[str], "World"],
    names: "Names | None",
) -> Plan:
    """Plan that simulates every coalition with the same runs."""

    def case(number: int) -> Case:
        coalition = levers.coalitions[number]
        off = {path: False for k, path in enumerate(levers.paths) if not coalition >> k & 1}
        return case_of(scenario, without_inner(off), names)

    identity = {"levers": levers.paths, "coalitions": levers.coalitions}
    varied = {
        path: ["on" if coalition >> k & 1 else "off" for coalition in levers.coalitions]
        for k, path in enumerate(levers.paths)
    }
    n_cases = len(levers.coalitions)
    return Plan("explain", scenario, n_cases, n_runs, case, world_of, identity, varied=varied)


def attributions(plan: Plan, levers: Levers, store: PartStore) -> list[Attribution]:
    """Parts of the levers, for every target by trade and by share of runs."""
    rows = [case_rows(plan, store, case) for case in range(plan.n_cases)]
    fine = np.all([[s == FINISHED for s in row["status"]] for row in rows], axis=0)
    if not fine.any():
        reasons = {reason for row in rows for reason in row["reason"] if reason}
        raise StudyError(f"no run finished in every coalition: {'; '.join(sorted(reasons)[:3])}")
    found = []
    for target in plan.base.targets:
        for measure, column, middle in (
            ("trade_musd", "trade_musd", np.median),
            ("reached_share", "reached", np.mean),
        ):
            values = np.stack([row[f"{target}|{column}"][fine] for row in rows])
            found.append(_attributed(target, measure, values, levers, middle, plan.base.seed))
    return found


def _attributed(
    target: str,
    measure: str,
    values: FloatArray,
    levers: Levers,
    middle: Callable[..., FloatArray],
    seed: int,
) -> Attribution:
    """Parts and intervals from the values of every coalition, (n_coalitions, n_runs)."""
    generator = np.random.default_rng(seed)
    n_runs = values.shape[1]
    whole = middle(values, axis=1)
    parts = _parts(whole, levers, None)
    resampled, ends = np.empty((RESAMPLES, len(parts))), np.empty((RESAMPLES, 2))
    for k in range(RESAMPLES):
        drawn = middle(values[:, generator.integers(0, n_runs, n_runs)], axis=1)
        pairs = len(levers.orders) // 2
        picked = generator.integers(0, pairs, pairs) if levers.orders else None
        resampled[k] = _parts(drawn, levers, picked)
        ends[k] = drawn[[0, -1]]
    return Attribution(
        target=target,
        measure=measure,
        without=float(whole[0]),
        with_all=float(whole[-1]),
        levers=levers.paths,
        parts=parts,
        interval=np.quantile(resampled, COVERAGE, axis=0).T,
        without_interval=_interval(ends[:, 0]),
        with_all_interval=_interval(ends[:, 1]),
        total_interval=_interval(ends[:, 1] - ends[:, 0]),
        n_runs=n_runs,
    )


def _interval(resampled: FloatArray) -> tuple[float, float]:
    low, high = np.quantile(resampled, COVERAGE)
    return float(low), float(high)


def _parts(values: FloatArray, levers: Levers, picked: IntArray | None) -> FloatArray:
    """Parts from what every coalition comes to; of picked pairs of orders if there are any."""
    if not levers.orders:
        return shapley(values)
    by_coalition = dict(zip(levers.coalitions, values, strict=True))
    each = shapley_of_orders(by_coalition, levers.orders)
    pairs = each.reshape(-1, 2, each.shape[1]).mean(axis=1)
    return np.asarray((pairs if picked is None else pairs[picked]).mean(axis=0))
