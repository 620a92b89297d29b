"""Checks of the table of route shares, beyond each cell being right."""

from collections.abc import Mapping

from sim.world.csv_tables.network_schema import ANY_OF
from sim.world.csv_tables.reader import CheckedTable, Row
from sim.world.csv_tables.table_errors import Problems, did_you_mean

SHARE_TOLERANCE = 1e-6


def check_route_shares(tables: Mapping[str, CheckedTable], problems: Problems) -> None:
    """Note every problem of the table; a world may do without it."""
    totals: dict[frozenset[str], float] = {}
    lines: dict[frozenset[str], int] = {}
    known = {*tables["gates"].column("gate"), *tables["regions"].column("region")}
    for row in tables["route_shares"]:
        _check_row(row, known, problems)
        for partner in row.names("partners"):
            pair = frozenset((row.text("region"), partner))
            totals[pair] = totals.get(pair, 0.0) + row.number("share")
            lines[pair] = row.line
    for pair, total in totals.items():
        if abs(total - 1.0) > SHARE_TOLERANCE:
            message = f"shares of {' and '.join(sorted(pair))} sum to {total:.6g}; wanted 1"
            problems.add("route_shares", lines[pair], "share", message)


def _check_row(row: Row, known: set[str], problems: Problems) -> None:
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
