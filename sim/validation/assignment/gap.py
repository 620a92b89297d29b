"""Distance of given volumes from equilibrium, computed without the solver.

`relative_gap` searches shortest routes origin by origin on the plain network, in which the links
that leave other zones are taken out; it shares neither the search graph nor the paths of `assign`.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from sim.laws.numerics.arrays import FloatArray, IntArray
from sim.laws.transport.path_sets import PathSet, path_size
from sim.validation.assignment.choice import logit_shares
from sim.validation.assignment.congested_network import CrowdedNetwork, link_cost
from sim.validation.assignment.demand import Demand, Trips, trips

_OFF_BALANCE = 1e-6


def relative_gap(network: CrowdedNetwork, demand: Demand, link_volume: FloatArray) -> float:
    """Share of the total cost that everybody on a least route would save.

    Parameters
    ----------
    network : Network
    demand : (n_zones, n_zones) float, or mapping of (origin, destination) to float
    link_volume : (n_links,) float
        Volumes that carry the demand that has a route.

    Returns
    -------
    float
        (total cost - least cost) / total cost; 0 in user equilibrium.

    Raises
    ------
    ValueError
        If the volumes do not carry the demand, for then the gap says nothing.
    """
    asked = trips(demand, network.n_nodes)
    flow = np.asarray(link_volume, dtype=np.float64)
    cost = link_cost(network, flow)
    least = pair_costs(network, asked, cost)
    served = np.isfinite(least)
    _check_balance(network, asked, served, flow)
    spent = float(cost @ flow)
    needed = float(least[served] @ asked.volume[served])
    return (spent - needed) / spent if spent > 0.0 else 0.0


def stochastic_gap(
    network: CrowdedNetwork,
    demand: Demand,
    paths: PathSet,
    link_volume: FloatArray,
    *,
    dispersion: float,
    length: FloatArray | None = None,
) -> float:
    """Share of the volume that would be elsewhere if all chose again at the costs of today.

    Parameters
    ----------
    network : Network
    demand : (n_zones, n_zones) float, or mapping of (origin, destination) to float
    paths : PathSet
        Paths of the choice; pairs without a path are left out.
    link_volume : (n_links,) float
    dispersion : float
        Reaction to cost [1/cost].
    length : (n_links,) float, optional
        Weights of links in the path sizes; None is plain logit.

    Returns
    -------
    float
        Sum over links of |chosen - volume| over the sum of chosen; 0 in equilibrium.
    """
    asked = trips(demand, network.n_nodes)
    wanted = dict(
        zip(
            zip(asked.origin.tolist(), asked.destination.tolist(), strict=True),
            asked.volume,
            strict=True,
        )
    )
    flow = np.asarray(link_volume, dtype=np.float64)
    cost = link_cost(network, flow)
    size = np.ones(paths.n_paths) if length is None else path_size(paths, length)
    chosen = np.zeros(network.n_links)
    ends = list(zip(paths.origin.tolist(), paths.destination.tolist(), strict=True))
    for pair, end in enumerate(ends):
        choices = np.flatnonzero(paths.pair == pair)
        if not choices.size:
            continue
        links = [list(paths.path(int(p))) for p in choices]
        share, _ = logit_shares(
            [cost[path].sum() for path in links], dispersion, size=size[choices]
        )
        for path, part in zip(links, share, strict=True):
            chosen[path] += part * wanted.get(end, 0.0)
    total = float(chosen.sum())
    return float(np.abs(chosen - flow).sum()) / total if total > 0.0 else 0.0


def pair_costs(network: CrowdedNetwork, asked: Trips, cost: FloatArray) -> FloatArray:
    """Least cost of each pair at given link costs, inf where there is no route, `(n_pairs,)`."""
    origins, row = np.unique(asked.origin, return_inverse=True)
    return least_costs(network, origins, cost)[row, asked.destination]


def least_costs(network: CrowdedNetwork, origins: IntArray, cost: FloatArray) -> FloatArray:
    """Least cost from some nodes to every node, `(n_origins, n_nodes)`; inf without a route."""
    found = np.full((origins.size, network.n_nodes), np.inf)
    tail = np.asarray(network.tail)
    usable = np.asarray(network.open)
    through = usable & (tail >= network.first_through_node)
    if network.first_through_node == 0 and origins.size:
        return np.asarray(dijkstra(_graph(network, cost, usable), indices=origins))
    for row, origin in enumerate(origins):
        graph = _graph(network, cost, through | (usable & (tail == origin)))
        found[row] = dijkstra(graph, indices=origin)
    return found


def _graph(
    network: CrowdedNetwork, cost: FloatArray, usable: NDArray[np.bool_]
) -> "sparse.csr_matrix[np.float64]":
    """Matrix of the cheapest usable link between each two nodes."""
    links = np.flatnonzero(usable)
    key = np.asarray(network.tail)[links] * network.n_nodes + np.asarray(network.head)[links]
    order = np.lexsort((cost[links], key))
    keys, first = np.unique(key[order], return_index=True)
    pointer = np.searchsorted(keys // network.n_nodes, np.arange(network.n_nodes + 1))
    return sparse.csr_matrix(
        (cost[links][order][first], keys % network.n_nodes, pointer),
        shape=(network.n_nodes, network.n_nodes),
    )


def _check_balance(
    network: CrowdedNetwork, asked: Trips, served: NDArray[np.bool_], flow: FloatArray
) -> None:
    """Refuse volumes that appear or vanish at a node, or that use a closed link."""
    n = network.n_nodes
    if flow.shape != (network.n_links,):
        raise ValueError(f"link_volume has shape {flow.shape}; wanted ({network.n_links},)")
    volume = asked.volume[served]
    balance = (
        np.bincount(asked.origin[served], volume, minlength=n)
        - np.bincount(asked.destination[served], volume, minlength=n)
        + np.bincount(np.asarray(network.head), flow, minlength=n)
        - np.bincount(np.asarray(network.tail), flow, minlength=n)
    )
    allowed = _OFF_BALANCE * float(volume.sum())
    worst = int(np.abs(balance).argmax()) if n else 0
    if n and abs(balance[worst]) > allowed:
        raise ValueError(
            f"link_volume does not carry the demand: node {worst} is out of balance by "
            f"{balance[worst]:g}; wanted at most {allowed:g}"
        )
    wrong = (flow < 0.0) | ((flow > 0.0) & ~np.asarray(network.open))
    if wrong.any():
        link = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"link {link} carries {flow[link]:g}; wanted 0 or more, and 0 on a closed link"
        )
