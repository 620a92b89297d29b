"""States that may join an agreement: each accession is a protocol of its own, with its own date.

The joiner receives what the members grant, and grants to each member what that member grants, for
as long as the agreement lasts.
A transit agreement acts on the routes that it opens once the joiner is within.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario

JOINED = "+"
"""Between the name of an agreement and who joins it; no author's name can hold it."""


def with_accessions(scenario: "Scenario") -> "Scenario":
    """The scenario with a negotiated protocol after every agreement for each who may join it."""
    if not any(agreement.may_join for agreement in scenario.agreements.values()):
        return scenario
    agreements: dict[str, Any] = {}
    for name, agreement in scenario.agreements.items():
        agreements[name] = agreement
        for code in agreement.may_join:
            agreements[f"{name}{JOINED}{code}"] = agreement.joined_by(code)
    return scenario.model_copy(update={"agreements": agreements})


def parent_of(name: str) -> str | None:
    """The agreement that a protocol of accession belongs to, or None for any other agreement."""
    parent, joined, _ = name.partition(JOINED)
    return parent if joined else None
