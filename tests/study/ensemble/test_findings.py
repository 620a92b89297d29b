"""Counts, intervals and the sentence."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from sim.laws.numerics.number_format import money
from sim.laws.uncertainty.crossing import Estimate, PathPairs
from sim.scenario.blocks.scenario import Closure
from sim.study.conditioning.crossed_paths import QUANTILES, answer_of
from sim.study.conditioning.pairing import Crossing, Flows, Window
from sim.study.conditioning.residual_paths import RESIDUAL_PATHS
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT
from sim.study.ensemble.findings import INTERVAL, Finding, findings, median_interval, percent
from sim.study.ensemble.headline import headline, points_in_words, sentence
from sim.study.ensemble.run import run_variants


def one_by_one(trade):
    """Yearly trade of some runs as what was recorded of them, each with its own residual path."""
    quarterly = np.repeat(np.asarray(trade, dtype=float), 4, axis=1)
    return Flows(np.stack([quarterly, 0 * quarterly], axis=1), 0 * quarterly, quarterly)


def found_of(trade, target_musd=250.0, without=None, **changes):
    """A finding of runs that are not crossed."""
    variants = {AS_ASKED: one_by_one(trade)}
    if without is not None:
        variants[NO_AGREEMENT] = one_by_one(without)
    n = len(trade)
    crossing = Crossing(PathPairs(((n, 1),)), (np.arange(n),), ())
    window = Window(0, len(trade[0]))
    answer = answer_of(crossing, variants, window, 1, target_musd, against=NO_AGREEMENT)
    return Finding(
        **{
            "name": "goal",
            "pair": ("AAA", "BBB"),
            "pair_names": ("Aland", "Beland"),
            "target_musd": target_musd,
            "by": "2031Q4",
            "years": np.array([2030, 2031, 2032]),
            "trade": np.asarray(trade),
            "variant_trade": {AS_ASKED: np.asarray(trade)},
            "answer": answer,
            "baseline_musd": 40.0,
            "at": 1,
            "energy": np.zeros(n),
            "energy_share": 0.0,
            "is_probability": True,
            **changes,
        }
    )


TRADE = np.array([[100.0, 300.0, 90.0], [50.0, 60.0, 70.0], [10.0, 20.0, 500.0]])


@pytest.fixture(scope="module")
def finding():
    return found_of(TRADE)


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
    assert cubed == pytest.approx((low**3, high**3), rel=1e-12)


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
    assert (found.chance.value, found.touched.value) == pytest.approx((1.0, 1.0), abs=1e-12)
    assert found.hits.all()
    high = low.targets["goal"].model_copy(update={"trade_musd": 1e12})
    (found,) = findings(
        (asked := low.model_copy(update={"targets": {"goal": high}})),
        world,
        run_variants(asked, world).variants,
    )
    assert found.chance.value == found.touched.value == found.chance.low == 0.0
    assert 0.0 < found.chance.high < 1.0


def test_years_before_the_first_whole_year_are_left_out(scenario_with, world):
    scenario = scenario_with()
    (found,) = findings(scenario, world, run_variants(scenario, world).variants)
    assert found.years.tolist() == list(range(world.base_year + 1, world.base_year + 5))
    assert found.years[found.at] == world.base_year + 3
    assert found.baseline_musd == pytest.approx(
        world.pair_musd(*found.pair) + world.pair_musd(*found.pair[::-1])
    )


def test_runs_that_are_not_crossed_have_the_chance_and_quantiles_of_their_number(finding):
    assert finding.chance.value == pytest.approx(1 / 3)
    assert finding.touched.value == pytest.approx(1 / 3)
    assert [each.value for each in finding.course.touched] == pytest.approx([0, 1 / 3, 2 / 3])
    np.testing.assert_allclose(finding.quantiles, np.quantile(TRADE, QUANTILES, axis=0))


def test_the_headline_is_the_year_asked_with_and_without(tiny_scenario, tiny_world):
    runs = {"runs": 6}
    (found,) = findings(
        tiny_scenario.model_copy(update=runs),
        tiny_world,
        run_variants(tiny_scenario.model_copy(update=runs), tiny_world).variants,
    )
    first = headline(found)
    assert f"trade reaches {money(found.target_musd)} in {found.by[:4]} is " in first
    assert "with the agreements and" in first
    assert "without (" in first
    assert "±" in first
    assert len(first.split()) <= 30
    told = sentence(found, "first", 2022)
    assert told.startswith(first)
    year = found.by[:4]
    assert f"projection for {year} is {money(found.median.value)} (5–95 %: " in told
    pairs = found.answer.crossing.pairs
    assert (pairs.n_known, pairs.n_residual) == (6, RESIDUAL_PATHS)


def test_findings_of_more_variants_are_the_same_whatever_was_known_before(
    tiny_scenario, tiny_world
):
    first = run_variants(tiny_scenario, tiny_world).variants
    assert set(first) == {AS_ASKED, NO_AGREEMENT}
    asked = first[AS_ASKED]
    less = {name: 0.9 * asked[name] for name in ("known_trade", "goods_trade")}
    results = {**first, "one alone": asked.assign(less)}
    known = findings(tiny_scenario, tiny_world, first)
    for one, whole in zip(
        findings(tiny_scenario, tiny_world, results, known),
        findings(tiny_scenario, tiny_world, results),
        strict=True,
    ):
        assert one.answer.crossing is known[0].answer.crossing
        assert list(one.variant_trade) == list(whole.variant_trade)
        for part in ("courses", "changes", "known_share"):
            assert list(getattr(one.answer, part)) == list(getattr(whole.answer, part))
            assert repr(getattr(one.answer, part)) == repr(getattr(whole.answer, part))


def test_the_sentence_says_what_was_counted_and_in_which_books(finding):
    text = sentence(finding, "first", 2022)
    first, _, rest = text.partition(" The median projection")
    assert first.startswith("Too few simulations to tell whether Aland–Beland trade reaches 250")
    assert "this year or an earlier one reaches the target is 30 %, error " in rest
    assert "(First statistics)" in text
    assert text.endswith("From 3 simulations, each with one path of unexplained variation.")
    elsewhere = sentence(replace(finding, held=(False, False)), "first", 2022)
    assert "an estimate: First statistics have no figure for this pair." in elsewhere


@pytest.mark.parametrize(
    ("held", "known", "unknown"),
    [
        ((True, False), "Aland to Beland", "Beland to Aland"),
        ((False, True), "Beland to Aland", "Aland to Beland"),
    ],
)
def test_a_pair_with_one_direction_on_record_says_which(finding, held, known, unknown):
    text = sentence(replace(finding, held=held), "first", 2022)
    assert f": First statistics record {known}; {unknown}, which they lack, is an estimate." in text
    assert "no figure for this pair" not in text


def test_where_the_residual_shock_decides_the_sentence_says_so(finding):
    assert "variation decides" not in sentence(finding, "first", 2022)
    lucky = replace(finding, answer=replace(finding.answer, known_share={AS_ASKED: 0.0}))
    assert "alone never reach the target; unexplained variation decides." in sentence(
        lucky, "first", 2022
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Estimate(0.012, 0.0063, 0.0178), "+1.2 ± 0.6 points"),
        (Estimate(-0.12, -0.18, -0.06), "−12 ± 6 points"),
        (Estimate(0.001, -0.003, 0.005), "no measurable difference, ± 0.4 points"),
        (Estimate(0.0, 0.0, 0.0), "no difference"),
        (Estimate(0.1, -np.inf, np.inf), "one run cannot tell"),
    ],
)
def test_a_difference_is_called_one_only_when_its_interval_says_so(change, words):
    assert words in points_in_words(change)


def test_no_probability_is_given_when_a_layer_is_off(finding):
    text = sentence(replace(finding, is_probability=False), "first", 2022)
    assert text.startswith("No chance is given")
    assert "30 %" not in text


def test_the_sentence_says_where_trade_stops_and_is_not_upset_by_it(finding):
    shut = found_of(np.zeros((3, 3)), without=np.zeros((3, 3)), n_stopped=2)
    text = sentence(shut, "first", 2022)
    assert "In 2 of 3 simulations every route between the two is shut in some quarter" in text
    assert "projection for 2031 is next to nothing" in text
    assert "every route" not in sentence(finding, "first", 2022)


def test_runs_in_which_every_way_is_shut_are_counted(tiny_scenario, tiny_world):
    gates = ("pass", "bridge", "narrows")
    spell = Closure.model_validate({"from": "2024-01-01", "until": "2024-12-31"})
    layers = tiny_scenario.uncertainty_sources.model_copy(update={"events": False})
    asked = tiny_scenario.model_copy(
        update={"agreements": {}, "uncertainty_sources": layers, "runs": 3}
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
