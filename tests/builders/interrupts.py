"""Processes that hear Ctrl-C as if they were started from a terminal."""

import signal
import subprocess
from typing import Any


def started_to_hear_ctrl_c(command: Any, **options: Any) -> "subprocess.Popen[str]":
    """Start a process; what a shell runs in its background is deaf, and so would be what it starts.

    Parameters
    ----------
    command, options
        As of `subprocess.Popen`, with pipes of text.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(command, text=True, **options)
    finally:
        signal.signal(signal.SIGINT, before)
