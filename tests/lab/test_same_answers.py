"""Answers of the lab beside those of `sim run`, and beside each other from stage to stage."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("starlette", reason="the extra `lab` is not installed")

from typer.testing import CliRunner

from sim.cli import app
from sim.lab.desk import Desk
from sim.lab.questions import LEDGERS, StageJob
from sim.lab.stage_jobs import answer
from sim.study.answer_stages import FINAL, FIRM, ROUGH
from sim.study.ensemble.staged_answer import StageRunner

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))
RUNS = 16


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_each_shipped_scenario_answers_as_sim_run_of_the_downloaded_file(path, tmp_path):
    desk = Desk(path.parent, None, "0" * 64)
    opened = desk.opened({"file": path.name})
    asked = {**opened, "path": ["runs"], "value": RUNS}
    text = desk.edited(asked)["text"]
    scenario = desk.scenario_of({**opened, "text": text}).scenario
    told = json.loads(json.dumps(answer(StageJob(1, scenario, None, LEDGERS))))
    (tmp_path / "scenarios").mkdir()
    for beside in SHIPPED:
        (tmp_path / "scenarios" / beside.name).write_bytes(beside.read_bytes())
    downloaded = tmp_path / "scenarios" / path.name
    downloaded.write_text(text, encoding="utf-8")
    words = ["run", str(downloaded), "--output", str(tmp_path / "out"), "--workers", "1"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    stored = json.loads(next((tmp_path / "out").glob("*/*/answer.json")).read_text("utf-8"))
    assert {each["name"]: each["answer"] for each in told["targets"]} == stored["targets"]
    assert told["run_id"] == stored["run"]["run_id"]
    assert told["world_hash"] == stored["run"]["world_hash"]
    for each in told["targets"]:
        chance = stored["targets"][each["name"]]["chance"]["value"]
        assert each["answer"]["chance"]["value"] == chance


@pytest.mark.slow
def test_later_stages_lie_within_the_intervals_of_earlier_ones(tiny_world, tiny_scenario):
    """Of settings with seeds of their own nine in ten should; 85 % leaves room for chance."""
    inside = {"rough": [], "firm": []}
    chance = np.random.default_rng(22)
    for seed in range(40):
        treaty = tiny_scenario.agreements["treaty"]
        cut = float(chance.uniform(0.05, 0.95))
        concession = treaty.concessions[0].model_copy(update={"cut": cut})
        treaty = treaty.model_copy(update={"concessions": (concession,)})
        setting = tiny_scenario.model_copy(
            update={"agreements": {"treaty": treaty}, "seed": 100 + seed, "runs": 256}
        )
        runner, found = StageRunner(tiny_world), []
        for stage in (ROUGH, FIRM, FINAL):
            scenario = stage.of(setting)
            found.append(runner.findings_of(scenario, runner.answered(scenario))[0])
        for name, one, later in zip(inside, found, found[1:], strict=False):
            for read in ("chance", "median"):
                low, high = getattr(one, read)[1:]
                inside[name].append(low <= getattr(later, read).value <= high)
    for name, each in inside.items():
        assert np.mean(each) >= 0.85, name
