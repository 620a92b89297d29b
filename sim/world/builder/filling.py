"""Trade that no file covers, estimated by gravity from that which some file does.

Slopes of distance and common border come from `sim.world.trade.calibration.fit_gravity`, the law
that fills the packaged tables. Between regions that both have records a flow is a seller's term
times a buyer's times the distance term, such that recorded sums are met. A region without any
record sells and buys by its GDP: GDP times the partner's GDP times the distance term, scaled to the
records.
"""

from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.world.trade.calibration import CalibrationError, fit_gravity
from sim.world.trade.scaling import factors

USUAL_SLOPES = (-1.0, 0.5)
"""Coefficients of log distance and contiguity where there are too few records to fit them."""
MAX_OF_PLAIN = 100.0
"""An estimate is within this factor of what GDP and distance alone say: few records can drive
terms of sellers and buyers far out."""
TOLERANCE = 1e-5
ROUNDS = 500


class FilledMatrix(NamedTuple):
    """A matrix without gaps."""

    trade: FloatArray
    """(n, n) recorded flows as they were, estimates elsewhere, zero on the diagonal."""
    slopes: tuple[float, float]
    """Coefficients of log distance and contiguity [1]."""
    is_fitted: bool
    """Whether the slopes were fitted to the records, not assumed."""


def fill(
    trade: FloatArray,
    recorded: BoolArray,
    gdp: FloatArray,
    distance_km: FloatArray,
    contiguous: BoolArray,
    part: FloatArray | None = None,
) -> FilledMatrix:
    """Estimate what is not recorded.

    Parameters
    ----------
    trade : (n, n) ndarray
        Flows, read where `recorded` [musd].
    recorded : (n, n) bool ndarray
        Cells that are known, zero among them.
    gdp : (n,) ndarray
        Gross domestic products, > 0 [musd].
    distance_km : (n, n) ndarray
        Distances, > 0 off the diagonal [km].
    contiguous : (n, n) bool ndarray
        Pairs with a common border.
    part : (n, n) ndarray, optional
        What is recorded of cells that are not: no estimate is below it [musd].

    Returns
    -------
    FilledMatrix
    """
    n = len(trade)
    off = ~np.eye(n, dtype=np.bool_)
    known = recorded & off
    flows = np.where(known, trade, 0.0)
    if not (off & ~recorded).any() or not flows.any():
        return FilledMatrix(flows, USUAL_SLOPES, is_fitted=False)
    covariates = np.stack([np.log(np.where(off, distance_km, 1.0)), contiguous.astype(float)])
    sells, buys = flows.sum(axis=1) > 0, flows.sum(axis=0) > 0
    core = known & sells[:, None] & buys
    enough = int(core.sum()) > 3 * n and len(np.unique(contiguous[core])) > 1
    slopes = _fitted(np.where(core, flows, 0.0), core, covariates) if enough else None
    is_fitted = slopes is not None
    slopes = slopes or USUAL_SLOPES
    pull = np.exp(np.tensordot(slopes, covariates, axes=1))
    by_gdp = gdp[:, None] * gdp * pull * off
    scale = float(flows.sum()) / max(float(by_gdp[known].sum()), 1e-300)
    plain = scale * by_gdp
    between = _between(np.where(core, flows, 0.0), core, pull * off)
    capped = np.clip(between, plain / MAX_OF_PLAIN, plain * MAX_OF_PLAIN)
    estimate = np.where(sells[:, None] & buys, capped, plain)
    estimate = np.maximum(estimate, 0.0 if part is None else part)
    return FilledMatrix(np.where(recorded, flows, estimate) * off, slopes, is_fitted)


def _fitted(
    flows: FloatArray, core: BoolArray, covariates: FloatArray
) -> tuple[float, float] | None:
    """Slopes fitted to the records; None where they do not settle or have the wrong sign."""
    try:
        fit = fit_gravity(flows, core, covariates, tolerance=TOLERANCE)
    except CalibrationError:
        return None
    slopes = float(fit.slopes[0]), float(fit.slopes[1])
    return slopes if slopes[0] < 0 else None


def _between(flows: FloatArray, core: BoolArray, pull: FloatArray) -> FloatArray:
    """Estimates whose sums over the recorded cells are the recorded ones by seller and buyer."""
    weight = pull * core
    sells, buys = np.ones(len(flows)), np.ones(len(flows))
    for _ in range(ROUNDS):
        sells = factors(flows.sum(axis=1), weight @ buys)
        buys = factors(flows.sum(axis=0), sells @ weight)
    return sells[:, None] * pull * buys
