"""The gravity law: identities, closed forms, its plain twin, the run axis, and refusals."""

import warnings
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.laws import gravity
from sim.laws.gravity import SolveError, equilibrium
from sim.laws.gravity.broyden import descend
from tests.twins.gravity_twin import twin_equilibrium

worlds = st.builds(
    lambda seed, n: made_world(np.random.default_rng(seed), n),
    st.integers(0, 10_000),
    st.integers(2, 6),
)


def made_world(rng, n, goods=None, *, home=4.0):
    """Lognormal flows with home bias; unbalanced, as data are."""
    shape = (n, n) if goods is None else (goods, n, n)
    trade = rng.lognormal(0, 1, shape)
    own = np.arange(n)
    trade[..., own, own] += home * trade.sum(axis=-1)
    return trade


def balanced_world(rng, n):
    size = rng.lognormal(0, 1, n)
    closeness = rng.lognormal(0, 0.5, (n, n))
    trade = np.outer(size, size) * (closeness + closeness.T)
    return trade + np.diag(3 * trade.sum(axis=1))


def shock(rng, shape, sd=0.1):
    return np.exp(sd * rng.normal(size=shape))


def abroad(n):
    return 1 - np.eye(n)


def with_inputs(rng, goods, n):
    share = rng.uniform(0.8, 0.95, (goods, n))
    weight = rng.uniform(0.2, 1, (goods, goods, n))
    return {"value_added_share": share, "input_share": weight / weight.sum(axis=0)}


# ---- identities


@given(worlds, st.sampled_from(gravity.DEFICITS[:2]), st.sampled_from([0.0, 1.24]))
@settings(max_examples=25)
def test_no_change_in_no_change_out(trade, deficits, psi):
    found = equilibrium(trade, trade_elasticity=4, supply_elasticity=psi, deficits=deficits)
    np.testing.assert_allclose(found.trade, trade, rtol=1e-13)
    np.testing.assert_allclose(found.welfare_change, 1, rtol=1e-13)
    assert found.n_iterations == 0


@given(worlds, st.integers(0, 999), st.sampled_from(gravity.DEFICITS[:2]))
@settings(max_examples=25)
def test_trade_sums_to_output_and_expenditure(trade, seed, deficits):
    cost = shock(np.random.default_rng(seed), trade.shape, 0.2)
    found = equilibrium(
        trade,
        trade_cost_change=cost,
        trade_elasticity=5,
        supply_elasticity=0.8,
        deficits=deficits,
    )
    output, spending = trade.sum(axis=1), trade.sum(axis=0)
    np.testing.assert_allclose(found.trade.sum(axis=1), output * found.wage_change, rtol=1e-11)
    np.testing.assert_allclose(
        found.trade.sum(axis=0), spending * found.expenditure_change, rtol=1e-11
    )
    assert found.trade.sum() == pytest.approx(trade.sum(), rel=1e-11)
    deficit = found.trade.sum(axis=0) - found.trade.sum(axis=1)
    if deficits == "additive":
        np.testing.assert_allclose(deficit, spending - output, atol=1e-11 * trade.sum())
    else:
        ratio = found.trade.sum(axis=0) / found.trade.sum(axis=1) / (spending / output)
        np.testing.assert_allclose(ratio, found.deficit_scale, rtol=1e-11)


@given(worlds, st.integers(0, 999), st.sampled_from([1e-9, 1e3, 1e12]))
@settings(max_examples=15)
def test_units_and_order_of_states_leave_ratios_alone(trade, seed, unit):
    rng = np.random.default_rng(seed)
    cost, order = shock(rng, trade.shape), rng.permutation(len(trade))
    law = {"trade_elasticity": 5, "supply_elasticity": 1, "deficits": "additive"}
    one = equilibrium(trade, trade_cost_change=cost, **law)
    scaled = equilibrium(unit * trade, trade_cost_change=cost, **law)
    np.testing.assert_allclose(scaled.trade_change, one.trade_change, rtol=1e-9)
    cell = np.ix_(order, order)
    moved = equilibrium(trade[cell], trade_cost_change=cost[cell], **law)
    np.testing.assert_allclose(moved.welfare_change, one.welfare_change[order], rtol=1e-9)


