"""Routes in use: base-year shares, take-up of new routes, and what is never offered."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.laws.numerics.calendar import parse_quarter
from sim.simulation.model import TradeModel
from sim.simulation.transport.path_costs import Gates
from sim.simulation.transport.route_take_up import take_up

MONTHS = 12.0
N_RUNS = 6


@pytest.fixture(scope="module")
def base(world, scenario_with_all):
    """Model of many pairs in which nothing is agreed."""
    return TradeModel(scenario_with_all, world, runs=range(N_RUNS))


@pytest.fixture(scope="module")
def scenario_with_all(world):
    """The shipped question with a transit agreement of the states along the main corridor."""
    from pathlib import Path

    from sim.scenario.scenario_file import load_scenario
    from sim.world.names import world_names

    return load_scenario(Path("scenarios/transit.yaml"), world_names(None))


def by_record(model, tonnes):
    """Share of each row of the table in its pair's cargo, (n_rows, n_runs), nan if not followed."""
    table = model.transport.routes.table
    record = table.use.units.record[table.use.unit]
    found = np.full((len(model.world.network.route_shares), tonnes.shape[1]), np.nan)
    for k, row in enumerate(model.world.network.route_shares):
        own = np.flatnonzero((table.pairs == row.pair).all(axis=1))
        if len(own):
            pair = tonnes[table.pair == own[0]].sum(axis=0)
            found[k] = tonnes[record == k].sum(axis=0) / pair
    return found


def base_year(model):
    seasons = [1.0 - len(gate.closed_months) / MONTHS for gate in model.world.gates]
    season = Gates.by_season(np.array(seasons))
    return model.transport.routes.carried(model.transport.routes.transit.nothing, season)


def test_shares_of_the_base_year_are_those_on_record_in_every_run(base):
    found = by_record(base, base_year(base))
    recorded = np.array([row.share for row in base.world.network.route_shares])
    followed = ~np.isnan(found[:, 0])
    assert followed.sum() > 50
    np.testing.assert_allclose(
        found[followed], np.broadcast_to(recorded[followed, None], found[followed].shape), atol=2e-3
    )


def test_what_was_shut_in_the_base_year_carried_nothing(base):
    shut = np.flatnonzero(base.world.network.base_open_share == 0.0)
    assert len(shut)
    tonnes = base.transport.routes.gate_tonnes(base_year(base))
    assert np.all(tonnes[:, shut] == 0.0)


def test_cargo_between_coasts_stays_at_sea_whatever_is_agreed(base):
    routes = base.transport.routes
    table, modes = routes.table, np.array(base.world.network.modes)
    in_force = np.ones(routes.transit.n_agreements, dtype=bool)
    built = np.ones(routes.transit.n_projects, dtype=bool)
    usable = routes.transit.terms(in_force, built).usable
    afloat = np.array([(modes[list(links)] == "sea").any() for links in table.links])
    named = {row.pair for row in base.world.network.route_shares}
    ports = [port.node for port in base.world.network.port_terms]
    coastal = {int(base.world.network.owner[node]) for node in ports}
    members = {base.world.region_index(c) for c in base.scenario.agreements["transit"].members}
    checked = 0
    for number, pair in enumerate(map(tuple, table.pairs.tolist())):
        if pair in named or not set(pair) <= coastal or set(pair) <= members:
            continue
        own = (table.pair == number) & usable
        direct = own & ~table.tolled.any(axis=1)
        if (direct & afloat).any() and not (direct & ~afloat).any():
            assert np.all(afloat[own]), pair
            assert not table.tolled[own].any(), pair
            checked += 1
    assert checked > 5


@given(st.floats(0.1, 20.0), st.floats(0.0, 200.0), st.floats(0.01, 100.0))
def test_take_up_starts_at_nothing_never_falls_and_is_half_after_its_time(half, quarters, more):
    at = take_up(np.array([0.0, 4.0 * half, quarters, quarters + more]), np.full(4, half))
    assert at[0] == 0.0
    assert at[1] == pytest.approx(0.5)
    assert 0.0 <= at[2] <= at[3] <= 1.0


