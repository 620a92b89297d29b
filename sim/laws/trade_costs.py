"""Door-to-door trade cost of a pair: routes, borders and what a transit agreement spares.

The generalised cost of a route is written as an ad valorem equivalent of the cargo's value,

    ave = (freight + fees + tolls) / value + days on the way * time cost per day

and a pair ships over its open routes with logit shares; the cost of having them all is the logsum

    ave = -log(sum over open routes of exp(-dispersion * ave_route)) / dispersion

Hours at borders enter apart, because the region's evidence is an elasticity of trade, not a cost
per day: ten per cent less time at the importer's border goes with 1.41 per cent more trade (Kim and
Mariano 2020, CAREC), so trade moves with ``hours ** -0.14`` and the trade-cost factor that does
that under elasticity ``theta`` is ``hours_ratio ** (0.14 / theta)``.

Axes: `(..., route)`; everything else broadcasts. Time costs: Hummels and Schaur (2013).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

CLOSED_COST = 1e6
"""Number that stands in tables for the trade-cost factor of a pair none of whose routes is open."""


class RouteChoice(NamedTuple):
    """How a pair's cargo is spread over its routes."""

    share: FloatArray
    """(..., route) share of the cargo; zeros where nothing is open [1]."""
    ave: FloatArray
    """(...) logsum cost of the open routes, infinite where nothing is open [1]."""


def route_ave(
    charges_usd: ArrayLike, days: ArrayLike, *, value_usd: ArrayLike, time_cost_per_day: ArrayLike
) -> FloatArray:
    """Ad valorem equivalent of one route's charges and time.

    Parameters
    ----------
    charges_usd : array_like
        Freight, border fees and tolls for one load [USD].
    days : array_like
        Time on the way, hours at borders left out [days].
    value_usd : array_like
        Value of the load, > 0 [USD].
    time_cost_per_day : array_like
        Cost of a day as a share of the value [1/day].

    Returns
    -------
    ndarray
        Ad valorem equivalent [1].

    Examples
    --------
    >>> round(float(route_ave(6000, 20, value_usd=60000, time_cost_per_day=0.01)), 6)
    0.3
    """
    charges = np.asarray(charges_usd, dtype=np.float64)
    time = np.asarray(days, dtype=np.float64) * np.asarray(time_cost_per_day, dtype=np.float64)
    return np.asarray(charges / np.asarray(value_usd, dtype=np.float64) + time)


def route_choice(ave: ArrayLike, open_share: ArrayLike, *, dispersion: ArrayLike) -> RouteChoice:
    """Logit shares over routes and the cost of having them.

    Parameters
    ----------
    ave : (..., route) array_like
        Cost of each route as an ad valorem equivalent [1].
    open_share : (..., route) array_like
        Part of the period in which the route is open; weighs it in the choice, 0 closes it [1].
    dispersion : array_like
        Sensitivity of the choice to cost, > 0; broadcast against `ave` without its last axis.

    Returns
    -------
    RouteChoice

    Notes
    -----
    A route open for half of the period counts as half a route, so the cost rises smoothly as
    openings shrink and a closed route is exactly one that does not exist. McFadden (1978).

    Examples
    --------
    >>> choice = route_choice([0.2, 0.2], [1.0, 1.0], dispersion=10.0)
    >>> choice.share.tolist(), round(float(choice.ave), 4)
    ([0.5, 0.5], 0.1307)
    """
    cost = np.asarray(ave, dtype=np.float64)
    weight = np.clip(np.asarray(open_share, dtype=np.float64), 0.0, 1.0)
    slope = np.asarray(dispersion, dtype=np.float64)[..., None]
    usable = weight > 0
    score = np.where(usable, -slope * cost, -np.inf)
    best = score.max(axis=-1, keepdims=True)
    some = np.isfinite(best)
    term = weight * np.exp(np.where(some, score - np.where(some, best, 0.0), -np.inf))
    total = term.sum(axis=-1, keepdims=True)
    share = np.where(some, term / np.where(some, total, 1.0), 0.0)
    with np.errstate(divide="ignore"):
        logsum = np.where(some, -(np.log(total) + np.where(some, best, 0.0)) / slope, np.inf)
    return RouteChoice(share, logsum[..., 0])


def border_time_factor(
    hours_ratio: ArrayLike, *, border_time_elasticity: ArrayLike, trade_elasticity: ArrayLike
) -> FloatArray:
    """Trade-cost factor that moves trade as the border-time evidence says.

    Parameters
    ----------
    hours_ratio : array_like
        Hours at borders over their baseline, > 0 [1].
    border_time_elasticity : array_like
        Elasticity of trade to border hours, negative [1].
    trade_elasticity : array_like
        Elasticity of trade to trade cost, > 0 [1].

    Returns
    -------
    ndarray
        Factor on the trade cost [1].

    Examples
    --------
    Ten per cent less time gives 1.5 % more trade at the rounded elasticity:

    >>> factor = border_time_factor(0.9, border_time_elasticity=-0.14, trade_elasticity=5.0)
    >>> round(float(factor) ** -5.0, 4)
    1.0149
    """
    ratio = np.asarray(hours_ratio, dtype=np.float64)
    power = -np.asarray(border_time_elasticity, dtype=np.float64) / np.asarray(
        trade_elasticity, dtype=np.float64
    )
    return np.asarray(ratio**power)


def trade_cost_change(ave: ArrayLike, ave_baseline: ArrayLike) -> FloatArray:
    """Ratio of trade costs of two states of a pair's routes, finite when none is open.

    Raises
    ------
    ValueError
        If no route is open at the baseline, so that the ratio has no meaning.

    Examples
    --------
    >>> trade_cost_change([0.1, np.inf], 0.2).round(4).tolist()
    [0.9167, 1000000.0]
    """
    new = np.asarray(ave, dtype=np.float64)
    old = np.asarray(ave_baseline, dtype=np.float64)
    if not np.all(np.isfinite(old)):
        raise ValueError(
            "ave_baseline: got an infinite cost (no open route); a finite one is wanted"
        )
    ratio = (1.0 + new) / (1.0 + old)
    return np.where(np.isfinite(new), np.minimum(ratio, CLOSED_COST), CLOSED_COST)
