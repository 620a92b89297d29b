"""The target over the years: the fan and its quantiles as a table."""

from sim.report.blocks import Column, Note, Section, Table, numbers
from sim.report.facts import Amount
from sim.report.fan import target_fan
from sim.report.series import Material, share_told, year_of
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
    """Quantiles of the trade by year, and the share of runs that have reached the target."""
    reached = finding.reached_by_year()
    n = finding.n_runs
    return Table(
        columns=(
            Column("Year"),
            *numbers("5 %", "25 %", "Median", "75 %", "95 %", "Reached by then"),
        ),
        rows=tuple(
            (
                year_of(finding, k) + (" (target)" if k == finding.at else ""),
                *(
                    Amount(float(value), "million USD/yr", text=musd(float(value)))
                    for value in finding.quantiles[:, k]
                ),
                share_told(round(reached[k] * n), n),
            )
            for k in range(len(finding.years))
        ),
        caption=f"{'–'.join(finding.pair_names)} trade in both directions, million USD a year, "
        "current prices, quantiles over the runs. In brackets: the 90 % interval that the number "
        "of runs leaves their share",
        marked=frozenset({finding.at}),
    )
