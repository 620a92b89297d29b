"""Least-cost mixes: how far to move each of several levers for a given gain.

Each lever offers steps with a gain and a cost; gains add. The mixes that no other one beats (as
much gain for less, or more for the same) are found by joining the levers one by one and dropping
what is beaten, which is exact for any shape of gains and costs, switches among them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

MOST_MIXES = 4_000
"""Mixes kept while levers are joined; beyond it neighbours are thinned out evenly."""


class Mixes(NamedTuple):
    """Mixes that no other one beats, by rising gain and cost."""

    gain: FloatArray
    """(n_mixes,)"""
    cost: FloatArray
    """(n_mixes,)"""
    step: IntArray
    """(n_mixes, n_levers) step of each lever."""


def cheapest_mixes(gain: FloatArray, cost: FloatArray) -> Mixes:
    """Mixes that no other one beats.

    Parameters
    ----------
    gain, cost : (n_levers, n_steps) ndarray
        Of each step of each lever; step 0 is where it stands.

    Examples
    --------
    >>> mixes = cheapest_mixes(
    ...     np.array([[0.0, 2.0], [0.0, 1.0]]), np.array([[0.0, 5.0], [0.0, 1.0]])
    ... )
    >>> mixes.gain.tolist(), mixes.cost.tolist(), mixes.step.tolist()
    ([0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 5.0, 6.0], [[0, 0], [0, 1], [1, 0], [1, 1]])
    """
    n_steps = gain.shape[1]
    mixes = Mixes(np.zeros(1), np.zeros(1), np.zeros((1, 0), dtype=np.intp))
    for of_lever, costs in zip(gain, cost, strict=True):
        total_gain = (mixes.gain[:, None] + of_lever).ravel()
        total_cost = (mixes.cost[:, None] + costs).ravel()
        before = np.repeat(mixes.step, n_steps, axis=0)
        here = np.tile(np.arange(n_steps), len(mixes.gain))[:, None]
        joined = Mixes(total_gain, total_cost, np.concatenate([before, here], axis=1))
        mixes = _unbeaten(joined)
    return mixes


def _unbeaten(mixes: Mixes) -> Mixes:
    order = np.lexsort((-mixes.gain, mixes.cost))
    best = np.maximum.accumulate(mixes.gain[order])
    is_new = np.concatenate([[True], best[1:] > best[:-1]])
    kept = order[is_new]
    if len(kept) > MOST_MIXES:
        kept = kept[np.unique(np.linspace(0, len(kept) - 1, MOST_MIXES).round().astype(np.intp))]
    return Mixes(mixes.gain[kept], mixes.cost[kept], mixes.step[kept])


def trade_cost_cut(gain: FloatArray | float, trade_elasticity: FloatArray | float) -> FloatArray:
    """Cut of trade costs that multiplies trade by `1 + gain` when nothing else answers [1].

    Trade falls by `trade_elasticity` per cent when its cost rises by one, so that costs must
    fall to `(1 + gain) ** (-1 / trade_elasticity)` of what they are. It is the least that is
    needed: in equilibrium dearer resistances take part of it back.

    Parameters
    ----------
    gain : float
        Wanted growth of trade [1].
    trade_elasticity : float
        Positive.

    Examples
    --------
    >>> round(float(trade_cost_cut(1.0, 5.0)), 4)
    0.1294
    """
    return np.asarray(1.0 - (1.0 + np.asarray(gain)) ** (-1.0 / np.asarray(trade_elasticity)))
