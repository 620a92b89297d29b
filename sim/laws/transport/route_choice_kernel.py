"""Loops of the law of passage, compiled: attractions, modes, cost, and what is carried.

`sim.laws.transport.route_choice` says what they compute. Runs are the last axis. An attraction is
the product of two exponentials: that of the charges and of what the route carries beyond its cost,
by good, which is kept from call to call until the charges change; and that of the time and of the
part of the period in which the path is open, which all goods share.

Pairs of ends are taken in blocks, as many as stay in the cache, and every step is one loop over all
goods and runs of a block (`lanes`): a batch of one run has loops as long as one of many.
"""

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.fastmath import exp, exp_row, log1p_row, log_row
from sim.laws.numerics.jit import compiled
from sim.laws.transport.open_paths import blocks_of, largest, list_open


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
    log_cost, left = np.empty((2, *cargo.shape)), np.empty((2, *cargo.shape))
    carried, stranded = np.zeros((log_size.size, n_runs)), np.zeros((n_ends, n_runs))
    blocks = blocks_of(first, 2 * n_goods * n_runs)
    widest, most, longest = largest(blocks, first, of_end)
    # By path that is open in some run, as it is and then as it might be.
    time = np.empty((2, 2 * widest, n_runs))
    attraction = np.empty((2 * widest, n_goods * n_runs))
    source = np.empty((3, 2 * widest), np.intp)
    # Paths by mode, modes by pair of ends, and pairs of ends as they are and as they might be.
    listed = (
        np.empty((2, 2 * widest), np.intp),
        np.zeros(2 * most + 1, np.intp),
        np.zeros(2 * longest + 1, np.intp),
        np.empty((2, 2 * longest), np.intp),
    )
    count = np.empty(4, np.intp)
    turns = np.arange(2)  # not as numbers, for each of which a loop would be compiled
    within = np.empty((2 * most, n_goods * n_runs))
    power = np.empty((2 * most, n_goods * n_runs))
    work = np.empty((3, 2 * longest, n_goods * n_runs))
    row = np.empty(n_goods * n_runs)
    after = np.searchsorted(others, first)
    order = of_end, of_nest, after
    sizes, factors = (log_size, unit), (choice[0], choice[1], choice[2], constants[0])
    scale = _by_lane(n_goods, constants[1], choice[2], answer[1], nested)
    for block in range(blocks.size - 1):
        ends = blocks[block], blocks[block + 1]
        list_open(listed, source, count, ends, order, others, (offer[2], other[2]))
        n_rows, n_jobs = count[0], count[3]
        _weigh(time[0], source, n_rows, turns[0], offer, sizes, factors, kept, row)
        _weigh(time[0], source, n_rows, turns[1], other, sizes, factors, kept_instead, row)
        exp_row(time[0, :n_rows].reshape(-1), time[1, :n_rows].reshape(-1))
        _attract(attraction, time[1], source, n_rows, turns[0], kept[0])
        _attract(attraction, time[1], source, n_rows, turns[1], kept_instead[0])
        _add_up(work[0], within, power, listed, n_jobs, attraction, scale[0], nested)
        _price(log_cost, left, listed[3], n_jobs, work, scale, answer[0])
        _let_come(
            work[1], work[0], (left, log_cost, answer[0]), listed[3], n_jobs, cargo, used,
            stranded, after,
        )  # fmt: skip
        _carry(carried, listed, n_jobs, attraction, within, work[1], nested, row)
        _alike(log_cost, left, ends, after)
    return log_cost[0], carried, stranded, log_cost[1], left[0], left[1]


