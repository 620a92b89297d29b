"""Routes in use: which paths a pair's cargo uses in the base year, and what share each route has.

Where the table of route shares names a pair, its paths belong to the routes named there, and its
shares hold. Of other pairs a rule presumes what is not on record: cargo goes by paths that cross
no third region's ground, by land between neighbours and by sea between those that both have ports,
and by any path that was open where there is none of these; shares follow cost. A path outside is
not in use, and no change of cost makes it so: an agreement, a line that is built or a date has to
open it. A world without the table chooses among all paths by cost alone.

A route unit is a route between one pair of gateways. Its nest is its mode: sea, rail or road.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import BoolArray, FloatArray, IndexArray
from sim.simulation.transport.path_search import REFERENCE_TIME_COST, REFERENCE_VALUE_USD
from sim.world.csv_tables.network_schema import ROUTE_MODES

if TYPE_CHECKING:
    from sim.world.transport.network import Network
    from sim.world.transport.route_shares import RouteShare


REFERENCE_DISPERSION = 10.0
"""Sensitivity to cost by which cargo is shared out where the table does not say [1]."""
ROUNDS = 200
"""Rounds in which shares between gateways are brought to the pair's; each mends all routes."""
MIN_SEED = 1e-3
"""Least share between gateways, before it is mended, of a route that the table names."""


@dataclass(frozen=True, eq=False)
class RouteUnits:
    """Routes between pairs of gateways, in the order of their nests."""

    od: IndexArray
    """(n_units,) pair of gateways."""
    nest: IndexArray
    """(n_units,) nest of each unit; nests are numbered in the order of their gateways."""
    record: IndexArray
    """(n_units,) row of the table of route shares, -1 where a rule or nothing stands for it."""
    share: FloatArray
    """(n_units,) part of the cargo between the gateways in the base year [1]."""
    ceiling: FloatArray
    """(n_units,) part that it reaches at the base year's costs; zero where nothing says so [1]."""
    since: IndexArray
    """(n_units,) quarter in which its take-up began, zero for one that is not being taken up."""


@dataclass(frozen=True, eq=False)
class RouteUse:
    """Use of the paths of a table, paths in its order."""

    units: RouteUnits
    unit: IndexArray
    """(n_paths,) unit of each path."""
    in_use: BoolArray
    """(n_paths,) whether its route carries cargo in the base year or comes into use by a date."""
    by_line: BoolArray
    """(n_paths,) whether it comes into use once the lines it needs are built."""
    base_open: FloatArray
    """(n_paths,) part of the base year in which records and seasons left it open [1]."""
    order: IndexArray
    """(n_paths,) paths sorted by nest and unit, places before sorting."""

    @property
    def is_known(self) -> bool:
        """True if the world says which routes are in use; else cost alone decides."""
        return not np.isnan(self.units.share).any()

    def sorted(self) -> "RouteUse":
        """The same with paths in the order of their units."""
        paths = {
            name: getattr(self, name)[self.order]
            for name in ("unit", "in_use", "by_line", "base_open")
        }
        return RouteUse(self.units, order=np.arange(len(self.order)), **paths)


def sums(places: IndexArray, values: FloatArray, n: int | None = None) -> FloatArray:
    """Sums of values that have the same place, (n,)."""
    return np.asarray(np.bincount(places, values, n or 0), dtype=np.float64)


class PathFacts:
    """Facts of paths for the rules; arrays as in `sim.simulation.transport.paths.PathTable`."""

    def __init__(
        self,
        network: "Network",
        *,
        od: IndexArray,
        links: Sequence[Sequence[int]],
        attributes: dict[str, FloatArray],
    ) -> None:
        self.network = network
        self.od = od
        self.size = attributes["size"]
        self.passes = attributes["passes"] > 0
        self.tolled: BoolArray = attributes["tolled"].astype(np.bool_)
        self.is_locked: BoolArray = np.asarray(attributes["locked"].any(axis=1), dtype=np.bool_)
        days = attributes["days"] + attributes["gate_hours"] / 24.0
        usd = attributes["usd"] + attributes["toll_usd"]
        self.ave = usd / REFERENCE_VALUE_USD + REFERENCE_TIME_COST * days
        modes = np.array(network.modes)
        planned = np.array(network.status) == "planned"
        self.mode = np.array([_mode(network, modes, route) for route in links], dtype=np.intp)
        self.afloat = np.array(
            [bool(np.isin(modes[list(route)], ("sea", "ferry")).any()) for route in links]
        )
        self.is_planned = np.array([bool(planned[list(route)].any()) for route in links])


