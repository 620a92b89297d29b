"""Parts of time that the overlapping records of one ledger and direction imply, each counted once.

Ledgers publish the year so far, the half, the year: July to December, July to February, July to
June. Days at which records begin or end are joined by the records; along them trade adds up, so the
trade between any two joined days is known by difference. What overlaps is counted once, whatever
way it was written down, and a record that repeats others adds nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

import numpy as np


class Span(NamedTuple):
    """Trade recorded from one day to another, both inside it."""

    start: date
    end: date
    trade_musd: float
    """Over the period, not at a year's rate [musd]."""

    @property
    def next_day(self) -> date:
        """First day after it."""
        return date.fromordinal(self.end.toordinal() + 1)

    def overlaps(self, other: "Span") -> bool:
        """Return True if a day lies in both."""
        return self.start <= other.end and other.start <= self.end

    def overlaps_any(self, others: Iterable["Span"]) -> bool:
        """Return True if a day lies in it and in one of the others."""
        return any(self.overlaps(other) for other in others)


def increments(records: Sequence[Span]) -> tuple[Span, ...]:
    """Shortest spans of time whose trade the records of one ledger and direction tell.

    Parameters
    ----------
    records : sequence of Span
        In any order, overlapping or not. Of two that contradict each other, as a figure and its
        restatement do, the longer counts, and of two over the same days the first.

    Returns
    -------
    tuple of Span
        In order of time; no two overlap, and none is negative.

    Examples
    --------
    >>> year = Span(date(2023, 7, 1), date(2024, 6, 30), 185.25)
    >>> half = Span(date(2023, 7, 1), date(2023, 12, 31), 56.59)
    >>> [(str(span.start), round(span.trade_musd, 2)) for span in increments([half, year])]
    [('2023-07-01', 56.59), ('2024-01-01', 128.66)]
    """
    taken: list[Span] = []
    chains = [_without_falls(_steps(chain)) for chain in _chains(records)]
    for chain in sorted(chains, key=_length, reverse=True):
        free = [span for span in chain if not span.overlaps_any(taken)]
        taken += free
    return tuple(sorted(taken))


def yearly(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Put spans that follow on each other together, up to twelve months each.

    A year told as two halves or as twelve months is the same year; parts of a year say little more
    of what lasts than their sum does.

    Parameters
    ----------
    spans : sequence of Span
        In order of time, none overlapping.
    """
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last is not None and last.next_day == span.start and span.end < _a_year_on(last.start):
            joined[-1] = Span(last.start, span.end, last.trade_musd + span.trade_musd)
        else:
            joined.append(span)
    return tuple(joined)


def lump_variance(start: date, end: date, quarter_log_sd: float) -> float:
    """Variance of log recorded trade that comes of a period being no calendar year.

    Trade of a quarter is its year's rate times a lump of its own, so the mean of `n` of the four
    quarters strays from the year's by the variance of the lump times `1/n - 1/4`. Parts that lie in
    different years stray independently.

    Examples
    --------
    >>> lump_variance(date(2023, 1, 1), date(2023, 12, 31), 0.6)
    0.0
    >>> round(lump_variance(date(2023, 7, 1), date(2024, 6, 30), 0.6), 3)
    0.045
    """
    total, variance = (end - start).days + 1, 0.0
    for year in range(start.year, end.year + 1):
        begin, last = max(start, date(year, 1, 1)), min(end, date(year, 12, 31))
        days = (last - begin).days + 1
        covered = days / ((date(year, 12, 31) - date(year, 1, 1)).days + 1)
        variance += (days / total) ** 2 * quarter_log_sd**2 * (1.0 / covered - 1.0) / 4.0
    return variance


def _chains(records: Sequence[Span]) -> list[dict[date, float]]:
    """Days that records join, each with the trade from the first of its chain on."""
    chain: dict[date, dict[date, float]] = {}
    for record in sorted(records, key=_days, reverse=True):
        start, end = record.start, record.next_day
        for day in (start, end):
            if day not in chain:
                chain[day] = {day: 0.0}
        first, second = chain[start], chain[end]
        if first is second:
            continue  # the same trade told again
        shift = first[start] + record.trade_musd - second[end]
        for day, value in second.items():
            first[day] = value + shift
            chain[day] = first
    return list({id(found): found for found in chain.values()}.values())


def _steps(chain: dict[date, float]) -> list[Span]:
    days = sorted(chain)
    return [
        Span(
            start,
            date.fromordinal(end.toordinal() - 1),
            float(np.round(chain[end] - chain[start], 9)),
        )
        for start, end in pairwise(days)
    ]


def _without_falls(steps: list[Span]) -> list[Span]:
    """Join a negative step, which only a restatement makes, with the one before it or after it."""
    kept: list[Span] = []
    for step in steps:
        if kept and (step.trade_musd < 0.0 or kept[-1].trade_musd < 0.0):
            last = kept.pop()
            kept.append(Span(last.start, step.end, last.trade_musd + step.trade_musd))
        else:
            kept.append(step)
    return [step for step in kept if step.trade_musd >= 0.0]


def _days(span: Span) -> int:
    return (span.end - span.start).days


def _length(chain: list[Span]) -> int:
    return sum(_days(span) + 1 for span in chain)


def _a_year_on(day: date) -> date:
    """Same day of the next year, the first of March after a leap day."""
    leaps = (day.month, day.day) == (2, 29)
    return date(day.year + 1, 3, 1) if leaps else day.replace(year=day.year + 1)
