"""Figure of a hindcast: the fan of each past flow and what was recorded in it."""

from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from sim.report.page.figure import Cell, Drawing
from sim.report.page.formatting import plural
from sim.report.page.style import BLUE, GREY, INK, MARKERS, SKY, SMALL, VERMILION, WIDTH_IN, sheet
from sim.study.hindcasts.hindcast import GDP, MODEL, Forecast, Hindcast

COLUMNS = 3
MAX_PANELS = 24
"""Flows drawn; a table may have thousands."""
PANEL_IN, TITLE_IN, GAP_IN, SIDE_IN = 1.25, 0.36, 0.42, 0.55
BANDS = ((0.05, 0.95, "#CFE3F0"), (0.1, 0.9, "#A9CFE6"), (0.25, 0.75, SKY))
LONGEST_TITLE = 34


def past_fans(study: Hindcast) -> Drawing:
    """Small multiples of fans, log scale, one panel a flow."""
    flows = [list(group) for _, group in groupby(study.forecasts, key=lambda f: id(f.flow))]
    shown = flows[:MAX_PANELS]
    n_rows = -(-len(shown) // COLUMNS)
    n_more = len(flows) - len(shown)
    title = "What past trade would have been forecast, and what was recorded"
    page = sheet(
        title,
        "Million USD a year, log scale. Bands: the middle 50, 80 and 90 % of the "
        "simulations; line: median; dashed: partners' GDP alone; dots: recorded, "
        "filled where inside the 90 % band.",
        f"{plural(study.n_runs, 'run')}, seed {study.seed}. Every fan starts from what was "
        "recorded in its base year; partners' GDP is taken as it came about."
        + (f" {plural(n_more, 'more flow')} in the table." if n_more else ""),
        n_rows * (PANEL_IN + TITLE_IN + GAP_IN),
    )
    width = (WIDTH_IN - COLUMNS * SIDE_IN - 0.1) / COLUMNS
    for k, forecasts in enumerate(shown):
        row, column = divmod(k, COLUMNS)
        below = page.bottom_in + (n_rows - 1 - row) * (PANEL_IN + TITLE_IN + GAP_IN) + GAP_IN
        left = SIDE_IN + column * (width + SIDE_IN)
        box = (left / WIDTH_IN, below / page.height_in, width / WIDTH_IN)
        _panel(page.figure.add_axes((*box, PANEL_IN / page.height_in)), forecasts)
    return Drawing(
        name="hindcast",
        title=title,
        alt=_alt(study),
        caption="A fan is honest if half of the dots lie in the dark band and nine of ten in all.",
        figure=page.figure,
        columns=("flow", "year", "recorded_musd", "q05", "q10", "q25", "q50", "q75", "q90", "q95"),
        rows=_rows(study),
    )


def _panel(axes: Axes, forecasts: list[Forecast]) -> None:
    flow = forecasts[0].flow
    start = flow.trade_musd[flow.base_year]
    years = [flow.base_year, *(f.year for f in forecasts)]

    def course(share: float, method: str = MODEL) -> list[float]:
        return [start, *(f.quantile_musd(share, method) for f in forecasts)]

    for low, high, colour in BANDS:
        axes.fill_between(years, course(low), course(high), color=colour, linewidth=0)
    axes.plot(years, course(0.5), color=BLUE, linewidth=1.6)
    axes.plot(years, course(0.5, GDP), color=INK, linewidth=0.9, linestyle=(0, (4, 2)))
    axes.plot([flow.base_year], [start], marker="o", color=INK, markersize=3)
    for f in forecasts:
        inside = f.quantile_musd(0.05) <= f.recorded_musd <= f.quantile_musd(0.95)
        axes.plot([f.year], [f.recorded_musd], marker=MARKERS[0], markersize=4.5, color=VERMILION,
                  markerfacecolor=VERMILION if inside else "white", clip_on=False)  # fmt: skip
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.grid(axis="y")
    axes.set_xlim(years[0] - 0.3, years[-1] + 0.3)
    marks = (years[0], years[-1])
    axes.set_xticks(marks, [str(year) for year in marks])
    axes.tick_params(length=0, labelsize=SMALL - 1)
    name = flow.name if len(flow.name) <= LONGEST_TITLE else f"{flow.name[: LONGEST_TITLE - 1]}…"
    terms = "" if flow.terms.kind == "none" else flow.terms.kind
    axes.set_title(f"{name}\n", size=SMALL, loc="left", color=INK, parse_math=False, pad=1)
    axes.text(0.0, 1.03, terms, transform=axes.transAxes, size=SMALL - 1, color=GREY,
              parse_math=False)  # fmt: skip


def _rows(study: Hindcast) -> tuple[tuple[Cell, ...], ...]:
    points = study.quantiles_musd((0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95))
    return tuple(
        (f.flow.name, f.year, f.recorded_musd, *map(float, of_forecast))
        for f, of_forecast in zip(study.forecasts, points, strict=True)
    )


def _alt(study: Hindcast) -> str:
    low, high = study.quantiles_musd((0.05, 0.95)).T
    recorded = np.array([f.recorded_musd for f in study.forecasts])
    inside = np.mean((low <= recorded) & (recorded <= high))
    return (
        f"Fans of {plural(len(study.forecasts), 'forecast')} of past trade; {100 * inside:.0f} % "
        "of what was recorded lies inside the 90 % band."
    )
