"""Laws of tolls, sellers and partners."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.laws.diplomacy.bargaining import (
    best_route_worth,
    cournot,
    joint_toll,
    separate_tolls,
    shapley_value,
)

COSTS = st.lists(st.floats(0, 8), min_size=1, max_size=5)


@given(COSTS, st.floats(0.1, 5))
def test_no_state_gains_by_moving_its_own_toll(costs: list[float], slope: float) -> None:
    found = separate_tolls(40.0, slope, costs)
    for i, toll in enumerate(found.toll):
        others = found.toll.sum() - toll
        for other in np.linspace(0, 45, 181):
            volume = max(40.0 - others - other, 0.0) / slope
            assert (other - costs[i]) * volume <= found.revenue[i] + 1e-9


@given(COSTS, st.floats(0.1, 5))
def test_a_joint_toll_lets_more_through_and_earns_no_less(costs: list[float], slope: float) -> None:
    alone, joint = separate_tolls(40.0, slope, costs), joint_toll(40.0, slope, costs)
    assert joint.volume >= alone.volume - 1e-12
    assert joint.revenue.sum() >= alone.revenue.sum() - 1e-9
    assert joint.toll.sum() <= alone.toll.sum() + 1e-9


def test_separate_tolls_on_the_textbook_line() -> None:
    for n, toll in ((1, 20.0), (2, 40 / 3), (3, 10.0)):
        found = separate_tolls(40.0, 1.0, np.zeros(n))
        assert found.toll == pytest.approx(np.full(n, toll))
        assert found.volume == pytest.approx(toll)


def test_costs_that_eat_the_gap_stop_the_trade() -> None:
    found = separate_tolls(10.0, 1.0, [6.0, 6.0])
    assert found.volume == 0.0
    assert (found.revenue == 0.0).all()


def test_shares_split_the_margin_of_a_joint_toll() -> None:
    found = joint_toll(40.0, 2.0, [1.0, 3.0], share=[0.25, 0.75])
    assert found.toll == pytest.approx([1.0 + 4.5, 3.0 + 13.5])
    assert found.volume == pytest.approx(9.0)


@given(COSTS, st.floats(0.1, 5))
def test_no_seller_gains_by_moving_his_own_quantity(costs: list[float], slope: float) -> None:
    costs = [c * 20 for c in costs]
    found = cournot(100.0, slope, costs)
    for i, own in enumerate(costs):
        others = found.quantity.sum() - found.quantity[i]
        for quantity in np.linspace(0, 120 / slope, 181):
            profit = (100.0 - slope * (others + quantity) - own) * quantity
            assert profit <= found.profit[i] + 1e-7
    assert found.price == pytest.approx(100.0 - slope * found.quantity.sum())


@given(st.integers(1, 5), st.integers(0, 10**6))
def test_shapley_value_is_the_mean_over_all_orders(n: int, seed: int) -> None:
    worth = np.random.default_rng(seed).normal(size=2**n)
    mean = np.zeros(n)
    orders = list(permutations(range(n)))
    for order in orders:
        coalition = 0
        for i in order:
            mean[i] += (worth[coalition | 1 << i] - worth[coalition]) / len(orders)
            coalition |= 1 << i
    found = shapley_value(worth)
    assert found == pytest.approx(mean, abs=1e-12)
    assert found.sum() == pytest.approx(worth[-1] - worth[0])


@pytest.mark.parametrize("n_runs", [1, 3, 8])
def test_a_batch_equals_its_single_runs_bit_for_bit(n_runs: int) -> None:
    rng = np.random.default_rng(1)
    gap, slope, cost = (
        rng.uniform(20, 60, n_runs),
        rng.uniform(1, 2, n_runs),
        rng.random((n_runs, 3)),
    )
    worth = rng.normal(size=(n_runs, 8))
    alone, joint = separate_tolls(gap, slope, cost), joint_toll(gap, slope, cost)
    sold, value = cournot(gap, slope, cost), shapley_value(worth)
    for r in range(n_runs):
        one = separate_tolls(gap[r], slope[r], cost[r])
        assert np.array_equal(one.toll, alone.toll[r])
        assert np.array_equal(one.revenue, alone.revenue[r])
        assert np.array_equal(joint_toll(gap[r], slope[r], cost[r]).toll, joint.toll[r])
        assert np.array_equal(cournot(gap[r], slope[r], cost[r]).quantity, sold.quantity[r])
        assert np.array_equal(shapley_value(worth[r]), value[r])


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match=r"slope: 0\.0 came"):
        separate_tolls(1.0, 0.0, [0.0])
    with pytest.raises(ValueError, match="one number per transit state"):
        separate_tolls(1.0, 1.0, [])
    with pytest.raises(ValueError, match="wanted 2 shares that sum to 1"):
        joint_toll(1.0, 1.0, [0.0, 0.0], share=[0.5, 0.6])
    with pytest.raises(ValueError, match="3 coalitions came"):
        shapley_value([0.0, 1.0, 2.0])


def test_a_way_needs_all_its_states_and_bypasses_weaken_each_other() -> None:
    """Serial partners share alike; of a sender with two bypasses the sender gets two thirds."""
    serial = best_route_worth(np.array([[True, True, True]]), [1.0])
    assert shapley_value(serial) == pytest.approx([1 / 3] * 3)
    parallel = best_route_worth(np.array([[True, True, False], [True, False, True]]), [1.0, 1.0])
    assert shapley_value(parallel) == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    one_better = best_route_worth(np.array([[True, True, False], [True, False, True]]), [1.0, 0.4])
    assert shapley_value(one_better)[1] > 1 / 6 > shapley_value(one_better)[2]
