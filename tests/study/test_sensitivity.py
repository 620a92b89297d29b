"""Sensitivity: indices of a known function, and what is refused."""

import numpy as np
import pytest

from sim.study.sensitivity import design_of, indices, sensitivity_plan, uncertain_inputs
from sim.study.workers.study_errors import StudyError

pytest.importorskip("SALib")


class Rows:
    """A store whose one part holds a known function of the places."""

    def __init__(self, outcome, status="finished"):
        self.rows = {
            "status": [status] * len(outcome),
            "reason": [""] * len(outcome),
            "goal|trade_musd": np.exp(outcome),
        }


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setattr("sim.study.sensitivity.case_rows", lambda plan, store, case: store.rows)


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_the_inputs_that_act_are_told_and_the_others_are_not(
    tiny_scenario, tiny_world, world_of, known, method
):
    design = design_of(tiny_scenario, tiny_world, method, 256)
    plan = sensitivity_plan(tiny_scenario, design, world_of)
    assert plan.n_runs == len(design.places)
    outcome = 3.0 * design.places[:, 0] + design.places[:, 1]
    found = indices(plan, design, Rows(outcome))
    measure = "mean_effect" if method == "morris" else "total"
    ranked = [index for index in found if index.measure == measure]
    assert [index.input for index in ranked[:2]] == list(design.inputs[:2])
    assert [index.differs_from_0 for index in ranked] == [True] * 2 + [False] * (len(ranked) - 2)
    ratio = ranked[0].value / ranked[1].value
    assert ratio == pytest.approx(3.0 if method == "morris" else 9.0, rel=0.25)


def test_a_number_that_is_none_is_an_error(tiny_scenario, tiny_world, world_of, known):
    design = design_of(tiny_scenario, tiny_world, "morris", 4)
    plan = sensitivity_plan(tiny_scenario, design, world_of)
    outcome = design.places[:, 0].copy()
    outcome[3] = np.nan
    with pytest.raises(StudyError, match="run 3"):
        indices(plan, design, Rows(outcome))
    with pytest.raises(StudyError, match="indices need every run"):
        indices(plan, design, Rows(design.places[:, 0], status="failed"))
    with pytest.raises(StudyError, match="the same in every run"):
        indices(plan, design, Rows(np.zeros(len(outcome))))


@pytest.mark.parametrize(("asks", "column"), [("income", "welfare_change|AAA"),
                                              ("revenue", "tariff_revenue|AAA")])  # fmt: skip
def test_what_is_asked_is_answered_before_trade(
    tiny_scenario, tiny_world, world_of, known, asks, column
):
    asking = tiny_scenario.model_copy(update={"asks": asks})
    design = design_of(asking, tiny_world, "morris", 16)
    plan = sensitivity_plan(asking, design, world_of)
    store = Rows(design.places[:, 0])
    store.rows[column] = 1.0 + 2.0 * design.places[:, 3]
    found = indices(plan, design, store)
    assert found[0].asked.kind == asks
    assert found[0].input == design.inputs[3]
    trade = [index for index in found if index.asked is None]
    assert trade[0].input == design.inputs[0]
    # A measure that no input moves has no indices; trade is told all the same.
    store.rows[column] = np.ones(len(design.places))
    assert {index.target for index in indices(plan, design, store)} == {"goal"}


def test_sizes_and_inputs_that_cannot_be_are_refused(tiny_scenario, tiny_world):
    with pytest.raises(StudyError, match="take --size 16"):
        design_of(tiny_scenario, tiny_world, "sobol", 17)
    inputs = uncertain_inputs(tiny_scenario, tiny_world)
    assert inputs
    assert set(inputs) < set(tiny_world.parameters)
