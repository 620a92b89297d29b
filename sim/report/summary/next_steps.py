"""Necessary next steps, by actor and date: agreements, gates, lines, energy deals, reforms."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from sim.laws.numerics.calendar import quarter_bounds
from sim.report.evidence.other_changes import carriers_in_words
from sim.report.page.blocks import TableBlock, words
from sim.report.page.formatting import listed, rounded
from sim.report.page.report_inputs import ReportInputs
from sim.report.transport.pair_routes import route_rows

if TYPE_CHECKING:
    from sim.scenario.blocks.agreements import Agreement
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

MAX_STEPS = 7
NO_DATE = "no date: as States negotiate"
Step = tuple[str, str, str]
"""What, by whom, by when."""


def next_steps(inputs: ReportInputs) -> TableBlock | None:
    """Steps that the scenario takes for granted; None where it takes none."""
    steps = steps_of(inputs.scenario, inputs.world, gates_in_use(inputs))
    if not steps:
        return None
    left = len(steps) - MAX_STEPS
    shown = steps if left <= 0 else [*steps[:MAX_STEPS], (f"and {left} more", "", "")]
    return TableBlock(words("Next step", "By whom", "By when"), tuple(shown), caption="")


def gates_in_use(inputs: ReportInputs) -> frozenset[str] | None:
    """Gates on routes of the targets' pairs; None where routes are not known."""
    if not inputs.has("route_tonnes"):
        return None
    rows = [row for finding in inputs.findings for row in route_rows(inputs, finding)]
    return frozenset(gate for row in rows for gate in row.gates.split(" > ")) or None


def steps_of(
    scenario: "Scenario", world: "World", in_use: Collection[str] | None = None
) -> list[Step]:
    """Everything that has to happen for the scenario to come true, agreements first.

    Gates outside those in use, where these are told, need not reopen for the pair's sake.
    """
    return [
        *_agreements(scenario, world),
        *_unions(scenario, world),
        *_gates(scenario, world, in_use),
        *_lines(scenario, world),
        *_deals(scenario, world),
        *_reforms(scenario, world),
    ]


def agreement_title(name: str, agreement: "Agreement") -> str:
    """An agreement in words: its kind, and its name in the scenario.

    Its name is left out where it says no more than the kind.
    """
    return f"the {agreement.kind_in_words} agreement" + (
        "" if name == agreement.kind else f" ({name})"
    )


def _agreements(scenario: "Scenario", world: "World") -> Iterator[Step]:
    for name, agreement in scenario.agreements.items():
        members = listed([world.name_of(code) for code in agreement.members])
        timeline = agreement.timeline
        title = agreement_title(name, agreement)
        if timeline.in_force is None:
            signed = timeline.signed
            yield (
                f"{'Negotiate, sign and ratify' if signed is None else 'Ratify'} {title}",
                members,
                NO_DATE if signed is None else f"signed {signed}, in force at no set date",
            )
            continue
        yield (
            f"Sign and ratify {title}",
            members,
            f"signed {timeline.signed}, in force {timeline.in_force}",
        )


def _unions(scenario: "Scenario", world: "World") -> Iterator[Step]:
    """Consent of customs unions to what one of their members grants, each once."""
    told = set()
    for agreement in scenario.agreements.values():
        for concession in agreement.changes.duty_cuts:
            union = _union_of(world, concession.grantor)
            case = (union, concession.grantor, concession.customs_union)
            if not union or case in told:
                continue
            told.add(case)
            by = world.name_of(concession.grantor)
            what = {
                "waiver": f"Allow {by} to cut its duties alone",
                "union": f"Grant {by}'s cuts together",
                "refuse": f"Consent to {by}'s cuts; without it they have no effect",
            }[concession.customs_union]
            when = agreement.timeline.in_force
            yield what, union, NO_DATE if when is None else str(when)


def _gates(scenario: "Scenario", world: "World", in_use: Collection[str] | None) -> Iterator[Step]:
    """Gates that are assumed to reopen after the records end, and before the last deadline."""
    gates = {gate.gate: gate for gate in world.gates}
    _, last_day = quarter_bounds(max(target.deadline for target in scenario.targets.values()))
    for name, spells in scenario.closures.items():
        spell = spells[-1]
        if in_use is not None and name not in in_use:
            continue
        if name not in gates or spell.until is None or spell.share < 1.0:
            continue
        # A gate that reopens after the deadline does nothing for the targets.
        if spell.until >= last_day:
            continue
        owners = listed([world.name_of(code) for code in gates[name].owners])
        yield f"Reopen {gates[name].name}", owners, f"shut to {spell.until}, assumed"


def _lines(scenario: "Scenario", world: "World") -> Iterator[Step]:
    """Lines and plants that are to be complete on a date."""
    lines = {project.project: project.name for project in world.network.projects}
    plants = {project.project: project.name for project in world.energy.projects}
    for name, plan in scenario.projects.items():
        yield from _complete(lines.get(name, name), str(plan.completes))
    for name, plant in scenario.energy.projects.items():
        yield from _complete(plants.get(name, name), str(plant.completes))


def _deals(scenario: "Scenario", world: "World") -> Iterator[Step]:
    """Energy deals that are to be signed before they deliver."""
    carriers = carriers_in_words(world)
    for name, deal in scenario.energy.deals.items():
        parties = listed([world.name_of(code) for code in (deal.exporter, deal.importer)])
        pays = ", once it pays" if deal.signing == "if_profitable" else ""
        yield (
            f"Sign the deal on {carriers[deal.carrier]} ({name})",
            parties,
            f"delivery from {deal.from_quarter}{pays}",
        )


def _reforms(scenario: "Scenario", world: "World") -> Iterator[Step]:
    """Reforms that begin on a date."""
    for name, step in scenario.reforms.steps.items():
        years = "1 year" if step.duration_years == 1 else f"{rounded(step.duration_years)} years"
        yield (
            f"Carry out the reform {name}",
            world.name_of(step.state),
            f"from {step.start}, over {years}",
        )


def _complete(title: str, when: str) -> Iterator[Step]:
    if when != "never":
        yield f"Complete {title}", "its sponsors", "by chance" if when == "by_hazard" else when


def _union_of(world: "World", region: str) -> str:
    """Customs union that a region belongs to; empty if to none."""
    return next((u for u, members in world.customs_unions.items() if region in members), "")
