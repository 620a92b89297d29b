"""Figure of a sweep along single paths: trade and chance of the target against each swept value."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import musd
from sim.report.page.style import BLUE, GREY, SMALL, VERMILION, sheet, thousands
from sim.scenario.variation import Value
from sim.study.sweep import PointSummary, shown

PANEL_IN, LEFT_IN = 1.9, 0.75


@dataclass(frozen=True)
class Curve:
    """Points of a sweep along one path."""

    path: str
    points: tuple[tuple[Value, PointSummary], ...]


@reflowed
def curves(target: str, target_musd: float, panels: Sequence[Curve], stamp: str) -> Drawing:
    """One panel a path: median trade of every point, with the middle half of its runs."""
    title = f"{target} along what was swept"
    page = sheet(
        title,
        "Dot: median run of a point, million USD in the target's year; bar: half of its runs. "
        "Orange line: the target. Points that differ in other paths stand side by side.",
        stamp,
        (PANEL_IN + 0.55) * len(panels),
    )
    step = (PANEL_IN + 0.55) * np.arange(len(panels))
    for k, panel in enumerate(panels):
        above = float(step[k])
        below = float((PANEL_IN + 0.55) * (len(panels) - 1 - k)) + 0.45
        axes = page.axes(LEFT_IN, 0.25, above_in=above + 0.05, below_in=below)
        _draw(axes, panel, target_musd)
    rows: list[tuple[Cell, ...]] = [
        (panel.path, shown(value), s.case, s.reached_share, *s.trade_musd)
        for panel in panels
        for value, s in panel.points
    ]
    best = max((s for _, s in panels[0].points), key=lambda s: s.trade_musd[2])
    return Drawing(
        name=f"curves-{target}",
        title=title,
        alt=(
            f"Median trade of every point along {', '.join(p.path for p in panels)}; the most is "
            f"{musd(best.trade_musd[2])} million USD against a target of {musd(target_musd)}."
        ),
        caption="Every point has the same runs.",
        figure=page.figure,
        columns=("path", "value", "case", "reached_share", "q05", "q25", "q50", "q75", "q95"),
        rows=tuple(rows),
        unit="million USD/yr",
    )


def _draw(axes: Axes, panel: Curve, target_musd: float) -> None:
    values = [value for value, _ in panel.points]
    is_number = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    kinds = list(dict.fromkeys(shown(value) for value in values))
    x = np.array(
        [
            float(v) if isinstance(v, int | float) and is_number else kinds.index(shown(v))
            for v in values
        ],
        dtype=np.float64,
    )
    _, low, middle, high, _ = np.array([s.trade_musd for _, s in panel.points]).T
    axes.vlines(x, low, high, color=BLUE, alpha=0.3, linewidth=3)
    axes.plot(x, middle, linestyle="none", marker="o", color=BLUE, markersize=4)
    axes.axhline(target_musd, color=VERMILION, linewidth=1.2)
    axes.set_ylim(0.0, 1.08 * max(float(np.nanmax(high)), target_musd))
    axes.grid(axis="y")
    axes.tick_params(length=0)
    thousands(axes)
    axes.set_xlabel(panel.path, size=SMALL, color=GREY)
    if not is_number:
        axes.set_xticks(range(len(kinds)), kinds)
        axes.set_xlim(-0.5, len(kinds) - 0.5)
