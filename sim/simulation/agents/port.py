"""Ports: they set their charges by how full they are."""

import numpy as np
from mesa import Agent, Model

from sim.laws.numerics.arrays import FloatArray
from sim.laws.transport.capacity_decisions import port_charge_factor
from sim.simulation.snapshot.capacity import GateDecision
from sim.simulation.snapshot.snapshot import Snapshot

CHARGE_ELASTICITY = 0.5
"""Assumption: twice the utilisation asks for four tenths more."""
MAX_CHARGE = 2.0
"""Assumption: a port asks at most twice and at least half of what it asks in the base year."""


class Port(Agent):
    """A place where cargo changes between ship and land.

    Parameters
    ----------
    model : mesa.Model
    gate : int
        Index of the gate.
    handling_usd : float
        Charge of the base year [USD/FEU].
    normal_utilisation : float
        Utilisation of the base year, 0 where the port's capacity is not known [1].
    """

    def __init__(
        self, model: Model, gate: int, handling_usd: float, normal_utilisation: float
    ) -> None:
        super().__init__(model)
        self.gate = gate
        self._handling_usd = handling_usd
        self._normal = normal_utilisation

    @property
    def has_choice(self) -> bool:
        """True if it sets its charge; one whose capacity is not known leaves it as it is."""
        return self._normal > 0.0

    def decide(self, snapshot: Snapshot, capacity: FloatArray) -> GateDecision:
        """Set the charge for the coming quarter by how full the last one was.

        Parameters
        ----------
        snapshot : Snapshot
        capacity : (n_runs,) ndarray
            Own capacity in the coming quarter over that of the base year [1].
        """
        used = snapshot.gate_utilisation[:, self.gate]
        factor = np.ones(len(used))
        if self._normal > 0.0:
            # A port that was shut has nothing to go by.
            told = np.where(used > 0.0, used, self._normal)
            factor = port_charge_factor(
                told, self._normal, elasticity=CHARGE_ELASTICITY, most=MAX_CHARGE
            )
        return GateDecision(capacity, self._handling_usd * (factor - 1.0))
