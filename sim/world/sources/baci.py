"""CEPII BACI: reconciled trade of all pairs by product, in any revision of the Harmonised System.

Columns t (year), i (exporter), j (importer), k (product, six digits with or without a leading
zero), v (thousand USD), q (tonnes, padded, NA where unknown). A year has some eleven million rows:
they are added up block by block, so that only the sums by pair and chapter are ever held.
Gaulier and Zignago (2010), BACI: International Trade Database at the Product-Level, CEPII.
"""

import csv
import io
import re
from collections.abc import Collection, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.numerics.arrays import IndexArray as IntArray
from sim.world.sources.countries import NOWHERE, countries
from sim.world.sources.files import RefusedError
from sim.world.sources.parsed_files import BOTH, FlowRows, Reading, ReadingTask, product_of
from sim.world.sources.text_sheet import MAX_VALUE, Layout

MUSD_PER_UNIT = 1e-3
_BLOCK_BYTES = 1 << 25
_CHAPTERS = 100
_LAST_PRODUCT = 999_999
_NAMED_YEAR = re.compile(r"_Y((?:19|20)\d\d)(?!\d)")
"""Year in the name of a file of a download, such as BACI_HS17_Y2021_V202401b.csv."""
_TYPES = {"t": pa.int32(), "i": pa.int32(), "j": pa.int32(), "k": pa.int32(), "v": pa.float64()}


class OtherYearError(RefusedError):
    """A BACI file without the base year: one year of several in a download, as a rule."""

    def __init__(self, layout: Layout, base_year: int, years: Collection[int]) -> None:
        self.years = sorted(years)
        super().__init__(layout.member.shown, *other_years(self.years, base_year))


def other_years(years: Sequence[int], base_year: int) -> tuple[str, str]:
    """Say that BACI files hold other years, and what is wanted."""
    what = f"CEPII BACI: holds {', '.join(map(str, years))} and not the base year {base_year}"
    return what, f"wanted that year's file, or base_year: {max(years)}"


def read_baci(layout: Layout, asked: ReadingTask) -> Reading:
    """Add up a BACI file by pair and chapter for one year.

    Raises
    ------
    OtherYearError
        If the year is not in the file, or its name says so.
    RefusedError
        At the first cell that cannot be read.
    """
    _check_name(layout, asked.year)
    n = len(countries()) + 1
    place = np.where(countries().by_number() == NOWHERE, n - 1, countries().by_number())
    sums = np.zeros(n * n * _CHAPTERS)
    years: dict[int, int] = {}
    blank = 0
    odd: dict[int, float] = {}
    keys: list[IntArray] = []
    try:
        for batch in _batches(layout):
            t, i, j, k = (batch.column(name).to_numpy() for name in "tijk")
            for year in np.unique(t).tolist():
                years[year] = years.get(year, 0) + 1
            value = batch.column("v").to_numpy(zero_copy_only=False)
            asked_for = (t == asked.year) & (i >= 0) & (i < 1000) & (j >= 0) & (j < 1000)
            blank += int(np.isnan(value[asked_for]).sum())
            usable = asked_for & ~(value == 0.0) & ~np.isnan(value)
            i, j, k, value = (column[usable] for column in (i, j, k, value))
            _check(layout, k, value)
            _add_odd(odd, (i, j), place == n - 1, value)
            keys.append(_keys(i, j, k))
            cell = (place[i] * n + place[j]) * _CHAPTERS + k // 10_000
            sums += np.bincount(cell, weights=value, minlength=len(sums))
    except RefusedError:
        raise
    except (pa.ArrowInvalid, UnicodeDecodeError, ValueError) as error:
        raise _located(layout, str(error)) from None
    if not years:
        what = "CEPII BACI: no rows below the heading"
        raise RefusedError(layout.member.shown, what, "wanted some")
    if asked.year not in years:
        raise OtherYearError(layout, asked.year, years)
    if (twice := _repeated(keys)) is not None:
        raise _located_twice(layout, asked.year, twice)
    found = np.flatnonzero(sums)
    pair, chapter = found // _CHAPTERS, found % _CHAPTERS
    exporter, importer = pair // n, pair % n
    flows = FlowRows(
        exporter=np.where(exporter == n - 1, NOWHERE, exporter),
        importer=np.where(importer == n - 1, NOWHERE, importer),
        product=np.array([product_of(c, c) for c in range(_CHAPTERS)])[chapter],
        year=np.full(len(found), asked.year),
        musd=MUSD_PER_UNIT * sums[found],
        side=BOTH,
    )
    notes = [f"{blank} rows without a value were left out"] if blank else []
    notes += _odd_note(odd, float(sums.sum()))
    return Reading(layout.member, "baci", trade=[flows], notes=notes)


def _odd_note(odd: dict[int, float], whole: float) -> list[str]:
    """Sentence on numbers that are no country, with what they trade; none where there are none."""
    if not odd:
        return []
    total = sum(odd.values())
    return [
        f"numbers of no country ({', '.join(map(str, [*odd][:8]))}) have "
        f"{MUSD_PER_UNIT * total:,.1f} million USD, {100 * total / whole:.2g} % of all; counted "
        "with the rest of the world"
    ]


def _check_name(layout: Layout, base_year: int) -> None:
    """Refuse a file whose name is of another year before its millions of rows are read."""
    named = _NAMED_YEAR.search(layout.member.file_name)
    if named and int(named[1]) != base_year:
        raise OtherYearError(layout, base_year, [int(named[1])])


