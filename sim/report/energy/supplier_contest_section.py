"""Contest of suppliers for a buyer's energy: shares with the scenario's deals and without."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.report.energy.flows import short_name
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import (
    amount_over,
    amount_with_interval,
    over_runs,
    share_of_runs,
)
from sim.report.page.blocks import Block, Paragraph, Section, TableBlock, TableColumn, numbers
from sim.report.page.formatting import in_brackets, per_cent, rounded, two_digits
from sim.report.page.report_inputs import ReportInputs
from sim.study.ensemble.findings import share_interval

if TYPE_CHECKING:
    from sim.study.break_even.supplier_contest import OfferedDeal, SupplierContest
    from sim.world.world import World

MIN_SHARE = 0.001
"""Part of the purchases below which a supplier has no row [1]."""


def contest_section(inputs: ReportInputs) -> Section | None:
    """Suppliers of each carrier that a deal of the scenario sells; None without deals."""
    blocks = [block for contest in inputs.contests for block in _market(inputs, contest)]
    if not blocks:
        return None
    return Section("suppliers", "Competition between energy suppliers", tuple(blocks))


def _market(inputs: ReportInputs, contest: "SupplierContest") -> Iterator[Block]:
    world = inputs.world
    with_deals, without = _shares(contest.with_deals.bought), _shares(contest.without_deals.bought)
    yield _summary(world, contest, with_deals, without)
    base = contest.base / max(float(contest.base.sum()), 1e-12)
    edge = np.maximum(np.median(with_deals, axis=0), np.median(without, axis=0))
    shown = [r for r in np.argsort(-edge) if max(edge[r], base[r]) >= MIN_SHARE]
    rows = tuple(
        (
            world.region_names[r],
            Amount(float(base[r]), "1", text=per_cent(float(base[r]))),
            amount_with_interval(over_runs(without[:, r]), "1", per_cent),
            amount_with_interval(over_runs(with_deals[:, r]), "1", per_cent),
        )
        for r in shown
    )
    columns = (
        TableColumn("Supplier"),
        *numbers(f"Share {world.base_year}", "Without the deals", "With the deals"),
    )
    yield TableBlock(
        columns,
        rows,
        caption=f"{_what(world, contest)}: shares of the volume bought abroad in {contest.year}, "
        f"medians of {len(with_deals)} runs, in brackets 90 % of them",
    )
    yield _deals(inputs, contest)


def _summary(
    world: "World", contest: "SupplierContest", with_deals: FloatArray, without: FloatArray
) -> Paragraph:
    sellers = dict.fromkeys(deal.seller for deal in contest.deals)
    facts, parts = dict[str, Amount](), []
    for seller in sellers:
        before = amount_with_interval(over_runs(without[:, seller]), "1", per_cent)
        after = amount_with_interval(over_runs(with_deals[:, seller]), "1", per_cent)
        name = world.region_names[seller]
        facts |= {f"{name} without the deals": before, f"{name} with the deals": after}
        parts.append(f"{name} {after.text} instead of {before.text}")
    change = over_runs(contest.with_deals.price / contest.without_deals.price - 1.0)
    price = amount_with_interval(change, "1", per_cent)
    facts["change of the price at the buyer"] = price
    return Paragraph(
        f"{_what(world, contest)}, {contest.year}: with all deals on offer "
        f"{'; '.join(parts)}. The price there changes by {price.text}.",
        facts,
    )


def _deals(inputs: ReportInputs, contest: "SupplierContest") -> TableBlock:
    energy = inputs.world.energy
    unit, price_unit = energy.units[contest.carrier], energy.price_units[contest.carrier]
    sellers = list(dict.fromkeys(deal.seller for deal in contest.deals))
    columns = (
        TableColumn("Deal"),
        *numbers(f"Offered, {unit}/yr", "Signed in", f"Shipped {contest.year}"),
        *numbers(f"Price without it, {price_unit}"),
        *numbers(*(f"Then from {inputs.world.region_names[s]}" for s in sellers)),
    )
    return TableBlock(
        columns,
        tuple(_deal(deal, sellers, unit, price_unit) for deal in contest.deals),
        caption=f"Deals on {short_name(energy, contest.carrier)}: the runs in which each is signed "
        "(90 % interval), what it ships, and the market if this deal alone were missing; medians, "
        f"in brackets 90 % of the runs; volumes in {unit} a year",
    )


def _deal(
    deal: "OfferedDeal", sellers: list[int], unit: str, price_unit: str
) -> tuple[str | Amount, ...]:
    n_signed, n_runs = int(deal.signed.sum()), len(deal.signed)
    without = deal.market_without
    return (
        deal.name,
        Amount(deal.volume, f"{unit}/yr", text=rounded(deal.volume)),
        share_of_runs(
            n_signed, n_runs, f"{per_cent(n_signed / n_runs)}{_sureness(n_signed, n_runs)}"
        ),
        amount_with_interval(over_runs(deal.shipped), f"{unit}/yr", two_digits),
        amount_over(without.price, price_unit, rounded(float(np.median(without.price)))),
        *(
            amount_with_interval(over_runs(without.bought[:, s]), f"{unit}/yr", two_digits)
            for s in sellers
        ),
    )


def _sureness(n_hits: int, n_runs: int) -> str:
    return in_brackets(*share_interval(n_hits, n_runs), write=per_cent)


def _shares(bought: FloatArray) -> FloatArray:
    """Shares of the suppliers in each run, (n_runs, n) [1]."""
    total = bought.sum(axis=1, keepdims=True)
    return np.asarray(bought / np.where(total > 0.0, total, 1.0))


def _what(world: "World", contest: "SupplierContest") -> str:
    name = short_name(world.energy, contest.carrier)
    return f"{world.region_names[contest.buyer]}'s {name}"
