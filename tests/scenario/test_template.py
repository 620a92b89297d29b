"""The starter file passes the check of the world it was made for."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.scenario.blocks.scenario import Scenario
from sim.scenario.scenario_file import check_scenario
from sim.scenario.template import in_words, pair_text, starter_text
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


def test_a_member_of_a_union_is_told_that_all_its_members_grant(names, tmp_path):
    """`waiver` would assume that the others agree, and no rule would be refused."""
    bound = replace(names, customs_unions=(("UNION", (names.regions[0], "ZZZ")),))
    text = starter_text("first", bound)
    assert f"{names.regions[0]} is in the customs union UNION, which has one tariff" in text
    (given, free) = checked(text, bound, tmp_path).agreements["preference"].concessions
    assert (given.customs_union, free.customs_union) == ("union", "refuse")


@pytest.mark.parametrize("keeps_targets", [True, False])
def test_inside_a_union_quicker_borders_are_proposed_and_no_preference(
    names, tmp_path, keeps_targets
):
    pair = names.regions[:2]
    inside = replace(names, customs_unions=(("UNION", pair),))
    made = checked(starter_text("first", inside), inside, tmp_path)
    assert [agreement.kind for agreement in made.agreements.values()] == ["transit"]
    (tmp_path / "baseline.yaml").write_text(starter_text("baseline", inside), encoding="utf-8")
    text = pair_text("mine", inside, pair, "baseline.yaml", {"one-billion": "1,000 million USD"},
                     ("Nothing.",), keeps_targets=keeps_targets)  # fmt: skip
    assert "are both in the customs union UNION: no duty is left between them" in text
    mine = checked(text, inside, tmp_path)
    assert mine.agreements["borders"].members == pair
    assert mine.agreements["borders"].border_time_cut > 0.0
    _, heading, reform = text.partition("# reforms:\n")
    with_reform = "\n".join(line.removeprefix("# ") for line in f"{heading}{reform}".splitlines())
    assert (
        checked(f"{text}\n{with_reform}\n", inside, tmp_path).reforms.steps["border"].change == 0.2
    )


def test_every_key_of_the_format_is_shown(names: Any) -> None:
    text = starter_text("first", names)
    for key in Scenario.model_fields:
        assert f"{key}:" in text
    assert all(len(line) <= 120 for line in text.splitlines())
    assert text.startswith("# yaml-language-server: $schema=scenario.schema.json\n")


@pytest.mark.parametrize(("trade", "goal"), [(1153.0, 2000.0), (24.0, 50.0), (0.0, 1000.0)])
def test_the_first_target_is_about_twice_the_pairs_trade(names, tmp_path, trade, goal):
    text = starter_text("first", names, None, trade)
    (target,) = checked(text, names, tmp_path).targets.values()
    assert target.trade_musd == goal
    assert f"reach {in_words(goal)} USD by" in text


def test_a_target_that_a_pair_has_reached_is_not_proposed(names, tmp_path):
    (tmp_path / "baseline.yaml").write_text(starter_text("baseline", names), encoding="utf-8")
    for trade, goal in ((1800.0, 4000.0), (400.0, 1000.0)):
        text = pair_text("mine", names, names.regions[:2], "baseline.yaml", {"one-billion": "1"},
                         ("Nothing.",), trade_musd=trade)  # fmt: skip
        (target,) = checked(text, names, tmp_path).targets.values()
        assert target.trade_musd == goal
