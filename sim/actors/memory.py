"""What trade remembers of the costs that were offered to it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.laws.adjustment import lagged

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


class Memory:
    """Costs of the quarters so far, of the cells in which they can move at all.

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
        self._history: list[FloatArray] = []

    def reached(self, log_costs: Sequence[FloatArray]) -> list[FloatArray]:
        """Log costs that trade has adjusted to with those of a further quarter, same shapes.

        Parameters
        ----------
        log_costs : sequence of (n_runs, n_cells) ndarray
            One of each kind [1]; what nothing can move stays zero.
        """
        now = [costs[:, own] for costs, own in zip(log_costs, self._moving, strict=True)]
        self._history.append(np.concatenate(now, axis=1))
        del self._history[: -self._kernel.shape[-1]]
        reached = lagged(self._history, self._kernel)
        ends = np.cumsum([len(own) for own in self._moving])
        answer = [np.zeros_like(costs) for costs in log_costs]
        parts = np.split(reached, ends[:-1], axis=1)
        for costs, own, part in zip(answer, self._moving, parts, strict=True):
            costs[:, own] = part
        return answer
