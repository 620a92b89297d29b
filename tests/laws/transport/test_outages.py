"""Laws of closures: by chance, of several causes, on routes of several gates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats

from sim.laws.transport.outages import DAYS_A_QUARTER, chance_closures, open_share, route_open_share
from sim.scenario.sampling.random_streams import Streams
from tests.twins.plain_twins import (
    plain_chance_closures,
    plain_poisson_count,
    plain_route_open_share,
    plain_waiting_time,
)

SEEDS = st.integers(0, 2**32 - 1)
RATES = st.floats(0.0, 8.0)
LENGTHS = st.floats(0.0, 400.0)
SHARES = st.floats(0.0, 1.0)


def draws(seed: int, *shape: int) -> tuple[np.ndarray, np.ndarray]:
    start, length = np.random.default_rng(seed).uniform(size=(2, *shape))
    return start, length


def closed(start: np.ndarray, length: np.ndarray, rate: float, days: float) -> np.ndarray:
    n_gates = start.shape[1]
    return chance_closures(
        start, length, rate_per_year=[rate] * n_gates, mean_days=[days] * n_gates
    )


# --- by chance --------------------------------------------------------------------------------


def test_worked_example_of_a_closure_that_runs_on() -> None:
    """One and a half quarters' closure in the first quarter also halves the second."""
    start, length = np.array([[[0.95, 0.5, 0.5]]]), np.array([[[1 - np.exp(-1.5), 0.5, 0.5]]])
    share = closed(start, length, 0.4, DAYS_A_QUARTER)
    assert_allclose(share, [[[1.0, 0.5, 0.0]]], atol=1e-12)


def test_worked_example_of_two_closures_in_one_quarter() -> None:
    """At one a quarter, draws from 2/e to 2.5/e begin two; half of all pairs last 1.678 means."""
    start, length = np.array([[[2.2 / np.e, 0.1]]]), np.array([[[0.5, 0.5]]])
    assert_allclose(
        closed(start, length, 4.0, 10.0) * DAYS_A_QUARTER, [[[16.7835, 0.0]]], atol=1e-4
    )


@settings(max_examples=60)
@given(SEEDS, RATES, LENGTHS)
def test_closures_are_served_day_by_day(seed: int, rate: float, days: float) -> None:
    start, length = draws(seed, 2, 2, 12)
    share = closed(start, length, rate, days)
    for run in range(2):
        for gate in range(2):
            twin = plain_chance_closures(
                start[run, gate].tolist(), length[run, gate].tolist(), rate, days, DAYS_A_QUARTER
            )
            assert_allclose(share[run, gate], twin, rtol=1e-9, atol=1e-12)


