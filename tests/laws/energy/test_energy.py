"""Laws of the energy market: nothing lost, nothing left to gain, nothing but the middle."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.laws import energy
from sim.laws.energy import Arcs, Contracts, Demand, EnergyEquilibrium, Supply
from sim.laws.solve_errors import SolveError
from tests.twins.energy_oracle import Answer, by_angles, by_linear_programming, by_pivoting, columns

SEEDS = st.integers(0, 10**6)
NOWHERE = Arcs([], [])


@dataclass(frozen=True, eq=False)
class Market:
    supply: Supply
    demand: Demand
    arcs: Arcs
    n_nodes: int

    def solve(self, **options: object) -> EnergyEquilibrium:
        return energy.equilibrium(
            self.supply, self.demand, self.arcs, n_nodes=self.n_nodes, **options
        )

    def oracle(self) -> Answer:
        by = by_pivoting if self.supply.slope.any() or self.demand.slope.any() else None
        return (by or by_linear_programming)(self.supply, self.demand, self.arcs, self.n_nodes)


def random_market(seed: int, *, sloped: bool = True, n_runs: int | None = None) -> Market:
    """Small and nasty: dead ends, closed pipes, unlimited supply, losses, parallel arcs."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 7))
    n_s, n_d, n_a = (int(k) for k in rng.integers(1, [2 * n, 2 * n, 3 * n]))
    runs = () if n_runs is None else (n_runs,)

    def some(k: int, share: float, value: float, then: np.ndarray) -> np.ndarray:
        return np.where(rng.random(k) < share, value, then)

    tail = rng.integers(0, n, n_a)
    slope_s = some(n_s, 0.4, 0.0, rng.uniform(0.1, 2, n_s)) * sloped
    slope_d = some(n_d, 0.4, 0.0, rng.uniform(0.1, 2, n_d)) * sloped
    limit_d = rng.uniform(1, 40, n_d)
    return Market(
        Supply(
            rng.integers(0, n, n_s),
            rng.uniform(0, 50, (*runs, n_s)),
            slope_s,
            some(n_s, 0.3, np.inf, some(n_s, 0.1, 0.0, rng.uniform(0, 30, n_s))),
        ),
        Demand(
            rng.integers(0, n, n_d),
            rng.uniform(20, 120, (*runs, n_d)),
            slope_d,
            np.where(slope_d > 0, some(n_d, 0.5, np.inf, limit_d), limit_d),
        ),
        Arcs(
            tail,
            (tail + rng.integers(1, n, n_a)) % n,
            rng.uniform(0.1, 15, (*runs, n_a)),
            some(n_a, 0.4, np.inf, some(n_a, 0.2, 0.0, rng.uniform(0, 20, n_a))),
            loss=some(n_a, 0.5, 0.0, rng.uniform(0, 0.3, n_a)),
            toll=some(n_a, 0.5, 0.0, rng.uniform(0, 5, n_a)),
        ),
        n,
    )


def one_run(table: Supply | Demand | Arcs, run: int) -> object:
    columns_of = vars(table)
    return type(table)(**{k: v[run] if v.ndim == 2 else v for k, v in columns_of.items()})


def imbalance(market: Market, found: EnergyEquilibrium) -> float:
    """Largest imbalance, summed node by node in a loop."""
    worst = 0.0
    for node in range(market.n_nodes):
        net = found.supplied[market.supply.node == node].sum()
        net -= found.served[market.demand.node == node].sum()
        net -= found.flow[market.arcs.tail == node].sum()
        into = market.arcs.head == node
        net += (found.flow[into] * market.arcs.delivered_share[into]).sum()
        worst = max(worst, abs(net))
    return worst


def gain_left(market: Market, found: EnergyEquilibrium) -> float:
    """Largest marginal gain that anybody within his limits has left, at quoted prices."""
    problem = columns(market.supply, market.demand, market.arcs, market.n_nodes)
    x = np.concatenate([found.supplied, found.served, found.flow])
    quoted = np.isfinite(found.price.ravel())
    price = np.where(quoted, found.price.ravel(), 0.0)
    gap = problem.balance.T @ price - problem.cost - problem.slope * x
    gap[np.abs(problem.balance[~quoted]).any(axis=0)] = 0.0
    more = np.where(problem.upper - x > 1e-7, gap, 0.0).max()
    less = np.where(x > 1e-7, -gap, 0.0).max()
    return float(max(more, less)) / (1.0 + np.abs(price).max())


