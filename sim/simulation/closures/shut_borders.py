"""Trade of two states that remains under bans and shut borders.

A ban stops its goods on its days, altogether or as far as they cross the common border. While
every gate of a common border is shut, the trade of the two falls to a small part, `kept`: one drawn
for all borders, or that on record for a pair whose trade has another way. On each day the strongest
of these counts, and a quarter takes the mean over its days. Days on which the season shuts the
whole border in the baseline stop nothing more: the ledgers of a year know them.

Axes: runs `r`, pairs `p`, goods and energy `g`, quarters `q`.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import BoolArray, FloatArray, IndexArray
from sim.laws.numerics.spells import Days
from sim.simulation.closures.gate_openings import DatedBan, bans_of, closed_by_day, season_by_day

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


ENERGY = "energy"
"""Stopped by what names no goods; stands for all goods where no ban names some."""
KEPT_PARAMETER = "shut_border_trade_share"
USUAL_KEPT_SHARE = 0.05
"""Where a world's parameters do not say."""


class RandomClosures(NamedTuple):
    """Random closures of gates, as parts of quarters."""

    own: FloatArray
    """(r, n_gates, q) closed by causes of the gate itself [1]."""
    shared: FloatArray
    """(r, n_gates, q) closed because its whole border is [1]."""
    in_use: BoolArray
    """(r, n_gates, q) whether some line leads to it."""


@dataclass(frozen=True, eq=False)
class PairStops:
    """Pairs of regions whose trade some ban or shut border stops."""

    ends: IndexArray
    """(p, 2) regions, lower index first."""
    banned: FloatArray
    """(r, p, g, q) part of their trade that bans stop, by good and energy last; one good where all
    are alike [1]."""
    stopped: FloatArray
    """(r, p, g, q) the same of bans and shut borders together [1]."""

    @property
    def acts(self) -> BoolArray:
        """(q,) quarters in which some trade is stopped."""
        return np.asarray((self.stopped > 0.0).any(axis=(0, 1, 2)))

    def energy_left(self, tick: int, n_regions: int) -> FloatArray:
        """Part of the energy trade of pairs that is not stopped in a quarter, (r, n, n) [1].

        Before the draws begin nothing is.
        """
        left = np.ones((len(self.stopped), n_regions, n_regions))
        if tick < 0:
            return left
        first, second = self.ends.T
        for a, b in ((first, second), (second, first)):
            left[:, a, b] = 1.0 - self.stopped[:, :, -1, tick]
        return left


def pair_stops(
    scenario: "Scenario",
    world: "World",
    quarters: IndexArray,
    chance: RandomClosures,
    kept: FloatArray,
) -> PairStops:
    """Part of the trade of pairs that is stopped in each quarter.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    quarters : (q,) ndarray of int
        Consecutive quarters.
    chance : RandomClosures
        Closures by chance.
    kept : (r,) ndarray
        Part of the trade of neighbours that goes on while their whole border is shut [1].
    """
    bans = bans_of(scenario, world)
    borders = border_gates(world)
    days = Days.of_quarters(quarters)
    closed = closed_by_day(scenario, world, days) >= 1.0
    season = season_by_day(world, days)
    detours = {
        tuple(sorted((world.region_index(d.region), world.region_index(d.partner)))): d.kept_share
        for d in world.detours
    }
    ends, banned, stopped = [], [], []
    for pair in sorted({*borders, *(ban.ends for ban in bans)}):
        gates = borders.get(pair, np.zeros(0, np.intp))
        own = [ban for ban in bans if ban.ends == pair]
        left = np.full_like(kept, detours[pair]) if pair in detours else kept
        border = _Border(days, gates, closed[gates], season[gates], chance)
        both = _stopped(world, own, border, left)
        if both[1].any():
            ends.append(pair)
            banned.append(both[0])
            stopped.append(both[1])
    shape = (len(kept), 0, 1, len(quarters))
    return PairStops(
        np.array(ends, dtype=np.intp).reshape(-1, 2),
        np.stack(_alike(banned), axis=1) if ends else np.zeros(shape),
        np.stack(_alike(stopped), axis=1) if ends else np.zeros(shape),
    )


def border_gates(world: "World") -> dict[tuple[int, int], IndexArray]:
    """Gates of each pair of regions whose whole border they are, by place.

    A border that some post without a gate crosses is never shut by its gates.
    """
    network = world.network
    found: dict[tuple[int, int], list[int]] = {}
    for place, gate in enumerate(world.gates):
        if gate.kind in ("border-post", "rail-crossing") and len(set(gate.owners)) == 2:
            a, b = sorted(world.region_index(code) for code in gate.owners)
            found.setdefault((a, b), []).append(place)
    for node in np.flatnonzero(network.gate < 0):
        owners = np.flatnonzero(network.owners[node])
        if len(owners) == 2 and network.node_kinds[node] in ("border-post", "rail-crossing"):
            found.pop((int(owners[0]), int(owners[1])), None)
    return {pair: np.array(gates, dtype=np.intp) for pair, gates in found.items()}


