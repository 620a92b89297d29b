"""Expected growth of one flow of trade, as it went in the past.

Given both partners' GDP and the world's in the base year and ``h`` years later, all nominal in US
dollars, the log of trade then over trade now is

    log growth = sum over g of (a_g + b_g z + c_g t + e_g s_g) * growth of g
               + m(h) * (d0 + d1 z + d2 r + d3 z r
                         + f1 s_x + f2 s_m + f3 s_x^2 + f4 s_m^2 + f5 s_x s_m
                         + d4 new + d5 union)

    g runs over exporter x, importer m and world w
    m(h) = 1 - exp(-h / 8)         z = log10(trade / 31.6 musd), within 0.1 and 10,000 musd
    t = (h - 8) / 4, within 4 and 12 years
    r = log trade - (k0 + k1 log GDP_x + k2 log GDP_m + k3 log GDP_w)
    s_g = log10(GDP_g / GDP_w) + 3, within 1/1,000,000 and 1 of the world; 0 for the world itself

``r`` is the distance from gravity: flows above what the partners' sizes call for fall back, those
below catch up; the terms in ``s`` let what sizes call for bend. ``new`` and ``union`` say that an
agreement, and a customs union among such, came into force on the way whose terms nobody knows. The
law is linear in its coefficients, which are fitted by least squares (`bench.growth_fit`);
its answer is the mean of the logs.

Every function broadcasts.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.growth.growth_terms import GRAVITY_TERMS, TERMS
from sim.laws.numerics.arrays import FloatArray

REVERSION_YEARS = 8.0
"""Years in which a distance from gravity falls to 1/e of what is left in the end [years]."""
SIZE_CENTRE = 1.5
"""Log10 of the flow at which terms by size vanish [musd]."""
SIZE_RANGE = (-1.0, 4.0)
"""Log10 of flows between which terms depend on size [musd]."""
SHARE_CENTRE = -3.0
"""Log10 of the share in world GDP at which terms by share vanish [1]."""
SHARE_RANGE = (-6.0, 0.0)
HORIZON_CENTRE, HORIZON_STEP = 8.0, 4.0
HORIZON_RANGE = (4.0, 12.0)
"""Horizons between which elasticities were measured and beyond which they stay [years]."""


class GrowthLaw(NamedTuple):
    """Coefficients of the law."""

    gravity: FloatArray
    """(4,) in the order of `GRAVITY_TERMS`."""
    coefficients: FloatArray
    """(22,) in the order of `TERMS`."""


class Sizes(NamedTuple):
    """One figure each of exporter, importer and world; the three broadcast together."""

    exporter: FloatArray | float
    importer: FloatArray | float
    world: FloatArray | float


def half_of_both() -> GrowthLaw:
    """The plain rule by which trade grows with half of each partner's growth.

    Examples
    --------
    >>> sizes = Sizes(1.0, 1.0, 1.0)
    >>> grown = log_growth(half_of_both(), 8, 5.0, sizes, Sizes(0.2, 0.4, 0.3))
    >>> round(float(grown), 12)
    0.3
    """
    coefficients = np.zeros(len(TERMS))
    coefficients[[TERMS.index("exporter_growth"), TERMS.index("importer_growth")]] = 0.5
    return GrowthLaw(np.zeros(len(GRAVITY_TERMS)), coefficients)


def gravity_terms(gdp_musd: Sizes) -> tuple[FloatArray, ...]:
    """Terms that the coefficients of `GRAVITY_TERMS` multiply."""
    return np.ones(()), *(np.log(np.asarray(size, dtype=np.float64)) for size in gdp_musd)


def gravity_distance(law: GrowthLaw, trade_musd: ArrayLike, gdp_musd: Sizes) -> FloatArray:
    """Log of a flow over the one that its partners' size calls for [1]."""
    called_for = sum(k * term for k, term in zip(law.gravity, gravity_terms(gdp_musd), strict=True))
    return np.asarray(np.log(np.asarray(trade_musd, dtype=np.float64)) - called_for)


def growth_terms(
    horizon_years: ArrayLike,
    trade_musd: ArrayLike,
    distance: ArrayLike,
    gdp_musd: Sizes,
    log_gdp_growth: Sizes,
    *,
    new_agreement: ArrayLike = 0.0,
    new_union: ArrayLike = 0.0,
) -> tuple[FloatArray, ...]:
    """Terms that the coefficients of `TERMS` multiply, each of a shape that broadcasts.

    Parameters
    ----------
    horizon_years : array_like
        Years from the base year, >= 0 [years].
    trade_musd : array_like
        Flow in the base year, > 0 [musd].
    distance : array_like
        Its distance from gravity [1].
    gdp_musd : Sizes
        GDP in the base year [musd].
    log_gdp_growth : Sizes
        Log of nominal GDP over that of the base year [1].
    new_agreement, new_union : array_like
        1 where an agreement, or a customs union, has come into force on the way.
    """
    horizon = np.asarray(horizon_years, dtype=np.float64)
    z = np.clip(np.log10(trade_musd), *SIZE_RANGE) - SIZE_CENTRE
    t = (np.clip(horizon, *HORIZON_RANGE) - HORIZON_CENTRE) / HORIZON_STEP
    m = -np.expm1(-horizon / REVERSION_YEARS)
    growth = [np.asarray(g, dtype=np.float64) for g in log_gdp_growth]
    by_growth = [part for g in growth for part in (g, g * z, g * t)]
    s, u = (
        np.clip(np.log10(np.divide(size, gdp_musd.world)), *SHARE_RANGE) - SHARE_CENTRE
        for size in gdp_musd[:2]
    )
    by_share = (m * s, m * u, m * s * s, m * u * u, m * s * u, growth[0] * s, growth[1] * u)
    r = np.asarray(distance, dtype=np.float64)
    new, union = (np.asarray(dummy, dtype=np.float64) for dummy in (new_agreement, new_union))
    return *by_growth, m, m * z, m * r, m * z * r, *by_share, m * new, m * union


def log_growth(
    law: GrowthLaw,
    horizon_years: ArrayLike,
    trade_musd: ArrayLike,
    gdp_musd: Sizes,
    log_gdp_growth: Sizes,
    *,
    new_agreement: ArrayLike = 0.0,
    new_union: ArrayLike = 0.0,
) -> FloatArray:
    """Expected log growth of a flow.

    Parameters
    ----------
    law : GrowthLaw
    horizon_years : array_like
        Years from the base year, >= 0 [years].
    trade_musd : array_like
        Flow in the base year, > 0 [musd].
    gdp_musd : Sizes
        GDP in the base year, current US dollars [musd].
    log_gdp_growth : Sizes
        Log of nominal GDP over that of the base year [1].
    new_agreement, new_union : array_like
        1 where an agreement of unknown terms, or a customs union, has come into force on the way.

    Returns
    -------
    ndarray
        The broadcast shape; 0 at horizon 0 without growth [1].
    """
    terms = growth_terms(
        horizon_years,
        trade_musd,
        gravity_distance(law, trade_musd, gdp_musd),
        gdp_musd,
        log_gdp_growth,
        new_agreement=new_agreement,
        new_union=new_union,
    )
    return np.asarray(sum(c * term for c, term in zip(law.coefficients, terms, strict=True)))
