"""What diplomacy and neighbours do to the firms of a market: more notice, a cheaper start.

Notice has two sides. Firms that are not there notice the market more often, and its buyers those
who are: the customers of an established firm follow the same factor. The sizes are set so that
exports move as measured; `sim validate` shows them:

- a visit raises them by 8 to 10 % and is forgotten within two years (Nitsch 2007);
- a consulate raises them by 6 to 10 % while it stands (Rose 2007);
- a trade mission does about nothing (Head and Ries 2010);
- serving a market like this one cuts the cost of entry by 69 to 90 % (Morales, Sheu and Zahler
  2019).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

VISIT_NOTICE = 1.115
"""Notice factor of a visit while it is talked of [1]. Set so that exports move as measured."""
VISIT_QUARTERS = 4
"""Quarters for which a visit is talked of, its own included. Estimated."""
CONSULATE_NOTICE = 1.065
"""Notice factor of a consulate or trade post [1]. Set so that exports move as measured."""
MISSION_NOTICE = 1.0
"""Notice factor of a trade mission [1]."""
SIMILAR_MARKET_CUT = 0.8
"""Cut of the entry cost for firms that serve a similar market [1]: middle of .69 to .90."""


class Attention(NamedTuple):
    """What raises the notice or cuts the entry cost of markets in one quarter."""

    notice_factor: FloatArray
    """(n_runs, n_cells) notice over its baseline, 0 or more [1]."""
    entry_cost_factor: FloatArray
    """(n_runs, n_cells) sunk cost of entry over its baseline, 0 or more [1]."""

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> "Attention":
        """Nobody does anything."""
        return cls(np.ones(shape), np.ones(shape))


def visit_notice(quarters_since: ArrayLike) -> FloatArray:
    """Notice factor that many quarters after a visit; 1 before it and once it is forgotten [1].

    Examples
    --------
    >>> visit_notice([-1, 0, 3, 4])
    array([1.   , 1.115, 1.115, 1.   ])
    """
    age = np.asarray(quarters_since)
    return np.where((age >= 0) & (age < VISIT_QUARTERS), VISIT_NOTICE, 1.0)


def similar_market_cost(new_share: ArrayLike) -> FloatArray:
    """Entry cost factor where a share of the firms newly serve a similar market [1].

    Parameters
    ----------
    new_share : array_like
        Share of the firms that serve one now and did not in the baseline, 0 to 1 [1].
    """
    return np.asarray(1.0 - SIMILAR_MARKET_CUT * np.clip(new_share, 0.0, 1.0))
