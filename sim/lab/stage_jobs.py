"""Work of a worker: blocks of runs, and answers read off them, using what is left in its memory."""

from dataclasses import replace
from functools import cache, lru_cache
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.lab.questions import LEDGERS, NUMBER_BYTES, ORDER, PARTS, StageJob, is_short
from sim.report.answer_json import estimate_json
from sim.report.brief import brief
from sim.report.page.report_inputs import ReportInputs
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.writing import scenario_hash
from sim.store import run_id, versions
from sim.store.kept_blocks import read_block, write_block
from sim.study.answer_stages import STAGES
from sim.study.ensemble.counterfactuals import AS_ASKED
from sim.study.ensemble.findings import Finding, findings
from sim.study.ensemble.other_ledgers import ledgers_that_differ
from sim.study.ensemble.setting_difference import setting_differences, why_not_comparable
from sim.study.ensemble.shared_start import keep_shared_draws, keep_states
from sim.study.ensemble.staged_answer import StageRunner, joined
from sim.study.workers.interruption import go_on, stoppable
from sim.world.load import load_world
from sim.world.names import world_names

if TYPE_CHECKING:
    from sim.study.ensemble.staged_answer import Datasets
    from sim.world.own_figures import OwnRow
    from sim.world.world import World

KEPT_SHARED_DRAWS = 6
"""Blocks of draws, with the start of their runs, that a worker keeps [96 runs take some 130 MB]."""

STATE_BYTES = 400 * 2**20
"""Room for states that later settings continue from, in each worker [B]."""


@lru_cache(maxsize=6)
def _runner(world: Path | None, ledger: str, own: "tuple[OwnRow, ...]") -> StageRunner:
    keep_shared_draws(KEPT_SHARED_DRAWS)
    keep_states(STATE_BYTES)
    return StageRunner(load_world(world, ledger=ledger, own=own))


@lru_cache(maxsize=1)
def _flag(name: str) -> SharedMemory:
    return SharedMemory(name)


@cache
def _versions() -> dict[str, str]:
    return versions()


_last: "dict[str, tuple[Datasets, tuple[Finding, ...]]]" = {}
"""Results of the last whole ensemble, to which its parts are added."""


def answer(job: StageJob) -> dict[str, Any]:
    """The answer at a stage, as JSON for the page; of a block its size [B].

    Raises
    ------
    sim.study.workers.interruption.SimulationCancelled
        If it is no longer wanted.
    """

    def is_wanted() -> bool:
        buffer = _flag(job.flag).buf
        assert buffer is not None
        return int.from_bytes(bytes(buffer[:NUMBER_BYTES]), "little") != job.number

    runner = _runner(job.world, job.scenario.baseline.ledger, job.scenario.own_figures)
    work = _block if job.runs is not None else _answer if job.against is None else _difference
    if not job.flag:
        return work(job, runner)
    with stoppable(is_wanted):
        return work(job, runner)


def _block(job: StageJob, runner: StageRunner) -> dict[str, Any]:
    """Simulate a block of runs and leave it where it is wanted."""
    assert job.runs is not None
    made = _simulated(job.stage, job.scenario, runner, job.world, job.runs)
    return {"bytes": 0 if job.place is None else write_block(job.place, made)}


def _simulated(
    stage: str, scenario: Scenario, runner: StageRunner, world: Path | None, runs: range
) -> "Datasets":
    if stage == PARTS:
        return runner.parts(scenario, runs)
    if stage == LEDGERS:
        return runner.elsewhere(scenario, _others(scenario, runner, world), runs)
    return runner.answered(scenario, runs)


def _others(scenario: Scenario, runner: StageRunner, world: Path | None) -> "dict[str, World]":
    """The world held to the ledgers that record the targets' pairs differently."""
    own = scenario.own_figures
    others = {name: _runner(world, name, own).world for name in world_names(world).ledgers}
    return ledgers_that_differ(scenario, runner.world, others)


def _difference(job: StageJob, runner: StageRunner) -> dict[str, Any]:
    """Difference between two settings; without blocks the reason for none, or nothing."""
    assert job.against is not None
    if not job.blocks:
        reason = why_not_comparable(job.scenario, job.against, runner.world)
        return {"reason": reason} if reason is not None else {}
    ours, theirs = (joined([*map(read_block, paths)])[AS_ASKED] for paths in job.blocks)
    found = setting_differences(job.scenario, job.against, runner.world, (ours, theirs))
    return {
        "targets": {
            name: {"chance": estimate_json(change.chance), "median": estimate_json(change.median)}
            for name, change in found.items()
        }
    }


def _answer(job: StageJob, runner: StageRunner) -> dict[str, Any]:
    scenario, world, own_hash = job.scenario, runner.world, scenario_hash(job.scenario)
    key = f"{world.content_hash} {world.ledger} {own_hash}"
    place = ORDER.index(job.stage)
    stage = STAGES[min(place, len(STAGES) - 1)]
    scenario = stage.of(scenario)
    is_kept = stage is STAGES[-1] and key in _last
    results, found = _last[key] if is_kept else _whole(job, scenario, runner)
    if stage is STAGES[-1]:  # the scenario itself
        _last.clear()
        _last[key] = results, found
    elsewhere: dict[str, tuple[Finding, ...]] = {}
    if place >= ORDER.index(PARTS):
        results = {**results, **_read(job, PARTS, 1, runner)}
        found = findings(scenario, world, results, found)
    if place >= ORDER.index(LEDGERS):
        others = _others(scenario, runner, job.world)
        elsewhere = {
            ledger: findings(scenario, others[ledger], {AS_ASKED: result})
            for ledger, result in _read(job, LEDGERS, 2, runner).items()
        }
    inputs = ReportInputs(scenario, world, results, found, other_ledgers=elsewhere)
    told = brief(inputs, has_map=not is_short(job.stage))
    return {
        **told,
        "stage": job.stage,
        "scenario_hash": own_hash,
        "world_hash": world.tables_hash,
        "run_id": run_id(own_hash, world.content_hash),
        "seed": job.scenario.seed,
        "versions": _versions(),
    }


def _whole(
    job: StageJob, scenario: Scenario, runner: StageRunner
) -> "tuple[Datasets, tuple[Finding, ...]]":
    results = _read(replace(job, scenario=scenario), STAGES[-1].name, 0, runner)
    return results, runner.findings_of(scenario, results)


def _read(job: StageJob, stage: str, kind: int, runner: StageRunner) -> "Datasets":
    """Results of all runs of an answer, from the files of its blocks if it was given any."""
    if job.blocks:
        blocks = []
        for path in job.blocks[kind]:
            go_on()
            blocks.append(read_block(path))
        return joined(blocks)
    return _simulated(stage, job.scenario, runner, job.world, range(job.scenario.runs))
