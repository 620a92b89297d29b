"""Read the tables of a world and check every cell against the schema.

Only the csv module is used, so that names can be looked up without loading any arrays. Row numbers
are lines of the file; the header is line 1.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from sim.laws.numerics.recent_cache import RecentCache
from sim.world.csv_tables.columns import Column, Schema
from sim.world.csv_tables.csv_text import UnreadableError, csv_text, number_of, slip, whole_of
from sim.world.csv_tables.schema import SCHEMAS
from sim.world.csv_tables.table_errors import (
    MAX_COMPARED,
    Problems,
    WorldError,
    did_you_mean,
    nearest_column,
)

PACKAGED = Path(__file__).resolve().parents[1] / "tables"
"""Folder of the world that comes with the project."""

MAX_PART = 10.0
"""Largest bound of a column that may hold per cent by mistake."""
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1800, 2100
"""Years in which what a table records can have been, or be agreed to be."""


Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Row:
    """One checked row; cells are text until asked for as something else."""

    line: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Cell as it stands."""
        return self.cells[column]

    def texts(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Cells of some columns as they stand."""
        return tuple(self.cells[column] for column in columns)

    def number(self, column: str) -> float:
        """Cell as a number."""
        return float(self.cells[column])

    def number_or_none(self, column: str) -> float | None:
        """Cell as a number, or None where it is blank."""
        return float(self.cells[column]) if self.cells[column] else None

    def names(self, column: str) -> tuple[str, ...]:
        """Cell as names separated by semicolons."""
        return _parts(self.cells[column])

    def yes(self, column: str) -> bool:
        """Cell as yes or no."""
        return self.cells[column] == "yes"

    def whole(self, column: str) -> int:
        """Cell as a whole number."""
        return int(self.cells[column])

    def record(self, kind: type[Record], **other: object) -> Record:
        """Record of the row: each field is the cell of its name, read as the type of the field.

        Parameters
        ----------
        kind : type
            A dataclass with a type for every field.
        **other
            Fields that are no cell of the row, or that are read in another way.

        Raises
        ------
        KeyError
            If the table has no column of a field's name.

        Examples
        --------
        >>> @dataclass
        ... class Port:
        ...     name: str
        ...     berths: int
        ...     owners: tuple[str, ...]
        >>> Row(2, {"name": "a", "berths": "3", "owners": "x;y"}).record(Port, name="A")
        Port(name='A', berths=3, owners=('x', 'y'))
        """
        make: Any = kind
        cells = {name: read(self, name) for name, read in _cells_of(make) if name not in other}
        made: Record = make(**cells, **other)
        return made


_READERS: dict[object, Callable[[Row, str], object]] = {
    str: Row.text,
    float: Row.number,
    float | None: Row.number_or_none,
    int: Row.whole,
    bool: Row.yes,
    tuple[str, ...]: Row.names,
}
"""Readers of a cell by the type of the field that it fills."""


@cache
def _cells_of(kind: type) -> tuple[tuple[str, Callable[[Row, str], object]], ...]:
    """Fields of a kind of record that a cell can fill, each with its reader."""
    hints = get_type_hints(kind).items()
    return tuple((name, _READERS[hint]) for name, hint in hints if hint in _READERS)


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """Rows of one table whose cells have been checked."""

    name: str
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def column(self, name: str) -> tuple[str, ...]:
        """All cells of a column, in the order of the rows."""
        return tuple(row.cells[name] for row in self.rows)


Tables = Mapping[str, CheckedTable]
"""Checked tables of a world by name."""


def read_tables(folder: Path, names: Iterable[str] = tuple(SCHEMAS)) -> dict[str, CheckedTable]:
    """Read some or all tables of a world.

    Parameters
    ----------
    folder : Path
        Where the CSV files are.
    names : iterable of str
        Which tables; references into tables that are not read are not checked.

    Returns
    -------
    dict of str to CheckedTable

    Raises
    ------
    WorldError
        With every problem of every table.
    """
    if not folder.is_dir():
        raise WorldError([f"{folder}: no such folder; wanted a folder of world tables"])
    contents = {name: _content(folder / f"{name}.csv") for name in names}
    kept = _READ.at_hand(folder.absolute())
    if kept and all(name in kept and kept[name][0] == contents[name] for name in contents):
        return {name: kept[name][1] for name in contents}
    tables = _checked(folder, contents)
    _READ.keep(folder.absolute(), {name: (contents[name], tables[name]) for name in contents})
    return tables


_READ: RecentCache[dict[str, tuple[bytes | None, CheckedTable]]] = RecentCache(most=2)
"""Tables of the worlds read last with the bytes they were made of: whoever wants them again, or
some of them, reads the files and nothing more."""


def _content(path: Path) -> bytes | None:
    """Bytes of a file, None without one."""
    return path.read_bytes() if path.is_file() else None


def _checked(folder: Path, contents: Mapping[str, bytes | None]) -> dict[str, CheckedTable]:
    problems = Problems()
    raw: dict[str, list[Row]] = {}
    whole: set[str] = set()
    for name, content in contents.items():
        raw[name], is_whole = _read(folder, name, content, problems)
        whole |= {name} if is_whole else set()
    # What a table that could not be read has no rows of is not unknown for that.
    allowed = {name: _keys_of(name, rows) for name, rows in raw.items() if name in whole}
    for name, rows in raw.items():
        _check(name, SCHEMAS[name], rows, allowed, problems)
    problems.raise_if_any()
    return {name: CheckedTable(name, tuple(rows)) for name, rows in raw.items()}


def _keys_of(name: str, rows: Sequence[Row]) -> dict[str, set[str]]:
    """Cells of a table's key, by column."""
    table = CheckedTable(name, tuple(rows))
    return {column: {*table.column(column)} for column in SCHEMAS[name].key}


def content_hash(folder: Path) -> str:
    """SHA-256 over the bytes of a world's tables, sorted by name.

    Parameters
    ----------
    folder : Path
        Where the CSV files are; other files there do not count.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for name in sorted(SCHEMAS):
        path = folder / f"{name}.csv"
        if SCHEMAS[name].optional and not path.is_file():
            continue
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{name}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()


def _read(
    folder: Path, name: str, written: bytes | None, problems: Problems
) -> tuple[list[Row], bool]:
    """Rows of a table, and whether all of them could be read."""
    if written is None:
        if SCHEMAS[name].optional:
            return [], True
        problems.add(name, None, None, f"no such table in {folder}; wanted every table")
        return [], False
    try:
        content = csv_text(written)
    except UnreadableError as error:
        problems.add(name, error.line, None, str(error))
        return [], False
    if not _is_header(name, content.headings, problems):
        return [], False
    for line, place, message in content.faults:
        problems.add(name, line, place, message)
    defaults = {column.name: column.default or "" for column in SCHEMAS[name].columns}
    rows = [
        Row(line, defaults | dict(zip(content.headings, cells, strict=True)))
        for line, cells in content.rows
    ]
    return rows, not content.faults


def _is_header(name: str, header: Sequence[str], problems: Problems) -> bool:
    """True if the columns are those of the table, each once; what is wrong is noted."""
    wanted = [column.name for column in SCHEMAS[name].columns]
    needed = [column.name for column in SCHEMAS[name].columns if column.default is None]
    for column in needed:
        if column not in header:
            message = f"column is missing; the columns are {', '.join(wanted)}"
            problems.add(
                name, 1, column, message + nearest_column(column, set(header) - set(wanted))
            )
    for column in header:
        if column not in wanted:
            hint = nearest_column(column, wanted)
            problems.add(name, 1, column, f"unknown column; wanted are {', '.join(wanted)}{hint}")
    twice = sorted({column for column in header if header.count(column) > 1})
    for column in twice:
        problems.add(name, 1, column, "column stands twice; wanted one of them")
    return set(needed) <= set(header) <= set(wanted) and not twice


def _check(
    name: str,
    schema: Schema,
    rows: list[Row],
    allowed: Mapping[str, Mapping[str, set[str]]],
    problems: Problems,
) -> None:
    for column in schema.columns:
        names, n_wrong = _names_for(column, allowed), 0
        for row in rows:
            complaint = _complaint(column, row.cells[column.name], names, n_wrong)
            if complaint:
                n_wrong += 1
                problems.add(name, row.line, column.name, complaint)
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row.cells[column] for column in schema.key)
        if key in first:
            message = f"'{' '.join(key)}' stands already in row {first[key]}; wanted one row"
            problems.add(name, row.line, schema.key[0], message)
        first.setdefault(key, row.line)


def _names_for(column: Column, allowed: Mapping[str, Mapping[str, set[str]]]) -> set[str] | None:
    """Values a column may hold, or None where any will do or the table was not read."""
    if column.choices:
        return set(column.choices)
    table, _, target = column.refers.partition(".")
    if table not in allowed:
        return None
    return allowed[table][target] | set(column.extra)


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";")) if cell else ()


def _complaint(column: Column, cell: str, names: set[str] | None, n_wrong: int) -> str:
    """Say what is wrong with a cell and what is wanted, or nothing.

    Near names are looked for in the first wrong cells of a column alone: it takes long.
    """
    if not cell:
        return "" if column.blank else "is blank; wanted a value"
    for part in _parts(cell) if column.listed else (cell,):
        if names is not None and part not in names:
            known = ", ".join(sorted(names)) if len(names) <= 30 else f"one of {len(names)} names"
            near = did_you_mean(part, names) if n_wrong < MAX_COMPARED else ""
            return f"'{part[:200]}' is unknown; wanted is {known}{near}"
        if column.kind == "date" and (wrong := _date_complaint(part)):
            return wrong
        if column.kind in ("number", "integer"):
            wrong = _number_complaint(column, part)
            if wrong:
                return wrong
    return ""


def _number_complaint(column: Column, cell: str) -> str:
    low, high = column.low, column.high
    value = whole_of(cell) if column.kind == "integer" else number_of(cell)
    is_high = high is not None and value is not None and value > high and not column.leaves_high
    outside = (low is not None and value is not None and value < low) or is_high
    if value is not None and not outside and value not in (float("inf"), float("-inf")):
        return ""
    wanted = "a whole number" if column.kind == "integer" else "a number"
    if low is not None:
        wanted += f" from {low:g}"
    if high is not None:
        wanted += f" to {high:g}"
    if value is None:
        if cell.casefold() in ("nan", "inf", "-inf", "infinity"):
            return f"{cell} is out of range; wanted {wanted}"
        hint = slip(cell, is_part=high is not None and high <= MAX_PART)
        return f"'{cell[:60]}' is no number; wanted {wanted}{hint}"
    is_share = high is not None and high <= 1.0 and 1.0 < value <= 100.0
    per_cent = f": is this per cent? write {value / 100:g}" if is_share else ""
    return f"{cell[:60]} is out of range; wanted {wanted}{per_cent}"


def _date_complaint(cell: str) -> str:
    """Say what is wrong with a date, or nothing."""
    if not _DATE.fullmatch(cell):
        return f"'{cell[:60]}' is no date; wanted 2022, 2022-10 or 2022-10-05"
    year, month, day = map(int, (cell + "-01-01"[: 10 - len(cell)]).split("-"))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return f"{cell} is out of range; wanted a year from {FIRST_YEAR} to {LAST_YEAR}"
    try:
        date(year, month, day)
    except ValueError:
        return f"{cell} is a day that does not exist; wanted a day of the calendar"
    return ""
