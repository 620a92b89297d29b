"""Scenario changes beside agreements and closures: bans, gates, lines, energy and more.

Each maker gives the sentences of one heading; a heading without sentences is left out.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from sim.report.evidence.assumptions import form_in_words, share_form_in_words
from sim.report.evidence.duty_changes import duty_rises, endings
from sim.report.evidence.own_figure_changes import HEADING, own_figures
from sim.report.page.formatting import listed, per_cent, plural, rounded
from sim.world.official_targets import MET, MISSED, WORKS

if TYPE_CHECKING:
    from sim.scenario.blocks.diplomacy import Visit
    from sim.scenario.blocks.distributions import UncertainInput
    from sim.scenario.blocks.energy import EnergyDeal
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

REFORMS = {
    "rule_of_law": "closes {change} of the way to the best rule of law",
    "infrastructure": "closes {change} of the way to the best infrastructure",
    "border_time": "cuts the hours at its border by {change} for all that it imports",
}


SIZE_WORDS = {
    "cost_share": "a cost, as a share of the value, of",
    "usd_per_container": "a cost, in USD a container, of",
    "days": "a delay, in days, of",
    "trade_change": "trade changes, once adjusted, by a share of",
}
"""Sizes of a stated cost in words, by key."""
SHARES = ("cost_share", "trade_change")
"""Sizes that are shares."""


def others_of(scenario: "Scenario", world: "World") -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Headings with their sentences."""
    made = ((heading, tuple(maker(scenario, world))) for heading, maker in MAKERS)
    return tuple((heading, points) for heading, points in made if points)


def _bans(scenario: "Scenario", world: "World") -> Iterator[str]:
    names = dict(zip(world.goods, world.good_names, strict=True))
    for name, ban in scenario.bans.items():
        some = [names[good].lower() for good in ban.goods_among(world.goods)]
        goods = "all goods" if ban.goods == "all" else listed(some)
        part = "" if ban.share == 1.0 else f"{per_cent(ban.share)} of "
        by_land = " by land" if ban.scope == "land" else ""
        pair = listed([world.name_of(code) for code in ban.pair])
        yield (
            f"{name}: {part}the trade of {pair} in {goods} stops{by_land} "
            f"{_spell(ban.from_date, ban.until)}."
        )


def _trade_costs(scenario: "Scenario", world: "World") -> Iterator[str]:
    names = dict(zip(world.goods, world.good_names, strict=True))
    for name, cost in scenario.trade_costs.items():
        some = [names[good].lower() for good in names if cost.goods == "all" or good in cost.goods]
        goods = "all goods" if cost.goods == "all" else listed(some)
        flows = listed([f"{world.name_of(a)} to {world.name_of(b)}" for a, b in cost.flows])
        key, given = cost.size
        until = "on" if cost.until is None else f"to {cost.until}"
        yield (
            f"{name}: {SIZE_WORDS[key]} {_size(key, given)} on {goods}, "
            f"{flows}, from {cost.from_quarter} {until} ({cost.source})."
        )


def _size(key: str, given: "UncertainInput") -> str:
    """Size of a cost, in per cent where it is a share."""
    return share_form_in_words(given) if key in SHARES else form_in_words(given)


def _records(scenario: "Scenario", _world: "World") -> Iterator[str]:
    if not scenario.recorded_stops:
        yield "Closures and bans on record are left out, as if none of them had happened."


def _open_all_year(scenario: "Scenario", world: "World") -> Iterator[str]:
    names = {gate.gate: gate.name for gate in world.gates}
    for gate, since in scenario.open_all_year.items():
        yield f"{names.get(gate, gate)} no longer shuts by season from {since} on."


def _lines(scenario: "Scenario", world: "World") -> Iterator[str]:
    names = {project.project: project.name for project in world.network.projects}
    for project, plan in scenario.projects.items():
        chance = plan.hazard_per_year
        hazard = "" if chance is None else f" ({per_cent(chance)} a year)"
        yield f"{names.get(project, project)}: {_opening(str(plan.completes))}{hazard}."
    if any(str(plan.completes)[:1].isdigit() for plan in scenario.projects.values()):
        yield from _dates_kept(world)


def _dates_kept(world: "World") -> Iterator[str]:
    """Sentence on official dates of works that have passed; none where none is on record."""
    works = [one.outcome for one in world.official.targets if one.measure == WORKS]
    kept, passed = works.count(MET), works.count(MET) + works.count(MISSED)
    if passed:
        yield (
            f"Dates are taken as stated. Of {plural(passed, 'official date')} for works on record "
            f"with a known end, {kept} {'was' if kept == 1 else 'were'} kept; none is the "
            "opening of a line, so that no delay can be fitted: try a later date, or by_hazard."
        )


def _opening(when: str) -> str:
    if when == "by_hazard":
        return "complete by chance, from the first year in which it may be"
    return "never complete" if when == "never" else f"complete in {when}"


