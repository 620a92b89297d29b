"""The starter file passes the check of the world it was made for."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.scenario.blocks.scenario import Scenario
from sim.scenario.scenario_file import check_scenario
from sim.scenario.template import starter_text
from sim.world.names import world_names


def checked(text: str, names: Any, folder: Path) -> Scenario:
    file = folder / "first.yaml"
    file.write_text(text, encoding="utf-8")
    outcome = check_scenario(file, names)
    assert not outcome.problems, outcome.problems
    assert not outcome.warnings, outcome.warnings
    assert outcome.scenario is not None
    return outcome.scenario


def test_it_passes_in_the_small_world(names: Any, tmp_path: Path) -> None:
    scenario = checked(starter_text("first", names), names, tmp_path)
    assert set(scenario.agreements) == {"preference", "transit"}


def test_it_passes_in_the_packaged_world(tmp_path: Path) -> None:
    names = world_names()
    scenario = checked(starter_text("first", names), names, tmp_path)
    assert scenario.targets["one-billion"].pair == names.regions[:2]


def test_it_passes_in_a_world_without_ports(names: Any, tmp_path: Path) -> None:
    bare = replace(names, ports=(), routes=(), gates=(), customs_unions=())
    assert set(checked(starter_text("x", bare), bare, tmp_path).agreements) == {"preference"}


@pytest.mark.parametrize("name", ["a: b", "line\nbreak", "{x}", "it's #1", "🚢", "---", "NO"])
def test_any_name_gives_a_valid_file(name: str, names: Any, tmp_path: Path) -> None:
    checked(starter_text(name, names), names, tmp_path)


def test_every_key_of_the_format_is_shown(names: Any) -> None:
    text = starter_text("first", names)
    for key in Scenario.model_fields:
        assert f"{key}:" in text
    assert all(len(line) <= 120 for line in text.splitlines())
    assert text.startswith("# yaml-language-server: $schema=scenario.schema.json\n")
