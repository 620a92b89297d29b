"""Flows whose duties or costs a scenario can change, and values of pairs of regions on them.

Most of the trade matrix never meets a policy of the scenario. The few flows, or cells, that do are
held in flat arrays `(n_runs, n_cells)`; the rest stays at its baseline.
"""

from dataclasses import dataclass

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.run_axis import columns_of_rows, rows_from_columns


@dataclass(frozen=True)
class AffectedFlows:
    """Places of the cells in the flattened `(n_goods, n, n)` matrix."""

    place: IndexArray
    """(n_cells,) flat index of each cell, rising."""
    with_terms: IndexArray
    """(n_own,) cells whose duties can change, rising."""
    pair: IndexArray
    """(n_cells,) pair of regions the cell belongs to, -1 where its cargo is not followed."""
    good: IndexArray
    """(n_cells,) good of the cell."""


def affected_flows(
    own: IndexArray, pairs: IndexArray, others: IndexArray, shape: tuple[int, ...]
) -> AffectedFlows:
    """Collect the cells that changes of duty, routes and stops of commerce touch.

    Parameters
    ----------
    own : (n_own,) ndarray
        Flat indices of the cells whose duties can change, rising.
    pairs : (n_pairs, 2) ndarray
        Pairs of regions whose cargo is followed through the network.
    others : (n_others, 2) ndarray
        Pairs of regions whose trade something stops, and others whose cells are wanted whether or
        not anything acts on them.
    shape : tuple of int
        Of the matrix of trade: goods, exporters, importers.
    """
    n_goods, n, _ = shape
    on_routes = _both_ways(pairs, shape)
    place = np.unique(np.concatenate([own, on_routes, _both_ways(others, shape)])).astype(np.intp)
    pair = np.full(len(place), -1, dtype=np.intp)
    pair[np.searchsorted(place, on_routes)] = np.tile(np.arange(len(pairs)), 2 * n_goods)
    return AffectedFlows(
        place=place,
        with_terms=np.searchsorted(place, own).astype(np.intp),
        pair=pair,
        good=(place // (n * n)).astype(np.intp),
    )


def _both_ways(pairs: IndexArray, shape: tuple[int, ...]) -> IndexArray:
    """Flat places of all goods of pairs in both directions, by good, direction and pair."""
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    goods = np.repeat(np.arange(shape[0]), len(ends))
    both = np.tile(ends, (shape[0], 1))
    return np.asarray(np.ravel_multi_index((goods, both[:, 0], both[:, 1]), shape))


def pair_values(cells: AffectedFlows, values: FloatArray) -> FloatArray:
    """Values of pairs on every cell of theirs, both directions alike, zero on all others.

    Parameters
    ----------
    cells : AffectedFlows
    values : (n_goods, n_pairs, n_runs) ndarray
        By good and pair.

    Returns
    -------
    (n_runs, n_cells) ndarray
    """
    n_pairs, n_runs = values.shape[1:]
    return columns_of_rows(values.reshape(-1, n_runs), _row(cells, n_pairs))


def pair_means(cells: AffectedFlows, on_cells: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """Mean of the values on both directions' cells of every pair, (n_goods, n_pairs, n_runs).

    Values are `(n_runs, n_cells)`; `shape` has the numbers of goods and pairs.
    """
    row = _row(cells, shape[1])
    found = rows_from_columns(on_cells, row, 0.5, shape[0] * shape[1])
    return found.reshape(*shape, len(on_cells))


def _row(cells: AffectedFlows, n_pairs: int) -> IndexArray:
    """Place of each cell in tables of goods and pairs laid flat, -1 where it has no pair."""
    return np.where(cells.pair >= 0, cells.good * n_pairs + cells.pair, -1)
