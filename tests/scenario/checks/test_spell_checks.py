"""Every dated spell of the schema is told the same where its end comes first or it lies outside."""

import json
from copy import deepcopy
from pathlib import Path

import pytest

from sim.scenario.blocks.scenario import Scenario
from sim.scenario.scenario_file import check_scenario
from sim.scenario.text.inheritance import assemble
from sim.scenario.text.tree import plain
from sim.world.names import world_names
from tests.builders.rewritings import SPELL, places_of

WORLDS = Path(__file__).resolve().parents[2] / "worlds"


def content_of(name: str) -> dict:
    tree = assemble(WORLDS / f"{name}.yaml").tree
    return json.loads(json.dumps(plain(tree), default=str))


CONTENTS = {name: content_of(name) for name in ("every-list", "every-energy-list")}
PLACES = {(name, place.pattern): place for name, content in CONTENTS.items()
          for place in places_of(content, Scenario)
          if place.kind == SPELL and place.dates == ("from", "until")}  # fmt: skip


def told(name, place, first, last, names, tmp_path):
    content = deepcopy(CONTENTS[name])
    block = content
    for step in place.path:
        block = block[step]
    block |= {"from": first, "until": last}
    path = tmp_path / "spell.yaml"
    path.write_text(json.dumps(content), encoding="utf-8")
    found = check_scenario(path, names)
    return [str(p) for p in found.problems], [str(w) for w in found.warnings]


def test_all_blocks_with_spells_are_here():
    assert {pattern.partition(".")[0] for _, pattern in PLACES} == {
        "duties", "trade_costs", "closures", "bans", "energy"
    }  # fmt: skip


@pytest.mark.parametrize(("name", "pattern"), PLACES)
def test_a_spell_is_told_the_same_in_every_block(name, pattern, tmp_path):
    place = PLACES[name, pattern]
    where = ".".join(str(step + 1 if isinstance(step, int) else step) for step in place.path)
    of = world_names(WORLDS / "tiny" if name == "every-list" else None)
    in_days = "Q" not in str(_first(name, place))
    dates = ("2025-03-01", "2024-03-01") if in_days else ("2025Q1", "2024Q1")
    problems, _ = told(name, place, *dates, of, tmp_path)
    unit = "day" if in_days else "quarter"
    assert len(problems) == 1
    assert f"{where}.until {dates[1]} is before from {dates[0]}" in problems[0]
    assert f"wanted a {unit} no earlier than from" in problems[0]
    dates = ("2015-01-01", "2015-02-01") if in_days else ("2015Q1", "2015Q2")
    problems, warnings = told(name, place, *dates, of, tmp_path)
    assert not problems
    horizon = CONTENTS[name]["horizon"]
    said = f"{where} lies outside the horizon {horizon['start']} to {horizon['end']}"
    assert any(said in warning for warning in warnings), warnings


def _first(name, place):
    block = CONTENTS[name]
    for step in place.path:
        block = block[step]
    return block["from"]
