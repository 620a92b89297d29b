"""Fit of the growth law and of its errors to past trade of many pairs.

Coefficients are those of least squares on the log of trade then over trade now, all horizons at
once. Small flows err more, so every forecast counts with one over the error of a first, unweighted
fit among flows of its size. Nothing is picked by hand but the terms of the law themselves
(`sim.laws.growth.trade_growth`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm, rankdata

from sim.laws.growth.growth_terms import TERMS
from sim.laws.growth.trade_growth import (
    GrowthLaw,
    Sizes,
    gravity_distance,
    gravity_terms,
    growth_terms,
    log_growth,
)
from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.error_points import ErrorPoints
from sim.laws.uncertainty.residuals import YEAR_LEAD_LAG, YEAR_MEAN_LAG

MIN_MUSD = 0.1
"""Smallest flow of the base year that is used [musd]."""
BOUNDS_MUSD = (0.1, 1.0, 10.0, 100.0, 1000.0, np.inf)
"""Bounds of the classes of size."""
SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
"""Points of the errors that are kept [1]."""
ALIKE = (4, 8)
"""Horizons whose errors tell the passing from the lasting part [years]."""
MIN_SPREAD = 1e-3
"""Smallest error of a class over the largest that is believed [1]."""
MAX_PASSING = 20.0
"""Largest variance of the passing part [years of the walk]."""


class PastGrowth(NamedTuple):
    """Past trade at two dates, each `(n,)`; each pair and base year is a flow."""

    flow: NDArray[np.intp]
    """Number of the pair, direction and base year."""
    horizon_years: FloatArray
    trade_musd: FloatArray
    """In the base year, > 0 [musd]."""
    log_growth: FloatArray
    """Log of trade at the horizon over it [1]."""
    gdp_musd: Sizes
    """In the base year [musd]."""
    log_gdp_growth: Sizes
    new_agreement: FloatArray
    """1 where one has come into force between the two dates."""
    new_union: FloatArray
    """1 where that is a customs union."""

    def where(self, keep: NDArray[np.bool_]) -> "PastGrowth":
        """Those of the forecasts that are to be kept."""
        parts = [
            Sizes(*(np.asarray(size)[keep] for size in part)) if isinstance(part, Sizes)
            else part[keep]
            for part in self
        ]  # fmt: skip
        return PastGrowth(*parts)  # type: ignore[arg-type]


def expected(law: GrowthLaw, past: PastGrowth) -> FloatArray:
    """Log growth that the law expects, (n,) [1]."""
    return log_growth(
        law,
        past.horizon_years,
        past.trade_musd,
        past.gdp_musd,
        past.log_gdp_growth,
        new_agreement=past.new_agreement,
        new_union=past.new_union,
    )


def fit_growth(past: PastGrowth) -> GrowthLaw:
    """Coefficients by least squares.

    Parameters
    ----------
    past : PastGrowth
        Flows below `MIN_MUSD` are left out.

    Returns
    -------
    GrowthLaw
    """
    past = past.where(past.trade_musd >= MIN_MUSD)
    sizes = np.stack(np.broadcast_arrays(*gravity_terms(past.gdp_musd)), axis=1)
    _, first = np.unique(past.flow, return_index=True)
    gravity = _least_squares(sizes[first], np.log(past.trade_musd[first]))
    law = GrowthLaw(gravity, np.zeros(len(TERMS)))
    terms = growth_terms(
        past.horizon_years,
        past.trade_musd,
        gravity_distance(law, past.trade_musd, past.gdp_musd),
        past.gdp_musd,
        past.log_gdp_growth,
        new_agreement=past.new_agreement,
        new_union=past.new_union,
    )
    design = np.stack(np.broadcast_arrays(*terms), axis=1)
    error = past.log_growth - design @ _least_squares(design, past.log_growth)
    place = _classes(past)
    spread = np.sqrt(np.bincount(place, error**2) / np.maximum(np.bincount(place), 1))
    weight = 1.0 / np.maximum(spread, max(MIN_SPREAD * spread.max(), 1e-12))[place]
    weighed = _least_squares(design * weight[:, None], past.log_growth * weight)
    return GrowthLaw(gravity, weighed)


def _least_squares(design: FloatArray, target: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.lstsq(design, target, rcond=None)[0], dtype=np.float64)


def measured_points(
    law: GrowthLaw, past: PastGrowth, short_width: dict[int, tuple[float, ...]]
) -> tuple[ErrorPoints, NDArray[np.intp]]:
    """Points of the law's errors by size and horizon, and how many forecasts they rest on.

    Parameters
    ----------
    law : GrowthLaw
    past : PastGrowth
    short_width : dict of int to tuple of float
        Horizon shorter than any here to the width of errors then over that at the shortest one
        here, by class of size, measured elsewhere [1].

    Returns
    -------
    tuple
        Points with the short horizons joined on, and `(n_sizes, n_horizons)` numbers of forecasts,
        0 at horizons joined on.
    """
    past = past.where(past.trade_musd >= MIN_MUSD)
    error, place = past.log_growth - expected(law, past), _classes(past)
    horizons = np.unique(past.horizon_years)
    n_classes = len(BOUNDS_MUSD) - 1
    cells = [
        [error[(place == c) & (past.horizon_years == h)] for h in horizons]
        for c in range(n_classes)
    ]
    points = np.array([[np.quantile(cell, SHARES) for cell in row] for row in cells])
    short = sorted(short_width)
    shorter = [points[:, 0] * np.array(short_width[h])[:, None] for h in short]
    joined = np.concatenate([np.stack(shorter, axis=1), points], axis=1) if short else points
    n = np.array([[len(cell) for cell in row] for row in cells], dtype=np.intp)
    made = ErrorPoints(
        shares=np.array(SHARES),
        size_musd=np.array(
            [np.median(past.trade_musd[place == c]) for c in range(n_classes)]
        ),
        horizon_years=np.concatenate([np.array(short, dtype=np.float64), horizons]),
        log_error=joined,
        passing_years=np.array(
            [_passing_years(*_alike(past, error, place == c)) for c in range(n_classes)]
        ),
    )  # fmt: skip
    return made, np.concatenate([np.zeros((n_classes, len(short)), dtype=np.intp), n], axis=1)


def _classes(past: PastGrowth) -> NDArray[np.intp]:
    return np.searchsorted(BOUNDS_MUSD, past.trade_musd, side="right") - 1


def _alike(
    past: PastGrowth, error: FloatArray, keep: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Errors of the same flows at the two horizons of `ALIKE`."""
    early, late = (np.flatnonzero(keep & (past.horizon_years == h)) for h in ALIKE)
    _, first, second = np.intersect1d(past.flow[early], past.flow[late], return_indices=True)
    return error[early[first]], error[late[second]]


def _passing_years(early: FloatArray, late: FloatArray) -> float:
    """Variance of the passing part from how alike errors are, ranks as normal scores."""
    scores = [norm.ppf((rankdata(e) - 0.5) / len(e)) for e in (early, late)]
    alike = float(np.mean(scores[0] * scores[1]) / np.mean(scores[0] ** 2))
    a, b = (h - YEAR_MEAN_LAG for h in ALIKE)
    shared = ALIKE[0] - YEAR_LEAD_LAG

    def excess(c: float) -> float:
        return float((shared + c) / np.sqrt((a + 2.0 * c) * (b + 2.0 * c))) - alike

    if excess(0.0) <= 0.0:
        return 0.0
    return MAX_PASSING if excess(MAX_PASSING) >= 0.0 else float(brentq(excess, 0.0, MAX_PASSING))
