"""Quick search for log prices, compiled: a quasi-Newton descent of each run by itself.

The first step uses an inverse derivative that is given, and every step corrects it by what the
step has shown (Broyden's rank-one update of the inverse, by Sherman and Morrison's formula).
Broyden (1965), Math. Comput. 19.
"""

import numpy as np
import numpy.typing as npt

from sim.laws.gravity.excess_demand import Evaluated, ExchangeArrays, evaluate_run, places
from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.jit import compiled

FALL = 0.7  # a round must bring the residual below this share, or the run is lost
LONGEST_STEP = 1.0  # largest change of a log price in one round
N_QUICK = 60


@compiled
def descend(
    market: ExchangeArrays, x: FloatArray, inverse: FloatArray, tolerance: float, noise: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_], Evaluated]:
    """Move log prices to where no state has excess demand.

    Parameters
    ----------
    market : ExchangeArrays
    x : (run, state) ndarray
        Where to begin; changed to where each run ended, which means nothing of a lost one.
    inverse : (run, state, state) ndarray
        Inverse derivative of the excess demand near the start; corrected in place.
    tolerance, noise : float
        Excess demand that is small enough, and that is nothing but rounding [1].

    Returns
    -------
    n_iterations : (run,) ndarray
        Evaluations after the first.
    is_found : (run,) ndarray
        Whether the residual kept falling to below the tolerance.
    at : Evaluated
        Excess demand, and what it is made of, where each run that was found ended.
    """
    n_runs, n = x.shape
    n_iterations, is_found = np.zeros(n_runs, np.int64), np.zeros(n_runs, np.bool_)
    at = places(market, n_runs)
    step, newton, tried = np.empty(n), np.empty(n), np.empty(n)
    for run in range(n_runs):
        excess = at.excess[run]
        evaluate_run(market, run, x[run], at, run)
        size = _longest(excess)
        if not size > noise:
            is_found[run] = size <= noise
            continue
        _products(newton, inverse[run], excess)
        for i in range(n):
            newton[i] = -newton[i]
        _limit(newton, step)
        for _ in range(N_QUICK):
            for i in range(n):
                tried[i] = x[run, i] + step[i]
            evaluate_run(market, run, tried, at, run)
            n_iterations[run] += 1
            next_size = _longest(excess)
            if not next_size < FALL * size:
                is_found[run] = size <= tolerance
                evaluate_run(market, run, x[run], at, run)
                break
            x[run], size = tried, next_size
            _correct(inverse[run], step, newton, excess)
            _limit(newton, step)
            if size <= tolerance and (_longest(step) <= tolerance or size <= noise):
                is_found[run] = True
                break
    return n_iterations, is_found, at


@compiled
def _correct(inverse: FloatArray, step: FloatArray, newton: FloatArray, excess: FloatArray) -> None:
    """Correct the inverse so that it explains the last step, and ask it for the next one.

    `newton` is the step that the inverse asked for, `step` the one taken.
    """
    n = step.size
    ahead = np.empty(n)
    _products(ahead, inverse, excess)
    weight, length, further = 0.0, 0.0, 0.0
    for i in range(n):
        weight += step[i] * (ahead[i] + newton[i])
        length += step[i] * step[i]
        further += step[i] * ahead[i]
    is_usable = abs(weight) > 1e-3 * length
    row = np.zeros(n)
    for i in range(n):
        for j in range(n):
            row[j] += step[i] * inverse[i, j]
    for i in range(n):
        correction = (step[i] - ahead[i] - newton[i]) / weight if is_usable else 0.0
        for j in range(n):
            inverse[i, j] += correction * row[j]
        newton[i] = -ahead[i] - correction * further


@compiled
def _products(answer: FloatArray, rows: FloatArray, column: FloatArray) -> None:
    """Product of every row with the column, four sums at a time, each in its own order."""
    n = column.size
    for i in range(0, n - n % 4, 4):
        one, two, three, four = 0.0, 0.0, 0.0, 0.0
        for k in range(n):
            one += rows[i, k] * column[k]
            two += rows[i + 1, k] * column[k]
            three += rows[i + 2, k] * column[k]
            four += rows[i + 3, k] * column[k]
        answer[i], answer[i + 1], answer[i + 2], answer[i + 3] = one, two, three, four
    for i in range(n - n % 4, n):
        one = 0.0
        for k in range(n):
            one += rows[i, k] * column[k]
        answer[i] = one


@compiled
def _limit(step: FloatArray, limited: FloatArray) -> None:
    """The step, shortened where a log price would move by more than the longest step."""
    longest = _longest(step)
    factor = LONGEST_STEP / longest if longest > LONGEST_STEP else 1.0
    for i in range(step.size):
        limited[i] = step[i] * factor


@compiled
def _longest(step: FloatArray) -> float:
    """Largest absolute value; no number if any is none."""
    longest = 0.0
    for i in range(step.size):
        size = float(abs(step[i]))
        if not size <= longest:
            longest = size
            if np.isnan(size):
                break
    return longest
