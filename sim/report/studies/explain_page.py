"""The page of an attribution: what each lever adds."""

from collections.abc import Sequence
from math import isfinite

from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.crossing import Estimate
from sim.report.evidence.evidence import basis_sections, kicker
from sim.report.page.formatting import (
    in_brackets,
    listed,
    money_within,
    per_cent,
    plural,
    signed,
    within,
    year_to,
)
from sim.report.studies.study_page import StudyPage, StudyTable, crossed_in_words
from sim.report.studies.waterfall import waterfall
from sim.study.ensemble.headline import points_in_words, share_in_words
from sim.study.explain import Attribution, Levers
from sim.study.jobs.plan import Plan

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
        answers=tuple(_answer(plan, a, found) for a in found if a.measure == "reached_share"),
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
            "Trade is the median of the year asked; a part of it is not the median of single runs. "
            "The chance is that the year asked reaches the target.",
            "In brackets: the 90 % interval of the simulation.",
            *crossed_in_words(plan),
        ),
        basis=basis_sections(plan),
    )  # fmt: skip


def _answer(plan: Plan, chance: Attribution, found: Sequence[Attribution]) -> str:
    """The chance of the target first, then the median trade that it comes of."""
    asked = plan.base.targets[chance.target]
    (trade,) = (a for a in found if (a.target, a.measure) == (chance.target, "trade_musd"))
    last, total = year_to(str(asked.by)), Estimate(
        chance.with_all - chance.without, *chance.total_interval
    )  # fmt: skip
    parts = [f"{lever} {_points(part, chance.interval[k])}" for k, lever, part in _largest(chance)]
    text = (
        f"{chance.target}: all levers take the chance of the target in {last} from "
        f"{share_in_words(Estimate(chance.without, *chance.without_interval))} to "
        f"{share_in_words(Estimate(chance.with_all, *chance.with_all_interval))} "
        f"({points_in_words(total)})"
    )
    return f"{text}: {listed(parts)}. {_of_trade(trade, asked.trade_musd)}"


def _largest(a: Attribution) -> list[tuple[int, str, float]]:
    """The five levers that add most."""
    order = sorted(range(len(a.levers)), key=lambda k: -abs(a.parts[k]))
    return [(k, a.levers[k], float(a.parts[k])) for k in order[:5]]


def _points(part: float, interval: FloatArray) -> str:
    """A part of the chance in points, with its interval."""
    low, high = (float(edge) for edge in interval)
    if not (isfinite(low) and isfinite(high)):
        return signed(100 * part)
    return f"{within(*(100 * edge for edge in (low, part, high)))} points"


def _around(interval: FloatArray) -> str:
    """An interval in brackets; empty where so few runs leave none."""
    return in_brackets(float(interval[0]), float(interval[1]), write=signed)


def _of_trade(a: Attribution, target_musd: float) -> str:
    total, gap = a.with_all - a.without, target_musd - a.without
    low, high = a.total_interval
    closed = (
        f", {per_cent(total / gap)} ({per_cent(low / gap)} to {per_cent(high / gap)}) of the gap "
        "to the target"
        if gap > 0 and isfinite(low)
        else ""
    )
    shares = [f"{lever} {signed(part)}{_around(a.interval[k])}" for k, lever, part in _largest(a)]
    return (
        f"The median goes from {money_within(a.without, *a.without_interval)} to "
        f"{money_within(a.with_all, *a.with_all_interval)}: {signed(total)} million USD"
        f"{in_brackets(low, high, write=signed)}"
        f"{closed}. Of this, in million USD: {listed(shares)}."
    )


def _table(found: Sequence[Attribution]) -> StudyTable:
    rows = []
    for a in found:
        measure, unit = MEASURES[a.measure]
        for k, lever in enumerate(a.levers):
            low, high = (float(edge) for edge in a.interval[k])
            rows.append((a.target, measure, lever, unit, float(a.parts[k]), low, high))
        total = (a.with_all - a.without, *a.total_interval)
        rows.append((a.target, measure, "all levers", unit, *total))
    return StudyTable(
        name="parts",
        title="Parts of the levers",
        caption="In brackets 90 % intervals of the simulation.",
        columns=("target", "measure", "lever", "unit", "part", "low", "high"),
        rows=tuple(rows),
        n_words=4,
        on_page=("target", "measure", "lever", "part"),
        titles={"part": "part (90 % interval)"},
    )
