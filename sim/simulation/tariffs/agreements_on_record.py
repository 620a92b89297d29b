"""Agreements on record: what they take off duties, from when, and until when.

Those in force at the end of the base year are within its duties and its trade; the `Held` margins
say which of them, so that duties rise where one ends. Those that entered into force later are lines
of a schedule like any other's (`sim.simulation.tariffs.concessions`), in every region, from their
dates.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.scenario.blocks.quarters import Quarter
from sim.world.csv_tables.records import NEVER, AgreementRecord, MarginRecord
from sim.world.csv_tables.schema import ALL

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


class QuarterSpell(NamedTuple):
    """Quarters in which something is in force, both ends included."""

    first: int
    last: int


@dataclass(frozen=True)
class RecordedMargin:
    """A margin on record with the quarters in which it acts."""

    margin: MarginRecord
    spell: QuarterSpell
    is_held: bool
    """Whether it was in force at the end of the base year, and so is within the base duties."""


def entries(
    world: "World", scenario: "Scenario | None" = None, *, until: int | None = None
) -> tuple[RecordedMargin, ...]:
    """Margins on record with their quarters, as far as they can act after the base year.

    Parameters
    ----------
    world : World
    scenario : Scenario, optional
        May end agreements on record (`ends:`).
    until : int, optional
        Last quarter whose records are known: that of the scenario's `as_of` unless given, all of
        them where that names none. What entered into force or ended later is not known of.
    """
    if until is None and scenario is not None and isinstance(scenario.as_of, Quarter):
        until = int(scenario.as_of)
    spells = {one.agreement: _spell(one, world, until) for one in world.agreements}
    found = []
    for margin in world.margins:
        known = spells[margin.agreement]
        if known is None:
            continue
        spell, is_held = known
        last = min([spell.last, *_ends(margin, scenario)])
        # What was over before it could act within the simulated time says nothing any more.
        if last >= spell.first:
            found.append(RecordedMargin(margin, QuarterSpell(spell.first, last), is_held))
    return tuple(found)


def changes(held: tuple[RecordedMargin, ...]) -> bool:
    """True if one of the held margins ends."""
    return any(entry.spell.last < NEVER for entry in held)


def layers_of(margin: MarginRecord, layers: tuple[str, ...]) -> tuple[str, ...]:
    """Layers of duty that a margin is taken off."""
    return layers if margin.layer == ALL else (margin.layer,)


def goods_of(margin: MarginRecord, goods: tuple[str, ...]) -> tuple[str, ...]:
    """Goods that a margin is for."""
    return goods if margin.good == ALL else tuple(good for good in goods if good == margin.good)


def _spell(
    record: AgreementRecord, world: "World", until: int | None
) -> tuple[QuarterSpell, bool] | None:
    """Quarters in force, and whether it was at the end of the base year; None if never since."""
    if not record.in_force:
        return None
    is_held = record.is_in_force(f"{world.base_year}-12-31")
    last = record.last_quarter if until is None or record.last_quarter < until else NEVER
    if is_held:
        return QuarterSpell(0, last), True
    after = QUARTERS_PER_YEAR * (world.base_year + 1)
    is_known = until is None or record.first_quarter <= until
    if record.last_quarter < after or not is_known:
        return None
    return QuarterSpell(record.first_quarter, last), False


def _ends(margin: MarginRecord, scenario: "Scenario | None") -> Iterator[int]:
    """Last quarters that a scenario sets for a margin."""
    if scenario is None:
        return
    for ending in scenario.ends.get(margin.agreement, ()):
        leaves = ending.members
        if leaves is None or margin.exporter in leaves or margin.importer in leaves:
            yield int(ending.last_quarter)
