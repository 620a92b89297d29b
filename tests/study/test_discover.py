"""Discovery: a box that is there is found, and none is told where there is none."""

import numpy as np
import pytest

from sim.laws.methods.prim import bounded
from sim.report.studies.discover_page import met_in_words
from sim.scenario.blocks.studies import Reach
from sim.study.discover import _discovered, discoveries
from sim.study.sensitivity import uncertain_inputs
from sim.study.sweep import sweep_plan
from sim.study.workers.study_errors import StudyError

NAMES = ("a", "b", "c")


def test_a_planted_box_is_found():
    inputs = np.random.default_rng(1).random((2000, 3))
    found = _discovered("goal", NAMES, inputs, (inputs[:, 0] > 0.6) & (inputs[:, 2] < 0.5))
    assert bounded(found.box) == [0, 2]
    assert found.box.low[0] == pytest.approx(0.6, abs=0.05)
    assert found.box.high[2] == pytest.approx(0.5, abs=0.05)
    assert found.box.density > 0.9 > 3 * found.share


@pytest.mark.parametrize("goal", [None, 110.0])
def test_a_run_meets_what_is_asked_if_it_meets_the_goal(
    tiny_scenario, tiny_names, tiny_world, monkeypatch, goal
):
    """Without a goal that is half of all runs; a target of trade that none meets is left out."""
    reach = None
    if goal is not None:
        reach = Reach.model_validate(
            {"goal": goal, "levers": {"agreements.treaty": {"cost_musd": 1}}}
        )
    asking = tiny_scenario.model_copy(update={"asks": "revenue", "reach": reach})
    plan = sweep_plan(asking, ({},), 400, lambda _: tiny_world, tiny_names)
    rng = np.random.default_rng(4)
    inputs = uncertain_inputs(asking, tiny_world)
    rows = {name: rng.random(400) for name in inputs}
    rows |= {"status": ["finished"] * 400, "goal|chance": np.zeros(400)}
    rows["tariff_revenue|AAA"] = 100.0 + 20.0 * rows[inputs[2]]
    monkeypatch.setattr("sim.study.discover.case_rows", lambda plan, store, case: rows)
    (found,) = discoveries(plan, ({},), None)
    assert found.goal.measure.kind == "revenue"
    assert bounded(found.box) == [2]
    assert found.box.low[2] == pytest.approx(0.5, abs=0.06)
    assert found.box.density > 0.9
    assert "of at least" in met_in_words(found.goal)


def test_luck_is_no_box():
    rng = np.random.default_rng(2)
    found = _discovered("goal", NAMES, rng.random((400, 3)), rng.random(400) < 0.15)
    assert found.box.density >= found.share
    assert not bounded(found.box) or found.box.density > found.share


def test_too_few_hits_are_refused():
    inputs = np.random.default_rng(3).random((50, 3))
    with pytest.raises(StudyError, match="take more runs"):
        _discovered("goal", NAMES, inputs, inputs[:, 0] > 0.95)
