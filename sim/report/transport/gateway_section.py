"""Break-even of ports and energy routes: the fare, toll, time, price gap or volume they need."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.report.energy.flows import short_name
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import amount_with_interval, amount_with_spread, over_runs
from sim.report.page.blocks import (
    Block,
    Fold,
    Note,
    Paragraph,
    Section,
    TableBlock,
    TableCell,
    TableColumn,
    numbers,
)
from sim.report.page.formatting import musd, per_cent, rounded, two_digits
from sim.report.page.report_inputs import ReportInputs
from sim.study.break_even.energy_gaps import COMMITTED

if TYPE_CHECKING:
    from sim.laws.numerics.arrays import FloatArray
    from sim.study.break_even.energy_gaps import EnergyGap
    from sim.study.break_even.gateways import Gateway, QuayCost
    from sim.study.break_even.port_gaps import PortContest, PortGap

SHOWN_PORTS = 6
"""Ports told for each partner: those of the coastal State and the cheapest others."""


def gateway_section(inputs: ReportInputs) -> Section | None:
    """Break-even of cargo and energy through the pair's ports; None where there is nothing."""
    found = inputs.gateway
    if found is None or not (found.cargo or found.energy):
        return None
    blocks = [*_cargo(inputs, found), *_energy(inputs, found), *_quays(inputs, found)]
    return Section("gateway", "Break-even of ports and energy routes", tuple(blocks))


def _cargo(inputs: ReportInputs, found: "Gateway") -> Iterator[Block]:
    if not found.cargo or found.inland is None or found.coast is None:
        return
    names = inputs.world.region_names
    rows = [row for contest in found.cargo for row in _port_rows(inputs, found, contest)]
    if not rows:
        return
    yield _verdict(inputs, found)
    columns = (
        TableColumn("Trade with, by port"),
        *numbers("USD a container", "Days", "Fees, tolls", "Gap, USD", "Gap, days"),
    )
    table = TableBlock(
        columns,
        tuple(rows),
        caption="Cheapest path by each port at the target's date, for the pair's mean forty-foot "
        "container. Fees, tolls: the part of the charges that States and ports set. Each figure is "
        "a mean over those of the pair's gateways that this port and another serve, so rows of "
        "ports that serve different gateways do not compare. Gap: what the cheapest path by the "
        "port costs more than the cheapest by any other open port between the same gateways, time "
        "included, in money or in days on the way; below 0 it is the cheaper. In brackets 90 % of "
        "the draws of parameters. At a gap of 0 a route not in use is still taken up over years, "
        "up to its ceiling in the table of shares",
    )
    line = f"Cargo of {names[found.inland]} by port: charges, days and gap to the cheapest"
    yield Fold(line, (table,))


def _verdict(inputs: ReportInputs, found: "Gateway") -> Paragraph:
    """The smallest gap of the coastal State's ports."""
    world = inputs.world
    own = [
        (contest, gap)
        for contest in found.cargo
        for gap in contest.ports
        if world.network.owners[gap.port, found.coast]
    ]
    if not own:
        text = "None of the paths found goes by its ports."
        return Paragraph(text, {})
    contest, gap = min(own, key=lambda pair: float(np.median(pair[1].gap_usd)))
    partner, port = world.region_names[contest.partner], world.network.node_names[gap.port]
    if np.median(gap.gap_usd) <= 0.0:
        ahead, sooner = _spread(-gap.gap_usd, "USD/FEU"), _spread(-gap.gap_days, "days")
        return Paragraph(
            f"{port} does best with {partner}: on the gateways that it and another port serve it "
            f"is {ahead.text} USD a container cheaper than the others, or {sooner.text} days.",
            {"lead in money": ahead, "lead in days": sooner},
        )
    dear, late = _spread(gap.gap_usd, "USD/FEU"), _spread(gap.gap_days, "days")
    enough = "is" if gap.leviable_usd >= np.median(gap.gap_usd) else "is not"
    return Paragraph(
        f"{port} comes nearest with {partner}: it pays once it is "
        f"{dear.text} USD a container cheaper, or {late.text} days faster. Waiving all fees and "
        f"tolls on the way ({_whole(gap.leviable_usd)} USD) {enough} enough.",
        {"gap in money": dear, "gap in days": late},
    )


def _port_rows(
    inputs: ReportInputs, found: "Gateway", contest: "PortContest"
) -> Iterator[tuple[TableCell, ...]]:
    net, names = inputs.world.network, inputs.world.region_names
    own = [gap for gap in contest.ports if net.owners[gap.port, found.coast]]
    others = [gap for gap in contest.ports if gap not in own]
    shown = [*own, *others][:SHOWN_PORTS] if own else []
    for gap in sorted(shown, key=lambda gap: float(np.median(gap.gap_usd))):
        yield _port_row(f"{names[contest.partner]}: {net.node_names[gap.port]}", gap)


def _port_row(name: str, gap: "PortGap") -> tuple[TableCell, ...]:
    return (
        name if gap.is_open else f"{name} (not open)",
        Amount(gap.usd_per_feu, "USD/FEU", text=_whole(gap.usd_per_feu)),
        Amount(gap.days, "days", text=_whole(gap.days)),
        Amount(gap.leviable_usd, "USD/FEU", text=_whole(gap.leviable_usd)),
        _spread(gap.gap_usd, "USD/FEU", is_change=True),
        _spread(gap.gap_days, "days", is_change=True),
    )


