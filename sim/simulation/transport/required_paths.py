"""Paths that have to be known: the cheapest one of every route on record, and over every new line.

The search by cost alone finds the paths that are cheapest and routes round gates. A route that the
table of route shares names carries cargo whether or not it is among these, and a line that is to be
built is offered to every pair whose cargo it may serve.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise, permutations, product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray
from sim.laws.transport.shortest_paths import followed_back, least_costs
from sim.simulation.transport.path_search import (
    REFERENCE_TIME_COST,
    REFERENCE_VALUE_USD,
    NodePair,
    Path,
    directed_links,
)
from sim.world.transport.network import Network

if TYPE_CHECKING:
    from sim.world.transport.route_shares import RouteShare


TRIES = 400
"""Chains of places tried, cheapest first, until one makes a path that comes nowhere twice."""
Term = tuple[tuple[int, ...], tuple[int, ...]]


class NamedPaths:
    """Cheapest paths of a network by given places.

    Parameters
    ----------
    network : Network
    closed : (n_links,) bool ndarray
        Links that are out of the question.
    """

    def __init__(self, network: Network, closed: NDArray[np.bool_]) -> None:
        self._network, self._steps = network, directed_links(network)
        cost = network.link_usd_per_feu / REFERENCE_VALUE_USD
        self._price = np.where(closed, np.inf, cost + REFERENCE_TIME_COST * network.link_days)
        self._closed = set(np.flatnonzero(~np.isfinite(self._price)).tolist())
        self._ends = list(zip(network.tail.tolist(), network.head.tolist(), strict=True))
        every = np.arange(len(network.nodes))
        prices = np.repeat(self._price[None], len(every), axis=0)
        self._cost = least_costs(*self._steps, prices, every)
        ends = np.stack([network.tail, network.head])
        self._at_gate = [set(np.flatnonzero(network.gate == g)) for g in range(_n_gates(network))]
        self._of_region = [
            set(ends[:, network.link_owner == r].ravel().tolist())
            for r in range(len(network.gateways))
        ]

    def complete(
        self,
        ends: NodePair,
        records: "Sequence[RouteShare]",
        number: int,
        found: list[Path],
    ) -> None:
        """Add the cheapest path of a route to those found, unless one of it is among them.

        Parameters
        ----------
        ends : (int, int)
            Nodes.
        records : sequence of RouteShare
            All routes of their pair of regions, in the order in which paths are assigned to them.
        number : int
            Place of the route among these.
        found : list
            Paths so far; added to.
        """
        if any(self._closed.isdisjoint(p) and self._is_of(p, records, number) for p in found):
            return
        self.add_cheapest(ends, records, number, found)

    def add_cheapest(
        self, ends: NodePair, records: "Sequence[RouteShare]", number: int, found: list[Path]
    ) -> None:
        """Add the cheapest path of a route to those found; arguments as in `complete`."""
        places = [self._places(term) for term in records[number].through]
        chains = [
            tuple(chain.from_iterable(order))
            for picked in product(*places)
            for order in permutations(picked)
        ]
        paths = self._first_simple(ends, chains)
        path = next((p for p in paths if self._is_of(p, records, number)), None)
        if path is not None and path not in found:
            found.append(path)

    def _is_of(self, path: Path, records: "Sequence[RouteShare]", number: int) -> bool:
        """True if a path belongs to one of the routes: it is the first whose terms it meets."""
        met = (self.meets(path, record.through, record.pair) for record in records)
        return next((k for k, fits in enumerate(met) if fits), None) == number

    def by_links(self, ends: NodePair, links: Sequence[int]) -> Path | None:
        """Cheapest path of two nodes over any of some links, if one is found."""
        network = self._network
        chains = [
            order
            for link in links
            for order in permutations((int(network.tail[link]), int(network.head[link])))
        ]
        wanted = set(links)
        for path in self._first_simple(ends, chains):
            if wanted & set(path):
                return path
        return None

    def meets(self, path: Path, terms: Sequence[Term], regions: Sequence[int]) -> bool:
        """True if a path passes a gate or crosses third ground for each of the terms."""
        network, own = self._network, list(path)
        met = {*network.gate[network.tail[own]].tolist(), *network.gate[network.head[own]].tolist()}
        crossed = set(network.link_owner[own].tolist()) - set(regions)
        return all(met & set(gates) or crossed & set(ground) for gates, ground in terms)

    def _places(self, term: Term) -> list[tuple[int, ...]]:
        """Places that a path by a term comes to: a gate and a neighbour of it, or a town."""
        gates, regions = term
        network = self._network
        towns = set().union(*(self._of_region[r] for r in regions))
        found: list[tuple[int, ...]] = [(int(node),) for node in sorted(towns)]
        for node in sorted(set().union(*(self._at_gate[g] for g in gates))):
            own = np.flatnonzero((network.tail == node) | (network.head == node))
            beside = network.tail[own] + network.head[own] - node
            for other in sorted({int(k) for k in beside}):
                found += [(int(node), other), (other, int(node))]
        return found

    def _first_simple(self, ends: NodePair, chains: Sequence[tuple[int, ...]]) -> Iterator[Path]:
        """Paths by the chains of places, cheapest first, that come to no node twice."""
        stops = [(ends[0], *places, ends[1]) for places in chains]
        costs = self._costs(stops)
        for place in np.argsort(costs, kind="stable")[:TRIES]:
            if not np.isfinite(costs[place]):
                return
            path = self._joined(stops[place])
            if path is not None:
                yield path

    def _costs(self, chains: Sequence[Sequence[int]]) -> FloatArray:
        """Cost of every chain of places, (n_chains,), its parts added in order."""
        costs = np.empty(len(chains))
        lengths = np.array([len(each) for each in chains], dtype=np.intp)
        for length in np.unique(lengths):
            own = np.flatnonzero(lengths == length)
            places = np.array([chains[int(k)] for k in own], dtype=np.intp)
            total = np.zeros(len(own))
            for a, b in pairwise(places.T):
                total += self._cost[a, b]
            costs[own] = total
        return costs

    def _joined(self, stops: Sequence[int]) -> Path | None:
        links: list[int] = []
        for a, b in pairwise(stops):
            part = followed_back(*self._steps, self._price, self._cost[a], a, b)
            links.extend(part.tolist())
        times = Counter(chain.from_iterable(self._ends[link] for link in links))
        is_simple = len(times) == len(links) + 1 and max(times.values(), default=0) <= 2
        return tuple(links) if is_simple else None


def add_named_paths(
    network: Network,
    found: dict[NodePair, list[Path]],
    pair_of: dict[NodePair, tuple[int, int]],
) -> None:
    """Add the cheapest path of every route on record, and over every line that is to be built.

    Parameters
    ----------
    network : Network
    found : dict
        By pair of nodes, the paths found so far; added to.
    pair_of : dict
        Regions of each pair of nodes, lower index first.
    """
    status = np.array(network.status)
    if network.route_shares:
        shut = (network.gate >= 0) & (network.base_open_share[network.gate] == 0.0)
        at_shut = shut[network.tail] | shut[network.head]
        in_base_year = NamedPaths(network, (status != "open") | at_shut)
        later = NamedPaths(network, status != "open")
        agreed = NamedPaths(network, status == "planned")
        for ends, pair in pair_of.items():
            records = [record for record in network.route_shares if record.pair == pair]
            for number, record in enumerate(records):
                known = in_base_year if record.share > 0.0 else later
                known.complete(ends, records, number, found[ends])
                agreed.add_cheapest(ends, records, number, found[ends])
        _add_direct_paths(network, (status != "open") | at_shut, found, pair_of)
    if network.projects:
        anywhere = NamedPaths(network, np.zeros(len(status), dtype=np.bool_))
        for ends in pair_of:
            for project in network.projects:
                path = anywhere.by_links(ends, project.links)
                if path is not None and path not in found[ends]:
                    found[ends].append(path)


def _add_direct_paths(
    network: Network,
    closed: NDArray[np.bool_],
    found: dict[NodePair, list[Path]],
    pair_of: dict[NodePair, tuple[int, int]],
) -> None:
    """Add the cheapest path without third ground to pairs that the table does not name."""
    named = {record.pair for record in network.route_shares}
    steps = directed_links(network)
    cost = network.link_usd_per_feu / REFERENCE_VALUE_USD
    cost = cost + REFERENCE_TIME_COST * network.link_days
    for ends, pair in pair_of.items():
        if pair in named:
            continue
        own = np.isin(network.link_owner, (-1, *pair)) & ~closed
        if any(own[list(path)].all() for path in found[ends]):
            continue
        price = np.where(own, cost, np.inf)
        reached = least_costs(*steps, price[None], np.array([ends[0]], dtype=np.intp))
        path = tuple(followed_back(*steps, price, reached[0], *ends).tolist())
        if path:
            found[ends].append(path)


def _n_gates(network: Network) -> int:
    return int(network.gate.max(initial=-1)) + 1
