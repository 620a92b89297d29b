"""Duty that the States collect on all their imports, with and without the agreements."""

import numpy as np
import xarray as xr

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts import Amount
from sim.report.page.blocks import TableBlock, TableCell, TableColumn, numbers
from sim.report.page.formatting import musd, signed_musd, year_to
from sim.report.page.material import (
    HIGH,
    LOW,
    MIDDLE,
    ReportInput,
    amount_over,
    amount_with_interval,
    over_runs,
    year_of,
)
from sim.study.ensemble.asked import customs_revenue, has_revenue
from sim.study.ensemble.findings import Finding

UNIT = "million USD/yr"


def duty_paid(result: xr.Dataset, flow: str) -> FloatArray:
    """(n_runs, n_quarters) average duty that a flow pays, over its value [1]."""
    return np.asarray(result["tariff_rate"].sel(flow=flow).to_numpy(), dtype=np.float64)


def duty_collected(material: ReportInput, finding: Finding) -> TableBlock | None:
    """A row for each State of the pair and of an agreement; None where no duty was recorded."""
    if not has_revenue(material.asked):
        return None
    first, last = year_of(finding, 0), year_to(finding.by)
    compared = material.without is not None
    titles = (
        (first, f"{last}, no agreement", f"{last}, with the agreements", "Change", "5–95 %")
        if compared
        else (first, last, "5–95 %")
    )
    return TableBlock(
        columns=(TableColumn("Customs revenue of"), *numbers(*titles)),
        rows=tuple(_row(material, finding, region) for region in _states(material, finding)),
        caption="Customs revenue from all imports, million USD a year, current prices; medians, in "
        "brackets 5–95 % of the simulations"
        + ("; the change is against the same simulation without the agreements" * compared),
    )


def _states(material: ReportInput, finding: Finding) -> list[str]:
    members = [
        region
        for agreement in material.scenario.agreements.values()
        for region in agreement.members
    ]
    return list(dict.fromkeys([*finding.pair, *members]))


def _row(material: ReportInput, finding: Finding, region: str) -> tuple[TableCell, ...]:
    name = material.world.name_of(region)
    asked = customs_revenue(material.asked, region, finding)
    after = asked[:, finding.at]
    if material.without is None:
        ends = " to ".join(musd(float(over_runs(after)[q])) for q in (LOW, HIGH))
        return (
            name,
            _said(asked[:, 0]),
            _spread(after, musd(float(np.median(after)))),
            _spread(after, ends),
        )
    without = customs_revenue(material.without, region, finding)
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
