"""Questions for workers: blocks of runs that are wanted, and answers read off them.

Nothing is simulated here, so that who only asks need not load what simulates.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sim.scenario.blocks.scenario import Scenario
from sim.study.answer_stages import FIRM, MAX_BLOCK, MIN_BLOCK, ROUGH, STAGES

PARTS, LEDGERS = "parts", "ledgers"
"""What each agreement adds; the same question in other ledgers."""
DIFFERENCE = "difference"
"""What one setting changes against another."""
ORDER = (*(stage.name for stage in STAGES), PARTS, LEDGERS)
"""Stages in the order in which they are answered."""
NUMBER_BYTES = 8


@dataclass(frozen=True)
class StageJob:
    """Work that is wanted: a block of runs, or the answer at a stage."""

    number: int
    """Its own; a worker that finds it in its flag stops."""
    scenario: Scenario
    world: Path | None
    stage: str
    """One of `ORDER`, or `DIFFERENCE`."""
    flag: str = ""
    """Name of the memory in which the number stands that is no longer wanted."""
    runs: range | None = None
    """Runs of a block; None for an answer."""
    place: Path | None = None
    """Where a block is written."""
    blocks: tuple[tuple[Path, ...], ...] = ()
    """Files of an answer: whole ensembles, agreements alone, other ledgers; simulated here where
    there are none. Of a difference: those of the setting and of the one compared with."""
    against: Scenario | None = None
    """Setting that a difference is compared with."""


def blocks_of(n_runs: int, n_workers: int) -> tuple[range, ...]:
    """Blocks in which runs are simulated: those of the firm answer, then those of the rest.

    Every worker has a share of either, so that no answer waits for one worker beside idle ones.

    Examples
    --------
    >>> blocks_of(256, 2)
    (range(0, 32), range(32, 64), range(64, 160), range(160, 256))
    >>> blocks_of(8, 2), blocks_of(24, 2)
    ((range(0, 8),), (range(0, 24),))
    """
    assert FIRM.runs is not None
    first = min(FIRM.runs, n_runs)
    rest = n_runs - first
    shares = max(1, min(n_workers, first // MIN_BLOCK))
    n = max(-(-rest // MAX_BLOCK), min(n_workers, -(-rest // FIRM.runs)))
    return (*_shared_out(range(first), shares), *_shared_out(range(first, n_runs), n))


def _shared_out(runs: range, n: int) -> tuple[range, ...]:
    edges = [len(runs) * k // n for k in range(n + 1)] if runs else []
    return tuple(runs[a:b] for a, b in pairwise(edges))


def is_short(stage: str) -> bool:
    """True for the stage that is simulated where it is answered, no further than its target."""
    return stage == ROUGH.name


def is_long(job: StageJob) -> bool:
    """True for a block of runs, and for what is read off more runs than a firm answer has."""
    is_read = bool(job.blocks) and job.stage not in (ROUGH.name, FIRM.name)
    return is_read or job.runs is not None
