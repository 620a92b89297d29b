"""Curves through a point: the market of the points is its own equilibrium."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.laws import energy
from sim.laws.energy import Arcs, Contracts, Demand, Supply
from sim.laws.energy.curves import carriage_line, falling_line, rising_line

positive = st.floats(0.1, 1e3)


@given(positive, positive, st.floats(0.05, 5.0))
def test_lines_pass_through_their_point_with_their_elasticity(price, quantity, elasticity):
    for line, sign in ((rising_line, 1.0), (falling_line, -1.0)):
        start, slope = line(price, quantity, elasticity)
        assert start + sign * slope * quantity == pytest.approx(price)
        assert price / (slope * quantity) == pytest.approx(elasticity)


def test_a_line_without_a_point_is_refused():
    with pytest.raises(ValueError, match="quantity: 0"):
        rising_line(1.0, 0.0, 1.0)


@pytest.mark.parametrize("smoothing", [0, 1e-8])
def test_a_cost_that_rises_with_use_is_paid_at_the_margin(smoothing):
    found = energy.equilibrium(
        Supply.linear([0], intercept=20.0, slope=1.0),
        Demand.linear([1], intercept=160.0, slope=1.0),
        Arcs([0], [1], cost=10.0, slope=2.0),
        smoothing=smoothing,
    )
    # 160 - q = 20 + q + 10 + 2 q
    assert found.flow == pytest.approx([32.5], rel=1e-5)
    assert found.price[0] == pytest.approx([52.5, 127.5], rel=1e-5)
    assert found.congestion_rent == pytest.approx([0.0], abs=0.1)
    carriage = (10.0 + 32.5) * 32.5
    assert float(found.cost) == pytest.approx(20 * 32.5 + 0.5 * 32.5**2 + carriage, rel=1e-4)


def test_a_full_arc_earns_what_its_rising_cost_leaves():
    found = energy.equilibrium(
        Supply.linear([0], intercept=20.0, slope=1.0),
        Demand.linear([1], intercept=160.0, slope=1.0),
        Arcs([0], [1], cost=10.0, slope=2.0, capacity=20.0),
        smoothing=0,
    )
    gap = (160.0 - 20.0) - (20.0 + 20.0)
    assert found.congestion_rent == pytest.approx([(gap - 10.0 - 40.0) * 20.0])


def test_a_contract_on_a_way_whose_cost_rises_is_refused():
    arcs = Arcs([0], [1], cost=10.0, slope=2.0)
    with pytest.raises(ValueError, match="arc 0 has a slope"):
        energy.equilibrium(
            Supply.linear([0], 20.0, 1.0),
            Demand.linear([1], 160.0, 1.0),
            arcs,
            contracts=Contracts([1], 5.0, 100.0, arc=0),
        )


@given(st.integers(0, 2**32 - 1))
def test_a_balance_is_the_equilibrium_of_curves_through_it(seed):
    rng = np.random.default_rng(seed)
    n = 4
    tail, head = np.array([(i, j) for i in range(n) for j in range(n) if i < j]).T
    flow = rng.uniform(0.5, 5.0, tail.size)
    price = np.sort(rng.uniform(50.0, 150.0, n))
    made = rng.uniform(20.0, 40.0, n)
    used = made - np.bincount(tail, flow, n) + np.bincount(head, flow, n)
    e_made, e_used, e_arc = (rng.uniform(0.1, 3.0, k) for k in (n, n, tail.size))
    supply, demand = rising_line(price, made, e_made), falling_line(price, used, e_used)
    arc = carriage_line(price[head] - price[tail], price[head], flow, e_arc)
    found = energy.equilibrium(
        Supply(np.arange(n), *supply),
        Demand(np.arange(n), *demand),
        Arcs(tail, head, arc.intercept, slope=arc.slope),
        smoothing=0,
    )
    assert found.price[0] == pytest.approx(price, rel=1e-6)
    assert found.flow == pytest.approx(flow, rel=1e-5)
