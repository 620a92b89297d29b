"""Answers to settings: found again if they were given before, shared by all who ask the same."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
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
from sim.laws.numerics.recent import Recent
from sim.laws.solve_errors import SolveError
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.writing import scenario_hash
from sim.store.kept_blocks import KeptBlocks
from sim.study.answer_stages import ROUGH, STAGES, background_hash, simulation_hash
from sim.study.workers.interruption import Stopped
from sim.world.world import World

KEPT_ANSWERS = 500
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


class Shared:
    """Work that is done once for all who ask for the same, and given up when nobody does."""

    def __init__(self) -> None:
        self._pending: dict[Hashable, _Pending] = {}

    async def of(self, key: Hashable, work: Callable[[], Awaitable[Any]]) -> Any:
        """What comes of the work by that key, begun now unless it is under way."""
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
    """

    def __init__(self, workers: LabWorkers, folder: Path | None, world: World) -> None:
        self.workers, self._folder, self._world = workers, folder, world
        self._kept: Recent[dict[str, Any]] = Recent(most=KEPT_ANSWERS)
        self._blocks = KeptBlocks()
        self._shared = Shared()
        self._ahead: dict[str, asyncio.Task[None]] = {}

    def known(self, scenario: Scenario, stage: str) -> dict[str, Any] | None:
        """The answer if it was given before."""
        return self._kept.at_hand((scenario_hash(scenario), stage))

    def surest(self, scenario: Scenario, stage: str) -> str | None:
        """Latest stage, from one on, whose answer was given before; None if there is none."""
        own = scenario_hash(scenario)
        later = ORDER[ORDER.index(stage) :]
        return next((each for each in reversed(later) if self._kept.at_hand((own, each))), None)

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

    async def _worked_out(
        self, scenario: Scenario, stage: str, *, is_ahead: bool = False
    ) -> dict[str, Any]:
        key = (scenario_hash(scenario), stage)

        async def work() -> dict[str, Any]:
            return self._kept.keep(key, await self._found(scenario, stage, is_ahead))

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
        wanted = [
            [(setting, (simulation_hash(setting), final, runs)) for runs in ranges]
            for setting in (after, before)
        ]
        return await self._read_off(job, wanted, final)

    def prepare(self, scenario: Scenario) -> None:
        """Work out the rough answer that will be asked for, while no worker has anything to do."""
        key = scenario_hash(scenario)
        if key in self._ahead or not self.workers.is_idle or self.surest(scenario, ROUGH.name):
            return
        work = self._worked_out(scenario, ROUGH.name, is_ahead=True)
        task = self._ahead[key] = asyncio.get_running_loop().create_task(_quietly(work))
        task.add_done_callback(lambda _: self._ahead.pop(key, None))

    def _set_aside(self, scenario: Scenario) -> None:
        """Give up what nobody has asked for, but for what is asked now."""
        own = scenario_hash(scenario)
        for key, task in self._ahead.items():
            if key != own:
                task.cancel()
        if own in self._ahead:
            self.workers.hurry(scenario)

    def close(self) -> None:
        """Remove what is kept in files."""
        self._blocks.close()

    def _home(self, scenario: Scenario, kind: str, runs: range | None = None) -> Hashable:
        return (background_hash(scenario, self._world), kind, runs)

    async def _found(self, scenario: Scenario, stage: str, is_ahead: bool) -> dict[str, Any]:
        if is_short(stage):
            job = StageJob(0, scenario, self._folder, stage)
            return await self.workers.answer(job, self._home(scenario, stage), is_ahead=is_ahead)
        n_runs = STAGES[min(ORDER.index(stage), len(STAGES) - 1)].of(scenario).runs
        widths = blocks_of(scenario.runs, self.workers.n)
        ranges = [runs for runs in widths if runs.stop <= n_runs]
        kinds = [kind for kind in KINDS if ORDER.index(kind) <= max(ORDER.index(stage), 2)]
        # The first runs alone are simulated in other ledgers, which is soon done.
        of_kind = {kind: ranges if kind != LEDGERS else [range(scenario.runs)] for kind in kinds}
        own = simulation_hash(scenario)
        wanted = [[(scenario, (own, kind, runs)) for runs in of_kind[kind]] for kind in kinds]
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
            return await self.workers.answer(replace(job, blocks=blocks), home)

    async def _block(self, scenario: Scenario, stage: str, key: _Key) -> Path:
        """File of a block of runs, simulated unless it is kept."""
        _, kind, runs = key

        async def work() -> Path:
            place = self._blocks.new_path()
            job = StageJob(
                0, scenario, self._folder, stage if kind == KINDS[0] else kind,
                runs=runs, place=place,
            )  # fmt: skip
            told = await self.workers.answer(job, self._home(scenario, KINDS[0], runs))
            self._blocks.keep(key, place, told["bytes"])
            return place

        path: Path = self._blocks.at_hand(key) or await self._shared.of(key, work)
        return path


async def _quietly(work: Coroutine[Any, Any, Any]) -> None:
    """Do work whose failure nobody waits to hear of."""
    with suppress(LostWorkerError, SolveError, Stopped):
        await work


async def _all_of(work: "list[Awaitable[Path]]") -> list[Path]:
    """All of several; if one fails or is given up, so are the others."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


class Asked:
    """Answers that a tab waits for: each is begun while the one before it is worked out.

    Parameters
    ----------
    answers : Answers
    scenario : Scenario
    stages : list of str
        In the order in which they are wanted.
    """

    def __init__(self, answers: Answers, scenario: Scenario, stages: list[str]) -> None:
        self._answers, self._scenario, self.stages = answers, scenario, stages
        self._tasks: dict[str, asyncio.Task[dict[str, Any]]] = {}

    def begin(self, place: int) -> "asyncio.Task[dict[str, Any]]":
        """The answer of a stage by its place, and the next one after it, under way."""
        for stage in self.stages[place : place + 2]:
            if stage not in self._tasks:
                task = asyncio.ensure_future(self._answers.of(self._scenario, stage))
                task.add_done_callback(_look_at)
                self._tasks[stage] = task
        return self._tasks[self.stages[place]]

    def cancel(self) -> None:
        """Wait for none of them any more."""
        for task in self._tasks.values():
            task.cancel()


def _look_at(task: "asyncio.Task[dict[str, Any]]") -> None:
    """Take note of a failure, so that none is told of that nobody waits for."""
    if not task.cancelled():
        task.exception()
