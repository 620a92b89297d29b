"""Cheapest routes: against scipy's Dijkstra and against every way there is."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from sim.laws.transport.shortest_paths import followed_back, least_costs


def network_of(seed, n_nodes=12, n_links=26):
    """Random steps in both directions of links, and prices of three travellers."""
    luck = np.random.default_rng(seed)
    ends = np.array([luck.choice(n_nodes, 2, replace=False) for _ in range(n_links)])
    tail, head = np.concatenate([ends, ends[:, ::-1]]).T
    order = np.argsort(head, kind="stable")
    start = np.searchsorted(head[order], np.arange(n_nodes + 1))
    price = luck.uniform(0.1, 5.0, (3, n_links))
    price[luck.random(price.shape) < 0.2] = np.inf
    return (order % n_links, tail[order], start), head[order], price


def reference(steps, head, price, origin):
    """Costs from one origin; of parallel links the cheapest."""
    link, tail, start = steps
    matrix = np.full((start.size - 1, start.size - 1), np.inf)
    np.minimum.at(matrix, (tail, head), price[link])
    matrix[np.isinf(matrix)] = 0.0  # no link, to scipy
    return dijkstra(csr_matrix(matrix), indices=origin)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("compiled", [True, False])
def test_costs_are_dijkstras_and_ways_cost_what_they_say(seed, compiled):
    steps, head, price = network_of(seed)
    link, tail, start = steps
    costs, follow = (f if compiled else f.py_func for f in (least_costs, followed_back))
    origins = np.array([0, 3, 7])
    found = costs(*steps, price, origins)
    for k, origin in enumerate(origins):
        assert found[k] == pytest.approx(reference(steps, head, price[k], origin), rel=1e-12)
        for destination in range(start.size - 1):
            route = follow(*steps, price[k], found[k], origin, destination)
            if destination == origin or np.isinf(found[k, destination]):
                assert route.size == 0
                continue
            assert price[k, route].sum() == pytest.approx(found[k, destination], rel=1e-12)
            ends = [set(tail[link == one]) for one in route]
            assert origin in ends[0]
            assert destination in ends[-1]
            assert all(a & b for a, b in pairwise(ends)), "links in travelling order"


def test_of_two_ways_that_cost_the_same_the_first_is_taken():
    link, tail, start = np.array([0, 1]), np.array([0, 0]), np.array([0, 0, 2])
    price = np.array([[2.0, 2.0]])
    cost = least_costs(link, tail, start, price, np.array([0]))
    assert followed_back(link, tail, start, price[0], cost[0], 0, 1).tolist() == [0]
