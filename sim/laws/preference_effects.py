"""What an agreement does to one flow over the quarters, where no equilibrium is needed.

A flow that is small beside its partners' trade changes their prices and incomes by next to nothing,
so an agreement moves it by the trade-cost law alone: with ``tau`` the factor of duty and of proving
origin over what was paid before, and ``theta`` the trade elasticity,

    log effect = -theta * (what trade has adjusted to of log tau)

Duties fall by the agreed cut in yearly steps, the preference is used as far as it pays
(`sim.laws.tariffs`), hours at the border act with their own elasticity (`sim.laws.trade_costs`) and
trade follows with the phase-in of `sim.laws.adjustment`. Nothing here is an average effect: a deal
that covers a twentieth of the trade comes out as small as it is.

Axes: `(n_runs, n_quarters)`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.adjustment import lagged
from sim.laws.tariffs import phased_share, preference_use

FloatArray = NDArray[np.float64]


class Terms(NamedTuple):
    """Terms of one agreement for one flow, each `(n_runs,)` but for the number of steps."""

    tariff_rate: FloatArray
    """Duty without the preference [1]."""
    covered_share: FloatArray
    """Share of the flow that the concessions cover [1]."""
    cut: FloatArray
    """Share of the duty taken off what is covered, once phased in [1]."""
    phase_in_years: float
    """Number of yearly steps of the cut; 0 and 1 both mean at once [years]."""
    border_time_cut: FloatArray
    """Share of the hours at the border that is spared [1]."""


class Behaviour(NamedTuple):
    """How exporters answer, each `(n_runs,)`."""

    trade_elasticity: FloatArray
    """Positive [1]."""
    border_time_elasticity: FloatArray
    """Of trade to hours at the border, negative [1]."""
    origin_cost_ave: FloatArray
    """Median cost of proving origin as a share of the value [1]."""
    preference_use_spread: FloatArray
    """Spread of that cost among consignments, log scale [1]."""


def agreement_effect(
    terms: Terms, behaviour: Behaviour, years_in_force: FloatArray, kernel: FloatArray
) -> FloatArray:
    """Log of the factor by which an agreement multiplies a flow.

    Parameters
    ----------
    terms, behaviour
        What was agreed and how exporters answer.
    years_in_force : (n_quarters,) ndarray
        Years since entry into force at the start of consecutive quarters; negative before [years].
    kernel : (n_runs, n_lags) ndarray
        Weights by age from `sim.laws.adjustment.phase_in_kernel`.

    Returns
    -------
    (n_runs, n_quarters) ndarray
        Zero before entry into force [1].

    Notes
    -----
    The history is taken to begin with the first quarter given, so that one must not lie after
    entry into force.
    """
    share = phased_share(years_in_force, terms.phase_in_years)
    mfn = terms.tariff_rate[:, None]
    use = preference_use(
        mfn,
        mfn * (1.0 - terms.cut[:, None] * share),
        origin_cost_ave=behaviour.origin_cost_ave[:, None],
        spread=behaviour.preference_use_spread[:, None],
        covered_share=terms.covered_share[:, None],
    )
    log_paid = np.log((1.0 + use.applied_rate) / (1.0 + mfn)) + np.log(use.origin_cost_factor)
    hours = np.where(years_in_force >= 0.0, 1.0 - terms.border_time_cut[:, None], 1.0)
    answer = behaviour.border_time_elasticity[:, None] * np.log(hours)
    answer = answer - behaviour.trade_elasticity[:, None] * log_paid
    history = np.ascontiguousarray(answer.T)[..., None]
    reached = [lagged(history[: q + 1], kernel)[:, 0] for q in range(len(history))]
    return np.stack(reached, axis=1)
