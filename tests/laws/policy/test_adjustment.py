"""Laws of the phase-in: how fast trade follows its cost."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws.policy.adjustment import (
    SPAN,
    lagged_by_spans,
    phase_in_kernel,
    sum_of_four,
)
from tests.twins.plain_twins import plain_lagged, plain_reached

SHARES = st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3).map(sorted)
HISTORIES = st.lists(st.floats(-2.0, 2.0), min_size=1, max_size=70)
SEEDS = st.integers(0, 2**32 - 1)


def column(values: list[float]) -> np.ndarray:
    """History of one cell of one run."""
    return np.array(values)[:, None, None]


def lagged(history: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Answer to a whole history (n_quarters, n_runs, n_cells), nothing having been before it."""
    past = np.concatenate([np.zeros((SPAN - 1, *history.shape[1:])), history[:-1]])
    spans = [past[k : k + SPAN].sum(axis=0) for k in range(len(history) - 1)]
    return lagged_by_spans(history[-1], spans, np.broadcast_to(kernel, (history.shape[1], 49)))


def test_phase_in_reaches_its_published_shares() -> None:
    """Border-year coefficients .1157, .2877, .0693, .0024 of the AGTPA phase-in, summed."""
    effect = np.array([0.1157, 0.2877, 0.0693, 0.0024])
    reached = (effect / effect.sum()).cumsum()
    kernel = phase_in_kernel(*reached[:3])
    assert_allclose(kernel.cumsum()[[0, 16, 32, 48]], reached, rtol=1e-12)
    assert_allclose(reached[:3], [0.2436, 0.849, 0.995], atol=5e-4)


@settings(max_examples=60)
@given(SHARES)
def test_weights_are_shares_that_sum_to_one(shares: list[float]) -> None:
    kernel = phase_in_kernel(*shares)
    assert kernel.shape == (49,)
    assert kernel.min() >= 0.0
    assert_allclose(kernel.sum(), 1.0, rtol=1e-12)


@settings(max_examples=60)
@given(SHARES)
def test_the_share_reached_lies_on_straight_lines_between_the_points(shares: list[float]) -> None:
    reached = phase_in_kernel(*shares).cumsum()
    twin = [plain_reached(quarter / 4, *shares) for quarter in range(49)]
    assert_allclose(reached, twin, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "shares",
    [(0.5, 0.4, 0.9), (0.2, 0.9, 0.8), (-0.1, 0.5, 0.9), (0.2, 0.5, 1.1), (0.2, np.nan, 0.9)],
)
def test_shares_that_do_not_rise_from_nothing_to_one_are_refused(shares: tuple[float]) -> None:
    with pytest.raises(ValueError, match="must rise from 0 to 1"):
        phase_in_kernel(*shares)


@settings(max_examples=60)
@given(HISTORIES, SHARES)
def test_each_change_counts_by_the_share_reached_at_its_age(
    history: list[float], shares: list[float]
) -> None:
    kernel = phase_in_kernel(*shares)
    answer = lagged(column(history), kernel)
    assert_allclose(answer[0, 0], plain_lagged(history, kernel.cumsum()), rtol=1e-9, atol=1e-12)


@settings(max_examples=60)
@given(SHARES, st.floats(-2.0, 2.0), st.integers(1, 80))
def test_a_lasting_change_is_followed_step_by_step_and_in_the_end_in_full(
    shares: list[float], change: float, quarters: int
) -> None:
    kernel = phase_in_kernel(*shares)
    answer = lagged(column([change] * quarters), kernel)[0, 0]
    assert_allclose(answer, change * kernel[:quarters].sum(), rtol=1e-12, atol=1e-14)
    if quarters >= 49:
        assert_allclose(answer, change, rtol=1e-12, atol=1e-14)


@settings(max_examples=60)
@given(HISTORIES, SHARES)
def test_trade_never_leaves_the_range_its_cost_has_been_in(
    history: list[float], shares: list[float]
) -> None:
    answer = lagged(column(history), phase_in_kernel(*shares))[0, 0]
    assert min(0.0, *history) - 1e-12 <= answer <= max(0.0, *history) + 1e-12


@settings(max_examples=60)
@given(HISTORIES)
def test_immediate_adjustment_knows_only_the_present(history: list[float]) -> None:
    assert lagged(column(history), phase_in_kernel(1.0, 1.0, 1.0))[0, 0] == history[-1]


@settings(max_examples=60)
@given(HISTORIES, HISTORIES, SHARES, st.floats(-3, 3))
def test_responses_to_two_histories_add(
    one: list[float], other: list[float], shares: list[float], times: float
) -> None:
    n = min(len(one), len(other))
    a, b, kernel = column(one[:n]), column(other[:n]), phase_in_kernel(*shares)
    assert_allclose(
        lagged(a + times * b, kernel), lagged(a, kernel) + times * lagged(b, kernel), atol=1e-12
    )


@settings(max_examples=60)
@given(HISTORIES, SHARES, st.integers(1, 20))
def test_quarters_before_anything_changed_do_not_matter(
    history: list[float], shares: list[float], quiet: int
) -> None:
    kernel = phase_in_kernel(*shares)
    assert_array_equal(
        lagged(column([0.0] * quiet + history), kernel), lagged(column(history), kernel)
    )


@settings(max_examples=25)
@given(SEEDS, SHARES, st.integers(1, 30))
def test_what_was_more_than_twelve_years_ago_is_forgotten(
    seed: int, shares: list[float], older: int
) -> None:
    recent, past = np.random.default_rng(seed).normal(size=(2, 49))
    kernel = phase_in_kernel(*shares)
    assert_array_equal(
        lagged(column([*past[:older], *recent]), kernel), lagged(column([*recent]), kernel)
    )


def test_no_change_ever_is_no_change_now() -> None:
    assert not lagged(np.zeros((10, 2, 3)), phase_in_kernel(0.24, 0.85, 0.995)).any()


@settings(max_examples=25)
@given(SEEDS, st.sampled_from([1, 3, 5, 6, 49]))
def test_a_batch_of_histories_equals_its_single_runs(seed: int, n_runs: int) -> None:
    rng = np.random.default_rng(seed)
    shares = np.sort(rng.uniform(0, 1, (3, n_runs)), axis=0)
    history = rng.normal(size=(6, n_runs, 5))
    kernel = phase_in_kernel(*shares)
    batch, common = lagged(history, kernel), lagged(history, kernel[0])
    for r in range(n_runs):
        single = phase_in_kernel(*shares[:, r])
        assert_array_equal(kernel[r], single)
        assert_array_equal(batch[r], lagged(history[:, r : r + 1], single)[0])
        assert_array_equal(common[r], lagged(history[:, r : r + 1], kernel[:1])[0])


@pytest.mark.parametrize("n_parts", [1, 2, 3, 4])
def test_sums_of_parts_are_taken_in_their_order(n_parts: int) -> None:
    parts = np.random.default_rng(n_parts).normal(size=(n_parts, 3, 7))
    assert_array_equal(sum_of_four(tuple(parts)), functools.reduce(np.add, parts))
