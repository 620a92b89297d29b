"""A table as text columns, read by pyarrow, with cells that can be located in the file."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from sim.world.csv_tables.csv_text import SEPARATOR_LINE, slip
from sim.world.sources.files import Member, RefusedError, delimiter_of, lines_of, text_head

MISSING = ("", ".", "..", "...", "…", "-", "–", ":", "na", "n/a", "n.a.", "nan", "null", "none")
"""What stands in cells without a value, in small letters."""
_SPACES = "[\\s\u00a0\u202f]"
_NUMBER = r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$"
_GROUPED = r"^[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?$"
_COMMA_DECIMAL = re.compile(r'(?:^|[;\t])"?-?\d{1,3}(?:\.?\d{3})*,\d+"?(?=[;\t]|$)', re.MULTILINE)
MAX_VALUE = 1e18
"""Largest number that a file may hold, in whatever unit."""
_MAX_HEADING_LINES = 40
_SHOWN_WORDS = 6
NO_COUNTRY = "a name or code that is no country here"


def heading_key(heading: str) -> str:
    """Heading in the form in which headings are compared.

    Examples
    --------
    >>> heading_key("Trade Value (US$)"), heading_key("2015 [YR2015]")
    ('trade_value_us', '2015_yr2015')
    """
    return "_".join(re.findall(r"[a-z0-9]+", heading.casefold()))


@dataclass(frozen=True)
class Layout:
    """Start of a table and separation of its cells."""

    member: Member
    headings: tuple[str, ...]
    line: int
    """Line of the heading, from 1."""
    delimiter: str
    encoding: str
    decimal_comma: bool

    @property
    def keys(self) -> tuple[str, ...]:
        """Headings as they are compared."""
        return tuple(map(heading_key, self.headings))


def layouts(member: Member) -> Iterator[Layout]:
    """Every line near the top of a file that may be its heading, in order.

    Raises
    ------
    RefusedError
        If the file is no text.
    """
    text, encoding = text_head(member)
    lines = lines_of(text)
    delimiter = delimiter_of([line for line in lines[:_MAX_HEADING_LINES] if line.strip()])
    comma = delimiter in ";\t" and bool(_COMMA_DECIMAL.search("\n".join(lines)))
    for number, line in enumerate(lines[:_MAX_HEADING_LINES], start=1):
        cells = next(csv.reader([line], delimiter=delimiter), [])
        if len(cells) > 1 and not SEPARATOR_LINE.fullmatch(line):
            headings = tuple(cell.strip() for cell in cells)
            yield Layout(member, headings, number, delimiter, encoding, comma)


@dataclass
class TextSheet:
    """Columns of a table as text."""

    layout: Layout
    format: str
    """What the table is, for messages."""
    table: pa.Table
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def place(self, *keys: str) -> int | None:
        """Place of the first column with one of these headings."""
        found = self.layout.keys
        return next((found.index(key) for key in keys if key in found), None)

    def required(self, *keys: str) -> int:
        """Place of the first column with one of these headings, of which one has to be there.

        Raises
        ------
        RefusedError
            If there is none.
        """
        place = self.place(*keys)
        if place is None:
            where = f"{self.layout.member.shown}:{self.layout.line}"
            wanted = f"wanted a column {' or '.join(keys)}"
            raise RefusedError(where, f"{self.format}: a column is missing", wanted)
        return place

    def texts(self, place: int) -> tuple[list[str], NDArray[np.intp]]:
        """Different cells of a column, trimmed, and which of them stands in each row."""
        coded = pc.utf8_trim_whitespace(self._column(place)).dictionary_encode()
        coded = coded.unify_dictionaries().combine_chunks()
        if isinstance(coded, pa.ChunkedArray):
            coded = pa.concat_arrays(coded.chunks) if coded.num_chunks else None
        if coded is None:
            return [], np.zeros(0, dtype=np.intp)
        indices = coded.indices.to_numpy(zero_copy_only=False)
        return coded.dictionary.to_pylist(), np.asarray(indices, dtype=np.intp)

    def each(self, place: int, of: Callable[[str], Any], kind: Any) -> NDArray[Any]:
        """Result of a function for each cell; it is called once for each distinct cell."""
        words, which = self.texts(place)
        made = np.empty(len(words), dtype=kind)
        for k, word in enumerate(words):
            made[k] = of(word)
        return made[which] if len(words) else made

    def numbers(self, place: int) -> NDArray[np.float64]:
        """A column as numbers; NaN where nothing stands.

        Raises
        ------
        RefusedError
            At the first cell that is no number.
        """
        cells = pc.replace_substring_regex(self._column(place), _SPACES, "")
        missing = pc.is_in(pc.utf8_lower(cells), value_set=pa.array(MISSING))
        cells = pc.if_else(missing, pa.scalar("nan"), cells)
        if self.layout.decimal_comma:
            cells = pc.replace_substring(pc.replace_substring(cells, ".", ""), ",", ".")
        else:
            grouped = pc.match_substring_regex(cells, _GROUPED)
            cells = pc.if_else(grouped, pc.replace_substring(cells, ",", ""), cells)
        good = pc.or_(missing, pc.match_substring_regex(cells, _NUMBER))
        if not pc.all(good, min_count=0).as_py():
            row = pc.index(good, pa.scalar(False)).as_py()
            hint = slip(self.cell(row, place).strip(), is_part=False)
            self.refuse(row, place, "is no number", f"wanted one such as 1234.5, or a blank{hint}")
        found = np.asarray(pc.cast(cells, pa.float64()).to_numpy(), dtype=np.float64)
        huge = np.flatnonzero(np.abs(np.nan_to_num(found, nan=0.0)) > MAX_VALUE)
        if len(huge):
            self.refuse(int(huge[0]), place, "is too large", f"wanted at most {MAX_VALUE:g}")
        return found

    def positive(self, place: int, rows: Any = True) -> NDArray[np.float64]:
        """A column as numbers of at least 0, where some rows alone count; NaN without a number."""
        found = self.numbers(place)
        below = np.flatnonzero((found < 0) & rows)
        if len(below):
            self.refuse(int(below[0]), place, "is below 0", "wanted 0 or more")
        return found

    def left_out(self, place: int, rows: NDArray[np.bool_], what: str) -> list[str]:
        """Sentence on rows that were left out for a word in a column; none where there are none."""
        words, which = self.texts(place)
        odd = [words[k] or "a blank" for k in np.unique(which[rows]).tolist()]
        if not odd:
            return []
        more = f" and {len(odd) - _SHOWN_WORDS} more" if len(odd) > _SHOWN_WORDS else ""
        n = int(rows.sum())
        told = f"{n} row{'s' * (n != 1)} with {what} left out"
        return [f"{told}: {', '.join(odd[:_SHOWN_WORDS])}{more}"]

    def cell(self, row: int, place: int) -> str:
        """One cell as it stands."""
        return str(self._column(place)[row].as_py())

    def line(self, row: int) -> int:
        """Line of the file on which a row ends."""
        return line_of(self.layout, row)

    def refuse(self, row: int, place: int, what: str, wanted: str) -> None:
        """Refuse the table for one of its cells.

        Raises
        ------
        RefusedError
            Always.
        """
        where = f"{self.layout.member.shown}:{self.line(row)}:{self.layout.headings[place]}"
        cell = " ".join(self.cell(row, place).split())[:40]
        raise RefusedError(where, f"{self.format}: '{cell}' {what}", wanted)

    def _column(self, place: int) -> Any:
        return self.table.column(f"c{place}")


def line_of(layout: Layout, row: int) -> int:
    """Line of the file on which a row of data ends, by reading it again."""
    with layout.member.stream() as stream:
        encoding = "utf-8-sig" if layout.encoding == "utf8" else layout.encoding
        text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
        for _ in range(layout.line):
            text.readline()
        reader = csv.reader(text, delimiter=layout.delimiter)
        for cells in reader:
            if not cells:
                continue
            if row == 0:
                return layout.line + reader.line_num
            row -= 1
    return layout.line


def read_sheet(layout: Layout, format_name: str, places: Sequence[int]) -> TextSheet:
    """Read some columns of a table as text.

    Parameters
    ----------
    layout : Layout
        Where the table is.
    format_name : str
        What it is, for messages.
    places : sequence of int
        Columns to read.

    Raises
    ------
    RefusedError
        At the first row with more or fewer cells than the heading. A last row with one cell only,
        as the World Bank adds, is left out.
    """
    odd: list[tuple[int, int]] = []

    def ragged(row: Any) -> str:
        if sum(bool(cell.strip(' "')) for cell in row.text.split(layout.delimiter)) > 1:
            odd.append((row.number or 0, row.actual_columns))
        return "skip"

    names = [f"c{place}" for place in range(len(layout.headings))]
    wanted = [names[place] for place in dict.fromkeys(places)]
    try:
        with layout.member.stream() as stream:
            table = pa_csv.read_csv(
                stream,
                read_options=pa_csv.ReadOptions(
                    use_threads=False,
                    column_names=names,
                    skip_rows=layout.line,
                    encoding=layout.encoding,
                    block_size=1 << 24,
                ),
                parse_options=pa_csv.ParseOptions(
                    delimiter=layout.delimiter,
                    newlines_in_values=True,
                    invalid_row_handler=ragged,
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(wanted, pa.string()),
                    include_columns=wanted,
                    strings_can_be_null=False,
                ),
            )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        if "Empty CSV file" in str(error) or "Could not skip initial" in str(error):
            table = pa.table({name: pa.array([], pa.string()) for name in wanted})
        else:
            why = str(error).splitlines()[0][:120]
            wanted_is = "wanted the file as it was downloaded"
            raise RefusedError(layout.member.shown, f"{format_name}: {why}", wanted_is) from None
    if odd:
        number, cells = odd[0]
        where = f"{layout.member.shown}:{number or '?'}"
        what = f"{format_name}: {cells} cells where the heading has {len(names)}"
        raise RefusedError(where, what, "wanted one cell under each heading")
    if not table.num_rows:
        where = f"{layout.member.shown}:{layout.line}"
        raise RefusedError(where, f"{format_name}: no rows below the heading", "wanted some")
    return TextSheet(layout, format_name, table)


def place_of(keys: tuple[str, ...], names: tuple[str, ...]) -> int | None:
    """Column of the first of some headings that a file has; None if it has none of them."""
    return next((keys.index(name) for name in names if name in keys), None)


def leading_year(text: str) -> int:
    """Year that a text begins with, 0 where it begins with none."""
    return int(text[:4]) if text[:4].isdecimal() else 0
