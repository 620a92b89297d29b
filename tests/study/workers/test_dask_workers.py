"""The same bytes on a Dask cluster, with a worker killed on the way."""

import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from sim.study.workers.dask_workers import cluster_workers
from sim.study.workers.study_errors import StudyError
from tests.study.test_resume import PATIENCE_S, command, finish, n_parts, result, start

pytest.importorskip("distributed")


@contextmanager
def dask(*words: object):
    """A part of a cluster as a process of its own; no longer than the test."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *map(str, words)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def cluster(folder):
    """Address of a scheduler, and two workers of one thread."""
    file = folder / "scheduler.json"
    where = ("--scheduler-file", file, "--no-dashboard")
    work = ("worker", *where, "--no-nanny", "--nthreads", 1)
    with dask("scheduler", *where, "--host", "127.0.0.1", "--port", 0):
        patience = time.monotonic() + PATIENCE_S
        while not file.exists():
            assert time.monotonic() < patience
            time.sleep(0.05)
        with dask(*work) as one, dask(*work) as other:
            yield address_in(file), (one, other)


def address_in(file):
    import json

    return json.loads(file.read_text())["address"]


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing(tmp_path):
    alone, output = tmp_path / "alone", tmp_path / "results"
    finish(command(tmp_path, alone, "--workers", "1", "--runs", "256"))
    with cluster(tmp_path) as (address, (one, _)):
        words = command(tmp_path, output, "--cluster", address, "--runs", "256")
        process = start(words)
        while n_parts(output) < 2:
            assert process.poll() is None
            time.sleep(0.01)
        one.send_signal(signal.SIGKILL)
        said, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, said
    assert result(output) == result(alone)


@pytest.mark.slow
def test_a_study_that_is_killed_goes_on_there(tmp_path):
    alone, output = tmp_path / "alone", tmp_path / "results"
    finish(command(tmp_path, alone, "--workers", "1", "--runs", "256"))
    with cluster(tmp_path) as (address, _):
        process = start(command(tmp_path, output, "--cluster", address, "--runs", "256"))
        while n_parts(output) < 2:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        said = finish(command(tmp_path, output, "--cluster", address, "--runs", "256"))
        assert "were done before" in said
    assert result(output) == result(alone)


def test_an_address_without_a_scheduler_is_a_plain_error(monkeypatch):
    monkeypatch.setattr("sim.study.workers.dask_workers.PATIENCE_S", 0.2)
    with (
        pytest.raises(StudyError, match="no scheduler answers"),
        cluster_workers("tcp://127.0.0.1:9"),
    ):
        pass
