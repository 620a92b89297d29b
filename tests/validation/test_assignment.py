"""Routes: published equilibria, and what holds on any network."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.laws.solve_errors import SolveError
from sim.validation import assignment
from tests.twins import routes_twin as twin


@pytest.fixture(scope="module")
def known(cases: Path) -> dict:
    path = cases / "routes" / "small_exact.json"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    return json.loads(path.read_text())


def made_network(
    seed: int, n_nodes: int = 9, n_links: int = 30, **changes
) -> assignment.CrowdedNetwork:
    """Random links on a ring that keeps every node within reach."""
    rng = np.random.default_rng(seed)
    ring = np.arange(n_nodes)
    tail = np.concatenate([ring, rng.integers(0, n_nodes, n_links - n_nodes)])
    head = np.concatenate([(ring + 1) % n_nodes, rng.integers(0, n_nodes, n_links - n_nodes)])
    own = tail == head
    head = np.where(own, (head + 1) % n_nodes, head)
    fields = {
        "tail": tail,
        "head": head,
        "free_flow_cost": rng.uniform(1, 5, n_links),
        "capacity": rng.uniform(3, 12, n_links),
        "bpr_factor": np.where(rng.random(n_links) < 0.2, 0.0, 0.15),
        "bpr_power": rng.choice([1.0, 4.0, 6.3], n_links),
        "fixed_cost": rng.uniform(0, 0.5, n_links),
    }
    return assignment.CrowdedNetwork(**{**fields, **changes})


def made_demand(seed: int, n_zones: int = 5) -> np.ndarray:
    rng = np.random.default_rng(1000 + seed)
    return rng.uniform(0, 6, (n_zones, n_zones)) * (rng.random((n_zones, n_zones)) < 0.6)


def ends_of(network: assignment.CrowdedNetwork) -> list[tuple[int, int]]:
    return list(
        zip(np.asarray(network.tail).tolist(), np.asarray(network.head).tolist(), strict=True)
    )


def imbalance(network: assignment.CrowdedNetwork, volume: np.ndarray, demand: np.ndarray) -> float:
    """Largest difference between what enters and leaves a node."""
    net = np.zeros(network.n_nodes)
    np.add.at(net, np.asarray(network.tail), volume)
    np.subtract.at(net, np.asarray(network.head), volume)
    outside = np.zeros(network.n_nodes)
    n = len(demand)
    outside[:n] = demand.sum(axis=1) - demand.sum(axis=0)
    return float(np.abs(net - outside).max())


# ---------------------------------------------------------------- published answers


def braess(bridge: bool) -> assignment.CrowdedNetwork:
    return assignment.CrowdedNetwork(
        tail=[0, 0, 2, 2, 3],
        head=[2, 3, 1, 3, 1],
        free_flow_cost=[1e-8, 50.0, 50.0, 10.0, 1e-8],
        capacity=1.0,
        bpr_factor=[1e9, 0.02, 0.02, 0.1, 1e9],
        bpr_power=1.0,
        open=[True, True, True, bridge, True],
    )


def test_braess_bridge_makes_everybody_slower(known):
    answer = known["braess"]
    found = assignment.assign(braess(True), {(0, 1): 6.0}, choice="least_cost", relative_gap=1e-12)
    assert found.link_volume == pytest.approx(answer["UE_link_flows_13_14_32_34_42"], abs=1e-6)
    assert found.cost[0, 1] == pytest.approx(92.0, abs=1e-6)
    assert found.total_cost == pytest.approx(answer["TSTT_UE"], abs=1e-5)
    area = assignment.beckmann(braess(True), found.link_volume)
    assert area == pytest.approx(answer["beckmann_UE"], abs=1e-5)
    without = assignment.assign(
        braess(False), {(0, 1): 6.0}, choice="least_cost", relative_gap=1e-12
    )
    assert without.cost[0, 1] == pytest.approx(answer["no_bridge_route_cost"], abs=1e-6)
    assert without.total_cost == pytest.approx(answer["no_bridge_TSTT"], abs=1e-5)
    assert without.link_volume[3] == 0.0


def test_braess_system_optimum_leaves_the_bridge_empty(known):
    found = assignment.assign(
        braess(True), {(0, 1): 6.0}, choice="system_optimum", relative_gap=1e-12
    )
    assert found.link_volume == pytest.approx([3, 3, 3, 0, 3], abs=1e-5)
    assert found.total_cost == pytest.approx(known["braess"]["SO_TSTT"], abs=1e-5)


def three_roads(answer: dict) -> assignment.CrowdedNetwork:
    return assignment.CrowdedNetwork([0] * 3, [1] * 3, answer["t0"], answer["cap"], 0.15, 4.0)


def test_three_parallel_roads(known):
    answer = known["three_parallel_bpr_routes"]
    roads, demand = three_roads(answer), {(0, 1): float(answer["q"])}
    selfish = assignment.assign(roads, demand, choice="least_cost", relative_gap=1e-12)
    assert selfish.link_volume == pytest.approx(answer["UE"], abs=1e-7)
    assert selfish.cost[0, 1] == pytest.approx(answer["cost"], abs=1e-7)
    assert assignment.beckmann(roads, selfish.link_volume) == pytest.approx(answer["Z"], abs=1e-6)
    assert selfish.total_cost == pytest.approx(answer["UE_TSTT"], abs=1e-6)
    for dispersion, volume in answer["SUE"].items():
        spread = assignment.assign(roads, demand, dispersion=float(dispersion), relative_gap=1e-11)
        assert spread.link_volume == pytest.approx(volume, abs=1e-8)
    best = assignment.assign(roads, demand, choice="system_optimum", relative_gap=1e-12)
    assert best.total_cost == pytest.approx(answer["SO_TSTT"], abs=1e-7)
    # the published volumes have marginal costs that differ by 5e-5 of themselves
    assert best.link_volume == pytest.approx(answer["SO"], abs=5e-5)
    marginal = assignment.link_cost(assignment.marginal(roads), best.link_volume)
    assert np.ptp(marginal) < 1e-9


@pytest.mark.parametrize("power", [1, 2, 3, 4])
def test_pigou_price_of_anarchy(known, power):
    roads = assignment.CrowdedNetwork(
        [0, 0], [1, 1], [1e-9, 1.0], [1.0, np.inf], [1e9, 0.0], float(power)
    )
    selfish, best = (
        assignment.assign(roads, {(0, 1): 1.0}, choice=choice, relative_gap=1e-12).total_cost
        for choice in ("least_cost", "system_optimum")
    )
    published = known["pigou_price_of_anarchy"][str(power)]
    assert selfish / best == pytest.approx(published, abs=1e-8)


def test_path_size_logit_of_overlapping_routes(known):
    for shared, shares in known["path_size_logit_three_routes"].items():
        part = float(shared)
        paths = assignment.as_path_set(4, {(0, 1): [[0], [1, 2], [1, 3]]})
        size = assignment.path_size(paths, np.array([1.0, part, 1 - part, 1 - part]))
        ours, _ = assignment.logit_shares(np.full(3, 7.0), 0.3, size=size)
        assert ours == pytest.approx(shares, abs=1e-14)


def test_logsum(known):
    answer = known["logsum"]
    share, logsum = assignment.logit_shares(answer["c"], answer["theta"])
    assert share == pytest.approx(answer["shares"], abs=1e-15)
    assert float(logsum) == pytest.approx(answer["logsum_cost"], abs=1e-12)


# ---------------------------------------------------------------- any network


@given(st.integers(0, 10_000))
@settings(max_examples=30)
def test_user_equilibrium_has_the_gap_it_says(seed):
    network, demand = made_network(seed), made_demand(seed)
    found = assignment.assign(network, demand, choice="least_cost", relative_gap=1e-9)
    links = ends_of(network)
    cost = [
        twin.bpr(v, *terms) + fixed
        for v, fixed, *terms in zip(
            found.link_volume,
            np.asarray(network.fixed_cost),
            np.asarray(network.free_flow_cost),
            np.asarray(network.capacity),
            np.asarray(network.bpr_factor),
            np.asarray(network.bpr_power),
            strict=True,
        )
    ]
    spent = sum(c * v for c, v in zip(cost, found.link_volume, strict=True))
    least = sum(
        demand[o, d] * twin.least_cost(links, cost, o, d)
        for o in range(5)
        for d in range(5)
        if o != d
    )
    gap = (spent - least) / spent if spent else 0.0
    assert -1e-12 < gap <= 1e-9 * 1.001
    assert found.relative_gap == pytest.approx(gap, abs=1e-13)
    assert assignment.relative_gap(network, demand, found.link_volume) == found.relative_gap


@given(st.integers(0, 10_000), st.sampled_from(["least_cost", "logit"]))
@settings(max_examples=40)
def test_volume_is_conserved_at_nodes_and_shares_sum_to_one(seed, choice):
    network, demand = made_network(seed), made_demand(seed)
    found = assignment.assign(network, demand, choice=choice, dispersion=1.0, n_paths=4)
    off = demand - np.diag(demand.diagonal())
    assert imbalance(network, found.link_volume, off) < 1e-9
    assert (found.link_volume >= 0).all()
    sums = np.bincount(found.paths.pair, found.path_share, minlength=found.paths.n_pairs)
    assert sums == pytest.approx(np.ones(found.paths.n_pairs))
    assert found.intrazonal == pytest.approx(demand.diagonal())


@given(st.integers(0, 10_000))
@settings(max_examples=15)
def test_relabelling_nodes_leaves_costs_alone(seed):
    network, demand = made_network(seed), made_demand(seed)
    order = np.random.default_rng(seed).permutation(network.n_nodes)
    tail, head = order[np.asarray(network.tail)], order[np.asarray(network.head)]
    pairs = {(o, d): float(demand[o, d]) for o, d in np.argwhere(demand > 0).tolist()}
    moved = {(int(order[o]), int(order[d])): q for (o, d), q in pairs.items()}
    one, other = (
        assignment.assign(net, asked, choice="least_cost", relative_gap=1e-10)
        for net, asked in ((network, pairs), (replace(network, tail=tail, head=head), moved))
    )
    for o, d in pairs:
        assert other.cost[order[o], order[d]] == pytest.approx(one.cost[o, d], rel=1e-5)
    assert other.total_cost == pytest.approx(one.total_cost, rel=1e-6)


@given(st.integers(0, 10_000), st.integers(0, 29))
@settings(max_examples=25)
def test_opening_a_link_never_raises_a_cost_without_congestion(seed, link):
    usable = np.ones(30, dtype=bool)
    usable[link] = False
    demand = made_demand(seed)
    closed, opened = (
        assignment.assign(
            made_network(seed, bpr_factor=0.0, open=mask), demand, choice="least_cost"
        ).cost
        for mask in (usable, np.ones(30, dtype=bool))
    )
    assert (opened <= closed + 1e-12).all()


@given(st.integers(0, 10_000))
@settings(max_examples=10)
def test_system_optimum_costs_least_in_all(seed):
    network, demand = made_network(seed), made_demand(seed)
    selfish, best = (
        assignment.assign(network, demand, choice=choice, relative_gap=1e-9)
        for choice in ("least_cost", "system_optimum")
    )
    assert best.total_cost <= selfish.total_cost * (1 + 1e-9)
    assert assignment.beckmann(network, selfish.link_volume) <= assignment.beckmann(
        network, best.link_volume
    ) * (1 + 1e-9)


def test_slopes_and_areas_belong_to_the_costs():
    network = made_network(3, posts=some_posts())
    volume, step = np.random.default_rng(0).uniform(0.5, 20, 30), 1e-5
    _, slope = network.cost_and_slope(volume)
    ahead, behind = (assignment.link_cost(network, volume + s) for s in (step, -step))
    assert slope == pytest.approx((ahead - behind) / (2 * step), rel=1e-5, abs=1e-7)
    fractions = (np.arange(4000) + 0.5) / 4000
    sliced = assignment.link_cost(network, fractions[:, None] * volume)
    areas = sliced.mean(axis=0) * volume
    for link in range(30):
        one = np.where(np.arange(30) == link, volume, 0.0)
        assert assignment.beckmann(network, one) == pytest.approx(areas[link], rel=1e-5)


def some_posts() -> assignment.Posts:
    return assignment.Posts(
        link=np.array([0, 4, 11]),
        servers=np.array([1.0, 3.0, 2.5]),
        service_hours=np.array([1.0, 2.0, 1.5]),
        period_hours=np.array([6.0, 8.0, 7.0]),
        hour_cost=np.array([0.5, 1.0, 2.0]),
        backlog=np.array([0.0, 2.0, 0.0]),
    )


@pytest.mark.parametrize("seed", range(4))
def test_queues_can_set_the_user_equilibrium(seed):
    network, demand = made_network(seed, posts=some_posts()), made_demand(seed)
    found = assignment.assign(network, demand, choice="least_cost", relative_gap=1e-8)
    assert found.relative_gap <= 1e-8
    assert np.isfinite(found.link_cost).all()


# ---------------------------------------------------------------- rules of the network


def test_zones_are_not_driven_through():
    links = {"tail": [0, 2, 0, 3], "head": [2, 1, 3, 1], "free_flow_cost": [1.0, 1.0, 5.0, 5.0]}
    demand = {(0, 1): 2.0}
    free = assignment.CrowdedNetwork(**links, capacity=np.inf)
    zoned = assignment.CrowdedNetwork(**links, capacity=np.inf, first_through_node=3)
    assert assignment.assign(free, demand, choice="least_cost").cost[0, 1] == 2.0
    around = assignment.assign(zoned, demand, choice="least_cost")
    assert around.cost[0, 1] == 10.0
    assert around.link_volume.tolist() == [0.0, 0.0, 2.0, 2.0]
    assert assignment.k_shortest_paths(zoned, 0, 1, 5) == [(2, 3)]
    spread = assignment.assign(zoned, demand, dispersion=1.0)
    assert spread.link_volume == pytest.approx([0.0, 0.0, 2.0, 2.0])


@pytest.mark.parametrize("choice", ["least_cost", "logit"])
def test_demand_without_a_route_is_unserved_and_said_so(choice):
    network = assignment.CrowdedNetwork(
        [0, 1], [1, 0], [1.0, 1.0], 1.0, open=[True, False], n_nodes=3
    )
    demand = np.array([[4.0, 1.0, 2.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    found = assignment.assign(network, demand, choice=choice, dispersion=1.0)
    assert found.unserved.tolist() == [[0.0, 0.0, 2.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    assert found.link_volume.tolist() == [1.0, 0.0]
    assert found.intrazonal.tolist() == [4.0, 0.0, 0.0]
    assert math.isinf(found.cost[0, 2])
    assert math.isfinite(found.total_cost)


@pytest.mark.parametrize("choice", ["least_cost", "logit"])
def test_no_demand_no_volume(choice):
    network = made_network(1)
    for demand in (np.zeros((4, 4)), np.diag([1.0, 2.0, 3.0])):
        found = assignment.assign(network, demand, choice=choice, dispersion=1.0)
        assert not found.link_volume.any()
        assert found.relative_gap == 0.0


def test_parallel_links_share_like_one_wide_road():
    twice = assignment.CrowdedNetwork([0, 0], [1, 1], 2.0, 5.0)
    wide = assignment.CrowdedNetwork([0], [1], 2.0, 10.0)
    two, one = (
        assignment.assign(net, {(0, 1): 12.0}, choice="least_cost", relative_gap=1e-10)
        for net in (twice, wide)
    )
    assert two.link_volume == pytest.approx([6.0, 6.0], rel=1e-4)
    assert two.cost[0, 1] == pytest.approx(one.cost[0, 1], rel=1e-9)


def test_links_of_constant_cost_need_no_capacity():
    network = assignment.CrowdedNetwork(
        [0, 0], [1, 1], [3.0, 1.0], [0.0, 2.0], [0.0, 1.0], [4.0, 1.0]
    )
    found = assignment.assign(network, {(0, 1): 10.0}, choice="least_cost", relative_gap=1e-10)
    assert found.link_volume == pytest.approx([6.0, 4.0], rel=1e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"capacity": [1.0, -2.0]}, r"link 1 \(node 0 to node 2\): capacity is -2; wanted above 0"),
        ({"capacity": [0.0, 1.0]}, r"link 0 .*capacity is 0; .* set open to False"),
        ({"free_flow_cost": [1.0, np.nan]}, "link 1 .*free_flow_cost is nan"),
        ({"head": [1, -2]}, "link 1 .*head is -2"),
        ({"bpr_power": -1.0}, "link 0 .*bpr_power is -1"),
        ({"fixed_cost": [1.0, 2.0, 3.0]}, r"fixed_cost has shape \(3,\)"),
        ({"n_nodes": 2}, "n_nodes is 2, but a link names node 2"),
        ({"first_through_node": 9}, "first_through_node is 9; wanted 0 to 3"),
    ],
)
def test_links_that_cannot_be_are_refused(changes, message):
    fields = {"tail": [0, 0], "head": [1, 2], "free_flow_cost": [1.0, 1.0], "capacity": 1.0}
    with pytest.raises(ValueError, match=message):
        assignment.CrowdedNetwork(**{**fields, **changes})


def test_demand_that_cannot_be_is_refused():
    network = made_network(0)
    with pytest.raises(ValueError, match="from zone 1 to zone 0 is -3"):
        assignment.assign(network, np.array([[0.0, 1.0], [-3.0, 0.0]]), choice="least_cost")
    with pytest.raises(ValueError, match="names zone 11, but the network has 9 nodes"):
        assignment.assign(network, {(0, 11): 1.0}, choice="least_cost")
    with pytest.raises(ValueError, match="dispersion is missing"):
        assignment.assign(network, {(0, 1): 1.0})
    with pytest.raises(ValueError, match="choice 'cheapest' is unknown"):
        assignment.assign(network, {(0, 1): 1.0}, choice="cheapest")


def test_volumes_that_do_not_carry_the_demand_have_no_gap():
    network, demand = made_network(2), made_demand(2)
    volume = assignment.assign(network, demand, choice="least_cost").link_volume
    with pytest.raises(ValueError, match="does not carry the demand: node"):
        assignment.relative_gap(network, demand, volume * 0.9)


def test_an_equilibrium_that_is_not_reached_is_not_returned():
    with pytest.raises(SolveError, match=r"relative gap .* after 1 iterations; wanted 1e-12"):
        assignment.assign(
            made_network(5),
            40 * made_demand(5),
            choice="least_cost",
            relative_gap=1e-12,
            max_iterations=1,
        )


# ---------------------------------------------------------------- paths and choice


@given(st.integers(0, 10_000), st.integers(1, 12), st.sampled_from([0, 3]))
@settings(max_examples=40)
def test_shortest_paths_are_those_of_a_full_list(seed, k, zones):
    network = made_network(seed, n_nodes=7, n_links=16, first_through_node=zones)
    cost = assignment.link_cost(network, np.zeros(16))
    listed = [sum(cost[i] for i in p) for p in twin.simple_paths(ends_of(network), 0, 4, zones)]
    paths = assignment.k_shortest_paths(network, 0, 4, k)
    assert [sum(cost[i] for i in p) for p in paths] == pytest.approx(sorted(listed)[:k])
    assert len(set(paths)) == len(paths)
    for path in paths:
        tails = [int(np.asarray(network.tail)[i]) for i in path]
        heads = [int(np.asarray(network.head)[i]) for i in path]
        assert tails[1:] == heads[:-1]
        assert (tails[0], heads[-1]) == (0, 4)
        assert len({*tails, 4}) == len(path) + 1


@given(st.integers(0, 10_000))
@settings(max_examples=25)
def test_sizes_and_shares_equal_their_loops(seed):
    network = made_network(seed)
    length = np.asarray(network.free_flow_cost)
    paths = assignment.path_sets(network, [(0, 3), (2, 1)], 5)
    size = assignment.path_size(paths, length)
    for pair in range(2):
        own = np.flatnonzero(paths.pair == pair)
        listed = [paths.path(int(p)) for p in own]
        plain = twin.path_sizes(listed, length.tolist())
        assert size[own] == pytest.approx(plain, rel=1e-12)
        cost = [float(length[list(path)].sum()) for path in listed]
        share, _ = assignment.logit_shares(cost, 0.8, size=size[own])
        assert share == pytest.approx(twin.logit(cost, plain, 0.8), rel=1e-12)


def test_two_copies_of_a_path_weigh_as_one():
    paths = assignment.as_path_set(2, {(0, 1): [[0], [1], [1]]})
    share, logsum = assignment.logit_shares(
        [3.0, 3.0, 3.0], 2.0, size=assignment.path_size(paths, np.ones(2))
    )
    assert share == pytest.approx([0.5, 0.25, 0.25])
    assert float(logsum) == pytest.approx(assignment.logit_shares([3.0, 3.0], 2.0)[1])


def test_a_closed_path_does_not_crowd_the_others():
    paths = assignment.as_path_set(3, {(0, 1): [[0, 1], [0, 2]]})
    both = assignment.path_size(paths, np.ones(3))
    one = assignment.path_size(paths, np.ones(3), open_path=np.array([True, False]))
    assert both == pytest.approx([0.75, 0.75])
    assert one == pytest.approx([1.0, 1.0])
    share, logsum = assignment.logit_shares([np.inf, np.inf], 1.0)
    assert share.tolist() == [0.0, 0.0]
    assert math.isinf(logsum)


@pytest.mark.parametrize("length_matters", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_stochastic_equilibrium_equals_successive_averages(seed, length_matters):
    network, demand = made_network(seed), {(0, 3): 8.0, (2, 6): 5.0}
    paths = assignment.path_sets(network, demand, 4)
    length = np.asarray(network.free_flow_cost) if length_matters else None
    found = assignment.assign(
        network, demand, dispersion=0.7, paths=paths, length=length, relative_gap=1e-10
    )
    listed, sizes = {}, {}
    for pair, ends in enumerate(demand):
        listed[ends] = [paths.path(int(p)) for p in np.flatnonzero(paths.pair == pair)]
        plain = [1.0] * len(listed[ends])
        sizes[ends] = plain if length is None else twin.path_sizes(listed[ends], length.tolist())

    def law(link: int):
        free, capacity, factor, power, fixed = (
            float(np.asarray(getattr(network, name))[link])
            for name in ("free_flow_cost", "capacity", "bpr_factor", "bpr_power", "fixed_cost")
        )
        return lambda volume: twin.bpr(volume, free, capacity, factor, power) + fixed

    volume = twin.stochastic_volumes(
        listed, demand, [law(i) for i in range(30)], sizes, 0.7, rounds=1500
    )
    assert found.link_volume == pytest.approx(volume, abs=1e-7)


def test_large_dispersion_comes_close_to_least_cost():
    network, demand = made_network(4), made_demand(4)
    spread = assignment.assign(network, demand, dispersion=60.0)
    selfish = assignment.assign(network, demand, choice="least_cost")
    assert spread.total_cost == pytest.approx(selfish.total_cost, rel=5e-3)


# ---------------------------------------------------------------- many runs


def made_runs(n_runs: int, seed: int = 7):
    """Path set, links, demand, dispersion and open links of an ensemble."""
    rng = np.random.default_rng(seed)
    network = made_network(seed, n_nodes=12, n_links=40)
    pairs = [(o, d) for o in range(5) for d in range(6, 11)]
    paths = assignment.path_sets(network, pairs, 4)
    posts = assignment.Posts(
        link=np.array([1, 7, 20]),
        servers=rng.integers(1, 5, (n_runs, 3)).astype(float),
        service_hours=np.array([0.5, 1.0, 0.7]),
        period_hours=np.array([10.0, 12.0, 9.0]),
        hour_cost=np.array([0.3, 0.2, 0.5]),
        backlog=rng.uniform(0, 5, (n_runs, 3)),
    )
    links = assignment.LinkRuns(
        free_flow_cost=np.asarray(network.free_flow_cost) * rng.uniform(0.8, 1.2, (n_runs, 40)),
        capacity=np.asarray(network.capacity) * rng.uniform(0.5, 2.0, (n_runs, 40)),
        bpr_factor=np.asarray(network.bpr_factor),
        bpr_power=np.asarray(network.bpr_power),
        fixed_cost=np.asarray(network.fixed_cost),
        posts=posts,
    )
    demand = rng.lognormal(0.0, 0.8, (n_runs, len(pairs)))
    return paths, links, demand, rng.uniform(0.3, 2.0, n_runs), rng.random((n_runs, 40)) > 0.1


def one_run(links: assignment.LinkRuns, run: int) -> assignment.LinkRuns:
    return links.of_runs(np.array([run]))


@pytest.mark.parametrize("n_runs", [2, 25, 40])  # 25 pairs, 40 links: no axis is mistaken
def test_a_batch_gives_the_bits_of_its_single_runs(n_runs):
    paths, links, demand, dispersion, usable = made_runs(n_runs)
    length = np.ones(40)
    batch = assignment.assign_runs(
        paths, links, demand, dispersion=dispersion, open=usable, length=length
    )
    assert batch.converged.all()
    for run in range(0, n_runs, 7):
        alone = assignment.assign_runs(
            paths,
            one_run(links, run),
            demand[run],
            dispersion=dispersion[run],
            open=usable[run],
            length=length,
        )
        for name, value in vars(batch).items():
            assert np.array_equal(value[run], getattr(alone, name)[0]), name


def test_runs_are_in_equilibrium_and_lose_nothing():
    paths, links, demand, dispersion, usable = made_runs(16)
    found = assignment.assign_runs(
        paths, links, demand, dispersion=dispersion, open=usable, tolerance=1e-10
    )
    assert found.converged.all()
    assert found.unserved.any()
    served = np.zeros_like(demand)
    np.add.at(served.T, paths.pair, found.path_volume.T)
    assert served + found.unserved == pytest.approx(demand, rel=1e-12)
    assert not found.link_volume[~usable].any()
    assert np.array_equal(np.isinf(found.cost), found.unserved > 0)
    cost, _ = links.cost_and_slope(found.link_volume)
    closed = (~usable).astype(float)
    for run in range(16):
        for pair in range(paths.n_pairs):
            own = np.flatnonzero(paths.pair == pair)
            listed = [list(paths.path(int(p))) for p in own]
            price = [np.inf if closed[run, p].any() else cost[run, p].sum() for p in listed]
            share, _ = assignment.logit_shares(price, dispersion[run])
            assert found.path_share[run, own] == pytest.approx(share, abs=1e-6)


def test_a_single_run_is_the_assignment_of_its_network():
    network = made_network(9)
    demand = {(0, 4): 9.0, (1, 5): 7.0}
    paths = assignment.path_sets(network, demand, 4)
    one = assignment.assign(network, demand, dispersion=0.9, paths=paths, relative_gap=1e-9)
    run = assignment.assign_runs(
        paths, network, list(demand.values()), dispersion=0.9, tolerance=1e-11
    )
    assert run.link_volume[0] == pytest.approx(one.link_volume, rel=1e-8)
    gap = assignment.stochastic_gap(network, demand, paths, run.link_volume[0], dispersion=0.9)
    assert gap <= 1e-9


@pytest.mark.parametrize("load", [2.0, 5.0])
def test_overloaded_networks_still_converge(load):
    paths, links, demand, dispersion, usable = made_runs(8)
    found = assignment.assign_runs(
        paths, links, load * demand, dispersion=3 * dispersion, open=usable
    )
    assert found.converged.all()


def test_a_warm_start_finds_the_same_equilibrium_sooner():
    paths, links, demand, dispersion, usable = made_runs(8)
    cold, warm = (
        assignment.assign_runs(
            paths, links, demand, dispersion=dispersion, open=usable, tolerance=1e-10, start=start
        )
        for start in (
            None,
            assignment.assign_runs(
                paths, links, 1.01 * demand, dispersion=dispersion, open=usable
            ).link_volume,
        )
    )
    assert warm.link_volume == pytest.approx(cold.link_volume, abs=1e-7)
    assert warm.n_iterations.sum() < cold.n_iterations.sum()


def test_posts_may_differ_by_run_where_links_do_not():
    paths, links, demand, dispersion, _ = made_runs(6)
    shared = replace(links, free_flow_cost=links.free_flow_cost[0], capacity=links.capacity[0])
    batch = assignment.assign_runs(paths, shared, demand[0], dispersion=dispersion[0])
    assert batch.link_volume.shape == (6, 40)
    alone = assignment.assign_runs(paths, one_run(shared, 4), demand[0], dispersion=dispersion[0])
    assert np.array_equal(batch.link_volume[4], alone.link_volume[0])


def test_a_link_has_one_post():
    with pytest.raises(ValueError, match="link 4 has 2 posts"):
        replace(some_posts(), link=np.array([4, 1, 4]))


def test_shapes_that_do_not_fit_are_refused():
    paths, links, demand, dispersion, _ = made_runs(4)
    with pytest.raises(ValueError, match=r"\(n_runs, 25\)"):
        assignment.assign_runs(paths, links, demand[:, :3], dispersion=dispersion)
    with pytest.raises(ValueError, match="dispersion is 0; wanted above 0"):
        assignment.assign_runs(paths, links, demand, dispersion=0.0)
    with pytest.raises(ValueError, match="demand is -1 at least"):
        assignment.assign_runs(paths, links, -np.ones_like(demand), dispersion=dispersion)
    with pytest.raises(ValueError, match="a path from 0 to 1 names link 9; wanted 0 to 3"):
        assignment.as_path_set(4, {(0, 1): [[9]]})


@pytest.mark.parametrize(("trips", "dispersion"), [(40.0, 1.0), (4.0, 1e3), (4.0, 1e4)])
def test_logit_holds_where_costs_are_steep_beside_the_dispersion(trips, dispersion):
    roads = assignment.CrowdedNetwork([0, 0], [1, 1], [1.0, 2.0], 1.0)
    found = assignment.assign(roads, {(0, 1): trips}, dispersion=dispersion)
    cost = assignment.link_cost(roads, found.link_volume)
    assert found.link_volume.sum() == pytest.approx(trips, rel=1e-12)
    assert found.relative_gap <= 1e-6
    log_odds = math.log(found.link_volume[0] / found.link_volume[1])
    assert dispersion * (cost[1] - cost[0]) == pytest.approx(log_odds, abs=1e-4)


@pytest.mark.parametrize("tail", [[0.5], [np.nan], ["a"]])
def test_a_broken_node_number_is_refused_and_not_cut(tail):
    with pytest.raises(ValueError, match=r"tail .*whole node number"):
        assignment.CrowdedNetwork(tail, [1], 1.0, 1.0)
    assert assignment.CrowdedNetwork([0.0], [1.0], 1.0, 1.0).tail[0] == 0


@pytest.mark.parametrize("pair", [(0.5, 1), ("a", "b"), (0, 1, 2), 7])
def test_a_pair_that_is_no_pair_of_zones_is_named(pair):
    with pytest.raises(ValueError, match="demand has the key"):
        assignment.assign(parallel(), {pair: 1.0}, choice="least_cost")
    assert assignment.trips({(0.0, np.int64(1)): 1.0}, 2).destination[0] == 1


def test_lengths_and_gaps_that_cannot_be_are_refused():
    roads = parallel()
    with pytest.raises(ValueError, match=r"length has shape \(3,\); wanted \(2,\)"):
        assignment.assign(roads, {(0, 1): 1.0}, dispersion=1.0, length=np.ones(3))
    with pytest.raises(ValueError, match="length of link 1 is -1"):
        assignment.assign(roads, {(0, 1): 1.0}, dispersion=1.0, length=np.array([1.0, -1.0]))
    for gap in (np.nan, -1.0):
        with pytest.raises(ValueError, match="relative_gap is"):
            assignment.assign(roads, {(0, 1): 1.0}, choice="least_cost", relative_gap=gap)


def parallel():
    return assignment.CrowdedNetwork([0, 0], [1, 1], [1.0, 2.0], 1.0)
