"""The page of a sweep: every point's chance of the target and its trade."""

from collections.abc import Sequence

from sim.laws.uncertainty.crossing import Estimate
from sim.report.evidence.evidence import basis_sections, overline
from sim.report.page.figure import Cell, Drawing
from sim.report.page.formatting import plural, year_to
from sim.report.page.material import HIGH, LOW, MIDDLE
from sim.report.studies.heatmap import grid_of, shades
from sim.report.studies.study_page import StudyPage, StudyTable, crossed_in_words
from sim.report.studies.sweep_curves import Curve, curves
from sim.scenario.variation import Changes
from sim.store.study_parts import PartStore
from sim.study.ensemble.headline import points_in_words, share_with_error
from sim.study.evidence.crossed import QUANTILES
from sim.study.jobs.plan import Plan
from sim.study.jobs.sureness import difference_of_cases
from sim.study.money_words import money
from sim.study.sweep import PointSummary, best_and_worst, label_of, shown

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
    return StudyPage(
        title=f"Sweep: {scenario.title}",
        question=scenario.question,
        overline=overline(
            plan, "Sweep", f"{plural(len(points), 'point')} × {plural(plan.n_runs, 'run')}"
        ),
        answers=tuple(
            _answer(plan, store, target, [s for s in found if s.target == target], points)
            for target in targets
        ),
        drawings=tuple(
            drawing
            for target in targets
            for drawing in _drawings(
                plan, points, [s for s in found if s.target == target], target, stamp
            )
        ),
        tables=(_table(points, found),),
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
    points: Sequence[Changes],
) -> str:
    asked = plan.base.targets[target]
    fine = [s for s in found if s.n_failed < s.n_runs]
    if not fine:
        return f"{target}: every run failed; outcomes.csv says why."
    best, worst = best_and_worst(fine)
    what = f"the chance of {money(asked.trade_musd)} in {year_to(str(asked.deadline))}"
    if len(found) == 1:
        return f"{target}: {what} is {_in_words(best)}."
    same = (best.reached_share, best.trade_musd) == (worst.reached_share, worst.trade_musd)
    if same:
        return f"{target}: {what} is {_in_words(best)}, at every point alike."
    change = difference_of_cases(plan, store, target, best.case, worst.case)
    told = f" Between the two: {points_in_words(change)}." if change else ""
    return (
        f"{target}: {what} is {_in_words(best)}, at the best point "
        f"({label_of(points[best.case])}), and {_in_words(worst)}, at the worst "
        f"({label_of(points[worst.case])}).{told}"
    )


def _in_words(summary: PointSummary) -> str:
    low, high = summary.reached_interval
    least, median, most = (money(summary.trade_musd[q]) for q in (LOW, MIDDLE, HIGH))
    return (
        f"{share_with_error(Estimate(summary.reached_share, low, high))} with a median of {median} "
        f"(5–95 %: {least} to {most})"
    )


def _drawings(
    plan: Plan, points: Sequence[Changes], found: Sequence[PointSummary], target: str, stamp: str
) -> list[Drawing]:
    paths = list(points[0])
    target_musd = plan.base.targets[target].trade_musd
    if len(paths) == 2 and _is_grid(points):
        laid = [
            ((shown(points[s.case][paths[0]]), shown(points[s.case][paths[1]])),
             s.reached_share, s.trade_musd[2])
            for s in found
        ]  # fmt: skip
        return [shades(grid_of(target, target_musd, laid, (paths[0], paths[1])), stamp)]
    if not paths:
        return []
    panels = [
        Curve(path, tuple((points[s.case][path], s) for s in found)) for path in paths[:MAX_CURVES]
    ]
    return [curves(target, target_musd, panels, stamp)]


def _is_grid(points: Sequence[Changes]) -> bool:
    sizes = [len({shown(point[path]) for point in points}) for path in points[0]]
    return len(points) == sizes[0] * sizes[1] and len(points) > 1


def _table(points: Sequence[Changes], found: Sequence[PointSummary]) -> StudyTable:
    paths = list(points[0])
    quantiles = [f"trade_musd_q{100 * q:02.0f}" for q in QUANTILES]
    rows: list[tuple[Cell, ...]] = [
        (
            s.case,
            s.target,
            *(shown(points[s.case][path]) for path in paths),
            s.n_runs,
            s.n_failed,
            s.reached_share,
            *s.reached_interval,
            *s.trade_musd,
        )
        for s in found
    ]
    return StudyTable(
        name="points",
        title="Every point",
        caption="Chance that the year asked reaches the target, with its 90 % interval of the "
        "simulation, and trade in that year, million USD: median, and 5–95 % of the futures.",
        columns=(
            "case",
            "target",
            *paths,
            "runs",
            "failed",
            "reached_share",
            "reached_low",
            "reached_high",
            *quantiles,
        ),
        rows=tuple(rows),
        n_words=2 + len(paths),
        on_page=(
            *(("target",) if len({s.target for s in found}) > 1 else ()),
            *paths,
            "reached_share",
            quantiles[MIDDLE],
        ),
        titles={quantiles[MIDDLE]: "trade, median", "reached_share": "chance of the target"},
    )
