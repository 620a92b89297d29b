"""Revenue forgone by the agreements: duty on the pair's own trade by good and by year."""

import numpy as np
import xarray as xr

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts import Amount
from sim.report.page.blocks import (
    Block,
    Fold,
    Paragraph,
    TableBlock,
    TableCell,
    TableColumn,
    numbers,
)
from sim.report.page.formatting import musd, signed, year_to
from sim.report.page.material import (
    MIDDLE,
    ReportInput,
    amount_with_interval,
    flows_of_pair,
    over_runs,
    year_of,
    year_values,
)
from sim.study.ensemble.findings import Finding

MEASURE = "flow_duty"
UNIT = "million USD/yr"
SMALLEST_MUSD = 0.01
"""Duty without the agreements below which a good is left out [musd/year]."""


def forgone_revenue(material: ReportInput, finding: Finding) -> tuple[Block, ...]:
    """Sentence on what both treasuries forgo on the pair's trade, with tables by good and year.

    Nothing without agreements, or where duty by good was not recorded.
    """
    if material.without is None or not material.has(MEASURE) or MEASURE not in material.without:
        return ()
    with_them, without = (_duty(result, finding) for result in (material.asked, material.without))
    forgone = without - with_them
    importers = finding.pair_names[::-1]
    parts, facts = [], {}
    for c, importer in enumerate(importers):
        whole = over_runs(forgone[c, :, finding.at].sum(axis=-1))
        amount = amount_with_interval(whole, UNIT, signed)
        parts.append(f"{importer} {amount.text}")
        facts[f"duty forgone by {importer}"] = amount
    said = Paragraph(
        f"On the pair's own trade the agreements forgo duty in {year_to(finding.by)}, million USD: "
        f"{'; '.join(parts)}. Below 0 the trade they add pays more than they waive.",
        facts,
    )
    tables = (
        _by_good(material, finding, with_them, without),
        _by_year(finding, forgone),
    )
    return said, Fold("Duty forgone on the pair's trade, by good and by year", tables)


def _duty(result: xr.Dataset, finding: Finding) -> FloatArray:
    """Duty on the pair's trade, (2, n_runs, n_years, n_goods) by direction [musd/year]."""
    return np.stack(
        [year_values(result.sel(flow=flow), MEASURE, finding) for flow in flows_of_pair(finding)]
    )


def _by_good(
    material: ReportInput, finding: Finding, with_them: FloatArray, without: FloatArray
) -> TableBlock:
    year, importers = year_to(finding.by), finding.pair_names[::-1]
    rows: list[tuple[TableCell, ...]] = []
    for c, importer in enumerate(importers):
        for g, good in enumerate(material.world.good_names):
            before, after = (values[c, :, finding.at, g] for values in (without, with_them))
            if float(np.median(before)) < SMALLEST_MUSD:
                continue
            middle = [float(over_runs(values)[MIDDLE]) for values in (before, after)]
            rows.append(
                (
                    f"{importer}: {good}",
                    *(Amount(value, UNIT, text=musd(value)) for value in middle),
                    amount_with_interval(over_runs(before - after), UNIT, signed),
                )
            )
    return TableBlock(
        columns=(
            TableColumn("Importer and good"),
            *numbers(f"{year}, no agreement", f"{year}, with the agreements", "Forgone"),
        ),
        rows=tuple(rows),
        caption="Duty on what each buys of the other, million USD a year; medians, in brackets "
        "5–95 % of the simulations",
    )


def _by_year(finding: Finding, forgone: FloatArray) -> TableBlock:
    whole = forgone.sum(axis=-1)
    return TableBlock(
        columns=(
            TableColumn("Year"),
            *numbers(*(f"Forgone by {importer}" for importer in finding.pair_names[::-1])),
        ),
        rows=tuple(
            (
                year_of(finding, k),
                *(amount_with_interval(over_runs(whole[c, :, k]), UNIT, signed) for c in range(2)),
            )
            for k in range(len(finding.years))
        ),
        caption="Duty forgone on the pair's trade in all goods, million USD a year; medians, in "
        "brackets 5–95 % of the simulations",
    )
