"""Read the tables of a world and check every cell against the schema.

Only the csv module is used, so that names can be looked up without loading any arrays. Row numbers
are lines of the file; the header is line 1.
"""

import csv
import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from sim.world.columns import Column, Schema
from sim.world.problems import Problems, WorldError, nearest
from sim.world.schema import SCHEMAS

PACKAGED = Path(__file__).resolve().parent / "tables"
"""Folder of the world that comes with the project."""

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True, slots=True)
class Row:
    """One checked row; cells are text until asked for as something else."""

    line: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Cell as it stands."""
        return self.cells[column]

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


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one table whose cells have been checked."""

    name: str
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def column(self, name: str) -> tuple[str, ...]:
        """All cells of a column, in the order of the rows."""
        return tuple(row.cells[name] for row in self.rows)


def read_tables(folder: Path, names: Iterable[str] = tuple(SCHEMAS)) -> dict[str, Table]:
    """Read some or all tables of a world.

    Parameters
    ----------
    folder : Path
        Where the CSV files are.
    names : iterable of str
        Which tables; references into tables that are not read are not checked.

    Returns
    -------
    dict of str to Table

    Raises
    ------
    WorldError
        With every problem of every table.
    """
    if not folder.is_dir():
        raise WorldError([f"{folder}: no such folder; a folder of world tables is wanted"])
    problems = Problems()
    raw = {name: _read(folder, name, problems) for name in names}
    allowed = {
        name: {column: {row.cells[column] for row in rows} for column in SCHEMAS[name].key}
        for name, rows in raw.items()
    }
    for name, rows in raw.items():
        _check(name, SCHEMAS[name], rows, allowed, problems)
    problems.raise_if_any()
    return {name: Table(name, tuple(rows)) for name, rows in raw.items()}


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


def _read(folder: Path, name: str, problems: Problems) -> list[Row]:
    path = folder / f"{name}.csv"
    if not path.is_file():
        if SCHEMAS[name].optional:
            return []
        problems.add(name, None, None, f"no such table in {folder}; every table is wanted")
        return []
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add(name, None, None, f"byte {error.start} is not UTF-8; UTF-8 text is wanted")
        return []
    reader = csv.reader(StringIO(content))
    header = next(reader, [])
    wanted = [column.name for column in SCHEMAS[name].columns]
    for column in wanted:
        if column not in header:
            message = f"column is missing; the columns are {', '.join(wanted)}"
            problems.add(name, 1, column, message + nearest(column, set(header) - set(wanted)))
    for column in header:
        if column not in wanted:
            hint = nearest(column, wanted)
            problems.add(name, 1, column, f"unknown column; wanted are {', '.join(wanted)}{hint}")
    if set(header) != set(wanted):
        return []
    rows = []
    for cells in reader:
        if not any(cells):
            continue
        if len(cells) != len(header):
            message = f"{len(cells)} cells; {len(header)} are wanted"
            problems.add(name, reader.line_num, None, message)
            continue
        stripped = (cell.strip() for cell in cells)
        rows.append(Row(reader.line_num, dict(zip(header, stripped, strict=True))))
    return rows


def _check(
    name: str,
    schema: Schema,
    rows: list[Row],
    allowed: Mapping[str, Mapping[str, set[str]]],
    problems: Problems,
) -> None:
    for column in schema.columns:
        names = _names_for(column, allowed)
        for row in rows:
            complaint = _complaint(column, row.cells[column.name], names)
            if complaint:
                problems.add(name, row.line, column.name, complaint)
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row.cells[column] for column in schema.key)
        if key in first:
            message = f"'{' '.join(key)}' stands already in row {first[key]}; one row is wanted"
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


def _complaint(column: Column, cell: str, names: set[str] | None) -> str:
    """Say what is wrong with a cell and what is wanted, or nothing."""
    if not cell:
        return "" if column.blank else "is blank; a value is wanted"
    for part in _parts(cell) if column.listed else (cell,):
        if names is not None and part not in names:
            known = ", ".join(sorted(names)) if len(names) <= 30 else f"one of {len(names)} names"
            return f"'{part}' is unknown; wanted is {known}{nearest(part, names)}"
        if column.kind == "date" and not _DATE.fullmatch(part):
            return f"'{part}' is no date; 2022, 2022-10 or 2022-10-05 is wanted"
        if column.kind in ("number", "integer"):
            wrong = _number_complaint(column, part)
            if wrong:
                return wrong
    return ""


def _number_complaint(column: Column, cell: str) -> str:
    low, high = column.low, column.high
    wanted = "a whole number" if column.kind == "integer" else "a number"
    if low is not None:
        wanted += f" from {low:g}"
    if high is not None:
        wanted += f" to {high:g}"
    try:
        value = int(cell) if column.kind == "integer" else float(cell)
    except ValueError:
        return f"'{cell}' is no number; {wanted} is wanted"
    outside = (low is not None and value < low) or (high is not None and value > high)
    if outside or not math.isfinite(value):
        return f"{cell} is out of range; {wanted} is wanted"
    return ""
