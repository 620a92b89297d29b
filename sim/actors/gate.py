"""Gates: border posts, straits and ports that are open or closed."""

import numpy as np
from mesa import Agent, Model
from numpy.typing import NDArray

from sim.actors.snapshot import Snapshot

FloatArray = NDArray[np.float64]


class Gate(Agent):
    """A place that corridors pass, closed by season, by date or by chance.

    Parameters
    ----------
    model : mesa.Model
    gate : int
        Index of the gate.
    first_quarter : int
        Index of the quarter that `open_share` begins with.
    open_share : (n_runs, n_quarters) ndarray
        Part of each quarter in which it is open [1].
    """

    def __init__(self, model: Model, gate: int, first_quarter: int, open_share: FloatArray) -> None:
        super().__init__(model)
        self.gate = gate
        self._open_share = open_share
        self._first_quarter = first_quarter

    def decide(self, snapshot: Snapshot) -> FloatArray:
        """Part of the coming quarter in which it is open, (n_runs,) [1]."""
        return self._open_share[:, snapshot.quarter + 1 - self._first_quarter]
