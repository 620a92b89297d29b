"""Run a scenario: its runs in blocks, its agreements one by one, the answer as a dataset.

The same draws serve the scenario as asked, without any agreement, and with each agreement alone, so
that what differs between these variants is policy and not luck.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sim.actors.concessions import concession_table
from sim.actors.draws import followed_pairs, in_books, simulated_quarters
from sim.actors.paths import path_table
from sim.actors.transit import transit
from sim.laws.calendar import format_quarter
from sim.model import TradeModel
from sim.scenario.sampling import Drawn
from sim.study.beginning import Beginning, fate_of, gone_on
from sim.study.crew import give_back_memory
from sim.study.record import axes_of, measures_of
from sim.study.variants import AS_ASKED, variants_of

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.world.world import World

FloatArray = NDArray[np.float64]
Progress = Callable[[int], None]

BLOCK = 64
"""Runs simulated together: more fall out of the cache, fewer leave the processor waiting."""
LEAST_BLOCK = 16
"""Runs below which a block takes little less time than a larger one."""


def block_for(n_runs: int, workers: int) -> int:
    """Runs to simulate together so that every worker has some.

    Examples
    --------
    >>> block_for(256, 2), block_for(64, 2), block_for(8, 2)
    (64, 32, 16)
    """
    return max(LEAST_BLOCK, min(BLOCK, -(-n_runs // workers)))


class Results(NamedTuple):
    """Every run of a scenario, simulated.

    Datasets hold the measures of `sim.study.record` with the axis `run` first and `quarter` second;
    parameters as `parameter_<name>` by run, with `is_used` where a rule asked for them; attributes
    with seed, ledger, base year and hash.
    """

    variants: dict[str, xr.Dataset]
    """By variant."""
    books: dict[str, xr.Dataset]
    """The scenario as asked in the books of other ledgers, by ledger."""


def run_variants(
    scenario: "Scenario",
    world: "World",
    *,
    others: Mapping[str, "World"] | None = None,
    block: int = BLOCK,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Results:
    """Simulate every run of a scenario, of its variants and in other books, on the same draws.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    others : mapping of str to World, optional
        The same world held to other ledgers, by ledger.
    block : int
        Runs simulated together; bears on speed and memory, not on any result.
    executor : concurrent.futures.Executor, optional
        Simulates the blocks elsewhere; bears on no result either. In this process by default.
    progress : callable, optional
        Called with the number of runs finished since the last call.
    """
    blocks = [
        range(start, min(start + block, scenario.runs)) for start in range(0, scenario.runs, block)
    ]
    variants, others = variants_of(scenario), others or {}
    simulate = partial(_simulate, variants, world, others)
    done: list[Block] = []
    for outcome in executor.map(simulate, blocks) if executor else map(simulate, blocks):
        done.append(outcome)
        if progress is not None:
            progress(len(blocks[len(done) - 1]) * (len(outcome.variants) + len(outcome.books)))
    asked_for = set().union(*(outcome.parameters.asked_for for outcome in done))
    parameters = {
        name: np.concatenate([outcome.parameters[name] for outcome in done])
        for name in world.parameters
    }
    dataset = partial(_dataset, parameters, asked_for, _Joint())
    return Results(
        {
            name: dataset(variant, world, [block.variants[name] for block in done])
            for name, variant in variants.items()
        },
        {
            ledger: dataset(scenario, books, [block.books[ledger] for block in done])
            for ledger, books in others.items()
        },
    )


class _Joint:
    """Joins blocks of runs; what variants have in common is kept once."""

    def __init__(self) -> None:
        self._made: dict[tuple[int, ...], FloatArray] = {}

    def __call__(self, parts: Sequence[FloatArray]) -> FloatArray:
        key = tuple(map(id, parts))
        if key not in self._made:
            self._made[key] = np.concatenate(parts)
        return self._made[key]


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

    variants: dict[str, "Recorded"]
    """By variant."""
    books: dict[str, "Recorded"]
    """By ledger."""
    parameters: Drawn
    """By name, `(n_runs,)`."""


def _simulate(
    variants: Mapping[str, "Scenario"],
    world: "World",
    others: Mapping[str, "World"],
    runs: Sequence[int],
) -> Block:
    """Simulate one block of runs of every variant, on the draws of the first."""
    asked = variants[AS_ASKED]
    fate, quarters = fate_of(asked, world, runs), simulated_quarters(asked, world)
    found = Block({}, {}, fate.draws.parameters)
    for name, variant in variants.items():
        model = TradeModel(variant, world, runs=runs, draws=fate.draws, energy=fate.energy)
        found.variants[name] = _recorded(model, fate.since, found.variants.get(AS_ASKED))
    for ledger, books in others.items():
        model = TradeModel(
            asked,
            books,
            runs=runs,
            draws=in_books(fate.draws, asked, books, runs, quarters),
            energy=fate.energy.in_books(books),
        )
        found.books[ledger] = _recorded(model, like=found.variants[AS_ASKED])
    del model, fate
    give_back_memory()
    return found


class Recorded(NamedTuple):
    """What is kept of a model."""

    values: dict[str, FloatArray]
    """By measure, `(n_runs, n_quarters, ...)`."""
    axes: dict[str, tuple[str, ...]]
    """Axes of each measure after run and quarter."""
    attributes: dict[str, dict[str, str]]
    """Unit and title of each measure."""
    labels: dict[str, list[str]]
    """By axis."""


def _recorded(
    model: TradeModel, since: Beginning | None = None, like: Recorded | None = None
) -> Recorded:
    """Record a model, which is used up.

    Parameters
    ----------
    model : TradeModel
    since : Beginning, optional
        Where its runs stand already.
    like : Recorded, optional
        Another record of these runs; what is the same in both, such as the energy market, is kept
        and sent once.
    """
    measures = measures_of(model)
    axes = {measure.name: measure.axes for measure in measures}
    attributes = {m.name: {"unit": m.unit, "title": m.title} for m in measures}
    known = axes_of(model)
    labels = {axis: known[axis] for of_measure in axes.values() for axis in of_measure}
    values = gone_on(model, since)
    if like is not None:
        for name, there in like.values.items():
            if name in values and np.array_equal(values[name], there):
                values[name] = there
    # A model and its agents hold each other; a hundred megabytes of arrays would stay for long.
    model.__dict__.clear()
    return Recorded(values, axes, attributes, labels)


def _dataset(
    parameters: Mapping[str, FloatArray],
    asked_for: AbstractSet[str],
    join: _Joint,
    scenario: "Scenario",
    world: "World",
    blocks: Sequence[Recorded],
) -> xr.Dataset:
    first, last = int(scenario.horizon.start), int(scenario.horizon.end)
    one = blocks[0]
    variables: dict[str, Any] = {
        name: (
            ("run", "quarter", *axes),
            join([block.values[name] for block in blocks]),
            one.attributes[name],
        )
        for name, axes in one.axes.items()
    }
    for name, drawn in parameters.items():
        known = world.parameters[name]
        attributes = {"unit": known.unit, "title": known.title, "is_used": name in asked_for}
        variables[f"parameter_{name}"] = (("run",), drawn, attributes)
    coords: dict[str, Any] = {
        "run": np.arange(scenario.runs),
        "quarter": [format_quarter(quarter) for quarter in range(first, last + 1)],
        **one.labels,
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
