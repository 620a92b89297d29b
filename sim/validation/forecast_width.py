"""Width of the whole model's fan: simulated errors by horizon and size of the flow.

Every pair of the world is asked about, all layers of uncertainty are on, and each run's trade of a
year is held against that of the model when nothing is uncertain. What parameters, growth, closures
and breaks add is in it, so that the sum is what is compared with measured errors, not the residual
shocks alone.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.residuals import points_at, shock
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.model import TradeModel
from sim.simulation.uncertainty.base_error import residual_and_base_error
from sim.simulation.uncertainty.residual_shocks import base_flow
from sim.study.ensemble.measures import by_year
from sim.world.world import World

BLOCK = 64
"""Runs simulated together."""
MIN_RECORDED_MUSD = 0.001
"""A flow below a thousand dollars leaves the record: those of which the measured errors are had a
log error, so what is shut off altogether is no part of them."""
LAYERS = ("parameters", "events", "residual_shocks")
PATH_STEP = 2**32
"""Between the numbers of paths laid over one run."""
N_STRATA = 400
"""Strata of equal chance in which the errors of a flow are taken."""
POINTS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Points of the errors that are held against measured ones [1]."""


class Fan(NamedTuple):
    """Points of log errors, `[class of size, horizon, point]`; NaN for a class without a flow."""

    simulated: FloatArray
    """Of all runs and flows of the class together [1]."""
    measured: FloatArray
    """The same around their median, of past forecasts of flows as large as those [1]."""
    n_flows: NDArray[np.intp]
    """(n_classes,) flows behind each class."""


def simulated_fan(
    world: World, horizon_years: tuple[int, ...], *, runs: int, seed: int = 1,
    layers: tuple[str, ...] = LAYERS, paths: int = 1,
) -> Fan:  # fmt: skip
    """Simulate the error of a forecast of every flow of a world.

    Parameters
    ----------
    world : World
        What is; its measured errors say which classes of size there are.
    horizon_years : tuple of int
        Calendar years after the base year [years].
    runs, seed : int
        Size and seed of the ensemble.
    layers : tuple of str
        Layers of uncertainty that are switched on.
    paths : int
        Paths of residual shocks laid over every run; the first is the run's own.
    """
    known = _yearly(world, horizon_years, range(1), seed, (), 1)
    blocks = [range(first, min(first + BLOCK, runs)) for first in range(0, runs, BLOCK)]
    error = np.concatenate(
        [_yearly(world, horizon_years, block, seed, layers, paths) - known for block in blocks]
    )
    flow, abroad = base_flow(world), ~np.eye(len(world.regions), dtype=np.bool_)
    points = world.error_points.centred()
    simulated, measured, n = [], [], []
    errors = world.forecast_errors
    for low, high in zip(errors.size_low_musd, errors.size_high_musd, strict=True):
        inside = (flow >= low) & (flow < high) & abroad
        n.append(int(inside.sum()))
        if not inside.any():
            simulated.append(np.full((len(horizon_years), len(POINTS)), np.nan))
            measured.append(simulated[-1])
            continue
        by_horizon = np.moveaxis(error[:, :, inside], 1, 0).reshape(len(horizon_years), -1)
        simulated.append(np.nanquantile(by_horizon, POINTS, axis=1).T)
        measured.append(_measured(points_at(points, flow[inside], horizon_years), points.shares))
    return Fan(np.stack(simulated), np.stack(measured), np.array(n, dtype=np.intp))


def _measured(log_error: FloatArray, shares: FloatArray) -> FloatArray:
    """Points of the errors of many flows together, from those of each, (n_horizons, n_points)."""
    latent = ndtri((np.arange(N_STRATA) + 0.5) / N_STRATA)
    errors = shock(latent[:, None, None], log_error, shares)
    return np.quantile(errors.reshape(-1, log_error.shape[1]), POINTS, axis=0).T


def _yearly(
    world: World, years: tuple[int, ...], runs: range, seed: int, layers: tuple[str, ...],
    paths: int,
) -> FloatArray:  # fmt: skip
    """Log trade by path, year asked about and pair; NaN where too small for the record."""
    scenario = _everybody(world, max(years), seed, layers)
    model = TradeModel(
        _everybody(world, max(years), seed, tuple(x for x in layers if x != "residual_shocks")),
        world, runs=runs,
    )  # fmt: skip
    quarters, every = [], slice(None)
    while model.quarter < int(scenario.horizon.end):
        model.step()
        goods = model.snapshot.trade.sum(axis=1) * model.snapshot.residual_shock
        quarters.append(goods + model.snapshot.shocked_energy_trade(every, every))
    trade, n, found = np.stack(quarters, axis=1), len(quarters), []
    covered = np.arange(model.first_quarter, model.quarter + 1)
    for path in range(paths):
        numbers = [run + path * PATH_STEP for run in runs]
        shocks = residual_and_base_error(scenario, world, Streams(seed, numbers), covered)[..., 1:]
        yearly = by_year(trade * np.exp(np.moveaxis(shocks, -1, 1)), n - 1)
        found.append(yearly[:, [year - 1 for year in years]])
    chosen = np.concatenate(found)
    return np.log(np.where(chosen >= MIN_RECORDED_MUSD, chosen, np.nan))


def _everybody(world: World, n_years: int, seed: int, layers: tuple[str, ...]) -> Scenario:
    """A scenario without agreements that asks about every pair."""
    end = f"{world.base_year + n_years}Q4"
    ring = zip(world.regions, (*world.regions[1:], world.regions[0]), strict=True)
    return Scenario.model_validate(
        {
            "version": 1,
            "title": "Width of the fan",
            "question": "How far does trade stray from what is expected?",
            "horizon": {"start": f"{world.base_year}Q4", "end": end},
            "seed": seed,
            "baseline": {"ledger": world.ledger},
            "targets": {
                f"pair-{k}": {"pair": pair, "trade_musd": 1.0, "deadline": end}
                for k, pair in enumerate(ring)
            },
            "uncertainty_sources": {layer: layer in layers for layer in LAYERS},
        }
    )
