"""Elimination on a network for all runs at once.

The matrix `incidence @ diag(weight) @ incidence.T` of a network is sparse and its pattern
is the same in every run, so it is factored as `L D L'` row by row in a fixed order with the
runs as the last, contiguous axis. The loops are compiled: they are so short that array calls
would cost a hundred times their work. Every sum runs over a fixed list, one run never sees
another, and so a run gets the same bits in a batch of any size, which stacked LAPACK calls
or products over the batch do not promise for arrays of one column.

Axes: r rows (nodes and loops), a activities, k coefficients, e entries of the factor, R runs.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IntArray
from sim.laws.numerics.jit import compiled


@dataclass(frozen=True, eq=False)
class Order:
    """The order of elimination and the pattern of the factor."""

    place: IntArray
    """Place of each row in the order of elimination."""
    start: IntArray
    """(r + 1,) where the entries of each place begin: one for every neighbour not yet gone."""
    neighbour: IntArray
    """(e,) place of the neighbour."""
    target: IntArray
    """Later entry that the product of two entries of a place goes off, in the order in which
    `_factor` comes to them."""
    pair_entry: IntArray
    """Entry each product of two coefficients of one activity adds to."""
    pair_first: IntArray
    pair_second: IntArray
    """The two coefficients."""


def _neighbours(n_rows: int, row: IntArray, column: IntArray) -> list[set[int]]:
    beside: list[set[int]] = [set() for _ in range(n_rows)]
    for group in _by_column(column):
        rows = set(row[group].tolist())
        for r in rows:
            beside[r] |= rows - {r}
    return beside


def _by_column(column: IntArray) -> list[list[int]]:
    groups: dict[int, list[int]] = {}
    for p, c in enumerate(column.tolist()):
        groups.setdefault(c, []).append(p)
    return list(groups.values())


def _eliminate(beside: list[set[int]]) -> list[tuple[int, list[int]]]:
    """Each row with its neighbours left, fewest neighbours first, ties by number."""
    left = set(range(len(beside)))
    gone = []
    while left:
        r = min(left, key=lambda r: (len(beside[r]), r))
        left.discard(r)
        around = sorted(beside[r])
        for s in around:
            beside[s] |= set(around) - {s}
            beside[s].discard(r)
        gone.append((r, around))
    return gone


@lru_cache(maxsize=64)
def _order(n_rows: int, row_bytes: bytes, column_bytes: bytes) -> Order:
    row = np.frombuffer(row_bytes, dtype=np.int64)
    column = np.frombuffer(column_bytes, dtype=np.int64)
    gone = _eliminate(_neighbours(n_rows, row, column))
    place = np.empty(n_rows, dtype=np.int64)
    place[[r for r, _ in gone]] = np.arange(n_rows)
    entry: dict[tuple[int, int], int] = {}
    for r, around in gone:
        for s in around:
            entry[int(place[r]), int(place[s])] = len(entry)

    def between(a: int, b: int) -> int:
        first, second = sorted((int(place[a]), int(place[b])))
        return entry[first, second]

    target = [
        between(around[i], t)
        for _, around in gone
        for i in reversed(range(len(around)))
        for t in around[:i]
    ]
    pairs = [
        (between(row[p], row[q]), p, q)
        for group in _by_column(column)
        for i, p in enumerate(group)
        for q in group[:i]
    ]
    triple = np.array(pairs, dtype=np.int64).reshape(-1, 3)
    return Order(
        place=place,
        start=np.cumsum([0, *(len(around) for _, around in gone)]),
        neighbour=np.array([s for _, s in entry], dtype=np.int64),
        target=np.array(target, dtype=np.int64),
        pair_entry=triple[:, 0].copy(),
        pair_first=triple[:, 1].copy(),
        pair_second=triple[:, 2].copy(),
    )


@compiled
def _collect(
    n: int, target: IntArray, source: IntArray, coefficient: FloatArray, values: FloatArray
) -> FloatArray:
    """Sums `out[target] += coefficient * values[source]` (n, R), coefficients (k, 1) or (k, R)."""
    n_runs = values.shape[1]
    out = np.zeros((n, n_runs))
    alike = coefficient.shape[1] == 1
    for k in range(target.size):
        t, s = target[k], source[k]
        if alike:
            one = coefficient[k, 0]
            for run in range(n_runs):
                out[t, run] += one * values[s, run]
        else:
            for run in range(n_runs):
                out[t, run] += coefficient[k, run] * values[s, run]
    return out


def sums_at(n: int, rows: IntArray, values: FloatArray) -> FloatArray:
    """Sum entries (k, R) at the rows (n, R) that they stand at, in their order."""
    ones = np.ones((rows.size, 1))
    return _collect(n, rows, np.arange(rows.size), ones, np.ascontiguousarray(values))


@compiled
def _factor(
    tie: FloatArray, beside: FloatArray, start: IntArray, neighbour: IntArray, target: IntArray
) -> FloatArray:
    """Diagonals (r, R) of the factor; entries beside them become shares of them, in place.

    `tie` (r, R) is what a row's diagonal is above the sum of what stands beside it. It is kept
    apart and changed in place, so that nothing is lost where the two nearly cancel.
    """
    n_rows, n_runs = tie.shape
    diagonal = np.empty((n_rows, n_runs))
    product = 0
    for p in range(n_rows):
        first, last = start[p], start[p + 1]
        for run in range(n_runs):
            diagonal[p, run] = 0.0
        for e in range(first, last):
            for run in range(n_runs):
                diagonal[p, run] += beside[e, run]
        for run in range(n_runs):
            whole = tie[p, run] - diagonal[p, run]
            # A row that nothing moves keeps its price.
            diagonal[p, run] = whole if whole > 0.0 else np.inf
        for e in range(last - 1, first - 1, -1):
            s = neighbour[e]
            for run in range(n_runs):
                beside[e, run] /= diagonal[p, run]
                tie[s, run] -= beside[e, run] * tie[p, run]
            for other in range(first, e):
                t = target[product]
                product += 1
                for run in range(n_runs):
                    beside[t, run] -= beside[e, run] * beside[other, run]
    return diagonal


@compiled
def _solve(
    answer: FloatArray,
    diagonal: FloatArray,
    share: FloatArray,
    start: IntArray,
    neighbour: IntArray,
) -> None:
    """Turn a right-hand side in the order of elimination into its answer, in place."""
    n_rows, n_runs = answer.shape
    for p in range(n_rows):
        for e in range(start[p], start[p + 1]):
            s = neighbour[e]
            for run in range(n_runs):
                answer[s, run] -= share[e, run] * answer[p, run]
        for run in range(n_runs):
            answer[p, run] /= diagonal[p, run]
    for p in range(n_rows - 1, -1, -1):
        for e in range(start[p], start[p + 1]):
            s = neighbour[e]
            for run in range(n_runs):
                answer[p, run] -= share[e, run] * answer[s, run]


class Incidence:
    """Rows that an activity feeds and draws on: `balance`, its transpose, and its solves.

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
        each = np.arange(row.size)
        ones = np.ones((row.size, 1))
        self._column_sum = _collect(n_activities, activity, each, ones, coefficient)
        self._pair_activity = activity[plan.pair_first]
        self._pair_coefficient = coefficient[plan.pair_first] * coefficient[plan.pair_second]

    def runs(self, keep: IntArray) -> "Incidence":
        """The same incidence for some of the runs."""
        if self.coefficient.shape[1] == 1:
            return self
        fewer = object.__new__(Incidence)
        fewer.__dict__.update(self.__dict__)
        fewer.coefficient = self.coefficient.take(keep, axis=1)
        fewer._column_sum = self._column_sum.take(keep, axis=1)
        fewer._pair_coefficient = self._pair_coefficient.take(keep, axis=1)
        return fewer

    def balance(self, quantity: FloatArray) -> FloatArray:
        """Net of what the activities (a, R) bring to each row (r, R)."""
        return _collect(self.n_rows, self.row, self.activity, self.coefficient, quantity)

    def gain(self, price: FloatArray) -> FloatArray:
        """Earnings of a unit of each activity (a, R) at row prices (r, R)."""
        n_activities = len(self._column_sum)
        return _collect(n_activities, self.activity, self.row, self.coefficient, price)

    def factor(self, weight: FloatArray) -> "Factor":
        """Factor `incidence @ diag(weight) @ incidence.T`, weights (a, R) >= 0."""
        plan = self._plan
        beside = _collect(
            plan.neighbour.size,
            plan.pair_entry,
            self._pair_activity,
            self._pair_coefficient,
            weight,
        )
        tie = np.empty((self.n_rows, weight.shape[1]))
        tie[plan.place] = self.balance(weight * self._column_sum)
        diagonal = _factor(tie, beside, plan.start, plan.neighbour, plan.target)
        return Factor(plan, diagonal, beside)


@dataclass(frozen=True, eq=False)
class Factor:
    """A factored matrix, ready to solve."""

    plan: Order
    diagonal: FloatArray
    """(r, R) in the order of elimination."""
    share: FloatArray
    """(e, R) entries beside the diagonals over their diagonal."""

    def solve(self, right: FloatArray) -> FloatArray:
        """Row prices (r, R) that answer the right-hand side (r, R)."""
        plan = self.plan
        answer = np.empty_like(right)
        answer[plan.place] = right
        _solve(answer, self.diagonal, self.share, plan.start, plan.neighbour)
        return np.asarray(answer[plan.place])
