"""Turn checked tables into the transport network of a world."""

from collections.abc import Iterable, Iterator

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.world.csv_tables.reader import CheckedTable, Row, Tables
from sim.world.frozen_arrays import Places, frozen, index_of, numbers, places_of
from sim.world.transport.network import Network, PortTerms, Post, Project, shared_network
from sim.world.transport.route_shares import base_open_share, route_shares


def network(tables: Tables) -> Network:
    """Build the network, or an empty one where a world has no nodes.

    Parameters
    ----------
    tables : mapping of str to CheckedTable
        All tables of a world.

    Returns
    -------
    Network
        With read-only arrays.
    """
    nodes, links = tables["nodes"], tables["links"]
    regions = places_of(tables["regions"].column("region"))
    node, gate = places_of(nodes.column("node")), places_of(tables["gates"].column("gate"))
    link = places_of(links.column("link"))
    project = places_of(tables["projects"].column("project"))
    owners = _belongs((row.names("regions") for row in nodes), len(nodes.rows), regions)
    made = Network(
        nodes=nodes.column("node"),
        node_names=nodes.column("name"),
        node_kinds=nodes.column("kind"),
        owner=index_of((row.text("regions").partition(";")[0] for row in nodes), regions),
        owners=owners,
        latitude=numbers(nodes, "latitude"),
        longitude=numbers(nodes, "longitude"),
        gate=index_of(nodes.column("gate"), gate),
        gate_hours=_looked_up(nodes, "gate", tables["gates"], "border_hours"),
        gate_fee_usd_per_feu=_looked_up(nodes, "gate", tables["gates"], "fee_usd_per_feu"),
        port_dwell_days=_looked_up(nodes, "node", tables["port_terms"], "dwell_days"),
        port_handling_usd_per_feu=_looked_up(
            nodes, "node", tables["port_terms"], "handling_usd_per_feu"
        ),
        gateways=_gateways(tables["gateways"], regions, node),
        terminal_days=_terminal_days(tables["gateways"], node),
        links=links.column("link"),
        tail=index_of(links.column("tail"), node),
        head=index_of(links.column("head"), node),
        modes=links.column("mode"),
        length_km=numbers(links, "length_km"),
        speed_kmh=numbers(links, "speed_kmh"),
        fare_usd_per_feu_km=numbers(links, "fare_usd_per_feu_km"),
        handling_usd_per_feu=numbers(links, "handling_usd_per_feu"),
        days_fixed=numbers(links, "days_fixed"),
        toll_usd_per_feu_km=_tolls(links, tables["transit_tolls"]),
        capacity_mt=numbers(links, "capacity_mt", blank=np.inf),
        link_owner=index_of(links.column("owner"), regions),
        status=links.column("status"),
        open_to=_belongs((row.names("open_to") for row in links), len(links.rows), regions),
        project=index_of(links.column("project"), project),
        link_flags=links.column("flag"),
        link_sources=links.column("source"),
        projects=tuple(_project(row, links) for row in tables["projects"]),
        posts=tuple(_posts(tables["posts"], gate)),
        port_terms=tuple(_port_terms(tables["port_terms"], node)),
        corridor_links=_corridor_links(tables["corridor_links"], link),
        route_shares=route_shares(tables["route_shares"], regions, gate),
        base_open_share=frozen(base_open_share(tables)),
    )
    return shared_network(made)


def _project(row: Row, links: CheckedTable) -> Project:
    own = [i for i, name in enumerate(links.column("project")) if name == row.text("project")]
    return row.record(Project, links=tuple(own))


def _posts(table: CheckedTable, gate: Places) -> Iterator[Post]:
    for row in table:
        yield row.record(Post, gate=gate[row.text("gate")], unit=row.text("unit"))


def _port_terms(table: CheckedTable, node: Places) -> Iterator[PortTerms]:
    for row in table:
        yield row.record(PortTerms, node=node[row.text("node")])


def _corridor_links(table: CheckedTable, link: Places) -> tuple[tuple[str, tuple[int, ...]], ...]:
    steps: dict[str, dict[int, int]] = {}
    for row in table:
        of_corridor = steps.setdefault(row.text("corridor"), {})
        of_corridor[int(row.text("step"))] = link[row.text("link")]
    in_order = {corridor: dict(sorted(own.items())) for corridor, own in steps.items()}
    return tuple((corridor, tuple(own.values())) for corridor, own in in_order.items())


def _gateways(table: CheckedTable, regions: Places, node: Places) -> FloatArray:
    share = np.zeros((len(regions), len(node)))
    for row in table:
        share[regions[row.text("region")], node[row.text("node")]] = row.number("share")
    return frozen(share)


def _terminal_days(table: CheckedTable, node: Places) -> FloatArray:
    days = np.zeros(len(node))
    for row in table:
        days[node[row.text("node")]] = row.number("terminal_days")
    return frozen(days)


def _tolls(links: CheckedTable, tolls: CheckedTable) -> FloatArray:
    known = {(r.text("region"), r.text("mode")): r.number("toll_usd_per_feu_km") for r in tolls}
    rates = [known.get((row.text("owner"), row.text("mode")), 0.0) for row in links]
    return frozen(np.array(rates, dtype=np.float64))


def _looked_up(rows: CheckedTable, key: str, other: CheckedTable, column: str) -> FloatArray:
    """Read a column of another table by this table's key, zero where it has no such row."""
    first = "gate" if other.name == "gates" else "node"
    known = {row.text(first): row.number(column) for row in other}
    return frozen(np.array([known.get(name, 0.0) for name in rows.column(key)], dtype=np.float64))


def _belongs(names: Iterable[tuple[str, ...]], n_rows: int, regions: Places) -> BoolArray:
    member = np.zeros((n_rows, len(regions)), dtype=np.bool_)
    for i, own in enumerate(names):
        for region in own:
            member[i, regions[region]] = True
    return frozen(member)
