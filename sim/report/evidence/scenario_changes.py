"""Changes of a scenario from the baseline, in plain words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.laws.numerics.calendar import quarter_bounds
from sim.report.evidence.other_changes import others_of
from sim.report.page.amounts import Amount, Facts
from sim.report.page.blocks import Block, Paragraph, Points, Section, Subheading
from sim.report.page.formatting import dates, listed, per_cent, plural, rounded
from sim.report.page.report_inputs import ReportInputs

if TYPE_CHECKING:
    from sim.scenario.blocks.agreement_changes import AgreementChanges, Concession, HoursCut
    from sim.scenario.blocks.agreements import Agreement
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.csv_tables.records import AgreementRecord
    from sim.world.world import World

UNION_RULES = {
    "refuse": "{by} is in the customs union {union} and the union refuses: this cut has no effect.",
    "waiver": "{by} is in the customs union {union}; a waiver lets it grant alone.",
    "union": "{by} is in the customs union {union}; all its members grant the same.",
}


ASSUMED_CLOSURES = "Closures assumed beyond those on record, with the agreements and without"


@dataclass(frozen=True)
class Change:
    """One agreement or closure: a heading and what it does."""

    heading: str
    points: tuple[str, ...]
    facts: Facts = field(default_factory=dict)


def changes_section(inputs: ReportInputs) -> Section:
    """Section on the changes from the baseline."""
    scenario, world = inputs.scenario, inputs.world
    blocks: list[Block] = []
    for change in changes_of(scenario, world):
        blocks += [Subheading(change.heading), Points(change.points, change.facts)]
    if not blocks:
        blocks.append(
            Paragraph(
                f"Nothing: this scenario carries the world of {world.base_year} forward as it is."
            )
        )
    elif not scenario.agreements:
        blocks.insert(0, Paragraph("The scenario adds no agreement of its own."))
    return Section("changes", "Changes from the baseline", tuple(blocks))


def changes_of(scenario: "Scenario", world: "World") -> tuple[Change, ...]:
    """Everything that a scenario adds to the world's baseline."""
    changes = []
    for name, agreement in scenario.agreements.items():
        timeline = agreement.timeline
        heading = (
            f"{name}: {agreement.kind_in_words} agreement of "
            f"{listed([world.name_of(code) for code in agreement.members])}, {dates(timeline)}"
        )
        made = agreement.changes
        points = [*_duty_cuts(agreement, made, world), *_on_record(agreement, made, world)]
        facts = _terms_granted(made, world)
        if made.acts_on_routes:
            points += _on_routes(made, world)
            facts |= _hours_cut(made, world)
            facts["cut of fees at borders"] = Amount(made.fee_cut, "1")
        if agreement.may_join:
            joiners = listed([world.name_of(code) for code in agreement.may_join])
            points.append(
                f"{joiners} may join on the same terms once the agreement has worked a year."
            )
        changes.append(Change(heading, tuple(points), facts))
    closures = tuple(_closures(scenario, world))
    if closures:
        changes.append(Change(ASSUMED_CLOSURES, closures))
    changes += [Change(heading, points) for heading, points in others_of(scenario, world)]
    return tuple(changes)


def _duty_cuts(
    agreement: "Agreement", changes: "AgreementChanges", world: "World"
) -> Iterator[str]:
    for concession in changes.duty_cuts:
        to = listed([world.name_of(code) for code in concession.receivers(agreement.members)])
        some = "" if concession.goods == "all" else f": {'; '.join(_goods(world, concession))}"
        goods = "goods" if some else "all goods"
        yield (
            f"{world.name_of(concession.grantor)} takes {per_cent(concession.cut)} off its "
            f"{_layers(concession)} on {goods} from {to}{_terms(concession)}{some}."
            f"{_union(concession, world)}"
        )
    if changes.origin_cost_ave is not None:
        yield (
            f"Proving origin costs exporters {per_cent(changes.origin_cost_ave)} of the value; "
            "those who would save less do not claim the preference."
        )


def _on_record(
    agreement: "Agreement", changes: "AgreementChanges", world: "World"
) -> Iterator[str]:
    """Preferences on record between members who grant each other something."""
    begins = agreement.timeline.in_force
    if begins is None:
        return
    day = quarter_bounds(int(begins))[0].isoformat()
    pairs = {
        frozenset((cut.grantor, to))
        for cut in changes.duty_cuts
        for to in cut.receivers(agreement.members)
    }

    def joins_a_pair(record: "AgreementRecord") -> bool:
        return any(pair <= set(record.members) for pair in pairs)

    found = [
        record.name
        for record in world.agreements
        if record.grants_preferences and record.is_in_force(day) and joins_a_pair(record)
    ]
    if found:
        yield (
            f"In force on record: {listed(found)}. Where two cut one duty the larger cut counts, "
            "so that a smaller or slower one changes nothing."
        )


