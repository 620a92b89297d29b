"""Answers to settings: found again if they were given before, shared by all who ask the same."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice, product
from pathlib import Path
from typing import Any

from sim.lab.questions import (
    DIFFERENCE,
    LEDGERS,
    ORDER,
    PARTS,
    StageJob,
    blocks_of,
    is_short,
)
from sim.lab.workers import LabWorkers, LostWorkerError
from sim.laws.numerics.recent_cache import RecentCache
from sim.laws.solve_errors import SolveError
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.writing import scenario_hash
from sim.store.kept_blocks import KeptBlocks
from sim.store.lab_answers import LabAnswers
from sim.study.answer_stages import FIRM, ROUGH, STAGES, background_hash, simulation_hash
from sim.study.workers.interruption import SimulationCancelled
from sim.world.world import World

KEPT_ANSWERS = 500
REST_S = 4.0
"""Time without a question before blocks of runs are simulated ahead of one [s]."""
MAX_RUNS = 1024
"""Runs that a page may ask for; a run in full has the limits of `sim run`."""
KINDS = (STAGES[-1].name, PARTS, LEDGERS)
"""Kinds of blocks in the order in which an answer has them."""

_Key = tuple[str, str, range]
"""What a block is of: simulation, kind and runs."""
_Wanted = tuple[Scenario, _Key]


@dataclass
class _Pending:
    """Something that is being worked out."""

    task: "asyncio.Task[Any]"
    n_asking: int = field(default=0)


class SharedTasks:
    """Work that is done once for all who ask for the same, and given up when nobody does."""

    def __init__(self) -> None:
        self._pending: dict[Hashable, _Pending] = {}

    async def of(self, key: Hashable, work: Callable[[], Awaitable[Any]]) -> Any:
        """Outcome of the work by that key, begun now unless it is under way."""
        pending = self._pending.get(key)
        if pending is None:
            task = asyncio.get_running_loop().create_task(self._done(key, work))
            pending = self._pending[key] = _Pending(task)
        pending.n_asking += 1
        try:
            return await asyncio.shield(pending.task)
        finally:
            pending.n_asking -= 1
            if not pending.n_asking and not pending.task.done():
                self._forget(key, pending.task)
                pending.task.cancel()

    async def _done(self, key: Hashable, work: Callable[[], Awaitable[Any]]) -> Any:
        try:
            return await work()
        finally:
            self._forget(key, asyncio.current_task())

    def _forget(self, key: Hashable, task: "asyncio.Task[Any] | None") -> None:
        if key in self._pending and self._pending[key].task is task:
            del self._pending[key]


class Answers:
    """Answers by setting and stage.

    Parameters
    ----------
    workers : LabWorkers
    folder : Path or None
        Folder of world tables.
    world : World
        Read from it.
    stored : LabAnswers, optional
        Answers of earlier labs to scenarios as their files say.
    """

    def __init__(
        self, workers: LabWorkers, folder: Path | None, world: World,
        stored: LabAnswers | None = None,
    ) -> None:  # fmt: skip
        self.workers, self._folder, self._world = workers, folder, world
        self._stored = stored
        self._kept: RecentCache[dict[str, Any]] = RecentCache(most=KEPT_ANSWERS)
        self._blocks = KeptBlocks()
        self._shared = SharedTasks()
        self._unasked: set[str] = set()
        self._ahead: asyncio.Task[None] | None = None

    def known(self, scenario: Scenario, stage: str) -> dict[str, Any] | None:
        """The answer if it was given before."""
        return self._kept.at_hand((scenario_hash(scenario), stage))

    def surest(self, scenario: Scenario, stage: str) -> str | None:
        """Latest stage, from one on, whose answer was given before; None if there is none."""
        own = scenario_hash(scenario)
        later = ORDER[ORDER.index(stage) :]
        return next((each for each in reversed(later) if self._kept.at_hand((own, each))), None)

    def recall(self, scenario: Scenario) -> None:
        """Take up the answer that an earlier lab gave to a scenario, if it still holds."""
        own = scenario_hash(scenario)
        if self._stored is None or self.surest(scenario, ORDER[0]):
            return
        found = self._stored.at_hand(own)
        if found is not None and found.get("stage") in KINDS:
            self._kept.keep((own, found["stage"]), found)

    def store(self, scenario: Scenario, stage: str) -> None:
        """Keep the answer at a stage for the next lab, if it is that of all runs."""
        found = self.known(scenario, stage) if stage in KINDS else None
        if self._stored is not None and found is not None:
            self._stored.keep(scenario_hash(scenario), found)

    async def of(self, scenario: Scenario, stage: str) -> dict[str, Any]:
        """The answer at a stage; work that nobody waits for any more is stopped.

        Raises
        ------
        sim.lab.workers.LostWorkerError
            If the workers cannot give it.
        """
        found = self.known(scenario, stage)
        if found is not None:
            return found
        self._set_aside(scenario)
        return await self._worked_out(scenario, stage)

    async def _worked_out(self, scenario: Scenario, stage: str) -> dict[str, Any]:
        key = (scenario_hash(scenario), stage)

        async def work() -> dict[str, Any]:
            return self._kept.keep(key, await self._found(scenario, stage))

        given: dict[str, Any] = await self._shared.of(key, work)
        return given

    async def difference(self, after: Scenario, before: Scenario) -> dict[str, Any]:
        """Changes of chance and trade from one setting to another, or the reason for none.

        Raises
        ------
        sim.lab.workers.LostWorkerError
            If the workers cannot give them.
        """
        key = (scenario_hash(after), scenario_hash(before))

        async def work() -> dict[str, Any]:
            found = self._kept.at_hand(key)
            return found or self._kept.keep(key, await self._compared(after, before))

        given: dict[str, Any] = await self._shared.of(key, work)
        return given

    async def _compared(self, after: Scenario, before: Scenario) -> dict[str, Any]:
        job = StageJob(0, after, self._folder, DIFFERENCE, against=before)
        told = await self.workers.answer(job)
        if told:
            return told
        ranges, final = blocks_of(after.runs, self.workers.n), KINDS[0]
        wanted = [_wanted(setting, final, ranges) for setting in (after, before)]
        return await self._read_off(job, wanted, final)

    def prepare(
        self, scenarios: Sequence[Scenario], stages: Sequence[str] = (ROUGH.name, FIRM.name)
    ) -> None:
        """Work out answers that may be asked for next, as long as no worker has anything to do.

        Rough ones first, then surer ones, which give every worker what these settings share.
        """
        if not self.workers.is_idle:
            return
        if self._ahead is not None:
            self._ahead.cancel()
        self._unasked = {scenario_hash(scenario) for scenario in scenarios}
        work = self._prepared(scenarios, stages)
        self._ahead = asyncio.get_running_loop().create_task(work)
        self._ahead.add_done_callback(_look_at)

    async def _prepared(self, scenarios: Sequence[Scenario], stages: Sequence[str]) -> None:
        with suppress(LostWorkerError, SolveError, SimulationCancelled):
            for stage, scenario in product(stages, scenarios):
                if stage != stages[0]:  # blocks would take the processors from a page that loads
                    await asyncio.sleep(REST_S)
                if self._unasked and self.known(scenario, stage) is None:
                    await self._worked_out(scenario, stage)

    def _set_aside(self, scenario: Scenario) -> None:
        """Give up what nobody has asked for; what is asked now goes on for who asks."""
        if scenario_hash(scenario) in self._unasked:
            self.workers.hurry(scenario)
        self._unasked.clear()
        if self._ahead is not None and not self.workers.learns(self._home(scenario, ROUGH.name)):
            self._ahead.cancel()

    async def _of_workers(self, job: StageJob, home: Hashable) -> dict[str, Any]:
        is_ahead = scenario_hash(job.scenario) in self._unasked
        return await self.workers.answer(job, home, is_ahead=is_ahead)

    def close(self) -> None:
        """Remove what is kept in files."""
        self._blocks.close()

    def _home(self, scenario: Scenario, kind: str, runs: range | None = None) -> Hashable:
        return (background_hash(scenario, self._world), kind, runs)

    async def _found(self, scenario: Scenario, stage: str) -> dict[str, Any]:
        if is_short(stage):
            job = StageJob(0, scenario, self._folder, stage)
            return await self._of_workers(job, self._home(scenario, stage))
        n_runs = STAGES[min(ORDER.index(stage), len(STAGES) - 1)].of(scenario).runs
        widths = blocks_of(scenario.runs, self.workers.n)
        ranges = [runs for runs in widths if runs.stop <= n_runs]
        kinds = [kind for kind in KINDS if ORDER.index(kind) <= max(ORDER.index(stage), 2)]
        # The first runs alone are simulated in other ledgers, which is soon done.
        of_kind = {kind: ranges if kind != LEDGERS else [range(scenario.runs)] for kind in kinds}
        wanted = [_wanted(scenario, kind, of_kind[kind]) for kind in kinds]
        return await self._read_off(StageJob(0, scenario, self._folder, stage), wanted, stage)

    async def _read_off(
        self, job: StageJob, wanted: Sequence[Sequence[_Wanted]], stage: str
    ) -> dict[str, Any]:
        """Answer of a job that reads groups of blocks, gathered at a stage of their settings."""
        flat = [block for group in wanted for block in group]
        with self._blocks.in_use([key for _, key in flat]):
            paths = iter(await _all_of([self._block(setting, stage, key) for setting, key in flat]))
            blocks = tuple(tuple(islice(paths, len(group))) for group in wanted)
            home = self._home(job.scenario, job.stage)
            return await self._of_workers(replace(job, blocks=blocks), home)

    async def _block(self, scenario: Scenario, stage: str, key: _Key) -> Path:
        """File of a block of runs, simulated unless it is kept."""
        _, kind, runs = key

        async def work() -> Path:
            place = self._blocks.new_path()
            job = StageJob(
                0, scenario, self._folder, stage if kind == KINDS[0] else kind,
                runs=runs, place=place,
            )  # fmt: skip
            told = await self._of_workers(job, self._home(scenario, KINDS[0], runs))
            self._blocks.keep(key, place, told["bytes"])
            return place

        path: Path = self._blocks.at_hand(key) or await self._shared.of(key, work)
        return path


async def _all_of(work: "list[Awaitable[Path]]") -> list[Path]:
    """All of several; if one fails or is given up, so are the others."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


