"""Reforms: when they are done, and what they leave of a gap.

A State works on what it has begun in the order of their start and spends its budget on the first
that is not yet paid for. A reform works once it is paid for and the time it takes has passed.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR

ROUNDING = 1e-9
"""Part of a quarter by which sums of payments may miss the end of one [quarters]."""


def quarters_done(
    start: Sequence[int],
    takes_years: Sequence[float],
    cost_musd: Sequence[float],
    budget_musd: float,
) -> list[int]:
    """First quarter in which each reform of one State works.

    Parameters
    ----------
    start : sequence of int
        Quarter in which work on each begins; of several the first listed is paid first.
    takes_years, cost_musd : sequence of float
        Time that each takes at least [years], and what it costs [musd].
    budget_musd : float
        What the State can spend in a year, infinite if money is no matter [musd/year].

    Examples
    --------
    Two reforms of 50 million on 50 million a year: the second waits for money.

    >>> quarters_done([8000, 8000], [0.5, 0.5], [50.0, 50.0], 50.0)
    [8004, 8008]
    """
    done = [0] * len(start)
    free = -np.inf
    for k in sorted(range(len(start)), key=lambda k: (start[k], k)):
        begins = max(float(start[k]), free)
        free = begins + QUARTERS_PER_YEAR * cost_musd[k] / budget_musd
        waits = start[k] + QUARTERS_PER_YEAR * takes_years[k]
        done[k] = int(np.ceil(max(free, waits) - ROUNDING))
    return done


def raised_capacity(capacity: ArrayLike, change: ArrayLike) -> FloatArray:
    """Capacity once a share of the way to the best is closed [1].

    Examples
    --------
    >>> float(raised_capacity(0.5, 0.5))
    0.75
    """
    now = np.asarray(capacity, dtype=np.float64)
    return np.asarray(now + (1.0 - now) * np.asarray(change))
