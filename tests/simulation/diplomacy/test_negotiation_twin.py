"""Negotiations beside a plain twin: the same dates from the same luck, else the same spread."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sim.scenario.blocks.reforms import Reforms
from sim.scenario.scenario_file import load_scenario
from sim.simulation.diplomacy.visits_and_reforms import reform_quarters
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.agreement_status import NEVER
from sim.world.frozen_arrays import ReadOnlyMapping
from tests.builders.negotiation_facts import Facts, reform_dates
from tests.builders.negotiation_runs import Question, batched, keyed_luck, one_by_one, own_luck
from tests.builders.spread import least_chance
from tests.twins.negotiation_twin import TwinModel, TwinState, TwinTreaty, facts_of, twin_of

TINY = Path(__file__).resolve().parents[2] / "worlds" / "tiny.yaml"
SCENARIOS = Path(__file__).resolve().parents[3] / "scenarios"

ASKED = """\
extends: tiny.yaml
horizon: {end: 2032Q4}
agreements:
  treaty:
    timeline: {negotiated: {talks_since: 2023Q1}}
    may_join: [CCC]
    concessions:
      - {grantor: BBB, goods: all, cut: 0.2}
      - {grantor: AAA, goods: all, cut: 0.2, phase_in_years: 3, customs_union: waiver}
  lanes:
    {kind: transit, members: [AAA, BBB, CCC], timeline: negotiated, joint_toll: true}
  old:
    kind: preferential
    members: [AAA, CCC]
    timeline: {signed: 2022Q4, in_force: 2023Q1, ends: 2027Q4}
    may_join: [BBB]
    concessions: [{grantor: CCC, goods: all, cut: 0.5, customs_union: waiver}]
reforms:
  budget_musd: {CCC: 30}
  steps:
    law:
      {state: AAA, measure: rule_of_law, change: 0.3, start: 2024Q1, duration_years: 1.5,
       cost_musd: 5}
    courts:
      {state: CCC, measure: rule_of_law, change: 0.6, start: 2023Q2, duration_years: 1,
       cost_musd: 60}
    roads:
      {state: CCC, measure: infrastructure, change: 0.7, start: 2023Q1, duration_years: 1,
       cost_musd: 9}
    gates:
      {state: CCC, measure: border_time, change: 0.3, start: 2023Q1, duration_years: 1,
       cost_musd: 1}
diplomacy:
  visits:
    - {sending_state: AAA, host_state: BBB, when: 2024Q2}
    - {sending_state: CCC, host_state: AAA, when: 2026Q1}
  outside_attention: [{power: CCC, state: BBB, effort: 1, since: 2023Q3, until: 2028Q4}]
