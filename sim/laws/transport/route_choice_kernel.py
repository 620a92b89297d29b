"""Loops of the law of passage, compiled: attractions, modes, cost, and what is carried.

`sim.laws.transport.route_choice` says what they compute. Runs are the last axis. An attraction is
the product of two exponentials: that of the charges and of what the route carries beyond its cost,
by good, which is kept from call to call until the charges change; and that of the time and of the
part of the period in which the path is open, which all goods share.
"""

import numpy as np

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
    kept: tuple[FloatArray, FloatArray],
    kept_instead: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Log cost, cargo carried and stranded, log cost otherwise, and trade left at either cost."""
    first, of_end, of_nest, unit, log_size = paths
    others, other = instead
    n_goods, n_ends, n_runs = cargo.shape
    log_cost, otherwise = np.empty(cargo.shape), np.empty(cargo.shape)
    left, left_otherwise = np.empty(cargo.shape), np.empty(cargo.shape)
    carried, stranded = np.zeros((log_size.size, n_runs)), np.zeros((n_ends, n_runs))
    widest, most = np.diff(first).max(), np.diff(of_end).max()
    # By path of one pair of ends that is open in some run, as it is and then as it might be.
    time = np.empty((2 * widest, n_runs)), np.empty((2 * widest, n_runs))
    as_is = np.empty((3, widest), np.intp), np.empty(most + 1, np.intp)
    instead_of = np.empty((3, widest), np.intp), np.empty(most + 1, np.intp)
    within, work = np.empty((most, n_goods, n_runs)), np.empty((4, n_goods, n_runs))
    row = np.empty((2, n_runs)), np.empty((n_goods, n_runs))
    after = np.searchsorted(others, first)
    sizes, factors = (log_size, unit), (choice[0], choice[1], choice[2], constants[0])
    scale = (constants[1], choice[2], answer[1])
    for end in range(n_ends):
        nests = of_nest[of_end[end] : of_end[end + 1] + 1]
        changed = others[after[end] : after[end + 1]]
        n_open = _open_rows(as_is, time[0], nests, offer, sizes, factors, kept, row)
        n_open = _open_rows_instead(
            instead_of, as_is, time[0], n_open, nests, (changed, after[end]), other, sizes,
            factors, kept_instead, row,
        )  # fmt: skip
        exp_row(time[0].reshape(-1)[: n_open * n_runs], time[1].reshape(-1)[: n_open * n_runs])
        is_parted = changed.size > 0
        for turn in range(2 if is_parted else 1):
            rows, begin = instead_of if turn == 1 else as_is
            begin = begin[: nests.size]
            costs = otherwise if turn == 1 else log_cost
            stays = left_otherwise if turn == 1 else left
            _add_up(
                work[0], within, (rows, begin), time[1], (kept[0], kept_instead[0]), scale[0],
                nested, work[1:],
            )  # fmt: skip
            _price(costs, stays, end, work, scale, nested, answer[0])
            _let_come(
                work[1], work[0], (stays, costs, answer[0]), end, cargo, used, stranded[end],
                is_parted, turn,
            )  # fmt: skip
            _carry(
                carried, (rows, begin), time[1], (kept[0], kept_instead[0]), within, work[1],
                nested, work[2],
            )  # fmt: skip
        if not is_parted:
            otherwise[:, end], left_otherwise[:, end] = log_cost[:, end], left[:, end]
    return log_cost, carried, stranded, otherwise, left, left_otherwise


@compiled
def _open_rows(
    found: tuple[IndexArray, IndexArray],
    time: FloatArray,
    nests: IndexArray,
    offer: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    sizes: tuple[FloatArray, IndexArray],
    factors: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    kept: tuple[FloatArray, FloatArray],
    row: tuple[FloatArray, FloatArray],
) -> int:
    """Collect the paths of a pair of ends that are open in some run; how many there are.

    Of each: the path, its place among those that might be otherwise, -1 for none, and its row of
    `time`; and where each mode begins.
    """
    rows, begin = found
    n_open = 0
    for nest in range(nests.size - 1):
        begin[nest] = n_open
        for path in range(nests[nest], nests[nest + 1]):
            if _is_open(offer[2], path):
                _exponents(time[n_open], offer, path, path, sizes, factors, kept, row)
                rows[0, n_open], rows[1, n_open], rows[2, n_open] = path, -1, n_open
                n_open += 1
    begin[nests.size - 1] = n_open
    return n_open


@compiled
def _open_rows_instead(
    found: tuple[IndexArray, IndexArray],
    as_is: tuple[IndexArray, IndexArray],
    time: FloatArray,
    n_time: int,
    nests: IndexArray,
    changed: tuple[IndexArray, int],
    offer: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    sizes: tuple[FloatArray, IndexArray],
    factors: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    kept: tuple[FloatArray, FloatArray],
    row: tuple[FloatArray, FloatArray],
) -> int:
    """The same with some paths as they might be; how many rows of `time` there are then."""
    (rows, begin), (known, _), (others, start) = found, as_is, changed
    if not others.size:
        return n_time
    n_known, n_open, n_met, n_as_is = 0, 0, 0, n_time
    for nest in range(nests.size - 1):
        begin[nest] = n_open
        for path in range(nests[nest], nests[nest + 1]):
            is_known = n_known < n_as_is and known[0, n_known] == path
            n_known += is_known
            if n_met < others.size and others[n_met] == path:
                at = start + n_met
                n_met += 1
                if _is_open(offer[2], at):
                    _exponents(time[n_time], offer, at, path, sizes, factors, kept, row)
                    rows[0, n_open], rows[1, n_open], rows[2, n_open] = path, at, n_time
                    n_time += 1
                    n_open += 1
            elif is_known:
                rows[0, n_open], rows[1, n_open], rows[2, n_open] = path, -1, n_known - 1
                n_open += 1
    begin[nests.size - 1] = n_open
    return n_time


@compiled
def _is_open(log_open: FloatArray, at: int) -> bool:
    n_open = 0
    for run in range(log_open.shape[1]):
        n_open += log_open[at, run] > -np.inf
    return n_open > 0


@compiled
def _exponents(
    exponent: FloatArray,
    offer: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    at: int,
    path: int,
    sizes: tuple[FloatArray, IndexArray],
    factors: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    kept: tuple[FloatArray, FloatArray],
    row: tuple[FloatArray, FloatArray],
) -> None:
    """Exponent of what time makes of the attraction of a path, and see to what charges make."""
    usd, days, log_open, factor = offer
    per_usd, day, dispersion, constant = factors
    log_size, part, charge = sizes[0][path], row[0][0], row[0][1]
    _copy(factor, at, part)
    _copy(days, at, exponent)
    for run in range(exponent.size):
        # In the time and the border factor all goods are alike: only charges tell them apart.
        ave = day[run] * (exponent[run] * part[run]) + part[run] - 1.0
        exponent[run] = log_size - dispersion[run] * ave
    _copy(log_open, at, charge)
    for run in range(exponent.size):
        exponent[run] += charge[run]
    _copy(usd, at, charge)
    for run in range(exponent.size):
        charge[run] *= part[run]
    known, n_changed = kept[1][at], 0
    for run in range(exponent.size):
        n_changed += charge[run] != known[run]
    if not n_changed:
        return
    for run in range(exponent.size):
        known[run] = charge[run]
    of_charge, unit = row[1], sizes[1][path]
    for good in range(len(per_usd)):
        for run in range(exponent.size):
            of_charge[good, run] = charge[run] * per_usd[good, run] + constant[good, unit, run]
    exp_row(of_charge.reshape(-1), kept[0][at].reshape(-1))


@compiled
def _copy(values: FloatArray, at: int, into: FloatArray) -> None:
    """A row of values, which may be one for all runs."""
    if values.shape[1] == 1:
        one = values[at, 0]
        for run in range(into.size):
            into[run] = one
    else:
        for run in range(into.size):
            into[run] = values[at, run]


@compiled
def _add_up(  # noqa: C901 - loops over goods and runs only
    total: FloatArray,
    within: FloatArray,
    found: tuple[IndexArray, IndexArray],
    time: FloatArray,
    kept: tuple[FloatArray, FloatArray],
    nesting: FloatArray,
    is_nested: bool,
    work: FloatArray,
) -> None:
    """Attraction of all modes together, and factor from a path's to its part in it."""
    rows, begin = found
    n_goods, n_runs = total.shape
    total[:] = 0.0
    log_sum, power = work[0], work[1]
    for nest in range(begin.size - 1):
        if begin[nest] == begin[nest + 1]:
            continue
        sums = within[nest] if is_nested else total
        if is_nested:
            sums[:] = 0.0
        for k in range(begin[nest], begin[nest + 1]):
            of_path = kept[0][rows[0, k]] if rows[1, k] < 0 else kept[1][rows[1, k]]
            of_time = time[rows[2, k]]
            for good in range(n_goods):
                for run in range(n_runs):
                    sums[good, run] += of_time[run] * of_path[good, run]
        if not is_nested:
            continue
        log_row(sums.reshape(-1), log_sum.reshape(-1))
        for good in range(n_goods):
            for run in range(n_runs):
                log_sum[good, run] *= nesting[run]
        exp_row(log_sum.reshape(-1), power.reshape(-1))
        for good in range(n_goods):
            for run in range(n_runs):
                total[good, run] += power[good, run]
                share = power[good, run] / sums[good, run]
                sums[good, run] = share if sums[good, run] > 0.0 else 0.0


