"""Stops on record as spells of days: closures of gates, bans of commerce, seasons that ended.

A record whose end was not found acts up to the day it was last seen; what comes after it is for a
scenario to assume. A spell that covers the whole base year is part of what the ledgers of that year
say and does not act a second time; what its end brought is not known from them. Dates cut short
count from their first day.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sim.laws.numerics.calendar import quarter_bounds
from sim.laws.numerics.spells import Spell

if TYPE_CHECKING:
    from sim.world.csv_tables.records import RecordedBan
    from sim.world.world import World

FIRST_OF_YEAR = "0000-01-01"


def first_day(text: str) -> date:
    """First day of an ISO date that may be cut short.

    Examples
    --------
    >>> first_day("2024-02").isoformat()
    '2024-02-01'
    """
    return date.fromisoformat(text + FIRST_OF_YEAR[len(text) :])


def recorded_closures(world: "World", until: int | None = None) -> dict[str, list[Spell]]:
    """Closures on record by gate.

    Parameters
    ----------
    world : World
    until : int, optional
        Last quarter whose records count, all of them if left out.

    Returns
    -------
    dict of str to list of Spell
        Only gates that have some.
    """
    found: dict[str, list[Spell]] = {}
    for record in world.closures:
        seen = (record.start, record.end, record.last_seen_closed)
        spell = _spell(world, *seen, record.share, until)
        if spell is not None:
            found.setdefault(record.gate, []).append(spell)
    return found


def recorded_bans(world: "World", until: int | None = None) -> list[tuple["RecordedBan", Spell]]:
    """Bans on record with their days; `until` as for closures."""
    spells = [(b, _spell(world, b.start, b.end, b.last_seen, b.share, until)) for b in world.bans]
    return [(ban, spell) for ban, spell in spells if spell is not None]


def recorded_year_round(world: "World", until: int | None = None) -> dict[str, int]:
    """First day (ordinal) from which gates no longer shut by season, by gate."""
    last = _last_known(until)
    days = {gate.gate: first_day(t) for gate in world.gates if (t := gate.year_round_from)}
    return {gate: day.toordinal() for gate, day in days.items() if day <= last}


def _spell(
    world: "World", start: str, end: str, last_seen: str, share: float, until: int | None
) -> Spell | None:
    """Days of a record as far as they are known; None where none acts."""
    first = first_day(start)
    last = first_day(end) - timedelta(days=1) if end else first_day(last_seen)
    last = min(last, _last_known(until))
    year = world.base_year
    if last < first or (first <= date(year, 1, 1) and date(year, 12, 31) <= last):
        return None
    return Spell.dated(first, last, share)


def _last_known(until: int | None) -> date:
    return date.max if until is None else quarter_bounds(until)[1]
