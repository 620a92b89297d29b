"""Files that extend others, overrides, and what is allowed but probably not meant."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.scenario.blocks.agreements import PreferentialAgreement, TransitAgreement
from sim.scenario.blocks.quarters import Quarter
from sim.scenario.scenario_file import ScenarioCheck, check_scenario, load_scenario
from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.problems import Place, Problem, ScenarioError, format_problem

PARENT = (Path(__file__).parent / "broken" / "valid-parent.yaml").read_text(encoding="utf-8")


def test_every_value_arrives(check: Callable[..., ScenarioCheck], valid_text: str) -> None:
    scenario = check(valid_text).scenario
    assert scenario is not None
    assert (scenario.runs, scenario.seed) == (64, 7)
    assert scenario.horizon.n_quarters == 53
    assert str(scenario.horizon.start) == f"{scenario.horizon.start}" == "2022Q4"
    assert scenario.horizon.start == 4 * 2022 + 3
    pta, corridor = scenario.agreements["pta"], scenario.agreements["corridor"]
    assert isinstance(pta, PreferentialAgreement)
    assert isinstance(corridor, TransitAgreement)
    first, second = pta.concessions
    assert first.receivers(pta.members) == ("KAZ",)
    assert second.receivers(pta.members) == ("PAK",)
    assert first.duty_types_among(("additional_duties", "customs_duty")) == ("customs_duty",)
    assert second.duty_types_among(("additional_duties",)) == ("additional_duties",)
    assert first.goods_among(("textiles", "metals", "food")) == ("metals", "food")
    assert corridor.opens.routes == ("trans-afghan",)
    assert corridor.joint_toll is True
    assert scenario.closures["torkham"][0].until is not None
    assert scenario.uncertainty["trade_elasticity"].numbers == (3.8, 5.0, 7.0)
    assert scenario.uncertainty["growth_sd"].form == "fixed"


def test_an_agreement_is_in_force_from_its_first_to_its_last_quarter(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    scenario = check(valid_text).scenario
    assert scenario is not None
    timeline = scenario.agreements["pta"].timeline
    inside = [q for q in range(4 * 2026, 4 * 2037) if timeline.is_in_force(q)]
    assert (inside[0], inside[-1]) == (Quarter.parse("2027Q3"), Quarter.parse("2034Q4"))
    assert len(inside) == inside[-1] - inside[0] + 1
    assert scenario.agreements["corridor"].timeline.is_in_force(4 * 2100)


def test_a_scenario_cannot_be_changed_and_survives_a_pickle(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    scenario = check(valid_text).scenario
    assert scenario is not None
    with pytest.raises(ValueError, match="frozen"):
        scenario.runs = 3  # type: ignore[misc]
    again = pickle.loads(pickle.dumps(scenario))
    assert again == scenario
    assert str(again.horizon.start) == "2022Q4"


def test_an_error_survives_a_pickle() -> None:
    error = ScenarioError([Problem("a.yaml", 1, 2, "is odd", "wanted even")])
    again = pickle.loads(pickle.dumps(error))
    assert again.problems == error.problems
    assert str(again) == str(error)


def test_a_child_changes_only_what_it_writes(check: Callable[..., ScenarioCheck]) -> None:
    child = "extends: parent.yaml\nagreements: {pta: {timeline: {in_force: 2029Q1}}}\n"
    scenario = check(child, parent=PARENT).scenario
    assert scenario is not None
    timeline = scenario.agreements["pta"].timeline
    assert (str(timeline.signed), str(timeline.in_force)) == ("2026Q4", "2029Q1")
    assert scenario.title == "A parent"


def test_lists_are_replaced_and_null_removes(check: Callable[..., ScenarioCheck]) -> None:
    child = """\
extends: parent.yaml
agreements:
  pta: null
  other:
    kind: preferential
    members: [UZB, KAZ]
    timeline: {signed: 2026Q4, in_force: 2027Q3}
    concessions: [{grantor: UZB, goods: all, cut: 1}]
targets:
  goal: {pair: [UZB, KAZ]}
"""
    scenario = check(child, parent=PARENT).scenario
    assert scenario is not None
    assert list(scenario.agreements) == ["other"]
    assert scenario.targets["goal"].pair == ("UZB", "KAZ")
    assert scenario.targets["goal"].trade_musd == 500.0


def test_a_grandchild_sees_the_whole_chain(check: Callable[..., ScenarioCheck]) -> None:
    middle = "extends: parent.yaml\nruns: 8\nseed: 5\n"
    scenario = check("extends: middle.yaml\nseed: 6\n", parent=PARENT, middle=middle).scenario
    assert scenario is not None
    assert (scenario.runs, scenario.seed) == (8, 6)


def test_a_distribution_is_replaced_whole(check: Callable[..., ScenarioCheck]) -> None:
    parent = PARENT + "uncertainty: {growth_sd: {triangular: [0.01, 0.02, 0.03]}}\n"
    child = "extends: parent.yaml\nuncertainty: {growth_sd: {uniform: [0.01, 0.05]}}\n"
    scenario = check(child, parent=parent).scenario
    assert scenario is not None
    assert scenario.uncertainty["growth_sd"].form == "uniform"


def test_an_agreement_of_another_kind_is_replaced_whole(
    check: Callable[..., ScenarioCheck],
) -> None:
    child = """\