@given(worlds, st.integers(0, 999))
@settings(max_examples=15)
def test_common_cost_cuts_everyones_real_income_in_proportion(trade, seed):
    found = equilibrium(trade, trade_cost_change=1.25, trade_elasticity=4)
    np.testing.assert_allclose(found.welfare_change, 0.8, rtol=1e-11)
    np.testing.assert_allclose(found.trade, trade, rtol=1e-11)


@given(worlds, st.integers(0, 999), st.sampled_from(["universal", "additive"]))
@settings(max_examples=15)
def test_undoing_a_shock_returns_the_baseline(trade, seed, deficits):
    cost = shock(np.random.default_rng(seed), trade.shape)
    law = {"trade_elasticity": 5, "supply_elasticity": 0.5, "deficits": deficits}
    there = equilibrium(trade, trade_cost_change=cost, **law)
    back = equilibrium(there.trade, trade_cost_change=1 / cost, **law)
    np.testing.assert_allclose(back.trade, trade, rtol=1e-9)
    np.testing.assert_allclose(back.welfare_change * there.welfare_change, 1, rtol=1e-9)


def test_undoing_new_tariffs_among_makers_of_inputs_returns_the_baseline():
    rng = np.random.default_rng(8)
    trade, law = made_world(rng, 4, 3), with_inputs(rng, 3, 4)
    rate = rng.uniform(0, 0.3, trade.shape) * abroad(4)
    there = equilibrium(trade, trade_elasticity=[3, 5, 8], tariff_rate=rate, **law)
    back = equilibrium(there.trade, trade_elasticity=[3, 5, 8], tariff_rate_baseline=rate, **law)
    np.testing.assert_allclose(back.trade, trade, rtol=1e-9)


# ---- closed forms


@given(st.integers(0, 999), st.integers(3, 7), st.floats(2, 9))
@settings(max_examples=20)
def test_foreign_shock_moves_welfare_by_the_domestic_share(seed, n, theta):
    rng = np.random.default_rng(seed)
    trade, cost = balanced_world(rng, n), shock(rng, (n, n), 0.3)
    cost[0, :] = cost[:, 0] = 1
    found = equilibrium(trade, trade_cost_change=cost, trade_elasticity=theta)
    share_change = found.trade_change[0, 0] / found.expenditure_change[0]
    assert found.welfare_change[0] == pytest.approx(share_change ** (-1 / theta), rel=1e-11)


@pytest.mark.parametrize("psi", [0.0, 1.24])
def test_prohibitive_costs_leave_autarky(psi):
    n, theta = 5, 4.0
    trade = balanced_world(np.random.default_rng(2), n)
    cost = np.where(np.eye(n, dtype=bool), 1.0, 1e9)
    found = equilibrium(
        trade, trade_cost_change=cost, trade_elasticity=theta, supply_elasticity=psi
    )
    own = trade.diagonal() / trade.sum(axis=0)
    np.testing.assert_allclose(found.welfare_change, own ** ((1 + psi) / theta), rtol=1e-9)
    assert (found.trade * abroad(n)).max() < 1e-30 * trade.sum()


def test_one_state_cut_off_is_left_alone_though_its_trade_was_unbalanced():
    trade = made_world(np.random.default_rng(3), 5)
    cost = np.ones((5, 5))
    cost[0, 1:] = cost[1:, 0] = 1e9
    found = equilibrium(trade, trade_cost_change=cost, trade_elasticity=4)
    assert found.clearing_residual < 1e-12
    assert found.welfare_change[0] < 1


def test_two_equal_states_with_tariffs():
    own, rate, theta = 0.8, 0.25, 4.0
    trade = np.array([[own, 1 - own], [1 - own, own]])
    power = own + (1 - own) * (1 + rate) ** -theta
    foreign = 1 - own / power
    income = 1 / (1 - rate / (1 + rate) * foreign)
    found = equilibrium(trade, tariff_rate=rate * abroad(2), trade_elasticity=theta)
    np.testing.assert_allclose(found.welfare_change, income * power ** (1 / theta), rtol=1e-12)
    np.testing.assert_allclose(found.tariff_revenue, income * foreign * rate / (1 + rate))
    scalar = equilibrium(trade, tariff_rate=rate, trade_elasticity=theta)
    np.testing.assert_array_equal(scalar.trade, found.trade)


