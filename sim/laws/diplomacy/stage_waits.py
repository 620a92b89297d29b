"""Typical wait of a stage from records, those that have not ended among them.

A stage with a constant hazard has an exponential length. Of `d` that ended and `T` years spent in
the stage by all, ended or not, the hazard is `d / T` and the median `ln 2` over it; its interval is
the exact one of a Poisson count (Garwood 1936, Biometrika 28).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincinv


class MedianWait(NamedTuple):
    """Median length of a stage with an interval [years]."""

    years: float
    low: float
    high: float
    n_ended: int
    exposure_years: float


def median_wait(years: ArrayLike, ended: ArrayLike, *, interval: float = 0.9) -> MedianWait:
    """Median of an exponential wait; infinite where none ended.

    Parameters
    ----------
    years : (n,) array_like
        Years in the stage, as far as it was seen.
    ended : (n,) array_like of bool
        Whether the stage was over then.
    interval : float
        Confidence of the interval, in (0, 1) [1].

    Raises
    ------
    ValueError
        If no time was spent in the stage.

    Examples
    --------
    >>> wait = median_wait([1.0, 3.0], [True, True])
    >>> round(float(wait.years), 3), wait.n_ended
    (1.386, 2)
    """
    spent = float(np.sum(years))
    if not spent > 0:
        raise ValueError(f"years: {spent} in all; want more than 0")
    n = int(np.sum(ended))
    tail = (1.0 - interval) / 2.0
    least = float(gammaincinv(n, tail)) / spent if n else 0.0
    most = float(gammaincinv(n + 1, 1.0 - tail)) / spent
    half = np.log(2.0)
    return MedianWait(
        years=half / (n / spent) if n else np.inf,
        low=half / most,
        high=half / least if least > 0 else np.inf,
        n_ended=n,
        exposure_years=spent,
    )


def log_likelihood(years: ArrayLike, ended: ArrayLike, median_years: float) -> float:
    """Log likelihood of waits under a median, as a density by the year [1].

    Examples
    --------
    >>> round(log_likelihood([1.0], [True], 1.0), 4)
    -1.0597
    """
    rate = np.log(2.0) / median_years
    return float(np.sum(ended) * np.log(rate) - rate * np.sum(years))
