"""Border posts and rail crossings: they open and close, and add lanes."""

import numpy as np
from mesa import Agent, Model

from sim.laws.numerics.arrays import FloatArray
from sim.simulation.snapshot.capacity import GateDecision
from sim.simulation.snapshot.snapshot import Snapshot


class BorderPost(Agent):
    """A place where cargo passes from one state to another.

    Parameters
    ----------
    model : mesa.Model
    gate : int
        Index of the gate.
    first_quarter : int
        Index of the quarter that `open_share` begins with.
    open_share : (n_runs, n_quarters) ndarray
        Part of each quarter in which season, dates and chance leave it open [1].
    lanes_paid : (n_agreements,) ndarray
        Lanes that each agreement pays for, over those of the base year [1].
    """

    def __init__(
        self,
        model: Model,
        gate: int,
        first_quarter: int,
        open_share: FloatArray,
        lanes_paid: FloatArray,
    ) -> None:
        super().__init__(model)
        self.gate = gate
        self._open_share = open_share
        self._first_quarter = first_quarter
        self._lanes_paid, self._is_paid = lanes_paid, bool(lanes_paid.any())
        self._no_charge = np.zeros(len(open_share))

    def decide(self, snapshot: Snapshot, factor: FloatArray) -> GateDecision:
        """Open or shut for the coming quarter, with the lanes there are by then.

        Parameters
        ----------
        snapshot : Snapshot
        factor : (n_runs,) ndarray
            Own capacity in the coming quarter over that of the base year [1].
        """
        quarter = snapshot.quarter + 1
        if self._is_paid:
            paid = np.where(snapshot.treaties.is_in_force(quarter), self._lanes_paid, 0.0)
            factor = factor + paid.max(axis=1)
        open_share = self._open_share[:, quarter - self._first_quarter]
        return GateDecision(open_share, factor, self._no_charge)
