"""Key numbers for a minister: trade, real income and customs revenue of both States."""

from collections.abc import Iterator

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import amount_with_spread, over_runs
from sim.report.page.blocks import TableBlock, TableCell, TableColumn, numbers
from sim.report.page.formatting import year_to
from sim.report.page.report_inputs import ReportInputs
from sim.report.trade.incomes import incomes_of
from sim.study.ensemble.asked_answer import customs_revenue, has_revenue
from sim.study.ensemble.findings import Finding

UNIT = "million USD/yr"
NOT_ASKED = "–"


def key_numbers(inputs: ReportInputs) -> TableBlock:
    """Trade of every target's pair, real income and customs revenue of the first one's States."""
    compared = inputs.without is not None
    finding = inputs.findings[0]
    rows = [_trade(found, compared=compared) for found in inputs.findings]
    for own in (_incomes, _revenues):
        rows += [
            row
            for home, name in zip(finding.pair, finding.pair_names, strict=True)
            for row in own(inputs, finding, home, name)
        ]
    last = year_to(finding.by)
    titles = (f"{last}", "Change by the agreements") if compared else (last,)
    return TableBlock(
        columns=(TableColumn("Million USD a year"), *numbers(*titles)),
        rows=tuple(rows),
        caption="Medians, in brackets 5–95 % of simulated futures"
        + ("; changes against the same future without agreements" if compared else ""),
    )


def _trade(finding: Finding, *, compared: bool) -> tuple[TableCell, ...]:
    after = _spread(finding.quantiles[:, finding.at])
    name = f"Trade, {'–'.join(finding.pair_names)}"
    if not compared:
        return name, after
    assert finding.change is not None
    return name, after, _change(finding.change.musd)


def _incomes(
    inputs: ReportInputs, finding: Finding, home: str, name: str
) -> Iterator[tuple[TableCell, ...]]:
    """Change of a State's real income, where there are agreements and incomes were recorded."""
    if inputs.without is None or not inputs.has_incomes:
        return
    incomes = incomes_of(inputs, finding)
    gain = incomes.gain[:, incomes.regions.index(home)]
    yield f"Real income, {name}", NOT_ASKED, _change(gain)


def _revenues(
    inputs: ReportInputs, finding: Finding, home: str, name: str
) -> Iterator[tuple[TableCell, ...]]:
    """Customs revenue of a State, where it was recorded."""
    if not has_revenue(inputs.asked):
        return
    revenue = customs_revenue(inputs.asked, home, finding)[:, finding.at]
    row = (f"Customs revenue on all imports, {name}", _spread(over_runs(revenue)))
    if inputs.without is None:
        yield row
        return
    before = customs_revenue(inputs.without, home, finding)[:, finding.at]
    yield (*row, _change(over_runs(revenue - before)))


def _spread(quantiles: FloatArray, *, is_change: bool = False) -> Amount:
    return amount_with_spread(quantiles, UNIT, is_change=is_change)


def _change(quantiles: FloatArray) -> Amount:
    return _spread(quantiles, is_change=True)
