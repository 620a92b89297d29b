"""Exponential and logarithm of compiled loops, beside the platform's."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from sim.laws.numerics.fastmath import exp_of, log1p_row, log_of


def log1p_of(values):
    """The compiled row over all of an array."""
    flat = np.array(values, dtype=np.float64).reshape(-1)
    answer = np.empty_like(flat)
    log1p_row(flat, answer)
    return answer.reshape(np.shape(values))


ULP = 2.0**-52
NORMAL = 2.2250738585072014e-308


@settings(max_examples=300)
@given(st.floats(-706.8, 709.78))
def test_the_exponential_is_within_one_unit_in_the_last_place(x: float) -> None:
    assert math.isclose(float(exp_of(np.float64(x))), math.exp(x), rel_tol=ULP)


@settings(max_examples=300)
@given(st.floats(NORMAL, 1.7e308))
def test_the_logarithm_is_within_one_unit_in_the_last_place(x: float) -> None:
    assert math.isclose(float(log_of(np.float64(x))), math.log(x), rel_tol=ULP)


@settings(max_examples=300)
@given(st.floats(-0.999999, 1e300) | st.floats(-1e-3, 1e-3))
def test_the_logarithm_of_one_plus_a_small_number_is_exact_too(x: float) -> None:
    found = float(log1p_of(np.float64(x)))
    assert math.isclose(found, math.log1p(x), rel_tol=2 * ULP, abs_tol=5e-324)


@settings(max_examples=100)
@given(st.floats(-700.0, 700.0))
def test_one_undoes_the_other(x: float) -> None:
    assert math.isclose(float(log_of(exp_of(np.float64(x)))), x, rel_tol=ULP, abs_tol=2 * ULP)


@pytest.mark.parametrize(
    ("law", "x", "wanted"),
    [
        (exp_of, 0.0, 1.0),
        (exp_of, -0.0, 1.0),
        (exp_of, 710.0, np.inf),
        (exp_of, 1e308, np.inf),
        (exp_of, np.inf, np.inf),
        (exp_of, -707.0, 0.0),
        (exp_of, -1e308, 0.0),
        (exp_of, -np.inf, 0.0),
        (exp_of, np.nan, np.nan),
        (log_of, 1.0, 0.0),
        (log_of, 0.0, -np.inf),
        (log_of, 5e-324, -np.inf),
        (log_of, -1.0, np.nan),
        (log_of, -np.inf, np.nan),
        (log_of, np.inf, np.inf),
        (log_of, np.nan, np.nan),
        (log1p_of, 0.0, 0.0),
        (log1p_of, -1.0, -np.inf),
        (log1p_of, -2.0, np.nan),
        (log1p_of, np.inf, np.inf),
        (log1p_of, np.nan, np.nan),
    ],
)
def test_the_ends_are_those_of_arithmetic(law, x, wanted) -> None:
    assert_array_equal(law(np.float64(x)), wanted)


@pytest.mark.parametrize("law", [exp_of, log_of, log1p_of])
def test_an_array_gives_the_bits_of_its_members_at_every_length(law) -> None:
    values = np.random.default_rng(3).uniform(0.1, 9.0, (7, 13))
    whole = law(values)
    assert whole.shape == values.shape
    assert_array_equal(law(values.T), whole.T)
    for length in range(1, 14):
        assert_array_equal(law(values[0, :length]), whole[0, :length])
    assert_array_equal(law(values[:, 3]), whole[:, 3])


def test_the_answer_goes_where_it_is_wanted() -> None:
    values, place = np.array([0.0, 1.0]), np.empty(2)
    assert exp_of(values, out=place) is place
    assert_array_equal(place, exp_of(values))
