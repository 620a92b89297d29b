"""Laws of cells: which places policy touches, what duty they bear and which agreement they use."""

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws.policy.tariffs import claim
from sim.simulation.model import TradeModel
from sim.simulation.tariffs.affected_flows import pair_values
from sim.simulation.tariffs.concessions import NO_QUOTA, ConcessionTable, TariffOffer
from sim.simulation.tariffs.duties import duties, duty_terms
from sim.simulation.tariffs.duty_schedule import DutySchedule
from sim.simulation.tariffs.tariff_domain import AdjustedDuties, fill_quotas
from sim.simulation.trade.trade_domain import on_the_matrix

N_GOODS, N = 3, 4
SHAPE = (N_GOODS, N, N)
SEEDS = st.integers(0, 2**32 - 1)
PLACES = st.tuples(
    st.integers(0, N_GOODS - 1), st.integers(0, N - 1), st.integers(0, N - 1)
).filter(lambda cell: cell[1] != cell[2])
ROWS = st.lists(PLACES, min_size=0, max_size=12)
PAIRS = st.lists(
    st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)).filter(lambda p: p[0] < p[1]),
    max_size=4,
    unique=True,
)
ONE_CELL = (1, 0, 2)
QUARTER = 8100


MFN = 0.2


def table_of(rows, *, rates=0.0, mfn=MFN, quota=np.inf, covered=1.0, origin_cost=np.nan):
    """Concessions on (good, exporter, importer) cells, each of an agreement of its own."""
    n = len(rows)
    good, exporter, importer = np.array(rows, dtype=np.intp).reshape(n, 3).T
    size = np.broadcast_to(quota, n).astype(float)
    has_quota = np.isfinite(size)
    cut = np.clip(1.0 - np.broadcast_to(rates, n) / mfn, 0.0, 1.0)
    return ConcessionTable(
        agreement=np.arange(n, dtype=np.intp),
        first=np.zeros(n, dtype=np.intp),
        last=np.full(n, 10**6, dtype=np.intp),
        good=good,
        exporter=exporter,
        importer=importer,
        cut=cut[None],
        phase_in_years=np.zeros(n),
        covered_share=np.broadcast_to(covered, n).astype(float),
        quota=np.where(has_quota, np.cumsum(has_quota) - 1, NO_QUOTA),
        quota_musd=size[has_quota],
        origin_cost_ave=np.broadcast_to(origin_cost, n).astype(float),
    )


def schedule_of(rates=MFN):
    """One layer of duty by good and importer, that nothing changes."""
    return DutySchedule(np.broadcast_to(rates, (1, N_GOODS, N)).astype(float), SHAPE, (), ())


def terms_of(table, pairs=(), rates=MFN):
    by_importer = np.broadcast_to(rates, (N_GOODS, N))
    baseline = np.broadcast_to(by_importer[:, None], SHAPE)
    return duty_terms(table, schedule_of(rates), baseline, array_of(list(pairs)), array_of([]))


def array_of(pairs):
    return np.array(pairs, dtype=np.intp).reshape(len(pairs), 2)


def parameters_of(n_runs, *, origin_cost=0.02, spread=0.8, elasticity=5.0):
    return {
        "origin_cost_ave": np.broadcast_to(origin_cost, n_runs).astype(float),
        "preference_use_spread": np.broadcast_to(spread, n_runs).astype(float),
        "trade_elasticity": np.broadcast_to(elasticity, n_runs).astype(float),
    }


def seen(n_runs, duty, *, trade=10.0, residual_shock=1.0, log_duty=0.0):
    """Last quarter's trade and the duty that governed it."""
    return SimpleNamespace(
        trade=np.broadcast_to(trade, (n_runs, *SHAPE)),
        residual_shock=np.broadcast_to(residual_shock, (n_runs, N, N)),
        tariffs=SimpleNamespace(
            log_duty=np.broadcast_to(log_duty, (n_runs, len(duty.flows.place)))
        ),
    )


def offer_of(n_rows, active=True, n_runs=1):
    return TariffOffer(slice(0, n_rows), np.broadcast_to(active, (n_runs, n_rows)).astype(float))


def settle(rows, rates, *, active=True, n_runs=1, **terms):
    """Duties on the cells of some rows that are offered these rates, quotas left aside."""
    table = table_of(rows, rates=rates, **terms)
    offer = offer_of(len(rows), active, n_runs)
    return duties(terms_of(table), [offer], parameters_of(n_runs), QUARTER)


