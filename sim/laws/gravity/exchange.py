"""Excess demand when one price per state settles everything: no inputs, or one good.

Unknown x[i], the log price of what state i works with: ln w without inputs; with one good
ln(c A), from which ln w = (1 + psi) x - psi ln P. Then, with h = (c)^(-theta),

    P[s,j]^(-theta) = sum_i phi[s,i,j] h[s,i]        phi = share (k tau)^(-theta)
    V[i]            = V0[i] exp((1 + psi) x - psi ln P), scaled to the baseline world total
    F[j] N[j]       = V[j] + D[j],  N = share of spending that is not tariff revenue
    sales[i]        = sum_sj phi h / (1 + t') E[s,j] P^theta,   E = alpha F
    f[i]            = ln(sales[i] / V[i])            zero in equilibrium

Each round costs three matrix-vector products and no power of a matrix: the powers of the
costs are taken once. Axes r run, s good, i exporter, j importer; `evaluation` has the round.
"""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.laws.gravity.accounts import ROUNDING, Accounts, new_deficit
from sim.laws.gravity.cost_powers import wedges, weighted_powers
from sim.laws.gravity.derivative import BaselineDerivative, linearise
from sim.laws.gravity.excess_demand import RULES, ExchangeArrays, evaluate
from sim.laws.gravity.problem import GravityProblem
from sim.laws.numerics.arrays import FloatArray, for_reading

UNDERFLOW = 200.0  # exp(-200) squared is still a number; beyond, columns are shifted
N_LEVEL = 40  # rounds towards prices of baseline incomes; a start needs no more


@dataclass(frozen=True)
class Exchange:
    """Arrays of the excess demand system; run axes of length 1 where shared."""

    gross: FloatArray
    """(run, good, exporter, importer) phi, up to the factor exp(-column_shift theta)."""
    net: FloatArray
    """The same over one plus the new tariff rate."""
    column_shift: FloatArray
    """(run, good, importer) log cost taken out of phi so that no column underflows."""
    final_share: FloatArray
    elasticity: FloatArray
    supply_elasticity: FloatArray
    log_productivity: FloatArray
    income: FloatArray
    """(run, state) baseline value V0."""
    transfer: FloatArray
    """(run, state) deficits D (additive), or spending over income (universal), or spending."""
    rule: str
    """additive, universal, or fixed: incomes and spending held."""
    empty: FloatArray
    """(run, good, state) 1 where the state buys none of the good."""
    tolerance: float
    """Half of what is promised, so that the flows clear when recomputed."""
    baseline: BaselineDerivative
    """Derivative of the excess demand at the baseline."""

    @cached_property
    def market(self) -> ExchangeArrays:
        """Arrays that a compiled round takes from it."""
        return ExchangeArrays(
            gross=for_reading(self.gross),
            net=for_reading(self.net),
            is_taxed=self.net is not self.gross,
            column_shift=for_reading(self.column_shift),
            empty=for_reading(self.empty),
            final_share=for_reading(self.final_share),
            transfer=for_reading(self.transfer),
            rule=RULES.index(self.rule),
            elasticity=for_reading(self.elasticity),
            log_productivity=for_reading(self.log_productivity),
            income=for_reading(self.income),
            supply_elasticity=for_reading(self.supply_elasticity),
            is_supplied=bool((self.supply_elasticity != 0).any()),
        )

    def take(self, runs: npt.NDArray[np.intp]) -> "Exchange":
        """The system of some runs only."""
        taken: dict[str, Any] = {"baseline": self.baseline.take(runs)}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray) and value.shape[0] > 1:
                same = field.name == "net" and value is self.gross
                taken[field.name] = taken["gross"] if same else value[runs]
        return replace(self, **taken)


@dataclass(frozen=True)
class ExcessDemand:
    """Everything at one price vector."""

    excess: FloatArray
    """(run, state) f, log of sales over income."""
    price_power: FloatArray
    """(run, good, state) P^(-theta) over its column factor."""
    cost_power: FloatArray
    """(run, good, state) h."""
    income: FloatArray
    """(run, state) V."""
    log_scale: FloatArray
    """(run,) log of what brings world output to its baseline value."""
    untaxed: FloatArray
    """(run, state) N."""
    final: FloatArray
    """(run, state) F."""
    world_scale: FloatArray
    """(run,) the scalar of universal deficits; 1 elsewhere."""


