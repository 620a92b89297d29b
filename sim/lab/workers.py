"""Worker processes of the lab: each with its memory of what it simulated, each can be replaced.

They are the workers that studies use, one to a pool, so that a question goes where what it needs is
at hand, and one that hangs can be ended without the others. The first is kept for what is soon
answered; the others simulate blocks of runs and stand behind it, the page and its server.
"""

import asyncio
import bisect
import time
from collections.abc import Hashable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import count
from multiprocessing.context import BaseContext
from multiprocessing.shared_memory import SharedMemory
from types import NoneType
from typing import Any

from sim.lab.questions import DIFFERENCE, NUMBER_BYTES, ORDER, StageJob, is_long
from sim.laws.numerics.recent_cache import RecentCache
from sim.scenario.blocks.scenario import Scenario
from sim.study.workers.interruption import SimulationCancelled
from sim.study.workers.pool import process_pool, shared_imports

NEEDS = ("sim.lab.stage_jobs",)
RANKS = {stage: rank for rank, stage in enumerate((*ORDER, DIFFERENCE))}
"""Order in which questions are taken: a later one gives way to an earlier one, though it runs."""
AHEAD = len(RANKS)
"""Rank of what nobody has asked yet."""
GRACE_S = 8.0
"""Time that a worker has to notice that its work is no longer wanted [s]: what it has in memory is
lost with it and takes longer to make again, and short questions do not wait for it."""
LIMIT_S = 300.0
"""Time after which a worker is ended [s]."""
COLD_S = 900.0
"""The same for the first question of a process, which may have to compile the laws [s]."""
TRIES = 2
"""Workers that may end over one question."""
KEPT_HOMES = 64
BEHIND = 5
"""Steps by which workers at blocks of runs stand behind for the processor."""
SPILL_S = 0.6
"""Time after which a short question is taken by any worker [s]."""


class LostWorkerError(RuntimeError):
    """A worker that ended, again and again, while it was at a question."""


def job_result(job: StageJob) -> dict[str, Any]:
    """The outcome of a job, in a process that has loaded what it takes."""
    from sim.lab.stage_jobs import answer

    return answer(job)


class LabWorker:
    """One process, begun with its first question, and the number that it is to give up.

    Parameters
    ----------
    context : BaseContext
        Way in which its process is started.
    courtesy : int
        Steps by which it stands behind for the processor.
    """

    def __init__(self, context: BaseContext, courtesy: int) -> None:
        self._context, self._courtesy = context, courtesy
        self.flag = SharedMemory(create=True, size=NUMBER_BYTES)
        self._at_end = ExitStack()
        self._at_end.callback(self.flag.unlink)
        self._at_end.callback(self.flag.close)
        self._pool: ProcessPoolExecutor | None = None
        self.is_warm = False
        """Whether the process has answered before."""
        self.knows: RecentCache[bool] = RecentCache(most=KEPT_HOMES)
        """Backgrounds of what it has simulated."""

    @property
    def pids(self) -> list[int]:
        """Its process, while there is one."""
        processes = self._pool._processes if self._pool is not None else None
        return [process.pid for process in (processes or {}).values() if process.pid]

    def begin(self) -> ProcessPoolExecutor:
        """Start the process unless there is one; may take as long as its imports."""
        if self._pool is None:
            pool = process_pool(1, NEEDS, context=self._context, courtesy=self._courtesy)
            self._pool = pool
        return self._pool

    def give(self, job: StageJob) -> "Future[dict[str, Any]]":
        """Begin a question; one that a process cannot take that has ended fails at once."""
        try:
            return self.begin().submit(job_result, job)
        except BrokenExecutor as error:
            failed: Future[dict[str, Any]] = Future()
            failed.set_exception(error)
            return failed

    def stop(self, number: int) -> None:
        """Ask it to give a question up."""
        assert self.flag.buf is not None
        self.flag.buf[:NUMBER_BYTES] = number.to_bytes(NUMBER_BYTES, "little")

    def replace(self) -> None:
        """End the process and start another; what it kept is lost."""
        self.end_process()
        self.begin()
        self.is_warm = False
        self.knows = RecentCache(most=KEPT_HOMES)

    def end_process(self) -> None:
        """End the process at once."""
        pool, self._pool = self._pool, None
        if pool is not None:
            for process in list((pool._processes or {}).values()):
                process.kill()
            pool.shutdown(wait=True, cancel_futures=True)

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
    since: float = field(compare=False, default_factory=time.monotonic)

    @property
    def is_block(self) -> bool:
        """True for a block of runs."""
        return self.job.runs is not None

    @property
    def may_spill(self) -> bool:
        """True once it has waited long enough for the worker that is kept for its like."""
        return self.rank != AHEAD and time.monotonic() >= self.since + SPILL_S


