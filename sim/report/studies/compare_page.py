"""The page of a comparison: paired differences, by measure and year."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sim.laws.numerics.number_format import money
from sim.laws.uncertainty.crossing import Estimate
from sim.report.evidence.study_basis import basis_sections, overline
from sim.report.page.amounts_over_runs import MIDDLE
from sim.report.page.figure import Cell, Drawing
from sim.report.page.formatting import (
    change_with_interval,
    listed,
    money_within,
    plural,
    year_to,
)
from sim.report.studies.small_multiples import ScenarioPanel, multiples
from sim.report.studies.study_page import StudyPage, StudyTable, crossed_in_words, too_few
from sim.report.summary.asked_bars import asked_bars
from sim.report.summary.asked_words import SHORT, difference_in_words, in_words
from sim.store.study_parts import PartStore
from sim.study.compare import Difference, differences
from sim.study.conditioning.crossed_paths import QUANTILES
from sim.study.ensemble.asked_answer import income_of_goods, measure_asked
from sim.study.ensemble.headline import points_in_words, share_in_words
from sim.study.jobs.asked_columns import (
    AskedMeasure,
    Groups,
    PairedDifference,
    candidate_measures,
    spreads_of,
)
from sim.study.jobs.case_columns import years_of
from sim.study.jobs.cases import case_trade, crossings_of, finished_runs
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
        drawings=(*_asked_drawings(plan, store, found, labels, baselines, stamp), *(
            multiples(target, goals[target], plan.base.targets[target].trade_musd,
                      _panels(plan, store, target, baselines), stamp)
            for target in targets
        )),
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


OF_THE_WORST_YEAR = ("unserved_share", "unserved", "price_rise")
MIN_DIFFERENCE = 1e-3
"""Difference of trade below which there is none worth a number [musd/year]."""
MUCH_LARGER = 2.0
"""Times the difference of the year asked from which that of another year is told too [1]."""


def _groups(plan: Plan) -> Groups:
    """Measures that may answer what one of the scenarios asks; none if all ask about trade."""
    scenarios = [case.scenario for case in _cases(plan) if case.scenario is not None]
    asking = next((each for each in scenarios if measure_asked(each) != "trade"), None)
    if asking is None:
        return ()
    question = plan.base.model_copy(update={"asks": measure_asked(asking)})
    return candidate_measures(question, plan.world_of(plan.base))


def _asked_drawings(
    plan: Plan,
    store: PartStore,
    found: Sequence[Difference],
    labels: Sequence[str],
    baselines: Sequence[int],
    stamp: str,
) -> Iterator[Drawing]:
    """Figure of the measure that is asked about, where it tells scenarios apart most."""
    own: dict[str, tuple[float, float]] = {}
    for d in found:
        column = f"{d.measure}|{d.of}"
        own[column] = max(own.get(column, (0.0, 0.0)), _largest(d))
    known = [group for group in _groups(plan) if group[0].column in own]
    if not known:
        return
    lead = max(known, key=lambda group: own[group[0].column])[0]
    spreads = {}
    for case, label in enumerate(labels):
        rows = case_rows(plan, store, case)
        if spread := spreads_of(((lead,),), rows, finished_runs(rows)).get(lead.column):
            spreads[label] = spread
    first = labels[baselines[0]]
    apart = {
        d.scenario: lead.times * d.quantiles[MIDDLE]
        for d in found
        if f"{d.measure}|{d.of}" == lead.column and d.baseline == first
    }
    yield asked_bars(lead, spreads, apart, stamp)


def _asked_answers(plan: Plan, found: Sequence[Difference]) -> Iterator[str]:
    """Answers to a question that is not about trade, one for each scenario compared."""
    groups = _groups(plan)
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
    elif lead.kind == "income":  # the change since the base year is far larger than the rest
        return (
            f"{d.scenario} against {d.baseline}, in the median simulation: real income of "
            f"{lead.place} differs by {difference_in_words(lead, _paired(lead, d))}. Since the "
            f"base year it changes by {after} instead of {before}."
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

    def with_interval(*edges: float) -> str:
        return in_words(measure, Estimate(*(measure.times * x - measure.base for x in edges)))

    return with_interval(d.after, *d.after_interval), with_interval(d.before, *d.before_interval)


def _paired(measure: AskedMeasure, d: Difference) -> PairedDifference:
    """Difference in the measure's unit."""
    quantiles = tuple(measure.times * q for q in d.quantiles)
    return PairedDifference(
        quantiles, Estimate(*(measure.times * edge for edge in (d.mean, *d.mean_interval)))
    )


