"""Errors of past forecasts on record."""

from dataclasses import dataclass
from itertools import product

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.world.csv_tables.reader import Row, Tables


@dataclass(frozen=True, eq=False)
class ForecastErrors:
    """Errors of past forecasts of such flows, by predictor, horizon and size of the flow.

    Arrays are `[predictor, horizon, size class]`.
    """

    predictors: tuple[str, ...]
    horizon_years: tuple[int, ...]
    size_low_musd: FloatArray
    size_high_musd: FloatArray
    """Upper bounds of the classes, the last infinite [musd]."""
    rmsle: FloatArray
    """Root-mean-square log error [1]."""
    bias: FloatArray
    """Mean log error, positive where outcomes were higher [1]."""
    quantiles: FloatArray
    """Log error at 5, 50 and 95 %, last axis [1]."""
    n: FloatArray
    """Number of forecasts."""
    source: str
    flag: str


def forecast_errors(tables: Tables) -> ForecastErrors:
    """Past forecast errors by predictor, horizon and size class."""
    table = tables["forecast_errors"]
    predictors = tuple(dict.fromkeys(table.column("predictor")))
    horizons = tuple(sorted({int(cell) for cell in table.column("horizon_years")}))
    bounds = {
        (r.number_or_none("size_low_musd"), r.number_or_none("size_high_musd")) for r in table
    }
    classes = sorted(
        ((low or 0.0, np.inf if high is None else high) for low, high in bounds - {(None, None)})
    )
    cells = {_error_key(row): row for row in table}

    def grid(column: str) -> FloatArray:
        keys = product(predictors, horizons, classes)
        values = [
            cells[predictor, horizon, *size].number(column) for predictor, horizon, size in keys
        ]
        return np.array(values).reshape(len(predictors), len(horizons), len(classes))

    return ForecastErrors(
        predictors=predictors,
        horizon_years=horizons,
        size_low_musd=np.array([low for low, _ in classes]),
        size_high_musd=np.array([high for _, high in classes]),
        rmsle=grid("rmsle"),
        bias=grid("bias"),
        quantiles=np.stack([grid(column) for column in ("q05", "q50", "q95")], axis=-1),
        n=grid("n"),
        source=table.rows[0].text("source"),
        flag=table.rows[0].text("flag"),
    )


def _error_key(row: Row) -> tuple[str, int, float, float]:
    """Predictor, horizon and bounds; both bounds 0 stand for all sizes."""
    low, high = row.number_or_none("size_low_musd"), row.number_or_none("size_high_musd")
    bounds = (0.0, 0.0) if low is None and high is None else (low or 0.0, high or np.inf)
    return row.text("predictor"), int(row.text("horizon_years")), *bounds
