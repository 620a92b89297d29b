"""Products: who sells each group of goods in the partner's market, what is on record.

Groups of goods are what the simulations know; single products are told as recorded, with the
sales that the trade law gives them at zero duty, for no source has the pair's trade by product.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import (
    MIDDLE,
    amount_of,
    amount_with_interval,
    over_runs,
    parts_of_trade,
)
from sim.report.page.blocks import (
    Block,
    Fold,
    Paragraph,
    Section,
    TableBlock,
    TableCell,
    TableColumn,
    numbers,
    words,
)
from sim.report.page.formatting import musd, per_cent, plural, rounded, signed_musd, year_to
from sim.report.page.report_inputs import ReportInputs
from sim.study.conditioning.crossed_paths import QUANTILES
from sim.study.ensemble.findings import Finding
from sim.world.products import Product

ELASTICITY = "trade_elasticity"
SMALLEST_MUSD = 1.0
"""Trade and change below which a good is left out of the table [musd/year]."""
N_RIVALS = 2
"""Other suppliers told for each good."""
SHOWN_PRODUCTS = 20
"""Products in the table; the caption says where the others are."""
STATUS = {"sold": "sold", "offered": "offered", "candidate": "sold elsewhere"}


def products_section(inputs: ReportInputs, finding: Finding) -> Section | None:
    """Section on goods and products; None in a world of one good without products on record."""
    products = _listed(inputs, finding)
    if len(inputs.world.goods) < 2 and not products:
        return None
    goods = _goods(inputs, finding)
    tables = [goods] if goods.rows else []
    blocks = [
        *_fit(inputs, finding),
        *tables,
        *_products(inputs, products),
    ]
    if not blocks:
        return None
    return Section("products", "Products with most to gain, and rivals", tuple(blocks))


def fit_of_exports(exports: FloatArray, imports: FloatArray) -> FloatArray:
    """Complementarity of exports and imports after Michaely: 0 no good in common, 1 the same mix.

    Parameters
    ----------
    exports, imports : (..., n_goods) ndarray
        Values by good, in any unit.
    """
    sold = exports / exports.sum(axis=-1, keepdims=True)
    bought = imports / imports.sum(axis=-1, keepdims=True)
    return np.asarray(1.0 - 0.5 * np.abs(sold - bought).sum(axis=-1))


def sales_at_zero_duty(rate: float, elasticity: FloatArray) -> FloatArray:
    """Relative rise of sales once a duty is gone and trade has adjusted, prices held [1].

    Examples
    --------
    >>> sales_at_zero_duty(0.1, np.array([5.0])).round(3).tolist()
    [0.611]
    """
    return np.asarray(np.expm1(elasticity * np.log1p(rate)))


def _elasticity(inputs: ReportInputs) -> FloatArray:
    """Draws of the elasticity to one plus the duty, or its range where they were not kept."""
    if ELASTICITY in inputs.asked:
        return np.asarray(inputs.asked[ELASTICITY].to_numpy(), dtype=np.float64).ravel()
    parameter = inputs.world.parameters[ELASTICITY]
    return np.array([parameter.low, parameter.value, parameter.high])


def _fit(inputs: ReportInputs, finding: Finding) -> Iterator[Block]:
    """Sentence on how well each partner's exports fit what the other imports."""
    world = inputs.world
    whole = np.concatenate([world.trade, world.energy_trade[None]])
    traded = whole * (1.0 - np.eye(len(world.regions)))
    exports, imports = traded.sum(axis=2).T, traded.sum(axis=1).T
    if not (exports.sum(axis=1) > 0).all() or not (imports.sum(axis=1) > 0).all():
        return
    parts, facts = [], {}
    for a, b, (seller, buyer) in _directions(inputs, finding):
        others = [k for k in range(len(world.regions)) if k != b]
        fit = fit_of_exports(exports[others], imports[b])
        own = float(fit[others.index(a)])
        place = 1 + int((fit > own).sum())
        parts.append(
            f"{seller}'s exports fit {buyer}'s imports by {rounded(own, 2)} of 1 "
            f"(place {place} of {len(others)} suppliers)"
        )
        facts[f"fit of exports to {buyer}"] = Amount(own, "1")
    yield Paragraph(f"By broad group of goods, {'; '.join(parts)}.", facts)


def _directions(
    inputs: ReportInputs, finding: Finding
) -> Iterator[tuple[int, int, tuple[str, str]]]:
    places = [inputs.world.region_index(code) for code in finding.pair]
    names = finding.pair_names
    yield places[0], places[1], (names[0], names[1])
    yield places[1], places[0], (names[1], names[0])


class _GoodFlow(NamedTuple):
    """One good in one direction."""

    change: FloatArray
    """(n_quantiles,) difference that the agreements make in the year asked [musd/year]."""
    names: tuple[str, str]
    """Seller and buyer."""
    seller: int
    buyer: int
    good: int
    now: float
    """Trade of the base year [musd/year]."""

    @property
    def middle(self) -> float:
        """Median of the difference [musd/year]."""
        return float(self.change[MIDDLE])


