"""Why regions outside every agreement gain or lose: with whom, and by which routes.

An agreement on transit makes cargo cheaper that a member buys or sells, so whoever is at the other
end gains as well. What is said rests on the routes of the model at the middle of all parameters.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.number_format import money
from sim.report.page.amounts import Amount
from sim.report.page.amounts_over_runs import amount_of, over_runs
from sim.report.page.blocks import Note, Paragraph
from sim.report.page.formatting import (
    in_brackets,
    listed,
    opening,
    per_cent,
    rounded,
    with_article,
    year_to,
)
from sim.report.page.report_inputs import ReportInputs
from sim.report.trade.incomes import Incomes, goods_income
from sim.scenario.blocks.agreement_changes import AgreementChanges
from sim.study.ensemble.asked_answer import year_values
from sim.study.ensemble.findings import Finding
from sim.study.route import Route, routes

ALL = "change of real income"
MAX_NAMED = 2
WORTH_TELLING = 0.2
"""Change of an outsider over the largest of all regions from which it is explained [1]."""
MIN_SAVING = 1e-4
"""Fall of the cost of a pair's routes, as a share of the value, that explains anything [1]."""


@dataclass(frozen=True)
class _Link:
    """Costs of an outsider's routes to one member, before and after."""

    member: str
    partner: str
    trade_musd: float
    """Goods in both directions in the base year [musd]."""
    saving: float
    """Fall of the cost of the routes together, as a share of the value [1]."""
    before: tuple[Route, ...]
    after: tuple[Route, ...]


def outsiders_in_words(
    inputs: ReportInputs, finding: Finding, incomes: Incomes
) -> Iterator[Paragraph | Note]:
    """Text on the agreement that the most changed outsiders owe it to, and how; empty if none."""
    agreements = inputs.scenario.agreements
    members = inputs.scenario.parties
    largest = float(np.abs(incomes.musd).max())
    order = np.argsort(-np.abs(incomes.musd), kind="stable")
    told = [k for k in order if incomes.regions[k] not in members
            and abs(incomes.musd[k]) > WORTH_TELLING * largest > 0.0][:MAX_NAMED]  # fmt: skip
    by_routes = any(agreement.changes.acts_on_routes for agreement in agreements.values())
    for k in told:
        facts = _owed(inputs, finding, incomes, int(k))
        parts = [_owed_in_words(finding, incomes.names[k], facts)]
        if by_routes and incomes.musd[k] > 0.0 and inputs.world.network.nodes:
            parts += _by_routes(inputs, finding, incomes.regions[k], sorted(members))
        yield Paragraph(" ".join(parts), facts)
    if by_routes:
        yield Note(
            "Fees, tolls and port charges count as costs saved: what their owners no longer "
            "collect is not taken off anybody's income, and nor is the price of works at gates."
        )


def _owed(inputs: ReportInputs, finding: Finding, incomes: Incomes, k: int) -> dict[str, Amount]:
    """The change of a region's income and what each agreement alone makes of it."""
    place = inputs.world.region_index(incomes.regions[k])
    assert inputs.without is not None
    without = year_values(inputs.without, "welfare_change", finding)[:, finding.at, place]

    def change(name: str) -> Amount:
        alone = year_values(inputs.results[name], "welfare_change", finding)
        gain = over_runs(alone[:, finding.at, place] / without - 1.0)
        return amount_of(gain * goods_income(inputs)[place], "million USD/yr")

    names = [name for name in inputs.scenario.agreements if name in inputs.results]
    together = {ALL: amount_of(incomes.gain[:, k], "million USD/yr")}
    return together | {f"{name} alone": change(name) for name in names}


def _owed_in_words(finding: Finding, region: str, owed: Mapping[str, Amount]) -> str:
    change, _, interval = _spoken(owed[ALL]).partition(" ")
    said = (
        f"{opening(with_article(region))} belongs to no agreement; its real income changes by "
        f"{change} million USD {interval} in {year_to(finding.by)}"
    )
    alone = [f"{name} {_spoken(part)}" for name, part in owed.items() if name != ALL]
    return f"{said}: {listed(alone)}." if alone else f"{said}."


def _spoken(change: Amount) -> str:
    """A change of income in million USD, with its interval, to a tenth at most."""
    low, high = (change.value if edge is None else edge for edge in (change.low, change.high))
    return f"{_tenth(change.value)}{in_brackets(low, high, write=_tenth)}"


