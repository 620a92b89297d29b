"""Conditions on the tables of the transport network, beyond each cell being right."""

from collections.abc import Iterable, Mapping

from sim.laws.transport.great_circle import great_circle_km
from sim.world.csv_tables.network_schema import ANY_OF
from sim.world.csv_tables.reader import Row, Tables
from sim.world.csv_tables.table_errors import Problems, did_you_mean

DETOUR = 3.0
"""A link longer than this many great circles must say why."""
SHARE_TOLERANCE = 1e-6
CAPACITY_TOLERANCE = 0.1

_N_OWNERS = {"city": (1,), "port": (1,), "border-post": (2,), "rail-crossing": (2,), "strait": (0,)}
_SEA_KINDS = ("port", "strait", "junction")


def check_network(tables: Tables, problems: Problems) -> None:
    """Note every problem of the network; a world without nodes has none."""
    nodes = {row.text("node"): row for row in tables["nodes"]}
    gates = {row.text("gate"): row for row in tables["gates"]}
    for row in tables["nodes"]:
        _check_node(row, gates, problems)
    with_terms = set(tables["port_terms"].column("node"))
    for row in tables["links"]:
        ends = (nodes[row.text("tail")], nodes[row.text("head")])
        _check_length(row, ends, problems)
        _check_ends(row, ends, with_terms, problems)
        _check_standing(row, problems)
    for row in tables["port_terms"]:
        if nodes[row.text("node")].text("kind") != "port":
            problems.add("port_terms", row.line, "node", "is no port; wanted a node of kind port")
    for row in tables["posts"]:
        _check_post(row, gates[row.text("gate")], problems)
    _check_gateways(tables, nodes, problems)
    _check_corridors(tables, problems)
    _check_route_shares(tables, problems)


def _check_node(row: Row, gates: Mapping[str, Row], problems: Problems) -> None:
    kind, regions = row.text("kind"), row.names("regions")
    wanted = _N_OWNERS.get(kind, (0, 1))
    if len(regions) not in wanted:
        message = f"{len(regions)} regions; a {kind} has {' or '.join(map(str, wanted))}"
        problems.add("nodes", row.line, "regions", message)
    gate = gates.get(row.text("gate"))
    if gate is None:
        return
    if gate.text("kind") != kind:
        message = f"'{row.text('gate')}' is a {gate.text('kind')}; wanted a gate of kind {kind}"
        problems.add("nodes", row.line, "gate", message)
    elif set(gate.names("owners")) != set(regions):
        message = f"the gate belongs to '{gate.text('owners')}'; wanted the same regions"
        problems.add("nodes", row.line, "regions", message)


def _check_length(row: Row, ends: tuple[Row, Row], problems: Problems) -> None:
    if row.text("tail") == row.text("head"):
        problems.add("links", row.line, "head", "is the tail too; wanted another node")
        return
    least = great_circle_km(*((end.number("latitude"), end.number("longitude")) for end in ends))
    length = row.number("length_km")
    if length < least:
        message = f"{length:g} km is below the great circle; wanted at least {least:.1f} km"
        problems.add("links", row.line, "length_km", message)
    if length > DETOUR * least and not row.text("note"):
        message = f"{length:g} km is over {DETOUR:g} great circles of {least:.1f} km"
        problems.add("links", row.line, "length_km", f"{message}; wanted a note that says why")


def _check_ends(row: Row, ends: tuple[Row, Row], with_terms: set[str], problems: Problems) -> None:
    afloat = row.text("mode") in ("sea", "ferry")
    for column, end in zip(("tail", "head"), ends, strict=True):
        name, kind = end.text("node"), end.text("kind")
        if afloat and kind not in _SEA_KINDS:
            message = f"'{name}' is a {kind}; for ships wanted a port, a strait or a junction"
            problems.add("links", row.line, column, message)
        if afloat and kind == "port" and name not in with_terms:
            message = f"'{name}' has no row in port_terms.csv; for ships wanted a port with terms"
            problems.add("links", row.line, column, message)


def _check_standing(row: Row, problems: Problems) -> None:
    status = row.text("status")
    if (status == "planned") != bool(row.text("project")):
        message = "a planned link and no other names its project"
        problems.add("links", row.line, "project", message)
    if row.text("open_to") and status != "needs-agreement":
        message = "only a link that needs an agreement is open to some; wanted blank"
        problems.add("links", row.line, "open_to", message)
    if (row.text("mode") in ("road", "rail")) != bool(row.text("owner")):
        message = "a road or railway and no other link runs on a region's ground"
        problems.add("links", row.line, "owner", message)


