"""Quarters and days read off a tree, passing over whatever is not one."""

from datetime import date

from sim.scenario.blocks.quarters import Quarter
from sim.scenario.text.tree import Node, text

Span = tuple[int, int] | None
"""First and last quarter of the horizon, where both can be read."""


def quarter_at(node: Node | None) -> int | None:
    """Quarter index written at a place, or None if there is none."""
    written = text(node)
    try:
        return None if written is None else Quarter.parse(written)
    except ValueError:
        return None


def day_at(node: Node | None) -> date | None:
    """Day written at a place, or None if there is none."""
    written = text(node)
    try:
        day = None if written is None else date.fromisoformat(written)
    except ValueError:
        return None
    return day if day is not None and day.isoformat() == written else None
