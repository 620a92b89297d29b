"""CEPII's data on pairs of countries: Gravity (a row a pair and year) and GeoDist (a row a pair).

Gravity counts trade and GDP in thousand USD and population in thousands. Of its distances the one
weighted by population goes before that of the main cities.
Conte, Cotterlaz and Mayer (2022), The CEPII Gravity database; Mayer and Zignago (2011), GeoDist.
"""

import numpy as np

from sim.world.sources.countries import countries
from sim.world.sources.files import RefusedError
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
from sim.world.sources.sheet import Layout, TextSheet, leading_year, read_sheet

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
    known = countries()
    names = [*_ENDS[0], *_ENDS[1], *_DISTANCE, *_TRADE, *_FACTS, "year", "contig"]
    places = [layout.keys.index(name) for name in names if name in layout.keys]
    with_year = "year" in layout.keys
    sheet = read_sheet(layout, "CEPII Gravity" if with_year else "CEPII GeoDist", places)
    ends = [sheet.each(_at(sheet, names), known.find, np.intp) for names in _ENDS]
    year = np.full(len(sheet), asked.year)
    if with_year:
        year = sheet.each(_at(sheet, ("year",)), leading_year, np.intp)
    both = (ends[0] >= 0) & (ends[1] >= 0)
    reading = Reading(layout.member, "cepii")
    _distances(sheet, ends, year, both, reading)
    for name, side in _TRADE.items():
        place = sheet.place(name)
        if place is None:
            continue
        value = sheet.positive(place)
        rows = both & ~np.isnan(value) & (ends[0] != ends[1])
        if rows.any():
            product = np.full(int(rows.sum()), ALL_PRODUCTS)
            reading.trade.append(
                FlowRows(
                    ends[0][rows], ends[1][rows], product, year[rows], THOUSANDS * value[rows], side
                )
            )
    for name, (what, end) in _FACTS.items():
        place = sheet.place(name)
        if place is None:
            continue
        value = sheet.positive(place)
        rows = (ends[end] >= 0) & ~np.isnan(value)
        cell, first = np.unique(1_000_000 * ends[end][rows] + year[rows], return_index=True)
        if len(cell):
            reading.facts.append(
                CountryFigures(
                    what, ends[end][rows][first], year[rows][first], THOUSANDS * value[rows][first]
                )
            )
    return reading


def _distances(
    sheet: TextSheet, ends: list[np.ndarray], year: np.ndarray, both: np.ndarray, reading: Reading
) -> None:
    """Distances of the latest year of the file."""
    place = sheet.place(*_DISTANCE)
    if place is None:
        return
    km = sheet.positive(place)
    contig = sheet.place("contig")
    shared = np.full(len(sheet), np.nan) if contig is None else sheet.numbers(contig)
    rows = both & (km > 0) & (ends[0] != ends[1]) & (year == year.max(initial=0))
    if rows.any():
        reading.distances.append(Distances(ends[0][rows], ends[1][rows], km[rows], shared[rows]))


def _at(sheet: TextSheet, names: tuple[str, ...]) -> int:
    place = sheet.place(*names)
    if place is None:
        wanted = f"wanted a column {' or '.join(names)}"
        raise RefusedError(
            sheet.layout.member.shown, f"{sheet.format}: a column is missing", wanted
        )
    return place
