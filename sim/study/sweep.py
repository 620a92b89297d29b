"""Sweep: the same runs at many points of a scenario, and what each point comes to.

A grid takes every combination of the listed values; a Latin hypercube or Sobol points are spread
over ranges (and over lists, by their places). Paths come in alphabetical order, so that a scenario
read again from its resolved form has the same points.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.stats import qmc

from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.crossing import Estimate
from sim.scenario.blocks.studies import SweptRange
from sim.scenario.text.problems import ScenarioError
from sim.scenario.variation import Changes, Value, varied
from sim.store.study_parts import PartStore
from sim.study.conditioning.crossed_paths import QUANTILES
from sim.study.jobs.asked_columns import Spread, candidate_measures, spreads_of
from sim.study.jobs.case_columns import years_of
from sim.study.jobs.cases import case_trade, crossings_of, finished_runs, scenario_of
from sim.study.jobs.plan import Case, Plan, case_rows
from sim.study.workers.study_errors import StudyError

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.scenario.text.known_names import NamesLike
    from sim.world.world import World

Design = Literal["grid", "latin", "sobol"]
DEFAULT_POINTS = 64
MAX_POINTS = 1_000_000
"""Points of a study, whatever its design."""


def points_of(
    scenario: "Scenario", design: Design | None = None, n_points: int | None = None
) -> tuple[Changes, ...]:
    """Points of a scenario's sweep; one that changes nothing if it has none.

    Parameters
    ----------
    scenario : Scenario
    design : str, optional
        `grid`, `latin` or `sobol`; a grid unless a range is swept, then `latin`.
    n_points : int, optional
        Points of a Latin hypercube or Sobol sequence; 64 unless given.

    Raises
    ------
    StudyError
        If the design does not go with what is swept.
    """
    swept = dict(sorted((scenario.sweep or {}).items()))
    ranges = [path for path, values in swept.items() if isinstance(values, SweptRange)]
    design = design or ("latin" if ranges else "grid")
    if not swept and n_points is not None:
        raise StudyError(
            "the scenario has no sweep: block, so there are no points to spread; add one, such as "
            "sweep: {agreements.treaty.concessions.*.cut: {from: 0, to: 1}}"
        )
    if not swept:
        return ({},)
    if design == "grid":
        return _grid(swept, ranges, n_points)
    n_points = n_points or DEFAULT_POINTS
    if n_points > MAX_POINTS:
        raise StudyError(f"--points {n_points:,}: wanted at most {MAX_POINTS:,}")
    places = _spread(design, len(swept), n_points, scenario.seed)
    swept = {path: _in_order(values) for path, values in swept.items()}
    points = []
    for row in places.tolist():
        placed = zip(swept.items(), row, strict=True)
        points.append({path: _at(values, place) for (path, values), place in placed})
    return tuple(points)


def _grid(
    swept: Mapping[str, tuple[Value, ...] | SweptRange],
    ranges: Sequence[str],
    n_points: int | None,
) -> tuple[Changes, ...]:
    if ranges:
        raise StudyError(
            f"a grid needs listed values, and sweep.{ranges[0]} has a range; list values, or take "
            "--design latin or sobol"
        )
    if n_points is not None:
        raise StudyError("a grid has as many points as its lists make; --points is for others")
    lists = [_once(values) for values in swept.values() if not isinstance(values, SweptRange)]
    n = prod(len(values) for values in lists)
    if n > MAX_POINTS:
        raise StudyError(f"the grid has {n:,} points; wanted at most {MAX_POINTS:,}")
    return tuple(dict(zip(swept, values, strict=True)) for values in product(*lists))


def _once(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Values without repeats: a point that is listed twice is simulated once."""
    return tuple({(isinstance(value, bool), value): value for value in values}.values())


def _in_order(values: tuple[Value, ...] | SweptRange) -> tuple[Value, ...] | SweptRange:
    """Listed values once each, numbers rising: spread points do not mind how they are listed."""
    if isinstance(values, SweptRange):
        return values

    def rank(value: Value) -> tuple[bool, float, str]:
        number = float(value) if isinstance(value, int | float) else np.inf
        return number == np.inf, number, value_text(value)

    return tuple(sorted(_once(values), key=rank))


def _spread(design: Design, n_paths: int, n_points: int, seed: int) -> FloatArray:
    """Places in (0, 1) spread evenly, (n_points, n_paths)."""
    generator = np.random.default_rng(seed)
    if design == "latin":
        return np.asarray(qmc.LatinHypercube(n_paths, seed=generator).random(n_points))
    if n_points & (n_points - 1):
        near = 2 ** round(np.log2(n_points))
        raise StudyError(f"Sobol points come in powers of 2; take --points {near}")
    return np.asarray(qmc.Sobol(n_paths, seed=generator).random(n_points))


def _at(values: tuple[Value, ...] | SweptRange, u: float) -> Value:
    if isinstance(values, SweptRange):
        return float(f"{values.low + u * (values.high - values.low):.6g}")
    return values[min(int(u * len(values)), len(values) - 1)]


def label_of(changes: Changes) -> str:
    """A point in words."""
    return (
        ", ".join(f"{path} = {value_text(value)}" for path, value in changes.items()) or "as asked"
    )


