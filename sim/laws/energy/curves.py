"""Straight curves through a point that is known, with a stated elasticity there.

At price `p` and quantity `q` a curve with elasticity `e` has the slope `p / (e q)`. A market whose
curves all pass through one recorded balance has that balance as its equilibrium, whatever the
elasticities are; costs of carriage calibrated so are those of positive mathematical programming
(Howitt 1995, American Journal of Agricultural Economics 77(2)).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import FloatArray


class Line(NamedTuple):
    """Height at no quantity and (absolute) slope."""

    intercept: FloatArray
    slope: FloatArray


def rising_line(price: ArrayLike, quantity: ArrayLike, elasticity: ArrayLike) -> Line:
    """Marginal cost through a point: `price = intercept + slope * quantity`.

    Examples
    --------
    >>> line = rising_line(100.0, 50.0, 0.5)
    >>> float(line.intercept), float(line.slope)
    (-100.0, 4.0)
    """
    p, q, e = _checked(price, quantity, elasticity)
    return Line(p * (1.0 - 1.0 / e), p / (e * q))


def falling_line(price: ArrayLike, quantity: ArrayLike, elasticity: ArrayLike) -> Line:
    """Marginal value through a point: `price = intercept - slope * quantity`.

    Examples
    --------
    >>> line = falling_line(100.0, 50.0, 0.5)
    >>> float(line.intercept), float(line.slope)
    (300.0, 4.0)
    """
    p, q, e = _checked(price, quantity, elasticity)
    return Line(p * (1.0 + 1.0 / e), p / (e * q))


def carriage_line(
    gap: ArrayLike, price: ArrayLike, quantity: ArrayLike, elasticity: ArrayLike
) -> Line:
    """Cost of an arc that carries `quantity` at a gap of prices: it rises as more is carried.

    Parameters
    ----------
    gap : array_like
        What a unit gains on the way, losses deducted [money/unit].
    price : array_like
        Price that the gap is measured against, above 0 [money/unit].
    quantity : array_like
        What is carried at that gap, above 0 [unit].
    elasticity : array_like
        Use of the arc rises by so many per cent when the gap gains one per cent of the price.
    """
    p, q, e = _checked(price, quantity, elasticity)
    slope = p / (e * q)
    return Line(np.asarray(gap, dtype=np.float64) - slope * q, slope)


def _checked(
    price: ArrayLike, quantity: ArrayLike, elasticity: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    found = []
    given = (("price", price), ("quantity", quantity), ("elasticity", elasticity))
    for name, value in given:
        number = np.asarray(value, dtype=np.float64)
        if not np.all(number > 0):
            raise ValueError(f"{name}: {number.min()} came; wanted numbers > 0")
        found.append(number)
    return found[0], found[1], found[2]
