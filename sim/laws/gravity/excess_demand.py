"""One round of the excess demand of `exchange`, compiled: each run is done with before the next.

Its matrices stay in the nearest cache while three products pass over them, and each run is added
up in the same order whatever the batch, so a batch gives the bits of its single runs.
"""

from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.fastmath import exp, exp_row, log, log_row
from sim.laws.numerics.jit import compiled

RULES = ("fixed", "additive", "universal")
FIXED, ADDITIVE, UNIVERSAL = range(3)

N_SCALE = 60  # Newton steps to the scalar of universal deficits; four or five are usual
NEAR = 1e-14  # gap of world output at which that scalar is found


class ExchangeArrays(NamedTuple):
    """The arrays of `exchange.Exchange`, whose run axes may have length 1, and what they are."""

    gross: FloatArray
    net: FloatArray
    is_taxed: bool
    """Whether net and gross differ."""
    column_shift: FloatArray
    empty: FloatArray
    final_share: FloatArray
    transfer: FloatArray
    rule: int
    """Place in `RULES`."""
    elasticity: FloatArray
    log_productivity: FloatArray
    income: FloatArray
    supply_elasticity: FloatArray
    is_supplied: bool
    """Whether any supply elasticity is not zero."""


class Evaluated(NamedTuple):
    """The arrays of `exchange.ExcessDemand`."""

    excess: FloatArray
    price_power: FloatArray
    cost_power: FloatArray
    income: FloatArray
    log_scale: FloatArray
    untaxed: FloatArray
    final: FloatArray
    world_scale: FloatArray


@compiled
def evaluate(market: ExchangeArrays, x: FloatArray) -> Evaluated:
    """Excess demand and what it is made of at log prices `x`, (run, state)."""
    n_runs, _ = x.shape
    at = places(market, n_runs)
    for run in range(n_runs):
        evaluate_run(market, run, x[run], at, run)
    return at


@compiled
def places(market: ExchangeArrays, n_runs: int) -> Evaluated:
    """Room for what some runs come to."""
    _, n_goods, n = market.final_share.shape
    return Evaluated(
        np.empty((n_runs, n)),
        np.empty((n_runs, n_goods, n)),
        np.empty((n_runs, n_goods, n)),
        np.empty((n_runs, n)),
        np.empty(n_runs),
        np.empty((n_runs, n)),
        np.empty((n_runs, n)),
        np.empty(n_runs),
    )


@compiled
def evaluate_run(
    market: ExchangeArrays, run: int, x: FloatArray, at: Evaluated, place: int
) -> None:
    """Fill one place with what a run of the market comes to at its log prices, (state,)."""
    n_goods, n = at.price_power.shape[1:]
    net = market.net[min(run, len(market.net) - 1)]
    empty = market.empty[min(run, len(market.empty) - 1)]
    share = market.final_share[min(run, len(market.final_share) - 1)]
    theta = market.elasticity[min(run, len(market.elasticity) - 1)]
    cheaper = market.log_productivity[min(run, len(market.log_productivity) - 1)]
    before = market.income[min(run, len(market.income) - 1)]
    power, price = at.cost_power[place], at.price_power[place]
    income, untaxed, final = at.income[place], at.untaxed[place], at.final[place]
    row = np.empty(n)
    for good in range(n_goods):
        for i in range(n):
            row[i] = (x[i] - cheaper[good, i]) * -theta[good]
        exp_row(row, power[good])
    _importers(price, power, market.gross[min(run, len(market.gross) - 1)], empty)
    at.log_scale[place] = _earn(market, run, x, price, income)
    untaxed[:] = 1.0
    if market.is_taxed:
        kept = np.empty((n_goods, n))
        _importers(kept, power, net, np.zeros((n_goods, n)))
        for good in range(n_goods):
            for j in range(n):
                part = kept[good, j] / price[good, j] + empty[good, j]
                untaxed[j] -= share[good, j] * (1.0 - part)
    held = market.transfer[min(run, len(market.transfer) - 1)]
    at.world_scale[place] = _spend(final, market.rule, income, held, untaxed, market.is_taxed)
    sales = _sales(power, net, share, final, price)
    possible = final.min() >= 0.0
    for i in range(n):
        ratio = sales[i] / income[i] if before[i] > 0.0 else 1.0
        row[i] = ratio if possible and 0.0 < ratio < np.inf else np.nan
    log_row(row, at.excess[place])


