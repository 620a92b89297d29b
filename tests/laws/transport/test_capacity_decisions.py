"""Rules of those who keep ports, posts and lines, on a few numbers each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sim.laws.transport.capacity_decisions import (
    busy_quarters,
    completion_quarter,
    expansion,
    port_charge_factor,
)

NEVER = 40_000
USE = st.lists(st.floats(0.0, 5.0), min_size=1, max_size=6).map(np.array)


@pytest.mark.parametrize("hazard", [0.05, 0.3, 0.9])
def test_a_project_opens_within_a_year_as_often_as_its_hazard_says(hazard):
    uniform = (np.arange(10_000) + 0.5) / 10_000
    opening = completion_quarter(uniform, first_quarter=100, hazard_per_year=hazard, never=NEVER)
    assert opening.min() == 100
    for years in (1, 2, 5):
        open_share = (opening < 100 + 4 * years).mean()
        assert open_share == pytest.approx(1 - (1 - hazard) ** years, abs=2e-4)


def test_what_has_no_hazard_never_opens_and_what_is_certain_opens_at_once():
    uniform = np.array([0.01, 0.99])
    for hazard, quarter in ((0.0, NEVER), (1.0, 7)):
        found = completion_quarter(uniform, first_quarter=7, hazard_per_year=hazard, never=NEVER)
        assert_array_equal(found, quarter)


@settings(max_examples=30)
@given(st.floats(0.01, 0.98), st.floats(0.0, 0.5))
def test_a_larger_hazard_opens_no_run_later(hazard, more):
    uniform = np.linspace(0.001, 0.999, 50)
    sooner, later = (
        completion_quarter(uniform, first_quarter=0, hazard_per_year=h, never=NEVER)
        for h in (min(hazard + more, 1.0), hazard)
    )
    assert np.all(sooner <= later)


@settings(max_examples=30)
@given(USE)
def test_quarters_are_counted_while_a_place_is_busy_and_forgotten_when_it_is_not(used):
    so_far = np.full(used.shape, 3.0)
    found = busy_quarters(so_far, used, trigger=0.9)
    assert_array_equal(found, [4.0 if value > 0.9 else 0.0 for value in used])


@settings(max_examples=30)
@given(USE)
def test_nothing_is_ordered_before_its_time_nor_more_than_at_most(used):
    patient = np.full(used.shape, 4.0)
    terms = {"patience": 4.0, "wanted": 0.75, "most": 2.0}
    assert_array_equal(expansion(used, patient - 1, **terms), 1.0)
    found = expansion(used, patient, **terms)
    assert np.all((found >= 1.0) & (found <= 2.0))
    inside = (found > 1.0) & (found < 2.0)
    np.testing.assert_allclose(used[inside] / found[inside], 0.75)


@settings(max_examples=30)
@given(USE, st.floats(0.05, 1.0))
def test_fuller_ports_ask_more_within_their_limits(used, normal):
    terms = {"elasticity": 0.5, "most": 2.0}
    found = port_charge_factor(np.sort(used), normal, **terms)
    assert np.all(np.diff(found) >= 0)
    assert np.all((found >= 0.5) & (found <= 2.0))
    assert port_charge_factor(normal, normal, **terms) == 1.0
