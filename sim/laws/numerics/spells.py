"""Dated spells as sets of days: unions over lists, and what part of a period they cover.

On each day the strongest of the spells that cover it counts, so that an entry split in two, two
merged into one, written twice or in another order are the same spell. A quarter or a year takes
the mean over its days. Parts of periods are never added up or multiplied.

Axes: days last.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR, quarter_bounds

NO_END = date.max.toordinal()
"""Last day of a spell that does not end."""


class Spell(NamedTuple):
    """Days from the first to the last, both inside, and what is stopped on them."""

    first: int
    """Proleptic Gregorian ordinal of the first day, as `date.toordinal` gives it."""
    last: int
    """That of the last day, `NO_END` if it does not end."""
    share: float = 1.0
    """Part that is stopped on each day [1]."""

    @classmethod
    def dated(cls, first: date, last: date | None, share: float = 1.0) -> "Spell":
        """Spell between two days, both inside; without the second it does not end."""
        return cls(first.toordinal(), NO_END if last is None else last.toordinal(), share)


class Days(NamedTuple):
    """Consecutive days grouped into consecutive periods."""

    first: int
    """Ordinal of the first day."""
    lengths: IndexArray
    """(n_periods,) days of each period."""

    @classmethod
    def of_quarters(cls, quarters: Sequence[int] | IndexArray) -> "Days":
        """Days of consecutive quarters, by quarter index.

        Examples
        --------
        >>> Days.of_quarters([4 * 2023, 4 * 2023 + 1]).lengths.tolist()
        [90, 91]
        """
        bounds = [quarter_bounds(int(quarter)) for quarter in quarters]
        lengths = [(last - first).days + 1 for first, last in bounds]
        first = bounds[0][0].toordinal() if bounds else 1
        return cls(first, np.array(lengths, dtype=np.intp))

    @classmethod
    def of_years(cls, years: Sequence[int] | IndexArray) -> "Days":
        """Days of consecutive calendar years."""
        quarters = cls.of_quarters(
            [QUARTERS_PER_YEAR * int(y) + q for y in years for q in range(4)]
        )
        return cls(quarters.first, quarters.lengths.reshape(-1, QUARTERS_PER_YEAR).sum(axis=1))

    @property
    def n_days(self) -> int:
        """Days of all periods together."""
        return int(self.lengths.sum())

    @property
    def months(self) -> IndexArray:
        """(n_days,) month of each day, 1 to 12."""
        since_1970 = np.arange(self.n_days) + (self.first - date(1970, 1, 1).toordinal())
        months = since_1970.astype("datetime64[D]").astype("datetime64[M]").astype(np.intp)
        return np.asarray(months % 12 + 1)

    def united(self, spells: Iterable[Spell]) -> FloatArray:
        """Part that spells stop on each day, the strongest of those that cover it.

        Returns
        -------
        (n_days,) ndarray
            0 on days that no spell covers [1].

        Examples
        --------
        >>> days = Days(1, np.array([4]))
        >>> days.united([Spell(1, 2), Spell(2, 3, 0.5), Spell(2, 2)]).tolist()
        [1.0, 1.0, 0.5, 0.0]
        """
        stopped = np.zeros(self.n_days)
        for spell in spells:
            covered = slice(max(spell.first - self.first, 0), max(spell.last - self.first + 1, 0))
            np.maximum(stopped[covered], spell.share, out=stopped[covered])
        return stopped

    def mean(self, by_day: ArrayLike) -> FloatArray:
        """Mean of every period over its days.

        Parameters
        ----------
        by_day : (..., n_days) array_like

        Returns
        -------
        (..., n_periods) ndarray

        Examples
        --------
        >>> Days(1, np.array([2, 4])).mean([1.0, 0.0, 1.0, 1.0, 1.0, 0.0]).tolist()
        [0.5, 0.75]
        """
        return self.total(by_day) / self.lengths

    def total(self, by_day: ArrayLike) -> FloatArray:
        """Sum of every period over its days, (..., n_periods)."""
        values = np.asarray(by_day, dtype=np.float64)
        if not len(self.lengths):
            return np.zeros((*values.shape[:-1], 0))
        starts = np.cumsum(self.lengths) - self.lengths
        return np.asarray(np.add.reduceat(values, starts, axis=-1))


def strongest_factor(days: Days, factors: Iterable[tuple[Spell, float]]) -> FloatArray:
    """Factor on each day: of those that cover it the one furthest from 1, of two the larger.

    Parameters
    ----------
    days : Days
    factors : iterable of (Spell, float)
        Spells and the factor, > 0, that each puts on its days [1].

    Returns
    -------
    (n_days,) ndarray
        1 on days that no spell covers [1].

    Examples
    --------
    >>> week = Days(1, np.array([3]))
    >>> strongest_factor(week, [(Spell(1, 2), 1.2), (Spell(2, 3), 0.5)]).tolist()
    [1.2, 0.5, 0.5]
    """
    found = np.ones(days.n_days)
    for spell, factor in factors:
        size, present = abs(np.log(factor)), np.abs(np.log(found))
        stronger = (size > present) | ((size == present) & (factor > found))
        found[stronger & (days.united([spell]) > 0.0)] = factor
    return found
