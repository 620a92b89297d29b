"""Cost of the steps: what each costs, with the trade that it brings for each million."""

from dataclasses import replace

import numpy as np
import pytest

from sim.report.page.blocks import Fold, Paragraph
from sim.report.policy.costs_of_steps import costs_of_steps
from sim.scenario.blocks.projects import LinePlan
from sim.scenario.blocks.quarters import Quarter
from sim.study.break_even.project_appraisal import appraisals
from sim.study.one_at_a_time.ranking import AssumptionMove, Ranking


@pytest.fixture(scope="module")
def inputs(made_up):
    plain = made_up.inputs(made_up.scenario(), energy=False)
    plan = {"uap": LinePlan(completes=Quarter.parse("2030Q1"))}
    scenario = plain.scenario.model_copy(update={"projects": plan})
    moves = (
        AssumptionMove("projects.uap", "entry", None, np.array([250.0]), np.array([250.0])),
        AssumptionMove("agreements.pta", "entry", None, np.array([200.0]), np.array([200.0])),
    )
    ranking = Ranking(np.array([260.0]), moves, ())
    found = appraisals(scenario, plain.world)
    return replace(plain, scenario=scenario, ranking=ranking, appraisals=found)


def test_a_line_has_its_cost_on_record_and_trade_for_each_million(inputs):
    first, steps, appraised = costs_of_steps(inputs, inputs.findings[0])
    assert isinstance(first, Paragraph)
    assert isinstance(steps, Fold)
    (row,) = steps.blocks[0].rows  # the agreement states no cost here
    assert row[1].value == 4600
    assert row[2].value == pytest.approx(10.0)
    assert row[3].value == pytest.approx(10.0 / 4600)
    assert row[4] == "tass-2025"
    assert first.facts["cost of the steps"].value == 4600
    rows = appraised.blocks[0].rows
    assert rows[0][0] == "Trans-Afghan railway"
    assert (rows[0][1].low, rows[0][1].high) == (4600, 8200)
    assert {"Railway Hairatan-Mazar-i-Sharif", "China-Kyrgyzstan-Uzbekistan railway"} <= {
        row[0] for row in rows
    }


def test_trade_is_told_as_what_the_scenario_loses_without_the_step(inputs):
    table = next(b for b in costs_of_steps(inputs, inputs.findings[0]) if isinstance(b, Fold))
    table = table.blocks[0]
    assert table.columns[2].title == "Trade in 2030, less that without it"
    assert "It is not what the step does by itself" in table.caption
    assert "no interval" in table.caption
    late = replace(inputs.findings[0], by="2029Q2")
    _, steps, *_ = costs_of_steps(inputs, late)
    assert steps.blocks[0].columns[2].title.startswith("Trade in the year to 2029Q2,")


def test_nothing_is_said_where_no_step_has_a_cost(inputs):
    bare = replace(inputs, ranking=Ranking(np.array([260.0]), (), ()))
    assert list(costs_of_steps(bare, bare.findings[0])) == []
    assert list(costs_of_steps(replace(inputs, ranking=None), inputs.findings[0])) == []
