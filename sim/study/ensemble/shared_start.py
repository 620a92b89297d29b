"""Where scenarios that differ in what is agreed part: until then one simulation serves them all.

Until the quarter before the first entry into force nothing that is agreed with dates can touch
anything. So the runs are simulated to there once, without agreements, and every variant goes on
from there, with the bits of a simulation of its own. What is negotiated may come about at any time
and begins at the beginning.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from threading import get_ident
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.scenario.blocks.agreements import Timeline
from sim.scenario.writing import scenario_hash
from sim.simulation.energy.system import EnergySystem
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.tariffs.adjustment_lag import Memory
from sim.simulation.uncertainty.draws import Draws, draw, simulated_quarters
from sim.study.ensemble.measures import record

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


KEPT_SHARED_DRAWS = 4
"""Blocks of draws kept for the next case of a study [4 x 64 runs are one usual ensemble]."""


class SharedStart(NamedTuple):
    """How a block of runs stands before anything is agreed, and what was recorded so far."""

    snapshot: Snapshot
    memory: Memory
    """Of the model that made it: in which cells costs could move."""
    place: IndexArray
    """Cells that the memory is about, as in `sim.simulation.tariffs.duties.Cells`."""
    values: dict[str, FloatArray]
    """By measure, `(n_runs, n_quarters, ...)`."""


class SharedDraws(NamedTuple):
    """What befalls a block of runs whatever is agreed."""

    draws: Draws
    energy: EnergySystem
    """Remembers the markets that the first model of the block has solved."""
    since: SharedStart | None = None
    """How the runs stand before anything is agreed."""


def shared_draws_of(scenario: "Scenario", world: "World", runs: Sequence[int]) -> SharedDraws:
    """Draw what the variants of a scenario share, and simulate what they have in common.

    Parameters
    ----------
    scenario, world
        The scenario with all of its agreements, and what is.
    runs : sequence of int
        Numbers of the runs.
    """
    quarters = simulated_quarters(scenario, world)
    draws = draw(scenario, world, runs, quarters.start, len(quarters))
    energy = EnergySystem(scenario, world, draws)
    return SharedDraws(draws, energy, begin(scenario, world, runs, draws, energy))


class _Source(NamedTuple):
    """What a fate is made of; equal sources have equal fates."""

    key: tuple[object, ...]
    scenario: "Scenario"
    world: "World"
    runs: tuple[int, ...]

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Source) and self.key == other.key


def shared_shared_draws(scenario: "Scenario", world: "World", runs: Sequence[int]) -> SharedDraws:
    """Fate of a block; those asked for last are at hand for other variants and other cases.

    Parameters are marked as read by the common start alone, whoever has read them since.
    """
    held = (world.trade.tobytes(), world.energy_trade.tobytes())  # of a ledger, or made for a trial
    numbers = tuple(runs)
    # Threads of one worker have theirs apart, since an energy system remembers what it solved.
    key = (scenario_hash(scenario), world.content_hash, world.ledger, *held, numbers, get_ident())
    shared_draws, read = _kept(_Source(key, scenario, world, numbers))
    shared_draws.draws.parameters.asked_for = set(read)
    return shared_draws


@lru_cache(maxsize=KEPT_SHARED_DRAWS)
def _kept(source: _Source) -> tuple[SharedDraws, frozenset[str]]:
    """A fate, and the parameters that its common start read."""
    shared_draws = shared_draws_of(source.scenario, source.world, source.runs)
    return shared_draws, frozenset(shared_draws.draws.parameters.asked_for)


def last_quarter_without_policy(scenario: "Scenario") -> int | None:
    """Last quarter before any agreement is in force; None where that has no date, or none is."""
    agreements = scenario.agreements.values()
    dates = [a.timeline.in_force for a in agreements if isinstance(a.timeline, Timeline)]
    if len(dates) < len(agreements) or any(a.may_join for a in agreements):
        return None
    return min(dates) - 1 if dates else None


def begin(
    scenario: "Scenario",
    world: "World",
    runs: Sequence[int],
    draws: Draws,
    energy: EnergySystem,
) -> SharedStart | None:
    """Simulate what the variants of a scenario have in common; None where that is nothing.

    Parameters
    ----------
    scenario, world
        The scenario with all of its agreements, and what is.
    runs : sequence of int
        Numbers of the runs.
    draws, energy
        Of these runs.
    """
    until = last_quarter_without_policy(scenario)
    started = max(simulated_quarters(scenario, world).start + 1, int(scenario.horizon.start))
    if until is None or until < started:
        return None
    plain = scenario.model_copy(update={"agreements": {}})
    model = TradeModel(plain, world, runs=runs, draws=draws, energy=energy)
    values = record(model, until=min(until, int(scenario.horizon.end) - 1))
    return SharedStart(
        snapshot=model.snapshot,
        memory=model.adjustment.memory,
        place=model.cells.place,
        values=values,
    )


def continue_from(model: TradeModel, since: SharedStart | None) -> dict[str, FloatArray]:
    """Record a model that has not been stepped yet, from where its runs stand if that is known.

    Parameters
    ----------
    model : TradeModel
        Of the runs and draws of the beginning.
    since : Beginning, optional
        Not looked at if something of the model's may be agreed before its end.

    Returns
    -------
    dict of str to ndarray
        As from `sim.study.ensemble.measures.record`.
    """
    agreements = model.scenario.agreements
    quiet = (
        last_quarter_without_policy(model.scenario)
        if agreements
        else int(model.scenario.horizon.end)
    )
    if since is None or quiet is None or quiet < since.snapshot.quarter:
        return record(model)
    first, stand = model.snapshot, since.snapshot

    def moved(values: FloatArray) -> FloatArray:
        """Values by cell on the cells of this model; what was no cell so far had none."""
        _, at, was = np.intersect1d(
            model.cells.place, since.place, assume_unique=True, return_indices=True
        )
        spread = np.zeros((len(values), len(model.cells.place)))
        spread[:, at] = values[:, was]
        return spread

    memory, places = model.adjustment.memory, (model.cells.place, since.place)
    past = memory.moved(stand.felt.past, since.memory, *places)
    model.snapshot = replace(
        stand,
        # Nothing that is asked is in force so far; but there are other cells.
        used_share=moved(stand.used_share),
        quota_fill_share=moved(stand.quota_fill_share),
        log_duty=moved(stand.log_duty),
        felt=stand.felt._replace(past=past),
        treaties=first.treaties,
        talks=first.talks,
        stage=first.treaties.stage(stand.quarter, model.longest_phase_in),
    )
    # What is signed is known in advance.
    quarters = range(int(model.scenario.horizon.start), stand.quarter + 1)
    stages = [first.treaties.stage(quarter, model.longest_phase_in) for quarter in quarters]
    return record(model, before={**since.values, "stage": np.stack(stages, axis=1)})
