"""Flows of which a plain table has some products: the others are those of the files below it.

An own figure of one product stands for that product, not for all trade of its pair. Chapters of the
Harmonised System tell what it stands for; what another file has of them counts no more.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.numerics.arrays import IndexArray as IntArray
from sim.world.builder.spec.spec import Spec
from sim.world.builder.trade_by_source import SourceLayer, as_countries, good_of
from sim.world.sources.countries import countries, fold
from sim.world.sources.parsed_files import ALL_PRODUCTS, Reading

_CHAPTERS = 100


class _Rows(NamedTuple):
    """Rows of a layer in the base year."""

    exporter: IntArray
    importer: IntArray
    good: IntArray
    musd: FloatArray
    chapters: BoolArray
    """(n_rows, 100), none where a row is of all products."""


def completed_layers(
    spec: Spec, readings: Sequence[Reading], layers: Sequence[SourceLayer]
) -> tuple[list[SourceLayer], tuple[str, ...]]:
    """Complete the layers of plain tables by those below them.

    Returns
    -------
    tuple of (list of SourceLayer, tuple of str)
        The layers in order, and a sentence for each that was completed.
    """
    made, told = [], []
    for k, layer in enumerate(layers):
        below = layers[k + 1 :] if readings[layer.number].kind == "plain" else ()
        done, names, n = _completed(spec, layer, below)
        if names:
            flows = "a flow" if n == 1 else f"{n} flows"
            told.append(
                f"{layer.name} has some products of {flows}; the others are those of "
                f"{', '.join(dict.fromkeys(names))}"
            )
        made.append(done)
    return made, tuple(told)


def _completed(
    spec: Spec, layer: SourceLayer, below: Sequence[SourceLayer]
) -> tuple[SourceLayer, list[str], int]:
    """A layer with the products of others, their names, and the number of flows that gained."""
    if not below:
        return layer, [], 0
    n_nodes = len(layer.total)
    keys, listed = _in_part(_rows(spec, layer), n_nodes)
    is_open, gained = np.ones(len(keys), dtype=np.bool_), np.zeros(len(keys))
    names: list[str] = []
    a, b = keys // n_nodes, keys % n_nodes
    total, split = layer.total.copy(), layer.split.copy()
    for other in below:
        if not is_open.any():
            break
        before, seen = gained.copy(), listed.copy()
        whole, parts = np.zeros(len(keys)), np.zeros(len(keys))
        for rows, pair in _matched(spec, other, keys, n_nodes):
            in_all = ~rows.chapters.any(axis=1)
            whole += np.bincount(pair[in_all], rows.musd[in_all], len(keys))
            parts += np.bincount(pair[~in_all], rows.musd[~in_all], len(keys))
            is_taken = (rows.chapters & listed[pair]).any(axis=1)
            free = is_open[pair] & ~in_all & ~is_taken & (rows.good >= 0)
            np.add.at(split, (rows.good[free], a[pair[free]], b[pair[free]]), rows.musd[free])
            gained += np.bincount(pair[free], rows.musd[free], len(keys))
            np.logical_or.at(seen, pair, rows.chapters)
        of_all = is_open & (whole > 0) & (parts == 0)
        gained[of_all] += np.maximum(whole[of_all] - layer.total[a, b][of_all], 0.0)
        names += [other.name] * bool((gained > before).any())
        is_open &= (whole == 0) & ~(other.covers[a, b] & other.is_whole)
        listed = seen
    total[a, b] += gained
    return replace(layer, total=total, split=split), names, int((gained > 0).sum())


def _rows(spec: Spec, layer: SourceLayer, wanted: IntArray | None = None) -> Iterator[_Rows]:
    """Rows between nodes in the base year; of some countries and groups alone, if any are wanted.

    Parameters
    ----------
    wanted : (n,) ndarray, optional
        Nodes of which at least one must stand at either end.
    """
    for flow in layer.flows:
        i, j = as_countries(spec, flow.exporter), as_countries(spec, flow.importer)
        keep = (flow.year == spec.base_year) & (i >= 0) & (j >= 0)
        if wanted is not None:
            keep &= np.isin(i, wanted) & np.isin(j, wanted)
        good = good_of(spec, flow)[keep]
        products, which = np.unique(flow.product[keep], return_inverse=True)
        chapters = np.zeros((len(products), _CHAPTERS), dtype=np.bool_)
        for row, product in zip(chapters, products.tolist(), strict=True):
            if product > ALL_PRODUCTS:
                row[product // 100 : product % 100 + 1] = True
            elif product < 0:
                row[list(_chapters_of(spec, flow.labels[-1 - product]))] = True
        yield _Rows(i[keep], j[keep], good, flow.musd[keep] / layer.ratio,
                    chapters[which.reshape(-1)])  # fmt: skip


def _chapters_of(spec: Spec, label: str) -> tuple[int, ...]:
    """Chapters of a good by its code or name."""
    goods = (g.chapters for g in spec.goods if fold(label) in (fold(g.code), fold(g.name)))
    return next(goods, ())


def _in_part(rows: Iterable[_Rows], n_nodes: int) -> tuple[IntArray, BoolArray]:
    """Pairs without a row of all products, as sorted keys, and the chapters that each has."""
    found = [(row.exporter * n_nodes + row.importer, row.chapters) for row in rows]
    pair = np.concatenate([pair for pair, _ in found])
    chapters = np.concatenate([of for _, of in found])
    keys = np.setdiff1d(pair, pair[~chapters.any(axis=1)])
    listed = np.zeros((len(keys), _CHAPTERS), dtype=np.bool_)
    of_part = np.isin(pair, keys)
    np.logical_or.at(listed, np.searchsorted(keys, pair[of_part]), chapters[of_part])
    return keys, listed


def _matched(
    spec: Spec, layer: SourceLayer, keys: IntArray, n_nodes: int
) -> Iterator[tuple[_Rows, IntArray]]:
    """Rows of some pairs, each with the place of its pair; those of countries for their groups."""
    n = len(countries())
    group = np.full(n_nodes, -1)
    for r, region in enumerate(spec.regions):
        if len(region.members) > 1:
            group[list(region.members)] = n + r
    ends = np.unique([keys // n_nodes, keys % n_nodes])
    wanted = np.flatnonzero(np.isin(np.arange(n_nodes), ends) | np.isin(group, ends))
    for rows in _rows(spec, layer, wanted):
        for seller in (rows.exporter, group[rows.exporter]):
            for buyer in (rows.importer, group[rows.importer]):
                pair = seller * n_nodes + buyer
                place = np.minimum(np.searchsorted(keys, pair), len(keys) - 1)
                hit = (seller >= 0) & (buyer >= 0) & (seller != buyer) & (keys[place] == pair)
                if hit.any():
                    yield _Rows(*(column[hit] for column in rows)), place[hit]
