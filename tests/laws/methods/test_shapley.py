"""Shapley's rule against its definition over all orders, and its laws."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.laws.methods.shapley import coalitions_of, shapley, shapley_of_orders


def mean_over_orders(values):
    """The definition: mean contribution over every order."""
    n = len(values).bit_length() - 1
    parts = np.zeros((n, *np.shape(values[0])))
    orders = list(permutations(range(n)))
    for order in orders:
        on = 0
        for lever in order:
            parts[lever] += values[on | 1 << lever] - values[on]
            on |= 1 << lever
    return parts / len(orders)


@pytest.mark.parametrize("n_levers", [1, 2, 3, 5])
def test_the_rule_is_the_mean_over_all_orders(n_levers):
    values = np.random.default_rng(n_levers).normal(size=(2**n_levers, 3))
    np.testing.assert_allclose(shapley(values), mean_over_orders(values), atol=1e-12)


@given(st.integers(1, 10), st.integers(0, 2**31))
def test_parts_sum_to_the_total(n_levers, seed):
    values = np.random.default_rng(seed).normal(size=2**n_levers)
    assert shapley(values).sum() == pytest.approx(values[-1] - values[0], abs=1e-10)


def test_levers_that_do_nothing_or_the_same_get_nothing_or_the_same():
    first, second, _ = ((np.arange(8) >> k) & 1 for k in range(3))
    parts = shapley((first + second + 3.0 * first * second).astype(float))
    assert parts[0] == pytest.approx(parts[1]) == pytest.approx(2.5)
    assert parts[2] == pytest.approx(0.0)


def test_all_orders_together_give_the_exact_parts_and_each_sums_to_the_total():
    values = np.random.default_rng(1).normal(size=8)
    orders = list(permutations(range(3)))
    each = shapley_of_orders(dict(enumerate(values)), orders)
    np.testing.assert_allclose(each.mean(axis=0), shapley(values), atol=1e-12)
    np.testing.assert_allclose(each.sum(axis=1), values[-1] - values[0], atol=1e-12)


def test_only_coalitions_on_the_way_are_asked_for():
    assert coalitions_of([(2, 0, 1)]) == [0, 4, 5, 7]


def test_a_number_of_coalitions_that_is_no_power_of_2_is_refused():
    with pytest.raises(ValueError, match="power of 2"):
        shapley(np.zeros(3))
