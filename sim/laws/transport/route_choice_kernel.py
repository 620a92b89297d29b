"""Loops of the law of passage, compiled: attractions, modes, cost, and what is carried.

`sim.laws.transport.route_choice` says what they compute. Runs are the last axis.
"""

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.fastmath import exp_row, log1p_row, log_row
from sim.laws.numerics.jit import compiled


@compiled
def spread(
    paths: tuple[IndexArray, IndexArray, IndexArray, IndexArray, FloatArray],
    offer: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    instead: tuple[IndexArray, tuple[FloatArray, FloatArray, FloatArray, FloatArray]],
    choice: tuple[FloatArray, FloatArray, FloatArray],
    constants: tuple[FloatArray, FloatArray],
    nested: bool,
    cargo: FloatArray,
    used: FloatArray,
    answer: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Log cost, cargo on the paths, cargo stranded, and log cost with other paths instead."""
    first, of_end, of_nest, unit, log_size = paths
    others, other = instead
    per_usd, day, dispersion = choice
    constant, nesting = constants
    n_goods, n_ends, n_runs = cargo.shape
    log_cost, otherwise = np.empty(cargo.shape), np.empty(cargo.shape)
    carried, stranded = np.zeros((log_size.size, n_runs)), np.zeros((n_ends, n_runs))
    widest, most = np.diff(first).max(), np.diff(of_end).max()
    # By path of one pair of ends: exponents and charges, those that hold instead, attractions.
    scratch = np.empty((6, widest, n_runs))
    mine, theirs = (scratch[0], scratch[1]), (scratch[2], scratch[3])
    attraction, their_attraction = scratch[4], scratch[5]
    work = np.empty((most, n_runs)), np.empty(n_runs), np.empty(n_runs)
    is_open, their_is_open = np.empty(widest, np.bool_), np.empty(widest, np.bool_)
    after = np.searchsorted(others, first)
    every = np.arange(log_size.size)
    scale = (nesting, dispersion, answer[1])
    for end in range(n_ends):
        start, n_own = first[end], first[end + 1] - first[end]
        own = every[start : start + n_own]
        nests = of_nest[of_end[end] : of_end[end + 1] + 1] - start
        changed = others[after[end] : after[end + 1]]
        _exponents(mine, is_open, offer, start, log_size[own], day, dispersion)
        _exponents(theirs, their_is_open, other, after[end], log_size[changed], day, dispersion)
        part = np.ones(n_runs)
        for good in range(n_goods):
            of_good = (per_usd[good], constant[good])
            _attract(attraction, mine, is_open, of_good, unit[own], own - start)
            if changed.size > 0:
                their_attraction[:n_own] = attraction[:n_own]
                part[:] = used[good, end]
            cargoes = (cargo[good, end], part, answer[0][good, end])
            into = (carried, stranded[end])
            _serve(
                log_cost[good, end], into, attraction, cargoes, scale, nests, nested, start, work
            )
            if changed.size == 0:
                otherwise[good, end] = log_cost[good, end]
                continue
            _attract(
                their_attraction, theirs, their_is_open, of_good, unit[changed], changed - start
            )
            cargoes = (cargo[good, end], 1.0 - part, answer[0][good, end])
            _serve(
                otherwise[good, end], into, their_attraction, cargoes, scale, nests, nested, start,
                work,
            )  # fmt: skip
    return log_cost, carried, stranded, otherwise


@compiled
def _serve(
    log_cost: FloatArray,
    into: tuple[FloatArray, FloatArray],
    attraction: FloatArray,
    cargoes: tuple[FloatArray, FloatArray, FloatArray],
    scale: tuple[FloatArray, FloatArray, FloatArray],
    nests: IndexArray,
    nested: bool,
    start: int,
    work: tuple[FloatArray, FloatArray, FloatArray],
) -> None:
    """Price the paths of a pair of ends for one good and put a part of its cargo on them."""
    within, total, coming = work
    cargo, part, log_baseline = cargoes
    nesting, dispersion, elasticity = scale
    _add_up(total, within, attraction, nests, nesting, nested)
    _price(log_cost, total, nesting, nested, dispersion)
    coming[:] = part
    _let_come(coming, cargo, log_cost, log_baseline, elasticity)
    _carry(into[0], into[1], start, attraction, within, total, coming, nests)


@compiled
def _let_come(
    part: FloatArray,
    cargo: FloatArray,
    log_cost: FloatArray,
    log_baseline: FloatArray,
    elasticity: FloatArray,
) -> None:
    """Cargo that comes of a part of it, written over the part; that which strands comes whole."""
    coming = np.empty(part.size)
    for run in range(part.size):
        base = log_baseline[run]
        dearer = log_cost[run] - base if log_cost[run] < np.inf else 0.0
        coming[run] = -elasticity[run] * dearer if base < np.inf else -np.inf
    kept = np.empty(part.size)
    exp_row(coming, kept)
    for run in range(part.size):
        part[run] *= cargo[run] * kept[run]


@compiled
def _carry(
    carried: FloatArray,
    stranded: FloatArray,
    start: int,
    attraction: FloatArray,
    within: FloatArray,
    total: FloatArray,
    coming: FloatArray,
    nests: IndexArray,
) -> None:
    """Put what comes on the paths, or leave it where none is open."""
    for run in range(total.size):
        if total[run] > 0.0:
            coming[run] = coming[run] / total[run]
        else:
            stranded[run] += coming[run]
            coming[run] = 0.0
    for nest in range(nests.size - 1):
        for k in range(nests[nest], nests[nest + 1]):
            for run in range(total.size):
                carried[start + k, run] += attraction[k, run] * within[nest, run] * coming[run]


@compiled
def _exponents(
    into: tuple[FloatArray, FloatArray],
    is_open: NDArray[np.bool_],
    offer: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    start: int,
    log_size: FloatArray,
    day: FloatArray,
    dispersion: FloatArray,
) -> None:
    """Exponents of the attraction without charges, and the charges, of some rows of an offer.

    A row that is open in no run is marked and left alone.
    """
    level, charge = into
    usd, days, log_open, factor = offer
    n_runs = dispersion.size
    of_usd, of_days, of_open = np.empty(n_runs), np.empty(n_runs), np.empty(n_runs)
    of_factor = np.empty(n_runs)
    for k in range(log_size.size):
        is_open[k] = log_open[start + k].max() > -np.inf
        if not is_open[k]:
            continue
        of_usd[:], of_days[:] = usd[start + k], days[start + k]
        of_open[:], of_factor[:] = log_open[start + k], factor[start + k]
        for run in range(n_runs):
            # In the time and the border factor all goods are alike: only charges tell them apart.
            ave = day[run] * (of_days[run] * of_factor[run]) + of_factor[run] - 1.0
            level[k, run] = log_size[k] + of_open[run] - dispersion[run] * ave
            charge[k, run] = of_usd[run] * of_factor[run]


@compiled
def _attract(
    attraction: FloatArray,
    exponents: tuple[FloatArray, FloatArray],
    is_open: NDArray[np.bool_],
    of_good: tuple[FloatArray, FloatArray],
    unit: IndexArray,
    rows: IndexArray,
) -> None:
    """Attractions of some rows from their exponents, which stand one after the other."""
    level, charge = exponents
    per_usd, constant = of_good
    exponent = np.empty(per_usd.size)
    for k in range(rows.size):
        if not is_open[k]:
            attraction[rows[k]] = 0.0
            continue
        of_route = constant[unit[k]]
        for run in range(per_usd.size):
            exponent[run] = level[k, run] + charge[k, run] * per_usd[run] + of_route[run]
        exp_row(exponent, attraction[rows[k]])


@compiled
def _add_up(
    total: FloatArray,
    within: FloatArray,
    attraction: FloatArray,
    nests: IndexArray,
    nesting: FloatArray,
    nested: bool,
) -> None:
    """Attraction of all modes together, and factor from a path's to its part in it."""
    total[:] = 0.0
    n_nests = nests.size - 1
    log_sum, power = np.empty(total.size), np.empty(total.size)
    for nest in range(n_nests):
        sum_within = within[nest]
        sum_within[:] = 0.0
        for k in range(nests[nest], nests[nest + 1]):
            for run in range(total.size):
                sum_within[run] += attraction[k, run]
        if not nested:
            total[:] = sum_within
            sum_within[:] = 1.0
            continue
        log_row(sum_within, log_sum)
        for run in range(total.size):
            log_sum[run] *= nesting[run]
        exp_row(log_sum, power)
        for run in range(total.size):
            total[run] += power[run]
            if sum_within[run] > 0.0:
                sum_within[run] = power[run] / sum_within[run]


@compiled
def _price(
    log_cost: FloatArray,
    total: FloatArray,
    nesting: FloatArray,
    nested: bool,
    dispersion: FloatArray,
) -> None:
    log_row(total, log_cost)
    ave = np.empty(total.size)
    for run in range(total.size):
        slope = nesting[run] * dispersion[run] if nested else dispersion[run]
        ave[run] = -log_cost[run] / slope
    log1p_row(ave, log_cost)
