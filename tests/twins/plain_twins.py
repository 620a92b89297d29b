"""Slow twins of the kernels: the equations one number at a time, in plain Python loops."""

import math
from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
from scipy.special import ndtri
from scipy.stats import norm as normal

from sim.laws.numerics.arrays import FloatArray
from sim.laws.transport.route_choice import CargoLoads, Constants, Offer, Paths, PathUse


def plain_phased_share(years_in_force: float, phase_in_years: float) -> float:
    """Count the annual steps taken, one by one."""
    steps = max(phase_in_years, 1.0)
    taken, anniversary = 0, 0.0
    while anniversary <= years_in_force and taken < steps:
        taken += 1
        anniversary += 1.0
    return min(taken / steps, 1.0)


def plain_preferential_rate(layer_rates: Sequence[float], cuts: Sequence[float]) -> float:
    """Add up what is left of each layer."""
    total = 0.0
    for rate, cut in zip(layer_rates, cuts, strict=True):
        total += rate * (1.0 - cut)
    return total


def plain_preference_use(
    mfn: float, preferential: float, median_cost: float, spread: float, covered: float, n: int
) -> tuple[float, float, float]:
    """Let `n` consignments at the midpoints of equal strata of cost decide for themselves.

    Returns the used share, the average duty and the average duty-paid price (1 before all duty).
    """
    used = duty = price = 0.0
    for k in range(n):
        cost = median_cost * math.exp(spread * float(ndtri((k + 0.5) / n)))
        claimed = (1.0 + preferential) * (1.0 + cost)
        if claimed < 1.0 + mfn:
            used, duty, price = used + 1, duty + preferential, price + claimed
        else:
            duty, price = duty + mfn, price + 1.0 + mfn
    outside = 1.0 - covered
    return (
        covered * used / n,
        covered * duty / n + outside * mfn,
        covered * price / n + outside * (1.0 + mfn),
    )


def plain_quota_fill(
    demand: float, quota: float, inside: float, outside: float, theta: float
) -> tuple[float, float, float]:
    """Walk through the regimes; the price in the middle one is found by bisection."""

    def imports_at(rate: float) -> float:
        return demand * ((1.0 + rate) / (1.0 + inside)) ** (-theta)

    if quota > 0 and demand <= quota:
        return inside, inside, demand / quota
    if imports_at(outside) >= quota:
        imports = imports_at(outside)
        in_quota = quota / imports if imports > 0 else 0.0
        return outside, in_quota * inside + (1.0 - in_quota) * outside, 1.0
    low, high = inside, outside
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if imports_at(middle) > quota else (low, middle)
    return (low + high) / 2, inside, 1.0


def plain_reached(years: float, impact: float, year_4: float, year_8: float) -> float:
    """Share of the whole effect reached after so many years, on straight lines."""
    points = [(0.0, impact), (4.0, year_4), (8.0, year_8), (12.0, 1.0)]
    for (start, low), (end, high) in pairwise(points):
        if years <= end:
            return low + (high - low) * (years - start) / (end - start)
    return 1.0


def plain_lagged(history: Sequence[float], reached: Sequence[float]) -> float:
    """Every change of one cell's history times the share of it reached by the present."""
    answer, before = 0.0, 0.0
    for quarter, level in enumerate(history):
        age = len(history) - 1 - quarter
        answer += (level - before) * reached[min(age, len(reached) - 1)]
        before = level
    return answer


def plain_shock(
    latent: float, points: Sequence[float], shares: Sequence[float], cut: float
) -> float:
    """Point by point: the line between the two points around the number, ends carried on."""
    knots = [float(normal.ppf(share)) for share in shares]
    end = -float(normal.ppf(cut))
    x = min(max(latent, -end), end)
    k = 0
    while k < len(knots) - 2 and x > knots[k + 1]:
        k += 1
    part = (x - knots[k]) / (knots[k + 1] - knots[k])
    return points[k] + part * (points[k + 1] - points[k])


def plain_residual_path(
    passing: Sequence[float],
    lasting: Sequence[float],
    passing_years: float,
    points: Sequence[Sequence[float]],
    shares: Sequence[float],
    cut: float,
) -> list[float]:
    """One pair of one run, year by year: the year's shock and the walk around it."""
    path, walk, middle = [], 0.0, len(shares) // 2
    for year, of_year in enumerate(points):
        quarters = []
        for q in range(4):
            walk += 0.5 * lasting[4 * year + q]
            quarters.append(walk)
        spread = math.sqrt(2.0 * passing_years + year + 1.0 - 17.0 / 32.0)
        mean = sum(quarters) / 4.0
        stray = math.sqrt(passing_years) * (passing[1 + year] - passing[0])
        own = plain_shock((mean + stray) / spread, of_year, shares, cut)
        low, high = (float(normal.ppf(shares[middle + step])) for step in (-1, 1))
        slope = (of_year[middle + 1] - of_year[middle - 1]) / (high - low)
        path += [own + slope * (quarter - mean) / spread for quarter in quarters]
    return path


def plain_poisson_count(uniform: float, mean: float) -> int:
    """Smallest count whose Poisson probability of at most that many is not below the draw."""
    count, reached = 0, math.exp(-mean)
    while reached < uniform:
        count += 1
        reached += math.exp(-mean) * mean**count / math.factorial(count)
    return count


