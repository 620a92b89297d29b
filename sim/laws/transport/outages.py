"""Border posts, straits and ports that close: by date, by season, by chance.

Chance closures begin in a quarter with the hazard of their gate and last an exponential number of
days each, running on into later quarters. What a route needs from its gates is the part of the
quarter in which they are open; a route through several gates is open as often as all of them are,
taken as independent within the quarter.

Axes: `(n_runs, n_gates, n_quarters)`.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

from sim.laws.numerics.arrays import FloatArray

DAYS_A_QUARTER = 365.25 / 4


def chance_closures(
    uniform_start: FloatArray,
    uniform_length: FloatArray,
    *,
    rate_per_year: ArrayLike,
    mean_days: ArrayLike,
) -> FloatArray:
    """Part of each quarter lost to closures that happen by chance.

    Parameters
    ----------
    uniform_start, uniform_length : (n_runs, n_gates, n_quarters) ndarray
        Draws in (0, 1) that say how many closures begin in a quarter and how long they last.
    rate_per_year : (n_gates,) or (n_runs, n_gates) array_like
        New closures a year, >= 0 [1/year]; one gate stands for all of them.
    mean_days : (n_gates,) or (n_runs, n_gates) array_like
        Mean length of a closure [days].

    Returns
    -------
    (n_runs, n_gates, n_quarters) ndarray
        Closed share of the quarter, 0 to 1 [1].

    Notes
    -----
    The number of closures that begin is Poisson and their days together are gamma. They are
    counted from the start of their quarter; what begins while another lasts extends it, so no
    closed day is lost.

    Examples
    --------
    >>> start = np.array([[[0.95, 0.5, 0.5]]])
    >>> length = np.array([[[1 - np.exp(-1.5), 0.5, 0.5]]])
    >>> closed = chance_closures(start, length, rate_per_year=[0.4], mean_days=[91.3125])
    >>> closed.round(6).tolist()
    [[[1.0, 0.5, 0.0]]]
    """
    rate = np.asarray(rate_per_year, dtype=np.float64)[..., None] / 4
    mean = np.asarray(mean_days, dtype=np.float64)[..., None]
    n_begun = _poisson_counts(uniform_start, rate)
    # The gamma distribution of no closure at all is a point at zero.
    days, some = np.zeros_like(uniform_start), n_begun > 0
    days[some] = gammaincinv(n_begun[some], uniform_length[some])
    days = days * mean
    closed = np.empty_like(days)
    left = np.zeros(days.shape[:-1])
    for quarter in range(days.shape[-1]):
        left = left + days[..., quarter]
        closed[..., quarter] = np.minimum(left / DAYS_A_QUARTER, 1.0)
        left = np.maximum(left - DAYS_A_QUARTER, 0.0)
    return closed


def _poisson_counts(uniform: FloatArray, mean: FloatArray) -> FloatArray:
    """Poisson counts by inversion of uniform draws."""
    count = np.zeros_like(uniform)
    term = np.broadcast_to(np.exp(-mean), uniform.shape)
    reached = term
    # Rounding can stop the sum a hair short of one; a draw beyond it counts what was reached.
    while np.any(pending := (uniform > reached) & (reached + term > reached)):
        count = count + pending
        term = term * (mean / count.max())
        reached = reached + term
    return count


def open_share(closed_shares: ArrayLike) -> FloatArray:
    """Part of the quarter left open by several causes of closure, over the first axis.

    Examples
    --------
    >>> open_share([[0.5, 1.0], [0.5, 0.0]]).tolist()
    [0.25, 0.0]
    """
    closed = np.clip(np.asarray(closed_shares, dtype=np.float64), 0.0, 1.0)
    return np.asarray((1.0 - closed).prod(axis=0))


def route_open_share(gate_open: FloatArray, gates_of_route: NDArray[np.bool_]) -> FloatArray:
    """Part of the quarter in which every gate of a route is open.

    Parameters
    ----------
    gate_open : (..., n_gates) ndarray
        Open share of each gate [1].
    gates_of_route : (n_routes, n_gates) bool ndarray
        Which gates each route passes.

    Returns
    -------
    (..., n_routes) ndarray
        Open share of each route; one that passes no gate is always open [1].

    Examples
    --------
    >>> passes = np.array([[True, True], [False, True], [False, False]])
    >>> route_open_share(np.array([0.5, 0.5]), passes).tolist()
    [0.25, 0.5, 1.0]
    """
    route, gate = np.nonzero(gates_of_route)
    shares = np.ones((*gate_open.shape[:-1], len(gates_of_route)))
    if len(route):
        first = np.flatnonzero(np.diff(route, prepend=-1))
        shares[..., route[first]] = np.multiply.reduceat(gate_open[..., gate], first, axis=-1)
    return shares
