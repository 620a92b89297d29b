"""Powers of trade costs, one pass over the matrix for each: arrays of this size cost their traffic.

Axes r run, s good, and k the cell of the matrix, exporter by importer; a run axis of length one
serves all runs.
"""

import numpy as np

from sim.laws.numerics.arrays import FloatArray, for_kernel
from sim.laws.numerics.fastmath import exp_row, log1p
from sim.laws.numerics.jit import compiled


def wedges(
    log_cost: FloatArray, tariff: FloatArray, tariff_baseline: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Log change of what passes cost with their duty, and how far from nothing it goes.

    Parameters
    ----------
    log_cost, tariff, tariff_baseline : (r, s, state, state) ndarray
        Log change of the trade cost, duty now and in the baseline [1].

    Returns
    -------
    wedge : (r, s, state, state) ndarray
    reach : (r,) ndarray
        Largest of those that have an end, whatever their sign.
    """
    given = (log_cost, tariff, tariff_baseline)
    shape = np.broadcast_shapes(*(a.shape for a in given))
    costs, new, old = (_rows(a, shape[1:]) for a in given)
    wedge, reach = _wedges(costs, new, old, shape[0])
    return wedge.reshape(shape), reach


def powers(
    wedge: FloatArray, elasticity: FloatArray, share: FloatArray, tariff: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Shares times powers of cost, gross and net of the duty.

    Parameters
    ----------
    wedge, share, tariff : (r, s, state, state) ndarray
        Log change of cost with duty, baseline share of spending, and duty [1].
    elasticity : (r, s) ndarray
        Trade elasticity [1].

    Returns
    -------
    gross, net : (r, s, state, state) ndarray
        `share * exp(-elasticity * wedge)`, and that over one plus the duty; the same array where
        there is no duty at all.
    """
    given = (wedge, share, tariff)
    shape = np.broadcast_shapes(*(a.shape for a in given), (*elasticity.shape, 1, 1))
    slope = np.array(np.broadcast_to(elasticity, shape[:2]))
    wide, bought, duty = (_rows(a, shape[1:]) for a in given)
    gross, net = _powers(wide, slope, bought, duty)
    gross = gross.reshape(shape)
    return gross, net.reshape(shape) if (tariff != 0).any() else gross


def _rows(array: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """The array with its cells in one axis, and with all goods and cells if it had one for all."""
    full = array
    if array.shape[1:] != shape:
        full = np.broadcast_to(array, (len(array), *shape))
    return for_kernel(full.reshape(len(full), shape[0], -1))


@compiled
def _wedges(
    log_cost: FloatArray, tariff: FloatArray, tariff_baseline: FloatArray, n_runs: int
) -> tuple[FloatArray, FloatArray]:
    _, n_goods, n = log_cost.shape
    wedge, reach = np.empty((n_runs, n_goods, n)), np.zeros(n_runs)
    largest = np.empty(n)
    for run in range(n_runs):
        largest[:] = 0.0
        for good in range(n_goods):
            row = wedge[run, good]
            cost = log_cost[run if len(log_cost) > 1 else 0, good]
            new = tariff[run if len(tariff) > 1 else 0, good]
            old = tariff_baseline[run if len(tariff_baseline) > 1 else 0, good]
            n_changed = 0
            for k in range(n):
                row[k] = cost[k]
                n_changed += new[k] != old[k]
            # Few duties ever change: those cells are looked up one by one.
            for k in range(n if n_changed else 0):
                if new[k] != old[k]:
                    row[k] += log1p(new[k]) - log1p(old[k])
            # By cell first: a single running maximum would wait for itself at every step.
            for k in range(n):
                size = abs(row[k])
                size = size if size < np.inf else 0.0
                largest[k] = size if size > largest[k] else largest[k]
        reach[run] = largest.max()
    return wedge, reach


@compiled
def _powers(
    wedge: FloatArray, elasticity: FloatArray, share: FloatArray, tariff: FloatArray
) -> tuple[FloatArray, FloatArray]:
    n_runs, n_goods = elasticity.shape
    n = wedge.shape[2]
    gross, net = np.empty((n_runs, n_goods, n)), np.empty((n_runs, n_goods, n))
    exponent, power = np.empty(n), np.empty(n)
    for run in range(n_runs):
        for good in range(n_goods):
            wide = wedge[run if len(wedge) > 1 else 0, good]
            bought = share[run if len(share) > 1 else 0, good]
            duty = tariff[run if len(tariff) > 1 else 0, good]
            for k in range(n):
                exponent[k] = -elasticity[run, good] * wide[k]
            exp_row(exponent, power)
            of_gross, of_net = gross[run, good], net[run, good]
            for k in range(n):
                of_gross[k] = power[k] * bought[k]
                of_net[k] = of_gross[k] / (1.0 + duty[k])
    return gross, net
