"""The exact equilibrium, from a point a hair away from it.

The point shows which limits bind. With those held, what is left are linear equations for
quantities and row prices: their solution nearest to the point keeps its centre where the
answer is not unique. Limits that turn out wrong are changed and the equations solved again:
what was left free and still has something to gain or lose goes to the limit it is drawn to.
"""

import numpy as np
from scipy.linalg import lstsq

from sim.laws.energy.programme import Point, Programme
from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.solve_errors import SolveError

MAX_ROUNDS = 50
# Violations below this, scaled, are rounding.
EXACT = 1e-11


def exact_point(programme: Programme, near: Point) -> Point:
    """The exact point of each run nearest to a point a hair away from it."""
    solved = [_polish(programme, near, run) for run in range(near.price.shape[1])]
    return Point(*(np.stack(part, axis=-1) for part in zip(*solved, strict=True)))


def _polish(
    programme: Programme, near: Point, run: int
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    column = np.array([run])
    one = programme.runs(column)
    incidence = _dense(one)
    live = one.live[:, 0]
    low, high, slope, cost = (a[:, 0] for a in (one.lower, one.upper, one.slope, one.cost))
    x0, p0 = near.quantity[:, run], near.price[:, run]
    at_low, at_high = _binding(one, near.room[:, run], near.rent[:, run])
    for _ in range(MAX_ROUNDS):
        free = live & ~at_low & ~at_high
        x = np.where(at_low | ~live, low, np.where(at_high, high, x0))
        x, p = _stationary(incidence, slope, cost, x, p0, free)
        gap = incidence.T @ p - cost - slope * x
        slack = EXACT * (1.0 + np.abs(p).max())
        fall, rise = live & ~at_low & (gap < -slack), live & ~at_high & (gap > slack)
        loose_low, loose_high = at_low & rise, at_high & fall
        to_low = (free & (x < low - EXACT)) | _nearest(free & fall, x0 - low)
        to_high = (free & (x > high + EXACT)) | _nearest(free & rise, high - x0)
        if not (to_low | to_high | loose_low | loose_high).any():
            x = np.clip(x, low, high)
            rent = np.concatenate([np.where(at_low, -gap, 0.0), np.where(at_high, gap, 0.0)])
            room = np.concatenate([x - low, high - x])
            stack = np.r_[: low.size, low.size + one.capped]
            return x, p, room[stack], np.maximum(rent[stack], 0.0)
        at_low, at_high = (at_low | to_low) & ~loose_low, (at_high | to_high) & ~loose_high
    raise SolveError(
        f"energy equilibrium, exact: run {run} still changes its binding limits after "
        f"{MAX_ROUNDS} rounds; wanted a slightly smoothed solution (smoothing > 0)",
        runs=(run,),
    )


def _binding(one: Programme, room: FloatArray, rent: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Activities at their lower and at their upper limit: the nearer, if its rent is larger."""
    n = len(one.cost)
    close = (room < rent) & (one.held[:, 0] > 0)
    above, below = room[:n], np.full(n, np.inf)
    at_low, at_high = close[:n], np.zeros(n, dtype=np.bool_)
    below[one.capped], at_high[one.capped] = room[n:], close[n:]
    return at_low & ~(at_high & (below < above)), at_high & ~(at_low & (above <= below))


def _nearest(candidates: BoolArray, distance: FloatArray) -> BoolArray:
    """The one of the candidates, if any, that is nearest to the limit it is drawn to."""
    chosen = np.zeros_like(candidates)
    if candidates.any():
        chosen[np.argmin(np.where(candidates, distance, np.inf))] = True
    return chosen


def _dense(one: Programme) -> FloatArray:
    incidence = one.incidence
    dense = np.zeros((incidence.n_rows, one.cost.shape[0]))
    dense[incidence.row, incidence.activity] = incidence.coefficient[:, 0]
    return dense


def _stationary(
    incidence: FloatArray,
    slope: FloatArray,
    cost: FloatArray,
    x: FloatArray,
    p: FloatArray,
    free: BoolArray,
) -> tuple[FloatArray, FloatArray]:
    """Nearest quantities and prices that balance and leave free activities no gain."""
    part = incidence[:, free]
    n_free, n_rows = part.shape[1], incidence.shape[0]
    for _ in range(3):
        system = np.zeros((n_rows + n_free, n_free + n_rows))
        system[:n_rows, :n_free] = part
        system[n_rows:, :n_free] = -np.diag(slope[free])
        system[n_rows:, n_free:] = part.T
        gap = part.T @ p - cost[free] - slope[free] * x[free]
        right = -np.concatenate([incidence @ x, gap])
        if np.abs(right).max(initial=0.0) < 1e-15:
            break
        change = lstsq(system, right, lapack_driver="gelsd", check_finite=False)[0]
        x = x.copy()
        x[free] += change[:n_free]
        p = p + change[n_free:]
    return x, p
