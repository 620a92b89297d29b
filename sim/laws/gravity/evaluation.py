"""One round of the excess demand of `exchange`, compiled: each run is done with before the next.

Its matrices stay in the nearest cache while three products pass over them, and each run is added
up in the same order whatever the batch, so a batch gives the bits of its single runs.
"""

import numpy as np

from sim.laws.compiled import compiled
from sim.laws.elementary import exp, exp_row, log, log_row
from sim.laws.gravity.problem import FloatArray

RULES = ("fixed", "additive", "universal")
FIXED, ADDITIVE, UNIVERSAL = range(3)

N_SCALE = 60  # Newton steps to the scalar of universal deficits; four or five are usual
NEAR = 1e-14  # gap of world output at which that scalar is found

Flows = tuple[FloatArray, FloatArray, bool]
Pair = tuple[FloatArray, FloatArray]
Spending = tuple[FloatArray, FloatArray, int]
Incomes = tuple[FloatArray, FloatArray, bool]
Evaluated = tuple[
    FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray
]


@compiled
def evaluate(
    x: FloatArray, flows: Flows, gaps: Pair, spending: Spending, costs: Pair, incomes: Incomes
) -> Evaluated:
    """Excess demand and what it is made of, in the order of `exchange.Demand`.

    Parameters
    ----------
    x : (run, state) ndarray
        Log prices.
    flows : tuple
        Weights gross and net of tariff, (run, good, exporter, importer), and whether they differ.
    gaps : tuple
        Log cost taken out of the weights, and 1 where nothing is bought, (run, good, state).
    spending : tuple
        Final shares (run, good, state), transfers (run, state), and the place in `RULES`.
    costs : tuple
        Elasticity (run, good) and log productivity (run, good, state).
    incomes : tuple
        Baseline incomes (run, state), supply elasticity (run, state), whether any is not zero.

    Returns
    -------
    tuple of ndarray
        The run axis of every input but `x` may have length 1.
    """
    gross, net, is_taxed = flows
    column_shift, empty = gaps
    final_share, transfer, rule = spending
    elasticity, log_productivity = costs
    baseline, supply, is_supplied = incomes
    n_runs, n = x.shape
    n_goods = gross.shape[1]
    excess, income = np.empty((n_runs, n)), np.empty((n_runs, n))
    untaxed, final = np.ones((n_runs, n)), np.empty((n_runs, n))
    price_power, cost_power = np.empty((n_runs, n_goods, n)), np.empty((n_runs, n_goods, n))
    log_scale, world_scale = np.zeros(n_runs), np.ones(n_runs)
    row = np.empty(n)
    for run in range(n_runs):
        weight, weight_net = gross[min(run, len(gross) - 1)], net[min(run, len(net) - 1)]
        none, shift = empty[min(run, len(empty) - 1)], column_shift[min(run, len(column_shift) - 1)]
        share = final_share[min(run, len(final_share) - 1)]
        theta = elasticity[min(run, len(elasticity) - 1)]
        cheaper = log_productivity[min(run, len(log_productivity) - 1)]
        held = transfer[min(run, len(transfer) - 1)]
        before, psi = baseline[min(run, len(baseline) - 1)], supply[min(run, len(supply) - 1)]
        power, price = cost_power[run], price_power[run]
        for good in range(n_goods):
            for i in range(n):
                row[i] = (x[run, i] - cheaper[good, i]) * -theta[good]
            exp_row(row, power[good])
        _importers(price, power, weight, none)
        income[run] = before
        if rule != FIXED:
            for i in range(n):
                log_income = x[run, i]
                if is_supplied:
                    log_price = shift[0, i] - log(price[0, i]) / theta[0]
                    log_income = (1.0 + psi[i]) * log_income - psi[i] * log_price
                income[run, i] = before[i] * exp(log_income)
            scale = _total(before) / _total(income[run])
            income[run] *= scale
            log_scale[run] = log(scale)
        if is_taxed:
            kept = np.empty((n_goods, n))
            _importers(kept, power, weight_net, np.zeros((n_goods, n)))
            for good in range(n_goods):
                for j in range(n):
                    part = kept[good, j] / price[good, j] + none[good, j]
                    untaxed[run, j] -= share[good, j] * (1.0 - part)
        world_scale[run] = _spend(final[run], rule, income[run], held, untaxed[run], is_taxed)
        sales = _sales(power, weight_net, share, final[run], price)
        possible = final[run].min() >= 0.0
        for i in range(n):
            ratio = sales[i] / income[run, i] if before[i] > 0.0 else 1.0
            sales[i] = ratio if possible and 0.0 < ratio < np.inf else np.nan
        log_row(sales, excess[run])
    return excess, price_power, cost_power, income, log_scale, untaxed, final, world_scale


@compiled
def _importers(answer: FloatArray, power: FloatArray, weight: FloatArray, more: FloatArray) -> None:
    """Sum of the weighted powers of all exporters, (good, importer)."""
    n_goods, n = power.shape
    for good in range(n_goods):
        row = answer[good]
        row[:] = 0.0
        for i in range(n):
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
        for i in range(n):
            sold = 0.0
            for j in range(n):
                sold += weight[good, i, j] * bought[j]
            sales[i] += power[good, i] * sold
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
