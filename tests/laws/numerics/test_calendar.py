"""Quarters count, print and overlap with days as a calendar says."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.laws.numerics.calendar import (
    format_quarter,
    overlap_share,
    parse_quarter,
    quarter_bounds,
    quarter_of,
    quarter_year,
)

QUARTERS = st.integers(4 * 1900, 4 * 2200 + 3)
DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@given(QUARTERS)
def test_a_quarter_survives_its_text(quarter: int) -> None:
    assert parse_quarter(format_quarter(quarter)) == quarter


@pytest.mark.parametrize(
    ("text", "index"), [("2026Q1", 8104), ("2022Q4", 8091), ("1900Q1", 7600), ("2200Q4", 8803)]
)
def test_known_indices(text: str, index: int) -> None:
    assert parse_quarter(text) == index
    assert format_quarter(index) == text
    assert quarter_year(index) == int(text[:4])


@pytest.mark.parametrize(
    "text", ["2026Q5", "2026Q0", "2026q1", "2026-Q1", " 2026Q1", "26Q1", "2026", "", "２０２６Q1"]
)
def test_other_texts_are_refused_with_the_form_wanted(text: str) -> None:
    with pytest.raises(ValueError, match="such as 2026Q1"):
        parse_quarter(text)


@pytest.mark.parametrize("text", ["0001Q1", "1899Q4", "2201Q1"])
def test_years_far_away_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="1900 to 2200"):
        parse_quarter(text)


@given(QUARTERS)
def test_quarters_follow_each_other_without_gap(quarter: int) -> None:
    _, last = quarter_bounds(quarter)
    first, _ = quarter_bounds(quarter + 1)
    assert first - last == timedelta(days=1)
    assert quarter_of(last) == quarter
    assert quarter_of(first) == quarter + 1


def test_bounds_of_a_leap_quarter() -> None:
    assert quarter_bounds(parse_quarter("2024Q1")) == (date(2024, 1, 1), date(2024, 3, 31))


@given(DAYS, st.integers(0, 3000))
def test_an_event_covers_as_many_days_as_it_lasts(begin: date, length: int) -> None:
    end = begin + timedelta(days=length)
    covered = 0.0
    for quarter in range(quarter_of(begin) - 1, quarter_of(end) + 2):
        first, last = quarter_bounds(quarter)
        share = overlap_share(begin, end, quarter)
        assert 0.0 <= share <= 1.0
        covered += share * ((last - first).days + 1)
    assert covered == pytest.approx(length + 1)


@given(DAYS, st.integers(0, 40))
def test_an_event_without_end_covers_every_later_quarter(begin: date, later: int) -> None:
    assert overlap_share(begin, None, quarter_of(begin) + 1 + later) == 1.0
    assert overlap_share(begin, None, quarter_of(begin) - 1) == 0.0


def test_the_last_day_counts() -> None:
    quarter = parse_quarter("2025Q1")
    assert overlap_share(date(2025, 3, 31), date(2025, 3, 31), quarter) == 1 / 90
    assert overlap_share(date(2025, 4, 1), date(2025, 4, 1), quarter) == 0.0
