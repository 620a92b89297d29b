"""Laws of corridors: what they cost, who may use them and what transit agreements change."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sim.actors.corridors import (
    CargoTerms,
    corridor_costs,
    corridor_table,
    in_force_terms,
    transit_effects,
)
from sim.actors.treaties import Treaties

SEEDS = st.integers(0, 2**32 - 1)
TIMELINE = {"signed": "2023Q1", "in_force": "2023Q2", "ends": "2024Q4"}
IN_FORCE = 4 * 2023 + 1


@pytest.fixture(scope="module")
def table(world):
    return corridor_table(world)


@pytest.fixture(scope="module")
def corridors(world, table):
    """Corridors in the order of the table."""
    return [world.corridors[c] for c in table.order]


def cargo_of(n_runs=2, n_goods=3, seed=0):
    rng = np.random.default_rng(seed)
    return CargoTerms(
        value_usd=rng.uniform(2e4, 2e5, (n_runs, n_goods)),
        time_cost_per_day=rng.uniform(0.005, 0.02, n_runs),
        dispersion=rng.uniform(5, 30, n_runs),
        border_time_elasticity=rng.uniform(-0.3, -0.05, n_runs),
        trade_elasticity=rng.uniform(3, 8, n_runs),
    )


def costs_of(table, cargo=None, *, gate_open=None, **changed):
    cargo = cargo or cargo_of()
    n = len(table.order)
    terms = {"hours": np.ones((1, n)), "fees": np.ones((1, n)), "tolls": np.ones((1, n))}
    gates = np.ones((1, table.passes.shape[1])) if gate_open is None else gate_open
    opened = changed.pop("opened", np.zeros((1, n), dtype=bool))
    changed = {name: np.atleast_2d(value) for name, value in changed.items()}
    return corridor_costs(
        table, cargo, gate_open=gates, opened=np.atleast_2d(opened), **{**terms, **changed}
    )


def transit(members, **terms):
    return {"kind": "transit", "members": sorted(members), "timeline": TIMELINE, **terms}


@pytest.fixture
def effects_of(world, scenario_with, table):
    def build(*agreements):
        named = {f"t{k}": agreement for k, agreement in enumerate(agreements)}
        scenario = scenario_with(agreements=named)
        timelines = tuple(a.timeline for a in scenario.agreements.values())
        return transit_effects(scenario, world, table), timelines

    return build


@pytest.fixture
def terms_of(effects_of, table):
    """Factors on hours, fees and tolls, and opened routes, in a quarter."""

    def build(*agreements, quarter=IN_FORCE):
        effects, timelines = effects_of(*agreements)
        active = Treaties.dated(timelines, 1).is_in_force(quarter)
        terms = in_force_terms(effects, active, len(table.order))
        return tuple(np.broadcast_to(term, (1, len(table.order)))[0] for term in terms)

    return build


def needy(corridors):
    """A route that needs an agreement, passes a third state and is not the only one of its pair."""
    return next(c for c in corridors if c.status == "needs-agreement" and c.transit)


def crew(corridor):
    return {*corridor.ends, *corridor.transit}


# --- the table --------------------------------------------------------------------------------


def test_every_corridor_is_in_the_table_once_and_sorted_by_pair(world, table):
    assert_array_equal(np.sort(table.order), np.arange(len(world.corridors)))
    assert np.all(np.diff(table.pair_of) >= 0)
    assert len(np.unique(table.pairs, axis=0)) == len(table.pairs)
    assert np.all(table.pairs[:, 0] < table.pairs[:, 1])


def test_rows_tell_of_their_own_corridor(world, table, corridors):
    gates = [gate.gate for gate in world.gates]
    for row, corridor in enumerate(corridors):
        ends = {world.regions[end] for end in table.pairs[table.pair_of[row]]}
        assert ends == set(corridor.ends)
        assert {gates[g] for g in np.flatnonzero(table.passes[row])} == set(corridor.gates)
        assert table.days[row] == corridor.days
        assert table.freight_usd[row] == corridor.freight_usd_per_feu
        assert table.fees_usd[row] == corridor.border_fees_usd_per_feu
        assert table.toll_usd[row] == corridor.toll_usd_per_feu
        assert table.needs_agreement[row] == (corridor.status == "needs-agreement")
        assert table.planned[row] == (corridor.status == "planned")


def test_the_order_of_the_worlds_list_does_not_matter(world, table):
    backward = corridor_table(replace(world, corridors=world.corridors[::-1]))
    assert_array_equal(backward.pairs, table.pairs)
    assert_allclose(costs_of(backward).ave, costs_of(table).ave, rtol=1e-12)


def test_a_world_without_corridors_has_an_empty_table(world):
    empty = corridor_table(replace(world, corridors=()))
    assert empty.pairs.shape == (0, 2)
    assert costs_of(empty).ave.shape == (2, 3, 0)


# --- what transit agreements do ---------------------------------------------------------------


def test_a_cut_of_hours_and_of_fees_each_lowers_the_cost_of_the_pairs_it_covers(
    world, table, corridors, terms_of
):
    route = next(c for c in corridors if c.status == "open" and c.transit)
    inside = np.array([crew(c) <= crew(route) and c.status == "open" for c in corridors])
    covered = np.unique(table.pair_of[inside])
    plain = costs_of(table).ave
    for cut in ({"border_time_cut": 0.3}, {"fee_cut": 0.3}):
        hours, fees, tolls, opened = terms_of(transit(crew(route), **cut))
        ave = costs_of(table, hours=hours, fees=fees, tolls=tolls, opened=opened).ave
        assert np.all(ave[..., covered] < plain[..., covered])
        others = np.setdiff1d(np.arange(len(table.pairs)), covered)
        assert_array_equal(ave[..., others], plain[..., others])


@settings(max_examples=30)
@given(seed=SEEDS)
def test_smaller_hours_fees_or_tolls_never_raise_a_cost(table, seed):
    rng = np.random.default_rng(seed)
    names = ("hours", "fees", "tolls")
    factors = dict(zip(names, rng.uniform(0, 1, (3, len(table.order))), strict=True))
    lower = {name: factor * rng.uniform(0, 1) for name, factor in factors.items()}
    opened = rng.uniform(size=len(table.order)) < 0.5
    dear = costs_of(table, cargo_of(seed=seed), opened=opened, **factors).ave
    cheap = costs_of(table, cargo_of(seed=seed), opened=opened, **lower).ave
    assert np.all(cheap <= dear + 1e-12)


def test_cuts_are_the_shares_agreed(corridors, terms_of):
    route = needy(corridors)
    inside = np.array([crew(c) <= crew(route) for c in corridors])
    hours, fees, tolls, opened = terms_of(transit(crew(route), border_time_cut=0.3, fee_cut=0.6))
    assert_allclose(hours, np.where(inside, 0.7, 1.0), rtol=1e-15)
    assert_allclose(fees, np.where(inside, 0.4, 1.0), rtol=1e-15)
    assert np.all(tolls == 1.0)
    assert not opened.any()


def toll_over_separate_ones(n):
    """One toll of all over the sum of separate ones that answer each other, demand 1 - toll."""
    tolls = np.zeros(n)
    for _ in range(400):
        for own in range(n):
            # The best answer to what the others take is half of what they leave.
            tolls[own] = (1.0 - (tolls.sum() - tolls[own])) / 2
    return 0.5 / tolls.sum()


def test_a_joint_toll_is_what_one_seller_would_take_of_what_separate_ones_do(
    world, corridors, terms_of
):
    *_, tolls, _ = terms_of(transit(world.regions, joint_toll=True))
    for row, corridor in enumerate(corridors):
        n = max(len(corridor.transit), 1)
        assert tolls[row] == pytest.approx((n + 1) / (2 * n), rel=1e-15)
        assert tolls[row] == pytest.approx(toll_over_separate_ones(n), rel=1e-9)
    assert len(np.unique(tolls)) > 1


def test_a_joint_toll_lowers_the_cost_only_where_several_states_are_passed(
    world, table, corridors, terms_of
):
    *_, tolls, _ = terms_of(transit(world.regions, joint_toll=True))
    several = np.array(
        [len(c.transit) > 1 and c.toll_usd_per_feu > 0 and c.status == "open" for c in corridors]
    )
    pays_less = np.isin(np.arange(len(table.pairs)), table.pair_of[several])
    plain, joint = costs_of(table).ave, costs_of(table, tolls=tolls).ave
    assert pays_less.any()
    assert np.all(joint[..., pays_less] < plain[..., pays_less])
    assert_array_equal(joint[..., ~pays_less], plain[..., ~pays_less])


def test_an_agreement_of_all_but_one_state_on_the_way_changes_nothing_there(corridors, terms_of):
    route = needy(corridors)
    for missing in sorted(crew(route)):
        members = crew(route) - {missing}
        terms = {
            "border_time_cut": 0.5,
            "fee_cut": 0.5,
            "joint_toll": True,
            "opens": {"routes": [route.corridor], "ports": list(route.ports)},
        }
        hours, fees, tolls, opened = terms_of(transit(members, **terms))
        touched = (hours != 1) | (fees != 1) | (tolls != 1) | opened
        for row in np.flatnonzero(touched):
            assert missing not in crew(corridors[row])
        assert not touched[corridors.index(route)]


def test_a_route_that_needs_an_agreement_opens_when_its_members_name_it(table, corridors, terms_of):
    route = needy(corridors)
    row = corridors.index(route)
    unnamed = terms_of(transit(crew(route), fee_cut=0.1))[-1]
    named = terms_of(transit(crew(route), opens={"routes": [route.corridor]}))[-1]
    assert not unnamed.any()
    assert_array_equal(np.flatnonzero(named), [row])
    shut, open_ = costs_of(table), costs_of(table, opened=named)
    assert not shut.share[:, row].any()
    assert np.all(open_.share[:, row] > 0)
    pair = table.pair_of[row]
    assert np.all(open_.ave[..., pair] < shut.ave[..., pair])


def test_naming_a_port_opens_the_members_routes_through_it_and_no_others(corridors, terms_of):
    route = next(c for c in corridors if c.status == "needs-agreement" and c.ports)
    for port in route.ports:
        opened = terms_of(transit(crew(route), opens={"ports": [port]}))[-1]
        expected = [crew(c) <= crew(route) and port in c.ports for c in corridors]
        assert_array_equal(opened, expected)
        assert opened[corridors.index(route)]


def test_a_planned_route_stays_closed_whoever_opens_it(world, table, corridors, terms_of):
    planned = [c for c in corridors if c.status == "planned"]
    assert planned
    opens = {"routes": [c.corridor for c in planned]}
    opened = terms_of(transit(world.regions, opens=opens))[-1]
    assert np.all(opened[table.planned])
    open_, plain = costs_of(table, opened=opened), costs_of(table)
    assert not open_.share[:, table.planned].any()
    assert_array_equal(open_.ave, plain.ave)


@pytest.mark.parametrize(
    ("quarter", "acts"),
    [(IN_FORCE - 1, False), (IN_FORCE, True), (4 * 2024 + 3, True), (4 * 2025, False)],
)
def test_an_agreement_acts_from_its_first_quarter_in_force_to_its_last(
    world, corridors, terms_of, quarter, acts
):
    opens = {"routes": [needy(corridors).corridor]}
    terms = {"border_time_cut": 0.2, "fee_cut": 0.2, "joint_toll": True, "opens": opens}
    hours, fees, tolls, opened = terms_of(transit(world.regions, **terms), quarter=quarter)
    assert [(f < 1).any() for f in (hours, fees, tolls)] == [acts] * 3
    assert opened.any() == acts


def test_of_several_agreements_the_largest_cut_holds_in_any_order(world, corridors, terms_of):
    route = needy(corridors)
    one = transit(crew(route), border_time_cut=0.6, fee_cut=0.1)
    other = transit(
        world.regions, border_time_cut=0.2, fee_cut=0.5, opens={"routes": [route.corridor]}
    )
    inside = np.array([crew(c) <= crew(route) for c in corridors])
    forward, backward = terms_of(one, other), terms_of(other, one)
    for first, second in zip(forward, backward, strict=True):
        assert_array_equal(first, second)
    hours, fees, _, opened = forward
    assert_allclose(hours, np.where(inside, 0.4, 0.8), rtol=1e-15)
    assert_allclose(fees, 0.5, rtol=1e-15)
    assert_array_equal(np.flatnonzero(opened), [corridors.index(route)])


def test_preferential_agreements_leave_the_corridors_alone(effects_of, outsider, partner):
    agreement = {
        "kind": "preferential",
        "members": [outsider, partner],
        "timeline": TIMELINE,
        "concessions": [{"by": outsider, "goods": "all", "cut": 0.5}],
    }
    effects, _ = effects_of(agreement, transit([outsider, partner], fee_cut=0.1))
    assert [effect.agreement for effect in effects] == [1]


# --- cost and use -----------------------------------------------------------------------------


def route_cost(table, cargo, row, run, good):
    """Cost of one route with nothing cut, as an ad valorem equivalent."""
    charges = table.freight_usd[row] + table.fees_usd[row] + table.toll_usd[row]
    time = table.days[row] * cargo.time_cost_per_day[run]
    return charges / cargo.value_usd[run, good] + time


@settings(max_examples=30)
@given(seed=SEEDS)
def test_choosing_never_costs_less_than_the_cheapest_open_route(table, seed):
    rng = np.random.default_rng(seed)
    n = len(table.order)
    cargo, opened = cargo_of(seed=seed), rng.uniform(size=n) < 0.5
    gate_open = rng.uniform(size=(2, table.passes.shape[1])) ** 0.2
    gate_open[rng.uniform(size=gate_open.shape) < 0.05] = 0.0
    costs = costs_of(table, cargo, gate_open=gate_open, opened=opened)
    lawful = ~table.planned & (~table.needs_agreement | opened)
    for run, good, pair in np.ndindex(costs.ave.shape):
        usable = [
            row
            for row in np.flatnonzero(lawful & (table.pair_of == pair))
            if gate_open[run, table.passes[row]].all()
        ]
        cheapest = min((route_cost(table, cargo, r, run, good) for r in usable), default=np.inf)
        assert costs.ave[run, good, pair] >= cheapest - 1e-12
        assert np.isfinite(costs.ave[run, good, pair]) == bool(usable)


def test_routes_alike_cost_what_each_of_them_does(world):
    route = next(c for c in world.corridors if c.status == "open")
    for n in (1, 2, 5):
        same = tuple(replace(route, corridor=f"{route.corridor}-{k}") for k in range(n))
        table = corridor_table(replace(world, corridors=same))
        cargo = cargo_of()
        costs = costs_of(table, cargo)
        for run, good in np.ndindex(2, 3):
            expected = route_cost(table, cargo, 0, run, good)
            assert costs.ave[run, good, 0] == pytest.approx(expected, rel=1e-12)
        assert_allclose(costs.share, 1 / n, rtol=1e-12)


def test_border_hours_move_trade_as_their_elasticity_says(table):
    cargo = cargo_of()
    n = len(table.order)
    single = [p for p in range(len(table.pairs)) if (table.pair_of == p).sum() == 1]
    assert single
    before, after = costs_of(table, cargo).ave, costs_of(table, cargo, hours=np.full(n, 0.9)).ave
    trade = ((1 + after) / (1 + before))[..., single] ** -cargo.trade_elasticity[:, None, None]
    expected = 0.9 ** cargo.border_time_elasticity[:, None, None]
    assert_allclose(trade, np.broadcast_to(expected, trade.shape), rtol=1e-12)


@settings(max_examples=30)
@given(seed=SEEDS)
def test_closing_a_gate_never_lowers_a_cost_and_opening_a_route_never_raises_one(table, seed):
    rng = np.random.default_rng(seed)
    n, n_gates = table.passes.shape
    open_, opened = rng.uniform(0.2, 1, (2, n_gates)), rng.uniform(size=n) < 0.3
    less = open_ * np.where(rng.uniform(size=n_gates) < 0.2, rng.uniform(0, 1), 1.0)
    more = opened | (rng.uniform(size=n) < 0.3)
    plain = costs_of(table, gate_open=open_, opened=opened).ave
    assert np.all(costs_of(table, gate_open=less, opened=opened).ave >= plain - 1e-12)
    assert np.all(costs_of(table, gate_open=open_, opened=more).ave <= plain + 1e-12)


def test_a_gate_shut_stops_the_routes_through_it_and_leaves_the_other_pairs(table):
    plain = costs_of(table)
    for gate in range(table.passes.shape[1]):
        gate_open = np.ones((1, table.passes.shape[1]))
        gate_open[0, gate] = 0.0
        shut = costs_of(table, gate_open=gate_open)
        through = table.passes[:, gate]
        assert not shut.share[:, through].any()
        untouched = np.setdiff1d(np.arange(len(table.pairs)), table.pair_of[through])
        assert_array_equal(shut.ave[..., untouched], plain.ave[..., untouched])


def test_shares_of_a_pair_sum_to_one_or_where_nothing_is_open_to_nothing(table):
    gate_open = np.ones((2, table.passes.shape[1]))
    gate_open[1] = 0.0
    costs = costs_of(table, gate_open=gate_open)
    for pair in range(len(table.pairs)):
        of_pair = table.pair_of == pair
        usable = (of_pair & ~table.planned & ~table.needs_agreement).any()
        assert costs.share[0, of_pair].sum() == pytest.approx(float(usable), abs=1e-12)
        gateless = (of_pair & ~table.passes.any(axis=1)).any()
        if not gateless:
            assert not costs.share[1, of_pair].any()
            assert np.all(np.isinf(costs.ave[1, :, pair]))


@pytest.mark.parametrize("n_runs", [1, 3, 6])
def test_a_batch_of_costs_equals_its_single_runs(table, n_runs):
    rng = np.random.default_rng(n_runs)
    cargo = cargo_of(n_runs, 6, seed=n_runs)
    gate_open = rng.uniform(0, 1, (n_runs, table.passes.shape[1]))
    factor = rng.uniform(0.2, 1, len(table.order))
    batch = costs_of(table, cargo, gate_open=gate_open, hours=factor, fees=factor)
    for r in range(n_runs):
        one = CargoTerms(**{name: values[r : r + 1] for name, values in vars(cargo).items()})
        single = costs_of(table, one, gate_open=gate_open[r : r + 1], hours=factor, fees=factor)
        assert_array_equal(batch.ave[r], single.ave[0])
        assert_array_equal(batch.share[r], single.share[0])