@compiled
def _price(
    log_cost: FloatArray,
    left: FloatArray,
    end: int,
    work: FloatArray,
    scale: tuple[FloatArray, FloatArray, FloatArray],
    is_nested: bool,
    log_baseline: FloatArray,
) -> None:
    """Cost of all paths together, and the part of the trade that is left at it."""
    total, log_sum, answer = work[0], work[1], work[2]
    nesting, dispersion, elasticity = scale
    n_goods, n_runs = total.shape
    log_row(total.reshape(-1), log_sum.reshape(-1))
    for good in range(n_goods):
        for run in range(n_runs):
            slope = nesting[run] * dispersion[run] if is_nested else dispersion[run]
            log_sum[good, run] = -log_sum[good, run] / slope
    log1p_row(log_sum.reshape(-1), answer.reshape(-1))
    for good in range(n_goods):
        for run in range(n_runs):
            log_cost[good, end, run] = answer[good, run]
            base = log_baseline[good, end, run]
            away = -elasticity[run] * (answer[good, run] - base)
            away = away if answer[good, run] < np.inf else -np.inf
            log_sum[good, run] = away if base < np.inf else 0.0
    exp_row(log_sum.reshape(-1), answer.reshape(-1))
    for good in range(n_goods):
        for run in range(n_runs):
            left[good, end, run] = answer[good, run]


