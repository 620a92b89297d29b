"""Paths through the network as arrays: which cargo can go which way, and what each route takes.

A pair of regions ships between their gateways in fixed shares; every pair of gateways has a set of
paths, found once: a few that differ from each other, and for every gate on them the cheapest way
round it, so that a closed gate leaves a choice. Paths are sorted by gateway pair, by mode and by
the route that they belong to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from sim.laws.numerics.arrays import BoolArray, FloatArray, IndexArray
from sim.laws.transport.path_sets import as_path_set, path_size
from sim.laws.transport.route_choice import Paths
from sim.simulation.transport.known_paths import paths_between
from sim.simulation.transport.route_use import PathFacts, RouteUse, route_use
from sim.world.transport.network import HOURS_A_DAY, Network


@dataclass(frozen=True, eq=False)
class PathTable:
    """Paths of some pairs of regions; all indices are the world's."""

    pairs: IndexArray
    """(n_pairs, 2) regions at the two ends, lower index first."""
    od_pair: IndexArray
    """(n_ods,) pair that each pair of gateways serves."""
    od_weight: FloatArray
    """(n_ods,) share of the pair's cargo between these gateways [1]."""
    od: IndexArray
    """(n_paths,) pair of gateways of each path."""
    links: tuple[tuple[int, ...], ...]
    """Links of each path from one end to the other."""
    size: FloatArray
    """(n_paths,) path size, 1 for a path that shares no link [1]."""
    km: FloatArray
    days: FloatArray
    """(n_paths,) time on the way without the hours at gates [days]."""
    usd: FloatArray
    """(n_paths,) charges for a container without gate fees and transit tolls [USD/FEU]."""
    toll_usd: FloatArray
    """(n_paths,) transit tolls [USD/FEU]."""
    passes: FloatArray
    """(n_paths, n_gates) 1 for a gate on the way, one half for a gate at an end."""
    tolled: BoolArray
    """(n_paths, n_regions) states whose ground a path crosses and that are at neither end."""
    gate_hours: FloatArray
    """(n_paths,) hours at gates on record [h]."""
    locked: BoolArray
    """(n_paths, n_links) links that the pair may not use without an agreement or a project."""
    use: RouteUse
    """Routes that the paths belong to, and which of them are in use."""

    @property
    def n_paths(self) -> int:
        """Number of paths."""
        return len(self.od)

    @property
    def pair(self) -> IndexArray:
        """Pair of regions that each path serves, (n_paths,)."""
        return self.od_pair[self.od]

    def paths_of(self, places: IndexArray) -> Paths:
        """Some of the paths, in rising order, as the law of passage takes them."""
        shape = (len(self.od_pair), len(places))
        od = self.od[places]
        of_ends = csr_array((np.ones(len(places)), (od, np.arange(len(places)))), shape=shape)
        unit = self.use.unit[places]
        nest = self.use.units.nest[unit] if self.use.is_known else None
        return Paths(od, of_ends, self.size[places], nest, unit)

    @cached_property
    def weight(self) -> "csr_array[np.float64]":
        """Share of a pair's cargo between its gateways, (n_pairs, n_ods) [1]."""
        places = np.arange(len(self.od_pair))
        shape = (len(self.pairs), len(self.od_pair))
        return csr_array((self.od_weight, (self.od_pair, places)), shape=shape)

    @cached_property
    def of_pairs(self) -> "csr_array[np.float64]":
        """One where a pair's cargo runs between gateways, (n_pairs, n_ods)."""
        cells = np.ones(self.weight.nnz), self.weight.indices, self.weight.indptr
        return csr_array(cells, shape=self.weight.shape)

    @cached_property
    def crosses(self) -> "csr_array[np.float64]":
        """One for every gate that a path cannot do without, (n_paths, n_gates)."""
        return csr_array((self.passes > 0).astype(np.float64))

    @cached_property
    def at_gates(self) -> "csr_array[np.float64]":
        """`passes` as a sparse array."""
        return csr_array(self.passes)


