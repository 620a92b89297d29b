"""Days on which gates are open: seasons, records and the scenario's dates as one set of days.

What shuts a gate on a day is the strongest of its season, the closures on record and those of the
scenario; none adds to another. Chance is laid over it: what happens by chance falls on any day of
its quarter alike, so that an open share by dates and one by chance multiply. At gates whose
closures are on record, chance begins when the record ends.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.numerics.calendar import MONTHS_PER_YEAR, quarter_bounds
from sim.laws.numerics.spells import NO_END, Days, Spell
from sim.world.stops import recorded_bans, recorded_closures, recorded_year_round

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

Quarters = NDArray[np.intp]


def known_until(scenario: "Scenario | None") -> int | None:
    """Last quarter whose records the runs know, None for all of them."""
    return None if scenario is None or isinstance(scenario.as_of, str) else int(scenario.as_of)


def season_by_day(world: "World", days: Days) -> BoolArray:
    """Days on which the season shuts each gate in the baseline, (n_gates, n_days)."""
    shuts = np.zeros((len(world.gates), MONTHS_PER_YEAR + 1), dtype=np.bool_)
    for number, gate in enumerate(world.gates):
        shuts[number, list(gate.closed_months)] = True
    return shuts.take(days.months, axis=1)


def season_open_share(world: "World", quarters: Quarters) -> FloatArray:
    """Open share of each gate by season alone, (n_gates, n_quarters) [1]."""
    days = Days.of_quarters(quarters)
    return 1.0 - days.mean(season_by_day(world, days))


def year_round_from(scenario: "Scenario | None", world: "World") -> NDArray[np.int64]:
    """First day (ordinal) from which each gate no longer shuts by season, (n_gates,)."""
    recorded: dict[str, int] = {}
    stated: dict[str, int] = {}
    if scenario is None or scenario.recorded_stops:
        recorded = recorded_year_round(world, known_until(scenario))
    if scenario is not None:
        stated = {
            gate: quarter_bounds(int(quarter))[0].toordinal()
            for gate, quarter in scenario.open_all_year.items()
        }
    since = [
        min(recorded.get(gate.gate, NO_END), stated.get(gate.gate, NO_END)) for gate in world.gates
    ]
    return np.array(since, dtype=np.int64)


def season_is_lifted(scenario: "Scenario", world: "World", quarters: Quarters) -> BoolArray:
    """Quarters in which some gate no longer shuts by season, (n_quarters,)."""
    has_season = [bool(gate.closed_months) for gate in world.gates]
    since = year_round_from(scenario, world)[np.array(has_season, np.bool_)].min(initial=NO_END)
    return np.array([quarter_bounds(int(q))[1].toordinal() >= since for q in quarters])


def closed_by_day(scenario: "Scenario | None", world: "World", days: Days) -> FloatArray:
    """Part of each gate that season, records and the scenario shut, (n_gates, n_days) [1].

    Parameters
    ----------
    scenario : Scenario or None
        Its closures are united with those on record; None for the records alone.
    world : World
    days : Days
    """
    spells: dict[str, list[Spell]] = {}
    if scenario is None or scenario.recorded_stops:
        spells = recorded_closures(world, known_until(scenario))
    if scenario is not None:
        for gate, closures in scenario.closures.items():
            own = [Spell.dated(c.from_date, c.until, c.share) for c in closures]
            spells[gate] = [*spells.get(gate, []), *own]
    dated = [days.united(spells.get(gate.gate, ())) for gate in world.gates]
    closed = np.array(dated).reshape(len(world.gates), days.n_days)
    present = np.arange(days.first, days.first + days.n_days)
    season = season_by_day(world, days) & (present < year_round_from(scenario, world)[:, None])
    return np.maximum(closed, season)


def after_records(scenario: "Scenario", world: "World", quarters: Quarters) -> BoolArray:
    """Quarters after the last one on which a closure of each gate is on record, (n_gates, q)."""
    known = recorded_closures(world, known_until(scenario)) if scenario.recorded_stops else {}
    last = np.zeros((len(world.gates), 1), dtype=np.int64)
    for g, gate in enumerate(world.gates):
        last[g] = max((spell.last for spell in known.get(gate.gate, ())), default=0)
    begins = np.array([quarter_bounds(int(q))[0].toordinal() for q in quarters])
    return begins > last


def dated_open_share(scenario: "Scenario | None", world: "World", quarters: Quarters) -> FloatArray:
    """Open share of each gate without chance, (n_gates, n_quarters) [1]."""
    days = Days.of_quarters(quarters)
    return 1.0 - days.mean(closed_by_day(scenario, world, days))


class DatedBan:
    """A ban of commerce between two regions, on record or asked.

    Attributes
    ----------
    ends : (int, int)
        Places of the two regions, lower first.
    is_by_land : bool
        Whether it stops what crosses the common border by road or rail alone.
    goods : frozenset of str or None
        Goods that it stops; None for all, energy among them.
    spell : Spell
        Its days and the part that it stops.
    """

    def __init__(
        self, world: "World", states: Iterable[str], scope: str, goods: Iterable[str], spell: Spell
    ) -> None:
        first, second = sorted(world.region_index(code) for code in states)
        self.ends = (first, second)
        self.is_by_land = scope == "land"
        self.goods = frozenset(goods) or None
        self.spell = spell


def bans_of(scenario: "Scenario", world: "World") -> list[DatedBan]:
    """Bans on record and those of a scenario."""
    found = []
    if scenario.recorded_stops:
        for ban, spell in recorded_bans(world, known_until(scenario)):
            found.append(DatedBan(world, ban.states, ban.scope, ban.goods, spell))
    for asked in scenario.bans.values():
        goods = () if asked.goods == "all" else asked.goods
        spell = Spell.dated(asked.from_date, asked.until, asked.share)
        found.append(DatedBan(world, asked.pair, asked.scope, goods, spell))
    return found
