"""Links that endless costs cut off: nothing passes, what is left still clears."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.laws.gravity import equilibrium
from tests.laws.gravity.test_gravity import made_world, shock, with_inputs

SEEDS = st.integers(0, 10_000)
CLOSED = st.sampled_from(["full", "conditional"])
DEFICITS = st.sampled_from(["universal", "additive"])


def cut(n, *pairs):
    """Costs that are one but for pairs of states cut off from each other."""
    cost = np.ones((n, n))
    for i, j in pairs:
        cost[i, j] = cost[j, i] = np.inf
    return cost


def alone(n, state=0):
    return cut(n, *((state, other) for other in range(n) if other != state))


@given(SEEDS, CLOSED, DEFICITS, st.sampled_from([None, 2]))
@settings(max_examples=25)
def test_nothing_passes_a_cut_and_the_rest_clears(seed, closure, deficits, goods):
    rng = np.random.default_rng(seed)
    n = 5
    trade = made_world(rng, n, goods)
    cost = cut(n, (0, 3)) * shock(rng, (n, n))
    terms = {"trade_elasticity": 4, "closure": closure, "deficits": deficits}
    found = equilibrium(trade, trade_cost_change=cost, **terms)
    assert np.all(found.trade[..., [0, 3], [3, 0]] == 0)
    assert found.clearing_residual < 1e-11
    near = equilibrium(trade, trade_cost_change=np.minimum(cost, 1e12), **terms)
    np.testing.assert_allclose(found.trade, near.trade, rtol=1e-8, atol=1e-20)
    np.testing.assert_allclose(found.welfare_change, near.welfare_change, rtol=1e-9)


@given(SEEDS, DEFICITS, st.sampled_from([0.0, 0.15]))
@settings(max_examples=25)
def test_who_is_cut_off_from_all_lives_on_its_own_sales(seed, deficits, rate):
    trade = made_world(np.random.default_rng(seed), 4)
    theta = 4.0
    found = equilibrium(
        trade, trade_cost_change=alone(4), trade_elasticity=theta, deficits=deficits,
        tariff_rate=rate, tariff_rate_baseline=rate,
    )  # fmt: skip
    assert np.all(found.trade[0, 1:] == 0)
    assert np.all(found.trade[1:, 0] == 0)
    assert found.clearing_residual < 1e-11
    assert found.trade[0, 0] == pytest.approx(trade[0].sum(), rel=1e-11)
    gross = trade * (1 + rate * (1 - np.eye(4)))
    own = trade[0, 0] / gross[:, 0].sum()
    assert found.real_wage_change[0] == pytest.approx(own ** (1 / theta), rel=1e-10)


def test_held_purchases_shrink_to_what_is_left_to_buy():
    trade = made_world(np.random.default_rng(4), 4, 2)
    found = equilibrium(
        trade, trade_cost_change=alone(4), trade_elasticity=4, closure="conditional"
    )
    np.testing.assert_allclose(found.trade[:, 0, 0], trade[:, 0].sum(axis=-1), rtol=1e-11)
    np.testing.assert_allclose(found.trade.sum(axis=-1), trade.sum(axis=-1), rtol=1e-11)


def test_makers_of_inputs_cut_off_from_all_still_have_an_answer():
    rng = np.random.default_rng(11)
    trade = made_world(rng, 4, 2)
    found = equilibrium(
        trade, trade_cost_change=alone(4), trade_elasticity=4, **with_inputs(rng, 2, 4)
    )
    assert np.all(found.trade[:, 0, 1:] == 0)
    assert found.clearing_residual < 1e-11
    assert found.welfare_change[0] < 1


def test_a_direct_answer_is_nil_where_a_link_is_cut():
    trade = made_world(np.random.default_rng(5), 4)
    found = equilibrium(
        trade, trade_cost_change=cut(4, (1, 2)), trade_elasticity=4, closure="direct"
    )
    kept = np.isfinite(cut(4, (1, 2)))
    np.testing.assert_array_equal(found.trade, np.where(kept, trade, 0.0))


@pytest.mark.parametrize("closure", ["full", "conditional"])
def test_runs_cut_in_different_places_are_those_solved_alone(closure):
    trade = made_world(np.random.default_rng(6), 4, 2)
    costs = np.stack([np.ones((4, 4)), cut(4, (0, 1)), alone(4), alone(4, 2), cut(4, (2, 3))])
    terms = {"trade_elasticity": 4, "closure": closure}
    batch = equilibrium(trade, trade_cost_change=costs[:, None], **terms)
    for run, cost in enumerate(costs):
        single = equilibrium(trade, trade_cost_change=cost[None, None], **terms)
        np.testing.assert_array_equal(batch.trade[run], single.trade[0])
        np.testing.assert_array_equal(batch.welfare_change[run], single.welfare_change[0])


def test_what_opens_again_is_as_before():
    trade = made_world(np.random.default_rng(7), 5)
    for cost in (cut(5, (0, 1)), alone(5)):
        shut = equilibrium(trade, trade_cost_change=cost, trade_elasticity=4)
        again = equilibrium(trade, trade_elasticity=4, start=shut)
        np.testing.assert_allclose(again.trade, trade, rtol=1e-10)


def test_a_buyer_left_without_any_seller_is_named():
    trade = made_world(np.random.default_rng(9), 3, 2)
    cost = np.ones((2, 3, 3))
    cost[1, :, 2] = np.inf
    with pytest.raises(ValueError, match="infinite for all from whom state 2 buys good 1; want"):
        equilibrium(trade, trade_cost_change=cost, trade_elasticity=4)