@settings(max_examples=60)
@given(SEEDS, RATES, st.floats(0.0, 60.0))
def test_no_closed_day_is_lost(seed: int, rate: float, days: float) -> None:
    start, length = draws(seed, 3, 1, 12)
    quiet = np.full((3, 1, 200), 1e-9)
    long = np.concatenate([start, quiet], axis=-1), np.concatenate([length, quiet], axis=-1)
    total = closed(*long, rate, days).sum(axis=-1) * DAYS_A_QUARTER
    each = [
        plain_waiting_time(u, plain_poisson_count(p, rate / 4)) * days
        for p, u in zip(start.ravel(), length.ravel(), strict=True)
    ]
    assert_allclose(total, np.reshape(each, start.shape).sum(axis=-1), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("rate", [0.2, 30.0])
def test_expected_closed_days_are_the_rate_times_the_mean(rate: float) -> None:
    """Averaged over a fine grid of both draws, with time for all closed days to be served."""
    days = 9.0
    grids = np.meshgrid((np.arange(2_000) + 0.5) / 2_000, (np.arange(200) + 0.5) / 200)
    start, length = (axis.reshape(-1, 1, 1) for axis in grids)
    quiet = np.full((start.size, 1, 5), 1e-9)
    share = closed(
        np.concatenate([start, quiet], axis=-1),
        np.concatenate([length, quiet], axis=-1),
        rate,
        days,
    )
    assert share[..., -1].max() == 0.0
    served = share.sum(axis=-1).mean() * DAYS_A_QUARTER
    assert served == pytest.approx(rate / 4 * days, rel=0.01)


@settings(max_examples=60)
@given(st.floats(0.0, 50.0), st.floats(0.0, 1.0, exclude_min=True, exclude_max=True))
def test_counts_are_those_of_the_poisson_distribution(rate: float, uniform: float) -> None:
    # The median of their days together tells how many there were.
    share = closed(np.array([[[uniform]]]), np.array([[[0.5]]]), rate, 1.0) * DAYS_A_QUARTER
    median = plain_waiting_time(0.5, plain_poisson_count(uniform, rate / 4))
    assert_allclose(share[0, 0, 0], min(median, DAYS_A_QUARTER), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("rate", [0.04, 0.4, 4.0, 50.0])
def test_the_last_number_below_one_begins_no_more_than_a_rare_many(rate: float) -> None:
    """Sums of probabilities can round to less than the largest draw."""
    largest = np.array([[[1 - 2.0**-53]]])
    days = closed(largest, np.array([[[0.5]]]), rate, 1.0)[0, 0, 0] * DAYS_A_QUARTER
    most = stats.poisson.isf(2.0**-53, rate / 4) + 1
    assert days <= plain_waiting_time(0.5, int(most))


@settings(max_examples=60)
@given(SEEDS, RATES, RATES, LENGTHS, LENGTHS)
def test_more_and_longer_closures_never_open_a_gate(
    seed: int, rate: float, more: float, days: float, longer: float
) -> None:
    start, length = draws(seed, 2, 2, 12)
    few, many = closed(start, length, rate, days), closed(start, length, rate + more, days + longer)
    assert np.all(few <= many + 1e-12)
    assert many.min() >= 0.0
    assert many.max() <= 1.0


def test_no_hazard_or_no_length_closes_nothing() -> None:
    start, length = draws(5, 4, 3, 20)
    assert not closed(start, length, 0.0, 100.0).any()
    assert not closed(start, length, 5.0, 0.0).any()


def test_a_certain_and_endless_closure_closes_for_good() -> None:
    start, length = draws(5, 4, 3, 20)
    assert np.all(closed(start, length + 1e-9, 400.0, 1e15) == 1.0)


def test_closures_begin_as_often_and_last_as_long_as_asked() -> None:
    streams = Streams(7, range(4_000))
    gates = ["a", "b"]
    share = chance_closures(
        streams.uniform("starts", gates, 1),
        streams.uniform("lengths", gates, 1),
        rate_per_year=[0.4, 2.0],
        mean_days=[5.0, 5.0],
    )[..., 0]
    begun = np.array([0.1, 0.5])
    chance = 1 - np.exp(-begun)
    error = np.sqrt(chance * (1 - chance) / 4_000)
    assert np.all(np.abs((share > 0).mean(axis=0) - chance) < 4 * error)
    # A Poisson number of exponential lengths has the variance 2 * number * length squared.
    days = share.mean(axis=0) * DAYS_A_QUARTER
    assert np.all(np.abs(days - begun * 5.0) < 4 * 5.0 * np.sqrt(2 * begun / 4_000))
    spread = share.std(axis=0) * DAYS_A_QUARTER
    assert_allclose(spread, 5.0 * np.sqrt(2 * begun), rtol=0.12)


def test_what_happens_later_does_not_change_the_quarters_before() -> None:
    start, length = draws(9, 3, 2, 12)
    whole = closed(start, length, 1.0, 80.0)
    assert_array_equal(whole[..., :5], closed(start[..., :5], length[..., :5], 1.0, 80.0))


# --- several causes, several gates ------------------------------------------------------------


@settings(max_examples=60)
@given(st.lists(SHARES, min_size=1, max_size=6))
def test_open_is_what_every_cause_leaves_open(causes: list[float]) -> None:
    share = open_share(causes)
    assert_allclose(share, np.prod([1 - c for c in causes]), rtol=1e-12)
    assert 0.0 <= share <= 1 - max(causes) + 1e-15


def test_one_full_cause_closes_and_no_cause_leaves_open() -> None:
    assert open_share([0.0, 1.0, 0.3]) == 0.0
    assert open_share([0.0, 0.0]) == 1.0
    assert open_share(np.empty((0, 2))).tolist() == [1.0, 1.0]
    assert open_share([[1.2], [-0.3]]).tolist() == [0.0]


@settings(max_examples=60)
@given(SEEDS, st.sampled_from([1, 4, 9]))
def test_a_route_is_open_when_every_gate_it_passes_is(seed: int, n_gates: int) -> None:
    rng = np.random.default_rng(seed)
    gate_open, passes = rng.uniform(size=n_gates), rng.uniform(size=(5, n_gates)) < 0.5
    share = route_open_share(gate_open, passes)
    twin = [plain_route_open_share(gate_open.tolist(), row.tolist()) for row in passes]
    assert_allclose(share, twin, rtol=1e-13)
    for route, row in zip(share, passes, strict=True):
        assert route <= min(gate_open[row], default=1.0)


def test_a_closed_gate_closes_the_routes_through_it_and_no_other() -> None:
    passes = np.array([[True, True], [False, True], [False, False]])
    assert route_open_share(np.array([1.0, 0.0]), passes).tolist() == [0.0, 0.0, 1.0]


@settings(max_examples=25)
@given(SEEDS, st.sampled_from([1, 2, 5, 9, 12]))
def test_a_batch_of_closures_equals_its_single_runs(seed: int, n_runs: int) -> None:
    n_gates, n_quarters = 9, 12
    start, length = draws(seed, n_runs, n_gates, n_quarters)
    rng = np.random.default_rng(seed)
    terms = {
        "rate_per_year": rng.uniform(0, 3, n_gates),
        "mean_days": rng.uniform(0, 200, n_gates),
    }
    passes = rng.uniform(size=(5, n_gates)) < 0.6
    share = chance_closures(start, length, **terms)
    left = open_share(np.stack([share, share / 2]))
    routes = route_open_share(np.swapaxes(left, -1, -2), passes)
    for r in range(n_runs):
        one = chance_closures(start[r : r + 1], length[r : r + 1], **terms)[0]
        assert_array_equal(share[r], one)
        assert_array_equal(left[r], open_share(np.stack([one, one / 2])))
        assert_array_equal(routes[r], route_open_share(left[r].T, passes))