def _spread(values: "FloatArray", unit: str, *, is_change: bool = False) -> Amount:
    return amount_with_spread(over_runs(values), unit, is_change=is_change)


def _energy(inputs: ReportInputs, found: "Gateway") -> Iterator[Block]:
    if not found.energy:
        return
    year = int(inputs.findings[0].by[:4])
    table = TableBlock(
        (
            TableColumn("Route"),
            *numbers("Fare, USD", "Short by, USD", "As part of the price", "Pays by itself"),
            *numbers(f"Support for {per_cent(COMMITTED)} of it", "Million USD a year"),
        ),
        tuple(_energy_row(inputs, gap) for gap in found.energy),
        caption=f"Each route by itself in {year}, per tonne or 1000 m³. Short by: price at the "
        "seller plus fare less price at the buyer; a fare lower, or a price gap wider, by as much "
        "makes the first unit pay, and below 0 it pays already. Pays by itself: what ships where "
        "nobody is bound, a year. Shut: nothing passes in any run, whatever is paid. Support: the "
        f"shortfall of the last unit if {per_cent(COMMITTED)} of the route's capacity is shipped "
        "whatever it costs. Medians, in brackets 90 % of the runs: world prices, growth and "
        "closures differ between them",
    )
    yield Fold("Energy by route that waits for a deal: shortfall and support", (table,))


def _energy_row(inputs: ReportInputs, gap: "EnergyGap") -> tuple[TableCell, ...]:
    world, arcs = inputs.world, inputs.world.energy.arcs
    carrier = int(arcs.carrier[gap.arc])
    unit = world.energy.units[carrier]
    ports = [
        gate.name
        for g, gate in enumerate(world.gates)
        if arcs.load_share[gap.arc, g] > 0 and gate.kind == "port"
    ]
    ends = "–".join(world.region_names[end] for end in (arcs.tail[gap.arc], arcs.head[gap.arc]))
    way = f" by {', '.join(ports)}" if ports else ""
    money = world.energy.price_units[carrier]
    name = f"{short_name(world.energy, carrier)} {ends}{way} ({arcs.names[gap.arc]})"
    if gap.is_shut:
        fare = amount_with_interval(over_runs(gap.fare), money, _whole)
        return (f"{name}: shut", fare, *("–",) * 5)
    return (
        name,
        amount_with_interval(over_runs(gap.fare), money, _whole),
        amount_with_interval(over_runs(gap.shortfall), money, _whole),
        amount_with_interval(over_runs(gap.shortfall / gap.price_at_buyer), "1", per_cent),
        amount_with_interval(over_runs(gap.pays_volume), f"{unit}/yr", two_digits, f" {unit}"),
        amount_with_interval(over_runs(gap.support), money, _whole),
        amount_with_interval(over_runs(gap.support_musd), "million USD/yr", musd),
    )


def _quays(inputs: ReportInputs, found: "Gateway") -> Iterator[Block]:
    if not found.quays or found.inland is None:
        return
    name = inputs.world.region_names[found.inland]
    table = TableBlock(
        (
            TableColumn("Port"),
            *numbers("Capacity, Mt", "Thousand TEU", "Draught, m", "Dwell, days"),
            *numbers("Handling, USD", "On transit, USD", "Way there, USD", "Way there, days"),
            TableColumn("Quality"),
        ),
        tuple(_quay_row(inputs, quay) for quay in found.quays),
        caption="Figures of the world's tables as they stand there, with their quality; per "
        f"forty-foot container. Way there: cheapest way from {name} by land (and ferry) if every "
        "road and railway that exists were open to its cargo, fees and tolls included. "
        "Draught: blank where no source was found",
    )
    drawn = [
        f"{inputs.world.network.node_names[quay.terms.node]}: {quay.terms.draught_source}"
        for quay in found.quays
        if quay.terms.draught_source
    ]
    sources = f"Draughts by source: {'; '.join(drawn)}. " if drawn else ""
    note = Note(
        f"{sources}A quality of estimated covers dwell times and charges that are remembered or "
        "assumed: no port's book of tariffs was found. A gap above moves one for one with them."
    )
    yield Fold(f"Ports that {name} can reach: capacity, draught, dwell, charges", (table, note))


def _quay_row(inputs: ReportInputs, quay: "QuayCost") -> tuple[TableCell, ...]:
    terms = quay.terms
    return (
        inputs.world.network.node_names[terms.node],
        *(
            _known(value, unit)
            for value, unit in (
                (terms.capacity_mt, "Mt/yr"),
                (terms.capacity_kteu, "thousand TEU/yr"),
                (terms.draught_m, "m"),
                (terms.dwell_days, "days"),
                (terms.handling_usd_per_feu, "USD/FEU"),
                (terms.transit_charge_usd_per_feu, "USD/FEU"),
            )
        ),
        Amount(quay.usd_per_feu, "USD/FEU", text=_whole(quay.usd_per_feu)),
        Amount(quay.days, "days", text=_whole(quay.days)),
        terms.flag,
    )


def _known(value: float | None, unit: str) -> TableCell:
    return "–" if value is None else Amount(value, unit, text=rounded(value, 3))


def _whole(value: float) -> str:
    return f"{value:,.0f}".replace("-", "−")
