"""Figure of a comparison: small multiples of trade over the years, the baseline behind each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import listed, musd
from sim.report.page.style import (
    BLUE,
    GREY,
    INK,
    PLAIN,
    SMALL,
    VERMILION,
    full_width_in,
    is_narrow,
    sheet,
    thousands,
    year_ticks,
)
from sim.study.conditioning.crossed_paths import QUANTILES

LOW, MIDDLE, HIGH = 0, 2, 4
ACROSS, PANEL_IN, GAP_IN, LEFT_IN = 3, 1.7, 0.62, 0.6
BAND = "#CFE3F0"


@dataclass(frozen=True)
class ScenarioPanel:
    """Trade of one scenario."""

    label: str
    years: tuple[int, ...]
    trade_musd: FloatArray | None
    """(n_quantiles, n_years); None if no run finished."""
    is_baseline: bool


@reflowed
def multiples(
    target: str, goal: str, target_musd: float, panels: Sequence[ScenarioPanel], stamp: str
) -> Drawing:
    """A panel a scenario, all with the same axes; `goal` is the target in words."""
    n_across = min(ACROSS - is_narrow(), len(panels))
    n_down = -(-len(panels) // n_across)
    title = f"Trade towards {goal}, side by side"
    page = sheet(
        title,
        "Million USD a year. Blue: median and 5–95 % of the futures; grey dashes: the median of "
        "the first baseline; orange: the target.",
        stamp,
        n_down * (PANEL_IN + GAP_IN),
    )
    baseline = next(panel for panel in panels if panel.is_baseline)
    tops = [float(p.trade_musd[HIGH].max()) for p in panels if p.trade_musd is not None]
    medians = [float(p.trade_musd[MIDDLE].max()) for p in panels if p.trade_musd is not None]
    top = min(max(tops, default=1.0), 1.7 * max([target_musd, *medians]))
    width = (full_width_in() - LEFT_IN - 0.2 - 0.25 * (n_across - 1)) / n_across
    for k, panel in enumerate(panels):
        row, column = divmod(k, n_across)
        left = LEFT_IN + column * (width + 0.25)
        axes = page.axes(
            left,
            full_width_in() - left - width,
            above_in=row * (PANEL_IN + GAP_IN) + 0.25,
            below_in=(n_down - 1 - row) * (PANEL_IN + GAP_IN) + 0.3,
        )
        _draw(axes, panel, baseline, target_musd)
        axes.set_ylim(0.0, 1.05 * top)
        if column:
            axes.set_yticklabels([])
    return Drawing(
        name=f"multiples-{target}",
        title=title,
        alt=f"Median trade in the last year shown: {listed(_ends(panels))} million USD, against a "
        f"target of {musd(target_musd)}.",
        caption="All scenarios have the same runs. Bands above the axis are cut off.",
        figure=page.figure,
        columns=("scenario", "year", *(f"q{100 * q:02.0f}" for q in QUANTILES)),
        rows=tuple(
            (panel.label, year, *map(float, panel.trade_musd[:, k]))
            for panel in panels
            if panel.trade_musd is not None
            for k, year in enumerate(panel.years)
        ),
        unit="million USD/yr",
    )


def _ends(panels: Sequence[ScenarioPanel]) -> list[str]:
    return [
        f"{p.label} {musd(float(p.trade_musd[MIDDLE, -1]))}"
        for p in panels
        if p.trade_musd is not None
    ]


def _draw(axes: Axes, panel: ScenarioPanel, baseline: ScenarioPanel, target_musd: float) -> None:
    years = np.array(panel.years) + 0.5
    if panel.trade_musd is not None:
        low, middle, high = (panel.trade_musd[q] for q in (LOW, MIDDLE, HIGH))
        axes.fill_between(years, low, high, color=BAND, linewidth=0)
        axes.plot(years, middle, color=BLUE)
    if not panel.is_baseline and baseline.trade_musd is not None:
        axes.plot(
            np.array(baseline.years) + 0.5, baseline.trade_musd[MIDDLE], color=GREY,
            linestyle=(0, (3, 2)), linewidth=1.2,
        )  # fmt: skip
    axes.axhline(target_musd, color=VERMILION, linewidth=1.2)
    is_told = panel.is_baseline and "baseline" not in panel.label
    label = f"{panel.label} (baseline)" if is_told else panel.label
    axes.set_title(label[:34], size=PLAIN if len(label) < 26 else SMALL, color=INK, loc="left",
                   parse_math=False)  # fmt: skip
    axes.grid(axis="y")
    axes.spines["left"].set_visible(False)
    year_ticks(axes, float(years[0]) - 0.5, float(years[-1]) + 0.5, n_most=5)
    thousands(axes)
