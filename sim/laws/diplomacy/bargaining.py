"""Tolls in a row, sellers on a market, and what each partner adds.

A unit of trade crosses `n` transit states, each with its own toll. Demand for the passage
falls by `1 / slope` units per unit of the whole toll and ends at `gap`, the price gap that
the trade is worth before tolls. Alone, each state ignores what its toll costs the others:
they overcharge, less passes, and all earn less than from one joint toll (Cournot's
complements). Every number may have a leading run axis.

Sources: Cournot (1838), Recherches, ch. 7 (competition) and 9 (complements); Shapley (1953),
A value for n-person games.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.laws.numerics.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Tolls:
    """Tolls on a line, what passes, and what each state earns."""

    toll: FloatArray
    """(..., n) [money/unit]"""
    volume: FloatArray
    """(...) what passes [unit]."""
    revenue: FloatArray
    """(..., n) toll less own cost, times volume [money]."""


def separate_tolls(gap: ArrayLike, slope: ArrayLike, cost: ArrayLike) -> Tolls:
    """Tolls of transit states that each set their own.

    Parameters
    ----------
    gap : (...) float
        Price gap at which nothing passes any more [money/unit].
    slope : (...) float
        Fall of the gap per unit that passes, > 0 [money/unit²].
    cost : (..., n) float
        What a unit costs each transit state [money/unit].

    Returns
    -------
    Tolls
        Every state earns the same margin: the gap after all costs over `n + 1`, none if the
        costs eat the gap.

    Raises
    ------
    ValueError
        If the slope is not positive or there is no transit state.

    Examples
    --------
    >>> separate_tolls(40.0, 1.0, [0.0, 0.0, 0.0]).toll
    array([10., 10., 10.])
    """
    width, fall, own = _line(gap, slope, cost)
    margin = np.maximum(width - own.sum(axis=-1), 0.0) / (own.shape[-1] + 1)
    return _tolls(width, fall, own, margin[..., None] * np.ones(own.shape[-1]))


def joint_toll(
    gap: ArrayLike, slope: ArrayLike, cost: ArrayLike, share: ArrayLike | None = None
) -> Tolls:
    """One toll agreed by all transit states, the margin split by `share` (equally if None).

    Parameters
    ----------
    gap, slope, cost
        As in `separate_tolls`.
    share : (..., n) float, optional
        Each state's share of the margin, summing to one.

    Returns
    -------
    Tolls
        Half of the gap after all costs is kept as margin, which earns the most in all.

    Raises
    ------
    ValueError
        If the slope is not positive, there is no transit state, or shares do not sum to one.

    Examples
    --------
    >>> joint_toll(40.0, 1.0, [0.0, 0.0]).toll.sum()
    np.float64(20.0)
    """
    width, fall, own = _line(gap, slope, cost)
    n = own.shape[-1]
    parts = np.full(n, 1.0 / n) if share is None else np.asarray(share, dtype=np.float64)
    if parts.shape[-1] != n or not np.allclose(parts.sum(axis=-1), 1.0, rtol=0, atol=1e-12):
        raise ValueError(f"share: {parts.tolist()} came; wanted {n} shares that sum to 1")
    margin = 0.5 * np.maximum(width - own.sum(axis=-1), 0.0)
    return _tolls(width, fall, own, margin[..., None] * parts)


def _line(
    gap: ArrayLike, slope: ArrayLike, cost: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    width, fall = np.asarray(gap, dtype=np.float64), np.asarray(slope, dtype=np.float64)
    own = np.asarray(cost, dtype=np.float64)
    if own.ndim == 0 or own.shape[-1] == 0:
        raise ValueError(f"cost: shape {own.shape} came; wanted one number per transit state")
    if not np.all(fall > 0):
        raise ValueError(f"slope: {fall.min()} came; wanted > 0")
    return width, fall, own


def _tolls(width: FloatArray, fall: FloatArray, own: FloatArray, margin: FloatArray) -> Tolls:
    toll = own + margin
    volume = np.maximum(width - toll.sum(axis=-1), 0.0) / fall
    return Tolls(toll, volume, margin * volume[..., None])


@dataclass(frozen=True, eq=False)
class Oligopoly:
    """Quantities of sellers that each reckon with the others' quantities."""

    quantity: FloatArray
    """(..., n) [unit]"""
    price: FloatArray
    """(...) [money/unit]"""
    profit: FloatArray
    """(..., n) [money]"""


