"""The page of the inverse question: whether the target can be reached, and at what cost."""

from collections.abc import Iterator, Mapping

from sim.laws.numerics.number_format import money
from sim.laws.uncertainty.crossing import Estimate
from sim.report.evidence.study_basis import basis_sections, overline
from sim.report.page.figure import Cell
from sim.report.page.formatting import listed, musd, opening, per_cent, plural, year_to
from sim.report.policy.remaining_gap_words import gap_in_words
from sim.report.studies.frontier import frontier
from sim.report.studies.study_page import StudyPage, StudyTable, crossed_in_words, too_few
from sim.report.summary.asked_words import (
    difference_in_words,
    in_words,
    name_of,
    scale_of,
    short_number,
    title_of,
    unit_of_level,
)
from sim.scenario.blocks.studies import ReachLever
from sim.scenario.lever_titles import LeverTitle
from sim.store.study_parts import PartStore
from sim.study.break_even.remaining_gap import remaining_gap
from sim.study.ensemble.headline import points_in_words, share_with_error
from sim.study.jobs.asked_columns import (
    candidate_measures,
    leading_measures,
    paired_difference,
    spreads_of,
)
from sim.study.jobs.cases import finished_runs
from sim.study.jobs.lever_words import lever_words, target_words
from sim.study.jobs.plan import Plan, case_rows
from sim.study.mix_futures import Goal, Mix, MixResult, ReachAnswer
from sim.study.reach import LeverSearch
from sim.study.sweep import value_text

Titled = Mapping[str, LeverTitle]
"""Levers in words, by path."""


def reach_page(
    plan: Plan,
    search: LeverSearch,
    answer: ReachAnswer,
    stamp: str,
    store: PartStore | None = None,
) -> StudyPage:
    """Page of the answer to the inverse question.

    Parameters
    ----------
    plan, search, answer
        Study, its search and what came of it.
    stamp : str
        Ledgers and runs, for the foot of figures.
    store : PartStore, optional
        Finished parts, from which a question that is not about trade is answered.
    """
    scenario, titles = plan.base, lever_words(plan, answer.levers)
    return StudyPage(
        title=f"Least-cost levers: {scenario.title}",
        question=_question(answer),
        overline=overline(
            plan,
            "Inverse question",
            plural(len(answer.levers), "lever"),
            f"{plan.n_cases} mixes × {plural(plan.n_runs, 'run')}",
        ),
        answers=(
            *(_asked(plan, store, search, answer, titles) if store else ()),
            _verdict(search, answer, titles),
            _held_out(answer),
            *_by_the_law(plan, search, answer),
        ),
        drawings=(frontier(answer, target_words(plan)[answer.target], stamp),),
        tables=(_table(search, answer, titles), _levers(search, answer, titles)),
        notes=(
            "Mixes to be simulated are chosen by adding up what levers gain alone; every number "
            "shown is simulated, and the mix told again with runs that had no part in the search.",
            "Least cost is among the mixes that were looked at; a lever's steps are a twentieth of "
            "its range.",
            "Costs are the scenario's own, each with its owner and source in the table of levers. "
            "All mixes have the same runs.",
            "±: the error of the simulation (90 %). Costs are given and have none.",
            *crossed_in_words(plan),
            *too_few(plan.n_runs),
        ),
        basis=basis_sections(plan),
    )


def _question(answer: ReachAnswer) -> str:
    of_all = f"in {per_cent(answer.probability)} of futures, at least cost?"
    if answer.goal is not None:
        return f"Which levers take {name_of(answer.goal.measure)} to {_limit(answer.goal)} {of_all}"
    return f"Which levers take trade to {money(answer.target_musd)} a year by {answer.by} {of_all}"


def _limit(goal: Goal) -> str:
    """The goal as a limit with its unit."""
    text = f"{short_number(scale_of(goal.measure) * goal.amount)} {unit_of_level(goal.measure)}"
    return f"at {'most' if goal.measure.wants < 0 else 'least'} {text}"


