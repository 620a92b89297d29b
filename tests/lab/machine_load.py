"""Share of a processor that the machine leaves to one more process, for bars in seconds."""

import time

SPIN_S = 0.25


def slowdown(spin_s: float = SPIN_S) -> float:
    """Seconds that a second's work takes now: 1 on a quiet machine, n where n share a processor.

    Bars are stated for a quiet machine; a test that times something multiplies them by what it
    measures of this before and after.
    """
    began, used = time.monotonic(), time.thread_time()
    while time.thread_time() - used < spin_s:
        pass
    return max(1.0, (time.monotonic() - began) / spin_s)
