"""The inverse question: an answer that is reached, and the honest one where nothing does."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from sim.laws.policy.tariffs import cost_elasticity
from sim.report.page.formatting import musd, per_cent
from sim.report.studies.reach_page import reach_page
from sim.store.study_parts import locked_parts
from sim.study.jobs.asked_columns import candidate_measures
from sim.study.jobs.lever_words import lever_words
from sim.study.jobs.plan import case_rows, run_jobs
from sim.study.reach import STEPS, LeverSearch
from sim.study.sweep import summaries, sweep_plan
from sim.study.workers.study_errors import StudyError
from tests.study.conftest import CUT, asked_in

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.study.reach import ReachAnswer

BLOCK = f"reach:\n  levers:\n    {CUT}: {{from: 0, to: 1, cost_musd: 10}}\n"
TWO = """      - {grantor: AAA, goods: all, cut: 0.5}
reach:
  levers:
    agreements.treaty.concessions.1.cut: {from: 0, to: 1, cost_musd: 10, owner: both treasuries}
    agreements.treaty.concessions.2.cut: {from: 0, to: 1, cost_musd: 14, cost_power: 2}
"""
N_RUNS = 12


def searched(scenario, names, world_of, folder, probability):
    """A search that has come to its end, its answer, and what every place of its front lacks."""
    search = LeverSearch.of(scenario, N_RUNS, names, probability)
    plan = search.plan(world_of)
    with locked_parts(folder, plan.study_id, {}) as store:
        grown = plan
        while grown is not None:
            plan = grown
            run_jobs(plan, store, None)
            grown = search.grow(plan, store)
        return search, search.answer(plan, store)


def answer(*asked):
    return searched(*asked)[1]


class Sought(NamedTuple):
    """A search that has come to its end."""

    search: LeverSearch
    found: "ReachAnswer"
    folder: Path
    """Where its rows are."""


@pytest.fixture(scope="module")
def sought(tmp_path_factory, tiny_names, tiny_world):
    """Searches that several tests look at, each made once."""

    @cache
    def made(block: str, goal_musd: int) -> Sought:
        folder = tmp_path_factory.mktemp("sought")
        scenario = asked_in(folder / "asked.yaml", tiny_names, block, goal_musd)
        folder /= "p"
        return Sought(*searched(scenario, tiny_names, lambda _: tiny_world, folder, 0.5), folder)

    return made


class Steps(NamedTuple):
    """Every step of a single lever."""

    scenario: "Scenario"
    rows: "list[dict[str, Any]]"
    chances: np.ndarray
    """Of the target [1]."""


@pytest.fixture(scope="module")
def every_step(tiny_names, tiny_world, tmp_path_factory):
    """What a sweep over the steps finds, for a target and for revenue."""

    @cache
    def made(goal_musd: int) -> Steps:
        folder = tmp_path_factory.mktemp("steps")
        blocks = f"asks: revenue\n{BLOCK}  goal: 0\n"
        scenario = asked_in(folder / "asked.yaml", tiny_names, blocks, goal_musd)
        points = [{CUT: float(part)} for part in np.linspace(0.0, 1.0, STEPS)]
        plan = sweep_plan(scenario, points, N_RUNS, lambda _: tiny_world, tiny_names)
        with locked_parts(folder / plan.study_id, plan.study_id, {}) as store:
            run_jobs(plan, store, None)
            chances = [summary.reached_share for summary in summaries(plan, store)]
            rows = [case_rows(plan, store, k) for k in range(STEPS)]
            return Steps(scenario, rows, np.array(chances))

    return made


def test_the_search_begins_at_the_cut_that_the_gravity_law_asks_for(sought):
    search, found, _ = sought(TWO, 1672)
    first = search.mixes[search.n_probes]
    assert found.start.mix == first == search.first
    assert first.parts not in {(0.0, 0.0), (1.0, 1.0)}
    # What it is worth by the added gains is what the law asks for, to within a step of the levers.
    assert found.levers_cut > found.cost_cut > 0.0
    assert found.start.cost_musd == pytest.approx(found.chosen.cost_musd, rel=0.5)
    assert found.is_reachable


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "goal_musd", [1672, pytest.param(1668, marks=SLOW), pytest.param(1700, marks=SLOW)]
)
def test_no_step_that_meets_the_probability_is_cheaper_than_the_one_told(
    sought, every_step, goal_musd
):
    search, found, _ = sought(BLOCK, goal_musd)
    enough = np.flatnonzero(every_step(goal_musd).chances >= 0.5)
    assert found.is_reachable == bool(enough.size)
    if enough.size:
        assert found.chosen.cost_musd == pytest.approx(10.0 * enough[0] / (STEPS - 1))
        # No more looks than halving all steps would take.
        assert len(search.mixes) - search.n_started - 2 <= int(np.log2(STEPS))


def test_a_target_that_is_met_already_needs_no_search(asked, tiny_names, world_of, tmp_path):
    search, found = searched(asked(BLOCK, goal_musd=900), tiny_names, world_of, tmp_path / "p", 0.2)
    assert found.is_reachable
    assert found.chosen.cost_musd == 0.0
    assert found.cost_cut == 0.0
    assert found.start is None
    assert len(search.mixes) == search.n_probes + 2


def test_what_is_told_is_reached_and_costs_least(sought):
    probability = 0.5  # the median goes from 1,665 without levers to 1,681 with all of them
    found = sought(BLOCK, 1672).found
    assert found.is_reachable
    assert found.chosen.reached_share >= probability
    assert found.none.reached_share < probability
    cheaper = [r for r in found.frontier if r.cost_musd < found.chosen.cost_musd]
    assert all(one.reached_share < probability for one in cheaper)
    assert found.held_out.mix.parts == found.chosen.mix.parts
    assert 0.0 < found.cost_cut < 1.0
    for one in (*found.frontier, found.held_out, found.held_out_none):
        low, high = one.median_interval
        assert low < one.median < high
        low, high = one.reached_interval
        assert low < one.reached_share < high


def test_the_cost_cut_takes_the_median_of_the_year_asked_to_the_target(sought, world_of):
    goal_musd = 1672
    search, found, folder = sought(BLOCK, goal_musd)
    plan = search.plan(world_of)
    with locked_parts(folder, plan.study_id, {}) as store:
        elasticity = cost_elasticity(np.median(case_rows(plan, store, 0)["trade_elasticity"]))
    ratio = goal_musd / found.none.median
    assert (1.0 - found.cost_cut) ** -elasticity == pytest.approx(ratio, rel=1e-9)


def test_what_is_out_of_reach_is_said_to_be(asked, tiny_names, world_of, tmp_path):
    found = answer(asked(BLOCK), tiny_names, world_of, tmp_path / "p", 0.99)
    assert not found.is_reachable
    assert found.chosen.reached_share == max(one.reached_share for one in found.frontier)
    assert found.chosen.reached_share < 0.99
    assert found.cost_cut > found.levers_cut > 0.0


@pytest.mark.parametrize("n_jobs", [pytest.param(2, marks=SLOW), 5, pytest.param(7, marks=SLOW)])
def test_a_search_that_was_interrupted_goes_on_to_the_same_answer(
    asked, sought, tiny_names, world_of, tmp_path, n_jobs
):
    given = (asked(BLOCK, goal_musd=1672), tiny_names, world_of)
    search, found, _ = sought(BLOCK, 1672)
    begun = LeverSearch.of(*given[:1], N_RUNS, tiny_names, 0.5)
    plan = begun.plan(world_of)
    with locked_parts(tmp_path / "p", plan.study_id, {}) as store:
        n_left = n_jobs
        grown = plan
        while n_left > 0 and grown is not None:
            n_before = len(store.done)
            run_jobs(grown, store, None, most_jobs=n_left)
            n_left -= len(store.done) - n_before
            grown = begun.grow(grown, store) if n_left > 0 else None
        assert len(store.done) == n_jobs
    again, told = searched(*given, tmp_path / "p", 0.5)
    assert again.mixes == search.mixes
    assert told == found


def test_a_scenario_without_the_block_is_told_what_it_lacks(tiny_scenario, tiny_names):
    with pytest.raises(StudyError, match=r"no reach: block.*agreements\.treaty\.concessions"):
        LeverSearch.of(tiny_scenario, 4, tiny_names, None)


def test_the_verdict_names_moved_levers_alone_and_the_table_their_owners(sought, world_of):
    search, found, _ = sought(TWO, 1672)
    plan = search.plan(world_of)
    page = reach_page(plan, search, found, "stamp")
    moved = [path for path, part in zip(found.levers, found.chosen.mix.parts, strict=True) if part]
    assert moved
    titles, put = lever_words(plan, found.levers), search.changes(found.chosen.mix)
    for path in found.levers:
        is_named = path in put and titles[path].setting(put[path]) in page.answers[0]
        assert is_named == (path in moved), page.answers[0]
    assert ("the other lever stays off" in page.answers[0]) == (len(moved) == 1)
    levers = next(table for table in page.tables if table.name == "levers")
    assert [row[2:4] for row in levers.rows] == [
        ("both treasuries", "assumption"),
        ("not stated", "assumption"),
    ]
    assert sum(row[-1] for row in levers.rows) == pytest.approx(found.chosen.cost_musd)
    assert not any("What else" in answer for answer in page.answers)


def test_what_else_must_be_true_closes_the_gap_at_the_probability_asked(
    asked, tiny_names, world_of, tmp_path
):
    search, found = searched(
        asked(BLOCK, goal_musd=5000), tiny_names, world_of, tmp_path / "p", 0.1
    )
    assert not found.is_reachable
    # What one future in ten reaches is more than the median and less than the target.
    assert found.chosen.median < found.quantile_musd < found.target_musd
    (told,) = [
        answer
        for answer in reach_page(search.plan(world_of), search, found, "stamp").answers
        if answer.startswith("What else must be true")
    ]
    lacking = found.target_musd - found.quantile_musd
    assert f"what {per_cent(0.1)} of futures reach lacks {musd(lacking)} million USD" in told


def test_a_goal_of_revenue_is_met_by_the_cheapest_step_that_is_enough(
    every_step, tiny_names, tiny_world, world_of, tmp_path
):
    scenario, rows, _ = every_step(1672)
    ((measure,),) = candidate_measures(scenario, tiny_world)
    every = np.ones(N_RUNS, dtype=bool)
    revenue = np.array([measure.values(step, every) for step in rows])
    medians = np.median(revenue, axis=1)
    assert medians.max() > medians[0]
    goal = float((medians.max() + medians[0]) / 2.0)
    wanted = scenario.reach.model_copy(update={"goal": goal})
    scenario = scenario.model_copy(update={"reach": wanted})
    found = answer(scenario, tiny_names, world_of, tmp_path / "p", 0.5)
    assert found.goal == (measure, goal)
    share = (revenue >= goal).mean(axis=1)
    enough = np.flatnonzero(share >= 0.5)
    assert found.is_reachable
    assert found.chosen.cost_musd == pytest.approx(10.0 * enough[0] / (STEPS - 1))
    assert found.none.median == pytest.approx(medians[0])
    assert found.none.reached_share == pytest.approx(share[0])
    assert found.cost_cut == found.levers_cut == 0.0
    assert found.gained.low <= found.gained.value <= found.gained.high


def test_a_goal_of_trade_is_refused(asked, tiny_names, world_of, tmp_path):
    with pytest.raises(StudyError, match=r"reach\.goal is for questions"):
        answer(asked(f"{BLOCK}  goal: 3\n"), tiny_names, world_of, tmp_path / "p", 0.5)
