"""Residual shocks: what no law knows about a pair's trade, as large as past forecasts were wrong.

They multiply what the laws expect, are drawn from streams of their own and depend on nothing else
that is simulated, so any path of them may be laid over any path of the rest.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR, quarter_year
from sim.laws.uncertainty.error_points import ErrorPoints
from sim.laws.uncertainty.residuals import points_without, residual_paths
from sim.scenario.sampling.quantiles import draw_parameters
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.uncertainty.shocks import BREAK_PARAMETERS, break_effects

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


def base_flow(world: "World") -> FloatArray:
    """Recorded flow of every pair in the base year, goods and energy, (n, n) [musd]."""
    return np.asarray(world.trade.sum(axis=0) + world.energy_trade)


def shock_points(world: "World", parameters: Mapping[str, float] | None = None) -> ErrorPoints:
    """Points of the distribution of residual shocks around their median.

    Parameters
    ----------
    world : World
        What is; its measured errors are met.
    parameters : mapping of str to float, optional
        Middle values that say how often politics breaks trade off. Past forecasts missed such
        breaks too, so what they add to the lower tail is taken off what is left to the shocks.

    Returns
    -------
    ErrorPoints
    """
    centred = world.error_points.centred()
    known = parameters or {}
    if any(name not in known for name in BREAK_PARAMETERS):
        return centred
    breaks = tuple(float(known[name]) for name in BREAK_PARAMETERS)
    measured = centred.log_error
    net = _net_of_breaks(
        measured.tobytes(), measured.shape, centred.shares.tobytes(),
        centred.horizon_years.tobytes(), breaks,
    )  # fmt: skip
    return centred._replace(log_error=net)


@lru_cache(maxsize=64)
def _net_of_breaks(
    measured: bytes, shape: tuple[int, ...], shares: bytes, horizons: bytes,
    breaks: tuple[float, ...],
) -> FloatArray:  # fmt: skip
    """Points of what is left of measured errors, by the bytes of what they are made of."""
    errors = np.frombuffer(measured).reshape(shape)
    known = dict(zip(BREAK_PARAMETERS, breaks, strict=True))
    net = np.empty(shape)
    for h, horizon in enumerate(np.frombuffer(horizons)):
        effect, weight = break_effects(known, float(horizon))
        for size in range(shape[0]):
            net[size, h] = points_without(errors[size, h], np.frombuffer(shares), effect, weight)
    net.setflags(write=False)
    return net


def asked_pairs(scenario: "Scenario", world: "World") -> list[tuple[int, int]]:
    """Ordered pairs between the states that targets and agreements name."""
    named = {code for target in scenario.targets.values() for code in target.pair}
    named |= scenario.parties
    places = sorted(world.region_index(code) for code in named)
    return [(i, j) for i in places for j in places if i != j]


def residual(
    scenario: "Scenario", world: "World", streams: Streams, quarters: NDArray[np.intp]
) -> FloatArray:
    """Log residual shock of each asked pair, (n_runs, n_regions, n_regions, n_quarters) [1].

    Two directions of a pair are drawn independently: of the six pairs whose both directions are
    on record in two years running, changes are ranked alike no more than by luck (Spearman -0.14,
    FY18 and FY25). What hits both at once, a break or a shut border, is drawn as such.
    """
    n, pairs = len(world.regions), asked_pairs(scenario, world)
    paths = np.zeros((len(streams.runs), n, n, len(quarters)))
    exporter, importer = np.array(pairs).T
    paths[:, exporter, importer] = residual_paths_of(scenario, world, streams, quarters, pairs)
    return paths


def residual_paths_of(
    scenario: "Scenario",
    world: "World",
    streams: Streams,
    quarters: NDArray[np.intp],
    pairs: Sequence[tuple[int, int]],
) -> FloatArray:
    """Log residual shocks of some directions alone, on the same draws.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    streams : Streams
        Draws of the paths, whose numbers are those of its runs.
    quarters : (n_quarters,) int ndarray
        Quarters covered; nothing has yet gone wrong up to the end of the base year.
    pairs : sequence of (int, int)
        Exporter and importer of each direction.

    Returns
    -------
    (n_paths, n_pairs, n_quarters) ndarray
        Log of the factor on trade, its median 0; zero where the scenario has no such layer [1].
    """
    year = np.array([quarter_year(int(q)) for q in quarters]) - world.base_year - 1
    if not (scenario.uncertainty_sources.residual_shocks and len(pairs)):
        return np.zeros((len(streams.runs), len(pairs), len(quarters)))
    names = [f"{world.regions[i]}>{world.regions[j]}" for i, j in pairs]
    exporter, importer = np.array(pairs).T
    n_years = max(int(year[-1]) + 1, 0)
    return residual_paths(
        streams.normal("passing residual", names, 1 + n_years),
        streams.normal("lasting residual", names, QUARTERS_PER_YEAR * n_years),
        shock_points(world, _middle(scenario, world)),
        base_flow(world)[exporter, importer],
        year,
    )


def _middle(scenario: "Scenario", world: "World") -> dict[str, float]:
    """Median of every parameter as the scenario has it, the same whatever runs are drawn."""
    half = np.full((1, len(world.parameters)), 0.5)
    drawn = draw_parameters(scenario.uncertainty, world.parameters, half)
    return {name: float(values[0]) for name, values in drawn.items()}
