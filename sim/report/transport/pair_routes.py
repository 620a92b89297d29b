"""Routes of a pair: their shares in words, as a table and, without agreements, as a figure."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import parse_quarter
from sim.report.page.amounts_over_runs import MIDDLE, over_runs
from sim.report.page.blocks import Section
from sim.report.page.figure import Cell, Drawing, reflowed
from sim.report.page.formatting import listed, per_cent, rounded, whole_per_cent, with_error
from sim.report.page.report_inputs import ReportInputs, flows_of_pair
from sim.report.page.style import LINES, SERIES, is_narrow, label_ends, sheet, yearly_axes
from sim.report.page.time_axis import quarter_places, year_places
from sim.report.policy.revenue import duty_collected, duty_paid
from sim.study.ensemble.asked_answer import year_values
from sim.study.ensemble.findings import Finding, mean_interval
from sim.study.route import Route, routes

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario

MAX_LINES = 5
NAME_WIDTH = 22
"""Characters of a line of a route's name beside its curve."""
WORTH_A_ROW = 0.005
"""A route that never carries more than this is not listed [1]."""
Interval = tuple[float, float]
BETWEEN_GATES = " – "
OPEN_ENOUGH = 0.97
"""A gate that is open for more of the year than this is not worth a word [1]."""


@dataclass(frozen=True)
class RouteRow:
    """Use of one route of a pair; shares of its tonnes are means over the runs [1]."""

    route: str
    """Names of its gates, from the first region of the pair to the second."""
    gates: str
    """The gates themselves, as `sim route` names the route."""
    first: float
    """In the first whole year."""
    without: float | None
    """In the target year without agreements; None if there are none."""
    asked: float
    """In the target year as asked."""
    first_interval: Interval
    """90 % interval of a mean for the number of runs [1]."""
    without_interval: Interval | None
    with_agreements_interval: Interval
    shut_by: str
    """Gates of the route that are not always open in the target year, and for how much of it."""


@dataclass(frozen=True)
class _Opening:
    """For how much of a year a gate is open."""

    name: str
    each: FloatArray
    """(n_runs,) part of the year [1]."""

    @property
    def open_share(self) -> float:
        """Mean over the runs [1]."""
        return float(self.each.mean())

    @property
    def open_in_words(self) -> str:
        """The mean in per cent, with its interval where that is wider than a per cent."""
        low, high = _within_whole(mean_interval(self.each))
        if whole_per_cent(low) == whole_per_cent(high):
            return whole_per_cent(self.open_share)
        return with_error(self.open_share, low, high, whole_per_cent)


def duties_section(inputs: ReportInputs, finding: Finding) -> Section | None:
    """Duties and routes; None with agreements, where their terms are told instead."""
    if inputs.without is not None or not inputs.has("route_tonnes"):
        return None
    drawing, revenue = duties_and_routes(inputs, finding), duty_collected(inputs, finding)
    return Section("terms", "Duties and routes", (drawing, revenue) if revenue else (drawing,))


class KnownRoutes(NamedTuple):
    """Routes of a pair in the middle of all parameters on the target date, by their gates."""

    without: Mapping[str, Route]
    """With no agreement."""
    asked: Mapping[str, Route]


def known_routes(inputs: ReportInputs, finding: Finding) -> KnownRoutes:
    """Routes of the finding's pair, as `sim route` finds them."""
    quarter = parse_quarter(finding.by)

    def by_name(scenario: "Scenario | None") -> dict[str, Route]:
        found = routes(inputs.world, *finding.pair, quarter, scenario)
        return {route.name: route for route in found}

    return KnownRoutes(by_name(None), by_name(inputs.scenario))