@compiled
def _earn(
    market: ExchangeArrays, run: int, x: FloatArray, price: FloatArray, income: FloatArray
) -> float:
    """Fill the incomes of a run; log of what brings world output to its baseline value."""
    before = market.income[min(run, len(market.income) - 1)]
    if market.rule == FIXED:
        for i in range(x.size):
            income[i] = before[i]
        return 0.0
    shift = market.column_shift[min(run, len(market.column_shift) - 1)]
    psi = market.supply_elasticity[min(run, len(market.supply_elasticity) - 1)]
    theta = market.elasticity[min(run, len(market.elasticity) - 1)]
    for i in range(x.size):
        log_income = x[i]
        if market.is_supplied:
            log_price = shift[0, i] - log(price[0, i]) / theta[0]
            log_income = (1.0 + psi[i]) * log_income - psi[i] * log_price
        income[i] = before[i] * exp(log_income)
    scale = _total(before) / _total(income)
    for i in range(x.size):
        income[i] *= scale
    return log(scale)


@compiled
def _importers(answer: FloatArray, power: FloatArray, weight: FloatArray, more: FloatArray) -> None:
    """Sum of the weighted powers of all exporters, (good, importer)."""
    n_goods, n = power.shape
    for good in range(n_goods):
        row = answer[good]
        row[:] = 0.0
        for i in range(0, n - n % 4, 4):
            one, two, three, four = (
                power[good, i], power[good, i + 1], power[good, i + 2], power[good, i + 3]
            )  # fmt: skip
            for j in range(n):
                so_far = row[j] + one * weight[good, i, j]
                so_far += two * weight[good, i + 1, j]
                so_far += three * weight[good, i + 2, j]
                row[j] = so_far + four * weight[good, i + 3, j]
        for i in range(n - n % 4, n):
            for j in range(n):
                row[j] += power[good, i] * weight[good, i, j]
        for j in range(n):
            row[j] += more[good, j]


@compiled
def _sales(
    power: FloatArray, weight: FloatArray, share: FloatArray, final: FloatArray, price: FloatArray
) -> FloatArray:
    """Sales of every state."""
    n_goods, n = power.shape
    sales, bought = np.zeros(n), np.empty(n)
    for good in range(n_goods):
        for j in range(n):
            bought[j] = share[good, j] * final[j] / price[good, j]
        # Four sums at a time, each in its own order: one alone would wait for itself at every step.
        for i in range(0, n - n % 4, 4):
            one, two, three, four = 0.0, 0.0, 0.0, 0.0
            for j in range(n):
                one += weight[good, i, j] * bought[j]
                two += weight[good, i + 1, j] * bought[j]
                three += weight[good, i + 2, j] * bought[j]
                four += weight[good, i + 3, j] * bought[j]
            sales[i] += power[good, i] * one
            sales[i + 1] += power[good, i + 1] * two
            sales[i + 2] += power[good, i + 2] * three
            sales[i + 3] += power[good, i + 3] * four
        for i in range(n - n % 4, n):
            one = 0.0
            for j in range(n):
                one += weight[good, i, j] * bought[j]
            sales[i] += power[good, i] * one
    return sales


@compiled
def _spend(
    final: FloatArray,
    rule: int,
    income: FloatArray,
    held: FloatArray,
    untaxed: FloatArray,
    is_taxed: bool,
) -> float:
    """Fill the final spending of each state; the scalar that makes universal deficits add up."""
    n = final.size
    if rule == FIXED:
        final[:] = held
        return 1.0
    if rule == ADDITIVE:
        for j in range(n):
            final[j] = (income[j] + held[j]) / untaxed[j]
        return 1.0
    earned = held * income
    world = _total(income)
    scale = world / _total(earned)
    if not is_taxed:
        final[:] = scale * earned
        return scale
    taxed = held * (1.0 - untaxed)
    end = taxed.max()  # spending has a pole where revenue alone would pay for it
    most = 1.0 / end if end > 0.0 else np.inf
    scale = scale if scale < most else most / 2.0
    for _ in range(N_SCALE):
        gap, slope = 0.0, 0.0
        for j in range(n):
            share = 1.0 - scale * taxed[j]
            final[j] = scale * earned[j] / share
            gap += untaxed[j] * final[j]
            slope += untaxed[j] * earned[j] / (share * share)
        gap -= world
        if not abs(gap) > NEAR * world:
            break
        scale = min(max(scale - gap / slope, scale / 2.0), (scale + most) / 2.0)
    return scale


@compiled
def _total(values: FloatArray) -> float:
    total = 0.0
    for value in values:
        total += value
    return total
