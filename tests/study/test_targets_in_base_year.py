"""A pair without trade in the base year is told as that, and nothing is simulated."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.study.targets_in_base_year import untraded_targets
from sim.world.load import load_world

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"
CHANGES = {
    "trade_prior": [("AAA,CCC,300", "AAA,CCC,0"), ("CCC,AAA,,", "CCC,AAA,0,")],
    "trade_totals": [("AAA,1100,600", "AAA,700,300"), ("BBB,900,800", "BBB,900,900"),
                     ("CCC,400,1000", "CCC,200,600")],
    "held_flows": [("orea,AAA,BBB,600", "orea,AAA,BBB,700"),
                   ("orea,BBB,AAA,400", "orea,BBB,AAA,300")],
}  # fmt: skip
"""A world in which the first and the third region do not trade, whichever ledger counts."""
SAID = "Orea and Crossing did not trade in 2022 (ledger: bayland), so the law"
runner = CliRunner()


@pytest.fixture
def world(tmp_path):
    folder = Path(shutil.copytree(TINY, tmp_path / "world"))
    for table, changes in CHANGES.items():
        path = folder / f"{table}.csv"
        text = path.read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text)
    return folder


@pytest.fixture
def asked(tmp_path):
    path = tmp_path / "asked.yaml"
    text = TINY.with_suffix(".yaml").read_text().replace("pair: [AAA, BBB]", "pair: [AAA, CCC]")
    path.write_text(text)
    return path


@pytest.mark.parametrize("command", ["check", "run", "sweep", "explain"])
def test_a_pair_that_did_not_trade_is_told_before_anything_is_run(
    world, asked, tmp_path, command, monkeypatch
):
    monkeypatch.setattr("sim.cli.run_scenario._simulated_first", lambda *_: pytest.fail("was run"))
    monkeypatch.setattr("sim.study.jobs.plan.run_jobs", lambda *_, **__: pytest.fail("was run"))
    output = () if command == "check" else ("--output", str(tmp_path / "r"))
    done = runner.invoke(app, [command, str(asked), "--world", str(world), *output])
    assert done.exit_code == 2, (done.output, done.exception)
    assert SAID in done.output
    assert "a first flow that you expect" in done.output


def test_a_first_flow_is_enough(world, asked):
    path = world / "trade_prior.csv"
    path.write_text(path.read_text().replace("AAA,CCC,0,", "AAA,CCC,100,"))
    path = world / "trade_totals.csv"
    path.write_text(path.read_text().replace("AAA,700", "AAA,800").replace("600,inv", "700,inv"))
    done = runner.invoke(app, ["check", str(asked), "--world", str(world)])
    assert done.exit_code == 0, done.output


def test_a_route_of_energy_makes_trade_where_there_was_none(world, tiny_scenario):
    loaded = load_world(world)
    pair = tiny_scenario.targets["goal"].model_copy(update={"pair": ("CCC", "AAA")})
    scenario = tiny_scenario.model_copy(update={"targets": {"goal": pair}})
    assert len(untraded_targets(scenario, loaded)) == 1
    ends = {"tail": np.array([0]), "head": np.array([2])}
    energy = replace(loaded.energy, arcs=replace(loaded.energy.arcs, **ends))
    assert untraded_targets(scenario, replace(loaded, energy=energy)) == []
    assert untraded_targets(tiny_scenario, loaded) == []
