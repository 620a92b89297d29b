"""Queues at border posts and ports: textbook formulas, and one law for a period.

The formulas of `steady` are infinite from utilisation 1 on; `period_queue` is the law a simulation
needs: finite, smooth, and no cargo is lost. Arrays of any shape; everything broadcasts.
"""

from sim.laws.queues.period import PeriodQueue, WaitFormula, period_queue

__all__ = ["PeriodQueue", "WaitFormula", "period_queue"]
