"""Dated spells of any block against themselves and the horizon, days and quarters alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sim.laws.numerics.calendar import format_quarter, quarter_bounds
from sim.scenario.checks.agreement_checks import Found
from sim.scenario.checks.dates import Span, day_at, quarter_at
from sim.scenario.text.problems import Place, Problem
from sim.scenario.text.tree import MappingNode, Node


@dataclass(frozen=True, slots=True)
class DatedSpell:
    """Days or quarters from the first to the last, both included, as numbers."""

    first: int
    last: float
    """Infinite where no end is written."""
    unit: str
    """`day` or `quarter`."""

    def meets(self, other: "DatedSpell") -> bool:
        """True if a day, or quarter, of the same unit is in both."""
        return self.first <= other.last and other.first <= self.last

    def is_outside(self, span: tuple[int, int]) -> bool:
        """True if nothing of it lies in the quarters from one to the other."""
        begin, end = span
        if self.unit == "day":
            begin, end = (quarter_bounds(q)[k].toordinal() for k, q in enumerate(span))
        return self.last < begin or self.first > end

    def written(self, number: float) -> str:
        """One of its dates as a file has it."""
        if self.unit == "day":
            return date.fromordinal(int(number)).isoformat()
        return format_quarter(int(number))


def spell_of(table: MappingNode) -> DatedSpell | None:
    """Spell of a table's `from` and `until`, or None where they cannot be read."""
    from_node, until_node = table.get("from"), table.get("until")
    unit = "quarter" if day_at(from_node) is None else "day"
    first, last = _number(from_node, unit), _number(until_node, unit)
    if first is None or (until_node is not None and last is None):
        return None
    return DatedSpell(first, float("inf") if last is None else last, unit)


def _number(node: Node | None, unit: str) -> int | None:
    if unit == "quarter":
        return quarter_at(node)
    day = day_at(node)
    return None if day is None else day.toordinal()


def spell_problems(
    where: str,
    table: MappingNode,
    span: Span,
    *,
    place: Place | None = None,
    effect: str = "it has no effect",
) -> Iterator[Found]:
    """Mistakes and warnings of a table with `from` and `until`.

    Parameters
    ----------
    where : str
        Its place in the file, for messages.
    table : MappingNode
    span : tuple of int or None
        First and last quarter of the horizon.
    place : Place, optional
        Where a spell outside the horizon is told; at `from` if left out.
    effect : str
        What becomes of a spell outside the horizon.
    """
    spell, from_node, until_node = spell_of(table), table.get("from"), table.get("until")
    if spell is None or from_node is None:
        return
    if until_node is not None and spell.last < spell.first:
        what = f"{where}.until {spell.written(spell.last)} is before from "
        what += spell.written(spell.first)
        wanted = f"wanted a {spell.unit} no earlier than from"
        yield True, Problem.at(until_node.place, what, wanted)
    elif span is not None and spell.is_outside(span):
        what = f"{where} lies outside the horizon {' to '.join(map(format_quarter, span))}"
        yield False, Problem.at(place or from_node.place, what, effect)
