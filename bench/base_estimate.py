"""Estimate a base year's trade from records over other or shorter periods.

The log of trade in a month is a level that wanders as a random walk plus a lump of its own:
payments and consignments come in lumps, so a quarter says less about its year than the year itself.
The base year's mean is predicted from the records as the best linear unbiased predictor (ordinary
block kriging, Cressie 1993): records near the year and over long periods weigh most, and the error
of the prediction follows from the same covariances.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.spans import Span

MONTHS_PER_YEAR, MONTHS_PER_QUARTER = 12, 3


class BaseEstimate(NamedTuple):
    """A year's trade and how well it is known."""

    trade_musd: float
    """Median [musd]."""
    log_sd: float
    """Standard deviation of its log [1]."""


def base_estimate(
    records: Sequence[Span],
    year: int,
    *,
    wander_per_year: float,
    quarter_log_sd: float,
    record_log_sd: float,
) -> BaseEstimate:
    """Estimate the trade of a calendar year from records that may lie in or beside it.

    Parameters
    ----------
    records : sequence of Span
        Of one direction in one ledger, no two over the same days, each above zero.
    year : int
        The year wanted.
    wander_per_year : float
        Variance that the level of log trade gains in a year [1/year].
    quarter_log_sd : float
        Standard deviation of a quarter's lump [1].
    record_log_sd : float
        Standard deviation of a record's own log error [1].

    Raises
    ------
    ValueError
        If there is no record or one is not above zero.
    """
    if not records or any(record.trade_musd <= 0.0 for record in records):
        raise ValueError("an estimate wants at least one record, each above zero")
    wanted = Span(date(year, 1, 1), date(year, 12, 31), 0.0)
    spans = [*records, wanted]
    first = min(_month(span.start) for span in spans)
    n_months = max(_month(span.end) for span in spans) - first + 1
    weight = np.stack([_month_shares(span, first, n_months) for span in spans])
    elapsed = np.arange(1, n_months + 1) / MONTHS_PER_YEAR
    walk = wander_per_year * np.minimum(elapsed[:, None], elapsed)
    lumps = MONTHS_PER_QUARTER * quarter_log_sd**2 * np.eye(n_months)
    covariance = weight @ (walk + lumps) @ weight.T
    within = weight @ np.diag(walk + lumps) - np.diag(covariance)
    n = len(records)
    # The level itself is unknown: shares of the records sum to one (Lagrange's multiplier).
    system = np.ones((n + 1, n + 1))
    system[:n, :n] = covariance[:n, :n] + record_log_sd**2 * np.eye(n)
    system[n, n] = 0.0
    aim = np.append(covariance[:n, n], 1.0)
    share = np.linalg.solve(system, aim)
    rate = np.log([record.trade_musd / _years(record) for record in records])
    # The log of a mean exceeds the mean of logs by half of the variance inside the period.
    log_trade = share[:n] @ (rate - within[:n] / 2.0) + within[n] / 2.0
    variance = covariance[n, n] - share @ aim
    return BaseEstimate(float(np.exp(log_trade)), float(np.sqrt(max(variance, 0.0))))


def _month(day: date) -> int:
    return MONTHS_PER_YEAR * day.year + day.month - 1


def _month_shares(span: Span, first: int, n_months: int) -> FloatArray:
    """Share of a span's days that lies in each month."""
    days = np.zeros(n_months)
    for month in range(_month(span.start), _month(span.end) + 1):
        year, place = divmod(month, MONTHS_PER_YEAR)
        begin = max(span.start, date(year, place + 1, 1))
        next_year, next_place = divmod(month + 1, MONTHS_PER_YEAR)
        end = min(span.end.toordinal() + 1, date(next_year, next_place + 1, 1).toordinal())
        days[month - first] = end - begin.toordinal()
    return np.asarray(days / days.sum())


def _years(span: Span) -> float:
    """Length of a span; a calendar or fiscal year is 1 whether it has a leap day or not."""
    months = span.end.toordinal() + 1 - span.start.toordinal()
    return months / 365.25 if not _is_whole_year(span) else 1.0


def _is_whole_year(span: Span) -> bool:
    after = date.fromordinal(span.end.toordinal() + 1)
    return (after.year, after.month, after.day) == (
        span.start.year + 1,
        span.start.month,
        span.start.day,
    )
