"""Annuity: what a sum has to bring in each year to pay itself back with a return."""

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import FloatArray


def annual_charge(cost: ArrayLike, rate: ArrayLike, years: ArrayLike) -> FloatArray:
    """Equal yearly sum, paid at the end of each year, whose present value is the cost.

    Parameters
    ----------
    cost : array_like
        Paid at the start [money].
    rate : array_like
        Return asked, above -1; 0 shares the cost out evenly [1/year].
    years : array_like
        Years in which it is paid back, above 0.

    Returns
    -------
    ndarray
        Sum a year [money/year].

    Raises
    ------
    ValueError
        If a rate is not above -1, or the years are not above 0.

    Examples
    --------
    >>> round(float(annual_charge(100.0, 0.09, 30.0)), 2)
    9.73
    """
    cost, rate, years = np.broadcast_arrays(
        *(np.asarray(each, dtype=np.float64) for each in (cost, rate, years))
    )
    if (rate <= -1.0).any() or (years <= 0.0).any():
        raise ValueError("want a rate above -1 and years above 0")
    paid = -np.expm1(-years * np.log1p(rate))
    part = np.divide(rate, paid, out=np.array(1.0 / years), where=rate != 0.0)
    return np.asarray(cost * part)
