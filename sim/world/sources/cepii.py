"""CEPII's data on pairs of countries: Gravity (a row a pair and year) and GeoDist (a row a pair).

Of a country whose borders changed a row stands for every shape it had; that which existed counts.
Gravity counts trade and GDP in thousand USD and population in thousands. Of its distances the one
weighted by population goes before that of the main cities.
Conte, Cotterlaz and Mayer (2022), The CEPII Gravity database; Mayer and Zignago (2011), GeoDist.
"""

from collections.abc import Iterator

import numpy as np

from sim.laws.numerics.arrays import IndexArray as IntArray
from sim.world.sources.countries import UNKNOWN, countries
from sim.world.sources.parsed_files import (
    ALL_PRODUCTS,
    BOTH,
    EXPORTER,
    IMPORTER,
    CountryFigures,
    Distances,
    FlowRows,
    Reading,
    ReadingTask,
)
from sim.world.sources.plausible_bounds import check_fact
from sim.world.sources.repeated_rows import repetition_notes, without_repeats
from sim.world.sources.text_sheet import NO_COUNTRY, Layout, TextSheet, leading_year, read_sheet

_ENDS = (("iso3_o", "iso_o", "country_id_o"), ("iso3_d", "iso_d", "country_id_d"))
_DISTANCE = ("distw_harmonic", "distw", "distwces", "distw_arithmetic", "dist", "distcap")
_TRADE = {
    "tradeflow_baci": BOTH,
    "tradeflow_comtrade_o": EXPORTER,
    "tradeflow_comtrade_d": IMPORTER,
}
_FACTS = {
    "gdp_o": ("gdp_musd", 0), "gdp_d": ("gdp_musd", 1),
    "pop_o": ("population_m", 0), "pop_d": ("population_m", 1),
}  # fmt: skip
_EXISTS = ("country_exists_o", "country_exists_d")
THOUSANDS = 1e-3


def is_cepii(keys: tuple[str, ...]) -> bool:
    """True if headings are those of Gravity or GeoDist."""
    has = set(keys)
    return all(has & set(names) for names in _ENDS) and bool(
        has & {*_DISTANCE, *_TRADE, *_FACTS, "contig"}
    )


def read_cepii(layout: Layout, asked: ReadingTask) -> Reading:
    """Read distances, trade and facts of countries.

    Raises
    ------
    RefusedError
        At the first cell that cannot be read, or if a Gravity file lacks the base year's rows.
    """
    names = [*_ENDS[0], *_ENDS[1], *_DISTANCE, *_TRADE, *_FACTS, *_EXISTS, "year", "contig"]
    places = [layout.keys.index(name) for name in names if name in layout.keys]
    with_year = "year" in layout.keys
    sheet = read_sheet(layout, "CEPII Gravity" if with_year else "CEPII GeoDist", places)
    reading = Reading(layout.member, "cepii")
    year = np.full(len(sheet), asked.year)
    if with_year:
        year = sheet.each(sheet.required("year"), leading_year, np.intp)
    rows = _Rows(sheet, year, reading)
    repeated = [_distances(rows, reading), *_trade(rows, reading)]
    _facts(rows, reading)
    reading.notes += repetition_notes(max(repeated))
    return reading


class _Rows:
    """Pairs of a file, of those countries that existed in the year of the row."""

    def __init__(self, sheet: TextSheet, year: IntArray, reading: Reading) -> None:
        n = len(countries())
        self.sheet, self.year = sheet, year
        self.exist = np.ones(len(sheet), dtype=np.bool_)
        for name in _EXISTS:
            if (place := sheet.place(name)) is not None:
                self.exist &= sheet.each(place, lambda word: word.strip() != "0", np.bool_)
        self.ends: list[IntArray] = []
        for names in _ENDS:
            place = sheet.required(*names)
            self.ends.append(sheet.each(place, countries().find, np.intp))
            unknown = self.exist & (self.ends[-1] == UNKNOWN)
            reading.notes += sheet.left_out(place, unknown, NO_COUNTRY)
        origin, destination = self.ends
        self.both = self.exist & (origin >= 0) & (destination >= 0) & (origin != destination)
        self.pair = np.asarray((origin * n + destination) * 10_000 + year)


def _trade(rows: _Rows, reading: Reading) -> Iterator[int]:
    """Take trade of pairs; how many rows repeat one."""
    origin, destination = rows.ends
    for name, side in _TRADE.items():
        place = rows.sheet.place(name)
        if place is None:
            continue
        value = rows.sheet.positive(place)
        keep = rows.both & ~np.isnan(value)
        kept = without_repeats(rows.sheet, keep, rows.pair, value, place, "the same pair and year")
        yield int(keep.sum() - kept.sum())
        if kept.any():
            product = np.full(int(kept.sum()), ALL_PRODUCTS)
            reading.trade.append(
                FlowRows(
                    origin[kept], destination[kept], product, rows.year[kept],
                    THOUSANDS * value[kept], side,
                )
            )  # fmt: skip


def _facts(rows: _Rows, reading: Reading) -> None:
    """Take incomes and people, which every row of a country and year says again."""
    for name, (what, end) in _FACTS.items():
        place = rows.sheet.place(name)
        if place is None:
            continue
        value = rows.sheet.positive(place)
        country = rows.ends[end]
        keep = rows.exist & (country >= 0) & (value > 0)
        check_fact(rows.sheet, place, what, np.where(keep, THOUSANDS * value, np.nan))
        group = 10_000 * country + rows.year
        kept = without_repeats(rows.sheet, keep, group, value, place, "the same country and year")
        if kept.any():
            reading.facts.append(
                CountryFigures(what, country[kept], rows.year[kept], THOUSANDS * value[kept])
            )


def _distances(rows: _Rows, reading: Reading) -> int:
    """Take distances of the latest year of the file; how many rows repeat one."""
    sheet = rows.sheet
    place = sheet.place(*_DISTANCE)
    if place is None:
        return 0
    km = sheet.positive(place)
    contig = sheet.place("contig")
    shared = np.full(len(sheet), np.nan) if contig is None else sheet.numbers(contig)
    keep = rows.both & (km > 0) & (rows.year == rows.year.max(initial=0))
    kept = without_repeats(sheet, keep, rows.pair, km, place, "the same pair")
    if kept.any():
        origin, destination = rows.ends
        reading.distances.append(Distances(origin[kept], destination[kept], km[kept], shared[kept]))
    return int(keep.sum() - kept.sum())
