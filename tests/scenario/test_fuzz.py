"""Whatever is done to a file, the check answers with problems and never falls over."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario.load import check_scenario
from sim.scenario.text.names import NamesLike
from sim.scenario.text.problems import format_problems
from sim.scenario.writing import resolved_yaml, scenario_hash

SCALARS = [
    "", "~", "null", "true", "NO", "-1", "0", "1e999", ".nan", "-.inf", "1:30", "0x1F", "007",
    "2026Q9", "2026-02-30", "[]", "{}", "[[]]", "{a: {b: c}}", "&x [*x]", "*nobody", "!!str 5",
    "'", '"', "|", ">", "%", "@", "`", "? x", "- y", "<<: {}", "\t", "\u2028", "\x85", "'\ud7ff'",
    "9" * 5000, "1e-400", "..", "---", "...", "#", "extends: question.yaml", "*", "all",
    '"\\U00110000"', "%YAML 9.9", "{? : }", "[,]", "\ufeff", "2026Q1", "PAK", "fixed",
]  # fmt: skip


def cut_line(lines: list[str], dice: random.Random) -> None:
    lines.pop(dice.randrange(len(lines)))


def double_line(lines: list[str], dice: random.Random) -> None:
    place = dice.randrange(len(lines))
    lines.insert(place, lines[place])


def swap_lines(lines: list[str], dice: random.Random) -> None:
    one, two = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]


def push_line(lines: list[str], dice: random.Random) -> None:
    place = dice.randrange(len(lines))
    lines[place] = dice.choice([" ", "  ", "\t", "- "]) + lines[place]


def replace_scalar(lines: list[str], dice: random.Random) -> None:
    place = dice.randrange(len(lines))
    head, colon, _ = lines[place].partition(": ")
    lines[place] = f"{head}{colon}{dice.choice(SCALARS)}"


def replace_word(lines: list[str], dice: random.Random) -> None:
    place = dice.randrange(len(lines))
    words = lines[place].split(" ")
    words[dice.randrange(len(words))] = dice.choice(SCALARS)
    lines[place] = " ".join(words)


def put_character(lines: list[str], dice: random.Random) -> None:
    place = dice.randrange(len(lines))
    column = dice.randrange(len(lines[place]) + 1)
    char = dice.choice("[]{}:,#&*!|>'\"%@`?-\t\\~\u2028é\x07") if dice.random() < 0.8 else "\0"
    lines[place] = lines[place][:column] + char + lines[place][column:]


CHANGES: list[Callable[[list[str], random.Random], None]] = [
    cut_line, double_line, swap_lines, push_line, replace_scalar, replace_word, put_character,
]  # fmt: skip


def survives(content: bytes, folder: Path, names: NamesLike) -> None:
    file = folder / "question.yaml"
    file.write_bytes(content)
    checked = check_scenario(file, names)
    assert (checked.scenario is None) == bool(checked.problems)
    text = format_problems([*checked.problems, *checked.warnings])
    text.encode()
    for problem in checked.problems:
        assert problem.message
        assert "pydantic" not in text
        assert len(problem.message) < 2000
    if checked.scenario is not None:
        resolved_yaml(checked.scenario)
        scenario_hash(checked.scenario)


@settings(max_examples=150)
@given(seed=st.integers(0, 2**32), n_changes=st.integers(1, 6))
def test_changed_files_never_make_it_fall_over(
    seed: int,
    n_changes: int,
    valid_text: str,
    names: NamesLike,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    dice = random.Random(seed)
    lines = valid_text.splitlines()
    for _ in range(n_changes):
        dice.choice(CHANGES)(lines, dice)
    survives("\n".join(lines).encode(), tmp_path_factory.mktemp("fuzz"), names)


@settings(max_examples=80)
@given(content=st.binary(max_size=200))
def test_any_bytes_never_make_it_fall_over(
    content: bytes, names: NamesLike, tmp_path_factory: pytest.TempPathFactory
) -> None:
    survives(content, tmp_path_factory.mktemp("bytes"), names)


@settings(max_examples=80)
@given(
    place=st.integers(0, 900),
    content=st.text("[]{}:,#&*!|>'\"%@?-~ \n\tab1.", min_size=1, max_size=12),
)
def test_any_text_put_into_a_file_never_makes_it_fall_over(
    place: int,
    content: str,
    valid_text: str,
    names: NamesLike,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    text = valid_text[:place] + content + valid_text[place:]
    survives(text.encode(), tmp_path_factory.mktemp("text"), names)
