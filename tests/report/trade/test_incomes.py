"""Gains in money: what a fall of trade costs is worth, no more."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim.laws import gravity
from sim.report.trade.incomes import goods_income

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
    world = SimpleNamespace(trade=trade, tariffs=SimpleNamespace(applied_rate=np.zeros_like(trade)))
    inputs = SimpleNamespace(world=world, scenario=SimpleNamespace(deficits=deficits))
    gains = (found.welfare_change[0] - 1.0) * goods_income(inputs)
    assert gains.sum() == pytest.approx(FALL * trade[0, 0, 1], rel=1e-3)


def test_duty_is_income_and_so_is_what_is_lent_for_good():
    trade = np.array([[[10.0, 4.0], [2.0, 20.0]]])
    duty = np.array([[[0.0, 0.5], [0.1, 0.0]]])
    world = SimpleNamespace(trade=trade, tariffs=SimpleNamespace(applied_rate=duty))
    for deficits, wanted in (("universal", [14.2, 24.0]), ("additive", [12.2, 26.0])):
        inputs = SimpleNamespace(world=world, scenario=SimpleNamespace(deficits=deficits))
        assert goods_income(inputs) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("largest", "unit"), [(2e-2, "%"), (5e-4, "bp"), (3e-7, "bp"), (0.0, "bp")]
)
def test_the_figure_has_a_unit_of_the_tables_however_small_the_change(largest, unit):
    from sim.report.trade.incomes import unit_of

    assert unit_of(np.array([0.0, -largest]))[2] == unit


def test_an_interval_has_the_decimals_of_its_estimate_and_small_changes_have_no_row():
    from sim.report.page.blocks import Fold, TableBlock
    from sim.report.trade.gains_and_losses import ranked_incomes
    from sim.report.trade.incomes import Incomes

    median = np.array([0.152, 2.0, -0.4, 0.0001])
    gain = np.stack([median - 0.08, median, median, median, median + 0.12])
    gain[:, 3] = [-1e-3, 0.0, 1e-4, 0.0, 1e-3]
    incomes = Incomes(("A", "B", "C", "D"), ("A", "B", "C", "D"), gain / 1e4, gain)
    table, rest = ranked_incomes(SimpleNamespace(by="2030Q4"), incomes)
    assert isinstance(table, TableBlock)
    told = {row[0]: row[1].text for row in table.rows}
    assert told == {
        "B": "+2.00 (+1.92 to +2.12)",
        "A": "+0.15 (+0.07 to +0.27)",
        "C": "\N{MINUS SIGN}0.40 (\N{MINUS SIGN}0.48 to \N{MINUS SIGN}0.28)",
    }
    assert isinstance(rest, Fold)
    assert rest.line == "1 other region changes by less than 0.001 million USD either way"
    (folded,) = rest.blocks
    assert [row[0] for row in folded.rows] == ["D"]
