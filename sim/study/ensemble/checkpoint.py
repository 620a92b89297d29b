"""Checkpoints: a simulation that is kept at a quarter, and scenarios that continue from there.

What a run carries from quarter to quarter is in its snapshot. So a scenario that is another one's
equal up to a quarter need not be simulated from the start: it continues from the other's snapshot,
with the bits of a simulation of its own. To see what follows from a change, keep the runs at the
last quarter before it and simulate what comes after, as often as the change is changed again::

    model = TradeModel(scenario, world, runs=runs)
    quarter = last_common_quarter(scenario, changed, world)
    kept = run_until(model, quarter)
    after, values = continue_from(kept, changed, world, runs, draws=model.draws)
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import format_quarter
from sim.simulation.energy.energy_domain import EnergySystem
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.uncertainty.draws import Draws, draw, simulated_quarters
from sim.study.common_quarters import last_common_quarter
from sim.study.ensemble.measures import Look, record

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


class Checkpoint(NamedTuple):
    """Condition of a block of runs at the end of a quarter, and what was recorded up to it."""

    scenario: "Scenario"
    draws: Draws
    snapshot: Snapshot
    values: dict[str, FloatArray]
    """By measure, `(n_runs, n_quarters, ...)`, from the scenario's first quarter on."""


def run_until(model: TradeModel, quarter: int) -> Checkpoint:
    """Record a model that has not been stepped yet, up to a quarter, and keep how it stands.

    Parameters
    ----------
    model : TradeModel
    quarter : int
        Index of the quarter, within the horizon of the model's scenario.

    Raises
    ------
    ValueError
        If the quarter is outside the horizon.
    """
    horizon = model.scenario.horizon
    if not max(model.quarter, int(horizon.start)) <= quarter <= int(horizon.end):
        raise ValueError(f"{format_quarter(quarter)} is not within the horizon of the scenario")
    values = record(model, until=quarter)
    return Checkpoint(model.scenario, model.draws, model.snapshot, values)


def continue_from(
    start: Checkpoint | None,
    scenario: "Scenario",
    world: "World",
    runs: Sequence[int],
    *,
    draws: Draws | None = None,
    energy: EnergySystem | None = None,
    until: int | None = None,
    look: Look | None = None,
) -> tuple[TradeModel, dict[str, FloatArray]]:
    """Simulate and record a scenario to its end, from a checkpoint where it can continue from it.

    Parameters
    ----------
    start : Checkpoint, optional
        Of these runs. Where the scenario differs from its scenario in a quarter up to it, where
        that cannot be told, or without one, the scenario is simulated from its first quarter.
    scenario, world
        What is asked and what is.
    runs : sequence of int
        Numbers of the runs.
    draws : Draws, optional
        Of the runs, from a scenario that differs in agreements and duties alone; drawn unless
        given.
    energy : EnergySystem, optional
        Of these draws.
    until, look
        As in `record`.

    Returns
    -------
    model : TradeModel
        At the end of its horizon, or at the quarter to stop at.
    values : dict of str to ndarray
        By measure, all quarters so far, with the bits of a simulation from the start.
    """
    quarters = simulated_quarters(scenario, world)
    draws = draws or draw(scenario, world, runs, quarters.start, len(quarters))
    if start is not None and not continues(start, scenario, world, draws):
        start = None
    model = TradeModel(
        scenario,
        world,
        runs=runs,
        draws=draws,
        energy=energy,
        start=start.snapshot if start else None,
    )
    if start is None:
        return model, record(model, until=until, look=look)
    # What is signed is known in advance.
    so_far = range(int(scenario.horizon.start), start.snapshot.quarter + 1)
    stages = [model.diplomacy.stage(model.snapshot.treaties, q) for q in so_far]
    before = {**start.values, "stage": np.stack(stages, axis=1)}
    return model, record(model, before=before, until=until, look=look)


def continues(start: Checkpoint, scenario: "Scenario", world: "World", draws: Draws) -> bool:
    """True if all is equal up to the checkpoint: runs, routes and past events."""
    common = last_common_quarter(start.scenario, scenario, world)
    if common is None or common < start.snapshot.quarter:
        return False
    was = start.draws
    return was is draws or (
        (was.runs, was.first_quarter, was.followed)
        == (draws.runs, draws.first_quarter, draws.followed)
        and all(np.array_equal(was.parameters[n], values) for n, values in draws.parameters.items())
    )