def filled(rows, rates, *, last_quarter=None, active=True, **terms):
    """What is paid on the cells of some rows once their quotas are filled."""
    duty = terms_of(table_of(rows, rates=rates, **terms))
    offered = settle(rows, rates, active=active, **terms)
    snapshot = seen(1, duty, **(last_quarter or {}))
    return fill_quotas(duty, offered, AdjustedDuties(*offered[:4]), snapshot, np.full(1, 6.0))


def shipped(paid):
    """Trade of the next quarter when ten would be shipped at the duty without preference."""
    return 10.0 * np.exp(-6.0 * paid.log_duty.item())


# --- places -----------------------------------------------------------------------------------


@settings(max_examples=60)
@given(ROWS, PAIRS)
def test_cells_are_those_of_the_concessions_and_of_the_pairs_both_ways(rows, pairs):
    rates = np.arange(np.prod(SHAPE)).reshape(SHAPE) / 100
    duty = duty_terms(table_of(rows), schedule_of(), rates, array_of(pairs), array_of([]))
    cells = duty.flows
    found = list(zip(*np.unravel_index(cells.place, SHAPE), strict=True))
    on_routes = {
        (g, *route) for g in range(N_GOODS) for a, b in pairs for route in ((a, b), (b, a))
    }
    assert len(found) == len(set(found))
    assert set(found) == set(rows) | on_routes
    for cell, (good, exporter, importer) in enumerate(found):
        assert cells.good[cell] == good
        assert duty.baseline_rate[cell] == rates[good, exporter, importer]
        ends = tuple(sorted((exporter, importer)))
        assert cells.pair[cell] == (pairs.index(ends) if ends in pairs else -1)
    assert {found[place] for place in cells.with_terms} == set(rows)


def test_values_put_on_the_cells_come_to_their_place_in_the_matrix(
    world, scenario_with, outsider, partner
):
    agreement = {
        "kind": "preferential",
        "members": [outsider, partner],
        "timeline": {"signed": "2023Q1", "in_force": "2023Q2"},
        "concessions": [{"grantor": outsider, "goods": "all", "cut": 0.5}],
    }
    model = TradeModel(scenario_with(agreements={"pta": agreement}), world, runs=range(2))
    cells = model.tariffs.cells
    values = np.arange(2 * len(cells.place)).reshape(2, -1) + 1.0
    matrix = on_the_matrix(values, np.zeros(world.trade.shape), cells.place)
    good, exporter, importer = np.unravel_index(cells.place, world.trade.shape)
    assert_array_equal(matrix[:, good, exporter, importer], values)
    assert np.count_nonzero(matrix) == values.size
    granted = matrix[:, :, world.region_index(partner), world.region_index(outsider)]
    assert np.all(granted > 0)


@settings(max_examples=40)
@given(ROWS, PAIRS, SEEDS)
def test_values_of_pairs_fall_on_their_cells_both_ways_and_nowhere_else(rows, pairs, seed):
    cells = terms_of(table_of(rows), pairs).flows
    values = np.random.default_rng(seed).uniform(0.5, 2.0, (N_GOODS, len(pairs), 2))
    found = pair_values(cells, values)
    for cell, (good, exporter, importer) in enumerate(
        zip(*np.unravel_index(cells.place, SHAPE), strict=True)
    ):
        ends = tuple(sorted((exporter, importer)))
        place = pairs.index(ends) if ends in pairs else -1
        expected = values[good, place] if place >= 0 else [0.0, 0.0]
        assert_array_equal(found[:, cell], expected)


# --- duties -----------------------------------------------------------------------------------


def cost_of(found):
    return (found.log_duty + found.log_origin_cost).item()


def test_without_concessions_everybody_pays_the_baseline_duty():
    rates = np.random.default_rng(0).uniform(0, 0.3, (N_GOODS, N))
    table = table_of([])
    duty = terms_of(table, [(0, 1), (1, 3)], rates)
    found = duties(duty, [], parameters_of(2), QUARTER)
    paid = fill_quotas(duty, found, AdjustedDuties(*found[:4]), seen(2, duty), np.full(2, 5.0))
    assert_array_equal(paid.applied_rate, np.broadcast_to(duty.baseline_rate, (2, 12)))
    assert not any(part.any() for part in paid[1:])


@settings(max_examples=40)
@given(ROWS.filter(bool), SEEDS)
def test_rows_not_in_force_leave_the_baseline(rows, seed):
    rates = np.random.default_rng(seed).uniform(0, 0.2, len(rows))
    paid = filled(rows, rates, active=False, quota=1.0)
    assert np.all(paid.applied_rate == 0.2)
    assert not any(part.any() for part in paid[1:])


