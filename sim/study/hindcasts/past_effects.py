"""Effects of past agreements, by their own terms, on flows too small to move prices.

The functions are those that the model calls: duties fall in yearly steps and are claimed as far as
it pays (`sim.laws.policy.tariffs`), hours at the border act on the cost of trade
(`sim.laws.policy.trade_costs`) and trade follows as it remembers costs
(`sim.simulation.trade.adjustment_lag`). What a small flow makes of them needs no equilibrium:
with the elasticity ``theta`` of trade at border prices to one plus the duty,

    log effect = -theta log duty factor - (theta - 1) log cost factor

Nothing here is an average effect: a deal that covers a twentieth of the trade comes out as small as
it is. Flows stand where the model has cells. Axes: `(n_runs, n_flows, n_quarters)`.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.policy.tariffs import cost_elasticity, phased_share, preference_use
from sim.laws.policy.trade_costs import border_time_factor
from sim.simulation.snapshot.adjustment_state import PastCosts
from sim.simulation.trade.adjustment_lag import AdjustmentLag, kernel_of


class AgreedTerms(NamedTuple):
    """Terms of the agreement of every flow."""

    tariff_rate: FloatArray
    """(n_flows,) duty without the preference [1]."""
    covered_share: FloatArray
    """(n_runs, n_flows) share of the flow that the concessions cover [1]."""
    cut: FloatArray
    """(n_runs, n_flows) share of the duty taken off what is covered, once phased in [1]."""
    phase_in_years: FloatArray
    """(n_flows,) number of yearly steps of the cut; 0 and 1 both mean at once [years]."""
    border_time_cut: FloatArray
    """(n_runs, n_flows) share of the hours at the border that is spared [1]."""


def small_flow_answer(
    log_duty: FloatArray, log_cost: FloatArray, trade_elasticity: FloatArray
) -> FloatArray:
    """Log change of a small flow, valued at the border, before the duty.

    Parameters
    ----------
    log_duty, log_cost : (n_runs, n_flows) ndarray
        Log factors of duty and of other trade cost over those of the base year [1].
    trade_elasticity : (n_runs,) ndarray
        To one plus the duty, above 1 [1].
    """
    theta = trade_elasticity[:, None]
    return -theta * log_duty - cost_elasticity(theta) * log_cost


def agreement_effect(
    terms: AgreedTerms,
    parameters: Mapping[str, FloatArray],
    years_in_force: FloatArray,
) -> FloatArray:
    """Log of the factor by which agreements multiply flows.

    Parameters
    ----------
    terms : AgreedTerms
    parameters : mapping of str to (n_runs,) ndarray
        Drawn parameters of the world.
    years_in_force : (n_flows, n_quarters) ndarray
        Years since entry into force at the start of consecutive quarters; negative before [years].

    Returns
    -------
    (n_runs, n_flows, n_quarters) ndarray
        Zero before entry into force [1].

    Notes
    -----
    The history begins with the first quarter given: before it nothing was in force.
    """
    n_flows, n_quarters = years_in_force.shape
    theta = parameters["trade_elasticity"]
    lag, past = AdjustmentLag(kernel_of(parameters), (np.arange(n_flows),) * 2), PastCosts()
    spared = border_time_factor(
        1.0 - terms.border_time_cut,
        border_time_elasticity=parameters["border_time_elasticity"][:, None],
        trade_elasticity=cost_elasticity(theta)[:, None],
    )
    mfn = np.broadcast_to(terms.tariff_rate, terms.cut.shape)
    answer = np.empty((len(theta), n_flows, n_quarters))
    share_before: FloatArray | None = None
    for q in range(n_quarters):
        share = phased_share(years_in_force[:, q], terms.phase_in_years)
        # Duties move once a year at most.
        if share_before is None or not np.array_equal(share, share_before):
            use = preference_use(
                mfn,
                mfn * (1.0 - terms.cut * share),
                origin_cost_ave=parameters["origin_cost_ave"][:, None],
                spread=parameters["preference_use_spread"][:, None],
                covered_share=terms.covered_share,
            )
            share_before = share
        log_duty = np.log((1.0 + use.applied_rate) / (1.0 + mfn))
        log_hours = np.where(years_in_force[:, q] >= 0.0, np.log(spared), 0.0)
        reached, past = lag.step(past, [log_duty, np.log(use.origin_cost_factor) + log_hours])
        answer[..., q] = small_flow_answer(reached[0], reached[1], theta)
    return answer


def yearly_means(path: FloatArray) -> FloatArray:
    """Mean of every four quarters, last axis; the first quarter begins a year."""
    return np.asarray(path.reshape(*path.shape[:-1], -1, QUARTERS_PER_YEAR).mean(axis=-1))
