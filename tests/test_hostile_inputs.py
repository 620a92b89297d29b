"""Scenarios, tables and hindcast files spoilt at random end in words, never in a traceback."""

import random
import shutil
from pathlib import Path

import pytest

from sim.laws.errors import SolveError
from sim.scenario.load import check_scenario, load_scenario
from sim.scenario.text.problems import ScenarioError
from sim.simulation.model import TradeModel
from sim.study.hindcasts.hindcast_tables import TEMPLATE
from sim.world.csv_tables.errors import CalibrationError, WorldError
from sim.world.history.trade import load_past_trade
from sim.world.load import load_world
from sim.world.names import world_names
from tests.builders.mutations import spoilt_scenario, spoilt_table

ROOT = Path(__file__).resolve().parents[1]
TINY = ROOT / "tests" / "worlds" / "tiny"
FEW, MANY = 60, 1500
SEED = 20261129


def dice_of(kind: str, n: int) -> random.Random:
    return random.Random(f"{SEED} {kind} {n}")


def tables(folder: Path, n: int) -> tuple[int, int]:
    """How many spoilt worlds were refused at a place, and how many were refused at all."""
    placed = refused = 0
    shutil.copytree(TINY, folder)
    for k in range(n):
        dice = dice_of("tables", k)
        source = dice.choice(sorted(TINY.glob("*.csv")))
        text = spoilt_table(source.read_text(encoding="utf-8"), dice)
        (folder / source.name).write_text(text, encoding="utf-8")
        try:
            world = load_world(folder)
            scenario = load_scenario(TINY.with_suffix(".yaml"), world_names(folder))
            model = TradeModel(scenario, world, runs=range(2))
            for _ in range(5):
                model.step()
        except (WorldError, CalibrationError, ScenarioError) as error:
            refused += 1
            placed += ".csv:" in str(error) or ".yaml:" in str(error)
        except SolveError:
            pass
        shutil.copy(source, folder)
    return placed, refused


def past(folder: Path, n: int) -> None:
    folder.mkdir()
    unnamed = 0
    shipped = (ROOT / "docs" / "past-trade.csv").read_text(encoding="utf-8")
    for k in range(n):
        path = folder / "past.csv"
        text = spoilt_table((TEMPLATE, shipped)[k % 2], dice_of("past", k))
        path.write_text(text, encoding="utf-8")
        try:
            flows, _ = load_past_trade(path)
        except WorldError as error:
            unnamed += str(path) not in str(error)
        else:
            # Nothing may have been recorded later, but a forecast starts from something.
            assert all(value >= 0.0 for flow in flows for value in flow.trade_musd.values())
            assert all(flow.trade_musd[flow.base_year] > 0.0 for flow in flows)
    assert unnamed == 0


def scenarios(folder: Path, n: int) -> None:
    folder.mkdir()
    names, text = world_names(TINY), TINY.with_suffix(".yaml").read_text(encoding="utf-8")
    for k in range(n):
        path = folder / "spoilt.yaml"
        path.write_text(spoilt_scenario(text, dice_of("scenarios", k)), encoding="utf-8")
        checked = check_scenario(path, names)
        assert (checked.scenario is None) == bool(checked.problems)


def test_a_few_spoilt_inputs_end_in_words(tmp_path):
    placed, refused = tables(tmp_path / "world", FEW)
    assert refused > FEW / 2
    assert placed >= 0.95 * refused
    past(tmp_path / "past", 4 * FEW)
    scenarios(tmp_path / "scenarios", FEW)


@pytest.mark.slow
def test_thousands_of_spoilt_inputs_end_in_words(tmp_path):
    placed, refused = tables(tmp_path / "world", MANY)
    assert placed >= 0.99 * refused
    past(tmp_path / "past", 4 * MANY)
    scenarios(tmp_path / "scenarios", 2 * MANY)