def _add_odd(
    odd: dict[int, float], ends: tuple[IntArray, IntArray], is_odd: BoolArray, value: FloatArray
) -> None:
    """Add up the trade of numbers that are no country, by number; of two the exporter's."""
    i, j = ends
    rows = is_odd[i] | is_odd[j]
    if rows.any():
        number = np.where(is_odd[i[rows]], i[rows], j[rows])
        for one in np.unique(number).tolist():
            odd[one] = odd.get(one, 0.0) + float(value[rows][number == one].sum())


def _check(layout: Layout, product: IntArray, value: FloatArray) -> None:
    """Refuse values and products that no row of BACI has.

    Raises
    ------
    RefusedError
        At the first of them.
    """
    if ((value < 0) | (value > MAX_VALUE)).any():
        raise _located(layout, "a value is below 0 or too large")
    if ((product < 0) | (product > _LAST_PRODUCT)).any():
        raise _located(layout, "a product is below 0 or has more than six digits")


def _keys(i: IntArray, j: IntArray, k: IntArray) -> IntArray:
    """One number for exporter, importer and product."""
    pair = i.astype(np.int64) * 1000 + j
    return np.asarray(pair * 1_000_000 + k, dtype=np.int64)


def _repeated(keys: Sequence[IntArray]) -> int | None:
    """Key that stands twice; None where each stands once, as it does in ascending order."""
    every = np.concatenate(keys) if keys else np.zeros(0, dtype=np.int64)
    if (every[1:] > every[:-1]).all():
        return None
    every.sort()
    twice = np.flatnonzero(every[1:] == every[:-1])
    return int(every[twice[0]]) if len(twice) else None


def _located_twice(layout: Layout, year: int, key: int) -> RefusedError:
    """Find the second row of an exporter, importer and product."""
    places = [layout.keys.index(name) for name in "tijk"]
    wanted = [year, key // 10**9, key // 10**6 % 1000, key % 10**6]
    lines: list[int] = []
    with layout.member.stream() as stream:
        text = io.TextIOWrapper(stream, encoding=layout.encoding, errors="replace", newline="")
        reader = csv.reader(text, delimiter=layout.delimiter)
        for cells in reader:
            if reader.line_num <= layout.line or len(cells) <= max(places):
                continue
            if [_whole(cells[place]) for place in places] == wanted:
                lines.append(reader.line_num)
                if len(lines) > 1:
                    break
    above = f"line {lines[0]}" if lines else "another line"
    where = f"{layout.member.shown}:{lines[1]}" if len(lines) > 1 else layout.member.shown
    what = f"CEPII BACI: the exporter, importer and product of {above} again"
    return RefusedError(where, what, "wanted each once; take the file as it was downloaded")


def _whole(cell: str) -> int | None:
    """Whole number in a cell, as the reader of blocks takes it; None for anything else."""
    text = cell.strip()
    try:
        return int(text, 16) if text[:2].casefold() == "0x" else int(text)
    except ValueError:
        return None


def baci_years(layout: Layout) -> list[int]:
    """List the years of a BACI file.

    Raises
    ------
    RefusedError
        At the first cell that cannot be read.
    """
    years: set[int] = set()
    try:
        for batch in _batches(layout):
            years |= set(np.unique(batch.column("t").to_numpy()).tolist())
    except (pa.ArrowInvalid, UnicodeDecodeError, ValueError) as error:
        raise _located(layout, str(error)) from None
    return sorted(years)


def _batches(layout: Layout):  # type: ignore[no-untyped-def]
    """Blocks of the five columns, in their types."""
    with layout.member.stream() as stream:
        reader = pa_csv.open_csv(
            stream,
            read_options=pa_csv.ReadOptions(
                column_names=list(layout.keys),
                skip_rows=layout.line,
                block_size=_BLOCK_BYTES,
                encoding=layout.encoding,
            ),
            parse_options=pa_csv.ParseOptions(delimiter=layout.delimiter),
            convert_options=pa_csv.ConvertOptions(
                column_types=_TYPES,
                include_columns=list(_TYPES),
                null_values=["", "NA", "NaN", "N/A", ".."],
                decimal_point="," if layout.decimal_comma else ".",
            ),
        )
        yield from reader


def _located(layout: Layout, why: str) -> RefusedError:
    """Find the first row that cannot be read."""
    places = {key: layout.keys.index(key) for key in _TYPES}
    with layout.member.stream() as stream:
        text = io.TextIOWrapper(stream, encoding=layout.encoding, errors="replace", newline="")
        reader = csv.reader(text, delimiter=layout.delimiter)
        for cells in reader:
            if reader.line_num <= layout.line or not cells:
                continue
            where = f"{layout.member.shown}:{reader.line_num}"
            if len(cells) != len(layout.headings):
                what = f"CEPII BACI: {len(cells)} cells where the heading has "
                wanted = "wanted one cell under each heading"
                return RefusedError(where, f"{what}{len(layout.headings)}", wanted)
            for key, place in places.items():
                if not _is_number(cells[place], whole=key != "v"):
                    cell = " ".join(cells[place].split())[:40]
                    what = f"CEPII BACI: '{cell}' is no number of 0 or more"
                    return RefusedError(f"{where}:{key}", what, "wanted one")
    wanted = "wanted the file as it was downloaded"
    return RefusedError(layout.member.shown, f"CEPII BACI: {why.splitlines()[0][:120]}", wanted)


def _is_number(cell: str, *, whole: bool) -> bool:
    text = cell.strip()
    if not whole and text in ("", "NA", "NaN", "N/A", ".."):
        return True
    try:
        number = float(text)
    except ValueError:
        return False
    return text.lstrip("-+").isdecimal() if whole else 0 <= number <= MAX_VALUE