class TestAgainstOtherMethods:
    @settings(max_examples=60)
    @given(SEEDS, st.booleans())
    def test_exact_solution_agrees_with_the_oracle(self, seed: int, sloped: bool) -> None:
        market = random_market(seed, sloped=sloped)
        known, found = market.oracle(), market.solve(smoothing=0)
        assert found.surplus == pytest.approx(known.surplus, rel=1e-7, abs=1e-7)
        curved = market.demand.slope > 0  # only these quantities are unique
        assert found.served[curved] == pytest.approx(known.served[curved], abs=1e-7)
        rising = market.supply.slope > 0
        assert found.supplied[rising] == pytest.approx(known.supplied[rising], abs=1e-7)

    @settings(max_examples=60)
    @given(SEEDS, st.booleans())
    def test_smoothed_solution_is_within_its_stated_bias(self, seed: int, sloped: bool) -> None:
        market = random_market(seed, sloped=sloped)
        known, found = market.oracle(), market.solve(smoothing=1e-5)
        short = known.surplus - found.surplus
        assert -1e-7 <= short <= found.smoothing_bias * (1 + 1e-6) + 1e-7

    @pytest.mark.parametrize("smoothing", [1e-3, 1e-4, 1e-5, 1e-6, 1e-8])
    def test_every_market_arrives_at_every_smoothing(self, smoothing: float) -> None:
        steps = [random_market(seed).solve(smoothing=smoothing).n_iterations for seed in range(60)]
        assert max(steps) <= 20

    @settings(max_examples=20)
    @given(SEEDS)
    def test_bias_shrinks_with_the_smoothing(self, seed: int) -> None:
        market = random_market(seed)
        rough, fine = market.solve(smoothing=1e-4), market.solve(smoothing=1e-7)
        assert fine.smoothing_bias == pytest.approx(rough.smoothing_bias / 1000, rel=1e-4)


