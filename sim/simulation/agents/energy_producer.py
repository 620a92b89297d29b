"""Producers of energy: they expand where what they earn beats what new capacity costs."""

from typing import TYPE_CHECKING

import numpy as np
from mesa import Agent, Model
from numpy.typing import NDArray

from sim.laws.energy.decisions import expansion_rate
from sim.laws.numerics.arrays import FloatArray
from sim.simulation.snapshot.energy_outcome import Expansion

if TYPE_CHECKING:
    from sim.simulation.snapshot.energy_outcome import EnergyTerms


RESPONSE = 0.05
"""Growth chosen for a margin of 100 % [1/year]: an assumption; with lead times of two to four years
a few times as much would make capacity swing."""


class EnergyProducer(Agent):
    """The energy industry of one region.

    Parameters
    ----------
    model : mesa.Model
    region : int
        Index of its region.
    produces : (c,) bool ndarray
        Carriers that it produces.
    limit : (c,) ndarray
        Most that it can add in a year beyond the growth of the market [1/year].
    """

    def __init__(
        self, model: Model, region: int, produces: NDArray[np.bool_], limit: FloatArray
    ) -> None:
        super().__init__(model)
        self.region = region
        self._limit = np.where(produces, limit, 0.0)
        self._produces = produces

    def decide(self, terms: "EnergyTerms") -> Expansion:
        """Expand by the margin of its netback over the price at which it keeps pace."""
        netback = terms.price[:, :, self.region]
        cost = terms.reference_price[:, :, self.region]
        rate = np.zeros_like(netback)
        own = self._produces
        rate[:, own] = expansion_rate(
            netback[:, own], cost[:, own], response=RESPONSE, limit=self._limit[own]
        )
        return Expansion(self.region, rate)
