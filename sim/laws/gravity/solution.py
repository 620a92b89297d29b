"""Results of an equilibrium, whoever found it: ratios to the baseline and true residuals."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from sim.laws.gravity.accounts import Accounts, new_deficit
from sim.laws.gravity.problem import GravityProblem
from sim.laws.numerics.arrays import FloatArray
from sim.laws.solve_errors import SolveError


@dataclass(frozen=True)
class ClosureSolution:
    """Prices and flows of a closure, axes (run, good, state) and (run, good, state, state)."""

    trade: FloatArray
    log_cost: FloatArray
    """(run, good, state) log change of unit cost."""
    log_price: FloatArray
    """(run, good, state) log change of the price index."""
    wages: FloatArray
    """(run, state) value added."""
    spending: FloatArray
    """(run, good, state) gross of tariff."""
    world_scale: FloatArray
    """(run, state) scalar of universal deficits, one for all linked states."""
    residual: FloatArray
    """(run,)."""
    n_iterations: npt.NDArray[np.int64]
    """(run,)."""
    inverse: FloatArray
    """(run, state, state) inverse derivative of the search, not a number where there was none."""


def no_inverse(n_runs: int, n_states: int) -> FloatArray:
    """Placeholder for the inverse derivative where there was no search."""
    return np.full((n_runs, n_states, n_states), np.nan)


@dataclass(frozen=True)
class Equilibrium:
    """New equilibrium beside the baseline; `_change` is new over baseline.

    Leading axes are the run axes of the question; the good axis is there when the question
    had one. Nominal values are in units of the numeraire: world output at its baseline value.
    """

    trade: FloatArray
    """(..., [good,] exporter, importer) new value, net of tariff [value of trade]."""
    trade_baseline: FloatArray
    """The same in the baseline, or one that broadcasts to it [value of trade]."""
    log_price_change: FloatArray
    """(..., [good,] state) log of the producer price, the unit cost [1]."""
    price_index_change: FloatArray
    """(..., [good,] state) price index of purchases, tariffs included [1]."""
    wage_change: FloatArray
    """(..., state) income of a unit of labour (or endowment) [1]."""
    real_wage_change: FloatArray
    """(..., state) wage over consumer price; (p/P)^(1 + psi) with one good [1]."""
    output_change: FloatArray
    """(..., [good,] state) nominal value of sales; 1 where the baseline is zero [1]."""
    expenditure_change: FloatArray
    """(..., [good,] state) spending gross of tariff; 1 where the baseline is zero [1]."""
    welfare_change: FloatArray
    """(..., state) real income, see `equilibrium`; NaN in the direct closure [1]."""
    tariff_revenue: FloatArray
    """(..., state) new tariff revenue [value of trade]."""
    deficit_scale: FloatArray
    """(..., state) scalar that makes universal deficits sum to zero among linked states [1]."""
    residual: FloatArray
    """(...) largest log change that one more damped round would make [1]."""
    clearing_residual: FloatArray
    """(...) largest gap of sales to income or spending to budget, over either [1]."""
    n_iterations: npt.NDArray[np.int64]
    """(...) evaluations of the excess demand after the first."""
    inverse: FloatArray
    """(..., state, state) inverse derivative with which a search from here begins; not a number
    where none was needed."""

    @property
    def trade_change(self) -> FloatArray:
        """Ratio of `trade` to baseline; 1 where the baseline is zero [1]."""
        return _ratio(self.trade, self.trade_baseline)

    @property
    def price_change(self) -> FloatArray:
        """(..., [good,] state) producer price, the unit cost [1]."""
        return np.asarray(np.exp(self.log_price_change))


def report(problem: GravityProblem, accounts: Accounts, settled: ClosureSolution) -> Equilibrium:
    """Put the settled flows beside the baseline, on the axes of the question."""
    trade = settled.trade
    sales = trade @ np.ones(trade.shape[-1])  # several times quicker than a sum over short rows
    revenue = problem.revenue(trade)
    price = np.exp(settled.log_price)
    final_share = accounts.final_share
    consumer_price = np.exp((final_share * settled.log_price).sum(axis=1))
    wage = _ratio(settled.wages, accounts.value_added)
    income = settled.wages + revenue
    income_baseline = accounts.value_added + accounts.revenue
    if problem.deficits == "additive":
        income_baseline = income_baseline + accounts.deficit
        income = income + new_deficit(problem, accounts)
    welfare = _ratio(income, income_baseline) / consumer_price
    gap = _clearing(problem, accounts, settled, sales, revenue)
    _check_cleared(problem, gap)
    if problem.closure == "direct":
        welfare = np.full_like(welfare, np.nan)

    back = partial(_as_asked, problem)
    return Equilibrium(
        trade=back(trade, good=True),
        trade_baseline=back(problem.trade, good=True),
        log_price_change=back(settled.log_cost, good=True),
        price_index_change=back(price, good=True),
        wage_change=back(wage),
        real_wage_change=back(wage / consumer_price),
        output_change=back(_ratio(sales, accounts.output), good=True),
        expenditure_change=back(_ratio(settled.spending, accounts.spending), good=True),
        welfare_change=back(welfare),
        tariff_revenue=back(revenue),
        deficit_scale=back(settled.world_scale),
        residual=back(settled.residual),
        clearing_residual=back(gap.max(axis=-1)),
        n_iterations=back(settled.n_iterations.astype(float)).astype(np.int64),
        inverse=back(settled.inverse),
    )


def _as_asked(problem: GravityProblem, array: FloatArray, *, good: bool = False) -> FloatArray:
    """The array with the run axes of the question, and a good axis only if it had one."""
    if good and not problem.goods_axis:
        array = array[:, 0]
    if problem.batch == array.shape[:1]:
        same = array.view()
        same.setflags(write=False)
        return same
    full = np.broadcast_to(array, (problem.n_runs, *array.shape[1:]))
    out: FloatArray = full.reshape((*problem.batch, *array.shape[1:]))
    return out


def _ratio(new: FloatArray, baseline: FloatArray) -> FloatArray:
    """New over baseline, 1 where the baseline is not positive."""
    if baseline.min() > 0:
        return new / baseline
    shape = np.broadcast_shapes(new.shape, baseline.shape)
    return np.divide(new, baseline, out=np.ones(shape), where=baseline > 0)


def _check_cleared(problem: GravityProblem, gap: FloatArray) -> None:
    """Refuse flows that do not clear, unless the closure or rule is known not to."""
    open_ended = problem.closure == "direct" or problem.deficits == "multiplicative"
    wanted = np.inf if open_ended else problem.tolerance
    fine = (gap <= wanted) & np.isfinite(gap)
    if not fine.all():
        run, state = (int(i) for i in np.argwhere(~fine)[0])
        raise SolveError(
            f"the flows of run {run} do not clear: sales and income, or spending and budget, of "
            f"state {state} differ by {gap[run, state]:.3g}, wanted {wanted:.3g}",
            runs=(run,),
            states=(state,),
            residual=float(gap[run, state]),
        )


def _clearing(
    problem: GravityProblem,
    accounts: Accounts,
    settled: ClosureSolution,
    sales: FloatArray,
    revenue: FloatArray,
) -> FloatArray:
    """(run, state) gaps from the flows alone: wage bills and sales, budgets and spending."""
    share = problem.value_added_share
    earned = sales.sum(axis=1) if share is None else (share * sales).sum(axis=1)
    gap = np.abs(_ratio(earned, settled.wages) - 1)
    if problem.closure != "full":
        return gap
    turnover = (sales.sum(axis=1) if share is not None else settled.wages) + revenue
    if problem.deficits == "additive":
        budget = turnover + new_deficit(problem, accounts)
    else:
        scale = settled.world_scale
        if problem.deficits == "multiplicative":
            scale = np.ones_like(scale)
        spent: FloatArray = accounts.further.of("spent of turnover", lambda: _spent(accounts))
        budget = scale * turnover * spent
    size = settled.wages + np.abs(revenue) + np.abs(budget)
    over = np.abs(settled.spending.sum(axis=1) - budget) / np.where(size > 0, size, 1.0)
    worst: FloatArray = np.maximum(gap, over)
    return worst


def _spent(accounts: Accounts) -> FloatArray:
    """Spending of the baseline over turnover, (run, state) [1]."""
    turnover = accounts.output.sum(axis=1) + accounts.revenue
    return _ratio(turnover + accounts.deficit, turnover)