class TestLaws:
    @settings(max_examples=60)
    @given(SEEDS, st.sampled_from([0.0, 1e-6, 1e-3]))
    def test_nothing_is_lost_at_any_node(self, seed: int, smoothing: float) -> None:
        market = random_market(seed)
        found = market.solve(smoothing=smoothing)
        assert imbalance(market, found) <= 1e-9
        assert found.residual <= 1e-9
        block = market.demand.slope == 0
        missing = (market.demand.capacity - found.served)[block].sum()
        assert found.unserved.sum() == pytest.approx(missing, abs=1e-9)

    @settings(max_examples=60)
    @given(SEEDS, st.booleans())
    def test_nobody_within_his_limits_has_anything_to_gain(self, seed: int, sloped: bool) -> None:
        market = random_market(seed, sloped=sloped)
        assert gain_left(market, market.solve(smoothing=0)) <= 1e-8

    @settings(max_examples=40)
    @given(SEEDS)
    def test_limits_are_kept_and_rents_close_the_gap(self, seed: int) -> None:
        market = random_market(seed)
        found, arcs = market.solve(smoothing=1e-6), market.arcs
        assert (found.flow >= 0).all()
        assert (found.flow <= arcs.capacity).all()
        assert (found.supplied <= market.supply.capacity).all()
        assert (found.served <= market.demand.capacity).all()
        spare = np.where(np.isfinite(arcs.capacity), arcs.capacity - found.flow, 0.0)
        assert (found.capacity_price * spare <= found.smoothing_bias + 1e-12).all()

    def test_capacity_at_the_constrained_end_lowers_the_price_there(self) -> None:
        supply = Supply.linear([0, 1], intercept=[20.0, 60.0], slope=1.0)
        demand = Demand.linear([0, 1], intercept=[100.0, 160.0], slope=1.0)
        capacity = np.linspace(0, 50, 11)[:, None]
        found = energy.equilibrium(supply, demand, Arcs(0, 1, cost=10.0, capacity=capacity))
        here, there = found.price[:, 0, 0], found.price[:, 0, 1]
        full = capacity[1:, 0] <= 40
        assert (np.diff(there)[full] < -1e-3).all()
        assert (np.diff(here)[full] > 1e-3).all()
        assert (np.diff(there) < 1e-6).all()

    @settings(max_examples=30)
    @given(SEEDS)
    def test_names_of_nodes_and_order_of_tables_do_not_matter(self, seed: int) -> None:
        market = random_market(seed)
        rng = np.random.default_rng(seed + 1)
        name = rng.permutation(market.n_nodes)

        def shuffled(table: Supply | Demand | Arcs) -> tuple[object, np.ndarray]:
            size = table.n_arcs if isinstance(table, Arcs) else table.n_entries
            order = rng.permutation(size)
            moved = {k: v[order] for k, v in vars(table).items()}
            for end in {"node", "tail", "head"} & set(moved):
                moved[end] = name[moved[end]]
            return type(table)(**moved), order

        (supply, _), (demand, by_demand), (arcs, by_arc) = map(
            shuffled, (market.supply, market.demand, market.arcs)
        )
        found = market.solve()
        other = Market(supply, demand, arcs, market.n_nodes).solve()
        assert other.flow == pytest.approx(found.flow[by_arc], abs=1e-6)
        assert other.served == pytest.approx(found.served[by_demand], abs=1e-6)
        assert other.price[0, name] == pytest.approx(found.price[0], rel=1e-6, nan_ok=True)

    @settings(max_examples=20)
    @given(SEEDS, st.sampled_from([1e-6, 1e3]), st.sampled_from([1e-4, 1e4]))
    def test_units_of_money_and_energy_do_not_matter(
        self, seed: int, money: float, unit: float
    ) -> None:
        m = random_market(seed)
        s, d, a = m.supply, m.demand, m.arcs
        other = Market(
            Supply(s.node, s.cost * money, s.slope * money / unit, s.capacity * unit),
            Demand(d.node, d.value * money, d.slope * money / unit, d.capacity * unit),
            Arcs(a.tail, a.head, a.cost * money, a.capacity * unit, a.loss, a.toll * money),
            m.n_nodes,
        )
        plain, scaled = m.solve(), other.solve()
        assert scaled.price / money == pytest.approx(plain.price, rel=1e-6, nan_ok=True)
        assert scaled.flow / unit == pytest.approx(plain.flow, abs=1e-6)


class TestRuns:
    @pytest.mark.parametrize("n_runs", [1, 2, 3, 5, 8, 33])
    def test_a_batch_equals_its_single_runs_bit_for_bit(self, n_runs: int) -> None:
        market = random_market(4, n_runs=n_runs)
        batch = market.solve()
        for run in range(n_runs):
            single = Market(
                *(one_run(t, run) for t in (market.supply, market.demand, market.arcs)),
                market.n_nodes,
            ).solve()
            for name, column in vars(batch).items():
                assert np.array_equal(column[run], getattr(single, name), equal_nan=True), name

    @settings(max_examples=15)
    @given(SEEDS)
    def test_a_run_does_not_see_the_others(self, seed: int) -> None:
        market = random_market(seed, n_runs=6)
        start = market.solve()
        dearer = Supply(
            market.supply.node,
            market.supply.cost * 1.1,
            market.supply.slope,
            market.supply.capacity,
        )
        moved = Market(dearer, market.demand, market.arcs, market.n_nodes)
        batch = moved.solve(start=start)
        single = Market(
            *(one_run(t, 4) for t in (dearer, market.demand, market.arcs)), market.n_nodes
        ).solve(start=start.run(4))
        assert np.array_equal(batch.price[4], single.price, equal_nan=True)
        assert np.array_equal(batch.flow[4], single.flow)

    def test_losses_and_closures_may_differ_between_runs(self) -> None:
        supply = Supply.steps([0], cost=10.0, quantity=100.0)
        demand = Demand.linear([1], intercept=50.0, slope=1.0)
        arcs = Arcs(0, 1, cost=2.0, capacity=[[100.0], [0.0], [100.0]], loss=[[0.0], [0.0], [0.5]])
        found = energy.equilibrium(supply, demand, arcs, smoothing=0)
        assert found.flow[:, 0] == pytest.approx([38.0, 0.0, 52.0])
        assert found.price[:, 0, 1] == pytest.approx([12.0, 50.0, 24.0])

    @settings(max_examples=25)
    @given(SEEDS)
    def test_a_warm_start_changes_the_time_and_not_the_answer(self, seed: int) -> None:
        market = random_market(seed)
        elsewhere = Market(
            market.supply,
            Demand(
                market.demand.node,
                market.demand.value * 1.05,
                market.demand.slope,
                market.demand.capacity,
            ),
            market.arcs,
            market.n_nodes,
        ).solve()
        cold, warm = market.solve(), market.solve(start=elsewhere)
        assert warm.price == pytest.approx(cold.price, rel=1e-5, nan_ok=True)
        assert warm.flow == pytest.approx(cold.flow, abs=1e-5)