extends: parent.yaml
agreements:
  pta:
    kind: transit
    members: [PAK, KAZ]
    timeline: {signed: 2026Q4, in_force: 2027Q3}
    fee_cut: 0.5
"""
    scenario = check(child, parent=PARENT).scenario
    assert scenario is not None
    assert scenario.agreements["pta"].kind == "transit"


def test_overrides_lie_over_the_file(tmp_path: Path, names: NamesLike, valid_text: str) -> None:
    file = tmp_path / "question.yaml"
    file.write_text(valid_text, encoding="utf-8")
    scenario = load_scenario(
        file,
        names,
        overrides={
            "runs": "1e3",
            "agreements.pta.concessions.*.cut": "0.25",
            "agreements.pta.concessions.2.cut": "0.75",
            "agreements.corridor": "null",
            "closures.chaman": "[{from: 2025-10-11}]",
            "targets.*.deadline": "2031Q1",
        },
    )
    assert scenario.runs == 1000
    pta = scenario.agreements["pta"]
    assert isinstance(pta, PreferentialAgreement)
    assert [c.cut for c in pta.concessions] == [0.25, 0.75]
    assert list(scenario.agreements) == ["pta"]
    assert scenario.closures["chaman"][0].until is None
    assert str(scenario.targets["one-billion"].deadline) == "2031Q1"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("rums", "5", "override rums:1:1: unknown key 'rums'"),
        ("runs", "many", "override runs:1:1: runs is the text 'many'"),
        ("runs", "[1", "override runs:1:1: the list that begins here is not closed"),
        ("runs", "", "override runs:1:1: runs has no value"),
        ("horizon.end", "2020Q1", "override horizon.end:1:1: horizon.end 2020Q1 is before"),
        ("runs.more", "5", "override runs.more: 'more' would lie inside a single value"),
        ("agreements.pta.concessions.3.cut", "0", "'3' is no place in a list of 2; wanted * or"),
        ("agreements.pta.concessions.0.cut", "0", "'0' is no place in a list of 2"),
        ("agreements..cut", "0", "override agreements..cut: is not a path"),
        ("", "0", "is not a path"),
        ("extends", "b.yaml", "override extends: extends is read before any override; wanted"),
        ("a." * 3000 + "a", "0", "is not a path"),
        (
            "agreements.ptb.origin_cost_ave",
            "0",
            "agreements.ptb does not say its kind and is not agreements.pta",
        ),
    ],
)
def test_a_wrong_override_is_a_located_problem(
    tmp_path: Path, names: NamesLike, valid_text: str, path: str, value: str, words: str
) -> None:
    file = tmp_path / "question.yaml"
    file.write_text(valid_text, encoding="utf-8")
    problems = check_scenario(file, names, overrides={path: value}).problems
    assert any(words in format_problem(problem) for problem in problems), problems


WARNINGS = [
    (", customs_union: waiver", "", "KAZ is in the customs union EAEU and cannot grant alone"),
    ("cut: 0.5}", "cut: 0.5, customs_union: union}", "PAK is in no customs union that matters"),
    ("in_force: 2027Q1}", "in_force: 2040Q1}", "enters into force after the horizon ends (2035Q4)"),
    (
        "{signed: 2026Q1, in_force: 2027Q1}",
        "{signed: 2016Q1, in_force: 2017Q1, ends: 2021Q4}",
        "agreements.corridor ends before the horizon starts (2022Q4)",
    ),
    (
        "from: 2025-10-11, until: 2026-12-31",
        "from: 2015-10-11, until: 2016-12-31",
        "outside the horizon",
    ),
    ("2026-12-31}", "2026-12-31}\n    - {from: 2026-12-31}", "closures.torkham.2 overlaps"),
    (
        "closures:\n",
        "year_round: {torkham: 2026Q1}\nclosures:\n",
        "torkham does not shut by season",
    ),
    (
        "closures:\n",
        "year_round: {khunjerab: 2026Q4}\nclosures:\n",
        "on record khunjerab no longer shuts by season from 2024-12-01 on",
    ),
    (
        "closures:\n",
        "bans:\n  x: {pair: [PAK, AFG], from: 2015-01-01, until: 2015-02-01}\nclosures:\n",
        "bans.x lies outside the horizon",
    ),
    (
        "residual_shocks: true",
        "residual_shocks: false",
        "no probability of reaching a target will be shown",
    ),
    ("{parameters: true", "{parameters: false", "uncertainty is given but"),
]


@pytest.mark.parametrize(("old", "new", "words"), WARNINGS)
def test_what_is_odd_is_a_warning_and_not_a_mistake(
    check: Callable[..., ScenarioCheck], valid_text: str, old: str, new: str, words: str
) -> None:
    assert old in valid_text
    checked = check(valid_text.replace(old, new, 1))
    assert checked.scenario is not None
    assert any(words in format_problem(warning) for warning in checked.warnings)
    assert all(warning.line and warning.wanted for warning in checked.warnings)


def test_the_customs_union_warning_points_at_the_state(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    (warning,) = check(valid_text.replace(", customs_union: waiver", "")).warnings
    assert (warning.line, warning.column) == (17, 19)
    assert "wanted customs_union: refuse, waiver or union" in format_problem(warning)


def test_a_refused_concession_is_no_oddity(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    checked = check(valid_text.replace("customs_union: waiver", "customs_union: refuse"))
    assert not checked.warnings


EFFECTS = ("opens", "border_time", "fee_cut", "joint_toll", "tir", "lanes_")


def test_a_transit_agreement_without_effect_is_odd(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    lines = [
        line
        for line in valid_text.splitlines()
        if not line.strip().startswith(
            ("opens", "border_time", "fee_cut", "joint_toll", "tir", "lanes_")
        )
    ]
    (warning,) = check("\n".join(lines)).warnings
    assert "agreements.corridor changes nothing" in warning.message


def test_a_state_called_no_is_text(check: Callable[..., ScenarioCheck], valid_text: str) -> None:
    scenario = check(valid_text.replace("members: [PAK, AFG,", "members: [PAK, NO, AFG,")).scenario
    assert scenario is not None
    assert scenario.agreements["corridor"].members[1] == "NO"


def test_numbers_may_be_written_with_an_exponent(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    text = valid_text.replace("trade_musd: 1000", "trade_musd: 1e3").replace(
        "runs: 64", "runs: 1e2"
    )
    scenario = check(text).scenario
    assert scenario is not None
    assert scenario.targets["one-billion"].trade_musd == 1000.0
    assert scenario.runs == 100


def test_agreements_that_overlap_are_told_and_allowed(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    later = """\
  later:
    kind: preferential
    members: [PAK, KAZ]
    timeline: {signed: 2034Q1, in_force: 2035Q1}
    concessions: [{grantor: PAK, goods: [food], cut: 0.9}]
