"""The transport network in words and tables, for whoever prints it."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from sim.world.csv_tables.network_schema import MODES, STATUSES
from sim.world.csv_tables.schema import FLAGS
from sim.world.describe.overview import TitledTable, flag_row
from sim.world.world import World

TABLES = (
    "nodes",
    "gateways",
    "links",
    "projects",
    "corridor_links",
    "posts",
    "port_terms",
    "transit_tolls",
)


def describe_network(world: World) -> list[TitledTable]:
    """Describe the transport network of a world section by section.

    Parameters
    ----------
    world : World

    Returns
    -------
    list of TitledTable
        Every row as long as its columns.
    """
    return [
        _modes(world),
        _gateways(world),
        _corridors(world),
        _posts(world),
        _ports(world),
        _projects(world),
        _links(world),
        _flags(world),
    ]


def _modes(world: World) -> TitledTable:
    net = world.network
    rows = []
    for mode in MODES:
        chosen = np.array([own == mode for own in net.modes], dtype=np.bool_)
        counts = Counter(net.status[i] for i in np.flatnonzero(chosen))
        km = net.length_km[chosen]
        fares, speeds = net.fare_usd_per_feu_km[chosen], net.speed_kmh[chosen]
        states = (str(counts[status]) for status in STATUSES)
        rows.append((mode, *states, f"{km.sum():,.0f}", _range(fares, 2), _range(speeds, 0)))
    columns = ("mode", *STATUSES, "km", "fare, USD/FEU-km", "km/h over day and night")
    return TitledTable("Links by mode", columns, tuple(rows))


def _gateways(world: World) -> TitledTable:
    net = world.network
    rows = tuple(
        (
            world.regions[i],
            net.node_names[node],
            net.node_kinds[node],
            f"{net.gateways[i, node]:.0%}",
            f"{net.terminal_days[node]:g}",
        )
        for i, node in np.argwhere(net.gateways > 0)
    )
    columns = ("region", "gateway", "kind", "share of cargo", "days at the terminal")
    return TitledTable("Where cargo starts and ends", columns, rows)


def _corridors(world: World) -> TitledTable:
    links = dict(world.network.corridor_links)
    rows = []
    for route in world.corridors:
        a, b = (world.region_index(end) for end in route.ends)
        passage = world.network.passage(links[route.corridor], a, b)
        rows.append(
            (
                route.corridor,
                "-".join(route.ends),
                route.status,
                f"{passage.length_km:,.0f}",
                f"{passage.days:.1f}",
                f"{route.days_low:g} to {route.days_high:g}",
                f"{passage.usd_per_feu:,.0f}",
                f"{route.usd_per_feu_low:,.0f} to {route.usd_per_feu_high:,.0f}",
                ", ".join(route.gates),
            )
        )
    columns = (
        "corridor",
        "pair",
        "status",
        "km",
        "days",
        "days on record",
        "USD/FEU",
        "USD/FEU on record",
        "gates",
    )
    return TitledTable("Corridors, door to door", columns, tuple(rows))


def _posts(world: World) -> TitledTable:
    rows = tuple(
        (
            world.gates[post.gate].name,
            post.unit,
            str(post.servers),
            f"{post.service_hours:g}",
            f"{post.open_hours:g}",
            f"{post.capacity_per_day:,.0f}",
            f"{post.utilisation:.0%}",
            f"{world.gates[post.gate].border_hours:g}",
            post.flag,
        )
        for post in world.network.posts
    )
    columns = (
        "post",
        "unit",
        "servers",
        "hours each",
        "open, h a day",
        "capacity a day",
        "in use",
        "hours to pass",
        "quality",
    )
    return TitledTable("Border posts and rail crossings", columns, rows)


def _ports(world: World) -> TitledTable:
    net = world.network
    rows = tuple(
        (
            net.node_names[port.node],
            str(port.berths),
            _known(port.capacity_mt),
            _known(port.capacity_kteu),
            f"{port.dwell_days:g}",
            f"{port.handling_usd_per_feu:,.0f}",
            _known(port.transit_charge_usd_per_feu),
            port.flag,
        )
        for port in net.port_terms
    )
    columns = (
        "port",
        "berths",
        "Mt a year",
        "thousand TEU a year",
        "dwell, days",
        "handling, USD/FEU",
        "on transit, USD/FEU",
        "quality",
    )
    return TitledTable("Ports", columns, rows)


def _projects(world: World) -> TitledTable:
    net = world.network
    rows = tuple(
        (
            one.name,
            str(len(one.links)),
            f"{net.length_km[list(one.links)].sum():,.0f}",
            f"{one.cost_musd:,.0f}",
            str(one.earliest_year),
            f"{one.completion_hazard:.0%}",
            _known(one.capacity_mt),
            one.flag,
        )
        for one in net.projects
    )
    columns = (
        "project",
        "links",
        "km",
        "cost, m USD",
        "not before",
        "chance a year from then",
        "Mt a year",
        "quality",
    )
    return TitledTable("Projects", columns, rows)


def _links(world: World) -> TitledTable:
    net = world.network
    days, usd = net.link_days, net.link_usd_per_feu
    rows = tuple(
        (
            link,
            net.modes[i],
            net.status[i],
            world.regions[net.link_owner[i]] if net.link_owner[i] >= 0 else "",
            f"{net.length_km[i]:,.0f}",
            f"{days[i]:.1f}",
            f"{usd[i]:,.0f}",
            f"{net.capacity_mt[i]:g}" if np.isfinite(net.capacity_mt[i]) else "",
            net.link_flags[i],
        )
        for i, link in enumerate(net.links)
    )
    columns = ("link", "mode", "status", "on", "km", "days", "USD/FEU", "Mt a year", "quality")
    return TitledTable("Links, with half of the gates and the ports at their ends", columns, rows)


def _flags(world: World) -> TitledTable:
    rows = tuple(flag_row(world, table) for table in TABLES)
    return TitledTable("Quality of the network's tables, rows", ("table", *FLAGS), rows)


def _range(values: Iterable[float], digits: int) -> str:
    """Least and largest of some numbers, or nothing without any."""
    known = sorted(values)
    return f"{known[0]:.{digits}f} to {known[-1]:.{digits}f}" if known else ""


def _known(value: float | None) -> str:
    return "" if value is None else f"{value:,g}"
