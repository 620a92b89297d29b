"""Effects of diplomacy and neighbours on a market's firms: more notice, cheaper entry.

Notice has two sides. Buyers notice the firms that are there, and buy at once as much more as the
factor says; firms that are not there notice the market more often, and some of them stay. So what
passes, such as a visit, moves trade while it lasts and hardly afterwards; what lasts, such as a
consulate, moves it by the factor and, over the years, by the newcomers too
(`Turnover.lasting_gain`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import FloatArray

SIMILAR_MARKET_CUT = 0.8
"""Cut of the entry cost for firms that serve a similar market [1]: middle of .69 to .90 (Morales,
Sheu and Zahler 2019)."""


class Attention(NamedTuple):
    """Factors that raise the notice or cut the entry cost of markets in one quarter."""

    notice_factor: FloatArray
    """(n_runs, n_cells) notice over its baseline, above 0 [1]."""
    entry_cost_factor: FloatArray
    """(n_runs, n_cells) sunk cost of entry over its baseline, 0 or more [1]."""

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> "Attention":
        """Nobody does anything."""
        return cls(np.ones(shape), np.ones(shape))


def similar_market_cost(new_share: ArrayLike) -> FloatArray:
    """Entry cost factor where a share of the firms newly serve a similar market [1].

    Parameters
    ----------
    new_share : array_like
        Share of a similar market's sales by firms that did not serve it in the baseline [1].

    Examples
    --------
    >>> similar_market_cost([-0.1, 0.0, 0.5])
    array([1. , 1. , 0.6])
    """
    return np.asarray(1.0 - SIMILAR_MARKET_CUT * np.clip(new_share, 0.0, 1.0))
