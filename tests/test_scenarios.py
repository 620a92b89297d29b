"""Every scenario that ships loads without a problem and runs two years with two runs."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.scenario.scenario_file import check_scenario
from sim.simulation.model import TradeModel
from sim.world.load import load_world
from sim.world.names import world_names

FOLDER = Path(__file__).resolve().parents[1] / "scenarios"
SCENARIOS = sorted(FOLDER.glob("*.yaml"))
WORLDS = sorted(path.parent for path in (FOLDER / "worlds").glob("*/world.csv"))


@cache
def world_of(ledger):
    return load_world(ledger=ledger)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_shipped_scenario_runs(path, names):
    checked = check_scenario(path, names)
    assert checked.problems == ()
    world = world_of(checked.scenario.baseline.ledger)
    model = TradeModel(checked.scenario, world, runs=range(2))
    for _ in range(8):
        model.step()
    assert np.isfinite(model.snapshot.trade).all()
    assert (model.snapshot.residual < 1e-9).all()


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.name)
def test_a_world_of_its_own_runs_with_its_scenario(path):
    (asked,) = (
        text for text in path.parent.glob("*.yaml") if f"--world scenarios/worlds/{path.name}"
        in text.read_text(encoding="utf-8")
    )  # fmt: skip
    checked = check_scenario(asked, world_names(path))
    assert checked.problems == ()
    world = load_world(path, ledger=checked.scenario.baseline.ledger)
    model = TradeModel(checked.scenario, world, runs=range(2))
    for _ in range(8):
        model.step()
    assert np.isfinite(model.snapshot.trade).all()
    assert (model.snapshot.residual < 1e-9).all()


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_shipped_scenario_is_commented_and_knows_its_schema(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=scenario.schema.json\n")
    assert sum(line.lstrip().startswith("#") for line in text.splitlines()) >= 3
