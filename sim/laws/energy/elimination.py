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


Network = tuple[
    tuple[IntArray, IntArray, IntArray, IntArray, IntArray, IntArray, IntArray, IntArray],
    tuple[FloatArray, FloatArray, FloatArray],
]
"""Rows and activities of the coefficients (k,) with the plan of elimination, `Incidence.network`;
and coefficients (k, 1 or R), their sums by activity (a, 1 or R), products of pairs (p, 1 or R).

A plain tuple: what is compiled is kept on disk under the types that it takes, and a class that has
another name by then could not be read again.
"""


@compiled
def columns(values: FloatArray, runs: IntArray) -> FloatArray:
    """Columns of an array (n, R) for some of the runs."""
    some = np.empty((len(values), runs.size))
    for k in range(len(values)):
        for lane in range(runs.size):
            some[k, lane] = values[k, runs[lane]]
    return some


@compiled
def some_runs(network: Network, runs: IntArray) -> Network:
    """The same network for some of the runs."""
    plan, (coefficient, column_sum, of_pair) = network
    if coefficient.shape[1] == 1:
        return network
    fewer = columns(coefficient, runs), columns(column_sum, runs), columns(of_pair, runs)
    return plan, fewer


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


@compiled
def balance(network: Network, quantity: FloatArray) -> FloatArray:
    """Net of what the activities (a, R) bring to each row (r, R)."""
    plan, values = network
    return _collect(plan[2].size, plan[0], plan[1], values[0], quantity)


@compiled
def gain(network: Network, price: FloatArray) -> FloatArray:
    """Earnings of a unit of each activity (a, R) at row prices (r, R)."""
    plan, values = network
    return _collect(len(values[1]), plan[1], plan[0], values[0], price)


@compiled
def factored(network: Network, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Factor of `incidence @ diag(weight) @ incidence.T`, weights (a, R) >= 0.

    Diagonals (r, R) in the order of elimination, and the entries beside them over their
    diagonal (e, R).
    """
    (_, _, place, start, neighbour, target, entry, of_activity), values = network
    beside = _collect(neighbour.size, entry, of_activity, values[2], weight)
    tied = balance(network, weight * values[1])
    tie = np.empty(tied.shape)
    for row in range(len(tie)):
        tie[place[row]] = tied[row]
    return _factor(tie, beside, start, neighbour, target), beside


@compiled
def solved(
    network: Network, factor: tuple[FloatArray, FloatArray], right: FloatArray
) -> FloatArray:
    """Row prices (r, R) that answer the right-hand side (r, R)."""
    _, _, place, start, neighbour, _, _, _ = network[0]
    ordered, price = np.empty(right.shape), np.empty(right.shape)
    for row in range(len(right)):
        ordered[place[row]] = right[row]
    _solve(ordered, factor[0], factor[1], start, neighbour)
    for row in range(len(right)):
        price[row] = ordered[place[row]]
    return price


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
    """Rows that an activity feeds and draws on.

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
        plan = _order(n_rows, row.tobytes(), activity.tobytes())
        each, ones = np.arange(row.size), np.ones((row.size, 1))
        of_coefficients = row, activity
        of_rows = plan.place, plan.start, plan.neighbour, plan.target
        of_pairs = plan.pair_entry, activity[plan.pair_first]
        self.network: Network = (
            (*of_coefficients, *of_rows, *of_pairs),
            (
                coefficient,
                _collect(n_activities, activity, each, ones, coefficient),
                coefficient[plan.pair_first] * coefficient[plan.pair_second],
            ),
        )

    def runs(self, keep: IntArray) -> "Incidence":
        """The same incidence for some of the runs."""
        fewer = object.__new__(Incidence)
        fewer.n_rows, fewer.network = self.n_rows, some_runs(self.network, keep)
        return fewer

    def gain(self, price: FloatArray) -> FloatArray:
        """Earnings of a unit of each activity (a, R) at row prices (r, R)."""
        return gain(self.network, np.ascontiguousarray(price))
