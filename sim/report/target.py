"""The target over the years: the fan and its quantiles as a table."""

from sim.report.blocks import Column, Note, Section, Table, numbers
from sim.report.facts import Amount
from sim.report.fan import target_fan
from sim.report.series import Material, chance_told, year_of
from sim.report.wording import musd
from sim.study.findings import Finding


def target_section(material: Material, finding: Finding) -> Section:
    """Trade against the target."""
    source = material.scenario.targets[finding.name].source or "not stated"
    return Section(
        "target",
        "Trade against the target",
        (
            Note(f"Target set by: {source}"),
            target_fan(material, finding),
            yearly_quantiles(finding),
        ),
    )


def yearly_quantiles(finding: Finding) -> Table:
    """Quantiles of the trade by year, the chance that it reaches the target, and so far."""
    chance, touched = finding.course.chance, finding.course.touched
    return Table(
        columns=(
            Column("Year"),
            *numbers("5 %", "25 %", "Median", "75 %", "95 %", "Reaches it", "Has so far"),
        ),
        rows=tuple(
            (
                year_of(finding, k) + (" (target)" if k == finding.at else ""),
                *(
                    Amount(float(value), "million USD/yr", text=musd(float(value)))
                    for value in finding.quantiles[:, k]
                ),
                chance_told(chance[k]),
                chance_told(touched[k]),
            )
            for k in range(len(finding.years))
        ),
        caption=f"{'–'.join(finding.pair_names)} trade in both directions, million USD a year, "
        "current prices, quantiles over the futures; chance that the year reaches the target, and "
        "that it or an earlier one does, in brackets the 90 % interval of the simulation",
        marked=frozenset({finding.at}),
    )
