"""Powers of trade costs, one pass for each run: arrays of this size cost their traffic.

Axes r run, s good, and k the cell of the matrix, exporter by importer; a run axis of length one
serves all runs.
"""

from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray, for_reading
from sim.laws.numerics.fastmath import exp_row, log1p, log1p_of
from sim.laws.numerics.jit import compiled


class Powers(NamedTuple):
    """Shares times powers of cost."""

    gross: FloatArray
    """(r, s, state, state) `share * exp(-elasticity * wedge)` [1]."""
    net: FloatArray
    """The same over one plus the duty; the same array where there is no duty at all [1]."""
    reach: FloatArray
    """(r,) largest wedge that has an end, whatever its sign, before any shift [1]."""


def wedges(log_cost: FloatArray, tariff: FloatArray, tariff_baseline: FloatArray) -> FloatArray:
    """Log change of what passes cost with their duty, (r, s, state, state) [1].

    Parameters
    ----------
    log_cost, tariff, tariff_baseline : (r, s, state, state) ndarray
        Log change of the trade cost, duty now and in the baseline [1].
    """
    change = log1p_of(tariff) - log1p_of(tariff_baseline)
    return np.asarray(log_cost + np.where(tariff != tariff_baseline, change, 0.0))


def weighted_powers(
    log_cost: FloatArray,
    tariff: FloatArray,
    tariff_baseline: FloatArray,
    elasticity: FloatArray,
    share: FloatArray,
    shift: FloatArray,
) -> Powers:
    """Shares times powers of cost, gross and net of the duty.

    Parameters
    ----------
    log_cost, tariff, tariff_baseline, share : (r, s, state, state) ndarray
        Log change of the trade cost, duty now and in the baseline, baseline share of spending [1].
    elasticity : (r, s) ndarray
        Trade elasticity [1].
    shift : (r, s, state) ndarray
        Log cost taken off the wedges of each importer [1].
    """
    matrices = (log_cost, tariff, tariff_baseline, share)
    shape = np.broadcast_shapes(*(a.shape for a in matrices), (*elasticity.shape, 1, 1))
    slope = for_reading(_spread(elasticity, shape[:2]))
    cost, new, old, bought = (_rows(a, shape[1:]) for a in matrices)
    off = for_reading(_spread(shift, (len(shift), shape[1], shape[3])))
    gross, net, reach, is_taxed = _weighted_powers(cost, new, old, bought, slope, off)
    gross = gross.reshape(shape)
    return Powers(gross, net.reshape(shape) if is_taxed else gross, reach)


def flows_of(net: FloatArray, cost_power: FloatArray, bought: FloatArray) -> FloatArray:
    """Flows that buyers' spending and sellers' costs come to.

    Parameters
    ----------
    net : (r or 1, s, state, state) ndarray
        Shares times powers of trade cost, net of the duty.
    cost_power : (r, s, state) ndarray
        Powers of the cost of each exporter.
    bought : (r, s, state) ndarray
        Spending of each importer over the power of its price [value of trade].

    Returns
    -------
    (r, s, state, state) ndarray
        Net of the duty [value of trade].
    """
    return _flows_of(for_reading(net), for_reading(cost_power), for_reading(bought))


def _rows(array: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """The array with its cells in one axis, and with all goods and cells if it had one for all."""
    full = _spread(array, (len(array), *shape))
    return for_reading(full.reshape(len(full), shape[0], -1))


def _spread(array: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """The array in a shape, which the array library is slow to find that it has already."""
    return array if array.shape == shape else np.broadcast_to(array, shape)


@compiled
def _flows_of(net: FloatArray, cost_power: FloatArray, bought: FloatArray) -> FloatArray:
    n_runs, n_goods, n = cost_power.shape
    flows = np.empty((n_runs, n_goods, n, n))
    for run in range(n_runs):
        of_run = net[run if len(net) > 1 else 0]
        for good in range(n_goods):
            for i in range(n):
                power, weight = cost_power[run, good, i], of_run[good, i]
                for j in range(n):
                    flows[run, good, i, j] = weight[j] * power * bought[run, good, j]
    return flows


@compiled
def _weighted_powers(
    log_cost: FloatArray,
    tariff: FloatArray,
    tariff_baseline: FloatArray,
    share: FloatArray,
    elasticity: FloatArray,
    shift: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, bool]:
    n_runs, n_goods = elasticity.shape
    n = log_cost.shape[2]
    gross, net = np.empty((n_runs, n_goods, n)), np.empty((n_runs, n_goods, n))
    reach, largest, wedge = np.zeros(n_runs), np.empty(n), np.empty(n)
    work = np.empty(n), np.empty(n), np.empty(n, np.intp)
    is_taxed = False
    for run in range(n_runs):
        largest[:] = 0.0
        for good in range(n_goods):
            duty = tariff[run if len(tariff) > 1 else 0, good]
            old = tariff_baseline[run if len(tariff_baseline) > 1 else 0, good]
            _wedge(wedge, log_cost[run if len(log_cost) > 1 else 0, good], duty, old)
            # By cell first: a single running maximum would wait for itself at every step.
            for k in range(n):
                size = abs(wedge[k])
                size = size if size < np.inf else 0.0
                largest[k] = size if size > largest[k] else largest[k]
            of_gross, of_net = gross[run, good], net[run, good]
            _shift(wedge, shift[run if len(shift) > 1 else 0, good])
            bought = share[run if len(share) > 1 else 0, good]
            _raise(of_gross, bought, wedge, elasticity[run, good], work)
            n_taxed = 0
            for k in range(n):
                n_taxed += duty[k] != 0.0
                of_net[k] = of_gross[k] / (1.0 + duty[k])
            is_taxed = is_taxed or n_taxed > 0
        reach[run] = largest.max()
    return gross, net, reach, is_taxed


@compiled
def _wedge(wedge: FloatArray, cost: FloatArray, new: FloatArray, old: FloatArray) -> None:
    """Fill the log change of what passes cost with their duty."""
    n_changed = 0
    for k in range(wedge.size):
        wedge[k] = cost[k]
        n_changed += new[k] != old[k]
    # Few duties ever change: those cells are looked up one by one.
    for k in range(wedge.size if n_changed else 0):
        if new[k] != old[k]:
            wedge[k] += log1p(new[k]) - log1p(old[k])


@compiled
def _shift(wedge: FloatArray, shift: FloatArray) -> None:
    """Take off what is shifted of every importer's column."""
    if shift.any():
        for k in range(wedge.size):
            wedge[k] -= shift[k % shift.size]


@compiled
def _raise(
    answer: FloatArray,
    share: FloatArray,
    wedge: FloatArray,
    elasticity: float,
    work: tuple[FloatArray, FloatArray, IndexArray],
) -> None:
    """Fill shares times powers of cost; two costs in three have not changed and need no power."""
    exponent, power, place = work
    n_changed = 0
    for k in range(wedge.size):
        place[n_changed] = k
        exponent[n_changed] = -elasticity * wedge[k]
        n_changed += wedge[k] != 0.0
    exp_row(exponent[:n_changed], power[:n_changed])
    for k in range(wedge.size):
        answer[k] = share[k]
    for at in range(n_changed):
        answer[place[at]] *= power[at]
