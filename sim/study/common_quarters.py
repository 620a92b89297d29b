"""Quarters in which two scenarios are one simulation: those before anything that differs acts.

An agreement acts from its entry into force, a changed duty from its first quarter, the end of an
agreement from the quarter after. A gate that is shut, opened by season or crossed under a ban acts
from its first day; but the market of energy knows the days of its whole year, so with energy the
year in which it happens is no longer common.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import chain
from typing import TYPE_CHECKING, Any

from sim.laws.numerics.calendar import QUARTERS_PER_YEAR, quarter_of
from sim.scenario.blocks.agreements import Timeline

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


READ_BY_NO_QUARTER = frozenset({"title", "question", "runs", "levers", "sweep", "reach"})
"""Entries of a scenario that say what is asked or how often, not what happens."""


def last_common_quarter(one: "Scenario", other: "Scenario", world: "World") -> int | None:
    """Last quarter before two scenarios differ, with the same runs and draws.

    Parameters
    ----------
    one, other : Scenario
        In any order.
    world : World
        Of both.

    Returns
    -------
    int or None
        The end of the horizon where nothing differs; None where they have no quarter in common, or
        none that can be told from their dates: something without a date differs, or States
        negotiate and know what is in dispute from the start.
    """
    fields = [name for name in type(one).model_fields if name not in READ_BY_NO_QUARTER]
    parts = {name: (getattr(one, name), getattr(other, name)) for name in fields}
    differing = {name for name, (a, b) in parts.items() if a != b}
    if not is_negotiated(one) and not is_negotiated(other):
        if [t.pair for t in one.targets.values()] == [t.pair for t in other.targets.values()]:
            differing.discard("targets")
        known: Mapping[str, Callable[[Any, Any], int | None]] = {**DATED_BY_QUARTER, **DATED_BY_DAY}
    else:
        known = DATED_BY_DAY
    if differing - known.keys():
        return None
    last = int(one.horizon.end)
    for name in differing:
        first = known[name](*parts[name])
        if first is None:
            return None
        if name in DATED_BY_DAY and world.energy:
            first -= first % QUARTERS_PER_YEAR
        last = min(last, first - 1)
    return last


def is_negotiated(scenario: "Scenario") -> bool:
    """True if any agreement may be concluded at any time."""
    return any(
        agreement.may_join or not isinstance(agreement.timeline, Timeline)
        for agreement in scenario.agreements.values()
    )


def _changed(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Entries by name that are not the same in both, None where one has none."""
    for name in {**one, **other}:
        if one.get(name) != other.get(name):
            yield one.get(name), other.get(name)


def _either(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Any]:
    """All entries that differ, of both."""
    return (entry for entry in chain.from_iterable(_changed(one, other)) if entry is not None)


def _agreements(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return min(int(agreement.timeline.in_force) for agreement in _either(one, other))


def _duties(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return min(int(duty.from_quarter) for duty in _either(one, other))


def _ends(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return min(int(e.last_quarter) + 1 for endings in _either(one, other) for e in endings)


def _seasons(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return min(int(quarter) for quarter in _either(one, other))


def _closures(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    return min(_first_day(a or (), b or ()) for a, b in _changed(one, other))


def _bans(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    pairs = _changed(one, other)
    return min(_first_day((a,) if a else (), (b,) if b else ()) for a, b in pairs)


def _first_day(one: tuple[Any, ...], other: tuple[Any, ...]) -> int:
    """Quarter in which two lists of spells first differ: one begins, or only one of two ends."""
    days = [spell.from_date for spell in (*one, *other) if spell not in one or spell not in other]
    if len(one) == len(other) == 1:
        a, b = one[0], other[0]
        if a.model_copy(update={"until": b.until}) == b:
            days = [last + timedelta(days=1) for last in (a.until, b.until) if last is not None]
    return quarter_of(min(days))


DATED_BY_QUARTER: Mapping[str, Callable[[Any, Any], int]] = {
    "agreements": _agreements,
    "duties": _duties,
    "ends": _ends,
    "trade_costs": _duties,
}
DATED_BY_DAY: Mapping[str, Callable[[Any, Any], int]] = {
    "closures": _closures,
    "bans": _bans,
    "open_all_year": _seasons,
}