def test_a_route_that_opens_by_a_date_starts_unused_and_comes_up_to_its_ceiling(base):
    rows = base.world.network.route_shares
    new = [k for k, row in enumerate(rows) if row.since is not None and row.share == 0.0]
    seasons = [1.0 - len(gate.closed_months) / MONTHS for gate in base.world.gates]
    season = Gates.by_season(np.array(seasons))
    shares = [
        by_record(
            base,
            base.transport.routes.carried(base.transport.routes.transit.nothing, season, quarter),
        )
        for quarter in (None, parse_quarter("2025Q1"), parse_quarter("2030Q1"), 4 * 2400)
    ]
    for k in new:
        ceiling = rows[k].ceiling
        assert np.all(shares[0][k] == 0.0)
        assert np.all(shares[1][k] > 0.0)
        assert np.all(shares[2][k] > shares[1][k])
        # Other routes that come up beside it take a little of what it would reach alone.
        assert np.all(shares[3][k] <= ceiling + 1e-3)
        assert np.all(shares[3][k] >= 0.85 * ceiling)


def test_a_planned_line_is_offered_to_every_landlocked_partner_of_a_port_state(base, outsider):
    table, network = base.transport.routes.table, base.world.network
    sea = [k for k, mode in enumerate(network.modes) if mode == "sea"]
    coastal = set(network.owner[np.concatenate([network.tail[sea], network.head[sea]])].tolist())
    own = base.world.region_index(outsider)
    wanted = {
        tuple(pair) for pair in table.pairs.tolist() if own in pair and not set(pair) <= coastal
    }
    assert len(wanted) >= 5
    for project in network.projects:
        over = np.array([bool(set(project.links) & set(links)) for links in table.links])
        pairs = table.pairs[table.pair[over & (table.use.by_line | table.use.in_use)]]
        assert wanted <= {tuple(pair) for pair in pairs.tolist()}, project.project


def mean_trade(model, first_year, last_year, pairs):
    """Trade of pairs by run in some years, summed, (n_pairs, n_runs)."""
    total = np.zeros((len(pairs), len(model.runs)))
    while model.quarter < 4 * last_year + 3:
        model.step()
        if model.quarter >= 4 * first_year:
            for k, (a, b) in enumerate(pairs):
                total[k] += model.snapshot.trade[:, :, [a, b], [b, a]].sum(axis=(1, 2))
    return total


def test_a_transit_agreement_raises_its_members_trade(world, scenario_with_all):
    """Held against the same draws without it; the border is open, as from 2027 on."""
    scenario = scenario_with_all.model_copy(update={"closures": {}})
    place = world.region_index
    pairs = [(place(a), place(b)) for a, b in (("PAK", "UZB"), ("PAK", "AFG"), ("PAK", "KAZ"))]
    with_it = TradeModel(scenario, world, runs=range(16))
    plain = scenario.model_copy(update={"agreements": {}})
    without = TradeModel(plain, world, runs=range(16), draws=with_it.draws)
    for year in (2028, 2030):
        change = np.log(
            mean_trade(with_it, year, year, pairs) / mean_trade(without, year, year, pairs)
        )
        assert np.all(np.median(change, axis=1) > 0.0), (year, np.median(change, axis=1))


def test_without_capacity_on_record_no_member_pair_loses_in_any_run(world, scenario_with_all):
    """Only a queue can take from members what an agreement gives them."""
    free = replace(world, network=replace(world.network, posts=(), port_terms=()))
    names = scenario_with_all.agreements["transit"].members
    members = [world.region_index(code) for code in names]
    pairs = [(a, b) for k, a in enumerate(members) for b in members[k + 1 :]]
    scenario = scenario_with_all.model_copy(update={"closures": {}})
    with_it = TradeModel(scenario, free, runs=range(8))
    plain = scenario.model_copy(update={"agreements": {}})
    without = TradeModel(plain, free, runs=range(8), draws=with_it.draws)
    change = np.log(mean_trade(with_it, 2030, 2030, pairs) / mean_trade(without, 2030, 2030, pairs))
    assert change.min() > -0.005


def test_opening_ports_brings_them_cargo_that_they_did_not_have(world, scenario_with_all):
    model = TradeModel(scenario_with_all, world, runs=range(4))
    while model.quarter < parse_quarter("2034Q4"):
        model.step()
    rows = world.network.route_shares
    table = model.transport.routes.table
    record = table.use.units.record[table.use.unit]
    opened = [k for k, row in enumerate(rows) if row.share == 0.0 and row.since is None]
    for k in opened:
        if (table.pairs == rows[k].pair).all(axis=1).any():
            pair = (table.pairs[table.pair] == rows[k].pair).all(axis=1)
            share = model.snapshot.path_tonnes[:, record == k].sum(
                axis=1
            ) / model.snapshot.path_tonnes[:, pair].sum(axis=1)
            assert np.all(share > 0.0), rows[k].route
            assert share.mean() <= 1.5 * rows[k].ceiling
