"""Least-cost mixes against trying every one of them."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.laws.methods.lever_search import cheapest_mixes, next_place, trade_cost_cut


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


@given(st.integers(0, 2**31), st.floats(0.3, 3.0), st.floats(0.1, 0.99), st.floats(0.4, 2.5))
def test_closing_in_finds_the_cheapest_that_is_enough(seed, scale, wanted, bend):
    """Real gains bend away from added ones; the right mix is found all the same, in few looks."""
    draws = np.random.default_rng(seed)
    gain, cost = np.sort(draws.uniform(size=(2, 3, 12)), axis=2)
    gain[:, 0] = cost[:, 0] = 0.0
    mixes = cheapest_mixes(gain, cost)
    real = scale * mixes.gain**bend
    short = wanted * real[-1] - real
    expected = short[0] - mixes.gain
    first = next_place(mixes.cost, expected, {})
    known = {place: short[place] for place in (0, first, len(real) - 1)}
    n_looks = 0
    while (place := next_place(mixes.cost, expected, known, n_looks=n_looks)) is not None:
        assert place not in known
        known[place] = short[place]
        n_looks += 1
    assert min(p for p, s in known.items() if s <= 0.0) == np.flatnonzero(short <= 0.0)[0]
    assert n_looks <= 3 * np.log2(len(real)) + 3


def test_right_expectations_leave_one_look_at_most():
    cost, gain = np.arange(200.0), np.linspace(0.0, 2.0, 200) ** 0.7
    short = 1.1 - gain
    first = next_place(cost, short, {})
    known = {place: short[place] for place in (0, first, 199)}
    place = next_place(cost, short, known, cost_tolerance=0.01)
    assert first - 2 <= place < first  # the one that is dearer by the tolerance, to be sure


def test_where_the_last_mix_falls_short_there_is_nothing_to_close_in_on():
    cost, expected = np.arange(3.0), np.array([2.0, 1.0, 0.5])
    assert next_place(cost, expected, {}) == 2
    assert next_place(cost, expected, {0: 2.0}) == 2
    assert next_place(cost, expected, {0: 2.0, 2: 1.0}) is None
    assert next_place(cost, expected, {0: 0.0}) is None