def value_text(value: Value) -> str:
    """A swept value as it is written in a scenario.

    Examples
    --------
    >>> [value_text(value) for value in (0.5, True, ("a", "b"), ())]
    ['0.5', 'true', '[a, b]', '[]']
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def sweep_plan(
    scenario: "Scenario",
    points: Sequence[Changes],
    n_runs: int,
    world_of: Callable[["Scenario"], "World"],
    names: "NamesLike | None",
    *,
    kind: str = "sweep",
    apart: bool = False,
) -> Plan:
    """Plan that simulates every point, with the same runs unless they are to be apart.

    Parameters
    ----------
    scenario : Scenario
        What is varied.
    points : sequence of mapping
        Dotted paths with values, by point.
    n_runs : int
        Runs of each point.
    world_of : callable
        World by scenario.
    names : Names, optional
        What the world calls things.
    kind : str
        Command that asks.
    apart : bool
        Give each point runs of its own, for a study that looks at runs and not at differences.
    """

    def case(number: int) -> Case:
        return case_of(scenario, points[number], names, number * n_runs if apart else 0)

    identity = {"points": [dict(changes) for changes in points], "apart": apart}
    varied = {path: _column(points, path) for path in points[0]}
    n_cases = len(points)
    return Plan(
        kind, scenario, n_cases, n_runs, case, world_of, identity,
        varied=varied, ends=() if apart else tuple(dict.fromkeys((0, n_cases - 1))),
    )  # fmt: skip


def _column(points: Sequence[Changes], path: str) -> list[float] | list[str]:
    """Values of a path by point: numbers if all of them are, else as they are written."""
    values = [changes[path] for changes in points]
    numbers = [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    return numbers if len(numbers) == len(values) else [value_text(value) for value in values]


def case_of(
    scenario: "Scenario", changes: Changes, names: "NamesLike | None", first_run: int = 0
) -> Case:
    """A point as a case; one that no file could hold says why."""
    label = label_of(changes)
    try:
        made = varied(scenario, changes, names) if changes else scenario
    except ScenarioError as error:
        reasons = "; ".join(problem.message for problem in error.problems)
        return Case(label, None, f"no such scenario: {reasons}", first_run)
    return Case(label, made, first_run=first_run)


def without_inner(changes: Changes) -> Changes:
    """Changes without those inside a block that another one takes out.

    Examples
    --------
    >>> without_inner({"agreements.a": False, "agreements.a.cut": 0.5, "agreements.ab": True})
    {'agreements.a': False, 'agreements.ab': True}
    """
    gone = tuple(f"{path}." for path, value in changes.items() if value is False)
    return {path: value for path, value in changes.items() if not path.startswith(gone)}


@dataclass(frozen=True)
class PointSummary:
    """Summary of the futures of one point for one target."""

    case: int
    target: str
    n_runs: int
    n_failed: int
    reached_share: float
    """Share of the futures whose year asked reaches the target [1]."""
    reached_interval: tuple[float, float]
    """90 % interval of that share for the number of paths [1]."""
    trade_musd: tuple[float, ...]
    """Quantiles of the trade in the target's year [musd]; `QUANTILES` says which."""
    asked: Mapping[str, Spread] = field(default_factory=dict)
    """Measures of a question that is not about trade, by column of the rows."""


def best_and_worst(found: Sequence[PointSummary]) -> tuple[PointSummary, PointSummary]:
    """Points of the highest and the lowest chance, of equal ones by median trade."""

    def rank(summary: PointSummary) -> tuple[float, float]:
        return summary.reached_share, summary.trade_musd[QUANTILES.index(0.5)]

    return max(found, key=rank), min(found, key=rank)


def summaries(plan: Plan, store: PartStore) -> list[PointSummary]:
    """Every point and target in few numbers; the rows of one point are in memory at a time."""
    return [
        summary
        for case in range(plan.n_cases)
        for summary in summaries_of(plan, case_rows(plan, store, case), case)
    ]


def summaries_of(plan: Plan, rows: Mapping[str, Any], case: int) -> list[PointSummary]:
    """One case in few numbers, by target."""
    fine = finished_runs(rows)
    found = []
    scenario = scenario_of(plan, case)
    asked = spreads_of(candidate_measures(plan.base, plan.world_of(plan.base)), rows, fine)
    for name in plan.base.targets:
        target = scenario.targets[name]
        reached = Estimate(*(float("nan"),) * 3)
        quantiles: FloatArray = np.full(len(QUANTILES), np.nan)
        if fine.any():
            trade = case_trade(rows, plan.base, name)
            years = years_of(scenario, target)
            (crossing,) = crossings_of(plan, name, [trade], [case])
            values = crossing.trade(trade.flows, years.window.year(years.at))
            reached = crossing.pairs.chance(values, target.trade_musd)
            quantiles = crossing.pairs.quantiles(values, QUANTILES)
        found.append(
            PointSummary(
                case=case,
                target=name,
                n_runs=len(fine),
                n_failed=int((~fine).sum()),
                reached_share=reached.value,
                reached_interval=(reached.low, reached.high),
                trade_musd=tuple(float(q) for q in quantiles),
                asked=asked,
            )
        )
    return found