def cournot(intercept: ArrayLike, slope: ArrayLike, cost: ArrayLike) -> Oligopoly:
    """Cournot equilibrium on a linear market `price = intercept - slope * quantity`.

    Parameters
    ----------
    intercept, slope : (...) float
        The market [money/unit, money/unit²].
    cost : (..., n) float
        Marginal cost of each seller [money/unit].

    Returns
    -------
    Oligopoly
        Sellers whose cost is above the price sell nothing and do not move it.

    Raises
    ------
    ValueError
        If the slope is not positive or there is no seller.

    Examples
    --------
    >>> cournot(100.0, 1.0, [10.0, 10.0]).quantity
    array([30., 30.])
    """
    top, fall, own = _line(intercept, slope, cost)
    cheapest_first = np.sort(own, axis=-1)
    n = own.shape[-1]
    # The price with the k cheapest in: it falls as long as the next one still earns.
    prices = (top[..., None] + np.cumsum(cheapest_first, axis=-1)) / np.arange(2, n + 2)
    price = np.minimum(prices.min(axis=-1), top)
    quantity = np.maximum(price[..., None] - own, 0.0) / fall[..., None]
    return Oligopoly(quantity, price, quantity * (price[..., None] - own))


def shapley_value(worth: ArrayLike) -> FloatArray:
    """Contribution of each of `n` partners, over all orders in which they might join.

    Parameters
    ----------
    worth : (..., 2**n) float
        Worth of every coalition; partner `i` is in coalition `c` if bit `i` of `c` is set,
        so entry 0 is the worth of nobody.

    Returns
    -------
    (..., n) float
        Values, which sum to the worth of all less that of nobody.

    Raises
    ------
    ValueError
        If the number of coalitions is not a power of two.

    Examples
    --------
    Worth 1 only if both partners join:

    >>> shapley_value([0.0, 0.0, 0.0, 1.0])
    array([0.5, 0.5])
    """
    of = np.asarray(worth, dtype=np.float64)
    n_coalitions = of.shape[-1] if of.ndim else 0
    n = max(n_coalitions.bit_length() - 1, 0)
    if n_coalitions != 1 << n or n_coalitions == 0:
        raise ValueError(f"worth: {n_coalitions} coalitions came; wanted 2, 4, 8, ... (2**n)")
    coalition = np.arange(n_coalitions)
    others = ((coalition[:, None] >> np.arange(n)) & 1).sum(axis=1)
    weight = _order_shares(n)
    value = np.empty((*of.shape[:-1], n))
    for i in range(n):
        without = coalition[coalition & (1 << i) == 0]
        gain = np.take(of, without | (1 << i), axis=-1) - np.take(of, without, axis=-1)
        value[..., i] = (gain * weight[others[without]]).sum(axis=-1)
    return value


def _order_shares(n: int) -> FloatArray:
    """Share of orders in which exactly a given set of k others has joined before, by k."""
    share = np.empty(n)
    chosen = 1.0
    for k in range(n):
        share[k] = 1.0 / (n * chosen)
        chosen = chosen * (n - 1 - k) / (k + 1)
    return share


def best_route_worth(needs: NDArray[np.bool_], worth: ArrayLike) -> FloatArray:
    """Worth of every coalition that can open any route all of whose states are in it.

    Parameters
    ----------
    needs : (n_routes, n) bool ndarray
        States that each route needs.
    worth : (..., n_routes) array_like
        Worth of each route, >= 0 [money].

    Returns
    -------
    (..., 2**n) ndarray
        Worth of the best route of each coalition, as `shapley_value` reads it [money].

    Examples
    --------
    A sender and two bypasses, either of which will do (Hubert and Ikonnikova 2011):

    >>> routes = np.array([[True, True, False], [True, False, True]])
    >>> shapley_value(best_route_worth(routes, [1.0, 1.0])).round(4).tolist()
    [0.6667, 0.1667, 0.1667]
    """
    of = np.asarray(worth, dtype=np.float64)
    n = needs.shape[1]
    inside = ((np.arange(1 << n)[:, None] >> np.arange(n)) & 1).astype(np.bool_)
    opens = (~needs[None] | inside[:, None]).all(axis=-1)
    return np.asarray(np.where(opens, of[..., None, :], 0.0).max(axis=-1, initial=0.0))
