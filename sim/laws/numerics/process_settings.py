"""Settings of every process that simulates, be it that of a command or a worker."""

import gc
import os

MADE_BETWEEN_LOOKS = 20_000
"""Objects made between two searches for waste in circles: models and figures are made by the ten
thousand, and nearly all of what they are made of is in use."""


def keep_to_one_thread() -> None:
    """Keep array libraries to one thread, whatever the shell says; before they are imported.

    Sums that several threads share have other last digits. Nothing would be faster: the arrays of a
    block are too small to be shared out.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"


def collect_seldom() -> None:
    """Let Python search for waste in circles less often than it does by itself."""
    gc.set_threshold(MADE_BETWEEN_LOOKS)
