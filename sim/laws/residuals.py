"""What the laws do not know: pair-level surprises as large as past forecasts were wrong.

The log error of a forecast ``h`` years ahead is a passing part, new every year, plus a lasting part
that wanders quarter by quarter. Averaged over the quarters of the calendar year ``h``, its variance
is

    variance(h) = passing + wander * (h - 17/32)

because the year's mean of a quarterly walk has the variance of ``h - 17/32`` yearly steps. The two
parts are fitted to the measured root-mean-square log errors by horizon. Measured errors one year
ahead have heavy tails (the 5-95 % range is 2.8 root-mean-squares wide where a normal's is 3.3) and
ten years ahead they have not (3.3), as a heavy-tailed passing part on a normal walk has it.

Axes: `(n_runs, n_pairs, n_quarters)`.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls
from scipy.special import stdtrit

from sim.laws.calendar import QUARTERS_PER_YEAR

FloatArray = NDArray[np.float64]

TAIL_DEGREES = 2.6
"""Degrees of freedom of the passing part (Student), before its ends are cut."""
TAIL_CUT = 5e-4
"""Probability cut off at each end: without it the factor on trade would have no mean."""
YEAR_MEAN_LAG = 17 / 32
"""Years by which the mean of a year's quarterly walk lags its end."""


class ErrorVariance(NamedTuple):
    """Two parts of the variance of a log forecast error."""

    passing: FloatArray
    """Variance of the part that is new every year [1]."""
    wander: FloatArray
    """Variance added every year by the part that lasts [1/year]."""


def fit_error_variance(
    horizon_years: ArrayLike, rms_log_error: ArrayLike, weight: ArrayLike
) -> ErrorVariance:
    """Fit the two parts to measured errors of one class of flows.

    Parameters
    ----------
    horizon_years : (n,) array_like
        Horizons of the measured errors, >= 1 [years].
    rms_log_error : (n,) array_like
        Root-mean-square log error at each [1].
    weight : (n,) array_like
        Number of forecasts behind each.

    Returns
    -------
    ErrorVariance
        Both parts >= 0 (non-negative least squares on the relative error of the variance).

    Examples
    --------
    >>> parts = fit_error_variance([1, 3, 5, 10], [0.61, 0.81, 0.95, 1.23], [1, 1, 1, 1])
    >>> round(float(parts.passing), 2), round(float(parts.wander), 2)
    (0.32, 0.13)
    """
    years = np.asarray(horizon_years, dtype=np.float64)
    variance = np.asarray(rms_log_error, dtype=np.float64) ** 2
    design = np.stack([np.ones_like(years), years - YEAR_MEAN_LAG], axis=1)
    scale = np.sqrt(np.asarray(weight, dtype=np.float64)) / variance
    solution, _ = nnls(design * scale[:, None], variance * scale)
    return ErrorVariance(solution[:1].reshape(()), solution[1:].reshape(()))


def predicted_rms(parts: ErrorVariance, horizon_years: ArrayLike) -> FloatArray:
    """Root-mean-square log error of a calendar year `horizon_years` ahead [1]."""
    years = np.asarray(horizon_years, dtype=np.float64)
    return np.asarray(np.sqrt(parts.passing + parts.wander * (years - YEAR_MEAN_LAG)))


@cache
def _tail_scale() -> float:
    """Standard deviation of the Student distribution with its ends cut off."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    inside = TAIL_CUT + (1.0 - 2.0 * TAIL_CUT) * (nodes + 1.0) / 2.0
    return float(np.sqrt((weights / 2.0) @ stdtrit(TAIL_DEGREES, inside) ** 2))


def residual_paths(
    uniform: FloatArray, normal: FloatArray, parts: ErrorVariance, year_of_quarter: NDArray[np.intp]
) -> FloatArray:
    """Log residuals of every run, pair and quarter.

    Parameters
    ----------
    uniform : (n_runs, n_pairs, n_years) ndarray
        Draws in (0, 1) for the passing part, one a calendar year.
    normal : (n_runs, n_pairs, n_quarters) ndarray
        Standard normal draws for the steps of the walk.
    parts : ErrorVariance
        Of each pair, `(n_pairs,)`.
    year_of_quarter : (n_quarters,) int ndarray
        Index of each quarter's year along the axis of `uniform`; negative in the base year, where
        nothing has yet gone wrong.

    Returns
    -------
    (n_runs, n_pairs, n_quarters) ndarray
        Log of the factor on trade, median 0 [1].
    """
    started = year_of_quarter >= 0
    spread = np.sqrt(parts.passing) / _tail_scale()
    inside = TAIL_CUT + (1.0 - 2.0 * TAIL_CUT) * uniform
    passing = stdtrit(TAIL_DEGREES, inside) * spread[:, None]
    step = np.sqrt(parts.wander / QUARTERS_PER_YEAR)
    walk = np.cumsum(normal * started * step[:, None], axis=-1)
    return np.where(started, walk + passing[..., np.maximum(year_of_quarter, 0)], 0.0)
