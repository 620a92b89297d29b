"""The packaged network restricted to some of its regions.

A node stays if all its owners do, a link if both its ends do, a project or corridor if its links
do; what gates, ports and posts have goes with them. Shares of gateways are scaled to one again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache

from sim.world.csv_tables.reader import PACKAGED, CheckedTable, Row, Tables, read_tables
from sim.world.csv_tables.schema import SCHEMAS

NETWORK_TABLES = (
    "gates", "ports", "nodes", "gateways", "projects", "links", "corridors", "corridor_links",
    "posts", "port_terms", "transit_tolls", "closures", "borders", "detours",
)  # fmt: skip
Cells = Mapping[str, object]
Rows = dict[str, list[Cells]]


@lru_cache(maxsize=1)
def _packaged() -> Tables:
    return read_tables(PACKAGED, ("regions", "sources", *NETWORK_TABLES))


def packaged_regions() -> tuple[str, ...]:
    """Regions that the packaged network has a gateway of."""
    return tuple(dict.fromkeys(_packaged()["gateways"].column("region")))


def copied_rows(codes: Collection[str]) -> Rows:
    """Rows of the packaged network among some regions, by table.

    Parameters
    ----------
    codes : collection of str
        Regions, of those in `packaged_regions`.
    """
    tables, inside = _packaged(), frozenset(codes)
    nodes = [r for r in tables["nodes"] if inside.issuperset(r.names("regions"))]
    kept = {row.text("node") for row in nodes}
    gates = [r for r in tables["gates"] if inside.issuperset(r.names("owners"))]
    open_gates = {row.text("gate") for row in gates}
    links = [
        r for r in tables["links"]
        if {r.text("tail"), r.text("head")} <= kept and inside.issuperset(r.names("owner"))
    ]  # fmt: skip
    names = {row.text("link") for row in links}
    steps: dict[str, list[str]] = {}
    for row in tables["corridor_links"]:
        steps.setdefault(row.text("corridor"), []).append(row.text("link"))
    corridors = {
        row.text("corridor") for row in tables["corridors"]
        if {row.text("end_a"), row.text("end_b")} <= inside
        and names.issuperset(steps.get(row.text("corridor"), ()))
    }  # fmt: skip
    projects = {row.text("project") for row in links}
    keep: dict[str, Callable[[Row], bool]] = {
        "gates": lambda r: r.text("gate") in open_gates,
        "ports": lambda r: r.text("port") in open_gates,
        "nodes": lambda r: r.text("node") in kept,
        "projects": lambda r: r.text("project") in projects,
        "links": lambda r: r.text("link") in names,
        "corridors": lambda r: r.text("corridor") in corridors,
        "corridor_links": lambda r: r.text("corridor") in corridors,
        "posts": lambda r: r.text("gate") in open_gates,
        "port_terms": lambda r: r.text("node") in kept,
        "transit_tolls": lambda r: r.text("region") in inside,
        "closures": lambda r: r.text("gate") in open_gates,
        "borders": lambda r: inside.issuperset(r.names("owners")),
        "detours": lambda r: {r.text("region"), r.text("partner")} <= inside,
    }
    rows: Rows = {}
    for name, test in keep.items():
        rows[name] = [_restricted(name, row, inside) for row in tables[name] if test(row)]
    rows["gateways"] = [*_gateways(tables["gateways"], kept, inside)]
    return rows


def copied_sources(rows: Rows) -> Iterator[Cells]:
    """Sources that copied rows name."""
    used = {
        row[column.name]
        for name, table in rows.items()
        for column in SCHEMAS[name].columns
        if column.refers == "sources.source"
        for row in table
    }
    for row in _packaged()["sources"]:
        if row.text("source") in used:
            yield row.cells


def _restricted(table: str, row: Row, inside: frozenset[str]) -> Cells:
    """A row without the regions that are left out, where it lists some."""
    listed = [c.name for c in SCHEMAS[table].columns
              if c.listed and c.refers == "regions.region"]  # fmt: skip
    cells = dict(row.cells)
    for column in listed:
        cells[column] = ";".join(code for code in row.names(column) if code in inside)
    return cells


def _gateways(
    table: CheckedTable, kept: Collection[str], inside: frozenset[str]
) -> Iterator[Cells]:
    rows = [r for r in table if r.text("region") in inside and r.text("node") in kept]
    for row in rows:
        region = row.text("region")
        whole = sum(r.number("share") for r in rows if r.text("region") == region)
        yield {**row.cells, "share": row.number("share") / whole}
