"""The page of an attribution: what each lever adds."""

from collections.abc import Sequence

from sim.report.study_page import StudyPage, Table
from sim.report.waterfall import waterfall
from sim.report.wording import listed, per_cent, plural, signed
from sim.study.explain import Attribution, Levers
from sim.study.findings import money
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
        title=f"What brings {scenario.title.lower()} nearer to its target",
        question=scenario.question,
        kicker=f"Explanation · {plural(len(levers.paths), 'lever')} · "
        f"{plural(plan.n_cases, 'case')} × {plural(plan.n_runs, 'run')}",
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
        ),
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
    closed = f", {per_cent(total / gap)} of the gap to the target" if gap > 0 else ""
    low, high = a.total_interval
    return (
        f"{a.target}: all levers take the median trade to {asked.by} from {money(a.without)} to "
        f"{money(a.with_all)}: {signed(total)} million USD ({signed(low)} to {signed(high)})"
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
        caption="Trade in million USD a year, share of runs as a fraction; with 90 % intervals.",
        columns=("target", "measure", "lever", "unit", "part", "low", "high"),
        rows=tuple(rows),
        n_words=4,
    )
