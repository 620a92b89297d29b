"""Runs until an answer is known to within what was asked for.

Runs are simulated in blocks of numbers that follow on one another, so that the answer is that of a
study with as many runs from the beginning.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from sim.laws.uncertainty.crossing import Estimate
from sim.study.conditioning.residual_paths import GROUP
from sim.study.ensemble.findings import Finding

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario

Variants = Mapping[str, xr.Dataset]

MAX_AT_ONCE = 4
"""Factor by which the number of runs grows at most before it is looked at again."""
MAX_RUNS = 16_384
"""Runs after which no more are simulated, whatever is still wanted."""


class PreciseAnswer(NamedTuple):
    """An answer with the number of runs that it took."""

    scenario: "Scenario"
    """With that number of runs."""
    variants: dict[str, xr.Dataset]
    found: tuple[Finding, ...]


def half_width(estimate: Estimate) -> float:
    """Half of an estimate's interval, in its own unit."""
    return (estimate.high - estimate.low) / 2.0


def runs_for(n_runs: int, half: float, goal: float) -> int:
    """Runs that should bring an interval down to a goal, from one that so many runs have.

    The width falls with the root of their number. Whole groups that share residual paths are
    taken, one more at least.

    Examples
    --------
    >>> runs_for(64, 0.02, 0.01), runs_for(64, 0.0101, 0.01), runs_for(64, 0.5, 0.01)
    (256, 128, 256)
    """
    wanted = n_runs * min((half / goal) ** 2, MAX_AT_ONCE)
    groups = max(np.ceil(wanted / GROUP - 1e-9), n_runs // GROUP + 1)
    return int(min(groups * GROUP, MAX_RUNS))


def until_precise(
    scenario: "Scenario",
    goal: float,
    simulate: Callable[["Scenario", range], Variants],
    read: Callable[["Scenario", Variants], Sequence[Finding]],
    tell: Callable[[str], None],
) -> PreciseAnswer:
    """Simulate runs until every target's chance is known to within a goal.

    Parameters
    ----------
    scenario : Scenario
        Its number of runs is not looked at.
    goal : float
        Half-width of the interval of a chance [1].
    simulate : callable
        Variants of some run numbers.
    read : callable
        Findings of the variants of all runs.
    tell : callable
        Takes how sure the answer is after every block.
    """
    known: dict[str, xr.Dataset] = {}
    n_done, n_runs = 0, GROUP
    while True:
        scenario = scenario.model_copy(update={"runs": n_runs})
        known = _joined(known, simulate(scenario, range(n_done, n_runs)))
        found = tuple(read(scenario, known))
        half = max(half_width(finding.chance) for finding in found)
        if half <= goal or n_runs >= MAX_RUNS:
            tell(f"{precision_of(found)}.")
            return PreciseAnswer(scenario, known, found)
        n_done, n_runs = n_runs, runs_for(n_runs, half, goal)
        tell(f"{precision_of(found)}; ±{100 * goal:g} needs about {n_runs:,}.")


def precision_of(found: Sequence[Finding]) -> str:
    """Half-widths of the intervals of chances and of what agreements change, in points.

    The widest of all targets.
    """
    chance = max(half_width(finding.chance) for finding in found)
    changes = [half_width(f.change.chance) for f in found if f.change is not None]
    return precision_in_words(found[0].n_runs, chance, max(changes, default=None))


def precision_in_words(n_runs: int, chance: float, difference: float | None) -> str:
    """Precision of a given number of runs, in words.

    Examples
    --------
    >>> precision_in_words(64, 0.018, 0.005), precision_in_words(64, 0.018, None)
    ('64 runs: chance to ±1.8 points, difference to ±0.5', '64 runs: chance to ±1.8 points')
    """
    text = f"{n_runs:,} run{'s' * (n_runs != 1)}: chance to ±{_points(chance)} points"
    return text if difference is None else f"{text}, difference to ±{_points(difference)}"


def _points(half: float) -> str:
    """A half-width in percentage points, two digits of it; one run tells none."""
    return f"{100 * half:.2g}" if np.isfinite(half) else "100"


def _joined(before: Variants, after: Variants) -> dict[str, xr.Dataset]:
    """Runs of both, those that were done first in front."""
    if not before:
        return dict(after)
    return {
        name: xr.concat(
            [before[name], after[name]],
            dim="run",
            data_vars="minimal",
            coords="minimal",
            compat="override",
            join="override",
            combine_attrs="override",
        )
        for name in before
    }
