"""Take-up of routes: how far cargo uses, by now, what was not in use in the base year.

A path that was locked or whose route was not in use needs something to happen: an agreement in
force, a line built. From then on it is taken up slowly at first, faster once others are seen to use
it, and fully in the end,

    take-up = t ** 2 / (t ** 2 + T ** 2)

with T the time in which half of it is reached (log-logistic growth; Mansfield 1961 on the
S-shape). A route that the table of route shares lets come into use by a date goes from its share in
the base year to its ceiling in the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import BoolArray, FloatArray, IndexArray, IntArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.simulation.transport.transit_terms import Transit


class Dates(NamedTuple):
    """Dates of the events that open paths, as known in a quarter."""

    quarter: int
    since: NDArray[np.int64]
    """(n_runs, n_agreements + n_projects) first quarter in force or in use."""


class TakeUp(NamedTuple):
    """Use of the paths that are not simply in use; that of all others is whole."""

    row: IndexArray
    """(n_rows,) places among the paths asked for, rising."""
    log_use: FloatArray
    """(n_rows, n_runs) log of the part of their use that is reached [1]."""

    def among(self, rows: IndexArray) -> "TakeUp":
        """The same for some of those paths, given by their places, rising."""
        _, here, there = np.intersect1d(rows, self.row, assume_unique=True, return_indices=True)
        return TakeUp(here, self.log_use[there])


def take_up(quarters: FloatArray, half_years: FloatArray) -> FloatArray:
    """Part of a new route's use that is reached some time after it opened.

    Parameters
    ----------
    quarters : ndarray
        Time since then; nothing is used before [quarters].
    half_years : ndarray
        Time until half of it is reached, > 0 [years].

    Returns
    -------
    ndarray
        Between 0 and 1 [1].

    Examples
    --------
    >>> take_up(np.array([-4.0, 0.0, 12.0, 36.0]), np.array([3.0])).tolist()
    [0.0, 0.0, 0.5, 0.9]
    """
    gone = np.maximum(quarters, 0.0) ** 2
    return np.asarray(gone / (gone + (QUARTERS_PER_YEAR * half_years) ** 2))


@dataclass(frozen=True, eq=False)
class Openings:
    """Conditions that each path waits for. Paths that wait for the same are of one kind."""

    kind: IndexArray
    """(n_paths,) kind of each path, -1 for one that waits for nothing."""
    needs: tuple[tuple[tuple[int, ...], ...], ...]
    """By kind, sets of agreements and projects of each of which one is needed."""
    ever: BoolArray
    """(n_paths,) whether the path is usable in some quarter of the scenario."""

    def log_take_up(self, paths: IndexArray, dates: Dates, half_years: FloatArray) -> TakeUp:
        """Take-up of some paths, of those that wait for something.

        Parameters
        ----------
        paths : (n,) ndarray
            Places of the paths that are asked for.
        dates : Dates
        half_years : (n_runs,) ndarray
            Time until half of it is reached [years].
        """
        opened = np.zeros((len(self.needs), len(half_years)), dtype=np.int64)
        of_set: dict[tuple[int, ...], IntArray] = {}
        for since, sets in zip(opened, self.needs, strict=True):
            for needed in sets:
                if needed not in of_set:
                    of_set[needed] = dates.since[:, list(needed)].min(axis=1)
                np.maximum(since, of_set[needed], out=since)
        # The first quarter is one in which it can be used.
        reached = take_up(np.asarray(dates.quarter + 1.0 - opened), half_years)
        with np.errstate(divide="ignore"):
            by_kind = np.log(reached)
        kind = self.kind[paths]
        row = np.flatnonzero(kind >= 0)
        return TakeUp(row, by_kind[kind[row]])


def openings(transit: Transit) -> Openings:
    """Collect what the paths of a scenario wait for.

    Parameters
    ----------
    transit : Transit
        Agreements and projects that act on the paths.
    """
    table = transit.table
    kinds: dict[tuple[tuple[int, ...], ...], int] = {}
    kind = np.full(table.n_paths, -1, dtype=np.intp)
    ever = np.ones(table.n_paths, dtype=np.bool_)
    is_used = table.use.in_use | table.use.by_line
    bears = [is_used, *(part for e in transit.effects for part in (e.served, e.offered))]
    alike = np.packbits(np.column_stack([table.locked, *bears]), axis=1)
    # Most paths wait for the same few things: what bears on it is worked out once for all alike.
    known: dict[bytes, Sequence[tuple[int, ...]]] = {}
    for path in np.flatnonzero(table.locked.any(axis=1) | ~is_used).tolist():
        same = alike[path].tobytes()
        needs = known.get(same)
        if needs is None:
            needs = known[same] = _needs(transit, path)
        if any(not of_set for of_set in needs):
            ever[path] = False
        elif needs:
            kind[path] = kinds.setdefault(tuple(sorted(set(needs))), len(kinds))
    return Openings(kind, tuple(kinds), ever)


def _needs(transit: Transit, path: int) -> Sequence[tuple[int, ...]]:
    """Sets of agreements, then projects, of each of which one has to come about."""
    use, effects = transit.table.use, transit.effects
    needs: list[tuple[int, ...]] = []
    for link in np.flatnonzero(transit.table.locked[path]):
        openers = [e.agreement for e in effects if e.served[path] and e.opened[link]]
        project = int(transit.link_project[link])
        if project >= 0:
            openers.append(transit.n_agreements + project)
        needs.append(tuple(openers))
    if not use.in_use[path] and not use.by_line[path]:
        needs.append(tuple(e.agreement for e in effects if e.offered[path]))
    return needs
