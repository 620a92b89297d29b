"""Pairing of known paths with residual paths, and the weight of each pair.

Records up to the scenario's `as_of` weigh the pairs. Few of the drawn residual paths agree with the
records of both directions, so those of each direction are chosen by its own records first
(`sim.laws.uncertainty.resampling`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.uncertainty.conditioning import RecordEntries, log_likelihood
from sim.laws.uncertainty.crossing import PathPairs
from sim.laws.uncertainty.pair_trade import pair_trade
from sim.laws.uncertainty.resampling import chosen_paths
from sim.scenario.sampling.random_streams import Streams
from sim.study.conditioning.ledger_records import entries_for
from sim.study.conditioning.residual_paths import (
    DRAWN_PER_PATH,
    PATHS_APART,
    Directions,
    groups_of,
    paths_per_group,
    residual_factor,
    rules_that_read_the_record,
)

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


class Flows(NamedTuple):
    """Trade of a pair's two directions by run, every quarter of a record."""

    known: FloatArray
    """(n_runs, 2, n_quarters) what the laws know, political breaks included [musd/year]."""
    apart: FloatArray
    """(n_runs, n_quarters) what has no residual shock: energy by new routes [musd/year]."""
    own: FloatArray
    """(n_runs, n_quarters) both directions with the residual path of the run's number
    [musd/year]."""

    def of_runs(self, chosen: IndexArray | NDArray[np.bool_]) -> "Flows":
        """The same of some of the runs."""
        return Flows(*(values[chosen] for values in self))

    def without_shock(self, quarters: slice) -> FloatArray:
        """Trade over a year before any residual shock, (n_runs,) [musd]."""
        whole = self.known.sum(axis=1) + self.apart
        return np.asarray(whole[:, quarters].mean(axis=1))


class Window(NamedTuple):
    """Years of four quarters in a record."""

    first: int
    """Place of the first quarter of the first year."""
    n_years: int

    @classmethod
    def to(cls, last: int) -> "Window":
        """Whole years of which the last ends at a place in the record."""
        n_years = (last + 1) // QUARTERS_PER_YEAR
        return cls(last + 1 - QUARTERS_PER_YEAR * n_years, n_years)

    def year(self, number: int) -> slice:
        """Places of the quarters of a year."""
        first = self.first + QUARTERS_PER_YEAR * number
        return slice(first, first + QUARTERS_PER_YEAR)


Weigh = Callable[[FloatArray, FloatArray, int | None], FloatArray]
"""Log weights (n_known, n_residual) of known paths and residual factors, by what is on record of
one direction alone or, with None, of all."""


@dataclass(frozen=True)
class Crossing:
    """Pairing of known paths with residual paths, and the weight of each pair."""

    pairs: PathPairs
    groups: tuple[IndexArray, ...]
    """Places of the runs of every group."""
    factors: tuple[FloatArray, ...]
    """(n_residual, 2, n_quarters) factor on trade by group; empty where every run has its own
    residual path, or there is none."""
    reasons: tuple[str, ...] = ()
    """Rules on account of which runs are not crossed."""

    @property
    def is_crossed(self) -> bool:
        """True if known paths are paired with residual paths other than their own."""
        return bool(self.factors)

    def trade(self, flows: Flows, quarters: slice) -> list[FloatArray]:
        """Trade of every pair of paths over a year, (n_known, n_residual) by group [musd]."""
        if not self.factors:
            return [flows.own[:, quarters].mean(axis=1)[:, None]]
        return [
            pair_trade(
                flows.known[group][..., quarters],
                factor[..., quarters],
                flows.apart[group, quarters],
            )
            for group, factor in zip(self.groups, self.factors, strict=True)
        ]


def crossing_of(
    scenario: "Scenario",
    world: "World",
    pair: tuple[str, str],
    runs: Sequence[int],
    flows: Flows,
    *,
    weigh: Weigh | None = None,
    reasons: tuple[str, ...] | None = None,
    n_paths: int | None = None,
) -> Crossing:
    """Cross the runs of a scenario with residual paths.

    Parameters
    ----------
    scenario, world
        What is asked, whose seed, layers and uncertainty give the residual paths, and what is.
    pair : (str, str)
        Codes of the target's regions.
    runs : sequence of int
        Numbers of the runs.
    flows : Flows
        Of these runs as asked, by which records weigh them.
    weigh : callable, optional
        Log weight of every pair; by the records up to the scenario's `as_of` unless given.
    reasons : tuple of str, optional
        Rules on account of which runs must not be crossed; those of the scenario unless given.
    n_paths : int, optional
        Residual paths of each group; by the number of runs unless given.
    """
    reasons = rules_that_read_the_record(scenario) if reasons is None else reasons
    i, j = (world.region_index(code) for code in pair)
    directions: Directions = ((i, j), (j, i))
    is_shocked = scenario.uncertainty_sources.residual_shocks
    weigh = weigh or (by_records(scenario, world, pair) if is_shocked else None)
    if reasons or not is_shocked:
        return _one_by_one(scenario, world, directions, runs, flows, weigh, reasons)
    n_paths = n_paths or paths_per_group(len(runs))
    groups = groups_of(runs)
    made = [
        _group(scenario, world, directions, group, flows.known[places], n_paths, weigh)
        for group, places in groups.items()
    ]
    factors = tuple(each.factor for each in made)
    shapes = tuple((len(places), n_paths) for places in groups.values())
    pairs = PathPairs(shapes)
    if weigh is not None:
        log_weight = tuple(each.log_weight for each in made)
        pairs = PathPairs(shapes, log_weight, tuple(each.parents for each in made))
    return Crossing(pairs, tuple(groups.values()), factors, ())


