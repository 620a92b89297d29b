"""A study as a list of jobs, carried out in parts that survive anything.

A plan is a number of cases, each a scenario that is simulated with the same numbered runs, so that
the difference between two cases in one run is policy and not luck. Each job is a block of runs of
one case, each finished job a part on disk; what is there already is not done again.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import chain
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.scenario.writing import scenario_hash
from sim.store import json_bytes
from sim.store.results import ID_LENGTH, code_hash
from sim.store.study_parts import PartStore, columns_of, rows_bytes
from sim.study.ensemble.run import BLOCK
from sim.study.ensemble.shared_start import KEPT_SHARED_DRAWS
from sim.study.jobs.case_columns import FAILED
from sim.study.jobs.rows import TEXTS, WHOLE, Job, evaluate, failed_rows
from sim.study.workers.pool import WorkerPool, completed_jobs
from sim.study.workers.study_errors import StudyError

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

Progress = Callable[[int], None]

FORMAT = 1
"""Number of the form of parts; parts of another form are not taken for finished."""
MIN_TO_JUDGE = 64
"""Runs that must be finished before a share of failures means anything."""
SHOWN_REASONS = 5


class Case(NamedTuple):
    """One scenario of a study."""

    label: str
    scenario: "Scenario | None"
    reason: str = ""
    """Why there is no such scenario."""
    first_run: int = 0
    """Number of its first run; other runs are other draws."""


@dataclass(frozen=True)
class Plan:
    """Simulations of a study."""

    kind: str
    """Command that asked for it."""
    base: "Scenario"
    n_cases: int
    n_runs: int
    """Runs of each case."""
    case: Callable[[int], Case]
    """The case of a number, made when it is due: a study may have more than memory holds."""
    world_of: Callable[["Scenario"], "World"]
    """World of a scenario: held to its ledger, with its own figures."""
    identity: Mapping[str, Any]
    """What else determines the numbers, such as the points of a sweep."""
    quantiles: FloatArray | None = None
    """(n_runs, n_parameters) places of the parameters in their distributions, if they are set."""
    varied: Mapping[str, Sequence[float] | Sequence[str]] = field(default_factory=dict)
    """What each case has at the paths that are varied, by path; bears on no number."""
    ends: tuple[int, ...] = ()
    """Cases, first and last of what is varied, whose first block tells how sure the study will be;
    none for a study that tells no chances."""
    precision: float | None = None
    """Half-width of the intervals of chances for whose sake there will be more runs [1]."""
    most_runs: int = 0
    """Runs of each case that jobs are numbered for, where there may be more than at first."""

    @property
    def n_blocks(self) -> int:
        """Jobs of each case."""
        return -(-self.n_runs // BLOCK)

    @property
    def numbers(self) -> Iterator[int]:
        """Numbers of all jobs, case by case."""
        for case in range(self.n_cases):
            yield from self.numbers_of(case)

    def numbers_of(self, case: int, n_blocks: int | None = None) -> range:
        """Numbers of the jobs of a case, or of its first blocks."""
        first = case * self._stride
        return range(first, first + (self.n_blocks if n_blocks is None else n_blocks))

    def has(self, number: int) -> bool:
        """True if a job belongs to the plan."""
        case, block = divmod(number, self._stride)
        return case < self.n_cases and block < self.n_blocks

    @property
    def _stride(self) -> int:
        """Numbers from the first job of a case to that of the next."""
        return -(-max(self.most_runs, self.n_runs) // BLOCK)

    @property
    def n_jobs(self) -> int:
        """Jobs in all."""
        return self.n_cases * self.n_blocks

    @property
    def n_simulated(self) -> int:
        """Runs in all."""
        return self.n_cases * self.n_runs

    @cached_property
    def study_id(self) -> str:
        """Identity of the study: hash of what determines its rows."""
        content = {
            "kind": self.kind,
            "scenario": scenario_hash(self.base),
            "world": self.world_of(self.base).content_hash,
            "code": code_hash(),
            "format": FORMAT,
            "runs": self.n_runs if self.precision is None else f"to within {self.precision:g}",
            **self.identity,
        }
        return sha256(json_bytes(content)).hexdigest()[:ID_LENGTH]

    def runs_of(self, number: int) -> range:
        """Runs of a job, counted from 0."""
        first = BLOCK * (number % self._stride)
        return range(first, min(first + BLOCK, self.n_runs))

    def jobs(self, done: frozenset[int], only: Container[int] | None = None) -> Iterator[Job]:
        """Jobs that are not done yet: a few blocks of every case, then the next few.

        So a worker still has what the cases share of a block when the next case needs it.
        """
        case, made = -1, Case("", None)
        for number in self._order():
            if number in done or (only is not None and number not in only):
                continue
            if case != number // self._stride:
                case = number // self._stride
                made = self.case(case)
            block = self.runs_of(number)
            scenario = made.scenario or self.base
            yield Job(
                number=number,
                case=case,
                runs=range(made.first_run + block.start, made.first_run + block.stop),
                scenario=made.scenario,
                base=self.base,
                world=self.world_of(scenario),
                reason=made.reason,
                quantiles=self._quantiles(block),
            )

    def _order(self) -> Iterator[int]:
        for first in range(0, self.n_blocks, KEPT_SHARED_DRAWS):
            for case in range(self.n_cases):
                blocks = range(first, min(first + KEPT_SHARED_DRAWS, self.n_blocks))
                yield from (case * self._stride + block for block in blocks)

    def _quantiles(self, block: range) -> FloatArray | None:
        return None if self.quantiles is None else self.quantiles[block.start : block.stop]


def run_jobs(
    plan: Plan,
    store: PartStore,
    worker_pool: WorkerPool | None,
    *,
    progress: Progress | None = None,
    stop_share: float = 1.0,
    most_jobs: int | None = None,
    only: Container[int] | None = None,
) -> None:
    """Do what is not done yet, each finished job a part of the store.

    Parameters
    ----------
    plan, store, worker_pool
        What, where to, by whom.
    progress : callable, optional
        Called with the number of runs finished since the last call.
    stop_share : float
        Share of failed runs beyond which the study stops [1].
    most_jobs : int, optional
        Jobs to do before leaving the rest, to see how long they take.
    only : container of int, optional
        Numbers of the jobs to be done; all of them unless given.

    Raises
    ------
    StudyError
        If too many runs failed. Finished parts are kept.
    StoreError
        If a part cannot be written.
    """
    reasons, n_finished = _reasons(plan, store)
    _judge(reasons, n_finished, stop_share)
    todo = plan.jobs(store.done, only)
    jobs = (
        todo if most_jobs is None else (job for job, _ in zip(todo, range(most_jobs), strict=False))
    )
    for job, rows in completed_jobs(evaluate, jobs, worker_pool, failed_rows):
        store.put(job.number, rows_bytes(rows, TEXTS, WHOLE))
        n_finished += len(job.runs)
        reasons.update(_failures(rows))
        _judge(reasons, n_finished, stop_share)
        if progress is not None:
            progress(len(job.runs))


def _reasons(plan: Plan, store: PartStore) -> tuple[Counter[str], int]:
    """Why runs failed that were done before, and how many were done."""
    reasons: Counter[str] = Counter()
    done = [number for number in store.done if plan.has(number)]
    for number in done:
        reasons.update(_failures(columns_of(store.read(number), ("status", "reason"))))
    return reasons, sum(len(plan.runs_of(number)) for number in done)


def _failures(rows: Mapping[str, Any]) -> Iterator[str]:
    """Reasons of the runs that failed."""
    for reason, status in zip(rows["reason"], rows["status"], strict=True):
        if status == FAILED:
            yield reason


def _judge(reasons: Counter[str], n_finished: int, stop_share: float) -> None:
    """Stop a study of which too many runs failed, with a summary."""
    n_failed = reasons.total()
    if n_finished < MIN_TO_JUDGE or n_failed <= stop_share * n_finished:
        return
    lines = [f"{n:,} times: {reason}" for reason, n in reasons.most_common(SHOWN_REASONS)]
    enough = min(1.0, ceil(100 * n_failed / n_finished) / 100)
    stopped = (
        f"{n_failed:,} of {n_finished:,} runs failed, so the study was stopped; "
        f"--stop-share {enough:g} lets it go on."
    )
    raise StudyError("\n  ".join([stopped, *lines]))


def case_rows(
    plan: Plan, store: PartStore, case: int, n_blocks: int | None = None
) -> dict[str, Any]:
    """All rows of one case, or those of its first blocks, by column.

    Returns
    -------
    dict
        Arrays of numbers, lists of text.
    """
    blocks = [columns_of(store.read(number)) for number in plan.numbers_of(case, n_blocks)]
    rows: dict[str, Any] = {}
    for name in blocks[0]:
        parts = [block[name] for block in blocks]
        rows[name] = list(chain.from_iterable(parts)) if name in TEXTS else np.concatenate(parts)
    return rows
