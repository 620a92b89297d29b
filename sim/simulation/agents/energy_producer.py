"""Producers of energy: they expand where what they earn beats what new capacity costs."""

from typing import TYPE_CHECKING

import numpy as np
from mesa import Agent, Model
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray
from sim.simulation.energy.expansions import expansion
from sim.simulation.snapshot.energy_outcome import Expansion

if TYPE_CHECKING:
    from sim.simulation.snapshot.energy_outcome import EnergyTerms


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
        return expansion(terms, self.region, self._produces, self._limit)
