"""Scenarios that differ in their agreements alone: one simulation serves them all until they part.

Until the quarter before the first entry into force nothing that is agreed with dates can touch
anything. So the runs are simulated to there once, without agreements, and every variant continues
from that checkpoint, with the bits of a simulation of its own. What is negotiated may come about at
any time and begins at the beginning.
"""

from collections.abc import Sequence
from threading import get_ident
from typing import TYPE_CHECKING, NamedTuple

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.recent_cache import RecentCache
from sim.scenario.writing import scenario_hash
from sim.simulation.energy.energy_domain import EnergySystem
from sim.simulation.model import TradeModel
from sim.simulation.uncertainty.draws import Draws, draw, simulated_quarters
from sim.study.common_quarters import last_common_quarter
from sim.study.ensemble.checkpoint import Checkpoint
from sim.study.ensemble.kept_states import KeptState, KeptStates
from sim.study.workers.interruption import go_on

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


KEPT_SHARED_DRAWS = 4
"""Blocks of draws kept for the next case of a study [4 x 64 runs are one usual ensemble]."""


class SharedDraws(NamedTuple):
    """Data that a block of runs shares, whatever is agreed."""

    draws: Draws
    energy: EnergySystem
    """Remembers the markets that the first model of the block has solved."""
    start: Checkpoint | None = None
    """Runs at the last quarter before anything is agreed."""
    read: frozenset[str] = frozenset()
    """Parameters that were read up to there."""


_SHARED: RecentCache[SharedDraws] = RecentCache(most=KEPT_SHARED_DRAWS)
_STATES = KeptStates(most_bytes=0)


def keep_shared_draws(n_blocks: int) -> None:
    """Keep more blocks of draws at hand, in a process that answers one question after another."""
    _SHARED.most = n_blocks


def keep_states(most_bytes: int) -> None:
    """Keep states of simulations for those that come after them, in such a process."""
    _STATES.most_bytes = most_bytes


def make_shared_draws(scenario: "Scenario", world: "World", runs: Sequence[int]) -> SharedDraws:
    """Draw what the variants of a scenario share, and simulate what they have in common.

    Parameters
    ----------
    scenario, world
        The scenario with all of its agreements, and what is.
    runs : sequence of int
        Numbers of the runs.
    """
    draws, energy, *_ = draws_alone(scenario, world, runs)
    go_on()
    start = begin(scenario, world, draws, energy)
    return SharedDraws(draws, energy, start, frozenset(draws.parameters.used))


def draws_alone(scenario: "Scenario", world: "World", runs: Sequence[int]) -> SharedDraws:
    """Draws of a block without anything simulated on them."""
    quarters = simulated_quarters(scenario, world)
    draws = draw(scenario, world, runs, quarters.start, len(quarters))
    go_on()
    energy = EnergySystem(scenario, world, draws)
    return SharedDraws(draws, energy, read=frozenset(draws.parameters.used))


def shared_draws_of(scenario: "Scenario", world: "World", runs: Sequence[int]) -> SharedDraws:
    """Shared draws of a block; the last ones are at hand for other variants and other cases.

    Parameters are marked as read by the common start alone, whoever has read them since.
    """
    numbers = tuple(runs)
    # Threads of one worker have theirs apart, since an energy system remembers what it solved.
    key = (scenario_hash(scenario), *world.identity, numbers, get_ident())

    shared = _SHARED.of(key, lambda: make_shared_draws(scenario, world, numbers))
    shared.draws.parameters.used = set(shared.read)
    return shared


def begin(
    scenario: "Scenario", world: "World", draws: Draws, energy: EnergySystem
) -> Checkpoint | None:
    """Simulate what the variants of a scenario have in common; None where that is nothing.

    Parameters
    ----------
    scenario, world
        The scenario with all of its agreements, and what is.
    draws, energy
        Of the runs.
    """
    plain = scenario.model_copy(update={"agreements": {}})
    until = last_common_quarter(plain, scenario, world)
    started = max(draws.first_quarter + 1, int(scenario.horizon.start))
    if not scenario.agreements or until is None or until < started:
        return None
    until = min(until, int(scenario.horizon.end) - 1)
    kept = _STATES.last_before(plain, world, draws, until)
    start = kept.start if kept else None
    if kept and start and start.snapshot.quarter == until and not start.scenario.agreements:
        draws.parameters.used |= kept.read
        return start
    kept = kept or KeptState(None, frozenset(draws.parameters.used))
    model, values = _STATES.continued(kept, plain, world, draws, energy, until=until)
    start = Checkpoint(plain, draws, model.snapshot, values)
    model.discard()
    return start


def simulated(
    scenario: "Scenario", world: "World", shared: SharedDraws
) -> tuple[TradeModel, dict[str, FloatArray]]:
    """Simulate and record a scenario on shared draws, from the latest state that there is."""
    draws = shared.draws
    found = _STATES.last_before(scenario, world, draws)
    kept = KeptState(shared.start, shared.read)
    if found is not None and found.quarter > kept.quarter:
        kept = found
    return _STATES.continued(kept, scenario, world, draws, shared.energy)
