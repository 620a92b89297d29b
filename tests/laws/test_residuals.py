"""Laws of the residual surprises: as large, and as heavy-tailed, as past forecast errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import ArrayLike
from scipy import stats

from sim.laws.residuals import (
    TAIL_CUT,
    TAIL_DEGREES,
    YEAR_MEAN_LAG,
    ErrorVariance,
    fit_error_variance,
    predicted_rms,
    residual_paths,
)
from sim.scenario.streams import Streams
from tests.laws.plain_twins import plain_cut_student, plain_residual_path

N_YEARS = 10
YEARS = np.arange(4 * N_YEARS) // 4
NORMAL_RANGE = 2 * stats.norm.ppf(0.95)
SEEDS = st.integers(0, 2**32 - 1)
VARIANCES = st.floats(0.01, 2.0)


def parts_of(passing: float, wander: float, n_pairs: int = 1) -> ErrorVariance:
    return ErrorVariance(np.full(n_pairs, passing), np.full(n_pairs, wander))


def passing_of(uniform: ArrayLike, variance: float) -> np.ndarray:
    """Passing part of one year at each draw, without a walk."""
    draws = np.asarray(uniform, dtype=np.float64).reshape(-1, 1, 1)
    paths = residual_paths(draws, np.zeros_like(draws), parts_of(variance, 0.0), np.array([0]))
    return paths[:, 0, 0]


@pytest.fixture(scope="module")
def parts() -> ErrorVariance:
    """Fitted to the published errors of all partners at 1, 3, 5 and 10 years."""
    fitted = fit_error_variance([1, 3, 5, 10], [0.61, 0.81, 0.95, 1.23], [1, 1, 1, 1])
    return ErrorVariance(fitted.passing.reshape(1), fitted.wander.reshape(1))


@pytest.fixture(scope="module")
def year_means(parts: ErrorVariance) -> np.ndarray:
    """(n_runs, n_years) mean log residual of each calendar year, in 20,000 runs.

    The log residuals of a year's quarters are averaged, which is what `predicted_rms` is about; the
    log of a year's summed trade is a little more and its difference is tested apart.
    """
    streams = Streams(20221118, range(20_000))
    paths = residual_paths(
        streams.uniform("passing residual", ["one"], N_YEARS),
        streams.normal("lasting residual", ["one"], len(YEARS)),
        parts,
        YEARS,
    )
    return np.asarray(paths[:, 0].reshape(-1, N_YEARS, 4).mean(axis=-1))


# --- size -------------------------------------------------------------------------------------


def test_year_mean_of_a_quarterly_walk_lags_by_seventeen_thirty_seconds() -> None:
    """Variance of the mean of four successive sums of unit-variance quarterly steps."""
    for horizon in (1, 2, 7):
        weights = np.zeros(4 * horizon)
        for quarter in range(4 * horizon - 4, 4 * horizon):
            weights[: quarter + 1] += 1 / 4
        assert (weights**2).sum() / 4 == pytest.approx(horizon - YEAR_MEAN_LAG, rel=1e-14)


def test_simulated_error_of_each_calendar_year_is_the_predicted_one(
    parts: ErrorVariance, year_means: np.ndarray
) -> None:
    # The passing part has no fourth moment, so the sampling error is taken from the sample.
    squares = year_means**2
    error = squares.std(axis=0) / np.sqrt(len(squares))
    predicted = predicted_rms(parts, np.arange(1, N_YEARS + 1)) ** 2
    assert np.all(np.abs(squares.mean(axis=0) - predicted) < 3.5 * error)
    assert np.all(error < 0.08 * predicted)


def test_measured_errors_are_met_by_the_fit(parts: ErrorVariance) -> None:
    measured = np.array([0.61, 0.81, 0.95, 1.23])
    assert_allclose(predicted_rms(parts, [1, 3, 5, 10]), measured, rtol=0.03)


def test_summed_trade_of_a_year_errs_hardly_more_than_the_mean_of_its_logs(
    parts: ErrorVariance,
) -> None:
    streams = Streams(3, range(4_000))
    path = residual_paths(
        streams.uniform("u", ["one"], N_YEARS),
        streams.normal("n", ["one"], len(YEARS)),
        parts,
        YEARS,
    ).reshape(-1, N_YEARS, 4)
    excess = np.log(np.exp(path).mean(axis=-1)) - path.mean(axis=-1)
    assert np.all(excess >= -1e-9)
    assert excess.mean() < 0.5 * parts.wander[0] / 4


def test_tails_are_heavy_after_a_year_and_near_normal_after_ten(year_means: np.ndarray) -> None:
    kurtosis = stats.kurtosis(year_means, axis=0)
    low, high = np.quantile(year_means, [0.05, 0.95], axis=0)
    width = (high - low) / np.sqrt((year_means**2).mean(axis=0))
    assert kurtosis[0] > 2.0
    assert kurtosis[9] < kurtosis[0] / 3
    assert 2.7 < width[0] < 3.15
    assert abs(width[9] - NORMAL_RANGE) < 0.12


def test_five_to_ninety_five_range_of_the_passing_part_is_two_point_eight_rms() -> None:
    low, high = passing_of([0.05, 0.95], 1.0)
    assert high - low == pytest.approx(2.84, abs=0.005)
    assert high - low == pytest.approx(
        2 * plain_cut_student(0.95, TAIL_DEGREES, TAIL_CUT), rel=1e-9
    )


@settings(max_examples=15)
@given(VARIANCES)
def test_variance_of_the_passing_part_is_the_one_asked(variance: float) -> None:
    # The cut leaves the quantiles bounded, so strata of equal chance find the variance closely.
    passing = passing_of((np.arange(80_000) + 0.5) / 80_000, variance)
    assert passing.mean() == pytest.approx(0.0, abs=1e-12)
    assert (passing**2).mean() == pytest.approx(variance, rel=2e-5)


@settings(max_examples=15)
@given(VARIANCES)
def test_no_surprise_passes_the_cut_so_trade_has_a_mean(variance: float) -> None:
    """Without the cut the mean of the factor on trade would grow without end with the runs."""
    end = plain_cut_student(1.0, TAIL_DEGREES, TAIL_CUT) * np.sqrt(variance)
    extremes = passing_of([2.0**-54, 1e-6, 1 - 1e-6, 1 - 2.0**-53], variance)
    assert np.all(np.abs(extremes) <= end * (1 + 1e-9))
    assert_allclose(extremes[[0, -1]], [-end, end], rtol=1e-9)
    means = [
        np.exp(passing_of((np.arange(n) + 0.5) / n, variance)).mean() for n in (20_000, 80_000)
    ]
    assert means[0] == pytest.approx(means[1], rel=0.02)
    assert 1.0 < means[1] < np.exp(end) / 2


def test_median_surprise_is_none(year_means: np.ndarray) -> None:
    above = (year_means > 0).mean(axis=0)
    assert np.all(np.abs(above - 0.5) < 4 * 0.5 / np.sqrt(len(year_means)))


# --- the fit ----------------------------------------------------------------------------------


@settings(max_examples=60)
@given(VARIANCES, VARIANCES, st.lists(st.integers(1, 500), min_size=5, max_size=5))
def test_fit_returns_what_made_the_errors(passing: float, wander: float, weight: list[int]) -> None:
    made = ErrorVariance(np.float64(passing), np.float64(wander))
    years = [1, 3, 5, 8, 10]
    fitted = fit_error_variance(years, predicted_rms(made, years), weight)
    assert_allclose([*fitted], [passing, wander], rtol=1e-6)


@settings(max_examples=60)
@given(st.lists(st.floats(0.1, 2.0), min_size=4, max_size=4))
def test_fitted_parts_are_never_negative(rms: list[float]) -> None:
    fitted = fit_error_variance([1, 3, 5, 10], rms, [1, 1, 1, 1])
    assert fitted.passing >= 0
    assert fitted.wander >= 0


def test_errors_that_shrink_with_the_horizon_leave_no_walk() -> None:
    assert fit_error_variance([1, 5, 10], [0.9, 0.6, 0.4], [1, 1, 1]).wander == 0.0


def test_a_forecast_count_of_nothing_has_no_say() -> None:
    with_it = fit_error_variance([1, 3, 5, 10], [0.6, 0.8, 5.0, 1.2], [4, 4, 0, 4])
    without = fit_error_variance([1, 3, 10], [0.6, 0.8, 1.2], [4, 4, 4])
    assert_allclose([*with_it], [*without], rtol=1e-9)


@settings(max_examples=60)
@given(VARIANCES, VARIANCES, st.floats(1, 15), st.floats(0, 10))
def test_a_farther_year_is_never_surer(
    passing: float, wander: float, year: float, later: float
) -> None:
    rms = predicted_rms(parts_of(passing, wander), [year, year + later])
    assert rms[0] <= rms[1]


# --- the paths --------------------------------------------------------------------------------


@settings(max_examples=25)
@given(SEEDS, st.integers(0, 6))
def test_paths_are_a_walk_on_top_of_each_years_surprise(seed: int, base_quarters: int) -> None:
    rng = np.random.default_rng(seed)
    years = (np.arange(13) - base_quarters) // 4
    uniform, normal = rng.uniform(0, 1, (2, 3, 4)), rng.normal(size=(2, 3, 13))
    parts = ErrorVariance(*rng.uniform(0, 1, (2, 3)))
    paths = residual_paths(uniform, normal, parts, years)
    for run in range(2):
        for pair in range(3):
            sd = np.sqrt(parts.passing[pair])
            passing = [
                sd * plain_cut_student(u, TAIL_DEGREES, TAIL_CUT) for u in uniform[run, pair]
            ]
            step = np.sqrt(parts.wander[pair] / 4)
            twin = plain_residual_path(passing, normal[run, pair], step, years)
            assert_allclose(paths[run, pair], twin, rtol=1e-8, atol=1e-10)


@settings(max_examples=60)
@given(SEEDS)
def test_nothing_is_wrong_in_the_base_year(seed: int) -> None:
    rng = np.random.default_rng(seed)
    years = np.array([-1, -1, 0, 0, 0, 0, 1])
    paths = residual_paths(
        rng.uniform(size=(4, 2, 2)), rng.normal(size=(4, 2, 7)), parts_of(0.3, 0.1, 2), years
    )
    assert not paths[..., :2].any()
    assert np.all(paths[..., 2:] != 0)


def test_no_variance_is_no_surprise() -> None:
    rng = np.random.default_rng(0)
    paths = residual_paths(
        rng.uniform(size=(3, 2, 2)), rng.normal(size=(3, 2, 8)), parts_of(0, 0, 2), YEARS[:8]
    )
    assert not paths.any()


def test_the_passing_part_is_one_number_a_year_and_the_walk_goes_on() -> None:
    rng = np.random.default_rng(1)
    uniform, normal = rng.uniform(size=(5, 1, 3)), rng.normal(size=(5, 1, 12))
    passing = residual_paths(uniform, normal, parts_of(0.4, 0.0), YEARS[:12])
    assert np.ptp(passing.reshape(5, 3, 4), axis=-1).max() == 0.0
    walk = residual_paths(uniform, normal, parts_of(0.0, 0.16), YEARS[:12])
    assert_allclose(np.diff(walk, axis=-1), 0.2 * normal[..., 1:], atol=1e-14)


@settings(max_examples=60)
@given(SEEDS)
def test_mirrored_draws_mirror_the_surprise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    uniform, normal = rng.uniform(0.01, 0.99, (3, 1, 2)), rng.normal(size=(3, 1, 8))
    ahead = residual_paths(uniform, normal, parts_of(0.3, 0.1), YEARS[:8])
    mirrored = residual_paths(1 - uniform, -normal, parts_of(0.3, 0.1), YEARS[:8])
    assert_allclose(ahead, -mirrored, rtol=1e-7, atol=1e-9)


@settings(max_examples=25)
@given(SEEDS, st.sampled_from([1, 3, 5, 8]))
def test_a_batch_of_residuals_equals_its_single_runs(seed: int, n_runs: int) -> None:
    rng = np.random.default_rng(seed)
    uniform, normal = rng.uniform(0, 1, (n_runs, 3, 2)), rng.normal(size=(n_runs, 3, 8))
    parts = ErrorVariance(*rng.uniform(0, 1, (2, 3)))
    years = (np.arange(8) - 1) // 4
    batch = residual_paths(uniform, normal, parts, years)
    for r in range(n_runs):
        one = residual_paths(uniform[r : r + 1], normal[r : r + 1], parts, years)
        assert_array_equal(batch[r], one[0])
        assert_array_equal(batch[r], residual_paths(uniform[r], normal[r], parts, years))