def _energy(scenario: "Scenario", world: "World") -> Iterator[str]:
    energy, prices = scenario.energy, dict(zip(world.energy.carriers, world.energy.price_units,
                                               strict=True))  # fmt: skip
    carriers = carriers_in_words(world)
    projects = {project.project: project.name for project in world.energy.projects}
    for project, plan in energy.projects.items():
        yield f"{projects.get(project, project)}: {_opening(str(plan.completes))}."
    for name, deal in energy.deals.items():
        yield f"{name}: {_deal(deal, world)}."
    for point in energy.prices:
        yield (
            f"World price of {carriers[point.carrier]} from {point.year} on: "
            f"{rounded(point.price_usd_per_unit)} {prices[point.carrier]}."
        )
    for spike in energy.spikes:
        yield (
            f"World price of {carriers[spike.carrier]} {rounded(spike.factor, 2)} times "
            f"its path {_spell(spike.from_date, spike.until)}."
        )
    for failure in energy.force_majeure:
        yield (
            f"{per_cent(failure.cut)} of {world.name_of(failure.exporter)}'s exports of "
            f"{carriers[failure.carrier]} fail {_spell(failure.from_date, failure.until)}."
        )


def carriers_in_words(world: "World") -> dict[str, str]:
    """Names of carriers of energy as they stand within a sentence."""
    names = (name if name.isupper() else name.lower() for name in world.energy.carrier_names)
    return dict(zip(world.energy.carriers, names, strict=True))


def _deal(deal: "EnergyDeal", world: "World") -> str:
    """A contract in one sentence without its end."""
    unit = world.energy.units[world.energy.carriers.index(deal.carrier)]
    carrier = carriers_in_words(world)[deal.carrier]
    ports = {port.port: port.name for port in world.ports}
    until = "" if deal.until is None else f" to {deal.until}"
    said = (
        f"up to {rounded(deal.volume)} {unit} a year of {carrier} from "
        f"{world.name_of(deal.exporter)} to {world.name_of(deal.importer)} from "
        f"{deal.from_quarter}{until}"
    )
    if deal.through:
        said += f", through {listed([ports[port] for port in deal.through])}"
    if deal.take_or_pay:
        said += f", {per_cent(deal.take_or_pay)} of it paid even if it is not taken"
    if deal.discount:
        said += f", {per_cent(deal.discount)} below the buyer's market price"
    return f"{said}, once it pays" if deal.signing == "if_profitable" else said


def _spell(first: date, last: date | None) -> str:
    return f"from {first} on" if last is None else f"from {first} to {last}"


def _diplomacy(scenario: "Scenario", world: "World") -> Iterator[str]:
    diplomacy = scenario.diplomacy
    for what, acts in (
        ("State or official visits", diplomacy.visits),
        ("Consulates opened", diplomacy.consulates),
        ("Trade missions", diplomacy.missions),
    ):
        if acts:
            yield f"{what}: {'; '.join(_act(act, world) for act in acts)}."
    for name, signed in diplomacy.memoranda.items():
        pair = listed([world.name_of(code) for code in signed.pair])
        effect = signed.trade_effect_per_project
        adds = f", each adding {per_cent(effect)} to trade in both directions" if effect else ""
        many = "1 memorandum" if signed.count == 1 else f"{signed.count:,} memoranda"
        yield (
            f"{name}: {many} of {pair} signed in {signed.when}; the share that "
            f"becomes projects after {rounded(signed.years_to_project)} years is "
            f"{share_form_in_words(signed.conversion_rate)}{adds}."
        )
    for suitor in diplomacy.outside_attention:
        until = "on" if suitor.until is None else f"to {suitor.until}"
        yield (
            f"{world.name_of(suitor.power)} courts {world.name_of(suitor.state)} from "
            f"{suitor.since} {until}, with {rounded(suitor.effort, 2)} times the weight of a "
            "negotiation."
        )


def _act(act: "Visit", world: "World") -> str:
    return f"{world.name_of(act.sending_state)} to {world.name_of(act.host_state)} in {act.when}"


def _reforms(scenario: "Scenario", world: "World") -> Iterator[str]:
    goods = dict(zip(world.goods, world.good_names, strict=True))
    for name, step in scenario.reforms.steps.items():
        what = REFORMS[step.measure].format(change=per_cent(step.change))
        if step.measure == "border_time" and step.goods != "all":
            some = [goods[good].lower() for good in step.goods_among(world.goods)]
            what = f"{what} of {listed(some)}"
        yield (
            f"{name}: {world.name_of(step.state)} {what}, from {step.start} over "
            f"{rounded(step.duration_years)} years, for {rounded(step.cost_musd)} million USD."
        )
    for region, budget in scenario.reforms.budget_musd.items():
        yield (
            f"{world.name_of(region)} can spend {rounded(budget)} million USD a year on its "
            "reforms."
        )


MAKERS: tuple[tuple[str, Callable[["Scenario", "World"], Iterator[str]]], ...] = (
    (HEADING, own_figures),
    ("Duties that change", duty_rises),
    ("Agreements that end", endings),
    ("Costs of trading", _trade_costs),
    ("Bans of commerce", _bans),
    ("Closures and bans on record", _records),
    ("Gates open all year", _open_all_year),
    ("Lines to be built", _lines),
    ("Energy", _energy),
    ("Diplomacy", _diplomacy),
    ("Reforms", _reforms),
)
"""Headings in the order of the page."""