def route_use(
    facts: PathFacts, pairs: IndexArray, od_pair: IndexArray, od_weight: FloatArray
) -> RouteUse:
    """Say how the paths of a table are used.

    Parameters
    ----------
    facts : PathFacts
        Of all paths.
    pairs : (n_pairs, 2) ndarray
        Regions, lower index first.
    od_pair, od_weight : (n_ods,) ndarray
        Pair that each pair of gateways serves, and its part of the pair's cargo.
    """
    records = facts.network.route_shares
    base_open = _base_open(facts)
    if not records:
        return _by_cost_alone(facts, len(od_pair), base_open)
    kind = np.full(len(facts.od), -1, dtype=np.intp)
    in_use = np.zeros(len(facts.od), dtype=np.bool_)
    by_line = np.zeros(len(facts.od), dtype=np.bool_)
    landlocked = _landlocked(facts, len(facts.network.gateways))
    for number, pair in enumerate(pairs):
        own = np.flatnonzero(od_pair[facts.od] == number)
        named = [k for k, record in enumerate(records) if record.pair == tuple(pair)]
        if named:
            kind[own] = _first_match(facts, own, named)
            # What was shut in the base year is part of a route only where that is yet to come.
            used = [k for k in named if records[k].is_in_use]
            to_come = [k for k in used if records[k].share == 0.0]
            in_use[own] = np.isin(kind[own], used) & (base_open[own] > 0.0)
            in_use[own] |= np.isin(kind[own], to_come)
            in_use[own] |= _last_resort(facts, own, in_use[own], base_open)
        else:
            in_use[own] = _presumed(facts, own, base_open)
        # What ships from one coast to another does not turn to a railway because there is one.
        by_line[own] = facts.is_planned[own] & landlocked[pair].any()
    mode = np.array([ROUTE_MODES.index(record.mode) for record in records], dtype=np.intp)
    nest = np.where(kind >= 0, mode[kind], facts.mode)
    return _made(facts, kind, nest, in_use, by_line, base_open, (od_pair, od_weight))


def _made(
    facts: PathFacts,
    kind: IndexArray,
    mode: IndexArray,
    in_use: BoolArray,
    by_line: BoolArray,
    base_open: FloatArray,
    ods: tuple[IndexArray, FloatArray],
) -> RouteUse:
    """Number nests and units and share the pairs' cargo out."""
    records = facts.network.route_shares
    # Unnamed paths of one mode that are in use make a unit, those that are not another one.
    key = np.stack([facts.od, mode, kind, np.where(kind >= 0, 0, in_use)], axis=1)
    known, unit = np.unique(key, axis=0, return_inverse=True)
    unit = unit.reshape(-1)
    _, nest = np.unique(known[:, :2], axis=0, return_inverse=True)
    record = known[:, 2]
    worth = base_open * facts.size * np.exp(-REFERENCE_DISPERSION * facts.ave)
    worth = worth * (in_use & ~facts.is_locked)
    seed = sums(unit, worth, len(known))
    units = RouteUnits(
        od=known[:, 0],
        nest=nest.reshape(-1),
        record=record,
        share=_shares(records, known[:, 0], record, seed, ods),
        ceiling=np.array([records[r].ceiling if r >= 0 else 0.0 for r in record]),
        since=np.array([records[r].since or 0 if r >= 0 else 0 for r in record], dtype=np.intp),
    )
    return RouteUse(units, unit, in_use, by_line, base_open, np.argsort(unit, kind="stable"))


def _shares(
    records: "Sequence[RouteShare]",
    od: IndexArray,
    record: IndexArray,
    seed: FloatArray,
    ods: tuple[IndexArray, FloatArray],
) -> FloatArray:
    """Shares of the units between their gateways that sum to the pair's shares where known.

    Between gateways shares follow cost, times a factor of the pair's route that is mended until
    the pair's shares come out (Deming and Stephan 1940).
    """
    _, weight = ods
    named = record >= 0
    wanted = np.array([records[r].share if r >= 0 else np.nan for r in record])
    share = _of_gateways(od, seed, len(weight))
    share = np.where(named & (wanted > 0) & (seed > 0), np.maximum(share, MIN_SEED), share)
    share = np.where(named & (wanted == 0.0), 0.0, share)
    mended = named & (share > 0)
    for _ in range(ROUNDS if mended.any() else 0):
        share = _of_gateways(od, share, len(weight))
        of_record = record[mended]
        found = sums(of_record, share[mended] * weight[od[mended]], len(records))
        share[mended] *= wanted[mended] / found[of_record]
    return _of_gateways(od, share, len(weight))


