"""Execution of the work: in this process, worker processes or workers of a Dask scheduler.

Work goes through the interface of `concurrent.futures`, a few jobs ahead of what is finished, so
that memory does not grow with the number of jobs. A worker that dies loses nothing: what it held
is done again. Whose fault it was cannot be seen, so jobs that were lost are given out one by one;
one that is lost alone, again and again, is given up.
"""

import ctypes
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing import (
    active_children,
    forkserver,
    get_all_start_methods,
    get_context,
    parent_process,
)
from multiprocessing.context import BaseContext
from typing import Generic, Protocol, TypeVar

from sim.laws.numerics.process_settings import collect_seldom, keep_to_one_thread

AHEAD = 2
"""Jobs given out for each worker: one at hand, one waiting."""
PATIENCE_S = 600.0
"""Time without any job finished after which it is told [s]."""
MAX_LOSSES = 3
"""Times a job may be lost before it is given up."""
WORTH_A_POOL = 256
"""Runs below which one process is done before others have started."""


class NumberedJob(Protocol):
    """A job that can be told from others."""

    @property
    def number(self) -> int:
        """Its number."""


JobT = TypeVar("JobT", bound=NumberedJob)
DoneT = TypeVar("DoneT")


class WorkerPool:
    """An executor that is replaced when its workers die.

    Parameters
    ----------
    start : callable
        Makes the executor.
    width : int
        Workers it has.
    losses : tuple of exception types
        What a job raises whose worker died.
    """

    def __init__(
        self,
        start: Callable[[], Executor],
        width: int,
        losses: tuple[type[BaseException], ...] = (BrokenExecutor, CancelledError),
    ) -> None:
        self._start = start
        self.width = width
        self.losses = losses
        self.executor = start()
        self.patience_s = PATIENCE_S
        """Time without any job finished after which it is told [s]."""
        self.tell: Callable[[str], None] = lambda _: None
        """Takes what is to be told while work goes on."""

    def renew(self) -> None:
        """Start again with new workers."""
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.executor = self._start()


def completed_jobs(
    work: Callable[[JobT], DoneT],
    jobs: Iterable[JobT],
    worker_pool: WorkerPool | None,
    give_up: Callable[[JobT], DoneT],
) -> Iterator[tuple[JobT, DoneT]]:
    """Jobs with what came of them, in the order in which they are finished.

    Parameters
    ----------
    work : callable
        Does one job; must be importable by the workers.
    jobs : iterable
        Taken only as fast as they are done.
    worker_pool : WorkerPool or None
        None works in this process.
    give_up : callable
        What comes of a job that ends every worker it is given to.
    """
    if worker_pool is None:
        for job in jobs:
            yield job, work(job)
        return
    queue = _JobQueue(work, iter(jobs), worker_pool)
    while queue.give_out():
        for job, future in queue.finished():
            try:
                done = future.result()
            except worker_pool.losses:
                queue.lose(job)
            else:
                yield job, done
        for job in queue.take_back():
            yield job, give_up(job)


class _JobQueue(Generic[JobT, DoneT]):
    """Jobs that are given out, and those that came back undone."""

    def __init__(
        self, work: Callable[[JobT], DoneT], fresh: Iterator[JobT], worker_pool: WorkerPool
    ) -> None:
        self._work, self._fresh, self._worker_pool = work, fresh, worker_pool
        self._waiting: dict[Future[DoneT], JobT] = {}
        self._lost: deque[JobT] = deque()
        self._broken: list[JobT] = []
        self._losses: Counter[int] = Counter()

    def give_out(self) -> bool:
        """Keep the workers busy; False once there is nothing left to wait for."""
        most = 1 if self._lost else AHEAD * self._worker_pool.width
        while len(self._waiting) < most and not self._broken:
            job = self._lost.popleft() if self._lost else next(self._fresh, None)
            if job is None:
                break
            try:
                self._waiting[self._worker_pool.executor.submit(self._work, job)] = job
            except self._worker_pool.losses:
                self._broken.append(job)
        return bool(self._waiting or self._broken)

    def finished(self) -> list[tuple[JobT, Future[DoneT]]]:
        """Jobs that have come to an end, once there are any."""
        if self._broken:
            return []
        n_silent = 0
        while not (ended := self._ended()):
            n_silent += 1
            minutes = n_silent * self._worker_pool.patience_s / 60.0
            self._worker_pool.tell(
                f"No part was finished for {minutes:.3g} minutes; a worker may hang. Ctrl-C ends "
                "this, and the same command goes on from what is finished."
            )
        return [(self._waiting.pop(future), future) for future in ended]

    def _ended(self) -> set[Future[DoneT]]:
        return wait(
            self._waiting, timeout=self._worker_pool.patience_s, return_when=FIRST_COMPLETED
        ).done

    def lose(self, job: JobT) -> None:
        """Note a job whose worker died."""
        self._broken.append(job)

    def take_back(self) -> list[JobT]:
        """After a loss: all jobs come back, workers are replaced; jobs given up are returned."""
        if not self._broken:
            return []
        back = sorted([*self._broken, *self._waiting.values()], key=lambda job: job.number)
        if len(back) == 1:
            self._losses[back[0].number] += 1
        hopeless = [job for job in back if self._losses[job.number] >= MAX_LOSSES]
        self._lost.extend(job for job in back if self._losses[job.number] < MAX_LOSSES)
        self._waiting.clear()
        self._broken.clear()
        self._worker_pool.renew()
        return hopeless


