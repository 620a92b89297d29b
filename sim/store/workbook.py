"""A result as an Excel workbook: a page on what it is, then a sheet for each of its tables.

A sheet begins with three rows that stay in sight: headings in words, units, and the columns as
they are called in the other files. Numbers keep all digits and are shown to as many as matter.
"""

import io
from collections.abc import Mapping, Sequence
from math import isfinite, isnan
from typing import Any

import numpy as np

from sim.store.store_errors import StoreError

MAX_SHEET_ROWS = 1_000_000
"""Rows that a sheet of a workbook holds."""
ABOUT = "about"
UNITS = (
    ("musd", "million USD a year"),
    ("usd_per_unit", "USD a unit"),
    ("tonnes", "tonnes a year"),
    ("hours", "hours"),
    ("share", "share (1 = all)"),
    ("rate", "share of the value"),
    ("change", "ratio to the base year"),
    ("utilisation", "share of capacity"),
    ("index", "index"),
    ("year", "year"),
)
"""Units by a word of a column's name."""
SHOWN = "#,##0.####"
NARROWEST, WIDEST = 9, 44
NOTES = (
    "One row is one simulation of the series or case; a share counts simulations.",
    "Money is in current prices. Rates and shares are fractions: 0.2 is 20 %.",
    "Quantiles are over simulated futures: 0.05 and 0.95 enclose 90 % of them.",
)

Columns = Mapping[str, Sequence[Any]]


def workbook_bytes(record: Mapping[str, Any], tables: Mapping[str, Columns]) -> bytes:
    """Excel file of a result.

    Parameters
    ----------
    record : mapping
        What `run.json` says of it.
    tables : mapping of str to columns
        By name.

    Raises
    ------
    StoreError
        If openpyxl is not installed, or a table has more rows than a sheet.
    """
    try:
        from openpyxl import Workbook
    except ImportError:
        raise StoreError(
            "an Excel file needs openpyxl: pip install 'trade-scenario-simulator[excel]'"
        ) from None
    book = Workbook(write_only=True)
    _about(book.create_sheet(ABOUT), record, tables)
    for name, columns in tables.items():
        _sheet(book.create_sheet(name[:31]), name, columns)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def words_of(column: str) -> str:
    """A column's name as a heading.

    Examples
    --------
    >>> words_of("goal|trade_musd|2030"), words_of("used_share")
    ('Goal, trade, 2030', 'Used share')
    """
    words = ", ".join(part.removesuffix("_musd").replace("_", " ") for part in column.split("|"))
    return words[:1].upper() + words[1:]


def unit_of(column: str) -> str:
    """Unit of a column by its name; empty where it has none.

    Examples
    --------
    >>> unit_of("goal|trade_musd|2030"), unit_of("reason")
    ('million USD a year', '')
    """
    words = column.replace("|", "_").split("_")
    return next((unit for word, unit in UNITS if word in words or word in column.split("|")), "")


def _about(sheet: Any, record: Mapping[str, Any], tables: Mapping[str, Columns]) -> None:
    """Write what the result answers, how it was produced and how to read its numbers."""
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 100
    answers = record.get("answers", ())
    rows = [("Title", record.get("title", "")), ("Question", record.get("question", ""))]
    rows += [("Answer", str(answer)) for answer in answers]
    rows += [(key.capitalize(), record.get(key, "")) for key in ("ledger", "runs", "seed")]
    rows += [("Run", record.get("run_id", "")), ("Command", record.get("command", ""))]
    rows += [("Note", note) for note in NOTES]
    rows += [("Sheet", f"{name}: {len(columns)} columns") for name, columns in tables.items()]
    for row in rows:
        sheet.append([_cell(sheet, value if isinstance(value, int) else str(value))
                      for value in row])  # fmt: skip


def _sheet(sheet: Any, name: str, columns: Columns) -> None:
    from openpyxl.utils import get_column_letter

    plain = [np.asarray(column).tolist() for column in columns.values()]
    rows = list(zip(*plain, strict=True))
    if len(rows) > MAX_SHEET_ROWS:
        raise StoreError(f"{name} has {len(rows):,} rows, more than a sheet holds; take csv")
    sheet.freeze_panes = "A4"
    for k, column in enumerate(columns, start=1):
        width = min(max(len(words_of(column)) + 2, NARROWEST), WIDEST)
        sheet.column_dimensions[get_column_letter(k)].width = width
    sheet.append([_cell(sheet, words_of(column), is_heading=True) for column in columns])
    sheet.append([_cell(sheet, unit_of(column)) for column in columns])
    sheet.append([_cell(sheet, column) for column in columns])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: Any, *, is_heading: bool = False) -> Any:
    """A value as a sheet can hold it: no number is a blank or a word, and a word is no formula."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font

    if isinstance(value, float):
        if not isfinite(value):
            return None if isnan(value) else str(value)
        number = WriteOnlyCell(sheet, value)
        number.number_format = SHOWN
        return number
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("?", value))
    cell.data_type = "s"
    if is_heading:
        cell.font = Font(bold=True)
    return cell
