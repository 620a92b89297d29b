"""The page of a comparison: paired differences, by measure and year."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sim.laws.numerics.number_format import money
from sim.laws.uncertainty.crossing import Estimate
from sim.report.evidence.evidence import basis_sections, overline
from sim.report.page.figure import Cell
from sim.report.page.formatting import (
    listed,
    money_within,
    plural,
    spoken,
)
from sim.report.page.material import MIDDLE
from sim.report.studies.small_multiples import ScenarioPanel, multiples
from sim.report.studies.study_page import StudyPage, StudyTable, crossed_in_words, too_few
from sim.report.summary.asked_words import SHORT, difference_in_words, in_words
from sim.store.study_parts import PartStore
from sim.study.compare import Difference, differences
from sim.study.ensemble.asked import measure_asked
from sim.study.ensemble.headline import points_in_words, share_in_words
from sim.study.evidence.crossed import QUANTILES
from sim.study.jobs.asked_measure import AskedMeasure, PairedDifference, candidates
from sim.study.jobs.case_columns import years_of
from sim.study.jobs.cases import case_trade, crossings_of, finished
from sim.study.jobs.lever_words import target_words
from sim.study.jobs.plan import Case, Plan, case_rows


def compare_page(plan: Plan, store: PartStore, baselines: Sequence[int], stamp: str) -> StudyPage:
    """Page of a comparison.

    Parameters
    ----------
    plan : Plan
    store : PartStore
        With every part.
    baselines : sequence of int
        Cases the others are compared with.
    stamp : str
        Ledgers and runs, for the foot of figures.
    """
    found = differences(plan, store, baselines)
    labels = [plan.case(case).label for case in range(plan.n_cases)]
    targets, goals = list(plan.base.targets), target_words(plan)
    return StudyPage(
        title=f"Comparison of {listed(labels)}",
        question=_question(plan, labels, baselines),
        overline=overline(plan, "Comparison",
                      f"{plural(plan.n_cases, 'scenario')} × {plural(plan.n_runs, 'run')}"),
        answers=(
            *_asked_answers(plan, found),
            *(_answer(goals[d.of], d, found) for d in _headline(found)),
        ),
        drawings=tuple(
            multiples(target, goals[target], plan.base.targets[target].trade_musd,
                      _panels(plan, store, target, baselines), stamp)
            for target in targets
        ),
        tables=(_table(plan, found),),
        notes=(
            "All scenarios have the seed and the runs of the first; a run of one is compared with "
            "the same run of another, so that what differs is policy and not luck.",
            "Before and after: the median, for the target the chance that the year asked (touched: "
            "or an earlier one) reaches it, ± the error of the simulation (90 %). "
            "Futures differ far more: see the bands of the figure.",
            "Difference: the median one, in brackets 5–95 % of the futures, "
            "of measures other than trade of the simulations. Of a chance it is the difference of "
            "both, ± the error of the simulation (90 %).",
            *crossed_in_words(plan),
            *too_few(plan.n_runs),
            *_ledgers(plan),
        ),
        basis=basis_sections(plan, {case.label: case.scenario for case in _cases(plan)
                                    if case.scenario is not None}),
    )  # fmt: skip


def _cases(plan: Plan) -> Iterator[Case]:
    return map(plan.case, range(plan.n_cases))


def _question(plan: Plan, labels: Sequence[str], baselines: Sequence[int]) -> str:
    """Question put to the scenarios, in one sentence."""
    first = [labels[k] for k in baselines]
    others = [label for k, label in enumerate(labels) if k not in baselines] or first
    wanted = listed(
        [f"{money(t.trade_musd)} a year by {t.deadline}" for t in plan.base.targets.values()]
    )
    does, they = ("does", "does it") if len(others) == 1 else ("do", "do they")
    return (
        f"What {does} {listed(others)} change against {listed(first)}, and how often {they} reach "
        f"{wanted}?"
    )


def _ledgers(plan: Plan) -> tuple[str, ...]:
    ledgers = {case.scenario.baseline.ledger for case in _cases(plan) if case.scenario}
    if len(ledgers) == 1:
        return ()
    return (f"The scenarios rest on different ledgers ({listed(sorted(ledgers))}).",)


MIN_DIFFERENCE = 1e-3
"""Difference of trade below which there is none worth a number [musd/year]."""
MUCH_LARGER = 2.0
"""Times the difference of the year asked from which that of another year is told too [1]."""


def _asked_answers(plan: Plan, found: Sequence[Difference]) -> Iterator[str]:
    """Answers to a question that is not about trade, one for each scenario compared."""
    scenarios = [case.scenario for case in _cases(plan) if case.scenario is not None]
    asking = next((each for each in scenarios if measure_asked(each) != "trade"), None)
    if asking is None:
        return
    question = plan.base.model_copy(update={"asks": measure_asked(asking)})
    groups = candidates(question, plan.world_of(plan.base))
    for sides in dict.fromkeys((d.scenario, d.baseline) for d in found):
        own = {f"{d.measure}|{d.of}": d for d in found if (d.scenario, d.baseline) == sides}
        known = [group for group in groups if group[0].column in own]
        if known:
            group = max(known, key=lambda each: _largest(own[each[0].column]))
            yield _asked_answer(group, own)


def _largest(d: Difference) -> tuple[float, float]:
    """Size of the larger side, of equal ones of the difference."""
    return max(d.after, d.before), abs(d.mean)


def _asked_answer(group: Sequence[AskedMeasure], own: Mapping[str, Difference]) -> str:
    """Both sides in the leading measure, what lies between them, and the measures beside it."""
    lead, *others = group
    d = own[lead.column]
    after, before = _both(lead, d)
    if lead.kind == "energy":
        what = f"{after} instead of {before} of {lead.place} demand goes unserved in the worst year"
    elif lead.kind == "income":
        what = (
            f"real income of {lead.place} changes by {after} instead of {before} since the base "
            "year"
        )
    else:
        what = f"{lead.place} collects {after} instead of {before} in duties"
    apart = difference_in_words(lead, _paired(lead, d))
    beside = [
        f"{SHORT[m.stem]} {' instead of '.join(_both(m, own[m.column]))}"
        for m in others
        if m.column in own
    ]
    more = f" Beside it: {listed(beside)}." if beside else ""
    is_told = not apart.startswith(("no ", "a "))
    return (
        f"{d.scenario} against {d.baseline}, in the median simulation: {what}; "
        f"{'the difference is ' if is_told else ''}{apart}.{more}"
    )


def _both(measure: AskedMeasure, d: Difference) -> tuple[str, str]:
    """Medians after and before, with the error of the simulation."""
    after, before = (
        in_words(measure, Estimate(*(measure.times * edge - measure.base for edge in (x, *edges))))
        for x, edges in ((d.after, d.after_interval), (d.before, d.before_interval))
    )
    return after, before


def _paired(measure: AskedMeasure, d: Difference) -> PairedDifference:
    """Difference in the measure's unit."""
    quantiles = tuple(measure.times * q for q in d.quantiles)
    return PairedDifference(
        quantiles, Estimate(*(measure.times * edge for edge in (d.mean, *d.mean_interval)))
    )


