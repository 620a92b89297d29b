"""Part of an offer that is used, and the cost of cargo that uses it in part: one pass each.

The arrays have a row for each run and a column for each flow; most flows are offered nothing.
"""

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray, for_reading
from sim.laws.numerics.jit import compiled


def part_of(value: FloatArray, whole: FloatArray) -> FloatArray:
    """Part that values are of a whole, between 0 and 1; 1 where the whole is nothing [1].

    Parameters
    ----------
    value, whole : (n_runs, n_cells) ndarray

    Examples
    --------
    >>> part_of(np.array([[-0.1, 0.3, 0.0]]), np.array([[-0.4, -0.4, 0.0]])).tolist()
    [[0.25, 0.0, 1.0]]
    """
    return _part_of(for_reading(value), for_reading(whole))


def mixed_costs(
    share: FloatArray, used: FloatArray, unused: FloatArray
) -> tuple[FloatArray, IndexArray]:
    """Mean log cost of the cargo that uses what is offered and of the cargo that does not.

    Parameters
    ----------
    share : (n_runs, n_cells) ndarray
        Part of the cargo that uses it [1].
    used, unused : (n_runs, n_cells) ndarray
        Log cost of either.

    Returns
    -------
    (n_runs, n_cells) ndarray
        Of no meaning where that of the unused has no end.
    (n_shut,) ndarray of int
        Flat places of those, rising.

    Examples
    --------
    >>> share, used, unused = np.array([[0.25, 0.5]]), np.zeros((1, 2)), np.array([[0.4, np.inf]])
    >>> cost, shut = mixed_costs(share, used, unused)
    >>> round(float(cost[0, 0]), 9), shut.tolist()
    (0.3, [1])
    """
    return _mixed_costs(for_reading(share), for_reading(used), for_reading(unused))


@compiled
def _part_of(value: FloatArray, whole: FloatArray) -> FloatArray:
    n_runs, n = value.shape
    answer = np.empty((n_runs, n))
    for run in range(n_runs):
        for k in range(n):
            part = value[run, k] / whole[run, k]
            part = 0.0 if part <= 0.0 else part
            part = 1.0 if part >= 1.0 else part
            answer[run, k] = part if whole[run, k] != 0.0 else 1.0
    return answer


@compiled
def _mixed_costs(
    share: FloatArray, used: FloatArray, unused: FloatArray
) -> tuple[FloatArray, IndexArray]:
    n_runs, n = share.shape
    answer, n_shut = np.empty((n_runs, n)), 0
    for run in range(n_runs):
        for k in range(n):
            part = share[run, k]
            answer[run, k] = part * used[run, k] + (1.0 - part) * unused[run, k]
            n_shut += not abs(unused[run, k]) < np.inf
    shut, found = np.empty(n_shut, np.intp), 0
    for run in range(n_runs if n_shut else 0):
        for k in range(n):
            if not abs(unused[run, k]) < np.inf:
                shut[found] = run * n + k
                found += 1
    return answer, shut
