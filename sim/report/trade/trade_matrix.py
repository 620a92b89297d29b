"""The pair's trade by good and direction, before and after: the trade matrix as a table."""

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import (
    HIGH,
    LOW,
    MIDDLE,
    amount_of,
    amount_with_interval,
    parts_of_trade,
)
from sim.report.page.blocks import Fold, Section, TableBlock, TableCell, TableColumn, numbers
from sim.report.page.formatting import musd, year_to
from sim.report.page.report_inputs import ReportInputs
from sim.study.ensemble.findings import Finding

UNIT = "million USD/yr"
ENERGY = "Energy"
ALL = "All goods and energy"


def matrix_section(inputs: ReportInputs, finding: Finding) -> Section:
    """Trade before and after, by good, folded by direction: all goods are told before."""
    names = (finding.pair_names, finding.pair_names[::-1])
    blocks = tuple(
        Fold(f"{seller} to {buyer}, by good", (_table(inputs, finding, side),), is_printed=True)
        for side, (seller, buyer) in enumerate(names)
    )
    return Section("matrix", "Trade by good, before and after", blocks)


def _table(inputs: ReportInputs, finding: Finding, side: int) -> TableBlock:
    """A row for each good that one direction carries: base year, without, as asked."""
    world, last = inputs.world, year_to(finding.by)
    seller, buyer = finding.pair_names[side], finding.pair_names[1 - side]
    i, j = (world.region_index(code) for code in (finding.pair[side], finding.pair[1 - side]))
    before = [*world.trade[:, i, j].tolist(), float(world.energy_trade[i, j])]
    before.append(sum(before))
    known = [Amount(value, UNIT, text=musd(value)) for value in before]
    asked = _by_good(inputs, finding, side, without=False)
    titles = [f"{world.base_year}"]
    columns = [known]
    if inputs.without is not None:
        titles.append(f"{last}, no agreement")
        without = _by_good(inputs, finding, side, without=True)
        columns.append([amount_with_interval(values, UNIT, musd) for values in without.T])
    titles += [f"{last}{', with the agreements' if len(titles) > 1 else ''}"]
    columns.append([amount_of(v, UNIT, musd(float(v[MIDDLE]))) for v in asked.T])
    ranges = [amount_of(v, UNIT, f"{musd(v[LOW])} to {musd(v[HIGH])}") for v in asked.T]
    names = (*world.good_names, ENERGY, ALL)
    rows: list[tuple[TableCell, ...]] = []
    for k, name in enumerate(names):
        amounts = [column[k] for column in columns]
        if max(amount.value for amount in amounts) > 0:
            rows.append((name, *amounts, ranges[k]))
    return TableBlock(
        columns=(TableColumn("Good"), *numbers(*titles), TableColumn("5–95 %", is_number=True)),
        rows=tuple(rows),
        caption=f"{seller} to {buyer}, million USD a year, current prices; medians of each good by "
        "itself, so that goods need not add up, in brackets 5–95 % of the futures",
    )


def _by_good(inputs: ReportInputs, finding: Finding, side: int, *, without: bool) -> FloatArray:
    """(n_quantiles, n_goods + 2) trade of the target year: goods, energy, all."""
    result = inputs.without if without else inputs.asked
    assert result is not None
    return parts_of_trade(finding, result, side)[..., 0]
