"""Variants that a run simulates besides the scenario as asked, to isolate each agreement."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario

NO_AGREEMENT = "no agreement"
AS_ASKED = "as asked"


def variants_of(scenario: "Scenario") -> dict[str, "Scenario"]:
    """The scenario as asked, without agreements, and with each of several agreements alone."""
    variants = {AS_ASKED: scenario}
    if scenario.agreements:
        variants[NO_AGREEMENT] = scenario.model_copy(update={"agreements": {}})
    if len(scenario.agreements) > 1:
        for name, agreement in scenario.agreements.items():
            variants[name] = scenario.model_copy(update={"agreements": {name: agreement}})
    return variants
