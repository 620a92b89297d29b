"""Runs a second of a study, by who carries it out, beside Mesa and the EMA workbench.

All of them simulate the main scenario in one process after the other; ratios are to the same runs
in this process by blocks. Mesa's `batch_run` and the workbench take one run at a time. What is not
installed is left out. Run with `OMP_NUM_THREADS=1 python -m bench.studies`.
"""

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from warnings import catch_warnings, simplefilter

import mesa

from sim.scenario.blocks.scenario import Scenario
from sim.scenario.scenario_file import load_scenario
from sim.simulation.model import TradeModel
from sim.simulation.uncertainty.draws import simulated_quarters
from sim.study.ensemble.run import BLOCK
from sim.study.jobs.rows import Job, evaluate, failed_rows
from sim.study.workers.pool import WorkerPool, completed_jobs, process_workers
from sim.world.load import load_world
from sim.world.names import world_names
from sim.world.world import World

SCENARIO = Path(__file__).resolve().parents[1] / "scenarios" / "pta-and-transit.yaml"
CASES, BLOCKS = 3, 4
KEEP_FREED = {"MALLOC_TRIM_THRESHOLD_": f"{1 << 30}", "MALLOC_MMAP_THRESHOLD_": f"{1 << 25}"}
"""What the README gives Dask's workers, so that they do not return every array at once."""
ALONE = 6
"""Runs given to those that take one at a time."""


def blocks_rate(asked: Scenario, world: World, worker_pool: WorkerPool | None, first: int) -> float:
    """Runs a second of a study of a few cases, once the workers are warm."""

    def jobs(cases: int, start: int) -> list[Job]:
        return [
            Job(
                number=case * BLOCKS + block,
                case=case,
                runs=range(start + block * BLOCK, start + (block + 1) * BLOCK),
                scenario=asked,
                base=asked,
                world=world,
            )
            for case in range(cases)
            for block in range(BLOCKS)
        ]

    list(completed_jobs(evaluate, jobs(1, first + 10_000), worker_pool, failed_rows))
    started = perf_counter()
    n_done = sum(
        len(job.runs)
        for job, _ in completed_jobs(evaluate, jobs(CASES, first), worker_pool, failed_rows)
    )
    return n_done / (perf_counter() - started)


def seconds(act: Callable[[], object]) -> float:
    """Time of an act [s]."""
    started = perf_counter()
    act()
    return perf_counter() - started


def mesa_rate(asked: Scenario, world: World) -> float:
    """Runs a second under `mesa.batch_run`, in this process."""
    quarters = simulated_quarters(asked, world)
    parameters = {"scenario": [str(SCENARIO)], "run": range(ALONE)}
    act = partial(
        mesa.batch_run, TradeModel, parameters, number_processes=1, max_steps=len(quarters) - 1,
        data_collection_period=-1, display_progress=False,
    )  # fmt: skip
    return ALONE / seconds(act)


def workbench_rate(asked: Scenario, world: World) -> float:
    """Runs a second under the EMA workbench's sequential evaluator."""
    with catch_warnings():
        simplefilter("ignore")  # about what else could be installed
        from ema_workbench import IntegerParameter, Model, ScalarOutcome, SequentialEvaluator

    def simulate(run: int) -> dict[str, float]:
        model = TradeModel(asked, world, runs=[int(run)]).run_to_end()
        return {"trade": float(model.snapshot.trade.sum())}

    model = Model("main", function=simulate)
    model.uncertainties = [IntegerParameter("run", 0, 10_000)]
    model.outcomes = [ScalarOutcome("trade")]
    with SequentialEvaluator(model) as evaluator:
        return ALONE / seconds(lambda: evaluator.perform_experiments(scenarios=ALONE))


def main() -> None:
    """Print rates and ratios."""
    world, asked = load_world(), load_scenario(SCENARIO, world_names())
    say = sys.stdout.write
    say(f"\nstudies: {SCENARIO.stem}, {CASES} cases of {BLOCKS} blocks of {BLOCK} runs\n")
    here = blocks_rate(asked, world, None, 0)
    say(f"  {'blocks, this process':32s} {here:7.1f} runs/s\n")

    def row(name: str, rate: float) -> None:
        say(f"  {name:32s} {rate:7.1f} runs/s, {rate / here:5.2f} times\n")

    with process_workers(2) as worker_pool:
        row("blocks, 2 processes", blocks_rate(asked, world, worker_pool, 0))
    if find_spec("distributed") is not None:
        from distributed import LocalCluster

        from sim.study.workers.dask_workers import cluster_workers

        os.environ.update(KEEP_FREED)
        with ExitStack() as stack:
            local = stack.enter_context(
                LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
            )
            worker_pool = stack.enter_context(cluster_workers(local.scheduler_address))
            row("blocks, Dask with 2 workers", blocks_rate(asked, world, worker_pool, 0))
    row("mesa.batch_run, this process", mesa_rate(asked, world))
    if find_spec("ema_workbench") is None:
        say("  ema_workbench is not installed: nothing to compare with\n")
    else:
        row("EMA workbench, this process", workbench_rate(asked, world))


if __name__ == "__main__":
    main()
