"""Chosen paths: as often as they are likely, and what is favoured is taken back."""

import numpy as np
import pytest

from sim.laws.uncertainty.resampling import OPEN_SHARE, chosen_paths


def test_a_path_is_chosen_as_often_as_it_is_likely_to_within_one():
    log_likelihood = np.log(np.random.default_rng(1).random(50))
    chosen, favour = chosen_paths(log_likelihood, 2000)
    weight = np.exp(log_likelihood) / np.exp(log_likelihood).sum()
    share = (1 - OPEN_SHARE) * weight + OPEN_SHARE / 50
    assert np.abs(np.bincount(chosen, minlength=50) - 2000 * share).max() <= 1.0
    np.testing.assert_allclose(favour, np.log(50 * share[chosen]))


@pytest.mark.parametrize("spread", [0.5, 2.0])
def test_weights_take_back_what_the_choice_favours(spread):
    """A normal mean given one record: chosen and weighted paths have the exact posterior."""
    rng = np.random.default_rng(2)
    paths, record, error = rng.normal(0.0, spread, 20_000), 1.0, 0.4
    log_likelihood = -0.5 * ((record - paths) / error) ** 2
    chosen, favour = chosen_paths(log_likelihood, 20_000)
    weight = np.exp(log_likelihood[chosen] - favour)
    weight /= weight.sum()
    gain = spread**2 / (spread**2 + error**2)
    mean = weight @ paths[chosen]
    variance = weight @ (paths[chosen] - mean) ** 2
    assert mean == pytest.approx(gain * record, abs=0.02)
    assert variance == pytest.approx(gain * error**2, rel=0.05)
    # Far fewer weights are lost than without a choice.
    assert 1.0 / (weight**2).sum() > 0.7 * 20_000
