"""Differences between settings: those of `sim compare`, on the same pairs of paths."""

import numpy as np
import pytest

from sim.study.compare import compare_plan, differences
from sim.study.ensemble.counterfactuals import AS_ASKED
from sim.study.ensemble.run import run_variants
from sim.study.ensemble.setting_difference import setting_differences, why_not_comparable


def simulated(scenario, world):
    return run_variants(scenario, world).variants[AS_ASKED]


@pytest.fixture(scope="module")
def sides(tiny_scenario):
    return tiny_scenario, tiny_scenario.model_copy(update={"agreements": {}})


def test_it_is_the_difference_that_compare_finds(sides, tiny_world, world_of, carried_out):
    after, before = sides
    results = (simulated(after, tiny_world), simulated(before, tiny_world))
    found = setting_differences(after, before, tiny_world, results)["goal"]
    plan = compare_plan({"before": before, "after": after}, after.runs, world_of)
    compared = {(d.measure, d.year): d for d in differences(plan, carried_out(plan), [0])}
    reached, trade = compared["reached", None], compared["trade_musd", None]
    np.testing.assert_allclose(found.chance, (reached.mean, *reached.mean_interval), atol=1e-12)
    np.testing.assert_allclose(found.musd, trade.quantiles, rtol=1e-9)
    back = setting_differences(before, after, tiny_world, results[::-1])["goal"]
    assert back.median.value == pytest.approx(-found.median.value, rel=0.05)  # other weights


def test_a_setting_differs_from_itself_by_nothing(sides, tiny_world):
    result = simulated(sides[0], tiny_world)
    found = setting_differences(sides[0], sides[0], tiny_world, (result, result))["goal"]
    assert found.chance == (0.0, 0.0, 0.0)
    assert found.median == (0.0, 0.0, 0.0)


def test_targets_asked_otherwise_are_left_out(sides, tiny_world):
    goal = sides[0].targets["goal"]
    other = sides[0].model_copy(
        update={"targets": {"goal": goal.model_copy(update={"trade_musd": 2 * goal.trade_musd})}}
    )
    result = simulated(sides[0], tiny_world)
    assert not setting_differences(other, sides[0], tiny_world, (result, result))


@pytest.mark.parametrize(
    ("change", "why"),
    [({"seed": 77}, "shocks"), ({"runs": 3}, "runs"), ({}, None)],
)
def test_settings_on_other_draws_have_none(sides, tiny_world, change, why):
    told = why_not_comparable(sides[0].model_copy(update=change), sides[1], tiny_world)
    assert told is None if why is None else why in told