def route_rows(inputs: ReportInputs, finding: Finding) -> tuple[RouteRow, ...]:
    """Routes of the finding's pair that are used, the most used first; empty if none is known."""
    labels = own_labels(inputs, finding)
    if not labels:
        return ()
    asked = _mean_shares(inputs.asked, labels, finding)
    without = None if inputs.without is None else _mean_shares(inputs.without, labels, finding)
    first_interval, with_agreements_interval = (
        _share_intervals(inputs.asked, labels, finding, at) for at in (0, finding.at)
    )
    without_interval = (
        None
        if inputs.without is None
        else _share_intervals(inputs.without, labels, finding, finding.at)
    )
    gates = _gate_opening(inputs, finding)
    rows = [
        RouteRow(
            route=_in_words(label, gates),
            gates=label.partition(": ")[2],
            first=float(asked[0, k]),
            without=None if without is None else float(without[finding.at, k]),
            asked=float(asked[finding.at, k]),
            first_interval=first_interval[k],
            without_interval=None if without_interval is None else without_interval[k],
            with_agreements_interval=with_agreements_interval[k],
            shut_by=_shut_by(label, gates),
        )
        for k, label in enumerate(labels)
    ]
    used = [row for row in rows if max(row.first, row.without or 0.0, row.asked) >= WORTH_A_ROW]
    return tuple(sorted(used, key=lambda row: (-row.asked, -row.first, row.route)))


def own_labels(inputs: ReportInputs, finding: Finding) -> list[str]:
    """Labels of the routes that join the pair."""
    start = "-".join(finding.pair) + ": "
    labels = [str(label) for label in inputs.asked["route"].to_numpy()]
    return [label for label in labels if label.startswith(start)]


def gates_of(label: str) -> list[str]:
    """Gates of a route, from its label."""
    return label.partition(": ")[2].split(" > ")


def _in_words(label: str, gates: Mapping[str, _Opening]) -> str:
    """Names of the gates of a route."""
    return BETWEEN_GATES.join(
        gates[gate].name if gate in gates else gate for gate in gates_of(label)
    )


def _shut_by(label: str, gates: Mapping[str, _Opening]) -> str:
    """Gates of a route that are shut for part of the time, in words."""
    own = gates_of(label)
    return "; ".join(
        f"{gate.name} open {gate.open_in_words}"
        for name, gate in gates.items()
        if name in own and gate.open_share < OPEN_ENOUGH
    )


def _mean_shares(result: xr.Dataset, labels: Sequence[str], finding: Finding) -> FloatArray:
    """Share of each route in the pair's tonnes, (n_years, n_routes) [1]."""
    tonnes = year_values(result.sel(route=list(labels)), "route_tonnes", finding).mean(axis=0)
    total = tonnes.sum(axis=1, keepdims=True)
    return np.asarray(tonnes / np.where(total > 0, total, 1.0))


def _share_intervals(
    result: xr.Dataset, labels: Sequence[str], finding: Finding, at: int
) -> list[Interval]:
    """90 % intervals of those shares in one year, for the number of runs [1].

    A share is one mean over another, so it is the mean of what its runs stray from it, in parts of
    the mean tonnes, that has an interval.
    """
    tonnes = year_values(result.sel(route=list(labels)), "route_tonnes", finding)[:, at]
    total = tonnes.sum(axis=1)
    mean = float(total.mean())
    if not mean > 0:
        return [(0.0, 0.0)] * len(labels)
    share = tonnes.mean(axis=0) / mean
    each = share + (tonnes - share * total[:, None]) / mean
    return [_within_whole(mean_interval(each[:, k])) for k in range(len(labels))]


def _within_whole(interval: Interval) -> Interval:
    """An interval of a part: no less than nothing, no more than all; unknown stays unknown."""
    low, high = interval
    return (max(low, 0.0), min(high, 1.0)) if isfinite(low) and isfinite(high) else interval


def _gate_opening(inputs: ReportInputs, finding: Finding) -> dict[str, _Opening]:
    """Gates by their labels: how long they are open in the target year."""
    share = year_values(inputs.asked, "gate_open_share", finding)[:, finding.at]
    labels = [str(label) for label in inputs.asked["gate"].to_numpy()]
    names = _gate_names(inputs)
    return {label: _Opening(names[label], share[:, k]) for k, label in enumerate(labels)}


def _gate_names(inputs: ReportInputs) -> dict[str, str]:
    return {gate.gate: gate.name for gate in inputs.world.gates}


