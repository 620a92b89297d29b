"""The format is described down to the last key, for people and for editors."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from sim.scenario.blocks.scenario import Scenario, schema_text
from sim.scenario.checks.schema_errors import MODELS

UNITS = ("_musd", "_years", "_share", "_ave")


def test_the_schema_beside_the_scenarios_is_up_to_date(project_root: Path) -> None:
    written = (project_root / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8")
    assert written == schema_text(), "run: sim schema > scenarios/scenario.schema.json"


def test_every_model_is_known_to_the_messages() -> None:
    def parts(model: type[BaseModel]) -> set[type[BaseModel]]:
        return {model}.union(*(parts(sub) for sub in model.__subclasses__()))

    from sim.scenario.blocks.agreements import AgreementBlock
    from sim.scenario.blocks.fields import ScenarioBlock
    from sim.scenario.blocks.own_figure_blocks import OwnFigureBlock

    shared = {ScenarioBlock, AgreementBlock, OwnFigureBlock}
    assert {model for _, model in MODELS} == parts(ScenarioBlock) - shared


@pytest.mark.parametrize("model", [model for _, model in MODELS], ids=lambda m: m.__name__)
def test_every_key_says_what_it_means(model: type[BaseModel]) -> None:
    assert model.model_config["extra"] == "forbid"
    assert model.model_config["frozen"]
    for name, field in model.model_fields.items():
        assert field.description, name
        if name.endswith("_musd"):
            assert "million USD" in field.description


def nodes(part: Any) -> list[dict[str, Any]]:
    if isinstance(part, list):
        return [node for item in part for node in nodes(item)]
    if not isinstance(part, dict):
        return []
    return [part, *(node for value in part.values() for node in nodes(value))]


def test_the_schema_lets_a_file_be_partial_but_knows_every_key() -> None:
    schema = json.loads(schema_text())
    now = {key for key, part in schema["properties"].items() if not part.get("deprecated")}
    assert now == {*Scenario.model_fields, "extends"}
    for node in nodes(schema):
        assert not isinstance(node.get("required"), list)
        if node.get("type") == "object" and "properties" in node:
            assert node["additionalProperties"] is False


def test_ranges_reach_the_editor() -> None:
    schema = json.loads(schema_text())
    cut = schema["$defs"]["Concession"]["properties"]["cut"]
    assert (cut["minimum"], cut["maximum"]) == (0, 1)
    assert schema["properties"]["runs"]["maximum"] == 1_000_000
    assert schema["$defs"]["Horizon"]["properties"]["start"]["pattern"] == "^[0-9]{4}Q[1-4]$"
