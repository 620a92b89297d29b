"""Run a scenario: its runs in blocks, its agreements one by one, the answer as a dataset.

The same draws serve the scenario as asked, without any agreement, and with each agreement alone, so
that what differs between these variants is policy and not luck.
"""

import gc
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sim.actors.concessions import concession_table
from sim.actors.draws import followed_pairs
from sim.actors.paths import path_table
from sim.actors.transit import transit
from sim.laws.calendar import format_quarter
from sim.model import TradeModel
from sim.study.crew import end_workers, process_pool
from sim.study.record import axes_of, joined, measures_of, record

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.world.world import World

FloatArray = NDArray[np.float64]
Progress = Callable[[int], None]

BLOCK = 64
"""Runs simulated together: more fall out of the cache, fewer leave the processor waiting."""
WORTH_A_POOL = 256
"""Runs below which one process is done before others have started."""
NO_AGREEMENT = "no agreement"
AS_ASKED = "as asked"


def variants_of(scenario: "Scenario") -> dict[str, "Scenario"]:
    """The scenario as asked, without agreements, and with each of several agreements alone."""
    variants = {AS_ASKED: scenario}
    if scenario.agreements:
        variants[NO_AGREEMENT] = scenario.model_copy(update={"agreements": {}})
    if len(scenario.agreements) > 1:
        for name, agreement in scenario.agreements.items():
            variants[name] = scenario.model_copy(update={"agreements": {name: agreement}})
    return variants


def run_variants(
    scenario: "Scenario",
    world: "World",
    *,
    block: int = BLOCK,
    only: Collection[str] | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> dict[str, xr.Dataset]:
    """Simulate every run of a scenario and of its variants, on the same draws.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    block : int
        Runs simulated together; bears on speed and memory, not on any result.
    only : collection of str, optional
        Names of the variants wanted; all of them by default.
    executor : concurrent.futures.Executor, optional
        Simulates the blocks elsewhere; bears on no result either. In this process by default.
    progress : callable, optional
        Called with the number of runs finished since the last call.

    Returns
    -------
    dict of str to xarray.Dataset
        By variant: measures of `sim.study.record` with the axis `run` first and `quarter` second;
        parameters as `parameter_<name>` by run; attributes with seed, ledger, base year and hash.
    """
    blocks = [
        range(start, min(start + block, scenario.runs)) for start in range(0, scenario.runs, block)
    ]
    variants = {
        name: variant
        for name, variant in variants_of(scenario).items()
        if only is None or name in only
    }
    simulate = partial(_simulate, variants, world)
    done: list[Block] = []
    for outcome in executor.map(simulate, blocks) if executor else map(simulate, blocks):
        done.append(outcome)
        if progress is not None:
            progress(len(blocks[len(done) - 1]) * len(outcome.values))
    parameters = {
        name: np.concatenate([outcome.parameters[name] for outcome in done])
        for name in world.parameters
    }
    found, draws, energy = {}, None, None
    for name, variant in variants.items():
        # As in the blocks: one search for paths serves every variant.
        model = TradeModel(variant, world, runs=[0], draws=draws, energy=energy)
        draws, energy = model.draws, model.energy
        values = joined([outcome.values[name] for outcome in done])
        found[name] = _dataset(model, values, parameters)
    return found


def idle_agreements(scenario: "Scenario", world: "World") -> tuple[str, ...]:
    """Agreements that change nothing, so that nobody takes their silence for an answer.

    A preferential one is idle when every concession is refused by a customs union, a transit one
    when it changes nothing on any path of the pairs that are followed.
    """
    acting = set(concession_table(scenario, world).agreement.tolist())
    table = path_table(world.network, len(world.gates), followed_pairs(scenario, world))
    rules = transit(scenario, world, table)
    nothing_built = np.zeros(rules.n_projects, dtype=np.bool_)
    for number, alone in enumerate(np.eye(rules.n_agreements, dtype=np.bool_)):
        if rules.terms(alone, nothing_built).differ(rules.nothing).any():
            acting.add(number)
    return tuple(name for k, name in enumerate(scenario.agreements) if k not in acting)


class Block(NamedTuple):
    """What a block of runs leaves behind."""

    values: dict[str, dict[str, FloatArray]]
    """By variant and measure, `(n_runs, n_quarters, ...)`."""
    parameters: dict[str, FloatArray]
    """By name, `(n_runs,)`."""


def _simulate(variants: Mapping[str, "Scenario"], world: "World", runs: Sequence[int]) -> Block:
    """Simulate one block of runs of every variant, on the draws of the first."""
    draws, energy = None, None
    values, parameters = {}, {}
    for name, variant in variants.items():
        model = TradeModel(variant, world, runs=runs, draws=draws, energy=energy)
        draws, energy = model.draws, model.energy
        values[name] = record(model)
        parameters = model.draws.parameters
        # A model and its agents hold each other; a hundred megabytes of arrays would stay for long.
        del model
        gc.collect()
    return Block(values, parameters)


@contextmanager
def processes(workers: int, n_simulated: int) -> Iterator[Executor | None]:
    """Pool of worker processes, or None where starting them would cost more than it saves.

    Parameters
    ----------
    workers : int
        Processes wanted.
    n_simulated : int
        Runs to simulate, all variants together.
    """
    if workers == 1 or n_simulated < WORTH_A_POOL:
        yield None
        return
    pool = process_pool(workers)
    try:
        yield pool
    except KeyboardInterrupt:
        end_workers()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _dataset(
    model: TradeModel, values: Mapping[str, FloatArray], parameters: Mapping[str, FloatArray]
) -> xr.Dataset:
    scenario, world = model.scenario, model.world
    labels = axes_of(model)
    quarters = [
        format_quarter(q) for q in range(int(scenario.horizon.start), int(scenario.horizon.end) + 1)
    ]
    variables: dict[str, Any] = {
        m.name: (("run", "quarter", *m.axes), values[m.name], {"unit": m.unit, "title": m.title})
        for m in measures_of(model)
    }
    for name, drawn in parameters.items():
        known = world.parameters[name]
        attributes = {"unit": known.unit, "title": known.title}
        variables[f"parameter_{name}"] = (("run",), drawn, attributes)
    used = {axis for m in measures_of(model) for axis in m.axes}
    coords = {
        "run": np.arange(scenario.runs),
        "quarter": quarters,
        **{axis: labels[axis] for axis in used},
    }
    return xr.Dataset(
        variables,
        coords,
        attrs={
            "title": scenario.title,
            "seed": scenario.seed,
            "ledger": world.ledger,
            "base_year": world.base_year,
            "world": world.name,
            "world_hash": world.content_hash,
        },
    )
