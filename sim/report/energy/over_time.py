"""Figures of energy over the years: a panel a carrier, a line a State of the pair."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE, SHOWN_QUANTILES, over_runs
from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import listed, plural, rounded, year_to
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import (
    BLUE,
    GREY,
    INK,
    SMALL,
    VERMILION,
    full_width_in,
    is_narrow,
    label_ends,
    sheet,
    thousands,
    yearly_axes,
)
from sim.report.page.time_axis import year_places
from sim.study.ensemble.findings import Finding

ACROSS, PANEL_IN, TITLE_IN, BELOW_IN = 2, 1.15, 0.36, 0.26
LEFT_IN, LABEL_IN = 0.45, 1.16
NAME_CHARACTERS = 14
BANDS = ("#CFE3F0", "#F6D9C6")
LOOKS = ((BLUE, "-", 2.0), (VERMILION, (0, (4, 1.5)), 1.6))
"""Colour, line and width of either State."""
ROOM = 1.05
BEYOND = 2.5
"""An axis ends at most this many times above the highest median: a band may leave it."""


@dataclass(frozen=True)
class LineSeries:
    """Something about energy over the years, by carrier and State."""

    name: str
    """Stem of the figure's files."""
    column: str
    """Name of the numbers in the data, with their unit."""
    title: str
    reading: str
    caption: str
    values: FloatArray
    """(n_runs, n_years, c, 2), nan where there is none."""
    before: FloatArray
    """(c, 2) in the base year, nan where that says nothing."""
    units: tuple[str, ...]
    """Of each carrier."""
    limit: float | None = None
    """Most that it can be, where there is such a thing: the end of every axis."""


@reflowed
def course_figure(
    inputs: ReportInputs, finding: Finding, course: LineSeries, shown: Sequence[tuple[int, int]]
) -> Drawing:
    """Medians and bands of a course.

    Parameters
    ----------
    inputs, finding
        Whose years and names are used.
    course : LineSeries
    shown : sequence of (carrier, side)
        What is drawn: at least one. The data hold everything that is known.
    """
    carriers = sorted({c for c, _ in shown})
    across = 1 if is_narrow() else ACROSS
    n_down = -(-len(carriers) // across)
    row_in = PANEL_IN + TITLE_IN + BELOW_IN
    page = sheet(course.title, course.reading, inputs.stamp, n_down * row_in)
    spread = over_runs(course.values)
    width = full_width_in() / across
    for k, c in enumerate(carriers):
        row, column = divmod(k, across)
        axes = page.axes(
            column * width + LEFT_IN,
            full_width_in() - (column + 1) * width + LABEL_IN,
            above_in=row * row_in + TITLE_IN,
            below_in=(n_down - 1 - row) * row_in + BELOW_IN,
        )
        heading = inputs.world.energy.carrier_names[c]
        if course.units[c]:
            heading += f", {course.units[c]}"
        axes.set_title(heading, size=SMALL + 1, weight="bold", loc="left", pad=5)
        _draw(axes, finding, inputs, course, spread, [side for own, side in shown if own == c], c)
    return Drawing(
        name=f"{course.name}{inputs.suffix(finding)}",
        title=course.title,
        alt=_alt(inputs, finding, spread, shown, course),
        caption=course.caption,
        figure=page.figure,
        columns=("carrier", "state", "year", "quantile", "unit", course.column),
        rows=_rows(inputs, finding, course, spread),
        answer_periods=tuple(f"{finding.years[k]}{finding.by[4:]}" for k in (0, finding.at)),
    )


def _draw(
    axes: Axes,
    finding: Finding,
    inputs: ReportInputs,
    course: LineSeries,
    spread: FloatArray,
    sides: Sequence[int],
    c: int,
) -> None:
    x = year_places(finding)
    start = float(inputs.world.base_year)
    top = course.limit or _top(spread[:, :, c, sides], course.before[c, sides])
    axes.set_ylim(0.0, ROOM * top)
    axes.set_xlim(min(start, float(x[0])) - 0.3, float(x[-1]))
    labels = []
    for side in sides:
        colour, line, thick = LOOKS[side]
        low, median, high = (spread[q, :, c, side] for q in (LOW, MIDDLE, HIGH))
        axes.fill_between(x, low, high, color=BANDS[side], alpha=0.8, linewidth=0)
        for edge in (low, high):
            axes.plot(x, edge, color=colour, linewidth=0.5, linestyle=line)
        axes.plot(x, median, color=colour, linestyle=line, linewidth=thick)
        if np.isfinite(course.before[c, side]) and start < x[0]:
            axes.plot(
                start, course.before[c, side], color=colour, marker="os"[side], markersize=4,
                clip_on=False,
            )  # fmt: skip
        name = fill(finding.pair_names[side], NAME_CHARACTERS)
        labels.append((float(median[-1]), f"{name} {rounded(float(median[-1]), 2)}", colour))
    axes.axvline(float(x[finding.at]), color=INK, linewidth=0.7, linestyle=":")
    axes.tick_params(axis="y", labelcolor=GREY)
    yearly_axes(axes, float(np.ceil(min(start, x[0]))), float(x[-1]), n_years=5, n_values=4)
    if top >= 1000:
        thousands(axes)
    label_ends(axes, labels, size=SMALL)


def _top(spread: FloatArray, before: FloatArray) -> float:
    """End of an axis: that of the bands, unless they leave the medians far below."""
    middle = float(np.nanmax([*spread[MIDDLE].ravel(), *before]))
    high = float(spread[HIGH].max())
    return max(min(high, BEYOND * middle) if middle > 0 else high, middle, 1e-9)


def _alt(
    inputs: ReportInputs,
    finding: Finding,
    spread: FloatArray,
    shown: Sequence[tuple[int, int]],
    course: LineSeries,
) -> str:
    energy = inputs.world.energy
    parts = [
        f"{energy.carrier_names[c]} in {finding.pair_names[side]} "
        f"{rounded(float(spread[MIDDLE, finding.at, c, side]))} {course.units[c]}".strip()
        for c, side in shown
    ]
    return f"{course.title}, medians of {year_to(finding.by)}: {listed(parts)}."


def _rows(
    inputs: ReportInputs, finding: Finding, course: LineSeries, spread: FloatArray
) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (
            *(carrier, party, f"{year}{finding.by[4:]}", name, course.units[c] or "1"),
            float(spread[q, k, c, side]),
        )
        for c, carrier in enumerate(inputs.world.energy.carriers)
        for side, party in enumerate(finding.pair)
        if np.isfinite(spread[MIDDLE, :, c, side]).all()
        for k, year in enumerate(finding.years)
        for q, name in SHOWN_QUANTILES
    )


def shown_positions(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Positions at which a (c, 2) mask holds: the ones a figure may show."""
    return [(int(c), int(side)) for c, side in np.argwhere(mask)]


def series_legend(inputs: ReportInputs, *more: str) -> str:
    """Legend for the lines and bands of a course."""
    n = plural(int(inputs.asked.sizes["run"]), "run")
    parts = (f"Lines: median of {n}", "bands: 90 %", *more, "dotted: the target's year")
    return "; ".join(parts) + "."
