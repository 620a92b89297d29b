"""The page of an attribution: what each lever adds."""

from collections.abc import Sequence

import numpy as np

from sim.report.basis import basis_sections, kicker
from sim.report.study_page import StudyPage, Table
from sim.report.waterfall import waterfall
from sim.report.wording import listed, money_within, per_cent, plural, signed, whole_per_cent
from sim.study.explain import Attribution, Levers
from sim.study.findings import share_interval
from sim.study.plan import Plan

MEASURES = {
    "trade_musd": ("median trade", "million USD/yr"),
    "reached_share": ("chance of the target", "1"),
}
"""What is measured, in words, and its unit."""


def explain_page(plan: Plan, levers: Levers, found: Sequence[Attribution], stamp: str) -> StudyPage:
    """What an attribution has to say."""
    scenario = plan.base
    how = (
        f"some of the orders in which {len(levers.paths)} levers can be switched on were looked at "
        f"({len(levers.orders)}), so the intervals hold the luck of their choice too"
        if levers.orders
        else f"all {plural(plan.n_cases, 'coalition')} of the levers were simulated"
    )
    return StudyPage(
        title=f"What each lever adds: {scenario.title}",
        question=scenario.question,
        kicker=kicker(
            plan,
            "Explanation",
            plural(len(levers.paths), "lever"),
            f"{plural(plan.n_cases, 'case')} × {plural(plan.n_runs, 'run')}",
        ),
        answers=tuple(_answer(plan, a) for a in found if a.measure == "trade_musd"),
        drawings=tuple(
            waterfall(a, scenario.targets[a.target].trade_musd, str(scenario.targets[a.target].by),
                      stamp)
            for a in found
        ),
        tables=(_table(found),),
        notes=(
            "A lever's part is its mean contribution over all orders in which the levers can be "
            "switched on (Shapley 1953); the parts sum to what all levers change together.",
            f"Every coalition has the same runs; {how}.",
            "Trade is that of the median run; a part of it is not the median of single runs.",
            "In brackets: the 90 % interval for the number of runs, from drawing them anew.",
            *(_unseen(a) for a in found if _changes_no_run(a)),
        ),
        basis=basis_sections(plan),
    )  # fmt: skip


def _answer(plan: Plan, a: Attribution) -> str:
    asked = plan.base.targets[a.target]
    total = a.with_all - a.without
    gap = asked.trade_musd - a.without
    order = sorted(range(len(a.levers)), key=lambda k: -abs(a.parts[k]))
    shares = [
        f"{a.levers[k]} {signed(float(a.parts[k]))} "
        f"({signed(float(a.interval[k, 0]))} to {signed(float(a.interval[k, 1]))})"
        for k in order[:5]
    ]
    low, high = a.total_interval
    closed = (
        f", {per_cent(total / gap)} ({per_cent(low / gap)} to {per_cent(high / gap)}) of the gap "
        "to the target"
        if gap > 0
        else ""
    )
    return (
        f"{a.target}: all levers take the median trade to {asked.by} from "
        f"{money_within(a.without, *a.without_interval)} to "
        f"{money_within(a.with_all, *a.with_all_interval)}: {signed(total)} million USD "
        f"({signed(low)} to {signed(high)})"
        f"{closed}. Of this, in million USD: {listed(shares)}."
    )


def _table(found: Sequence[Attribution]) -> Table:
    rows = []
    for a in found:
        measure, unit = MEASURES[a.measure]
        for k, lever in enumerate(a.levers):
            low, high = (float(edge) for edge in a.interval[k])
            rows.append((a.target, measure, lever, unit, float(a.parts[k]), low, high))
        total = (a.with_all - a.without, *a.total_interval)
        rows.append((a.target, measure, "all levers", unit, *total))
    return Table(
        name="parts",
        title="Parts of the levers",
        caption="In brackets 90 % intervals for the number of runs.",
        columns=("target", "measure", "lever", "unit", "part", "low", "high"),
        rows=tuple(rows),
        n_words=4,
        on_page=("target", "measure", "lever", "part"),
        titles={"part": "part (90 % interval)"},
    )


def _changes_no_run(a: Attribution) -> bool:
    """Whether no run reaches the target for any lever that missed it without, or the reverse."""
    return a.measure == "reached_share" and not np.any(a.interval) and not any(a.total_interval)


def _unseen(a: Attribution) -> str:
    """What an interval without width leaves open."""
    _, most = share_interval(0, a.n_runs)
    return (
        f"{a.target}: no lever takes any of the {plural(a.n_runs, 'run')} across the target, so "
        "the interval has no width; so few runs do not tell it from a change in up to "
        f"{whole_per_cent(most)} of them."
    )
