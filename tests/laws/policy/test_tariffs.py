"""Laws of tariffs under agreements: phasing, use of the preference, quotas, unions."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from sim.laws.policy.duty_schedules import StandingDuties
from sim.laws.policy.tariffs import (
    CUSTOMS_UNION_RULES,
    grantors,
    phased_share,
    preference_use,
    quota_fill,
    tariff_revenue,
)
from tests.twins.plain_twins import (
    plain_phased_share,
    plain_preference_use,
    plain_preferential_rate,
    plain_quota_fill,
)

RATES = st.floats(0.0, 1.5)
COSTS = st.floats(1e-4, 0.3)
SPREADS = st.floats(0.05, 2.0)
SHARES = st.floats(0.0, 1.0)
AMOUNTS = st.floats(0.0, 1e5)
ELASTICITIES = st.floats(0.5, 12.0)
SEEDS = st.integers(0, 2**32 - 1)
ROUNDING = 1e-12


def use(mfn: Any, low: Any, cost: Any, spread: Any, covered: Any = 1.0) -> Any:
    return preference_use(mfn, low, origin_cost_ave=cost, spread=spread, covered_share=covered)


def fill(demand: Any, quota: Any, inside: Any, outside: Any, theta: Any) -> Any:
    return quota_fill(
        demand, quota, quota_rate=inside, outside_rate=outside, trade_elasticity=theta
    )


# --- phasing in -----------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.integers(-40, 80), st.integers(0, 20))
def test_phase_in_takes_equal_annual_steps_from_entry_into_force(quarters: int, steps: int) -> None:
    years = quarters / 4
    assert phased_share(years, steps) == plain_phased_share(years, steps)


@settings(max_examples=60)
@given(st.integers(0, 20))
def test_phase_in_is_complete_with_its_last_step_and_nil_before_force(steps: int) -> None:
    last = max(steps, 1) - 1
    assert phased_share([-0.25, last, last + 30.0], steps).tolist() == [0.0, 1.0, 1.0]
    assert phased_share(last - 0.25, steps) < 1.0


def test_an_anniversary_reached_by_adding_up_tenths_counts() -> None:
    years = sum([0.1] * 10)
    assert years < 1.0
    assert phased_share(years, 4) == 0.5


# --- the rate left ----------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.lists(st.tuples(RATES, SHARES), min_size=1, max_size=6))
def test_rate_left_is_the_sum_of_what_is_left_of_each_layer(layers: list[Any]) -> None:
    rates, cuts = zip(*layers, strict=True)
    pool = [np.array(each)[:, None] for each in (rates, cuts)]
    left = float(StandingDuties(*pool, extra_rate=np.zeros(1)).rate[0])
    assert left == plain_preferential_rate(rates, cuts)
    assert 0.0 <= left <= sum(rates) + ROUNDING


# --- use of the preference ----------------------------------------------------------------------


def test_worked_example_of_use_follows_the_two_formulas() -> None:
    """The docstring's numbers, recomputed from the formulas of the module's heading."""
    result = use(0.10, 0.0, 0.02, 1.0)
    distance = np.log(0.10 / 0.02)
    used = norm.cdf(distance)
    saving = 0.10 * used - 0.02 * np.exp(0.5) * norm.cdf(distance - 1.0)
    assert result.used_share == pytest.approx(used, rel=1e-9)
    assert result.applied_rate == pytest.approx(0.10 * (1 - used), rel=1e-9)
    duty_paid = (1 + result.applied_rate) * result.origin_cost_factor
    assert duty_paid == pytest.approx(1.10 * (1 - saving / 1.10), rel=1e-12)


@settings(max_examples=30)
@given(RATES, SHARES, COSTS, SPREADS)
def test_expected_saving_is_the_integral_over_consignments(
    mfn: float, kept: float, cost: float, spread: float
) -> None:
    low = mfn * kept
    margin = (1 + mfn) / (1 + low) - 1
    result = use(mfn, low, cost, spread)
    edge = np.clip(np.log(margin / cost) / spread, -9.0, 9.0) if margin > 0 else -9.0

    def saved(z: float) -> float:
        return max(margin - cost * np.exp(spread * z), 0.0) * norm.pdf(z)

    saving, _ = quad(saved, -10.0, edge, epsabs=1e-12, epsrel=1e-10)
    duty_paid = (1 + result.applied_rate) * result.origin_cost_factor
    assert duty_paid == pytest.approx((1 + mfn) * (1 - saving / (1 + margin)), abs=1e-8)


@pytest.mark.parametrize(
    ("mfn", "low", "cost", "spread", "covered"),
    [(0.10, 0.0, 0.02, 1.0, 1.0), (0.25, 0.1, 0.12, 0.6, 0.8), (0.03, 0.01, 0.05, 1.5, 0.4)],
)
def test_use_is_what_two_hundred_thousand_consignments_decide(
    mfn: float, low: float, cost: float, spread: float, covered: float
) -> None:
    used, duty, price = plain_preference_use(mfn, low, cost, spread, covered, 200_000)
    result = use(mfn, low, cost, spread, covered)
    assert result.used_share == pytest.approx(used, abs=1e-5)
    assert result.applied_rate == pytest.approx(duty, abs=1e-6)
    duty_paid = (1 + result.applied_rate) * result.origin_cost_factor
    assert duty_paid == pytest.approx(price, abs=1e-6)


@settings(max_examples=60)
@given(RATES, st.floats(0.0, 2.0), COSTS, SPREADS, SHARES)
def test_a_preference_never_costs_anybody_anything(
    mfn: float, low: float, cost: float, spread: float, covered: float
) -> None:
    result = use(mfn, low, cost, spread, covered)
    assert 0.0 <= result.used_share <= covered
    assert min(low, mfn) - ROUNDING <= result.applied_rate <= mfn + ROUNDING
    assert result.origin_cost_factor >= 1.0
    assert (1 + result.applied_rate) * result.origin_cost_factor <= (1 + mfn) * (1 + ROUNDING)


@settings(max_examples=60)
@given(RATES, SHARES, SHARES, COSTS, SPREADS)
def test_a_higher_margin_is_used_more_and_never_raises_the_price(
    mfn: float, one: float, other: float, cost: float, spread: float
) -> None:
    deep, shallow = (
        use(mfn, mfn * min(one, other), cost, spread),
        use(mfn, mfn * max(one, other), cost, spread),
    )
    assert deep.used_share >= shallow.used_share
    assert deep.applied_rate <= shallow.applied_rate + ROUNDING
    deep_price = (1 + deep.applied_rate) * deep.origin_cost_factor
    assert deep_price <= (1 + shallow.applied_rate) * shallow.origin_cost_factor + ROUNDING


@settings(max_examples=60)
@given(RATES, SHARES, COSTS, st.floats(1.0, 50.0), SPREADS)
def test_a_dearer_proof_of_origin_is_used_less(
    mfn: float, kept: float, cost: float, times: float, spread: float
) -> None:
    cheap = use(mfn, mfn * kept, cost, spread)
    dear = use(mfn, mfn * kept, cost * times, spread)
    assert dear.used_share <= cheap.used_share
    assert dear.applied_rate >= cheap.applied_rate - ROUNDING


@settings(max_examples=60)
@given(RATES, st.floats(0.0, 1.0), st.sampled_from([0.0, 0.02, np.inf]), SPREADS, SHARES)
def test_without_a_margin_nothing_changes_to_the_last_bit(
    mfn: float, above: float, cost: float, spread: float, covered: float
) -> None:
    result = use(mfn, mfn + above, cost, spread, covered)
    assert result.used_share == 0.0
    assert result.applied_rate == mfn
    assert result.origin_cost_factor == 1.0


def test_partial_coverage_of_no_margin_leaves_a_thousand_rates_to_the_last_bit() -> None:
    mfn, covered = np.random.default_rng(0).uniform(0, 1, (2, 1_000))
    result = use(mfn, mfn, 0.02, 1.0, covered)
    np.testing.assert_array_equal(result.applied_rate, mfn)
    np.testing.assert_array_equal(result.origin_cost_factor, 1.0)


@settings(max_examples=60)
@given(RATES, st.floats(0.0, 0.9), SPREADS, SHARES)
def test_free_proof_is_used_by_all_and_infinitely_dear_proof_by_none(
    mfn: float, kept: float, spread: float, covered: float
) -> None:
    mfn += 0.01
    free, impossible = use(mfn, mfn * kept, [0.0, np.inf], spread, covered).used_share
    assert free == covered
    assert impossible == 0.0
    factor = use(mfn, mfn * kept, [0.0, np.inf], spread, covered).origin_cost_factor
    np.testing.assert_allclose(factor, 1.0, rtol=1e-12)
    assert use(mfn, mfn * kept, 0.0, spread).applied_rate == mfn * kept
    assert use(mfn, mfn * kept, np.inf, spread).applied_rate == mfn


@settings(max_examples=60)
@given(RATES, SHARES, COSTS, SPREADS)
def test_an_uncovered_good_keeps_its_tariff(
    mfn: float, kept: float, cost: float, spread: float
) -> None:
    result = use(mfn, mfn * kept, cost, spread, 0.0)
    assert (result.used_share, result.applied_rate, result.origin_cost_factor) == (0.0, mfn, 1.0)


# --- quotas -------------------------------------------------------------------------------------


def test_worked_example_of_a_quota_has_its_three_regimes() -> None:
    result = fill([5.0, 12.0, 40.0], 10.0, 0.0, 0.2, 5)
    np.testing.assert_allclose(result.marginal_rate, [0.0, 1.2**0.2 - 1, 0.2], rtol=1e-12)
    part = 10 / (40 * 1.2**-5)
    np.testing.assert_allclose(result.applied_rate, [0.0, 0.0, 0.2 * (1 - part)], atol=1e-14)
    np.testing.assert_allclose(result.fill_share, [0.5, 1.0, 1.0], rtol=1e-12)


@settings(max_examples=60)
@given(AMOUNTS, st.floats(1e-3, 1e5), RATES, st.floats(0.0, 1.0), ELASTICITIES)
def test_quota_fills_as_the_plain_regimes_say(
    demand: float, quota: float, inside: float, above: float, theta: float
) -> None:
    result = fill(demand, quota, inside, inside + above, theta)
    twin = plain_quota_fill(demand, quota, inside, inside + above, theta)
    np.testing.assert_allclose(result, twin, rtol=1e-9, atol=1e-9)


@settings(max_examples=60)
@given(AMOUNTS, st.floats(0, 1e5), st.floats(0, 1e5), RATES, st.floats(0, 1), ELASTICITIES)
def test_more_quota_never_raises_a_rate(
    demand: float, one: float, other: float, inside: float, above: float, theta: float
) -> None:
    small = fill(demand, min(one, other), inside, inside + above, theta)
    large = fill(demand, max(one, other), inside, inside + above, theta)
    assert large.marginal_rate <= small.marginal_rate + ROUNDING
    assert large.applied_rate <= small.applied_rate + ROUNDING


@settings(max_examples=60)
@given(AMOUNTS, AMOUNTS, AMOUNTS, RATES, st.floats(0, 1), ELASTICITIES)
def test_more_demand_never_lowers_a_rate_nor_imports(
    one: float, other: float, quota: float, inside: float, above: float, theta: float
) -> None:
    demands = np.array([min(one, other), max(one, other)])
    result = fill(demands, quota, inside, inside + above, theta)
    assert np.diff(result.marginal_rate) >= -ROUNDING
    assert np.diff(result.applied_rate) >= -ROUNDING
    imports = demands * ((1 + result.marginal_rate) / (1 + inside)) ** -theta
    assert np.diff(imports) >= -1e-9 * (1 + imports[1])


@settings(max_examples=60)
@given(AMOUNTS, AMOUNTS, RATES, st.floats(0, 1), ELASTICITIES)
def test_the_average_duty_lies_between_the_quota_rate_and_the_marginal_rate(
    demand: float, quota: float, inside: float, above: float, theta: float
) -> None:
    result = fill(demand, quota, inside, inside + above, theta)
    assert inside - ROUNDING <= result.applied_rate <= result.marginal_rate + ROUNDING
    assert result.marginal_rate <= inside + above
    assert 0.0 <= result.fill_share <= 1.0


@settings(max_examples=60)
@given(AMOUNTS, RATES, st.floats(0, 1), ELASTICITIES)
def test_no_quota_limit_is_the_quota_rate_and_a_quota_of_nothing_the_outside_rate(
    demand: float, inside: float, above: float, theta: float
) -> None:
    result = fill(demand, [np.inf, 0.0], inside, inside + above, theta)
    assert result.marginal_rate.tolist() == [inside, inside + above]
    assert result.applied_rate.tolist() == [inside, inside + above]
    assert result.fill_share[0] == 0.0


def test_an_outside_rate_below_the_quota_rate_leaves_the_quota_without_effect() -> None:
    result = fill([1.0, 100.0], 10.0, 0.1, 0.05, 5.0)
    assert result.marginal_rate.tolist() == [0.1, 0.1]
    assert result.applied_rate.tolist() == [0.1, 0.1]


# --- revenue and unions -------------------------------------------------------------------------


def test_revenue_is_value_times_rate() -> None:
    assert tariff_revenue([100.0, 40.0], [0.2, 0.0]).tolist() == [20.0, 0.0]


@pytest.mark.parametrize("rule", CUSTOMS_UNION_RULES)
def test_a_state_in_no_union_grants_alone_under_every_rule(rule: str) -> None:
    assert grantors(3, (), rule) == (3,)


def test_a_union_member_grants_as_its_union_rules() -> None:
    assert grantors(1, (1, 4, 6), "refuse") == ()
    assert grantors(1, (1, 4, 6), "waiver") == (1,)
    assert grantors(1, (1, 4, 6), "union") == (1, 4, 6)


def test_an_unknown_union_rule_is_refused_with_the_rules_there_are() -> None:
    with pytest.raises(ValueError, match="got 'veto'; wanted one of refuse, waiver, union"):
        grantors(1, (), "veto")


# --- the run axis -------------------------------------------------------------------------------


@settings(max_examples=20)
@given(SEEDS, st.sampled_from([1, 3, 4, 7]), st.sampled_from([0.5, 1.0, 2.0, 5.03, None]))
def test_a_batch_of_quotas_equals_its_single_runs(
    seed: int, n_runs: int, theta: float | None
) -> None:
    rng = np.random.default_rng(seed)
    cells = (2, 4, 4)
    mfn, low = rng.uniform(0, 0.5, cells), rng.uniform(0, 0.3, cells)
    theta_of_run = rng.uniform(1, 8, (n_runs, 1, 1, 1)) if theta is None else theta
    theta_of_run = np.broadcast_to(theta_of_run, (n_runs, 1, 1, 1)).copy()
    demand, quota = rng.uniform(0, 50, (n_runs, *cells)), rng.uniform(0, 20, cells)
    filled = fill(demand, quota, low, mfn, theta_of_run)
    for r in range(n_runs):
        alone = fill(demand[r], quota, low, mfn, theta_of_run[r])
        slim = fill(demand[r : r + 1], quota, low, mfn, theta_of_run[r : r + 1])
        scalar = fill(demand[r], quota, low, mfn, float(theta_of_run[r, 0, 0, 0]))
        for k in range(3):
            np.testing.assert_array_equal(filled[k][r], alone[k])
            np.testing.assert_array_equal(filled[k][r], slim[k][0])
            np.testing.assert_array_equal(filled[k][r], scalar[k])


@settings(max_examples=20)
@given(SEEDS, st.sampled_from([1, 3, 4, 7]))
def test_a_batch_of_preferences_equals_its_single_runs(seed: int, n_runs: int) -> None:
    rng = np.random.default_rng(seed)
    cells = (2, 4, 4)
    mfn, covered = rng.uniform(0, 0.5, cells), rng.uniform(0, 1, cells)
    low = rng.uniform(0, 0.5, (n_runs, *cells))
    cost, spread = rng.uniform(0.01, 0.5, (2, n_runs, 1, 1, 1))
    batch = use(mfn, low, cost, spread, covered)
    for r in range(n_runs):
        alone = use(mfn, low[r], cost[r], spread[r], covered)
        for k in range(3):
            np.testing.assert_array_equal(batch[k][r], alone[k])
