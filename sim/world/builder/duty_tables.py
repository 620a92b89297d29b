"""Duties by importer and good, and preferences, from tariff files and groups of countries."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.arrays import IndexArray as IntArray
from sim.world.builder.matrix import RegionWeights
from sim.world.builder.spec.spec import Spec
from sim.world.sources.countries import WORLD, CountryGroup, countries, fold, groups
from sim.world.sources.parsed_files import ALL_PRODUCTS, DutyRows, Reading

USUAL_RATE = 0.07
"""Duty where no file has any: about the world's mean of applied rates (assumed)."""
FREE_TRADE_MARGIN = 0.9
"""Share of a duty that a free trade area takes off where nothing more is known (assumed)."""


@dataclass(eq=False)
class DutyTable:
    """Duties of a world."""

    rate: FloatArray
    """(g, n) without preference, by good without energy and importer [1]."""
    reading: IntArray
    """(g, n) number of the reading, -1 where estimated."""
    preferred: dict[tuple[int, int, int], tuple[float, int]] = field(default_factory=dict)
    """Good, exporter and importer to the margin, a share of the duty, and the reading."""


@dataclass(frozen=True)
class Bloc:
    """A group at least two of whose members are regions of the world."""

    group: CountryGroup
    members: tuple[int, ...]
    """Places of regions that lie wholly within it."""


def duties_of(spec: Spec, readings: Sequence[Reading], weights: RegionWeights) -> DutyTable:
    """Put the duties of all files together.

    Of rates without preference MFN goes before the applied average, the kind of average that the
    spec asks for before the other, the year nearest to the base year before others, and the
    product's own rate before that of all goods.
    """
    n_goods, n = len(spec.goods) - 1, len(countries()) + len(spec.regions)
    found = np.full((n_goods, n), np.nan)
    source = np.full((n_goods, n), -1)
    preferred: dict[tuple[int, int, int], tuple[float, int]] = {}
    for by_good in (True, False):
        for number, duties in _in_order(spec, readings):
            cells = _rates(spec, duties, by_good=by_good)
            for (good, exporter, importer), rate in cells.items():
                if exporter == WORLD:
                    if np.isnan(found[good, importer]):
                        found[good, importer], source[good, importer] = rate, number
                elif not duties.is_applied:
                    preferred.setdefault((good, exporter, importer), (rate, number))
    table = DutyTable(*_by_region(spec, weights, found, source))
    _margins(spec, table, preferred)
    return table


def _in_order(spec: Spec, readings: Sequence[Reading]) -> list[tuple[int, DutyRows]]:
    every = [(k, duties) for k, reading in enumerate(readings) for duties in reading.duties]
    return sorted(
        every,
        key=lambda item: (
            item[1].is_applied,
            item[1].is_weighted != spec.weighted_tariffs,
            item[0],
        ),
    )


def _rates(spec: Spec, duties: DutyRows, *, by_good: bool) -> dict[tuple[int, int, int], float]:
    """Rate by good, exporter and importer in the year nearest to the base year."""
    of_chapter = {c: g for g, good in enumerate(spec.goods[:-1]) for c in good.chapters}
    words = {fold(w): g for g, good in enumerate(spec.goods[:-1]) for w in (good.code, good.name)}
    away = np.abs(duties.year - spec.base_year)
    nearest: dict[tuple[int, int], int] = {}
    ends = [*zip(duties.exporter.tolist(), duties.importer.tolist(), strict=True)]
    for pair, distance in zip(ends, away.tolist(), strict=True):
        nearest[pair] = min(distance, nearest.get(pair, 10_000))
    sums: dict[tuple[int, int, int], list[float]] = {}
    for k, (pair, product) in enumerate(zip(ends, duties.product.tolist(), strict=True)):
        if away[k] != nearest[pair] or (product == ALL_PRODUCTS) == by_good or pair[1] < 0:
            continue
        if product == ALL_PRODUCTS:
            goods = set(range(len(spec.goods) - 1))
        elif product < 0:
            goods = {words.get(fold(duties.labels[-1 - product]), -1)}
        else:
            goods = {of_chapter.get(c, -1) for c in range(product // 100, product % 100 + 1)}
        weight = duties.weight[k] if duties.is_weighted and duties.weight[k] > 0 else 1e-9
        for good in goods - {-1}:
            pile = sums.setdefault((good, *pair), [0.0, 0.0])
            pile[0] += weight * float(duties.rate[k])
            pile[1] += weight
    return {key: total / weight for key, (total, weight) in sums.items()}


def _by_region(
    spec: Spec, weights: RegionWeights, found: FloatArray, source: IntArray
) -> tuple[FloatArray, IntArray]:
    """Rates of regions: their countries' by GDP; the mean of the others where none is known."""
    n_goods, n = len(found), len(countries())
    rate = np.full((n_goods, len(spec.regions)), np.nan)
    reading = np.full((n_goods, len(spec.regions)), -1)
    for r, region in enumerate(spec.regions):
        members = list(region.members)
        known = ~np.isnan(found[:, members])
        share = weights.share[r, members] * known
        total = share.sum(axis=1)
        sums: FloatArray = (np.nan_to_num(found[:, members]) * share).sum(axis=1)
        mean = sums / np.maximum(total, 1e-300)
        rate[:, r] = np.where(total > 0, mean, np.nan)
        reading[:, r] = source[:, members].max(axis=1, initial=-1)
        stated = ~np.isnan(found[:, n + r])
        rate[stated, r], reading[stated, r] = found[stated, n + r], source[stated, n + r]
    of_good = np.array([np.mean(row[~np.isnan(row)]) if (~np.isnan(row)).any() else USUAL_RATE
                        for row in rate])  # fmt: skip
    reading = np.where(np.isnan(rate), -1, reading)
    return np.where(np.isnan(rate), of_good[:, None], rate), reading


def _margins(
    spec: Spec, table: DutyTable, preferred: dict[tuple[int, int, int], tuple[float, int]]
) -> None:
    """Margins of preferences between regions of one country, and regions named as such."""
    n = len(countries())
    place = {region.members[0]: r for r, region in enumerate(spec.regions)
             if len(region.members) == 1}  # fmt: skip
    place |= {n + r: r for r in range(len(spec.regions))}
    for (good, exporter, importer), (rate, number) in preferred.items():
        i, j = place.get(exporter), place.get(importer)
        if i is None or j is None or i == j or table.rate[good, j] <= 0:
            continue
        margin = 1.0 - rate / table.rate[good, j]
        if margin > 0:
            table.preferred[good, i, j] = (min(margin, 1.0), number)


def blocs_of(spec: Spec) -> list[Bloc]:
    """Groups at least two of whose members are regions of the world."""
    found = []
    for group in groups().values():
        inside = tuple(
            r for r, region in enumerate(spec.regions)
            if not region.is_rest and set(region.members) <= set(group.members)
        )  # fmt: skip
        if len(inside) > 1:
            found.append(Bloc(group, inside))
    return found
