"""The law of growth: what it says term by term, and that least squares finds it again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from bench.growth_fit import PastGrowth, expected, fit_growth, measured_points
from sim.laws.growth.growth_terms import GRAVITY_TERMS, TERMS
from sim.laws.growth.trade_growth import (
    GrowthLaw,
    Sizes,
    gravity_distance,
    half_of_both,
    log_growth,
)

WORLD = 1e8


def law_of(seed=0, scale=0.2):
    rng = np.random.default_rng(seed)
    gravity = np.array([-1.5, 0.8, 0.7, -0.7])
    return GrowthLaw(gravity, scale * rng.normal(size=len(TERMS)))


def plain_growth(law, h, trade, gdp, growth, new, union):
    """One number at a time, as the module's text has it."""
    c = dict(zip(TERMS, law.coefficients, strict=True))
    k = law.gravity
    z = min(max(np.log10(trade), -1.0), 4.0) - 1.5
    t = (min(max(h, 4.0), 12.0) - 8.0) / 4.0
    m = 1.0 - np.exp(-h / 8.0)
    r = np.log(trade) - (k[0] + sum(k[1 + g] * np.log(gdp[g]) for g in range(3)))
    s = [min(max(np.log10(gdp[g] / gdp[2]), -6.0), 0.0) + 3.0 for g in range(2)]
    answer = 0.0
    for g, name in enumerate(("exporter", "importer", "world")):
        slope = c[f"{name}_growth"] + c[f"{name}_growth_by_size"] * z
        slope += c[f"{name}_growth_by_horizon"] * t
        if g < 2:
            slope += c[f"{name}_growth_by_share"] * s[g]
        answer += slope * growth[g]
    answer += m * (c["reversion"] + c["reversion_by_size"] * z)
    answer += m * r * (c["distance"] + c["distance_by_size"] * z)
    answer += m * (c["exporter_share"] * s[0] + c["importer_share"] * s[1])
    answer += m * (
        c["exporter_share_squared"] * s[0] ** 2 + c["importer_share_squared"] * s[1] ** 2
    )
    answer += m * c["share_product"] * s[0] * s[1]
    return answer + m * (c["new_agreement"] * new + c["new_union"] * union)


@given(
    st.floats(0.0, 30.0), st.floats(-3.0, 6.0), st.integers(0, 1), st.integers(0, 1),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_law_is_that_of_a_plain_twin(h, size, new, union, seed):
    rng = np.random.default_rng(seed)
    gdp, growth = (*rng.uniform(1e3, 1e7, 2), WORLD), rng.normal(size=3) * 0.4
    found = log_growth(
        law_of(), h, 10.0**size, Sizes(*gdp), Sizes(*growth), new_agreement=new, new_union=union
    )
    twin = plain_growth(law_of(), h, 10.0**size, gdp, growth, new, union)
    assert found == pytest.approx(twin, rel=1e-9, abs=1e-9)


def test_nothing_grows_at_horizon_nought():
    still = Sizes(0.0, 0.0, 0.0)
    assert log_growth(law_of(), 0.0, 5.0, Sizes(1e5, 1e5, WORLD), still) == 0.0


def test_distance_from_gravity_is_none_for_the_flow_that_sizes_call_for():
    law, gdp = law_of(), Sizes(2e5, 3e5, WORLD)
    called_for = float(np.exp(-gravity_distance(law, 1.0, gdp)))
    assert gravity_distance(law, called_for, gdp) == pytest.approx(0.0, abs=1e-12)


def test_plain_rule_takes_half_of_both_whatever_the_flow():
    grown = Sizes(0.3, -0.1, 0.9)
    for size in (0.01, 5.0, 1e5):
        found = log_growth(half_of_both(), 9.0, size, Sizes(1.0, 2.0, 3.0), grown)
        assert found == pytest.approx(0.1)


def made_past(law, n=4000, noise=0.0, seed=5):
    """Flows of three horizons whose growth is the law's and some luck."""
    rng = np.random.default_rng(seed)
    flow, horizon = np.repeat(np.arange(n), 3), np.tile([4.0, 8.0, 12.0], n)
    gdp = Sizes(*(np.repeat(10.0 ** rng.uniform(3, 7, n), 3) for _ in range(2)),
                np.repeat(10.0 ** rng.uniform(7.2, 8, n), 3))  # fmt: skip
    trade = np.repeat(10.0 ** rng.uniform(-1, 4, n), 3)
    grown = Sizes(*(horizon * rng.normal(0.05, 0.03, 3 * n) for _ in range(3)))
    new = (rng.uniform(size=3 * n) < 0.1).astype(float)
    union = new * (rng.uniform(size=3 * n) < 0.2)
    past = PastGrowth(flow, horizon, trade, np.zeros(3 * n), gdp, grown, new, union)
    # The fit makes its own gravity; a law written against that one is found again.
    gravity = fit_growth(past).gravity
    made = GrowthLaw(gravity, law.coefficients)
    luck = noise * rng.normal(size=n).repeat(3)
    return past._replace(log_growth=expected(made, past) + luck), made


def test_least_squares_finds_the_law_that_made_the_trade():
    past, made = made_past(law_of(seed=1))
    found = fit_growth(past)
    assert found.gravity.shape == (len(GRAVITY_TERMS),)
    assert_allclose(found.coefficients, made.coefficients, atol=1e-8)


def test_flows_below_the_least_have_no_say():
    past, _ = made_past(law_of(seed=1), n=500)
    small = past._replace(
        trade_musd=np.full_like(past.trade_musd, 0.01), log_growth=past.log_growth + 9
    )
    both = PastGrowth(*(
        Sizes(*map(np.concatenate, zip(a, b, strict=True))) if isinstance(a, Sizes)
        else np.concatenate([a, b])
        for a, b in zip(past, small._replace(flow=small.flow + 500), strict=True)
    ))  # fmt: skip
    assert_allclose(fit_growth(both).coefficients, fit_growth(past).coefficients, atol=1e-9)


def test_points_of_errors_are_those_of_the_luck_that_made_them():
    past, made = made_past(law_of(seed=2), noise=0.7)
    points, n = measured_points(made, past, {2: (0.5,) * 5})
    assert points.horizon_years.tolist() == [2.0, 4.0, 8.0, 12.0]
    assert n[:, 0].tolist() == [0] * 5
    assert n[:, 1:].sum() == 12_000
    assert_allclose(points.log_error[:, 2, 5], 0.7 * 1.645, atol=0.12)
    assert_allclose(points.log_error[:, 0], 0.5 * points.log_error[:, 1])
    # Luck that is the same at all horizons is all of the base year and of what lasts.
    assert np.all(points.passing_years == points.passing_years.max())