@settings(max_examples=40)
@given(ROWS.filter(bool), st.floats(0.2, 0.9))
def test_an_offer_no_better_than_the_baseline_duty_is_not_used(rows, rate):
    paid = filled(rows, rate, origin_cost=0.0)
    assert_allclose(paid.applied_rate, 0.2, rtol=1e-15)
    assert not paid.used_share.any()
    assert not paid.log_duty.any()


def one_by_one(rates, active, covered, costs, spread=0.8):
    """Log cost of a cell when each consignment takes the best it may claim, lines as they come."""
    ends = sorted({0.0, 1.0, *covered})
    gained, paid = 0.0, 0.0
    for low, high in pairwise(ends):
        lines = [k for k in range(len(rates)) if active[k] and covered[k] >= high]
        routes = [[k for k in lines if costs[k] == cost] for cost in {costs[k] for k in lines}]
        best = max(
            (
                (use.gain.item(), use.used_share.item(), rate)
                for route in (*routes, lines)
                if route
                for rate in [min(MFN, *(rates[k] for k in route))]
                for use in [
                    claim(MFN, rate, origin_cost_ave=max(costs[k] for k in route), spread=spread)
                ]
            ),
            default=(0.0, 0.0, MFN),
        )
        gained += (high - low) * best[0]
        paid += (high - low) * best[1] * (best[2] - MFN)
    applied = MFN + paid
    factor = max((1.0 + MFN) * (1.0 - gained) / (1.0 + applied), 1.0)
    return np.log((1.0 + applied) / (1.0 + MFN)) + np.log(factor)


@settings(max_examples=60)
@given(
    st.lists(st.floats(0.0, 0.25), min_size=1, max_size=4),
    st.lists(st.booleans(), min_size=4, max_size=4),
    SEEDS,
)
def test_every_consignment_takes_the_best_of_what_covers_it(rates, active, seed):
    rng = np.random.default_rng(seed)
    n = len(rates)
    # Some lines share a cost of origin and a cover, others have their own.
    costs, covered = rng.choice([0.0, 0.01, 0.05], n), rng.choice([0.3, 0.8, 1.0], n)
    terms = {"origin_cost": costs, "covered": covered}
    together = settle([ONE_CELL] * n, np.array(rates), active=np.array(active[:n]), **terms)
    expected = one_by_one(rates, active, covered.tolist(), costs.tolist())
    assert cost_of(together) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@settings(max_examples=60)
@given(st.lists(st.floats(0.0, 0.2), min_size=1, max_size=4), st.permutations(range(4)), SEEDS)
def test_repeating_and_reordering_lines_changes_nothing(rates, order, seed):
    rng = np.random.default_rng(seed)
    n = len(rates)
    terms = {"origin_cost": rng.choice([0.01, 0.05], n), "covered": rng.choice([0.3, 1.0], n)}
    again = [k for k in order if k < n]
    again += again[:2]
    first = settle([ONE_CELL] * n, np.array(rates), **terms)
    other = settle(
        [ONE_CELL] * len(again),
        np.array(rates)[again],
        **{name: values[again] for name, values in terms.items()},
    )
    for one, same in zip(first, other, strict=True):
        assert_allclose(same, one, rtol=1e-12, atol=1e-15)


@settings(max_examples=60)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.1, 1.0))
def test_duties_of_two_layers_are_cut_alike_in_one_line_or_two(customs, extra, covered):
    """Each layer in a line of its own, against both in one."""

    def settled(cuts):
        one = table_of([ONE_CELL] * len(cuts), covered=covered)
        table = replace(one, cut=np.array(cuts).T)
        schedule = replace(schedule_of(), layer_rates=np.array([0.12, 0.08])[:, None, None] + 0.0)
        schedule = replace(
            schedule, layer_rates=np.broadcast_to(schedule.layer_rates, (2, N_GOODS, N)).copy()
        )
        duty = duty_terms(table, schedule, np.full(SHAPE, 0.2), array_of([]), array_of([]))
        return duties(duty, [offer_of(len(cuts))], parameters_of(1), QUARTER)

    together, apart = settled([(customs, extra)]), settled([(customs, 0.0), (0.0, extra)])
    for one, same in zip(together, apart, strict=True):
        assert_allclose(same, one, rtol=1e-12, atol=1e-15)


