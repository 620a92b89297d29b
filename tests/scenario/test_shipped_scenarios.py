"""The scenarios in the project are checked questions with one baseline."""

from pathlib import Path

import pytest

from sim.scenario.scenario_file import check_scenario, load_scenario
from sim.scenario.writing import resolved_yaml, scenario_hash
from sim.world.names import world_names

FOLDER = Path(__file__).resolve().parents[2] / "scenarios"
FILES = sorted(FOLDER.glob("*.yaml"))


def test_the_six_questions_are_there() -> None:
    wanted = {
        "baseline", "pta", "transit", "pta-and-transit", "afghan-border-closed", "kazakh-ledger",
    }  # fmt: skip
    assert wanted <= {path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_scenario_is_whole_and_without_oddities(path: Path, tmp_path: Path) -> None:
    names = world_names()
    checked = check_scenario(path, names)
    assert not checked.problems
    # What is on record between the members is told, and no oddity.
    assert all("is on record already" in warning.message for warning in checked.warnings)
    assert checked.scenario is not None
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=scenario.schema.json"
    assert all(len(line) <= 120 for line in lines)
    resolved = tmp_path / "resolved.yaml"
    resolved.write_text(resolved_yaml(checked.scenario), encoding="utf-8")
    assert check_scenario(resolved, names).scenario == checked.scenario


OTHER_PAIRS = {"uzbekistan-pakistan", "tariff-war"}
"""Scenarios that ask about another pair than the rest, and so have a target of their own."""


def test_they_share_the_draws_and_the_target() -> None:
    names = world_names()
    scenarios = {path.stem: check_scenario(path, names).scenario for path in FILES}
    draws = {(s.seed, s.runs, s.horizon.start, s.horizon.end) for s in scenarios.values() if s}
    targets = {tuple(s.targets) for name, s in scenarios.items() if s and name not in OTHER_PAIRS}
    assert len(draws) == len(targets) == 1
    assert len({scenario_hash(s) for s in scenarios.values() if s}) == len(FILES)


def test_every_lever_of_the_roadmap_says_who_pays_it(project_root):
    asked = load_scenario(project_root / "scenarios" / "roadmap.yaml", world_names())
    assert asked.reach is not None
    levers = asked.reach.levers
    assert all(lever.owner for lever in levers.values())
    # Works cost what a source says; what a deal costs is derived from its discount.
    sourced = {path for path, lever in levers.items() if lever.source}
    assert {path for path in levers if path.startswith("projects.")} < sourced
