"""Amounts of a table of past trade that are well written and cannot be meant.

A unit mistaken in one cell makes a flow jump a thousand times and back; a year mistaken puts its
base a century away; a duty in per cent is beyond any tariff.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from sim.laws.policy.implausible_rates import rate_complaints
from sim.world.csv_tables.csv_text import CsvText, number_of
from sim.world.history.event_columns import Header
from sim.world.sources.plain_headings import BASE, AmountColumn

MAX_TRADE_MUSD = 2e6
"""More than any two states have traded in a year [musd]."""
GDP_MUSD = (10.0, 2e8)
"""Least output of a state and most of the world [musd/year]."""
MAX_YEARS = 60
"""Longest horizon [years]."""
YEARS_AFTER = 30
"""Years after the last trade at which an agreement may still be said to enter into force."""
LARGE_MUSD, MAX_RATIO = 1_000.0, 1_000.0
"""From one record to the next no flow that is large at either moves by so many times."""
MAX_GDP_RATIO = 50.0
MAX_TRADE_TO_GDP = 10.0

Key = tuple[str, int]
Places = Mapping[Key, tuple[int, str]]
"""Line and heading of each quantity and year."""
Found = Iterator[tuple[int, str, str]]
"""Line, heading and what is wrong there."""


def duty_complaints(header: Header, content: CsvText) -> list[tuple[int, str, str]]:
    """Lines whose duty reads as per cent, with the heading and what to do."""
    at = {name: place for place, name in header.plain.items()}
    if "tariff_rate" not in at:
        return []
    rates, notes = at["tariff_rate"], [k for k, name in header.plain.items() if name == "note"]
    stated = []
    for line, cells in content.rows:
        rate = number_of(cells[rates])
        if rate is not None:
            stated.append((line, rate, any(cells[k] for k in notes)))
    found = rate_complaints([(rate, is_meant) for _, rate, is_meant in stated])
    return [(stated[k][0], content.headings[rates], message) for k, message in found]


def amount_complaints(
    series: Mapping[str, Mapping[int, float]], places: Places, base_year: int, *, has_unit: bool
) -> Found:
    """Complaints about implausible amounts of one flow.

    Parameters
    ----------
    series : mapping of str to mapping of int to float
        `trade`, `gdp_exporter` and `gdp_importer` by year [musd].
    places : mapping
        Where each amount stands.
    base_year : int
        Year that forecasts start from.
    has_unit : bool
        Whether GDP is in million US dollars.
    """
    trade = series["trade"]
    last = max(trade)
    if last - base_year > MAX_YEARS:
        row, heading = places["trade", last]
        yield row, heading, f"is {last - base_year} years after {base_year}; at most {MAX_YEARS}"
        return
    for year, value in trade.items():
        if value > MAX_TRADE_MUSD:
            row, heading = places["trade", year]
            message = f"{value:g} million USD in {year} is more than any two states trade"
            yield row, heading, f"{message}; is the unit right?"
            return
    yield from _jumps("trade", trade, places, MAX_RATIO, LARGE_MUSD)
    for side in ("gdp_exporter", "gdp_importer"):
        yield from _gdp(side, series[side], trade, places, has_unit=has_unit)


def date_complaints(in_force: float | None, first: int, last: int, row: int) -> Found:
    """Complaints about an agreement's date that is implausible for the years of the trade."""
    if in_force is None:
        return
    if not first - MAX_YEARS <= in_force <= last + YEARS_AFTER:
        message = f"{int(in_force)} with trade of {first} to {last}"
        yield row, "in_force", f"{message}; is the year right?"


def order_complaint(
    base_year: int | None, year: int | None, amounts: Iterable[AmountColumn]
) -> str:
    """Complaint about a row from a base year on whose year comes before it; or an empty text.

    A row without amounts of the base is a year of a panel, which may begin before the base year.
    """
    if base_year is None or year is None or year >= base_year:
        return ""
    if all(amount.when != BASE for amount in amounts):
        return ""
    return f"{year} is before the base year {base_year}; wanted a later one"


def _gdp(
    side: str,
    gdp: Mapping[int, float],
    trade: Mapping[int, float],
    places: Places,
    *,
    has_unit: bool,
) -> Found:
    low, high = GDP_MUSD
    for year, value in gdp.items() if has_unit else ():
        if not low <= value <= high:
            row, heading = places[side, year]
            message = f"{value:g} million USD in {year} is the output of no state"
            yield row, heading, f"{message}; is the unit right?"
            return
        if trade.get(year, 0.0) > MAX_TRADE_TO_GDP * value:
            row, heading = places["trade", year]
            message = f"{trade[year]:g} million USD in {year} beside an output of {value:g}"
            yield row, heading, f"{message}; are both units right?"
            return
    yield from _jumps(side, gdp, places, MAX_GDP_RATIO, 0.0)


def _jumps(
    quantity: str, values: Mapping[int, float], places: Places, most: float, large: float
) -> Found:
    """The first place at which a series moves by more than can be."""
    known = [(year, value) for year, value in sorted(values.items()) if value > 0.0]
    for (year, before), (next_year, after) in pairwise(known):
        if max(before, after) > large and max(before / after, after / before) > most:
            row, heading = places[quantity, next_year if after > before else year]
            message = f"from {before:g} in {year} to {after:g} in {next_year}"
            yield row, heading, f"{message} no state has come; is the unit the same?"
            return
