"""Counts, intervals and the sentence."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from sim.scenario.schema import Closure
from sim.study.findings import (
    INTERVAL,
    Finding,
    findings,
    median_interval,
    money,
    percent,
    sentence,
)
from sim.study.run import run_variants
from sim.study.variants import AS_ASKED, NO_AGREEMENT


@pytest.fixture(scope="module")
def finding():
    trade = np.array([[100.0, 300.0, 90.0], [50.0, 60.0, 70.0], [10.0, 20.0, 500.0]])
    return Finding(
        name="goal",
        pair=("AAA", "BBB"),
        pair_names=("Aland", "Beland"),
        target_musd=250.0,
        by="2031Q4",
        years=np.array([2030, 2031, 2032]),
        trade=trade,
        variant_trade={AS_ASKED: trade},
        baseline_musd=40.0,
        at=1,
        energy=np.zeros(3),
        energy_share=0.0,
        n_reached=1,
        is_probability=True,
    )


@pytest.mark.parametrize("n", range(1, 130))
def test_the_interval_of_a_median_covers_what_it_says_and_no_narrower_one_does(n):
    low, high = median_interval(np.arange(float(n)))
    if n < 5:
        assert not np.isfinite([low, high]).any()
        return
    assert low == n - 1 - high  # as far from one end as from the other
    # The median of what they are drawn from lies outside where too few fall on one side of it.
    outside = 2.0 * float(binom.cdf(low, n, 0.5))
    assert 1.0 - outside >= INTERVAL
    assert 1.0 - 2.0 * float(binom.cdf(low + 1, n, 0.5)) < INTERVAL


@given(st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=40))
def test_the_interval_of_a_median_holds_it_and_follows_any_rising_scale(values):
    low, high = median_interval(np.array(values))
    assert low <= np.median(values) <= high
    cubed = median_interval(np.array(values) ** 3)
    assert cubed == (low**3, high**3)


def test_the_first_year_that_reaches_counts(finding):
    assert finding.first_year.tolist() == [2031, 0, 2032]


def test_a_target_reached_after_its_date_is_not_reached_by_it(scenario_with, world):
    low = scenario_with()
    target = low.targets["goal"].model_copy(update={"trade_musd": 1e-6})
    (found,) = findings(
        (asked := low.model_copy(update={"targets": {"goal": target}})),
        world,
        run_variants(asked, world).variants,
    )
    assert found.n_reached == found.n_runs
    high = low.targets["goal"].model_copy(update={"trade_musd": 1e12})
    (found,) = findings(
        (asked := low.model_copy(update={"targets": {"goal": high}})),
        world,
        run_variants(asked, world).variants,
    )
    assert found.n_reached == 0
    assert found.reached_interval[0] == 0


def test_years_before_the_first_whole_year_are_left_out(scenario_with, world):
    scenario = scenario_with()
    (found,) = findings(scenario, world, run_variants(scenario, world).variants)
    assert found.years.tolist() == list(range(world.base_year + 1, world.base_year + 5))
    assert found.years[found.at] == world.base_year + 3
    assert found.baseline_musd == pytest.approx(
        world.pair_musd(*found.pair) + world.pair_musd(*found.pair[::-1])
    )


@given(n_reached=st.integers(0, 40), n_runs=st.integers(40, 400))
def test_the_interval_holds_the_share(finding, n_reached, n_runs):
    found = replace(finding, n_reached=n_reached, trade=np.ones((n_runs, 3)))
    low, high = found.reached_interval
    assert 0 <= low <= found.reached_share <= high <= 1
    assert high - low > 0


def test_the_interval_is_that_of_jeffreys(finding):
    """Brown, Cai and DasGupta (2001): equal tails of the posterior x^(k-1/2) (1-x)^(n-k-1/2)."""
    low, high = replace(finding, n_reached=4, trade=np.ones((20, 3))).reached_interval
    x = (np.arange(200_000) + 0.5) / 200_000
    density = x**3.5 * (1 - x) ** 15.5
    for end, tail in ((low, x < low), (high, x > high)):
        assert density[tail].sum() / density.sum() == pytest.approx(0.05, abs=1e-4), end


def test_the_sentence_says_what_was_counted_and_in_which_books(finding):
    text = sentence(finding, "first", 2022)
    assert "in 1 of 3 runs" in text
    assert "(ledger: first)" in text
    assert "250 million USD a year by 2031Q4" in text
    elsewhere = sentence(replace(finding, is_held=False), "first", 2022)
    assert "(ledger: first, which lacks this pair)" in elsewhere
    assert re.search(r"\(33 %, 90 % interval \d+ % to \d+ %\)", text)


def test_no_probability_is_given_when_a_layer_is_off(finding):
    text = sentence(replace(finding, is_probability=False), "first", 2022)
    assert "no probability" in text
    assert "33 %" not in text


def test_the_sentence_says_where_trade_stops_and_is_not_upset_by_it(finding):
    shut = replace(
        finding,
        n_stopped=2,
        trade=np.zeros((3, 3)),
        variant_trade={AS_ASKED: np.zeros((3, 3)), NO_AGREEMENT: np.zeros((3, 3))},
    )
    text = sentence(shut, "first", 2022)
    assert "in 2 of 3 runs every way between the two is shut in some quarter" in text
    assert "the median run trades next to nothing" in text
    assert "every way" not in sentence(finding, "first", 2022)


def test_runs_in_which_every_way_is_shut_are_counted(tiny_scenario, tiny_world):
    gates = ("pass", "bridge", "narrows")
    spell = Closure.model_validate({"from": "2024-01-01", "to": "2024-12-31"})
    layers = tiny_scenario.layers_of_uncertainty.model_copy(update={"chance": False})
    asked = tiny_scenario.model_copy(
        update={"agreements": {}, "layers_of_uncertainty": layers, "runs": 3}
    )
    for closures, stopped in (({}, 0), (dict.fromkeys(gates, (spell,)), 3)):
        shut = asked.model_copy(update={"closures": closures})
        (found,) = findings(shut, tiny_world, run_variants(shut, tiny_world).variants)
        assert found.n_stopped == stopped
        year = found.years.tolist().index(2024)
        goods = found.trade[:, year] - tiny_world.energy_trade[[0, 1], [1, 0]].sum()
        assert (goods < 0.5 * found.trade[:, year - 1]).all() == bool(stopped)


@given(st.floats(1e-3, 1e7))
def test_money_is_within_five_per_cent(musd):
    number, unit = re.fullmatch(r"([\d.e+-]+) (million|billion) USD", money(musd)).groups()
    assert float(number) * {"million": 1, "billion": 1000}[unit] == pytest.approx(musd, rel=0.051)


def test_small_shares_keep_a_digit():
    assert percent(0.0123) == "1 %"
    assert percent(0.0012) == "0.1 %"
