"""Residual shocks: as large as past forecasts were wrong, and as lopsided.

Measured are points of the distribution of log forecast errors (5 %, 25 %, 50 % and so on) by the
size of the flow and the horizon. A latent path ``x`` that is standard normal in every calendar year
is carried onto them point by point, so that the simulated errors have the measured points whatever
their shape; between points and beyond the last ones the answer is a straight line in ``x``.

The latent path is what was wrong about the base year, what is new every year, and what lasts:

    x = (walk + passing of the year - passing of the base year) / its own standard deviation

With one year of the walk as the unit, the passing part has a variance of ``c`` (a table, measured
by how alike errors four and eight years ahead are), and the mean over the quarters of calendar year
``h`` one of ``2 c + h - 17/32``, because a year's mean of a quarterly walk lags its end.

Axes: `(n_runs, n_pairs, n_quarters)`; points come last.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.uncertainty.error_points import ErrorPoints

YEAR_MEAN_LAG = 17 / 32
"""Years by which the mean of a year's quarterly walk lags its end."""
YEAR_LEAD_LAG = 3 / 8
"""Years by which what such a mean has in common with any later year lags its end."""
TAIL_CUT = 5e-4
"""Probability cut off at each end: a factor on trade must have a mean."""
ROUNDS = 40
"""Most rounds in which what others explain is taken off."""


def _between(known: FloatArray, wanted: FloatArray) -> tuple[IndexArray, FloatArray]:
    """Place of each wanted number among the known ones and how far it is towards the next."""
    if len(known) == 1:
        return np.zeros(wanted.shape, dtype=np.intp), np.zeros(wanted.shape)
    place = np.clip(np.searchsorted(known, wanted, side="right") - 1, 0, len(known) - 2)
    return place, (wanted - known[place]) / (known[place + 1] - known[place])


def points_at(points: ErrorPoints, size_musd: ArrayLike, horizon_years: ArrayLike) -> FloatArray:
    """Points of the errors of flows of some sizes at some horizons.

    Parameters
    ----------
    points : ErrorPoints
    size_musd : (n,) array_like
        Flows in the base year; those beyond the sizes measured err as the nearest does [musd].
    horizon_years : (m,) or (n, m) array_like
        Horizons, >= 0; beyond the last one measured errors go on growing [years].

    Returns
    -------
    (n, m, n_points) ndarray
        On straight lines in the log of size and the root of the horizon, zero at horizon 0 [1].
    """
    size, horizon = np.atleast_1d(size_musd), np.atleast_1d(horizon_years)
    known = np.log(points.size_musd)
    log_size = np.clip(np.log(np.maximum(size, 1e-300)), known[0], known[-1])
    at, part = _between(known, log_size)
    following = np.minimum(at + 1, len(known) - 1)
    start = np.zeros_like(points.log_error[:, :1])
    errors = np.concatenate([start, points.log_error], axis=1)
    years = np.sqrt(np.concatenate([[0.0], points.horizon_years]))
    place, ahead = _between(years, np.sqrt(horizon))
    by_size = [
        errors[size_place[:, None], place] * (1.0 - ahead[..., None])
        + errors[size_place[:, None], place + 1] * ahead[..., None]
        for size_place in (at, following)
    ]
    part = part[:, None, None]
    return np.asarray(by_size[0] * (1.0 - part) + by_size[1] * part)


def passing_at(points: ErrorPoints, size_musd: ArrayLike) -> FloatArray:
    """Variance of the passing part of flows of some sizes, (n,) [years of the walk]."""
    size = np.log(np.maximum(np.atleast_1d(size_musd), 1e-300))
    return np.asarray(np.interp(size, np.log(points.size_musd), points.passing_years))


def shock(latent: ArrayLike, log_error: FloatArray, shares: FloatArray) -> FloatArray:
    """Log shock of each latent standard normal number.

    Parameters
    ----------
    latent : (...) array_like
        Standard normal; its ends are cut at `TAIL_CUT` [1].
    log_error : (..., n_points) ndarray
        Points of the distribution; all but the last axis broadcast with `latent` [1].
    shares : (n_points,) ndarray
        Their probabilities [1].

    Returns
    -------
    (...) ndarray
        [1].

    Examples
    --------
    >>> points = np.array([-2.0, 0.0, 1.0])
    >>> found = shock(ndtri([0.05, 0.5, 0.95]), points, np.array([0.05, 0.5, 0.95]))
    >>> (found.round(9) + 0.0).tolist()
    [-2.0, 0.0, 1.0]
    """
    knots = ndtri(shares)
    end = -ndtri(TAIL_CUT)
    x = np.clip(latent, -end, end)
    answer = log_error[..., 0] + 0.0 * x
    for k in range(len(knots) - 1):
        slope = (log_error[..., k + 1] - log_error[..., k]) / (knots[k + 1] - knots[k])
        low = -np.inf if k == 0 else 0.0
        high = np.inf if k == len(knots) - 2 else knots[k + 1] - knots[k]
        answer += slope * np.clip(x - knots[k], low, high)
    return answer


