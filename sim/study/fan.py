"""How wide the fan of the whole model is: simulated errors by horizon and size of the flow.

Every pair of the world is asked about, all layers of uncertainty are on, and each run's trade of a
year is held against that of the model when nothing is uncertain. What parameters, growth, closures
and breaks add is in it, so that the sum is what is compared with measured errors, not the surprises
alone.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.model import TradeModel
from sim.scenario.schema import Scenario
from sim.study.record import by_year
from sim.world.world import World

FloatArray = NDArray[np.float64]

BLOCK = 64
"""Runs simulated together."""
LEAST_RECORDED_MUSD = 0.001
"""A flow below a thousand dollars leaves the record: those of which the measured errors are had a
log error, so what is shut off altogether is no part of them."""
LAYERS = ("parameters", "chance", "residual")


class Fan(NamedTuple):
    """Root-mean-square log errors, `[horizon, size class]`."""

    rms: FloatArray
    """NaN for a class in which no flow falls [1]."""
    n_flows: NDArray[np.intp]
    """(n_classes,) flows behind each class."""


def simulated_fan(
    world: World, horizon_years: tuple[int, ...], *, runs: int, seed: int = 1,
    layers: tuple[str, ...] = LAYERS,
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
    """
    known = _yearly(world, horizon_years, range(1), seed, ())
    squares, seen = np.zeros(known.shape[1:]), np.zeros(known.shape[1:])
    for first in range(0, runs, BLOCK):
        block = range(first, min(first + BLOCK, runs))
        error = _yearly(world, horizon_years, block, seed, layers) - known
        seen += np.isfinite(error).sum(axis=0)
        squares += np.nansum(error**2, axis=0)
    flow = world.trade.sum(axis=0) + world.energy_trade
    errors = world.forecast_errors
    rms, n = [], []
    for low, high in zip(errors.size_low_musd, errors.size_high_musd, strict=True):
        inside = (flow >= low) & (flow < high) & ~np.eye(len(flow), dtype=bool)
        n.append(int(inside.sum()))
        total = seen[:, inside].sum(axis=1)
        mean = squares[:, inside].sum(axis=1) / np.where(total > 0, total, np.nan)
        rms.append(np.sqrt(mean))
    return Fan(np.stack(rms, axis=1), np.array(n, dtype=np.intp))


def _yearly(
    world: World, years: tuple[int, ...], runs: range, seed: int, layers: tuple[str, ...]
) -> FloatArray:
    """Log trade by run, year asked about and pair; NaN where too small for the record."""
    model = TradeModel(_everybody(world, max(years), seed, layers), world, runs=runs)
    quarters, every = [], slice(None)
    while model.quarter < int(model.scenario.horizon.end):
        model.step()
        goods = model.snapshot.trade.sum(axis=1) * model.snapshot.surprise
        quarters.append(goods + model.snapshot.surprised_energy_trade(every, every))
    yearly = by_year(np.stack(quarters, axis=1), len(quarters) - 1)
    chosen = yearly[:, [year - 1 for year in years]]
    return np.log(np.where(chosen >= LEAST_RECORDED_MUSD, chosen, np.nan))


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
                f"pair-{k}": {"pair": pair, "trade_musd": 1.0, "by": end}
                for k, pair in enumerate(ring)
            },
            "layers_of_uncertainty": {layer: layer in layers for layer in LAYERS},
        }
    )
