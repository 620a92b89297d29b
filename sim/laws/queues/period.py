"""One law for a post or port over a period, below and beyond its capacity.

With capacity `C` [units/h], period `T` [h], arrivals `A` and backlog `B` the utilisation `u` of the
period solves

    B + A = u C T + L(u),        L(u) = variability * P(u) * u / (1 - u),

where `L` is the steady queue (`P` the chance to wait). Left: what wants service. Right: what is
served, and what stays. So no cargo is lost, `u < 1`, and the wait is finite, smooth across
utilisation 1 and equal to the steady wait for long periods and to the fluid wait far beyond
capacity. It is one implicit step of the pointwise stationary fluid flow approximation.

Sources: Wang, Tipper and Banerjee (1996), IEEE INFOCOM, eqs. 6-9; Sakasegawa (1977).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaincc, gammaln

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.queues.closed_form import closed_form_period, period_balance
from sim.laws.queues.idle_share import SURE
from sim.laws.queues.queue_checks import refuse

WaitFormula = Literal["erlang", "sakasegawa"]

_MAX_STEPS = 80


@dataclass(frozen=True)
class PeriodQueue:
    """Effect of one period on a queue."""

    wait: FloatArray
    """Mean wait of cargo arriving in the period [h]."""
    wait_slope: FloatArray
    """Derivative of `wait` with respect to arrivals [h/unit]."""
    served: FloatArray
    """Units served; arrivals + backlog before = served + backlog after."""
    backlog: FloatArray
    """Units left at the end of the period."""
    utilisation: FloatArray
    """Share of the capacity of the period that was used, below 1 [1]."""


def period_queue(
    arrivals: ArrayLike,
    backlog: ArrayLike,
    *,
    servers: ArrayLike,
    service_hours: ArrayLike,
    period_hours: ArrayLike,
    variability: ArrayLike = 1.0,
    formula: WaitFormula = "erlang",
) -> PeriodQueue:
    """Serve the arrivals and the backlog of one period.

    Parameters
    ----------
    arrivals, backlog : array-like
        Units arriving in the period and units left from before, >= 0.
    servers : array-like
        Lanes or cranes, > 0; need not be whole. A post without servers is a closed link.
    service_hours : array-like
        Hours one server needs for one unit, > 0 [h/unit].
    period_hours : array-like
        Open hours of the period, > 0 [h].
    variability : array-like
        Half the sum of the squared coefficients of variation of gaps and service times, > 0 [1].
    formula : {"erlang", "sakasegawa"}
        Chance to wait: exact for M/M/c, or the closed form u^(sqrt(2(c+1)) - 1), five times
        faster and within a few per cent of the wait.

    Returns
    -------
    PeriodQueue
        `wait` is the wait at the end of the period drawn towards that at its start, by half when
        the post never idles (the fluid triangle) and not at all when it idles much.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    numbers = arrivals, backlog, servers, service_hours, period_hours, variability
    if formula == "sakasegawa":
        given = _table(numbers)
        found, valid = closed_form_period(given.reshape(len(numbers), -1), _MAX_STEPS)
        if not valid:
            _check(given)
        return PeriodQueue(*found.reshape(len(found), *given.shape[1:]))
    if formula != "erlang":
        raise ValueError(f"formula {formula!r} is unknown; wanted 'erlang' or 'sakasegawa'")
    given = _table(numbers)
    _check(given)
    flat = given.reshape(len(numbers), -1)
    coming, before, c, hours, period, spread = flat
    room = c * period / hours
    idle_share = _idle_share(before + coming, room, c, spread)
    found = period_balance(flat, room, *_chance_to_wait(1.0 - idle_share, c), idle_share)
    return PeriodQueue(*found.reshape(len(found), *given.shape[1:]))


def _table(numbers: tuple[ArrayLike, ...]) -> FloatArray:
    """Numbers of a period as one array, spread to their common shape, (6, ...)."""
    arrays = [np.asarray(number, dtype=np.float64) for number in numbers]
    table = np.empty((len(arrays), *np.broadcast_shapes(*(array.shape for array in arrays))))
    for row, array in enumerate(arrays):
        table[row] = array
    return table


def _check(given: FloatArray) -> None:
    """Refuse numbers that cannot be, naming the first."""
    coming, before, c, hours, period, spread = given
    for name, value in (("arrivals", coming), ("backlog", before)):
        refuse(name, value, ~(value >= 0.0) | ~np.isfinite(value), "0 or more")
    for name, value in (
        ("servers", c),
        ("service_hours", hours),
        ("period_hours", period),
        ("variability", spread),
    ):
        refuse(name, value, ~(value > 0.0) | ~np.isfinite(value), "above 0")


def _idle_share(
    wanted: FloatArray, room: FloatArray, c: FloatArray, spread: FloatArray
) -> FloatArray:
    """Root q = 1 - u of (wanted - u room) q = spread P(u) u, in (0, 1]; safeguarded Newton.

    Each element stops at its own convergence, so that a batch gives the bits of its members.
    """
    excess = wanted - room
    b = excess + spread
    root = np.sqrt(b * b + 4.0 * room * spread)
    # P <= 1 bounds q from above, an empty queue bounds it from below
    high = np.where(b > 0.0, 2.0 * spread / (b + root), (root - b) / (2.0 * room))
    high = np.minimum(high, 1.0)
    low = np.maximum(-excess / room, 0.0)
    q = np.where(wanted > 0.0, high, 1.0)
    live = np.flatnonzero(wanted > 0.0)
    given = (wanted, excess, room, c, spread, low, high)
    left = np.stack([np.ravel(array)[live] for array in given])
    found = q.reshape(-1)
    for _ in range(_MAX_STEPS):
        step, moving = _newton(left, found[live])
        # A few take three times as long as the others, which are not looked at again.
        if not moving.all():
            live, left, step = live[moving], left[:, moving], step[moving]
        if not live.size:
            break
        found[live] = step
    return q


def _newton(left: FloatArray, q: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Next guess of the root, and where it still moves; narrows the bounds, the last two rows."""
    wanted, excess, room, c, spread, low, high = left
    u = 1.0 - q
    chance, chance_slope = _chance_to_wait(u, c)
    value = (excess + room * q) * q - spread * chance * u
    slope = excess + 2.0 * room * q + spread * (chance + chance_slope * u)
    np.copyto(high, q, where=value > 0.0)
    np.copyto(low, q, where=value < 0.0)
    newton = q - value / slope
    # rounding of `value` is about 2e-16 * wanted * q: no step below that says anything
    moving = np.abs(newton - q) > SURE * q * (2.0 + wanted / slope)
    middle = np.sqrt(np.maximum(low, 1e-30) * high)
    return np.where((newton > low) & (newton < high), newton, middle), moving


def _chance_to_wait(u: FloatArray, c: FloatArray) -> tuple[FloatArray, FloatArray]:
    """P(u) and its derivative, for utilisation u in [0, 1)."""
    u = np.maximum(u, 1e-200)
    loss = np.exp(c * (np.log(c * u) - u) - gammaln(c + 1.0)) / gammaincc(c + 1.0, c * u)
    loss_by_u = loss * c * (1.0 / u - 1.0 + loss)
    waits = 1.0 - u * (1.0 - loss)
    return loss / waits, (loss_by_u * (1.0 - u) + loss * (1.0 - loss)) / waits**2
