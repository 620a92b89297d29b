"""What trade remembers of the costs that were offered to it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.laws.adjustment import SPAN, lagged_by_spans, phase_in_kernel
from sim.laws.calendar import QUARTERS_PER_YEAR

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

PHASE_IN = ("phase_in_impact", "phase_in_year_4", "phase_in_year_8")


def kernel_of(parameters: Mapping[str, FloatArray]) -> FloatArray:
    """Part of a cost that trade takes up at every age, (n_runs, n_lags) [1]."""
    # Shares drawn apart may cross; what is reached is not lost again.
    drawn = np.stack([parameters[point] for point in PHASE_IN])
    return phase_in_kernel(*np.maximum.accumulate(drawn, axis=0))


class Memory:
    """Costs of the quarters so far, of the cells in which they can move at all.

    They are kept as sums over a year and over a span of the phase-in, each made anew from shorter
    ones, so that nothing builds up and what is forgotten leaves no trace.

    Parameters
    ----------
    kernel : (n_runs, n_quarters) ndarray
        Part of a cost that trade takes up at every age [1].
    moving : sequence of (n_moving,) ndarray
        Cells in which each kind of cost can differ from the baseline's.
    """

    def __init__(self, kernel: FloatArray, moving: Sequence[IntArray]) -> None:
        self._kernel = kernel
        self._moving = tuple(moving)
        self._quarters: list[FloatArray] = []
        self._years: list[FloatArray] = []
        self._spans: list[FloatArray] = []

    def reached(self, log_costs: Sequence[FloatArray]) -> list[FloatArray]:
        """Log costs that trade has adjusted to with those of a further quarter, same shapes.

        Parameters
        ----------
        log_costs : sequence of (n_runs, n_cells) ndarray
            One of each kind [1]; what nothing can move stays zero.
        """
        kinds = [costs[:, own] for costs, own in zip(log_costs, self._moving, strict=True)]
        now = np.concatenate(kinds, axis=1)
        reached = lagged_by_spans(now, self._spans, self._kernel)
        self._keep(now)
        ends = np.cumsum([len(own) for own in self._moving])
        answer = [np.zeros_like(costs) for costs in log_costs]
        parts = np.split(reached, ends[:-1], axis=1)
        for costs, own, part in zip(answer, self._moving, parts, strict=True):
            costs[:, own] = part
        return answer

    def with_past(self, earlier: "Memory", place: IntArray, earlier_place: IntArray) -> "Memory":
        """The same memory, empty so far, with the quarters that another one has seen.

        Parameters
        ----------
        earlier : Memory
            Of the same runs, in which no more cells can move.
        place, earlier_place : (n_cells,) ndarray
            Where the cells that either is about lie in the trade matrix, rising.
        """
        here, there, start, earlier_start = [], [], 0, 0
        for own, others in zip(self._moving, earlier._moving, strict=True):
            _, at, was = np.intersect1d(
                place[own], earlier_place[others], assume_unique=True, return_indices=True
            )
            here.append(start + at)
            there.append(earlier_start + was)
            start, earlier_start = start + len(own), earlier_start + len(others)
        to, source = np.concatenate(here), np.concatenate(there)

        def moved(kept: list[FloatArray]) -> list[FloatArray]:
            spread = [np.zeros((len(costs), start)) for costs in kept]
            for costs, old in zip(spread, kept, strict=True):
                costs[:, to] = old[:, source]
            return spread

        answer = Memory(self._kernel, self._moving)
        answer._quarters = moved(earlier._quarters)
        answer._years = moved(earlier._years)
        answer._spans = moved(earlier._spans)
        return answer

    def _keep(self, now: FloatArray) -> None:
        self._quarters.append(now)
        del self._quarters[:-QUARTERS_PER_YEAR]
        self._years.append(_sum(self._quarters))
        del self._years[:-SPAN]
        self._spans.append(_sum(self._years[::-QUARTERS_PER_YEAR]))
        del self._spans[: SPAN - self._kernel.shape[-1]]


def _sum(parts: Sequence[FloatArray]) -> FloatArray:
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total