class LabWorkers:
    """Workers that take questions in order of their stage, then of their age.

    A question goes to a worker that knows its background if that one is free or at something that
    can wait; what gives way begins again later.

    Parameters
    ----------
    n : int
        Processes that simulate blocks of runs; another answers what is soon answered.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        context = shared_imports(NEEDS)
        behind = [0, *(BEHIND for _ in range(n))]
        self.workers = [LabWorker(context, courtesy) for courtesy in behind]
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

    async def answer(
        self, job: StageJob, home: Hashable = None, *, is_ahead: bool = False
    ) -> dict[str, Any]:
        """The outcome of a job; cancelling the wait stops the work.

        Parameters
        ----------
        job : StageJob
        home : hashable, optional
            Its background and runs; who has simulated them before is quicker.
        is_ahead : bool
            Whether nobody has asked for it yet.

        Raises
        ------
        LostWorkerError
            If two workers end over it, or it takes too long.
        """
        number, loop = next(self._numbers), asyncio.get_running_loop()
        done: asyncio.Future[dict[str, Any]] = loop.create_future()
        waiting = _Waiting(AHEAD if is_ahead else RANKS[job.stage], number, job, home, done)
        bisect.insort(self._queue, waiting)
        self._give_out()
        later = loop.call_later(SPILL_S, self._give_out)
        try:
            return await done
        finally:
            later.cancel()
            self._give_out()

    def hurry(self, scenario: Scenario) -> None:
        """Give what was begun before anybody asked the rank of what is asked."""
        for each in (*self._busy.values(), *self._queue):
            if each.rank == AHEAD and each.job.scenario == scenario:
                each.rank = RANKS[each.job.stage]
        self._queue.sort()
        self._give_out()

    def _places(self, waiting: _Waiting) -> list[int]:
        """Workers that may take a question, those that know its background first."""
        others = [*range(1, len(self.workers))]
        short = [0, *others] if waiting.may_spill else [0]
        places = others if is_long(waiting.job) else short
        return sorted(places, key=lambda k: not self.workers[k].knows.at_hand(waiting.home))

    def _give_out(self) -> None:
        """Give waiting questions to free workers, and have others give way to them."""
        self._queue = [waiting for waiting in self._queue if not waiting.done.done()]
        leaving = {k for k, at_work in self._busy.items() if at_work.yields.is_set()}
        for waiting in [*self._queue]:
            places = self._places(waiting)
            free = [k for k in places if k not in self._busy]
            # A block more than there are processors would only hold up what is soon answered.
            has_room = not waiting.is_block or (len(self._busy) < self.n and not self._is_cold)
            place = free[0] if free and has_room else None
            lesser = [k for k in places if self._is_lesser(k, waiting)]
            at_home = [k for k in lesser if self.workers[k].knows.at_hand(waiting.home)]
            if place is None or (at_home and not self.workers[place].knows.at_hand(waiting.home)):
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

    @property
    def _is_cold(self) -> bool:
        """True while the first short question of a process is at work, which loads the laws.

        It has the machine to itself: blocks beside it would load, or compile, the same.
        """
        return 0 in self._busy and not self.workers[0].is_warm

    def _is_lesser(self, place: int, waiting: _Waiting) -> bool:
        at_work = self._busy.get(place)
        if at_work is None or self._learns(place, waiting.home):
            return False
        return at_work.rank > waiting.rank

    def learns(self, home: Hashable) -> bool:
        """True if a worker is at a background for the first time, ahead of any question about it.

        Who asks now needs what it is about to know, and would begin it again.
        """
        return any(self._learns(place, home) for place in self._busy)

    def _learns(self, place: int, home: Hashable) -> bool:
        at_work = self._busy[place]
        is_same = at_work.rank == AHEAD and at_work.home == home
        return is_same and not self.workers[place].knows.at_hand(home)

    async def _work(self, place: int, waiting: _Waiting) -> None:
        worker = self.workers[place]
        try:
            for _ in range(TRIES):
                work = await self._one_try(worker, waiting)
                error = BrokenExecutor() if work.cancelled() else work.exception()
                is_lost = isinstance(error, BrokenExecutor)
                if is_lost:
                    self.n_replaced += 1
                    await asyncio.to_thread(worker.replace)
                if waiting.done.done():
                    return
                if error is None:
                    worker.knows.keep(waiting.home, True)
                    waiting.done.set_result(work.result())
                    return
                if waiting.yields.is_set():
                    bisect.insort(self._queue, replace(waiting, yields=asyncio.Event()))
                    return
                if not is_lost:
                    waiting.done.set_exception(error)
                    return
            error = LostWorkerError("the worker ended over this question, again and again")
            waiting.done.set_exception(error)
        except (OSError, EOFError, BrokenExecutor) as trouble:  # no process can be started
            if not waiting.done.done():
                waiting.done.set_exception(LostWorkerError(f"no worker can be started: {trouble}"))
        finally:
            del self._busy[place]
            self._give_out()

    async def _one_try(
        self, worker: LabWorker, waiting: _Waiting
    ) -> "asyncio.Future[dict[str, Any]]":
        """Work on a question until it is done, unwanted, in the way or overdue."""
        number = next(self._numbers)  # of this try: what gave way is not stopped for ever
        job = replace(waiting.job, number=number, flag=worker.flag.name)
        await asyncio.to_thread(worker.begin)
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
            await asyncio.to_thread(worker.end_process)
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
    return not work.cancelled() and isinstance(work.exception(), NoneType | SimulationCancelled)
