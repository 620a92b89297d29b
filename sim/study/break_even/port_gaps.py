"""Ports against each other for the cargo of two regions: what would make each of them pay.

Each path that changes to a ship has the port at which cargo of the first region does so. A port's
cost is that of its cheapest path between each two gateways, by the law that chooses routes:
charges, days and hours at borders as shares of the value, for the pair's mean load. Its gap is what
it costs more than the cheapest path by another port that is open, as a mean over the gateways of
the pair that it and another serve: gaps of ports that serve other gateways do not compare. A fare,
toll or time cut of that size makes both alike. At equal cost a route that is not in use is taken up
only over years and up to its ceiling in the table of route shares.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray, IndexArray
from sim.simulation.transport.path_costs import CargoTerms, ave_of, cargo_terms, terms_by_run
from sim.simulation.transport.route_costs import Routes
from sim.simulation.transport.routes import nodes_along
from sim.simulation.uncertainty.draws import drawn_parameters
from sim.study.route import status_in
from sim.study.route_breakdown import charges_of

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.transport.paths import PathTable
    from sim.simulation.transport.transit_terms import PathTerms
    from sim.world.transport.route_shares import RouteShare
    from sim.world.world import World

MAX_RUNS = 64
"""Runs of a scenario whose parameters are tried."""
SEA = "sea"


class PortGap(NamedTuple):
    """One port for the cargo of one pair; money is for the pair's mean forty-foot container."""

    port: int
    """Node."""
    is_open: bool
    """Whether a path by it is open to the pair in the quarter: no agreement, no line is lacking."""
    usd_per_feu: float
    """Charges on its cheapest paths [USD/FEU]."""
    days: float
    """On the same, hours at gates included [days]."""
    leviable_usd: float
    """Of the charges, what States and ports set: fees, transit charges, tolls [USD/FEU]."""
    gap_usd: FloatArray
    """(n_runs,) generalised cost beyond the cheapest path by another port [USD/FEU]."""
    gap_days: FloatArray
    """(n_runs,) the same as days on the way [days]."""


class PortContest(NamedTuple):
    """Ports by which cargo of a region goes to and from another."""

    region: int
    partner: int
    trade_musd: float
    """Goods both ways in the base year [musd]."""
    load_usd: float
    """Value of the mean container [USD]."""
    ports: tuple[PortGap, ...]
    """The cheapest first."""


def port_gaps(
    scenario: "Scenario", world: "World", region: str, partner: str, quarter: int
) -> PortContest:
    """Cost of each port for two regions' cargo against the cheapest other.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    region, partner : str
        Whose ports of departure are compared, and with whom it trades.
    quarter : int
        Agreements and lines count that are there by then.
    """
    own, other = world.region_index(region), world.region_index(partner)
    runs = range(min(scenario.runs, MAX_RUNS))
    cargo = cargo_terms(world, drawn_parameters(scenario, world, runs))
    routes = Routes(scenario, world, ((min(own, other), max(own, other)),), cargo)
    terms = routes.transit.terms(*status_in(world, quarter, scenario))
    given = terms_by_run(routes.table, [terms], np.zeros(len(runs), np.intp), cargo)
    weight = _loads(world, own, other)
    value = cargo.value_usd.T @ weight
    # Cost of the mean load: each good's share of the value, times what such a container is worth.
    cost = np.einsum("gpr,gr,g->pr", ave_of(given, cargo), cargo.value_usd, weight)
    at = _ports_of(world, routes.table, own)
    found = [
        _gap(world, routes.table, terms, cargo, cost, value, at, port)
        for port in np.unique(at[at >= 0])
    ]
    ranked = sorted((gap for gap in found if gap), key=lambda gap: float(np.median(gap.gap_usd)))
    return PortContest(
        own,
        other,
        float(_goods(world, own, other).sum()),
        float(np.median(value)),
        tuple(ranked),
    )


def _gap(
    world: "World",
    table: "PathTable",
    terms: "PathTerms",
    cargo: CargoTerms,
    cost: FloatArray,
    value: FloatArray,
    at: IndexArray,
    port: int,
) -> PortGap | None:
    """Gap of one port; None where no other serves the same gateways."""
    is_open = bool((terms.usable & (at == port)).any())
    own = (at == port) & (terms.usable | (not is_open))
    rivals = (at >= 0) & (at != port) & terms.usable
    ods = [o for o in np.unique(table.od[own]) if (rivals & (table.od == o)).any()]
    if not ods:
        return None
    share = table.od_weight[ods] / table.od_weight[ods].sum()
    best = np.array([_cheapest(cost, own & (table.od == o)) for o in ods])
    least = np.stack([cost[own & (table.od == o)].min(axis=0) for o in ods])
    rival = np.stack([cost[rivals & (table.od == o)].min(axis=0) for o in ods])
    gap = share @ (least - rival)
    charges = charges_of(world.network, table, terms, best, share)
    return PortGap(
        port=port,
        is_open=is_open,
        usd_per_feu=float(share @ terms.usd[best]),
        days=float(share @ (table.days[best] + terms.mean_hours[best] / 24.0)),
        leviable_usd=charges.gates + charges.ports + charges.tolls,
        gap_usd=gap,
        gap_days=gap / (cargo.time_cost_per_day * value),
    )


def _cheapest(cost: FloatArray, own: BoolArray) -> int:
    """Path that is cheapest in the middle of the runs."""
    places = np.flatnonzero(own)
    return int(places[np.median(cost[places], axis=1).argmin()])


def _ports_of(world: "World", table: "PathTable", region: int) -> IndexArray:
    """Port at which each path goes to sea from a region's side, (n_paths,); -1 where none does."""
    net = world.network
    starts = net.gateways[region] > 0
    found = np.full(table.n_paths, -1, dtype=np.intp)
    for p, path in enumerate(table.links):
        steps = nodes_along(world.network, path)
        links = list(path)
        if not starts[steps[0]]:
            steps, links = steps[::-1], links[::-1]
        at_sea = [k for k, link in enumerate(links) if net.modes[link] == SEA]
        if at_sea:
            found[p] = steps[at_sea[0]]
    return found


def _goods(world: "World", own: int, other: int) -> FloatArray:
    """Goods both ways in the base year, (n_goods,) [musd]."""
    return np.asarray(world.trade[:, own, other] + world.trade[:, other, own])


def _loads(world: "World", own: int, other: int) -> FloatArray:
    """Share of each good in the containers of a pair, (n_goods,) [1]."""
    loads = _goods(world, own, other) / world.value_per_feu_usd
    total = float(loads.sum())
    return np.asarray(loads / total if total > 0 else np.full(len(loads), 1.0 / len(loads)))


def gateway_partners(world: "World", region: str, coast: str, most: int) -> tuple[str, ...]:
    """Partners of a region beyond another's ports: those it trades most goods with by some port.

    Parameters
    ----------
    world : World
    region : str
        Region that has no port at sea.
    coast : str
        Region whose ports are in question.
    most : int
        How many are wanted.
    """
    net, own, beyond = world.network, world.region_index(region), world.region_index(coast)
    ports = {
        net.gate[node]
        for node, kind in enumerate(net.node_kinds)
        if kind == "port" and net.owners[node, beyond]
    }

    def is_by_ports(record: "RouteShare") -> bool:
        return any(ports & set(gates) for gates, _ in record.through)

    partners = {
        sum(record.pair) - own
        for record in net.route_shares
        if own in record.pair and beyond not in record.pair and is_by_ports(record)
    }
    return tuple(
        world.regions[r]
        for r in sorted(partners, key=lambda r: -_goods(world, own, r).sum())[:most]
    )
