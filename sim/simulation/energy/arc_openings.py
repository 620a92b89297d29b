"""Part of a year in which arcs of energy are open: gates, suppliers and bans as one set of days.

On a day an arc is open as far as the tightest of what it passes is: its gates by season, record and
date, its supplier's failures and the bans of its two regions. What happens to gates by chance falls
on any day of its quarter alike and multiplies. A ban of everything stops all arcs between its two
regions, one by land those by road and rail.
"""

from typing import TYPE_CHECKING

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.numerics.spells import Days, Spell
from sim.laws.transport.outages import route_open_share
from sim.simulation.closures.gate_openings import bans_of, closed_by_day

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.energy.energy_setup import MarketArcs
    from sim.simulation.uncertainty.draws import Draws
    from sim.world.world import World


LAND_MODES = frozenset({"road", "rail", "rail-road"})
"""Modes that a ban by land stops; pipes, wires and ships go on."""


class EnergyOpenings:
    """Arcs of energy of a block of runs, by year.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    draws : Draws
        Of the runs.
    market_arcs : MarketArcs
        Arcs of the market.
    """

    def __init__(
        self,
        scenario: "Scenario",
        world: "World",
        draws: "Draws",
        market_arcs: "MarketArcs",
    ) -> None:
        n_quarters = draws.gate_open_share.shape[-1]
        self._days = Days.of_quarters(draws.first_quarter + np.arange(n_quarters))
        self._dated = self._days.mean(_open_by_day(scenario, world, market_arcs, self._days))
        self._draws = draws
        # Many arcs share their gates.
        self._guards, own = np.unique(market_arcs.passes, axis=0, return_inverse=True)
        self._guard = own.reshape(-1)

    def of_year(self, year: int) -> FloatArray:
        """Part of the simulated year in which each arc is open, (n_runs, w)."""
        first = self._draws.tick(QUARTERS_PER_YEAR * year)
        at = slice(max(first, 0), first + QUARTERS_PER_YEAR)
        dated = self._draws.dated_open_share[:, at]
        chance = np.divide(
            self._draws.gate_open_share[..., at],
            dated,
            out=np.ones_like(self._draws.gate_open_share[..., at]),
            where=dated > 0.0,
        )
        by_chance = route_open_share(np.moveaxis(chance, -1, 1), self._guards)[..., self._guard]
        n_days = self._days.lengths[at]
        by_quarter = by_chance * self._dated[:, at].T
        # Added up one by one, so that a run has the same bits in a batch as alone.
        total = sum(n * by_quarter[:, q] for q, n in enumerate(n_days))
        return np.asarray(total / n_days.sum())


def _open_by_day(
    scenario: "Scenario", world: "World", market_arcs: "MarketArcs", days: Days
) -> FloatArray:
    """Part of each way that is open on each day, chance apart, (w, n_days) [1]."""
    gates = 1.0 - closed_by_day(scenario, world, days)
    failed = _failures(scenario, world)
    stops = [ban for ban in bans_of(scenario, world) if ban.goods is None]
    found = np.ones((len(market_arcs.names), days.n_days))
    for w, is_open in enumerate(found):
        for gate in np.flatnonzero(market_arcs.passes[w]):
            np.minimum(is_open, gates[gate], out=is_open)
        if market_arcs.tail[w] == market_arcs.head[w]:
            continue
        ends = tuple(sorted((int(market_arcs.tail[w]), int(market_arcs.head[w]))))
        spells = failed.get((int(market_arcs.carrier[w]), int(market_arcs.tail[w])), [])
        by_land = world.energy.arcs.modes[market_arcs.arc[w]] in LAND_MODES
        bans = [s.spell for s in stops if s.ends == ends and (by_land or not s.is_by_land)]
        if spells or bans:
            np.minimum(is_open, 1.0 - days.united([*spells, *bans]), out=is_open)
    return found


def _failures(scenario: "Scenario", world: "World") -> dict[tuple[int, int], list[Spell]]:
    """Failures of suppliers by carrier and region."""
    found: dict[tuple[int, int], list[Spell]] = {}
    for failure in scenario.energy.force_majeure:
        c = world.energy.carriers.index(failure.carrier)
        key = (c, world.region_index(failure.exporter))
        spell = Spell.dated(failure.from_date, failure.until, failure.cut)
        found.setdefault(key, []).append(spell)
    return found
