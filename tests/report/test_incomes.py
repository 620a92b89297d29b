"""Gains in money: what a fall of trade costs is worth, no more."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim.laws import gravity
from sim.report.incomes import goods_income

FALL = 1e-4
"""Fall of the cost between two of the states [log]."""


@pytest.mark.parametrize("deficits", ["universal", "additive"])
def test_gains_of_all_sum_to_the_cost_that_is_saved(deficits):
    # To the first order the world gains what it no longer spends on the way (envelope theorem).
    trade = np.array([[[900.0, 30.0, 70.0], [60.0, 400.0, 20.0], [40.0, 50.0, 2000.0]]])
    cost = np.ones((1, *trade.shape))
    cost[..., 0, 1] = np.exp(-FALL)
    found = gravity.equilibrium(
        trade, trade_cost_change=cost, trade_elasticity=5.0, deficits=deficits, closure="full"
    )
    world = SimpleNamespace(trade=trade, preferences=np.zeros_like(trade))
    material = SimpleNamespace(world=world, scenario=SimpleNamespace(deficits=deficits))
    gains = (found.welfare_change[0] - 1.0) * goods_income(material)
    assert gains.sum() == pytest.approx(FALL * trade[0, 0, 1], rel=1e-3)


def test_duty_is_income_and_so_is_what_is_lent_for_good():
    trade = np.array([[[10.0, 4.0], [2.0, 20.0]]])
    duty = np.array([[[0.0, 0.5], [0.1, 0.0]]])
    world = SimpleNamespace(trade=trade, preferences=duty)
    for deficits, wanted in (("universal", [14.2, 24.0]), ("additive", [12.2, 26.0])):
        material = SimpleNamespace(world=world, scenario=SimpleNamespace(deficits=deficits))
        assert goods_income(material) == pytest.approx(wanted)
