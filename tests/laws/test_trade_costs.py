"""Laws of door-to-door trade cost: routes, their choice, border hours, closed pairs."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws.trade_costs import (
    CLOSED_COST,
    border_time_factor,
    route_ave,
    route_choice,
    trade_cost_change,
)
from tests.laws.plain_twins import plain_route_choice

COSTS = st.floats(0.0, 3.0)
OPENNESS = st.one_of(st.just(0.0), st.just(1.0), st.floats(0.001, 1.0))
ROUTES = st.lists(st.tuples(COSTS, OPENNESS), min_size=1, max_size=10)
DISPERSIONS = st.floats(0.5, 50.0)
SEEDS = st.integers(0, 2**32 - 1)


def columns(routes: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    costs, open_shares = zip(*routes, strict=True)
    return list(costs), list(open_shares)


# --- one route --------------------------------------------------------------------------------


def test_worked_example_of_a_route() -> None:
    """6,000 USD on 60,000 and 20 days at 1 % a day are 10 % and 20 % of the value."""
    assert route_ave(6000, 20, value_usd=60000, time_cost_per_day=0.01) == pytest.approx(0.3)


@settings(max_examples=60)
@given(st.floats(0, 2e4), st.floats(0, 90), st.floats(1e3, 1e6), st.floats(0, 0.03))
def test_route_cost_does_not_depend_on_the_currency(
    charges: float, days: float, value: float, per_day: float
) -> None:
    in_usd = route_ave(charges, days, value_usd=value, time_cost_per_day=per_day)
    in_rupees = route_ave(charges * 224, days, value_usd=value * 224, time_cost_per_day=per_day)
    assert_allclose(in_usd, in_rupees, rtol=1e-12)


@settings(max_examples=60)
@given(st.floats(0, 2e4), st.floats(0, 90), st.floats(0, 5e3), st.floats(0, 30))
def test_charges_and_days_never_make_a_route_cheaper(
    charges: float, days: float, more_usd: float, more_days: float
) -> None:
    less = route_ave(charges, days, value_usd=5e4, time_cost_per_day=0.01)
    more = route_ave(charges + more_usd, days + more_days, value_usd=5e4, time_cost_per_day=0.01)
    assert more >= less


def test_nothing_to_pay_and_no_time_is_no_cost() -> None:
    assert route_ave(0.0, 0.0, value_usd=6e4, time_cost_per_day=0.01) == 0.0


# --- choice of route --------------------------------------------------------------------------


def test_worked_example_of_two_equal_routes() -> None:
    """Two equal routes halve the cargo and are worth log(2) / dispersion (McFadden 1978)."""
    choice = route_choice([0.2, 0.2], [1.0, 1.0], dispersion=10.0)
    assert choice.share.tolist() == [0.5, 0.5]
    assert choice.ave == pytest.approx(0.2 - math.log(2) / 10, rel=1e-14)


@settings(max_examples=60)
@given(ROUTES, DISPERSIONS)
def test_route_choice_is_the_printed_logit(
    routes: list[tuple[float, float]], dispersion: float
) -> None:
    costs, open_shares = columns(routes)
    choice = route_choice(costs, open_shares, dispersion=dispersion)
    shares, logsum = plain_route_choice(costs, open_shares, dispersion)
    assert_allclose(choice.share, shares, rtol=1e-9, atol=1e-14)
    assert_allclose(choice.ave, logsum, rtol=1e-9, atol=1e-12)


@settings(max_examples=60)
@given(ROUTES, DISPERSIONS)
def test_shares_sum_to_one_where_something_is_open_and_to_nothing_elsewhere(
    routes: list[tuple[float, float]], dispersion: float
) -> None:
    costs, open_shares = columns(routes)
    choice = route_choice(costs, open_shares, dispersion=dispersion)
    anything = any(share > 0 for share in open_shares)
    assert_allclose(choice.share.sum(), 1.0 if anything else 0.0, rtol=1e-12)
    assert np.isfinite(choice.ave) == anything
    assert all(s == 0.0 for s, o in zip(choice.share, open_shares, strict=True) if o == 0)


@settings(max_examples=60)
@given(ROUTES, DISPERSIONS, COSTS, st.floats(0.001, 1.0))
def test_opening_a_route_never_raises_the_logsum(
    routes: list[tuple[float, float]], dispersion: float, cost: float, openness: float
) -> None:
    costs, open_shares = columns(routes)
    shut = route_choice([*costs, cost], [*open_shares, 0.0], dispersion=dispersion)
    opened = route_choice([*costs, cost], [*open_shares, openness], dispersion=dispersion)
    assert opened.ave <= shut.ave + 1e-12
    assert opened.ave <= cost - math.log(openness) / dispersion + 1e-12


@settings(max_examples=60)
@given(ROUTES, DISPERSIONS, COSTS)
def test_a_closed_route_is_one_that_does_not_exist(
    routes: list[tuple[float, float]], dispersion: float, cost: float
) -> None:
    costs, open_shares = columns(routes)
    without = route_choice(costs, open_shares, dispersion=dispersion)
    closed = route_choice([*costs, cost], [*open_shares, 0.0], dispersion=dispersion)
    assert_allclose(closed.ave, without.ave, rtol=1e-14)
    assert_allclose(closed.share[:-1], without.share, rtol=1e-14)


@settings(max_examples=60)
@given(ROUTES, DISPERSIONS, st.integers(0, 9), st.floats(0.0, 1.0))
def test_a_dearer_route_loses_cargo_and_never_lowers_the_logsum(
    routes: list[tuple[float, float]], dispersion: float, which: int, dearer: float
) -> None:
    costs, open_shares = columns(routes)
    which %= len(costs)
    assume(open_shares[which] > 0)
    before = route_choice(costs, open_shares, dispersion=dispersion)
    costs[which] += dearer
    after = route_choice(costs, open_shares, dispersion=dispersion)
    assert after.share[which] <= before.share[which] + 1e-12
    assert before.ave - 1e-12 <= after.ave <= before.ave + dearer + 1e-12


@settings(max_examples=60)
@given(ROUTES, DISPERSIONS, st.floats(-1.0, 1.0))
def test_the_same_cost_on_every_route_moves_the_logsum_by_it_and_no_cargo(
    routes: list[tuple[float, float]], dispersion: float, toll: float
) -> None:
    costs, open_shares = columns(routes)
    assume(any(share > 0 for share in open_shares))
    before = route_choice(costs, open_shares, dispersion=dispersion)
    after = route_choice(np.add(costs, toll), open_shares, dispersion=dispersion)
    assert_allclose(after.share, before.share, rtol=1e-9, atol=1e-14)
    assert_allclose(after.ave - before.ave, toll, atol=1e-12)


@settings(max_examples=60)
@given(COSTS, DISPERSIONS)
def test_a_single_open_route_carries_all_at_its_own_cost(cost: float, dispersion: float) -> None:
    choice = route_choice([cost, 0.0], [1.0, 0.0], dispersion=dispersion)
    assert choice.share.tolist() == [1.0, 0.0]
    assert_allclose(choice.ave, cost, rtol=1e-14, atol=1e-300)


def test_a_very_sensitive_choice_takes_the_cheapest_route() -> None:
    choice = route_choice([0.3, 0.2, 0.25], [1.0, 1.0, 1.0], dispersion=1e5)
    assert_allclose(choice.share, [0.0, 1.0, 0.0], atol=1e-12)
    assert_allclose(choice.ave, 0.2, rtol=1e-12)


def test_all_closed_carries_nothing_at_infinite_cost() -> None:
    choice = route_choice([0.1, 0.2], [0.0, 0.0], dispersion=10.0)
    assert choice.share.tolist() == [0.0, 0.0]
    assert choice.ave == np.inf


def test_a_route_of_infinite_cost_is_closed_even_when_open() -> None:
    choice = route_choice([0.1, np.inf], [1.0, 1.0], dispersion=10.0)
    assert choice.share.tolist() == [1.0, 0.0]
    alone = route_choice([np.inf], [1.0], dispersion=10.0)
    assert (alone.share.tolist(), float(alone.ave)) == ([0.0], np.inf)


def test_costs_too_large_for_a_bare_exponential_are_still_weighed() -> None:
    choice = route_choice([500.0, 500.1], [1.0, 1.0], dispersion=10.0)
    assert_allclose(choice.share[0], 1 / (1 + math.exp(-1.0)), rtol=1e-9)


# --- border hours -----------------------------------------------------------------------------


def test_worked_example_of_border_hours() -> None:
    """Ten per cent less time, elasticity -0.14: trade is 0.9 ** -0.14 (Kim and Mariano 2020)."""
    factor = border_time_factor(0.9, border_time_elasticity=-0.14, trade_elasticity=5.03)
    assert_allclose(factor**-5.03, 0.9**-0.14, rtol=1e-12)
    assert 0.014 < factor**-5.03 - 1 < 0.015


@settings(max_examples=60)
@given(st.floats(0.01, 10), st.floats(-0.4, -0.01), st.floats(1, 12), st.floats(1, 12))
def test_border_hours_move_trade_alike_under_every_trade_elasticity(
    ratio: float, elasticity: float, one: float, other: float
) -> None:
    trade = [
        border_time_factor(ratio, border_time_elasticity=elasticity, trade_elasticity=theta)
        ** -theta
        for theta in (one, other)
    ]
    assert_allclose(trade, ratio**elasticity, rtol=1e-10)


@settings(max_examples=60)
@given(st.floats(0.01, 10), st.floats(0.01, 10), st.floats(-0.4, 0.0), st.floats(1, 12))
def test_longer_border_hours_never_make_trade_cheaper(
    one: float, other: float, elasticity: float, theta: float
) -> None:
    low, high = border_time_factor(
        [min(one, other), max(one, other)],
        border_time_elasticity=elasticity,
        trade_elasticity=theta,
    )
    assert low <= high


def test_unchanged_hours_or_no_elasticity_leave_the_cost() -> None:
    assert border_time_factor(1.0, border_time_elasticity=-0.14, trade_elasticity=5.0) == 1.0
    assert border_time_factor(0.3, border_time_elasticity=0.0, trade_elasticity=5.0) == 1.0


# --- the ratio --------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.floats(-0.5, 5.0))
def test_no_change_of_routes_is_no_change_of_cost(ave: float) -> None:
    assert trade_cost_change(ave, ave) == 1.0


@settings(max_examples=60)
@given(st.floats(0.0, 5.0), st.floats(0.0, 5.0), st.floats(0.0, 5.0))
def test_changes_of_cost_chain(first: float, second: float, third: float) -> None:
    chained = trade_cost_change(second, first) * trade_cost_change(third, second)
    assert_allclose(chained, trade_cost_change(third, first), rtol=1e-12)


def test_a_pair_that_is_cut_off_has_a_finite_cost_that_no_open_pair_exceeds() -> None:
    assert trade_cost_change([np.inf, 1e9, 0.2], 0.2).tolist() == [CLOSED_COST, CLOSED_COST, 1.0]


@pytest.mark.parametrize("now", [0.2, np.inf])
def test_a_pair_without_a_route_at_the_baseline_has_no_ratio(now: float) -> None:
    with pytest.raises(ValueError, match=r"ave_baseline: got an infinite cost .* a finite one"):
        trade_cost_change([0.1, now], [0.1, np.inf])


# --- the run axis -----------------------------------------------------------------------------


@settings(max_examples=25)
@given(SEEDS, st.sampled_from([1, 3, 9, 11]))
def test_a_batch_of_routes_equals_its_single_runs(seed: int, n_runs: int) -> None:
    rng = np.random.default_rng(seed)
    n_pairs, n_routes = 3, 9
    charges = rng.uniform(500, 9000, (n_pairs, n_routes))
    days, per_day = rng.uniform(1, 40, (n_pairs, n_routes)), rng.uniform(0, 0.02, (n_runs, 1, 1))
    dispersion = rng.uniform(2, 30, (n_runs, 1))
    openness = np.maximum(rng.uniform(-0.5, 1, (n_runs, n_pairs, n_routes)), 0)
    ratio = rng.uniform(0.3, 1.5, (n_runs, n_pairs))
    theta = rng.choice([0.5, 1.0, 2.0, 5.03], (n_runs, 1))
    ave = route_ave(charges, days, value_usd=6e4, time_cost_per_day=per_day)
    choice = route_choice(ave, openness, dispersion=dispersion)
    factor = border_time_factor(ratio, border_time_elasticity=-0.14, trade_elasticity=theta)
    change = trade_cost_change(choice.ave, np.linspace(0.1, 0.3, n_pairs))
    for r in range(n_runs):
        one = route_ave(charges, days, value_usd=6e4, time_cost_per_day=per_day[r])
        assert_array_equal(ave[r], one)
        alone = route_choice(one, openness[r], dispersion=dispersion[r])
        assert_array_equal(choice.share[r], alone.share)
        assert_array_equal(choice.ave[r], alone.ave)
        assert_array_equal(
            factor[r],
            border_time_factor(ratio[r], border_time_elasticity=-0.14, trade_elasticity=theta[r]),
        )
        assert_array_equal(change[r], trade_cost_change(alone.ave, np.linspace(0.1, 0.3, n_pairs)))


@settings(max_examples=20)
@given(SEEDS, st.sampled_from([1, 3, 9]))
def test_shared_costs_under_each_runs_openings_equal_single_runs(seed: int, n_runs: int) -> None:
    rng = np.random.default_rng(seed)
    costs = rng.uniform(0, 1, (9, 3)).T  # not laid out in memory by rows
    openness = rng.uniform(0, 1, (n_runs, 3, 9))
    batch = route_choice(costs, openness, dispersion=8.0)
    for r in range(n_runs):
        alone = route_choice(costs, openness[r], dispersion=8.0)
        assert_array_equal(batch.share[r], alone.share)
        assert_array_equal(batch.ave[r], alone.ave)
