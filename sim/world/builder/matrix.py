"""One matrix of trade from files that overlap, disagree and leave gaps.

Files are laid over each other in the order in which they are given; reports of importers and
exporters of one kind of file stand together, the preferred side first. A pair of countries takes
its value from the first layer that covers it. BACI and Comtrade cover every pair of an exporter and
an importer that they name: what they do not list is no trade. Other tables cover what they list.
What a reporter trades with the world beyond the partners named goes to the rest of the world.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.world.builder.spec import Spec
from sim.world.sources.countries import NOWHERE, WORLD, countries, fold
from sim.world.sources.reading import (
    ALL_PRODUCTS,
    BOTH,
    EXPORTER,
    IMPORTER,
    SIDES,
    BoolArray,
    FloatArray,
    Flows,
    IntArray,
    Reading,
)

RECORDED_SHARE = 0.5
"""Least share of a pair of regions, by GDP, that must be covered for it to count as recorded."""
SPLIT_SHARE = 0.5
"""Least share of a flow that must be known by good for its composition to count as known."""
WORTH_TELLING = 0.01
"""Log difference and million USD from which a conflict is listed."""
_WHOLE_KINDS = {"baci", "comtrade"}


@dataclass(frozen=True)
class Conflict:
    """Two sources that disagree on one figure."""

    what: str
    source: str
    value: float
    other_source: str
    other_value: float

    @property
    def size(self) -> float:
        """Difference [unit of the values]."""
        return abs(self.value - self.other_value)


@dataclass(frozen=True, eq=False)
class Matrix:
    """Trade between regions."""

    total: FloatArray
    """(n, n) [musd], zero on the diagonal."""
    split: FloatArray
    """(g, n, n) what is known by good [musd]."""
    recorded: BoolArray
    """(n, n) pairs that some file covers."""
    source: IntArray
    """(n, n) number of the reading most of a pair's value comes from, -1 for none."""
    is_sum: BoolArray
    """(n, n) whether the value is a sum or was adjusted, not a figure as published."""
    conflicts: tuple[Conflict, ...]
    notes: tuple[str, ...]


@dataclass(eq=False)
class _Layer:
    """What one file says from one side; axes are countries and then regions of several."""

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


@dataclass(frozen=True)
class Weights:
    """How much of a region each country is."""

    share: FloatArray
    """(n_regions, n_countries), rows sum to one."""


def weights_of(spec: Spec, gdp: FloatArray) -> Weights:
    """Share of each country in its region by GDP, evenly where no GDP is known."""
    share = np.zeros((len(spec.regions), len(countries())))
    for r, region in enumerate(spec.regions):
        members = np.array(region.members, dtype=np.intp)
        size = np.nan_to_num(gdp[members])
        known = size[size > 0]
        # A country without a figure is taken for a small one.
        size = np.where(size > 0, size, 0.1 * known.min() if len(known) else 1.0)
        share[r, members] = size / size.sum()
    return Weights(share)


def matrix_of(spec: Spec, readings: Sequence[Reading], weights: Weights) -> Matrix:
    """Lay the files over each other and add countries up to regions.

    Parameters
    ----------
    spec : Spec
        Regions and goods.
    readings : sequence of Reading
        In order of precedence.
    weights : Weights
        For how much of a region a file covers.
    """
    layers = _layers(spec, readings)
    n_nodes, n_goods = len(countries()) + len(spec.regions), len(spec.goods)
    total = np.zeros((n_nodes, n_nodes))
    split = np.zeros((n_goods, n_nodes, n_nodes))
    source = np.full((n_nodes, n_nodes), -1)
    rest = [np.zeros((len(countries()), n_goods + 1)) for _ in range(2)]
    whole = [np.zeros(len(countries()), dtype=np.bool_) for _ in range(2)]
    conflicts: list[Conflict] = []
    for layer in layers:
        conflicts += _conflicts(spec, layers, layer, total, source)
        fresh = layer.covers & (source < 0)
        for side in (0, 1):
            _add_rest(spec, layer, side, source, rest, whole)
        total = np.where(fresh, layer.total, total)
        split = np.where(fresh, layer.split, split)
        source = np.where(fresh, layer.number, source)
    return _by_region(
        spec, weights, (total, split, source), rest, whole, conflicts, _notes(spec, readings)
    )


