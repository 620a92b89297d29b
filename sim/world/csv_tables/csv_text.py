"""A CSV file as people save it: headings, and rows with the lines on which they begin.

Read as it is: a byte order mark, any line ends, a line that says what separates the cells, lines
that begin with `#`, blank lines, commas at the ends of lines. What cannot be read is told once, at
the first line that is to blame.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from itertools import pairwise
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import category, decimal

from sim.world.csv_tables.table_errors import NO_BREAK

if TYPE_CHECKING:
    from sim.world.csv_tables.columns import Schema

MAX_BYTES = 100_000_000
MAX_CELL = 5_000
"""Most characters of a cell."""
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[-+]?[0-9]{1,3}(\.[0-9]{3})*,[0-9]+|[-+]?[0-9]+,[0-9]+", re.ASCII)
_THOUSANDS = re.compile(r"[-+]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?", re.ASCII)
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}(\.[0-9]{3})+", re.ASCII)
_SPACED = re.compile(r"[-+]?[0-9]{1,3}([ '’\u00a0\u2009\u202f][0-9]{3})+(\.[0-9]+)?", re.ASCII)
_MONEY = re.compile(r"([$€£¥₹])\s*([0-9.]+)|([0-9.]+)\s*([$€£¥₹])", re.ASCII)
SEPARATOR_LINE = re.compile(r"\s*\"?sep=(.)\"?\s*")
"""First line with which spreadsheets say what separates the cells."""
_DIGITS = re.compile(r"\s*[-+]?[0-9]+\s*", re.ASCII)
MISSING = frozenset(
    {"..", "...", "na", "n/a", "n.a.", "n.d.", "nan", "-", "–", "—", "null", "none"}
)
"""What people write where a figure is missing."""


class UnreadableError(ValueError):
    """A file that is no table; `line` is that to blame, or None."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass
