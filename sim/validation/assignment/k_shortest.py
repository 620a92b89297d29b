"""The k shortest loopless paths of a pair.

`k_shortest_paths` is Yen's algorithm (1971) with Lawler's (1972) rule of where to leave the
parent path; spur searches are guided by the exact remaining cost (A*). Paths are tuples of links,
so parallel links make different paths. No node is visited twice.
"""

import heapq
from collections.abc import Callable, Iterable

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from sim.laws.numerics.arrays import FloatArray, IntArray
from sim.laws.transport.path_sets import Path, PathSet, as_path_set
from sim.validation.assignment.congested_network import CrowdedNetwork


def path_sets(
    network: CrowdedNetwork,
    pairs: Iterable[tuple[int, int]],
    k: int,
    *,
    cost: FloatArray | None = None,
) -> PathSet:
    """Up to `k` shortest loopless paths for each pair.

    Parameters
    ----------
    network : Network
        Closed links are left out; build the set on the open network when links close later.
    pairs : iterable of (origin, destination)
    k : int
        Paths wanted of each pair; fewer where fewer exist.
    cost : (n_links,) float, optional
        Cost of links; the empty network's by default.

    Returns
    -------
    PathSet
    """
    shortest = k_shortest_searcher(network, cost=cost)
    choices = {(int(o), int(d)): shortest(int(o), int(d), k) for o, d in pairs}
    return as_path_set(network.n_links, choices)


def k_shortest_paths(
    network: CrowdedNetwork,
    origin: int,
    destination: int,
    k: int,
    *,
    cost: FloatArray | None = None,
) -> list[Path]:
    """The `k` shortest loopless paths of one pair, cheapest first, ties by link numbers.

    Returns fewer where fewer exist, none where there is no route.

    Examples
    --------
    >>> bridge = CrowdedNetwork([0, 0, 1], [1, 2, 2], [1.0, 3.0, 1.0], np.inf)
    >>> k_shortest_paths(bridge, 0, 2, 5)
    [(0, 2), (1,)]
    """
    return k_shortest_searcher(network, cost=cost)(origin, destination, k)


def k_shortest_searcher(
    network: CrowdedNetwork, *, cost: FloatArray | None = None
) -> Callable[[int, int, int], list[Path]]:
    """`k_shortest_paths` for many pairs of one network: (origin, destination, k) to paths."""
    return _SpurSearch(network, cost).shortest


class _SpurSearch:
    """Adjacency lists of the open links, and the searches on them."""

    def __init__(self, network: CrowdedNetwork, cost: FloatArray | None) -> None:
        price = network.cost_and_slope(np.zeros(network.n_links))[0] if cost is None else cost
        tail, head = np.asarray(network.tail), np.asarray(network.head)
        is_open = np.flatnonzero(np.asarray(network.open))
        self._zones = network.first_through_node
        self._n_nodes = network.n_nodes
        self._cost: list[float] = np.asarray(price, np.float64).tolist()
        self._tail: list[int] = tail.tolist()
        self._head: list[int] = head.tolist()
        self._out: list[list[int]] = [[] for _ in range(network.n_nodes)]
        for link in is_open.tolist():
            self._out[self._tail[link]].append(link)
        self._backward = self._reverse(is_open, tail, head, np.asarray(price, np.float64))
        self._remaining: dict[int, list[float]] = {}

    def shortest(self, origin: int, destination: int, k: int) -> list[Path]:
        """Yen's algorithm."""
        first = self._spur(origin, destination, {origin}, frozenset())
        if first is None or origin == destination:
            return []
        found: list[Path] = []
        waiting = [(self._sum(first), first, 0)]
        known = {first}
        while waiting and len(found) < k:
            _, path, deviation = heapq.heappop(waiting)
            found.append(path)
            for i in range(deviation, len(path)):
                root = path[:i]
                banned = frozenset(
                    other[i] for other in found if other[:i] == root and len(other) > i
                )
                spur_node = self._tail[path[i]]
                passed = {self._tail[link] for link in root} | {spur_node}
                spur = self._spur(spur_node, destination, passed, banned)
                if spur is not None and root + spur not in known:
                    known.add(root + spur)
                    heapq.heappush(waiting, (self._sum(root + spur), root + spur, i))
        return found

    def _sum(self, path: Path) -> float:
        return sum(self._cost[link] for link in path)

    def _spur(
        self, source: int, destination: int, passed: set[int], banned: frozenset[int]
    ) -> Path | None:
        """Cheapest path from `source` that avoids passed nodes and banned first links."""
        ahead = self._to(destination)
        heap: list[tuple[float, Path, float, int]] = [(ahead[source], (), 0.0, source)]
        done: set[int] = set()
        while heap:
            estimate, path, spent, node = heapq.heappop(heap)
            if estimate == np.inf:
                return None
            if node == destination:
                return path
            if node in done:
                continue
            done.add(node)
            for link in self._out[node]:
                following = self._head[link]
                blocked = following < self._zones and following != destination
                if blocked or following in passed or following in done:
                    continue
                if node == source and link in banned:
                    continue
                cost = spent + self._cost[link]
                heapq.heappush(heap, (cost + ahead[following], (*path, link), cost, following))
        return None

    def _to(self, destination: int) -> list[float]:
        """Least cost from every node to `destination`, a bound no search can beat."""
        if destination not in self._remaining:
            distance = dijkstra(self._backward, indices=np.array([destination]))[0]
            self._remaining[destination] = distance.tolist()
        return self._remaining[destination]

    def _reverse(
        self, is_open: IntArray, tail: IntArray, head: IntArray, price: FloatArray
    ) -> "sparse.csr_matrix[np.float64]":
        """Graph against the direction of travel, cheapest of parallel links."""
        key = head[is_open] * self._n_nodes + tail[is_open]
        order = np.lexsort((price[is_open], key))
        keys, first = np.unique(key[order], return_index=True)
        pointer = np.searchsorted(keys // self._n_nodes, np.arange(self._n_nodes + 1))
        return sparse.csr_matrix(
            (price[is_open][order][first], keys % self._n_nodes, pointer),
            shape=(self._n_nodes, self._n_nodes),
        )
