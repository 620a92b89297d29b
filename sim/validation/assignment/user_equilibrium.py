"""User equilibrium: nobody has a cheaper route (Wardrop's first principle).

Paths are generated as they become the cheapest; between two generations Newton steps
(`master`) even out the costs of the paths in use.
"""

import numpy as np
from scipy import sparse

from sim.laws.numerics.arrays import FloatArray, IntArray
from sim.laws.solve_errors import SolveError
from sim.validation.assignment.congested_network import CrowdedNetwork
from sim.validation.assignment.demand import Trips
from sim.validation.assignment.graph import Trees, TreeSearch
from sim.validation.assignment.restricted_master import PathLoads, newton_step

_STEPS_BETWEEN_GENERATIONS = 2
_CHEAPER = 1.0 - 1e-13


def least_cost_loads(
    network: CrowdedNetwork, asked: Trips, *, relative_gap: float, max_iterations: int
) -> tuple[PathLoads, int]:
    """Path volumes in user equilibrium.

    Parameters
    ----------
    network : CrowdedNetwork
    asked : Trips
        Pairs with a route only.
    relative_gap : float
        Largest share of the total cost that least routes would save.
    max_iterations : int
        Generations of paths at most.

    Returns
    -------
    PathLoads, int
        Paths in use and the generations of paths it took.

    Raises
    ------
    SolveError
        If the gap is above `relative_gap` after `max_iterations`.
    """
    search = _Generation(network, asked)
    cost = network.cost_and_slope(np.zeros(network.n_links))[0]
    every_pair = np.arange(asked.volume.size)
    loads = PathLoads(
        search.routes(search.least(cost)[0], every_pair),
        every_pair,
        asked.volume.copy(),
        asked.volume,
    )
    gap = np.inf
    for iteration in range(max_iterations + 1):
        cost, trees, least, gap = search.state_of(loads)
        if gap <= relative_gap:
            # volumes are off by about the root of the gap: one more step mostly settles them
            settled = newton_step(network, loads)
            return (settled if search.state_of(settled)[3] <= gap else loads), iteration
        cheapest = np.minimum.reduceat(np.asarray(loads.incidence @ cost), loads.first())
        new = np.flatnonzero(least < cheapest * _CHEAPER)
        if new.size:
            loads = loads.added(search.routes(trees, new), new)
        for _ in range(_STEPS_BETWEEN_GENERATIONS):
            loads = newton_step(network, loads)
        loads = loads.used()
    raise SolveError(
        f"user equilibrium: relative gap {gap:.3g} after {max_iterations} iterations; "
        f"wanted {relative_gap:g}. Raise max_iterations or accept a larger relative_gap",
        residual=float(gap),
    )


class _Generation:
    """Least routes of all pairs at the costs of given loads."""

    def __init__(self, network: CrowdedNetwork, asked: Trips) -> None:
        self._network, self._asked = network, asked
        self._search = TreeSearch(network)
        self._origins, self._tree = np.unique(asked.origin, return_inverse=True)

    def least(self, cost: FloatArray) -> tuple[Trees, FloatArray]:
        """Trees, and the least cost of each pair."""
        trees = self._search.trees(cost, self._origins)
        return trees, trees.cost[self._tree, self._asked.destination]

    def state_of(self, loads: PathLoads) -> tuple[FloatArray, Trees, FloatArray, float]:
        """Link costs, trees, least costs and relative gap."""
        flow = loads.link_volume()
        cost = self._network.cost_and_slope(flow)[0]
        trees, least = self.least(cost)
        spent = float(cost @ flow)
        gap = (spent - float(least @ self._asked.volume)) / spent if spent > 0.0 else 0.0
        return cost, trees, least, gap

    def routes(self, trees: Trees, pairs: IntArray) -> "sparse.csr_matrix[np.float64]":
        """Least routes of some pairs as rows of an incidence matrix."""
        start, link = self._search.routes(trees, self._tree[pairs], self._asked.destination[pairs])
        shape = (pairs.size, self._network.n_links)
        routes = sparse.csr_matrix((np.ones(link.size), link, start), shape=shape)
        routes.sort_indices()
        return routes