def test_small_tariff_helps_and_prohibitive_tariff_hurts_a_large_state():
    trade = balanced_world(np.random.default_rng(5), 3)
    rates = np.zeros((3, 3, 3))
    rates[1, 1:, 0], rates[2, 1:, 0] = 0.1, 1e6
    found = equilibrium(
        np.array([trade] * 3), tariff_rate=rates, trade_elasticity=4, goods_axis=False
    )
    none, small, closed = found.welfare_change[:, 0]
    assert small > none == pytest.approx(1, abs=1e-12)
    assert closed < none


def test_productivity_scales_the_endowment_of_an_isolated_state():
    found = equilibrium([[5.0]], trade_elasticity=4, productivity_change=2)
    assert found.welfare_change[0] == pytest.approx(2, rel=1e-14)
    found = equilibrium([[5.0]], trade_elasticity=4, productivity_change=2, supply_elasticity=0.5)
    assert found.welfare_change[0] == pytest.approx(2**1.5, rel=1e-14)


def test_removing_deficits_balances_trade():
    trade = made_world(np.random.default_rng(6), 6)
    found = equilibrium(trade, trade_elasticity=4, deficits="additive", deficit=np.zeros(6))
    np.testing.assert_allclose(found.trade.sum(axis=0), found.trade.sum(axis=1), rtol=1e-11)
    surplus = trade.sum(axis=1) > trade.sum(axis=0)
    assert (found.welfare_change[surplus] > 1).all()


def test_one_good_with_inputs_is_the_supply_elasticity():
    rng = np.random.default_rng(7)
    trade, cost, psi = made_world(rng, 5), shock(rng, (5, 5)), 1.24
    law = {"trade_cost_change": cost, "trade_elasticity": 5, "deficits": "additive"}
    short = equilibrium(trade, supply_elasticity=psi, **law)
    long = equilibrium(
        trade[None], value_added_share=np.full((1, 5), 1 / (1 + psi)), input_share=[[1.0]], **law
    )
    np.testing.assert_allclose(long.trade[0], short.trade, rtol=1e-9)
    np.testing.assert_allclose(long.real_wage_change, short.real_wage_change, rtol=1e-10)


def test_identical_goods_behave_as_one():
    rng = np.random.default_rng(9)
    trade, cost = made_world(rng, 4), shock(rng, (4, 4))
    one = equilibrium(trade, trade_cost_change=cost, trade_elasticity=5)
    two = equilibrium(np.array([trade, 2 * trade]), trade_cost_change=cost, trade_elasticity=5)
    np.testing.assert_allclose(two.welfare_change, one.welfare_change, rtol=1e-11)
    np.testing.assert_allclose(two.trade_change[1], one.trade_change, rtol=1e-11)


# ---- the other closures and deficit rules


@given(worlds, st.integers(0, 999))
@settings(max_examples=20)
def test_lower_barriers_never_lower_bilateral_trade_in_direct(trade, seed):
    rng = np.random.default_rng(seed)
    cost = 1 - rng.uniform(0, 0.5, trade.shape)
    found = equilibrium(trade, trade_cost_change=cost, trade_elasticity=4, closure="direct")
    assert (found.trade >= trade).all()
    np.testing.assert_allclose(found.trade, trade * cost**-4.0, rtol=1e-12)
    assert np.isnan(found.welfare_change).all()


@given(worlds, st.integers(0, 999))
@settings(max_examples=20)
def test_conditional_holds_sales_and_purchases(trade, seed):
    cost = shock(np.random.default_rng(seed), trade.shape, 0.3)
    found = equilibrium(trade, trade_cost_change=cost, trade_elasticity=4, closure="conditional")
    np.testing.assert_allclose(found.trade.sum(axis=1), trade.sum(axis=1), rtol=1e-11)
    np.testing.assert_allclose(found.trade.sum(axis=0), trade.sum(axis=0), rtol=1e-11)
    odds = found.trade[0, 0] * found.trade[1, 1] / (found.trade[0, 1] * found.trade[1, 0])
    before = trade * cost**-4.0
    assert odds == pytest.approx(before[0, 0] * before[1, 1] / (before[0, 1] * before[1, 0]))


