"""Network programmes of many runs, points inside their limits, and where to start.

    minimise  sum_a  cost x + slope x^2 / 2      subject to  incidence @ x = 0,  lower <= x <= upper

Axes: a activities, r rows, l limits, R runs (last).
"""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim.laws.energy.elimination import Incidence, Network, columns, gain
from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray
from sim.laws.numerics.jit import compiled

# How far a start goes along an activity that nothing limits, in typical quantities.
FAR = 4.0
TINY = 1e-300


Limits = tuple[tuple[FloatArray, FloatArray, FloatArray, FloatArray], IntArray]
"""Programmes as compiled loops take them, in plain tuples as `Network` is: cost, slope and whether
it can move of each activity (a, R), 1 where each limit holds (l, R); and activities with an upper
limit."""
Parts = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""Those of a `Point` likewise."""


@dataclass(frozen=True, eq=False)
class Programme:
    """One programme per run; every array is (a, R).

    Limits stand in one stack of l rows: the lower limit of every activity, then the upper
    limits of those that have one in some run. `held` says which really limit.
    """

    incidence: Incidence
    cost: FloatArray
    slope: FloatArray
    lower: FloatArray
    upper: FloatArray
    live: BoolArray
    """Whether the activity can move at all; the others stay at `lower`."""

    @cached_property
    def capped(self) -> IntArray:
        """Activities with an upper limit in some run.

        Whether they can move does not matter: sums over limits would be taken in another order
        in a batch than in a run where a way is shut.
        """
        return np.flatnonzero(np.isfinite(self.upper).any(axis=1))

    @cached_property
    def held(self) -> FloatArray:
        """(l, R) 1 where the limit holds an activity that can move, else 0."""
        low, high = np.isfinite(self.lower), np.isfinite(self.upper[self.capped])
        return np.concatenate([low & self.live, high & self.live[self.capped]]).astype(np.float64)

    @property
    def limits(self) -> Limits:
        """Arrays of the programme that its loops take."""
        cost, slope = (np.ascontiguousarray(column) for column in (self.cost, self.slope))
        return (cost, slope, self.live.astype(np.float64), self.held), self.capped

    def runs(self, keep: IntArray) -> "Programme":
        """The same programmes for some of the runs."""
        fewer = Programme(
            self.incidence.runs(keep),
            *(getattr(self, f.name).take(keep, axis=1) for f in fields(self)[1:]),
        )
        fewer.__dict__["capped"] = self.capped
        fewer.__dict__["held"] = self.held.take(keep, axis=1)
        return fewer


class Point(NamedTuple):
    """Current point of each run."""

    quantity: FloatArray
    """(a, R)"""
    price: FloatArray
    """(r, R)"""
    room: FloatArray
    """(l, R) distance to each limit, 1 where there is none."""
    rent: FloatArray
    """(l, R) price of each limit, 0 where there is none."""

    def runs(self, keep: IntArray) -> "Point":
        """The same points for some of the runs."""
        return Point(*(part.take(keep, axis=1) for part in self))


@compiled
def some_columns(arrays: Parts, runs: IntArray) -> Parts:
    """Columns of four arrays (n, R) for some of the runs."""
    return (
        columns(arrays[0], runs),
        columns(arrays[1], runs),
        columns(arrays[2], runs),
        columns(arrays[3], runs),
    )


@compiled
def marginal_gains(network: Network, limits: Limits, point: Parts) -> FloatArray:
    """Marginal gain of each activity at the row prices (a, R)."""
    (cost, slope, _, _), (quantity, price, _, _) = limits[0], point
    gap = gain(network, price)
    n, n_runs = gap.shape
    for a in range(n):
        for run in range(n_runs):
            gap[a, run] = gap[a, run] - cost[a, run] - slope[a, run] * quantity[a, run]
    return gap


@compiled
def limit_products(held: FloatArray, point: Parts, hair: float) -> FloatArray:
    """Room times rent of each limit (l, R), the hair where it does not hold."""
    _, _, room, rent = point
    product = np.empty(held.shape)
    n, n_runs = held.shape
    for limit in range(n):
        for run in range(n_runs):
            earned = room[limit, run] * rent[limit, run]
            product[limit, run] = earned + hair * (1.0 - held[limit, run])
    return product


def total(values: FloatArray) -> FloatArray:
    """Sum over the first axis, pair by pair in a fixed order whatever the other axes are."""
    return folded(np.array(values, dtype=np.float64, order="C"))


@compiled
def folded(values: FloatArray) -> FloatArray:
    """The same of values (n, R) that may be written over."""
    n, n_runs = values.shape
    if n == 0:
        return np.zeros(n_runs)
    while n > 1:
        half = n // 2
        for k in range(half):
            for run in range(n_runs):
                values[k, run] += values[half + k, run]
        if n % 2:
            for run in range(n_runs):
                values[0, run] += values[n - 1, run]
        n = half
    answer: FloatArray = values[0].copy()
    return answer


def cold_start(programme: Programme, price: FloatArray) -> Point:
    """A point well inside the limits (quantities and prices near 1 are typical)."""
    half = 0.5 * (programme.upper - programme.lower)
    return _inside(programme, np.minimum(half, 1.0), price, None)


def warm_start(programme: Programme, price: FloatArray, hair: float) -> Point:
    """The centre of each activity by itself at the given row prices (r, R)."""
    width = programme.upper - programme.lower
    slope = programme.slope
    gap = programme.cost - programme.incidence.gain(price)
    bounded = np.isfinite(width)
    low = np.where(np.isfinite(programme.lower), programme.lower, 0.0)
    most = np.where(bounded, width, np.where(slope > 0, np.inf, FAR))
    above = np.minimum(_alone(gap + slope * low, slope, hair), most)
    top = np.where(bounded, programme.upper, 0.0)
    below = np.minimum(_alone(-gap - slope * top, slope, hair), most)
    both = np.where(bounded, above + below, 1.0)
    both = np.where(both > 0, both, 1.0)
    share = np.where(bounded, np.where(bounded, width, 1.0) * above / both, above)
    return _inside(programme, share, price, hair)


def _alone(gap: FloatArray, slope: FloatArray, hair: float) -> FloatArray:
    """Room at which a limit earns `hair`, for a marginal gap at the limit that rises by slope."""
    root = np.sqrt(gap * gap + 4.0 * hair * slope)
    short = 2.0 * hair / (np.abs(gap) + root + TINY)
    long = np.divide(root - gap, 2.0 * slope, out=np.full_like(gap, np.inf), where=slope > 0)
    return np.where(gap > 0, short, long)


def _inside(
    programme: Programme, above: FloatArray, price: FloatArray, hair: float | None
) -> Point:
    """A point `above` the lower limits, each limit earning `hair`, or 1 a unit."""
    bottom = np.isfinite(programme.lower)
    low = np.where(bottom, programme.lower, 0.0)
    above = np.where(programme.live & bottom, above, 0.0)
    quantity = low + above
    held, capped = programme.held > 0, programme.capped
    room = np.concatenate([above, (programme.upper - quantity)[capped]])
    room = np.where(held, room, 1.0)
    return Point(quantity, price, room, np.where(held, 1.0 if hair is None else hair / room, 0.0))