class TestChoice:
    def test_demand_at_the_edge_of_a_step_is_priced_inside_the_step(self) -> None:
        supply = Supply.steps([0, 0], cost=[10.0, 20.0], quantity=[50.0, 40.0])
        demand = Demand.fixed([0], 50.0, value_of_lost_load=1e6)
        for smoothing in (0.0, 1e-6):
            found = energy.equilibrium(supply, demand, NOWHERE, smoothing=smoothing)
            assert found.price[0, 0] == pytest.approx(15.0, abs=0.01)

    def test_equal_arcs_share_a_flow_equally(self) -> None:
        found = energy.equilibrium(
            Supply.steps([0], cost=1.0, quantity=50.0),
            Demand.fixed([1], 30.0),
            Arcs([0, 0, 0], [1, 1, 1], cost=2.0, capacity=20.0),
            smoothing=0,
        )
        assert found.flow == pytest.approx([10.0, 10.0, 10.0], abs=1e-6)

    def test_free_carriage_there_and_back_does_not_circulate(self) -> None:
        found = energy.equilibrium(
            Supply.steps([0], cost=5.0, quantity=np.inf),
            Demand.fixed([1], 4.0),
            Arcs([0, 1], [1, 0]),
            smoothing=0,
        )
        assert found.flow == pytest.approx([4.0, 0.0], abs=1e-9)
        assert found.price[0] == pytest.approx([5.0, 5.0])

    def test_production_that_is_there_meets_demand_that_is_there(self) -> None:
        found = energy.equilibrium(
            Supply.fixed([0, 1], [30.0, 50.0]),
            Demand.fixed([2, 3], [40.0, 40.0]),
            Arcs([0, 0, 1, 1], [2, 3, 2, 3], cost=[1.0, 2.0, 3.0, 1.0]),
            smoothing=0,
        )
        assert found.cost == pytest.approx(100.0)
        assert found.unserved.sum() == pytest.approx(0.0, abs=1e-9)

    def test_what_is_not_met_is_shown_and_priced_at_its_worth(self) -> None:
        found = energy.equilibrium(
            Supply.steps([0], cost=10.0, quantity=50.0),
            Demand.fixed([0], 60.0, value_of_lost_load=900.0),
            NOWHERE,
            smoothing=0,
        )
        assert found.unserved[0, 0] == pytest.approx(10.0)
        assert found.price[0, 0] == pytest.approx(900.0)

    def test_where_nothing_moves_the_price_is_what_a_first_unit_would_cost(self) -> None:
        found = energy.equilibrium(
            Supply.steps([0], cost=10.0, quantity=50.0),
            Demand.linear([2], intercept=100.0, slope=1.0),
            Arcs([0, 1], [1, 2], cost=2.0, capacity=[np.inf, 0.0]),
            n_nodes=4,
        )
        assert found.price[0, :3] == pytest.approx([10.0, 12.0, 100.0])
        assert np.isnan(found.price[0, 3])
        assert found.flow == pytest.approx([0.0, 0.0], abs=0)

    def test_thousands_of_small_and_large_units_still_balance(self) -> None:
        found = energy.equilibrium(
            Supply.linear([0, 1], intercept=[1e-4, 3e-4], slope=1e-9),
            Demand.linear([0, 1], intercept=[1e-3, 2e-3], slope=[1e-9, 2e-9]),
            Arcs(0, 1, cost=1e-5, capacity=1e5),
            smoothing=0,
        )
        assert found.flow[0] == pytest.approx(1e5)
        assert found.price[0] == pytest.approx([6e-4, 8e-4])