def crossed_like(
    base: Crossing, scenario: "Scenario", world: "World", pair: tuple[str, str], runs: Sequence[int]
) -> Crossing:
    """The same pairs of path numbers and weights, with the residual paths of another law.

    Parameters
    ----------
    base : Crossing
        Of the same runs.
    scenario, world, pair
        Whose residual paths are wanted.
    runs : sequence of int
        Numbers of the runs.
    """
    if not base.is_crossed:
        return base
    i, j = (world.region_index(code) for code in pair)
    directions: Directions = ((i, j), (j, i))
    factors = []
    for place, group in enumerate(groups_of(runs)):
        n_paths = base.pairs.shapes[place][1]
        if base.pairs.parents is None:
            factors.append(residual_factor(scenario, world, directions, group, n_paths))
            continue
        drawn = residual_factor(scenario, world, directions, group, DRAWN_PER_PATH * n_paths)
        parents = base.pairs.parents[place]
        factors.append(np.stack([drawn[of, d] for d, of in enumerate(parents)], axis=1))
    return Crossing(base.pairs, base.groups, tuple(factors), base.reasons)


class _Group(NamedTuple):
    """Residual paths of a group, and what their pairs with its known paths weigh."""

    factor: FloatArray
    """(n_residual, 2, n_quarters) [1]."""
    log_weight: FloatArray
    """(n_known, n_residual)."""
    parents: IndexArray
    """(2, n_residual) drawn path from which each has its two directions."""


def _group(
    scenario: "Scenario",
    world: "World",
    directions: Directions,
    group: int,
    known: FloatArray,
    n_paths: int,
    weigh: Weigh | None,
) -> _Group:
    """Draw the residual paths of a group, more than are used where records choose among them."""
    if weigh is None:
        factor = residual_factor(scenario, world, directions, group, n_paths)
        return _Group(factor, np.zeros(0), np.zeros(0, dtype=np.intp))
    drawn = residual_factor(scenario, world, directions, group, DRAWN_PER_PATH * n_paths)
    typical = known.mean(axis=0, keepdims=True)
    names = [f"{world.regions[i]}>{world.regions[j]}" for i, j in directions]
    mixed = Streams(scenario.seed, (group,)).uniform("parts of residual paths", names, n_paths)[0]
    parents = np.empty((len(directions), n_paths), dtype=np.intp)
    log_favour = np.zeros(n_paths)
    for d in range(len(directions)):
        chosen, favour = chosen_paths(weigh(typical, drawn, d)[0], n_paths)
        order = np.argsort(mixed[d])
        parents[d] = chosen[order]
        log_favour += favour[order]
    factor = np.stack([drawn[parents[d], d] for d in range(len(directions))], axis=1)
    return _Group(factor, weigh(known, factor, None) - log_favour, parents)


def _one_by_one(
    scenario: "Scenario",
    world: "World",
    directions: Directions,
    runs: Sequence[int],
    flows: Flows,
    weigh: Weigh | None,
    reasons: tuple[str, ...],
) -> Crossing:
    """Every run with the residual path of its own number."""
    log_weight = None
    if weigh is not None:
        numbers = np.asarray(runs, dtype=np.intp)
        each = np.zeros((len(numbers), 1))
        for group in np.unique(numbers // PATHS_APART):
            own = np.flatnonzero(numbers // PATHS_APART == group)
            path = numbers[own] % PATHS_APART
            n_paths = int(path.max()) + 1
            factor = residual_factor(scenario, world, directions, int(group), n_paths)
            for k, r in zip(own, path, strict=True):
                each[k] = weigh(flows.known[k : k + 1], factor[r : r + 1], None)[0]
        log_weight = (each,)
    return Crossing(PathPairs(((len(runs), 1),), log_weight), (np.arange(len(runs)),), (), reasons)


def by_records(scenario: "Scenario", world: "World", pair: tuple[str, str]) -> Weigh | None:
    """Log likelihood of what the ledger recorded of a pair up to `as_of`; None without records."""
    quarters = range(int(scenario.horizon.start), int(scenario.horizon.end) + 1)
    entries = entries_for(scenario, world, (pair, pair[::-1]), quarters)
    if entries.n == 0:
        return None
    on_record = np.asarray(entries.weight.sum(axis=2) > 0)
    of: dict[int | None, RecordEntries] = {None: entries}
    for d in range(on_record.shape[1]):
        of[d] = _chosen(entries, on_record[:, d] & (on_record.sum(axis=1) == 1))
    return partial(_log_likelihood, of)


def _chosen(entries: RecordEntries, which: NDArray[np.bool_]) -> RecordEntries:
    return RecordEntries(*(values[which] for values in entries))


def _log_likelihood(
    entries: Mapping[int | None, RecordEntries],
    known: FloatArray,
    factor: FloatArray,
    direction: int | None,
) -> FloatArray:
    return log_likelihood(known, factor, entries[direction])