def test_a_quota_of_two_cells_is_granted_once():
    """Half of what two equal cells would claim, shared between them."""
    rows = [ONE_CELL, (2, 0, 2)]
    table = replace(
        table_of(rows, origin_cost=0.0),
        quota=np.zeros(2, dtype=np.intp),
        quota_musd=np.array([30.0]),
    )
    duty = terms_of(table)
    offered = duties(duty, [offer_of(2)], parameters_of(1), QUARTER)
    snapshot = seen(1, duty)
    paid = fill_quotas(duty, offered, AdjustedDuties(*offered[:4]), snapshot, np.full(1, 6.0))
    alone = filled([ONE_CELL], 0.0, quota=15.0, origin_cost=0.0)
    assert_allclose(paid.log_duty, np.repeat(alone.log_duty, 2, axis=1), rtol=1e-12)
    assert_allclose(paid.applied_rate, np.repeat(alone.applied_rate, 2, axis=1), atol=1e-12)


def test_a_free_preference_that_costs_nothing_to_prove_is_used_by_all():
    paid = filled([ONE_CELL], 0.05, origin_cost=0.0)
    assert paid.used_share.item() == 1.0
    assert paid.applied_rate.item() == pytest.approx(0.05, rel=1e-14)
    assert paid.log_duty.item() == pytest.approx(np.log(1.05 / 1.2), rel=1e-12)
    assert settle([ONE_CELL], 0.05, origin_cost=0.0).log_origin_cost.item() == 0.0


def test_an_agreements_own_origin_cost_stands_before_the_scenarios():
    own, general = settle([ONE_CELL], 0.0, origin_cost=0.1), settle([ONE_CELL], 0.0)
    named = settle([ONE_CELL], 0.0, origin_cost=0.02)
    assert own.used_share < general.used_share
    for one, other in zip(named, general, strict=True):
        assert_array_equal(one, other)


@settings(max_examples=60)
@given(ROWS.filter(bool), SEEDS)
def test_nobody_is_worse_off_for_an_offer(rows, seed):
    rng = np.random.default_rng(seed)
    n = len(rows)
    rates, quota = rng.uniform(0, 0.3, n), rng.choice([np.inf, 0.0, 0.5, 5.0, 50.0], n)
    terms = {"quota": quota, "origin_cost": rng.uniform(0, 0.2, n)}
    found, paid = settle(rows, rates, **terms), filled(rows, rates, **terms)
    assert np.all(found.log_duty + found.log_origin_cost <= 1e-15)
    assert np.all(found.log_origin_cost >= 0.0)
    assert np.all(paid.log_duty + paid.log_origin_cost <= 1e-15)
    assert np.all((paid.used_share >= 0.0) & (paid.used_share <= 1.0))
    assert np.all((paid.applied_rate >= -1e-15) & (paid.applied_rate <= 0.2 + 1e-15))


# --- quotas -----------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.floats(0.0, 0.2), st.floats(0.0, 40.0), st.floats(0.0, 0.1), st.floats(0.1, 1.0))
def test_a_quota_stands_between_the_free_preference_and_none(rate, quota, origin_cost, covered):
    terms = {"origin_cost": origin_cost, "covered": covered}
    limited, free = (filled([ONE_CELL], rate, quota=q, **terms) for q in (quota, np.inf))
    assert free.log_duty.item() - 1e-15 <= limited.log_duty.item() <= 1e-15
    assert free.applied_rate.item() - 1e-12 <= limited.applied_rate.item() <= 0.2 + 1e-12
    assert 0.0 <= limited.fill_share.item() <= 1.0
    assert limited.used_share.item() <= free.used_share.item()


@settings(max_examples=60)
@given(st.floats(0.01, 40.0), st.floats(1.0, 3.0), st.floats(0.0, 0.15))
def test_a_larger_quota_is_never_dearer(quota, times, rate):
    tight = filled([ONE_CELL], rate, quota=quota, origin_cost=0.0)
    loose = filled([ONE_CELL], rate, quota=quota * times, origin_cost=0.0)
    assert loose.log_duty.item() <= tight.log_duty.item() + 1e-15


def test_a_quota_that_is_not_filled_is_as_good_as_none():
    limited, free = (filled([ONE_CELL], 0.0, quota=quota) for quota in (50.0, np.inf))
    assert limited.log_duty.item() == pytest.approx(free.log_duty.item(), rel=1e-12)
    assert limited.applied_rate.item() == pytest.approx(free.applied_rate.item(), rel=1e-12)
    claimed = shipped(free) * free.used_share.item()
    assert limited.fill_share.item() == pytest.approx(claimed / 50.0, rel=1e-12)
    assert free.fill_share.item() == 0.0