def _asked(
    plan: Plan, store: PartStore, search: LeverSearch, answer: ReachAnswer, titles: Titled
) -> Iterator[str]:
    """Measures of a question that is not about trade, with the mix and without any lever.

    Both are those runs that had no part in the search.
    """
    cases = [case_rows(plan, store, one.case) for one in (answer.held_out, answer.held_out_none)]
    fine = finished_runs(cases[0]) & finished_runs(cases[1])
    groups = candidate_measures(plan.base, plan.world_of(plan.base))
    spreads = [spreads_of(groups, rows, fine) for rows in cases]
    measures = leading_measures(groups, spreads)
    if answer.goal is not None:  # the place that was searched for
        own = [group for group in groups if group[0] == answer.goal.measure]
        measures = own[0] if own else measures
    in_both = spreads[0].keys() & spreads[1].keys()
    known = [measure for measure in measures if measure.column in in_both]
    for m in known:
        after, before = (in_words(m, each[m.column].median) for each in spreads)
        apart = difference_in_words(m, paired_difference(*(m.values(r, fine) for r in cases)))
        mix = _moved_in_words(search, answer.chosen.mix, titles)
        told = f"With {mix}: " if m == known[0] else ""
        name = title_of(m) if not told else name_of(m)
        yield f"{told}{name}: {after} instead of {before} ({apart})."


def _by_the_law(plan: Plan, search: LeverSearch, answer: ReachAnswer) -> Iterator[str]:
    """Cut of trade costs that the law asks for, and what else must be true; of trade alone."""
    if answer.goal is not None:
        return
    yield _beforehand(answer)
    if answer.start:
        yield _start(answer, answer.start)
    yield from _what_else(plan, search, answer)


def _what_else(plan: Plan, search: LeverSearch, answer: ReachAnswer) -> Iterator[str]:
    """Sentence on what else must be true where no mix meets the probability."""
    if answer.is_reachable:
        return
    pair = search.scenario.targets[answer.target].pair
    world, reached = plan.world_of(plan.base), answer.quantile_musd
    words = gap_in_words(
        remaining_gap(plan.base, world, pair, reached, answer.target_musd), answer.probability
    )
    if words:
        yield words


def _verdict(search: LeverSearch, answer: ReachAnswer, titles: Titled) -> str:
    asked = f"{money(answer.target_musd)} in {year_to(answer.by)}"
    if answer.goal is not None:
        asked = f"{name_of(answer.goal.measure)} being {_limit(answer.goal)}"
    mix = _moved_in_words(search, answer.chosen.mix, titles)
    if answer.is_reachable:
        return (
            f"The chance of {asked} is {_share(answer.chosen)}, which meets the "
            f"{per_cent(answer.probability)} asked for, at a cost of "
            f"{musd(answer.chosen.cost_musd)} million USD with {mix}."
        )
    return (
        f"{opening(asked)} with a probability of {per_cent(answer.probability)} is "
        f"not reachable within these ranges; the most is {_share(answer.chosen)}, at a cost of "
        f"{musd(answer.chosen.cost_musd)} million USD with {mix}; without any lever it is "
        f"{_share(answer.none)}."
    )


def _moved_in_words(
    search: LeverSearch, mix: Mix, titles: Titled, *, names_rest: bool = True
) -> str:
    """Levers that a mix moves, and how many stay where they are if that is wanted."""
    put = search.changes(mix)
    moved = [
        titles[path].inside if lever.is_switch else titles[path].setting(put[path])
        for (path, lever), part in zip(search.levers.items(), mix.parts, strict=True)
        if part > 0.0 and path in put
    ]
    if not moved:
        return "no lever"
    n_still = len(search.levers) - len(moved) if names_rest else 0
    others = {0: "", 1: "; the other lever stays off"}.get(
        n_still, f"; the other {n_still} levers stay off"
    )
    return f"{listed(moved)}{others}"


def _held_out(answer: ReachAnswer) -> str:
    fits = answer.held_out.reached_interval[1] >= answer.probability
    doubt = (
        " This is below what was asked for: the search was lucky, take more runs."
        if answer.is_reachable and not fits
        else ""
    )
    return (
        "With fresh random numbers the chance of the same mix is "
        f"{_share(answer.held_out)}, without any "
        f"lever {_share(answer.held_out_none)} ({points_in_words(answer.gained)}).{doubt}"
    )


