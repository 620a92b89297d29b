"""A study in the tiny world, done in this process."""

from pathlib import Path

import pytest

from sim.store.study_parts import opened
from sim.study.jobs.plan import run_jobs
from sim.study.sweep import sweep_plan

ROOT = Path(__file__).resolve().parents[2]
CUT = "agreements.treaty.concessions.*.cut"


@pytest.fixture
def world_of(tiny_world):
    return lambda ledger: tiny_world


@pytest.fixture
def swept(tiny_scenario, tiny_names, world_of):
    """Plan of a sweep over points, and the world and names it needs."""

    def plan(points, n_runs=3, **options):
        return sweep_plan(tiny_scenario, points, n_runs, world_of, tiny_names, **options)

    return plan


@pytest.fixture
def carried_out(tmp_path):
    """Finished parts of a plan; the lock is let go at the end of the test."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def done(plan, worker_pool=None, **options):
            folder = tmp_path / plan.study_id
            store = stack.enter_context(opened(folder, plan.study_id, {}))
            run_jobs(plan, store, worker_pool, **options)
            return store

        yield done


@pytest.fixture
def asked(tmp_path, tiny_names):
    """The treaty's scenario with blocks that studies read."""
    from sim.scenario.scenario_file import load_scenario

    def load(blocks, name="asked", goal_musd=3000):
        text = (ROOT / "tests" / "worlds" / "tiny.yaml").read_text()
        text = text.replace("trade_musd: 3000", f"trade_musd: {goal_musd}")
        path = tmp_path / f"{name}.yaml"
        path.write_text(text + blocks)
        return load_scenario(path, tiny_names)

    return load
