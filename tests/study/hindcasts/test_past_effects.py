"""What a past agreement does to one flow: as small as its terms are, and what the model makes."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws import gravity
from sim.laws.policy.adjustment import phase_in_kernel
from sim.laws.policy.tariffs import phased_share, preference_use
from sim.simulation.trade.adjustment_lag import PHASE_IN
from sim.study.hindcasts.past_effects import AgreedTerms, agreement_effect, small_flow_answer

YEARS = np.arange(-4, 60) / 4
THETA = 5.0
SHARES = (0.24, 0.85, 0.995)
AT_ONCE = (1.0, 1.0, 1.0)


def parameters(shares=SHARES):
    values = {
        "trade_elasticity": THETA,
        "border_time_elasticity": -0.14,
        "origin_cost_ave": 0.02,
        "preference_use_spread": 1.0,
        **dict(zip(PHASE_IN, shares, strict=True)),
    }
    return {name: np.full(2, value) for name, value in values.items()}


def terms(**changes):
    values = {"tariff_rate": 0.12, "covered_share": 0.3, "cut": 0.5, "phase_in_years": 3.0,
              "border_time_cut": 0.0} | changes  # fmt: skip
    by_flow = ("tariff_rate", "phase_in_years")
    return AgreedTerms(**{k: np.full(1 if k in by_flow else (2, 1), v) for k, v in values.items()})


def effect(terms_, shares=SHARES):
    return agreement_effect(terms_, parameters(shares), YEARS[None])[:, 0]


def plain_effect(mfn, covered, cut, steps):
    """Quarter by quarter, each change of duty and cost followed at its own age."""
    duty, cost = [], []
    for year in YEARS:
        share = float(phased_share(year, steps))
        use = preference_use(
            mfn, mfn * (1 - cut * share), origin_cost_ave=0.02, spread=1.0, covered_share=covered
        )
        duty.append(np.log((1 + float(use.applied_rate)) / (1 + mfn)))
        cost.append(np.log(float(use.origin_cost_factor)))
    reached = phase_in_kernel(*SHARES).cumsum()
    answers = []
    for now in range(len(YEARS)):
        followed = [0.0, 0.0]
        for k, path in enumerate((duty, cost)):
            for then in range(now + 1):
                change = path[then] - (path[then - 1] if then else 0.0)
                followed[k] += change * reached[min(now - then, len(reached) - 1)]
        answers.append(-THETA * followed[0] - (THETA - 1) * followed[1])
    return answers


def test_effect_is_that_of_a_plain_twin():
    assert_allclose(effect(terms())[0], plain_effect(0.12, 0.3, 0.5, 3.0), atol=1e-12)


def test_a_small_flow_answers_as_the_equilibrium_makes_it():
    """Two large states and a tiny flow between them: prices stand still."""
    trade = np.array([[1e6, 1.0, 3e4], [2.0, 1e6, 2e4], [3e4, 2e4, 1e7]])
    cost, rate, mfn = np.ones((3, 3)), np.zeros((3, 3)), np.zeros((3, 3))
    mfn[0, 1] = rate[0, 1] = 0.12
    rate[0, 1] = 0.05
    cost[0, 1] = 0.97
    found = gravity.equilibrium(
        trade, trade_cost_change=cost, trade_elasticity=THETA - 1, tariff_rate_baseline=mfn,
        tariff_rate=rate, deficits="additive",
    )  # fmt: skip
    ours = small_flow_answer(np.log([[1.05 / 1.12]]), np.log([[0.97]]), np.array([THETA]))
    assert_allclose(np.log(found.trade[0, 1] / trade[0, 1]), ours[0, 0], atol=1e-4)


def test_nothing_happens_before_entry_into_force_and_all_of_it_after():
    path = effect(terms(), AT_ONCE)
    assert not path[:, YEARS < 0].any()
    assert np.ptp(path[0, YEARS >= 2]) < 1e-12
    assert np.all(np.diff(path[0]) >= -1e-12)


@pytest.mark.parametrize("nothing", ["tariff_rate", "covered_share", "cut"])
def test_without_duty_cover_or_cut_there_is_no_effect(nothing):
    assert_array_equal(effect(terms(**{nothing: 0.0})), 0.0)


@pytest.mark.parametrize("more", ["tariff_rate", "covered_share", "cut"])
def test_wider_terms_have_a_larger_effect(more):
    low, high = (effect(terms(**{more: value}))[0, -1] for value in (0.1, 0.4))
    assert 0.0 < low < high


def test_a_partial_deal_is_partial():
    whole = effect(terms(covered_share=1.0, cut=1.0))[0, -1]
    part = effect(terms(covered_share=0.05, cut=1.0))[0, -1]
    assert_allclose(part / whole, 0.05, rtol=0.2)


def test_time_at_the_border_acts_with_its_own_elasticity():
    path = effect(terms(cut=0.0, border_time_cut=0.4))
    assert_allclose(path[0, -1], -0.14 * np.log(0.6), rtol=1e-9)


def test_runs_and_flows_do_not_touch_each_other():
    mixed = AgreedTerms(
        np.full(2, 0.12), np.array([[0.3, 0.3], [0.9, 0.3]]), np.full((2, 2), 0.5),
        np.array([3.0, 1.0]), np.zeros((2, 2)),
    )  # fmt: skip
    both = agreement_effect(mixed, parameters(), np.tile(YEARS, (2, 1)))
    assert_allclose(both[0, 0], effect(terms(covered_share=0.3))[0], atol=1e-14)
    assert_allclose(both[1, 0], effect(terms(covered_share=0.9))[1], atol=1e-14)
    assert_allclose(both[0, 1], effect(terms(phase_in_years=1.0))[0], atol=1e-14)
