"""Who does the work: order, bounds, and workers that die."""

import os
import signal
import threading
from concurrent.futures import FIRST_COMPLETED, wait
from pathlib import Path
from typing import NamedTuple

import pytest

from sim.study.workers.pool import (
    AHEAD,
    MAX_LOSSES,
    WORTH_A_POOL,
    completed_jobs,
    end_workers,
    process_pool,
    process_workers,
    processes,
)


class Task(NamedTuple):
    number: int
    marks: Path
    fatal_times: int = 0


def work(task: Task) -> int:
    """Twice the number; a fatal task kills its process so many times first."""
    tries = len(list(task.marks.glob(f"{task.number}-*")))
    (task.marks / f"{task.number}-{tries}").touch()
    if tries < task.fatal_times:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * task.number


def give_up(task: Task) -> int:
    return -1


def test_without_a_crew_jobs_are_done_here_and_in_order(tmp_path):
    tasks = [Task(k, tmp_path) for k in range(4)]
    done = list(completed_jobs(work, tasks, None, give_up))
    assert [(job.number, result) for job, result in done] == [(k, 2 * k) for k in range(4)]


def test_jobs_are_taken_only_as_fast_as_they_are_done(tmp_path):
    taken = []

    def jobs():
        for k in range(12):
            taken.append(k)
            yield Task(k, tmp_path)

    with process_workers(2) as worker_pool:
        for done, _ in enumerate(completed_jobs(work, jobs(), worker_pool, give_up), start=1):
            assert len(taken) <= done + AHEAD * 2


def test_a_worker_that_dies_loses_nothing(tmp_path):
    tasks = [Task(k, tmp_path, fatal_times=k == 2) for k in range(6)]
    with process_workers(2) as worker_pool:
        done = {
            job.number: result for job, result in completed_jobs(work, tasks, worker_pool, give_up)
        }
    assert done == {k: 2 * k for k in range(6)}


def test_a_job_that_kills_every_worker_is_given_up_and_no_other(tmp_path):
    tasks = [Task(k, tmp_path, fatal_times=99 * (k == 1)) for k in range(5)]
    with process_workers(2) as worker_pool:
        done = {
            job.number: result for job, result in completed_jobs(work, tasks, worker_pool, give_up)
        }
    assert done == {0: 0, 1: -1, 2: 4, 3: 6, 4: 8}
    assert len(list(tmp_path.glob("1-*"))) <= MAX_LOSSES + 1


def test_an_error_of_the_work_is_not_swallowed(tmp_path):
    with process_workers(2) as worker_pool, pytest.raises(ZeroDivisionError):
        list(completed_jobs(broken, [Task(0, tmp_path)], worker_pool, give_up))


def broken(task: Task) -> float:
    return 1 / task.number


def test_all_workers_are_there_from_the_start():
    with processes(2, WORTH_A_POOL) as pool:
        assert len(pool._processes) == 2


def test_workers_ended_while_they_send_leave_nobody_waiting():
    pool = process_pool(2)
    futures = [pool.submit(bytes, 100_000_000) for _ in range(20)]
    wait(futures, return_when=FIRST_COMPLETED)  # the next is on its way
    end_workers()
    closing = threading.Thread(target=pool.shutdown, kwargs={"cancel_futures": True}, daemon=True)
    closing.start()
    closing.join(30)
    assert not closing.is_alive()
    assert any(future.cancelled() or future.exception() for future in futures)
