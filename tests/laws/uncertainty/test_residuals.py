"""Laws of residual shocks: their points are the measured ones, both tails, at every horizon."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import ndtri

from sim.laws.uncertainty.residuals import (
    TAIL_CUT,
    YEAR_LEAD_LAG,
    YEAR_MEAN_LAG,
    ErrorPoints,
    latent_paths,
    passing_at,
    points_at,
    points_of_sum,
    points_without,
    residual_paths,
    shock,
)
from sim.scenario.sampling.random_streams import Streams
from tests.twins.plain_twins import plain_residual_path, plain_shock

SHARES = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
SEEDS = st.integers(0, 2**32 - 1)
LOPSIDED = np.array([-1.39, -0.30, 0.0, 0.33, 0.95])
N_YEARS = 12
YEARS = np.arange(4 * N_YEARS) // 4


def made_points(shape=LOPSIDED, c=(2.0, 0.3)):
    """Two sizes, the smaller twice as wide; width with the root of the horizon."""
    horizons = np.array([1.0, 4.0, 8.0, 12.0])
    wide = shape * np.sqrt(horizons / 8.0)[:, None]
    return ErrorPoints(
        SHARES, np.array([10.0, 1000.0]), horizons, np.stack([2.0 * wide, wide]), np.array(c)
    )


def drawn_paths(points, size, n_runs=20_000, n_years=N_YEARS, years=YEARS, seed=1):
    streams = Streams(seed, range(n_runs))
    return residual_paths(
        streams.normal("passing", ["one"], 1 + n_years),
        streams.normal("lasting", ["one"], 4 * n_years),
        points,
        [size],
        years,
    )


@pytest.fixture(scope="module")
def year_means():
    """(n_runs, n_years) log of the mean factor of each calendar year, in 20,000 runs."""
    paths = drawn_paths(made_points(), 1000.0)[:, 0]
    return np.log(np.exp(paths).reshape(len(paths), N_YEARS, 4).mean(axis=-1))


# --- shape ------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [1, 2, 4, 6, 8, 12])
def test_simulated_years_have_the_measured_points_in_both_tails(year_means, year):
    wanted = points_at(made_points(), 1000.0, [year])[0, 0]
    found = np.quantile(year_means[:, year - 1], SHARES)
    width = wanted[-1] - wanted[0]
    # Sampling alone moves the outer points by 0.01 of the width; the mean of factors by less.
    assert np.all(np.abs(found - wanted) < 0.03 * width)


def test_mean_over_a_year_is_the_shock_of_its_latent_number():
    rng = np.random.default_rng(2)
    passing, lasting = rng.normal(size=(50, 1, 4)), rng.normal(size=(50, 1, 12))
    points = made_points()
    paths = residual_paths(passing, lasting, points, [70.0], np.arange(12) // 4)
    year, _ = latent_paths(passing, lasting, passing_at(points, [70.0]))
    at = points_at(points, [70.0], [1.0, 2.0, 3.0])
    assert_allclose(paths.reshape(50, 1, 3, 4).mean(axis=-1), shock(year, at, SHARES), atol=1e-12)


def test_latent_numbers_of_every_year_are_standard_normal():
    rng = np.random.default_rng(3)
    passing, lasting = rng.normal(size=(20_000, 1, 9)), rng.normal(size=(20_000, 1, 32))
    for c in (0.0, 1.5):
        year, within = latent_paths(passing, lasting, [c])
        assert_allclose(year.std(axis=0), 1.0, atol=0.02)
        assert_allclose(within.mean(axis=-1), 0.0, atol=1e-12)
        alike = np.corrcoef(year[:, 0, 3], year[:, 0, 7])[0, 1]
        a, b = 4 - YEAR_MEAN_LAG, 8 - YEAR_MEAN_LAG
        shared = 4 - YEAR_LEAD_LAG + c
        assert alike == pytest.approx(shared / np.sqrt((a + 2 * c) * (b + 2 * c)), abs=0.02)


@given(st.lists(st.floats(-4.0, 4.0), min_size=1, max_size=20), SEEDS)
def test_shock_is_a_straight_line_between_points_of_a_plain_twin(latent, seed):
    points = np.sort(np.random.default_rng(seed).normal(size=5))
    twin = [plain_shock(x, points.tolist(), SHARES.tolist(), TAIL_CUT) for x in latent]
    assert_allclose(shock(latent, points, SHARES), twin, rtol=1e-9, atol=1e-9)


@given(SEEDS)
def test_shock_never_falls_and_meets_every_point(seed):
    points = np.sort(np.random.default_rng(seed).normal(size=5))
    assert np.all(np.diff(shock(np.linspace(-5, 5, 101), points, SHARES)) >= -1e-12)
    assert_allclose(shock(ndtri(SHARES), points, SHARES), points, atol=1e-12)


def test_no_shock_passes_the_cut_so_trade_has_a_mean():
    ends = shock([-50.0, ndtri(TAIL_CUT), -ndtri(TAIL_CUT), 50.0], LOPSIDED, SHARES)
    assert ends[0] == ends[1]
    assert ends[2] == ends[3]


# --- size and horizon -------------------------------------------------------------------------


def test_points_lie_between_those_of_neighbouring_sizes_and_horizons():
    points = made_points()
    assert_allclose(points_at(points, [10.0, 1000.0], points.horizon_years), points.log_error)
    between = points_at(points, [100.0], [8.0])[0, 0]
    assert_allclose(between, points.log_error[:, 2].mean(axis=0))
    assert_array_equal(points_at(points, [0.001], [4.0]), points_at(points, [10.0], [4.0]))
    assert_array_equal(points_at(points, [1e9], [4.0]), points_at(points, [1000.0], [4.0]))
    assert not points_at(points, [50.0], [0.0]).any()


@given(st.floats(0.01, 1e6), st.floats(0.5, 25.0), st.floats(0.01, 5.0))
def test_a_farther_year_is_never_surer(size, year, later):
    near, far = points_at(made_points(), size, [year, year + later])[0]
    assert far[0] <= near[0]
    assert far[-1] >= near[-1]


# --- paths ------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(SEEDS, st.integers(0, 6))
def test_paths_are_those_of_a_plain_twin(seed, base_quarters):
    rng = np.random.default_rng(seed)
    years = np.concatenate([np.full(base_quarters, -1), np.arange(9) // 4])
    passing, lasting = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 12))
    sizes, points = np.array([3.0, 80.0, 5e4]), made_points()
    paths = residual_paths(passing, lasting, points, sizes, years)
    at, c = points_at(points, sizes, [1.0, 2.0, 3.0]), passing_at(points, sizes)
    for run in range(2):
        for pair in range(3):
            twin = plain_residual_path(
                passing[run, pair].tolist(), lasting[run, pair].tolist(), float(c[pair]),
                at[pair].tolist(), SHARES.tolist(), TAIL_CUT,
            )  # fmt: skip
            expected = [0.0] * base_quarters + twin[:9]
            assert_allclose(paths[run, pair], expected, rtol=1e-8, atol=1e-9)


def test_a_longer_horizon_goes_on_with_the_same_path_and_more_runs_with_the_same_runs():
    points = made_points()
    long = drawn_paths(points, 30.0, n_runs=8)
    short = drawn_paths(points, 30.0, n_runs=3, n_years=2, years=YEARS[:7])
    assert_array_equal(short, long[:3, :, :7])


@settings(max_examples=25)
@given(SEEDS, st.sampled_from([1, 3, 5, 8]))
def test_a_batch_of_residuals_equals_its_single_runs(seed, n_runs):
    rng = np.random.default_rng(seed)
    passing, lasting = rng.normal(size=(n_runs, 3, 3)), rng.normal(size=(n_runs, 3, 8))
    sizes, years = np.array([3.0, 80.0, 5e4]), np.arange(8) // 4
    batch = residual_paths(passing, lasting, made_points(), sizes, years)
    for r in range(n_runs):
        one = slice(r, r + 1)
        single = residual_paths(passing[one], lasting[one], made_points(), sizes, years)
        assert_array_equal(batch[r], single[0])


# --- what others explain ----------------------------------------------------------------------


def test_points_of_a_sum_are_those_of_many_draws():
    effect, weight = np.array([0.0, -0.5, -2.0]), np.array([0.9, 0.07, 0.03])
    rng = np.random.default_rng(4)
    n = 400_000
    sample = shock(rng.normal(size=n), LOPSIDED, SHARES) + rng.choice(effect, p=weight, size=n)
    found = points_of_sum(LOPSIDED, SHARES, effect, weight)
    assert_allclose(found, np.quantile(sample, SHARES), atol=0.015)


@settings(max_examples=30)
@given(st.floats(0.0, 0.04), st.floats(-2.5, -0.01))
def test_with_what_was_taken_off_the_sum_has_the_measured_points(chance, effect):
    effects, weight = np.array([0.0, effect]), np.array([1.0 - chance, chance])
    left = points_without(LOPSIDED, SHARES, effects, weight)
    assert_allclose(points_of_sum(left, SHARES, effects, weight), LOPSIDED, atol=2e-3)
    assert np.all(np.diff(left) > 0)
    assert left[0] >= LOPSIDED[0] - 1e-3


def test_nothing_is_taken_off_where_nothing_is_explained():
    left = points_without(LOPSIDED, SHARES, np.zeros(1), np.ones(1))
    assert_array_equal(left, LOPSIDED)
