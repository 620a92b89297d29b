"""Queues at border posts and ports: textbook formulas, and one law for a period.

The formulas of `steady` are infinite from utilisation 1 on; `period_queue` is the law a simulation
needs: finite, smooth, and no cargo is lost. Arrays of any shape; everything broadcasts.
"""

from sim.laws.queues.period import PeriodQueue, WaitFormula, period_queue
from sim.laws.queues.steady import (
    FiniteQueue,
    Fluid,
    allen_cunneen_wait,
    erlang_b,
    erlang_c,
    finite_queue,
    fluid_backlog,
    kingman_wait,
    mg1_wait,
    mmc_wait,
)

__all__ = [
    "FiniteQueue",
    "Fluid",
    "PeriodQueue",
    "WaitFormula",
    "allen_cunneen_wait",
    "erlang_b",
    "erlang_c",
    "finite_queue",
    "fluid_backlog",
    "kingman_wait",
    "mg1_wait",
    "mmc_wait",
    "period_queue",
]
