"""Own figures over the tables of a world: rows that replace those of the same key.

A figure comes as the name of a table, its cells as text and its source, from a scenario that knows
no tables. Blank keys mean the base year, the first kind of duty, every good. What it replaces is
kept, so that it can be told.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sim.world.csv_tables.reader import CheckedTable, Row, Tables
from sim.world.csv_tables.schema import ALL, SCHEMAS
from sim.world.csv_tables.world_facts import base_year, traded_goods

OwnRow = tuple[str, tuple[tuple[str, str], ...], str]
"""Table, cells by column, and source of one figure."""
PUBLISHER = "The scenario's own figure"
REPLACEABLE = ("held_flows", "gdp", "growth", "tariffs")
"""Tables that own figures may replace rows of."""


@dataclass(frozen=True, slots=True)
class OwnFigure:
    """A figure that replaced one of the world's."""

    table: str
    key: tuple[str, ...]
    """Cells that name the row: exporter and importer; region and year; importer, good, layer."""
    before: float | None
    """Value of the tables; None where they have none."""
    after: float
    source: str
    """Source as the analyst states it."""


def with_own_figures(tables: Tables, own: Sequence[OwnRow]) -> tuple[Tables, tuple[OwnFigure, ...]]:
    """Lay own figures over checked tables.

    Parameters
    ----------
    tables : mapping of str to CheckedTable
        Checked tables of a world.
    own : sequence of OwnRow
        Figures; of two with one key the later counts.

    Returns
    -------
    tables : mapping of str to CheckedTable
    figures : tuple of OwnFigure
        Figures as they replaced others, a figure for all goods once for each.
    """
    if not own:
        return tables, ()
    changed = {
        name: list(table) for name, table in tables.items() if name in (*REPLACEABLE, "sources")
    }
    names = _source_names(changed["sources"], own)
    figures: dict[tuple[str, tuple[str, ...]], OwnFigure] = {}
    for table, given, source in own:
        for cells in _completed(table, dict(given), tables):
            key = tuple(cells[column] for column in _key(table))
            before = _replace(changed[table], table, key, {**cells, "source": names[source],
                                                          "flag": "seen"})  # fmt: skip
            first = figures.get((table, key))
            figures[table, key] = OwnFigure(
                table,
                key,
                first.before if first else before,
                float(cells[_value_column(table)]),
                source,
            )
    made = {name: CheckedTable(name, tuple(rows)) for name, rows in changed.items()}
    return {**tables, **made}, tuple(figures.values())


def hash_with(tables_hash: str, own: Sequence[OwnRow]) -> str:
    """Hash of a world with own figures; that of its tables without any."""
    if not own:
        return tables_hash
    return hashlib.sha256(repr((tables_hash, tuple(own))).encode()).hexdigest()


def with_former_flows(
    figures: Sequence[OwnFigure], trade: Mapping[tuple[str, str], float]
) -> Sequence[OwnFigure]:
    """Figures in which flows are compared with the balanced trade of the tables alone."""
    return tuple(
        replace(one, before=trade[one.key[0], one.key[1]]) if one.table == "held_flows" else one
        for one in figures
    )


def with_moved_totals(tables: Tables, figures: Sequence[OwnFigure]) -> Tables:
    """Tables whose totals of exports and imports move by as much as own flows do.

    Parameters
    ----------
    tables : mapping of str to CheckedTable
    figures : sequence of OwnFigure
        With the flows that they replace.
    """
    moves: dict[tuple[str, str], float] = {}
    for one in figures:
        if one.table == "held_flows":
            for column, region in zip(("exports_musd", "imports_musd"), one.key, strict=True):
                change = one.after - (one.before or 0.0)
                moves[column, region] = moves.get((column, region), 0.0) + change
    if not moves:
        return tables
    rows = []
    for row in tables["trade_totals"]:
        cells = {
            column: repr(
                max(row.number(column) + moves.get((column, row.text("region")), 0.0), 0.0)
            )
            for column in ("exports_musd", "imports_musd")
            if (column, row.text("region")) in moves
        }
        rows.append(Row(row.line, {**row.cells, **cells}))
    return {**tables, "trade_totals": CheckedTable("trade_totals", tuple(rows))}


def _key(table: str) -> tuple[str, ...]:
    """Columns that name a row; a flow is the same one in every ledger."""
    return tuple(column for column in SCHEMAS[table].key if column != "ledger")


def _value_column(table: str) -> str:
    """Column that is told: the first that is no part of the key."""
    schema = SCHEMAS[table]
    return next(column.name for column in schema.columns if column.name not in schema.key)


def _source_names(sources: list[Row], own: Sequence[OwnRow]) -> dict[str, str]:
    """Add a row for every source; its name by its text."""
    taken = {row.text("source") for row in sources}
    names: dict[str, str] = {}
    for _, _, said in own:
        if said not in names:
            name = f"own-{len(names) + 1}"
            while name in taken:
                name += "-"
            names[said] = name
            cells = {column.name: "" for column in SCHEMAS["sources"].columns}
            cells |= {"source": name, "publisher": PUBLISHER, "title": said, "flag": "seen"}
            sources.append(Row(0, cells))
    return names


def _completed(table: str, cells: dict[str, str], tables: Tables) -> Iterator[dict[str, str]]:
    """Cells with blank keys filled; a row for every good where all are meant."""
    if table == "held_flows":
        cells |= {"ledger": ALL, "note": ""}
    if table == "gdp":
        cells["year"] = cells["year"] or str(base_year(tables))
    if table == "tariffs":
        cells["layer"] = cells["layer"] or tables["layers"].column("layer")[0]
    goods = traded_goods(tables) if cells.get("good") == ALL else (cells.get("good"),)
    for good in goods:
        yield cells if good is None else {**cells, "good": good}


def _replace(
    rows: list[Row], table: str, key: tuple[str, ...], cells: Mapping[str, str]
) -> float | None:
    """Put one row in the place of those of its key; the value that stood there."""
    columns, value = _key(table), _value_column(table)
    same = [row for row in rows if row.texts(columns) == key]
    before = same[0].number_or_none(value) if same else None
    usual = {column.name: column.default or "" for column in SCHEMAS[table].columns}
    made = Row(same[0].line if same else 0, {**(same[0].cells if same else usual), **cells})
    if not same:
        rows.append(made)
        return None
    rows[rows.index(same[0])] = made
    for row in same[1:]:
        rows.remove(row)
    return before
