"""Waits from records: closed forms, and an interval that covers."""

import numpy as np
import pytest

from sim.laws.diplomacy.stage_waits import log_likelihood, median_wait


def test_the_median_is_that_of_the_likeliest_hazard():
    years, ended = [0.5, 2.0, 4.0, 9.0], [True, True, True, False]
    wait = median_wait(years, ended)
    assert wait.years == pytest.approx(np.log(2) * 15.5 / 3)
    best = log_likelihood(years, ended, wait.years)
    for other in (0.8, 0.95, 1.05, 1.3):
        assert log_likelihood(years, ended, wait.years * other) < best


def test_nobody_who_ended_leaves_a_bound_and_no_estimate():
    wait = median_wait([5.0, 5.0], [False, False])
    assert wait.years == wait.high == np.inf
    # A hazard under which nothing in 10 years has a chance of 5 %.
    assert np.exp(-np.log(2) / wait.low * 10.0) == pytest.approx(0.05)
    with pytest.raises(ValueError, match="want more than 0"):
        median_wait([], [])


def test_the_interval_covers_as_often_as_it_says():
    rng, truth, seen_for = np.random.default_rng(5), 2.0, 6.0
    hits = 0
    for _ in range(2000):
        waits = rng.exponential(truth / np.log(2), 5)
        ended = waits < seen_for
        found = median_wait(np.minimum(waits, seen_for), ended)
        hits += found.low <= truth <= found.high
    assert 0.88 <= hits / 2000 <= 0.98  # a Poisson count is discrete: never less than it says
