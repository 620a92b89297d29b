"""Simulations without events and residual shocks: what is left are the places of the parameters.

Each job is a scenario at given places of the parameters, to the last target's year. What differs
between two jobs at the same places is what differs between their scenarios.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from functools import partial
from threading import get_ident
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.numerics.recent_cache import RecentCache
from sim.scenario.blocks.distributions import FORMS, UncertainInput
from sim.scenario.blocks.studies import STUDY_KEYS
from sim.scenario.sampling.quantiles import quantiles
from sim.scenario.variation import varied
from sim.scenario.writing import as_plain, scenario_hash
from sim.simulation.energy.deals import DealTerms
from sim.simulation.energy.energy_domain import EnergySystem
from sim.simulation.model import TradeModel
from sim.simulation.uncertainty.draws import Draws, draw, simulated_quarters

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

_PREPARED: RecentCache[tuple[Draws, EnergySystem]] = RecentCache(most=2)
"""Draws and energy made last, for the next scenario that has them in common."""


class CentralRun(NamedTuple):
    """A scenario at given places of the parameters, a run for each row of them."""

    scenario: "Scenario"
    places: FloatArray
    like: "Scenario"
    """On whose draws and energy it runs: its own, or those of one with other terms of trade."""


class Outcome(NamedTuple):
    """Results kept of a simulation; runs are the first axis."""

    trade: FloatArray
    """(n_runs, n_targets) [musd/year]."""
    used: frozenset[str]
    """Parameters that some rule read."""
    deals: Mapping[str, DealTerms]
    """Energy deals in the first run, in the year of the first target."""


def central_of(scenario: "Scenario") -> "Scenario":
    """The scenario to the last target's year, without chance, its ranges at their medians."""
    layers = scenario.uncertainty_sources.model_copy(
        update={"parameters": True, "events": False, "residual_shocks": False}
    )
    end = max(target.deadline for target in scenario.targets.values())
    horizon = scenario.horizon.model_copy(update={"end": max(end, scenario.horizon.start)})
    studies = dict.fromkeys(STUDY_KEYS)
    bare = scenario.model_copy(
        update={"uncertainty_sources": layers, "horizon": horizon, **studies}
    )
    medians = {
        ".".join(path): float(quantiles(given.form, given.numbers, np.array([0.5]))[0])
        for path, given in ranges_of(as_plain(bare))
    }
    return varied(bare, medians) if medians else bare


def ranges_of(
    node: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], UncertainInput]]:
    """Ranges that a scenario states for numbers of its own, not for the world's parameters."""
    if not isinstance(node, Mapping) or path == ("uncertainty",):
        return
    if len(node) == 1 and next(iter(node)) in FORMS and "fixed" not in node:
        yield path, UncertainInput.model_validate({k: tuple(v) for k, v in node.items()})
        return
    for key, inner in node.items():
        yield from ranges_of(inner, (*path, str(key)))


OF_NO_DRAW = ("agreements", "duties", "ends", "trade_costs")
"""Entries of a scenario that bear on no draw and on no market of energy."""


def drawn_like(scenario: "Scenario", central: "Scenario") -> "Scenario":
    """The central scenario where nothing differs that draws or energy depend on.

    Both then crowd the same gates.
    """
    bare: dict[str, object] = {key: {} for key in OF_NO_DRAW}
    plain = [one.model_copy(update=bare) for one in (scenario, central)]
    return central if plain[0] == plain[1] else scenario


def _draws_and_energy(
    world: "World", like: "Scenario", places: FloatArray
) -> tuple[Draws, EnergySystem]:
    """Draws at given places of the parameters, and energy, which settles as it is asked."""
    held = world.content_hash, world.ledger, world.trade.tobytes(), world.energy_trade.tobytes()

    def made() -> tuple[Draws, EnergySystem]:
        runs, quarters = range(len(places)), simulated_quarters(like, world)
        draws = draw(like, world, runs, quarters.start, len(quarters), quantiles=places)
        return draws, EnergySystem(like, world, draws)

    return _PREPARED.of((scenario_hash(like), *held, places.tobytes(), get_ident()), made)


def all_simulated(
    world: "World", jobs: Iterable[CentralRun], executor: Executor | None = None
) -> Iterator[Outcome]:
    """Results of some jobs in their order, given out at once where somebody else simulates."""
    simulate = partial(simulated, world)
    return executor.map(simulate, jobs) if executor else map(simulate, jobs)


def simulated(world: "World", job: CentralRun) -> Outcome:
    """Simulate one job and return its results."""
    scenario, places, like = job
    draws, energy = _draws_and_energy(world, like, places)
    model = TradeModel(scenario, world, runs=range(len(places)), draws=draws, energy=energy)
    targets = list(scenario.targets.values())
    ends = [tuple(world.region_index(code) for code in target.pair) for target in targets]
    total = np.zeros((len(places), len(targets)))
    asked, deals = int(targets[0].deadline) // QUARTERS_PER_YEAR, dict[str, DealTerms]()
    while model.quarter < int(scenario.horizon.end):
        model.step()
        if model.quarter // QUARTERS_PER_YEAR == asked and not deals:
            deals = model.energy.deal_terms(model.snapshot.energy.state)
        for k, (target, (a, b)) in enumerate(zip(targets, ends, strict=True)):
            if 0 <= int(target.deadline) - model.quarter < QUARTERS_PER_YEAR:
                total[:, k] += model.pair_trade(a, b) / QUARTERS_PER_YEAR
    return Outcome(total, frozenset(draws.parameters.used), deals)
