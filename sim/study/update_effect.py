"""Effect of newer figures on an answer: the same question, the same draws, two worlds."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT, variants_of
from sim.study.ensemble.findings import Finding, findings
from sim.study.ensemble.run import run_variants

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


@dataclass(frozen=True)
class UpdateEffect:
    """An answer before and after."""

    target: str
    year: int
    median_musd: tuple[float, float]
    """Trade of the year asked, before and after [musd]."""
    chance: tuple[float, float]
    """Chance that this year reaches the target, before and after [1]."""
    base_musd: tuple[float, float]
    """Trade of the base year [musd]."""


def effects(scenario: "Scenario", before: "World", after: "World") -> tuple[UpdateEffect, ...]:
    """Answer a question in two worlds.

    Parameters
    ----------
    scenario : Scenario
        As it is asked, with as many runs as it says.
    before, after : World
        Equal but for their figures; runs of one number have the same draws in both.

    Returns
    -------
    tuple of UpdateEffect
        One a target.
    """
    found = [_found(scenario, world) for world in (before, after)]
    return tuple(
        UpdateEffect(
            target=old.name,
            year=int(old.years[old.at]),
            median_musd=(float(old.median.value), float(new.median.value)),
            chance=(old.chance.value, new.chance.value),
            base_musd=(old.baseline_musd, new.baseline_musd),
        )
        for old, new in zip(*found, strict=True)
    )


def _found(scenario: "Scenario", world: "World") -> tuple[Finding, ...]:
    told = (AS_ASKED, NO_AGREEMENT)
    variants = {name: each for name, each in variants_of(scenario).items() if name in told}
    return tuple(
        findings(scenario, world, run_variants(scenario, world, variants=variants).variants)
    )
