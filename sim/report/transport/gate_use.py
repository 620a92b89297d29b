"""Use of the borders and ports of a pair over the years: a panel a gate."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE, SHOWN_QUANTILES, over_runs
from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import listed, per_cent
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import (
    BLUE,
    GREY,
    INK,
    SMALL,
    VERMILION,
    full_width_in,
    is_narrow,
    sheet,
    yearly_axes,
)
from sim.report.page.time_axis import year_of, year_places
from sim.report.transport.pair_routes import own_labels
from sim.study.ensemble.asked_answer import year_values
from sim.study.ensemble.findings import Finding

ACROSS, PANEL_IN, TITLE_IN, BELOW_IN = 3, 1.0, 0.3, 0.26
LEFT_IN, RIGHT_IN = 0.42, 0.1
MAX_GATES = 6
LONGEST_NAME, NARROW_NAME = 30, 22
BAND = "#CFE3F0"
FULL = 100.0
MIN_AXIS = 120.0
"""Per cent of its capacity that every axis shows at least, so that the line at 100 is seen."""


@reflowed
def gates_over_time(inputs: ReportInputs, finding: Finding) -> Drawing | None:
    """Use of the gates that carry most of the pair's cargo; None where none was recorded."""
    if not inputs.has("gate_utilisation"):
        return None
    gates = _busiest(inputs, finding)
    if not gates:
        return None
    asked = {gate: _use(inputs.asked, gate, finding) for gate in gates}
    without = (
        {gate: _use(inputs.without, gate, finding)[MIDDLE] for gate in gates}
        if inputs.without is not None
        else {}
    )
    a, b = finding.pair_names
    title = f"How busy the borders and ports of {a}–{b} cargo are"
    row_in, across = PANEL_IN + TITLE_IN + BELOW_IN, ACROSS - is_narrow()
    page = sheet(
        title,
        "Per cent of the capacity while open, all cargo counted, yearly. Line: median "
        "with the agreements; band: 5–95 %" + ("; dashed: no agreement" if without else "") + "; "
        "orange: all of the capacity.",
        inputs.stamp,
        -(-len(gates) // across) * row_in,
    )
    names = {gate.gate: gate.name for gate in inputs.world.gates}
    width, n_down = (full_width_in() - 0.1) / across, -(-len(gates) // across)
    for k, gate in enumerate(gates):
        row, column = divmod(k, across)
        axes = page.axes(
            column * width + LEFT_IN,
            full_width_in() - (column + 1) * width + RIGHT_IN,
            above_in=row * row_in + TITLE_IN,
            below_in=(n_down - 1 - row) * row_in + BELOW_IN,
        )
        _draw(axes, finding, asked[gate], without.get(gate))
        axes.set_title(_short(names[gate]), size=SMALL, loc="left", color=INK, pad=4)
    at = finding.at
    return Drawing(
        name=f"gates-over-time{inputs.suffix(finding)}",
        title=title,
        alt=f"Use of the capacity in {year_of(finding, at)}, median run: "
        + listed([f"{names[gate]} {per_cent(asked[gate][MIDDLE, at] / FULL)}" for gate in gates])
        + ".",
        caption="The gates that carry most of the pair's cargo. "
        "Above 100 % cargo waits until there is room.",
        figure=page.figure,
        columns=("gate", "variant", "year", "quantile", "use_per_cent"),
        rows=tuple(_rows(finding, asked, without)),
        answer_periods=tuple(f"{finding.years[k]}{finding.by[4:]}" for k in (0, at)),
    )


def _short(name: str) -> str:
    """A name as far as it fits above a panel."""
    most = NARROW_NAME if is_narrow() else LONGEST_NAME
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _busiest(inputs: ReportInputs, finding: Finding) -> list[str]:
    """Gates of known capacity by the pair's cargo through them, the most first."""
    labels = own_labels(inputs, finding)
    used = year_values(inputs.asked, "gate_utilisation", finding).max(axis=(0, 1))
    known = {str(g) for g, u in zip(inputs.asked["gate"].to_numpy(), used, strict=True) if u > 0}
    tonnes = year_values(inputs.asked.sel(route=labels), "route_tonnes", finding).mean(axis=(0, 1))
    through: dict[str, float] = {}
    for label, carried in zip(labels, tonnes.tolist(), strict=True):
        for gate in set(label.partition(": ")[2].split(" > ")) & known:
            through[gate] = through.get(gate, 0.0) + carried
    order = sorted(
        (gate for gate in through if through[gate] > 0.0), key=lambda g: (-through[g], g)
    )
    return order[:MAX_GATES]


def _use(result: xr.Dataset, gate: str, finding: Finding) -> FloatArray:
    """(n_quantiles, n_years) use of a gate [per cent]."""
    return FULL * over_runs(year_values(result.sel(gate=gate), "gate_utilisation", finding))


def _draw(axes: Axes, finding: Finding, asked: FloatArray, without: FloatArray | None) -> None:
    x = year_places(finding)
    axes.fill_between(x, asked[LOW], asked[HIGH], color=BAND, linewidth=0)
    if without is not None:
        axes.plot(x, without, color=INK, linewidth=1.1, linestyle=(0, (4, 2)))
    axes.plot(x, asked[MIDDLE], color=BLUE)
    axes.axhline(FULL, color=VERMILION, linewidth=0.9)
    axes.set_xlim(float(x[0]), float(x[-1]))
    axes.set_ylim(0.0, max(MIN_AXIS, 1.05 * float(asked[HIGH].max())))
    axes.tick_params(axis="y", labelcolor=GREY)
    n_years = 3 if is_narrow() else 4
    yearly_axes(axes, float(np.ceil(x[0])), float(x[-1]), n_years=n_years, n_values=4)


def _rows(
    finding: Finding, asked: dict[str, FloatArray], without: dict[str, FloatArray]
) -> Sequence[tuple[Cell, ...]]:
    quarter = finding.by[4:]
    rows: list[tuple[Cell, ...]] = []
    for gate, values in asked.items():
        for k, year in enumerate(finding.years):
            period = f"{year}{quarter}"
            rows += [
                (gate, "as asked", period, name, float(values[q, k])) for q, name in SHOWN_QUANTILES
            ]
            if gate in without:
                rows.append((gate, "no agreement", period, "q50", float(without[gate][k])))
    return rows
