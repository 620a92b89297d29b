"""CEPII BACI: reconciled trade of all pairs by product, in any revision of the Harmonised System.

Columns t (year), i (exporter), j (importer), k (product, six digits with or without a leading
zero), v (thousand USD), q (tonnes, padded, NA where unknown). A year has some eleven million rows:
they are added up block by block, so that only the sums by pair and chapter are ever held.
Gaulier and Zignago (2010), BACI: International Trade Database at the Product-Level, CEPII.
"""

import csv
import io

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from sim.world.sources.countries import NOWHERE, countries
from sim.world.sources.files import RefusedError
from sim.world.sources.parsed_files import BOTH, FlowRows, Reading, ReadingTask, product_of
from sim.world.sources.sheet import MAX_VALUE, Layout

MUSD_PER_UNIT = 1e-3
_BLOCK_BYTES = 1 << 25
_CHAPTERS = 100
_TYPES = {"t": pa.int32(), "i": pa.int32(), "j": pa.int32(), "k": pa.int32(), "v": pa.float64()}


def read_baci(layout: Layout, asked: ReadingTask) -> Reading:
    """Add up a BACI file by pair and chapter for one year.

    Raises
    ------
    RefusedError
        At the first cell that cannot be read, or if the year is not in the file.
    """
    known = countries()
    n = len(known) + 1
    place = np.where(known.by_number() == NOWHERE, n - 1, known.by_number())
    sums = np.zeros(n * n * _CHAPTERS)
    years: dict[int, int] = {}
    blank = 0
    try:
        for batch in _batches(layout):
            t, i, j, k = (batch.column(name).to_numpy() for name in "tijk")
            for year in np.unique(t).tolist():
                years[year] = years.get(year, 0) + 1
            value = batch.column("v").to_numpy(zero_copy_only=False)
            usable = (t == asked.year) & (i >= 0) & (i < 1000) & (j >= 0) & (j < 1000)
            blank += int(np.isnan(value[usable]).sum())
            if ((value[usable] < 0) | (value[usable] > MAX_VALUE)).any():
                raise _located(layout, "a value is below 0 or too large")
            usable &= value > 0
            chapter = np.clip(k[usable] // 10_000, 0, _CHAPTERS - 1)
            cell = (place[i[usable]] * n + place[j[usable]]) * _CHAPTERS + chapter
            sums += np.bincount(cell, weights=value[usable], minlength=len(sums))
    except RefusedError:
        raise
    except (pa.ArrowInvalid, UnicodeDecodeError, ValueError) as error:
        raise _located(layout, str(error)) from None
    if asked.year not in years:
        held = ", ".join(map(str, sorted(years)))
        what = f"CEPII BACI: holds {held or 'no rows'} and not the base year {asked.year}"
        raise RefusedError(layout.member.shown, what, "wanted that year's file")
    found = np.flatnonzero(sums)
    pair, chapter = found // _CHAPTERS, found % _CHAPTERS
    exporter, importer = pair // n, pair % n
    reading = Reading(layout.member, "baci")
    reading.trade.append(
        FlowRows(
            exporter=np.where(exporter == n - 1, NOWHERE, exporter),
            importer=np.where(importer == n - 1, NOWHERE, importer),
            product=np.array([product_of(c, c) for c in range(_CHAPTERS)])[chapter],
            year=np.full(len(found), asked.year),
            musd=MUSD_PER_UNIT * sums[found],
            side=BOTH,
        )
    )
    if blank:
        reading.notes.append(f"{blank} rows without a value were left out")
    return reading


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
                    what = f"CEPII BACI: '{cells[place].strip()[:40]}' is no number of 0 or more"
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