@pytest.mark.parametrize("change", [{"cost": 0.8}, {"rate": 0.3}])
def test_all_closures_agree_on_a_pair_too_small_to_matter(change):
    trade = made_world(np.random.default_rng(10), 4)
    trade[0, 1] = 1e-9
    cost, rate = np.ones((4, 4)), np.zeros((4, 4))
    cost[0, 1], rate[0, 1] = change.get("cost", 1), change.get("rate", 0)
    pair = [
        equilibrium(
            trade, trade_cost_change=cost, tariff_rate=rate, trade_elasticity=4, closure=closure
        ).trade_change[0, 1]
        for closure in gravity.CLOSURES
    ]
    np.testing.assert_allclose(pair, pair[0], rtol=1e-7)


def test_multiplicative_deficits_say_that_they_do_not_clear():
    rng = np.random.default_rng(11)
    trade, cost = made_world(rng, 4), shock(rng, (4, 4), 0.3)
    law = {"trade_cost_change": cost, "trade_elasticity": 4}
    bare = equilibrium(trade, deficits="multiplicative", **law)
    scaled = equilibrium(trade, deficits="universal", **law)
    np.testing.assert_allclose(bare.wage_change, scaled.wage_change, rtol=1e-12)
    np.testing.assert_allclose(bare.expenditure_change, bare.wage_change, rtol=1e-11)
    assert bare.clearing_residual == pytest.approx(abs(1 / bare.deficit_scale[0] - 1), rel=1e-6)
    assert bare.clearing_residual > 1e-6


# ---- the plain twin


@pytest.mark.parametrize("deficits", ["universal", "additive"])
@pytest.mark.parametrize("inputs", [False, True], ids=["labour", "inputs"])
def test_agrees_with_the_plain_twin(deficits, inputs):
    rng = np.random.default_rng(12)
    goods, n = 2, 3
    trade, cost = made_world(rng, n, goods), shock(rng, (goods, n, n), 0.3)
    before = rng.uniform(0, 0.2, trade.shape) * abroad(n)
    after = rng.uniform(0, 0.3, trade.shape) * abroad(n)
    gain = shock(rng, (goods, n))
    theta = [4.0, 6.0]
    law = with_inputs(rng, goods, n) if inputs else {}
    found = equilibrium(
        trade,
        trade_cost_change=cost,
        trade_elasticity=theta,
        tariff_rate_baseline=before,
        tariff_rate=after,
        productivity_change=gain,
        deficits=deficits,
        **law,
    )
    plain = twin_equilibrium(
        trade.tolist(),
        cost=cost.tolist(),
        elasticity=theta,
        value_added=law.get("value_added_share", np.ones((goods, n))).tolist(),
        inputs=law.get("input_share", np.ones((goods, goods, n)) / goods).tolist(),
        tariff_baseline=before.tolist(),
        tariff=after.tolist(),
        productivity=gain.tolist(),
        deficits=deficits,
        n_rounds=600,
    )
    np.testing.assert_allclose(found.wage_change, plain["wage"], rtol=1e-10)
    np.testing.assert_allclose(found.price_change, plain["cost"], rtol=1e-10)
    np.testing.assert_allclose(found.price_index_change, plain["price"], rtol=1e-10)
    np.testing.assert_allclose(found.trade, plain["trade"], rtol=1e-10)


@pytest.mark.parametrize("deficits", ["universal", "additive"])
def test_one_good_agrees_with_the_plain_twin(deficits):
    rng = np.random.default_rng(13)
    n, psi = 4, 1.5
    trade, cost = made_world(rng, n), shock(rng, (n, n), 0.3)
    rate = rng.uniform(0, 0.3, (n, n)) * abroad(n)
    found = equilibrium(
        trade,
        trade_cost_change=cost,
        trade_elasticity=5,
        supply_elasticity=psi,
        tariff_rate=rate,
        deficits=deficits,
    )
    plain = twin_equilibrium(
        [trade.tolist()],
        cost=[cost.tolist()],
        elasticity=[5.0],
        value_added=np.full((1, n), 1 / (1 + psi)).tolist(),
        inputs=np.ones((1, 1, n)).tolist(),
        tariff_baseline=np.zeros((1, n, n)).tolist(),
        tariff=[rate.tolist()],
        productivity=np.ones((1, n)).tolist(),
        deficits=deficits,
        n_rounds=800,
    )
    np.testing.assert_allclose(found.trade, plain["trade"][0], rtol=1e-10)
    np.testing.assert_allclose(found.price_change, plain["cost"][0], rtol=1e-10)


