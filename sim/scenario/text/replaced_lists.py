"""Dated entries of an extended file that a list of another file leaves out."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sim.scenario.text.problems import Problem
from sim.scenario.text.tree import MappingEntry, MappingNode, Node, Scalar, SequenceNode, Step

DATED = "closures"
"""Block whose lists hold dated entries by gate."""
FOREVER = "9999-12-31"


def lost_entries(
    path: tuple[Step, ...], below: SequenceNode, above: MappingEntry
) -> Iterator[Problem]:
    """A warning where a list replaces entries that none of its own covers.

    Parameters
    ----------
    path : tuple
        Keys that lead to the list.
    below : SequenceNode
        List of the extended file.
    above : MappingEntry
        What stands in its place.
    """
    if path[0] != DATED or not isinstance(above.node, SequenceNode):
        return
    lost = [item for item in below.items if not _covers(above.node.items, item)]
    if not lost:
        return
    name, where = ".".join(map(str, path)), lost[0].place
    entries = "1 entry" if len(lost) == 1 else f"{len(lost)} entries"
    yield Problem.at(
        above.key_place,
        f"{name} replaces {entries} of {where.file}, line {where.line}",
        f"wanted +{path[-1]} to add to them instead",
    )


def _covers(new: Sequence[Node], old: Node) -> bool:
    """True if some entries together hold all days of another, at no smaller share."""
    spell = _spell(old)
    if spell is None:
        return old in new
    first, last, share = spell
    for start, end, part in sorted(filter(None, map(_spell, new))):
        if start <= first <= end and part >= share:
            if end >= last:
                return True
            first = end + timedelta(days=1)
    return False


def _spell(entry: Node) -> tuple[date, date, float] | None:
    """First and last day of a dated entry, and its share; None if it has no such days."""
    if not isinstance(entry, MappingNode):
        return None
    values = {key: node.value for key, each in entry.entries.items()
              if isinstance(node := each.node, Scalar)}  # fmt: skip
    try:
        days = [date.fromisoformat(str(values.get(key, FOREVER))) for key in ("from", "until")]
        return days[0], days[1], float(str(values.get("share", 1.0)))
    except ValueError:
        return None