def _of_gateways(od: IndexArray, share: FloatArray, n_ods: int) -> FloatArray:
    """Shares over their sum between the same gateways, zero where that is zero."""
    totals = sums(od, share, n_ods)[od]
    return np.divide(share, totals, out=np.zeros_like(share), where=totals > 0)


def _first_match(facts: PathFacts, own: IndexArray, named: Sequence[int]) -> IndexArray:
    """First of the named routes that each path belongs to, -1 where none."""
    found = np.full(len(own), -1, dtype=np.intp)
    for number in reversed(named):
        fits = np.ones(len(own), dtype=np.bool_)
        for gates, regions in facts.network.route_shares[number].through:
            met = facts.passes[own][:, list(gates)].any(axis=1)
            met |= facts.tolled[own][:, list(regions)].any(axis=1)
            fits &= met
        found[fits] = number
    return found


def _last_resort(
    facts: PathFacts, own: IndexArray, in_use: BoolArray, base_open: FloatArray
) -> BoolArray:
    """Open paths between gateways that no named route joins, (n_own,)."""
    was_open = ~facts.is_locked[own] & (base_open[own] > 0.0)
    return was_open & ~np.isin(facts.od[own], facts.od[own][in_use & was_open])


def _presumed(facts: PathFacts, own: IndexArray, base_open: FloatArray) -> BoolArray:
    """Paths of one pair that its cargo is presumed to use, (n_own,)."""
    was_open = ~facts.is_locked[own] & (base_open[own] > 0.0)
    is_direct: BoolArray = ~np.asarray(facts.tolled[own].any(axis=1), dtype=np.bool_)
    direct = was_open & is_direct
    wanted = direct if direct.any() else was_open
    # Gateways that no such path joins use any that was open.
    in_use = wanted | (was_open & ~np.isin(facts.od[own], facts.od[own][wanted]))
    # What needs an agreement is the same route made better, where its mode is in use.
    key = facts.od[own] * len(ROUTE_MODES) + facts.mode[own]
    better = facts.is_locked[own] & ~facts.is_planned[own] & np.isin(key, key[in_use])
    better &= base_open[own] > 0.0
    return np.asarray(in_use | (better & (is_direct | ~direct.any())))


def _landlocked(facts: PathFacts, n_regions: int) -> BoolArray:
    """Regions whose cargo reaches no ship on their own ground, (n_regions,)."""
    network = facts.network
    modes = np.array(network.modes)
    at_sea = np.zeros(len(network.nodes), dtype=np.bool_)
    for end in (network.tail, network.head):
        at_sea[end[modes == "sea"]] = True
    ports = at_sea & (network.owner >= 0)
    coastal = np.zeros(n_regions, dtype=np.bool_)
    coastal[network.owner[ports]] = True
    return ~coastal


def _base_open(facts: PathFacts) -> FloatArray:
    """Part of the base year in which the gates on each path were open, (n_paths,) [1]."""
    share = facts.network.base_open_share
    return np.asarray(np.where(facts.passes, share[None], 1.0).prod(axis=1))


def _by_cost_alone(facts: PathFacts, n_ods: int, base_open: FloatArray) -> RouteUse:
    """All paths in one route between their gateways."""
    nothing = np.zeros(n_ods)
    none = np.zeros(n_ods, dtype=np.intp)
    every = np.ones(len(facts.od), dtype=np.bool_)
    od = np.arange(n_ods)
    units = RouteUnits(od, od, none - 1, nothing + np.nan, nothing, none)
    return RouteUse(units, facts.od, every, every, base_open, np.arange(len(facts.od)))


def _mode(network: "Network", modes: NDArray[np.str_], route: Sequence[int]) -> int:
    """Mode that a chain of links counts as: sea if any of it is, else what most of it is."""
    own = list(route)
    if (modes[own] == "sea").any():
        return ROUTE_MODES.index("sea")
    km = network.length_km[own]
    by_rail = km[modes[own] == "rail"].sum() >= km[modes[own] == "road"].sum()
    return ROUTE_MODES.index("rail" if by_rail else "road")
