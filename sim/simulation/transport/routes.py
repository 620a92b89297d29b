"""Routes: the paths between two regions grouped by the gates and ports they pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from sim.laws.numerics.arrays import IndexArray
from sim.simulation.transport.paths import PathTable

if TYPE_CHECKING:
    from sim.world.transport.network import Network
    from sim.world.world import World


NOTHING_PASSED = "no gate on record"


@dataclass(frozen=True, eq=False)
class PairRoutes:
    """Routes of some pairs of regions, in the order of their first paths."""

    pair: tuple[tuple[str, str], ...]
    """(n_routes,) regions at the ends, in the order the route is named in."""
    gates: tuple[tuple[str, ...], ...]
    """(n_routes,) gates passed, in travelling order."""
    paths: tuple[IndexArray, ...]
    """(n_routes,) places of its paths in the path table."""
    sums: "csr_array[np.float64]"
    """(n_routes, n_paths) one where a path belongs to a route."""

    @property
    def names(self) -> tuple[str, ...]:
        """Gates of each route in one line."""
        return tuple(" > ".join(gates) or NOTHING_PASSED for gates in self.gates)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names that tell the routes of all pairs apart."""
        names = zip(self.pair, self.names, strict=True)
        return tuple(f"{a}-{b}: {name}" for (a, b), name in names)


def routes_of(world: "World", table: PathTable, pairs: Sequence[tuple[str, str]]) -> PairRoutes:
    """Group the paths of some pairs by the gates they pass.

    Parameters
    ----------
    world : World
    table : PathTable
        Paths of these pairs and perhaps of others.
    pairs : sequence of (str, str)
        Regions; routes are named from the first to the second.
    """
    places = {(int(a), int(b)): k for k, (a, b) in enumerate(table.pairs)}
    found: dict[tuple[tuple[str, str], tuple[str, ...]], list[int]] = {}
    for pair in pairs:
        a, b = (world.region_index(code) for code in pair)
        own = places.get((min(a, b), max(a, b)))
        for path in np.flatnonzero(table.pair == own) if own is not None else ():
            key = (pair, gates_along(world, table.links[path], a))
            found.setdefault(key, []).append(int(path))
    rows = np.repeat(np.arange(len(found)), [len(paths) for paths in found.values()])
    columns = np.array([path for paths in found.values() for path in paths], dtype=np.intp)
    shape = (len(found), table.n_paths)
    return PairRoutes(
        pair=tuple(pair for pair, _ in found),
        gates=tuple(gates for _, gates in found),
        paths=tuple(np.array(paths, dtype=np.intp) for paths in found.values()),
        sums=csr_array((np.ones(len(columns)), (rows, columns)), shape=shape),
    )


def gates_along(world: "World", links: Sequence[int], start: int) -> tuple[str, ...]:
    """Gates of a chain of links in travelling order from region `start`."""
    network = world.network
    nodes = nodes_along(network, links)
    if network.owner[nodes[0]] != start and network.owner[nodes[-1]] == start:
        nodes = nodes[::-1]
    passed = (world.gates[network.gate[node]].gate for node in nodes if network.gate[node] >= 0)
    return tuple(dict.fromkeys(passed))


def nodes_along(network: "Network", links: Sequence[int]) -> list[int]:
    """Nodes of a chain of links in order."""
    ends = [(int(network.tail[link]), int(network.head[link])) for link in links]
    if len(ends) == 1:
        return list(ends[0])
    first = ends[0][0] if ends[0][1] in ends[1] else ends[0][1]
    nodes = [first]
    for tail, head in ends:
        nodes.append(head if nodes[-1] == tail else tail)
    return nodes
