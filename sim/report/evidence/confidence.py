"""Confidence in the answer: what was uncertain in the runs, and errors of past forecasts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.laws.uncertainty.residuals import points_at
from sim.report.evidence.assumptions import any_varies
from sim.report.evidence.official_targets_section import official_blocks
from sim.report.evidence.records_since_base import (
    in_words,
    recorded_amounts,
    recorded_since,
    since_base,
)
from sim.report.evidence.uncertainty_sources import residual_shocks
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import amount_of, chance_amount
from sim.report.page.blocks import (
    Block,
    Fold,
    Note,
    Paragraph,
    Section,
    Subheading,
    TableBlock,
    TableCell,
    numbers,
    words,
)
from sim.report.page.formatting import (
    ledger_in_words,
    listed,
    musd,
    per_cent,
    plural,
    rounded,
    year_to,
)
from sim.report.page.recorded_trade import recorded_years
from sim.report.page.report_inputs import ReportInputs, heading_of
from sim.report.policy.accession_blocks import accession_blocks
from sim.study.ensemble.findings import INTERVAL, Finding
from sim.study.ensemble.headline import basis_in_words, share_with_error

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario

HORIZONS = (1, 4, 8)


@dataclass(frozen=True)
class Layer:
    """One layer of uncertainty."""

    name: str
    is_on: bool
    meaning: str


def confidence_section(inputs: ReportInputs) -> Section:
    """Basis of the answer, evidence of other statistics, and records added since."""
    blocks: list[Block] = []
    for finding in inputs.findings:
        if len(inputs.findings) > 1:
            blocks.append(Subheading(heading_of(finding)))
        blocks += _certainty(inputs, finding)
    layers = layers_table(inputs.scenario, is_drawn=any_varies(inputs))
    blocks.append(Fold("What is uncertain in the simulations", (layers,)))
    blocks += official_blocks(inputs.world, [found.pair for found in inputs.findings])
    if any(agreement.may_join for agreement in inputs.scenario.agreements.values()):
        blocks += accession_blocks(inputs.world)
    return Section("confidence", "Confidence", tuple(blocks))


def _certainty(inputs: ReportInputs, finding: Finding) -> Iterator[Block]:
    facts = {
        "chance that the year reaches the target": chance_amount(finding.chance),
        "chance that it or an earlier year does": chance_amount(finding.touched),
    }
    yield Paragraph(certainty_of(finding), facts)
    yield from _other_ledgers(inputs, finding)
    drawing, judged = recorded_since(inputs, finding), since_base(inputs, finding)
    if drawing is not None:
        yield drawing
    if judged:
        yield Paragraph(in_words(judged, finding), recorded_amounts(judged))
    shocks, basis = residual_shocks(inputs, finding), forecast_basis(inputs, finding)
    folded: list[Block] = [*((shocks,) if shocks is not None else ()), *basis]
    if basis:
        folded.append(
            Note(
                "The forecasts are made by the growth law of this model from past trade of many "
                "pairs. Unexplained variation is drawn to be as large and as lopsided."
            )
        )
    if folded:
        yield Fold("Where simulations differ, and how wrong past forecasts were", tuple(folded))
    ledgers = tuple(_ledgers(inputs, finding))
    if ledgers:
        yield Fold("Recorded trade, year by year and source by source", ledgers)


def _other_ledgers(inputs: ReportInputs, finding: Finding) -> Iterator[Block]:
    """The same question asked in the ledgers of others: nothing where they say the same."""
    others = inputs.in_other_ledgers(finding)
    if not others:
        return
    own = {inputs.world.ledger: finding}
    last = year_to(finding.by)
    fewest = min(len(found.trade) for found in others.values())
    basis = f", the others from {fewest} simulations each" if fewest < len(finding.trade) else ""
    yield TableBlock(
        (*words("Statistics"), *numbers(str(inputs.world.base_year), f"{last}, median", "5–95 %",
                                   "Chance of the target")),
        tuple(_in_ledgers(ledger_in_words(name), found) for name, found in (own | others).items()),
        "The same question from other statistics: "
        f"{'–'.join(finding.pair_names)} trade, million USD a year, and the chance that {last} "
        f"reaches the target. The first line is this run{basis}",
    )  # fmt: skip


def _in_ledgers(ledgers: str, found: Finding) -> tuple[TableCell, ...]:
    trade = amount_of(found.quantiles[:, found.at], "million USD/yr")
    return (
        ledgers,
        Amount(found.baseline_musd, "million USD/yr", text=musd(found.baseline_musd)),
        replace(trade, text=musd(trade.value)),
        replace(trade, text=f"{musd(trade.low or 0.0)} to {musd(trade.high or 0.0)}"),
        chance_amount(found.chance, share_with_error(found.chance)),
    )


def _ledgers(inputs: ReportInputs, finding: Finding) -> Iterator[Block]:
    """Ledger records of the pair, year by year."""
    records = recorded_years(inputs.world, finding.pair).years
    if records:
        world = inputs.world
        rows = tuple(
            (
                year.period,
                year.ledgers,
                # As precisely as ledgers are quoted.
                Amount(year.trade_musd, "million USD/yr", text=f"{year.trade_musd:,.1f}"),
            )
            for year in sorted(records, key=lambda year: (year.end, year.ledgers))
        )
        start = ledger_in_words(world.ledger) if finding.is_held else "the world's matrix of trade"
        caption = (
            f"What statistics record for {'–'.join(finding.pair_names)} trade, both directions, by "
            f"whole years. This run starts from {start}: "
            f"{round(finding.baseline_musd, 1)} million USD in {world.base_year}"
        )
        columns = (*words("Period", "Whose figure"), *numbers("Million USD"))
        yield TableBlock(columns, rows, caption)


def layers_table(scenario: "Scenario", *, is_drawn: bool) -> TableBlock:
    """The layers of uncertainty, whether the scenario has them on, and what they hold."""
    return TableBlock(
        columns=words("Layer of uncertainty", "State", "What it holds"),
        rows=tuple(
            (layer.name, "on" if layer.is_on else "off", layer.meaning)
            for layer in layers_of(scenario, is_drawn=is_drawn)
        ),
        caption="",
    )


def layers_of(scenario: "Scenario", *, is_drawn: bool = True) -> tuple[Layer, ...]:
    """The three layers and whether the scenario has them on.

    Parameters
    ----------
    scenario : Scenario
    is_drawn : bool
        Whether any parameter differs between the runs.
    """
    layers = scenario.uncertainty_sources
    drawn = "drawn for every run from the distributions listed under the assumptions"
    if layers.parameters and not is_drawn:
        drawn = "no parameter has a distribution in this scenario, so none differs between runs"
    return (
        Layer("Uncertain parameters", layers.parameters, drawn),
        Layer("Chance", layers.events, "closures, political breaks, world prices of energy and "
              "errors of GDP forecasts"),
        Layer("Residual shocks of each pair", layers.residual_shocks, "as large as errors of past "
              "forecasts of such flows"),
    )  # fmt: skip


def certainty_of(finding: Finding) -> str:
    """Explanation of how to read the chance."""
    text = (
        f"{share_with_error(finding.chance)} of simulated futures reach the target in "
        f"{year_to(finding.by)}; ± is the error that the number of simulations leaves "
        f"({per_cent(INTERVAL)} confidence). {basis_in_words(finding)}"
    )
    if finding.is_probability:
        return (
            f"{text} Parameters, events and unexplained variation all vary, so the share may be "
            "read as a probability."
        )
    return f"{text} A source of uncertainty is off, so the share is not a probability."


def forecast_basis(inputs: ReportInputs, finding: Finding) -> tuple[Paragraph, ...]:
    """Errors of past forecasts of flows of this size, one sentence per direction."""
    points = inputs.world.error_points.centred()
    ends = [int(np.argmin(np.abs(points.shares - share))) for share in (0.05, 0.95)]
    sentences = []
    for k, (exporter, importer) in enumerate((finding.pair, finding.pair[::-1])):
        flow = inputs.world.pair_musd(exporter, importer)
        factors = np.exp(points_at(points, flow, HORIZONS)[0][:, ends])
        parts = [
            f"{rounded(low, 2)} and {rounded(high, 2)} times the forecast after "
            f"{plural(years, 'year')}"
            for years, (low, high) in zip(HORIZONS, factors, strict=True)
        ]
        direction = finding.directions[k]
        told = {f"{direction}, base year": Amount(flow, "million USD/yr")}
        for years, (low, high) in zip(HORIZONS, factors, strict=True):
            told[f"{direction}, 5 % point after {plural(years, 'year')}"] = Amount(low, "1")
            told[f"{direction}, 95 % point after {plural(years, 'year')}"] = Amount(high, "1")
        sentences.append(
            Paragraph(
                f"{direction} ({musd(flow)} million USD): of past forecasts of flows of that size "
                f"nine in ten ended between {listed(parts)}.",
                told,
            )
        )
    return tuple(sentences)
