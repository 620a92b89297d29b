"""Without agreements: the pair's trade by good over the years, in each direction."""

import numpy as np
from matplotlib.axes import Axes

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts_over_runs import MIDDLE, parts_of_trade
from sim.report.page.blocks import Section
from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import listed, musd, year_to
from sim.report.page.report_inputs import ReportInputs, flows_of_pair
from sim.report.page.style import (
    LINES,
    SERIES,
    full_width_in,
    is_narrow,
    label_ends,
    sheet,
    yearly_axes,
)
from sim.report.page.time_axis import year_places
from sim.study.ensemble.findings import Finding

ENERGY = "energy"


def goods_section(inputs: ReportInputs, finding: Finding) -> Section | None:
    """Trade by good; None with agreements, where what they change is told instead."""
    if inputs.without is not None:
        return None
    return Section("goods", "Trade by good", (trade_by_good(inputs, finding),))


@reflowed
def trade_by_good(inputs: ReportInputs, finding: Finding) -> Drawing:
    """Median trade by good and direction over the finding's years."""
    names = (*inputs.world.good_names, ENERGY)
    values = _medians(inputs, finding)
    a, b = finding.pair_names
    title = f"{a}–{b} trade by good"
    page = sheet(
        title,
        "Million USD a year, median of each good by itself, so that goods need not add up.",
        inputs.stamp,
        6.4 if is_narrow() else 3.2,
    )
    width = full_width_in() - 0.45 if is_narrow() else (full_width_in() - 0.45) / 2
    top = 1.08 * float(values.max())
    for c in range(2):
        row, column = (c, 0) if is_narrow() else (0, c)
        left, below = 0.45 + column * width, 0.3 + (3.2 * (1 - row) if is_narrow() else 0.0)
        axes = page.axes(left, full_width_in() - left - width + 1.50, 0.25 + 3.2 * row, below)
        axes.set_ylim(0.0, top)
        heading = f"{finding.pair_names[c]} to {finding.pair_names[1 - c]}"
        axes.set_title(heading, size=9.5, weight="bold", loc="left", pad=8)
        _draw(axes, year_places(finding), values[c], names)
    return Drawing(
        name=f"trade-by-good{inputs.suffix(finding)}",
        title=title,
        alt=_alt(finding, names, values),
        caption="Energy comes from a yearly market where routes for it are on record, and is "
        "carried forward with world output elsewhere."
        if inputs.world.energy
        else "Energy is a recorded or derived value carried forward with world output.",
        figure=page.figure,
        columns=("flow", "good", "year", "median_musd_per_year"),
        rows=_rows(finding, (*inputs.world.goods, ENERGY), values),
        answer_periods=tuple(f"{finding.years[k]}{finding.by[4:]}" for k in (0, finding.at)),
    )


def _medians(inputs: ReportInputs, finding: Finding) -> FloatArray:
    """(2, n_goods + 1, n_years) medians by direction and good, energy last [musd/year]."""
    return np.stack(
        [
            parts_of_trade(finding, inputs.asked, side, finding.year_ends)[MIDDLE, :-1]
            for side in (0, 1)
        ]
    )


def _draw(axes: Axes, x: FloatArray, values: FloatArray, names: tuple[str, ...]) -> None:
    axes.set_xlim(float(x[0]), max(float(x[-1]), float(x[0]) + 1.0))
    labels = []
    for k, (name, path) in enumerate(zip(names, values, strict=True)):
        colour, line = SERIES[k % len(SERIES)], LINES[k % len(LINES)]
        axes.plot(x, path, color=colour, linestyle=line, linewidth=1.8)
        if path[-1] > 0.004 * axes.get_ylim()[1]:
            labels.append((float(path[-1]), f"{_first_words(name)} {musd(path[-1])}", colour))
    yearly_axes(axes, float(np.ceil(x[0])), float(x[-1]), n_years=5, n_values=5)
    label_ends(axes, labels, size=7.5)


def _first_words(name: str) -> str:
    """A good's name up to its first comma or conjunction: enough for a label."""
    return name.split(",")[0].split(" and ")[0].split(":")[0]


def _alt(finding: Finding, names: tuple[str, ...], values: FloatArray) -> str:
    parts = []
    for c, (a, b) in enumerate((finding.pair_names, finding.pair_names[::-1])):
        order = np.argsort(-values[c, :, finding.at])[:3]
        largest = [f"{_first_words(names[k])} {musd(values[c, k, finding.at])}" for k in order]
        parts.append(f"{a} to {b}: {listed(largest)}")
    return f"Largest goods in {year_to(finding.by)}, median million USD. {'; '.join(parts)}."


def _rows(
    finding: Finding, goods: tuple[str, ...], values: FloatArray
) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (flow, good, f"{year}{finding.by[4:]}", float(values[c, g, k]))
        for c, flow in enumerate(flows_of_pair(finding))
        for g, good in enumerate(goods)
        for k, year in enumerate(finding.years)
    )
