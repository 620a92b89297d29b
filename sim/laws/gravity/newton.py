"""Quasi-Newton search for log prices, each run for itself.

The first steps use the derivative at the baseline, or what an earlier search has made of it,
corrected by each step's own evidence (`broyden`); a run whose residual does not fall begins again
with its own derivative, and goes on alone with exact derivatives, step halving and, where even
that fails, plain damped rounds. A run stops at its own convergence and reads nothing from its
neighbours, so a batch equals its single runs.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.laws.gravity.broyden import LONGEST_STEP, descend
from sim.laws.gravity.exchange import (
    ExcessDemand,
    Exchange,
    demand,
    prices_at_baseline_income,
    refreshed,
)
from sim.laws.numerics.arrays import FloatArray
from sim.laws.solve_errors import SolveError

FASTER = 1.3  # growth of a price's pace while its excess demand keeps its sign
N_SAFE, N_ADJUST = 2_000, 400
SHIFT = 1e-12  # keeps the derivative invertible where a state hardly trades


@dataclass(frozen=True)
class NewtonSolution:
    """Log prices and how they were found."""

    x: FloatArray
    """(run, state)."""
    n_iterations: npt.NDArray[np.int64]
    """(run,) evaluations of the excess demand after the first."""
    inverse: FloatArray
    """(run, state, state) inverse derivative that the quick search came to."""
    at: ExcessDemand
    """What the prices come to."""


class _Search(NamedTuple):
    """Arrays of `NewtonSolution` that a search fills."""

    x: FloatArray
    n_iterations: npt.NDArray[np.int64]
    inverse: FloatArray


def solve(system: Exchange, start: FloatArray, inverse: FloatArray | None = None) -> NewtonSolution:
    """Log prices at which no state has excess demand, (run, state).

    `inverse` is that of an earlier search from nearby, (run, state, state), the baseline's where
    it is not a number.

    Raises
    ------
    SolveError
        If a run stays above the tolerance; all failing runs and their worst states are named.
    """
    with np.errstate(all="ignore"):  # what overflows on the way is not finite and is refused
        found = _Search(
            np.array(start, order="C"),
            np.zeros(len(start), dtype=np.int64),
            np.full((*start.shape, start.shape[-1]), np.nan) if inverse is None else inverse.copy(),
        )
        new = np.isnan(found.inverse[:, 0, 0])
        if new.any():
            at_baseline = _inverse(system.baseline.at(system.elasticity), system.income)
            found.inverse[new] = np.broadcast_to(at_baseline, found.inverse.shape)[new]
        failures, at = _search(system, start, found)
    if failures:
        raise _failure(failures, system)
    return NewtonSolution(*found, demand(system, found.x) if at is None else at)


def _search(
    system: Exchange, start: FloatArray, found: _Search
) -> tuple[list[tuple[int, FloatArray]], ExcessDemand | None]:
    """Fill `found`; the runs that no search settles, with their excess demand.

    What the prices come to is returned where the first search has found them all.
    """
    failures: list[tuple[int, FloatArray]] = []
    left, at = _quick(system, start, found)
    for run in left:
        alone = system.take(np.array([run]))
        x, n_rounds, excess = _safe(alone, start[run : run + 1])
        found.x[run] = x[0]
        found.n_iterations[run] += n_rounds
        if not _size(excess)[0] <= system.tolerance:
            failures.append((int(run), excess[0]))
    return failures, at


def _quick(
    system: Exchange, start: FloatArray, found: _Search
) -> tuple[npt.NDArray[np.intp], ExcessDemand | None]:
    """Fill what the quick search finds, the lost ones from their own derivative; those left."""
    noise = 8 * np.sqrt(start.shape[-1]) * np.finfo(float).eps
    limits = (system.tolerance, float(noise))
    found.n_iterations[:], is_found, at = descend(system.market, found.x, found.inverse, *limits)
    lost = np.flatnonzero(~is_found)
    if not lost.size:
        return lost, ExcessDemand(*at)
    part = system.take(lost)
    now = demand(part, start[lost])
    x, inverse = start[lost], np.ascontiguousarray(_inverse(refreshed(part, now), now.income))
    n_more, is_found, _ = descend(part.market, x, inverse, *limits)
    found.x[lost], found.inverse[lost] = x, inverse
    found.n_iterations[lost] += n_more
    left: npt.NDArray[np.intp] = lost[~is_found]
    return left, None


def _safe(system: Exchange, x: FloatArray) -> tuple[FloatArray, int, FloatArray]:
    """One run, exact derivatives, the residual falling; price adjustment where it cannot."""
    now = demand(system, x)
    if not np.isfinite(now.excess).all():
        x = prices_at_baseline_income(system)
        now = demand(system, x)
    n_rounds = 0
    while n_rounds < N_SAFE:
        size = _size(now.excess)[0]
        if not np.isfinite(size):
            break
        step = _exact_step(system, now)
        if size <= system.tolerance and np.abs(step).max() <= system.tolerance:
            break
        n_rounds += 1
        better = _halving(system, x, step, size)
        if better is not None:
            x, now = better
        elif size <= system.tolerance:
            break
        else:
            x, now, n_more = _adjusted(system, x, now)
            n_rounds += n_more
    return x, n_rounds, now.excess


def _exact_step(system: Exchange, now: ExcessDemand) -> FloatArray:
    inverse = _inverse(refreshed(system, now), now.income)
    return _limited(-(inverse @ now.excess[..., None])[..., 0])


def _halving(
    system: Exchange, x: FloatArray, step: FloatArray, size: float
) -> tuple[FloatArray, ExcessDemand] | None:
    for halvings in range(8):
        share = 0.5**halvings
        tried = demand(system, x + share * step)
        if _size(tried.excess)[0] <= (1 - 0.1 * share) * size:
            return x + share * step, tried
    return None


def _adjusted(
    system: Exchange, x: FloatArray, now: ExcessDemand
) -> tuple[FloatArray, ExcessDemand, int]:
    """Raise each price where there is excess demand, until the residual has halved.

    A state whose excess keeps its sign moves ever faster: one that prohibitive costs cut off
    must see its price travel far before trade answers, and the residual rises on the way.
    """
    damping = 1 / (1 + system.elasticity.max(axis=1, keepdims=True))
    goal = _size(now.excess)[0] / 2
    pace = np.broadcast_to(damping, x.shape)
    n_rounds = 0
    while n_rounds < N_ADJUST:
        n_rounds += 1
        before = now.excess
        x_next = x + np.clip(pace * before, -LONGEST_STEP, LONGEST_STEP)
        tried = demand(system, x_next)
        if np.isfinite(tried.excess).all():
            x, now = x_next, tried
            steady = now.excess * before > 0
            pace = np.where(steady, FASTER * pace, damping)
            if _size(now.excess)[0] <= goal:
                break
        else:
            pace = pace / 4
    return x, now, n_rounds


def _inverse(derivative: FloatArray, income: FloatArray) -> FloatArray:
    """Inverse once world output is held, which takes out the one redundant equation."""
    weight = income / income.sum(axis=-1, keepdims=True)
    n_states = income.shape[-1]
    matrix = derivative + weight[:, None, :] - SHIFT * np.eye(n_states)
    try:
        inverse: FloatArray = np.linalg.inv(matrix).astype(np.float64, copy=False)
    except np.linalg.LinAlgError:  # one singular run must not cost the others theirs
        inverse = np.stack([_inverse_or_nan(one) for one in matrix])
    return inverse


def _inverse_or_nan(matrix: FloatArray) -> FloatArray:
    try:
        inverse: FloatArray = np.linalg.inv(matrix).astype(np.float64, copy=False)
    except np.linalg.LinAlgError:
        return np.full_like(matrix, np.nan)
    return inverse


def _limited(step: FloatArray) -> FloatArray:
    """The step, shortened where a log price would move by more than the longest step."""
    longest = np.abs(step).max(axis=-1, keepdims=True)
    limited: FloatArray = step * (LONGEST_STEP / np.maximum(longest, LONGEST_STEP))
    return limited


def _size(excess: FloatArray) -> FloatArray:
    size: FloatArray = np.abs(excess).max(axis=-1)
    return size


def _failure(failures: list[tuple[int, FloatArray]], system: Exchange) -> SolveError:
    run, excess = failures[0]
    off = np.where(np.isfinite(excess), np.abs(excess), np.inf)
    worst = tuple(int(i) for i in np.argsort(-off, kind="stable")[:5])
    residual = float(off.max())
    runs = tuple(number for number, _ in failures)
    hint = ""
    if system.rule == "additive":
        hint = (
            "; a deficit of fixed value must be traded, which prohibitive costs or a deficit "
            "above income can make impossible"
        )
    return SolveError(
        f"no equilibrium within tolerance in {len(failures)} run(s), first run {run}: "
        f"sales and income of state {worst[0]} differ by {residual:.3g} (log), wanted "
        f"{system.tolerance:.3g}; states furthest off: {', '.join(map(str, worst))}{hint}",
        runs=runs,
        states=worst,
        residual=residual,
    )
