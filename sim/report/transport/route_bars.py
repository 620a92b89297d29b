"""Figure of the routes of a pair: days and charges as stacked bars, before and after."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import listed, per_cent, rounded
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import (
    BLUE,
    GREY,
    INK,
    SMALL,
    VERMILION,
    Sheet,
    full_width_in,
    is_narrow,
    sheet,
)
from sim.report.transport.pair_routes import KnownRoutes, RouteRow
from sim.scenario.blocks.agreement_changes import AgreementChanges
from sim.study.ensemble.findings import Finding
from sim.study.route import Route

MAX_ROUTES = 6
ROW_IN, LEFT_IN, GAP_IN, RIGHT_IN = 0.66, 2.05, 0.35, 0.25
NARROW_LEFT_IN = 1.4
NAME_WIDTH, NARROW_NAME_WIDTH = 36, 24
"""Characters of a line of a name."""
BAR = 0.30
"""Height of a bar over the distance of rows."""
PALER = 0.45
"""Part of white in the bar of what is left behind."""
LIGHT_SKY, LIGHT_GREEN, DARK_PURPLE = "#A9DBF7", "#8FDCC4", "#8A3B6C"
"""Dark and light take turns along a bar, so that its parts are told apart in grey."""
DAYS = (
    ("moving", BLUE), ("waiting on the way", LIGHT_SKY), ("gates", VERMILION),
    ("ports", LIGHT_GREEN), ("terminals", GREY),
)  # fmt: skip
CHARGES = (
    ("freight", BLUE), ("handling", LIGHT_SKY), ("gate fees", VERMILION),
    ("port charges", LIGHT_GREEN), ("tolls", DARK_PURPLE),
)  # fmt: skip


@dataclass(frozen=True)
class _Row:
    """One route as it is without agreements and as asked; the same where there are none."""

    row: RouteRow
    before: Route
    after: Route


@reflowed
def route_bars(
    inputs: ReportInputs, finding: Finding, used: Sequence[RouteRow], known: KnownRoutes
) -> Drawing:
    """Days and charges of the routes that carry most in the target year, of those in use."""
    most = sorted(used, key=lambda r: -max(r.asked, r.without or 0.0))[:MAX_ROUTES]
    rows = [_Row(row, known.without[row.gates], known.asked[row.gates]) for row in most]
    has_agreements = inputs.without is not None
    a, b = finding.pair_names
    title = f"Days and charges of the routes between {a} and {b}"
    pairs = "Upper bar: without agreements; lower: with the agreements. " if has_agreements else ""
    page = sheet(
        title,
        f"{pairs}Hours at gates as on record, without queues beyond; at central "
        "parameter values. Charges for a forty-foot container of 20 t.",
        inputs.stamp,
        (1.0 + ROW_IN * len(rows)) * (2 if is_narrow() else 1),
    )
    left, right = _panels(page)
    _panel(left, [_stacks(row, "days_by", 1.0, has_agreements) for row in rows], DAYS, "days")
    per_thousand = [_stacks(row, "usd_by", 1e-3, has_agreements) for row in rows]
    _panel(right, per_thousand, CHARGES, "thousand USD")
    for axes in (left, right) if is_narrow() else (left,):
        for place, row in enumerate(rows):
            _name(axes, place, row.row)
    return Drawing(
        name=f"route-days-and-charges{inputs.suffix(finding)}",
        title=title,
        alt=_alt(finding, rows),
        caption=_where_terms_hold([one.changes for one in inputs.scenario.agreements.values()]),
        figure=page.figure,
        columns=("route", "variant", "part", "value", "unit"),
        rows=tuple(
            (row.row.route, variant, part, float(value), unit)
            for row in rows
            for variant, route in (("without", row.before), ("as asked", row.after))
            for parts, values, unit in (
                (DAYS, route.days_by, "days"),
                (CHARGES, route.usd_by, "USD/FEU"),
            )
            for (part, _), value in zip(parts, values, strict=True)
        ),
    )


def _where_terms_hold(changes: Sequence[AgreementChanges]) -> str:
    """Places at which agreements cut hours, fees and tolls, as far as they cut any."""
    less = [
        ("hours", any(each.cuts_hours for each in changes)),
        ("fees", any(each.fee_cut > 0.0 for each in changes)),
    ]
    at_gates = listed([charge for charge, holds in less if holds])
    parts = [f"{at_gates} only at gates whose owners are all members"] if at_gates else []
    if any(each.has_joint_toll for each in changes):
        parts.append("tolls only where all states on the way are members")
    if not parts:
        return "No agreement of the scenario cuts hours, fees or tolls."
    return f"An agreement cuts {', and '.join(parts)}."


def _panels(page: Sheet) -> tuple[Axes, Axes]:
    """Two panels side by side, on a phone one below the other."""
    whole = full_width_in()
    if is_narrow():
        half = (page.height_in - page.top_in - page.bottom_in) / 2
        return (
            page.axes(NARROW_LEFT_IN, RIGHT_IN, 0.5, half + 0.42),
            page.axes(NARROW_LEFT_IN, RIGHT_IN, half + 0.5, 0.42),
        )
    width = (whole - LEFT_IN - RIGHT_IN - GAP_IN) / 2
    return (
        page.axes(LEFT_IN, whole - LEFT_IN - width, 0.5, 0.42),
        page.axes(LEFT_IN + width + GAP_IN, RIGHT_IN, 0.5, 0.42),
    )


def _stacks(row: _Row, parts: str, scale: float, both: bool) -> list[list[float]]:
    shown = (row.before, row.after) if both else (row.after,)
    return [(scale * np.array(getattr(route, parts))).tolist() for route in shown]


def _panel(
    axes: Axes, rows: list[list[list[float]]], parts: tuple[tuple[str, str], ...], unit: str
) -> None:
    """Bars of one panel, with their sums at the end and a key above."""
    longest = max(sum(stack) for stacks in rows for stack in stacks)
    for place, stacks in enumerate(rows):
        for n, stack in enumerate(stacks):
            at = place + (n - (len(stacks) - 1) / 2) * 1.12 * BAR
            starts = np.cumsum([0.0, *stack])
            for (_, colour), start, value in zip(parts, starts, stack, strict=False):
                shade = colour if n or len(stacks) == 1 else _paler(colour)
                axes.barh(at, value, BAR, left=start, color=shade, edgecolor="white", linewidth=0.4)
            axes.text(starts[-1] + 0.015 * longest, at, f"{starts[-1]:.1f}", size=7.0, va="center")
    axes.set_xlim(0.0, 1.13 * longest)
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", length=0)
    axes.grid(axis="x")
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel(unit, size=SMALL, color=GREY)
    key = [axes.barh(-9, 0, color=colour, label=name) for name, colour in parts]
    axes.legend(
        handles=key, loc="lower left", bbox_to_anchor=(-0.02, 1.0), frameon=False,
        ncols=2 if is_narrow() else 3, fontsize=7.0, handlelength=0.9, handleheight=0.8,
        columnspacing=0.8, handletextpad=0.4, borderaxespad=0.2,
    )  # fmt: skip


def _paler(colour: str) -> tuple[float, ...]:
    return tuple(PALER + (1.0 - PALER) * part for part in to_rgb(colour))


def _name(axes: Axes, place: int, row: RouteRow) -> None:
    letters = NARROW_NAME_WIDTH if is_narrow() else NAME_WIDTH
    name = textwrap.wrap(row.route, letters, max_lines=4, placeholder=" …")
    share = per_cent(row.asked)
    if row.without is not None:
        share = f"{per_cent(row.without)}, then {share}"
    for k, (line, colour) in enumerate([*((line, INK) for line in name), (share, GREY)]):
        axes.annotate(
            line, (0.0, place), xycoords=("axes fraction", "data"),
            xytext=(-8, 9.0 * (len(name) / 2 - k)), textcoords="offset points", ha="right",
            va="center", size=7.0, color=colour, annotation_clip=False, parse_math=False,
        )  # fmt: skip


def _alt(finding: Finding, rows: list[_Row]) -> str:
    texts = [
        f"{row.row.route} {rounded(row.after.days)} days and {rounded(row.after.usd_per_feu)} USD, "
        f"used by {per_cent(row.row.asked)}"
        for row in rows
    ]
    return f"Routes with the agreements in {finding.by}: {listed(texts)}."
