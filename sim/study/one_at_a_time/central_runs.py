"""Simulations without events and residual shocks: what is left are the places of the parameters.

Each job is a scenario at given places of the parameters, to the last target's year. What differs
between two jobs at the same places is what differs between their scenarios. So a job continues from
where the central scenario, which a process simulates once, is still the same: most of what is tried
acts late.
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
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.uncertainty.draws import Draws, draw, simulated_quarters
from sim.study.common_quarters import last_common_quarter
from sim.study.ensemble.checkpoint import Checkpoint, continues

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

_Prepared = tuple[Draws, EnergySystem, frozenset[str]]
_PREPARED: RecentCache[_Prepared] = RecentCache(most=2)
"""Draws and energy of central scenarios, for the next scenario that has them in common, and the
parameters that they have read."""
_COURSES: RecentCache["_Course"] = RecentCache(most=2)
"""Simulations of central scenarios, for the next scenario that continues from one."""


class CentralRun(NamedTuple):
    """A scenario at given places of the parameters, a run for each row of them."""

    scenario: "Scenario"
    places: FloatArray
    central: "Scenario"
    """The scenario that it is a variation of, or itself."""
    departures: frozenset[int] = frozenset()
    """Last quarters that variations of the central scenario have in common with it."""


class CentralOutcome(NamedTuple):
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


def varied_runs(
    world: "World", scenarios: Iterable["Scenario"], places: FloatArray, central: "Scenario"
) -> list[CentralRun]:
    """Jobs of some variations of a central scenario, or of itself, at the same places."""
    each = list(scenarios)
    common = [last_common_quarter(one, central, world) for one in each if one is not central]
    first = int(central.horizon.start)
    departures = frozenset(quarter for quarter in common if quarter is not None and quarter > first)
    return [CentralRun(one, places, central, departures) for one in each]


class _Course(NamedTuple):
    """A simulation, quarter by quarter."""

    draws: Draws
    states: dict[int, Snapshot]
    """Its condition at the quarters that were to be kept."""
    trade: dict[int, FloatArray]
    """(n_targets, n_runs) towards each target at a year's rate, by quarter [musd/year]."""
    deals: dict[str, DealTerms]
    """Energy deals in the first run, in the year of the first target."""
    used: set[str]
    """Parameters that some rule read up to its end."""


def _held(world: "World", scenario: "Scenario", places: FloatArray) -> tuple[object, ...]:
    """Key of what belongs to a scenario at given places, in one thread."""
    return scenario_hash(scenario), *world.identity, places.tobytes(), get_ident()


def _draws_and_energy(
    world: "World", like: "Scenario", places: FloatArray, *, keep: bool
) -> tuple[Draws, EnergySystem]:
    """Draws at given places of the parameters, and energy, which settles as it is asked."""

    def made() -> _Prepared:
        runs, quarters = range(len(places)), simulated_quarters(like, world)
        draws = draw(like, world, runs, quarters.start, len(quarters), quantiles=places)
        energy = EnergySystem(like, world, draws)
        return draws, energy, frozenset(draws.parameters.used)

    draws, energy, read = _PREPARED.of(_held(world, like, places), made) if keep else made()
    draws.parameters.used = set(read)
    return draws, energy


def all_simulated(
    world: "World", jobs: Iterable[CentralRun], executor: Executor | None = None
) -> Iterator[CentralOutcome]:
    """Results of some jobs in their order, given out at once where somebody else simulates."""
    simulate = partial(simulated, world)
    return executor.map(simulate, jobs) if executor else map(simulate, jobs)


def simulated(world: "World", job: CentralRun) -> CentralOutcome:
    """Simulate one job and return its results."""
    course = _central(world, job) if job.scenario is job.central else _variation(world, job)
    total = np.zeros((len(job.places), len(job.scenario.targets)))
    for k, target in enumerate(job.scenario.targets.values()):
        last = int(target.deadline)
        for quarter in range(last + 1 - QUARTERS_PER_YEAR, last + 1):
            if quarter in course.trade:
                total[:, k] += course.trade[quarter][k] / QUARTERS_PER_YEAR
    return CentralOutcome(total, frozenset(course.used), course.deals)


def _central(world: "World", job: CentralRun) -> _Course:
    """The central scenario at a job's places, simulated once in a thread."""

    def made() -> _Course:
        draws, energy = _draws_and_energy(world, job.central, job.places, keep=True)
        own = job._replace(scenario=job.central)
        return _simulated(world, own, _Course(draws, {}, {}, {}, set()), energy)

    key = (*_held(world, job.central, job.places), job.departures)
    return _COURSES.of(key, made)


def _variation(world: "World", job: CentralRun) -> _Course:
    """A variation of the central scenario, from the quarter in which it leaves that."""
    like = drawn_like(job.scenario, job.central)
    draws, energy = _draws_and_energy(world, like, job.places, keep=like is job.central)
    alone = _Course(draws, {}, {}, {}, set())
    common = last_common_quarter(job.scenario, job.central, world)
    if common not in job.departures:
        return _simulated(world, job, alone, energy)
    course = _central(world, job)
    start = Checkpoint(job.central, course.draws, course.states[common], {})
    if not continues(start, job.scenario, world, draws):
        return _simulated(world, job, alone, energy)
    trade = {quarter: trade for quarter, trade in course.trade.items() if quarter <= common}
    asked = _first_asked(job.scenario) // QUARTERS_PER_YEAR
    deals = course.deals if common // QUARTERS_PER_YEAR >= asked else {}
    return _simulated(
        world, job, _Course(draws, {}, trade, dict(deals), set()), energy, start.snapshot
    )


def _simulated(
    world: "World",
    job: CentralRun,
    course: _Course,
    energy: EnergySystem,
    start: Snapshot | None = None,
) -> _Course:
    """Simulate a job to its end; the course holds what was before the snapshot to start from."""
    scenario, runs = job.scenario, range(len(job.places))
    model = TradeModel(scenario, world, runs=runs, draws=course.draws, energy=energy, start=start)
    targets = scenario.targets.values()
    ends = [tuple(map(world.region_index, target.pair)) for target in targets]
    asked = _first_asked(scenario) // QUARTERS_PER_YEAR
    while model.quarter < int(scenario.horizon.end):
        model.step()
        quarter = model.quarter
        if quarter // QUARTERS_PER_YEAR == asked and not course.deals:
            course.deals.update(model.energy.deal_terms(model.snapshot.energy.state))
        course.trade[quarter] = np.array([model.pair_trade(a, b) for a, b in ends])
        if quarter in job.departures:
            course.states[quarter] = model.snapshot
    model.discard()
    course.used.update(course.draws.parameters.used)  # what others read later is not its own
    return course


def _first_asked(scenario: "Scenario") -> int:
    """Quarter by which the first target is to be reached."""
    return int(next(iter(scenario.targets.values())).deadline)
