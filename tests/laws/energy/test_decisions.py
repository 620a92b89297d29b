"""Rules of producers, buyers and builders."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.laws.energy.decisions import (
    completion_year,
    concentration,
    deliverable,
    expansion_rate,
    gain_of_signing,
    security_premium,
)

amounts = st.lists(st.floats(0.0, 1e3), min_size=1, max_size=6)


@given(st.floats(1.0, 1e3), st.floats(1.0, 1e3), st.floats(0.0, 0.2))
def test_who_earns_more_expands_more_and_nobody_beyond_the_limit(netback, cost, limit):
    rate = expansion_rate(netback, cost, response=0.1, limit=limit)
    assert -limit <= rate <= limit
    assert (rate >= 0) == (netback >= cost) or limit == 0 or rate == 0
    assert expansion_rate(netback * 1.1, cost, response=0.1, limit=limit) >= rate


@given(amounts)
def test_concentration_is_one_over_the_number_of_equal_suppliers_at_the_least(bought):
    index = float(concentration(bought))
    if sum(bought) > 0:
        assert 1.0 / len(bought) - 1e-12 <= index <= 1.0 + 1e-12
        assert np.isclose(index, concentration([3.0 * b for b in bought]))
    else:
        assert index == 0.0


def test_a_supplier_that_concentrates_more_earns_no_premium():
    assert security_premium(0.4, 0.6, 1.0, weight=0.3) == 0.0
    assert security_premium(0.6, 0.4, 0.0, weight=0.3) == 0.0


def test_security_can_tip_a_deal():
    assert gain_of_signing(100.0, 30.0, 71.0) == pytest.approx(-1.0)
    assert gain_of_signing(100.0, 30.0, 71.0, premium=0.02) == pytest.approx(1.0)


def test_hazards_act_from_the_earliest_year_on():
    draws = np.array([0.0, 0.0, 0.9, 0.0])
    assert completion_year(draws, 0.5, earliest=2030, first=2029) == 2030
    assert completion_year(draws, 0.5, earliest=2031, first=2029) == 2032
    assert completion_year(draws, 0.0, earliest=2029, first=2029) == np.inf


def test_the_share_completed_in_a_year_is_the_hazard():
    draws = np.random.default_rng(5).random((20_000, 3))
    found = completion_year(draws, 0.25, earliest=2027, first=2027)
    assert abs((found == 2027).mean() - 0.25) < 0.01
    assert abs((found == 2028).mean() - 0.1875) < 0.01


SPANS = st.lists(
    st.tuples(st.floats(0.1, 100.0), st.integers(0, 6), st.integers(0, 6), st.integers(0, 1)),
    min_size=1,
    max_size=5,
)


N_QUARTERS = 14


def delivered_by_hand(deals, limits):
    """Volumes quarter by quarter: what is due together is cut to the limit."""
    made = []
    for volume, first, length, group in deals:
        made.append([])
        for quarter in range(N_QUARTERS):
            due = [v for v, f, n, g in deals if g == group and f <= quarter <= f + n]
            runs = first <= quarter <= first + length
            made[-1].append(volume * min(1.0, limits[group] / sum(due)) if runs else 0.0)
    return made


def delivered(deals, limits):
    volume, first, length, group = (np.array(column) for column in zip(*deals, strict=True))
    quarters = np.arange(N_QUARTERS)
    runs = (first[:, None] <= quarters) & (quarters <= (first + length)[:, None])
    return deliverable(volume[:, None] * runs, group, np.array(limits)[group])


@given(SPANS, st.floats(0.5, 200.0), st.floats(0.5, 200.0))
def test_deals_share_a_limit_quarter_by_quarter(deals, one, other):
    found = delivered(deals, (one, other))
    np.testing.assert_allclose(found, delivered_by_hand(deals, (one, other)), rtol=1e-12)


@given(SPANS, st.floats(0.5, 200.0), st.integers(0, 4), st.floats(0.01, 0.99))
def test_one_deal_written_as_two_is_delivered_the_same(deals, limit, place, part):
    """Two of a part of the volume each, or one after the other."""
    volume, first, length, group = deals[place % len(deals)]
    others = [deal for k, deal in enumerate(deals) if k != place % len(deals)]
    whole = delivered([(volume, first, length, group), *others], (limit, limit))
    halves = [(part * volume, first, length, group), ((1 - part) * volume, first, length, group)]
    ways = [halves]
    if length:
        ways.append([(volume, first, 0, group), (volume, first + 1, length - 1, group)])
    for way in ways:
        split = delivered([*way, *others], (limit, limit))
        np.testing.assert_allclose(split[:2].sum(axis=0), whole[0], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(split[2:], whole[1:], rtol=1e-9, atol=1e-12)


@given(SPANS, st.floats(0.5, 200.0), st.tuples(st.floats(0.1, 100.0), st.integers(0, 6),
                                                st.integers(0, 6), st.integers(0, 1)))  # fmt: skip
def test_one_more_deal_never_leaves_less_in_all_in_any_quarter(deals, limit, more):
    few, many = (delivered(each, (limit, limit)).sum(axis=0) for each in (deals, [*deals, more]))
    assert np.all(few <= many * (1 + 1e-12))
    by_group = delivered([*deals, more], (limit, limit))
    for group in (0, 1):
        own = [deal[3] == group for deal in [*deals, more]]
        assert np.all(by_group[own].sum(axis=0) <= limit * (1 + 1e-12))
