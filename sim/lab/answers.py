"""Answers to settings: found again if they were given before, shared by all who ask the same."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.lab.stage_jobs import StageJob
from sim.lab.workers import LabWorkers
from sim.laws.numerics.recent import Recent
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.writing import scenario_hash

KEPT_ANSWERS = 500
MAX_RUNS = 1024
"""Runs that a page may ask for; a run in full has the limits of `sim run`."""


@dataclass
class _Pending:
    """An answer that is being worked out."""

    task: "asyncio.Task[dict[str, Any]]"
    n_asking: int = field(default=0)


class Answers:
    """Answers by setting and stage.

    Parameters
    ----------
    workers : LabWorkers
    world : Path or None
        Folder of world tables.
    """

    def __init__(self, workers: LabWorkers, world: Path | None) -> None:
        self.workers, self._world = workers, world
        self._kept: Recent[dict[str, Any]] = Recent(most=KEPT_ANSWERS)
        self._pending: dict[tuple[str, str], _Pending] = {}

    def known(self, scenario: Scenario, stage: str) -> dict[str, Any] | None:
        """The answer if it was given before."""
        return self._kept.at_hand((scenario_hash(scenario), stage))

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
        key = (scenario_hash(scenario), stage)
        pending = self._pending.get(key)
        if pending is None:
            job = StageJob(0, scenario, self._world, stage)
            task = asyncio.get_running_loop().create_task(self._found(key, job))
            pending = self._pending[key] = _Pending(task)
        pending.n_asking += 1
        try:
            return await asyncio.shield(pending.task)
        finally:
            pending.n_asking -= 1
            if not pending.n_asking and not pending.task.done():
                self._pending.pop(key, None)
                pending.task.cancel()

    async def _found(self, key: tuple[str, str], job: StageJob) -> dict[str, Any]:
        try:
            found = await self.workers.answer(job)
        finally:
            self._pending.pop(key, None)
        return self._kept.keep(key, found)