closures:
"""
    assert not check(valid_text.replace("closures:\n", later)).warnings
    both = check(valid_text.replace("closures:\n", later.replace("2035Q1", "2034Q4")))
    assert not both.problems
    (warning,) = both.warnings
    assert "agreements.later overlaps agreements.pta (line 16): PAK grants food" in warning.message
    assert warning.wanted == "from 2034Q4 on the better of both cuts counts"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{grantor: PAK, goods: [metals], cut: 0.1}", "PAK grants metals to KAZ a second time"),
        (
            "{grantor: KAZ, goods: all, cut: 0.1, customs_union: waiver}",
            "KAZ grants textiles to PAK a second time (first in concession 2, line 17)",
        ),
    ],
)
def test_several_lists_of_one_good_are_told_and_allowed(
    check: Callable[..., ScenarioCheck], valid_text: str, line: str, told: str
) -> None:
    found = check(valid_text.replace("    origin_cost_ave", f"      - {line}\n    origin_cost_ave"))
    assert not found.problems
    (warning,) = found.warnings
    assert told in warning.message
    assert "the better counts" in warning.wanted


def test_without_names_every_name_is_taken(tmp_path: Path, valid_text: str) -> None:
    file = tmp_path / "question.yaml"
    file.write_text(valid_text.replace("PAK", "XYZ"), encoding="utf-8")
    assert load_scenario(file, None).targets["one-billion"].pair == ("XYZ", "KAZ")


def test_lines_end_as_they_like(check: Callable[..., ScenarioCheck], valid_text: str) -> None:
    assert not check(valid_text.replace("\n", "\r\n")).problems
    assert not check(("\ufeff" + valid_text).encode()).problems
    (problem,) = check(valid_text.replace("\n", "\r\n").replace("seed: 7", "seed: -7")).problems
    assert (problem.line, problem.column) == (6, 7)


def test_a_problem_cannot_write_to_the_terminal() -> None:
    place = Place("a\x1b[31m.yaml", 1, 3, "a: \x1b[2J")
    assert "\x1b" not in format_problem(Problem.at(place, "is odd", "wanted even"))


def test_a_name_as_long_as_a_file_is_cut(
    check: Callable[..., ScenarioCheck], valid_text: str
) -> None:
    long = "x" * 50_000
    problems = check(
        valid_text.replace("  corridor:", f"  {long}:").replace("[PAK, AFG", "[PAK, A")
    )
    assert problems.problems
    assert all(len(format_problem(problem)) < 1500 for problem in problems.problems)


def test_checking_needs_no_arrays() -> None:
    heavy = "{'numpy', 'scipy', 'mesa'} & set(sys.modules)"
    code = f"import sys, sim.scenario.scenario_file; print({heavy})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "set()"
