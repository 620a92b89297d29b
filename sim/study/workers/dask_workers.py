"""The workers of a Dask scheduler as a worker pool (extra `cluster`)."""

from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

from sim.store import versions
from sim.study.workers.pool import WorkerPool
from sim.study.workers.study_errors import StudyError

PATIENCE_S = 20.0
"""Seconds to wait for the scheduler and for a first worker."""
RETRIES = 3


@contextmanager
def cluster_workers(address: str) -> Iterator[WorkerPool]:
    """Workers of the scheduler at an address such as `tcp://host:8786`.

    A worker that dies loses nothing: the scheduler gives its jobs to others.

    Raises
    ------
    StudyError
        If Dask is not installed, nobody answers or the scheduler goes away, or a worker has other
        versions than this process, since its numbers could differ.
    """
    try:
        from distributed import Client
        from distributed.comm.core import CommClosedError
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise StudyError(
            "--cluster needs Dask: pip install 'trade-scenario-simulator[cluster]'"
        ) from None
    connect: Any = Client
    try:
        client = connect(address, timeout=PATIENCE_S, set_as_default=False)
    except (OSError, ValueError) as problem:
        raise StudyError(f"{address}: no scheduler answers ({problem})") from None
    with client:
        n_workers = _checked(client, address)
        try:
            yield WorkerPool(
                lambda: client.get_executor(pure=False, retries=RETRIES),
                n_workers,
                losses=(KilledWorker,),
            )
        except (CancelledError, CommClosedError):
            raise StudyError(f"{address}: the scheduler is gone") from None


def _checked(client: Any, address: str) -> int:
    """Number of threads that work, all with the versions of this process."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE_S)
    except TimeoutError:
        raise StudyError(f"{address}: the scheduler has no worker") from None
    ours = versions()
    for worker, theirs in client.run(versions).items():
        other = [name for name in ours if theirs.get(name) != ours[name]]
        if other:
            listed = ", ".join(
                f"{name} {theirs.get(name)} instead of {ours[name]}" for name in other
            )
            raise StudyError(f"{address}: worker {worker} has {listed}")
    return sum(client.nthreads().values())
