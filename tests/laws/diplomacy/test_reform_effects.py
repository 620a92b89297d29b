"""Reforms wait for their time and for money."""

import math

from hypothesis import given
from hypothesis import strategies as st

from sim.laws.diplomacy.reform_effects import quarters_done, raised_capacity

STEP = st.tuples(st.integers(8000, 8040), st.floats(0.0, 5.0), st.floats(1.0, 500.0))


def test_without_a_limit_only_time_matters() -> None:
    assert quarters_done([8000, 8000], [1.0, 2.0], [1e6, 5.0], math.inf) == [8004, 8008]


def test_money_that_is_there_at_the_end_of_a_quarter_is_there_for_the_next() -> None:
    # 75 + 3 * 50 million out of 30 a year are seven and a half years to the day.
    done = quarters_done([8090] * 4, [0.0] * 4, [75.0, 50.0, 50.0, 50.0], 30.0)
    assert done == [8100, 8107, 8114, 8120]


@given(st.lists(STEP, min_size=1, max_size=5), st.floats(1.0, 1000.0), st.floats(1.0, 5.0))
def test_no_reform_is_done_early_or_on_money_that_is_not_there(steps, budget, more) -> None:
    start, takes, cost = zip(*steps, strict=True)
    done = quarters_done(start, takes, cost, budget)
    assert all(d >= s + 4 * t - 1e-9 for d, s, t in zip(done, start, takes, strict=True))
    span = (max(done) - min(start)) / 4
    assert sum(cost) <= budget * span * (1 + 1e-9) + 1e-6
    richer = quarters_done(start, takes, cost, more * budget)
    assert all(r <= d for r, d in zip(richer, done, strict=True))


def test_a_gap_closes_by_its_share_and_never_beyond_the_best() -> None:
    assert raised_capacity(0.2, 0.0) == 0.2
    assert raised_capacity(0.2, 0.95) < 1.0
