"""Runs crossed with residual paths: nothing else differs from running more of them."""

import numpy as np
import pytest

from sim.laws.uncertainty.crossing import PathPairs
from sim.simulation.model import TradeModel
from sim.study.conditioning.crossed_paths import _year, answer_of, chances_of_runs
from sim.study.conditioning.pairing import Window, crossing_of
from sim.study.conditioning.residual_paths import (
    GROUP,
    RESIDUAL_PATHS,
    groups_of,
    paths_per_group,
    residual_factor,
    rules_that_read_the_record,
)
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT
from sim.study.ensemble.findings import flows_of
from sim.study.ensemble.measures import year_ends
from sim.study.ensemble.run import run_variants

PAIRS = ((0, 1), (1, 0))
N_RUNS = 6


@pytest.fixture(scope="module")
def simulated(tiny_scenario, tiny_world):
    asked = tiny_scenario.model_copy(update={"runs": N_RUNS})
    return asked, tiny_world, run_variants(asked, tiny_world).variants


@pytest.fixture
def goal(simulated):
    asked, _, results = simulated
    target = asked.targets["goal"]
    flows = {name: flows_of(result, target.pair) for name, result in results.items()}
    start, end = int(asked.horizon.start), int(asked.horizon.end)
    last, ends = year_ends(start, end, int(target.deadline))
    return target, flows, Window.to(last), int(np.searchsorted(ends, int(target.deadline)))


def test_a_run_has_the_residual_path_of_its_number(simulated, goal):
    asked, world, _ = simulated
    _, flows, _, _ = goal
    factor = factors(asked, world, 0)
    assert factor.shape[0] == RESIDUAL_PATHS
    for each in flows.values():
        own = (each.known * factor[:N_RUNS]).sum(axis=1) + each.apart
        np.testing.assert_allclose(own, each.own, rtol=1e-12)


def factors(asked, world, group=0, n_paths=RESIDUAL_PATHS):
    return residual_factor(asked, world, PAIRS, group, n_paths)


def test_the_first_paths_of_more_are_the_paths_of_fewer(simulated):
    asked, world, _ = simulated
    longer = asked.model_copy(update={"runs": 50 * GROUP})
    np.testing.assert_array_equal(
        factors(asked, world, 1),
        factors(longer, world, 1, 2 * RESIDUAL_PATHS)[:RESIDUAL_PATHS],
    )
    assert not np.array_equal(
        factors(asked, world, 0),
        factors(asked, world, 1),
    )
    other = asked.model_copy(update={"seed": asked.seed + 1})
    assert not np.array_equal(
        factors(asked, world, 0),
        factors(other, world, 0),
    )


def test_crossing_is_what_simulating_every_pair_would_give(tiny_scenario, tiny_world):
    """A known path simulated with another residual path than its own: same trade to rounding."""
    asked = tiny_scenario.model_copy(update={"runs": 2})
    model = TradeModel(asked, tiny_world, runs=range(2)).run_to_end()
    swapped = TradeModel(asked, tiny_world, runs=range(2))
    object.__setattr__(swapped.draws, "residual", swapped.draws.residual[::-1].copy())
    swapped.run_to_end()
    quarter = model.quarter - model.first_quarter
    known = model.snapshot.known_flow_trade([0, 1], [1, 0])
    residual = model.draws.residual[::-1, [0, 1], [1, 0], quarter]
    crossed = known * np.exp(residual) + model.snapshot.new_energy_trade([0, 1], [1, 0])
    np.testing.assert_allclose(crossed.sum(axis=1), swapped.pair_trade(0, 1), rtol=1e-12)
    np.testing.assert_array_equal(model.snapshot.trade, swapped.snapshot.trade)


def test_the_chance_is_the_share_of_all_pairs_counted_one_by_one(simulated, goal):
    asked, world, results = simulated
    target, flows, window, at = goal
    runs = results[AS_ASKED]["run"].to_numpy().tolist()
    crossing = crossing_of(asked, world, target.pair, runs, flows[AS_ASKED], n_paths=40)
    found = answer_of(crossing, flows, window, at, target.trade_musd, against=NO_AGREEMENT)
    factor = factors(asked, world, 0)[:40]
    hits, touches = np.zeros(N_RUNS), np.zeros(N_RUNS)
    for k in range(N_RUNS):
        for r in range(40):
            whole = (flows[AS_ASKED].known[k] * factor[r]).sum(axis=0) + flows[AS_ASKED].apart[k]
            years = [whole[window.year(y)].mean() for y in range(window.n_years)]
            hits[k] += years[at] >= target.trade_musd
            touches[k] += max(years[: at + 1]) >= target.trade_musd
    course = found.courses[AS_ASKED]
    assert course.chance[at].value == pytest.approx(hits.sum() / (40 * N_RUNS))
    assert course.touched[at].value == pytest.approx(touches.sum() / (40 * N_RUNS))
    in_year, touched = chances_of_runs(crossing, flows[AS_ASKED], window, at, target.trade_musd)
    np.testing.assert_allclose(in_year, hits / 40)
    np.testing.assert_allclose(touched, touches / 40)
    change = found.changes[AS_ASKED]
    without = found.courses[NO_AGREEMENT]
    assert change.chance.value == pytest.approx(
        course.chance[at].value - without.chance[at].value, abs=1e-12
    )
    assert change.median.value == pytest.approx(course.median[at].value - without.median[at].value)