class AnswerStream:
    """Answers that a tab waits for: each is begun while the one before it is worked out.

    Parameters
    ----------
    answers : Answers
    scenario : Scenario
    stages : list of str
        In the order in which they are wanted; none before one that was given already, since it
        says nothing more.
    is_as_filed : bool
        Whether the scenario is what its file says, so that the next lab may begin with its answer.
    """

    def __init__(
        self, answers: Answers, scenario: Scenario, stages: list[str], *, is_as_filed: bool = False
    ) -> None:
        self._answers, self._scenario, self._is_as_filed = answers, scenario, is_as_filed
        if is_as_filed:
            answers.recall(scenario)
        surest = answers.surest(scenario, stages[0])
        self.given = None if surest is None else answers.known(scenario, surest)
        """Answer at the first stage, if it was given before."""
        if surest is not None:
            after = ORDER[ORDER.index(surest) + 1 :]
            stages = [surest, *(stage for stage in stages if stage in after)]
        self.stages = stages
        self._tasks: dict[str, asyncio.Task[dict[str, Any]]] = {}

    def begin(self, place: int) -> "asyncio.Task[dict[str, Any]]":
        """The answer of a stage by its place, and the next one after it, under way."""
        for stage in self.stages[place : place + 2]:
            if stage not in self._tasks:
                task = asyncio.ensure_future(self._of(stage))
                task.add_done_callback(_look_at)
                self._tasks[stage] = task
        return self._tasks[self.stages[place]]

    async def _of(self, stage: str) -> dict[str, Any]:
        found = await self._answers.of(self._scenario, stage)
        if self._is_as_filed:
            self._answers.store(self._scenario, stage)
        return found

    def cancel(self) -> None:
        """Wait for none of them any more."""
        for task in self._tasks.values():
            task.cancel()


def _wanted(scenario: Scenario, kind: str, ranges: Sequence[range]) -> list[_Wanted]:
    """Blocks of one kind of a setting, one for each range of runs."""
    own = simulation_hash(scenario)
    return [(scenario, (own, kind, runs)) for runs in ranges]


def _look_at(task: "asyncio.Task[Any]") -> None:
    """Take note of a failure, so that none is told of that nobody waits for."""
    if not task.cancelled():
        task.exception()
