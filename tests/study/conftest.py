"""A study in the tiny world, done in this process."""

from pathlib import Path

import pytest

from sim.store.study_parts import locked_parts
from sim.study.jobs.plan import run_jobs
from sim.study.sweep import sweep_plan

ROOT = Path(__file__).resolve().parents[2]
CUT = "agreements.treaty.concessions.*.cut"


@pytest.fixture
def world_of(tiny_world):
    return lambda ledger: tiny_world


@pytest.fixture(scope="session")
def brief_scenario(tiny_scenario):
    """The treaty's scenario up to 2025, the year of its target."""
    return up_to(tiny_scenario, "2025Q4")


def up_to(scenario, quarter):
    """A scenario that ends in a quarter, with its targets' deadlines there."""
    from sim.scenario.blocks.quarters import Quarter

    end = Quarter.parse(quarter)
    targets = {
        name: target.model_copy(update={"deadline": end})
        for name, target in scenario.targets.items()
    }
    horizon = scenario.horizon.model_copy(update={"end": end})
    return scenario.model_copy(update={"targets": targets, "horizon": horizon})


@pytest.fixture
def swept(brief_scenario, tiny_names, world_of):
    """Plan of a sweep over points, and the world and names it needs."""

    def plan(points, n_runs=3, **options):
        return sweep_plan(brief_scenario, points, n_runs, world_of, tiny_names, **options)

    return plan


@pytest.fixture
def carried_out(tmp_path):
    """Finished parts of a plan; the lock is let go at the end of the test."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def done(plan, worker_pool=None, **options):
            folder = tmp_path / plan.study_id
            store = stack.enter_context(locked_parts(folder, plan.study_id, {}))
            run_jobs(plan, store, worker_pool, **options)
            return store

        yield done


def asked_in(path, names, blocks, goal_musd=3000):
    """The treaty's scenario with blocks that studies read, up to the year of its target."""
    from sim.scenario.scenario_file import load_scenario

    text = (ROOT / "tests" / "worlds" / "tiny.yaml").read_text()
    text = text.replace("trade_musd: 3000", f"trade_musd: {goal_musd}")
    path.write_text(text.replace("end: 2028Q4", "end: 2027Q4") + blocks)
    return load_scenario(path, names)


@pytest.fixture
def asked(tmp_path, tiny_names):
    """Build the treaty's scenario with other blocks."""

    def load(blocks, name="asked", goal_musd=3000):
        return asked_in(tmp_path / f"{name}.yaml", tiny_names, blocks, goal_musd)

    return load