@pytest.mark.parametrize("quota", [11.0, 15.0, 29.0])
def test_a_binding_quota_lets_through_exactly_what_it_says(quota):
    """Ten a year grow to thirty without a duty of a fifth; a quota between the two just fills."""
    assert shipped(filled([ONE_CELL], 0.0, origin_cost=0.0)) == pytest.approx(10 * 1.2**6)
    paid = filled([ONE_CELL], 0.0, quota=quota, origin_cost=0.0)
    assert shipped(paid) == pytest.approx(quota, rel=1e-12)
    assert paid.fill_share.item() == pytest.approx(1.0, rel=1e-12)
    assert paid.applied_rate.item() == pytest.approx(0.0, abs=1e-12)


def test_beyond_a_small_quota_the_outside_duty_governs_and_is_collected():
    paid = filled([ONE_CELL], 0.0, quota=4.0, origin_cost=0.0)
    assert shipped(paid) == pytest.approx(10.0, rel=1e-12)
    assert paid.used_share.item() == pytest.approx(0.4, rel=1e-12)
    assert paid.applied_rate.item() == pytest.approx(0.6 * 0.2, rel=1e-12)


@pytest.mark.parametrize("quota", [4.0, 15.0, 29.0, 50.0])
def test_a_quota_does_tomorrow_what_it_did_today(quota):
    """Last quarter's trade shows demand only once the duty that governed it is taken out."""
    first = filled([ONE_CELL], 0.0, quota=quota, origin_cost=0.0)
    after = {"trade": shipped(first), "log_duty": first.log_duty.item()}
    again = filled([ONE_CELL], 0.0, quota=quota, origin_cost=0.0, last_quarter=after)
    for one, other in zip(again, first, strict=True):
        assert_allclose(one, other, rtol=1e-12, atol=1e-15)


@settings(max_examples=25)
@given(st.floats(0.2, 5.0), st.floats(0.0, 40.0))
def test_what_no_law_expected_fills_a_quota_as_well(residual_shock, quota):
    # Only the residual shock of the cell's own exporter and importer counts.
    pair = np.full((N, N), 7.0)
    pair[ONE_CELL[1], ONE_CELL[2]] = residual_shock
    lucky = {"trade": 10.0 / residual_shock, "residual_shock": pair}
    expected = filled([ONE_CELL], 0.0, quota=quota, origin_cost=0.0)
    found = filled([ONE_CELL], 0.0, quota=quota, origin_cost=0.0, last_quarter=lucky)
    for one, other in zip(found, expected, strict=True):
        assert_allclose(one, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("n_runs", [1, 3, 5])
def test_a_batch_of_duties_equals_its_single_runs(n_runs):
    rng = np.random.default_rng(n_runs)
    rows = [ONE_CELL, (0, 1, 2), ONE_CELL, (2, 3, 0), (0, 1, 2)]
    terms = {"rates": rng.uniform(0, 0.2, 5), "quota": rng.choice([np.inf, 3.0, 8.0], 5)}
    table = table_of(rows, covered=0.8, **terms)
    duty = terms_of(table, [(0, 1)], rng.uniform(0.1, 0.3, (N_GOODS, N)))
    trade, log_duty = rng.uniform(0, 20, (n_runs, *SHAPE)), rng.uniform(-0.1, 0, n_runs)
    residual_shock = rng.uniform(0.5, 2, (n_runs, N, N))
    effect = rng.choice([0.0, 0.4, 1.0], (n_runs, 5))
    names = ("origin_cost", "spread", "elasticity")
    spans = rng.uniform([0.01, 0.5, 3.0], [0.05, 1.5, 8.0], (n_runs, 3))

    def over(runs):
        n = len(spans[runs])
        parameters = parameters_of(n, **dict(zip(names, spans[runs].T, strict=True)))
        snapshot = seen(
            n,
            duty,
            trade=trade[runs],
            residual_shock=residual_shock[runs],
            log_duty=log_duty[runs, None],
        )
        halves = [slice(0, 2), slice(2, 5)]
        offers = [TariffOffer(part, effect[runs, part]) for part in halves]
        found = duties(duty, offers, parameters, QUARTER)
        adjusted = AdjustedDuties(*found[:4])
        paid = fill_quotas(duty, found, adjusted, snapshot, parameters["trade_elasticity"])
        return (*found, *paid)

    batch = over(slice(None))
    for r in range(n_runs):
        for whole, single in zip(batch, over(slice(r, r + 1)), strict=True):
            assert_array_equal(whole[r], single[0])
