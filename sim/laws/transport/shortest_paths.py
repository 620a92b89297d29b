"""Cheapest routes through a network whose links have prices of their own for every traveller.

Every link is relaxed until no distance falls any more (Bellman 1958); the way is then followed back
from its end. Steps are links in one direction, sorted by the node they lead to, so that step
`start[node]` to `start[node + 1]` are those into a node.
"""

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.jit import compiled


@compiled
def _check(link: IndexArray, tail: IndexArray, start: IndexArray, n_links: int, node: int) -> None:
    """Refuse steps, or a node, that would be looked for beyond the end of an array."""
    n_nodes = start.size - 1
    inside = link.size == tail.size and n_nodes >= 0 and 0 <= node < n_nodes
    inside = inside and start[0] == 0 and start[n_nodes] == link.size
    for at in range(n_nodes if inside else 0):
        inside = inside and start[at] <= start[at + 1]
    for step in range(link.size if inside else 0):
        inside = inside and 0 <= link[step] < n_links and 0 <= tail[step] < n_nodes
    if not inside:
        raise ValueError("a step or node lies outside the network; wanted places within it")


@compiled
def least_costs(
    link: IndexArray, tail: IndexArray, start: IndexArray, price: FloatArray, origin: IndexArray
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

    Raises
    ------
    ValueError
        If a place lies outside the network, or costs never come to rest, as below 0.
    """
    for k in range(origin.size):
        _check(link, tail, start, price.shape[1], origin[k])
    if price.shape[0] < origin.size:
        raise ValueError("a traveller has no prices; wanted a row each")
    cost = np.full((origin.size, start.size - 1), np.inf)
    for k in range(origin.size):
        cost[k, origin[k]] = 0.0
        falls, n_rounds = True, 0
        while falls:
            falls = False
            n_rounds += 1
            if n_rounds > start.size:
                raise ValueError("costs of routes never come to rest; wanted prices above 0")
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
    link: IndexArray,
    tail: IndexArray,
    start: IndexArray,
    price: FloatArray,
    cost: FloatArray,
    origin: int,
    destination: int,
) -> IndexArray:
    """Links of the cheapest way in travelling order; empty where there is none, or nothing to go.

    Of routes that cost the same, the one whose steps come first.

    Parameters
    ----------
    link, tail, start
        As in `least_costs`.
    price : (n_links,) ndarray
    cost : (n_nodes,) ndarray
        Least cost from the origin at these prices.
    origin, destination : int
        Nodes at the ends.

    Raises
    ------
    ValueError
        If a place lies outside the network, or the way goes in a circle, as where a price is
        nothing beside a cost.
    """
    _check(link, tail, start, price.size, origin)
    _check(link, tail, start, price.size, destination)
    if cost.size < start.size - 1:
        raise ValueError("a node has no cost; wanted one each")
    route = np.empty(start.size - 1, dtype=np.intp)  # no cheapest way comes to a node twice
    first = route.size
    at = destination
    while at != origin and np.isfinite(cost[destination]):
        if first == 0 or start[at] == start[at + 1]:
            raise ValueError("the cheapest way goes in a circle; wanted prices of like size")
        best, least = start[at], np.inf
        for step in range(start[at], start[at + 1]):
            by = cost[tail[step]] + price[link[step]]
            if by < least:
                best, least = step, by
        first -= 1
        route[first] = link[best]
        at = tail[best]
    return route[first:]
