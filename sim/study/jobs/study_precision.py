"""Precision of a study, estimated from its first blocks; runs are added until it suffices.

Half-widths fall with the root of the number of runs, so that those of the first block of the two
ends of a study tell what all its runs will come to.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sim.laws.uncertainty.crossing import Estimate
from sim.store.study_parts import PartStore
from sim.study.conditioning.residual_paths import GROUP
from sim.study.jobs.case_columns import years_of
from sim.study.jobs.cases import case_crossing, case_trade, crossings_of, finished_runs, scenario_of
from sim.study.jobs.plan import Plan, case_rows
from sim.study.precision import MAX_RUNS, half_width, precision_in_words, runs_for


class StudyPrecision(NamedTuple):
    """Largest half-widths of 90 % intervals over the cases and targets of a study."""

    chance: float
    """Of the chance to reach the target in the year asked [1]."""
    difference: float | None
    """Of its difference from the first case; None of a case alone [1]."""


def study_precision(
    plan: Plan, store: PartStore, cases: Iterable[int], n_blocks: int | None = None
) -> StudyPrecision:
    """Precision of the chances of some cases, with one case in memory at a time.

    Parameters
    ----------
    plan, store
        Study and its finished parts.
    cases : iterable of int
        Those that are looked at; others are compared with the first.
    n_blocks : int, optional
        Blocks of each that are finished; all of them unless given.
    """
    first, *others = cases
    rows = case_rows(plan, store, first, n_blocks)
    chances, differences = [], []
    for name, target in plan.base.targets.items():
        years = years_of(plan.base, target)
        asked = years.window.year(years.at)
        fine = finished_runs(rows)
        for case in others:
            fine = fine & finished_runs(case_rows(plan, store, case, n_blocks))
        if not fine.any():
            return StudyPrecision(np.inf, None)
        trade = case_trade(rows, plan.base, name, fine)
        (base,) = crossings_of(plan, name, [trade], [first])
        before = base.trade(trade.flows, asked)
        chances.append(half_width(base.pairs.chance(before, target.trade_musd)))
        for case in others:
            wanted = scenario_of(plan, case).targets[name].trade_musd
            ours = case_trade(case_rows(plan, store, case, n_blocks), plan.base, name, fine)
            crossing = case_crossing(plan, name, base, first, case, ours)
            after = crossing.trade(ours.flows, asked)
            chances.append(half_width(base.pairs.chance(after, wanted)))
            difference = base.pairs.chance_difference(after, before, wanted)
            differences.append(half_width(difference))
    return StudyPrecision(max(chances), max(differences, default=None))


def difference_of_cases(
    plan: Plan, store: PartStore, name: str, case: int, against: int
) -> Estimate | None:
    """Difference of the chances of two cases to reach a target, over the same futures [1].

    None where the two have other targets, or no run that finished in both.
    """
    rows = [case_rows(plan, store, each) for each in (against, case)]
    fine = finished_runs(rows[0]) & finished_runs(rows[1])
    targets = {scenario_of(plan, each).targets[name].trade_musd for each in (against, case)}
    if len(targets) > 1 or not fine.any():
        return None
    years = years_of(plan.base, plan.base.targets[name])
    trades = [case_trade(each, plan.base, name, fine) for each in rows]
    crossings = crossings_of(plan, name, trades, (against, case))
    before, after = (
        crossing.trade(trade.flows, years.window.year(years.at))
        for crossing, trade in zip(crossings, trades, strict=True)
    )
    return crossings[0].pairs.chance_difference(after, before, *targets)


def to_within(plan: Plan, goal: float) -> Plan:
    """The plan that begins with one group of runs and grows until chances are known so well [1]."""
    return replace(plan, n_runs=GROUP, precision=goal, most_runs=MAX_RUNS)


def first_look(plan: Plan) -> frozenset[int]:
    """Numbers of the jobs that tell beforehand how sure a study will be."""
    return frozenset(plan.numbers_of(case)[0] for case in plan.ends)


def expected_precision(plan: Plan, store: PartStore) -> str:
    """Expected precision of a study, in words, estimated from its first blocks.

    Either the intervals themselves, where that is all there will be, or what they narrow to.
    """
    n_seen = len(plan.runs_of(0))
    chance, difference = study_precision(plan, store, plan.ends, 1)
    if n_seen == plan.n_runs:
        return f"{precision_in_words(n_seen, chance, difference)}."
    narrower = float(np.sqrt(n_seen / plan.n_runs))
    narrowed = None if difference is None else narrower * difference
    told = precision_in_words(plan.n_runs, narrower * chance, narrowed)
    return f"{told}, judged by the first {n_seen:,}."


def more_runs(plan: Plan, store: PartStore, tell: Callable[[str], None]) -> Plan | None:
    """The plan with as many runs as its precision still takes; None once it is reached."""
    if plan.precision is None:
        return None
    known = study_precision(plan, store, range(plan.n_cases))
    words = precision_in_words(plan.n_runs, *known)
    if known.chance <= plan.precision or plan.n_runs >= MAX_RUNS:
        tell(f"{words}.")
        return None
    n_runs = runs_for(plan.n_runs, known.chance, plan.precision)
    tell(f"{words}; ±{100 * plan.precision:g} needs about {n_runs:,} runs of each case.")
    return replace(plan, n_runs=n_runs)
