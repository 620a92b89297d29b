"""Trade creation against diversion: what the parties buy more of each other and less of others.

After Viner (1950): an agreement creates trade where a party's imports rise in all, and diverts it
where imports from outsiders fall. Every run is compared with its twin without agreements; residual
shocks of single pairs, which move both alike, are left out.
"""

from dataclasses import dataclass

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import (
    HIGH,
    LOW,
    MIDDLE,
    SHOWN_QUANTILES,
    amount_of,
    over_runs,
)
from sim.report.page.blocks import Block, Section, TableBlock, TableCell, TableColumn, numbers
from sim.report.page.figure import Drawing, reflowed
from sim.report.page.formatting import MIN_MUSD, listed, signed_musd, year_to
from sim.report.page.interval_rows import (
    draw_intervals,
    interval_panels,
    interval_words,
    name_row,
    panels_height_in,
)
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import is_narrow, sheet
from sim.study.ensemble.asked_answer import year_values
from sim.study.ensemble.findings import Finding

ROW_IN = 0.56
MAX_OUTSIDERS = 6
FROM_PARTNER, FROM_MEMBERS, FROM_OTHERS, IN_ALL = (
    "from the partner",
    "from other members",
    "from outsiders",
    "total imports",
)
MEANING = {FROM_PARTNER: "", FROM_MEMBERS: "", FROM_OTHERS: "diverted if less", IN_ALL: "created"}


@dataclass(frozen=True)
class ImportShift:
    """Change in the pair's imports by the agreements, quantiles over the paired runs."""

    groups: dict[str, FloatArray]
    """By group of sellers, (n_quantiles, 2) change by importer of the pair [musd/year]."""
    by_region: FloatArray
    """(n_quantiles, n_regions) change of sales to both together [musd/year]."""
    outsiders: tuple[int, ...]
    """Places of the regions that belong to no agreement."""


def diversion_section(inputs: ReportInputs, finding: Finding) -> Section | None:
    """Created and diverted; None without agreements or where partners were not recorded."""
    if inputs.without is None or not inputs.has("party_imports"):
        return None
    shift = shift_of(inputs, finding)
    if max(float(np.abs(change).max()) for change in shift.groups.values()) < MIN_MUSD:
        return None
    blocks: list[Block] = [creation_and_diversion(inputs, finding, shift)]
    if shift.outsiders:
        blocks.append(_outsiders(inputs, finding, shift))
    return Section("diversion", "Trade creation and trade diversion", tuple(blocks))


def shift_of(inputs: ReportInputs, finding: Finding) -> ImportShift:
    """Changes of the pair's imports in the target year."""
    assert inputs.without is not None
    regions = inputs.world.regions
    after, before = (
        year_values(result.sel(party=list(finding.pair)), "party_imports", finding)[:, finding.at]
        for result in (inputs.asked, inputs.without)
    )
    change = after - before
    members = inputs.scenario.parties
    inside = np.array([code in members and code not in finding.pair for code in regions])
    pair = np.array([code in finding.pair for code in regions])
    groups = {
        FROM_PARTNER: change[:, pair].sum(axis=1),
        FROM_MEMBERS: change[:, inside].sum(axis=1),
        FROM_OTHERS: change[:, ~pair & ~inside].sum(axis=1),
        IN_ALL: change.sum(axis=1),
    }
    if not inside.any():
        del groups[FROM_MEMBERS]
    return ImportShift(
        groups={name: over_runs(values) for name, values in groups.items()},
        by_region=over_runs(change.sum(axis=2)),
        outsiders=tuple(np.flatnonzero(~pair & ~inside).tolist()),
    )


@reflowed
def creation_and_diversion(inputs: ReportInputs, finding: Finding, shift: ImportShift) -> Drawing:
    """Change of either party's imports by group of sellers: median and 90 % of the runs."""
    title = "Trade created and diverted"
    page = sheet(
        title,
        f"Change of imports in {year_to(finding.by)} against no agreement, million USD a year. "
        "Dot: median; bar: 5–95 % of the simulations.",
        inputs.stamp,
        panels_height_in(0.85 + ROW_IN * len(shift.groups)),
    )
    for k, axes in enumerate(interval_panels(page, above_in=0.25)):
        draw_intervals(axes, [values[:, k] for values in shift.groups.values()], "million USD")
        heading = f"Imports of {finding.pair_names[k]}"
        axes.set_title(heading, size=9.5, weight="bold", loc="left", pad=4, parse_math=False)
        if k == 0 or is_narrow():
            for row, name in enumerate(shift.groups):
                name_row(axes, row, name, MEANING[name])
    rows = tuple(
        (finding.pair[k], name, quantile, float(values[q, k]))
        for name, values in shift.groups.items()
        for k in (0, 1)
        for q, quantile in SHOWN_QUANTILES
    )
    return Drawing(
        name=f"creation-and-diversion{inputs.suffix(finding)}",
        title=title,
        alt=_alt(finding, shift),
        caption="Creation: a party's total imports rise. Diversion: its imports from outsiders "
        "fall. Energy is included; unexplained variation of single pairs is not.",
        figure=page.figure,
        columns=("importer", "sellers", "quantile", "change_musd_per_year"),
        rows=rows,
    )


def _alt(finding: Finding, shift: ImportShift) -> str:
    parts = [
        f"{importer}, {name} {interval_words(values[:, k])}"
        for k, importer in enumerate(finding.pair_names)
        for name, values in shift.groups.items()
    ]
    return f"Change against no agreement, million USD a year: {listed(parts)}."


def _outsiders(inputs: ReportInputs, finding: Finding, shift: ImportShift) -> TableBlock:
    """Outsiders whose sales to the pair change most."""
    size = np.abs(shift.by_region[MIDDLE])
    order = sorted(shift.outsiders, key=lambda k: -size[k])[:MAX_OUTSIDERS]
    order.sort(key=lambda k: -shift.by_region[MIDDLE, k])

    def row(k: int) -> tuple[TableCell, ...]:
        change = shift.by_region[:, k]
        edges = (float(change[q]) for q in (LOW, HIGH))
        return (
            inputs.world.region_names[k],
            amount_of(change, "million USD/yr", signed_musd(change[MIDDLE])),
            *(Amount(edge, "million USD/yr", text=signed_musd(edge)) for edge in edges),
        )

    return TableBlock(
        columns=(TableColumn("Outsider"), *numbers("Median", "5 %", "95 %")),
        rows=tuple(map(row, order)),
        caption=f"Change of sales to {listed(finding.pair_names)} together in "
        f"{year_to(finding.by)} against no agreement, million USD: the outsiders that change most",
    )
