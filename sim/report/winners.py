"""Who gains and who loses: the map, the ranked figure and every region in a table."""

from dataclasses import replace

import numpy as np

from sim.report.blocks import Block, Column, Section, Table, numbers
from sim.report.facts import Amount
from sim.report.income_map import map_of_incomes
from sim.report.incomes import Incomes, incomes_of, winners_and_losers
from sim.report.outsiders import outsiders_in_words
from sim.report.series import HIGH, LOW, MIDDLE, Material, amount_of
from sim.report.wording import aligned, in_brackets, rounded, year_to
from sim.study.findings import Finding

BASIS_POINTS = 1e4


def winners_section(material: Material, finding: Finding) -> Section | None:
    """Who gains and who loses; None without agreements or under a closure without incomes."""
    if material.without is None or not material.has_incomes:
        return None
    incomes = incomes_of(material, finding)
    on_map = map_of_incomes(material, finding, incomes)
    blocks: list[Block] = [
        winners_and_losers(material, finding, incomes),
        _ranked(finding, incomes),
        *outsiders_in_words(material, finding, incomes),
    ]
    return Section(
        "incomes", "Who gains, who loses", tuple([on_map, *blocks] if on_map else blocks)
    )


def _whole(value: float) -> str:
    """A change in whole million USD."""
    text = rounded(float(round(value)))
    return f"+{text}" if value > 0 and text != "0" else text


def _ranked(finding: Finding, incomes: Incomes) -> Table:
    """Every region, the largest gain in dollars first."""
    order = np.argsort(-incomes.musd, kind="stable")
    dollars = aligned(incomes.musd[order].tolist())
    shares = [
        aligned((BASIS_POINTS * incomes.share[q, order]).tolist()) for q in (MIDDLE, LOW, HIGH)
    ]
    return Table(
        columns=(Column("Region"), *numbers("Million USD a year", "Median, bp", "5 %", "95 %")),
        rows=tuple(
            (
                incomes.names[k],
                replace(
                    amount_of(incomes.gain[:, k], "million USD/yr"),
                    text=dollars[n] + in_brackets(*incomes.gain[[LOW, HIGH], k], write=_whole),
                ),
                amount_of(BASIS_POINTS * incomes.share[:, k], "bp", shares[0][n]),
                *(
                    Amount(float(BASIS_POINTS * incomes.share[q, k]), "bp", text=shares[m][n])
                    for m, q in ((1, LOW), (2, HIGH))
                ),
            )
            for n, k in enumerate(order)
        ),
        caption=f"Change of real income in {year_to(finding.by)}, as asked against no agreement: "
        "medians, in brackets 90 % of the runs; bp: hundredths of a per cent of the base year's "
        "product",
    )
