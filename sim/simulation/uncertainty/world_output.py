"""Size of the world economy and its prices, relative to the base year."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR

if TYPE_CHECKING:
    from sim.world.world import World


def nominal_output(
    world: "World", size: FloatArray, parameters: Mapping[str, FloatArray], quarter: int
) -> FloatArray:
    """World output in current prices over the base year's, (n_runs,) [1].

    Parameters
    ----------
    world : World
        What is.
    size : (n_runs, n_regions) ndarray
        Real size of every region in the quarter over that of the base year [1].
    parameters : mapping of str to (n_runs,) ndarray
    quarter : int
        Index of the quarter.
    """
    return real_output(world, size) * price_level(world, parameters, quarter)


def real_output(world: "World", size: FloatArray) -> FloatArray:
    """World output at the base year's prices over the base year's, (n_runs,) [1].

    Parameters
    ----------
    world : World
        What is.
    size : (n_runs, n_regions) ndarray
        Real size of every region over that of the base year [1].
    """
    weight = world.gdp_musd / world.gdp_musd.sum()
    return np.asarray((size * weight).sum(axis=-1))


def price_level(world: "World", parameters: Mapping[str, FloatArray], quarter: int) -> FloatArray:
    """World prices over the base year's, (n_runs,) [1]; the base year stands as a whole."""
    years = (quarter + 0.5) / QUARTERS_PER_YEAR - world.base_year - 0.5
    if quarter // QUARTERS_PER_YEAR <= world.base_year:
        years = 0.0
    return np.asarray((1.0 + parameters["world_inflation_rate"]) ** years)
