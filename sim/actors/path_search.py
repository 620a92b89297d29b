"""Search for paths between gateways: a few that differ, and the cheapest way round every gate.

Paths of all pairs are sought at once, by relaxing every link until no distance falls any more
(Bellman 1958); each pair has prices of its own, since the links of a path that was found are made
dearer for the next (de la Barra 1993). Arrays have the pairs on the last axis here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.world.network import Network

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
Ends = tuple[int, int]
Path = tuple[int, ...]

ROUNDS = (5, 4, 2)
"""Paths sought over open links, over those that need an agreement as well, over planned ones."""
PENALTY = 1.6
"""Factor on the links of a path found when the next is sought."""
REFERENCE_VALUE_USD = 40_000.0
REFERENCE_TIME_COST = 0.0135
"""Worth of a container and cost of its day by which paths are searched; choice is made anew."""


@dataclass(frozen=True, eq=False)
class _Steps:
    """Every link in both directions, sorted by the node it leads to."""

    link: IntArray
    tail: IntArray
    """(n_steps,) link, and node it starts from."""
    node: IntArray
    """(n_reached,) nodes that some link leads to."""
    start: IntArray
    """(n_reached,) first step to each."""
    into: IntArray
    """(n_nodes, n_most) steps to every node; where there are fewer, the last is named again."""


def search_paths(network: Network, ods: set[Ends]) -> dict[Ends, list[Path]]:
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
    found: dict[Ends, list[Path]] = {od: [] for od in sorted(ods)}
    if not found:
        return found
    steps = _steps(network)
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
    steps: _Steps, cost: FloatArray, ods: Sequence[Ends], rounds: int
) -> Iterator[tuple[Ends, Path]]:
    """Cheapest paths of every pair, the links of each made dearer for the next."""
    a, b = np.array(ods, dtype=np.intp).T
    price = np.repeat(cost[:, None], len(ods), axis=1)
    places = np.arange(len(ods))
    for _ in range(rounds):
        paths = _walks(steps, price, _distances(steps, price, a), places, a, b)
        for place, path in enumerate(paths):
            if path:
                yield ods[place], path
                price[list(path), place] *= PENALTY


def _add_ways_round(
    network: Network, steps: _Steps, cost: FloatArray, found: dict[Ends, list[Path]]
) -> None:
    """Add, for every gate on the paths, the cheapest path without it."""
    for node in np.flatnonzero(network.gate >= 0):
        at_node = np.flatnonzero((network.tail == node) | (network.head == node))
        avoided = frozenset(at_node.tolist())
        passing = [od for od, paths in found.items() if not all(map(avoided.isdisjoint, paths))]
        if not passing:
            continue
        a, b = np.array(passing, dtype=np.intp).T
        origins, place = np.unique(a, return_inverse=True)
        price = cost[:, None].copy()
        price[at_node] = np.inf
        distance = _distances(steps, price, origins)
        for od, way in zip(passing, _walks(steps, price, distance, place, a, b), strict=True):
            if way and way not in found[od]:
                found[od].append(way)


def _steps(network: Network) -> _Steps:
    n = len(network.links)
    tail = np.concatenate([network.tail, network.head])
    head = np.concatenate([network.head, network.tail])
    order = np.argsort(head, kind="stable")
    node, start, number = np.unique(head[order], return_index=True, return_counts=True)
    into = np.zeros((len(network.nodes), int(number.max())), dtype=np.intp)
    last = start + number - 1
    into[node] = np.minimum(start[:, None] + np.arange(into.shape[1]), last[:, None])
    return _Steps(order % n, tail[order], node, start, into)


def _distances(steps: _Steps, price: FloatArray, origin: IntArray) -> FloatArray:
    """Least cost from the origin of each column to every node, (n_nodes, n_columns).

    `price` is `(n_links, n_columns)`, or one column that serves all.
    """
    along = price[steps.link]
    distance = np.full((len(steps.into), len(origin)), np.inf)
    distance[origin, np.arange(len(origin))] = 0.0
    while True:
        reached = np.minimum.reduceat(distance[steps.tail] + along, steps.start, axis=0)
        nearer = np.minimum(distance[steps.node], reached)
        if np.array_equal(nearer, distance[steps.node]):
            return distance
        distance[steps.node] = nearer


def _walks(
    steps: _Steps,
    price: FloatArray,
    distance: FloatArray,
    column: IntArray,
    origin: IntArray,
    destination: IntArray,
) -> list[Path]:
    """Links from origins to destinations, empty where there is no way.

    `column` says which distances hold for each; prices of one column serve all.
    """
    own_price = column if price.shape[1] > 1 else np.zeros_like(column)
    at = destination.copy()
    walking = np.isfinite(distance[at, column]) & (at != origin)
    taken: list[IntArray] = []
    while walking.any():
        steps_in = steps.into[at]
        prices = price[steps.link[steps_in], own_price[:, None]]
        before = distance[steps.tail[steps_in], column[:, None]] + prices
        best = steps_in[np.arange(len(at)), before.argmin(axis=1)]
        taken.append(np.where(walking, steps.link[best], -1))
        at = np.where(walking, steps.tail[best], at)
        walking &= at != origin
    rows = np.array(taken, dtype=np.intp).reshape(len(taken), len(at)).T[:, ::-1]
    return [tuple(row[row >= 0].tolist()) for row in rows]
