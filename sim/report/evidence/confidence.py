"""How sure the answer is: what was uncertain in the runs, and how wrong past forecasts were."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.laws.uncertainty.residuals import points_at
from sim.report.evidence.assumptions import any_varies
from sim.report.evidence.official_targets_section import official_blocks
from sim.report.evidence.recorded_since import (
    in_words,
    recorded_amounts,
    recorded_since,
    since_base,
)
from sim.report.evidence.uncertainty_sources import residual_shocks
from sim.report.page.amounts import Amount
from sim.report.page.blocks import (
    Block,
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
    whole_per_cent,
    year_to,
)
from sim.report.page.material import (
    ReportInput,
    amount_of,
    amount_with_interval,
    chance_amount,
    heading_of,
    over_runs,
)
from sim.report.page.recorded_trade import recorded_years
from sim.study.ensemble.findings import INTERVAL, Finding

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario

HORIZONS = (1, 4, 8)


@dataclass(frozen=True)
class Layer:
    """One layer of uncertainty."""

    name: str
    is_on: bool
    meaning: str


def confidence_section(material: ReportInput) -> Section:
    """What was uncertain, how the share of runs is to be read, and what the ledgers record."""
    blocks: list[Block] = [layers_table(material.scenario, is_drawn=any_varies(material))]
    for finding in material.findings:
        if len(material.findings) > 1:
            blocks.append(Subheading(heading_of(finding)))
        blocks += _certainty(material, finding)
    blocks += official_blocks(material.world, [found.pair for found in material.findings])
    return Section("confidence", "How sure is this?", tuple(blocks))


def _certainty(material: ReportInput, finding: Finding) -> list[Block]:
    basis = forecast_basis(material, finding)
    drawings = (residual_shocks(material, finding), recorded_since(material, finding))
    blocks: list[Block] = [drawing for drawing in drawings if drawing is not None]
    judged = since_base(material, finding)
    if judged:
        blocks.append(Paragraph(in_words(judged, finding), recorded_amounts(judged)))
    facts = {
        "chance that the year reaches the target": chance_amount(finding.chance),
        "chance that it or an earlier year does": chance_amount(finding.touched),
    }
    blocks += [Paragraph(certainty_of(finding), facts), *basis]
    if basis:
        blocks.append(
            Note(
                "The forecasts are those of the law by which trade of a pair is expected to grow "
                "here, made of past trade of many pairs. Where the third layer is on, the residual "
                "shocks of the runs are drawn to be as large and as lopsided."
            )
        )
    basis_of_energy = "simulated in a market of its own where routes for it are on record"
    if not material.world.energy:
        basis_of_energy = "carried forward, not simulated"
    share = amount_with_interval(over_runs(finding.energy_shares), "1", per_cent)
    blocks.append(
        Paragraph(
            f"Energy makes up {share.text} of a run's trade in {year_to(finding.by)}, in the "
            f"median of the runs; it is {basis_of_energy} (see what the model leaves out).",
            {"share of energy in a run's trade": share},
        )
    )
    blocks += _other_ledgers(material, finding)
    blocks += _ledgers(material, finding)
    return blocks


def _other_ledgers(material: ReportInput, finding: Finding) -> Iterator[Block]:
    """The same question asked in the ledgers of others: nothing where they say the same."""
    others = material.in_other_ledgers(finding)
    if not others:
        return
    own = {material.world.ledger: finding}
    last = year_to(finding.by)
    yield TableBlock(
        (*words("Ledger"), *numbers(str(material.world.base_year), f"{last}, median", "5–95 %",
                                   "Chance of the target", "90 % interval")),
        tuple(_in_ledgers(ledger_in_words(name), found) for name, found in (own | others).items()),
        f"The same question in other ledgers, with the same draws: "
        f"{'–'.join(finding.pair_names)} trade, million USD a year, and the chance that {last} "
        "reaches the target. The first line is this run",
    )  # fmt: skip


def _in_ledgers(ledgers: str, found: Finding) -> tuple[TableCell, ...]:
    trade = amount_of(found.quantiles[:, found.at], "million USD/yr")
    _, low, high = found.chance
    return (
        ledgers,
        Amount(found.baseline_musd, "million USD/yr", text=musd(found.baseline_musd)),
        replace(trade, text=musd(trade.value)),
        replace(trade, text=f"{musd(trade.low or 0.0)} to {musd(trade.high or 0.0)}"),
        chance_amount(found.chance, whole_per_cent(found.chance.value)),
        chance_amount(found.chance, f"{whole_per_cent(low)} to {whole_per_cent(high)}"),
    )


def _ledgers(material: ReportInput, finding: Finding) -> Iterator[Block]:
    """What the ledgers record of the pair, year by year."""
    records = recorded_years(material.world, finding.pair).years
    if records:
        world = material.world
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
            f"What ledgers record for {'–'.join(finding.pair_names)} trade, both directions, by "
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
              "misses of the growth outlook"),
        Layer("Residual shocks of each pair", layers.residual_shocks, "as large as errors of past "
              "forecasts of such flows"),
    )  # fmt: skip


def certainty_of(finding: Finding) -> str:
    """How the chance is to be read."""
    _, low, high = finding.chance
    text = (
        f"{whole_per_cent(finding.chance.value)} of the futures reach the target in "
        f"{year_to(finding.by)}, with a {per_cent(INTERVAL)} interval of {whole_per_cent(low)} to "
        f"{whole_per_cent(high)} that says only how well so many runs fix the share. "
        f"{_futures(finding)}"
    )
    if finding.is_probability:
        return text + " With all three layers on, the share may be read as a probability."
    return text + " A layer is off, so the share is not a probability."


def _futures(finding: Finding) -> str:
    """What counts as a future."""
    crossing = finding.answer.crossing
    pairs = crossing.pairs
    if crossing.is_crossed:
        return (
            f"A future is one of {pairs.n_known:,} simulated paths of what the laws know met with "
            f"one of {pairs.n_residual:,} paths of the residual shock, which nothing in the model "
            f"reads: {pairs.n_pairs:,} in all, as good as {pairs.effective_sample:,.0f} of equal "
            "weight."
        )
    why = listed(crossing.reasons)
    return f"A future is a run{f', with the residual path of its own, since {why}' if why else ''}."


def forecast_basis(material: ReportInput, finding: Finding) -> tuple[Paragraph, ...]:
    """How wrong past forecasts of flows of this size were, one sentence a direction."""
    points = material.world.error_points.centred()
    ends = [int(np.argmin(np.abs(points.shares - share))) for share in (0.05, 0.95)]
    sentences = []
    for k, (exporter, importer) in enumerate((finding.pair, finding.pair[::-1])):
        flow = material.world.pair_musd(exporter, importer)
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
