"""Columns of tables: their kinds, their bounds and what they refer to.

A column `refers` to `table.column` whose values it may hold. `listed` columns hold several names
separated by semicolons. `extra` are further allowed values.
"""

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["text", "number", "integer", "date"]

FLAGS = ("seen", "derived", "estimated")
"""Read in the source named; computed from figures that were; assumed or remembered."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    kind: Kind = "text"
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    refers: str = ""
    extra: tuple[str, ...] = ()
    blank: bool = False
    listed: bool = False
    leaves_high: bool = False
    """Whether values above `high` are left to a check of the whole column."""
    default: str | None = None
    """What every cell holds where a table does without the column; None where none may."""


@dataclass(frozen=True, slots=True)
class Schema:
    """Columns of a table and those that together name a row."""

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    optional: bool = False
    """A world may do without the table; it then counts as empty."""


def text(name: str, *choices: str, blank: bool = False) -> Column:
    """Column of free text, or of one of `choices`."""
    return Column(name, choices=choices, blank=blank)


def number(
    name: str, low: float | None = None, high: float | None = None, *, blank: bool = False
) -> Column:
    """Column of numbers between `low` and `high`, both allowed."""
    return Column(name, "number", low, high, blank=blank)


def or_else(column: Column, default: str = "") -> Column:
    """The same column, which a table may do without; its cells then hold the default."""
    return replace(column, default=default, blank=column.blank or not default)


def ref(name: str, refers: str, *extra: str, blank: bool = False, listed: bool = False) -> Column:
    """Column that names rows of another table."""
    return Column(name, refers=refers, extra=extra, blank=blank, listed=listed)


def date(name: str, *, blank: bool = False) -> Column:
    """Column of ISO dates, whole or cut short: 2022, 2022-10, 2022-10-05."""
    return Column(name, "date", blank=blank)


def region(name: str, *, blank: bool = False) -> Column:
    """Column of a region's code."""
    return ref(name, "regions.region", blank=blank)


def table(key: str, *columns: Column, optional: bool = False) -> Schema:
    """Schema of a table; `key` names a row, and every row says where it is from."""
    origin = (ref("source", "sources.source"), text("flag", *FLAGS))
    return Schema((*columns, *origin), tuple(key.split()), optional)
