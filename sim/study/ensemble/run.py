"""Run a scenario: its runs in blocks, its agreements one by one, the answer as a dataset.

The same draws serve the scenario as asked, without any agreement, and with each agreement alone, so
that what differs between these variants is policy and not luck.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import xarray as xr

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import format_quarter
from sim.scenario.sampling.quantiles import ParameterDraws
from sim.simulation.model import TradeModel
from sim.simulation.tariffs.concessions import concession_table
from sim.simulation.transport.paths import path_table
from sim.simulation.transport.transit_terms import transit
from sim.simulation.uncertainty.draws import in_ledgers, routed_pairs, simulated_quarters
from sim.study.answer_stages import MIN_BLOCK
from sim.study.ensemble.checkpoint import continue_from
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT, variants_of
from sim.study.ensemble.measures import axes_of, measures_of
from sim.study.ensemble.shared_start import draws_alone, shared_draws_of, simulated
from sim.study.workers.pool import give_back_memory

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

Progress = Callable[[int], None]

BLOCK = 64
"""Runs simulated together, about: half as many more take more memory, fewer more time a run."""


def block_for(n_runs: int, workers: int) -> int:
    """Runs to simulate together so that every worker has as many blocks.

    Examples
    --------
    >>> [block_for(n_runs, 2) for n_runs in (8, 64, 160, 192, 256, 1000)]
    [16, 32, 80, 48, 64, 63]
    """
    share = -(-n_runs // workers)
    n_blocks = max(1, round(share / BLOCK))
    return max(MIN_BLOCK, -(-share // n_blocks))


MIN_ELSEWHERE, PART_ELSEWHERE = 64, 4
"""Runs simulated in other ledgers too, and one in how many of more. They are told beside the answer
with an error of their own: nothing is subtracted from them, and crossing makes few runs do."""


def runs_elsewhere(runs: range) -> range:
    """First of the runs, those that are simulated in other ledgers as well.

    Examples
    --------
    >>> [len(runs_elsewhere(range(n))) for n in (8, 64, 256, 1024)]
    [8, 64, 64, 256]
    """
    return runs[: max(MIN_ELSEWHERE, len(runs) // PART_ELSEWHERE)]


class _Part(NamedTuple):
    """A block of runs in one process: of all variants, or of one other ledger."""

    variants: Mapping[str, "Scenario"]
    others: Mapping[str, "World"]
    runs: range


def _parts(
    variants: Mapping[str, "Scenario"], others: Mapping[str, "World"], runs: range, block: int
) -> list[_Part]:
    """Work in parts, those of variants first; each ledger by itself, as long as two variants."""

    def blocks(wanted: range) -> list[range]:
        return [wanted[start : start + block] for start in range(0, len(wanted), block)]

    parts = [_Part(variants, {}, part) for part in blocks(runs)] if variants else []
    for name, other in others.items():
        parts += [_Part({}, {name: other}, part) for part in blocks(runs_elsewhere(runs))]
    return parts


OF_OTHER_LEDGERS = ("goods_trade", "energy_trade", "known_trade", "new_trade")
"""Measures kept of other ledgers: what findings are made of."""
OF_ALONE = (*OF_OTHER_LEDGERS, "welfare_change", "residual")
"""Measures kept of one agreement alone: those, who else gains, and how well it was solved."""


class Results(NamedTuple):
    """Every run of a scenario, simulated.

    Datasets hold the measures of `sim.study.ensemble.measures` with the axis `run` first and
    `quarter` second, as asked and without agreements all of them, else those that anybody asks for;
    parameters as `parameter_<name>` by run, with `is_used` where a rule asked for them; attributes
    with seed, ledger, base year and hash.
    """

    variants: dict[str, xr.Dataset]
    """By variant."""
    ledgers: dict[str, xr.Dataset]
    """The scenario as asked in the ledgers of other ledgers, by ledger."""


def run_variants(
    scenario: "Scenario",
    world: "World",
    *,
    variants: Mapping[str, "Scenario"] | None = None,
    others: Mapping[str, "World"] | None = None,
    block: int = BLOCK,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Results:
    """Simulate every run of a scenario, of its variants and in other ledgers, on the same draws.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    variants : mapping of str to Scenario, optional
        Those of its variants that are wanted; all of them by default.
    others : mapping of str to World, optional
        The same world held to other ledgers, by ledger, for the first runs (`runs_elsewhere`).
    block : int
        Runs simulated together; bears on speed and memory, not on any result.
    executor : concurrent.futures.Executor, optional
        Simulates the blocks elsewhere; bears on no result either. In this process by default.
    progress : callable, optional
        Called with the number of runs finished since the last call.
    """
    wanted = variants_of(scenario) if variants is None else variants
    started = start_variants(scenario, world, wanted, others=others, block=block, executor=executor)
    return started(progress)


def start_variants(
    scenario: "Scenario",
    world: "World",
    variants: Mapping[str, "Scenario"],
    *,
    others: Mapping[str, "World"] | None = None,
    runs: range | None = None,
    block: int = BLOCK,
    executor: Executor | None = None,
    drawn_as: "Scenario | None" = None,
) -> Callable[[Progress | None], Results]:
    """Give out the work of `run_variants`; what is returned waits for it, or does it.

    Parameters are those of `run_variants`, and `runs`: the numbers of the runs that are wanted,
    all of the scenario's by default; `drawn_as`: a scenario with the same draws and the same start,
    whose own are at hand.
    """
    others = others or {}
    if not (variants or others):
        return _nothing
    runs = range(scenario.runs) if runs is None else runs
    elsewhere = runs_elsewhere(runs)
    parts = _parts(variants, others, runs, block)
    simulate = partial(_simulate, scenario, drawn_as or scenario, world)
    outcomes = (executor.map if executor else map)(simulate, *zip(*parts, strict=True))

    def collected(progress: Progress | None = None) -> Results:
        joint, ledgers = _Joint(runs), {name: _Joint(elsewhere) for name in others}
        parameters: list[ParameterDraws] = []
        for part, outcome in zip(parts, outcomes, strict=True):
            if outcome.variants:
                joint.add(part.runs, list(outcome.variants.values()))
            for name, recorded in outcome.ledgers.items():
                ledgers[name].add(part.runs, [recorded])
            parameters.append(outcome.parameters)
            if progress is not None:
                progress(len(part.runs) * (len(outcome.variants) + len(outcome.ledgers)))
        drawn = _all_drawn(parameters, runs if variants else elsewhere)
        first = _first_drawn(drawn, len(elsewhere))
        return Results(
            {
                name: _dataset(drawn, variant, world, joint.made(k), runs)
                for k, (name, variant) in enumerate(variants.items())
            },
            {
                name: _dataset(first, scenario, ledger, ledgers[name].made(0), elsewhere)
                for name, ledger in others.items()
            },
        )

    return collected


def _nothing(_progress: Progress | None = None) -> Results:
    return Results({}, {})


class _Joint:
    """Puts blocks of runs together as they come, so that none is held twice.

    What simulations have in common is kept once; from a block on in which they part, twice.
    """

    def __init__(self, runs: range) -> None:
        self._runs = runs
        self._first: list[RecordedMeasures] = []
        self._whole: dict[tuple[int, str], FloatArray] = {}

    def add(self, runs: range, block: Sequence["RecordedMeasures"]) -> None:
        """Take in what the simulations of a block of runs left behind, always in the same order."""
        self._first = self._first or [recorded._replace(values={}) for recorded in block]
        written: dict[tuple[int, int], FloatArray] = {}
        first, last = runs.start - self._runs.start, runs.stop - self._runs.start
        for number, recorded in enumerate(block):
            for name, part in recorded.values.items():
                before = self._whole.get((number, name))
                same = (id(before), id(part))
                if same not in written:
                    is_new = before is None or any(before is whole for whole in written.values())
                    whole = self._begun(part, first, before) if is_new else before
                    assert whole is not None
                    whole[first:last] = part
                    written[same] = whole
                self._whole[number, name] = written[same]

    def _begun(self, part: FloatArray, n_done: int, like: FloatArray | None) -> FloatArray:
        """Room for all runs, with what another holds of those that are done."""
        whole = np.empty((len(self._runs), *part.shape[1:]), part.dtype)
        if like is not None:
            whole[:n_done] = like[:n_done]
        return whole

    def made(self, number: int) -> "RecordedMeasures":
        """All runs of one of the simulations."""
        first = self._first[number]
        return first._replace(values={name: self._whole[number, name] for name in first.axes})


def idle_agreements(scenario: "Scenario", world: "World") -> tuple[str, ...]:
    """Agreements that change nothing, so that nobody takes their silence for an answer.

    A preferential one is idle when every concession is refused by a customs union, a transit one
    when it changes nothing on any path of the pairs that are followed.
    """
    acting = set(concession_table(scenario, world).agreement.tolist())
    table = path_table(world.network, len(world.gates), routed_pairs(scenario, world))
    rules = transit(scenario, world, table)
    nothing_built = np.zeros(rules.n_projects, dtype=np.bool_)
    for number, alone in enumerate(np.eye(rules.n_agreements, dtype=np.bool_)):
        if rules.terms(alone, nothing_built).differ(rules.nothing).any():
            acting.add(number)
    return tuple(name for k, name in enumerate(scenario.agreements) if k not in acting)


class Block(NamedTuple):
    """Results of a block of runs."""

    variants: dict[str, "RecordedMeasures"]
    """By variant."""
    ledgers: dict[str, "RecordedMeasures"]
    """By ledger."""
    parameters: ParameterDraws
    """By name, `(n_runs,)`."""


def _simulate(
    asked: "Scenario",
    drawn_as: "Scenario",
    world: "World",
    variants: Mapping[str, "Scenario"],
    others: Mapping[str, "World"],
    runs: Sequence[int],
) -> Block:
    """Simulate one block of runs of some variants, on the draws of the scenario as asked."""
    # In another ledger nothing is shared but the draws.
    shared = (shared_draws_of if variants else draws_alone)(drawn_as, world, runs)
    quarters = simulated_quarters(asked, world)
    found = Block({}, {}, shared.draws.parameters)
    for name, variant in variants.items():
        done = simulated(variant, world, shared)
        keep = None if name in (AS_ASKED, NO_AGREEMENT) else OF_ALONE
        found.variants[name] = _recorded(*done, found.variants.get(AS_ASKED), keep)
    for ledger, ledgers in others.items():
        done = continue_from(
            None,
            asked,
            ledgers,
            runs,
            draws=in_ledgers(shared.draws, asked, ledgers, runs, quarters),
            energy=shared.energy.in_ledgers(ledgers),
        )
        found.ledgers[ledger] = _recorded(*done, found.variants.get(AS_ASKED), OF_OTHER_LEDGERS)
    del done, shared
    give_back_memory()
    return found


class RecordedMeasures(NamedTuple):
    """Data kept of a model."""

    values: dict[str, FloatArray]
    """By measure, `(n_runs, n_quarters, ...)`."""
    axes: dict[str, tuple[str, ...]]
    """Axes of each measure after run and quarter."""
    attributes: dict[str, dict[str, str]]
    """Unit and title of each measure."""
    labels: dict[str, list[str]]
    """By axis."""


def _recorded(
    model: TradeModel,
    values: Mapping[str, FloatArray],
    like: RecordedMeasures | None = None,
    keep: Sequence[str] | None = None,
) -> RecordedMeasures:
    """Data kept of a model, which is consumed.

    Parameters
    ----------
    model : TradeModel
        At the end of its horizon.
    values : mapping of str to ndarray
        What was recorded of it, by measure.
    like : RecordedMeasures, optional
        Another record of these runs; what is the same in both, such as the energy market, is kept
        and sent once.
    keep : sequence of str, optional
        Measures to keep, all of them unless given.
    """
    measures = [m for m in measures_of(model) if keep is None or m.name in keep]
    axes = {measure.name: measure.axes for measure in measures}
    attributes = {m.name: {"unit": m.unit, "title": m.title} for m in measures}
    known = axes_of(model)
    labels = {axis: known[axis] for of_measure in axes.values() for axis in of_measure}
    kept = {name: values[name] for name in axes}
    if like is not None:
        for name, there in like.values.items():
            if name in kept and np.array_equal(kept[name], there):
                kept[name] = there
    model.discard()
    return RecordedMeasures(kept, axes, attributes, labels)


def _all_drawn(blocks: Sequence[ParameterDraws], runs: range) -> ParameterDraws:
    """Parameters of all runs, which the first blocks have, and what any block asked for."""
    used = set().union(*(block.used for block in blocks))

    def joined(name: str) -> FloatArray:
        return np.concatenate([block[name] for block in blocks])[: len(runs)]

    whole = ParameterDraws({name: joined(name) for name in blocks[0]})
    whole.used = used
    return whole


def _first_drawn(whole: ParameterDraws, n_runs: int) -> ParameterDraws:
    """Parameters of the first runs, and what any run asked for."""
    first = ParameterDraws({name: values[:n_runs] for name, values in whole.items()})
    first.used = whole.used
    return first


def _dataset(
    parameters: ParameterDraws,
    scenario: "Scenario",
    world: "World",
    recorded: RecordedMeasures,
    runs: range,
) -> xr.Dataset:
    first, last = int(scenario.horizon.start), int(scenario.horizon.end)
    variables: dict[str, Any] = {
        name: (("run", "quarter", *axes), recorded.values[name], recorded.attributes[name])
        for name, axes in recorded.axes.items()
    }
    for name, drawn in parameters.items():
        known = world.parameters[name]
        attributes = {"unit": known.unit, "title": known.title, "is_used": name in parameters.used}
        variables[f"parameter_{name}"] = (("run",), drawn, attributes)
    coords: dict[str, Any] = {
        "run": np.asarray(runs),
        "quarter": [format_quarter(quarter) for quarter in range(first, last + 1)],
        **recorded.labels,
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
