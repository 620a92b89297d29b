"""Old spellings mean what the present ones do, are told once, and never both at once."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.scenario.blocks.scenario import schema_text
from sim.scenario.scenario_file import ScenarioCheck, check_scenario
from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.old_spellings import KEYS, WORDS, old_names, respelled_path
from sim.world.names import world_names

HERE = Path(__file__).parent
OLD, NOW = HERE / "old-spellings.yaml", HERE / "present-spellings.yaml"
LINE = re.compile(r"'?([a-z_]+)'?:")


@pytest.fixture(scope="module")
def packaged() -> NamesLike:
    return world_names(None)


def test_a_file_in_old_spellings_is_the_same_scenario(packaged: NamesLike) -> None:
    old, now = (check_scenario(path, packaged) for path in (OLD, NOW))
    assert old.problems == now.problems == ()
    assert old.scenario == now.scenario
    assert old.scenario is not None
    assert [w.message for w in old.warnings] == [w.message for w in now.warnings]
    assert [(w.line, w.file) for w in old.warnings] == [(w.line, str(OLD)) for w in now.warnings]


def test_both_files_use_every_word_of_the_tables() -> None:
    old, now = OLD.read_text(encoding="utf-8"), NOW.read_text(encoding="utf-8")
    for _, was, name in (*KEYS, *WORDS):
        assert re.search(rf"\b{was}\b", old), was
        assert re.search(rf"\b{name}\b", now), name
    assert len(old.splitlines()) == len(now.splitlines())


def test_one_hint_a_file_at_its_first_old_word(packaged: NamesLike) -> None:
    (hint,) = check_scenario(OLD, packaged).hints
    assert (hint.line, hint.column) == (8, 54)
    assert hint.message.startswith("has old spellings: by is now deadline, ")
    assert re.search(r" and \d+ more$", hint.message)
    assert not check_scenario(NOW, packaged).hints


def test_check_says_it_once_and_finds_no_problem(tmp_path: Path) -> None:
    child = tmp_path / "child.yaml"
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "old.yaml").write_text(OLD.read_text(encoding="utf-8"), encoding="utf-8")
    child.write_text("extends: old.yaml\nclosure: direct\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["check", str(child), str(tmp_path / "old.yaml")])
    assert done.exit_code == 0, done.output
    assert done.output.count("Hint: ") == 2
    assert f"{child}:2:1: has old spellings: closure is now model_closure;" in done.output


def test_a_parent_may_use_one_spelling_and_its_child_the_other(
    packaged: NamesLike, tmp_path: Path
) -> None:
    (tmp_path / "old.yaml").write_text(OLD.read_text(encoding="utf-8"), encoding="utf-8")
    child = tmp_path / "child.yaml"
    child.write_text(
        "extends: old.yaml\nmodel_closure: conditional\ntargets: {goal: {deadline: 2029Q4}}\n"
        "open_all_year: null\nuncertainty_sources: {events: true}\n",
        encoding="utf-8",
    )
    checked = check_scenario(child, packaged)
    assert checked.scenario is not None, checked.problems
    assert checked.scenario.model_closure == "conditional"
    assert str(checked.scenario.targets["goal"].deadline) == "2029Q4"
    assert checked.scenario.targets["goal"].trade_musd == 1000
    assert not checked.scenario.open_all_year
    sources = checked.scenario.uncertainty_sources
    assert (sources.events, sources.residual_shocks) == (True, True)


@pytest.mark.parametrize("order", [("by", "deadline"), ("deadline", "by")])
def test_both_spellings_of_a_key_are_an_error_that_names_both_lines(
    check: Callable[..., ScenarioCheck], valid_text: str, order: tuple[str, str]
) -> None:
    block = (
        "  one-billion: {pair: [PAK, KAZ], trade_musd: 1000, deadline: 2030Q4, source: ministers}"
    )
    first, second = order
    twice = (
        "  one-billion:\n    pair: [PAK, KAZ]\n    trade_musd: 1000\n"
        f"    {first}: 2030Q4\n    {second}: 2031Q4"
    )
    (problem,) = check(valid_text.replace(block, twice)).problems
    lines = {first: 12, second: 13}
    assert problem.message == (
        f"targets.one-billion has by (line {lines['by']}) and deadline (line "
        f"{lines['deadline']}), which are one key"
    )
    assert (problem.line, problem.column) == (lines["by"], 5)
    assert problem.wanted == "wanted deadline alone"


@pytest.mark.parametrize(
    ("old", "value", "now"),
    [
        ("targets.*.by", "2031Q4", "targets.*.deadline"),
        ("closure", "direct", "model_closure"),
        ("layers_of_uncertainty.chance", "true", "uncertainty_sources.events"),
        ("duties.war.layer", "additional_duties", "duties.war.duty_type"),
        ("targets.more", "{pair: [PAK, UZB], trade_musd: 9, by: 2030Q4}", "targets.more"),
        ("projects.ktap", "{complete: by-hazard}", "projects.ktap"),
        ("energy.deals.*.signed", "as_dated", "energy.deals.*.signing"),
        ("year_round", "null", "open_all_year"),
    ],
)  # fmt: skip
def test_an_override_may_use_either_spelling(
    packaged: NamesLike, old: str, value: str, now: str
) -> None:
    present = value.replace("by:", "deadline:").replace("complete: by-h", "completes: by_h")
    asked = [
        check_scenario(OLD, packaged, overrides={old: value}),
        check_scenario(NOW, packaged, overrides={now: present}),
    ]
    assert asked[0].scenario is not None, asked[0].problems
    assert asked[0].scenario == asked[1].scenario
    assert asked[0].scenario != check_scenario(NOW, packaged).scenario


def test_paths_of_studies_are_respelled_where_they_name_a_key_and_not_a_name() -> None:
    assert respelled_path("agreements.by.concessions.*.by") == "agreements.by.concessions.*.grantor"
    assert respelled_path("year_round.khunjerab") == "open_all_year.khunjerab"
    assert respelled_path("sweep.layers_of_uncertainty") == "sweep.uncertainty_sources"
    assert respelled_path("projects.complete.complete") == "projects.complete.completes"
    assert respelled_path("nothing.of.the.kind") == "nothing.of.the.kind"


def test_a_mistyped_old_key_leads_to_the_present_one(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    mistyped = valid_text.replace("uncertainty_sources:", "layers_of_uncertanty:")
    (problem,) = check(mistyped).problems
    assert problem.nearest == "uncertainty_sources"
    misplaced = valid_text.replace("baseline: {", "baseline: {takes_years: 3, ")
    (problem,) = check(misplaced).problems
    assert "takes_years, now duration_years, belongs under reforms.steps.*" in problem.wanted


def test_the_schema_knows_every_old_key_and_marks_it() -> None:
    schema = json.loads(schema_text())
    marked = [key for part in nodes(schema) for key, value in part.items() if is_marked(value)]
    shared = {("visits", "consulates", "missions").index(block.split(".")[1]): block
              for block, old, _ in KEYS if block.startswith("diplomacy.") and old == "by"
              and "outside" not in block}  # fmt: skip
    homes = len(KEYS) - 2 * (len(shared) - 1)
    assert len(marked) == homes
    assert set(marked) == {old for _, old, _ in KEYS}


def is_marked(value: object) -> bool:
    return isinstance(value, dict) and value.get("deprecated") is True and "const" not in value


def nodes(part: object) -> list[dict[str, object]]:
    if isinstance(part, list):
        return [node for item in part for node in nodes(item)]
    if not isinstance(part, dict):
        return []
    return [part, *(node for value in part.values() for node in nodes(value))]


def test_old_names_are_those_of_one_block() -> None:
    assert old_names(("reforms", "steps", "x")) == {
        "by": "state", "what": "measure", "takes_years": "duration_years"
    }  # fmt: skip
    assert old_names(("horizon",)) == {}
