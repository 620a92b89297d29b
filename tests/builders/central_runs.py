"""Commands without the runs behind two sections of a report, a third of a small run.

Rankings of assumptions and spoilers vary one thing at a time, a simulation for each. They have
tests of their own in tests/study/one_at_a_time and tests/report; runs of the tiny world that are
compared byte by byte, and one of the packaged world, make them as a user gets them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

RANKING = "sim.study.one_at_a_time.ranking.start_ranking"
SPOILERS = "sim.study.one_at_a_time.spoilers.start_spoilers"


@contextmanager
def central_runs_left_out(*, ranking: bool = False) -> Iterator[None]:
    """Span in which commands try no spoilers, and rank assumptions only where told."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SPOILERS, lambda *_: tuple)
        if not ranking:
            patch.setattr(RANKING, lambda *_: lambda: None)
        yield
