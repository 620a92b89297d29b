"""Firms by size: strata of log size, the same in every run, and how many firms each holds.

Size is counted from the least that the market pays in the baseline, so a stratum is the firms
whose log rank lies between two steps. The topmost holds all that are larger and sells what such
firms sell on average, so that what many runs expect does not depend on the number of firms; what
differs between runs is how many firms stand in the thin strata on top.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.firms.turnover import HOPE
from sim.laws.numerics.arrays import FloatArray

STEP = 0.25
"""Width of a stratum, in log numbers of firms [1]."""
ROOM = 4.5
"""Log of the growth of trade for which there are firms to enter: 90 times the baseline [1]."""


class Strata(NamedTuple):
    """Size strata of one exporter's firms in one good, lowest first."""

    edge: FloatArray
    """(n_strata,) log size at which each begins; 0 is the least that pays in the baseline [1]."""
    expected: FloatArray
    """(n_strata,) firms expected in each."""

    @property
    def n_strata(self) -> int:
        """Number of strata."""
        return len(self.edge)

    def sales(self, slope: ArrayLike) -> FloatArray:
        """Mean sales of a stratum's firms over those of the least that pays, (..., n_strata) [1].

        Parameters
        ----------
        slope : (...) array_like
            One over the tail index of sales, below 1 [1].
        """
        steepness = np.asarray(slope, dtype=np.float64)[..., None]
        margin = 1.0 - steepness
        within = np.expm1(-margin * STEP) / np.expm1(-STEP) / margin
        within = np.where(self.edge == self.edge[-1], 1.0 / margin, within)
        return np.asarray(within * np.exp(steepness * self.edge))

    def counted(self, uniforms: FloatArray) -> FloatArray:
        """Whole numbers of firms: those expected, rounded up as often as keeps the mean.

        Parameters
        ----------
        uniforms : (..., n_strata) ndarray
            Draws in (0, 1).
        """
        return np.floor(self.expected + uniforms)


def size_strata(n_firms: float) -> Strata:
    """Strata of a population of which the market pays `n_firms` in the baseline.

    Raises
    ------
    ValueError
        If `n_firms` is below 1.

    Examples
    --------
    >>> strata = size_strata(100)
    >>> round(float(strata.expected[strata.edge >= 0].sum()), 6)
    100.0
    """
    if not n_firms >= 1:
        raise ValueError(f"n_firms is {n_firms}; wanted at least 1")
    n_below = round((ROOM + HOPE) / STEP)
    n_above = int(np.floor(np.log(n_firms) / STEP))
    edge = np.asarray(STEP * np.arange(-n_below, n_above + 1), dtype=np.float64)
    expected = n_firms * np.exp(-edge)
    expected[:-1] -= expected[1:]
    return Strata(edge, expected)
