"""Residual paths that known paths are crossed with, and where they must not be crossed.

Residual paths are numbered and drawn by the keyed streams of the runs: the first paths of more are
the paths of fewer, and path r is the residual shock of run r itself. Known paths are crossed in
groups of `GROUP` run numbers, each group with paths of its own, so that more runs bring more of
both and memory stays flat.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.uncertainty.base_error import base_error
from sim.simulation.uncertainty.draws import simulated_quarters
from sim.simulation.uncertainty.residual_shocks import residual_paths_of
from sim.store import json_bytes

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

Directions = tuple[tuple[int, int], ...]
"""Exporter and importer of each direction, as places of regions."""

GROUP = 64
"""Run numbers that share their residual paths."""
RESIDUAL_PATHS = 2048
"""Residual paths of a group."""
DRAWN_PER_PATH = 8
"""Residual paths drawn for each that is used, where records choose among them."""
MAX_PAIRS = 2**20
"""Pairs of paths that are looked at, from which on a group has fewer residual paths."""
PATHS_APART = RESIDUAL_PATHS * DRAWN_PER_PATH
"""Numbers from the first path of a group to that of the next."""
KEPT_GROUPS = 8
"""Groups of residual paths kept for the next case of a study."""


def paths_per_group(n_known: int) -> int:
    """Residual paths with which each of so many known paths is crossed.

    Examples
    --------
    >>> paths_per_group(64), paths_per_group(512), paths_per_group(10_000)
    (2048, 2048, 104)
    """
    return max(1, min(RESIDUAL_PATHS, MAX_PAIRS // max(n_known, 1)))


def rules_that_read_the_record(scenario: "Scenario") -> tuple[str, ...]:
    """Rules of a scenario that act on recorded trade, residual shock included, in words.

    With any of them what the laws know depends on the residual shock, and a known path belongs to
    the residual path it was simulated with. Nothing else in a quarter reads the shock: States and
    exporters act on what the laws know.
    """
    return tuple(
        f"the quota of {name} fills on recorded trade"
        for name, agreement in scenario.agreements.items()
        if agreement.changes.has_quotas
    )


class _Source(NamedTuple):
    """Inputs of a group of residual paths; equal sources have equal paths."""

    key: bytes
    pairs: Directions
    window: tuple[int, int]
    group: int
    n_paths: int
    scenario: "Scenario"
    world: "World"

    def __hash__(self) -> int:
        return hash(self[:5])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Source) and self[:5] == other[:5]


def residual_key(scenario: "Scenario", world: "World") -> bytes:
    """All that the residual paths of a direction depend on; equal keys have equal paths."""
    return json_bytes(
        {
            "seed": scenario.seed,
            "layers": scenario.uncertainty_sources.model_dump(mode="json"),
            "uncertainty": {
                name: given.model_dump(mode="json") for name, given in scenario.uncertainty.items()
            },
            "world": [world.content_hash, world.ledger],
        }
    )


def residual_factor(
    scenario: "Scenario", world: "World", pairs: Directions, group: int, n_paths: int
) -> FloatArray:
    """Factor on trade of a group's first residual paths, (n_paths, n_directions, n_quarters) [1].

    Quarters are those of the scenario's record, from the start of its horizon to the end.
    """
    key = residual_key(scenario, world)
    window = (int(scenario.horizon.start), int(scenario.horizon.end))
    return _drawn(_Source(key, pairs, window, group, n_paths, scenario, world))


@lru_cache(maxsize=KEPT_GROUPS)
def _drawn(source: _Source) -> FloatArray:
    scenario, world = source.scenario, source.world
    first = source.group * PATHS_APART
    streams = Streams(scenario.seed, range(first, first + source.n_paths))
    quarters = np.array(simulated_quarters(scenario, world))
    # Nothing of a scenario but seed, layers and uncertainty bears on the paths of a direction.
    log_factor = residual_paths_of(scenario, world, streams, quarters, source.pairs)
    log_factor = log_factor + base_error(world, streams, source.pairs)[..., None]
    factor = np.exp(log_factor[..., np.searchsorted(quarters, source.window[0]) :])
    factor.setflags(write=False)
    return factor


def groups_of(runs: Sequence[int]) -> dict[int, NDArray[np.intp]]:
    """Places of the runs of each group, by group in rising order."""
    numbers = np.asarray(runs, dtype=np.intp) // GROUP
    return {int(group): np.flatnonzero(numbers == group) for group in np.unique(numbers)}
