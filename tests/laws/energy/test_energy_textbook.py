"""Textbook spatial equilibria and minimum-cost flows, with answers worked out by hand."""

import numpy as np
import pytest

from sim.laws import energy
from sim.laws.energy import Arcs, Demand, Supply

FREE = np.inf
AMPLE = 1e3

# Two regions after Samuelson (1952): p = 2 + q and 10 + q made, 30 - q and 40 - q used.
TWO_SUPPLY = Supply([0, 1], [2.0, 10.0], [1.0, 1.0], [AMPLE, AMPLE])
TWO_DEMAND = Demand([0, 1], [30.0, 40.0], [1.0, 1.0], [AMPLE, AMPLE])
# Ten made at 5, eight wanted at most at 50, by a hub or past it.
HUB_SUPPLY, HUB_DEMAND = Supply([0], [5.0], [0.0], [10.0]), Demand([2], [50.0], [0.0], [8.0])

CASES = {
    # 2 (p - 16) = 2 (25 - p - 4): p = 18.5
    "trade at a cost of 4": (
        TWO_SUPPLY, TWO_DEMAND, Arcs([0], [1], [4.0], [FREE]), [18.5, 22.5], [5.0],
    ),
    # the gap in autarky is 9
    "a prohibitive cost leaves autarky": (
        TWO_SUPPLY, TWO_DEMAND, Arcs([0], [1], [10.0], [FREE]), [16.0, 25.0], [0.0],
    ),
    # 2 (p - 16) = 3; the gap of 6 is the cost of 4 and a rent of 2
    "a narrow pipe splits the market": (
        TWO_SUPPLY, TWO_DEMAND, Arcs([0], [1], [4.0], [3.0]), [17.5, 23.5], [3.0],
    ),
    "transshipment by the hub": (
        HUB_SUPPLY, HUB_DEMAND, Arcs([0, 1, 0], [1, 2, 2], [2.0, 3.0, 6.0], [FREE] * 3),
        [5.0, 7.0, 10.0], [8.0, 8.0, 0.0],
    ),
    "a full hub is worth the detour": (
        HUB_SUPPLY, HUB_DEMAND, Arcs([0, 1, 0], [1, 2, 2], [2.0, 3.0, 6.0], [5.0, FREE, FREE]),
        [5.0, 8.0, 11.0], [5.0, 5.0, 3.0],
    ),
    # a unit given needs 1 / 0.9 units taken: (9 + 0.9) / 0.9 = 11
    "losses are paid for": (
        Supply([0], [9.0], [0.0], [100.0]), Demand([1], [50.0], [0.0], [9.0]),
        Arcs([0], [1], [0.9], [FREE], loss=0.1), [9.0, 11.0], [10.0],
    ),
    # (p - 10) + (p - 12) = 62 - p
    "no cost, one price": (
        Supply([0, 1], [10.0, 12.0], [1.0, 1.0], [AMPLE] * 2),
        Demand([2], [62.0], [1.0], [AMPLE]),
        Arcs([0, 1], [2, 2], [0.0, 0.0], [FREE] * 2), [28.0, 28.0, 28.0], [18.0, 16.0],
    ),
    "nobody wants any": (
        Supply([0], [5.0], [0.0], [10.0]), Demand([1], [50.0], [0.0], [0.0]),
        Arcs([0], [1], [1.0], [FREE]), [5.0, 6.0], [0.0],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_exact_method_gives_the_answer_by_hand(case: str) -> None:
    supply, demand, arcs, price, flow = CASES[case]
    found = energy.equilibrium(supply, demand, arcs, smoothing=0.0)
    np.testing.assert_allclose(found.price, [price], atol=1e-9)
    np.testing.assert_allclose(found.flow, flow, atol=1e-9)
    assert float(found.residual) < 1e-9


@pytest.mark.parametrize("case", CASES)
def test_smoothing_loses_no_more_than_it_states(case: str) -> None:
    supply, demand, arcs, *_ = CASES[case]
    exact = energy.equilibrium(supply, demand, arcs, smoothing=0.0)
    found = energy.equilibrium(supply, demand, arcs)
    lost = float(exact.surplus - found.surplus)
    assert -1e-9 <= lost <= float(found.smoothing_bias) + 1e-12
    assert float(found.residual) < 1e-9


def test_a_degenerate_transport_problem_costs_what_it_must() -> None:
    supply = Supply([0, 1], [1.0, 1.0], [0.0, 0.0], [5.0, 5.0])
    demand = Demand([2, 3], [100.0, 100.0], [0.0, 0.0], [5.0, 5.0])
    arcs = Arcs([0, 0, 1, 1], [2, 3, 2, 3], [1.0, 2.0, 2.0, 1.0], [FREE] * 4)
    found = energy.equilibrium(supply, demand, arcs, smoothing=0.0)
    assert float(found.surplus) == pytest.approx(10 * (100 - 1 - 1), abs=1e-9)
    np.testing.assert_allclose(found.flow, [5.0, 0.0, 0.0, 5.0], atol=1e-9)


def test_places_without_a_way_between_them_do_not_trade() -> None:
    supply, demand = Supply([0], [5.0], [0.0], [10.0]), Demand([1], [50.0], [0.0], [8.0])
    found = energy.equilibrium(supply, demand, Arcs([], [], [], []), smoothing=0.0, n_nodes=2)
    assert found.produced.sum() == 0.0
    assert found.consumed.sum() == 0.0
