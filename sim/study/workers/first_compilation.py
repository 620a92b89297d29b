"""First compilation of the laws after an installation, shared out between two workers.

Each would compile all of them otherwise, in the same order and at the same time.
"""

from concurrent.futures import Executor, wait
from typing import TYPE_CHECKING

import numpy as np

from sim.laws.queues.period import period_queue
from sim.simulation.model import TradeModel
from sim.study.route import routes
from sim.world.cache.cache_files import read_cached, state_of_modules, write_cached

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


_NAME = "compilation"
_ROOMS = ("laws",)


def compile_laws(executor: Executor, scenario: "Scenario", world: "World") -> None:
    """Have two workers compile a half each unless these laws were compiled before; wait for both.

    Whatever fails here fails again where it is wanted, and is told there.
    """
    key = state_of_modules(_ROOMS)
    if read_cached(_NAME, key) is not None:
        return
    write_cached(_NAME, key, b"begun")
    if read_cached(_NAME, key) is None:
        return  # nowhere to keep anything: each worker has to compile it all
    halves = compile_trade_and_energy, compile_routes_and_queues
    wait([executor.submit(half, scenario, world) for half in halves])


def compile_trade_and_energy(scenario: "Scenario", world: "World") -> None:
    """Take the laws of trade and energy through the base year."""
    TradeModel(scenario, world, runs=range(2)).discard()


def compile_routes_and_queues(scenario: "Scenario", world: "World") -> None:
    """Take the laws of routes and queues through one period."""
    for target in scenario.targets.values():
        routes(world, *target.pair, int(scenario.horizon.start))
    one = np.ones(1)
    period_queue(one, one, servers=one, service_hours=one, period_hours=one, formula="sakasegawa")