def _terms_granted(changes: "AgreementChanges", world: "World") -> dict[str, Amount]:
    """The numbers of the concessions, one after the other."""
    facts: dict[str, Amount] = {}
    for n, concession in enumerate(changes.duty_cuts, start=1):
        of = f"concession {n}, by {world.name_of(concession.grantor)}"
        facts[f"{of}: cut of the duty"] = Amount(concession.cut, "1")
        facts[f"{of}: phased in over"] = Amount(concession.phase_in_years, "years")
        facts[f"{of}: part of the trade left out"] = Amount(concession.excluded_share, "1")
        if concession.quota_musd is not None:
            facts[f"{of}: quota"] = Amount(concession.quota_musd, "million USD/yr")
    if changes.origin_cost_ave is not None:
        facts["cost of proving origin, part of the value"] = Amount(changes.origin_cost_ave, "1")
    return facts


def _layers(concession: "Concession") -> str:
    if concession.duty_types is None:
        return "duties of every kind"
    return listed([layer.replace("_", " ") for layer in concession.duty_types])


def _goods(world: "World", concession: "Concession") -> list[str]:
    names = dict(zip(world.goods, world.good_names, strict=True))
    return [names[good].lower() for good in concession.goods_among(world.goods)]


def _terms(concession: "Concession") -> str:
    terms = []
    if concession.phase_in_years > 0:
        terms.append(f"in equal yearly steps over {rounded(concession.phase_in_years)} years")
    if concession.excluded_share > 0:
        terms.append(f"with {per_cent(concession.excluded_share)} of this trade left out")
    if concession.quota_musd is not None:
        terms.append(f"for up to {rounded(concession.quota_musd)} million USD a year")
    return "".join(f", {term}" for term in terms)


def _union(concession: "Concession", world: "World") -> str:
    for union, members in world.customs_unions.items():
        if concession.grantor in members:
            rule = UNION_RULES[concession.customs_union]
            return " " + rule.format(by=world.name_of(concession.grantor), union=union)
    return ""


def _hours_cut(changes: "AgreementChanges", world: "World") -> dict[str, Amount]:
    """The numbers of cuts of hours; 0 where there is none."""
    name = "cut of hours at borders"
    cuts = {f"{name}{_of_some(cut, world)}": cut.share for cut in changes.hours_cuts}
    return {key: Amount(share, "1") for key, share in (cuts or {name: 0.0}).items()}


def _of_some(cut: "HoursCut", world: "World") -> str:
    """Goods that a cut of hours is for, where it is not for all."""
    if cut.goods == "all":
        return ""
    names = dict(zip(world.goods, world.good_names, strict=True))
    return f" for {listed([names[good].lower() for good in world.goods if good in cut.goods])}"


def _on_routes(changes: "AgreementChanges", world: "World") -> Iterator[str]:
    opened = [*changes.access.routes, *changes.access.ports]
    if opened:
        routes = {corridor.corridor: corridor.name for corridor in world.corridors}
        ports = {port.port: port.name for port in world.ports}
        names = [routes.get(name) or ports.get(name) or name for name in opened]
        yield f"Opens to the members' cargo: {'; '.join(names)}."
    for cut in changes.hours_cuts:
        yield f"Hours at the members' borders fall by {per_cent(cut.share)}{_of_some(cut, world)}."
    if changes.fee_cut > 0:
        yield f"Fees at the members' borders fall by {per_cent(changes.fee_cut)}."
    if changes.is_sealed:
        yield "Cargo moves under TIR carnets, sealed and guaranteed once for all borders."
    if changes.lanes_added_share > 0:
        added = per_cent(changes.lanes_added_share)
        yield f"It pays for {added} more lanes at the members' border posts."
    if changes.has_joint_toll:
        yield "One joint toll replaces the tolls that each state on the way sets for itself."
    yield "It acts on cargo that a member buys or sells, at gates that belong to members alone."


def _closures(scenario: "Scenario", world: "World") -> Iterator[str]:
    names = {gate.gate: gate.name for gate in world.gates}
    for gate, spells in scenario.closures.items():
        dates = [
            (
                f"{spell.from_date} to {spell.until}"
                if spell.until is not None
                else f"from {spell.from_date} on"
            )
            + ("" if spell.share == 1.0 else f", {per_cent(spell.share)} of its capacity")
            for spell in spells
        ]
        yield f"{names.get(gate, gate)} ({plural(len(dates), 'closure')}): {'; '.join(dates)}."