def test_a_target_is_touched_at_least_as_often_as_it_is_met(simulated, goal):
    asked, world, _ = simulated
    target, flows, window, at = goal
    crossing = crossing_of(asked, world, target.pair, range(N_RUNS), flows[AS_ASKED])
    course = answer_of(crossing, flows, window, at, target.trade_musd).courses[AS_ASKED]
    for met, so_far in zip(course.chance, course.touched, strict=True):
        assert met.value <= so_far.value
        assert so_far.low <= so_far.value <= so_far.high
    risen = [so_far.value for so_far in course.touched]
    assert risen == sorted(risen)


def test_a_weight_that_leaves_one_pair_leaves_its_trade(simulated, goal):
    asked, world, _ = simulated
    target, flows, window, at = goal

    def weigh(known, factor, direction):
        log_weight = np.full((len(known), len(factor)), -1e3)
        if direction is None:
            log_weight[2, 7] = 0.0
        return log_weight

    crossing = crossing_of(asked, world, target.pair, range(N_RUNS), flows[AS_ASKED], weigh=weigh)
    assert crossing.pairs.effective_sample == pytest.approx(1.0)
    factor = crossing.factors[0][7]
    course = answer_of(crossing, flows, window, at, target.trade_musd).courses[AS_ASKED]
    for year in range(window.n_years):
        whole = (flows[AS_ASKED].known[2] * factor).sum(axis=0) + flows[AS_ASKED].apart[2]
        trade = whole[window.year(year)].mean()
        np.testing.assert_allclose(course.quantiles[:, year], trade)


def test_where_a_quota_fills_on_recorded_trade_runs_keep_their_own_path(simulated, goal):
    asked, world, _ = simulated
    target, flows, _, _ = goal
    treaty = asked.agreements["treaty"]
    concessions = tuple(c.model_copy(update={"quota_musd": 10.0}) for c in treaty.concessions)
    limited = asked.model_copy(
        update={"agreements": {"treaty": treaty.model_copy(update={"concessions": concessions})}}
    )
    assert rules_that_read_the_record(asked) == ()
    assert rules_that_read_the_record(limited) == ("the quota of treaty fills on recorded trade",)
    crossing = crossing_of(limited, world, target.pair, range(N_RUNS), flows[AS_ASKED])
    assert not crossing.is_crossed
    assert crossing.reasons
    (own,) = crossing.trade(flows[AS_ASKED], slice(0, 4))
    np.testing.assert_array_equal(own[:, 0], flows[AS_ASKED].own[:, :4].mean(axis=1))


def test_without_the_residual_layer_there_is_nothing_to_cross(tiny_scenario, tiny_world, goal):
    target, flows, _, _ = goal
    layers = tiny_scenario.uncertainty_sources.model_copy(update={"residual_shocks": False})
    bare = tiny_scenario.model_copy(update={"uncertainty_sources": layers})
    crossing = crossing_of(bare, tiny_world, target.pair, range(N_RUNS), flows[AS_ASKED])
    assert not crossing.is_crossed
    assert crossing.reasons == ()


def test_groups_follow_run_numbers_and_pairs_stay_bounded():
    assert [len(places) for places in groups_of(range(2 * GROUP + 1)).values()] == [64, 64, 1]
    assert list(groups_of(range(GROUP, 2 * GROUP))) == [1]
    assert paths_per_group(GROUP) == RESIDUAL_PATHS
    for n_known in (1, 64, 1_000, 100_000):
        n = paths_per_group(n_known)
        assert 1 <= n <= RESIDUAL_PATHS
        assert n == 1 or n * n_known <= 2**20


def test_what_is_simulated_does_not_read_the_residual_shock(tiny_scenario, tiny_world):
    """Without quotas: the laws' trade is the same with the layer on and off."""
    layers = tiny_scenario.uncertainty_sources.model_copy(update={"residual_shocks": False})
    bare = tiny_scenario.model_copy(update={"uncertainty_sources": layers})
    on, off = (TradeModel(s, tiny_world, runs=range(2)).run_to_end() for s in (tiny_scenario, bare))
    np.testing.assert_array_equal(on.snapshot.trade, off.snapshot.trade)
    np.testing.assert_array_equal(
        on.snapshot.known_flow_trade([0], [1]), off.snapshot.known_flow_trade([0], [1])
    )


def test_the_interval_of_a_touched_target_is_that_of_its_own_trade():
    rng = np.random.default_rng(5)
    pairs = PathPairs(((16, 256),))
    years = rng.lognormal(size=(6, 1, 1)) * rng.lognormal(size=(6, 16, 256))
    best = [years.max(axis=0)]
    target = float(np.quantile(best[0], 0.01))  # nearly every pair touches it
    touched = _year(pairs, [years[-1]], best, target)[3]
    assert touched == pairs.chance(best, target)
    assert touched.high - touched.low > 0.005  # 16 known paths fix no share to a tenth of a point
