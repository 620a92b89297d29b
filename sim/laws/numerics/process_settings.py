"""Array libraries kept to one thread, so that a run has the same bits on any machine."""

import os


def keep_to_one_thread() -> None:
    """Keep array libraries to one thread, whatever the shell says; before they are imported.

    Sums that several threads share have other last digits. Nothing would be faster: the arrays of a
    block are too small to be shared out.
    """
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
