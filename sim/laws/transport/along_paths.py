"""Sums along paths, of what they pass, and over the pairs of ends between two regions.

Runs are the last axis; loops are compiled, and each run is added up in the same order whatever the
batch.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from sim.laws.numerics.array_bounds import groups_of
from sim.laws.numerics.arrays import FloatArray, IndexArray, for_reading
from sim.laws.numerics.fastmath import exp_of, log_of
from sim.laws.numerics.jit import compiled


class SparseRows(NamedTuple):
    """A sparse matrix of paths or pairs as loops read it, checked once."""

    first: IndexArray
    """(n + 1,) where each row begins."""
    place: IndexArray
    """Columns that stand in the rows, one row after the other."""
    times: FloatArray
    """How often, or with what weight."""
    n_places: int


def sparse_rows_of(matrix: csr_array) -> SparseRows:
    """Rows of a matrix for `along` and `part_left`."""
    return SparseRows(*groups_of(matrix, matrix.shape[1]), matrix.data, matrix.shape[1])


def along(paths: SparseRows, at_places: FloatArray, own: FloatArray) -> FloatArray:
    """Sum for each path of its own amount and the amounts at the places it passes.

    Parameters
    ----------
    paths : SparseRows
        How often each path passes each place [1].
    at_places : (n_places, n_runs) ndarray
        What passing takes; (n_places, 1) where all runs are alike.
    own : (n_paths, n_runs) or (n_paths, 1) ndarray

    Returns
    -------
    (n_paths, n_runs) ndarray
        (n_paths, 1) where all runs are alike in both.

    Raises
    ------
    ValueError
        If there are not as many places, or paths of their own.
    """
    first, place, times, n_places = paths
    if len(at_places) != n_places or len(own) != len(first) - 1:
        raise ValueError(
            f"{len(at_places)} places and {len(own)} paths came; wanted {n_places} and "
            f"{len(first) - 1}"
        )
    own, at_places = (for_reading(v) for v in (own, at_places))
    answer = np.empty((len(own), max(own.shape[1], at_places.shape[1])))
    _along(answer, first, place, times, at_places, own)
    return answer


@compiled
def _along(
    answer: FloatArray,
    first: IndexArray,
    place: IndexArray,
    times: FloatArray,
    at_places: FloatArray,
    own: FloatArray,
) -> None:
    n_runs = answer.shape[1]
    for path in range(answer.shape[0]):
        row = answer[path]
        # Written out: a row that is set at once is not set four numbers at a time.
        if own.shape[1] == 1:
            one = own[path, 0]
            for run in range(n_runs):
                row[run] = one
        else:
            for run in range(n_runs):
                row[run] = own[path, run]
        for k in range(first[path], first[path + 1]):
            taken, many = at_places[place[k]], times[k]
            if taken.size == 1:
                one = many * taken[0]
                for run in range(n_runs):
                    row[run] += one
            else:
                for run in range(n_runs):
                    row[run] += many * taken[run]


def pair_log_cost(
    log_cost: FloatArray,
    log_cost_baseline: FloatArray,
    weight: csr_array,
    trade_elasticity: FloatArray,
) -> FloatArray:
    """Log cost change of a pair of regions whose cargo runs between several pairs of ends.

    Cargo stays with its ends, so trade answers the cost of each: the pair's cost change is that
    which moves its trade as much as the ends' own changes do together.

    Parameters
    ----------
    log_cost : (n_goods, n_ends, n_runs) ndarray
        Log of 1 + ave, infinite where nothing passes.
    log_cost_baseline : (n_goods, n_ends, n_runs) ndarray
        The same in the baseline; where that has no end, nothing is known to change.
    weight : (n_pairs, n_ends) sparse array
        Share of the pair's cargo between the ends [1].
    trade_elasticity : (n_runs,) ndarray
        Elasticity of trade to its cost, > 0 [1].

    Returns
    -------
    (n_goods, n_pairs, n_runs) ndarray
        Infinite where nothing passes between any of the ends.

    Examples
    --------
    One of two equal gateways is shut: half of the trade is left.

    >>> cost = np.array([0.3, np.inf]).reshape(1, 2, 1)
    >>> both = csr_array(np.array([[0.5, 0.5]]))
    >>> change = pair_log_cost(cost, np.full((1, 2, 1), 0.3), both, np.array([5.0]))
    >>> float(np.exp(-5.0 * change).item())
    0.5
    """
    away = -trade_elasticity * np.subtract(
        log_cost, log_cost_baseline, out=np.zeros_like(log_cost), where=log_cost_baseline < np.inf
    )
    return cost_of_what_is_left(part_left(exp_of(away), sparse_rows_of(weight)), trade_elasticity)


def part_left(left: FloatArray, weight: SparseRows) -> FloatArray:
    """Part of the trade of pairs of regions that is left, given that between each pair of ends.

    Parameters
    ----------
    left : (n_goods, n_ends, n_runs) ndarray
        Part that is left between the ends [1].
    weight : SparseRows
        Share of each pair's cargo between its ends [1].

    Returns
    -------
    (n_goods, n_pairs, n_runs) ndarray
    """
    if left.shape[1] != weight.n_places:
        raise ValueError(f"{left.shape[1]} pairs of ends came; wanted {weight.n_places}")
    return _part_left(left, *weight[:3])


def cost_of_what_is_left(left: FloatArray, trade_elasticity: FloatArray) -> FloatArray:
    """Log cost at which a part of the trade is left, infinite where nothing is.

    Parameters
    ----------
    left : (..., n_runs) ndarray
        Part of the trade [1].
    trade_elasticity : (n_runs,) ndarray
        Elasticity of trade to its cost, > 0 [1].
    """
    return np.asarray(-log_of(left) / trade_elasticity)


@compiled
def _part_left(
    left: FloatArray, first: IndexArray, ends: IndexArray, share: FloatArray
) -> FloatArray:
    n_goods, _, n_runs = left.shape
    answer = np.zeros((n_goods, first.size - 1, n_runs))
    for good in range(n_goods):
        for pair in range(first.size - 1):
            for k in range(first[pair], first[pair + 1]):
                part = left[good, ends[k]]
                for run in range(n_runs):
                    answer[good, pair, run] += share[k] * part[run]
    return answer
