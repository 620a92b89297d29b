"""What else must be true: amounts that by the law close the gap they are told for."""

import pytest

from sim.laws.policy.tariffs import cost_elasticity
from sim.report.policy.remaining_gap_words import gap_in_words
from sim.study.break_even.remaining_gap import remaining_gap
from sim.world.load import load_world


def test_the_duty_that_is_asked_for_closes_the_gap(tiny_world, tiny_scenario):
    pair = tuple(tiny_world.regions[:2])
    gap = remaining_gap(tiny_scenario, tiny_world, pair, 100.0, 250.0)
    elasticity = tiny_world.parameters["trade_elasticity"].value
    left = (1.0 + gap.duty_now - gap.duty_points.value) / (1.0 + gap.duty_now)
    assert 100.0 * left**-elasticity == pytest.approx(250.0)
    assert gap.duty_points.low <= gap.duty_points.value <= gap.duty_points.high
    assert gap.trade_musd == 150.0


def test_dollars_and_days_are_two_sides_of_one_cut(tiny_world, tiny_scenario):
    pair = tuple(tiny_world.regions[:2])
    gap = remaining_gap(tiny_scenario, tiny_world, pair, 100.0, 101.0)
    # A hundredth more trade needs costs lower by a hundredth over the elasticity.
    elasticity = float(cost_elasticity(tiny_world.parameters["trade_elasticity"].value))
    assert gap.duty_points.value < 0.01
    per_day = tiny_world.parameters["time_cost_per_day"].value
    value = gap.usd_per_feu.value / (gap.days.value * per_day)
    assert tiny_world.value_per_feu_usd.min() <= value <= tiny_world.value_per_feu_usd.max()
    assert gap.usd_per_feu.value > value * (1.0 - 1.01 ** (-1.0 / elasticity))


def test_more_is_lacking_more_is_asked_for(tiny_world, tiny_scenario):
    pair = tuple(tiny_world.regions[:2])
    small, large = (
        remaining_gap(tiny_scenario, tiny_world, pair, median, 250.0) for median in (200.0, 100.0)
    )
    assert large.usd_per_feu.value > small.usd_per_feu.value > 0
    assert large.days.value > small.days.value > 0
    assert remaining_gap(tiny_scenario, tiny_world, pair, 250.0, 250.0) is None
    assert gap_in_words(None) == ""


def test_energy_is_told_in_tonnes_at_the_buyers_price(tiny_scenario):
    world = load_world()
    gap = remaining_gap(tiny_scenario, world, ("PAK", "KAZ"), 230.0, 1000.0)
    crude = next(one for one in gap.energy if one.carrier == "crude")
    assert crude.volume * crude.price == pytest.approx(770.0)
    words = gap_in_words(gap)
    assert "Mt of crude a year at 740 USD" in words
    assert "points of duty on all goods (more than there is: " in words
    assert "times as many exporters" in words
