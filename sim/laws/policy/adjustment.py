"""Speed at which trade follows a change in its cost.

Of the whole effect of a change, a share ``F(tau)`` has been reached ``tau`` years after it: over a
quarter at once, most within four years. Between its points ``F`` is a straight line. A history of
changes is answered by their sum, each at its own age, so the effective log cost is the convolution
of the log cost with the kernel ``f`` whose running sum is ``F``. Duties that fall in steps are a
history of changes: each step acts from its date, and is answered with ``F``.

``F`` is that of trade itself. What is measured on dummies of agreements (WTO and UNCTAD Advanced
Guide, with border controls: .24 in the year of entry into force, .85 by year 4, .995 by year 8) is
slower, since their duties fall in steps: `stepped_phase_in` makes the one of the other. Measured
on duties alone, trade reaches .38 of its long-run answer after a year (Boehm, Levchenko and
Pandalai-Nayar 2023: an elasticity of .76 after one year, about 2 after seven to ten); exporters'
sales after one year are .68 of those after ten (Eaton and others 2025).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import FloatArray, for_reading
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.numerics.jit import compiled

SPAN = 4 * QUARTERS_PER_YEAR
"""Quarters over which the share reached is one straight line."""


def phase_in_kernel(impact: ArrayLike, year_4: ArrayLike, year_8: ArrayLike) -> FloatArray:
    """Quarterly weights of the phase-in, the last axis running over quarters since the change.

    Parameters
    ----------
    impact, year_4, year_8 : array_like
        Share of the whole effect reached at once, after four and after eight years [1].

    Returns
    -------
    (..., 49) ndarray
        Weights that sum to one [1].

    Raises
    ------
    ValueError
        If the shares do not rise from 0 to 1.

    Examples
    --------
    >>> kernel = phase_in_kernel(0.24, 0.85, 0.995)
    >>> reached = kernel.cumsum()
    >>> [round(float(reached[q]), 4) for q in (0, 16, 32, 48)]
    [0.24, 0.85, 0.995, 1.0]
    """
    points = np.stack(np.broadcast_arrays(impact, year_4, year_8), axis=-1).astype(np.float64)
    ends = np.concatenate(
        [np.zeros_like(points[..., :1]), points, np.ones_like(points[..., :1])], axis=-1
    )
    if not np.all(np.diff(ends, axis=-1) >= 0):
        raise ValueError(
            f"phase-in shares: got {points.tolist()}; they must rise from 0 to 1 (impact <= year 4 "
            "<= year 8)"
        )
    slopes = np.diff(ends[..., 1:], axis=-1) / SPAN
    return np.concatenate([points[..., :1], np.repeat(slopes, SPAN, axis=-1)], axis=-1)


TYPICAL_FIRST_SHARE, TYPICAL_STEPS = 0.6, 5
"""Steps of an average deep agreement: part of the duties that falls on entry into force (60 % of
lines in the agreement of the Eurasian union and Viet Nam), the rest in four further years [1]."""


def stepped_phase_in(
    reached: FloatArray,
    first_share: float = TYPICAL_FIRST_SHARE,
    n_steps: int = TYPICAL_STEPS,
) -> FloatArray:
    """Share of the effect of an agreement reached when its duties fall in annual steps.

    Parameters
    ----------
    reached : (..., n_quarters) ndarray
        Share of the effect of one change reached, by quarters since it [1].
    first_share : float
        Part of the cut that comes with entry into force [1].
    n_steps : int
        Annual steps in all, the first one included; the rest of the cut is spread evenly.

    Returns
    -------
    (..., n_quarters) ndarray
        By quarters since entry into force [1].

    Examples
    --------
    >>> at_once = np.ones(12)
    >>> stepped_phase_in(at_once, 0.5, 3)[::4].tolist()
    [0.5, 0.75, 1.0]
    """
    n_quarters = reached.shape[-1]
    answer = np.zeros_like(reached)
    for step in range(n_steps):
        whole = n_steps == 1
        part = 1.0 if whole else first_share if step == 0 else (1.0 - first_share) / (n_steps - 1)
        start = QUARTERS_PER_YEAR * step
        if start < n_quarters:
            answer[..., start:] += part * reached[..., : n_quarters - start]
    return answer


def by_year(values: FloatArray) -> FloatArray:
    """Means over whole years of what is given by quarter, last axis, as yearly records have it."""
    n_years = values.shape[-1] // QUARTERS_PER_YEAR
    whole = values[..., : QUARTERS_PER_YEAR * n_years]
    return np.asarray(whole.reshape(*whole.shape[:-1], n_years, QUARTERS_PER_YEAR).mean(axis=-1))


def lagged_by_spans(now: FloatArray, spans: Sequence[FloatArray], kernel: FloatArray) -> FloatArray:
    """Log cost that trade has adjusted to, given the log cost of every quarter so far.

    Between its points the weight of a quarter does not depend on its age, so that sums over whole
    lines are enough: four products instead of forty-nine. The weights of changes older than the
    kernel sum to one, so a cost that stands still is followed in full after twelve years.

    Parameters
    ----------
    now : (n_runs, n_cells) ndarray
        Log of the present cost relative to its starting point.
    spans : sequence of (n_runs, n_cells) ndarray
        Sum of the log costs of the `SPAN` quarters up to each quarter before, oldest first.
    kernel : (n_runs, n_lags) ndarray
        Weights by age, from `phase_in_kernel`.

    Returns
    -------
    (n_runs, n_cells) ndarray
    """
    ages = range(1, min(len(spans) + 1, kernel.shape[-1]), SPAN)
    known = [spans[-age] for age in ages]
    present = for_reading(now)
    one, two, three, *_ = (*map(for_reading, known), present, present, present)
    lines: Three = (one, two, three)
    return _lagged(present, lines, len(known), for_reading(kernel), SPAN)


def sum_of_four(parts: Sequence[FloatArray]) -> FloatArray:
    """Sum of one to four arrays of two axes, in their order."""
    kept = tuple(for_reading(part) for part in parts)
    one, two, three, four, *_ = (*kept, *[kept[0]] * 3)
    return _sum_of_four((one, two, three, four), len(kept))


Three = tuple[FloatArray, FloatArray, FloatArray]
Four = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


@compiled
def _lagged(
    now: FloatArray, spans: Three, n_spans: int, kernel: FloatArray, span: int
) -> FloatArray:
    n_runs, n = now.shape
    answer = np.empty((n_runs, n))
    first, second, third = spans
    for run in range(n_runs):
        at_once, one = kernel[run, 0], kernel[run, 1]
        two = kernel[run, 1 + span] if n_spans > 1 else 0.0
        three = kernel[run, 1 + 2 * span] if n_spans > 2 else 0.0
        # All of it in one pass: arrays of this size cost their traffic.
        for k in range(n):
            reached = at_once * now[run, k]
            reached = reached + one * first[run, k] if n_spans > 0 else reached
            reached = reached + two * second[run, k] if n_spans > 1 else reached
            answer[run, k] = reached + three * third[run, k] if n_spans > 2 else reached
    return answer


@compiled
def _sum_of_four(parts: Four, n_parts: int) -> FloatArray:
    first, second, third, fourth = parts
    n_runs, n = first.shape
    answer = np.empty((n_runs, n))
    for run in range(n_runs):
        for k in range(n):
            total = first[run, k]
            total = total + second[run, k] if n_parts > 1 else total
            total = total + third[run, k] if n_parts > 2 else total
            answer[run, k] = total + fourth[run, k] if n_parts > 3 else total
    return answer
