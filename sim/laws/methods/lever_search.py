"""Least-cost mixes: how far to move each of several levers for a given gain.

Each lever offers steps with a gain and a cost; gains add. The mixes that no other one beats (as
much gain for less, or more for the same) are found by joining the levers one by one and dropping
what is beaten, which is exact for any shape of gains and costs, switches among them.

Which of them is the cheapest that is enough is found by trying some: the first where expectations
point, the next closing in from both sides.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray, IndexArray

MAX_MIXES = 4_000
"""Mixes kept while levers are joined; beyond it neighbours are thinned out evenly."""


class Mixes(NamedTuple):
    """Mixes that no other one beats, by rising gain and cost."""

    gain: FloatArray
    """(n_mixes,)"""
    cost: FloatArray
    """(n_mixes,)"""
    step: IndexArray
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


def next_place(
    cost: FloatArray,
    expected: FloatArray,
    shortfall: Mapping[int, float],
    *,
    n_looks: int = 0,
    cost_tolerance: float = 0.0,
) -> int | None:
    """Place of the mix to be tried next, None once the cheapest that is enough is known.

    The first is the cheapest that is expected to be enough. Each that is tried shows by how much
    expectations are off, there and in between; at every third look the middle is taken instead, so
    that wrong expectations cost looks and not the answer.

    Parameters
    ----------
    cost : (n_mixes,) ndarray
        Rising.
    expected : (n_mixes,) ndarray
        What each mix is expected to lack; 0 or less is enough.
    shortfall : mapping of int to float
        What those that were tried do lack, by place.
    n_looks : int
        How often a place was asked for since some were tried.
    cost_tolerance : float
        Share of its cost by which the answer may be too dear [1].

    Examples
    --------
    >>> cost, expected = np.arange(5.0), np.array([2.0, 1.0, 0.0, -1.0, -2.0])
    >>> next_place(cost, expected, {}), next_place(cost, expected, {0: 2.5, 2: 0.5, 4: -1.5})
    (2, 3)
    """
    if not shortfall:
        return _first(expected <= 0.0, int(np.argmin(expected)))
    enough = [place for place, short in shortfall.items() if short <= 0.0]
    last = len(cost) - 1
    if not enough:
        return None if last in shortfall else last
    high = min(enough)
    low = max((place for place in shortfall if place < high), default=high - 1)
    if high - low <= 1 or cost[high] - cost[low] <= cost_tolerance * cost[high]:
        return None
    if n_looks % 3 == 2:
        return (low + high) // 2
    inner = np.arange(low + 1, high)
    off = [shortfall[place] - expected[place] for place in (low, high)]
    likely = expected[inner] + np.interp(inner, (low, high), off) <= 0.0
    near = int(np.searchsorted(cost[inner], (1.0 - cost_tolerance) * cost[high]))
    return low + 1 + _first(likely, min(near, len(inner) - 1))


def _first(flags: NDArray[np.bool_], otherwise: int) -> int:
    return int(flags.argmax()) if flags.any() else otherwise


def _unbeaten(mixes: Mixes) -> Mixes:
    order = np.lexsort((-mixes.gain, mixes.cost))
    best = np.maximum.accumulate(mixes.gain[order])
    is_new = np.concatenate([[True], best[1:] > best[:-1]])
    kept = order[is_new]
    if len(kept) > MAX_MIXES:
        kept = kept[np.unique(np.linspace(0, len(kept) - 1, MAX_MIXES).round().astype(np.intp))]
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
