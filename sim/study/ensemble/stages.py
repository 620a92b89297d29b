"""The same question answered with few runs, with more and with all: an answer that grows surer.

Run numbers are those of the whole ensemble, from the first, so that a later stage adds to an
earlier one and the answer moves only by what more runs say. Everything is simulated, crossed and
read off by the functions that a run of all is made of; the last stage is that run.

Settings that differ in what agreements say, and not in whose they are or when the first enters into
force, share all shocks up to then. Without agreements they are one and the same, which is
simulated once.
"""

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import xarray as xr

from sim.laws.numerics.recent import Recent
from sim.scenario.blocks.quarters import Quarter
from sim.scenario.writing import scenario_hash
from sim.study.ensemble.common_quarters import last_common_quarter
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT, variants_of
from sim.study.ensemble.run import BLOCK, start_variants

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

KEPT_BACKGROUNDS = 12
"""Results without agreements that a process keeps [of 64 runs some 30 MB each]."""


class Stage(NamedTuple):
    """Amount of simulation for an answer."""

    name: str
    runs: int | None
    """Runs at most; None for as many as the scenario asks."""
    is_short: bool = False
    """Whether nothing after the targets' years is looked at."""

    def of(self, scenario: "Scenario") -> "Scenario":
        """The scenario as it is simulated at this stage."""
        changed: dict[str, object] = {}
        if self.runs is not None and self.runs < scenario.runs:
            changed["runs"] = self.runs
        last = max(target_quarter(scenario, name) for name in scenario.targets)
        if self.is_short and last < int(scenario.horizon.end):
            changed["horizon"] = scenario.horizon.model_copy(update={"end": Quarter(last)})
        return scenario.model_copy(update=changed) if changed else scenario


ROUGH, FIRM, FINAL = Stage("rough", 16, is_short=True), Stage("firm", 64), Stage("final", None)
STAGES = (ROUGH, FIRM, FINAL)


def target_quarter(scenario: "Scenario", name: str) -> int:
    """Quarter by which a target is to be reached, by its index."""
    return int(scenario.targets[name].deadline)


def background_hash(scenario: "Scenario", world: "World") -> str:
    """Hash of everything that settings must have in common to share draws and start."""
    plain = scenario.model_copy(update={"agreements": {}})
    quiet, bare = last_common_quarter(plain, scenario, world), scenario_hash(plain)
    if quiet is None:
        return f"{bare} {scenario_hash(scenario)}"
    return hashlib.sha256(f"{bare} {sorted(scenario.parties)} {quiet}".encode()).hexdigest()


class StageRunner:
    """Simulates settings one after the other and keeps what the next may need.

    Parameters
    ----------
    world : World
        Held to the ledger that the settings name.
    """

    def __init__(self, world: "World") -> None:
        self.world = world
        self._first: Recent[Scenario] = Recent(most=KEPT_BACKGROUNDS)
        self._without: Recent[xr.Dataset] = Recent(most=KEPT_BACKGROUNDS)

    def answered(self, scenario: "Scenario") -> dict[str, xr.Dataset]:
        """Results as asked and without agreements.

        Parameters
        ----------
        scenario : Scenario
            As `Stage.of` gives it.

        Raises
        ------
        sim.study.ensemble.interruption.Stopped
            If `stoppable` says so.
        """
        key = background_hash(scenario, self.world)
        variants = variants_of(scenario)
        without = self._without.at_hand(key)
        wanted = {
            name: variants[name]
            for name in (AS_ASKED, NO_AGREEMENT)
            if name in variants and (name == AS_ASKED or without is None)
        }
        found = self._simulated(scenario, key, wanted)
        if NO_AGREEMENT in found:
            self._without.keep(key, found[NO_AGREEMENT])
        elif NO_AGREEMENT in variants and without is not None:
            found[NO_AGREEMENT] = without
        return found

    def parts(self, scenario: "Scenario") -> dict[str, xr.Dataset]:
        """Results with each of several agreements alone; none of a single one."""
        told = (AS_ASKED, NO_AGREEMENT)
        alone = {name: one for name, one in variants_of(scenario).items() if name not in told}
        return (
            self._simulated(scenario, background_hash(scenario, self.world), alone) if alone else {}
        )

    def _simulated(
        self, scenario: "Scenario", key: str, variants: "Mapping[str, Scenario]"
    ) -> dict[str, xr.Dataset]:
        """Variants on the draws, and from the start, of the first setting of its background."""
        # Whoever came first stands for all: draws and start are those of the background alone.
        first = self._first.of(key, lambda: scenario)
        return start_variants(first, self.world, variants, block=BLOCK)(None).variants