def _layers(spec: Spec, readings: Sequence[Reading]) -> list[_Layer]:
    """Layers in order: kinds as first given, the preferred side of a kind first, then files."""
    kinds = [*dict.fromkeys(r.kind if r.kind in ("comtrade", "wits") else str(k)
                            for k, r in enumerate(readings))]  # fmt: skip
    preferred = (IMPORTER, EXPORTER) if spec.importer_first else (EXPORTER, IMPORTER)
    order = [BOTH, *preferred]
    found: list[tuple[int, int, int, _Layer]] = []
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
    spec: Spec, number: int, reading: Reading, flows: Iterable[Flows], side: int
) -> _Layer | None:
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
        good = _good_of(spec, flow)
        i, j = _alone(spec, flow.exporter), _alone(spec, flow.importer)
        value = flow.musd / ratio
        named = base & (i >= 0) & (j >= 0)
        listed[i[named], j[named]] = True
        parts += _summed(parts.shape, (good, i, j), value, named & (good >= 0))
        for way, (here, there) in enumerate(((i, j), (j, i))):
            ours = base & (good >= 0) & (here >= 0) & (here < n_countries)
            shape = world[way].shape
            world[way] += _summed(shape, (good, here), value, ours & (there == WORLD))
            strange[way] += _summed(shape, (good, here), value, ours & (there == NOWHERE))
            whole[way, here[ours & (there == WORLD)]] = True
    if not listed.any() and not whole.any():
        return None
    covers = listed
    if reading.kind in _WHOLE_KINDS:
        covers = np.logical_and.outer(listed.any(axis=1), listed.any(axis=0))
    total = _total(parts)
    rest = np.stack([
        _rest(parts, total, world[way], strange[way], whole[way], way) for way in (0, 1)
    ])  # fmt: skip
    told = f", {SIDES[side]}" if side else ""
    name = f"{reading.member.file_name}{told}"
    return _Layer(number, name, total, parts[:-1], covers, rest, whole)


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
    way: int,
) -> FloatArray:
    """Trade with partners that are not named, (c, g + 1), the total last.

    What the row of the world has beyond the partners that are named; where there is no such row,
    what is booked to areas that are no country.
    """
    n_countries = len(countries())
    named = parts[:-1].sum(axis=2 - way)[:, :n_countries]
    beyond = np.maximum(world[:-1] - named, 0.0)
    in_all = np.maximum(_total(world) - total.sum(axis=1 - way)[:n_countries], 0.0)
    split = np.where(whole, beyond, strange[:-1])
    return np.vstack([split, np.where(whole, in_all, _total(strange))[None]]).T


def _good_of(spec: Spec, flow: Flows) -> IntArray:
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


def _alone(spec: Spec, places: IntArray) -> IntArray:
    """Places with a region of one country as that country."""
    n = len(countries())
    table = np.arange(n + len(spec.regions) + 3)
    for r, region in enumerate(spec.regions):
        if len(region.members) == 1:
            table[n + r] = region.members[0]
    table[-3:] = (-3, -2, -1)
    return np.asarray(table[places])


def _add_rest(
    spec: Spec,
    layer: _Layer,
    side: int,
    source: IntArray,
    rest: list[FloatArray],
    whole: list[BoolArray],
) -> None:
    """Take trade with partners not named from a layer, for countries nothing covered so far."""
    others = next(region.members for region in spec.regions if region.is_rest)
    n = len(countries())
    ours = source[:n, :n] if side == 0 else source[:n, :n].T
    before = (ours[:, list(others)] >= 0).mean(axis=1) if others else np.ones(n)
    fresh = (before < RECORDED_SHARE) & ~whole[side]
    fresh &= layer.whole[side] | (layer.rest[side].sum(axis=1) > 0)
    rest[side][fresh] = layer.rest[side][fresh]
    whole[side] |= fresh & layer.whole[side]


def _conflicts(
    spec: Spec, layers: Sequence[_Layer], layer: _Layer, total: FloatArray, source: IntArray
) -> list[Conflict]:
    """Pairs of regions on which a layer and those above it disagree."""
    names = {known.number: known.name for known in reversed(layers)}
    both = layer.covers & (source >= 0)
    to_region = _to_region(spec)
    ours, theirs = (to_region @ np.where(both, m, 0.0) @ to_region.T for m in (total, layer.total))
    np.fill_diagonal(ours, 0.0)
    np.fill_diagonal(theirs, 0.0)
    gap = np.abs(np.log(np.maximum(ours, WORTH_TELLING) / np.maximum(theirs, WORTH_TELLING)))
    found = []
    for i, j in np.argwhere(gap > WORTH_TELLING).tolist():
        cells = both & (to_region[i] > 0)[:, None] & (to_region[j] > 0)
        first = np.unravel_index(np.argmax(np.where(cells, total + 1e-12, -1.0)), total.shape)
        found.append(
            Conflict(
                f"{spec.regions[i].code} to {spec.regions[j].code}, million USD",
                names[int(source[first])],
                float(ours[i, j]),
                layer.name,
                float(theirs[i, j]),
            )
        )
    return found


