"""The inverse question: an answer that is reached, and the honest one where nothing does."""

import pytest

from sim.store.parts import opened
from sim.study.plan import carry_out
from sim.study.problems import StudyError
from sim.study.reach import Search
from tests.study.conftest import CUT

BLOCK = f"reach:\n  levers:\n    {CUT}: {{from: 0, to: 1, cost_musd: 10}}\n"


def answer(scenario, names, world_of, folder, probability):
    search = Search.of(scenario, 12, names, probability)
    plan = search.plan(world_of)
    with opened(folder, plan.study_id, {}) as store:
        grown = plan
        while grown is not None:
            plan = grown
            carry_out(plan, store, None)
            grown = search.grow(plan, store)
        return search.answer(plan, store)


def test_what_is_told_is_reached_and_costs_least(asked, tiny_names, world_of, tmp_path):
    probability = 0.54  # between six runs in twelve without levers and eight with all of them
    found = answer(asked(BLOCK, goal_musd=1800), tiny_names, world_of, tmp_path / "p", probability)
    assert found.is_reachable
    assert found.chosen.reached_share >= probability
    assert found.none.reached_share < probability
    cheaper = [r for r in found.frontier if r.cost_musd < found.chosen.cost_musd]
    assert all(rung.reached_share < probability for rung in cheaper)
    assert found.held_out.mix.parts == found.chosen.mix.parts
    assert 0.0 < found.cost_cut < 1.0


def test_what_is_out_of_reach_is_said_to_be(asked, tiny_names, world_of, tmp_path):
    found = answer(asked(BLOCK), tiny_names, world_of, tmp_path / "p", 0.99)
    assert not found.is_reachable
    assert found.chosen.reached_share == max(rung.reached_share for rung in found.frontier)
    assert found.chosen.reached_share < 0.99


def test_a_scenario_without_the_block_is_told_what_it_lacks(tiny_scenario, tiny_names):
    with pytest.raises(StudyError, match="no reach: block"):
        Search.of(tiny_scenario, 4, tiny_names, None)