# --- processes -----------------------------------------------------------------------------------


def _end_with_parent() -> None:
    """Leave no worker behind when the process that started it is killed."""
    parent = parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _begin(needs: Sequence[str], courtesy: int) -> None:
    """Make a worker ready."""
    _end_with_parent()
    collect_seldom()
    if courtesy and hasattr(os, "nice"):
        os.nice(courtesy)
    for module in needs:
        import_module(module)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let processes be born that do not hear the interrupt, where this thread may say so."""
    if threading.current_thread() is not threading.main_thread():  # signals are its alone
        yield
        return
    hearing = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, hearing)


def shared_imports(needs: Sequence[str]) -> BaseContext:
    """Context of workers that are copies of one process, which begins to import modules at once.

    Where processes cannot be copied, every worker imports them for itself.

    Parameters
    ----------
    needs : sequence of str
        Modules; none of them may start a thread.
    """
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    keep_to_one_thread()
    context = get_context("forkserver")
    context.set_forkserver_preload([*needs])
    with _deaf_to_interrupts():
        forkserver.ensure_running()
    return context


def process_pool(
    workers: int,
    needs: Sequence[str] = (),
    *,
    context: BaseContext | None = None,
    courtesy: int = 0,
) -> ProcessPoolExecutor:
    """Worker processes of one thread each, deaf to the interrupt and gone with their parent.

    Parameters
    ----------
    workers : int
        Processes wanted.
    needs : sequence of str
        Modules that they import at once, while their parent does other things.
    context : BaseContext, optional
        Way in which they are started: each from nothing unless given.
    courtesy : int
        Steps by which they stand behind other processes for the processor.

    Notes
    -----
    The arrays of a block are too small to be shared out further. An interrupt is for the process
    the user talks to: workers are born deaf to it, since they would protest at length, and are
    ended by their parent.
    """
    keep_to_one_thread()
    pool = ProcessPoolExecutor(
        workers,
        mp_context=context or get_context("spawn"),
        initializer=_begin,
        initargs=(tuple(needs), courtesy),
    )
    # A pool starts a worker a task, but none where one that is quick has done the last already.
    pool._safe_to_dynamically_spawn_children = False  # type: ignore[attr-defined]
    with _deaf_to_interrupts():
        pool.submit(int)
    if len(pool._processes) == workers:
        # A worker that is ended while it sends leaves half a result. Who reads it waits for the
        # other half as long as anybody could write it: workers that are gone, or this process.
        pool._result_queue._writer.close()  # type: ignore[attr-defined]
    return pool


@contextmanager
def processes(workers: int, n_simulated: int) -> Iterator[Executor | None]:
    """Pool of worker processes, or None where starting them would cost more than it saves.

    Parameters
    ----------
    workers : int
        Processes wanted.
    n_simulated : int
        Runs to simulate at least, all variants together.
    """
    if workers == 1 or n_simulated < WORTH_A_POOL:
        yield None
        return
    needs = ("sim.study.ensemble.run",)
    pool = process_pool(workers, needs, context=shared_imports(needs))
    try:
        yield pool
    except KeyboardInterrupt:
        end_workers()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def process_workers(workers: int) -> Iterator[WorkerPool | None]:
    """Worker processes, or None for one."""
    if workers == 1:
        yield None
        return
    worker_pool = WorkerPool(lambda: process_pool(workers), workers)
    is_done = False
    try:
        yield worker_pool
        is_done = True
    finally:
        if not is_done:
            end_workers()
        worker_pool.executor.shutdown(wait=True, cancel_futures=True)


def give_back_memory() -> None:
    """Return to the system what this process has freed, where its allocator can be asked to.

    Arrays of about a megabyte are freed in an order that leaves holes, which would stay with a
    worker until it ends: half of what it holds after a block of runs.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def end_workers() -> None:
    """End the worker processes of this one without waiting for what they are at."""
    for worker in active_children():
        worker.terminate()
