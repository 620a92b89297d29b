"""Rows with runs last and columns with runs first, turned into each other or summed by an index.

Array indexing walks one of the two sides a number at a time; these loops keep both in the cache.
"""

import numpy as np

from sim.laws.numerics.array_bounds import check_range
from sim.laws.numerics.arrays import FloatArray, IndexArray, for_reading
from sim.laws.numerics.jit import compiled


def columns_of_rows(rows: FloatArray, row: IndexArray) -> FloatArray:
    """Rows of a table as columns of another.

    Parameters
    ----------
    rows : (n_rows, n_runs) ndarray
    row : (n_columns,) ndarray
        Row that each column repeats, -1 for a column of zeros.

    Returns
    -------
    (n_runs, n_columns) ndarray

    Examples
    --------
    >>> columns_of_rows(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, -1, 0])).tolist()
    [[3.0, 0.0, 1.0], [4.0, 0.0, 2.0]]
    """
    check_range(row + 1, len(rows) + 1)
    return _columns_of_rows(for_reading(rows), row)


def rows_from_columns(columns: FloatArray, row: IndexArray, weight: float, n: int) -> FloatArray:
    """Weighted sums of the columns that belong to each row.

    Parameters
    ----------
    columns : (n_runs, n_columns) ndarray
    row : (n_columns,) ndarray
        Row that each column belongs to, -1 for none.
    weight : float
        Of every column [1].
    n : int
        Number of rows.

    Returns
    -------
    (n, n_runs) ndarray
        Columns are added in their order.

    Examples
    --------
    >>> rows_from_columns(np.array([[1.0, 5.0, 3.0]]), np.array([0, -1, 0]), 0.5, 2).tolist()
    [[2.0], [0.0]]
    """
    check_range(row + 1, n + 1)
    return _rows_from_columns(for_reading(columns), row, weight, n)


def sums_of_columns(columns: FloatArray, place: IndexArray, n: int) -> FloatArray:
    """Sums of the columns that belong to each place.

    Parameters
    ----------
    columns : (n_runs, n_columns) ndarray
    place : (n_columns,) ndarray
        Place that each column belongs to, -1 for none.
    n : int
        Number of places.

    Returns
    -------
    (n_runs, n) ndarray
        Columns are added in their order.

    Examples
    --------
    >>> sums_of_columns(np.array([[1.0, 5.0, 3.0]]), np.array([0, -1, 0]), 2).tolist()
    [[4.0, 0.0]]
    """
    check_range(place + 1, n + 1)
    return _sums_of_columns(for_reading(columns), place, n)


@compiled
def _columns_of_rows(rows: FloatArray, row: IndexArray) -> FloatArray:
    n_runs = rows.shape[1]
    answer = np.zeros((n_runs, row.size))
    for column in range(row.size):
        if row[column] >= 0:
            for run in range(n_runs):
                answer[run, column] = rows[row[column], run]
    return answer


@compiled
def _rows_from_columns(columns: FloatArray, row: IndexArray, weight: float, n: int) -> FloatArray:
    n_runs = len(columns)
    answer = np.zeros((n, n_runs))
    for column in range(row.size):
        if row[column] >= 0:
            for run in range(n_runs):
                answer[row[column], run] += weight * columns[run, column]
    return answer


@compiled
def _sums_of_columns(columns: FloatArray, place: IndexArray, n: int) -> FloatArray:
    answer = np.zeros((len(columns), n))
    for run in range(len(columns)):
        for column in range(place.size):
            if place[column] >= 0:
                answer[run, place[column]] += columns[run, column]
    return answer
