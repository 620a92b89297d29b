"""Terms of trade policy over time: duty paid, preference used, cost of trading.

The cost of trading is what trade has adjusted to by then: the phased-in effect of duties, proofs of
origin and routes together, against the first quarter. Duty alone is cut on the day; trade
follows over years, so the two do not fall in step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from sim.laws.numerics.arrays import FloatArray
from sim.laws.policy.trade_costs import CLOSED_COST
from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE, SHOWN_QUANTILES, over_runs
from sim.report.page.blocks import Section
from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import listed, rounded
from sim.report.page.report_inputs import ReportInputs, flows_of_pair
from sim.report.page.style import (
    BLUE,
    GREY,
    INK,
    SMALL,
    Sheet,
    full_width_in,
    is_narrow,
    label_ends,
    sheet,
    yearly_axes,
)
from sim.report.page.time_axis import quarter_place, quarter_places
from sim.report.policy.costs_of_steps import costs_of_steps
from sim.report.policy.revenue import duty_collected, duty_paid, forgone_revenue
from sim.study.ensemble.findings import Finding

PANEL_IN, BETWEEN_IN, ABOVE_IN, BELOW_IN = 1.35, 0.32, 0.52, 0.30
LEFT_IN, LABEL_IN = 0.45, 1.16
BAND = "#CFE3F0"
MIN_CHANGE = 1e-4
"""A cost that changes by less is not worth a panel [1]."""
SHUT = 0.5 * CLOSED_COST
"""A cost above this stands for one without end [1]."""
LONGEST_NAME, MAX_NAMES = 16, 2
"""Agreements named inside the figure: how long and how many at most."""

DUTY, USE, COST = "duty_paid", "preference_used", "cost_of_trading"
TITLES = {
    DUTY: "Average duty paid, % of value",
    USE: "Preference utilisation rate, %",
    COST: "Cost of trading with duty, % against the first quarter",
}


@dataclass(frozen=True)
class FlowSeries:
    """One measure in one direction, as asked and without agreements [per cent]."""

    measure: str
    flow: str
    asked: FloatArray
    """(n_quantiles, n_quarters), NaN where every route is shut."""
    without: FloatArray | None


def terms_section(inputs: ReportInputs, finding: Finding) -> Section | None:
    """Duties, preferences, cost of trading and of the steps; None where nothing has any."""
    steps = tuple(costs_of_steps(inputs, finding))
    if inputs.without is None:
        return Section("terms", "Cost of the steps", steps) if steps else None
    drawing, revenue = tariffs_and_use(inputs, finding), duty_collected(inputs, finding)
    blocks = (drawing, revenue) if revenue else (drawing,)
    forgone = forgone_revenue(inputs, finding)
    return Section("terms", "Duties, preferences and cost of trading", (*blocks, *forgone, *steps))


@reflowed
def tariffs_and_use(inputs: ReportInputs, finding: Finding) -> Drawing:
    """Small multiples by direction: average duty, use of the new preference, cost of trading."""
    flows = flows_of_pair(finding)

    def row_of(measure: str) -> list[FlowSeries]:
        return [_series_of(inputs, measure, flow) for flow in flows]

    rows = [*map(row_of, _worth(inputs, flows))]
    a, b = finding.pair_names
    title = f"Duties and cost of trading between {a} and {b}"
    page = sheet(
        title,
        "Solid line: with the agreements (median; band: 5–95 %). Dashed line: no agreement."
        + _starts_in_words(inputs),
        inputs.stamp,
        _height_in(len(rows)) * (2 if is_narrow() else 1),
    )
    x = quarter_places(inputs.asked)
    for r, row in enumerate(rows):
        limits = _limits(row)
        for c, series in enumerate(row):
            axes = _panel(page, r, c, len(rows))
            axes.set_ylim(*limits)
            _draw(axes, x, series)
            _mark_starts(axes, inputs, name_them=r == 0)
            pad = 14 if r == 0 else 4
            axes.set_title(TITLES[series.measure], size=SMALL, color=GREY, loc="left", pad=pad)
            if r == 0:
                _head(axes, finding.directions[c])
            if c > 0 and not is_narrow():
                axes.set_yticklabels([])
            if r < len(rows) - 1:
                axes.set_xticklabels([])
    flat = [series for row in rows for series in row]
    return Drawing(
        name=f"tariffs-and-use{inputs.suffix(finding)}",
        title=title,
        alt=_alt(flat, dict(zip(flows, finding.directions, strict=True))),
        caption="Averages over goods, weighted by trade. Duties fall on their date; trade adjusts "
        "over years, and the cost of trading is what it has adjusted to. Closures raise that cost; "
        "where every route is shut the line is broken.",
        figure=page.figure,
        columns=("measure", "flow", "quarter", "variant", "quantile", "per_cent"),
        rows=_rows(inputs.asked, flat),
        answer_periods=(
            finding.by,
            *(str(inputs.asked["quarter"].to_numpy()[k]) for k in (0, -1)),
        ),
    )


def _worth(inputs: ReportInputs, flows: Sequence[str]) -> list[str]:
    """Measures that have something to say: duty always, the others where they move."""
    chosen = [DUTY]
    if float(inputs.asked["used_share"].sel(flow=list(flows)).max()) > 0:
        chosen.append(USE)
    costs = [_values(inputs.asked, COST, flow) for flow in flows]
    if max(float(np.abs(cost).max()) for cost in costs) > 100 * MIN_CHANGE:
        chosen.append(COST)
    return chosen


def _values(result: xr.Dataset, measure: str, flow: str) -> FloatArray:
    """(n_runs, n_quarters) values of a measure [per cent]."""
    picked = result.sel(flow=flow)
    duty = duty_paid(result, flow)
    if measure == DUTY:
        return 100.0 * duty
    if measure == USE:
        return np.asarray(100.0 * picked["used_share"].to_numpy())
    cost = picked["trade_cost_change"].to_numpy()
    paid = np.where(cost < SHUT, cost, np.inf) * (1.0 + duty)
    # A pair that does not trade at first has no cost to compare with but that of the duty.
    known = np.isfinite(paid[:, :1]) & (paid[:, :1] > 0)
    first = np.where(known, paid[:, :1], 1.0 + duty[:, :1])
    return np.asarray(100.0 * (paid / first - 1.0))


def _series_of(inputs: ReportInputs, measure: str, flow: str) -> FlowSeries:
    without = None if measure == USE else inputs.without
    return FlowSeries(
        measure=measure,
        flow=flow,
        asked=_quantiles(inputs.asked, measure, flow),
        without=None if without is None else _quantiles(without, measure, flow),
    )


def _quantiles(result: xr.Dataset, measure: str, flow: str) -> FloatArray:
    with np.errstate(invalid="ignore"):
        found = over_runs(_values(result, measure, flow))
    return np.where(np.isfinite(found), found, np.nan)


def _limits(row: Sequence[FlowSeries]) -> tuple[float, float]:
    """Limits that the panels of a row share; zero is always inside."""
    drawn = [series.asked[[LOW, HIGH]] for series in row]
    drawn += [series.without[[MIDDLE]] for series in row if series.without is not None]
    values = np.concatenate([each.ravel() for each in drawn])
    values = values[np.isfinite(values)]
    low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
    room = 0.12 * max(high - low, 0.1)
    return low - (room if low < 0 else 0.0), high + room


def _panel(page: Sheet, row: int, column: int, n_rows: int) -> Axes:
    """One panel: directions side by side, on a phone one below the other."""
    n_columns, across, down = (1, 0, column) if is_narrow() else (2, column, 0)
    width, height = (full_width_in() - LEFT_IN) / n_columns, PANEL_IN + BETWEEN_IN
    left, n_below = LEFT_IN + across * width, 1 - down if is_narrow() else 0
    return page.axes(
        left,
        full_width_in() - left - width + LABEL_IN,
        above_in=ABOVE_IN + row * height + down * _height_in(n_rows),
        below_in=BELOW_IN + (n_rows - 1 - row) * height + n_below * _height_in(n_rows),
    )


def _height_in(n_rows: int) -> float:
    """Height of the panels of one direction [in]."""
    return ABOVE_IN + BELOW_IN + PANEL_IN + (PANEL_IN + BETWEEN_IN) * (n_rows - 1)


def _draw(axes: Axes, x: FloatArray, series: FlowSeries) -> None:
    axes.set_xlim(float(x[0]), float(x[-1]))
    axes.fill_between(x, series.asked[LOW], series.asked[HIGH], color=BAND, linewidth=0)
    middle = series.asked[MIDDLE]
    labels = [(float(middle[-1]), f"with them {_short(middle[-1])}", BLUE)]
    if series.without is not None:
        dashed = series.without[MIDDLE]
        axes.plot(x, dashed, color=INK, linewidth=1.2, linestyle=(0, (4, 2)))
        labels.append((float(dashed[-1]), f"no agreement {_short(dashed[-1])}", INK))
    axes.plot(x, middle, color=BLUE, linewidth=2.0)
    yearly_axes(axes, float(np.ceil(x[0])), float(x[-1]), n_years=5, n_values=4)
    label_ends(axes, [label for label in labels if np.isfinite(label[0])], size=7.5)


def _short(value: float) -> str:
    return rounded(round(float(value), 1), 3) if np.isfinite(value) else "without end"


def _head(axes: Axes, text: str) -> None:
    axes.annotate(
        text, (0.0, 1.0), xycoords="axes fraction", xytext=(0, 31), textcoords="offset points",
        weight="bold", size=9.5, parse_math=False,
    )  # fmt: skip


def _starts(inputs: ReportInputs) -> dict[int, list[str]]:
    """Names of the agreements that enter into force in a quarter."""
    starts: dict[int, list[str]] = {}
    for name, agreement in inputs.scenario.agreements.items():
        if agreement.timeline.in_force is not None:
            starts.setdefault(int(agreement.timeline.in_force), []).append(name)
    return dict(sorted(starts.items()))


def _fits(inputs: ReportInputs) -> bool:
    starts = [", ".join(names) for names in _starts(inputs).values()]
    return len(starts) <= MAX_NAMES and all(len(text) <= LONGEST_NAME for text in starts)


def _starts_in_words(inputs: ReportInputs) -> str:
    """Meaning of the dotted lines of the figure, where the names do not fit into it."""
    if _fits(inputs):
        return ""
    names = [
        f"{name} {agreement.timeline.in_force}"
        for name, agreement in inputs.scenario.agreements.items()
        if agreement.timeline.in_force is not None
    ]
    return f" Dotted lines: in force from {listed(names)}."


def _mark_starts(axes: Axes, inputs: ReportInputs, *, name_them: bool) -> None:
    """A dotted line where an agreement enters into force; names above the uppermost panels."""
    starts = _starts(inputs)
    low, high = axes.get_xlim()
    for row, (quarter, names) in enumerate(starts.items()):
        place = quarter_place(quarter)
        if not low <= place <= high:
            continue
        axes.axvline(place, color=GREY, linewidth=0.8, linestyle=":")
        if name_them and _fits(inputs):
            right = row == len(starts) - 1
            axes.annotate(
                ", ".join(names), (place, 1.0), xycoords=("data", "axes fraction"),
                xytext=(2 if right else -2, 2), textcoords="offset points", size=7, color=GREY,
                ha="left" if right else "right", annotation_clip=False, parse_math=False,
            )  # fmt: skip


def _alt(drawn: Sequence[FlowSeries], directions: Mapping[str, str]) -> str:
    parts = []
    for series in drawn:
        first, last = (_short(series.asked[MIDDLE, k]) for k in (0, -1))
        text = f"{TITLES[series.measure]}, {directions[series.flow]}: {first} at the start, "
        text += f"{last} at the end with the agreements"
        if series.without is not None:
            text += f" and {_short(series.without[MIDDLE, -1])} without agreements"
        parts.append(text)
    return f"Lines over time by direction. {'; '.join(parts)}."


def _rows(result: xr.Dataset, drawn: Sequence[FlowSeries]) -> tuple[tuple[Cell, ...], ...]:
    quarters = [str(quarter) for quarter in result["quarter"].to_numpy()]
    rows: list[tuple[Cell, ...]] = []
    for series in drawn:
        for variant, values in (("as asked", series.asked), ("no agreement", series.without)):
            if values is None:
                continue
            rows += [
                (series.measure, series.flow, quarter, variant, name, float(values[q, k]))
                for q, name in SHOWN_QUANTILES
                for k, quarter in enumerate(quarters)
            ]
    return tuple(rows)
