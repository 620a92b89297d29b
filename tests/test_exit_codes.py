"""Exit code 2 says that nothing was simulated, whatever was wrong and wherever it was found."""

import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from sim.cli import app
from sim.cli.terminal import noted, plain_errors
from sim.scenario.text.problems import Place, Problem, ScenarioError
from sim.store import StoreError
from sim.study.workers.study_errors import StudyError
from sim.world.csv_tables.table_errors import CalibrationError, WorldError

TINY = Path(__file__).resolve().parent / "worlds" / "tiny"
PROBLEM = Problem.at(Place("s.yaml", 1, 1, "x"), "is wrong", "wanted right")
MISTAKES = [
    ScenarioError([PROBLEM]), WorldError(["is wrong"]), CalibrationError("is wrong"),
    StoreError("is wrong"), StudyError("is wrong"),
]  # fmt: skip
runner = CliRunner()


def command(mistake: Exception, n_simulated: int) -> None:
    with plain_errors():
        for n in range(n_simulated):
            noted(lambda _: None)(n)
        raise mistake


def code_of(mistake: Exception, n_simulated: int) -> int:
    with pytest.raises(typer.Exit) as left:
        command(mistake, n_simulated)
    return left.value.exit_code


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: type(mistake).__name__)
def test_a_mistake_that_is_found_after_runs_is_no_wrong_input(mistake, capsys):
    assert code_of(mistake, 3) == 1
    assert "nothing was run" not in capsys.readouterr().err
    assert code_of(mistake, 0) == 2
    assert "is wrong" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    ["[", "{}", "[1]", '{"rings": [[1, 2, 3]]}', '{"rings": [[[1, "a"]]]}', "[" * 100_000,
     '{"rings": [[[NaN, 1]]]}', '{"rings": 3}'],
    ids=range(8),
)  # fmt: skip
def test_outlines_that_cannot_be_drawn_are_found_before_anything_is_run(
    tmp_path, content, monkeypatch
):
    world = Path(shutil.copytree(TINY, tmp_path / "world"))
    (world / "land.json").write_text(content)
    monkeypatch.setattr("sim.cli.run_scenario._simulated_first", lambda *_: pytest.fail("was run"))
    scenario = TINY.with_suffix(".yaml")
    for words in (["world"], ["check", scenario], ["run", scenario, "--output", tmp_path / "r"]):
        done = runner.invoke(app, [*map(str, words), "--world", str(world)])
        assert done.exit_code == 2, (words, done.output, done.exception)
        assert "land.json: " in done.output
    assert not (tmp_path / "r").exists() or not [*(tmp_path / "r").rglob("*.json")]