class TestCurves:
    def test_a_curve_of_pieces_clears_where_two_of_them_meet(self) -> None:
        supply = Supply([0, 0], cost=[5.0, 10.0], slope=[0.5, 2.0], capacity=[10.0, 20.0])
        demand = Demand([0, 0], value=[90.0, 50.0], slope=[2.0, 2.5], capacity=20.0)
        found = energy.equilibrium(supply, demand, NOWHERE, smoothing=0)
        # 10 + 2 (q - 10) = 50 - 2.5 (q - 20)
        assert found.price[0, 0] == pytest.approx(10 + 2 * (110 / 4.5 - 10))
        assert found.consumed[0, 0] == pytest.approx(110 / 4.5)

    def test_a_plant_turns_one_carrier_into_another(self) -> None:
        found = energy.equilibrium(
            Supply.steps([0], cost=8.0, quantity=100.0),
            Demand.fixed([0], 20.0, carrier=1),
            Arcs(0, 0, cost=1.0, carrier=0, carrier_out=1, loss=0.2, conversion=0.5),
            smoothing=0,
        )
        assert found.flow[0] == pytest.approx(50.0)
        assert found.price[:, 0] == pytest.approx([8.0, 9.0 / 0.4])
        assert found.produced[:, 0] == pytest.approx([50.0, 0.0])
        assert found.consumed[:, 0] == pytest.approx([0.0, 20.0])

    def test_a_toll_shifts_the_flow_like_a_cost_and_is_revenue(self) -> None:
        supply = Supply.linear([0], intercept=20.0, slope=1.0)
        demand = Demand.linear([1], intercept=100.0, slope=1.0)
        toll = energy.equilibrium(supply, demand, Arcs(0, 1, cost=4.0, toll=6.0), smoothing=0)
        cost = energy.equilibrium(supply, demand, Arcs(0, 1, cost=10.0), smoothing=0)
        assert toll.flow == pytest.approx(cost.flow)
        assert toll.toll_revenue == pytest.approx(6.0 * cost.flow)
        assert cost.toll_revenue == pytest.approx([0.0])


def mesh(seed: int, *, out: int | None = None) -> tuple[Supply, Demand, Arcs]:
    """A meshed grid of seven buses; line `out` without capacity."""
    rng = np.random.default_rng(seed)
    tail, head = np.array([0, 1, 2, 3, 4, 5, 6, 0, 2, 1]), np.array([1, 2, 3, 4, 5, 6, 0, 3, 5, 4])
    capacity = rng.uniform(5, 40, 10)
    if out is not None:
        capacity[out] = 0.0
    arcs = Arcs(tail, head, capacity=capacity, susceptance=rng.uniform(0.5, 3, 10))
    nodes = np.arange(7)
    return (
        Supply.linear(nodes, rng.uniform(5, 60, 7), rng.uniform(0.1, 1, 7), 60.0),
        Demand.linear(nodes, rng.uniform(60, 120, 7), rng.uniform(0.5, 2, 7)),
        arcs,
    )


class TestPowerFlow:
    @settings(max_examples=20)
    @given(SEEDS)
    def test_flows_follow_angles(self, seed: int) -> None:
        supply, demand, arcs = mesh(seed)
        found = energy.equilibrium(supply, demand, arcs)
        assert found.residual <= 1e-9
        ends = np.zeros((10, 7))
        ends[np.arange(10), arcs.tail], ends[np.arange(10), arcs.head] = 1.0, -1.0
        difference = found.flow / arcs.susceptance
        angle = np.linalg.lstsq(ends, difference, rcond=None)[0]
        assert ends @ angle == pytest.approx(difference, abs=1e-9)

    @settings(max_examples=20)
    @given(SEEDS)
    def test_dispatch_in_blocks_is_the_best_one(self, seed: int) -> None:
        sloped, loads, arcs = mesh(seed)
        supply = Supply.steps(sloped.node, sloped.cost, sloped.capacity)
        demand = Demand.fixed(loads.node, loads.slope * 10, value_of_lost_load=500.0)
        found = energy.equilibrium(supply, demand, arcs, smoothing=0)
        assert found.surplus == pytest.approx(by_angles(supply, demand, arcs, 7), rel=1e-9)

    @settings(max_examples=20)
    @given(SEEDS, st.integers(0, 9))
    def test_a_line_out_of_service_is_a_line_that_is_not_there(self, seed: int, out: int) -> None:
        supply, demand, arcs = mesh(seed, out=out)
        left = np.arange(10) != out
        fewer = Arcs(**{name: column[left] for name, column in vars(arcs).items()})
        found = energy.equilibrium(supply, demand, arcs, smoothing=0)
        other = energy.equilibrium(supply, demand, fewer, smoothing=0)
        assert found.price == pytest.approx(other.price, abs=1e-7)
        assert found.flow[left] == pytest.approx(other.flow, abs=1e-7)
        assert found.flow[out] == 0.0

    @settings(max_examples=20)
    @given(SEEDS)
    def test_the_grid_earns_what_loads_pay_more_than_plants_get(self, seed: int) -> None:
        supply, demand, arcs = mesh(seed)
        found = energy.equilibrium(supply, demand, arcs, smoothing=0)
        surplus = ((found.consumed - found.produced) * found.price).sum()
        assert found.congestion_rent.sum() == pytest.approx(surplus, abs=1e-6)
        assert (found.capacity_price * arcs.capacity).sum() == pytest.approx(surplus, abs=1e-6)


