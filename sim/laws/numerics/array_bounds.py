"""Bounds of what compiled kernels read, checked before: they would read past an array's end."""

import numpy as np
from scipy.sparse import csr_array

from sim.laws.numerics.arrays import FloatArray, IndexArray


def check_places(first: IndexArray, n: int) -> None:
    """Refuse places of groups that do not run through `n` things in order.

    Raises
    ------
    ValueError
        If they do not.
    """
    if first[0] != 0 or first[-1] != n or np.any(np.diff(first) < 0):
        raise ValueError(f"groups begin at {first.tolist()}; wanted rising places from 0 to {n}")


def check_range(places: IndexArray, n: int) -> None:
    """Refuse places beyond the ends of an array.

    Raises
    ------
    ValueError
        If there is one.
    """
    if places.size and not (places.min() >= 0 and places.max() < n):
        wrong = places.min() if places.min() < 0 else places.max()
        raise ValueError(f"place {wrong} lies outside an array of {n}; wanted 0 to {n - 1}")


def check_counts(rows: tuple[FloatArray, ...], n: int) -> None:
    """Refuse arrays with fewer rows than are read.

    Raises
    ------
    ValueError
        If there is one.
    """
    if any(len(array) < n for array in rows):
        raise ValueError(f"an offer has less than {n} rows; wanted one for each path")


def groups_of(matrix: csr_array, n: int) -> tuple[IndexArray, IndexArray]:
    """Start of each row of a sparse matrix, and the columns of its entries.

    Raises
    ------
    ValueError
        If one is beyond the `n` there are.
    """
    first, column = matrix.indptr.astype(np.intp), matrix.indices.astype(np.intp)
    check_places(first, len(column))
    check_range(column, n)
    return first, column