def latent_paths(
    passing: FloatArray, lasting: FloatArray, passing_years: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Latent path of every run and pair, the mean of each calendar year standard normal.

    Parameters
    ----------
    passing : (n_runs, n_pairs, 1 + n_years) ndarray
        Standard normal draws, one of the base year and one of every year after it.
    lasting : (n_runs, n_pairs, 4 * n_years) ndarray
        Standard normal draws, one of every quarter after the base year.
    passing_years : (n_pairs,) array_like
        Variance of the passing part over that of a year's walk [years].

    Returns
    -------
    tuple of (n_runs, n_pairs, n_years) and (n_runs, n_pairs, n_years, 4) ndarray
        Mean of every year, and how far each of its quarters lies from it [1].
    """
    c = np.asarray(passing_years, dtype=np.float64)[:, None]
    walk = np.cumsum(lasting, axis=-1) / np.sqrt(QUARTERS_PER_YEAR)
    walk = walk.reshape(*walk.shape[:-1], -1, QUARTERS_PER_YEAR)
    middle = walk.mean(axis=-1)
    years = np.arange(1.0, middle.shape[-1] + 1.0)
    spread = np.sqrt(2.0 * c + years - YEAR_MEAN_LAG)
    year = (middle + np.sqrt(c) * (passing[..., 1:] - passing[..., :1])) / spread
    return year, (walk - middle[..., None]) / spread[..., None]


def residual_paths(
    passing: FloatArray,
    lasting: FloatArray,
    points: ErrorPoints,
    size_musd: ArrayLike,
    year_of_quarter: IndexArray,
) -> FloatArray:
    """Log residual shocks of every run, pair and quarter.

    Parameters
    ----------
    passing, lasting
        As for `latent_paths`, of all years that begin.
    points : ErrorPoints
        Errors to have.
    size_musd : (n_pairs,) array_like
        Flows in the base year [musd].
    year_of_quarter : (n_quarters,) int ndarray
        0 in the first year after the base year, rising by one every four quarters; negative up to
        the base year's end.

    Returns
    -------
    (n_runs, n_pairs, n_quarters) ndarray
        Log of the factor on trade; 0 up to the end of the base year [1].

    Notes
    -----
    The mean over a year's quarters is the shock of the year's latent number, so that years have the
    measured points exactly; within a year the path follows the slope of their middle half.
    """
    n_quarters = int((year_of_quarter >= 0).sum())
    paths = np.zeros((*lasting.shape[:-1], len(year_of_quarter)))
    if not n_quarters:
        return paths
    year, within = latent_paths(passing, lasting, passing_at(points, size_musd))
    at = points_at(points, size_musd, np.arange(1.0, year.shape[-1] + 1.0))
    quarters = shock(year, at, points.shares)[..., None] + _slope(at, points)[..., None] * within
    started = quarters.reshape(*quarters.shape[:-2], -1)[..., :n_quarters]
    paths[..., year_of_quarter >= 0] = started
    return paths


def _slope(log_error: FloatArray, points: ErrorPoints) -> FloatArray:
    """Slope of the shock in its latent number about the median [1]."""
    low, high = points.middle - 1, points.middle + 1
    knots = ndtri(points.shares)
    rise = log_error[..., high] - log_error[..., low]
    return np.asarray(rise / (knots[high] - knots[low]))


def points_of_sum(
    log_error: FloatArray, shares: FloatArray, effect: FloatArray, weight: FloatArray
) -> FloatArray:
    """Points of a shock plus an independent effect that takes a few values.

    Parameters
    ----------
    log_error : (n_points,) ndarray
        Points of the shock, rising [1].
    shares : (n_points,) ndarray
        Their probabilities [1].
    effect, weight : (n_effects,) ndarray
        Values of the effect and their probabilities, which sum to 1 [1].

    Returns
    -------
    (n_points,) ndarray
        [1].
    """
    latent = np.linspace(ndtri(TAIL_CUT), -ndtri(TAIL_CUT), 321)
    own = shock(latent, log_error, shares)
    grid = np.linspace(own[0] + effect.min(), own[-1] + effect.max(), 1601)
    below = ndtr(np.interp(grid[:, None] - effect, own, latent, left=-8.0, right=8.0)) @ weight
    return np.interp(shares, below, grid)


def points_without(
    log_error: FloatArray, shares: FloatArray, effect: FloatArray, weight: FloatArray
) -> FloatArray:
    """Points of the shock that, with an independent effect on top, has the measured ones.

    Parameters
    ----------
    log_error : (n_points,) ndarray
        Measured points of both together [1].
    shares, effect, weight
        As for `points_of_sum`.

    Returns
    -------
    (n_points,) ndarray
        Rising; where the effect alone is wider than what was measured next to nothing is left [1].
    """
    left = log_error.copy()
    if not effect.any():
        return left
    for _ in range(ROUNDS):
        miss = log_error - points_of_sum(left, shares, effect, weight)
        left = np.maximum.accumulate(left + miss)
        left += 1e-9 * np.arange(len(left))
        if np.abs(miss).max() < 1e-4:
            break
    return left
