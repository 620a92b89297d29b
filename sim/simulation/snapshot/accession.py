"""States that may join an agreement: each accession is a protocol of its own, with its own date.

The joiner receives what the members grant, and grants to each member what that member grants, for
as long as the agreement lasts.
A transit agreement acts on the routes that it opens once the joiner is within.
"""

from typing import TYPE_CHECKING, Any

from sim.scenario.blocks.agreements import NegotiatedTimeline, Negotiation

if TYPE_CHECKING:
    from sim.scenario.blocks.agreements import Concession, PreferentialAgreement
    from sim.scenario.blocks.scenario import Scenario

JOINED = "+"
"""Between the name of an agreement and who joins it; no author's name can hold it."""
_OPEN = NegotiatedTimeline(negotiated=Negotiation())


def with_accessions(scenario: "Scenario") -> "Scenario":
    """The scenario with a negotiated protocol after every agreement for each who may join it."""
    if not any(agreement.may_join for agreement in scenario.agreements.values()):
        return scenario
    agreements: dict[str, Any] = {}
    for name, agreement in scenario.agreements.items():
        agreements[name] = agreement
        for code in agreement.may_join:
            changes: dict[str, Any] = {
                "members": (*agreement.members, code),
                "timeline": _OPEN,
                "may_join": (),
            }
            if agreement.kind == "preferential":
                changes["concessions"] = _terms(agreement, code)
            agreements[f"{name}{JOINED}{code}"] = agreement.model_copy(update=changes)
    return scenario.model_copy(update={"agreements": agreements})


def parent_of(name: str) -> str | None:
    """The agreement that a protocol of accession belongs to, or None for any other agreement."""
    parent, joined, _ = name.partition(JOINED)
    return parent if joined else None


def _terms(agreement: "PreferentialAgreement", joiner: str) -> tuple["Concession", ...]:
    rules = [c.customs_union for c in agreement.concessions if c.customs_union != "refuse"]
    rule = rules[0] if rules else "refuse"
    granted = [c.model_copy(update={"to": (joiner,)}) for c in agreement.concessions]
    returned = [
        c.model_copy(update={"by": joiner, "to": (c.by,), "customs_union": rule})
        for c in agreement.concessions
    ]
    return (*granted, *returned)
