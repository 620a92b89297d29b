"""The one function others call: from baseline trade and new trade costs to new trade."""

import numpy.typing as npt

from sim.laws.gravity.accounts import baseline_accounts
from sim.laws.gravity.closures import settle
from sim.laws.gravity.inputs import GivenInputs, read_problem
from sim.laws.gravity.solution import Equilibrium, report


def equilibrium(
    trade: npt.ArrayLike,
    *,
    trade_cost_change: npt.ArrayLike = 1.0,
    trade_elasticity: npt.ArrayLike,
    supply_elasticity: npt.ArrayLike = 0.0,
    value_added_share: npt.ArrayLike | None = None,
    input_share: npt.ArrayLike | None = None,
    tariff_rate_baseline: npt.ArrayLike = 0.0,
    tariff_rate: npt.ArrayLike = 0.0,
    productivity_change: npt.ArrayLike = 1.0,
    deficits: str = "universal",
    closure: str = "full",
    tolerance: float = 1e-12,
    deficit: npt.ArrayLike | None = None,
    final_share: npt.ArrayLike | str | None = None,
    goods_axis: bool | None = None,
    start: Equilibrium | None = None,
) -> Equilibrium:
    """New trade equilibrium from baseline trade and changes in what trade costs.

    Exact changes ("hat algebra"): only baseline flows, elasticities and changes are needed,
    never levels of costs. Every argument may carry leading run axes; runs are solved
    independently, and a batch gives each run the bits it would get alone.

    Parameters
    ----------
    trade : (..., [good,] exporter, importer) array_like
        Baseline value of trade, domestic sales on the diagonal, net of tariff, >= 0 [any
        currency]. Zero cells stay zero; a state that neither buys nor sells has no effect and
        its changes are 1.
    trade_cost_change : array_like, broadcastable to `trade`
        Ratio k of new to baseline iceberg trade cost, > 0, as written also on the diagonal.
        Infinity cuts a link off: nothing passes. A state cut off from all others lives on what
        it sells itself, whatever its deficit was [1].
    trade_elasticity : scalar, (good,), (run, 1) or (run, good); (run,) without a goods axis
        theta > 0, sigma - 1 in Armington terms [1].
    supply_elasticity : scalar, (state,) or (run, 1)
        psi >= 0 of the one-good form, (1 - v) / v for a value-added share v [1].
    value_added_share : (good, state), optional
        v in (0, 1]; needs a goods axis in `trade`. Without it production is labour only [1].
    input_share : (material, good, state) or (material, good), optional
        g, share of each material in the inputs of a good, sums to 1 over materials wherever
        v < 1. A negative share is a by-product; with a single good it is 1 by default [1].
    tariff_rate_baseline, tariff_rate : array_like, broadcastable to `trade`
        Ad valorem rates t and t' > -1 on the value net of tariff, 0.2 = 20 %. Both are 0 by
        default: a baseline tariff that stays must be given twice. A scalar falls on imports
        only; an array taxes what it says, the diagonal too, also one that broadcasts [1].
    productivity_change : scalar, (state,), (good, state), (run, 1, state) or (run, state)
        A > 0, divides unit cost. In the endowment form (one good, psi = 0) output is A times
        the baseline, with psi > 0 it grows by A^(1 + psi) before prices answer. (run, state)
        is refused where it could also be (good, state) [1].
    deficits : {"universal", "additive", "multiplicative"}
        How deficits D follow. Universal: spending keeps its ratio to income up to one scalar,
        the same for all, that makes deficits sum to zero. Additive: D keeps its nominal value
        in the numeraire. Multiplicative: that ratio is kept without the scalar, so markets do
        NOT clear; offered only to reproduce papers, see `clearing_residual`.
    closure : {"full", "conditional", "direct"}
        Full: wages, prices and incomes adjust. Conditional: resistances adjust, sales and
        purchases net of tariff of every state and good are held. Direct: trade costs act on
        their own cell alone, X (k tau)^(-theta) / tau with tau = (1 + t') / (1 + t).
        Productivity acts in the full closure only.
    tolerance : float
        Largest residual and clearing residual to return; not below (64 + 16 n) 2.2e-16 for n
        states, where rounding ends what can be promised [1].
    deficit : (..., state) array_like, optional
        New deficits (purchases less sales, net of tariff) in place of the baseline's, summing
        to zero; needs ``deficits="additive"``. Zeros remove all imbalances [as `trade`].
    final_share : (good, state) array_like or "clipped", optional
        Shares of goods in final spending. By default those of the baseline, spending less
        inputs bought; where that is negative the baseline contradicts itself, which is an
        error unless "clipped" sets negatives to zero (Caliendo and Parro's practice; the
        baseline is then no equilibrium, so solve once without a shock first) [1].
    goods_axis : bool, optional
        Whether the third axis from the end of `trade` is goods. By default it is if `trade`
        has three axes or more, unless `supply_elasticity` is not 0. A batch of one-good runs,
        (run, exporter, importer), needs ``goods_axis=False``: without it psi = 0 would read
        the runs as goods.
    start : Equilibrium, optional
        A nearby answer to the same baseline to search from, of the same shape.

    Returns
    -------
    Equilibrium
        New flows and ratios to the baseline, with residuals and iteration counts.

    Raises
    ------
    ValueError
        If an input is out of range or does not fit; the message names the cell.
    SolveError
        If a run has no equilibrium within `tolerance`, with its number, the states furthest
        off and the residual reached. Nothing short of equilibrium is ever returned.

    Notes
    -----
    With hats for new over baseline, pi for shares in spending gross of tariff,

    - c[s,i] = w[i]^v prod_k P[k,i]^(g[k,s,i] (1 - v)) / A[s,i]
    - P[s,j]^(-theta_s) = sum_i pi[s,i,j] (k c tau)^(-theta_s)
    - pi'[s,i,j] = pi[s,i,j] (k c tau / P[s,j])^(-theta_s)
    - E'[s,j] = alpha[s,j] F'[j] + sum_k g[s,k,j] (1 - v[k,j]) Y'[k,j]
    - Y'[s,i] = sum_j pi'[s,i,j] E'[s,j] / (1 + t'[s,i,j]),  F' = w L + tariff revenue + D'
    - w[i] L[i] = sum_s v[s,i] Y'[s,i]

    Final spending on goods is Cobb-Douglas: the shares alpha are constant. Labour moves freely
    between goods. With one good and psi, v = 1 / (1 + psi), and income Y[i] = w[i] L[i].

    *Numeraire.* World output (sales net of tariff) keeps its baseline value; `trade`, wages,
    prices and revenue are nominal in it. Ratios of prices and all real measures do not depend
    on it. States that no trade links form separate worlds, each with its own numeraire, in which
    deficits, if they are to be held, sum to zero. In the
    conditional closure incomes do not pin prices: the output-weighted mean of log prices is
    zero for every good.

    *Welfare* is real income: wages, tariff revenue and additive deficits over the final price
    index. With universal or multiplicative deficits spending is a constant multiple of income,
    so that with one good welfare is (p/P)^(1+psi); the common scalar is `deficit_scale`.
    Given psi, tariff revenue and additive deficits are weighed against output, as in Campos et
    al.; given `value_added_share` against value added. Flows and prices are the same.

    Equations: Caliendo and Parro (2015), Rev. Econ. Stud. 82(1), eqs. 10-14; one good: Allen,
    Arkolakis and Takahashi (2020), J. Polit. Econ. 128(2), and Campos, Reggio and Timini
    (2025), Stata J. 25(4); without psi: Dekle, Eaton and Kortum (2008), IMF Staff Pap. 55(3).

    Examples
    --------
    Two equal states, each spending a fifth on the other, halve the cost of trade between them:

    >>> import numpy as np
    >>> from sim.laws import gravity
    >>> trade = np.array([[80.0, 20.0], [20.0, 80.0]])
    >>> cost = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> found = gravity.equilibrium(trade, trade_cost_change=cost, trade_elasticity=4.0)
    >>> found.trade
    array([[20., 80.],
           [80., 20.]])
    >>> found.welfare_change.round(3)
    array([1.414, 1.414])
    >>> bool(found.clearing_residual < 1e-12)
    True
    """
    given = GivenInputs(
        trade=trade,
        trade_cost_change=trade_cost_change,
        trade_elasticity=trade_elasticity,
        supply_elasticity=supply_elasticity,
        value_added_share=value_added_share,
        input_share=input_share,
        tariff_rate_baseline=tariff_rate_baseline,
        tariff_rate=tariff_rate,
        productivity_change=productivity_change,
        deficits=deficits,
        deficit=deficit,
        final_share=final_share,
        closure=closure,
        tolerance=tolerance,
        goods_axis=goods_axis,
    )
    problem = read_problem(given)
    accounts = baseline_accounts(problem)
    return report(problem, accounts, settle(problem, accounts, start))
