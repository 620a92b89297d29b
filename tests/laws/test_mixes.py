"""Least-cost mixes against trying every one of them."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.laws.mixes import cheapest_mixes, trade_cost_cut


def every_mix(gain, cost):
    n_levers, n_steps = gain.shape
    for steps in product(range(n_steps), repeat=n_levers):
        yield (
            sum(gain[k, s] for k, s in enumerate(steps)),
            sum(cost[k, s] for k, s in enumerate(steps)),
        )


@given(st.integers(0, 2**31), st.integers(1, 3), st.integers(2, 4))
def test_no_mix_beats_those_that_are_kept(seed, n_levers, n_steps):
    draws = np.random.default_rng(seed)
    gain, cost = draws.normal(size=(n_levers, n_steps)), draws.uniform(size=(n_levers, n_steps))
    kept = cheapest_mixes(gain, cost)
    for one_gain, one_cost in every_mix(gain, cost):
        at = (kept.cost <= one_cost + 1e-12) & (kept.gain >= one_gain - 1e-12)
        assert at.any()
    assert (np.diff(kept.gain) > 0).all()
    assert (np.diff(kept.cost) > 0).all()


def test_a_mix_is_what_its_steps_say():
    draws = np.random.default_rng(3)
    gain, cost = draws.uniform(size=(2, 3, 5))
    kept = cheapest_mixes(gain, cost)
    levers = np.arange(3)
    for total_gain, total_cost, steps in zip(*kept, strict=True):
        assert total_gain == pytest.approx(gain[levers, steps].sum())
        assert total_cost == pytest.approx(cost[levers, steps].sum())


@given(st.floats(0.0, 20.0), st.floats(0.5, 12.0))
def test_the_cut_gives_the_gain_back_and_stays_below_everything(gain, elasticity):
    cut = float(trade_cost_cut(gain, elasticity))
    assert 0.0 <= cut < 1.0
    assert (1.0 - cut) ** -elasticity == pytest.approx(1.0 + gain)
