"""Unserved energy demand of a State: how much, when, and who steps in for whom."""

from collections.abc import Iterator

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.report.energy.flows import NEGLIGIBLE, EnergyFlow, flows_of, party_values, short_name
from sim.report.energy.over_time import LineSeries, course_figure, series_legend, shown_positions
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import amount_with_interval, over_runs
from sim.report.page.blocks import Block, Paragraph, TableBlock, TableCell, TableColumn, numbers
from sim.report.page.figure import Drawing
from sim.report.page.formatting import NARROW, listed, per_cent, plural, rounded, signed
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.time_axis import year_of
from sim.study.ensemble.findings import Finding

WORTH_NAMING = 1e-3
"""Part of what is wanted below which what is missing needs no number [1]."""
WORTH_A_ROW = 0.01
"""Part of what is wanted from which a table tells who steps in [1]."""
MAX_SUPPLIERS = 4
ARROW = "\N{RIGHTWARDS ARROW}"


def missing_share(inputs: ReportInputs, finding: Finding) -> FloatArray:
    """(n_runs, n_years, c, 2) part of what is wanted at the price of the path that is not had."""
    lacking = party_values(inputs, finding, "unserved")
    wanted = lacking + party_values(inputs, finding, "energy_used")
    return np.asarray(lacking / np.maximum(wanted, NEGLIGIBLE))


def missing_in_words(share: float) -> str:
    """A part of what is wanted, never nothing where something is missing."""
    return f"< {per_cent(WORTH_NAMING)}" if 0 < share < WORTH_NAMING else per_cent(share)


def shortage_blocks(inputs: ReportInputs, finding: Finding) -> Iterator[Block]:
    """Unserved demand, in words where it is nil: it is never omitted."""
    lacking = party_values(inputs, finding, "unserved")
    is_short = np.asarray((lacking > NEGLIGIBLE).any(axis=(0, 1)))
    used = party_values(inputs, finding, "energy_used")
    is_used = np.asarray((used > NEGLIGIBLE).any(axis=(0, 1)))
    parts = missing_share(inputs, finding)
    median = np.median(parts, axis=0)
    for side, name in enumerate(finding.pair_names):
        if median[..., side].max() < WORTH_NAMING:
            yield Paragraph(
                f"In {name} the median run leaves nothing unserved, or less than "
                f"{per_cent(WORTH_NAMING)} of what is wanted of any carrier.",
                {"largest unserved part, median run": Amount(median[..., side].max(), "1")},
            )
        served = np.flatnonzero(is_used[:, side] & ~is_short[:, side])
        if served.size:
            nil = listed([short_name(inputs.world.energy, int(c)) for c in served])
            yield Paragraph(f"In {name} nothing goes unserved of {nil} in any run.")
    if is_short.any():
        yield _figure(inputs, finding, lacking, shown_positions(is_short))
    rows = tuple(_rows(inputs, finding, parts, lacking))
    if rows:
        base = inputs.world.base_year
        yield TableBlock(
            columns=(
                TableColumn("State and carrier"),
                TableColumn("Year", is_number=True),
                *numbers("Unserved", "Share of demand", "Price increase over the reference price"),
                TableColumn(f"Foreign suppliers, {base} {ARROW} that year"),
            ),
            rows=rows,
            caption="Worst year of shortage, and replacement suppliers: medians, in brackets "
            "5–95 % of the simulations; suppliers are means, so that they add up",
        )


def _figure(
    inputs: ReportInputs, finding: Finding, lacking: FloatArray, shown: list[tuple[int, int]]
) -> Drawing:
    course = LineSeries(
        "unserved-energy",
        "unserved_per_year",
        f"Demand for energy that goes unserved in {' and '.join(finding.pair_names)}",
        "Demand at the reference price that is not met, a year. " + series_legend(inputs),
        "Unserved demand includes demand lost to higher prices; most of it is that, not physical "
        "shortage.",
        lacking,
        np.full(lacking.shape[2:], np.nan),
        tuple(f"{unit}/yr" for unit in inputs.world.energy.units),
    )
    return course_figure(inputs, finding, course, shown)


def _rows(
    inputs: ReportInputs, finding: Finding, parts: FloatArray, lacking: FloatArray
) -> Iterator[tuple[TableCell, ...]]:
    """The worst year of each carrier of which enough goes unserved to tell."""
    energy = inputs.world.energy
    price = party_values(inputs, finding, "energy_price")
    path = party_values(inputs, finding, "energy_path_price")
    median = np.median(parts, axis=0)
    for side, party in enumerate(finding.pair):
        for c in np.flatnonzero(median[..., side].max(axis=0) >= WORTH_A_ROW):
            k = int(median[:, c, side].argmax())
            flows = flows_of(inputs, finding, party, k)
            yield (
                f"{finding.pair_names[side]}, {short_name(energy, int(c))}",
                Amount(int(finding.years[k]), "year", text=year_of(finding, k)),
                amount_with_interval(
                    over_runs(lacking[:, k, c, side]),
                    f"{energy.units[c]}/yr",
                    _amount,
                    f" {energy.units[c]}",
                ),
                amount_with_interval(over_runs(parts[:, k, c, side]), "1", per_cent),
                _over(price[:, k, c, side] / path[:, k, c, side] - 1.0),
                _suppliers(inputs, [f for f in flows if f.is_import and f.carrier == c]),
            )


def _over(excess: FloatArray) -> Amount:
    return amount_with_interval(
        over_runs(excess), "1", lambda part: f"{signed(100 * part)}{NARROW}%"
    )


def _suppliers(inputs: ReportInputs, bought: list[EnergyFlow]) -> str:
    """The largest suppliers before or then, and the others together."""
    parts = [
        f"{inputs.world.region_names[flow.partner]} "
        f"{_amount(flow.before)} {ARROW} {_amount(flow.mean)}"
        for flow in bought[:MAX_SUPPLIERS]
    ]
    rest = bought[MAX_SUPPLIERS:]
    if rest:
        before, then = sum(flow.before for flow in rest), sum(flow.mean for flow in rest)
        parts.append(f"{plural(len(rest), 'other')} {_amount(before)} {ARROW} {_amount(then)}")
    return "; ".join(parts) or "none"


def _amount(value: float) -> str:
    return "0" if value < 1e-3 else rounded(value, 2)
