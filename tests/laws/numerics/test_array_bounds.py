"""Compiled kernels read within their arrays: what would lead beyond is refused before."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from sim.laws.numerics.array_bounds import check_counts, check_places, check_range
from sim.laws.transport.along_paths import along, pair_log_cost, sparse_rows_of
from sim.laws.transport.shortest_paths import followed_back, least_costs

# 0 - 1 - 2, and back, sorted by the node that is led to
LINK, TAIL, START = np.array([0, 0, 1, 1]), np.array([1, 0, 2, 1]), np.array([0, 1, 3, 4])


def test_a_network_within_its_arrays_is_read():
    cost = least_costs(LINK, TAIL, START, np.array([[1.0, 2.0]]), np.array([0]))
    assert cost.tolist() == [[0.0, 1.0, 3.0]]
    assert followed_back(LINK, TAIL, START, np.array([1.0, 2.0]), cost[0], 0, 2).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("link", "tail", "start", "origin"),
    [
        (LINK + 1, TAIL, START, 0),
        (LINK - 1, TAIL, START, 0),
        (LINK, TAIL + 1, START, 0),
        (LINK, TAIL[:3], START, 0),
        (LINK, TAIL, START + 1, 0),
        (LINK, TAIL, np.array([0, 3, 1, 4]), 0),
        (LINK, TAIL, START, 3),
        (LINK, TAIL, START, -1),
    ],
)
def test_steps_beyond_a_network_are_refused(link, tail, start, origin):
    with pytest.raises(ValueError, match="outside the network"):
        least_costs(link, tail, start, np.ones((1, 2)), np.array([origin]))
    with pytest.raises(ValueError, match="outside the network"):
        followed_back(link, tail, start, np.ones(2), np.zeros(3), origin, 2)


def test_prices_below_nothing_end():
    with pytest.raises(ValueError, match="never come to rest"):
        least_costs(LINK, TAIL, START, np.array([[-1.0, 2.0]]), np.array([0]))


def test_a_price_that_is_nothing_beside_a_cost_ends():
    """The cost of 1 is that of 2 and back, to the bit: the way would go round for ever."""
    price = np.array([1e18, 1.0])
    cost = np.array([0.0, 1e18, 1e18])
    link, tail = np.array([0, 1, 0, 1]), np.array([1, 2, 0, 1])  # 2 comes first into 1
    with pytest.raises(ValueError, match="circle"):
        followed_back(link, tail, START, price, cost, 0, 2)


def test_places_are_within_their_arrays():
    check_places(np.array([0, 2, 2, 3]), 3)
    for first in ([1, 3], [0, 2], [0, 4], [0, 3, 2, 3]):
        with pytest.raises(ValueError, match="rising places"):
            check_places(np.array(first), 3)
    check_range(np.array([0, 2]), 3)
    check_range(np.array([], dtype=int), 0)
    for places in ([3], [-1, 0]):
        with pytest.raises(ValueError, match="outside an array"):
            check_range(np.array(places), 3)
    with pytest.raises(ValueError, match="less than 3 rows"):
        check_counts((np.zeros((2, 1)),), 3)


def test_sums_along_paths_stay_within_their_places():
    paths = csr_array(np.array([[1.0, 0.0, 1.0]]))
    passing = sparse_rows_of(paths)
    assert along(passing, np.ones((3, 2)), np.zeros((1, 2))).tolist() == [[2.0, 2.0]]
    for n_places, n_paths in ((2, 1), (3, 2)):
        with pytest.raises(ValueError, match="wanted 3 and 1"):
            along(passing, np.ones((n_places, 2)), np.zeros((n_paths, 2)))
    cost = np.zeros((1, 2, 1))
    with pytest.raises(ValueError, match="wanted 3"):
        pair_log_cost(cost, cost, paths, np.array([5.0]))
