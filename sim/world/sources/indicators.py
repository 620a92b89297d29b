"""Facts of countries by year: World Bank WDI in every layout it comes in, and IMF WEO."""

import re
from collections.abc import Callable

import numpy as np

from sim.world.sources.countries import UNKNOWN, countries
from sim.world.sources.files import RefusedError
from sim.world.sources.parsed_files import CountryFigures, Reading, ReadingTask
from sim.world.sources.plausible_bounds import check_fact
from sim.world.sources.repeated_rows import repetition_notes, without_repeats
from sim.world.sources.text_sheet import (
    NO_COUNTRY,
    Layout,
    TextSheet,
    heading_key,
    place_of,
    read_sheet,
)

SERIES: dict[str, tuple[str, float]] = {
    "NY.GDP.MKTP.CD": ("gdp_musd", 1e-6),
    "SP.POP.TOTL": ("population_m", 1e-6),
    "NY.GDP.MKTP.KD.ZG": ("real_growth", 1e-2),
    "NV.AGR.TOTL.ZS": ("farming", 1e-2),
    "NV.IND.MANF.ZS": ("manufacturing", 1e-2),
    "NY.GDP.MINR.RT.ZS": ("mining", 1e-2),
    "NGDPD": ("gdp_musd", 1e3),
    "LP": ("population_m", 1.0),
    "NGDP_RPCH": ("real_growth", 1e-2),
}
"""Series of the World Bank and of the Fund to what they are here, and the factor to its unit."""
_NAMES = {
    "gdp current us": "NY.GDP.MKTP.CD",
    "population total": "SP.POP.TOTL",
    "gdp growth annual": "NY.GDP.MKTP.KD.ZG",
    "agriculture forestry and fishing value added of gdp": "NV.AGR.TOTL.ZS",
    "manufacturing value added of gdp": "NV.IND.MANF.ZS",
}
_COUNTRY = ("country_code", "countryiso3code", "iso3c", "iso", "country_id", "weo_country_code",
            "iso3", "economy", "country", "country_name")  # fmt: skip
_SERIES = ("indicator_code", "series_code", "weo_subject_code", "indicator_id", "indicator",
           "series", "indicator_name", "series_name")  # fmt: skip
_TIME = ("year", "time", "date", "time_period")
_VALUE = ("value", "obs_value")
_IN_BRACKETS = re.compile(r"\[([A-Z0-9_.]+)\]")
_YEAR_KEY = re.compile(r"(?:yr)?((?:19|20)\d\d)(?:_yr\1)?")


def is_indicators(keys: tuple[str, ...]) -> bool:
    """True if headings are those of a table of series by country."""
    has = set(keys)
    if not has & set(_COUNTRY):
        return False
    by_year = any(_YEAR_KEY.fullmatch(key) for key in keys)
    if has & set(_SERIES):
        return by_year or bool(has & set(_TIME) and has & set(_VALUE))
    return bool(has & set(_TIME)) and any(_code_in(key) for key in keys)


