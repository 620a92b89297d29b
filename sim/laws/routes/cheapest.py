"""Cheapest ways through a network whose links have prices of their own for every traveller.

Every link is relaxed until no distance falls any more (Bellman 1958); the way is then followed back
from its end. Steps are links in one direction, sorted by the node they lead to, so that step
`start[node]` to `start[node + 1]` are those into a node.
"""

import numpy as np
from numpy.typing import NDArray

from sim.laws.compiled import compiled

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@compiled
def least_costs(
    link: IntArray, tail: IntArray, start: IntArray, price: FloatArray, origin: IntArray
) -> FloatArray:
    """Least cost from every origin to every node, (n_origins, n_nodes), infinite where none leads.

    Parameters
    ----------
    link, tail : (n_steps,) ndarray
        Link of each step, and node it starts from.
    start : (n_nodes + 1,) ndarray
        First step into each node.
    price : (n_origins, n_links) ndarray
        Of each link, > 0, infinite where it is closed [any, the same for all].
    origin : (n_origins,) ndarray
        Node that each sets out from.
    """
    cost = np.full((origin.size, start.size - 1), np.inf)
    for k in range(origin.size):
        cost[k, origin[k]] = 0.0
        falls = True
        while falls:
            falls = False
            for node in range(start.size - 1):
                least = cost[k, node]
                for step in range(start[node], start[node + 1]):
                    by = cost[k, tail[step]] + price[k, link[step]]
                    if by < least:
                        least, falls = by, True
                cost[k, node] = least
    return cost


@compiled
def followed_back(
    link: IntArray,
    tail: IntArray,
    start: IntArray,
    price: FloatArray,
    cost: FloatArray,
    origin: int,
    destination: int,
) -> IntArray:
    """Links of the cheapest way in travelling order; empty where there is none, or nothing to go.

    Of ways that cost the same, the one whose steps come first.

    Parameters
    ----------
    link, tail, start
        As in `least_costs`.
    price : (n_links,) ndarray
    cost : (n_nodes,) ndarray
        Least cost from the origin at these prices.
    origin, destination : int
        Nodes at the ends.
    """
    way = np.empty(start.size - 1, dtype=np.intp)  # no cheapest way comes to a node twice
    first = way.size
    at = destination
    while at != origin and np.isfinite(cost[destination]):
        best, least = start[at], np.inf
        for step in range(start[at], start[at + 1]):
            by = cost[tail[step]] + price[link[step]]
            if by < least:
                best, least = step, by
        first -= 1
        way[first] = link[best]
        at = tail[best]
    return way[first:]
