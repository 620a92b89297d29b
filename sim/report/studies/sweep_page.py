"""The page of a sweep: every point's chance of the target and its trade."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import numpy as np

from sim.laws.numerics.number_format import money
from sim.laws.uncertainty.crossing import Estimate
from sim.report.evidence.study_basis import basis_sections, overline
from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE
from sim.report.page.figure import Cell, Drawing
from sim.report.page.formatting import listed, plural
from sim.report.studies.heatmap import grid_of, shades, shades_of
from sim.report.studies.study_page import StudyPage, StudyTable, crossed_in_words
from sim.report.studies.sweep_curves import Curve, asked_curves, curves
from sim.report.summary.asked_words import (
    SHORT,
    difference_in_words,
    in_words,
    is_nothing,
    spread_in_words,
    title_of,
    unit_of_level,
)
from sim.scenario.lever_titles import LeverTitle, point_in_words
from sim.scenario.variation import Changes
from sim.store.study_parts import PartStore
from sim.study.conditioning.crossed_paths import QUANTILES
from sim.study.ensemble.headline import points_in_words, share_with_error
from sim.study.jobs.asked_columns import (
    AskedMeasure,
    PairedDifference,
    Spread,
    candidate_measures,
    leading_measures,
    paired_difference,
)
from sim.study.jobs.cases import finished_runs
from sim.study.jobs.lever_words import lever_words, target_words
from sim.study.jobs.plan import Plan, case_rows
from sim.study.jobs.study_precision import difference_of_cases
from sim.study.sweep import PointSummary, best_and_worst, value_text

MAX_CURVES = 6


def sweep_page(
    plan: Plan,
    store: PartStore,
    points: Sequence[Changes],
    found: Sequence[PointSummary],
    stamp: str,
) -> StudyPage:
    """Page of a sweep.

    Parameters
    ----------
    plan, store
        Study and its finished parts.
    points : sequence of mapping
        Changes by case.
    found : sequence of PointSummary
        From `sim.study.sweep.summaries`.
    stamp : str
        Ledgers and runs, for the foot of figures.
    """
    scenario = plan.base
    targets = list(scenario.targets)
    by_target: dict[str, list[PointSummary]] = {target: [] for target in targets}
    for summary in found:
        by_target[summary.target].append(summary)
    own = by_target[targets[0]]
    groups = candidate_measures(scenario, plan.world_of(scenario))
    asked = leading_measures(groups, [s.asked for s in own])
    titles = lever_words(plan, [*points[0]])
    named = [point_in_words(point, titles) for point in points]
    return StudyPage(
        title=f"Sweep: {scenario.title}",
        question=scenario.question,
        overline=overline(
            plan, "Sweep", f"{plural(len(points), 'point')} × {plural(plan.n_runs, 'run')}"
        ),
        answers=(
            *_asked_answers(plan, store, asked, own, named),
            *(_answer(plan, store, target, by_target[target], named) for target in targets),
        ),
        drawings=(
            *_asked_drawings(asked, points, own, titles, stamp),
            *chain.from_iterable(
                _drawings(plan, points, by_target[target], titles, stamp) for target in targets
            ),
        ),
        tables=(_table(plan, points, found, asked, titles),),
        notes=(
            "Every point is simulated with the same numbered runs, so that the difference of two "
            "points is what was changed and not luck.",
            "The interval of a chance is that of the simulation (90 %); it says nothing of what "
            "the model leaves out.",
            "A run that failed stays in outcomes.parquet with its reason; chances and quantiles "
            "are of the runs that finished.",
            *crossed_in_words(plan),
        ),
        basis=basis_sections(plan),
    )


def _answer(
    plan: Plan,
    store: PartStore,
    target: str,
    found: Sequence[PointSummary],
    named: Sequence[str],
) -> str:
    goal = target_words(plan)[target]
    fine = [s for s in found if s.n_failed < s.n_runs]
    if not fine:
        return f"Of {goal} nothing is known: every run failed; outcomes.csv says why."
    best, worst = best_and_worst(fine)
    what = f"The chance of {goal}"
    if len(found) == 1:
        return f"{what} is {_in_words(best)}."
    same = (best.reached_share, best.trade_musd) == (worst.reached_share, worst.trade_musd)
    if same:
        return f"{what} is {_in_words(best)}, at every point alike."
    change = difference_of_cases(plan, store, target, best.case, worst.case)
    told = f" Between the two: {points_in_words(change)}." if change else ""
    return (
        f"{what} is {_in_words(best)}, at the best point ({named[best.case]}). At the worst "
        f"({named[worst.case]}) it is {_in_words(worst)}.{told}"
    )


def _asked_answers(
    plan: Plan,
    store: PartStore,
    asked: Sequence[AskedMeasure],
    found: Sequence[PointSummary],
    named: Sequence[str],
) -> Iterator[str]:
    """Answer to a question that is not about trade: its best and its worst point."""
    known = [s for s in found if asked and asked[0].column in s.asked]
    if not known:
        return
    lead = asked[0]
    medians = [s.asked[lead.column].median.value for s in known]
    if is_nothing(lead, medians):
        yield "No shortage of energy in the median simulation of any point."
        return
    best, worst = (known[k] for k in best_and_worst_places(medians, lead.wants))
    words = spread_in_words(lead, best.asked[lead.column])
    if best.case == worst.case:
        yield f"{title_of(lead)}: {words}{_others(asked, best)}, at every point alike."
        return
    difference = _between(plan, store, lead, best, worst)
    apart = difference_in_words(lead, difference)
    if not difference.is_measurable:
        yield (
            f"{title_of(lead)}: {words}{_others(asked, best)}. No point can be told from another: "
            f"between {named[best.case]} and {named[worst.case]}, {apart}."
        )
        return
    yield (
        f"{title_of(lead)}: {words} at the best point ({named[best.case]})"
        f"{_others(asked, best)}; {spread_in_words(lead, worst.asked[lead.column])} at the worst "
        f"({named[worst.case]}){_others(asked, worst)}."
    )
    yield f"Between the two: {apart}."


def best_and_worst_places(medians: Sequence[float], wants: int) -> tuple[int, int]:
    """Places of the best and of the worst median; the first of equal ones, twice if all are equal.

    Examples
    --------
    >>> best_and_worst_places([3.0, 1.0, 2.0], -1), best_and_worst_places([2.0, 2.0], 1)
    ((1, 0), (0, 0))
    """
    worth = [wants * median for median in medians]
    return worth.index(max(worth)), worth.index(min(worth))


def _between(
    plan: Plan, store: PartStore, lead: AskedMeasure, best: PointSummary, worst: PointSummary
) -> PairedDifference:
    """Difference of the best point from the worst in the same runs."""
    rows = [case_rows(plan, store, one.case) for one in (best, worst)]
    fine = finished_runs(rows[0]) & finished_runs(rows[1])
    return paired_difference(*(lead.values(each, fine) for each in rows))


def _others(asked: Sequence[AskedMeasure], point: PointSummary) -> str:
    """Medians of the measures beside the leading one."""
    words = [
        f"{SHORT[m.stem]} {in_words(m, point.asked[m.column].median)}"
        for m in asked[1:]
        if m.column in point.asked
    ]
    return f", {listed(words)}" if words else ""


def _asked_drawings(
    asked: Sequence[AskedMeasure],
    points: Sequence[Changes],
    found: Sequence[PointSummary],
    titles: Mapping[str, LeverTitle],
    stamp: str,
) -> list[Drawing]:
    """Figure of the leading measure over the points."""
    if not asked or not titles:
        return []
    lead = asked[0]
    if len(titles) == 2 and _is_grid(points):
        medians = (s.asked[lead.column].median.value if lead.column in s.asked else np.nan
                   for s in found)  # fmt: skip
        laid = [(points[s.case], np.nan, m) for s, m in zip(found, medians, strict=True)]
        return [shades_of(lead, grid_of("", np.nan, laid, titles), stamp)]
    return [asked_curves(lead, _panels(points, found, titles), stamp)]


def _panels(
    points: Sequence[Changes], found: Sequence[PointSummary], titles: Mapping[str, LeverTitle]
) -> list[Curve]:

    def curve(path: str) -> Curve:
        return Curve(path, titles[path], tuple((points[s.case][path], s) for s in found))

    return [curve(path) for path in [*titles][:MAX_CURVES]]


def _in_words(summary: PointSummary) -> str:
    low, high = summary.reached_interval
    least, median, most = (money(summary.trade_musd[q]) for q in (LOW, MIDDLE, HIGH))
    return (
        f"{share_with_error(Estimate(summary.reached_share, low, high))} with a median of {median} "
        f"(5–95 %: {least} to {most})"
    )


def _drawings(
    plan: Plan,
    points: Sequence[Changes],
    found: Sequence[PointSummary],
    titles: Mapping[str, LeverTitle],
    stamp: str,
) -> list[Drawing]:
    """Figure of the chance and of trade over the points, for one target."""
    if not titles:
        return []
    target = found[0].target
    target_musd, goal = plan.base.targets[target].trade_musd, target_words(plan)[target]
    if len(titles) == 2 and _is_grid(points):
        laid = [(points[s.case], s.reached_share, s.trade_musd[2]) for s in found]
        return [shades(grid_of(target, target_musd, laid, titles), stamp, goal)]
    return [curves(target, target_musd, _panels(points, found, titles), stamp, goal)]


def _is_grid(points: Sequence[Changes]) -> bool:
    def n_values(path: str) -> int:
        return len({value_text(point[path]) for point in points})

    down, across, *_ = map(n_values, points[0])
    return len(points) == down * across and len(points) > 1


def _words_in_tables(
    plan: Plan, points: Sequence[Changes], titles: Mapping[str, LeverTitle]
) -> dict[str | tuple[str, str], str]:
    """Targets and swept values as tables show them."""
    return {
        **{("target", name): words for name, words in target_words(plan).items()},
        **{
            (path, value_text(point[path])): title.value(point[path])
            for path, title in titles.items()
            for point in points
        },
    }


def _rows(
    points: Sequence[Changes], found: Sequence[PointSummary], asked: Sequence[AskedMeasure]
) -> Iterator[tuple[Cell, ...]]:
    """Lines of the table, one for each point and target."""
    unknown = Spread((np.nan,) * len(QUANTILES), Estimate(np.nan, np.nan, np.nan))
    for s in found:
        yield (
            s.case,
            s.target,
            *map(value_text, points[s.case].values()),
            s.n_runs,
            s.n_failed,
            *(q for m in asked for q in s.asked.get(m.column, unknown).quantiles),
            s.reached_share,
            *s.reached_interval,
            *s.trade_musd,
        )


def _quantile_names(stem: str) -> list[str]:
    return [f"{stem}_q{100 * q:02.0f}" for q in QUANTILES]


def _table(
    plan: Plan,
    points: Sequence[Changes],
    found: Sequence[PointSummary],
    asked: Sequence[AskedMeasure],
    titles: Mapping[str, LeverTitle],
) -> StudyTable:
    paths = list(titles)
    quantiles = _quantile_names("trade_musd")
    others = [_quantile_names(measure.stem) for measure in asked]
    return StudyTable(
        name="points",
        title="Every point",
        caption="Chance that the year asked reaches the target, with its 90 % interval of the "
        "simulation, and trade in that year, million USD: median, and 5–95 % of the futures"
        + ("; what was asked: median, and 5–95 % of the simulations." if asked else "."),
        columns=(
            *("case", "target", *paths, "runs", "failed"),
            *(name for each in others for name in each),
            *("reached_share", "reached_low", "reached_high", *quantiles),
        ),
        rows=tuple(_rows(points, found, asked)),
        n_words=2 + len(paths),
        on_page=(
            *(("target",) if len({s.target for s in found}) > 1 else ()),
            *paths,
            *(each[MIDDLE] for each in others),
            "reached_share",
            quantiles[MIDDLE],
        ),
        unit=next((m.unit for m in asked if m.stem == "unserved_volume"), ""),
        words=_words_in_tables(plan, points, titles),
        titles={
            **{path: title.words for path, title in titles.items()},
            quantiles[MIDDLE]: "trade, median",
            "reached_share": "chance of the target",
            **{
                each[MIDDLE]: f"{title_of(m)}, {unit_of_level(m)}"
                for m, each in zip(asked, others, strict=True)
            },
        },
    )