class TestContracts:
    @settings(max_examples=40)
    @given(
        st.floats(1, 150),
        st.floats(0.2, 30),
        st.floats(0.5, 1.0),
        st.floats(1, 20),
        st.floats(0, 20),
    )
    def test_contracts_are_kept_or_their_penalty_is_paid(
        self, wanted: float, spot: float, share: float, price: float, penalty: float
    ) -> None:
        contracts = Contracts([0], 100.0, price, take_or_pay=share, penalty=penalty)
        found = energy.equilibrium(
            Supply.steps([0], cost=spot, quantity=np.inf),
            Demand.fixed([0], wanted),
            NOWHERE,
            contracts=contracts,
            smoothing=0,
        )
        taken, paid = float(found.taken[0]), float(found.paid[0])
        short = max(100.0 * share - taken, 0.0)
        assert paid == pytest.approx(price * taken + penalty * short)
        assert taken <= 100.0 + 1e-9
        # The buyer's cost is the least over everything he could take.
        could = np.linspace(0, min(wanted, 100.0), 2001)
        bill = price * could + penalty * np.maximum(100.0 * share - could, 0.0)
        assert found.cost <= (bill + spot * (wanted - could)).min() + 1e-6

    @pytest.mark.parametrize(
        ("capacity", "pledged", "worth"), [(20, 20, 20), (20, 0, 20), (0, 0, 40)]
    )
    def test_capacity_is_worth_the_gap_of_prices_also_where_none_is_left(
        self, capacity: float, pledged: float, worth: float
    ) -> None:
        contracts = Contracts([1], pledged, 50.0, take_or_pay=1.0, arc=[0])
        found = energy.equilibrium(
            Supply.linear([0, 1], intercept=[20.0, 60.0], slope=1.0),
            Demand.linear([0, 1], intercept=[100.0, 160.0], slope=1.0),
            Arcs(tail=[0], head=[1], cost=10.0, capacity=capacity),
            contracts=contracts if pledged else None,
            smoothing=0,
        )
        assert found.flow == pytest.approx([capacity])
        assert found.capacity_price == pytest.approx([worth])

    def test_a_contract_over_an_arc_holds_its_capacity_and_saves_its_penalty(self) -> None:
        supply = Supply.steps([0, 1], cost=[12.0, 10.0], quantity=100.0)
        demand = Demand.fixed([1], 50.0)
        arcs = Arcs(0, 1, cost=1.0, capacity=30.0)
        spot = energy.equilibrium(supply, demand, arcs, smoothing=0)
        assert spot.flow[0] == pytest.approx(0.0, abs=1e-9)
        for penalty, flow in ((2.0, 0.0), (5.0, 30.0)):
            contracts = Contracts([1], 50.0, 11.0, take_or_pay=0.8, penalty=penalty, arc=0)
            found = energy.equilibrium(supply, demand, arcs, contracts=contracts, smoothing=0)
            assert found.flow[0] == pytest.approx(flow, abs=1e-7)
            assert found.taken[0] == pytest.approx(flow, abs=1e-7)
            assert found.paid[0] == pytest.approx(11.0 * flow + penalty * (40.0 - flow))