def _tenth(value: float) -> str:
    text = rounded(round(value, 1), 2)
    return f"+{text}" if value > 0 and text != "0" else text


def _by_routes(
    inputs: ReportInputs, finding: Finding, outsider: str, members: Sequence[str]
) -> list[str]:
    """The member with whom the outsider's routes become cheaper by most money, and how."""
    links = [_link(inputs, finding, outsider, member) for member in members]
    best = max(links, key=lambda link: link.saving * link.trade_musd)
    if best.saving < MIN_SAVING:
        return []
    own = [one.changes for one in inputs.scenario.agreements.values() if best.member in one.members]
    said = (
        "What changes most for it are the routes to and from "
        f"{with_article(best.partner)}: they carry goods of "
        f"{money(best.trade_musd)} ({inputs.world.base_year}), and all of that is "
        f"cargo that a member buys or sells, {_terms_in_words(own)} whoever is at the other end"
    )
    changed = _changed_in_words(_means(best.before), _means(best.after))
    if changed:
        return [f"{said}. At central parameter values it {changed}."]
    share = {route.name: route.share for route in best.before}
    new = max(best.after, key=lambda route: route.share - share.get(route.name, 0.0))
    names = {gate.gate: gate.name for gate in inputs.world.gates}
    gates = [names.get(gate, gate) for gate in new.name.split(" > ")]
    now, then = per_cent(new.share), per_cent(share.get(new.name, 0.0))
    if now == then:
        return [f"{said}."]
    return [
        f"{said}. {' – '.join(gates)} carries {now} of it instead "
        f"of {then}, at central parameter values."
    ]


def _terms_in_words(changes: Sequence[AgreementChanges]) -> str:
    """Terms of a member's agreements that act on its cargo."""
    acting = [each for each in changes if each.acts_on_routes]
    several = len(acting) > 1
    terms = [
        (("opens routes", "open routes"), any(each.opens_routes for each in acting)),
        (("cuts hours", "cut hours"), any(each.cuts_hours for each in acting)),
        (("cuts fees", "cut fees"), any(each.fee_cut > 0.0 for each in acting)),
        (("sets one toll", "set one toll"), any(each.has_joint_toll for each in acting)),
    ]
    told = listed([term[several] for term, holds in terms if holds])
    return f"for which the agreement{'s' if several else ''} {told}"


def _changed_in_words(before: tuple[float, float], after: tuple[float, float]) -> str:
    """Hours and charges where hours fall; without those that read the same as before."""
    if after[0] >= before[0]:
        return ""
    verbs = ("spends {} hours at gates instead of {}", "pays {} USD a container instead of {}")
    shown = [(rounded(new, 2), rounded(old, 2)) for old, new in zip(before, after, strict=True)]
    return listed(
        [verb.format(new, old) for verb, (new, old) in zip(verbs, shown, strict=True) if new != old]
    )


def _link(inputs: ReportInputs, finding: Finding, outsider: str, member: str) -> _Link:
    world, scenario = inputs.world, inputs.scenario
    i, j = world.region_index(outsider), world.region_index(member)
    trade = world.trade[:, i, j] + world.trade[:, j, i]
    quarter = int(scenario.targets[finding.name].deadline)
    without = scenario.model_copy(update={"agreements": {}})
    before, after = (routes(world, member, outsider, quarter, s) for s in (without, scenario))
    dispersion = world.parameters["corridor_choice_dispersion"].value
    saving = 0.0
    if before and after and trade.sum() > 0.0:
        saving = _log_cost(before, trade, dispersion) - _log_cost(after, trade, dispersion)
    return _Link(member, world.region_names[j], float(trade.sum()), saving, before, after)


def _log_cost(known: Sequence[Route], trade: FloatArray, dispersion: float) -> float:
    """Log cost of a choice of routes: their mean less what it is worth to have several (logit)."""
    share = np.array([route.share for route in known])
    cost = np.array([np.average(np.log1p(route.ave), weights=trade) for route in known])
    used = share > 0.0
    spread = float((share[used] * np.log(share[used])).sum()) / dispersion
    return float((share[used] * cost[used]).sum()) + spread


def _means(known: Sequence[Route]) -> tuple[float, float]:
    """Hours at gates [h] and charges [USD/FEU], means over the cargo."""
    return (
        sum(route.share * route.gate_hours for route in known),
        sum(route.share * route.usd_per_feu for route in known),
    )
