"""Whole files with mistakes: what each says of itself is what the check finds."""

import re
import shutil
from pathlib import Path

import pytest

from sim.scenario.scenario_file import check_scenario, load_scenario
from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.problems import Problem, ScenarioError, format_problem, format_problems

BROKEN = Path(__file__).parent / "broken"
BINARY = {
    "latin-1": (2, 11, "the byte 0xe9 is not UTF-8; wanted text saved as UTF-8"),
    "picture": (0, 0, "is not a text file; wanted a scenario as YAML text"),
    "utf-16": (0, 0, "is saved as UTF-16; wanted text saved as UTF-8"),
    "empty": (1, 1, "the file is empty; wanted a scenario"),
}
FILES = sorted(path for path in BROKEN.glob("*.yaml") if path.stem not in {*BINARY, "valid-parent"})
EXPECT = re.compile(r"# expect (?:(\S+\.yaml) )?(\d+):(\d+) (.*?)(?: ~ (\S+))?")

Expected = tuple[str, int, int, str, str | None]


def expected_of(path: Path) -> list[Expected]:
    """What a file says must be found in it."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := EXPECT.fullmatch(line):
            file, row, column, words, near = match.groups()
            rows.append((file or path.name, int(row), int(column), words, near))
    return rows


def is_found(expected: Expected, problems: tuple[Problem, ...]) -> bool:
    file, line, column, words, near = expected
    return any(
        (Path(p.file).name, p.line, p.column) == (file, line, column)
        and words in format_problem(p)
        and (p.nearest and Path(p.nearest).name) == near
        for p in problems
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_holds_just_the_mistakes_it_names(path: Path, names: NamesLike) -> None:
    expected = expected_of(path)
    assert expected, "the file names no mistake"
    problems = check_scenario(path, names).problems
    for row in expected:
        assert is_found(row, problems), f"{row} not in:\n{format_problems(problems)}"
    assert len(problems) == len(expected), format_problems(problems)


@pytest.mark.parametrize("stem", sorted(BINARY))
def test_what_is_no_text_is_refused(stem: str, names: NamesLike) -> None:
    line, column, words = BINARY[stem]
    (problem,) = check_scenario(BROKEN / f"{stem}.yaml", names).problems
    assert (problem.line, problem.column) == (line, column)
    assert words in format_problem(problem)


def test_the_parent_of_the_broken_files_is_whole(names: NamesLike) -> None:
    assert not check_scenario(BROKEN / "valid-parent.yaml", names).problems


def test_loading_raises_with_every_problem(names: NamesLike) -> None:
    path = BROKEN / "twenty-mistakes.yaml"
    with pytest.raises(ScenarioError) as raised:
        load_scenario(path, names)
    assert len(raised.value.problems) == 20
    assert str(raised.value) == format_problems(raised.value.problems)
    assert raised.value.problems == check_scenario(path, names).problems
    order = [(p.line, p.column) for p in raised.value.problems]
    assert order == sorted(order)


def test_a_missing_file_names_the_nearest_one(names: NamesLike) -> None:
    (problem,) = check_scenario(BROKEN / "norwy.yaml", names).problems
    assert format_problem(problem).endswith(
        f"norwy.yaml: there is no such file; wanted a scenario file; "
        f"did you mean '{BROKEN / 'norway.yaml'}'?"
    )


def test_a_folder_is_no_scenario(names: NamesLike) -> None:
    (problem,) = check_scenario(BROKEN, names).problems
    assert "is a folder; wanted a scenario file" in format_problem(problem)


@pytest.mark.parametrize("name", ["a\0b.yaml", "x" * 5000 + ".yaml"])
def test_an_unusable_name_is_a_problem(name: str, names: NamesLike, tmp_path: Path) -> None:
    (problem,) = check_scenario(tmp_path / name, names).problems
    assert problem.message


def test_a_link_that_leaves_the_folder_is_refused(names: NamesLike, tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    (inside / "pyproject.toml").touch()
    outside.mkdir()
    shutil.copy(BROKEN / "valid-parent.yaml", outside / "parent.yaml")
    (inside / "parent.yaml").symlink_to(outside / "parent.yaml")
    (inside / "child.yaml").write_text("extends: parent.yaml\n", encoding="utf-8")
    (problem,) = check_scenario(inside / "child.yaml", names).problems
    assert "'parent.yaml' is a link that leaves the scenario's project" in problem.message
    (inside / "parent.yaml").unlink()
    (inside / "real.yaml").write_bytes((outside / "parent.yaml").read_bytes())
    (inside / "parent.yaml").symlink_to(inside / "real.yaml")
    assert not check_scenario(inside / "child.yaml", names).problems


def test_a_chain_of_many_files_is_refused(names: NamesLike, tmp_path: Path) -> None:
    shutil.copy(BROKEN / "valid-parent.yaml", tmp_path / "f0.yaml")
    for number in range(1, 12):
        text = f"extends: f{number - 1}.yaml\n"
        (tmp_path / f"f{number}.yaml").write_text(text, encoding="utf-8")
    assert not check_scenario(tmp_path / "f9.yaml", names).problems
    (problem,) = check_scenario(tmp_path / "f11.yaml", names).problems
    assert problem.message == "too many files extend each other"


def test_a_huge_file_is_refused_unread(names: NamesLike, tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    path.write_text("a: 1\n" * 100_000, encoding="utf-8")
    (problem,) = check_scenario(path, names).problems
    assert problem.message.endswith("has more than 200,000 bytes")
