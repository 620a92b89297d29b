"""Ctrl-C at a moment at which it does no harm.

Compiled code that is being loaded or made, and the writer of data models, call back into Python
from places that do not pass an exception on: an interrupt there ends in a failed run that is none,
in a crash, or in nothing at all. It waits until that is over; a failure of such code that an
interrupt brought about is told as the interrupt.
"""

import _thread
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

UNINTERRUPTIBLE = ("numba", "llvmlite", "pydantic")
ASK_AGAIN_S = 0.02


class _InterruptHandler:
    """Hears Ctrl-C and remembers that it was heard."""

    def __init__(self) -> None:
        self.heard = False

    def __call__(self, _number: int, frame: FrameType | None) -> None:
        if not _is_uninterruptible(frame):
            self.heard = True
            raise KeyboardInterrupt
        later = threading.Timer(ASK_AGAIN_S, _ask_again)
        later.daemon = True
        later.start()


def _ask_again() -> None:
    """Interrupt the main thread, also where it waits: a mere note is not seen before it wakes."""
    main = threading.main_thread().ident
    if main is not None and hasattr(signal, "pthread_kill"):
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()


@contextmanager
def harmless_interrupts() -> Iterator[None]:
    """Within, Ctrl-C raises KeyboardInterrupt, but not where it would be lost or do harm.

    May stand within itself. Without effect where Ctrl-C is not heard or somebody else hears it.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C; also where compiled code failed because of it.
    """
    is_main = threading.current_thread() is threading.main_thread()  # signals are its alone
    before = signal.getsignal(signal.SIGINT)
    if not is_main or not (
        before is signal.default_int_handler or isinstance(before, _InterruptHandler)
    ):
        yield
        return
    ear = before if isinstance(before, _InterruptHandler) else _InterruptHandler()
    signal.signal(signal.SIGINT, ear)
    try:
        yield
    except SystemError as failure:  # compiled code that ended with an exception it did not expect
        if ear.heard:
            raise KeyboardInterrupt from failure
        raise
    finally:
        signal.signal(signal.SIGINT, before)
        _forget_where_it_struck()


def _forget_where_it_struck() -> None:
    """Let the exit code of an interrupted command stand.

    CPython notes an interrupt that leaves `exec` or `eval` of a text, with which named tuples and
    data classes are made, as one that nobody handled, and whatever becomes of it ends the process
    by SIGINT. The next text that is run clears the note.
    """
    exec("")


def _is_uninterruptible(frame: FrameType | None) -> bool:
    """True if one of those libraries is running, in the innermost call or around it."""
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] in UNINTERRUPTIBLE:
            return True
        frame = frame.f_back
    return False
