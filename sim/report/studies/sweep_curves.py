"""Figure of a sweep along single paths: trade and chance of the target against each swept value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import listed, musd
from sim.report.page.style import BLUE, GREY, SMALL, VERMILION, Sheet, sheet, thousands
from sim.report.summary.asked_words import scale_of, short_number, title_of, unit_of_level
from sim.scenario.lever_titles import LeverTitle
from sim.scenario.variation import Value
from sim.study.jobs.asked_columns import AskedMeasure
from sim.study.sweep import PointSummary, value_text

STEP_IN, LEFT_IN = 1.9 + 0.55, 0.75
MAX_BARS = 80
"""Points whose bars can be told apart in a panel; of more, neighbours are averaged."""
N_GROUPS = 20
"""Groups of neighbouring points, as many points in each."""


@dataclass(frozen=True)
class Curve:
    """Points of a sweep along one path."""

    path: str
    title: LeverTitle
    points: tuple[tuple[Value, PointSummary], ...]

    @property
    def is_of_numbers(self) -> bool:
        """True if all values are numbers."""
        values = [value for value, _ in self.points]
        return all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)

    @property
    def is_grouped(self) -> bool:
        """True if there are too many points for bars, and their neighbours can be told."""
        return len(self.points) > MAX_BARS and self.is_of_numbers


@reflowed
def curves(
    target: str, target_musd: float, panels: Sequence[Curve], stamp: str, goal: str = "the target"
) -> Drawing:
    """One panel a path: median trade of every point, with the middle half of its runs.

    `goal` is the target in words.
    """
    title = f"Median trade against {goal}, along what was swept"
    page = sheet(
        title,
        "Orange line: the target. Dot: median run of a point, million USD in the target's year; "
        f"{_spread_in_words(panels)}",
        stamp,
        STEP_IN * len(panels),
    )
    for k, panel in enumerate(panels):
        quantiles = np.array([s.trade_musd for _, s in panel.points])
        _draw(_axes(page, k, len(panels)), panel, quantiles, target_musd)
    rows: list[tuple[Cell, ...]] = [
        (panel.path, value_text(value), s.case, s.reached_share, *s.trade_musd)
        for panel in panels
        for value, s in panel.points
    ]
    best = max((s for _, s in panels[0].points), key=lambda s: s.trade_musd[2])
    return Drawing(
        name=f"curves-{target}",
        title=title,
        alt=(
            f"Median trade of every point along {_along(panels)}; the most is "
            f"{musd(best.trade_musd[2])} million USD against a target of {musd(target_musd)}."
        ),
        caption="Every point has the same runs.",
        figure=page.figure,
        columns=("path", "value", "case", "reached_share", "q05", "q25", "q50", "q75", "q95"),
        rows=tuple(rows),
        unit="million USD/yr",
        words={panel.path: panel.title.written for panel in panels},
    )


def _spread_in_words(panels: Sequence[Curve]) -> str:
    """Marks beside the dots, those of panels with bars first."""
    words = {
        False: "bar: half of its runs. Points that differ in the other levers stand side by side.",
        True: "line, band: median and middle half of the runs, averaged over neighbouring points.",
    }
    kinds = {panel.is_grouped for panel in panels}
    return " ".join(words[is_grouped] for is_grouped in sorted(kinds))


def _along(panels: Sequence[Curve]) -> str:
    """Levers that were swept, inside a sentence."""
    return listed([panel.title.inside for panel in panels])


@reflowed
def asked_curves(measure: AskedMeasure, panels: Sequence[Curve], stamp: str) -> Drawing:
    """One panel a path: median of a measure that is not trade, with the middle half of its runs."""
    title = f"{title_of(measure)}, along what was swept"
    unit, times = unit_of_level(measure), scale_of(measure)
    page = sheet(
        title,
        f"Dot: median run of a point, {unit}; {_spread_in_words(panels)}",
        stamp,
        STEP_IN * len(panels),
    )
    rows: list[tuple[Cell, ...]] = []
    for k, panel in enumerate(panels):
        nothing = (np.nan,) * 5
        spreads = [
            s.asked[measure.column].quantiles if measure.column in s.asked else nothing
            for _, s in panel.points
        ]
        _draw(_axes(page, k, len(panels)), panel, times * np.array(spreads), None)
        rows += [
            (panel.path, value_text(value), s.case, *quantiles)
            for (value, s), quantiles in zip(panel.points, spreads, strict=True)
        ]
    medians = [float(row[-3]) * times for row in rows if np.isfinite(float(row[-3]))]
    return Drawing(
        name=f"curves-{measure.stem.replace('_', '-')}",
        title=title,
        alt=(
            f"Medians along {_along(panels)} lie between "
            f"{short_number(min(medians))} and {short_number(max(medians))} {unit}."
        ),
        caption="Every point has the same runs.",
        figure=page.figure,
        columns=("path", "value", "case", "q05", "q25", "q50", "q75", "q95"),
        rows=tuple(rows),
        unit=measure.unit,
        words={panel.path: panel.title.written for panel in panels},
    )


def _axes(page: Sheet, k: int, n: int) -> Axes:
    """Axes of one of so many panels below each other."""
    return page.axes(
        LEFT_IN, 0.25, above_in=STEP_IN * k + 0.05, below_in=STEP_IN * (n - 1 - k) + 0.45
    )


def _draw(axes: Axes, panel: Curve, quantiles: FloatArray, target: float | None) -> None:
    """Medians and middle halves of the points of a path, with a line for a target if there is one.

    Parameters
    ----------
    quantiles : (n_points, 5) ndarray
        Of each point, in the unit of the axis.
    target : float, optional
        In the same unit.
    """
    values = [value for value, _ in panel.points]
    is_number = panel.is_of_numbers
    title = panel.title
    kinds = list(dict.fromkeys(title.value(value) for value in values))
    x = np.array(
        [
            title.scale * v
            if isinstance(v, int | float) and is_number
            else kinds.index(title.value(v))
            for v in values
        ],
        dtype=np.float64,
    )
    _, low, middle, high, _ = quantiles.T
    if panel.is_grouped:
        _draw_groups(axes, x, quantiles)
    else:
        axes.vlines(x, low, high, color=BLUE, alpha=0.3, linewidth=3)
        axes.plot(x, middle, linestyle="none", marker="o", color=BLUE, markersize=4)
    top, bottom = max(float(np.nanmax(high)), target or 0.0), min(float(np.nanmin(low)), 0.0)
    if target is not None:
        axes.axhline(target, color=VERMILION, linewidth=1.2)
    elif bottom < 0.0:
        axes.axhline(0.0, color=GREY, linewidth=0.7)
    room = 0.08 * (top - bottom) or 1.0
    axes.set_ylim(bottom - room if bottom < 0.0 else 0.0, top + room)
    axes.grid(axis="y")
    axes.tick_params(length=0)
    thousands(axes)
    label = title.axis if is_number else title.words
    axes.set_xlabel(label, size=SMALL, color=GREY, parse_math=False)
    if not is_number:
        axes.set_xticks(range(len(kinds)), kinds)
        axes.set_xlim(-0.5, len(kinds) - 0.5)


def _draw_groups(axes: Axes, x: FloatArray, quantiles: FloatArray) -> None:
    """Medians of many points, with the mean spread of those beside each other.

    Parameters
    ----------
    x : (n_points,) ndarray
    quantiles : (n_points, 5) ndarray
    """
    order = np.argsort(x, kind="stable")
    groups = np.array_split(order, N_GROUPS)
    at = [float(x[group].mean()) for group in groups]
    _, low, middle, high, _ = np.array([quantiles[group].mean(axis=0) for group in groups]).T
    axes.fill_between(at, low, high, color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(
        x, quantiles[:, 2], linestyle="none", marker="o", color=BLUE, alpha=0.35, markersize=2
    )
    axes.plot(at, middle, color=BLUE, linewidth=1.5)