def _check_post(row: Row, gate: Row, problems: Problems) -> None:
    if gate.text("kind") not in ("border-post", "rail-crossing"):
        message = f"is a {gate.text('kind')}; wanted a border post or rail crossing"
        problems.add("posts", row.line, "gate", message)
    served = row.number("servers") * row.number("open_hours") / row.number("service_hours")
    if abs(row.number("capacity_per_day") / served - 1.0) > CAPACITY_TOLERANCE:
        message = f"its servers manage {served:.0f} a day; wanted a capacity near that"
        problems.add("posts", row.line, "capacity_per_day", message)


def _check_gateways(tables: Tables, nodes: Mapping[str, Row], problems: Problems) -> None:
    shares = dict.fromkeys(tables["regions"].column("region") if nodes else (), 0.0)
    for row in tables["gateways"]:
        region, node = row.text("region"), row.text("node")
        shares[region] = shares.get(region, 0.0) + row.number("share")
        if region not in nodes[node].names("regions"):
            message = f"'{node}' does not lie in '{region}'; wanted a node of the region"
            problems.add("gateways", row.line, "node", message)
    for region, total in shares.items():
        if abs(total - 1.0) > SHARE_TOLERANCE:
            message = f"shares of '{region}' sum to {total:.6g}; wanted 1"
            problems.add("gateways", None, "share", message)
    reached = _reached(tables)
    for row in tables["gateways"]:
        if row.text("node") not in reached:
            message = f"'{row.text('node')}' is cut off; wanted open links to all other gateways"
            problems.add("gateways", row.line, "node", message)


def _reached(tables: Tables) -> set[str]:
    """Nodes that open links join to the first gateway."""
    beside: dict[str, list[str]] = {}
    for row in tables["links"]:
        if row.text("status") == "open":
            beside.setdefault(row.text("tail"), []).append(row.text("head"))
            beside.setdefault(row.text("head"), []).append(row.text("tail"))
    ahead = [*tables["gateways"].column("node")[:1]]
    reached = set(ahead)
    while ahead:
        fresh = [node for node in beside.get(ahead.pop(), ()) if node not in reached]
        reached.update(fresh)
        ahead.extend(fresh)
    return reached


def _check_corridors(tables: Tables, problems: Problems) -> None:
    """Demand that the links of a corridor follow each other and are counted from 1."""
    ends = {r.text("link"): {r.text("tail"), r.text("head")} for r in tables["links"]}
    by_corridor: dict[str, list[Row]] = {}
    for row in tables["corridor_links"]:
        by_corridor.setdefault(row.text("corridor"), []).append(row)
    for rows in by_corridor.values():
        ordered = sorted(rows, key=lambda row: int(row.text("step")))
        for wanted, row in enumerate(ordered, start=1):
            if int(row.text("step")) != wanted:
                message = f"{row.text('step')} is out of turn; wanted {wanted}"
                problems.add("corridor_links", row.line, "step", message)
        _check_chain(ordered, [ends[row.text("link")] for row in ordered], problems)


def _check_chain(rows: list[Row], ends: Iterable[set[str]], problems: Problems) -> None:
    here: set[str] = set()
    for row, both in zip(rows, ends, strict=True):
        if here and not here & both:
            message = f"'{row.text('link')}' does not start where the link before it ends"
            problems.add("corridor_links", row.line, "link", message)
        here = both - here if here & both else both


def _check_route_shares(tables: Tables, problems: Problems) -> None:
    """Note every problem of the table of route shares; a world may do without it."""
    totals: dict[frozenset[str], float] = {}
    lines: dict[frozenset[str], int] = {}
    known = {*tables["gates"].column("gate"), *tables["regions"].column("region")}
    for row in tables["route_shares"]:
        _check_route_share(row, known, problems)
        for partner in row.names("partners"):
            pair = frozenset((row.text("region"), partner))
            totals[pair] = totals.get(pair, 0.0) + row.number("share")
            lines[pair] = row.line
    for pair, total in totals.items():
        if abs(total - 1.0) > SHARE_TOLERANCE:
            message = f"shares of {' and '.join(sorted(pair))} sum to {total:.6g}; wanted 1"
            problems.add("route_shares", lines[pair], "share", message)


def _check_route_share(row: Row, known: set[str], problems: Problems) -> None:
    if row.text("region") in row.names("partners"):
        message = f"'{row.text('region')}' is the region itself; wanted another region"
        problems.add("route_shares", row.line, "partners", message)
    for name in (name for term in row.names("through") for name in term.split(ANY_OF)):
        if name not in known:
            message = f"'{name}' is no gate or region{did_you_mean(name, known)}"
            problems.add("route_shares", row.line, "through", message)
    share, ceiling = row.number("share"), row.number_or_none("ceiling")
    if ceiling is not None and ceiling <= share:
        message = f"{ceiling:g} does not lie above the share of {share:g}; wanted blank"
        problems.add("route_shares", row.line, "ceiling", message)
    if row.text("since") and ceiling is None:
        message = "a route that is being taken up says how far it may come; wanted a share"
        problems.add("route_shares", row.line, "ceiling", message)
