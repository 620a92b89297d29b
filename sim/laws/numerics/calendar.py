"""Quarters of a year as whole numbers, and how much of a quarter a dated event covers.

A quarter is the index ``4 * year + (q - 1)``: consecutive quarters differ by one, so a
duration in quarters is a plain difference. The text form is ``2026Q1``. Days are inclusive at
both ends: a closure from 1 to 3 March closes three days.
"""

import re
from datetime import date, timedelta

QUARTERS_PER_YEAR, MONTHS_PER_YEAR = 4, 12
NEVER = 4 * 10_000
"""Quarter of what has no date."""
FIRST_YEAR, LAST_YEAR = 1900, 2200
_TEXT = re.compile(r"([0-9]{4})Q([1-4])", re.ASCII)


def parse_quarter(text: str) -> int:
    """Index of the quarter written as ``2026Q1``.

    Parameters
    ----------
    text : str
        Four digits of the year, a capital Q, a digit from 1 to 4.

    Returns
    -------
    int
        ``4 * year + (q - 1)``.

    Raises
    ------
    ValueError
        If the text is not of that form or the year is outside 1900 to 2200.

    Examples
    --------
    >>> parse_quarter("2026Q1") - parse_quarter("2025Q4")
    1
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a quarter; wanted a year and quarter such as 2026Q1")
    year, place = int(match[1]), int(match[2])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"the year of {text!r} is outside {FIRST_YEAR} to {LAST_YEAR}")
    return QUARTERS_PER_YEAR * year + place - 1


def format_quarter(quarter: int) -> str:
    """Text form of a quarter index.

    Examples
    --------
    >>> format_quarter(parse_quarter("2026Q1") + 5)
    '2027Q2'
    """
    year, place = divmod(int(quarter), QUARTERS_PER_YEAR)
    return f"{year:04d}Q{place + 1}"


def year_to(quarter: str) -> str:
    """The four quarters that end with a quarter: a calendar year by its number.

    Examples
    --------
    >>> year_to("2030Q4"), year_to("2030Q2")
    ('2030', 'the year to 2030Q2')
    """
    return quarter[:4] if quarter.endswith("Q4") else f"the year to {quarter}"


def quarter_year(quarter: int) -> int:
    """Calendar year a quarter lies in."""
    return int(quarter) // QUARTERS_PER_YEAR


def quarter_of(day: date) -> int:
    """Index of the quarter a day lies in."""
    return QUARTERS_PER_YEAR * day.year + (day.month - 1) // 3


def quarter_bounds(quarter: int) -> tuple[date, date]:
    """First and last day of a quarter, both inside it."""
    year, place = divmod(int(quarter), QUARTERS_PER_YEAR)
    next_year, next_place = divmod(int(quarter) + 1, QUARTERS_PER_YEAR)
    following = date(next_year, 3 * next_place + 1, 1)
    return date(year, 3 * place + 1, 1), following - timedelta(days=1)


def overlap_share(from_date: date, to_date: date | None, quarter: int) -> float:
    """Share of a quarter's days that an event covers.

    Parameters
    ----------
    from_date : date
        First day of the event.
    to_date : date or None
        Last day of the event, itself covered; None if it does not end.
    quarter : int
        Quarter index.

    Returns
    -------
    float
        0 (none of the quarter) to 1 (all of it).

    Examples
    --------
    >>> overlap_share(date(2026, 1, 1), date(2026, 1, 9), parse_quarter("2026Q1"))
    0.1
    """
    first, last = quarter_bounds(quarter)
    begin = max(first, from_date)
    end = last if to_date is None else min(last, to_date)
    covered = max(0, (end - begin).days + 1)
    return covered / ((last - first).days + 1)
