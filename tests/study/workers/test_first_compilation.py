"""First compilation: each half compiles what runs take, and nothing is done a second time."""

import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest

from sim.study.workers.first_compilation import (
    compile_laws,
    compile_routes_and_queues,
    compile_trade_and_energy,
)
from sim.world.cache import cache_files

ROOT = Path(__file__).parents[3]
BOTH_HALVES = """
from sim.laws.gravity.broyden import descend
from sim.laws.queues.closed_form import closed_form_period
from sim.laws.transport.route_choice_kernel import spread
from sim.scenario.scenario_file import load_scenario
from sim.simulation.model import TradeModel
from sim.study.workers.first_compilation import *
from sim.world.load import load_world
from sim.world.names import world_names
from pathlib import Path

world = load_world()
scenario = load_scenario(Path("scenarios/pta-and-transit.yaml"), world_names())
compile_routes_and_queues(scenario, world)
assert spread.signatures and closed_form_period.signatures and not descend.signatures
known = [*spread.signatures, *closed_form_period.signatures]
compile_trade_and_energy(scenario, world)
known += descend.signatures
model = TradeModel(scenario, world, runs=range(16))
model.step()
model.step()
taken = [*spread.signatures, *closed_form_period.signatures, *descend.signatures]
assert taken == known, (taken, known)
"""


class Recorder:
    """An executor that notes what it is given and does none of it."""

    def __init__(self):
        self.given = []

    def submit(self, work, *arguments):
        self.given.append((work, *arguments))
        done = Future()
        done.set_exception(ValueError("nobody here looks at it"))
        return done


def test_runs_take_the_types_for_which_both_halves_compile():
    subprocess.run([sys.executable, "-c", BOTH_HALVES], cwd=ROOT, check=True)


def test_two_halves_are_given_out_where_nothing_is_kept_and_once(tiny_scenario, tiny_world, kept):
    recorder = Recorder()
    compile_laws(recorder, tiny_scenario, tiny_world)
    halves = compile_trade_and_energy, compile_routes_and_queues
    assert recorder.given == [(half, tiny_scenario, tiny_world) for half in halves]
    compile_laws(recorder, tiny_scenario, tiny_world)
    assert len(recorder.given) == 2


def test_nothing_is_given_out_where_nothing_can_be_kept(
    tiny_scenario, tiny_world, kept, monkeypatch
):
    monkeypatch.setattr(cache_files, "write_whole", refused)
    recorder = Recorder()
    compile_laws(recorder, tiny_scenario, tiny_world)
    assert recorder.given == []


def refused(path, content):
    raise PermissionError(path)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Folder of files kept, empty."""
    monkeypatch.setattr(cache_files, "PLACE", tmp_path)
    return tmp_path
