"""Inference from past trade: law of growth, errors of forecasts, size of the world."""

from collections.abc import Sequence
from itertools import product

import numpy as np

from sim.laws.growth.growth_terms import GRAVITY_TERMS, TERMS
from sim.laws.growth.trade_growth import GrowthLaw
from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.error_points import ErrorPoints
from sim.world.csv_tables.reader import Tables
from sim.world.csv_tables.shocks_schema import ERROR_COLUMNS, ERROR_SHARES
from sim.world.history.forecast_errors import ForecastErrors, forecast_errors

PLAIN_RULE = "gdp_half"
"""Past forecasts whose errors stand in for those of the law where a world has no such points: those
that followed half of both GDPs' growth; the first on record where none has that name."""
PLAIN_SHARES = (0.05, 0.5, 0.95)
PLAIN_PASSING_YEARS = 1.0
"""Passing part of such errors, that of flows of some 10 million USD [years of the walk]."""


def growth_law(tables: Tables) -> GrowthLaw | None:
    """Law of growth; None where the world has no such table."""
    value = {row.text("term"): row.number("value") for row in tables["growth_law"]}
    if not value:
        return None

    def coefficients(terms: Sequence[str]) -> FloatArray:
        return np.array([value[term] for term in terms])

    return GrowthLaw(coefficients(GRAVITY_TERMS), coefficients(TERMS))


def error_points(tables: Tables) -> ErrorPoints:
    """Points of forecast errors; those of the plain rule where the world has no such table."""
    table = tables["error_points"]
    if not table.rows:
        return _plain_points(forecast_errors(tables))
    rows = {(r.number("size_low_musd"), int(r.text("horizon_years"))): r for r in table}
    sizes = sorted({low for low, _ in rows})
    horizons = sorted({horizon for _, horizon in rows})
    cells = product(sizes, horizons, ERROR_COLUMNS)
    errors = np.array([rows[size, horizon].number(column) for size, horizon, column in cells])
    return ErrorPoints(
        shares=np.array(ERROR_SHARES),
        size_musd=np.array([rows[size, horizons[0]].number("size_musd") for size in sizes]),
        horizon_years=np.array(horizons, dtype=np.float64),
        log_error=errors.reshape(len(sizes), len(horizons), len(ERROR_COLUMNS)),
        passing_years=np.array([rows[s, horizons[0]].number("passing_years") for s in sizes]),
    )


def _plain_points(errors: ForecastErrors) -> ErrorPoints:
    place = errors.predictors.index(PLAIN_RULE) if PLAIN_RULE in errors.predictors else 0
    low = np.maximum(errors.size_low_musd, 1e-3)
    high = np.where(np.isfinite(errors.size_high_musd), errors.size_high_musd, 10.0 * low)
    return ErrorPoints(
        shares=np.array(PLAIN_SHARES),
        size_musd=np.sqrt(low * high),
        horizon_years=np.array(errors.horizon_years, dtype=np.float64),
        log_error=np.moveaxis(errors.quantiles[place], 0, 1).copy(),
        passing_years=np.full(len(low), PLAIN_PASSING_YEARS),
    )
