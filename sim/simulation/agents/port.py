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
        self.handling_usd = handling_usd
        self.normal_utilisation = normal_utilisation

    @property
    def has_choice(self) -> bool:
        """True if it sets its charge; one whose capacity is not known leaves it as it is."""
        return self.normal_utilisation > 0.0

    def decide(self, snapshot: Snapshot, capacity: FloatArray) -> GateDecision:
        """Set the charge for the coming quarter by how full the last one was.

        Parameters
        ----------
        snapshot : Snapshot
        capacity : (n_runs,) ndarray
            Own capacity in the coming quarter over that of the base year [1].
        """
        used = snapshot.gate_utilisation[:, self.gate]
        if not self.has_choice:
            return GateDecision(capacity, np.zeros_like(used))
        extra_usd = extra_charge_usd(used, self.normal_utilisation, self.handling_usd)
        return GateDecision(capacity, extra_usd)


def extra_charge_usd(
    used: FloatArray, normal_utilisation: FloatArray | float, handling_usd: FloatArray | float
) -> FloatArray:
    """Charge of ports beyond that of the base year, by how full the last quarter was.

    Parameters
    ----------
    used : (n_runs,) or (n_runs, n_ports) ndarray
        Utilisation in the quarter before [1].
    normal_utilisation, handling_usd : float or (n_ports,) ndarray
        Utilisation [1] and charge [USD/FEU] of the base year, the first above 0.

    Returns
    -------
    ndarray
        Of the shape of `used` [USD/FEU].
    """
    # A port that was shut has nothing to go by.
    told = np.where(used > 0.0, used, normal_utilisation)
    factor = port_charge_factor(
        told, normal_utilisation, elasticity=CHARGE_ELASTICITY, most=MAX_CHARGE
    )
    return np.asarray(handling_usd * (factor - 1.0))
