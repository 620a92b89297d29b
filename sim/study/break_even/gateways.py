"""Gateway of a landlocked State through another's ports: cargo, energy, and the ports."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from sim.laws.numerics.arrays import FloatArray
from sim.study.break_even.energy_gaps import EnergyGap, energy_gaps
from sim.study.break_even.port_gaps import SEA, PortContest, gateway_partners, port_gaps

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.transport.network import PortTerms
    from sim.world.world import World

MAX_PARTNERS = 4
"""Partners overseas whose cargo is looked at."""
MAX_PORTS = 12
"""Ports beside each other, those of the coastal State first."""


class QuayCost(NamedTuple):
    """One port, and what it takes to bring a container there from inland."""

    terms: "PortTerms"
    usd_per_feu: float
    """Freight, reloading, fees at gates and tolls as far as the port, from the tables [USD/FEU]."""
    days: float


class Gateway(NamedTuple):
    """Break-even of a State's ports for another that has none, and of both States' energy."""

    inland: int | None
    """Region without a port at sea; None where both or neither have one."""
    coast: int | None
    quays: tuple[QuayCost, ...]
    cargo: tuple[PortContest, ...]
    energy: tuple[EnergyGap, ...]


def gateway(scenario: "Scenario", world: "World") -> Gateway:
    """Break-even of the first target's pair in the year of its target.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    """
    if not scenario.targets:
        return Gateway(None, None, (), (), ())
    target = next(iter(scenario.targets.values()))
    energy = energy_gaps(scenario, world, target.pair)
    coastal = [code for code in target.pair if _has_port(world, code)]
    if len(coastal) != 1:
        return Gateway(None, None, (), (), energy)
    coast = coastal[0]
    inland = next(code for code in target.pair if code != coast)
    partners = gateway_partners(world, inland, coast, MAX_PARTNERS)
    return Gateway(
        world.region_index(inland),
        world.region_index(coast),
        quay_costs(world, inland, coast),
        tuple(port_gaps(scenario, world, inland, each, int(target.deadline)) for each in partners),
        energy,
    )


def quay_costs(world: "World", inland: str, coast: str) -> tuple[QuayCost, ...]:
    """Cheapest way from a region to each port, every line that exists being open to its cargo.

    Ports of the coastal State come first, then the cheapest to reach. The cost is that of the
    tables with time at the middle of its range, weighted over the region's gateways.

    Parameters
    ----------
    world : World
    inland, coast : str
        Regions.
    """
    net = world.network
    usd = net.link_usd_per_feu + net.tolls(world.region_index(inland), -1)
    days = net.link_days
    is_land = np.array([mode != SEA for mode in net.modes]) & (net.project < 0)
    value = float(np.exp(np.log(world.value_per_feu_usd).mean()))
    weight = usd + days * world.parameters["time_cost_per_day"].value * value
    starts = np.flatnonzero(net.gateways[world.region_index(inland)] > 0)
    share = net.gateways[world.region_index(inland)][starts]
    reached = [_along(world, weight, usd, days, is_land, int(start)) for start in starts]
    found = []
    for terms in net.port_terms:
        costs = np.array([[usd_to[terms.node], days_to[terms.node]] for usd_to, days_to in reached])
        if np.isfinite(costs).all() and _is_at_sea(world, terms.node):
            found.append(QuayCost(terms, *(share @ costs).tolist()))
    own = world.region_index(coast)
    ranked = sorted(found, key=lambda q: (not net.owners[q.terms.node, own], q.usd_per_feu))
    return tuple(ranked[:MAX_PORTS])


def _along(
    world: "World",
    weight: FloatArray,
    usd: FloatArray,
    days: FloatArray,
    is_land: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    start: int,
) -> tuple[FloatArray, FloatArray]:
    """Charges and days of the cheapest way from a node to all others, (n_nodes,) each."""
    net, n = world.network, len(world.network.nodes)
    best: dict[tuple[int, int], int] = {}
    for link in np.flatnonzero(is_land):
        for ends in ((net.tail[link], net.head[link]), (net.head[link], net.tail[link])):
            end = (int(ends[0]), int(ends[1]))
            if end not in best or weight[link] < weight[best[end]]:
                best[end] = int(link)
    tails, heads = (np.array(side) for side in zip(*best, strict=True))
    links = np.array(list(best.values()))
    graph = csr_array((weight[links], (tails, heads)), shape=(n, n))
    distance, before = dijkstra(graph, True, np.array([start]), True)
    usd_to, days_to = np.full(n, np.inf), np.full(n, np.inf)
    usd_to[start] = days_to[start] = 0.0
    for node in np.argsort(distance[0]):
        last = int(before[0, node])
        if last >= 0:
            step = best[last, int(node)]
            usd_to[node] = usd_to[last] + usd[step]
            days_to[node] = days_to[last] + days[step]
    return usd_to, days_to


def _has_port(world: "World", code: str) -> bool:
    own = world.region_index(code)
    return any(
        world.network.owners[terms.node, own] and _is_at_sea(world, terms.node)
        for terms in world.network.port_terms
    )


def _is_at_sea(world: "World", node: int) -> bool:
    """True for a port that ships at sea call at, not ferries on a lake alone."""
    net = world.network
    ends = (net.tail == node) | (net.head == node)
    return any(net.modes[link] == SEA for link in np.flatnonzero(ends))
