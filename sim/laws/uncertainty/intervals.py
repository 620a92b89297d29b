"""Intervals of shares and of differences of shares from an error that is known only roughly.

A share near 0 or 1 has a skewed error: what raises it raises its error too, so that an interval of
even arms misses on the far side. Shares are therefore taken on the logistic scale (Brown, Cai and
DasGupta 2001, sec. 4.2), where the interval stays inside 0 to 1. A difference of two shares of the
same pairs is what moved up less what moved down. If moves were events of a Poisson process, its
third cumulant over the square of its variance would be k = difference / moved**2, and the scale on
which a quantity with such a ratio has an even error is the exponential one of that strength:

    from value - (1 - exp(-k t e)) / k  to  value + (exp(k t e) - 1) / k

with e the standard error and t the quantile of Student's t. Where all moved one way that is the
interval on a logarithmic scale, where as many moved up as down the usual one.
"""

import numpy as np
from scipy.special import betaincinv, expit, logit

from sim.laws.numerics.arrays import FloatArray

COVERAGE = 0.9
"""Coverage of every interval."""
UPPER = (1.0 + COVERAGE) / 2
"""Level of an interval's upper end."""
WORTH_OF_PRIOR = 0.5
"""Hits that the error taken from likelier values weighs as much as, where hits are few [1]."""
MAX_STRENGTH = 30.0
"""Largest exponent on a skewed scale; beyond it an end is as good as unknown [1]."""


def share_interval(share: float, n: float) -> tuple[float, float]:
    """Jeffreys' interval of a share of so many independent draws, which may be a fraction [1].

    Examples
    --------
    >>> [round(edge, 3) for edge in share_interval(0.5, 10)], share_interval(0.0, 10)[0]
    ([0.262, 0.738], 0.0)
    """
    hits, misses = share * n + 0.5, (1.0 - share) * n + 0.5
    low = 0.0 if share <= 0.0 else float(betaincinv(hits, misses, 1.0 - UPPER))
    high = 1.0 if share >= 1.0 else float(betaincinv(hits, misses, UPPER))
    # Of less than one hit the law's lower end may lie above the share itself.
    return min(low, share), max(high, share)


def logistic_interval(share: float, error: float, t: float) -> tuple[float, float]:
    """Interval of a share inside 0 to 1 from its standard error, even on the logistic scale [1].

    Examples
    --------
    >>> [round(edge, 3) for edge in logistic_interval(0.02, 0.01, 1.645)]
    [0.009, 0.045]
    """
    arm = t * error / (share * (1.0 - share))
    ends = expit(logit(share) + np.array([-arm, arm]))
    return float(ends[0]), float(ends[1])


def blended_error(share: float, error: float, n_likelier: float) -> float:
    """Standard error of a share that few hits carry, steadied by that of likelier values [1].

    Parameters
    ----------
    share, error : float
        Of the few hits; their own error is known from as few.
    n_likelier : float
        Independent draws that would fix the share of likelier values as well as it is known.
    """
    spread = share * (1.0 - share)
    n = spread / error**2
    hits = min(share, 1.0 - share) * n
    per_draw = (hits / n + WORTH_OF_PRIOR / n_likelier) / (hits + WORTH_OF_PRIOR)
    return float(np.sqrt(spread * per_draw))


def difference_interval(value: float, moved: float, arm: float) -> tuple[float, float]:
    """Interval of a difference of two shares of the same pairs, see the head of the module.

    Parameters
    ----------
    value : float
        What moved up less what moved down [1].
    moved : float
        Both together, more than 0 [1].
    arm : float
        Standard error times the quantile of Student's t [1].

    Examples
    --------
    >>> [round(edge, 4) for edge in difference_interval(0.0, 0.2, 0.01)]
    [-0.01, 0.01]
    >>> [round(edge, 4) for edge in difference_interval(0.02, 0.02, 0.02)]
    [0.0074, 0.0544]
    """
    strength = value / moved**2
    bend = float(np.clip(strength * arm, -MAX_STRENGTH, MAX_STRENGTH))
    if abs(bend) < 1e-6:
        return value - arm, value + arm
    low, high = value + np.expm1(-bend) / strength, value + np.expm1(bend) / strength
    return max(float(low), -1.0), min(float(high), 1.0)


def moment_degrees(contributions: FloatArray) -> float:
    """Degrees of freedom of a sum of squares, by the fourth moment of what is squared.

    Of normal contributions as many as there are of them but one; of contributions that few carry,
    about as few as carry them (Satterthwaite 1946; O'Neill 2014, *Some useful moment results*).

    Examples
    --------
    >>> round(moment_degrees(np.array([1.0, 0.0, 0.0, 0.0])), 2)
    2.67
    """
    n, largest = len(contributions), float(np.abs(contributions).max(initial=0.0))
    if largest == 0.0:
        return float(n)
    squares = (contributions / largest) ** 2
    total = float(squares.sum())
    excess = float((squares**2).sum()) - total**2 / n
    return float("inf") if excess <= 0.0 else 2.0 * total**2 / excess
