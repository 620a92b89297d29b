"""Shortest routes: trees from many origins at once, and the links along them.

Zones that may not be driven through are doubled: the links that leave them start at a copy from
which trips set out, the links that enter them end at the original, where trips end. Dijkstra's
trees (scipy) then need no further rule. Of parallel links the cheapest is taken.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from sim.laws.numerics.arrays import FloatArray, IntArray
from sim.validation.assignment.congested_network import CrowdedNetwork


@dataclass(frozen=True, eq=False)
class Trees:
    """Least costs and routes from some origins to every node."""

    source: IntArray
    """Node of the search graph each tree starts from, (n_origins,)."""
    cost: FloatArray
    """Least cost from each origin to each node, inf where there is no route."""
    predecessor: NDArray[np.int32]
    """Node of the search graph before each node on the least route."""
    link: IntArray
    """Link that stands for each arc of the search graph, at these costs."""


class TreeSearch:
    """The search graph of one network, built once and used at many costs."""

    def __init__(self, network: CrowdedNetwork) -> None:
        tail, head = np.asarray(network.tail), np.asarray(network.head)
        zones = network.first_through_node
        self._n = network.n_nodes + zones
        self._offset = network.n_nodes
        self._zones = zones
        self._links = np.flatnonzero(np.asarray(network.open))
        start = np.where(tail < zones, tail + self._offset, tail)[self._links]
        self._key_of_link = start * self._n + head[self._links]
        self._keys, self._arc_of_link = np.unique(self._key_of_link, return_inverse=True)
        self._columns = (self._keys % self._n).astype(np.int32)
        rows = self._keys // self._n
        self._pointers = np.searchsorted(rows, np.arange(self._n + 1)).astype(np.int32)

    def trees(self, cost: FloatArray, origins: IntArray) -> Trees:
        """Least routes from `origins` at link costs `cost` `(n_links,)`."""
        price = cost[self._links]
        # cheapest link first within each arc; the order of links settles ties
        order = np.lexsort((price, self._arc_of_link))
        first = np.searchsorted(self._arc_of_link[order], np.arange(self._keys.size))
        cheapest = order[first]
        graph = sparse.csr_matrix(
            (price[cheapest], self._columns, self._pointers), shape=(self._n, self._n)
        )
        source = np.where(origins < self._zones, origins + self._offset, origins)
        distance, predecessor = dijkstra(graph, indices=source, return_predecessors=True)
        distance[np.arange(origins.size), origins] = 0.0
        return Trees(source, distance[:, : self._offset], predecessor, self._links[cheapest])

    def routes(
        self, trees: Trees, tree: IntArray, destination: IntArray
    ) -> tuple[IntArray, IntArray]:
        """Links of the least route of some pairs.

        Parameters
        ----------
        trees : Trees
        tree : (n_pairs,) int
            Row of `trees` each pair starts from.
        destination : (n_pairs,) int
            Node each pair ends at; there must be a route.

        Returns
        -------
        start, link : ndarray of int
            Route `p` has the links `link[start[p]:start[p + 1]]`, from its start to its end.
        """
        here = destination.astype(np.int64)
        pair = np.arange(here.size)
        source = trees.source[tree]
        pairs, links = [], []
        while pair.size:
            before = trees.predecessor[tree[pair], here[pair]].astype(np.int64)
            arc = np.searchsorted(self._keys, before * self._n + here[pair])
            pairs.append(pair)
            links.append(trees.link[arc])
            here[pair] = before
            pair = pair[before != source[pair]]
        # gathered from the last link backwards
        pair_of_link = np.concatenate([*pairs[::-1], np.zeros(0, np.int64)])
        link = np.concatenate([*links[::-1], np.zeros(0, np.int64)])
        order = np.argsort(pair_of_link, kind="stable")
        start = np.concatenate(
            [[0], np.cumsum(np.bincount(pair_of_link, minlength=destination.size))]
        )
        return start.astype(np.int64), link[order]
