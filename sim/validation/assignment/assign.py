"""Trips on a network in equilibrium: least cost, stochastic, or least total cost."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.solve_errors import SolveError
from sim.laws.transport.path_sets import Path, PathSet, as_path_set
from sim.validation.assignment import gap
from sim.validation.assignment.congested_network import CrowdedNetwork, link_cost, marginal
from sim.validation.assignment.demand import Demand, Trips, trips
from sim.validation.assignment.graph import TreeSearch
from sim.validation.assignment.k_shortest import k_shortest_searcher
from sim.validation.assignment.stochastic import RunsAssignment, assign_runs
from sim.validation.assignment.user_equilibrium import least_cost_loads

Choice = Literal["logit", "least_cost", "system_optimum"]

_MAX_GENERATIONS = 30
_FINER = (1e-2, 1e-5, 1e-8)


@dataclass(frozen=True, eq=False)
class Assignment:
    """Volumes and costs in equilibrium. Zones and links are numbered from 0."""

    link_volume: FloatArray
    """Volume of each link, (n_links,)."""
    link_cost: FloatArray
    """Cost of each link at that volume, (n_links,)."""
    paths: PathSet
    """Paths in use; for logit all paths of the choice."""
    path_volume: FloatArray
    """Volume of each path, (n_paths,)."""
    path_share: FloatArray
    """Share of each path in its pair, (n_paths,)."""
    cost: FloatArray
    """Cost from origin to destination, (n_zones, n_zones), inf where there is no route: that of
    the least route, or for logit the logsum, which is nan for pairs without demand."""
    relative_gap: float
    """What `relative_gap` finds (on the marginal costs for the system optimum); for logit what
    `stochastic_gap` finds."""
    n_iterations: int
    """Generations of paths."""
    unserved: FloatArray
    """Demand without a route, (n_zones, n_zones)."""
    intrazonal: FloatArray
    """Trips from a zone to itself, which use no link, (n_zones,)."""

    @property
    def total_cost(self) -> float:
        """Volume times cost over links; finite, as unserved demand uses no link."""
        return float(self.link_volume @ self.link_cost)


def assign(
    network: CrowdedNetwork,
    demand: Demand,
    *,
    choice: Choice = "logit",
    dispersion: float | None = None,
    relative_gap: float = 1e-6,
    max_iterations: int = 200,
    paths: PathSet | None = None,
    n_paths: int = 8,
    length: FloatArray | None = None,
) -> Assignment:
    """Equilibrium of trips and congestion.

    Parameters
    ----------
    network : Network
    demand : (n_zones, n_zones) float, or mapping of (origin, destination) to float
        Zone `z` is node `z`, counted from 0.
    choice : {"logit", "least_cost", "system_optimum"}
        Stochastic user equilibrium, user equilibrium, or least total cost.
    dispersion : float, optional
        Reaction to cost, needed for logit [1/cost].
    relative_gap : float
        What counts as solved; see `Assignment.relative_gap`.
    max_iterations : int
        Generations of paths, or Newton steps of the logit equilibrium, at most.
    paths : PathSet, optional
        Paths of the logit choice. By default the `n_paths` shortest on the empty network, and
        whatever becomes the least route on the loaded one.
    n_paths : int
        Shortest paths of each pair that logit starts with.
    length : (n_links,) float, optional
        Weights of links in the path sizes of logit; None is plain logit.

    Returns
    -------
    Assignment

    Raises
    ------
    SolveError
        If the gap stays above `relative_gap`.
    ValueError
        If demand, dispersion or choice cannot be.

    Examples
    --------
    >>> roads = CrowdedNetwork([0, 0], [1, 1], [1.0, 2.0], [1.0, float("inf")], 1.0, 1.0)
    >>> assign(roads, {(0, 1): 3.0}, choice="least_cost").link_volume.round(6)
    array([1., 2.])
    """
    asked = trips(demand, network.n_nodes)
    if not 0.0 <= relative_gap < np.inf:
        raise ValueError(f"relative_gap is {relative_gap}; wanted 0 or more")
    if choice == "logit":
        if dispersion is None:
            raise ValueError("dispersion is missing; choice 'logit' wants a number above 0")
        solver = _Logit(network, asked, dispersion, relative_gap, max_iterations, length)
        return solver.on(paths) if paths is not None else solver.grown(n_paths)
    if choice not in ("least_cost", "system_optimum"):
        raise ValueError(f"choice {choice!r} is unknown; logit, least_cost or system_optimum")
    priced = marginal(network) if choice == "system_optimum" else network
    return _least_cost(network, priced, asked, relative_gap, max_iterations)


def _least_cost(
    network: CrowdedNetwork,
    priced: CrowdedNetwork,
    asked: Trips,
    relative_gap: float,
    max_iterations: int,
) -> Assignment:
    """User equilibrium at the costs of `priced`, reported at the costs of `network`."""
    free = link_cost(network, np.zeros(network.n_links))
    reached = np.isfinite(gap.pair_costs(network, asked, free))
    served = Trips(
        asked.origin[reached], asked.destination[reached], asked.volume[reached], asked.intrazonal
    )
    loads, n_iterations = least_cost_loads(
        priced, served, relative_gap=relative_gap, max_iterations=max_iterations
    )
    volume = loads.link_volume()
    cost = link_cost(network, volume)
    zones = np.arange(asked.n_zones)
    between = gap.least_costs(network, zones, cost)[:, : asked.n_zones].copy()
    np.fill_diagonal(between, 0.0)
    return Assignment(
        link_volume=volume,
        link_cost=cost,
        paths=PathSet(
            network.n_links,
            served.origin,
            served.destination,
            loads.pair,
            loads.incidence.indptr.astype(np.int64),
            loads.incidence.indices.astype(np.int64),
        ),
        path_volume=loads.volume,
        path_share=loads.volume / served.volume[loads.pair],
        cost=between,
        relative_gap=gap.relative_gap(priced, _as_mapping(asked), volume),
        n_iterations=n_iterations,
        unserved=_table(asked, np.where(reached, 0.0, asked.volume), 0.0),
        intrazonal=asked.intrazonal,
    )


@dataclass(frozen=True, eq=False)
class _Logit:
    """One logit equilibrium to solve, on a given path set or one that grows."""

    network: CrowdedNetwork
    asked: Trips
    dispersion: float
    tolerance: float
    max_iterations: int
    length: FloatArray | None

    def grown(self, n_paths: int) -> Assignment:
        """Equilibrium on the shortest paths, and on those that congestion makes shortest."""
        pairs = self._pairs()
        shortest = k_shortest_searcher(self.network)
        choices = {(o, d): shortest(o, d, n_paths) for o, d in pairs}
        for generation in range(1, _MAX_GENERATIONS + 1):  # noqa: B007 - reported below
            paths = as_path_set(self.network.n_links, choices)
            found = self._solve(paths)
            if not self._add_least(choices, found.link_cost[0]):
                break
        return self._outcome(paths, found, generation)

    def on(self, paths: PathSet) -> Assignment:
        """Equilibrium on a given path set, whose pairs must be those with demand."""
        ends = zip(paths.origin.tolist(), paths.destination.tolist(), strict=True)
        by_pair: dict[tuple[int, int], list[Path]] = {end: [] for end in ends}
        keys = list(by_pair)
        for position, pair in enumerate(paths.pair.tolist()):
            by_pair[keys[pair]].append(paths.path(position))
        own = as_path_set(
            self.network.n_links, {end: by_pair.get(end, []) for end in self._pairs()}
        )
        return self._outcome(own, self._solve(own), 1)

    def _pairs(self) -> list[tuple[int, int]]:
        ends = zip(self.asked.origin.tolist(), self.asked.destination.tolist(), strict=True)
        return list(ends)

    def _solve(self, paths: PathSet) -> RunsAssignment:
        """Equilibrium on a path set; where costs are steep, the gap asks for a finer one."""
        start: FloatArray | None = None
        for finer in _FINER:
            found = assign_runs(
                paths,
                self.network,
                self.asked.volume,
                dispersion=self.dispersion,
                open=np.asarray(self.network.open),
                length=self.length,
                start=start,
                tolerance=finer * self.tolerance,
                max_iterations=self.max_iterations,
            )
            start = found.link_volume
            if not found.converged.all() or self._gap(paths, found) <= self.tolerance:
                break
        return found

    def _gap(self, paths: PathSet, found: RunsAssignment) -> float:
        return gap.stochastic_gap(
            self.network,
            _as_mapping(self.asked),
            paths,
            found.link_volume[0],
            dispersion=self.dispersion,
            length=self.length,
        )

    def _add_least(self, choices: dict[tuple[int, int], list[Path]], cost: FloatArray) -> bool:
        """Add the least routes at `cost` that are not among the choices; whether there were any."""
        search = TreeSearch(self.network)
        origins, tree = np.unique(self.asked.origin, return_inverse=True)
        if not origins.size:
            return False
        trees = search.trees(cost, origins)
        reached = np.isfinite(trees.cost[tree, self.asked.destination])
        pairs = [pair for pair, there in zip(self._pairs(), reached, strict=True) if there]
        start, link = search.routes(trees, tree[reached], self.asked.destination[reached])
        added = False
        for position, pair in enumerate(pairs):
            route = tuple(link[start[position] : start[position + 1]].tolist())
            if route not in choices[pair]:
                choices[pair].append(route)
                added = True
        return added

    def _outcome(self, paths: PathSet, found: RunsAssignment, generation: int) -> Assignment:
        volume = found.link_volume[0]
        off = self._gap(paths, found)
        if not off <= self.tolerance:
            raise SolveError(
                f"stochastic equilibrium: gap {off:.3g} after {int(found.n_iterations[0])} steps; "
                f"wanted {self.tolerance:g}. Raise max_iterations or relative_gap, or where "
                "dispersion times cost is very large ask for 'least_cost', which is then the same",
                residual=off,
            )
        return Assignment(
            link_volume=volume,
            link_cost=found.link_cost[0],
            paths=paths,
            path_volume=found.path_volume[0],
            path_share=found.path_share[0],
            cost=_table(self.asked, found.cost[0], np.nan),
            relative_gap=off,
            n_iterations=generation,
            unserved=_table(self.asked, found.unserved[0], 0.0),
            intrazonal=self.asked.intrazonal,
        )


def _as_mapping(asked: Trips) -> dict[tuple[int, int], float]:
    ends = zip(asked.origin.tolist(), asked.destination.tolist(), strict=True)
    return dict(zip(ends, asked.volume.tolist(), strict=True))


def _table(asked: Trips, values: FloatArray, empty: float) -> FloatArray:
    """Values of pairs as a table by zone."""
    table = np.full((asked.n_zones, asked.n_zones), empty)
    table[asked.origin, asked.destination] = values
    return table