def gates_in_use(
    world: "World", project_opening: NDArray[np.int64], quarters: IndexArray
) -> BoolArray:
    """Gates that some line leads to, (r, n_gates, q); lines to be built count once they are open.

    Parameters
    ----------
    world : World
    project_opening : (r, n_projects) ndarray of int
        First quarter in which each project is in use.
    quarters : (q,) ndarray of int
    """
    network = world.network
    use = np.ones((len(project_opening), len(world.gates), len(quarters)), dtype=np.bool_)
    for gate in np.flatnonzero(network.planned_gates):
        at = network.gate == gate
        lines = network.project[(at[network.tail] | at[network.head]) & (network.project >= 0)]
        opened = project_opening[:, np.unique(lines), None] <= quarters
        use[:, gate] = opened.any(axis=1)
    return use


class _Border(NamedTuple):
    """Gates of one border."""

    days: Days
    gates: IndexArray
    closed: BoolArray
    """(n_own, n_days) shut by dates or by season."""
    season: BoolArray
    """(n_own, n_days) shut by the season of the baseline."""
    chance: RandomClosures

    def shut_share(self, closed: BoolArray, quarters: IndexArray) -> FloatArray:
        """Chance that all gates are shut on a day of quarters, (r, q).

        Parameters
        ----------
        closed : (n_own,) bool ndarray
            Gates that are shut on that day anyway.
        quarters : ndarray of int
            Places of the quarters.
        """
        place = (slice(None), self.gates[:, None], quarters)
        own, shared = self.chance.own[place], self.chance.shared[place]
        in_use = self.chance.in_use[place]
        each = np.where(closed[:, None], 1.0, own)
        every = np.where(in_use, each, 1.0).prod(axis=1)
        some = in_use.any(axis=1)
        whole = np.where(in_use, shared, 0.0).max(axis=1, initial=0.0)
        return np.where(some, whole + (1.0 - whole) * every, 0.0)


def _stopped(
    world: "World", bans: list[DatedBan], border: _Border, kept: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Part of a pair's trade stopped by bans, and by bans and its shut border, (r, g, q)."""
    days = border.days
    goods = (*world.goods, ENERGY) if any(ban.goods for ban in bans) else (ENERGY,)
    whole = np.array([_banned(days, bans, good, is_by_land=False) for good in goods])
    by_land = np.array([_banned(days, bans, good, is_by_land=True) for good in goods])
    # A border without gates is never shut; no day of it is unusual.
    usual = np.asarray(border.season.all(axis=0))
    # Alike days are counted together: whole numbers of days keep a full quarter at exactly 1.
    marks = np.concatenate([whole, by_land, border.closed, usual[None]])
    kinds, kind = _kinds(marks.astype(float))
    shape = (len(kept), len(goods), len(days.lengths))
    banned, stopped = np.zeros(shape), np.zeros(shape)
    n, lost = len(goods), (1.0 - kept)[:, None, None]
    for number in range(kinds.shape[1]):
        mark = kinds[:, number]
        n_days = days.total(np.equal(kind, number))
        at = np.flatnonzero(n_days)
        ban = np.maximum(mark[:n, None], lost * mark[n : 2 * n, None])
        shut = np.zeros((len(kept), len(at)))
        if not mark[-1]:
            shut = border.shut_share(mark[2 * n : -1] > 0.0, at)
        while_shut = np.maximum(mark[:n, None], lost)
        both = ban + shut[:, None] * (while_shut - ban)
        banned[..., at] += n_days[at] * ban
        stopped[..., at] += n_days[at] * both
    return banned / days.lengths, stopped / days.lengths


def _kinds(marks: FloatArray) -> tuple[FloatArray, IndexArray]:
    """Days that differ, one a column, in order, and which of them each day is.

    Days come in long spells of one kind, so that only the first of each spell need be sorted.
    """
    begins = np.ones(marks.shape[1], dtype=np.bool_)
    begins[1:] = (marks[:, 1:] != marks[:, :-1]).any(axis=0)
    first = np.flatnonzero(begins)
    if len(first) == 1:
        return marks[:, :1], np.zeros(marks.shape[1], dtype=np.intp)
    kinds, kind = np.unique(marks[:, first], axis=1, return_inverse=True)
    return kinds, np.repeat(kind.reshape(-1), np.diff(first, append=marks.shape[1]))


def _banned(days: Days, bans: list[DatedBan], good: str, *, is_by_land: bool) -> FloatArray:
    """Part of a good that bans of one scope stop on each day, (n_days,)."""
    return days.united(
        ban.spell
        for ban in bans
        if ban.is_by_land == is_by_land and (ban.goods is None or good in ban.goods)
    )


def _alike(arrays: list[FloatArray]) -> list[FloatArray]:
    """The same arrays with as many goods each."""
    most = max((array.shape[1] for array in arrays), default=1)
    return [np.broadcast_to(a, (a.shape[0], most, a.shape[2])) for a in arrays]