@reflowed
def duties_and_routes(inputs: ReportInputs, finding: Finding) -> Drawing:
    """Average duty by direction, and shares of the most used routes, over time."""
    labels, names = own_labels(inputs, finding), _gate_names(inputs)
    a, b = finding.pair_names
    title = f"Duties and routes between {a} and {b}"
    page = sheet(
        title,
        "First: average duty paid, % of value, median run. Then: share of the pair's cargo by "
        "route, %, mean of the runs over four quarters.",
        inputs.stamp,
        5.0 if is_narrow() else 2.5,
    )
    first = (0.45, 1.2, 0.12, 2.8) if is_narrow() else (0.45, 4.75, 0.12)
    rows = [*_draw_duties(page.axes(*first), inputs, finding)]
    if labels:
        shares = 100.0 * _mean_shares(inputs.asked, labels, finding)
        order = np.argsort(-shares.max(axis=0), kind="stable")[:MAX_LINES]
        second = (0.45, 1.60, 2.62) if is_narrow() else (3.85, 1.60, 0.12)
        axes = page.axes(*second)
        x = year_places(finding)
        axes.set_xlim(float(x[0]), float(x[-1]))
        axes.set_ylim(0.0, min(100.0, 1.12 * float(shares.max())))
        ends = []
        for n, k in enumerate(order):
            axes.plot(x, shares[:, k], color=SERIES[n], linestyle=LINES[n])
            label = f"{_short(labels[k], names)} {_whole(shares[-1, k])}"
            ends.append((float(shares[-1, k]), label, SERIES[n]))
        n_years = 3 if is_narrow() else 5
        yearly_axes(axes, float(np.ceil(x[0])), float(x[-1]), n_years=n_years, n_values=5)
        label_ends(axes, ends, size=7.5)
        rows += [
            (f"route share: {labels[k]}", f"{year}{finding.by[4:]}", float(shares[t, k]))
            for k in range(len(labels))
            for t, year in enumerate(finding.years)
        ]
    return Drawing(
        name=f"duties-and-routes{inputs.suffix(finding)}",
        title=title,
        alt=_alt(inputs, finding, rows),
        caption="Shares of routes move as gates close and open; seasons are averaged out.",
        figure=page.figure,
        columns=("series", "period", "per_cent"),
        rows=tuple(rows),
        answer_periods=(finding.by,),
    )


def _draw_duties(axes: Axes, inputs: ReportInputs, finding: Finding) -> list[tuple[Cell, ...]]:
    x = quarter_places(inputs.asked)
    rows: list[tuple[Cell, ...]] = []
    ends, top = [], 0.1
    for n, flow in enumerate(flows_of_pair(finding)):
        duty = 100.0 * over_runs(duty_paid(inputs.asked, flow))[MIDDLE]
        axes.plot(x, duty, color=SERIES[n], linestyle=LINES[n])
        into = finding.pair_names[1 - n]
        ends.append(
            (float(duty[-1]), f"into {into}\n{rounded(round(float(duty[-1]), 1))}", SERIES[n])
        )
        top = max(top, float(duty.max()))
        quarters = inputs.asked["quarter"].to_numpy()
        rows += [
            (f"duty paid: {flow}", str(quarter), float(value))
            for quarter, value in zip(quarters, duty, strict=True)
        ]
    axes.set_xlim(float(x[0]), float(x[-1]))
    axes.set_ylim(0.0, 1.15 * top)
    yearly_axes(axes, float(np.ceil(x[0])), float(x[-1]), n_years=4, n_values=5)
    label_ends(axes, ends, size=7.5)
    return rows


def _whole(value: float) -> str:
    return rounded(float(round(value)), 3) if value >= 1 else rounded(float(value), 1)


def _short(label: str, names: Mapping[str, str]) -> str:
    """Names of the gates of a route, as few as tell it from others, on two lines at most."""
    gates = [names.get(gate, gate) for gate in gates_of(label)]
    told = BETWEEN_GATES.join(gates if len(gates) <= 2 else (gates[0], "…", gates[-1]))
    return "\n".join(textwrap.wrap(told, NAME_WIDTH, max_lines=2, placeholder=" …"))


def _alt(inputs: ReportInputs, finding: Finding, rows: Sequence[tuple[Cell, ...]]) -> str:
    duties = [row for row in rows if str(row[0]).startswith("duty paid")]
    ends = {str(row[0]): float(row[2]) for row in duties}
    text = listed([f"{name.split(': ')[1]} {rounded(round(v, 1))} %" for name, v in ends.items()])
    used = route_rows(inputs, finding)[:3]
    routes = listed([f"{row.route} {per_cent(row.asked)}" for row in used])
    return f"Average duty at the end: {text}. " + (
        f"Routes in the year to {finding.by}: {routes}." if routes else "No route is known."
    )
