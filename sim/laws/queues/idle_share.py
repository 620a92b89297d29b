"""Idle share of a period where the chance to wait has a closed form, by Newton's method, compiled.

The same safeguarded Newton as the general one in `period`, a few numbers at a time: a quarter of
a simulation asks for thousands of roots that take three or four steps each.
"""

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.fastmath import exp_row, log_row
from sim.laws.numerics.jit import compiled

LANES = 64
"""Roots that are looked for together."""
SURE = 5e-16
"""Rounding of the balance as a share of what is wanted: no step below that says anything."""


@compiled
def idle_shares(bounds: FloatArray, given: FloatArray, n_steps: int) -> FloatArray:
    """Idle shares q with `(wanted - (1 - q) room) q = spread u^power (1 - q)`, with `u = 1 - q`.

    Parameters
    ----------
    bounds : (2, n) ndarray
        Below and above the root, in (0, 1]; the search starts above.
    given : (4, n) ndarray
        Wanted [units], room [units], power [1] and spread [1], all above 0.
    n_steps : int
        Most steps.

    Returns
    -------
    (n,) ndarray
        Each stops at its own convergence, so that a batch gives the bits of its members.
    """
    n = bounds.shape[1]
    answer: FloatArray = bounds[1].copy()
    scratch = np.empty((5, LANES))
    for start in range(0, n, LANES):
        end = min(start + LANES, n)
        low, high, moves = scratch[0, : end - start], scratch[1, : end - start], scratch[2]
        low[:], high[:], moves[:] = bounds[0, start:end], bounds[1, start:end], 1.0
        numbers = given[:, start:end]
        for _ in range(n_steps):
            if _step(answer[start:end], (low, high, moves), numbers, scratch[3:]) == 0.0:
                break
    return answer


@compiled
def _step(
    q: FloatArray,
    state: tuple[FloatArray, FloatArray, FloatArray],
    numbers: FloatArray,
    scratch: FloatArray,
) -> float:
    """One step of each root that still moves; how many did."""
    low, high, moves = state
    wanted, room, power, spread = numbers[0], numbers[1], numbers[2], numbers[3]
    log_chance, chance = scratch[0, : q.size], scratch[1, : q.size]
    for k in range(q.size):
        chance[k] = max(1.0 - q[k], 1e-200)
    log_row(chance, log_chance)
    for k in range(q.size):
        log_chance[k] *= power[k]
    exp_row(log_chance, chance)
    n_moved = 0.0
    for k in range(q.size):
        u = 1.0 - q[k]
        chance_slope = power[k] * chance[k] / max(u, 1e-200)
        excess = wanted[k] - room[k]
        value = (excess + room[k] * q[k]) * q[k] - spread[k] * chance[k] * u
        slope = excess + 2.0 * room[k] * q[k] + spread[k] * (chance[k] + chance_slope * u)
        high[k] = q[k] if value > 0.0 else high[k]
        low[k] = q[k] if value < 0.0 else low[k]
        newton = q[k] - value / slope
        far = abs(newton - q[k]) > SURE * q[k] * (2.0 + wanted[k] / slope)
        middle = np.sqrt(max(low[k], 1e-30) * high[k])
        step = newton if low[k] < newton and newton < high[k] else middle
        moves[k] = moves[k] if far else 0.0
        q[k] = step if moves[k] > 0.0 else q[k]
        n_moved += moves[k]
    return n_moved
