"""Duty that the States collect, and forgo on the pair's own trade, by the agreements."""

import numpy as np
import xarray as xr

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import (
    HIGH,
    LOW,
    MIDDLE,
    amount_over,
    amount_with_interval,
    over_runs,
    parts_of_trade,
)
from sim.report.page.blocks import (
    Block,
    Fold,
    Paragraph,
    TableBlock,
    TableCell,
    TableColumn,
    numbers,
)
from sim.report.page.formatting import musd, signed_musd, year_to
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.time_axis import year_of
from sim.study.ensemble.asked_answer import customs_revenue, has_revenue
from sim.study.ensemble.findings import Finding

UNIT = "million USD/yr"
FLOW_DUTY = "flow_duty"
SMALLEST_MUSD = 0.01
"""Duty without the agreements below which a good is left out [musd/year]."""
_SIGN = "Below 0 nothing is forgone: the trade that is added pays more than is waived."


def duty_paid(result: xr.Dataset, flow: str) -> FloatArray:
    """(n_runs, n_quarters) average duty that a flow pays, over its value [1]."""
    return np.asarray(result["tariff_rate"].sel(flow=flow).to_numpy(), dtype=np.float64)


def duty_collected(inputs: ReportInputs, finding: Finding) -> TableBlock | None:
    """A row for each State of the pair and of an agreement; None where no duty was recorded."""
    if not has_revenue(inputs.asked):
        return None
    first, last = year_of(finding, 0), year_to(finding.by)
    compared = inputs.without is not None
    titles = (
        (first, f"{last}, no agreement", f"{last}, with the agreements", "Change", "5–95 %")
        if compared
        else (first, last, "5–95 %")
    )
    return TableBlock(
        columns=(TableColumn("Customs revenue of"), *numbers(*titles)),
        rows=tuple(_row(inputs, finding, region) for region in _states(inputs, finding)),
        caption="Customs revenue from all imports, million USD a year, current prices; medians, in "
        "brackets 5–95 % of the simulations"
        + (
            "; the change is against the same simulation without the agreements, and its median "
            "not the difference of two medians"
        )
        * compared,
    )


def _states(inputs: ReportInputs, finding: Finding) -> list[str]:
    members = [
        region for agreement in inputs.scenario.agreements.values() for region in agreement.members
    ]
    return list(dict.fromkeys([*finding.pair, *members]))


def _row(inputs: ReportInputs, finding: Finding, region: str) -> tuple[TableCell, ...]:
    name = inputs.world.name_of(region)
    asked = customs_revenue(inputs.asked, region, finding)
    after = asked[:, finding.at]
    if inputs.without is None:
        ends = " to ".join(musd(float(over_runs(after)[q])) for q in (LOW, HIGH))
        return (
            name,
            _said(asked[:, 0]),
            _spread(after, musd(float(np.median(after)))),
            _spread(after, ends),
        )
    without = customs_revenue(inputs.without, region, finding)
    change = after - without[:, finding.at]
    low, middle, high = (signed_musd(float(over_runs(change)[q])) for q in (LOW, MIDDLE, HIGH))
    return (
        name,
        *(_said(values) for values in (asked[:, 0], without[:, finding.at], after)),
        _spread(change, middle),
        _spread(change, f"{low} to {high}"),
    )


def _said(values: FloatArray) -> Amount:
    return amount_with_interval(over_runs(values), UNIT, musd)


def _spread(values: FloatArray, text: str) -> Amount:
    return amount_over(values, UNIT, text)


def forgone_revenue(inputs: ReportInputs, finding: Finding) -> tuple[Block, ...]:
    """Sentence on what both treasuries forgo on the pair's trade, with tables by good and year.

    Nothing without agreements, or where duty by good was not recorded.
    """
    if inputs.without is None or not inputs.has(FLOW_DUTY) or FLOW_DUTY not in inputs.without:
        return ()
    forgone = np.stack(
        [
            parts_of_trade(
                finding, inputs.without, side, finding.year_ends, inputs.asked,
                measure=FLOW_DUTY, only_all=True,
            )[:, 0]
            for side in (0, 1)
        ]
    )  # fmt: skip
    importers = finding.pair_names[::-1]
    parts, facts = [], {}
    for c, importer in enumerate(importers):
        amount = amount_with_interval(forgone[c, :, finding.at], UNIT, signed_musd)
        gain = amount_with_interval(-forgone[c, ::-1, finding.at], UNIT, signed_musd)
        parts.append(f"{importer} {gain.text}")
        facts[f"duty forgone by {importer}"] = amount
    said = Paragraph(
        "On the pair's own trade the agreements change duty collected in "
        f"{year_to(finding.by)} by, million USD: {'; '.join(parts)}. Above 0 the trade they add "
        "pays more than they waive.",
        facts,
    )
    tables = (
        _by_good(inputs, finding, inputs.without),
        _by_year(finding, forgone),
    )
    return said, Fold("Duty forgone on the pair's trade, by good and by year", tables)


def _by_good(inputs: ReportInputs, finding: Finding, without: xr.Dataset) -> TableBlock:
    year, importers = year_to(finding.by), finding.pair_names[::-1]
    rows: list[tuple[TableCell, ...]] = []
    for side, importer in enumerate(importers):
        before, after, forgone = (
            parts_of_trade(finding, result, side, against=other, measure=FLOW_DUTY)[..., 0]
            for result, other in (
                (without, None), (inputs.asked, None), (without, inputs.asked),
            )
        )  # fmt: skip
        for g, good in enumerate(inputs.world.good_names):
            middle = [float(values[MIDDLE, g]) for values in (before, after)]
            if middle[0] < SMALLEST_MUSD:
                continue
            rows.append(
                (
                    f"{importer}: {good}",
                    *(Amount(value, UNIT, text=musd(value)) for value in middle),
                    amount_with_interval(forgone[:, g], UNIT, signed_musd),
                )
            )
    return TableBlock(
        columns=(
            TableColumn("Importer and good"),
            *numbers(f"{year}, no agreement", f"{year}, with the agreements", "Forgone"),
        ),
        rows=tuple(rows),
        caption="Duty on what each buys of the other, million USD a year; medians, in brackets "
        f"5–95 % of the futures. {_SIGN}",
    )


def _by_year(finding: Finding, forgone: FloatArray) -> TableBlock:
    """Forgone duty by year; `forgone` is (2, n_quantiles, n_years) by direction."""

    def row(k: int) -> tuple[TableCell, ...]:
        amounts = (amount_with_interval(own[:, k], UNIT, signed_musd) for own in forgone)
        return year_of(finding, k), *amounts

    return TableBlock(
        columns=(
            TableColumn("Year"),
            *numbers(*(f"Forgone by {importer}" for importer in finding.pair_names[::-1])),
        ),
        rows=tuple(map(row, range(len(finding.years)))),
        caption="Duty forgone on the pair's trade in all goods, million USD a year; medians, in "
        f"brackets 5–95 % of the futures. {_SIGN}",
    )
