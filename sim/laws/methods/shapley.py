"""Attribution: how much of a change each of several levers brings about (Shapley 1953).

A coalition of levers is a whole number whose bit `k` says whether lever `k` is on. With `v(S)` what
a coalition comes to, a lever's part is its mean contribution over all orders in which the levers
can be switched on:

    part_k = sum over S without k of  |S|! (n - |S| - 1)! / n!  [v(S + k) - v(S)]

The parts sum to `v(all) - v(none)`. Beyond ten levers the mean is taken over some of the orders,
for which the sum holds as well.
"""

from collections.abc import Mapping, Sequence
from math import factorial

import numpy as np

from sim.laws.numerics.arrays import FloatArray

MAX_EXACT = 10
"""Levers up to which every coalition is looked at."""


def shapley(values: FloatArray) -> FloatArray:
    """Parts of the levers from what every coalition comes to.

    Parameters
    ----------
    values : (2**n_levers, ...) ndarray
        By coalition, in the order of their numbers.

    Returns
    -------
    (n_levers, ...) ndarray
        In the unit of the values.

    Examples
    --------
    >>> shapley(np.array([0.0, 1.0, 2.0, 5.0]))
    array([2., 3.])
    """
    n_levers = int(values.shape[0]).bit_length() - 1
    if values.shape[0] != 2**n_levers:
        raise ValueError(f"{values.shape[0]} coalitions; wanted a power of 2")
    coalitions = np.arange(values.shape[0])
    size = np.array([int(coalition).bit_count() for coalition in coalitions])
    weight = np.array(
        [factorial(k) * factorial(n_levers - k - 1) / factorial(n_levers) for k in range(n_levers)]
    )
    parts = np.empty((n_levers, *values.shape[1:]))
    for k in range(n_levers):
        without = coalitions[coalitions & (1 << k) == 0]
        parts[k] = np.tensordot(
            weight[size[without]], values[without | 1 << k] - values[without], 1
        )
    return parts


def coalitions_of(orders: Sequence[Sequence[int]]) -> list[int]:
    """Coalitions that are passed when levers are switched on in some orders, each once, rising.

    Examples
    --------
    >>> coalitions_of([(0, 1), (1, 0)])
    [0, 1, 2, 3]
    """
    passed = {0}
    for order in orders:
        coalition = 0
        for lever in order:
            coalition |= 1 << lever
            passed.add(coalition)
    return sorted(passed)


def shapley_of_orders(
    values: Mapping[int, FloatArray], orders: Sequence[Sequence[int]]
) -> FloatArray:
    """Contributions of the levers in each of some orders; their mean estimates the parts.

    Parameters
    ----------
    values : mapping of int to (...) ndarray
        What each coalition that is passed comes to.
    orders : sequence of sequence of int
        Each holds every lever once.

    Returns
    -------
    (n_orders, n_levers, ...) ndarray
    """
    contributions = np.empty((len(orders), len(orders[0]), *np.shape(values[0])))
    for row, order in zip(contributions, orders, strict=True):
        coalition = 0
        for lever in order:
            after = coalition | 1 << lever
            row[lever] = values[after] - values[coalition]
            coalition = after
    return contributions
