"""Tables of the analyst's own that a built world takes as they are.

A table that is carried stands in the place of the built one; tables that name each other's rows are
carried together, so that none of the built ones stays beside them.
"""

import csv
from collections.abc import Collection, Mapping, Sequence
from io import StringIO
from pathlib import Path

from sim.world.builder.network_copy import NETWORK_TABLES
from sim.world.csv_tables.schema import SCHEMAS

TOGETHER = (
    frozenset(NETWORK_TABLES),
    frozenset({"institutions", "memberships", "agreements", "margins"}),
    frozenset({"ledgers", "ledger_entries", "held_flows"}),
    frozenset({"export_composition", "import_composition", "pair_composition"}),
)
"""Tables of which either all are built or all carried."""


def carried_tables(folder: Path | None) -> dict[str, bytes]:
    """Tables of a folder by name, the list of sources among them; none without a folder."""
    if folder is None:
        return {}
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.csv"))}


def carried_names(folder: Path | None) -> list[str]:
    """Names of the tables of a folder; none without a folder."""
    return [] if folder is None else sorted(path.stem for path in folder.glob("*.csv"))


def is_left_empty(name: str, carried: Collection[str]) -> bool:
    """True if a table stays empty beside those that are carried."""
    return any(name in group and not group.isdisjoint(carried) for group in TOGETHER)


def cells_of(content: bytes) -> list[dict[str, str]]:
    """Rows of a table by heading, as they are written."""
    text = content.decode("utf-8-sig", errors="replace")
    return [dict(row) for row in csv.DictReader(StringIO(text))]


def sources_named(tables: Mapping[str, Sequence[Mapping[str, object]]]) -> set[str]:
    """Sources that the rows of some tables name."""
    return {
        str(row[column.name])
        for name, rows in tables.items()
        for column in SCHEMAS[name].columns
        if column.refers == "sources.source"
        for row in rows
        if row.get(column.name)
    }