def _headline(found: Sequence[Difference]) -> list[Difference]:
    return [d for d in found if d.measure == "trade_musd" and d.year is None]


def _answer(goal: str, d: Difference, found: Sequence[Difference]) -> str:
    chance, touched = (
        next(
            o for o in found
            if (o.measure, o.of, o.scenario, o.baseline) == (word, d.of, d.scenario, d.baseline)
        )
        for word in ("reached", "touched")
    )  # fmt: skip
    after, before = (
        share_in_words(Estimate(share, *interval))
        for share, interval in (
            (chance.after, chance.after_interval),
            (chance.before, chance.before_interval),
        )
    )
    apart = points_in_words(Estimate(chance.mean, *chance.mean_interval))
    ever = (share_in_words(Estimate(touched.after, *touched.after_interval)),
            share_in_words(Estimate(touched.before, *touched.before_interval)))  # fmt: skip
    return (
        f"{d.scenario} against {d.baseline}: the chance of {goal} is {after} instead of {before} "
        f"({apart}). Median trade in that year is {money_within(d.after, *d.after_interval)} "
        f"instead of {money_within(d.before, *d.before_interval)}; {_apart(*_spread(d))}. "
        f"{_most_in(d, found)}The chance that some year up to then touches the target is "
        f"{ever[0]} instead of {ever[1]}."
    )


