"""Laws of the trade cost of border hours."""

from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from sim.laws.policy.trade_costs import border_time_factor


def test_worked_example_of_border_hours() -> None:
    """Ten per cent less time, elasticity -0.14: trade is 0.9 ** -0.14 (Kim and Mariano 2020)."""
    factor = border_time_factor(0.9, border_time_elasticity=-0.14, trade_elasticity=5.03)
    assert_allclose(factor**-5.03, 0.9**-0.14, rtol=1e-12)
    assert 0.014 < factor**-5.03 - 1 < 0.015


@settings(max_examples=60)
@given(st.floats(0.01, 10), st.floats(-0.4, -0.01), st.floats(1, 12), st.floats(1, 12))
def test_border_hours_move_trade_alike_under_every_trade_elasticity(
    ratio: float, elasticity: float, one: float, other: float
) -> None:
    trade = [
        border_time_factor(ratio, border_time_elasticity=elasticity, trade_elasticity=theta)
        ** -theta
        for theta in (one, other)
    ]
    assert_allclose(trade, ratio**elasticity, rtol=1e-10)


@settings(max_examples=60)
@given(st.floats(0.01, 10), st.floats(0.01, 10), st.floats(-0.4, 0.0), st.floats(1, 12))
def test_longer_border_hours_never_make_trade_cheaper(
    one: float, other: float, elasticity: float, theta: float
) -> None:
    low, high = border_time_factor(
        [min(one, other), max(one, other)],
        border_time_elasticity=elasticity,
        trade_elasticity=theta,
    )
    assert low <= high


def test_unchanged_hours_or_no_elasticity_leave_the_cost() -> None:
    assert border_time_factor(1.0, border_time_elasticity=-0.14, trade_elasticity=5.0) == 1.0
    assert border_time_factor(0.3, border_time_elasticity=0.0, trade_elasticity=5.0) == 1.0
