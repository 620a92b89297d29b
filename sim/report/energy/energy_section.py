"""Energy of a pair: what it carries of the trade, who supplies whom, at which price, what lacks."""

from collections.abc import Iterator

import numpy as np

from sim.report.energy.diagram import energy_diagram
from sim.report.energy.flows import (
    NEGLIGIBLE,
    EnergyFlow,
    bought_before,
    flows_of,
    has_energy,
    party_values,
    short_name,
)
from sim.report.energy.over_time import LineSeries, course_figure, series_legend, shown_positions
from sim.report.energy.shortage import missing_in_words, missing_share, shortage_blocks
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import amount_over, amount_with_interval, over_runs
from sim.report.page.blocks import (
    Block,
    Fold,
    Paragraph,
    Section,
    TableBlock,
    TableCell,
    TableColumn,
    numbers,
)
from sim.report.page.formatting import listed, musd, per_cent, rounded, two_digits, year_to
from sim.report.page.report_inputs import ReportInputs, flows_of_pair
from sim.report.page.time_axis import year_of
from sim.study.ensemble.asked_answer import year_values
from sim.study.ensemble.findings import Finding
from sim.study.ensemble.headline import WORTH_NAMING

Flows = dict[str, tuple[EnergyFlow, ...]]

UNTOUCHED = (
    "The scenario changes nothing about energy. Folded here: what {who} buy and sell, prices, "
    "suppliers and shortages."
)
WORTH_NAMING_MUSD = 0.05
"""Trade in a carrier below which a sentence passes over it [musd/year]."""


def energy_section(inputs: ReportInputs, finding: Finding) -> Section | None:
    """Energy; None where the world has no market for it or its measures were not recorded."""
    if not has_energy(inputs):
        return None
    flows = {party: flows_of(inputs, finding, party) for party in finding.pair}
    said = tuple(_carried(inputs, finding))
    blocks: list[Block] = []
    if any(flows.values()):
        blocks.append(energy_diagram(inputs, finding, flows))
    if any(flow.is_import for own in flows.values() for flow in own):
        blocks.append(supply_table(inputs, finding, flows))
    blocks += _prices(inputs, finding)
    blocks += _suppliers(inputs, finding, flows)
    blocks += shortage_blocks(inputs, finding)
    if not _is_asked(inputs, finding):
        blocks = [Fold(UNTOUCHED.format(who=listed(finding.pair_names)), tuple(blocks))]
    return Section("energy", "Energy", (*said, *blocks))


def _is_asked(inputs: ReportInputs, finding: Finding) -> bool:
    """True if the pair trades energy, or the scenario changes anything about it."""
    changes = inputs.scenario.energy
    return finding.energy_share >= WORTH_NAMING or changes != type(changes)()


def _carried(inputs: ReportInputs, finding: Finding) -> Iterator[Paragraph]:
    """Shares of the trade and of the target that are energy, and the carriers involved."""
    last, base = year_to(finding.by), inputs.world.base_year
    a, b = finding.pair_names
    low, middle, high = np.quantile(finding.energy, [0.05, 0.5, 0.95])
    if not high > 0:
        yield Paragraph(
            f"{a} and {b} trade no energy in {last}: all of the target is left to goods.",
            {"energy between the two": Amount(0, "million USD/yr")},
        )
        return
    yield Paragraph(
        f"Energy between {a} and {b} is worth {musd(middle)} million USD in {last} in the median "
        f"run (5–95 % of the simulations: {musd(low)} to {musd(high)}), which is "
        f"{per_cent(middle / finding.target_musd)} of the target. Its share in a run's trade is "
        f"{_share_in_words(finding)} in the median.",
        {
            "energy between the two": amount_over(finding.energy, "million USD/yr"),
            "share in a run's trade": amount_over(finding.energy_shares, "1"),
            "share of the target": amount_over(finding.energy / finding.target_musd, "1"),
        },
    )
    parts, facts = [], dict[str, Amount]()
    for flow, (seller, buyer) in zip(flows_of_pair(finding), ((a, b), (b, a)), strict=True):
        trade = year_values(inputs.asked.sel(flow=flow), "carrier_trade", finding)[:, finding.at]
        facts |= {
            f"{short_name(inputs.world.energy, c)} from {seller} to {buyer}":
            amount_over(trade[:, c], "million USD/yr")
            for c in range(trade.shape[1])
        }  # fmt: skip
        carriers = [
            f"{short_name(inputs.world.energy, c)} "
            f"{amount_with_interval(over_runs(trade[:, c]), 'million USD/yr', musd).text}"
            for c, value in enumerate(np.median(trade, axis=0).tolist())
            if value >= WORTH_NAMING_MUSD
        ]
        if carriers:
            parts.append(f"from {seller} to {buyer} {listed(carriers)}")
    if parts:
        yield Paragraph(
            f"Medians by carrier (5–95 % of the simulations), million USD: {'; '.join(parts)}.",
            facts,
        )
    else:
        yield Paragraph(
            "No route of energy between the two carries anything in the median run; their trade "
            f"is the recorded value of {base}, carried forward with world output.",
            facts,
        )