def _beforehand(answer: ReachAnswer) -> str:
    if answer.cost_cut == 0.0:
        return f"The median of {year_to(answer.by)} reaches the target without any lever."
    return (
        f"By the gravity law alone the trade costs of the pair would have to fall by "
        f"{per_cent(answer.cost_cut)} for the median of {year_to(answer.by)} to reach it."
    )


def _start(answer: ReachAnswer, start: MixResult) -> str:
    return (
        f"By the same law the levers together are worth a fall by {per_cent(answer.levers_cut)}. "
        "The search began at the cheapest mix that is enough, or comes nearest, if the gains of "
        f"single levers add up; it costs {musd(start.cost_musd)} million USD and has a chance of "
        f"{_share(start)}."
    )


def _share(one: MixResult) -> str:
    low, high = one.reached_interval
    return share_with_error(Estimate(one.reached_share, low, high))


def _table(search: LeverSearch, answer: ReachAnswer, titles: Titled) -> StudyTable:
    rows: list[tuple[Cell, ...]] = []
    for one in (*answer.frontier, answer.held_out_none, answer.held_out):
        put = search.changes(one.mix)
        settings = [value_text(put[path]) if path in put else "off" for path in answer.levers]
        runs = "other" if one.mix.is_held_out else "search"
        rows.append((_moved_in_words(search, one.mix, titles, names_rest=False), runs, *settings,
                     one.cost_musd, one.reached_share, *one.reached_interval,
                     one.median, *one.median_interval))  # fmt: skip
    goal = answer.goal
    median = "median_trade_musd" if goal is None else f"median_{goal.measure.stem}"
    of_median = (
        "median trade, million USD a year"
        if goal is None
        else f"median: {title_of(goal.measure)}, {unit_of_level(goal.measure)}"
    )
    return StudyTable(
        name="mixes",
        title="Simulated mixes",
        caption=f"By cost; {_what_is_reached(answer)}, "
        "± the error of the simulation (90 %). Levers that are not named stand at "
        "the beginning of their range.",
        columns=("mix", "runs", *answer.levers, "cost_musd", "reached_share", "reached_low",
                 "reached_high", median, "median_low", "median_high"),
        rows=tuple(rows),
        n_words=2 + len(answer.levers),
        on_page=("mix", "runs", "cost_musd", "reached_share", median),
        titles={"cost_musd": "cost, million USD", median: of_median},
        unit="" if goal is None else goal.measure.unit,
    )  # fmt: skip


def _levers(search: LeverSearch, answer: ReachAnswer, titles: Titled) -> StudyTable:
    """Levers as the scenario states them, and how far the reported mix moves each."""
    parts = zip(search.levers.items(), answer.chosen.mix.parts, strict=True)
    return StudyTable(
        name="levers",
        title="Levers, their owners and costs",
        caption="As the scenario states them; a cost without a source is an assumption. Cost: of "
        "the whole way. In the mix: the part of it that the reported mix pays. Energy deals cost "
        "the discount alone: what sellers and buyers give up elsewhere is in no cost",
        columns=("lever", "range", "owner", "source", "cost_musd", "paid_musd"),
        rows=tuple(
            (
                path,
                _range(lever, titles[path]),
                lever.owner or "not stated",
                lever.source or "assumption",
                lever.cost_musd,
                lever.cost(part),
            )
            for (path, lever), part in parts
        ),
        n_words=4,
        titles={"cost_musd": "cost, million USD", "paid_musd": "in the mix, million USD"},
        words={("lever", path): title.words for path, title in titles.items()},
    )


def _range(lever: ReachLever, title: LeverTitle) -> str:
    """Range over which a lever can be moved, in words."""
    if lever.low is None or lever.high is None:
        return "off or on"
    return f"{title.value(lever.low)} to {title.value(lever.high)}"


def _what_is_reached(answer: ReachAnswer) -> str:
    if answer.goal is None:
        return "chance that the year asked reaches the target, and median trade in it"
    return "chance that the goal is met, and the median of what was asked"
