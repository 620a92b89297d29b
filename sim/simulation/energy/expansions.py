"""Expansion of capacity that an energy industry decides on the terms of a year."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.laws.energy.decisions import expansion_rate
from sim.laws.numerics.arrays import FloatArray
from sim.simulation.snapshot.energy_outcome import Expansion

if TYPE_CHECKING:
    from sim.simulation.snapshot.energy_outcome import EnergyTerms
    from sim.world.world import World

RESPONSE = 0.05
"""Growth chosen for a margin of 100 % [1/year]: an assumption; with lead times of two to four years
a few times as much would make capacity swing."""


def expansion(
    terms: "EnergyTerms", region: int, produces: NDArray[np.bool_], limit: FloatArray
) -> Expansion:
    """Expansion of one region by the margin of netback over the price at which it keeps pace.

    Parameters
    ----------
    terms : EnergyTerms
        Of the year that ends.
    region : int
        Index of the region.
    produces : (c,) bool ndarray
        Carriers that it produces.
    limit : (c,) ndarray
        Most that it can add in a year beyond the growth of the market [1/year].
    """
    netback = terms.price[:, :, region]
    cost = terms.reference_price[:, :, region]
    rate = np.zeros_like(netback)
    rate[:, produces] = expansion_rate(
        netback[:, produces], cost[:, produces], response=RESPONSE, limit=limit[produces]
    )
    return Expansion(region, rate)


def expansions(world: "World", terms: "EnergyTerms") -> list[Expansion]:
    """Expansions of all regions that produce anything."""
    limit = world.energy.expansion_limit
    return [
        expansion(terms, region, produces, np.where(produces, limit, 0.0))
        for region, produces in enumerate(world.energy.production.T > 0)
        if produces.any()
    ]
