"""Elimination on a network for all runs at once.

The matrix `incidence @ diag(weight) @ incidence.T` of a network is sparse and its pattern
is the same in every run, so it is factored as `L D L'` in a fixed order with the runs as
the last, contiguous axis. Rows that do not touch each other are eliminated together, as
one *level*. Every sum runs over a fixed list, one run never sees another, and so a run
gets the same bits in a batch of any size, which stacked LAPACK calls or products over the
batch do not promise for arrays of one column.

Axes: r rows (nodes and loops), a activities, e entries of the factor, R runs.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.sparse import csr_array

from sim.laws.energy.entries import FloatArray, IntArray

# A row and its neighbours not yet eliminated.
Pivot = tuple[int, list[int]]


@dataclass(frozen=True, eq=False)
class Gather:
    """Sums of listed terms: `out[target] += sum of terms`, each target once."""

    target: IntArray
    sums: csr_array

    @classmethod
    def of(cls, targets: IntArray) -> "Gather":
        """Group terms by the target each belongs to."""
        unique, place = np.unique(targets, return_inverse=True)
        ones = np.ones(targets.size)
        shape = (unique.size, targets.size)
        return cls(unique, csr_array((ones, (place, np.arange(targets.size))), shape=shape))


@dataclass(frozen=True, eq=False)
class Level:
    """Rows eliminated together, and where their numbers stand."""

    rows: slice
    """Their places in the order of elimination."""
    diagonal: slice
    """Their diagonals among the entries."""
    beside: slice
    """The entries beside the diagonals: one per row and neighbour not yet eliminated."""
    pivot: IntArray
    """For each entry beside, which row of the level it stands under."""
    neighbour: IntArray
    """For each entry beside, the place of the neighbour."""
    forward: Gather
    """Sums entries beside by the place of the neighbour."""
    back: csr_array
    """Sums entries beside by row of the level."""
    first: IntArray
    second: IntArray
    update: Gather
    """Products `first * second` of entries beside go off these later entries."""


@dataclass(frozen=True, eq=False)
class Order:
    """The order of elimination and the pattern of the factor."""

    order: IntArray
    """Row eliminated at each place."""
    place: IntArray
    """Place of each row."""
    levels: tuple[Level, ...]
    n_entries: int
    pair_entry: IntArray
    """Entry beside a diagonal each product of two incidences of one activity adds to."""
    pair_first: IntArray
    pair_second: IntArray
    """The two incidences."""


def _neighbours(n_rows: int, row: IntArray, column: IntArray) -> list[set[int]]:
    beside: list[set[int]] = [set() for _ in range(n_rows)]
    by_column = np.argsort(column, kind="stable")
    edges = np.flatnonzero(np.diff(column[by_column])) + 1
    for group in np.split(row[by_column], edges):
        rows = set(group.tolist())
        for r in rows:
            beside[r] |= rows - {r}
    return beside


def _eliminate(beside: list[set[int]]) -> list[list[Pivot]]:
    """Levels of `(row, neighbours left)`, fewest neighbours first, ties by number."""
    left = set(range(len(beside)))
    levels = []
    while left:
        fewest = min(len(beside[r]) for r in left)
        level: list[Pivot] = []
        touched: set[int] = set()
        for r in sorted(left, key=lambda r: (len(beside[r]), r)):
            if len(beside[r]) > fewest + 1:
                break
            if r not in touched:
                level.append((r, sorted(beside[r])))
                touched |= beside[r] | {r}
        for r, around in level:
            for s in around:
                beside[s] |= set(around) - {s}
                beside[s].discard(r)
            left.discard(r)
        levels.append(level)
    return levels


def _level(
    level: list[tuple[int, list[int]]],
    start: tuple[int, int],
    place: IntArray,
    entry: dict[tuple[int, int], int],
) -> Level:
    place_start, entry_start = start
    n, n_beside = len(level), sum(len(around) for _, around in level)
    pivot = [k for k, (_, around) in enumerate(level) for _ in around]
    neighbour = [int(place[s]) for _, around in level for s in around]
    first, second, target = [], [], []
    offset = 0
    for _, around in level:
        for i, s in enumerate(around):
            for j, t in enumerate(around[:i]):
                first.append(offset + i)
                second.append(offset + j)
                target.append(entry[min(place[s], place[t]), max(place[s], place[t])])
        offset += len(around)
    middle = entry_start + n
    ones = np.ones(n_beside)
    return Level(
        rows=slice(place_start, place_start + n),
        diagonal=slice(entry_start, middle),
        beside=slice(middle, middle + n_beside),
        pivot=np.array(pivot, dtype=np.int64),
        neighbour=np.array(neighbour, dtype=np.int64),
        forward=Gather.of(np.array(neighbour, dtype=np.int64)),
        back=csr_array((ones, (pivot, np.arange(n_beside))), shape=(n, n_beside)),
        first=np.array(first, dtype=np.int64),
        second=np.array(second, dtype=np.int64),
        update=Gather.of(np.array(target, dtype=np.int64)),
    )


@lru_cache(maxsize=64)
def _order(n_rows: int, row_bytes: bytes, column_bytes: bytes) -> Order:
    row = np.frombuffer(row_bytes, dtype=np.int64)
    column = np.frombuffer(column_bytes, dtype=np.int64)
    eliminated = _eliminate(_neighbours(n_rows, row, column))
    order = np.array([r for level in eliminated for r, _ in level], dtype=np.int64)
    place = np.empty(n_rows, dtype=np.int64)
    place[order] = np.arange(n_rows)
    entry: dict[tuple[int, int], int] = {}
    starts = []
    rows_done = 0
    for level in eliminated:
        starts.append((rows_done, len(entry)))
        for r, _ in level:
            entry[int(place[r]), int(place[r])] = len(entry)
        for r, around in level:
            for s in around:
                entry[int(place[r]), int(place[s])] = len(entry)
        rows_done += len(level)
    pairs = [
        (entry[min(place[row[p]], place[row[q]]), max(place[row[p]], place[row[q]])], p, q)
        for group in _by_column(column)
        for i, p in enumerate(group)
        for q in group[:i]
    ]
    triple = np.array(pairs, dtype=np.int64).reshape(-1, 3)
    levels = tuple(
        _level(level, start, place, entry) for level, start in zip(eliminated, starts, strict=True)
    )
    return Order(order, place, levels, len(entry), *triple.T.copy())


def _by_column(column: IntArray) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for p, c in enumerate(column.tolist()):
        groups.setdefault(c, []).append(p)
    return list(groups.values())


def _sum(listed: csr_array, terms: FloatArray) -> FloatArray:
    """Sums of terms (k, R), each in its listed order."""
    return np.asarray(listed @ terms)


class Incidence:
    """Which rows an activity feeds and draws on: `balance`, its transpose, and its solves.

    Parameters
    ----------
    n_rows, n_activities : int
        Size of the matrix.
    row, activity : (k,) int
        Where its coefficients stand.
    coefficient : (k, 1) or (k, n_runs) float
        What one unit of the activity adds to the row.
    """

    def __init__(
        self,
        n_rows: int,
        n_activities: int,
        row: IntArray,
        activity: IntArray,
        coefficient: FloatArray,
    ) -> None:
        self.n_rows = n_rows
        self.row, self.activity, self.coefficient = row, activity, coefficient
        self._plan = _order(n_rows, row.tobytes(), activity.tobytes())
        plan = self._plan
        k = np.arange(row.size)
        ones = np.ones(row.size)
        self._to_rows = csr_array((ones, (row, k)), shape=(n_rows, row.size))
        self._to_activities = csr_array((ones, (activity, k)), shape=(n_activities, row.size))
        n_pairs = plan.pair_entry.size
        self._to_entries = csr_array(
            (np.ones(n_pairs), (plan.pair_entry, np.arange(n_pairs))),
            shape=(plan.n_entries, n_pairs),
        )
        self._column_sum = _sum(self._to_activities, coefficient)
        self._pair_activity = activity[plan.pair_first]
        self._pair_coefficient = coefficient[plan.pair_first] * coefficient[plan.pair_second]

    def runs(self, keep: IntArray) -> "Incidence":
        """The same incidence for some of the runs."""
        if self.coefficient.shape[1] == 1:
            return self
        fewer = object.__new__(Incidence)
        fewer.__dict__.update(self.__dict__)
        fewer.coefficient = self.coefficient[:, keep]
        fewer._column_sum = self._column_sum[:, keep]
        fewer._pair_coefficient = self._pair_coefficient[:, keep]
        return fewer

    def balance(self, quantity: FloatArray) -> FloatArray:
        """Net of what the activities (a, R) bring to each row (r, R)."""
        return _sum(self._to_rows, self.coefficient * quantity[self.activity])

    def gain(self, price: FloatArray) -> FloatArray:
        """What a unit of each activity (a, R) earns at row prices (r, R)."""
        return _sum(self._to_activities, self.coefficient * price[self.row])

    def factor(self, weight: FloatArray) -> "Factor":
        """Factor `incidence @ diag(weight) @ incidence.T`, weights (a, R) >= 0."""
        plan = self._plan
        products = self._pair_coefficient * weight[self._pair_activity]
        entries = _sum(self._to_entries, products)
        tie = self.balance(weight * self._column_sum)[plan.order]
        for level in plan.levels:
            beside = entries[level.beside]
            whole = tie[level.rows] - _sum(level.back, beside)
            whole[whole <= 0.0] = np.inf
            entries[level.diagonal] = whole
            if level.pivot.size == 0:
                continue
            share = beside / whole[level.pivot]
            pushed = share * tie[level.rows][level.pivot]
            tie[level.forward.target] -= _sum(level.forward.sums, pushed)
            products = share[level.first] * beside[level.second]
            entries[level.update.target] -= _sum(level.update.sums, products)
            entries[level.beside] = share
        return Factor(plan, entries)


@dataclass(frozen=True, eq=False)
class Factor:
    """A factored matrix, ready to solve."""

    plan: Order
    entries: FloatArray

    def solve(self, right: FloatArray) -> FloatArray:
        """Row prices (r, R) that answer the right-hand side (r, R)."""
        y = right[self.plan.order]
        for level in self.plan.levels:
            if level.pivot.size:
                push = self.entries[level.beside] * y[level.rows][level.pivot]
                y[level.forward.target] -= _sum(level.forward.sums, push)
            y[level.rows] /= self.entries[level.diagonal]
        for level in reversed(self.plan.levels):
            if level.pivot.size:
                pull = self.entries[level.beside] * y[level.neighbour]
                y[level.rows] -= _sum(level.back, pull)
        return y[self.plan.place]
