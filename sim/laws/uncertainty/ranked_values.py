"""Weighed values in rising order, of which only a few places are read.

Sorting some hundred thousand values would take longer than everything else that is done with them.
So they are shared out by size in two passes, into cells that are about as wide as their values are
large, and a cell is sorted when a level falls into it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.jit import compiled

MAX_CELLS = 2**15
"""Cells that the values are shared out to at most."""


class UnweightedSample:
    """Values that weigh alike.

    Parameters
    ----------
    values : (n,) ndarray
        In any order.
    """

    def __init__(self, values: FloatArray) -> None:
        self._values = np.sort(values)
        self.ends = float(self._values[0]), float(self._values[-1])
        """Lowest and highest value."""

    def at(self, levels: Sequence[float]) -> FloatArray:
        """Quantiles, (n_levels,): linear between neighbours."""
        places = [level * (len(self._values) - 1) for level in levels]
        n = float(len(self._values))
        return np.asarray(np.interp(places, np.arange(n), self._values))


class WeightedSample:
    """Values with weights of their own.

    Parameters
    ----------
    values : (n,) ndarray
        In any order.
    weight : (n,) ndarray
        Weight of each, 1 in total but for rounding.
    """

    def __init__(self, values: FloatArray, weight: FloatArray) -> None:
        self.ends = float(values.min()), float(values.max())
        """Lowest and highest value."""
        self._values, self._weight, self._first, self._up_to = by_size(values, weight, self.ends)

    def at(self, levels: Sequence[float]) -> FloatArray:
        """Quantiles, (n_levels,): the value with which the weight reaches a level."""
        return np.array([self._value_at(level) for level in levels])

    def _value_at(self, level: float) -> float:
        cell = int(np.searchsorted(self._up_to[1:], level))
        if cell == len(self._up_to) - 1:  # weights may be a rounding error short of 1
            return self.ends[1]
        own = slice(self._first[cell], self._first[cell + 1])
        order = np.argsort(self._values[own])
        up_to = self._up_to[cell] + np.cumsum(self._weight[own][order])
        place = min(int(np.searchsorted(up_to, level)), len(order) - 1)
        return float(self._values[own][order[place]])


@compiled
def by_size(
    values: FloatArray, weight: FloatArray, ends: tuple[float, float]
) -> tuple[FloatArray, FloatArray, NDArray[np.int64], FloatArray]:
    """Share values out to cells of rising size.

    Parameters
    ----------
    values, weight : (n,) ndarray
    ends : (float, float)
        Lowest and highest value.

    Returns
    -------
    values, weight : (n,) ndarray
        Cell after cell, within each in the order in which they came.
    first : (n_cells + 1,) int ndarray
        Place of the first value of each cell.
    up_to : (n_cells + 1,) ndarray
        Weight of all cells before.
    """
    # Read as whole numbers, floating-point numbers above zero keep their order, and a number's
    # leading digits are its exponent: cells are narrow where values are small. Of those below zero
    # the order is turned round.
    edges = np.array(ends).view(np.int64)
    bits = values.view(np.int64)
    turn = np.int64(0x7FFFFFFFFFFFFFFF)
    low, high = edges[0] ^ ((edges[0] >> 63) & turn), edges[1] ^ ((edges[1] >> 63) & turn)
    shift = 2
    while (high >> shift) - (low >> shift) >= MAX_CELLS:
        shift += 1
    lowest = low >> shift
    n_cells = (high >> shift) - lowest + 1
    n = len(values)
    cell = np.empty(n, np.int32)
    first, up_to = np.zeros(n_cells + 1, np.int64), np.zeros(n_cells + 1)
    for k in range(n):
        c = ((bits[k] ^ ((bits[k] >> 63) & turn)) >> shift) - lowest
        cell[k] = c
        first[c + 1] += 1
        up_to[c + 1] += weight[k]
    for c in range(n_cells):
        first[c + 1] += first[c]
        up_to[c + 1] += up_to[c]
    place = first.copy()
    by_cell, weight_by_cell = np.empty(n), np.empty(n)
    for k in range(n):
        c = cell[k]
        by_cell[place[c]], weight_by_cell[place[c]] = values[k], weight[k]
        place[c] += 1
    return by_cell, weight_by_cell, first, up_to
