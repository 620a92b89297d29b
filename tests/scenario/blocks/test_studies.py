# ruff: noqa: E501 - a row of the table stays on one line
"""What studies read: right blocks pass, every mistake is found at its line and column."""

from collections.abc import Callable

import pytest

from sim.scenario.blocks.studies import SweptRange
from sim.scenario.scenario_file import ScenarioCheck
from sim.scenario.text.problems import ScenarioError
from sim.scenario.variation import varied
from sim.scenario.writing import resolved_yaml, scenario_hash

STUDIES = """\
levers: [agreements.pta, agreements.corridor]
sweep:
  agreements.pta.concessions.*.cut: [0, 0.5, 1.0]
  agreements.corridor.border_time_cut: {from: 0, to: 0.6}
  agreements: [[], [pta], [pta, corridor]]
reach:
  target: one-billion
  probability: 0.6
  levers:
    agreements.pta.concessions.*.cut: {from: 0, to: 1, cost_musd: 40, cost_power: 2}
    agreements.corridor: {cost_musd: 5}
"""
MARK = "¦"


@pytest.fixture
def scenario(check: Callable[..., ScenarioCheck], valid_text: str):
    checked = check(valid_text + STUDIES)
    assert not checked.problems
    return checked.scenario


def test_the_blocks_are_read_and_written_back(scenario, check):
    assert scenario.levers == ("agreements.pta", "agreements.corridor")
    assert isinstance(scenario.sweep["agreements.corridor.border_time_cut"], SweptRange)
    assert scenario.reach.levers["agreements.corridor"].is_switch
    assert check(resolved_yaml(scenario)).scenario == scenario


def test_the_blocks_bear_on_no_run(scenario, check, valid_text):
    assert scenario_hash(scenario) == scenario_hash(check(valid_text).scenario)


def test_a_lever_costs_nothing_at_rest_and_all_at_its_end(scenario):
    lever = scenario.reach.levers["agreements.pta.concessions.*.cut"]
    assert [lever.cost(part) for part in (0.0, 0.5, 1.0)] == [0.0, 10.0, 40.0]
    assert lever.value(0.5) == 0.5
    switch = scenario.reach.levers["agreements.corridor"]
    assert [switch.value(part) for part in (0.0, 1.0)] == [False, True]


MISTAKES = [
    ("[agreements.pta, agr", "[agreements.pta, ¦agreements.ptaa, agr", "agreements.ptaa finds nothing", "pta"),
    ("[agreements.pta, agr", "[¦horizon.end, agreements.pta, agr", "'horizon.end' cannot be varied", None),
    ("[agreements.pta, agr", "[¦agreements..cut, agreements.pta, agr", "'agreements..cut' is not a path", None),
    ("[agreements.pta, agreements.corridor]", "¦[]", "levers has none; wanted at least 1 entry", None),
    ("[0, 0.5, 1.0]", "¦[]", "sweep.agreements.pta.concessions.*.cut has none", None),
    ("[0, 0.5, 1.0]", "[0, 0.5, ¦50]", "cut is 50; wanted a share from 0 to 1: is this percent? write 0.5", None),
    ("[0, 0.5, 1.0]", "[0, ¦{a: 1}]", "wanted a number, a word, true or false, or a list of names", None),
    ("  agreements.pta.concessions.*.cut: [0,", "  ¦agreements.pta.concesions.*.cut: [0,", "there is no 'concesions' under agreements.pta", "concessions"),
    ("  agreements.pta.concessions.*.cut: [0,", "  ¦agreements.pta.concessions.3.cut: [0,", "finds nothing", None),
    ("  agreements.pta.concessions.*.cut: [0,", "  ¦uncertainty.*.nothing.*: [0,", "finds nothing", None),
    ("border_time_cut: {from", "border_tim_cut: {from: ¦0, to: 0.6} #", "unknown key 'border_tim_cut'", "border_time_cut"),
    ("{from: 0, to: 0.6}", "¦{from: 0.6, to: 0}", "runs from 0.6 to 0; wanted from below to", None),
    ("{from: 0, to: 0.6}", "{from: 0, to: ¦2}", "border_time_cut is 2", None),
    ("{from: 0, to: 0.6}", "{from: 0, ¦too: 0.6}", "unknown key 'too'", "to"),
    ("[[], [pta],", "[[], [¦ptaa],", "'ptaa' is not an agreement", "pta"),
    ("target: one-billion\n  prob", "target: ¦one-bilion\n  prob", "no target of this scenario", "one-billion"),
    ("probability: 0.6", "probability: ¦60", "wanted a probability from 0.01 to 0.99: is this percent? write 0.6", None),
    ("cost_musd: 40", "cost_musd: ¦-1", "wanted million USD from 0", None),
    ("{cost_musd: 5}", "¦{from: 1, cost_musd: 5}", "has one end of a range", None),
    ("{cost_musd: 5}", "{¦cost: 5}", "unknown key 'cost'", "cost_musd"),
]  # fmt: skip