@lru_cache(maxsize=8)
def path_table(network: Network, n_gates: int, pairs: tuple[tuple[int, int], ...]) -> PathTable:
    """Find the paths of some pairs of regions.

    Parameters
    ----------
    network : Network
        Nodes and links of the world.
    n_gates : int
        Number of gates of the world.
    pairs : tuple of (int, int)
        Regions, lower index first.

    Raises
    ------
    ValueError
        If two gateways are joined by no path even with every link open.
    """
    ods = [od for p, pair in enumerate(pairs) for od in _gateway_pairs(network, p, pair)]
    found = paths_between(network, {(a, b): pairs[p] for p, a, b, _ in ods})
    rows = [(o, path) for o, (_, a, b, _) in enumerate(ods) for path in found[(a, b)]]
    ends = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    od = np.array([o for o, _ in rows], dtype=np.intp)
    od_pair = np.array([p for p, *_ in ods], dtype=np.intp)
    od_weight = np.array([weight for *_, weight in ods])
    links = tuple(path for _, path in rows)
    attributes = _attributes(network, n_gates, ends[od_pair[od]], od, links)
    facts = PathFacts(network, od=od, links=links, attributes=attributes)
    use = route_use(facts, ends, od_pair, od_weight)
    order = use.order
    return PathTable(
        pairs=ends,
        od_pair=od_pair,
        od_weight=od_weight,
        od=od[order],
        links=tuple(links[path] for path in order),
        use=use.sorted(),
        **{name: values[order] for name, values in attributes.items()},
    )


def _gateway_pairs(
    network: Network, position: int, pair: tuple[int, int]
) -> Iterator[tuple[int, int, int, float]]:
    """Gateways of a pair of regions with the share of cargo between them."""
    shares = network.gateways[list(pair)]
    for a in np.flatnonzero(shares[0]):
        for b in np.flatnonzero(shares[1]):
            yield position, int(a), int(b), float(shares[0, a] * shares[1, b])


def _attributes(
    network: Network, n_gates: int, ends: IndexArray, od: IndexArray, links: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """Costs, crossings and requirements of every path."""
    n_regions = network.gateways.shape[0]
    step = np.array([link for path in links for link in path], dtype=np.intp)
    starts = np.cumsum([0, *map(len, links)])
    # Sparse, since a product of full matrices rounds differently with the number of its threads.
    used = csr_array((np.ones(len(step)), step, starts), shape=(len(links), len(network.links)))
    on_path = used.toarray() > 0
    at_gate = np.zeros((len(network.links), n_gates))
    for end in (network.tail, network.head):
        known = network.gate[end] >= 0
        at_gate[np.flatnonzero(known), network.gate[end][known]] += 0.5
    owned = np.zeros((len(network.links), n_regions), dtype=np.bool_)
    ground = network.link_owner >= 0
    owned[np.flatnonzero(ground), network.link_owner[ground]] = True
    known, pair = np.unique(ends, axis=0, return_inverse=True)
    size = len(known), len(network.links)  # of none in a world without a network
    usable = np.array([network.usable(int(i), int(j)) for i, j in known], dtype=np.bool_)
    tolls = np.array([network.tolls(int(i), int(j)) for i, j in known], dtype=np.float64)
    usable = usable.reshape(size)[pair.reshape(-1)]
    tolls = tolls.reshape(size)[pair.reshape(-1)]
    gate_hours = _by_gate(network, network.gate_hours, n_gates)
    gate_days = (at_gate * gate_hours).sum(axis=1) / HOURS_A_DAY
    passes = used @ at_gate
    gate_fees = _by_gate(network, network.gate_fee_usd_per_feu, n_gates)
    terminal = np.array([terminal_days(network, path) for path in links])
    tolled = (used @ owned.astype(np.float64)) > 0
    tolled[np.arange(len(links))[:, None], ends] = False
    of_od = {}
    for own in np.unique(od).tolist():
        of_od[own, -1] = [links[path] for path in np.flatnonzero(od == own).tolist()]
    path_set = as_path_set(len(network.links), of_od)
    return {
        "size": path_size(path_set, network.link_days),
        "km": used @ network.length_km,
        "days": used @ (network.link_days - gate_days) + terminal,
        "usd": used @ (network.link_usd_per_feu - (at_gate * gate_fees).sum(axis=1)),
        "toll_usd": (on_path * tolls).sum(axis=1),
        "passes": passes,
        "gate_hours": (passes * gate_hours).sum(axis=1),
        "tolled": tolled,
        "locked": on_path & ~usable,
    }


def _by_gate(network: Network, at_nodes: FloatArray, n_gates: int) -> FloatArray:
    """A value at nodes with a gate, by gate."""
    values = np.zeros(n_gates)
    known = network.gate >= 0
    values[network.gate[known]] = at_nodes[known]
    return values


def terminal_days(network: Network, path: Sequence[int]) -> float:
    """Days to load or unload and clear at both ends of a chain of links [days]."""
    route = np.asarray(path, dtype=np.intp)
    met, times = np.unique([network.tail[route], network.head[route]], return_counts=True)
    return float(network.terminal_days[met[times % 2 == 1]].sum())