"""
"""One treaty that another may join, lanes with a joint toll, a treaty that ends, reforms on a
budget, visits and outside powers."""

BRISK = {
    "opening_years": 0.25,
    "talks_years": 0.25,
    "joining_years": 0.3,
    "entry_years": 0.4,
    "members_weight": 1.0,
    "capacity_weight": 3.0,
    "outside_pull": 0.5,
}
"""Factors on parameters, so that much happens in few years and every rule matters."""


@pytest.fixture
def asked(tmp_path, tiny_names):
    """Build the scenario with more text laid over it."""

    def build(more=""):
        (tmp_path / "tiny.yaml").write_text(TINY.read_text(encoding="utf-8"), encoding="utf-8")
        (tmp_path / "open.yaml").write_text(ASKED, encoding="utf-8")
        (tmp_path / "asked.yaml").write_text(f"extends: open.yaml\n{more}\n", encoding="utf-8")
        return load_scenario(tmp_path / "asked.yaml", tiny_names)

    return build


@pytest.fixture(scope="module")
def brisk(tiny_world):
    """The invented world where negotiations are brisk."""
    parameters = {
        name: replace(p, **{k: getattr(p, k) * BRISK[name] for k in ("low", "value", "high")})
        if name in BRISK
        else p
        for name, p in tiny_world.parameters.items()
    }
    return replace(tiny_world, parameters=ReadOnlyMapping(parameters))


def assert_same(one, other):
    """The same dates and stages, and the same hazards and efforts but for rounding."""
    for name, found in one._asdict().items():
        if name in ("pressure", "effort"):
            assert_allclose(found, getattr(other, name), rtol=1e-9, atol=1e-12, err_msg=name)
        else:
            assert_array_equal(found, getattr(other, name), err_msg=name)


# --- one luck, one path ---------------------------------------------------------------------------

RULES_OFF = [
    "",
    "behaviour: {effort: false, institutions: false, closed_border_delay: false, fiscal: false}",
    "behaviour: {negotiation: false}",
    "behaviour: {disputed_institutions: true, domino: false, attention: false}",
    "behaviour: {capacity: false, targets: false, partner_diversification: false, "
    "bargaining: false}",
]


@pytest.mark.parametrize("more", RULES_OFF)
def test_the_plain_twin_sets_the_same_dates(brisk, asked, more):
    question, runs = Question(asked(more), brisk), range(16)
    luck = keyed_luck(question, runs)
    found = batched(question, luck, runs)
    assert_same(one_by_one(question, luck), found)
    came = found.in_force != NEVER
    assert came.any(axis=0)[:4].all(), "all but the protocol to what ends early came about"
    if not more:
        assert not came.all(axis=0)[[1, 2, 4]].any()
        assert set(np.unique(found.stage[:, :, 0])) == {0.0, 1.0, 2.0, 3.0}
        assert not found.stage[20:, :, 3:].any(), "what has ended is over, who joined it included"


def test_a_deal_on_record_counts_until_it_has_ended(brisk, asked):
    scenario, runs = asked(), range(16)

    def outcome(ended):
        records = [
            replace(r, ended=ended) if r.agreement == "a-b-later" else r for r in brisk.agreements
        ]
        question = Question(scenario, replace(brisk, agreements=tuple(records)))
        luck = keyed_luck(question, runs)
        found = batched(question, luck, runs)
        assert_same(one_by_one(question, luck), found)
        return found

    for_good, for_a_while = outcome(""), outcome("2025-05-15")
    ends = 4 * 2025 + 1 - (4 * 2022 + 3)
    assert_array_equal(for_good.pressure[:ends], for_a_while.pressure[:ends])
    assert np.any(for_good.pressure[ends] != for_a_while.pressure[ends])


def test_twins_set_the_same_dates_in_the_world_as_it_is(world, names):
    scenario = load_scenario(SCENARIOS / "regional-integration.yaml", names)
    question, runs = Question(scenario, world), range(4)
    luck = keyed_luck(question, runs)
    assert_same(one_by_one(question, luck), batched(question, luck, runs))


def test_a_state_that_earns_more_by_its_own_toll_stalls_the_agreement(world, names):
    scenario = load_scenario(SCENARIOS / "negotiated.yaml", names)
    lanes = scenario.agreements["transit"]
    question, runs = Question(scenario, with_a_short_cut(world, lanes)), range(8)
    luck = keyed_luck(question, runs)
    stalled = batched(question, luck, runs)
    assert_same(one_by_one(question, luck), stalled)
    place = question.names.index("transit")
    assert np.all(stalled.in_force[:, place] == NEVER)
    heedless = scenario.model_copy(
        update={"behaviour": scenario.behaviour.model_copy(update={"bargaining": False})}
    )
    question = Question(heedless, question.world)
    agreed = batched(question, luck, runs)
    assert_same(one_by_one(question, luck), agreed)
    assert np.any(agreed.in_force[:, place] != NEVER)


def with_a_short_cut(world, lanes):
    """A world with routes inside an agreement alone, one of which spares it a State at no cost."""
    inside = [c for c in world.corridors if {*c.ends, *c.transit} <= {*lanes.members}]
    through_two, short_cut = [c for c in inside if len(c.transit) > 1][:2]
    links = dict(world.network.corridor_links)
    links[short_cut.corridor] = links[through_two.corridor]
    changed = replace(short_cut, transit=through_two.transit[:1])
    return replace(
        world,
        corridors=(through_two, changed),
        network=replace(world.network, corridor_links=tuple(links.items())),
    )


# --- parts ----------------------------------------------------------------------------------------


def test_reforms_are_paid_for_and_done_when_the_plain_twin_says():
    """Sums such as three times 50 million out of 30 million a year end with a quarter."""
    dice = np.random.default_rng(1)
    for _ in range(300):
        steps = {
            f"r{k}": {
                "state": str(dice.choice(["AAA", "BBB"])),
                "measure": "rule_of_law",
                "change": 0.5,
                "start": f"202{dice.integers(3, 6)}Q{dice.integers(1, 5)}",
                "duration_years": float(dice.choice([0.0, 0.1, 0.25, 0.7, 1.0, 1.5])),
                "cost_musd": float(dice.choice([2.5, 10, 12.5, 20, 50, 75])),
            }
            for k in range(dice.integers(1, 7))
        }
        budget = {"AAA": float(dice.choice([10, 20, 30, 70, 100]))}
        reforms = Reforms.model_validate({"budget_musd": budget, "steps": steps})
        found = reform_quarters(SimpleNamespace(reforms=reforms))
        assert found.tolist() == reform_dates(reforms)


def test_reforms_quicken_entry_into_force_as_the_plain_twin_says(question):
    runs = range(5)
    parameters = keyed_luck(question, runs).parameters
    agenda, facts = question.agenda(parameters, runs), question.facts
    # The courts wait for money: from a third into 2023Q2 they take two years of it.
    assert [r.done - question.first for r in facts.reforms] == [11, 11, 5, 5]
    seen = set()
    for quarter in range(question.first, question.first + 20):
        for a, members in enumerate(facts.members.values()):
            weakest = min(facts.capacity(m, quarter) for m in members)
            plain = (weakest / facts.usual_capacity) ** parameters["capacity_weight"]
            assert_allclose(agenda.entry_pace(quarter)[:, a], plain, rtol=1e-12)
            seen.add(weakest)
    assert len(seen) > 3


# --- luck of its own, the same spread -------------------------------------------------------------

N_RUNS, N_LUCKY, N_WRONG = 1024, 192, 128


def spread(outcome):
    """What is compared of every run, (n_runs, n) each.

    Dates, how long stages take, when others begin to join, the stage every two years, and the mean
    of pressure and effort. The largest difference between two spreads of dates is that of the
    shares of runs that have come so far by any quarter; `NEVER` is the latest of all dates.
    """
    dates = np.stack([outcome.opened, outcome.signed, outcome.in_force])
    joining = outcome.opened - outcome.in_force[:, [0]]
    means = outcome.pressure.mean(axis=0), outcome.effort.mean(axis=0)
    return [*dates, *np.diff(dates, axis=0), joining, *outcome.stage[7::8], *means]


@pytest.fixture(scope="module")
def question(brisk, tiny_names, tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked")
    (folder / "tiny.yaml").write_text(TINY.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "asked.yaml").write_text(ASKED, encoding="utf-8")
    return Question(load_scenario(folder / "asked.yaml", tiny_names), brisk)


@pytest.fixture(scope="module")
def all_runs(question):
    return batched(question, keyed_luck(question, range(N_RUNS)), range(N_RUNS))


@pytest.fixture(scope="module")
def some_runs(question):
    """Luck and outcome of a few runs."""
    luck = keyed_luck(question, range(12))
    return luck, batched(question, luck, range(12))


def test_the_plain_twin_with_luck_of_its_own_has_the_same_spread(question, all_runs):
    twins = one_by_one(question, own_luck(question, N_LUCKY, 1))
    assert least_chance(spread(twins), spread(all_runs)) > 0.05


as_before = Facts.capacity
SLOW = pytest.mark.slow  # of each part of the twin one rule stays among the quick


@pytest.mark.parametrize(
    ("kind", "rule", "wrong"),
    [
        pytest.param(TwinTreaty, "least", max, marks=SLOW),
        (TwinTreaty, "proven_after", 12),
        pytest.param(TwinTreaty, "entry_lag", 0, marks=SLOW),
        pytest.param(TwinTreaty, "is_over", lambda self, quarter: False, marks=SLOW),
        (TwinTreaty, "route_open", lambda self: 1.0),
        (Facts, "capacity", lambda self, place, quarter: as_before(self, place, 0)),
        (TwinState, "rivals", lambda self, treaty: 0.0),
        (TwinModel, "outside_attention", lambda self, place: 0.0),
    ],
)
def test_a_twin_with_another_rule_has_other_dates_and_another_spread(
    question, some_runs, all_runs, monkeypatch, kind, rule, wrong
):
    monkeypatch.setattr(kind, rule, wrong)
    luck, found = some_runs
    with pytest.raises(AssertionError, match=r"[Nn]ot equal"):
        assert_same(one_by_one(question, luck), found)
    twins = one_by_one(question, own_luck(question, N_WRONG, 1))
    assert least_chance(spread(twins), spread(all_runs)) < 1e-4


# --- the model proper -----------------------------------------------------------------------------


@pytest.mark.parametrize("more", RULES_OFF[:2])
def test_twins_follow_the_model_proper(brisk, asked, more):
    model = TradeModel(asked(f"horizon: {{end: 2029Q4}}\n{more}"), brisk, runs=range(6))
    facts = facts_of(model)
    twins = [twin_of(model, run, facts) for run in range(6)]
    while model.quarter < int(model.scenario.horizon.end):
        for run, twin in enumerate(twins):
            twin.step_with(facts.seen(model.snapshot, run))
        model.step()
        seen = model.snapshot
        for name, values in {
            "opened": seen.talks.opened,
            "signed": seen.treaties.signed,
            "in_force": seen.treaties.in_force,
        }.items():
            own = [[getattr(treaty, name) for treaty in twin.treaties] for twin in twins]
            assert_array_equal(own, values, err_msg=name)
        steps = model.diplomacy.phase_in_years.tolist()
        stages = [
            [t.standing(model.quarter, s) for t, s in zip(twin.treaties, steps, strict=True)]
            for twin in twins
        ]
        assert_array_equal(stages, seen.stage)
        effort = [[state.effort for state in twin.states] for twin in twins]
        assert_allclose(effort, seen.talks.effort, rtol=1e-9, atol=1e-12)
    assert (seen.treaties.in_force[:, 0] != NEVER).any()