def read_indicators(layout: Layout, asked: ReadingTask) -> Reading:
    """Read a table of series by country, a column a year, a row a year, or a column a series.

    Raises
    ------
    RefusedError
        At the first cell that cannot be read, or if none of the series is used here.
    """
    del asked
    keys = layout.keys
    years = {k: int(m[1]) for k, key in enumerate(keys) if (m := _YEAR_KEY.fullmatch(key))}
    country = place_of(keys, _COUNTRY)
    series = place_of(keys, _SERIES)
    time, value = place_of(keys, _TIME), place_of(keys, _VALUE)
    by_series = {
        k: code for k, heading in enumerate(layout.headings) if (code := _code_of(heading))
    }
    assert country is not None
    places = [p for p in (country, series, time, value, *years, *by_series) if p is not None]
    sheet = read_sheet(layout, _format(keys), places)
    place = _countries(sheet, country, series)
    reading = Reading(layout.member, "indicators")

    reading.notes += sheet.left_out(country, place == UNKNOWN, NO_COUNTRY)
    repeated = [0]

    def add(code: str, rows: np.ndarray, year: np.ndarray, column: int, raw: np.ndarray) -> None:
        figures, n = _figures(sheet, code, (rows & (place >= 0), place, year), column, raw)
        repeated.append(n)
        if len(figures.value):
            reading.facts.append(figures)

    everywhere = np.ones(len(sheet), dtype=np.bool_)
    if series is not None and (years or value is not None):
        codes = sheet.each(series, _series_of, object)
        found = [code for code in dict.fromkeys(codes.tolist()) if code in SERIES]
        columns = {k: np.full(len(sheet), year) for k, year in years.items()}
        if not columns and time is not None and value is not None:
            columns = {value: sheet.each(time, _year, np.intp)}
        for column, year in columns.items():
            raw = sheet.numbers(column)
            for code in found:
                add(code, codes == code, year, column, raw)
    elif time is not None:
        year = sheet.each(time, _year, np.intp)
        for column, code in by_series.items():
            add(code, everywhere, year, column, sheet.numbers(column))
    if not reading.facts:
        what = f"{sheet.format}: none of its series is used"
        wanted = "wanted GDP in current USD (NY.GDP.MKTP.CD, NGDPD), population or real growth"
        raise RefusedError(layout.member.shown, what, wanted)
    reading.notes += repetition_notes(sum(repeated))
    return reading


def _figures(
    sheet: TextSheet, code: str, where: tuple[np.ndarray, ...], column: int, raw: np.ndarray
) -> tuple[CountryFigures, int]:
    """Figures of one series in one column, and how many rows repeat others.

    Parameters
    ----------
    where : tuple of (n_rows,) ndarray
        Rows of the series, country and year of every row.
    raw : (n_rows,) ndarray
        The column as it stands.
    """
    rows, place, year = where
    what, factor = SERIES[code]
    values = factor * raw
    keep = rows & ~np.isnan(values)
    check_fact(sheet, column, what, np.where(keep, values, np.nan))
    same = f"{code} of the same country and year"
    kept = without_repeats(sheet, keep, 10_000 * place + year, values, column, same)
    figures = CountryFigures(what, place[kept], year[kept], values[kept])
    return figures, int(keep.sum() - kept.sum())


def _format(keys: tuple[str, ...]) -> str:
    is_weo = any(key.startswith("weo_") for key in keys) or "obs_measure" in keys
    return "IMF WEO" if is_weo else "World Bank WDI"


def _year(text: str) -> int:
    digits = re.search(r"(19|20)\d\d", text)
    return int(digits[0]) if digits else 0


def _series_of(word: str) -> str:
    """Code of a series by its code or name; `AFG.NGDP_RPCH.A` is a series of one country."""
    parts = word.upper().split(".")
    if word.upper() in SERIES:
        return word.upper()
    if len(parts) == 3 and parts[1] in SERIES:
        return parts[1]
    name = heading_key(word).replace("_", " ")
    found = (code for known, code in _NAMES.items() if name.startswith(known))
    return next(found, "")


def _countries(sheet: TextSheet, country: int, series: int | None) -> np.ndarray:
    """Country of every row; a series such as `KEN.NGDP_RPCH.A` tells it whatever its name there."""
    place = sheet.each(country, countries().find, np.intp)
    if series is None:
        return place
    by_code = sheet.each(series, _country_of, np.intp)
    return np.where(by_code >= 0, by_code, place)


def _country_of(word: str) -> int:
    """Country of a series of one country, by its code; -1 of any other word."""
    parts = word.upper().split(".")
    is_one = len(parts) == 3 and parts[1] in SERIES
    return countries().by_word.get(parts[0].casefold(), -1) if is_one else -1


def _code_of(heading: str) -> str:
    """Code of the series that a whole column is, or nothing."""
    bracket = _IN_BRACKETS.search(heading)
    code = bracket[1] if bracket else heading.upper()
    return code if code in SERIES else ""


def _code_in(key: str) -> str:
    return next((c for c in SERIES if key.endswith(heading_key(c)) and len(c) > 3), "")


Maker = Callable[[Layout, ReadingTask], Reading]
