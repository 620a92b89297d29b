"""An agreement that is taken out takes along what studies vary of it, and says so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.scenario.scenario_file import ScenarioCheck, check_scenario
from sim.scenario.text.known_names import NamesLike

CUT = "agreements.pta.concessions.*.cut"
TIME = "agreements.corridor.border_time_cut"
STUDIES = f"""\
levers: [agreements.pta, agreements.corridor]
sweep:
  {CUT}: [0, 1]
  {TIME}: [0, 0.4]
reach:
  probability: 0.4
  levers:
    {CUT}: {{from: 0, to: 1, cost_musd: 10}}
    {TIME}: {{from: 0, to: 0.9, cost_musd: 10}}
    agreements.corridor.fee_cut: {{from: 0, to: 1, cost_musd: 10}}
"""
CHILD = "extends: parent.yaml\nagreements:\n  corridor: null\n"


@pytest.fixture
def parent(valid_text: str) -> str:
    return valid_text + STUDIES


def test_inherited_paths_of_what_was_removed_go_with_it_and_are_named(
    check: Callable[..., ScenarioCheck], parent: str
) -> None:
    checked = check(CHILD, parent=parent)
    assert not checked.problems
    scenario = checked.scenario
    assert scenario is not None
    assert scenario.levers == ("agreements.pta",)
    assert list(scenario.sweep or ()) == [CUT]
    assert scenario.reach is not None
    assert (list(scenario.reach.levers), scenario.reach.probability) == ([CUT], 0.4)
    (warning,) = [w for w in checked.warnings if "removed" in w.message]
    assert (Path(warning.file).name, warning.line, warning.column) == ("question.yaml", 3, 3)
    assert "agreements.corridor is removed" in warning.message
    assert f"levers agreements.corridor, sweep {TIME}, reach.levers {TIME} and 1 more" in (
        warning.message
    )
    assert "levers or sweep or reach again" in warning.wanted


def test_a_block_of_which_nothing_is_left_goes_whole(
    check: Callable[..., ScenarioCheck], parent: str
) -> None:
    checked = check("extends: parent.yaml\nagreements: null\n", parent=parent)
    assert checked.scenario is not None
    assert (checked.scenario.levers, checked.scenario.sweep, checked.scenario.reach) == (None,) * 3
    assert any("nothing is left of levers and sweep and reach" in str(w) for w in checked.warnings)


def test_points_of_a_sweep_that_have_it_go(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    sweep = "sweep: {agreements: [[], [pta], [corridor], [pta, corridor]]}\n"
    checked = check(CHILD, parent=valid_text + sweep)
    assert checked.scenario is not None
    assert checked.scenario.sweep == {"agreements": ((), ("pta",))}
    assert any(
        "sweep agreements = [corridor], sweep agreements = [pta, corridor]" in warning.message
        for warning in checked.warnings
    )


def test_a_grandchild_that_brings_it_back_has_its_paths_again(
    check: Callable[..., ScenarioCheck], parent: str, valid_text: str
) -> None:
    block = valid_text.split("  corridor:")[1].split("closures:")[0]
    again = f"extends: middle.yaml\nagreements:\n  corridor:{block}"
    checked = check(again, parent=parent, middle=CHILD)
    assert checked.scenario is not None
    assert checked.scenario.levers == ("agreements.pta", "agreements.corridor")
    assert not any("removed" in warning.message for warning in checked.warnings)


def test_a_path_written_beside_the_null_is_a_mistake(
    check: Callable[..., ScenarioCheck], parent: str
) -> None:
    checked = check(CHILD + "levers: [agreements.corridor]\n", parent=parent)
    (problem,) = checked.problems
    assert (problem.line, problem.column) == (4, 10)
    assert "agreements.corridor finds nothing" in problem.message


def test_an_override_takes_them_out_too(tmp_path: Path, names: NamesLike, parent: str) -> None:
    file = tmp_path / "question.yaml"
    file.write_text(parent, encoding="utf-8")
    checked = check_scenario(file, names, overrides={"agreements.corridor": "null"})
    assert checked.scenario is not None
    assert checked.scenario.levers == ("agreements.pta",)
    assert any(warning.file == "override agreements.corridor" for warning in checked.warnings)


@pytest.mark.parametrize("study", ["levers: 3", "sweep: [1, {a: 2}]", "reach: {levers: [x]}"])
def test_blocks_that_are_not_well_formed_are_refused_and_not_stumbled_over(
    check: Callable[..., ScenarioCheck], valid_text: str, study: str
) -> None:
    assert check(CHILD, parent=f"{valid_text}{study}\n").problems
