"""Scores of forecasts, beside plain twins and closed forms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import norm

from sim.laws.uncertainty.forecast_scores import BANDS, inside_band, sample_crps, score

RNG_SEED = 11


def plain_crps(sample, recorded):
    """The definition as it is printed, one pair of members at a time."""
    near = sum(abs(x - recorded) for x in sample) / len(sample)
    apart = sum(abs(x - y) for x in sample for y in sample) / len(sample) ** 2
    return near - apart / 2


def test_crps_is_the_definition():
    draws = np.random.Generator(np.random.Philox(RNG_SEED))
    sample = draws.standard_t(3, (23, 4))
    recorded = draws.standard_normal(4)
    expected = [plain_crps(sample[:, k], recorded[k]) for k in range(4)]
    assert_allclose(sample_crps(sample, recorded), expected, rtol=1e-12)


@pytest.mark.parametrize(("mean", "sd", "recorded"), [(0.0, 1.0, 0.3), (2.0, 0.5, 3.5)])
def test_crps_of_a_normal_fan_is_the_closed_form(mean, sd, recorded):
    """Gneiting and Raftery (2007), below eq. 21; the sample holds the quantiles of the fan."""
    shares = (np.arange(20_000) + 0.5) / 20_000
    sample = norm.ppf(shares, mean, sd)[:, None]
    z = (recorded - mean) / sd
    closed = sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert_allclose(sample_crps(sample, [recorded]), closed, rtol=1e-4)


def test_crps_of_a_single_point_is_the_absolute_error():
    assert_allclose(sample_crps(np.array([[1.5, -2.0]]), [1.0, 1.0]), [0.5, 3.0])


def test_the_true_fan_scores_better_than_one_too_narrow_or_too_wide():
    shares = (np.arange(400) + 0.5) / 400
    fan = norm.ppf(shares)[:, None] * np.ones(400)
    recorded = norm.ppf(shares)
    mean = {scale: sample_crps(scale * fan, recorded).mean() for scale in (0.4, 1.0, 2.5)}
    assert mean[1.0] < min(mean[0.4], mean[2.5])


def test_honest_bands_hold_what_they_say():
    shares = (np.arange(1000) + 0.5) / 1000
    fan = norm.ppf(shares)[:, None] * np.ones(1000)
    for band in BANDS:
        assert_allclose(inside_band(fan, norm.ppf(shares), band).mean(), band, atol=0.003)


def test_a_fan_that_is_off_by_a_factor_has_its_log_as_bias_and_error():
    sample = np.zeros((5, 3))
    got = score(sample, np.log([2.0, 2.0, 2.0]))
    assert got.n == 3
    assert_allclose([got.rmsle, got.bias, got.crps], np.log(2.0))
    assert got.coverage == (0.0, 0.0, 0.0)


def test_no_forecast_has_no_score():
    got = score(np.empty((5, 0)), [])
    assert got.n == 0
    assert np.isnan([got.rmsle, got.bias, got.crps, *got.coverage]).all()
