"""Costs of trading that a scenario states, as factors on the cost of its pairs.

A share of the value, dollars a container and days on the way are costs of the value; a change of
trade is the cost that brings it about, `(1 + change)^(-1 / (e - 1))`, `e` being the elasticity of
trade to one plus the duty. Costs of several entries multiply. Trade answers each from its first
quarter on as it answers a step of a duty, and again when it ends; firms of target pairs follow it
without deciding on it.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.policy.tariffs import cost_elasticity
from sim.scenario.blocks.duty_blocks import SIZES
from sim.scenario.sampling.quantiles import quantiles
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.trade.adjustment_lag import kernel_of

if TYPE_CHECKING:
    from sim.scenario.blocks.duty_blocks import TradeCost
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


class StatedCosts:
    """Costs of a scenario's entries for a block of runs; nothing of it changes during a run.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    parameters : mapping of str to (n_runs,) ndarray
        As drawn.
    runs : sequence of int
        Numbers of the runs.
    """

    def __init__(
        self,
        scenario: "Scenario",
        world: "World",
        parameters: Mapping[str, FloatArray],
        runs: Sequence[int],
    ) -> None:
        self._entries = list(scenario.trade_costs.values())
        self._place = {code: k for k, code in enumerate(world.regions)}
        self._goods = [_goods_of(entry, world) for entry in self._entries]
        sizes = _sizes(scenario, runs)
        self._log_cost = [
            _log_cost(entry, size, world, parameters)
            for entry, size in zip(self._entries, sizes, strict=True)
        ]
        self._reached: FloatArray | None = None
        if self._entries and scenario.adjustment != "immediate":
            self._reached = np.cumsum(kernel_of(parameters), axis=1)

    def on_cost(self, trade_cost: FloatArray, quarter: int) -> FloatArray:
        """Trade cost with what the entries add to it.

        Parameters
        ----------
        trade_cost : (n_runs, n_goods, n, n) ndarray
            Cost over its baseline [1].
        quarter : int
            Index of the quarter.
        """
        added: dict[tuple[int, int], FloatArray] = {}
        for entry, goods, log_cost in zip(self._entries, self._goods, self._log_cost, strict=True):
            taken_up = self._taken_up(quarter - int(entry.from_quarter))
            if entry.until is not None:
                taken_up = taken_up - self._taken_up(quarter - int(entry.until) - 1)
            if not np.any(taken_up):
                continue
            for exporter, importer in entry.flows:
                flow = self._place[exporter], self._place[importer]
                added.setdefault(flow, np.zeros_like(log_cost))
                added[flow][:, goods] += taken_up[:, None] * log_cost[:, goods]
        answer = trade_cost.copy() if added else trade_cost
        for (i, j), log_cost in added.items():
            answer[:, :, i, j] *= np.exp(log_cost)
        return answer

    def _taken_up(self, age: int) -> FloatArray:
        """Part of a step that trade has answered so many quarters after its first, (n_runs,)."""
        if age < 0:
            return np.zeros(1)
        if self._reached is None:
            return np.ones(1)
        return np.asarray(self._reached[:, min(age, self._reached.shape[1] - 1)])


def _sizes(scenario: "Scenario", runs: Sequence[int]) -> list[FloatArray]:
    """Sizes of the entries by run, each in its unit, (n_runs,)."""
    names = list(scenario.trade_costs)
    uniforms = Streams(scenario.seed, runs).uniform("stated costs of trade", names, 1)[..., 0]
    if not scenario.uncertainty_sources.parameters:
        uniforms = np.full_like(uniforms, 0.5)
    found = []
    for k, entry in enumerate(scenario.trade_costs.values()):
        key, given = entry.size
        low, high = SIZES[key]
        drawn = quantiles(given.form, given.numbers, uniforms[:, k], low=low, high=high)
        found.append(np.clip(drawn, low, high))
    return found


def _goods_of(entry: "TradeCost", world: "World") -> list[int]:
    """Places of the goods whose cost an entry states."""
    every = entry.goods == "all"
    return [g for g, good in enumerate(world.goods) if every or good in entry.goods]


def _log_cost(
    entry: "TradeCost", size: FloatArray, world: "World", parameters: Mapping[str, FloatArray]
) -> FloatArray:
    """Log cost that an entry adds to every good once trade has adjusted, (n_runs, n_goods) [1]."""
    key, _ = entry.size
    value = parameters["cargo_value_factor"][:, None] * world.value_per_feu_usd
    if key == "trade_change":
        elasticity = cost_elasticity(parameters["trade_elasticity"])
        log_cost = (-np.log1p(size) / elasticity)[:, None]
    elif key == "usd_per_container":
        log_cost = np.log1p(size[:, None] / value)
    elif key == "days":
        log_cost = np.log1p(size * parameters["time_cost_per_day"])[:, None]
    else:
        log_cost = np.log1p(size)[:, None]
    return np.asarray(np.broadcast_to(log_cost, value.shape))
