"""Duties that a scenario raises and agreements on record that end, in plain words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.report.page.formatting import listed, per_cent, rounded

if TYPE_CHECKING:
    from sim.scenario.blocks.duty_blocks import DutyRise
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

UNION_RULES = {
    "refuse": " It is in a customs union that refuses: nothing changes.",
    "waiver": " Its customs union lets it act alone.",
    "union": " All members of its customs union do the same.",
}


def duty_rises(scenario: "Scenario", world: "World") -> Iterator[str]:
    """Sentences about duties that change, one a rise."""
    in_union = {code for union in world.customs_unions.values() for code in union}
    for rise in scenario.duties.values():
        until = "" if rise.until is None else f" to {rise.until}"
        yield (
            f"{world.name_of(rise.importer)} {_change(rise, world)} from {rise.from_quarter}{until}"
            f"{', on top of every preferential rate' if rise.preferences == 'ignore' else ''}."
            f"{UNION_RULES[rise.customs_union] if rise.importer in in_union else ''}"
        )


def endings(scenario: "Scenario", world: "World") -> Iterator[str]:
    """Sentences about agreements on record that end and members who leave."""
    names = {one.agreement: one.name for one in world.agreements}
    for record, listed_ends in scenario.ends.items():
        for ending in listed_ends:
            members = [world.name_of(code) for code in ending.members or ()]
            whom = f" for {listed(members)}" if members else ""
            yield f"{names.get(record, record)} ends{whom} after {ending.last_quarter}."
    for name, agreement in scenario.agreements.items():
        for code, last in agreement.changes.leaves.items():
            yield f"{name}: {world.name_of(code)} leaves after {last}."


def _change(rise: "DutyRise", world: "World") -> str:
    names = dict(zip(world.goods, world.good_names, strict=True))
    goods = [names[good].lower() for good in world.goods if good in rise.goods]
    on_what = "all goods" if rise.goods == "all" else "; ".join(goods)
    partners = world.regions if rise.exporters is None else rise.exporters
    whom = (
        "all states"
        if rise.exporters is None
        else listed([world.name_of(code) for code in partners])
    )
    layer = (rise.duty_type or world.duty_types[0]).replace("_", " ")
    if rise.to_rate is not None:
        return f"sets its {layer} on {on_what} from {whom} to {per_cent(rise.to_rate)}"
    points = rounded(100 * (rise.add_rate or 0.0))
    return f"adds {points} percentage points to its {layer} on {on_what} from {whom}"
