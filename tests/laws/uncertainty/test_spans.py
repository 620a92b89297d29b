"""Overlapping records: each day's trade is counted once, whatever way it was written down."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from bench.base_estimate import base_estimate
from sim.laws.uncertainty.spans import Span, increments, lump_variance, yearly

FIRST = date(2022, 7, 1)
CUTS = [FIRST + timedelta(days=days) for days in (0, 31, 92, 184, 243, 365, 500, 731)]
TERMS = {"wander_per_year": 0.13, "quarter_log_sd": 0.6, "record_log_sd": 0.1}


def span(start, end, value):
    return Span(date.fromisoformat(start), date.fromisoformat(end), value)


def between(cuts, values, i, j):
    """What a ledger says of all days from one cut to another."""
    return Span(cuts[i], cuts[j] - timedelta(days=1), float(sum(values[i:j])))


@st.composite
def tellings(draw):
    """A year told in random pieces: from anywhere to anywhere, some of it twice."""
    values = draw(st.lists(st.integers(0, 50), min_size=7, max_size=7))
    pairs = st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1])
    told = draw(st.lists(pairs, min_size=1, max_size=12))
    return values, told, draw(st.permutations(range(len(told))))


@given(tellings())
def test_what_is_found_is_true_and_counted_once(telling):
    values, told, _ = telling
    found = increments([between(CUTS, values, i, j) for i, j in told])
    for earlier, later in pairwise(found):
        assert earlier.end < later.start
    for part in found:
        i, j = CUTS.index(part.start), CUTS.index(part.next_day)
        assert part.trade_musd == sum(values[i:j])


@given(tellings())
def test_no_day_of_a_connected_telling_is_lost(telling):
    values, told, _ = telling
    records = [between(CUTS, values, 0, 7)] + [between(CUTS, values, i, j) for i, j in told]
    found = increments(records)
    assert sum(part.trade_musd for part in found) == sum(values)
    assert (found[0].start, found[-1].next_day) == (CUTS[0], CUTS[-1])


@given(tellings())
def test_order_and_repetition_change_nothing(telling):
    values, told, order = telling
    records = [between(CUTS, values, i, j) for i, j in told]
    again = [records[k] for k in order]
    assert increments(again) == increments(records) == increments(records + again)


def test_the_published_halves_and_eight_months_of_a_fiscal_year():
    found = increments(
        [
            span("2023-07-01", "2024-06-30", 185.25),
            span("2023-07-01", "2024-02-29", 90.76),
            span("2023-07-01", "2023-12-31", 56.59),
        ]
    )
    assert_allclose([part.trade_musd for part in found], [56.59, 34.17, 94.49])


def test_a_restatement_that_leaves_a_negative_rest_is_joined_to_its_neighbour():
    found = increments(
        [
            span("2023-07-01", "2023-12-31", 50.0),
            span("2023-07-01", "2024-02-29", 49.0),
            span("2023-07-01", "2024-06-30", 80.0),
        ]
    )
    assert [(str(part.start), part.trade_musd) for part in found] == [
        ("2023-07-01", 49.0),
        ("2024-03-01", 31.0),
    ]


def test_a_year_told_as_halves_or_months_is_the_same_year():
    year = [span("2023-07-01", "2024-06-30", 120.0), span("2024-07-01", "2024-10-31", 9.0)]
    halves = [
        span("2023-07-01", "2023-12-31", 50.0),
        span("2024-01-01", "2024-06-30", 70.0),
        span("2024-07-01", "2024-10-31", 9.0),
    ]
    assert yearly(increments(year)) == yearly(increments(halves)) == tuple(year)


def test_a_gap_is_not_bridged():
    apart = [span("2023-07-01", "2023-09-30", 5.0), span("2023-12-01", "2023-12-31", 2.0)]
    assert yearly(increments(apart)) == tuple(apart)


@pytest.mark.parametrize(
    ("start", "end", "share_of_variance"),
    [
        ("2023-01-01", "2023-12-31", 0.0),
        ("2023-01-01", "2024-12-31", 0.0),
        ("2023-01-01", "2023-03-31", (365 / 90 - 1) / 4),
        # A share s of one year and the rest of the next: s^2 (1/s - 1) and the same of the rest.
        ("2022-07-01", "2023-06-30", 2 * (184 / 365) * (181 / 365) / 4),
    ],
)
def test_lumps_by_closed_form(start, end, share_of_variance):
    found = lump_variance(date.fromisoformat(start), date.fromisoformat(end), 0.6)
    assert_allclose(found, 0.36 * share_of_variance)


def test_lumps_are_what_drawn_quarters_do():
    rng = np.random.default_rng(1)
    lump = 0.05 * rng.standard_normal((200_000, 8))
    rate = 1.0 + lump
    years = rate.reshape(-1, 2, 4).mean(axis=2)
    fiscal = np.log(rate[:, 2:6].mean(axis=1) / years.mean(axis=1))
    half = np.log(rate[:, 2:4].mean(axis=1) / years[:, 0])
    assert_allclose(
        half.var(), lump_variance(date(2023, 7, 1), date(2023, 12, 31), 0.05), rtol=0.03
    )
    assert_allclose(
        fiscal.var(), lump_variance(date(2023, 7, 1), date(2024, 6, 30), 0.05), rtol=0.03
    )


def test_a_year_on_record_is_its_own_estimate():
    found = base_estimate([span("2022-01-01", "2022-12-31", 120.0)], 2022, **TERMS)
    assert_allclose(found, (120.0, 0.1))


def test_estimate_follows_the_nearer_record():
    near, far = span("2021-07-01", "2022-06-30", 40.0), span("2012-01-01", "2012-12-31", 400.0)
    found = base_estimate([near, far], 2022, **TERMS)
    assert 40.0 < found.trade_musd < 65.0
    assert found.log_sd < base_estimate([far], 2022, **TERMS).log_sd


def test_error_of_one_quarter_by_closed_form():
    """Without a walk: lump of the quarter against that of the year it is a part of."""
    terms = {"wander_per_year": 0.0, "quarter_log_sd": 0.6, "record_log_sd": 0.0}
    found = base_estimate([span("2022-01-01", "2022-03-31", 10.0)], 2022, **terms)
    share = 90 / 365
    assert_allclose(found.log_sd, 0.6 * np.sqrt((1 / share - 1) / 4), rtol=0.02)
    assert 10.0 / share < found.trade_musd < 1.5 * 10.0 / share


def test_estimate_covers_what_the_walk_and_the_lumps_do():
    """Drawn paths of months: standardised errors of the estimate have variance one."""
    rng = np.random.default_rng(7)
    n, n_months = 4000, 36  # 2020 to 2022
    level = np.cumsum(rng.normal(0.0, np.sqrt(0.13 / 12), (n, n_months)), axis=1)
    days = np.diff(np.arange("2020-01", "2023-02", dtype="datetime64[M]").astype("datetime64[D]"))
    month = days.astype(float) * np.exp(level + rng.normal(0.0, 0.1 * np.sqrt(3), (n, n_months)))
    terms = {"wander_per_year": 0.13, "quarter_log_sd": 0.1, "record_log_sd": 0.05}
    z = []
    for path, noise in zip(month, np.exp(rng.normal(0.0, 0.05, (n, 2))), strict=True):
        records = [
            span("2021-07-01", "2021-09-30", path[18:21].sum() * noise[0]),
            span("2022-07-01", "2022-12-31", path[30:36].sum() * noise[1]),
        ]
        found = base_estimate(records, 2022, **terms)
        z.append(np.log(path[24:36].sum() / found.trade_musd) / found.log_sd)
    assert abs(np.mean(z)) < 0.05
    assert_allclose(np.std(z), 1.0, atol=0.06)


@pytest.mark.parametrize("records", [[], [span("2022-01-01", "2022-12-31", 0.0)]])
def test_an_estimate_wants_records_above_zero(records):
    with pytest.raises(ValueError, match="at least one record"):
        base_estimate(records, 2022, **TERMS)
