"""Notes in the schema of scenarios for programs that show it: units, titles, groups, names.

A key of the schema that begins with `x-` says how a value is shown, never what is allowed:
`x-unit`, `x-title` (a few words), `x-group`, `x-step`, `x-slider` (a sensible range inside the
legal one), `x-lever` (shown first), `x-effect-from` (path of the date from which a block can
matter) and `x-names` (which of the world's names). Units and names belong to types of value and
stand with them; what is said of single keys stands in the table here.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

Titles = Mapping[str, Mapping[str, str]]
"""Names of a world by vocabulary, each with its title."""


class SchemaNote:
    """Annotation that adds `x-` keys to the JSON Schema of a type; it bears on no value."""

    def __init__(self, **notes: Any) -> None:
        self._notes = {f"x-{key}": note for key, note in notes.items()}

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(core), **self._notes}


EFFECT_FROM = {
    "PreferentialAgreement": "timeline.in_force",
    "TransitAgreement": "timeline.in_force",
    "CustomsAgreement": "timeline.in_force",
    "Closure": "from",
    "Ban": "from",
    "DutyRise": "from",
    "TradeCost": "from",
    "EnergyDeal": "from",
}

GROUPS = {
    "target": "targets horizon",
    "agreements": "agreements ends",
    "tariffs": "duties trade_costs",
    "borders": "closures bans recorded_stops open_all_year projects",
    "energy": "energy",
    "diplomacy": "diplomacy reforms",
    "records": "baseline as_of world",
    "uncertainty": "uncertainty uncertainty_sources runs seed",
    "behaviour": "behaviour adjustment model_closure deficits",
    "file": "version title question",
}

BLOCKS = {
    "PreferentialAgreement": "Preferential agreement",
    "TransitAgreement": "Transit agreement",
    "CustomsAgreement": "Customs agreement",
    "Concession": "Concession",
    "Closure": "Closure",
    "Ban": "Ban",
    "DutyRise": "Duty raised",
    "Ending": "End of an agreement",
    "EnergyDeal": "Energy deal",
    "ForceMajeure": "Supply failure",
    "PriceSpike": "Price spike",
    "PricePoint": "World price",
    "Memoranda": "Memoranda",
    "Visit": "Visit",
    "Reform": "Reform",
    "OutsideAttention": "Outside attention",
}
"""Blocks that stand under a name or in a list, as a title of one of them begins."""

LEVERS = {
    "Target.trade_musd": "Target trade",
    "Target.deadline": "Target date",
    "Timeline.in_force": "Entry into force",
    "Concession.cut": "Tariff cut",
    "TransitAgreement.border_time_cut": "Border time cut",
    "CustomsAgreement.border_time_cut": "Border time cut",
    "TransitAgreement.fee_cut": "Border fee cut",
    "TransitAgreement.joint_toll": "Joint transit toll",
    "TransitAgreement.tir": "TIR carnets",
    "TransitAgreement.lanes_added_share": "Lanes added",
    "Closure.until": "Closed until",
    "Closure.share": "Capacity shut",
    "Ban.until": "Stopped until",
    "Ban.share": "Trade stopped",
    "Baseline.ledger": "Ledger of record",
    "DutyRise.add_rate": "Duty added",
    "DutyRise.to_rate": "Duty set to",
    "Ending.last_quarter": "Last quarter",
    "ProjectPlan.completes": "Completion",
    "LinePlan.completes": "Opening",
    "EnergyDeal.volume": "Volume a year",
    "EnergyDeal.discount": "Price discount",
    "Reform.change": "Extent of reform",
}
"""Keys that are shown first, with their titles."""

TITLES = {
    "Target.pair": "Trading partners",
    "Timeline.signed": "Signature",
    "Timeline.ends": "Last quarter",
    "Concession.grantor": "Granted by",
    "Concession.partners": "Granted to",
    "Concession.duty_types": "Kinds of duty",
    "Concession.phase_in_years": "Phase-in",
    "Concession.excluded_share": "Excluded trade",
    "Concession.quota_musd": "Tariff quota",
    "Concession.quota_for": "Quota granted to",
    "Concession.customs_union": "Customs union rule",
    "PreferentialAgreement.origin_cost_ave": "Cost of origin",
    "Closure.from": "Closed from",
    "Ban.from": "Stopped from",
    "DutyRise.from": "First quarter",
    "DutyRise.until": "Last quarter",
    "Memoranda.conversion_rate": "Share carried out",
    "Scenario.as_of": "Records up to",
    "Scenario.recorded_stops": "Recorded closures act",
    "Scenario.model_closure": "Adjustment of trade",
    "Scenario.adjustment": "Pace of adjustment",
    "Scenario.deficits": "Trade deficits",
    "Scenario.runs": "Number of runs",
    "Scenario.open_all_year": "Open all year",
}
"""Keys whose own word says too little."""

SHOWN: dict[str, dict[str, Any]] = {
    "Target.trade_musd": {"x-step": 50, "x-slider": [100, 5000]},
    "Concession.cut": {"x-slider": [0, 1]},
    "PreferentialAgreement.origin_cost_ave": {"x-slider": [0, 0.1]},
    "DutyRise.add_rate": {"x-unit": "share", "x-step": 0.01, "x-slider": [0, 1]},
    "DutyRise.to_rate": {"x-unit": "share", "x-step": 0.01, "x-slider": [0, 1]},
    "Scenario.runs": {"x-slider": [16, 1024]},
}
"""Units, steps and sensible ranges of single keys."""


def with_notes(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a scenario with what is noted about its blocks and keys.

    Raises
    ------
    KeyError
        If something is noted about a block or key that there is not.
    """
    blocks = {**schema["$defs"], "Scenario": schema}
    for block, path in EFFECT_FROM.items():
        blocks[block]["x-effect-from"] = path
    for block, title in BLOCKS.items():
        blocks[block]["x-title"] = title
    notes: dict[str, dict[str, Any]] = {
        **{key: {"x-title": title} for key, title in TITLES.items()},
        **{key: {"x-title": title, "x-lever": True} for key, title in LEVERS.items()},
    }
    for group, keys in GROUPS.items():
        for key in keys.split():
            notes.setdefault(f"Scenario.{key}", {})["x-group"] = group
    for key, shown in SHOWN.items():
        notes.setdefault(key, {}).update(shown)
    for name, noted in notes.items():
        block, _, key = name.partition(".")
        blocks[block]["properties"][key].update(noted)
    return schema


def with_names(part: Any, titles: Titles) -> Any:
    """A schema in which whatever names something of the world lists the names."""
    if isinstance(part, list):
        return [with_names(item, titles) for item in part]
    if not isinstance(part, dict):
        return part
    named = {key: with_names(value, titles) for key, value in part.items()}
    known = titles.get(part.get("x-names", ""))
    if known is not None:
        named |= {"enum": [*known], "x-enum-titles": [*known.values()]}
    return named
