"""Error of the base year: how far the trade that a ledger shows lies from what it would show whole.

The base year of a pair is rarely on record as a whole; its estimate from adjoining months has an
error, which is the same in every quarter of a path. It is drawn beside the residual paths, so that
records condition it as they do those.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.uncertainty.residual_shocks import asked_pairs, residual

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


def base_error(world: "World", streams: Streams, pairs: Sequence[tuple[int, int]]) -> FloatArray:
    """Log factors on the base year's trade of ordered pairs, one a path.

    Parameters
    ----------
    world : World
        What is, with the standard deviation of each held flow.
    streams : Streams
        Draws of a block of paths.
    pairs : sequence of (exporter, importer)
        Places of regions.

    Returns
    -------
    (n_paths, n_pairs) ndarray
        Median 0; 0 where the world gives no error [1].
    """
    names = [f"{world.regions[i]}>{world.regions[j]}" for i, j in pairs]
    log_sd = np.array([world.held_log_sd[i, j] for i, j in pairs], dtype=np.float64)
    return streams.normal("base error", names, 1)[..., 0] * log_sd


def residual_and_base_error(
    scenario: "Scenario", world: "World", streams: Streams, quarters: NDArray[np.intp]
) -> FloatArray:
    """Log of what paths differ by from what the laws know, (n_paths, n, n, n_quarters) [1].

    The residual shock of each asked pair, and in every quarter the error of its base year; nothing
    where the layer of residual shocks is off.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    streams : Streams
        Draws of a block of paths.
    quarters : (n_quarters,) int ndarray
        Quarters covered.
    """
    paths = residual(scenario, world, streams, quarters)
    if scenario.uncertainty_sources.residual_shocks:
        pairs = asked_pairs(scenario, world)
        exporter, importer = np.array(pairs).T
        paths[:, exporter, importer] += base_error(world, streams, pairs)[..., None]
    return paths
