"""The target over the years: the fan and its quantiles as a table."""

from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE, amount_of, chance_amount
from sim.report.page.blocks import Note, Section, TableBlock, TableCell, TableColumn, numbers
from sim.report.page.formatting import musd
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.time_axis import year_of
from sim.report.trade.target_fan import target_fan
from sim.study.ensemble.findings import Finding
from sim.study.ensemble.headline import share_with_error

UNIT = "million USD/yr"


def target_section(inputs: ReportInputs, finding: Finding) -> Section:
    """Trade against the target."""
    source = inputs.scenario.targets[finding.name].source or "not stated"
    return Section(
        "target",
        "Trade against the target",
        (
            Note(f"Target set by: {source}"),
            # The fan of the first target stands on the first page.
            *(() if finding is inputs.findings[0] else (target_fan(inputs, finding),)),
            yearly_quantiles(finding),
        ),
    )


def yearly_quantiles(finding: Finding) -> TableBlock:
    """Trade by year, the chance that the year reaches the target, and that some year so far did."""
    chance, touched = finding.course.chance, finding.course.touched

    def row(k: int) -> tuple[TableCell, ...]:
        trade = finding.quantiles[:, k]
        low, middle, high = (musd(float(trade[q])) for q in (LOW, MIDDLE, HIGH))
        return (
            year_of(finding, k) + (" (target)" if k == finding.at else ""),
            amount_of(trade, UNIT, middle),
            amount_of(trade, UNIT, f"{low} to {high}"),
            chance_amount(chance[k], share_with_error(chance[k])),
            chance_amount(touched[k], share_with_error(touched[k])),
        )

    return TableBlock(
        columns=(
            TableColumn("Year"),
            *numbers("Median", "5–95 %", "Reaches it", "Reached by then"),
        ),
        rows=tuple(map(row, range(len(finding.years)))),
        caption=f"{'–'.join(finding.pair_names)} trade, both directions, million USD a year, "
        "current prices; chance that the year reaches the target, and that it or an earlier one "
        "does (± simulation error)",
        marked=frozenset({finding.at}),
    )