@compiled
def _let_come(
    coming: FloatArray,
    total: FloatArray,
    costs: tuple[FloatArray, FloatArray, FloatArray],
    end: int,
    cargo: FloatArray,
    used: FloatArray,
    stranded: FloatArray,
    is_parted: bool,
    turn: int,
) -> None:
    """Cargo that comes over the attraction that draws it; where nothing is open, it strands."""
    left, log_cost, log_baseline = costs
    n_goods, n_runs = coming.shape
    for good in range(n_goods):
        for run in range(n_runs):
            share = used[good, end, run] if is_parted else 1.0
            share = 1.0 - share if turn == 1 else share
            # What strands would have come whole; where the baseline has no end, there is nothing.
            moves = left[good, end, run] if log_cost[good, end, run] < np.inf else 1.0
            moves = moves if log_baseline[good, end, run] < np.inf else 0.0
            comes = share * (cargo[good, end, run] * moves)
            drawn = total[good, run] > 0.0
            stranded[run] += 0.0 if drawn else comes
            coming[good, run] = comes / total[good, run] if drawn else 0.0


@compiled
def _carry(
    carried: FloatArray,
    found: tuple[IndexArray, IndexArray],
    time: FloatArray,
    kept: tuple[FloatArray, FloatArray],
    within: FloatArray,
    coming: FloatArray,
    is_nested: bool,
    scratch: FloatArray,
) -> None:
    """Put what comes on the paths."""
    rows, begin = found
    n_goods, n_runs = coming.shape
    for nest in range(begin.size - 1):
        if begin[nest] == begin[nest + 1]:
            continue
        of_nest = coming
        if is_nested:
            of_nest = scratch
            for good in range(n_goods):
                for run in range(n_runs):
                    scratch[good, run] = within[nest, good, run] * coming[good, run]
        for k in range(begin[nest], begin[nest + 1]):
            of_path = kept[0][rows[0, k]] if rows[1, k] < 0 else kept[1][rows[1, k]]
            of_time, taken = time[rows[2, k]], carried[rows[0, k]]
            for good in range(n_goods):
                for run in range(n_runs):
                    taken[run] += of_time[run] * of_path[good, run] * of_nest[good, run]