@pytest.mark.parametrize(("piece", "wrong", "words", "near"), MISTAKES)
def test_a_mistake_is_found_where_it_is(check, valid_text, piece, wrong, words, near):
    assert STUDIES.count(piece) == 1
    before, _, after = STUDIES.replace(piece, wrong).partition(MARK)
    checked = check(valid_text + before + after)
    assert checked.scenario is None
    first = checked.problems[0]
    place = (valid_text + before).splitlines()
    assert (first.line, first.column) == (len(place), len(place[-1]) + 1)
    assert words in first.message + "; " + first.wanted
    assert near is None or first.nearest == near


def test_what_the_file_leaves_to_the_defaults_can_be_varied(check, valid_text):
    blocks = """
levers: [behaviour.attention]
sweep:
  behaviour.exporters: [true, false]
  uncertainty_sources.events: [false]
"""
    assert "behaviour" not in valid_text
    scenario = check(valid_text + blocks).scenario
    assert scenario is not None
    changed = varied(scenario, {"behaviour.attention": False, "behaviour.exporters": False})
    behaviour = changed.behaviour
    assert (behaviour.attention, behaviour.exporters) == (False, False)


@pytest.mark.parametrize(
    ("blocks", "words", "near"),
    [
        ("levers: [behaviour]", "there is no 'behaviour'", None),  # it would come back by itself
        ("levers: [reforms]", "there is no 'reforms'", None),
        ("sweep: {behaviour.attenton: [true]}", "there is no 'attenton' under behav", "attention"),
        ("sweep: {agreement.pta: [true]}", "there is no 'agreement'; wanted one of base", "agree"),
    ],
)
def test_what_is_neither_there_nor_a_default_is_told_with_what_is(
    check, valid_text, blocks, words, near
):
    (problem,) = check(f"{valid_text}{blocks}\n").problems
    assert words in f"{problem.message}; {problem.wanted}"
    assert "horizon" not in problem.wanted
    assert near is None if problem.nearest is None else problem.nearest.startswith(near)


# --- varying -------------------------------------------------------------------------------------


def test_a_value_at_fault_in_every_item_is_told_once(check, valid_text):
    wrong = STUDIES.replace("[0, 0.5, 1.0]", "[0, 0.5, 7]")
    (problem,) = check(valid_text + wrong).problems
    assert "agreements.pta.concessions.1.cut is 7" in problem.message


def test_a_wildcard_changes_every_item(scenario, names):
    made = varied(scenario, {"agreements.pta.concessions.*.cut": 0.1}, names)
    assert {c.cut for c in made.agreements["pta"].concessions} == {0.1}
    assert made.sweep == scenario.sweep


def test_false_takes_a_block_out_and_true_keeps_it(scenario, names):
    assert set(varied(scenario, {"agreements.pta": False}, names).agreements) == {"corridor"}
    assert varied(scenario, {"agreements.pta": True}, names) == scenario
    one = varied(scenario, {"agreements.pta.concessions.1": False}, names)
    assert len(one.agreements["pta"].concessions) == 1


def test_a_flag_takes_true_and_false_as_values(scenario, names):
    made = varied(scenario, {"agreements.corridor.joint_toll": False}, names)
    assert made.agreements["corridor"].joint_toll is False


def test_a_list_of_names_keeps_those_agreements(scenario, names):
    assert set(varied(scenario, {"agreements": ("pta",)}, names).agreements) == {"pta"}
    assert not varied(scenario, {"agreements": ()}, names).agreements


@pytest.mark.parametrize(
    "changes",
    [{"agreements.pta.concessions.*.cut": 2.0}, {"agreements.x.y.z": 1}, {"agreements": ("x",)}],
)
def test_what_no_file_may_hold_is_refused(scenario, names, changes):
    with pytest.raises(ScenarioError):
        varied(scenario, changes, names)
