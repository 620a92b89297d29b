"""Work of a worker: blocks of runs, and answers read off them, using what is left in its memory."""

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.answer_json import estimate_json
from sim.report.brief import brief
from sim.report.page.material import ReportInput
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.writing import scenario_hash
from sim.store import run_id, versions
from sim.store.kept_blocks import read_block, write_block
from sim.study.ensemble.counterfactuals import AS_ASKED
from sim.study.ensemble.findings import Finding, findings
from sim.study.ensemble.other_ledgers import ledgers_that_differ
from sim.study.ensemble.run import MIN_BLOCK
from sim.study.ensemble.setting_difference import setting_differences
from sim.study.ensemble.shared_start import keep_shared_draws, keep_states
from sim.study.ensemble.staged_answer import FIRM, MAX_BLOCK, ROUGH, STAGES, StageRunner, joined
from sim.study.workers.interruption import stoppable
from sim.world.load import load_world
from sim.world.names import world_names

if TYPE_CHECKING:
    from sim.study.ensemble.staged_answer import Datasets
    from sim.world.own_figures import OwnRow
    from sim.world.world import World

PARTS, LEDGERS, AHEAD = "parts", "ledgers", "ahead"
"""What each agreement adds; the same question in other ledgers; what a next question may need."""
DIFFERENCE = "difference"
"""What one setting changes against another."""
ORDER = (*(stage.name for stage in STAGES), PARTS, LEDGERS)
"""Stages in the order in which they are answered."""
NUMBER_BYTES = 8
KEPT_SHARED_DRAWS = 6
"""Blocks of draws, with the start of their runs, that a worker keeps [96 runs take some 130 MB]."""

STATE_BYTES = 400 * 2**20
"""Room for states that later settings continue from, in each worker [B]."""


@dataclass(frozen=True)
class StageJob:
    """Work that is wanted: a block of runs, or the answer at a stage."""

    number: int
    """Its own; a worker that finds it in its flag stops."""
    scenario: Scenario
    world: Path | None
    stage: str
    """One of `ORDER`, `DIFFERENCE` or `AHEAD`."""
    flag: str = ""
    """Name of the memory in which the number stands that is no longer wanted."""
    runs: range | None = None
    """Runs of a block; None for an answer."""
    place: Path | None = None
    """Where a block is written."""
    blocks: tuple[tuple[Path, ...], ...] = ()
    """Files of an answer: whole ensembles, agreements alone, other ledgers; simulated here where
    there are none. Of a difference: those of the setting and of the one compared with."""
    against: Scenario | None = None
    """Setting that a difference is compared with."""


def blocks_of(n_runs: int, n_workers: int) -> tuple[range, ...]:
    """Blocks in which runs are simulated: those of the firm answer, then those of the rest.

    Every worker has a share of either, so that no answer waits for one worker beside idle ones.

    Examples
    --------
    >>> blocks_of(256, 2)
    (range(0, 32), range(32, 64), range(64, 160), range(160, 256))
    >>> blocks_of(8, 2), blocks_of(24, 2)
    ((range(0, 8),), (range(0, 24),))
    """
    assert FIRM.runs is not None
    first = min(FIRM.runs, n_runs)
    rest = n_runs - first
    shares = max(1, min(n_workers, first // MIN_BLOCK))
    n = max(-(-rest // MAX_BLOCK), min(n_workers, -(-rest // FIRM.runs)))
    return (*_shared_out(range(first), shares), *_shared_out(range(first, n_runs), n))


def _shared_out(runs: range, n: int) -> tuple[range, ...]:
    edges = [len(runs) * k // n for k in range(n + 1)] if runs else []
    return tuple(runs[a:b] for a, b in pairwise(edges))


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
    sim.study.workers.interruption.Stopped
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
    assert job.against is not None
    ours, theirs = (
        joined([read_block(path) for path in paths])[AS_ASKED] for paths in job.blocks
    )  # fmt: skip
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
    material = ReportInput(scenario, world, results, found, other_ledgers=elsewhere)
    told = brief(material, has_map=not is_short(job.stage))
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
        return joined([read_block(path) for path in job.blocks[kind]])
    return _simulated(stage, job.scenario, runner, job.world, range(job.scenario.runs))


def is_short(stage: str) -> bool:
    """True for the stage that is simulated where it is answered, no further than its target."""
    return stage == ROUGH.name
