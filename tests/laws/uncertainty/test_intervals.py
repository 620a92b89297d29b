"""Intervals of shares and differences: their limits, and how they grow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from sim.laws.uncertainty.intervals import (
    UPPER,
    blended_error,
    difference_interval,
    logistic_interval,
    moment_degrees,
    share_interval,
)

Z = float(ndtri(UPPER))
shares = st.floats(1e-6, 1.0 - 1e-6)
errors = st.floats(1e-6, 0.5)


@given(shares, errors)
def test_a_share_stays_inside_and_its_complement_has_the_mirrored_interval(share, error):
    low, high = logistic_interval(share, error, Z)
    assert 0.0 <= low <= share <= high <= 1.0
    mirrored = logistic_interval(1.0 - share, error, Z)
    np.testing.assert_allclose((1.0 - mirrored[1], 1.0 - mirrored[0]), (low, high), atol=1e-9)


def test_the_interval_of_many_draws_is_that_of_the_normal_law():
    n, share = 1e6, 0.2
    error = np.sqrt(share * (1 - share) / n)
    for low, high in (logistic_interval(share, error, Z), share_interval(share, n)):
        np.testing.assert_allclose((low, high), (share - Z * error, share + Z * error), rtol=1e-5)


@given(st.floats(-1.0, 1.0), st.floats(1e-3, 1.0), st.floats(1e-6, 0.3))
def test_a_difference_is_inside_its_interval_and_the_other_way_round_mirrored(
    direction, moved, arm
):
    value = direction * moved
    low, high = difference_interval(value, moved, arm)
    assert -1.0 <= low <= value <= high <= 1.0
    np.testing.assert_allclose(difference_interval(-value, moved, arm), (-high, -low), atol=1e-12)
    further = difference_interval(value, moved, 1.5 * arm)
    assert further[0] <= low
    assert high <= further[1]


def test_what_only_rises_has_the_interval_of_a_logarithm_and_never_none():
    low, high = difference_interval(0.01, 0.01, 0.009)
    assert high == pytest.approx(0.01 * np.exp(0.9))
    assert 0.0 < low < 0.01
    # Few of many moved: nothing but the usual arms.
    np.testing.assert_allclose(difference_interval(0.0, 0.3, 0.01), (-0.01, 0.01))


def test_a_difference_of_moves_that_come_singly_covers():
    """Moves up and down are few independent events: nine in ten intervals hold the truth."""
    rng, n, up, down = np.random.default_rng(1), 1000, 0.012, 0.002
    held, n_seeds = 0, 4000
    counts = rng.multinomial(n, [up, down, 1.0 - up - down], n_seeds)[:, :2] / n
    for rose, fell in counts:
        value, moved = rose - fell, rose + fell
        arm = Z * np.sqrt((moved - value**2) / n)
        low, high = difference_interval(value, moved, arm)
        held += low <= up - down <= high
    assert 0.88 <= held / n_seeds <= 0.93


def test_degrees_of_freedom_are_those_of_what_is_counted():
    normal = np.random.default_rng(2).normal(size=200_000)
    assert moment_degrees(normal) == pytest.approx(len(normal), rel=0.03)
    few = np.zeros(10_000)
    few[:5] = 1.0
    assert moment_degrees(few) == pytest.approx(10.0, rel=0.01)  # 2 n / (kurtosis - 1)
    assert moment_degrees(1e-200 * few) == pytest.approx(moment_degrees(few))


def test_many_hits_need_no_help_and_none_leave_the_error_of_likelier_values():
    share, n = 0.01, 1e6
    error = np.sqrt(share * (1 - share) / n)
    assert blended_error(share, error, 100.0) == pytest.approx(error, rel=0.5)
    lone = 1e-6  # a single pair has it, so its error is as large as itself
    assert blended_error(lone, lone, 1e3) > 5.0 * lone
