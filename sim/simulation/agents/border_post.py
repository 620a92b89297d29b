"""Border posts and rail crossings: they add the lanes that agreements pay for."""

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
    lanes_paid : (n_agreements,) ndarray
        Lanes that each agreement pays for, over those of the base year [1].
    """

    def __init__(self, model: Model, gate: int, lanes_paid: FloatArray) -> None:
        super().__init__(model)
        self.gate = gate
        self._lanes_paid, self._is_paid = lanes_paid, bool(lanes_paid.any())

    @property
    def has_choice(self) -> bool:
        """True if some agreement pays for its lanes."""
        return self._is_paid

    def decide(self, snapshot: Snapshot, factor: FloatArray) -> GateDecision:
        """Lanes that there are by the coming quarter.

        Parameters
        ----------
        snapshot : Snapshot
        factor : (n_runs,) ndarray
            Own capacity in the coming quarter over that of the base year [1].
        """
        if self._is_paid:
            in_force = snapshot.treaties.is_in_force(snapshot.quarter + 1)
            factor = factor + np.where(in_force, self._lanes_paid, 0.0).max(axis=1)
        return GateDecision(factor, np.zeros_like(factor))