@compiled
def _by_lane(
    n_goods: int, nesting: FloatArray, dispersion: FloatArray, elasticity: FloatArray, nested: bool
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Nesting, slope of the logsum and elasticity, one after the other for each good."""
    n_runs = dispersion.size
    answer = np.empty((3, n_goods * n_runs))
    for good in range(n_goods):
        for run in range(n_runs):
            lane = good * n_runs + run
            slope = nesting[run] * dispersion[run] if nested else dispersion[run]
            answer[0, lane], answer[1, lane], answer[2, lane] = nesting[run], slope, elasticity[run]
    return answer[0], answer[1], answer[2]


@compiled
def _weigh(
    time: FloatArray,
    source: IndexArray,
    n_rows: int,
    turn: int,
    offer: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    sizes: tuple[FloatArray, IndexArray],
    factors: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    kept: tuple[FloatArray, FloatArray],
    exponent: FloatArray,
) -> None:
    """Exponents of what time makes of attractions, and see to what charges make of them."""
    usd, days, log_open, factor = offer
    _, day, dispersion, _ = factors
    log_size, known = sizes[0], kept[1]
    for k in range(n_rows):
        if source[2, k] != turn:
            continue
        path, at = source[0, k], source[1, k]
        size = log_size[path]
        n_changed = 0
        for run in range(day.size):
            # In the time and the border factor all goods are alike: only charges tell them apart.
            part = factor[at, run]
            ave = day[run] * (days[at, run] * part) + part - 1.0
            time[k, run] = size - dispersion[run] * ave + log_open[at, run]
        for run in range(day.size):
            n_changed += usd[at, run] * factor[at, run] != known[at, run]
        if n_changed:
            for run in range(day.size):
                known[at, run] = usd[at, run] * factor[at, run]
            _charge(kept, at, sizes[1][path], factors, exponent)


@compiled
def _charge(
    kept: tuple[FloatArray, FloatArray],
    at: int,
    unit: int,
    factors: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    exponent: FloatArray,
) -> None:
    """Attraction of a path under the charges that are known now."""
    attraction, known = kept
    per_usd, constant = factors[0], factors[3]
    n_goods, n_runs = per_usd.shape
    for good in range(n_goods):
        for run in range(n_runs):
            lane = good * n_runs + run
            exponent[lane] = known[at, run] * per_usd[good, run] + constant[good, unit, run]
    exp_row(exponent, attraction[at])


@compiled
def _attract(
    attraction: FloatArray,
    time: FloatArray,
    source: IndexArray,
    n_rows: int,
    turn: int,
    of_charges: FloatArray,
) -> None:
    """Attraction of the paths listed: what time makes of it by what charges make."""
    n_runs = time.shape[1]
    n_goods = attraction.shape[1] // n_runs
    for k in range(n_rows):
        if source[2, k] == turn:
            at = source[1, k]
            for good in range(n_goods):
                for run in range(n_runs):
                    lane = good * n_runs + run
                    attraction[k, lane] = time[k, run] * of_charges[at, lane]


@compiled
def _add_up(
    total: FloatArray,
    within: FloatArray,
    power: FloatArray,
    listed: tuple[IndexArray, IndexArray, IndexArray, IndexArray],
    n_jobs: int,
    attraction: FloatArray,
    nesting: FloatArray,
    is_nested: bool,
) -> None:
    """Attraction of all modes together, and factor from a path's to its part in it."""
    paths, of_nest, of_pair, _ = listed
    n_lanes, n_nests = nesting.size, of_pair[n_jobs]
    for nest in range(n_nests):
        for lane in range(n_lanes):
            within[nest, lane] = 0.0
        for k in range(of_nest[nest], of_nest[nest + 1]):
            row = paths[1, k]
            for lane in range(n_lanes):
                within[nest, lane] += attraction[row, lane]
    if is_nested:
        _raise_to(power, within, n_nests, nesting)
    summed = power if is_nested else within
    for job in range(n_jobs):
        for lane in range(n_lanes):
            total[job, lane] = 0.0
        for nest in range(of_pair[job], of_pair[job + 1]):
            for lane in range(n_lanes):
                total[job, lane] += summed[nest, lane]


@compiled
def _raise_to(power: FloatArray, within: FloatArray, n_nests: int, nesting: FloatArray) -> None:
    """Sums of modes raised to the power of nesting; in their place, that over the sum."""
    n_lanes = nesting.size
    sums, raised = within[:n_nests].reshape(-1), power[:n_nests].reshape(-1)
    log_row(sums, raised)
    for nest in range(n_nests):
        for lane in range(n_lanes):
            power[nest, lane] *= nesting[lane]
    for k in range(raised.size):
        raised[k] = exp(raised[k])
    for k in range(raised.size):
        share = raised[k] / sums[k]
        sums[k] = share if sums[k] > 0.0 else 0.0


@compiled
def _price(
    log_cost: FloatArray,
    left: FloatArray,
    jobs: IndexArray,
    n_jobs: int,
    work: FloatArray,
    scale: tuple[FloatArray, FloatArray, FloatArray],
    log_baseline: FloatArray,
) -> None:
    """Cost of all paths together, and the part of the trade that is left at it."""
    _, slope, elasticity = scale
    _, n_goods, _, n_runs = log_cost.shape
    log_sum, answer = work[1, :n_jobs], work[2, :n_jobs]
    log_row(work[0, :n_jobs].reshape(-1), log_sum.reshape(-1))
    for job in range(n_jobs):
        for lane in range(slope.size):
            log_sum[job, lane] = -log_sum[job, lane] / slope[lane]
    log1p_row(log_sum.reshape(-1), answer.reshape(-1))
    for job in range(n_jobs):
        end, turn = jobs[0, job], jobs[1, job]
        for good in range(n_goods):
            for run in range(n_runs):
                lane = good * n_runs + run
                cost, base = answer[job, lane], log_baseline[good, end, run]
                log_cost[turn, good, end, run] = cost
                away = -elasticity[lane] * (cost - base)
                away = away if cost < np.inf else -np.inf
                log_sum[job, lane] = away if base < np.inf else 0.0
    exp_row(log_sum.reshape(-1), answer.reshape(-1))
    for job in range(n_jobs):
        for good in range(n_goods):
            for run in range(n_runs):
                left[jobs[1, job], good, jobs[0, job], run] = answer[job, good * n_runs + run]


@compiled
def _let_come(
    coming: FloatArray,
    total: FloatArray,
    costs: tuple[FloatArray, FloatArray, FloatArray],
    jobs: IndexArray,
    n_jobs: int,
    cargo: FloatArray,
    used: FloatArray,
    stranded: FloatArray,
    after: IndexArray,
) -> None:
    """Cargo that comes over the attraction that draws it; where nothing is open, it strands."""
    left, log_cost, log_baseline = costs
    n_goods, _, n_runs = cargo.shape
    for job in range(n_jobs):
        end, turn = jobs[0, job], jobs[1, job]
        is_parted = after[end] < after[end + 1]
        for good in range(n_goods):
            for run in range(n_runs):
                share = used[good, end, run] if is_parted else 1.0
                share = 1.0 - share if turn == 1 else share
                # What strands would have come whole; where the baseline has no end, there is none.
                moves = left[turn, good, end, run]
                moves = moves if log_cost[turn, good, end, run] < np.inf else 1.0
                moves = moves if log_baseline[good, end, run] < np.inf else 0.0
                comes = share * (cargo[good, end, run] * moves)
                attraction = total[job, good * n_runs + run]
                drawn = attraction > 0.0
                stranded[end, run] += 0.0 if drawn else comes
                coming[job, good * n_runs + run] = comes / attraction if drawn else 0.0


@compiled
def _carry(
    carried: FloatArray,
    listed: tuple[IndexArray, IndexArray, IndexArray, IndexArray],
    n_jobs: int,
    attraction: FloatArray,
    within: FloatArray,
    coming: FloatArray,
    is_nested: bool,
    of_mode: FloatArray,
) -> None:
    """Put what comes on the paths."""
    paths, of_nest, of_pair, _ = listed
    n_runs = carried.shape[1]
    n_goods = of_mode.size // n_runs
    for job in range(n_jobs):
        for nest in range(of_pair[job], of_pair[job + 1]):
            for lane in range(of_mode.size):
                part = within[nest, lane] if is_nested else 1.0
                of_mode[lane] = part * coming[job, lane]
            for k in range(of_nest[nest], of_nest[nest + 1]):
                path, row = paths[0, k], paths[1, k]
                for good in range(n_goods):
                    for run in range(n_runs):
                        lane = good * n_runs + run
                        carried[path, run] += attraction[row, lane] * of_mode[lane]


@compiled
def _alike(
    log_cost: FloatArray, left: FloatArray, ends: tuple[int, int], after: IndexArray
) -> None:
    """Copy costs and shares as they are to as they might be, where no path is after a change."""
    _, n_goods, _, n_runs = log_cost.shape
    for end in range(ends[0], ends[1]):
        if after[end] == after[end + 1]:
            for good in range(n_goods):
                for run in range(n_runs):
                    log_cost[1, good, end, run] = log_cost[0, good, end, run]
                    left[1, good, end, run] = left[0, good, end, run]