def _headline(found: Sequence[Difference]) -> list[Difference]:
    return [d for d in found if d.measure == "trade_musd" and d.year is None]


def _answer(goal: str, d: Difference, found: Sequence[Difference]) -> str:
    chance, touched = (_beside(d, found, word)[0] for word in ("reached", "touched"))
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


def _beside(d: Difference, found: Sequence[Difference], measure: str) -> list[Difference]:
    """Differences in a measure between the same two scenarios, of the same target."""
    sides = (d.of, d.scenario, d.baseline)
    return [o for o in found if o.measure == measure and (o.of, o.scenario, o.baseline) == sides]


def _apart(low: float, middle: float, high: float) -> str:
    """Difference of trade within a future, or that there is none."""
    if max(abs(low), abs(high)) < MIN_DIFFERENCE:
        return "no future differs by more than 1,000 USD"
    return f"the difference within a future is {_median_in_words(low, middle, high)}"


def _median_in_words(low: float, middle: float, high: float) -> str:
    """A median difference with the spread of the futures."""
    return change_with_interval(low, middle, high).replace(
        "(", "million USD in the median (5–95 %: "
    )


def _most_in(d: Difference, found: Sequence[Difference]) -> str:
    """Sentence on the year before the one asked with a much larger difference; empty if none."""
    years = [(o.year, o) for o in _beside(d, found, d.measure) if o.year is not None]
    asked = max((year for year, o in years if o.quantiles == d.quantiles), default=0)
    before = [o for year, o in years if year <= asked]
    most = max(before, key=lambda o: abs(_spread(o)[1]), default=d)
    low, middle, high = _spread(most)
    if abs(middle) < MUCH_LARGER * max(abs(_spread(d)[1]), MIN_DIFFERENCE):
        return ""
    return f"It is largest in {most.year}: {_median_in_words(low, middle, high)}. "


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
        if finished_runs(rows).any():
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
        "or a run. Measures other than trade are of the year asked, of the first target where "
        "they belong to none; energy is of its worst year.",
        columns=("scenario", "baseline", "measure", "of", "year", "unit",
                 "before", "before_low", "before_high", "after", "after_low", "after_high",
                 *quantiles, "mean", "mean_low", "mean_high", "n_pairs"),
        rows=tuple(_rows(plan, found)),
        n_words=6,
        n_groups=2,
        on_page=("measure", "of", "year", "before", "after", quantiles[MIDDLE]),
        titles={quantiles[MIDDLE]: "difference"},
        instead={quantiles[MIDDLE]: "mean"},
        words={("of", name): words for name, words in of.items()},
    )  # fmt: skip


def _rows(plan: Plan, found: Sequence[Difference]) -> Iterator[tuple[Cell, ...]]:
    """Lines of the table; trade of the year asked stands among its years and not once more."""
    world, targets = plan.world_of(plan.base), plan.base.targets
    income = dict(zip(world.regions, income_of_goods(plan.base, world).tolist(), strict=True))
    first = next(iter(targets.values()))
    for d in found:
        if d.measure == "trade_musd" and d.year is None:
            continue
        deadline = targets[d.of].deadline if d.of in targets else first.deadline
        asked = "" if d.measure in OF_THE_WORST_YEAR else year_to(str(deadline))
        made = _in_money(d, income[d.of]) if d.measure == "welfare_change" else d
        yield _row(made, str(d.year or asked))


def _in_money(d: Difference, income_musd: float) -> Difference:
    """A relative change of real income as money."""

    def change(level: float) -> float:
        return income_musd * (level - 1.0)

    return replace(
        d, measure="income_change_musd", unit="million USD/yr",
        before=change(d.before), after=change(d.after), mean=income_musd * d.mean,
        before_interval=(change(d.before_interval[0]), change(d.before_interval[1])),
        after_interval=(change(d.after_interval[0]), change(d.after_interval[1])),
        mean_interval=(income_musd * d.mean_interval[0], income_musd * d.mean_interval[1]),
        quantiles=tuple(income_musd * q for q in d.quantiles),
    )  # fmt: skip


def _row(d: Difference, year: str) -> tuple[Cell, ...]:
    """A line of the table."""
    return (
        *(d.scenario, d.baseline, d.measure, d.of, year, d.unit),
        *(d.before, *d.before_interval, d.after, *d.after_interval),
        *(*d.quantiles, d.mean, *d.mean_interval, d.n_pairs),
    )
