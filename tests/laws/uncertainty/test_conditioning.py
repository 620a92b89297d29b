"""Weights by records: against a plain twin, and the laws they keep."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import logsumexp
from scipy.stats import t as student

from sim.laws.uncertainty.conditioning import (
    EffectiveSample,
    RecordEntries,
    effective_sample,
    log_likelihood,
    record_quantiles,
    share_below,
    simulated_records,
)


def log_weights(known, factor, entries):
    """Likelihoods as shares of their sum."""
    total = log_likelihood(known, factor, entries)
    return total - logsumexp(total)


N_KNOWN, N_RESIDUAL, N_DIRECTIONS, N_QUARTERS = 5, 7, 2, 9


@pytest.fixture
def rng():
    return np.random.default_rng(20221118)


@pytest.fixture
def known(rng):
    return rng.lognormal(3.0, 0.7, (N_KNOWN, N_DIRECTIONS, N_QUARTERS))


@pytest.fixture
def factor(rng):
    return rng.lognormal(0.0, 0.6, (N_RESIDUAL, N_DIRECTIONS, N_QUARTERS))


@pytest.fixture
def entries(rng):
    weight = np.zeros((4, N_DIRECTIONS, N_QUARTERS))
    weight[0, 0, 1:5] = 0.25
    weight[1, 1, 1:5] = 0.25
    weight[2, 0, 5:7] = 0.25, 0.25 * 31 / 92  # ends inside a quarter
    weight[3, :, 7] = 0.25  # both directions
    return RecordEntries(
        weight,
        recorded_musd=np.array([30.0, 0.7, 9.0, 129.6]),
        log_sd=np.array([0.1, 0.3, 0.2, 0.4]),
        degrees=np.array([3.0, 3.0, 4.0, 30.0]),
        floor_musd=np.array([0.1, 0.1, 0.05, 0.0]),
    )


def plain_log_weights(known, factor, entries):
    """One pair, one record, one quarter at a time."""
    total = np.zeros((len(known), len(factor)))
    for k in range(len(known)):
        for r in range(len(factor)):
            for e in range(entries.n):
                simulated = 0.0
                for d in range(known.shape[1]):
                    for q in range(known.shape[2]):
                        simulated += entries.weight[e, d, q] * known[k, d, q] * factor[r, d, q]
                floor = entries.floor_musd[e]
                error = math.log(entries.recorded_musd[e] + floor) - math.log(simulated + floor)
                total[k, r] += student.logpdf(error, entries.degrees[e], 0.0, entries.log_sd[e])
    return total - math.log(sum(math.exp(value) for value in total.ravel()))


def chosen(entries, rows):
    return RecordEntries(*(part[rows] for part in entries))


def test_weights_are_those_of_the_plain_twin(known, factor, entries):
    assert_allclose(
        log_weights(known, factor, entries), plain_log_weights(known, factor, entries), atol=1e-9
    )


def test_weights_are_normalised(known, factor, entries):
    assert_allclose(np.exp(log_weights(known, factor, entries)).sum(), 1.0)


def test_without_records_all_pairs_weigh_the_same(known, factor, entries):
    weight = log_weights(known, factor, chosen(entries, np.zeros(0, dtype=int)))
    assert_allclose(weight, -math.log(N_KNOWN * N_RESIDUAL))
    assert effective_sample(weight) == EffectiveSample(35.0, 5.0, 7.0)


def test_order_of_records_changes_nothing(known, factor, entries):
    assert_allclose(
        log_weights(known, factor, chosen(entries, [2, 0, 3, 1])),
        log_weights(known, factor, entries),
    )


def test_a_record_that_all_pairs_meet_alike_changes_nothing(known, factor, entries):
    known[:, :, 7], factor[:, :, 7] = 40.0, 1.3
    without = log_weights(known, factor, chosen(entries, [0, 1, 2]))
    assert_allclose(log_weights(known, factor, entries), without)


def test_units_change_nothing(known, factor, entries):
    scaled = entries._replace(
        recorded_musd=1e3 * entries.recorded_musd, floor_musd=1e3 * entries.floor_musd
    )
    assert_allclose(
        log_weights(1e3 * known, factor, scaled), log_weights(known, factor, entries), atol=1e-9
    )


def test_a_pair_nearer_to_the_record_weighs_more():
    entries = RecordEntries(*(np.array([[[1.0]]]), *(np.array([x]) for x in (10.0, 0.2, 3.0, 0.0))))
    weight = log_weights(np.array([[[5.0]], [[9.0]], [[40.0]]]), np.ones((1, 1, 1)), entries)
    assert list(np.argsort(weight[:, 0])) == [2, 0, 1]


def test_a_lump_far_from_all_pairs_decides_less_than_a_normal_error_would(known, factor, entries):
    """Two years at the usual level and one a hundred times as large: the usual level stays."""
    weight = np.zeros((3, 1, 3))
    weight[[0, 1, 2], 0, [0, 1, 2]] = 1.0
    level = np.array([1.0, 3.0, 10.0, 30.0, 100.0])
    paths = np.repeat(level[:, None, None], 3, axis=2)
    record = RecordEntries(weight, np.array([1.0, 1.0, 100.0]), *np.tile([[0.3], [3.0], [0.0]], 3))
    heavy = np.exp(log_weights(paths, np.ones((1, 1, 3)), record))[:, 0]
    normal = np.exp(
        log_weights(paths, np.ones((1, 1, 3)), record._replace(degrees=np.full(3, 1e7)))
    )[:, 0]
    assert heavy.argmax() == 0
    assert heavy[0] > 0.9
    assert normal.argmax() == 1  # drawn away from two of three records


def test_nothing_simulated_and_nothing_recorded_are_finite():
    entries = RecordEntries(np.ones((1, 1, 1)), *(np.array([x]) for x in (0.0, 0.3, 3.0, 0.1)))
    weight = log_weights(np.array([[[0.0]], [[0.01]], [[50.0]]]), np.ones((2, 1, 1)), entries)
    assert np.isfinite(weight).all()
    assert weight[0, 0] > weight[1, 0] > weight[2, 0]


def test_records_of_other_quarters_are_refused(known, factor, entries):
    with pytest.raises(ValueError, match="directions and quarters differ"):
        log_weights(known[:, :, 1:], factor, entries)


def test_effective_sample_of_one_pair_is_one():
    weight = np.full((3, 4), -np.inf)
    weight[1, 2] = 0.0
    assert effective_sample(weight) == EffectiveSample(1.0, 1.0, 1.0)


def test_effective_sample_by_path():
    weight = np.log(np.outer([0.5, 0.5, 1e-300], [0.25, 0.25, 0.25, 0.25]))
    assert_allclose(effective_sample(weight), (8.0, 2.0, 4.0))


def test_weights_move_the_mean_as_bayes_does_for_normal_errors(rng):
    """Normal level, nearly normal error: the posterior in closed form."""
    log_level = rng.normal(0.0, 0.5, 200_000)
    entries = RecordEntries(*(np.array([[[1.0]]]), *(np.array([x]) for x in (2.0, 0.25, 1e6, 0.0))))
    factor = np.exp(log_level)[:, None, None]
    weight = np.exp(log_weights(np.ones((1, 1, 1)), factor, entries))[0]
    gain = 0.5**2 / (0.5**2 + 0.25**2)
    assert_allclose(weight @ log_level, gain * math.log(2.0), atol=0.005)
    spread = math.sqrt(weight @ log_level**2 - (weight @ log_level) ** 2)
    assert_allclose(spread, 0.5 * math.sqrt(1.0 - gain), atol=0.005)


def test_simulated_records_are_sums_by_days(known, entries):
    found = simulated_records(known, entries)
    assert_allclose(found[:, 0], known[:, 0, 1:5].mean(axis=1))
    assert_allclose(found[:, 2], 0.25 * (known[:, 0, 5] + known[:, 0, 6] * 31 / 92))
    assert_allclose(found[:, 3], 0.25 * known[:, :, 7].sum(axis=1))


def test_share_below_is_even_where_the_error_is_right(rng):
    n = 4000
    simulated = np.full((1, n), 20.0)
    recorded = 20.0 * np.exp(0.3 * student.rvs(3.0, size=n, random_state=rng))
    entries = RecordEntries(
        np.ones((n, 1, 1)), recorded, np.full(n, 0.3), np.full(n, 3.0), np.zeros(n)
    )
    share = share_below(simulated, entries, np.ones(1))
    assert_allclose(np.quantile(share, [0.05, 0.5, 0.95]), [0.05, 0.5, 0.95], atol=0.02)


def test_quantiles_of_records_are_where_their_shares_lie_below(rng):
    simulated = rng.lognormal(3.0, 0.5, (400, 2))
    weight = rng.dirichlet(np.ones(400))
    shares = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    entries = RecordEntries(
        np.ones((2, 1, 1)), np.zeros(2), np.array([0.1, 0.5]), np.full(2, 3.0), np.full(2, 0.1)
    )
    for share, recorded in zip(
        shares, record_quantiles(simulated, entries, weight, shares), strict=True
    ):
        told = entries._replace(recorded_musd=recorded)
        assert_allclose(share_below(simulated, told, weight), share, atol=0.01)