def plain_waiting_time(uniform: float, n_events: int) -> float:
    """Quantile of the time of the n-th event at rate one, by bisection of Erlang's formula."""
    if n_events == 0:
        return 0.0

    def chance_before(time: float) -> float:
        fewer = sum(time**k / math.factorial(k) for k in range(n_events))
        return 1.0 - math.exp(-time) * fewer

    low, high = 0.0, 1.0
    while chance_before(high) < uniform:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if chance_before(middle) < uniform else (low, middle)
    return (low + high) / 2


def plain_chance_closures(
    starts: Sequence[float],
    lengths: Sequence[float],
    rate_per_year: float,
    mean_days: float,
    days_a_quarter: float,
) -> list[float]:
    """One gate of one run, counting the days that are still to be served."""
    closed, left = [], 0.0
    for start, length in zip(starts, lengths, strict=True):
        n_begun = plain_poisson_count(start, rate_per_year / 4)
        left += mean_days * plain_waiting_time(length, n_begun)
        served = min(left, days_a_quarter)
        closed.append(served / days_a_quarter)
        left -= served
    return closed


def plain_route_open_share(gate_open: Sequence[float], passes: Sequence[bool]) -> float:
    """Chance that every gate of one route is open."""
    share = 1.0
    for openness, passed in zip(gate_open, passes, strict=True):
        if passed:
            share *= openness
    return share


def plain_passage(
    paths: Paths,
    offer: Offer,
    loads: CargoLoads,
    cargo: np.ndarray,
    constants: Constants | None = None,
) -> PathUse:
    """Passage one run, good, pair of ends, mode and path at a time, as the equations stand."""
    n_goods, n_ends, n_runs = cargo.shape
    log_cost = np.full(cargo.shape, np.inf)
    carried = np.zeros((len(paths.ends), n_runs))
    stranded = np.zeros((n_ends, n_runs))
    for good, end, run in product(range(n_goods), range(n_ends), range(n_runs)):
        own = [p for p in range(len(paths.ends)) if paths.ends[p] == end]
        sizes = sum(paths.size[p] for p in own)
        nesting = 1.0 if constants is None else constants.nesting[run]
        attraction, of_mode = {}, {}
        for p in own:
            ave = offer.charges_usd[p, run] / loads.value_usd[good, run]
            ave += offer.days[p, run] * loads.time_cost_per_day[run]
            factor = offer.border_factor
            ave = (1.0 + ave) * (factor if factor.ndim == 2 else factor[good])[p, run] - 1.0
            open_share = math.exp(offer.log_open_share[p, run])
            constant = 1.0 / sizes
            if constants is not None:
                constant = math.exp(constants.log_constant[good, paths.unit[p], run])
            worth = paths.size[p] * open_share * math.exp(-loads.dispersion[run] * ave)
            attraction[p] = constant * worth
            mode = 0 if paths.nest is None else int(paths.nest[p])
            of_mode[mode] = of_mode.get(mode, 0.0) + attraction[p]
        total = sum(t**nesting for t in of_mode.values() if t > 0.0)
        if total == 0.0:
            stranded[end, run] += cargo[good, end, run]
            continue
        slope = nesting * loads.dispersion[run]
        log_cost[good, end, run] = math.log1p(-math.log(total) / slope)
        for p in own:
            t = of_mode[0 if paths.nest is None else int(paths.nest[p])]
            share = t**nesting / total * attraction[p] / t if t > 0.0 else 0.0
            carried[p, run] += cargo[good, end, run] * share
    left = np.where(np.isinf(log_cost), 0.0, 1.0)
    return PathUse(log_cost, carried, stranded, log_cost, left, left)


def plain_pair_trade(
    known: Sequence[Sequence[float]], factor: Sequence[Sequence[float]], apart: Sequence[float]
) -> float:
    """Trade of one known path met with one residual path over a year."""
    total = 0.0
    for quarter in range(len(apart)):
        total += apart[quarter]
        for direction in range(len(known)):
            total += known[direction][quarter] * factor[direction][quarter]
    return total / len(apart)


def plain_weighted_share(
    values: Sequence[Sequence[float]], log_weight: Sequence[Sequence[float]], target: float
) -> float:
    """Part of all weight that lies at or above a target."""
    hits = total = 0.0
    for row, weights in zip(values, log_weight, strict=True):
        for value, weight in zip(row, weights, strict=True):
            total += math.exp(weight)
            hits += math.exp(weight) if value >= target else 0.0
    return hits / total


def plain_crossed_variance(
    errors: Sequence[Sequence[float]], parts: Sequence[Sequence[int]]
) -> float:
    """Sum of products over all couples of pairs that share the known path or a part of the other.

    `parts[d][r]` is the number of part `d` of residual path `r`.
    """
    n_known, n_residual = len(errors), len(errors[0])
    pairs = [*product(range(n_known), range(n_residual))]
    total = 0.0
    for k, r in pairs:
        for other, s in pairs:
            if k == other or any(part[r] == part[s] for part in parts):
                total += errors[k][r] * errors[other][s]
    return total


def plain_weighed_quantile(values: FloatArray, weight: FloatArray, level: float) -> float:
    """Sort all values and take the first with which the weight reaches the level."""
    up_to, found = 0.0, math.nan
    for value, own in sorted(zip(values.tolist(), weight.tolist(), strict=True)):
        up_to, found = up_to + own, value
        if up_to >= level:
            break
    return found
