"""Discover: in which boxes of the uncertain inputs the target is met (PRIM).

A run counts by its chance: the share of residual paths with which it reaches the target in the year
asked. Of a question about energy, income or revenue a run counts if it meets the goal of the reach
block, or without one if it does no worse than half of all runs. Inputs are the parameters as they
were drawn and the numbers that the scenario sweeps. Boxes are found in one half of the runs and
judged by the other, so that what is told is not what the search happened to fit. The method is the
small one of `sim.laws.methods.prim`: the EMA workbench has the same and more, at the price of five
more libraries.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.laws.methods.prim import Box, bounded, p_value, peel, scored_box
from sim.laws.numerics.arrays import FloatArray
from sim.scenario.variation import Changes
from sim.store.study_parts import PartStore
from sim.study.jobs.asked_columns import SAME, candidate_measures, leading_measures, spreads_of
from sim.study.jobs.case_columns import FINISHED
from sim.study.jobs.cases import finished_runs
from sim.study.jobs.plan import Plan, case_rows
from sim.study.mix_futures import Goal
from sim.study.sensitivity import uncertain_inputs
from sim.study.workers.study_errors import StudyError

MAX_P_VALUE = 0.05
"""Bounds that would do as well by luck more often than this are taken away."""
MIN_HITS = 10


@dataclass(frozen=True)
class Discovery:
    """The box of one target, or of what is asked about, and the way to it."""

    target: str
    """Target, or stem of the measure that is asked about."""
    inputs: tuple[str, ...]
    lowest: FloatArray
    highest: FloatArray
    """(n_inputs,) range of each input over the runs."""
    box: Box
    """As judged by the runs that had no part in the search."""
    p_value: FloatArray
    """(n_inputs,) probability that a bound does as well by luck [1]."""
    trajectory: tuple[Box, ...]
    """Boxes of the search, judged likewise."""
    share: float
    """Mean chance of the judging runs to meet the target, wherever they are [1]."""
    n_runs: int
    goal: Goal | None = None
    """What a run has to meet, where it is not a target of trade."""


def discoveries(plan: Plan, points: Sequence[Changes], store: PartStore) -> list[Discovery]:
    """One box a target; before them one of what is asked about, where that is not trade.

    Raises
    ------
    StudyError
        If too few runs meet a target, or too few miss it, to tell where; where something else is
        asked about, such a target is left out.
    """
    rows = [case_rows(plan, store, case) for case in range(plan.n_cases)]
    world = plan.world_of(plan.base)
    columns = {}
    for name in uncertain_inputs(plan.base, world):
        columns[name] = np.concatenate([row[name] for row in rows])
    for path in points[0]:
        values = [_number(point[path]) for point in points]
        if None not in values:
            columns[path] = np.repeat(np.array(values, dtype=np.float64), plan.n_runs)
    fine = np.array([status == FINISHED for row in rows for status in row["status"]])
    inputs = np.stack(list(columns.values()), axis=1)[fine]
    found = []
    if goal := _goal(plan, rows):
        asked = [goal.measure.values(row, finished_runs(row)) for row in rows]
        met = goal.measure.wants * np.concatenate(asked) >= goal.wanted
        box = _discovered(goal.measure.stem, tuple(columns), inputs, met.astype(np.float64))
        found.append(replace(box, goal=goal))
    for target in plan.base.targets:
        chance = np.concatenate([row[f"{target}|chance"] for row in rows])[fine]
        with suppress(StudyError) if found else nullcontext():
            found.append(_discovered(target, tuple(columns), inputs, chance))
    return found


def _goal(plan: Plan, rows: Sequence[Mapping[str, Any]]) -> Goal | None:
    """Goal of a question that is not about trade: that of the reach block, else half of all runs.

    None for a question about trade, and for a measure that is the same in every run.
    """
    groups = candidate_measures(plan.base, plan.world_of(plan.base))
    measures = leading_measures(
        groups, [spreads_of(groups, row, finished_runs(row)) for row in rows]
    )
    if not measures:
        return None
    lead = measures[0]
    values = np.concatenate([lead.values(row, finished_runs(row)) for row in rows])
    if np.ptp(values) <= SAME * float(np.abs(values).max()):
        return None
    stated = plan.base.reach.goal if plan.base.reach else None
    return Goal(lead, float(np.median(values)) if stated is None else stated)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, bool | int | float) else None


def _remedy(n_hits: float, n_runs: int) -> str:
    """Advice if too few runs meet or miss a target: more runs only if some do."""
    rare = min(n_hits, n_runs - n_hits)
    if rare:
        return f"take more runs, about {MIN_HITS / rare:.2g} times as many"
    what = "no run meets it" if n_hits == 0 else "every run meets it"
    return f"{what}, which more runs hardly change: sweep wider ranges, or ask for another target"


def _discovered(
    target: str, names: tuple[str, ...], inputs: FloatArray, reached: FloatArray
) -> Discovery:
    reached = np.asarray(reached, dtype=np.float64)
    n_hits = float(reached.sum())
    if min(n_hits, len(reached) - n_hits) < MIN_HITS:
        raise StudyError(
            f"{target}: {n_hits:.0f} of {len(reached)} runs meet it; wanted at least {MIN_HITS} "
            f"that do and as many that do not, to tell where; {_remedy(n_hits, len(reached))}"
        )
    searched, judging = slice(0, None, 2), slice(1, None, 2)
    trail = peel(inputs[searched], reached[searched])
    best = max(trail, key=_worth)
    p_values = p_value(best, inputs[searched], reached[searched])
    box = _without(best, [k for k in bounded(best) if p_values[k] > MAX_P_VALUE])
    there, hits = inputs[judging], reached[judging]
    if not scored_box(box.low, box.high, there, hits).density > hits.mean():
        box = trail[0]  # what the other runs do not bear out, or do not fall into, says nothing
    return Discovery(
        target=target,
        inputs=names,
        lowest=inputs.min(axis=0),
        highest=inputs.max(axis=0),
        box=scored_box(box.low, box.high, there, hits),
        p_value=p_values,
        trajectory=tuple(scored_box(b.low, b.high, there, hits) for b in trail),
        share=float(hits.mean()),
        n_runs=len(inputs),
    )


def _worth(box: Box) -> float:
    """Harmonic mean of coverage and density: neither may be had at the other's cost alone."""
    both = box.coverage + box.density
    return 2 * box.coverage * box.density / both if both else 0.0


def _without(box: Box, inputs: Sequence[int]) -> Box:
    low, high = box.low.copy(), box.high.copy()
    low[list(inputs)], high[list(inputs)] = -np.inf, np.inf
    return box._replace(low=low, high=high)
