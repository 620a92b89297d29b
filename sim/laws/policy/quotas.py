"""Tariff-rate quotas: how far they are filled, and the duty that governs the trade under them.

Rates are shares (0.2 is 20 %), and every function works on arrays that broadcast together.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import FloatArray, IndexArray


class QuotaFill(NamedTuple):
    """Trade under a tariff-rate quota."""

    marginal_rate: FloatArray
    """Rate that governs the last unit, and so the trade [1]."""
    applied_rate: FloatArray
    """Average duty actually paid [1]."""
    fill_share: FloatArray
    """Part of the quota that is filled, at most 1 [1]."""


def quota_fill(
    demand_at_quota_rate: ArrayLike,
    quota: ArrayLike,
    *,
    quota_rate: ArrayLike,
    outside_rate: ArrayLike,
    trade_elasticity: ArrayLike,
) -> QuotaFill:
    """Trade under a tariff-rate quota: it fills, then the outside rate applies.

    Three regimes, continuous into each other: the quota is not filled and its rate governs; it
    binds, and the price rises until demand equals the quota (the wedge is the holders' rent);
    demand exceeds it even at the outside rate, which then governs the last unit.

    Parameters
    ----------
    demand_at_quota_rate : array_like
        What would be imported a year if all of it paid the quota rate [musd].
    quota : array_like
        Value a year admitted at the quota rate; infinity means no quota [musd].
    quota_rate, outside_rate : array_like
        Rates inside and outside the quota [1].
    trade_elasticity : array_like
        Elasticity of the pair's trade to its duty-paid cost, > 0 [1].

    Returns
    -------
    QuotaFill
        Arrays of the broadcast shape.

    Examples
    --------
    >>> fill = quota_fill(
    ...     [5.0, 12.0, 40.0], 10.0, quota_rate=0.0, outside_rate=0.2, trade_elasticity=5
    ... )
    >>> fill.marginal_rate.round(4).tolist()
    [0.0, 0.0371, 0.2]
    """
    demand = np.asarray(demand_at_quota_rate, dtype=np.float64)
    limit = np.asarray(quota, dtype=np.float64)
    inside = np.asarray(quota_rate, dtype=np.float64)
    outside = np.maximum(np.asarray(outside_rate, dtype=np.float64), inside)
    theta = np.asarray(trade_elasticity, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        # A quota of nothing is the outside rate, whatever the demand.
        ratio = np.where(limit > 0, demand / limit, np.inf)
        # Powers go through logs: numpy's `**` has shortcuts for exponents such as 0.5 and 2 that
        # depend on the shape, and would give a batch other last bits than its single runs.
        rise = np.expm1(np.log(np.maximum(ratio, 1.0)) / theta)
    marginal = np.minimum(inside + (1.0 + inside) * rise, outside)
    imports = demand * np.exp(-theta * np.log((1.0 + marginal) / (1.0 + inside)))
    filled = np.minimum(imports, limit)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(imports > 0, filled / imports, limit > 0)
        fill = np.where(limit > 0, filled / limit, 1.0)
    return QuotaFill(marginal, part * inside + (1.0 - part) * outside, fill)


def quota_parts(demand: FloatArray, quota_musd: FloatArray, quota: IndexArray) -> FloatArray:
    """Part of a quota that falls to each of those who share it: as they ask for it.

    Parameters
    ----------
    demand : (n_runs, n_cells) ndarray
        What would be imported a year at the quota's rate [musd].
    quota_musd : (n_quotas,) ndarray
        Yearly value of each quota, granted once to all who share it [musd].
    quota : (n_runs, n_cells) ndarray of int
        Which quota, -1 for none.

    Returns
    -------
    (n_runs, n_cells) ndarray
        Infinite where there is none [musd].

    Examples
    --------
    >>> demand = np.array([[30.0, 10.0, 5.0]])
    >>> quota_parts(demand, np.array([20.0]), np.array([[0, 0, -1]])).tolist()
    [[15.0, 5.0, inf]]
    """
    parts = np.full(demand.shape, np.inf)
    for number, value in enumerate(quota_musd):
        mine = quota == number
        asked = np.where(mine, demand, 0.0)
        total = asked.sum(axis=1, keepdims=True)
        n_mine = np.maximum(mine.sum(axis=1, keepdims=True), 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(total > 0.0, asked / total, 1.0 / n_mine)
        parts = np.where(mine, value * share, parts)
    return parts
