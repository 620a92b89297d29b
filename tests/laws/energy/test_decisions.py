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


def delivered_by_hand(deals, limits):
    """Each deal is cut by the tightest quarter in which it runs, quarter by quarter."""
    left = []
    for volume, first, length, group in deals:
        cut = 1.0
        for quarter in range(first, first + length + 1):
            total = sum(v for v, f, n, g in deals if g == group and f <= quarter <= f + n)
            cut = min(cut, limits[group] / total)
        left.append(volume * cut)
    return left


def delivered(deals, limits):
    volume, first, length, group = (np.array(column) for column in zip(*deals, strict=True))
    return deliverable(volume, first, first + length, group, np.array(limits)[group])


@given(SPANS, st.floats(0.5, 200.0), st.floats(0.5, 200.0))
def test_deals_share_a_limit_as_quarter_by_quarter(deals, one, other):
    found = delivered(deals, (one, other))
    assert found == pytest.approx(delivered_by_hand(deals, (one, other)))


@given(SPANS, st.floats(0.5, 200.0), st.integers(0, 4), st.floats(0.01, 0.99))
def test_one_deal_written_as_two_is_delivered_the_same(deals, limit, place, part):
    volume, *rest = deals[place % len(deals)]
    others = [deal for k, deal in enumerate(deals) if k != place % len(deals)]
    whole = delivered([(volume, *rest), *others], (limit, limit))
    halves = [(part * volume, *rest), ((1 - part) * volume, *rest)]
    split = delivered([*halves, *others], (limit, limit))
    assert split[:2].sum() == pytest.approx(whole[0])
    assert split[2:] == pytest.approx(whole[1:])


@given(st.floats(0.1, 100.0), st.floats(1.0, 50.0), st.floats(0.5, 200.0))
def test_more_volume_never_leaves_less(volume, times, limit):
    few, many = (delivered([(v, 0, 4, 0)], (limit,))[0] for v in (volume, volume * times))
    assert few <= many * (1 + 1e-12)
    assert many <= limit * (1 + 1e-12)
