"""Who gains and who loses: the map, the ranked figure and every region in a table."""

import numpy as np

from sim.report.blocks import Block, Column, Section, Table, Text, numbers
from sim.report.income_map import map_of_incomes
from sim.report.incomes import incomes_of, winners_and_losers
from sim.report.series import HIGH, LOW, MIDDLE, Material
from sim.report.wording import aligned, listed, signed, year_to
from sim.study.findings import Finding

BASIS_POINTS = 1e4
MOST_TOLD = 3
"""Outsiders that are named."""


def winners_section(material: Material, finding: Finding) -> Section | None:
    """Who gains and who loses; None without agreements or under a closure without incomes."""
    if material.without is None or not material.has_incomes:
        return None
    on_map, outsiders = map_of_incomes(material, finding), _outsiders(material, finding)
    blocks: list[Block] = [on_map] if on_map else []
    blocks.append(winners_and_losers(material, finding))
    if outsiders:
        blocks.append(outsiders)
    blocks.append(_ranked(material, finding))
    return Section("incomes", "Who gains, who loses", tuple(blocks))


def _outsiders(material: Material, finding: Finding) -> Text | None:
    """Why regions that are party to nothing gain, where borders on their way become quicker."""
    agreements = material.scenario.agreements.values()
    if not any(a.kind == "transit" and (a.border_time_cut or a.fee_cut) for a in agreements):
        return None
    members = {member for agreement in agreements for member in agreement.members}
    incomes = incomes_of(material, finding)
    order = np.argsort(-incomes.musd, kind="stable")
    told = [
        f"{incomes.names[k]} ({signed(float(incomes.musd[k]))} million USD)"
        for k in order
        if incomes.regions[k] not in members and incomes.share[LOW, k] > 0
    ]
    if not told:
        return None
    return Text(
        f"Party to no agreement and yet better off in nearly all runs: {listed(told[:MOST_TOLD])}. "
        "The members' borders become quicker for all cargo that a member buys or sells, whoever is "
        "at the other end."
    )


def _ranked(material: Material, finding: Finding) -> Table:
    """Every region, the largest gain in dollars first."""
    incomes = incomes_of(material, finding)
    order = np.argsort(-incomes.musd, kind="stable")
    dollars = aligned(incomes.musd[order].tolist())
    shares = [
        aligned((BASIS_POINTS * incomes.share[q, order]).tolist()) for q in (MIDDLE, LOW, HIGH)
    ]
    return Table(
        columns=(Column("Region"), *numbers("Million USD a year", "Median, bp", "5 %", "95 %")),
        rows=tuple(
            (incomes.names[k], dollars[n], *(values[n] for values in shares))
            for n, k in enumerate(order)
        ),
        caption=f"Change of real income in {year_to(finding.by)}, as asked against no agreement; "
        "bp: hundredths of a per cent of income",
    )
