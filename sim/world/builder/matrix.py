"""One matrix of trade from files that overlap, disagree and leave gaps.

Files are laid over each other in the order in which they are given; reports of importers and
exporters of one kind of file stand together, the preferred side first. A pair of countries takes
its value from the first layer that covers it. BACI and Comtrade cover every pair of an exporter and
an importer that they name: what they do not list is no trade. Other tables cover what they list.
What a reporter trades with the world beyond the partners named goes to the rest of the world.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.numerics.arrays import IndexArray as IntArray
from sim.world.builder.part_flows import completed_layers
from sim.world.builder.spec.spec import Spec
from sim.world.builder.trade_by_source import SourceLayer, layers_of, left_out
from sim.world.sources.countries import countries
from sim.world.sources.parsed_files import Reading

RECORDED_SHARE = 0.5
"""Least share of a pair of regions, by GDP, that must be covered for it to count as recorded."""
SPLIT_SHARE = 0.5
"""Least share of a flow that must be known by good for its composition to count as known."""
WORTH_TELLING = 0.01
"""Log difference and million USD from which a conflict is listed."""


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
class TradeMatrix:
    """Trade between regions."""

    total: FloatArray
    """(n, n) [musd], zero on the diagonal."""
    split: FloatArray
    """(g, n, n) what is known by good [musd]."""
    recorded: BoolArray
    """(n, n) pairs that some file covers."""
    part: FloatArray
    """(n, n) trade of pairs that files cover in part: no estimate is below it [musd]."""
    source: IntArray
    """(n, n) number of the reading most of a pair's value comes from, -1 for none."""
    is_sum: BoolArray
    """(n, n) whether the value is a sum or was adjusted, not a figure as published."""
    conflicts: tuple[Conflict, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class RegionWeights:
    """Share of each region that each country makes up."""

    share: FloatArray
    """(n_regions, n_countries), rows sum to one."""


def weights_of(spec: Spec, gdp: FloatArray) -> RegionWeights:
    """Share of each country in its region by GDP, evenly where no GDP is known."""
    share = np.zeros((len(spec.regions), len(countries())))
    for r, region in enumerate(spec.regions):
        members = np.array(region.members, dtype=np.intp)
        size = np.nan_to_num(gdp[members])
        known = size[size > 0]
        # A country without a figure is taken for a small one.
        size = np.where(size > 0, size, 0.1 * known.min() if len(known) else 1.0)
        share[r, members] = size / size.sum()
    return RegionWeights(share)


def matrix_of(spec: Spec, readings: Sequence[Reading], weights: RegionWeights) -> TradeMatrix:
    """Lay the files over each other and add countries up to regions.

    Parameters
    ----------
    spec : Spec
        Regions and goods.
    readings : sequence of Reading
        In order of precedence.
    weights : RegionWeights
        For how much of a region a file covers.
    """
    layers, in_part = completed_layers(spec, readings, layers_of(spec, readings))
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
    names = {layer.number: layer.name for layer in reversed(layers)}
    cells = total, split, source
    notes = (*left_out(spec, readings), *in_part)
    return _by_region(spec, weights, cells, rest, whole, conflicts, names, notes)


def _add_rest(
    spec: Spec,
    layer: SourceLayer,
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
    spec: Spec,
    layers: Sequence[SourceLayer],
    layer: SourceLayer,
    total: FloatArray,
    source: IntArray,
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
    weights: RegionWeights,
    cells: tuple[FloatArray, FloatArray, IntArray],
    rest: Sequence[FloatArray],
    whole: Sequence[BoolArray],
    conflicts: list[Conflict],
    names: dict[int, str],
    notes: tuple[str, ...],
) -> TradeMatrix:
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
    single = np.array([len(region.members) == 1 for region in spec.regions])
    is_sum = ~np.logical_and.outer(single, single)
    for a, b, r, s in _stated(spec, known):  # goes before sums of countries
        summed = flows[r, s] - total[a, b]
        if recorded[r, s] and _differ(total[a, b], summed):
            what = f"{spec.regions[r].code} to {spec.regions[s].code}, million USD"
            used, other = names[int(source[a, b])], names[int(chosen[r, s])]
            found = Conflict(what, used, float(total[a, b]), f"sum of {other}", float(summed))
            conflicts.append(found)
        flows[r, s], recorded[r, s], is_sum[r, s] = total[a, b], True, False
        parts[:, r, s], chosen[r, s] = split[:, a, b], source[a, b]
    chosen = np.where(recorded & (chosen < 0), source.max(initial=-1), chosen)
    np.fill_diagonal(flows, 0.0)
    parts[:, np.arange(n_regions), np.arange(n_regions)] = 0.0
    return TradeMatrix(
        total=np.where(recorded, flows, 0.0),
        split=np.where(recorded, parts, 0.0),
        recorded=recorded,
        part=np.where(recorded, 0.0, flows),
        source=np.where(recorded, chosen, -1),
        is_sum=is_sum | (parts.sum(axis=0) > 0),
        conflicts=tuple(conflicts),
        notes=notes,
    )


def _stated(spec: Spec, known: BoolArray) -> list[tuple[int, int, int, int]]:
    """Nodes and regions of cells that files state for whole regions."""
    n, to_region = len(countries()), _to_region(spec)
    inside = known.copy()
    inside[:n, :n] = False
    found = []
    for a, b in np.argwhere(inside).tolist():
        r, s = int(to_region[:, a].argmax()), int(to_region[:, b].argmax())
        if all(
            node >= n or len(spec.regions[region].members) == 1 for node, region in ((a, r), (b, s))
        ):
            found.append((a, b, r, s))
    return found


def _differ(ours: float, theirs: float) -> bool:
    """True if two figures of one flow differ enough to be reported."""
    floor = WORTH_TELLING
    return abs(float(np.log(max(ours, floor) / max(theirs, floor)))) > WORTH_TELLING


def _main_source(value: FloatArray, source: IntArray, to_region: FloatArray) -> IntArray:
    """Reading that gives most of the value of each pair of regions."""
    numbers = np.unique(source[source >= 0])
    if not len(numbers):
        return np.full((len(to_region),) * 2, -1)
    sums = np.stack([
        to_region @ np.where(source == k, value + 1e-12, 0.0) @ to_region.T for k in numbers
    ])  # fmt: skip
    return np.where(sums.max(axis=0) > 0, numbers[np.argmax(sums, axis=0)], -1)
