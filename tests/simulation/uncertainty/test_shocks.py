"""Events that hit many at once."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws.transport.outages import DAYS_A_QUARTER
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.uncertainty.shocks import (
    BREAK_PARAMETERS,
    border_closures,
    break_effects,
    break_factor,
    price_shocks,
)
from sim.world.load import load_world

RUNS = range(400)


@pytest.fixture(scope="module")
def tiny(project_root):
    return load_world(project_root / "tests" / "worlds" / "tiny")


def breaks(rate=0.05, years=2.0, cut=0.9, n=400):
    return {k: np.full(n, v) for k, v in zip(BREAK_PARAMETERS, (rate, years, cut), strict=True)}


def test_gates_of_a_border_shut_together_and_others_do_not(tiny):
    closed = border_closures(tiny, Streams(3, RUNS), 20)
    (border,) = tiny.borders
    mine = np.array([border.has(gate) for gate in tiny.gates])
    assert 1 <= mine.sum() < len(mine)
    assert not closed[:, ~mine].any()
    assert np.ptp(closed[:, mine], axis=1).max() == 0.0
    doubled = replace(tiny, gates=(*tiny.gates, replace(tiny.gates[mine.argmax()], gate="twin")))
    again = border_closures(doubled, Streams(3, RUNS), 20)
    assert_array_equal(again[:, -1], closed[:, mine.argmax()])


def test_a_border_shuts_as_often_and_as_long_as_its_row_says(tiny):
    (border,) = tiny.borders
    fast = replace(border, closure_rate_per_year=1.0, mean_closure_days=10.0)
    closed = border_closures(replace(tiny, borders=(fast,)), Streams(3, RUNS), 24)
    days = closed.max(axis=1)[:, 2:] * DAYS_A_QUARTER
    error = days.std() / np.sqrt(days.size) * 1.5
    assert abs(days.mean() - 10.0 / 4) < 4 * error


def test_a_world_without_borders_or_spreads_has_neither(tiny):
    bare = replace(tiny, borders=(), price_spreads=())
    assert not border_closures(bare, Streams(3, range(3)), 5).any()
    assert price_shocks(bare, Streams(3, range(3)), 5).shape == (3, 0, 5)


def test_both_directions_break_together_and_other_pairs_for_themselves():
    pairs = [("A", "B"), ("B", "A"), ("A", "C")]
    kept = break_factor(pairs, Streams(3, RUNS), breaks(), 40)
    assert_array_equal(kept[:, 0], kept[:, 1])
    assert not np.array_equal(kept[:, 0], kept[:, 2])
    assert kept.min() == pytest.approx(0.1)
    assert_array_equal(break_factor(pairs, Streams(3, RUNS), breaks(rate=0.0), 40), 1.0)
    assert_array_equal(break_factor(pairs, Streams(3, RUNS), {}, 40), 1.0)


@pytest.mark.parametrize("year", [1, 4, 8])
def test_effects_of_breaks_are_those_that_are_drawn(year):
    pairs = [(f"A{k}", f"B{k}") for k in range(80)]
    kept = break_factor(pairs, Streams(3, RUNS), breaks(rate=0.02, cut=0.8), 40)
    drawn = np.log(kept.reshape(len(RUNS), 80, 10, 4).mean(axis=-1))[..., year - 1]
    middle = dict(zip(BREAK_PARAMETERS, (0.02, 2.0, 0.8), strict=True))
    effect, weight = break_effects(middle, year)
    assert_allclose(weight.sum(), 1.0)
    assert effect[0] == 0.0
    assert_allclose((effect**2 * weight).sum(), (drawn**2).mean(), rtol=0.1, atol=0.003)
    for least in (-0.1, -0.8):
        assert_allclose(weight[effect < least].sum(), (drawn < least).mean(), rtol=0.15, atol=0.002)


def test_without_breaks_there_is_no_effect():
    for parameters in ({}, dict(zip(BREAK_PARAMETERS, (0.0, 2.0, 0.8), strict=True))):
        effect, weight = break_effects(parameters, 5)
        assert_allclose((effect**2 * weight).sum(), 0.0)


def test_prices_stray_by_the_measured_spread_and_together(tiny):
    path = price_shocks(tiny, Streams(3, range(3000)), 8)
    for k, spread in enumerate(tiny.price_spreads):
        shock = path[:, k, 1:] - spread.persistence * path[:, k, :-1]
        assert_allclose(shock.std(), spread.log_change_sd, rtol=0.03)
    a, b = tiny.price_spreads
    correlation = np.corrcoef(path[:, 0, 0], path[:, 1, 0])[0, 1]
    assert_allclose(correlation, np.sqrt(a.common_share * b.common_share), atol=0.05)


def test_another_benchmark_moves_no_other(tiny):
    wider = replace(
        tiny, price_spreads=(replace(tiny.price_spreads[0], benchmark="tea"), *tiny.price_spreads)
    )
    alone, beside = (price_shocks(w, Streams(3, range(5)), 6) for w in (tiny, wider))
    assert_array_equal(beside[:, 1:], alone)
