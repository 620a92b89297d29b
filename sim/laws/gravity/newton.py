"""Quasi-Newton search for log prices, each run for itself.

The first steps use the derivative at the baseline, corrected by each step's own evidence
(Broyden's rank-one update); a run whose residual does not fall goes on alone with exact
derivatives, step halving and, where even that fails, plain damped rounds. A run freezes at
its own convergence and reads nothing from its neighbours, so a batch equals its single runs.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.laws.errors import SolveError
from sim.laws.gravity.exchange import Demand, Exchange, demand, prices_at_baseline_income, refreshed
from sim.laws.gravity.problem import FloatArray

FALL = 0.7  # a round of the quick search must bring the residual below this share
LONGEST_STEP = 1.0  # largest change of a log price in one round
FASTER = 1.3  # growth of a price's pace while its excess demand keeps its sign
N_QUICK, N_SAFE, N_ADJUST = 60, 2_000, 400
SHIFT = 1e-12  # keeps the derivative invertible where a state hardly trades


@dataclass(frozen=True)
class Found:
    """Log prices and how they were found."""

    x: FloatArray
    """(run, state)."""
    n_iterations: npt.NDArray[np.int64]
    """(run,) evaluations of the excess demand after the first."""


def solve(system: Exchange, start: FloatArray) -> Found:
    """Log prices at which no state has excess demand, (run, state).

    Raises
    ------
    SolveError
        If a run stays above the tolerance; all failing runs and their worst states are named.
    """
    found = Found(start.copy(), np.zeros(start.shape[0], dtype=np.int64))
    everyone = np.arange(start.shape[0])
    with np.errstate(all="ignore"):  # what overflows on the way is not finite and is refused
        failures = _search(system, start, everyone, found)
    if failures:
        raise _failure(failures, system)
    return found


def _search(
    system: Exchange, start: FloatArray, everyone: npt.NDArray[np.intp], found: Found
) -> list[tuple[int, FloatArray]]:
    """Fill `found`; the runs that no search settles, with their excess demand."""
    lost = _quick(system, start, everyone, found, exact=False)
    if lost.size:
        lost = _quick(system.take(lost), start[lost], lost, found, exact=True)
    failures: list[tuple[int, FloatArray]] = []
    for run in lost:
        alone = system.take(np.array([run]))
        x, n_rounds, excess = _safe(alone, start[run : run + 1])
        found.x[run] = x[0]
        found.n_iterations[run] += n_rounds
        if not _size(excess)[0] <= system.tolerance:
            failures.append((int(run), excess[0]))
    return failures


def _quick(
    system: Exchange,
    start: FloatArray,
    runs: npt.NDArray[np.intp],
    found: Found,
    *,
    exact: bool,
) -> npt.NDArray[np.intp]:
    """Search all runs at once, write the found ones, and return those that were lost.

    The first derivative is the baseline's, or with `exact` the one at the start.
    """
    n_runs, n_states = start.shape
    now = demand(system, start)
    x, f, size = start, now.excess, _size(now.excess)
    noise = 8 * np.sqrt(n_states) * np.finfo(float).eps
    lost = list(runs[~np.isfinite(size)])
    moving = np.flatnonzero(size > noise)
    if moving.size == 0:
        return np.array(lost, dtype=np.intp)
    derivative = refreshed(system, now) if exact else system.baseline.at(system.elasticity)
    inverse = _inverse(derivative, now.income if exact else system.income)
    inverse = np.array(np.broadcast_to(inverse, (n_runs, n_states, n_states)), order="C")
    if moving.size < n_runs:
        runs, system, inverse = runs[moving], system.take(moving), inverse[moving]
        x, f, size = x[moving], f[moving], size[moving]
    newton = -(inverse @ f[..., None])[..., 0]
    step = _limited(newton)
    live = np.ones(runs.size, dtype=bool)
    for _ in range(N_QUICK):
        x_next = x + step
        f_next = demand(system, x_next).excess
        next_size = _size(f_next)
        fell = next_size < FALL * size
        enough = live & ~fell & (size <= system.tolerance)
        newton = _broyden(inverse, step, newton, f_next)
        step_next = _limited(newton)
        fine = np.abs(step_next).max(axis=-1) <= system.tolerance
        done = live & fell & (next_size <= system.tolerance) & (fine | (next_size <= noise))
        found.x[runs[done]] = x_next[done]
        found.x[runs[enough]] = x[enough]
        found.n_iterations[runs[live]] += 1
        lost += list(runs[live & ~fell & ~enough])
        live &= fell & ~done
        if not live.any():
            break
        x, size, step = x_next, next_size, step_next
        if 4 * live.sum() <= live.size:  # sooner, the copy costs more than it saves
            kept = np.flatnonzero(live)
            runs, system, inverse, live = runs[kept], system.take(kept), inverse[kept], live[kept]
            x, size, step, newton = x[kept], size[kept], step[kept], newton[kept]
    lost += list(runs[live])
    return np.array(sorted(lost), dtype=np.intp)


def _broyden(
    inverse: FloatArray, step: FloatArray, newton: FloatArray, f_next: FloatArray
) -> FloatArray:
    """Correct the inverse in place so that it explains the last step; the next Newton step.

    `newton` is the step that the inverse asked for, `step` the one taken.
    """
    ahead = (inverse @ f_next[..., None])[..., 0]
    seen = ahead + newton
    weight = (step * seen).sum(axis=-1)
    usable = np.abs(weight) > 1e-3 * (step * step).sum(axis=-1)
    weight = np.where(usable, weight, np.inf)
    correction = (step - seen) / weight[:, None]
    inverse += correction[..., None] * (step[:, None, :] @ inverse)
    following: FloatArray = -ahead - correction * (step * ahead).sum(axis=-1)[:, None]
    return following


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


def _exact_step(system: Exchange, now: Demand) -> FloatArray:
    inverse = _inverse(refreshed(system, now), now.income)
    return _limited(-(inverse @ now.excess[..., None])[..., 0])


def _halving(
    system: Exchange, x: FloatArray, step: FloatArray, size: float
) -> tuple[FloatArray, Demand] | None:
    for halvings in range(8):
        share = 0.5**halvings
        tried = demand(system, x + share * step)
        if _size(tried.excess)[0] <= (1 - 0.1 * share) * size:
            return x + share * step, tried
    return None


def _adjusted(system: Exchange, x: FloatArray, now: Demand) -> tuple[FloatArray, Demand, int]:
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
        f"sales and income of state {worst[0]} differ by {residual:.3g} (log), want "
        f"{system.tolerance:.3g}; states furthest off: {', '.join(map(str, worst))}{hint}",
        runs=runs,
        states=worst,
        residual=residual,
    )
