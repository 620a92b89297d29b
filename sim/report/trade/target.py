"""The target over the years: the fan and its quantiles as a table."""

from sim.report.page.amounts import Amount
from sim.report.page.blocks import Note, Section, TableBlock, TableColumn, numbers
from sim.report.page.formatting import musd
from sim.report.page.material import ReportInput, chance_sentence, year_of
from sim.report.trade.target_fan import target_fan
from sim.study.ensemble.findings import Finding


def target_section(material: ReportInput, finding: Finding) -> Section:
    """Trade against the target."""
    source = material.scenario.targets[finding.name].source or "not stated"
    return Section(
        "target",
        "Trade against the target",
        (
            Note(f"Target set by: {source}"),
            # The fan of the first target stands on the first page.
            *(() if finding is material.findings[0] else (target_fan(material, finding),)),
            yearly_quantiles(finding),
        ),
    )


def yearly_quantiles(finding: Finding) -> TableBlock:
    """Quantiles of the trade by year, the chance that it reaches the target, and so far."""
    chance, touched = finding.course.chance, finding.course.touched
    return TableBlock(
        columns=(
            TableColumn("Year"),
            *numbers("5 %", "25 %", "Median", "75 %", "95 %", "Reaches it", "Has so far"),
        ),
        rows=tuple(
            (
                year_of(finding, k) + (" (target)" if k == finding.at else ""),
                *(
                    Amount(float(value), "million USD/yr", text=musd(float(value)))
                    for value in finding.quantiles[:, k]
                ),
                chance_sentence(chance[k]),
                chance_sentence(touched[k]),
            )
            for k in range(len(finding.years))
        ),
        caption=f"{'–'.join(finding.pair_names)} trade in both directions, million USD a year, "
        "current prices, quantiles over the futures; chance that the year reaches the target, and "
        "that it or an earlier one does, in brackets the 90 % interval of the simulation",
        marked=frozenset({finding.at}),
    )
