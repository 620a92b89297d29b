"""Basis of a study's page: its ledgers, changes by its scenarios, and assumptions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.report.evidence.assumptions import given_section
from sim.report.evidence.confidence import layers_of
from sim.report.evidence.omissions import omissions_of
from sim.report.evidence.scenario_changes import Change, changes_of
from sim.report.evidence.sources import sources_of
from sim.report.page.blocks import Block, Note, Points, Section, Subheading
from sim.report.page.formatting import ledger_in_words, listed
from sim.report.page.recorded_trade import latest_record

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.study.jobs.plan import Plan
    from sim.world.world import World


def ledgers_in_words(world: "World", scenario: "Scenario") -> tuple[str, ...]:
    """Ledgers and base year, and to when they record the trade of the targets' pairs."""
    latest = latest_record(world, [target.pair for target in scenario.targets.values()])
    ledgers = f"{ledger_in_words(world.ledger)}, base year {world.base_year}"
    return (ledgers, f"records to {latest}") if latest else (ledgers,)


def overline(plan: "Plan", kind: str, *size: str) -> str:
    """Line above the title of a study: its kind, its ledgers, its size."""
    return " · ".join([kind, *ledgers_in_words(_world(plan), plan.base), *size])


def basis_sections(
    plan: "Plan", scenarios: Mapping[str, "Scenario"] | None = None
) -> tuple[Section, ...]:
    """Sections on the changes, their certainty, their basis, the omissions, and the sources.

    Parameters
    ----------
    plan : Plan
    scenarios : mapping of str to Scenario, optional
        By name, where several are set side by side; the plan's own by default.
    """
    world, base = _world(plan), plan.base
    scenarios = scenarios or {"": base}
    pairs = [target.pair for target in base.targets.values()]
    return (
        _changes(scenarios, world),
        Section("confidence", "Confidence", (_layers(base),)),
        given_section(base, world, scenarios),
        omissions_of(world, base),
        sources_of(world, pairs, all_of_them=False),
    )


def _layers(scenario: "Scenario") -> Points:
    """The layers of uncertainty in sentences."""
    return Points(
        tuple(
            f"{layer.name}, {'on' if layer.is_on else 'switched off'}: {layer.meaning}."
            for layer in layers_of(scenario)
        )
    )


def _world(plan: "Plan") -> "World":
    return plan.world_of(plan.base)


def _changes(scenarios: Mapping[str, "Scenario"], world: "World") -> Section:
    """Changes made by the scenarios, each listed once, with the scenarios that have it."""
    found: list[tuple[Change, list[str]]] = []
    for name, scenario in scenarios.items():
        for change in changes_of(scenario, world):
            known = next((names for other, names in found if other == change), None)
            if known is None:
                found.append((change, [name]))
            else:
                known.append(name)
    blocks: list[Block] = []
    for change, names in found:
        blocks.append(Subheading(change.heading))
        if len(scenarios) > 1:
            where = "all" if len(names) == len(scenarios) else listed(names)
            blocks.append(Note(f"In {where}."))
        blocks.append(Points(change.points, change.facts))
    changed = {name for _, names in found for name in names}
    bare = [name for name in scenarios if name not in changed]
    if bare:
        whose = f"{listed(bare)}: nothing" if len(scenarios) > 1 else "Nothing"
        blocks.append(Note(f"{whose} is added to the world of {world.base_year}."))
    return Section("changes", "Changes from the baseline", tuple(blocks))