# ---- the run axis


@pytest.mark.parametrize("n_runs", [1, 3, 4, 5, 130])
@pytest.mark.parametrize("sd", [0.05, 0.6], ids=["small", "large"])
def test_a_batch_equals_its_single_runs_to_the_bit(n_runs, sd):
    rng = np.random.default_rng(14)
    goods, n = 3, 4
    trade, cost = made_world(rng, n, goods), shock(rng, (n_runs, goods, n, n), sd)
    theta, gain = rng.uniform(3, 8, (n_runs, 1)), shock(rng, (n_runs, 1, n))
    rate = rng.uniform(0, 0.3, (n_runs, goods, n, n)) * abroad(n)
    rate[0] = 0
    law = {"tariff_rate_baseline": rate[-1], "deficits": "additive"}
    batch = equilibrium(
        trade,
        trade_cost_change=cost,
        trade_elasticity=theta,
        productivity_change=gain,
        tariff_rate=rate,
        **law,
    )
    for run in {0, n_runs // 2, n_runs - 1}:
        single = equilibrium(
            trade,
            trade_cost_change=cost[run],
            trade_elasticity=theta[run],
            productivity_change=gain[run],
            tariff_rate=rate[run],
            **law,
        )
        for field in fields(single):
            np.testing.assert_array_equal(
                getattr(batch, field.name)[run], getattr(single, field.name), field.name
            )


@pytest.mark.parametrize("closure", gravity.CLOSURES)
@pytest.mark.parametrize("form", ["one-good", "inputs"])
def test_every_closure_and_form_keeps_runs_apart(closure, form):
    rng = np.random.default_rng(15)
    n_runs, n = 3, 3
    if form == "inputs":
        trade, law = made_world(rng, n, 2), with_inputs(rng, 2, n)
    else:
        trade, law = made_world(rng, n), {"supply_elasticity": 1.0}
    cost = shock(rng, (n_runs, *trade.shape), 0.3)
    law |= {"closure": closure, "trade_elasticity": 5}
    batch = equilibrium(trade, trade_cost_change=cost, **law)
    for run in range(n_runs):
        single = equilibrium(trade, trade_cost_change=cost[run], **law)
        np.testing.assert_array_equal(batch.trade[run], single.trade)
        np.testing.assert_array_equal(batch.welfare_change[run], single.welfare_change)


def test_runs_of_one_good_are_told_from_goods():
    rng = np.random.default_rng(16)
    trade = made_world(rng, 4, 3)
    cost = shock(rng, (4, 4))
    goods = equilibrium(trade, trade_cost_change=cost, trade_elasticity=5)
    runs = equilibrium(trade, trade_cost_change=cost, trade_elasticity=5, goods_axis=False)
    implied = equilibrium(
        trade, trade_cost_change=cost, trade_elasticity=5, supply_elasticity=1e-300
    )
    assert goods.welfare_change.shape == (4,)
    assert runs.welfare_change.shape == implied.welfare_change.shape == (3, 4)
    single = equilibrium(trade[1], trade_cost_change=cost, trade_elasticity=5)
    np.testing.assert_array_equal(runs.trade[1], single.trade)


def test_two_run_axes_come_back_as_given():
    rng = np.random.default_rng(17)
    trade, cost = made_world(rng, 3, 2), shock(rng, (2, 5, 2, 3, 3))
    found = equilibrium(trade, trade_cost_change=cost, trade_elasticity=5)
    assert found.trade.shape == cost.shape
    assert found.residual.shape == (2, 5)
    single = equilibrium(trade, trade_cost_change=cost[1, 3], trade_elasticity=5)
    np.testing.assert_array_equal(found.trade[1, 3], single.trade)


@pytest.mark.parametrize("inputs", [False, True], ids=["labour", "inputs"])
def test_a_near_start_saves_rounds_and_changes_nothing_else(inputs):
    rng = np.random.default_rng(18)
    trade, cost = made_world(rng, 5, 2), shock(rng, (3, 2, 5, 5), 0.2)
    law = {"trade_elasticity": 5, **(with_inputs(rng, 2, 5) if inputs else {})}
    before = equilibrium(trade, trade_cost_change=cost, **law)
    cold = equilibrium(trade, trade_cost_change=1.001 * cost**1.001, **law)
    warm = equilibrium(trade, trade_cost_change=1.001 * cost**1.001, start=before, **law)
    np.testing.assert_allclose(warm.trade, cold.trade, rtol=1e-10)
    assert (warm.n_iterations < cold.n_iterations).all()


def test_one_impossible_run_is_named_and_the_others_still_stand():
    trade = made_world(np.random.default_rng(19), 3)
    cost = np.ones((5, 3, 3))
    cost[3] = np.where(np.eye(3, dtype=bool), 1.0, 1e9)
    with pytest.raises(SolveError, match="runs 3 of the batch") as caught:
        equilibrium(trade, trade_cost_change=cost, trade_elasticity=4, deficits="additive")
    assert caught.value.runs == (3,)
    assert caught.value.states
    rest = equilibrium(trade, trade_cost_change=cost[:3], trade_elasticity=4, deficits="additive")
    np.testing.assert_allclose(rest.trade, np.array([trade] * 3), rtol=1e-12)


# ---- zeros and worlds apart


def test_zero_flows_stay_zero():
    trade = made_world(np.random.default_rng(20), 5)
    trade[1, 2] = trade[3, 3] = 0
    found = equilibrium(trade, trade_cost_change=1 - 0.2 * abroad(5), trade_elasticity=5)
    assert found.trade[1, 2] == found.trade[3, 3] == 0
    assert found.trade_change[1, 2] == 1
    assert (found.trade[trade > 0] > 0).all()


@pytest.mark.parametrize("closure", gravity.CLOSURES)
def test_a_state_without_any_trade_has_no_effect(closure):
    trade = made_world(np.random.default_rng(21), 5)
    trade[2] = trade[:, 2] = 0
    rest = np.array([0, 1, 3, 4])
    cost = 1 - 0.2 * abroad(5)
    law = {"trade_elasticity": 5, "closure": closure}
    found = equilibrium(trade, trade_cost_change=cost, **law)
    alone = equilibrium(
        trade[np.ix_(rest, rest)], trade_cost_change=cost[np.ix_(rest, rest)], **law
    )
    np.testing.assert_array_equal(found.trade[np.ix_(rest, rest)], alone.trade)
    np.testing.assert_array_equal(found.welfare_change[rest], alone.welfare_change)
    if closure != "direct":
        assert found.welfare_change[2] == found.price_index_change[2] == 1


def test_worlds_apart_are_solved_as_if_alone():
    trade = made_world(np.random.default_rng(22), 5)
    trade[:2, 2:] = trade[2:, :2] = 0
    cost = shock(np.random.default_rng(23), (4, 5, 5))
    found = equilibrium(trade, trade_cost_change=cost, trade_elasticity=5)
    for part in (slice(0, 2), slice(2, 5)):
        alone = equilibrium(
            trade[part, part], trade_cost_change=cost[:, part, part], trade_elasticity=5
        )
        np.testing.assert_array_equal(found.trade[:, part, part], alone.trade)
        np.testing.assert_array_equal(found.welfare_change[:, part], alone.welfare_change)


def test_a_state_that_only_buys_spends_its_additive_deficit():
    trade = made_world(np.random.default_rng(24), 4)
    trade[1] = 0
    found = equilibrium(
        trade, trade_cost_change=1 + 0.1 * abroad(4), trade_elasticity=5, deficits="additive"
    )
    assert found.trade[:, 1].sum() == pytest.approx(trade[:, 1].sum(), rel=1e-11)
    assert found.welfare_change[1] < 1
    with pytest.raises(ValueError, match="state 1 buys but sells nothing"):
        equilibrium(trade, trade_elasticity=5)
    with pytest.raises(ValueError, match="state 1 sells but buys nothing"):
        equilibrium(trade.T, trade_elasticity=5)


@pytest.mark.parametrize("rate", [0.3, 1.0, 5.0])
def test_high_tariffs_where_spending_is_a_multiple_of_income(rate):
    trade = np.array([[90.0, 8, 20], [6, 4, 2], [7, 60, 50]])  # state 1 spends 6 times its income
    tariff = np.array([[0, rate, 0], [0, 0, 0], [0, rate, 0]])
    found = equilibrium(trade, tariff_rate=tariff, trade_elasticity=4)
    assert found.clearing_residual < 1e-12
    revenue = (tariff * found.trade).sum(axis=0)
    earned, spent = found.trade.sum(axis=1) + revenue, found.trade.sum(axis=0) + revenue
    before = trade.sum(axis=0) / trade.sum(axis=1)
    np.testing.assert_allclose(spent / earned, before * found.deficit_scale, rtol=1e-11)
    assert found.trade.sum() == pytest.approx(trade.sum(), rel=1e-12)


@pytest.mark.parametrize("seed", [9, 14, 17])
def test_surpluses_of_fixed_value_survive_wild_shocks_with_inputs(seed):
    rng, n = np.random.default_rng(seed), 8
    trade = rng.lognormal(0, 1, (n, n)) * np.where(np.eye(n) > 0, 20, 1)
    found = equilibrium(
        trade,
        trade_cost_change=shock(rng, trade.shape, 0.6),
        trade_elasticity=6,
        supply_elasticity=2.7,
        deficits="additive",
    )
    assert found.clearing_residual < 1e-12
    deficit = trade.sum(axis=0) - trade.sum(axis=1)
    new = found.trade.sum(axis=0) - found.trade.sum(axis=1)
    np.testing.assert_allclose(new, deficit, atol=1e-11 * trade.sum())


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_with_inputs_all_but_closed_borders_still_have_an_answer(seed):
    n = 4
    trade = np.random.default_rng(seed).lognormal(0, 1, (2, n, n)) * np.where(np.eye(n) > 0, 8, 1)
    found = equilibrium(
        trade,
        trade_cost_change=np.where(np.eye(n) > 0, 1, 1e3),
        trade_elasticity=[3, 6],
        value_added_share=0.8,
        input_share=[[0.6, 0.4], [0.4, 0.6]],
    )
    assert found.clearing_residual < 1e-12
    output, spending = found.trade.sum(axis=(0, 2)), found.trade.sum(axis=(0, 1))
    before = trade.sum(axis=(0, 1)) / trade.sum(axis=(0, 2))
    np.testing.assert_allclose(spending / output, before * found.deficit_scale, rtol=1e-10)
    assert (found.trade * abroad(n)).sum() < 0.3 * (trade * abroad(n)).sum()


def test_one_good_of_inputs_needs_no_input_share():
    trade = made_world(np.random.default_rng(31), 4)
    law = {"trade_cost_change": 1 + 0.2 * abroad(4), "trade_elasticity": 5.0}
    given_share = equilibrium(trade[None], value_added_share=0.5, **law)
    given_psi = equilibrium(trade, supply_elasticity=1.0, **law)
    np.testing.assert_allclose(given_share.trade[0], given_psi.trade, rtol=1e-10)
    np.testing.assert_allclose(given_share.welfare_change, given_psi.welfare_change, rtol=1e-10)


# ---- refusals


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
@pytest.mark.parametrize("name", ["trade_cost_change", "trade", "tariff_rate"])
def test_a_bad_cell_is_named(name, bad):
    if (bad == 0) == (name != "trade_cost_change") and bad in (0, np.inf):
        pytest.skip("zero is no trade or no tariff, infinity cuts a link off")
    cells = {"trade": np.ones((3, 3)), name: np.ones((3, 3))}
    cells[name][2, 1] = bad
    with pytest.raises(ValueError, match=rf"{name}\[2, 1\] is {bad}"):
        equilibrium(**cells, trade_elasticity=4)


@pytest.mark.parametrize(
    ("law", "message"),
    [
        ({"trade_elasticity": 0}, "trade_elasticity is 0.0"),
        ({"trade_elasticity": [4, 4, -1]}, r"trade_elasticity\[2\]"),
        ({"trade_elasticity": [4, 4]}, r"trade_elasticity has shape \(2,\)"),
        ({"supply_elasticity": -1}, "supply_elasticity is -1"),
        ({"supply_elasticity": 1, "goods_axis": True}, "one-good form"),
        ({"trade_cost_change": np.ones((3, 4))}, r"trade_cost_change has shape"),
        ({"trade_cost_change": np.ones(4)}, "by exporter or by importer"),
        ({"productivity_change": np.ones((5, 3))}, "productivity_change has"),
        ({"deficits": "none"}, "universal, additive, multiplicative"),
        ({"closure": "partial"}, "full, conditional, direct"),
        ({"deficit": np.zeros(4)}, "needs deficits='additive'"),
        ({"deficit": np.ones(4), "deficits": "additive"}, "sums to 4"),
        ({"value_added_share": 0.5}, "wanted input_share"),
        ({"value_added_share": 1.5}, r"value_added_share\[0, 0\] is 1.5; wanted <= 1"),
        ({"input_share": np.ones((3, 3))}, "without value_added_share"),
        ({"value_added_share": 0.5, "input_share": np.ones((3, 3))}, r"\[:, 0, 0\] sums to 3"),
        ({"final_share": "clip"}, "clipped"),
        ({"tolerance": 0}, "tolerance is 0"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(law, message):
    trade = made_world(np.random.default_rng(25), 4, 3)
    with pytest.raises(ValueError, match=message):
        equilibrium(trade, **({"trade_elasticity": 4} | law))


@pytest.mark.parametrize(
    ("law", "message"),
    [
        ({"trade": [["a", 1], [1, 2]]}, "trade is not an array of numbers"),
        ({"trade": [[1, 2], [3]]}, "trade is not an array of numbers"),
        ({"trade": [[1, 2], [3, 4j]]}, "trade is complex"),
        ({"trade_cost_change": np.ones((3, 3))}, r"has shape \(3, 3\); wanted .* \(2, 2\) as"),
        ({"supply_elasticity": [1, 2, 3]}, r"shape \(3,\).*run values are \(runs, 1\)"),
        ({"tariff_rate": [0.1, 0.1]}, "either would tax domestic sales too"),
    ],
)
def test_what_does_not_fit_is_named_in_the_shape_that_was_given(law, message):
    with pytest.raises(ValueError, match=message):
        equilibrium(**({"trade": np.ones((2, 2)), "trade_elasticity": 4} | law))


def test_a_shape_with_two_readings_is_refused():
    trade = made_world(np.random.default_rng(26), 4, 3)
    law = {"trade_cost_change": np.ones((3, 3, 4, 4)), "trade_elasticity": 4}
    with pytest.raises(ValueError, match="could be"):
        equilibrium(trade, productivity_change=np.ones((3, 4)), **law)
    by_good = equilibrium(trade, productivity_change=np.full((1, 3, 4), 2.0), **law)
    by_run = equilibrium(trade, productivity_change=np.full((3, 1, 4), 2.0), **law)
    np.testing.assert_array_equal(by_good.trade, by_run.trade)


def test_negative_final_demand_is_named_unless_clipped():
    rng = np.random.default_rng(27)
    trade, law = made_world(rng, 3, 2), with_inputs(rng, 2, 3)
    trade[1, :, 2] *= 0.01
    with pytest.raises(ValueError, match="final demand for good 1 in state 2"):
        equilibrium(trade, trade_elasticity=5, **law)
    found = equilibrium(trade, trade_elasticity=5, final_share="clipped", **law)
    assert found.clearing_residual < 1e-12


@given(st.integers(0, 9_999), st.sampled_from([0.3, 1.0, 2.0]), st.sampled_from([1.5, 6.0, 20.0]))
@settings(max_examples=30)
def test_wild_shocks_are_answered_exactly_or_not_at_all(seed, sd, theta):
    rng = np.random.default_rng(seed)
    trade = made_world(rng, 6, 2, home=1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = equilibrium(
            trade, trade_cost_change=shock(rng, trade.shape, sd), trade_elasticity=theta
        )
    assert found.clearing_residual <= 1e-12
    assert found.residual <= 1e-12
    assert (found.trade > 0).all()
    np.testing.assert_allclose(
        found.trade.sum(axis=(0, 2)), trade.sum(axis=(0, 2)) * found.wage_change, rtol=1e-11
    )


def test_no_mixture_of_closures_and_forms_compiles_its_kernel_twice():
    """A fresh installation waits ten seconds for each; read-only inputs are of another type."""
    trade = made_world(np.random.default_rng(3), 4, 2)
    kept = trade.copy()
    kept.flags.writeable = False
    for closure in gravity.CLOSURES:
        for flows in (trade, kept):
            for cost in (np.ones((4, 4)), 1.1 * np.ones((3, 1, 4, 4))):
                equilibrium(flows, trade_cost_change=cost, trade_elasticity=4, closure=closure)
    assert len(descend.signatures) == 1
