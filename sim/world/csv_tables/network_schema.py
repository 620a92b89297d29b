"""Layout of the tables of the transport network; a world may omit all of them."""

from sim.world.csv_tables.columns import Column, Schema, date, number, ref, region, table, text

NODE_KINDS = ("city", "border-post", "rail-crossing", "port", "strait", "junction")
MODES = ("road", "rail", "sea", "ferry")
ROUTE_MODES = ("sea", "rail", "road")
ANY_OF = "|"
"""Stands between gates or regions of which one is enough for a route."""
STATUSES = ("open", "needs-agreement", "planned")

_NAME = text("name")
_NOTE = text("note", blank=True)

NETWORK_SCHEMAS: dict[str, Schema] = {
    "nodes": table(
        "node",
        text("node"),
        _NAME,
        text("kind", *NODE_KINDS),
        Column("regions", refers="regions.region", listed=True, blank=True),
        ref("gate", "gates.gate", blank=True),
        text("unlocode", blank=True),
        number("latitude", -90.0, 90.0),
        number("longitude", -180.0, 180.0),
        _NOTE,
        optional=True,
    ),
    "gateways": table(
        "region node",
        region("region"),
        ref("node", "nodes.node"),
        number("share", 0.0, 1.0),
        number("terminal_days", 0.0, 60.0),
        optional=True,
    ),
    "projects": table(
        "project",
        text("project"),
        _NAME,
        number("cost_musd", 0.0, 1e6),
        Column("earliest_year", "integer", 1960, 2200),
        number("build_years", 0.0, 50.0),
        number("completion_hazard", 0.0, 1.0),
        number("capacity_mt", 0.0, 4e3, blank=True),
        _NOTE,
        optional=True,
    ),
    "links": table(
        "link",
        text("link"),
        ref("tail", "nodes.node"),
        ref("head", "nodes.node"),
        text("mode", *MODES),
        number("length_km", 0.1, 40000.0),
        number("speed_kmh", 0.1, 200.0),
        number("fare_usd_per_feu_km", 0.0, 100.0),
        number("handling_usd_per_feu", 0.0, 2e4),
        number("days_fixed", 0.0, 365.0),
        number("capacity_mt", 0.0, 4e3, blank=True),
        region("owner", blank=True),
        text("status", *STATUSES),
        Column("open_to", refers="regions.region", listed=True, blank=True),
        ref("project", "projects.project", blank=True),
        _NOTE,
        optional=True,
    ),
    "corridors": table(
        "corridor",
        text("corridor"),
        _NAME,
        region("end_a"),
        region("end_b"),
        number("door_days_low", 0.1, 400.0),
        number("door_days_high", 0.1, 400.0),
        number("cost_usd_per_feu_low", 1.0, 1e6),
        number("cost_usd_per_feu_high", 1.0, 1e6),
        _NOTE,
        optional=True,
    ),
    "corridor_links": table(
        "corridor step",
        ref("corridor", "corridors.corridor"),
        Column("step", "integer", 1, 1000),
        ref("link", "links.link"),
        optional=True,
    ),
    "route_shares": table(
        "region partners route",
        region("region"),
        Column("partners", refers="regions.region", listed=True),
        text("route"),
        text("mode", *ROUTE_MODES),
        Column("through", listed=True),
        number("share", 0.0, 1.0),
        number("ceiling", 0.0, 0.999, blank=True),
        date("since", blank=True),
        _NOTE,
        optional=True,
    ),
    "posts": table(
        "gate",
        ref("gate", "gates.gate"),
        text("unit", "truck", "wagon"),
        Column("servers", "integer", 1, 1000),
        number("service_hours", 0.001, 240.0),
        number("open_hours", 0.1, 24.0),
        number("capacity_per_day", 0.1, 1e7),
        number("utilisation", 0.0, 0.999),
        _NOTE,
        optional=True,
    ),
    "port_terms": table(
        "node",
        ref("node", "nodes.node"),
        Column("berths", "integer", 1, 1000),
        number("capacity_mt", 0.0, 4e3, blank=True),
        number("capacity_kteu", 0.0, 2e5, blank=True),
        number("dwell_days", 0.0, 90.0),
        number("handling_usd_per_feu", 0.0, 2e4),
        number("transit_charge_usd_per_feu", 0.0, 1e5, blank=True),
        _NOTE,
        optional=True,
    ),
    "transit_tolls": table(
        "region mode",
        region("region"),
        text("mode", "road", "rail"),
        number("toll_usd_per_feu_km", 0.0, 30.0),
        _NOTE,
        optional=True,
    ),
}
"""Schemas of the network's tables, in reading order."""