class CsvText:
    """Content of a file."""

    headings: list[str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    """Line on which each begins, and its cells without the blanks around them."""
    faults: list[tuple[int, str | None, str]] = field(default_factory=list)
    """Line, heading and what is wrong with rows that were left out."""
    separator: str = ","


def read_csv(path: Path, separators: str = ",") -> CsvText:
    """Read a file.

    Parameters
    ----------
    path : Path
    separators : str
        Characters that may stand between cells; the header tells which does.

    Raises
    ------
    UnreadableError
        If it is no table as a whole.
    OSError
        If it cannot be read.
    """
    return csv_text(path.read_bytes(), separators)


def csv_text(content: bytes, separators: str = ",") -> CsvText:
    """Rows of the bytes of a file; parameters and errors as of `read_csv`."""
    text = _decoded(content)
    numbered = [
        (n, line)
        for n, line in enumerate(StringIO(text, newline=None), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if numbered and (said := SEPARATOR_LINE.fullmatch(numbered[0][1])):
        separators = said[1] if said[1] in separators else separators
        numbered = numbered[1:]
    if not numbered:
        return CsvText([])
    first, header = numbered[0]
    separator = max(separators, key=header.count)
    other = max(SEPARATORS, key=header.count)
    if separator not in header and other in header:
        wanted = " or ".join(SEPARATORS[each] for each in separators)
        message = f"cells are separated by {SEPARATORS[other]}; wanted {wanted}"
        raise UnreadableError(message, first)
    records = _records(numbered, separator)
    _, cells = next(records)
    found = CsvText(_without_end(cells), separator=separator)
    for line, cells in records:
        if any(cells):
            _take(found, line, cells)
    return found


def _take(found: CsvText, line: int, cells: list[str]) -> None:
    """Add a row, or what is wrong with it."""
    n = len(found.headings)
    cells = cells[:n] + _without_end(cells[n:])
    if len(cells) != n:
        message = f"{len(cells)} cells; wanted {n}, as in the header"
        pairs = pairwise(cells)
        if len(cells) == n + 1 and any(_DIGITS.fullmatch(a) and b.isdigit() for a, b in pairs):
            message += ": is a number written with a comma? write it with a point"
        found.faults.append((line, None, message))
        return
    # Of a row that is plain and short as a whole no cell need be looked at.
    whole = "".join(cells)
    wrong = [] if len(whole) <= MAX_CELL and whole.isprintable() else [
        (name, cell) for name, cell in zip(found.headings, cells, strict=True)
        if len(cell) > MAX_CELL or not is_plain(cell)]  # fmt: skip
    for name, cell in wrong:
        found.faults.append((line, name, _not_plain(cell)))
    if not wrong:
        found.rows.append((line, cells))


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise UnreadableError(f"has {len(content):,} bytes; wanted at most {MAX_BYTES:,}")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError("is saved as UTF-16; wanted text saved as CSV in UTF-8")
    if content.startswith(b"PK\x03\x04"):
        raise UnreadableError("is a workbook; wanted a sheet of it saved as CSV in UTF-8")
    if b"\0" in content:
        raise UnreadableError("is no text; wanted a table saved as CSV in UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{content[error.start]:02x} is not UTF-8; wanted a CSV file in UTF-8"
        raise UnreadableError(message, line) from None


def _records(numbered: list[tuple[int, str]], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which they begin."""
    reader = csv.reader((line for _, line in numbered), delimiter=separator, strict=True)
    while reader.line_num < len(numbered):
        line = numbered[reader.line_num][0]
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableError(_in_words(str(error)), line) from None
        yield line, [cell.strip() for cell in cells]


def _in_words(complaint: str) -> str:
    if "unexpected end" in complaint:
        return "a quote that opens here is never closed; wanted quotes in pairs"
    if "field larger" in complaint:
        return f"a cell has more than 131,072 characters; wanted at most {MAX_CELL:,}"
    return "text follows a closing quote; wanted quotes around whole cells"


def _without_end(cells: list[str]) -> list[str]:
    """Cells without those that are blank at the end of a line."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def is_plain(text: str) -> bool:
    """True if a text has nothing that a terminal or drawing would execute instead of showing."""
    return text.isprintable() or not any(map(_is_control, text))


def _is_control(char: str) -> bool:
    return (category(char) in ("Cc", "Cs") and char not in "\n\t") or ord(char) & 0xFFFE == 0xFFFE


def _not_plain(cell: str) -> str:
    if len(cell) > MAX_CELL:
        return f"has {len(cell):,} characters; wanted at most {MAX_CELL:,}"
    char = next(filter(_is_control, cell))
    return f"holds the control character U+{ord(char):04X}; wanted plain text"


def number_of(cell: str) -> float | None:
    """A cell as a number, or None if it is none; infinite if it is too large for one.

    Examples
    --------
    >>> number_of("1.5e3"), number_of("1_000"), number_of("0,5")
    (1500.0, None, None)
    """
    return float(cell) if _NUMBER.fullmatch(cell) and len(cell) <= 400 else None


def whole_of(cell: str) -> int | None:
    """A cell as a whole number, or None if it is none."""
    return int(cell) if _DIGITS.fullmatch(cell) and len(cell) <= 30 else None


def comma_number(cell: str) -> str | None:
    """A number with a decimal comma as it is written with a point, or None if it is no such.

    Examples
    --------
    >>> comma_number("0,5"), comma_number("1.203,5"), comma_number("0.5")
    ('0.5', '1203.5', None)
    """
    if not _DECIMAL_COMMA.fullmatch(cell):
        return None
    return cell.replace(".", "").replace(",", ".")


def slip(cell: str, *, is_part: bool = True) -> str:
    """Likely slip in a cell that is no number, for the end of a message; or an empty text.

    Examples
    --------
    >>> slip("5 %"), slip("5 %", is_part=False)
    (': this is per cent; write 0.05', ': this is per cent; wanted an amount')
    >>> slip("1'203.5"), slip("$5")
    (': write 1203.5', ': the unit stands in the heading; write 5')
    """
    if _THOUSANDS.fullmatch(cell):
        return f": is this a thousand with a comma? write {cell.replace(',', '')}"
    if (meant := comma_number(cell)) is not None:
        return f": is this a decimal comma? write {meant}"
    if _SPACED.fullmatch(cell):
        return f": write {re.sub('[^-+0-9.]', '', cell)}"
    if money := _MONEY.fullmatch(cell):
        return f": the unit stands in the heading; write {money[2] or money[3]}"
    per_cent = cell.removesuffix("%").rstrip()
    if cell.endswith("%") and (value := number_of(per_cent)) is not None:
        what = f"write {value / 100:g}" if is_part else "wanted an amount"
        return f": this is per cent; {what}"
    if (plain := _in_latin_digits(cell)) is not None:
        return f": are these digits of another script? write {plain}"
    if cell.casefold() in MISSING:
        return ": is it missing? leave the cell blank"
    if any(char in NO_BREAK for char in cell):
        return f": it holds a no-break space (U+{ord(next(c for c in cell if c in NO_BREAK)):04X})"
    return ""


def _in_latin_digits(cell: str) -> str | None:
    """A number in digits of any script as it is written in those from 0 to 9, or None."""
    if cell.isascii() or any(char.isdigit() and not char.isdecimal() for char in cell):
        return None
    plain = "".join(str(decimal(char)) if char.isdecimal() else char for char in cell)
    plain = plain.replace("−", "-").replace("٫", ".")
    return plain if number_of(plain) is not None else None


def has_decimal_commas(content: CsvText) -> bool:
    """True if numbers of a file have decimal commas, so that its points group thousands."""
    return any(comma_number(cell) is not None for _, cells in content.rows for cell in cells)


def with_point(cell: str) -> str:
    """A cell of a file with decimal commas; its number, if it is one, with a point."""
    if _GROUPED.fullmatch(cell):
        return cell.replace(".", "")
    return comma_number(cell) or cell


def written_csv(schema: "Schema", rows: Iterable[Mapping[str, object]]) -> bytes:
    """Content of a table: the columns that it must have, and those that any row gives.

    Parameters
    ----------
    schema : Schema
    rows : iterable of mapping of str to object
        Cells by column; numbers are written so that they are read back to the bit.
    """
    known = list(rows)
    given = {column for row in known for column in row}
    columns = [
        column.name for column in schema.columns if column.default is None or column.name in given
    ]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in known:
        writer.writerow([_cell(row.get(column, "")) for column in columns])
    return text.getvalue().encode()


def _cell(value: object) -> str:
    # Numbers of arrays count as such without their library: the names of a world need none.
    whole = isinstance(value, Integral)
    return repr(float(value)) if isinstance(value, Real) and not whole else str(value)
