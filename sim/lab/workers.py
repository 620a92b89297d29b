"""Worker processes of the lab: each with its memory of what it simulated, each can be replaced.

They are the workers that studies use, one to a pool, so that a question goes where what it needs is
at hand, and one that hangs can be ended without the others.
"""

import asyncio
import heapq
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.shared_memory import SharedMemory
from typing import Any

from sim.lab.stage_jobs import NUMBER_BYTES, PARTS, StageJob, answer
from sim.study.workers.pool import process_pool

NEEDS = ("sim.lab.stage_jobs",)
RANKS = {"rough": 0, "firm": 1, "final": 2, PARTS: 3}
"""Order in which questions are taken."""
GRACE_S = 2.0
"""Time that a worker has to notice that its work is no longer wanted [s]."""
LIMITS_S = {"rough": 30.0, "firm": 120.0, "final": 600.0, PARTS: 600.0}
"""Time after which a worker is ended [s]."""
COLD_S = 900.0
"""The same for the first question of a process, which may have to compile the laws [s]."""


TRIES = 2
"""Workers that may end over one question."""


class LostWorkerError(RuntimeError):
    """A worker that ended, again and again, while it was at a question."""


class LabWorker:
    """One process, and the number of the question that it is to give up."""

    def __init__(self) -> None:
        self.flag = SharedMemory(create=True, size=NUMBER_BYTES)
        self._at_end = ExitStack()
        self._at_end.callback(self.flag.unlink)
        self._at_end.callback(self.flag.close)
        self.pool = process_pool(1, NEEDS)
        self.job: StageJob | None = None
        self.is_warm = False
        """Whether the process has answered before."""

    @property
    def pids(self) -> list[int]:
        """Its process, while there is one."""
        return [process.pid for process in (self.pool._processes or {}).values() if process.pid]

    def give(self, job: StageJob) -> "Future[dict[str, Any]]":
        """Begin a question."""
        self.job = job
        return self.pool.submit(answer, job)

    def stop(self, number: int) -> None:
        """Ask it to give a question up."""
        assert self.flag.buf is not None
        self.flag.buf[:NUMBER_BYTES] = number.to_bytes(NUMBER_BYTES, "little")

    def replace(self) -> None:
        """End the process and start another; what it kept is lost."""
        self.end_process()
        self.pool = process_pool(1, NEEDS)
        self.is_warm = False

    def end_process(self) -> None:
        """End the process at once."""
        for process in list((self.pool._processes or {}).values()):
            process.kill()
        self.pool.shutdown(wait=True, cancel_futures=True)

    def close(self) -> None:
        """End the process and give back its memory."""
        self.end_process()
        self._at_end.close()


@dataclass(order=True)
class _Waiting:
    """A question in the queue."""

    rank: int
    number: int
    job: Callable[[str], StageJob] = field(compare=False)
    stage: str = field(compare=False)
    done: "asyncio.Future[dict[str, Any]]" = field(compare=False)


class LabWorkers:
    """Workers that take questions in order of their stage, then of their age.

    Whole ensembles and parts go to the last worker alone, so that a first rough answer always finds
    another one free.

    Parameters
    ----------
    n : int
        Processes.
    """

    def __init__(self, n: int) -> None:
        self.workers = [LabWorker() for _ in range(n)]
        self._busy: set[int] = set()
        self._queue: list[_Waiting] = []
        self._numbers = count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self.n_replaced = 0
        """Workers that had to be replaced so far."""

    @property
    def n_waiting(self) -> int:
        """Questions that no worker has begun."""
        return sum(not each.done.done() for each in self._queue)

    @property
    def is_idle(self) -> bool:
        """True if no worker is working."""
        return not self._busy and not self.n_waiting

    async def answer(self, job: StageJob) -> dict[str, Any]:
        """What comes of a job; cancelling the wait stops the work.

        Raises
        ------
        LostWorkerError
            If two workers end over it, or it takes too long.
        """
        number = next(self._numbers)
        done: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

        def numbered(flag: str) -> StageJob:
            return StageJob(number, job.scenario, job.world, job.stage, flag)

        heapq.heappush(self._queue, _Waiting(RANKS[job.stage], number, numbered, job.stage, done))
        self._give_out()
        try:
            return await done
        finally:
            self._give_out()

    def _give_out(self) -> None:
        """Give waiting questions to free workers that may take them."""
        left = []
        while self._queue:
            waiting = heapq.heappop(self._queue)
            if waiting.done.done():
                continue
            place = self._free_for(waiting.stage)
            if place is None:
                left.append(waiting)
                continue
            self._busy.add(place)
            task = asyncio.get_running_loop().create_task(self._work(place, waiting))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        for waiting in left:
            heapq.heappush(self._queue, waiting)

    def _free_for(self, stage: str) -> int | None:
        last = len(self.workers) - 1
        if stage == "rough":
            places = range(last + 1)
        elif stage == "firm":
            places = range(max(last, 1))
        else:
            places = range(last, last + 1)
        return next((place for place in places if place not in self._busy), None)

    async def _work(self, place: int, waiting: _Waiting) -> None:
        worker = self.workers[place]
        try:
            for _ in range(TRIES):
                work = await self._one_try(worker, waiting)
                if waiting.done.done() or work.cancelled():
                    return
                error = work.exception()
                if error is None:
                    waiting.done.set_result(work.result())
                    return
                if not isinstance(error, BrokenExecutor):
                    waiting.done.set_exception(error)
                    return
                self.n_replaced += 1
                await asyncio.to_thread(worker.replace)
            error = LostWorkerError("the worker ended over this question, again and again")
            waiting.done.set_exception(error)
        finally:
            worker.job = None
            self._busy.discard(place)
            self._give_out()

    async def _one_try(
        self, worker: LabWorker, waiting: _Waiting
    ) -> "asyncio.Future[dict[str, Any]]":
        """Work on a question until it is done, unwanted or overdue."""
        work = asyncio.wrap_future(worker.give(waiting.job(worker.flag.name)))
        limit = LIMITS_S[waiting.stage] if worker.is_warm else COLD_S
        await asyncio.wait({work, waiting.done}, timeout=limit, return_when="FIRST_COMPLETED")
        if work.done():
            worker.is_warm = not work.cancelled() and work.exception() is None
            return work
        # It stops between two quarters, or else is ended.
        worker.stop(waiting.number)
        await asyncio.wait({work}, timeout=GRACE_S)
        if not work.done():
            self.n_replaced += 1
            await asyncio.to_thread(worker.replace)
            await asyncio.wait({work})
        if not waiting.done.done():
            late = LostWorkerError(f"no answer within {limit:.0f} seconds")
            waiting.done.set_exception(late)
        if not work.cancelled():
            work.exception()  # looked at, so that nobody complains that nobody did
        return work

    def close(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.close()
