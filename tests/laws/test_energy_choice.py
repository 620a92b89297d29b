"""Rules of producers, buyers and builders."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.laws.energy_choice import (
    completion_year,
    concentration,
    expansion_rate,
    security_premium,
    signs,
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
    assert not signs(100.0, 30.0, 71.0)
    assert signs(100.0, 30.0, 71.0, premium=0.02)


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
