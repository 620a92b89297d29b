"""Accuracy of probabilistic trade forecasts: errors of logs, coverage of bands, CRPS.

An error is ``log(recorded / forecast)``: positive where more was traded than forecast, and a factor
of two is the same miss either way. RMSLE is its root mean square, bias its mean. A central band of
coverage ``c`` covers a share ``c`` of what happens if the fan is honest. The continuous ranked
probability score (CRPS) of a sample ``X`` and a recorded value ``y`` is

    E|X - y| - E|X - X'| / 2

in logs: the absolute error when the sample is one point, and smaller the better a fan is placed and
the narrower it is, but never for being narrow alone.

Sources: Gneiting and Raftery (2007), JASA 102, eq. 21; Hersbach (2000).
Axes: `(n_runs, n_forecasts)`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.laws.numerics.arrays import FloatArray

BANDS = (0.5, 0.8, 0.9)
"""Central bands whose coverage is counted [1]."""


class Score(NamedTuple):
    """Scores of a set of forecasts."""

    n: int
    rmsle: float
    """Root-mean-square log error of the median [1]."""
    bias: float
    """Mean log error of the median, positive where more was traded than forecast [1]."""
    coverage: tuple[float, ...]
    """Share of recorded values inside each of `BANDS` [1]."""
    crps: float
    """Mean continuous ranked probability score of the log [1]."""


def sample_crps(log_sample: FloatArray, log_recorded: ArrayLike) -> FloatArray:
    """Continuous ranked probability score of each forecast.

    Parameters
    ----------
    log_sample : (n_runs, n_forecasts) ndarray
        Log of what each run forecasts.
    log_recorded : (n_forecasts,) array_like
        Log of what was recorded.

    Returns
    -------
    (n_forecasts,) ndarray
        At least 0, in log points [1].

    Examples
    --------
    >>> sample_crps(np.array([[0.0], [2.0]]), [1.0]).tolist()
    [0.5]
    """
    ordered = np.sort(log_sample, axis=0)
    n = len(ordered)
    # The mean distance of two members of a sorted sample, each pair counted once.
    weight = (2.0 * np.arange(n) - n + 1.0) / n**2
    apart = (weight[:, None] * ordered).sum(axis=0)
    return np.asarray(np.abs(ordered - np.asarray(log_recorded)).mean(axis=0) - apart)


def inside_band(log_sample: FloatArray, log_recorded: ArrayLike, band: float) -> NDArray[np.bool_]:
    """True where a recorded value lies in the central band of its forecast, ends included.

    Examples
    --------
    >>> inside_band(np.arange(101.0)[:, None], [24.0], 0.5).tolist()
    [False]
    """
    tail = (1.0 - band) / 2.0
    low, high = np.quantile(log_sample, [tail, 1.0 - tail], axis=0)
    recorded = np.asarray(log_recorded, dtype=np.float64)
    return np.asarray((recorded >= low) & (recorded <= high))


class ForecastScores(NamedTuple):
    """Scores of single forecasts, each `(n_forecasts,)` but for the bands."""

    error: FloatArray
    """Log error of the median [1]."""
    inside: NDArray[np.bool_]
    """(n_bands, n_forecasts) whether what was recorded lies inside each of `BANDS`."""
    crps: FloatArray

    def pooled(self, keep: NDArray[np.bool_]) -> Score:
        """Scores of the forecasts to keep together; NaN but for `n` where there is none."""
        if not keep.any():
            return Score(0, np.nan, np.nan, (np.nan,) * len(BANDS), np.nan)
        error = self.error[keep]
        return Score(
            n=int(keep.sum()),
            rmsle=float(np.sqrt((error**2).mean())),
            bias=float(error.mean()),
            coverage=tuple(float(share) for share in self.inside[:, keep].mean(axis=1)),
            crps=float(self.crps[keep].mean()),
        )


def score_each(log_sample: FloatArray, log_recorded: ArrayLike) -> ForecastScores:
    """Score forecasts one by one.

    Parameters
    ----------
    log_sample : (n_runs, n_forecasts) ndarray
        Log of what each run forecasts.
    log_recorded : (n_forecasts,) array_like
        Log of what was recorded.
    """
    recorded = np.asarray(log_recorded, dtype=np.float64)
    return ForecastScores(
        error=recorded - np.median(log_sample, axis=0),
        inside=np.stack([inside_band(log_sample, recorded, band) for band in BANDS]),
        crps=sample_crps(log_sample, recorded),
    )


def score(log_sample: FloatArray, log_recorded: ArrayLike) -> Score:
    """Score a set of forecasts against what was recorded.

    Parameters
    ----------
    log_sample : (n_runs, n_forecasts) ndarray
        Log of what each run forecasts.
    log_recorded : (n_forecasts,) array_like
        Log of what was recorded.

    Returns
    -------
    Score
        NaN but for `n` where there is no forecast at all.
    """
    recorded = np.asarray(log_recorded, dtype=np.float64)
    if not len(recorded):
        return Score(0, np.nan, np.nan, (np.nan,) * len(BANDS), np.nan)
    return score_each(log_sample, recorded).pooled(np.ones(len(recorded), dtype=np.bool_))


def brier_score(chance: ArrayLike, came: ArrayLike) -> float:
    """Mean squared error of chances of events that came or did not (Brier 1950).

    Parameters
    ----------
    chance : (n,) array_like
        Chance that was given to each event [1].
    came : (n,) array_like
        1 for those that came, 0 for the others.

    Returns
    -------
    float
        From 0, every event foreseen, to 1; NaN where there is none [1].

    Examples
    --------
    >>> brier_score([0.9, 0.2], [1.0, 0.0]), brier_score([0.5], [1.0])
    (0.025, 0.25)
    """
    miss = np.asarray(chance, dtype=np.float64) - np.asarray(came, dtype=np.float64)
    return float(np.round((miss**2).mean(), 15)) if miss.size else float("nan")
