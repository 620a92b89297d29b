"""A whole period of a queue whose chance to wait has a closed form, compiled, and its balance.

`sim.laws.queues.period` says what is computed; a quarter of a simulation asks for it three times at
all gates, whose arrays are too short for a call each to pay.
"""

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.fastmath import exp_row, log_row
from sim.laws.numerics.jit import compiled
from sim.laws.queues.idle_share import idle_shares


@compiled
def closed_form_period(given: FloatArray, n_steps: int) -> tuple[FloatArray, bool]:
    """Outcome of a period with the chance to wait `u^(sqrt(2 (c + 1)) - 1)`.

    Parameters
    ----------
    given : (6, n) ndarray
        Arrivals and backlog [units], servers, hours a server needs for a unit, hours of the period
        and variability.
    n_steps : int
        Most steps to the idle share.

    Returns
    -------
    (5, n) ndarray
        Wait and its slope, units served and left, and utilisation, as in `PeriodQueue`.
    bool
        True if every number given is one that can be.
    """
    n, valid, n_live = given.shape[1], True, 0
    for k in range(n):
        n_live += given[0, k] + given[1, k] > 0.0
    number, bounds, place = np.empty((4, n_live)), np.empty((2, n_live)), np.empty(n_live, np.intp)
    power, room, idle_share = np.empty(n), np.empty(n), np.ones(n)
    n_live = 0
    for k in range(n):
        coming, before, c = given[0, k], given[1, k], given[2, k]
        hours, period, spread = given[3, k], given[4, k], given[5, k]
        # A number that is none fails every comparison.
        valid &= 0.0 <= coming < np.inf and 0.0 <= before < np.inf
        valid &= 0.0 < c < np.inf and 0.0 < hours < np.inf
        valid &= 0.0 < period < np.inf and 0.0 < spread < np.inf
        room[k], wanted = c * period / hours, before + coming
        power[k] = np.sqrt(2.0 * (c + 1.0)) - 1.0
        excess = wanted - room[k]
        b = excess + spread
        root = np.sqrt(b * b + 4.0 * room[k] * spread)
        # P <= 1 bounds the idle share from above, an empty queue bounds it from below.
        high = 2.0 * spread / (b + root) if b > 0.0 else (root - b) / (2.0 * room[k])
        if wanted > 0.0:
            bounds[0, n_live], bounds[1, n_live] = max(-excess / room[k], 0.0), min(high, 1.0)
            number[0, n_live], number[1, n_live] = wanted, room[k]
            number[2, n_live], number[3, n_live], place[n_live] = power[k], spread, k
            n_live += 1
    found = idle_shares(bounds, number, n_steps)
    for k in range(n_live):
        idle_share[place[k]] = found[k]
    chance, slope = _chance_to_wait(idle_share, power)
    return period_balance(given, room, chance, slope, idle_share), valid


@compiled
def _chance_to_wait(idle_share: FloatArray, power: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Chance to wait and its derivative by utilisation."""
    n = power.size
    chances, slopes, logs = np.empty(n), np.empty(n), np.empty(n)
    for k in range(n):
        chances[k] = max(1.0 - idle_share[k], 1e-200)
    log_row(chances, logs)
    for k in range(n):
        logs[k] *= power[k]
    exp_row(logs, chances)
    for k in range(n):
        slopes[k] = power[k] * chances[k] / max(1.0 - idle_share[k], 1e-200)
    return chances, slopes


@compiled
def period_balance(
    given: FloatArray,
    room: FloatArray,
    chances: FloatArray,
    slopes: FloatArray,
    idle_share: FloatArray,
) -> FloatArray:
    """Wait, its slope and the balance of cargo, once the idle share is known.

    Parameters
    ----------
    given : (6, n) ndarray
        As for `closed_form_period`.
    room, chances, slopes, idle_share : (n,) ndarray
        Most that is served [units]; chance to wait and its derivative by utilisation; idle share.

    Returns
    -------
    (5, n) ndarray
        As for `closed_form_period`.
    """
    n = room.size
    answer = np.empty((5, n))
    for k in range(n):
        coming, before, period, spread = given[0, k], given[1, k], given[4, k], given[5, k]
        q, chance, chance_slope = idle_share[k], chances[k], slopes[k]
        u = 1.0 - q
        rate = room[k] / period
        after = min(spread * chance * u / q, before + coming)
        wait_end, wait_start = spread * chance / (q * rate), before / rate
        idle, queues = room[k] * q, before + after
        pull = 0.5 * queues / (queues + idle)
        # Derivatives: first with respect to u, then, through du, with respect to arrivals.
        queue_by_u = spread * (chance / q + chance_slope * u) / q
        du = 1.0 / (room[k] + queue_by_u)
        wait_end_slope = spread * (chance / q + chance_slope) / (q * rate) * du
        pull_slope = 0.5 * (queue_by_u * idle + queues * room[k]) * du / (queues + idle) ** 2
        gap = wait_start - wait_end
        answer[0, k] = wait_end + pull * gap
        answer[1, k] = wait_end_slope * (1.0 - pull) + pull_slope * gap
        answer[2, k], answer[3, k], answer[4, k] = before + coming - after, after, u
    return answer