def supply_table(inputs: ReportInputs, finding: Finding, flows: Flows | None = None) -> TableBlock:
    """A row for each carrier that a State buys abroad."""
    flows = flows or {party: flows_of(inputs, finding, party) for party in finding.pair}
    energy, base = inputs.world.energy, inputs.world.base_year
    last = year_of(finding, finding.at)
    lacking = missing_share(inputs, finding)[:, finding.at]
    index = over_runs(party_values(inputs, finding, "concentration")[:, finding.at])
    rows: list[tuple[TableCell, ...]] = []
    for side, party in enumerate(finding.pair):
        before, index_before = bought_before(flows[party], len(energy.carriers))
        for c in range(len(energy.carriers)):
            bought = [f for f in flows[party] if f.is_import and f.carrier == c]
            if not bought:
                continue
            after = np.sum([f.after for f in bought], axis=0)
            unit = f"{energy.units[c]}/yr"
            first = max(bought, key=lambda f: f.mean)
            whole = max(sum(f.mean for f in bought), NEGLIGIBLE)
            rows.append(
                (
                    f"{finding.pair_names[side]}, {short_name(energy, c)} ({energy.units[c]})",
                    Amount(float(before[c]), unit, text=rounded(float(before[c]))),
                    amount_with_interval(over_runs(after), unit, two_digits),
                    Amount(
                        first.mean / whole,
                        "1",
                        text=f"{inputs.world.region_names[first.partner]} "
                        f"{per_cent(first.mean / whole)}",
                    ),
                    Amount(float(index_before[c]), "1", text=two_digits(float(index_before[c]))),
                    amount_with_interval(index[:, c, side], "1", two_digits),
                    amount_with_interval(over_runs(lacking[:, c, side]), "1", missing_in_words),
                )
            )
    return TableBlock(
        columns=(
            TableColumn("State and carrier"),
            *numbers(f"Bought {base}", f"Bought {last}"),
            TableColumn(f"Largest supplier {last}"),
            *numbers(f"HHI {base}", f"HHI {last}", "Unserved"),
        ),
        rows=tuple(rows),
        caption="Energy bought abroad, medians, in brackets 5–95 % of the simulations (largest "
        "supplier: its part in the mean of the runs, which has no interval of its own). HHI: "
        "Herfindahl–Hirschman index of suppliers, 1 for a single one. Unserved: part of what is "
        "wanted at the price of the path",
    )


def _share_in_words(finding: Finding) -> str:
    return amount_with_interval(over_runs(finding.energy_shares), "1", per_cent).text


def _suppliers(inputs: ReportInputs, finding: Finding, flows: Flows) -> Iterator[Block]:
    energy = inputs.world.energy
    n = len(energy.carriers)
    before = np.stack([bought_before(flows[party], n)[1] for party in finding.pair], axis=1)
    values = party_values(inputs, finding, "concentration")
    shown = shown_positions(np.asarray((values > 0).any(axis=(0, 1)) | (before > 0)))
    if not shown:
        return
    course = LineSeries(
        "supplier-concentration",
        "herfindahl_hirschman_index",
        f"Concentration of {' and '.join(finding.pair_names)}'s suppliers of energy",
        "Herfindahl–Hirschman index of the volumes bought abroad: 1 is a single supplier, 0.5 two "
        "alike, 0 that nothing is bought. " + series_legend(inputs, "dots: base year"),
        "A low index does not mean safety where suppliers share a strait, a pipe or a border.",
        values,
        before,
        ("",) * n,
        limit=1.0,
    )
    yield course_figure(inputs, finding, course, shown)


def _prices(inputs: ReportInputs, finding: Finding) -> Iterator[Block]:
    energy = inputs.world.energy
    values = party_values(inputs, finding, "energy_price")
    own = [inputs.world.region_index(party) for party in finding.pair]
    shown = shown_positions(np.asarray(np.isfinite(values).all(axis=(0, 1))))
    if not shown:
        return
    course = LineSeries(
        "energy-prices",
        "price",
        f"Prices of energy in {' and '.join(finding.pair_names)}",
        "Current prices; a band may run out of its panel. "
        + series_legend(inputs, "dots: base year"),
        "World prices follow their record, then the scenario or a flat real path, and stray from "
        "it as they have strayed; what routes, contracts and shocks do comes on top.",
        values,
        energy.price[:, own],
        energy.price_units,
    )
    yield course_figure(inputs, finding, course, shown)
