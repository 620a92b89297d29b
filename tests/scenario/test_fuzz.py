"""Whatever is done to a file, the check answers with problems and never falls over."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario.scenario_file import check_scenario
from sim.scenario.text.known_names import NamesLike
from sim.scenario.text.problems import format_problems
from sim.scenario.writing import resolved_yaml, scenario_hash


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
