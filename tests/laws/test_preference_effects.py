"""What an agreement does to one flow: as small as its terms are."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws.adjustment import phase_in_kernel
from sim.laws.preference_effects import Behaviour, Terms, agreement_effect
from sim.laws.tariffs import phased_share, preference_use

YEARS = np.arange(-4, 60) / 4
KERNEL = phase_in_kernel(0.24, 0.85, 0.995)


def terms(**changes):
    values = {"tariff_rate": 0.12, "covered_share": 0.3, "cut": 0.5, "border_time_cut": 0.0}
    steps = changes.pop("phase_in_years", 3.0)
    arrays = {name: np.full(2, value) for name, value in (values | changes).items()}
    return Terms(**arrays, phase_in_years=steps)


def behaviour(**changes):
    values = {
        "trade_elasticity": 5.0,
        "border_time_elasticity": -0.14,
        "origin_cost_ave": 0.02,
        "preference_use_spread": 1.0,
    }
    return Behaviour(**{name: np.full(2, value) for name, value in (values | changes).items()})


def effect(terms_, behaviour_=None, kernel=KERNEL):
    answer = behaviour() if behaviour_ is None else behaviour_
    return agreement_effect(terms_, answer, YEARS, np.tile(kernel, (2, 1)))


def plain_effect(mfn, covered, cut, steps, theta):
    """Quarter by quarter, each change of the cost followed at its own age."""
    costs = []
    for year in YEARS:
        share = float(phased_share(year, steps))
        use = preference_use(
            mfn, mfn * (1 - cut * share), origin_cost_ave=0.02, spread=1.0, covered_share=covered
        )
        paid = (1 + float(use.applied_rate)) / (1 + mfn) * float(use.origin_cost_factor)
        costs.append(np.log(paid))
    reached = KERNEL.cumsum()
    answers = []
    for now in range(len(costs)):
        followed = 0.0
        for then in range(now + 1):
            change = costs[then] - (costs[then - 1] if then else 0.0)
            followed += change * reached[min(now - then, len(reached) - 1)]
        answers.append(-theta * followed)
    return answers


def test_effect_is_that_of_a_plain_twin():
    assert_allclose(effect(terms())[0], plain_effect(0.12, 0.3, 0.5, 3.0, 5.0), atol=1e-13)


def test_nothing_happens_before_entry_into_force_and_all_of_it_after():
    path = effect(terms(), kernel=np.array([1.0]))
    assert not path[:, YEARS < 0].any()
    assert np.ptp(path[0, YEARS >= 2]) == 0.0
    assert np.all(np.diff(path[0]) >= 0)


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


def test_runs_do_not_touch_each_other():
    mixed = terms()._replace(covered_share=np.array([0.3, 0.9]))
    both = effect(mixed)
    assert_array_equal(both[0], effect(terms(covered_share=0.3))[0])
    assert_array_equal(both[1], effect(terms(covered_share=0.9))[0])
