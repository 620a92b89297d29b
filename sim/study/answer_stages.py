"""Stages of an answer, and hashes by which settings share what they have in common.

Nothing is simulated here, so that who only asks need not load what simulates.

Settings that differ in what agreements say, and not in whose they are or when the first enters into
force, share all shocks up to then. Without agreements they are one and the same, which is
simulated once. A target's sum bears on no simulation at all.
"""

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from sim.scenario.blocks.quarters import Quarter
from sim.scenario.writing import scenario_hash
from sim.study.common_quarters import is_negotiated, last_common_quarter

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

MIN_BLOCK = 16
"""Runs below which a block takes little less time than a larger one."""
MAX_BLOCK = 96
"""Runs simulated together at most: more take longer than an answer should wait to be given up."""


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


def simulation_hash(scenario: "Scenario") -> str:
    """Hash of everything that bears on the simulation of a run, whatever is then asked of it.

    How many runs there are does not, nor what a target's sum and deadline are, unless States that
    negotiate look at them.
    """
    changed: dict[str, object] = {"runs": 1}
    if not is_negotiated(scenario):
        end = scenario.horizon.end
        changed["targets"] = {
            name: target.model_copy(update={"trade_musd": 1.0, "deadline": end})
            for name, target in scenario.targets.items()
        }
    return scenario_hash(scenario.model_copy(update=changed))


def background_hash(scenario: "Scenario", world: "World") -> str:
    """Hash of everything that settings must have in common to share draws and start."""
    plain = scenario.model_copy(update={"agreements": {}})
    quiet, bare = last_common_quarter(plain, scenario, world), simulation_hash(plain)
    if quiet is None:
        return f"{bare} {simulation_hash(scenario)}"
    return hashlib.sha256(f"{bare} {sorted(scenario.parties)} {quiet}".encode()).hexdigest()
