"""Crossed paths: the same numbers as plain loops, and intervals that cover."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from sim.laws.uncertainty.crossing import MIN_LEFT, PathPairs
from sim.laws.uncertainty.intervals import COVERAGE, share_interval
from sim.laws.uncertainty.pair_trade import pair_trade
from sim.laws.uncertainty.resampling import chosen_paths
from tests.twins.plain_twins import (
    plain_crossed_variance,
    plain_pair_trade,
    plain_weighted_share,
)

KNOWN_SPREAD, RESIDUAL_SPREAD = 0.35, 0.7
N_RESIDUAL, N_SEEDS = 512, 250
SHARES = (0.005, 0.02, 0.2, 0.5)
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def test_trade_of_pairs_is_that_of_plain_loops():
    rng = np.random.default_rng(1)
    known, factor = rng.random((3, 2, 4)), rng.random((5, 2, 4))
    apart = rng.random((3, 4))
    trade = pair_trade(known, factor, apart)
    for k in range(3):
        for r in range(5):
            plain = plain_pair_trade(known[k].tolist(), factor[r].tolist(), apart[k].tolist())
            assert trade[k, r] == pytest.approx(plain, rel=1e-13)
    # A path's numbers do not depend on the others.
    np.testing.assert_array_equal(pair_trade(known[1:2], factor[:2], apart[1:2]), trade[1:2, :2])


@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 10**6))
def test_weighted_shares_are_those_of_plain_loops(n_known, n_residual, seed):
    rng = np.random.default_rng(seed)
    values, log_weight = (rng.normal(size=(n_known, n_residual)) for _ in range(2))
    pairs = PathPairs(((n_known, n_residual),), (log_weight,))
    share, _ = pairs.reached([values], 0.3)
    assert share == pytest.approx(
        plain_weighted_share(values.tolist(), log_weight.tolist(), 0.3), abs=1e-12
    )


def test_what_always_happens_is_no_likelier_than_certain():
    """Whichever way the sum of the weights is rounded."""
    rounded = []
    for seed in range(50):
        log_weight = np.random.default_rng(seed).normal(size=(4, 64))
        pairs = PathPairs(((4, 64),), (log_weight,))
        rounded.append(pairs.average([np.ones((4, 64))]))
        told = pairs.chance([np.ones((4, 64))], 0.5)
        assert told.value == pytest.approx(1.0, abs=1e-12)
        assert 0.0 < told.low < told.value <= told.high <= 1.0
    assert min(rounded) < 1.0 < max(rounded)


def test_equal_weights_are_no_weights():
    rng = np.random.default_rng(2)
    values = [rng.normal(size=(4, 30)), rng.normal(size=(3, 30))]
    shapes = ((4, 30), (3, 30))
    plain, weighted = (
        PathPairs(shapes),
        PathPairs(shapes, (np.full((4, 30), 7.0), np.full((3, 30), 7.0))),
    )
    assert weighted.effective_sample == pytest.approx(210, rel=0.03)
    np.testing.assert_allclose(weighted.mean(values), plain.mean(values))
    np.testing.assert_allclose(weighted.chance(values, 0.5), plain.chance(values, 0.5))
    np.testing.assert_allclose(
        weighted.quantile(values, 0.5), plain.quantile(values, 0.5), atol=0.05
    )


def test_a_pair_that_is_doubled_weighs_as_much_as_two():
    values = np.array([[1.0, 2.0, 5.0]])
    weight = np.log([[1.0, 2.0, 1.0]])
    assert PathPairs(((1, 3),), (weight,)).average([values]) == pytest.approx(2.5)


def test_runs_that_are_not_crossed_have_the_usual_intervals():
    values = np.random.default_rng(3).normal(size=(400, 1))
    pairs = PathPairs(((400, 1),))
    share = float((values >= 1.0).mean())
    np.testing.assert_allclose(
        pairs.chance([values], 1.0)[1:], share_interval(share, 400), rtol=0.02
    )
    middle, low, high = pairs.quantile([values], 0.5)
    assert middle == pytest.approx(np.median(values))
    ranked = np.sort(values[:, 0])
    assert low == pytest.approx(ranked[183], abs=0.03)  # binomial: 400/2 -+ 1.645 * 10
    assert high == pytest.approx(ranked[216], abs=0.03)


def test_one_known_path_tells_no_interval():
    pairs, values = PathPairs(((1, 100),)), [np.random.default_rng(4).random((1, 100))]
    assert np.isinf(pairs.mean(values)[1:]).all()
    assert np.isinf(pairs.quantile(values, 0.5)[1:]).all()
    assert pairs.chance(values, 0.5).low < 0.05
    assert pairs.chance(values, 0.5).high > 0.95


def test_what_is_the_same_in_both_differs_by_nothing_and_what_never_happens_is_not_certain():
    rng = np.random.default_rng(5)
    values = [rng.random((20, 200))]
    pairs = PathPairs(((20, 200),))
    assert pairs.chance_difference(values, values, 2.0) == (0.0, 0.0, 0.0)
    value, low, high = pairs.chance_difference([1.1 * values[0]], values, 2.0)
    assert value == 0.0
    assert -0.1 < low < 0.0 < high < 0.1
    low, high = pairs.chance(values, 2.0)[1:]
    assert low == 0.0 < high < 0.1


@given(st.integers(2, 4), st.integers(2, 5), st.booleans(), st.integers(0, 10**6))
def test_the_variance_is_that_of_all_couples_that_share_something(n_known, n_residual, split, seed):
    """Squares of contributions are the sum over couples, where no part is used twice."""
    rng = np.random.default_rng(seed)
    log_weight, values = (rng.normal(size=(n_known, n_residual)) for _ in range(2))
    parents = np.stack([rng.permutation(2 * n_residual)[:n_residual] for _ in range(2)])
    pairs = PathPairs((values.shape,), (log_weight,), (parents,) if split else None)
    (weight,) = pairs.weight
    errors = values - (weight * values).sum()
    found = pairs.influence([errors])
    rows = (weight * errors).sum(axis=1)
    left = np.maximum(1.0 - weight.sum(axis=1), MIN_LEFT)
    leverage = left / np.sqrt((n_known - 1) / n_known)
    np.testing.assert_allclose(found.known * leverage, rows)
    shared = parents.tolist() if split else [list(range(n_residual))]
    squares = [float((each**2).sum()) for each in (rows, *found[1:])]
    assert squares[0] + squares[1] - squares[2] - squares[3] == pytest.approx(
        plain_crossed_variance((weight * errors).tolist(), shared), abs=1e-12
    )


@pytest.mark.parametrize(("n_known", "n_residual"), [(5, 40), (40, 8)])
def test_the_variance_of_a_mean_is_unbiased(n_known, n_residual):
    """Two random effects and their interaction, whose variance is known in closed form."""
    by_known, by_residual, apart = 1.0, 2.0, 3.0
    rng, found = np.random.default_rng(20), []
    pairs = PathPairs(((n_known, n_residual),))
    for _ in range(2000):
        values = (
            by_known * rng.normal(size=(n_known, 1))
            + by_residual * rng.normal(size=n_residual)
            + apart * rng.normal(size=(n_known, n_residual))
        )
        error, _ = pairs.spread(pairs.influence([values - values.mean()]))
        found.append(error**2)
    exact = by_known**2 / n_known + by_residual**2 / n_residual
    exact += apart**2 / (n_known * n_residual)
    assert np.mean(found) == pytest.approx(exact, rel=0.04)


def drawn(rng, n_known, effect):
    """Trade of two directions with and without a policy that known paths differ about."""
    known = 100.0 * np.exp(rng.normal(0.0, KNOWN_SPREAD, (n_known, 2)))
    factor = np.exp(rng.normal(0.0, RESIDUAL_SPREAD, (N_RESIDUAL, 2)))
    nothing, changed = np.zeros((n_known, 1)), np.exp(effect(rng, n_known))
    return [pair_trade(k[..., None], factor[..., None], nothing) for k in (known * changed, known)]


def even(rng, n):
    """A policy that does a little everywhere."""
    return 0.05 + 0.03 * rng.normal(size=(n, 1))


def rare(rng, n):
    """A policy that comes about in three futures of ten and then does much."""
    return (rng.random((n, 1)) < 0.3) * (0.4 + 0.1 * rng.normal(size=(n, 1)))


@pytest.fixture(scope="module")
def truth():
    """Trade of two million independent futures, with and without each policy."""
    rng, n = np.random.default_rng(6), 2_000_000
    known = rng.normal(0.0, KNOWN_SPREAD, (n, 2)) + rng.normal(0.0, RESIDUAL_SPREAD, (n, 2))
    before = 100.0 * np.exp(known).sum(axis=1)
    return {
        effect: (100.0 * np.exp(known + effect(rng, n)).sum(axis=1), before)
        for effect in (even, rare)
    }


@pytest.mark.parametrize("effect", [even, rare])
@pytest.mark.parametrize("n_known", [16, pytest.param(64, marks=pytest.mark.slow)])
def test_intervals_cover_what_they_say(truth, n_known, effect):
    """Nine in ten of many seeds hold the true value: chances, quantiles, differences."""
    after, before = truth[effect]
    targets = np.quantile(after, 1.0 - np.array(SHARES))
    true = [(after >= target).mean() for target in targets]
    true += [(after >= target).mean() - (before >= target).mean() for target in targets]
    true += [*np.quantile(after, LEVELS), np.median(after) - np.median(before), after.mean()]
    pairs, held = PathPairs(((n_known, N_RESIDUAL),)), np.zeros(len(true))
    for seed in range(N_SEEDS):
        asked, without = drawn(np.random.default_rng([7, n_known, seed]), n_known, effect)
        found = [pairs.chance([asked], target) for target in targets]
        found += [pairs.chance_difference([asked], [without], target) for target in targets]
        found += [pairs.quantile([asked], level) for level in LEVELS]
        found += [pairs.quantile_difference([asked], [without], 0.5), pairs.mean([asked])]
        held += [low <= exact <= high for exact, (_, low, high) in zip(true, found, strict=True)]
    share = held / N_SEEDS
    # Two and a half standard errors of a share of so many seeds around 85 to 95 per cent.
    slack = 2.5 * np.sqrt(COVERAGE * (1 - COVERAGE) / N_SEEDS)
    assert (share >= 0.85 - slack).all(), share
    assert (share <= 0.95 + slack).all(), share
    assert 0.86 <= share.mean() <= 0.94


def test_groups_cover_as_one_does_and_are_surer(truth):
    after, _ = truth[even]
    target, exact = np.quantile(after, 0.9), 0.1
    pairs, held, found = PathPairs(((16, N_RESIDUAL),) * 3), 0, []
    for seed in range(200):
        rng = np.random.default_rng([8, seed])
        groups = [drawn(rng, 16, even)[0] for _ in range(3)]
        value, low, high = pairs.chance(groups, target)
        held += low <= exact <= high
        found.append(value)
    assert 0.85 - 0.05 <= held / 200 <= 0.95 + 0.04
    alone = (drawn(np.random.default_rng([9, s]), 16, even)[0] for s in range(200))
    one = [PathPairs(((16, N_RESIDUAL),)).chance([values], target)[0] for values in alone]
    assert np.std(found) == pytest.approx(np.std(one) / np.sqrt(3), rel=0.25)


def test_unequal_weights_cover():
    """Known paths are drawn from too wide a law and weighted back to the true one."""
    rng = np.random.default_rng(10)
    exact, held, n_seeds = 0.1, 0, 200
    spread = np.hypot(0.3, RESIDUAL_SPREAD)
    target = 100.0 * np.exp(spread * ndtri(1.0 - exact))
    pairs_held = []
    for _ in range(n_seeds):
        log_known = rng.normal(0.0, 0.45, 64)
        log_weight = np.repeat(
            (-0.5 * (log_known / 0.3) ** 2 + 0.5 * (log_known / 0.45) ** 2)[:, None], 512, axis=1
        )
        factor = np.exp(rng.normal(0.0, RESIDUAL_SPREAD, 512))
        values = 100.0 * np.exp(log_known)[:, None] * factor
        pairs = PathPairs(((64, 512),), (log_weight,))
        _, low, high = pairs.chance([values], target)
        held += low <= exact <= high
        pairs_held.append(pairs.effective_sample)
    assert 0.80 <= held / n_seeds <= 0.98
    assert 0.2 * 64 * 512 < np.mean(pairs_held) < 64 * 512


def test_paths_chosen_by_records_of_each_direction_cover():
    """Two directions, one record each: chances given the records, against the exact posterior."""
    rng = np.random.default_rng(11)
    prior, later, error = 0.8, 0.5, 0.3
    records = np.array([0.9, -1.1])
    gain = prior**2 / (prior**2 + error**2)
    exact_rng = np.random.default_rng(12)
    level = gain * records + np.sqrt(gain) * error * exact_rng.normal(size=(2_000_000, 2))
    level += later * exact_rng.normal(size=level.shape)
    known_spread = 0.2  # of the years to come, which no record tells
    level += known_spread * exact_rng.normal(size=(len(level), 1))
    future = np.exp(level).sum(axis=1)
    target, exact = np.quantile(future, 0.8), 0.2
    held, found, n_seeds = 0, [], 120
    for _ in range(n_seeds):
        past = prior * rng.normal(size=(4096, 2))
        ahead = past + later * rng.normal(size=past.shape)
        known = np.exp(known_spread * rng.normal(size=(48, 1)))
        log_likelihood = -0.5 * ((records - past) / error) ** 2
        parents = np.empty((2, 1024), dtype=np.intp)
        log_weight = np.zeros(1024)
        for d in range(2):
            chosen, favour = chosen_paths(log_likelihood[:, d], 1024)
            order = rng.permutation(1024)
            parents[d] = chosen[order]
            log_weight += log_likelihood[parents[d], d] - favour[order]
        values = known * sum(np.exp(ahead[parents[d], d]) for d in range(2))
        weight = np.broadcast_to(log_weight, values.shape).copy()
        pairs = PathPairs((values.shape,), (weight,), (parents,))
        value, low, high = pairs.chance([values], target)
        held += low <= exact <= high
        found.append(value)
        assert 48 * 100 < pairs.effective_sample < values.size
    assert 0.82 <= held / n_seeds <= 0.99
    assert np.mean(found) == pytest.approx(exact, abs=3 * np.std(found) / np.sqrt(n_seeds))
