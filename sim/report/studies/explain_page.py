"""The page of an attribution: what each lever adds."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

from sim.report.evidence.study_basis import basis_sections, overline
from sim.report.page.figure import Cell
from sim.report.page.formatting import listed, per_cent, plural, signed
from sim.report.studies.rounded_parts import ShownParts, shown_parts
from sim.report.studies.study_page import StudyPage, StudyTable, crossed_in_words
from sim.report.studies.waterfall import waterfall
from sim.report.summary.asked_words import (
    is_nothing,
    name_of,
    title_of,
    unit_of_change,
    unit_of_level,
)
from sim.scenario.lever_titles import LeverTitle
from sim.study.explain import Attribution, Levers
from sim.study.jobs.lever_words import lever_words, target_words
from sim.study.jobs.plan import Plan
from sim.study.lever_costs import costs_of

MEASURES = {
    "trade_musd": ("median trade", "million USD/yr"),
    "reached_share": ("chance of the target", "1"),
}
"""What is measured, in words, and its unit."""
MAX_NAMED = 5
"""Levers that the answer names one by one."""
ALL = "all levers"
Titled = Mapping[str, LeverTitle]
"""Levers in words, by path."""


def explain_page(plan: Plan, levers: Levers, found: Sequence[Attribution], stamp: str) -> StudyPage:
    """Page of an attribution."""
    scenario, goals = plan.base, target_words(plan)
    titles = lever_words(plan, levers.paths)
    how = (
        f"some of the orders in which {len(levers.paths)} levers can be switched on were looked at "
        f"({len(levers.orders)}), so the intervals hold the luck of their choice too"
        if levers.orders
        else f"all {plural(plan.n_cases, 'coalition')} of the levers were simulated"
    )
    return StudyPage(
        title=f"Contributions of levers: {scenario.title}",
        question=scenario.question,
        overline=overline(
            plan,
            "Explanation",
            plural(len(levers.paths), "lever"),
            f"{plural(plan.n_cases, 'case')} × {plural(plan.n_runs, 'run')}",
        ),
        answers=(
            *_asked_answers(found, titles),
            *(_answer(plan, a, found, titles) for a in found if a.measure == "reached_share"),
        ),
        drawings=tuple(
            waterfall(a, scenario.targets[a.target], goals[a.target], titles, stamp)
            for a in found
        ),
        tables=tuple(filter(None, [_table(plan, found, titles), _per_cost(plan, found, titles)])),
        notes=(
            "A lever's part is its mean contribution over all orders in which the levers can be "
            "switched on (Shapley 1953); the parts sum to what all levers change together, and are "
            "rounded so that those shown do too.",
            f"Every coalition has the same runs; {how}.",
            *(("What was asked is the mean over the simulations.",)
              if any(a.asked for a in found) else ()),
            "Trade is the median of the year asked; a part of it is not the median of single runs. "
            "The chance is that the year asked reaches the target.",
            "±: the error of the simulation (90 %).",
            *crossed_in_words(plan),
        ),
        basis=basis_sections(plan),
    )  # fmt: skip


def _asked_answers(found: Sequence[Attribution], titles: Titled) -> Iterator[str]:
    """Answer to a question that is not about trade: the leading measure, then those beside it."""
    asked = [(a, a.asked) for a in found if a.asked is not None]
    if not asked:
        return
    first, lead = asked[0]
    if is_nothing(lead, [first.without, first.with_all]):
        yield "No shortage of energy on average, with the levers or without."
        return
    shown = shown_parts(first)
    unit, change = unit_of_level(lead), unit_of_change(lead)
    yield (
        f"On average over the simulations all levers take {name_of(lead)} from "
        f"{shown.write(shown.without)} to {shown.write(shown.with_all)} {unit} "
        f"({_total_in_words(shown, first, change)}): {listed(_largest(shown, first, titles))}."
    )
    for a, measure in asked[1:]:
        shown = shown_parts(a)
        yield (
            f"{title_of(measure)}: from {shown.write(shown.without)} to "
            f"{shown.write(shown.with_all)} {unit_of_level(measure)} "
            f"({_total_in_words(shown, a, unit_of_change(measure))})."
        )


def _answer(plan: Plan, chance: Attribution, found: Sequence[Attribution], titles: Titled) -> str:
    """The chance of the target first, then the median trade that it comes of."""
    asked = plan.base.targets[chance.target]
    (trade,) = (a for a in found if (a.target, a.measure) == (chance.target, "trade_musd"))
    shown = shown_parts(chance)
    text = (
        f"All levers take the chance of {target_words(plan)[chance.target]} from "
        f"{shown.write(shown.without)} % to {shown.write(shown.with_all)} % "
        f"({_total_in_words(shown, chance)}): {listed(_largest(shown, chance, titles))}."
    )
    of_cost = _per_cost_in_words(plan, trade, titles)
    return f"{text} {_of_trade(trade, asked.trade_musd, titles)}{of_cost}"


def _worth(plan: Plan, trade: Attribution) -> list[tuple[str, float, float, float]]:
    """Lever, part, cost and part per million USD of the levers that have a cost, the best first."""
    costs = costs_of(plan.base, trade.levers)
    found = [
        (lever, float(part), costs[lever], float(part) / costs[lever])
        for lever, part in zip(trade.levers, trade.parts, strict=True)
        if costs.get(lever, 0.0) > 0.0
    ]
    return sorted(found, key=lambda row: (-row[3], row[0]))


def _per_cost_in_words(plan: Plan, trade: Attribution, titles: Titled) -> str:
    rows = _worth(plan, trade)
    if len(rows) < 2:
        return ""
    each = [f"{titles[lever].inside} {signed(worth)}" for lever, _, _, worth in rows[:MAX_NAMED]]
    return f" For each million USD that a lever costs, in million USD a year: {listed(each)}."


def _per_cost(plan: Plan, found: Sequence[Attribution], titles: Titled) -> StudyTable | None:
    """Levers by their effect for the money; None where no cost is stated."""
    rows = tuple(
        (a.target, *row) for a in found if a.measure == "trade_musd" for row in _worth(plan, a)
    )
    if not rows:
        return None
    return StudyTable(
        name="effect-per-cost",
        title="Effect for the money",
        caption="Parts of the levers over their costs as the scenario's reach block states them, "
        "at the values that the scenario has; levers without a stated cost are left out.",
        columns=("target", "lever", "part_musd", "cost_musd", "part_musd_per_musd"),
        rows=rows,
        n_words=2,
        titles={
            "part_musd": "part, million USD a year",
            "cost_musd": "cost, million USD",
            "part_musd_per_musd": "part for each million USD",
        },
        words=_words_in_tables(plan, titles),
    )


def _words_in_tables(plan: Plan, titles: Titled) -> dict[str | tuple[str, str], str]:
    """Targets and levers as tables show them."""
    return {
        **{("target", name): words for name, words in target_words(plan).items()},
        **{("lever", path): title.words for path, title in titles.items()},
        ("lever", ALL): ALL.capitalize(),
    }


def _total_in_words(shown: ShownParts, found: Attribution, unit: str = "points") -> str:
    """Change by all levers together; one that the error of the simulation hides says so."""
    half = shown.half(shown.total, found.total_interval)
    if not half:
        return f"{shown.signed(shown.total)} {unit}, of which one run cannot tell how sure it is"
    low, high = found.total_interval
    unsure = ", no measurable difference" if low <= 0.0 <= high and low < high else ""
    return f"{shown.signed(shown.total)} ± {half} {unit}{unsure}"


def _largest(shown: ShownParts, a: Attribution, titles: Titled) -> list[str]:
    """The levers that add most with their parts, and what the others add together."""
    order = sorted(range(len(a.levers)), key=lambda k: (-abs(a.parts[k]), k))
    named, others = order[:MAX_NAMED], order[MAX_NAMED:]
    words = [
        f"{titles[a.levers[k]].inside} {shown.within(shown.parts[k], a.interval[k])}" for k in named
    ]
    if others:
        rest = round(sum(shown.parts[k] for k in others), shown.places)
        words.append(f"the other {len(others)} {shown.signed(rest)}")
    return words


def _of_trade(a: Attribution, target_musd: float, titles: Titled) -> str:
    shown = shown_parts(a)
    total, gap = a.with_all - a.without, target_musd - a.without
    low, high = a.total_interval
    closed = (
        f", {per_cent(total / gap)} ({per_cent(low / gap)} to {per_cent(high / gap)}) of the gap "
        "to the target"
        if gap > 0 and total > 0 and isfinite(low)
        else ""
    )
    ends = (
        shown.within(value, interval, as_change=False)
        for value, interval in (
            (shown.without, a.without_interval),
            (shown.with_all, a.with_all_interval),
        )
    )
    return (
        f"The median goes from {' to '.join(ends)} million USD: "
        f"{shown.within(shown.total, a.total_interval)}{closed}. "
        f"Of this, in million USD: {listed(_largest(shown, a, titles))}."
    )


def _words_of(a: Attribution) -> tuple[str, str]:
    """Measure in words, and its unit."""
    return MEASURES[a.measure] if a.asked is None else (title_of(a.asked), a.unit)


def _table(plan: Plan, found: Sequence[Attribution], titles: Titled) -> StudyTable:
    rows: list[tuple[Cell, ...]] = []
    texts: dict[tuple[Cell, ...], str] = {}
    for a in found:
        words, shown = _words_of(a), shown_parts(a)
        parts = [
            (lever, float(part), *interval, text)
            for lever, part, interval, text in zip(
                a.levers, a.parts, a.interval.tolist(), shown.parts, strict=True
            )
        ]
        total = (ALL, a.with_all - a.without, *a.total_interval, shown.total)
        for lever, part, low, high, text in [*parts, total]:
            of = (a.target, words[0], lever, words[1])
            rows.append((*of, part, low, high))
            texts[of] = shown.within(text, (low, high))
    return StudyTable(
        name="parts",
        title="Contributions of levers",
        caption="±: the error of the simulation (90 %). Parts are rounded so that they add.",
        columns=("target", "measure", "lever", "unit", "part", "low", "high"),
        rows=tuple(rows),
        n_words=4,
        on_page=("target", "measure", "lever", "part"),
        titles={"part": "part ± error"},
        words=_words_in_tables(plan, titles),
        texts=texts,
    )
