"""Trade of the base year by file and reporting side, in the goods of the world."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.numerics.arrays import IndexArray as IntArray
from sim.world.builder.spec.spec import Spec
from sim.world.sources.countries import NOWHERE, WORLD, countries, fold
from sim.world.sources.parsed_files import (
    ALL_PRODUCTS,
    BOTH,
    EXPORTER,
    IMPORTER,
    SIDES,
    FlowRows,
    Reading,
)

_WHOLE_KINDS = {"baci", "comtrade"}
"""Kinds that cover every pair of an exporter and an importer they name."""


@dataclass(eq=False)
class SourceLayer:
    """Data of one file from one side; axes are countries and then regions of several."""

    number: int
    """Of the reading."""
    name: str
    total: FloatArray
    split: FloatArray
    covers: BoolArray
    rest: FloatArray
    """(2, c, g + 1) sales to and purchases from partners not named, the total last."""
    whole: BoolArray
    """(2, c) countries whose sales to, and purchases from, the whole world are given."""
    flows: Sequence[FlowRows]
    """Rows that it is made of."""
    ratio: float
    """What values are divided by for freight and insurance [1]."""
    is_whole: bool
    """Whether it covers every pair of an exporter and an importer that it names."""


def layers_of(spec: Spec, readings: Sequence[Reading]) -> list[SourceLayer]:
    """Layers in order: kinds as first given, the preferred side of a kind first, then files."""
    kinds = [*dict.fromkeys(r.kind if r.kind in ("comtrade", "wits") else str(k)
                            for k, r in enumerate(readings))]  # fmt: skip
    preferred = (IMPORTER, EXPORTER) if spec.importer_first else (EXPORTER, IMPORTER)
    order = [BOTH, *preferred]
    found: list[tuple[int, int, int, SourceLayer]] = []
    for number, reading in enumerate(readings):
        kind = reading.kind if reading.kind in ("comtrade", "wits") else str(number)
        for side in order:
            flows = [f for f in reading.trade if f.side == side]
            if not flows:
                continue
            layer = _layer(spec, number, reading, flows, side)
            if layer is not None:
                found.append((kinds.index(kind), order.index(side), number, layer))
    return [layer for *_, layer in sorted(found, key=lambda item: item[:3])]


def _layer(
    spec: Spec, number: int, reading: Reading, flows: Sequence[FlowRows], side: int
) -> SourceLayer | None:
    """Trade of the base year in one file as one side reports it."""
    n_countries, n_goods = len(countries()), len(spec.goods)
    n_nodes = n_countries + len(spec.regions)
    parts = np.zeros((n_goods + 1, n_nodes, n_nodes))
    world, strange = (np.zeros((2, n_goods + 1, n_countries)) for _ in range(2))
    whole = np.zeros((2, n_countries), dtype=np.bool_)
    listed = np.zeros((n_nodes, n_nodes), dtype=np.bool_)
    ratio = spec.cif_fob_ratio if side == IMPORTER else 1.0
    for flow in flows:
        base = flow.year == spec.base_year
        good = good_of(spec, flow)
        i, j = as_countries(spec, flow.exporter), as_countries(spec, flow.importer)
        value = flow.musd / ratio
        named = base & (i >= 0) & (j >= 0)
        listed[i[named], j[named]] = True
        parts += _summed(parts.shape, (good, i, j), value, named & (good >= 0))
        for route, (here, there) in enumerate(((i, j), (j, i))):
            ours = base & (good >= 0) & (here >= 0) & (here < n_countries)
            shape = world[route].shape
            world[route] += _summed(shape, (good, here), value, ours & (there == WORLD))
            strange[route] += _summed(shape, (good, here), value, ours & (there == NOWHERE))
            whole[route, here[ours & (there == WORLD)]] = True
    if not listed.any() and not whole.any():
        return None
    covers, is_whole = listed, reading.kind in _WHOLE_KINDS
    if is_whole:
        covers = np.logical_and.outer(listed.any(axis=1), listed.any(axis=0))
    total = _total(parts)
    rest = np.stack([
        _rest(parts, total, world[route], strange[route], whole[route], route) for route in (0, 1)
    ])  # fmt: skip
    told = f", {SIDES[side]}" if side else ""
    name = f"{reading.member.file_name}{told}"
    return SourceLayer(number, name, total, parts[:-1], covers, rest, whole, flows, ratio, is_whole)


def _summed(
    shape: tuple[int, ...], places: tuple[IntArray, ...], value: FloatArray, rows: BoolArray
) -> FloatArray:
    """Values added up by cell."""
    cell = np.ravel_multi_index(tuple(place[rows] for place in places), shape)
    sums = np.bincount(cell, weights=value[rows], minlength=int(np.prod(shape)))
    return np.asarray(sums, dtype=np.float64).reshape(shape)


def _total(parts: FloatArray) -> FloatArray:
    """Totals; one given as such goes before the sum of goods."""
    return np.asarray(np.where(parts[-1] > 0, parts[-1], parts[:-1].sum(axis=0)))


def _rest(
    parts: FloatArray,
    total: FloatArray,
    world: FloatArray,
    strange: FloatArray,
    whole: BoolArray,
    route: int,
) -> FloatArray:
    """Trade with partners that are not named, (c, g + 1), the total last.

    What the row of the world has beyond the partners that are named; where there is no such row,
    what is booked to areas that are no country.
    """
    n_countries = len(countries())
    named = parts[:-1].sum(axis=2 - route)[:, :n_countries]
    beyond = np.maximum(world[:-1] - named, 0.0)
    in_all = np.maximum(_total(world) - total.sum(axis=1 - route)[:n_countries], 0.0)
    split = np.where(whole, beyond, strange[:-1])
    return np.vstack([split, np.where(whole, in_all, _total(strange))[None]]).T


def good_of(spec: Spec, flow: FlowRows) -> IntArray:
    """Good of every row: its place, one more for all goods, -1 for products of several goods."""
    of_chapter = {c: g for g, good in enumerate(spec.goods) for c in good.chapters}
    words = {fold(w): g for g, good in enumerate(spec.goods) for w in (good.code, good.name)}
    place: dict[int, int] = {ALL_PRODUCTS: len(spec.goods)}
    for product in np.unique(flow.product).tolist():
        if product == ALL_PRODUCTS:
            continue
        if product < 0:
            place[product] = words.get(fold(flow.labels[-1 - product]), -1)
            continue
        goods = {of_chapter.get(c, -1) for c in range(product // 100, product % 100 + 1)}
        place[product] = goods.pop() if len(goods) == 1 else -1
    products, which = np.unique(flow.product, return_inverse=True)
    return np.array([place[p] for p in products.tolist()], dtype=np.intp)[which.reshape(-1)]


def as_countries(spec: Spec, places: IntArray) -> IntArray:
    """Places with a region of one country as that country."""
    n = len(countries())
    table = np.arange(n + len(spec.regions) + 3)
    for r, region in enumerate(spec.regions):
        if len(region.members) == 1:
            table[n + r] = region.members[0]
    table[-3:] = (-3, -2, -1)
    return np.asarray(table[places])


def left_out(spec: Spec, readings: Sequence[Reading]) -> tuple[str, ...]:
    """Goods that files name and this world does not know, and ranges that straddle its goods."""
    found = []
    for reading in readings:
        lost, odd = 0.0, False
        for flow in reading.trade:
            rows = (good_of(spec, flow) < 0) & (flow.year == spec.base_year)
            lost += float(flow.musd[rows].sum())
            odd = odd or bool(rows.any())
        if odd:
            found.append(
                f"{reading.member.file_name}: products of several goods here, or of none, with "
                f"{lost:,.1f} million USD were left out of the split by good"
            )
    return tuple(found)
