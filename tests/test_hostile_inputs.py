"""Scenarios, tables and hindcast files spoilt at random end in words, never in a traceback.

Of what is accepted, a judge of its own (`tests/builders/judge.py`) tells what makes no sense; of
what is refused, nearly all is refused at a line, a column or a cell. A few run every time, some
thousands with the slow tests; ``SPOILT_INPUTS=20000`` runs as many (`SPOILT_FROM` sets the first).
"""

import os
import random
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.laws.solve_errors import SolveError
from sim.scenario.scenario_file import check_scenario, load_scenario
from sim.scenario.text.problems import ScenarioError
from sim.scenario.writing import as_plain, resolved_yaml, scenario_hash
from sim.simulation.model import TradeModel
from sim.study.hindcasts.hindcast_tables import TEMPLATE
from sim.world.csv_tables.table_errors import CalibrationError, WorldError
from sim.world.history.trade import load_past_trade
from sim.world.load import load_world
from sim.world.names import world_names
from tests.builders.judge import judged_flows, judged_scenario, judged_world
from tests.builders.mutations import spoilt_scenario, spoilt_table

ROOT = Path(__file__).resolve().parents[1]
WORLDS = ROOT / "tests" / "worlds"
TINY = WORLDS / "tiny"
SEED = 20261129
FEW, MANY = 150, 3000
BUDGET_S = 240.0
QUARTERS = 5

REFUSED, NOWHERE, SENSELESS, ACCEPTED = "refused", "refused nowhere", "senseless", "accepted"
PLACE = re.compile(r"\.(csv|yaml):(\d+|[a-z_]+|.*\.csv)")
"""A file with a line, a table and the column that lacks a row, or tables that do not fit."""


class Tally(Counter[str]):
    """How spoilt inputs ended, and what was odd about them."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: list[str] = []

    def refuse(self, name: str, text: str) -> None:
        self[REFUSED] += 1
        for line in text.splitlines()[:1]:
            if PLACE.search(line) is None:
                self[NOWHERE] += 1
                self.odd.append(f"{name}: refused without a place: {line[:200]}")

    def accept(self, name: str, complaints: list[str]) -> None:
        self[ACCEPTED] += 1
        if complaints:
            self[SENSELESS] += 1
            self.odd.append(f"{name}: accepted: {complaints[0][:200]}")

    def hold(self) -> None:
        """Hold the shares to what is promised."""
        n = self[REFUSED] + self[ACCEPTED]
        told = "\n".join([str(dict(self)), *self.odd])
        sys.stdout.write(f"{told}\n")
        assert self[SENSELESS] <= 0.002 * n, told
        assert self[NOWHERE] <= 0.01 * self[REFUSED], told


class Spoiler:
    """Spoils inputs of one kind in a folder of its own and sees what becomes of each."""

    def __init__(self, folder: Path) -> None:
        self.tally = Tally()
        self.folder = folder
        folder.mkdir()
        self.world = shutil.copytree(TINY, folder / "world")
        self.names, self.tiny = world_names(TINY), load_world(TINY)
        self.packaged = world_names()

    def table(self, k: int) -> None:
        """A table of the world of three states."""
        dice = random.Random(f"{SEED} tables {k}")
        source = dice.choice(sorted(TINY.glob("*.csv")))
        spoilt = self.world / source.name
        spoilt.write_text(spoilt_table(source.read_text(encoding="utf-8"), dice), encoding="utf-8")
        name = f"table {k} {source.stem}"
        try:
            world = load_world(self.world)
            scenario = load_scenario(TINY.with_suffix(".yaml"), world_names(self.world))
            model = TradeModel(scenario, world, runs=range(2))
            for _ in range(QUARTERS):
                model.step()
        except (WorldError, CalibrationError, ScenarioError) as error:
            self.tally.refuse(name, str(error))
        except SolveError as error:
            self.tally.refuse(name, f"world.csv:1: {error}")
        else:
            self.tally.accept(name, judged_world(self.world))
        finally:
            shutil.copy(source, self.world)

    def past(self, k: int) -> None:
        """A table of past trade."""
        dice = random.Random(f"{SEED} past {k}")
        shipped = (ROOT / "docs" / "past-trade.csv").read_text(encoding="utf-8")
        path = self.folder / "past.csv"
        path.write_text(spoilt_table((TEMPLATE, shipped)[k % 2], dice), encoding="utf-8")
        try:
            flows, _ = load_past_trade(path)
        except WorldError as error:
            self.tally.refuse(f"past {k}", str(error))
        else:
            self.tally.accept(f"past {k}", judged_flows(flows))

    def scenario(self, k: int) -> None:
        """A scenario; what passes in the world of three states is run for some quarters."""
        dice = random.Random(f"{SEED} scenarios {k}")
        kind = ("tiny", "every-list", "every-list", "every-energy-list")[k % 4]
        names = self.packaged if "energy" in kind else self.names
        path = self.folder / "spoilt.yaml"
        text = (WORLDS / f"{kind}.yaml").read_text(encoding="utf-8")
        path.write_text(spoilt_scenario(text, dice), encoding="utf-8")
        checked = check_scenario(path, names)
        name = f"scenario {k} {kind}"
        if checked.scenario is None:
            assert checked.problems
            self.tally.refuse(name, str(checked.problems[0]))
            return
        resolved_yaml(checked.scenario)
        scenario_hash(checked.scenario)
        own = checked.scenario.own_figures
        try:
            world = load_world(TINY, own=own) if own and names is self.names else self.tiny
        except (WorldError, CalibrationError) as error:
            self.tally.refuse(name, str(error))
            return
        told = " ".join(warning.message for warning in checked.warnings)
        found = judged_scenario(as_plain(checked.scenario), names.regions, names.base_year)
        self.tally.accept(name, [text for text in found if not is_told(text, told)])
        if names is self.names and k % 8 < 3:
            model = TradeModel(checked.scenario, world, runs=range(2))
            for _ in range(min(QUARTERS, int(checked.scenario.horizon.end) - model.quarter)):
                model.step()


def is_told(complaint: str, told: str) -> bool:
    """Whether a warning of the check speaks of the place of a complaint."""
    return complaint.partition(":")[0] in told


def spoil(folder: Path, first: int, n: int, budget_s: float) -> Tally:
    """Spoil `n` inputs, a third of each kind in turn, until the time is up."""
    spoiler = Spoiler(folder)
    kinds: list[Callable[[int], None]] = [spoiler.scenario, spoiler.table, spoiler.past]
    until = time.monotonic() + budget_s
    for k in range(first, first + n):
        kinds[k % 3](k // 3)
        if time.monotonic() > until:
            break
    return spoiler.tally


def test_a_few_spoilt_inputs_end_in_words(tmp_path):
    spoil(tmp_path / "spoilt", 0, FEW, BUDGET_S).hold()


@pytest.mark.slow
def test_thousands_of_spoilt_inputs_end_in_words(tmp_path):
    n, first = int(os.environ.get("SPOILT_INPUTS", MANY)), int(os.environ.get("SPOILT_FROM", FEW))
    budget = BUDGET_S if n <= MANY else float("inf")
    spoil(tmp_path / "spoilt", first, n, budget).hold()
