"""Sets of goods whose hours at borders are cut alike, for the law of route choice.

The compiled law takes one border factor a path, which all goods share. Each good chooses its routes
for itself, so goods that share a factor are served together and the sets one after the other: their
costs stand side by side, what they carry adds up.
"""

from collections.abc import Sequence

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray


def sets_of_goods(*factors: FloatArray) -> list[IndexArray]:
    """Places of goods that have the same border factors in all of some arrays, set by set.

    Parameters
    ----------
    *factors : (n_goods, n_paths, n_runs or 1) ndarray

    Examples
    --------
    >>> [one.tolist() for one in sets_of_goods(np.array([0.9, 1.0, 0.9]).reshape(3, 1, 1))]
    [[0, 2], [1]]
    """
    sets: list[list[int]] = []
    for good in range(len(factors[0])):
        first = next((s for s in sets if _are_alike(factors, s[0], good)), None)
        if first is None:
            sets.append([good])
        else:
            first.append(good)
    return [np.array(one, dtype=np.intp) for one in sets]


def _are_alike(factors: Sequence[FloatArray], one: int, other: int) -> bool:
    return all(np.array_equal(factor[one], factor[other]) for factor in factors)


def values_of_goods(values: FloatArray, goods: IndexArray) -> FloatArray:
    """Values of some goods, good first; those of all where they have one good or none."""
    return values if values.ndim < 3 or len(values) == 1 else values[goods]


def joined_sets(
    sets: Sequence[IndexArray], found: Sequence[tuple[FloatArray, ...]]
) -> list[FloatArray]:
    """Answers of sets of goods as one: arrays by good put in place, all others added up.

    Parameters
    ----------
    sets : sequence of (n_own,) ndarray
        Places of the goods of each set; together all of them.
    found : sequence of tuple of ndarray
        Of each set the same arrays: by good those of three axes.
    """
    n_goods = sum(len(goods) for goods in sets)
    whole = []
    for parts in zip(*found, strict=True):
        if parts[0].ndim < 3:
            whole.append(np.asarray(sum(parts[1:], start=parts[0])))
            continue
        values = np.empty((n_goods, *parts[0].shape[1:]))
        for goods, part in zip(sets, parts, strict=True):
            values[goods] = part
        whole.append(values)
    return whole