class TestMistakes:
    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: Supply.steps([0, 1], [1.0, 2.0], [5.0, -1.0]), r"supply\.capacity\[1\]: -1"),
            (lambda: Supply.linear([0], [np.nan], [1.0]), r"supply\.cost\[0\]: nan came"),
            (lambda: Supply.linear([0], [[1.0], [2.0]], [[1.0], [-1.0]]), r"slope\[1, 0\]: -1"),
            (lambda: Supply.linear([0.5], 1.0, 1.0), r"supply\.node: float64 came; wanted whole"),
            (lambda: Supply.linear([0, 1, 2], [1.0, 2.0], 0.0), r"supply\.cost: shape \(2,\)"),
            (lambda: Demand.linear([0], 10.0, 0.0), r"demand\[0\]: no slope and no capacity"),
            (lambda: Demand.linear([0], np.inf, 1.0), r"demand\[0\]: an infinite value"),
            (lambda: Arcs([0, 1], [1, 1]), r"arcs\[1\]: tail and head are both node 1"),
            (lambda: Arcs([0], [1], loss=1.0), r"arcs\.loss\[0\]: 1\.0 came; wanted a share"),
            (lambda: Arcs([0], [-1]), r"arcs\.head\[0\]: -1 came"),
            (lambda: Arcs([0], [1], cost=1.0, susceptance=2.0), r"arcs\.cost\[0\]: a line"),
            (lambda: Contracts([0], 1.0, 1.0, take_or_pay=80.0), r"take_or_pay\[0\]: 80\.0"),
        ],
    )
    def test_a_mistake_is_named_with_its_place(self, make: object, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            make()  # type: ignore[operator]

    def test_tables_that_disagree_are_named(self) -> None:
        supply, demand = Supply.steps([0], 1.0, 1.0), Demand.fixed([0], 1.0)
        arcs = Arcs([0], [1])
        with pytest.raises(ValueError, match=r"arcs\.head\[0\]: 1 came; wanted less than n_nodes"):
            energy.equilibrium(supply, demand, arcs, n_nodes=1)
        two, three = Supply.steps([0], [[1.0], [2.0]], 1.0), Demand.fixed([0], [[1.0]] * 3)
        with pytest.raises(ValueError, match=r"3 runs came; supply\.cost has 2"):
            energy.equilibrium(two, three, arcs)
        nowhere = Contracts([1], 1.0, 1.0, arc=4)
        with pytest.raises(ValueError, match=r"contracts\.arc\[0\]: 4 came"):
            energy.equilibrium(supply, demand, arcs, contracts=nowhere)
        elsewhere = Contracts([0], 1.0, 1.0, arc=0)
        with pytest.raises(ValueError, match="wanted the buyer's node 0"):
            energy.equilibrium(supply, demand, arcs, contracts=elsewhere)
        with pytest.raises(ValueError, match=r"smoothing: 0\.5 came"):
            energy.equilibrium(supply, demand, arcs, smoothing=0.5)

    def test_a_market_without_an_end_is_refused_with_the_run(self) -> None:
        supply, demand = Supply.steps([0], 5.0, 10.0), Demand.fixed([1], 4.0)
        cost = np.array([[1.0, 1.0], [-1.0, -1.0]])
        with pytest.raises(SolveError, match="run 1") as caught:
            energy.equilibrium(supply, demand, Arcs([0, 1], [1, 0], cost=cost))
        assert caught.value.runs == (1,)

    def test_a_search_cut_short_says_how_far_it_was(self) -> None:
        market = random_market(3)
        with pytest.raises(SolveError, match=r"run 0 is off by .* after 2 iterations; want"):
            market.solve(max_iterations=2)

    @pytest.mark.parametrize("tolerance", [np.nan, -1.0])
    def test_a_tolerance_that_cannot_be_is_refused(self, tolerance: float) -> None:
        with pytest.raises(ValueError, match=r"tolerance: .* came; wanted a number >= 0"):
            random_market(3).solve(tolerance=tolerance)

    @pytest.mark.parametrize("cost", ["a", 1j])
    def test_what_is_no_number_is_named(self, cost: object) -> None:
        with pytest.raises(ValueError, match=r"supply\.cost: no numbers came"):
            Supply([0], [cost])  # type: ignore[list-item]
