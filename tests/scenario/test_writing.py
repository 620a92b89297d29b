"""The resolved file says everything, reads back as the same scenario, and has a stable hash."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario.blocks.distributions import UncertainInput
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.blocks.studies import STUDY_KEYS
from sim.scenario.scenario_file import ScenarioCheck, check_scenario, load_scenario
from sim.scenario.text.known_names import NamesLike
from sim.scenario.writing import resolved_yaml, scenario_hash


@pytest.fixture
def scenario(check: Callable[..., ScenarioCheck], valid_text: str) -> Scenario:
    found = check(valid_text).scenario
    assert found is not None
    return found


def read_back(text: str, folder: Path, names: NamesLike) -> Scenario:
    file = folder / "resolved.yaml"
    file.write_text(text, encoding="utf-8")
    checked = check_scenario(file, names)
    assert not checked.problems
    assert checked.scenario is not None
    return checked.scenario


def test_it_reads_back_equal(scenario: Scenario, tmp_path: Path, names: NamesLike) -> None:
    text = resolved_yaml(scenario)
    again = read_back(text, tmp_path, names)
    assert again == scenario
    assert resolved_yaml(again) == text
    assert scenario_hash(again) == scenario_hash(scenario)
    assert "extends" not in text


def test_it_writes_every_default_out(scenario: Scenario) -> None:
    text = resolved_yaml(scenario)
    for key in set(Scenario.model_fields) - set(STUDY_KEYS):
        is_found_out = getattr(scenario, key) is None
        assert (f"\n{key}:" in f"\n{text}") != is_found_out
    assert "excluded_share: 0.0" in text


AWKWARD = [
    "NO",
    "1e9",
    "007",
    "2026-01-01",
    "a: b",
    "# no",
    "  spaces ",
    "тест",
    "🚢",
    "'\"\\",
    "~",
]


@pytest.mark.parametrize("words", AWKWARD)
def test_awkward_text_survives(
    scenario: Scenario, tmp_path: Path, names: NamesLike, words: str
) -> None:
    changed = scenario.model_copy(update={"title": words})
    assert read_back(resolved_yaml(changed), tmp_path, names) == changed


@settings(max_examples=60)
@given(
    words=st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1).filter(
        str.strip
    )
)
def test_any_text_survives(words: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    data = {
        "version": 1,
        "title": words,
        "question": words,
        "horizon": {"start": "2022Q4", "end": "2030Q4"},
        "baseline": {"ledger": words},
        "targets": {"goal": {"pair": ("A", "B"), "trade_musd": 10, "deadline": "2030Q4"}},
    }
    scenario = Scenario.model_validate(data)
    file = tmp_path_factory.mktemp("resolved") / "any.yaml"
    file.write_bytes(resolved_yaml(scenario).encode())
    assert load_scenario(file, None) == scenario


@settings(max_examples=60)
@given(number=st.floats(min_value=1e-300, max_value=1e8))
def test_any_number_survives(number: float, tmp_path_factory: pytest.TempPathFactory) -> None:
    data = {
        "version": 1,
        "title": "t",
        "question": "q",
        "horizon": {"start": "2022Q4", "end": "2030Q4"},
        "baseline": {"ledger": "l"},
        "targets": {"goal": {"pair": ("A", "B"), "trade_musd": number, "deadline": "2030Q4"}},
    }
    scenario = Scenario.model_validate(data)
    file = tmp_path_factory.mktemp("resolved") / "any.yaml"
    file.write_bytes(resolved_yaml(scenario).encode())
    assert load_scenario(file, None) == scenario


def turned(text: str, first: str, second: str, end: str) -> str:
    """The text with two entries that follow each other in the other order."""
    places = [text.index(mark) for mark in (first, second, end)]
    one, other = text[places[0] : places[1]], text[places[1] : places[2]]
    return text[: places[0]] + other + one + text[places[2] :]


def test_the_order_of_agreements_is_kept_and_is_another_result(
    check: Callable[..., ScenarioCheck],
    valid_text: str,
    scenario: Scenario,
    tmp_path: Path,
) -> None:
    other = check(turned(valid_text, "  pta:", "  corridor:", "closures:")).scenario
    assert other is not None
    assert other == scenario
    assert list(other.agreements) != list(scenario.agreements)
    assert scenario_hash(other) != scenario_hash(scenario)
    for each in (scenario, other):
        file = tmp_path / "again.yaml"
        file.write_bytes(resolved_yaml(each).encode())
        again = load_scenario(file, None)
        assert list(again.agreements) == list(each.agreements)
        assert scenario_hash(again) == scenario_hash(each)


def test_the_order_of_other_names_does_not_matter(scenario: Scenario) -> None:
    given = {name: UncertainInput.model_validate({"fixed": 1.0}) for name in ("a", "b")}
    one, other = (
        scenario.model_copy(update={"uncertainty": dict(order)})
        for order in (given.items(), reversed(given.items()))
    )
    assert list(one.uncertainty) != list(other.uncertainty)
    assert scenario_hash(other) == scenario_hash(one)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Both agreements", "title: Another"),
        ("question: Is the target reached?", "question: Will it be?"),
        ("source: ministers", "source: a newspaper"),
        (", source: ministers", ""),
        ("runs: 64", "runs: 64.0   # a remark"),
        ("version: 1", "version: 1.0"),
    ],
)
def test_words_do_not_change_the_hash(
    check: Callable[..., ScenarioCheck], valid_text: str, scenario: Scenario, old: str, new: str
) -> None:
    other = check(valid_text.replace(old, new)).scenario
    assert other is not None
    assert scenario_hash(other) == scenario_hash(scenario)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seed: 7", "seed: 8"),
        ("runs: 64", "runs: 65"),
        ("cut: 0.5}", "cut: 0.50001}"),
        ("ledger: pakistan", "ledger: kazakhstan"),
        ("until: 2026-12-31", "until: 2026-12-30"),
        ("in_force: 2027Q3", "in_force: 2027Q4"),
        ("growth_sd: 0.02", "growth_sd: 0.03"),
        ("closure: full", "closure: direct"),
        ("deadline: 2030Q4", "deadline: 2030Q3"),
        ("customs_union: waiver", "customs_union: union"),
        ("events: true", "events: false"),
    ],
)
def test_what_bears_on_the_numbers_changes_the_hash(
    check: Callable[..., ScenarioCheck], valid_text: str, scenario: Scenario, old: str, new: str
) -> None:
    other = check(valid_text.replace(old, new)).scenario
    assert other is not None
    assert scenario_hash(other) != scenario_hash(scenario)
