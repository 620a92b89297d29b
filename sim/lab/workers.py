"""Worker processes of the lab: each with its memory of what it simulated, each can be replaced.

They are the workers that studies use, one to a pool, so that a question goes where what it needs is
at hand, and one that hangs can be ended without the others.
"""

import asyncio
import bisect
from collections.abc import Hashable
from concurrent.futures import BrokenExecutor, Future
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import count
from multiprocessing.shared_memory import SharedMemory
from types import NoneType
from typing import Any

from sim.lab.stage_jobs import AHEAD, DIFFERENCE, NUMBER_BYTES, ORDER, StageJob, answer
from sim.laws.numerics.recent import Recent
from sim.study.workers.interruption import Stopped
from sim.study.workers.pool import process_pool

NEEDS = ("sim.lab.stage_jobs",)
RANKS = {stage: rank for rank, stage in enumerate((*ORDER, DIFFERENCE, AHEAD))}
"""Order in which questions are taken: a later one gives way to an earlier one, though it runs."""
GRACE_S = 2.0
"""Time that a worker has to notice that its work is no longer wanted [s]."""
LIMIT_S = 300.0
"""Time after which a worker is ended [s]."""
COLD_S = 900.0
"""The same for the first question of a process, which may have to compile the laws [s]."""
TRIES = 2
"""Workers that may end over one question."""
KEPT_HOMES = 64


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
        self.is_warm = False
        """Whether the process has answered before."""
        self.knows: Recent[bool] = Recent(most=KEPT_HOMES)
        """Backgrounds of what it has simulated."""

    @property
    def pids(self) -> list[int]:
        """Its process, while there is one."""
        return [process.pid for process in (self.pool._processes or {}).values() if process.pid]

    def give(self, job: StageJob) -> "Future[dict[str, Any]]":
        """Begin a question."""
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
        self.knows = Recent(most=KEPT_HOMES)

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
    """A question in the queue or at work."""

    rank: int
    number: int
    job: StageJob = field(compare=False)
    home: Hashable = field(compare=False)
    done: "asyncio.Future[dict[str, Any]]" = field(compare=False)
    yields: asyncio.Event = field(compare=False, default_factory=asyncio.Event)


class LabWorkers:
    """Workers that take questions in order of their stage, then of their age.

    A question goes to a worker that knows its background if that one is free or at something that
    can wait; what gives way begins again later.

    Parameters
    ----------
    n : int
        Processes.
    """

    def __init__(self, n: int) -> None:
        self.workers = [LabWorker() for _ in range(n)]
        self._busy: dict[int, _Waiting] = {}
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

    def strangers(self, home: Hashable) -> list[int]:
        """Workers that do not know a background."""
        return [k for k, each in enumerate(self.workers) if not each.knows.at_hand(home)]

    async def answer(self, job: StageJob, home: Hashable = None) -> dict[str, Any]:
        """What comes of a job; cancelling the wait stops the work.

        Parameters
        ----------
        job : StageJob
        home : hashable, optional
            Its background and runs; who has simulated them before is quicker.

        Raises
        ------
        LostWorkerError
            If two workers end over it, or it takes too long.
        """
        number = next(self._numbers)
        done: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        waiting = _Waiting(RANKS[job.stage], number, job, home, done)
        bisect.insort(self._queue, waiting)
        self._give_out()
        try:
            return await done
        finally:
            self._give_out()

    def _give_out(self) -> None:
        """Give waiting questions to free workers, and have others give way to them."""
        self._queue = [waiting for waiting in self._queue if not waiting.done.done()]
        leaving = {k for k, at_work in self._busy.items() if at_work.yields.is_set()}
        for waiting in [*self._queue]:
            known = [k for k, each in enumerate(self.workers) if each.knows.at_hand(waiting.home)]
            places = [*known, *(k for k in range(len(self.workers)) if k not in known)]
            place = next((k for k in places if k not in self._busy), None)
            lesser = [k for k in places if self._is_lesser(k, waiting)]
            at_home = [k for k in lesser if k in known]
            if place is None or (place not in known and at_home):
                going = next((k for k in at_home or lesser if k in leaving), None)
                if going is not None:
                    leaving.discard(going)  # it is the next one there
                elif lesser:
                    worst = max(at_home or lesser, key=lambda k: self._busy[k].rank)
                    self._busy[worst].yields.set()
                continue
            self._queue.remove(waiting)
            self._busy[place] = waiting
            task = asyncio.get_running_loop().create_task(self._work(place, waiting))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _is_lesser(self, place: int, waiting: _Waiting) -> bool:
        at_work = self._busy.get(place)
        if at_work is None or at_work.rank <= waiting.rank:
            return False
        # What is made ready for this very question is not thrown away for it.
        return at_work.job.stage != AHEAD or at_work.home != waiting.home

    async def _work(self, place: int, waiting: _Waiting) -> None:
        worker = self.workers[place]
        try:
            for _ in range(TRIES):
                work = await self._one_try(worker, waiting)
                if waiting.done.done() or work.cancelled():
                    return
                error = work.exception()
                if error is None:
                    worker.knows.keep(waiting.home, True)
                    waiting.done.set_result(work.result())
                    return
                is_lost = isinstance(error, BrokenExecutor)
                if is_lost:
                    self.n_replaced += 1
                    await asyncio.to_thread(worker.replace)
                if waiting.yields.is_set():
                    bisect.insort(self._queue, replace(waiting, yields=asyncio.Event()))
                    return
                if not is_lost:
                    waiting.done.set_exception(error)
                    return
            error = LostWorkerError("the worker ended over this question, again and again")
            waiting.done.set_exception(error)
        finally:
            del self._busy[place]
            self._give_out()

    async def _one_try(
        self, worker: LabWorker, waiting: _Waiting
    ) -> "asyncio.Future[dict[str, Any]]":
        """Work on a question until it is done, unwanted, in the way or overdue."""
        number = next(self._numbers)  # of this try: what gave way is not stopped for ever
        job = replace(waiting.job, number=number, flag=worker.flag.name)
        work = asyncio.wrap_future(worker.give(job))
        work.add_done_callback(_has_answered)  # looked at, even if the lab ends meanwhile
        limit = LIMIT_S if worker.is_warm else COLD_S
        way = asyncio.ensure_future(waiting.yields.wait())
        ends: set[asyncio.Future[Any]] = {work, waiting.done, way}
        await asyncio.wait(ends, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        is_late = not (work.done() or waiting.done.done() or way.done())
        way.cancel()
        if work.done():
            worker.is_warm = _has_answered(work) or worker.is_warm
            return work
        # It stops between two quarters, or else is ended; a first question may be compiling.
        worker.stop(number)
        grace = GRACE_S if worker.is_warm or is_late else COLD_S
        await asyncio.wait({work}, timeout=grace)
        if not work.done():
            self.n_replaced += 1
            await asyncio.to_thread(worker.replace)
            await asyncio.wait({work})
        if is_late and not waiting.done.done():
            late = LostWorkerError(f"no answer within {limit:.0f} seconds")
            waiting.done.set_exception(late)
        worker.is_warm = _has_answered(work) or worker.is_warm
        return work

    def close(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.close()


def _has_answered(work: "asyncio.Future[dict[str, Any]]") -> bool:
    """True if work came to an end, its own or before its time, in a process that lives on."""
    return not work.cancelled() and isinstance(work.exception(), NoneType | Stopped)
