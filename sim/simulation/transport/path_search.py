"""Search for paths between gateways: a few that differ, and the cheapest route round every gate.

Each pair has prices of its own, since the links of a path that was found are made dearer for the
next (de la Barra 1993).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.transport.shortest_paths import followed_back, least_costs
from sim.world.transport.network import Network

NodePair = tuple[int, int]
Path = tuple[int, ...]

ROUNDS = (5, 4, 2)
"""Paths sought over open links, over those that need an agreement as well, over planned ones."""
PENALTY = 1.6
"""Factor on the links of a path found when the next is sought."""
REFERENCE_VALUE_USD = 40_000.0
REFERENCE_TIME_COST = 0.0135
"""Worth of a container and cost of its day by which paths are searched; choice is made again."""


class DirectedLinks(NamedTuple):
    """Every link in both directions, as in `sim.laws.transport.shortest_paths`."""

    link: IndexArray
    tail: IndexArray
    start: IndexArray


def search_paths(network: Network, ods: set[NodePair]) -> dict[NodePair, list[Path]]:
    """Find paths of pairs of nodes, different enough from each other to be a choice.

    Parameters
    ----------
    network : Network
    ods : set of (int, int)
        Nodes at the two ends.

    Returns
    -------
    dict
        By pair of nodes, in order, links of each path from the first node to the second.

    Raises
    ------
    ValueError
        If two nodes are joined by no path even with every link open.
    """
    status = np.array(network.status)
    cost = network.link_usd_per_feu / REFERENCE_VALUE_USD + REFERENCE_TIME_COST * network.link_days
    topologies = (
        np.where(status == "open", cost, np.inf),
        np.where(status != "planned", cost, np.inf),
        cost,
    )
    found: dict[NodePair, list[Path]] = {od: [] for od in sorted(ods)}
    if not found:
        return found
    steps = directed_links(network)
    for rounds, usable in zip(ROUNDS, topologies, strict=True):
        for od, path in _penalised(steps, usable, [*found], rounds):
            if path not in found[od]:
                found[od].append(path)
        _add_ways_round(network, steps, usable, found)
    for (a, b), paths in found.items():
        if not paths:
            raise ValueError(f"{network.nodes[a]} and {network.nodes[b]} are joined by no path")
    return found


def _penalised(
    steps: DirectedLinks, cost: FloatArray, ods: Sequence[NodePair], rounds: int
) -> Iterator[tuple[NodePair, Path]]:
    """Cheapest paths of every pair, the links of each made dearer for the next."""
    price = np.repeat(cost[None], len(ods), axis=0)
    origins = np.array([a for a, _ in ods], dtype=np.intp)
    for _ in range(rounds):
        reached = least_costs(*steps, price, origins)
        for place, (a, b) in enumerate(ods):
            path = tuple(followed_back(*steps, price[place], reached[place], a, b).tolist())
            if path:
                yield ods[place], path
                price[place, list(path)] *= PENALTY


def _add_ways_round(
    network: Network, steps: DirectedLinks, cost: FloatArray, found: dict[NodePair, list[Path]]
) -> None:
    """Add, for every gate on the paths, the cheapest path without it."""
    for node in np.flatnonzero(network.gate >= 0):
        at_node = np.flatnonzero((network.tail == node) | (network.head == node))
        avoided = frozenset(at_node.tolist())
        passing = [od for od, paths in found.items() if not all(map(avoided.isdisjoint, paths))]
        if not passing:
            continue
        origins, place = np.unique([a for a, _ in passing], return_inverse=True)
        price = cost.copy()
        price[at_node] = np.inf
        reached = least_costs(*steps, np.repeat(price[None], len(origins), axis=0), origins)
        for (a, b), k in zip(passing, place, strict=True):
            route = tuple(followed_back(*steps, price, reached[k], a, b).tolist())
            if route and route not in found[a, b]:
                found[a, b].append(route)


def directed_links(network: Network) -> DirectedLinks:
    """Links of a network in both directions, sorted by the node they lead to."""
    tail = np.concatenate([network.tail, network.head])
    head = np.concatenate([network.head, network.tail])
    order = np.argsort(head, kind="stable")
    start = np.searchsorted(head[order], np.arange(len(network.nodes) + 1))
    return DirectedLinks(order % len(network.links), tail[order], start)