def _to_region(spec: Spec) -> FloatArray:
    """One where a node is of a region, (n_regions, n_nodes)."""
    n = len(countries())
    table = np.zeros((len(spec.regions), n + len(spec.regions)))
    for r, region in enumerate(spec.regions):
        table[r, [*region.members, n + r]] = 1.0
    return table


def _by_region(
    spec: Spec,
    weights: Weights,
    cells: tuple[FloatArray, FloatArray, IntArray],
    rest: Sequence[FloatArray],
    whole: Sequence[BoolArray],
    conflicts: list[Conflict],
    notes: tuple[str, ...],
) -> Matrix:
    """Add countries up to regions."""
    total, split, source = cells
    n, n_regions = len(countries()), len(spec.regions)
    to_region = _to_region(spec)
    known = source >= 0
    flows = to_region @ (total * known) @ to_region.T
    parts = np.stack([to_region @ (part * known) @ to_region.T for part in split])
    share = weights.share @ known[:n, :n].astype(np.float64) @ weights.share.T
    last = next(r for r, region in enumerate(spec.regions) if region.is_rest)
    for side, axis in ((0, 0), (1, 1)):
        out = to_region[:, :n] @ rest[side]
        where = (slice(None), last) if axis == 0 else (last, slice(None))
        flows[where] += out[:, -1]
        parts[(slice(None), *where)] += out[:, :-1].T
        share[where] = np.maximum(share[where], weights.share @ whole[side])
    chosen = _main_source(total * known, source, to_region)
    recorded = share >= RECORDED_SHARE
    for a, b in np.argwhere(known).tolist():
        if max(a, b) >= n:  # a cell stated for regions goes before sums of their countries
            r, s = int(to_region[:, a].argmax()), int(to_region[:, b].argmax())
            if _is_whole(spec, r, a) and _is_whole(spec, s, b):
                flows[r, s], recorded[r, s] = total[a, b], True
                parts[:, r, s], chosen[r, s] = split[:, a, b], source[a, b]
    chosen = np.where(recorded & (chosen < 0), source.max(initial=-1), chosen)
    np.fill_diagonal(flows, 0.0)
    parts[:, np.arange(n_regions), np.arange(n_regions)] = 0.0
    single = np.array([len(region.members) == 1 for region in spec.regions])
    return Matrix(
        total=np.where(recorded, flows, 0.0),
        split=np.where(recorded, parts, 0.0),
        recorded=recorded,
        source=np.where(recorded, chosen, -1),
        is_sum=~(single[:, None] & single) | (parts.sum(axis=0) > 0),
        conflicts=tuple(conflicts),
        notes=notes,
    )


def _is_whole(spec: Spec, region: int, node: int) -> bool:
    """Whether a node is all of a region: the region itself, or its only country."""
    return node >= len(countries()) or len(spec.regions[region].members) == 1


def _main_source(value: FloatArray, source: IntArray, to_region: FloatArray) -> IntArray:
    """Reading that gives most of the value of each pair of regions."""
    numbers = np.unique(source[source >= 0])
    if not len(numbers):
        return np.full((len(to_region),) * 2, -1)
    sums = np.stack([
        to_region @ np.where(source == k, value + 1e-12, 0.0) @ to_region.T for k in numbers
    ])  # fmt: skip
    return np.where(sums.max(axis=0) > 0, numbers[np.argmax(sums, axis=0)], -1)


def _notes(spec: Spec, readings: Sequence[Reading]) -> tuple[str, ...]:
    """Goods that files name and this world does not know, and ranges that straddle its goods."""
    found = []
    for reading in readings:
        lost, odd = 0.0, False
        for flow in reading.trade:
            rows = (_good_of(spec, flow) < 0) & (flow.year == spec.base_year)
            lost += float(flow.musd[rows].sum())
            odd = odd or bool(rows.any())
        if odd:
            found.append(
                f"{reading.member.file_name}: products of several goods here, or of none, with "
                f"{lost:,.1f} million USD were left out of the split by good"
            )
    return tuple(found)
