"""Differences between the tables of two worlds, table by table, the largest first."""

from collections.abc import Iterator
from math import inf, log
from typing import NamedTuple

from sim.world.csv_tables.csv_text import number_of
from sim.world.csv_tables.reader import CheckedTable, Row, Tables
from sim.world.csv_tables.schema import SCHEMAS
from sim.world.describe.overview import TitledTable

LONG = 10
"""Characters from which a number is shown without its last digits."""
MAX_SHOWN = 20
"""Values of a table that are shown, those that differ most first; the rest is counted."""
_TOLD_BESIDE = ("source", "flag", "note")
"""Columns that say where a value is from; they are no difference by themselves."""
_UNCHANGED = ("sources",)


class TableDifference(NamedTuple):
    """A value that differs; None where one world has no such row."""

    key: str
    column: str
    first: str | None
    second: str | None
    first_source: str
    second_source: str

    @property
    def size(self) -> float:
        """Absolute log ratio of two numbers; infinite for words and rows on one side alone."""
        a, b = (number_of(cell) if cell else None for cell in (self.first, self.second))
        if a is None or b is None or a * b <= 0:
            return inf
        return abs(log(b / a))


def differences_of(first: CheckedTable, second: CheckedTable) -> list[TableDifference]:
    """List values of two tables of one name that differ, the largest first."""
    return sorted(_found(first, second), key=lambda one: (-one.size, one.key, one.column))


def describe_differences(
    first: Tables, second: Tables, names: tuple[str, str]
) -> list[TitledTable]:
    """Describe how two worlds differ: a summary, then each table that differs.

    Parameters
    ----------
    first, second : mapping of str to CheckedTable
        Checked tables.
    names : tuple of str
        What the two are called, for the headings.

    Returns
    -------
    list of TitledTable
        Empty if they do not differ.
    """
    shown: list[TitledTable] = []
    summary: list[tuple[str, ...]] = []
    for name in SCHEMAS:
        if name in _UNCHANGED:
            continue
        found = differences_of(first[name], second[name])
        if not found:
            continue
        only_first = {d.key for d in found if d.second is None}
        only_second = {d.key for d in found if d.first is None}
        changed = sum(d.first is not None and d.second is not None for d in found)
        summary.append((name, *map(str, (changed, len(only_first), len(only_second)))))
        rest = len(found) - MAX_SHOWN
        title = f"{name}: {len(found):,} difference{'s' * (len(found) != 1)}"
        title += f", the {MAX_SHOWN} largest" if rest > 0 else ""
        columns = ("row", "column", *names, f"source ({names[0]})", f"source ({names[1]})")
        shown.append(TitledTable(title, columns, tuple(map(_shown, found[:MAX_SHOWN]))))
    if not shown:
        return []
    heading = ("table", "values that differ", f"rows only in {names[0]}", f"only in {names[1]}")
    return [TitledTable("Tables that differ", heading, tuple(summary)), *shown]


def _shown(one: TableDifference) -> tuple[str, ...]:
    values = ("no such row" if v is None else _rounded(v) for v in (one.first, one.second))
    return (one.key, one.column, *values, one.first_source, one.second_source)


def _rounded(cell: str) -> str:
    """A cell for a table; a number without the digits that rounding leaves."""
    number = number_of(cell) if len(cell) > LONG else None
    return cell or "blank" if number is None else f"{number:.10g}"


def _keys(first: CheckedTable, second: CheckedTable) -> tuple[str, ...]:
    """Columns that name a row; the ledger only where a flow stands in more than one.

    An own flow counts in every ledger, and is the same flow as that of the one that there is.
    """
    keys = SCHEMAS[first.name].key
    if first.name != "held_flows":
        return keys
    short = tuple(column for column in keys if column != "ledger")
    is_one = all(len(_by_key(table, short)) == len(table.rows) for table in (first, second))
    return short if is_one else keys


def _found(first: CheckedTable, second: CheckedTable) -> Iterator[TableDifference]:
    keys = _keys(first, second)
    columns = [
        c.name
        for c in SCHEMAS[first.name].columns
        if c.name not in (*keys, *SCHEMAS[first.name].key, *_TOLD_BESIDE)
    ]
    ours, theirs = _by_key(first, keys), _by_key(second, keys)
    for key in dict.fromkeys((*ours, *theirs)):
        a, b = ours.get(key), theirs.get(key)
        shown = " ".join(part for part in key if part)
        if a is None or b is None:
            row = a or b
            assert row is not None
            value = ", ".join(row.text(column) for column in columns if row.text(column))
            yield TableDifference(
                shown, columns[0] if columns else "", value if a else None, value if b else None,
                row.text("source") if a else "", row.text("source") if b else "",
            )  # fmt: skip
            continue
        for column in columns:
            if not _same(a.text(column), b.text(column)):
                yield TableDifference(
                    shown, column, a.text(column), b.text(column), a.text("source"),
                    b.text("source"),
                )  # fmt: skip


def _by_key(table: CheckedTable, keys: tuple[str, ...]) -> dict[tuple[str, ...], Row]:
    return {row.texts(keys): row for row in table}


def _same(one: str, other: str) -> bool:
    return one == other or (
        number_of(one) is not None and number_of(one) == number_of(other)
    )  # fmt: skip
