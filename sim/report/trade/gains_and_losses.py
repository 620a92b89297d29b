"""Gains and losses by region: the map, the ranked figure and a table of every region."""

from collections.abc import Sequence

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts_over_runs import HIGH, LOW, MIDDLE, amount_of
from sim.report.page.blocks import (
    Block,
    Fold,
    Section,
    TableBlock,
    TableCell,
    TableColumn,
    numbers,
)
from sim.report.page.formatting import aligned, plural, rounded, year_to
from sim.report.page.report_inputs import ReportInputs
from sim.report.trade.income_map import map_of_incomes
from sim.report.trade.incomes import Incomes, gains_and_losses, incomes_of
from sim.report.trade.third_countries import outsiders_in_words
from sim.study.ensemble.findings import Finding

BASIS_POINTS = 1e4
WORTH_A_ROW = 0.004
"""Part of the largest change, interval counted, below which a region has no row of its own [1]."""


def gains_and_losses_section(inputs: ReportInputs, finding: Finding) -> Section | None:
    """Section on gains and losses; None without agreements or if the closure has no incomes."""
    if inputs.without is None or not inputs.has_incomes:
        return None
    incomes = incomes_of(inputs, finding)
    on_map = map_of_incomes(inputs, finding, incomes)
    blocks: list[Block] = [
        gains_and_losses(inputs, finding, incomes),
        *ranked_incomes(finding, incomes),
    ]
    why = tuple(outsiders_in_words(inputs, finding, incomes))
    if why:
        blocks.append(Fold("Why countries outside the agreements gain or lose", why))
    return Section(
        "incomes", "Gains and losses of real income", tuple([on_map, *blocks] if on_map else blocks)
    )


def ranked_incomes(finding: Finding, incomes: Incomes) -> list[Block]:
    """Regions by their gain in dollars, the largest first; those that hardly move are folded."""
    edges = np.abs(incomes.gain).max(axis=0)
    is_small = edges < WORTH_A_ROW * edges.max()
    order = [int(k) for k in np.argsort(-incomes.musd, kind="stable")]
    caption = (
        f"Change of real income in {year_to(finding.by)} against no agreement, medians, in "
        "brackets 5–95 % of the simulations; bp: hundredths of a per cent of the base year's GDP"
    )
    blocks: list[Block] = [_rows(incomes, [k for k in order if not is_small[k]], caption)]
    if is_small.any():
        most, n = float(edges[is_small].max()), int(is_small.sum())
        rest = f"{plural(n, 'other region')} {'changes' if n == 1 else 'change'} by less than "
        line = f"{rest}{rounded(most, 1)} million USD either way"
        blocks.append(Fold(line, (_rows(incomes, [k for k in order if is_small[k]], caption),)))
    return blocks


def _rows(incomes: Incomes, order: Sequence[int], caption: str) -> TableBlock:
    """A row for each of some regions."""
    # One number of decimals in a table: an interval is told as exactly as its estimate.
    kinds = (
        (_written(incomes.gain[:, order]), incomes.gain, "million USD/yr"),
        (_written(BASIS_POINTS * incomes.share[:, order]), BASIS_POINTS * incomes.share, "bp"),
    )
    rows: list[tuple[TableCell, ...]] = []
    for n, k in enumerate(order):
        cells: list[TableCell] = [incomes.names[k]]
        for texts, values, unit in kinds:
            text = f"{texts[MIDDLE][n]} ({texts[LOW][n]} to {texts[HIGH][n]})"
            cells.append(amount_of(values[:, k], unit, text))
        rows.append(tuple(cells))
    columns = (TableColumn("Region"), *numbers("Million USD a year", "bp of GDP"))
    return TableBlock(columns, tuple(rows), caption)


def _written(quantiles: FloatArray) -> list[list[str]]:
    """Quantiles of several changes, [quantile][change], all with the same number of decimals."""
    flat = aligned(quantiles.ravel().tolist())
    width = quantiles.shape[1]
    return [flat[row * width : (row + 1) * width] for row in range(len(quantiles))]
