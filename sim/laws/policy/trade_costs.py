"""Trade cost of hours at borders, and the cost that stands for a closed pair.

The region's evidence on border hours is an elasticity of trade, not a cost per day: ten per cent
less time at the importer's border goes with 1.41 per cent more trade (Kim and Mariano 2020, CAREC),
so trade moves with ``hours ** -0.14`` and the trade-cost factor that does that under elasticity
``theta`` is ``hours_ratio ** (0.14 / theta)``. What routes cost is the law of passage.
"""

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import FloatArray

CLOSED_COST = 1e6
"""Number that stands in tables for the trade-cost factor of a pair none of whose routes is open."""


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
