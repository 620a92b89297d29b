"""Network programmes of many runs, points inside their limits, and where to start.

    minimise  sum_a  cost x + slope x^2 / 2      subject to  incidence @ x = 0,  lower <= x <= upper

Axes: a activities, r rows, l limits, R runs (last).
"""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from sim.laws.energy.elimination import Incidence
from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray

# How far a start goes along an activity that nothing limits, in typical quantities.
FAR = 4.0
TINY = 1e-300


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

    @cached_property
    def all_held(self) -> bool:
        """True if every limit holds, so that nothing need be masked."""
        return bool(self.held.all())

    def products(self, point: "Point", hair: float) -> FloatArray:
        """Room times rent of each limit (l, R), the hair where it does not hold."""
        product = point.room * point.rent
        if not self.all_held:
            product += hair * (1.0 - self.held)
        return product

    def runs(self, keep: IntArray) -> "Programme":
        """The same programmes for some of the runs."""
        fewer = Programme(
            self.incidence.runs(keep),
            *(getattr(self, f.name).take(keep, axis=1) for f in fields(self)[1:]),
        )
        fewer.__dict__["capped"] = self.capped
        fewer.__dict__["held"] = self.held.take(keep, axis=1)
        return fewer

    def on_activities(self, rent: FloatArray) -> FloatArray:
        """Lower less upper limits' numbers, by activity (a, R)."""
        n = len(self.cost)
        net = rent[:n].copy()
        net[self.capped] -= rent[n:]
        return net


@dataclass(frozen=True, eq=False)
class Point:
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
        return Point(*(getattr(self, f.name).take(keep, axis=1) for f in fields(self)))


def total(values: FloatArray) -> FloatArray:
    """Sum over the first axis, pair by pair in a fixed order whatever the other axes are."""
    if values.shape[0] == 0:
        return np.zeros(values.shape[1:])
    while values.shape[0] > 1:
        half = values.shape[0] // 2
        folded = values[:half] + values[half : 2 * half]
        if values.shape[0] % 2:
            folded[0] += values[-1]
        values = folded
    return np.asarray(values[0])


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
