"""Lag of trade behind its costs: those offered so far, and how far it has adjusted to them."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.policy.adjustment import SPAN, lagged_by_spans, phase_in_kernel, sum_of_four
from sim.simulation.snapshot.adjustment_state import PastCosts

PHASE_IN = ("phase_in_impact", "phase_in_year_4", "phase_in_year_8")


def kernel_of(parameters: Mapping[str, FloatArray]) -> FloatArray:
    """Part of a cost that trade takes up at every age, (n_runs, n_lags) [1]."""
    # Shares drawn apart may cross; what is reached is not lost again.
    drawn = np.stack([parameters[point] for point in PHASE_IN])
    return phase_in_kernel(*np.maximum.accumulate(drawn, axis=0))


class AdjustmentLag:
    """Adjustment of trade to costs, in the cells in which they can move at all.

    Parameters
    ----------
    kernel : (n_runs, n_quarters) ndarray
        Part of a cost that trade takes up at every age [1].
    moving : sequence of (n_moving,) ndarray
        Cells in which each kind of cost can differ from the baseline's.
    """

    def __init__(self, kernel: FloatArray, moving: Sequence[IndexArray]) -> None:
        self._kernel = kernel
        self._moving = tuple(moving)
        ends = np.cumsum([0, *map(len, moving)]).tolist()
        self._columns = [slice(*both) for both in pairwise(ends)]

    def step(
        self, past: PastCosts, log_costs: Sequence[FloatArray]
    ) -> tuple[list[FloatArray], PastCosts]:
        """Log costs that trade has adjusted to with those of a further quarter, and the past then.

        Parameters
        ----------
        past : PastCosts
            Costs before that quarter.
        log_costs : sequence of (n_runs, n_cells) ndarray
            One of each kind [1]; what nothing can move stays zero.

        Returns
        -------
        list of (n_runs, n_cells) ndarray, PastCosts
        """
        # Taken, not indexed: that would leave the runs lying last.
        kinds = [
            costs.take(own, axis=1) for costs, own in zip(log_costs, self._moving, strict=True)
        ]
        now = np.concatenate(kinds, axis=1)
        reached = lagged_by_spans(now, past.spans, self._kernel)
        answer = []
        for costs, own, columns in zip(log_costs, self._moving, self._columns, strict=True):
            adjusted = np.zeros(costs.shape)
            adjusted[:, own] = reached[:, columns]
            answer.append(adjusted)
        return answer, self._with(past, now)

    def _with(self, past: PastCosts, now: FloatArray) -> PastCosts:
        """The past with one more quarter; what is too old to count is dropped."""
        quarters = (*past.quarters, now)[-QUARTERS_PER_YEAR:]
        years = (*past.years, sum_of_four(quarters))[-SPAN:]
        spans = (*past.spans, sum_of_four(years[::-QUARTERS_PER_YEAR]))
        return PastCosts(quarters, years, spans[SPAN - self._kernel.shape[-1] :])