def _apart(low: float, middle: float, high: float) -> str:
    """Difference of trade within a future, or that there is none."""
    if max(abs(low), abs(high)) < MIN_DIFFERENCE:
        return "no future differs by more than 1,000 USD"
    return f"the difference is {spoken(low, middle, high)} million USD (5–95 % of the futures)"


def _most_in(d: Difference, found: Sequence[Difference]) -> str:
    """Sentence on the year before the one asked with a much larger difference; empty if none."""
    years = [
        (o.year, o) for o in found
        if (o.measure, o.of, o.scenario, o.baseline) == (d.measure, d.of, d.scenario, d.baseline)
        and o.year is not None
    ]  # fmt: skip
    asked = max((year for year, o in years if o.quantiles == d.quantiles), default=0)
    before = [o for year, o in years if year <= asked]
    most = max(before, key=lambda o: abs(_spread(o)[1]), default=d)
    low, middle, high = _spread(most)
    if abs(middle) < MUCH_LARGER * max(abs(_spread(d)[1]), MIN_DIFFERENCE):
        return ""
    return f"It is largest in {most.year}: {spoken(low, middle, high)} million USD. "


def _spread(d: Difference) -> tuple[float, float, float]:
    """5 %, 50 % and 95 % of the differences."""
    low, middle, high = (d.quantiles[q] for q in (0, 2, 4))
    return low, middle, high


def _panels(
    plan: Plan, store: PartStore, target: str, baselines: Sequence[int]
) -> list[ScenarioPanel]:
    made = []
    for case in range(plan.n_cases):
        rows = case_rows(plan, store, case)
        years = years_of(plan.base, plan.base.targets[target])
        quantiles = None
        if finished(rows).any():
            trade = case_trade(rows, plan.base, target)
            (crossing,) = crossings_of(plan, target, [trade], [case])
            quantiles = np.stack(
                [
                    crossing.pairs.quantiles(
                        crossing.trade(trade.flows, years.window.year(number)), QUANTILES
                    )
                    for number in range(years.window.n_years)
                ],
                axis=1,
            )
        made.append(
            ScenarioPanel(
                label=plan.case(case).label,
                years=years.numbers,
                trade_musd=quantiles,
                is_baseline=case in baselines,
            )
        )
    return made


def _table(plan: Plan, found: Sequence[Difference]) -> StudyTable:
    quantiles = tuple(f"difference_q{100 * q:02.0f}" for q in QUANTILES)
    world = plan.world_of(plan.base)
    names = dict(zip(world.regions, world.region_names, strict=True))
    flows = {d.of: d.of.split(">") for d in found if ">" in d.of}
    of = {**names, **{flow: f"{names[a]} to {names[b]}" for flow, (a, b) in flows.items()},
          **target_words(plan)}  # fmt: skip
    return StudyTable(
        name="differences",
        title="Every measure and year",
        caption="Medians of both sides (of the target: chances), and what differs within a future "
        "or a run. Where no year stands, it is that of the target, for States and the trade "
        "between them that of the first target.",
        columns=("scenario", "baseline", "measure", "of", "year", "unit",
                 "before", "before_low", "before_high", "after", "after_low", "after_high",
                 *quantiles, "mean", "mean_low", "mean_high", "n_pairs"),
        rows=tuple(_row(d) for d in found),
        n_words=6,
        n_groups=2,
        on_page=("measure", "of", "year", "before", "after", quantiles[MIDDLE]),
        titles={quantiles[MIDDLE]: "difference"},
        instead={quantiles[MIDDLE]: "mean"},
        words={("of", name): words for name, words in of.items()},
    )  # fmt: skip


def _row(d: Difference) -> tuple[Cell, ...]:
    """A line of the table."""
    return (
        *(d.scenario, d.baseline, d.measure, d.of, "" if d.year is None else str(d.year), d.unit),
        *(d.before, *d.before_interval, d.after, *d.after_interval),
        *(*d.quantiles, d.mean, *d.mean_interval, d.n_pairs),
    )
