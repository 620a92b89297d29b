"""Values of pairs of regions on the cells of their trade, and means over those cells."""

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.run_axis import columns_of_rows, rows_from_columns
from sim.simulation.tariffs.duties import AffectedFlows


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