def _goods(inputs: ReportInputs, finding: Finding) -> TableBlock:
    """A row for each good and direction, those first that the agreements move most."""
    compared = inputs.without is not None
    trade = inputs.world.trade
    found = [
        _GoodFlow(change, names, a, b, g, float(trade[g, a, b]))
        for side, (a, b, names) in enumerate(_directions(inputs, finding))
        for g, change in enumerate(_changes(inputs, finding, side))
    ]
    found = [row for row in found if max(row.now, row.middle) >= SMALLEST_MUSD]
    found.sort(key=lambda row: -(row.middle if compared else row.now))
    changes = (f"Agreements add, {year_to(finding.by)}",) if compared else ()
    return TableBlock(
        columns=(
            TableColumn("Good"),
            *numbers("Trade, base year", *changes, "Duty", "At zero duty"),
            *words("Who else sells there: share, duty"),
        ),
        rows=tuple(_good_row(inputs, row, compared=compared) for row in found),
        caption="Million USD a year, goods below one million left out; in brackets 5–95 % of the "
        "futures. Duty: base year, no agreements. At zero duty: rise of sales if only this duty "
        "goes and is fully used (range over the elasticity); proofs of origin, lists and phases "
        "take from it. Shares: of the base year's imports, partly estimated",
    )


def _changes(inputs: ReportInputs, finding: Finding, side: int) -> FloatArray:
    """(n_goods, n_quantiles) difference that the agreements make in the year asked [musd/year]."""
    n_goods = len(inputs.world.goods)
    if inputs.without is None:
        return np.zeros((n_goods, len(QUANTILES)))
    found = parts_of_trade(finding, inputs.asked, side, against=inputs.without)
    return np.asarray(found[:, :n_goods, 0].T)


def _good_row(inputs: ReportInputs, row: _GoodFlow, *, compared: bool) -> tuple[TableCell, ...]:
    world, (seller, buyer) = inputs.world, row.names
    rate = float(world.tariffs.applied_rate[row.good, row.seller, row.buyer])
    changes = (amount_with_interval(row.change, "million USD/yr", signed_musd),) if compared else ()
    return (
        f"{world.good_names[row.good]}, {seller} to {buyer}",
        Amount(row.now, "million USD/yr", text=musd(row.now)),
        *changes,
        Amount(rate, "1", text=per_cent(rate)),
        _risen(rate, _elasticity(inputs)),
        _rivals(inputs, row.seller, row.buyer, row.good),
    )


def _risen(rate: float, elasticity: FloatArray) -> Amount:
    risen = over_runs(sales_at_zero_duty(rate, elasticity))
    if rate == 0.0:
        return amount_of(risen, "1", "0")
    return amount_with_interval(risen, "1", lambda share: f"+{per_cent(share)}")


def _rivals(inputs: ReportInputs, a: int, b: int, good: int) -> str:
    """Largest other suppliers of a good, with their shares of imports and the duty they pay."""
    world = inputs.world
    sold = world.trade[good, :, b].copy()
    sold[b] = 0.0
    total = float(sold.sum())
    sold[a] = 0.0
    order = np.argsort(-sold, kind="stable")[:N_RIVALS]
    return "; ".join(
        f"{world.region_names[k]} {per_cent(float(sold[k]) / total)}, "
        f"{per_cent(float(world.tariffs.applied_rate[good, k, b]))}"
        for k in order.tolist()
        if sold[k] > 0.0
    )


def _listed(inputs: ReportInputs, finding: Finding) -> list[Product]:
    """Products of the pair in both directions, those with most to gain first."""
    world = inputs.world
    middle = np.array([over_runs(_elasticity(inputs))[MIDDLE]])

    def gain(one: Product) -> tuple[bool, float]:
        risen = float(sales_at_zero_duty(_duty(inputs, one), middle)[0])
        return one.status != "candidate", risen

    mine = [one for one in world.products if {one.exporter, one.importer} == set(finding.pair)]
    return sorted(mine, key=gain, reverse=True)


def _duty(inputs: ReportInputs, product: Product) -> float:
    """Duty on a product, or that on its group of goods [1]."""
    if product.duty_rate is not None:
        return product.duty_rate
    world = inputs.world
    i, j = world.region_index(product.exporter), world.region_index(product.importer)
    return float(world.tariffs.applied_rate[world.goods.index(product.good), i, j])


def _products(inputs: ReportInputs, products: list[Product]) -> Iterator[Block]:
    if not products:
        return
    names, elasticity = inputs.world.region_names, _elasticity(inputs)
    rows: list[tuple[TableCell, ...]] = []
    for one in products[:SHOWN_PRODUCTS]:
        duty = _duty(inputs, one)
        a, b = (names[inputs.world.region_index(code)] for code in (one.exporter, one.importer))
        rows.append(
            (
                f"{one.title} (HS {', '.join(one.chapters)}), {a} to {b}",
                STATUS[one.status] + (f": {one.record}" if one.record else ""),
                Amount(duty, "1", text=per_cent(duty)),
                one.duty_of or "group",
                _risen(duty, elasticity),
            )
        )
    n_more = len(products) - len(rows)
    more = f"; {plural(n_more, 'more product')} of the pair {'is' if n_more == 1 else 'are'} there"
    table = TableBlock(
        columns=(
            *words("Product", "On record"),
            *numbers("Duty"),
            *words("Duty of"),
            *numbers("At zero duty"),
        ),
        rows=tuple(rows),
        caption="Uncertain: no source has this pair's trade by product, so that no gain in dollars "
        "can be told. Duty without preference, of the tariff line, the chapter's mean or the group "
        "of goods; minima by weight are left out. Sold or offered between the two first, then what "
        "the seller sells elsewhere, each by what zero duty would add. The world's table products "
        f"has sources and notes row by row{more if n_more else ''}",
    )
    first = f"; the first {len(rows)}" if n_more else ""
    count = plural(len(products), "product")
    yield Fold(f"{count} on record for the pair{first}, with what zero duty adds", (table,))
