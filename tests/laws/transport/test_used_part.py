"""Part of an offer that is used and the cost of it, beside array operations that say the same."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from sim.laws.transport.used_part import mixed_costs, part_of

N_RUNS, N_CELLS = 5, 37


def offers(seed):
    """Offered costs, of which many are nothing, and others; some of either have no end."""
    rng = np.random.default_rng(seed)
    shape = (N_RUNS, N_CELLS)
    whole = rng.normal(0.0, 0.2, shape) * (rng.random(shape) < 0.5)
    value = np.where(rng.random(shape) < 0.3, 0.0, rng.normal(0.0, 0.2, shape))
    value[rng.random(shape) < 0.1] = np.inf
    return whole, value


def plain_part(value, whole):
    share = np.divide(value, whole, out=np.ones_like(whole), where=whole != 0)
    return share.clip(0.0, 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_the_part_is_that_of_array_operations_to_the_bit(seed):
    whole, value = offers(seed)
    assert_array_equal(part_of(value, whole), plain_part(value, whole))
    assert part_of(np.full((1, 1), -0.0), np.ones((1, 1))).tobytes() == np.zeros((1, 1)).tobytes()


def test_where_nothing_is_offered_all_of_it_is_used():
    value = np.array([[-1.0, 0.0, np.inf, np.nan]])
    assert part_of(value, np.array([[0.0, -0.0, 0.0, 0.0]])).tolist() == [[1.0] * 4]


@pytest.mark.parametrize("seed", range(3))
def test_mixed_costs_are_those_of_array_operations_to_the_bit(seed):
    used, unused = offers(seed)
    share = np.random.default_rng(seed + 10).random(used.shape)
    share[:, ::5] = 1.0
    cost, shut = mixed_costs(share, used, unused)
    with np.errstate(invalid="ignore"):
        assert_array_equal(cost, share * used + (1.0 - share) * unused)
    assert_array_equal(shut, np.flatnonzero(~np.isfinite(unused)))
    assert len(shut)


def test_a_run_has_the_same_bits_in_any_batch():
    whole, value = offers(7)
    share = part_of(value, whole)
    cost, shut = mixed_costs(share, whole, value)
    for run in range(N_RUNS):
        own = slice(run, run + 1)
        assert_array_equal(part_of(value[own], whole[own]), share[own])
        alone, places = mixed_costs(share[own], whole[own], value[own])
        assert_array_equal(alone, cost[own])
        assert_array_equal(places, shut[shut // N_CELLS == run] - run * N_CELLS)
