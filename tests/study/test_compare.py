"""Comparisons: the same runs on both sides, so that nothing differs but what was asked."""

import numpy as np
import pytest

from sim.study.compare import compare_plan, differences, with_other_targets
from sim.study.workers.study_errors import StudyError


def test_a_scenario_differs_from_itself_by_nothing(tiny_scenario, world_of, carried_out):
    without = tiny_scenario.model_copy(update={"agreements": {}})
    sides = {"without": without, "same": without, "treaty": tiny_scenario}
    plan = compare_plan(sides, 6, world_of)
    store = carried_out(plan)
    found = differences(plan, store, [0])
    same = [d for d in found if d.scenario == "same"]
    assert {d.measure for d in same} >= {"trade_musd", "reached", "exports", "tariff_revenue"}
    assert all(d.mean == 0.0 and d.mean_interval == (0.0, 0.0) for d in same)
    chances = [d for d in same if d.measure in ("reached", "touched")]
    assert len(chances) == 2
    assert np.isnan([d.quantiles for d in chances]).all()
    assert all(set(d.quantiles) == {0.0} for d in same if d not in chances)
    treaty = {(d.measure, d.of, d.year): d for d in found if d.scenario == "treaty"}
    gain = treaty["trade_musd", "goal", None]
    assert gain.quantiles[0] > 0.0
    assert gain.mean_interval[0] < gain.mean < gain.mean_interval[1]
    assert treaty["trade_musd", "goal", 2027].mean == gain.mean
    for side, interval in ((gain.before, gain.before_interval), (gain.after, gain.after_interval)):
        assert interval[0] <= side <= interval[1]
    reached, touched = (treaty[word, "goal", None] for word in ("reached", "touched"))
    assert reached.after <= touched.after
    assert reached.mean == pytest.approx(reached.after - reached.before)
    assert reached.mean_interval[0] <= reached.mean <= reached.mean_interval[1]


def test_several_baselines_turn_the_sign(tiny_scenario, world_of, carried_out):
    without = tiny_scenario.model_copy(update={"agreements": {}})
    plan = compare_plan({"a": without, "b": tiny_scenario}, 4, world_of, n_baselines=2)
    found = differences(plan, carried_out(plan), [0, 1])
    half = len(found) // 2
    np.testing.assert_allclose([d.mean for d in found[:half]], [-d.mean for d in found[half:]])


def test_other_horizons_are_refused(tiny_scenario, world_of):
    horizon = tiny_scenario.horizon.model_copy(update={"end": tiny_scenario.horizon.end + 1})
    other = tiny_scenario.model_copy(update={"horizon": horizon})
    with pytest.raises(StudyError, match="wanted the same horizon"):
        compare_plan({"a": tiny_scenario, "b": other}, 4, world_of)


def test_scenarios_that_ask_for_other_targets_are_named(tiny_scenario):
    target = tiny_scenario.targets["goal"]

    def asking(**changes):
        return tiny_scenario.model_copy(
            update={"targets": {"goal": target.model_copy(update=changes)}}
        )

    more = asking(trade_musd=2.0 * target.trade_musd)
    turned = asking(pair=target.pair[::-1], source="somebody else")
    scenarios = {"first": tiny_scenario, "more": more, "turned": turned}
    assert with_other_targets(scenarios) == ("more",)
