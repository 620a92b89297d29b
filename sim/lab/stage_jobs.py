"""Work of a worker: one stage of an answer, using what earlier ones left in its memory."""

from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.brief import brief
from sim.report.page.material import ReportInput
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.writing import scenario_hash
from sim.store import run_id, versions
from sim.study.ensemble.findings import Finding, findings
from sim.study.ensemble.interruption import stoppable
from sim.study.ensemble.stages import STAGES, StageRunner
from sim.world.load import load_world

if TYPE_CHECKING:
    import xarray as xr

    from sim.world.own_figures import OwnRow

PARTS = "parts"
"""What each agreement adds, once the last stage is done."""
NUMBER_BYTES = 8


@dataclass(frozen=True)
class StageJob:
    """An answer that is wanted."""

    number: int
    """Its own; a worker that finds it in its flag stops."""
    scenario: Scenario
    world: Path | None
    stage: str
    """Name of a stage, or `PARTS`."""
    flag: str = ""
    """Name of the memory in which the number stands that is no longer wanted."""


@lru_cache(maxsize=4)
def _runner(world: Path | None, ledger: str, own: "tuple[OwnRow, ...]") -> StageRunner:
    return StageRunner(load_world(world, ledger=ledger, own=own))


@lru_cache(maxsize=1)
def _flag(name: str) -> SharedMemory:
    return SharedMemory(name)


_last: "dict[str, tuple[dict[str, xr.Dataset], tuple[Finding, ...]]]" = {}
"""Results of the last whole ensemble, to which its parts are added."""


def answer(job: StageJob) -> dict[str, Any]:
    """The answer at a stage, as JSON for the page.

    Raises
    ------
    sim.study.ensemble.interruption.Stopped
        If it is no longer wanted.
    """

    def is_wanted() -> bool:
        buffer = _flag(job.flag).buf
        assert buffer is not None
        return int.from_bytes(bytes(buffer[:NUMBER_BYTES]), "little") != job.number

    runner = _runner(job.world, job.scenario.baseline.ledger, job.scenario.own_figures)
    if not job.flag:
        return _answer(job, runner)
    with stoppable(is_wanted):
        return _answer(job, runner)


def _answer(job: StageJob, runner: StageRunner) -> dict[str, Any]:
    world, own_hash = runner.world, scenario_hash(job.scenario)
    key = f"{world.content_hash} {world.ledger} {own_hash}"
    if job.stage == PARTS:
        scenario = job.scenario
        results, found = _last.get(key) or _whole(scenario, runner)
        results = {**results, **runner.parts(scenario)}
        found = findings(scenario, world, results, found)
    else:
        stage = next(stage for stage in STAGES if stage.name == job.stage)
        scenario = stage.of(job.scenario)
        results, found = _whole(scenario, runner)
        if stage is STAGES[-1]:  # the scenario itself
            _last.clear()
            _last[key] = results, found
    told = brief(ReportInput(scenario, world, results, found))
    return {
        **told,
        "stage": job.stage,
        "scenario_hash": own_hash,
        "world_hash": world.tables_hash,
        "run_id": run_id(own_hash, world.content_hash),
        "seed": job.scenario.seed,
        "versions": versions(),
    }


def _whole(
    scenario: Scenario, runner: StageRunner
) -> "tuple[dict[str, xr.Dataset], tuple[Finding, ...]]":
    results = runner.answered(scenario)
    return results, findings(scenario, runner.world, results)