def weights(
    problem: GravityProblem, accounts: Accounts
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Powers of trade costs times baseline shares: gross, net of tariff, and column shift."""
    no_shift = np.zeros((1, *accounts.spending.shape[1:]))
    given = problem.costs
    powers = weighted_powers(*given, problem.elasticity, accounts.spending_share, no_shift)
    reach = powers.reach * problem.elasticity.max(axis=1)
    if not (reach > UNDERFLOW).any():
        return powers.gross, powers.net, no_shift
    bought = np.where(accounts.spending_share > 0, wedges(*given), np.inf)
    shift = bought.min(axis=-2)
    shift = np.where((reach > UNDERFLOW)[:, None, None] & np.isfinite(shift), shift, 0.0)
    powers = weighted_powers(*given, problem.elasticity, accounts.spending_share, shift)
    return powers.gross, powers.net, shift


def exchange(problem: GravityProblem, accounts: Accounts) -> Exchange:
    """System of the full closure: one unknown price per state."""
    gross, net, shift = weights(problem, accounts)
    additive = problem.deficits == "additive"
    kind = ("exchange", additive, problem.supply_elasticity.tobytes())
    known: _AtBaseline = accounts.further.of(kind, lambda: _at_baseline(problem, accounts))
    return Exchange(
        gross=gross,
        net=net,
        column_shift=shift,
        final_share=accounts.final_share,
        elasticity=problem.elasticity,
        supply_elasticity=problem.supply_elasticity,
        log_productivity=problem.log_productivity,
        income=known.income,
        transfer=new_deficit(problem, accounts) if additive else known.transfer,
        rule="additive" if additive else "universal",
        empty=known.empty,
        tolerance=problem.tolerance / 2,
        baseline=known.derivative,
    )


class _AtBaseline(NamedTuple):
    """Part of the system that no change bears on."""

    income: FloatArray
    transfer: FloatArray
    empty: FloatArray
    derivative: BaselineDerivative


def _at_baseline(problem: GravityProblem, accounts: Accounts) -> _AtBaseline:
    additive = problem.deficits == "additive"
    income = accounts.output.sum(axis=1)
    earned = income + accounts.revenue
    baseline_net = accounts.spending_share
    factor = problem.baseline_factor
    if factor is not None:
        baseline_net = baseline_net / factor
    kept = 1 - (accounts.final_share * (1 - baseline_net.sum(axis=-2))).sum(axis=1)
    linear = linearise(
        accounts.spending_share,
        baseline_net,
        accounts.spending,
        accounts.final_share,
        problem.supply_elasticity,
        income,
        income / np.where(income > 0, income + accounts.deficit, 1.0) if additive else None,
        1 / kept,
    )
    return _AtBaseline(
        income=income,
        transfer=accounts.spending.sum(axis=1) / np.where(earned > 0, earned, 1.0),
        empty=(accounts.spending == 0).astype(float),
        derivative=linear,
    )


def balancing(problem: GravityProblem, accounts: Accounts) -> Exchange:
    """System of the conditional closure: each run and good alone, incomes and purchases held.

    The unknown of the pair (run, good) is theta ln p, so that its elasticity is one.
    """
    _, net, shift = weights(problem, accounts)
    n_runs = max(net.shape[0], accounts.output.shape[0])

    def stack(array: FloatArray) -> FloatArray:
        full = np.broadcast_to(array, (n_runs, *array.shape[1:]))
        return np.ascontiguousarray(full.reshape(-1, 1, *array.shape[2:]))

    bought = problem.trade.sum(axis=-2)
    share = problem.trade / (bought + (bought == 0))[..., None, :]
    ones = np.ones((1, 1, problem.n_states))
    sold = accounts.output
    if problem.has_cuts:
        # What was bought from, or sold to, those cut off cannot be held with those left.
        total = bought.sum(axis=-1, keepdims=True)
        left = sold.sum(axis=-1, keepdims=True) / np.where(total > 0, total, 1.0)
        bought = bought * np.where(np.abs(left - 1.0) > ROUNDING, left, 1.0)
    income, flows, spending = stack(sold), stack(share), stack(bought)
    weight = stack(net)
    return Exchange(
        gross=weight,
        net=weight,
        column_shift=stack(np.broadcast_to(shift, (shift.shape[0], *net.shape[1:3]))),
        final_share=ones,
        elasticity=np.ones((1, 1)),
        supply_elasticity=np.zeros((1, problem.n_states)),
        log_productivity=0 * ones,
        income=income[:, 0],
        transfer=spending[:, 0],
        rule="fixed",
        empty=(spending == 0).astype(float),
        tolerance=problem.tolerance / 2,
        baseline=linearise(flows, flows, spending, ones, None, income[:, 0], None, None),
    )


def demand(system: Exchange, x: FloatArray) -> ExcessDemand:
    """Excess demand and what it is made of at log prices `x`, (run, state)."""
    found = evaluate(system.market, np.ascontiguousarray(x))
    return ExcessDemand(*found)


def prices_at_baseline_income(system: Exchange) -> FloatArray:
    """Log prices (run, state) at which every income is the baseline's, up to the numeraire.

    A start that never has a state spend less than nothing on a deficit of fixed value.
    """
    n_runs = max(system.income.shape[0], system.gross.shape[0], system.elasticity.shape[0])
    x = np.zeros((n_runs, system.income.shape[-1]))
    psi = system.supply_elasticity
    if not np.any(psi):
        return x  # several goods have no supply elasticity, and without one nothing moves
    for _ in range(N_LEVEL):
        cost_power = np.exp(-system.elasticity[:, :, None] * (x[:, None] - system.log_productivity))
        price_power = _rows(cost_power, system.gross) + system.empty
        log_price = system.column_shift[:, 0] - np.log(price_power[:, 0]) / system.elasticity
        x = psi / (1 + psi) * log_price
    return x


def _rows(left: FloatArray, right: FloatArray) -> FloatArray:
    """sum_i left[..., i] right[..., i, j], one product a run, the same bits in any batch."""
    return (left[..., None, :] @ right)[..., 0, :]


def refreshed(system: Exchange, at: ExcessDemand) -> FloatArray:
    """Derivative of the excess demand at the prices of `at`, (run, state, state)."""
    row = at.cost_power[..., None] / at.price_power[..., None, :]
    share = system.gross * row
    net_share = share if system.net is system.gross else system.net * row
    spending = system.final_share * at.final[:, None]
    if system.rule == "fixed":
        linear = linearise(share, share, spending, spending, None, at.income, None, None)
        return linear.at(system.elasticity)
    if system.rule == "additive":
        total = at.income + system.transfer
        own = at.income / np.where(total > 0, total, 1.0)
        multiplier = 1 / at.untaxed
    else:
        own = np.ones_like(at.income)
        scale = at.world_scale[:, None] * system.transfer
        multiplier = scale / (1 - scale * (1 - at.untaxed))
    linear = linearise(
        share,
        net_share,
        spending,
        system.final_share,
        system.supply_elasticity,
        at.income,
        own,
        multiplier,
    )
    return linear.at(system.elasticity)
