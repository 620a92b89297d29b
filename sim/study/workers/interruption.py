"""A simulation that can be told to stop between two quarters."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class SimulationCancelled(Exception):  # noqa: N818 - no error: nobody wants the outcome
    """Whoever asked for a simulation no longer waits for it."""


_IS_WANTED: ContextVar[Callable[[], bool]] = ContextVar("is_wanted", default=lambda: True)


@contextmanager
def stoppable(is_wanted: Callable[[], bool]) -> Iterator[None]:
    """Ask between quarters of all that is simulated within whether it is still wanted."""
    token = _IS_WANTED.set(is_wanted)
    try:
        yield
    finally:
        _IS_WANTED.reset(token)


def go_on() -> None:
    """Do nothing, as long as the outcome is wanted.

    Raises
    ------
    SimulationCancelled
        If it is not.
    """
    if not _IS_WANTED.get()():
        raise SimulationCancelled
