"""Paths through the network: whole, loopless, and different enough to be a choice."""

import numpy as np
import pytest

from sim.simulation.transport.paths import path_table


@pytest.fixture(scope="module")
def pair(world, outsider, union_member):
    return tuple(sorted((world.region_index(outsider), world.region_index(union_member))))


@pytest.fixture(scope="module")
def table(world, pair):
    return path_table(world.network, len(world.gates), (pair,))


def ends_of(network, links):
    met, times = np.unique(
        [network.tail[list(links)], network.head[list(links)]], return_counts=True
    )
    return set(met[times % 2 == 1].tolist()), times.max()


def test_every_path_joins_gateways_of_the_two_regions_and_meets_no_node_twice(world, pair, table):
    network = world.network
    for links in table.links:
        ends, most = ends_of(network, links)
        assert len(ends) == 2
        assert most <= 2
        assert {bool(network.gateways[region, list(ends)].sum() > 0) for region in pair} == {True}


def test_the_shares_of_gateway_pairs_make_up_the_pair(table):
    assert table.od_weight.sum() == pytest.approx(1.0)
    assert np.all(np.diff(table.od) >= 0)
    assert set(table.od.tolist()) == set(range(len(table.od_weight)))


def test_no_path_is_listed_twice_for_the_same_gateways(table):
    listed = list(zip(table.od.tolist(), map(frozenset, table.links), strict=True))
    assert len(listed) == len(set(listed))


def test_figures_of_a_path_are_those_of_its_links(world, pair, table):
    network = world.network
    hours = np.array([gate.border_hours for gate in world.gates])
    fees = np.array([gate.fee_usd_per_feu for gate in world.gates])
    for p, links in enumerate(table.links):
        passage = network.passage(links, *pair)
        assert table.km[p] == pytest.approx(passage.length_km)
        assert table.days[p] + table.passes[p] @ hours / 24 == pytest.approx(passage.days)
        usd = table.usd[p] + table.passes[p] @ fees + table.toll_usd[p]
        assert usd == pytest.approx(passage.usd_per_feu)


def test_every_gate_on_an_open_path_can_be_gone_round(table):
    """Closing one gate leaves every pair of gateways a path, locked links aside."""
    open_paths = ~table.locked.any(axis=1)
    for gate in np.flatnonzero(table.passes[open_paths].any(axis=0)):
        left = open_paths & (table.passes[:, gate] == 0)
        assert set(table.od[left].tolist()) == set(range(len(table.od_weight))), gate


def test_sizes_are_smaller_where_paths_share_links(table):
    assert np.all((table.size > 0) & (table.size <= 1))
    assert table.size.min() < 0.7


def test_a_region_pays_no_transit_toll_on_its_own_ground(pair, table):
    assert not table.tolled[:, list(pair)].any()
    assert np.all(table.toll_usd[~table.tolled.any(axis=1)] == 0)
