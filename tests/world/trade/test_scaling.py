"""Newton's scaling finds every matrix that there is, and only those."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as options
from hypothesis import strategies as st
from scipy.optimize import linprog

from sim.world.load import load_world
from sim.world.trade.calibration import UnmetTotalError, balance, split_goods
from sim.world.trade.scaling import newton_scaled, potentials
from tests.twins.potentials_twin import exact_potentials

seeds = st.integers(0, 10_000)


def drawn(seed: int, n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """A prior with zeros, and a matrix that has zeros where the prior has none."""
    rng = np.random.default_rng(seed)
    prior = rng.lognormal(3.0, 1.5, (n, m)) * (rng.random((n, m)) < 0.6)
    goal = np.where(prior > 0, rng.lognormal(3.0, 1.5, (n, m)), 0.0) * (rng.random((n, m)) < 0.5)
    for k in range(max(n, m)):
        prior[k % n, k % m] += 5.0
        goal[k % n, k % m] += 5.0
    return prior, goal


def plain_twin(prior, rows, columns):
    """Cells that no flow can use are taken away one by one; the rest is scaled by turns."""
    n, m = prior.shape
    used = [(i, j) for i in range(n) for j in range(m) if prior[i, j] > 0]
    sums = np.zeros((n + m, len(used)))
    for k, (i, j) in enumerate(used):
        sums[i, k] = sums[n + j, k] = 1.0
    cells = prior.copy()
    for k, (i, j) in enumerate(used):
        most = linprog(-np.eye(len(used))[k], A_eq=sums, b_eq=np.concatenate([rows, columns]))
        assert most.status == 0
        if -most.fun < 1e-7 * rows.sum():
            cells[i, j] = 0.0
    for _ in range(40_000):
        for j in range(m):
            total = cells[:, j].sum()
            cells[:, j] *= columns[j] / total if total else 0.0
        for i in range(n):
            total = cells[i].sum()
            cells[i] *= rows[i] / total if total else 0.0
        if np.abs(cells.sum(axis=0) - columns).max() < 1e-13 * rows.sum():
            break
    return cells


@given(seeds, st.integers(2, 5), st.integers(2, 5))
@options(max_examples=15)
def test_newton_agrees_with_its_plain_twin(seed: int, n: int, m: int) -> None:
    prior, goal = drawn(seed, n, m)
    rows, columns = goal.sum(axis=1), goal.sum(axis=0)
    found = newton_scaled(prior, rows, columns)
    np.testing.assert_allclose(found, plain_twin(prior, rows, columns), atol=1e-8 * rows.sum())


@given(seeds, st.integers(2, 12), st.integers(2, 12))
@options(max_examples=60)
def test_totals_of_any_matrix_within_the_prior_are_met(seed: int, n: int, m: int) -> None:
    prior, goal = drawn(seed, n, m)
    done = balance(prior, goal.sum(axis=1), goal.sum(axis=0))
    np.testing.assert_allclose(done.trade.sum(axis=1), goal.sum(axis=1), rtol=1e-11)
    np.testing.assert_allclose(done.trade.sum(axis=0), goal.sum(axis=0), rtol=1e-11)
    assert done.residual <= 1e-12
    assert not done.trade[prior == 0].any()


@given(seeds, st.floats(-12, -2))
@options(max_examples=20)
def test_parts_that_all_but_do_not_trade_are_balanced(seed: int, power: float) -> None:
    prior, goal = (np.random.default_rng(seed + k).lognormal(3.0, 1.0, (6, 6)) for k in range(2))
    prior[:3, 3:] *= 10.0**power
    prior[3:, :3] *= 10.0**power
    found = newton_scaled(prior, goal.sum(axis=1), goal.sum(axis=0))
    np.testing.assert_allclose(found.sum(axis=0), goal.sum(axis=0), rtol=1e-13)
    # Scaling keeps ratios of ratios.
    cross = [x[0, 0] * x[1, 1] / (x[0, 1] * x[1, 0]) for x in (prior, found)]
    assert cross[0] == pytest.approx(cross[1], rel=1e-9)


def test_a_state_that_trades_with_all_leaves_the_others_none_among_them() -> None:
    """Its exports and imports are all that is traded: that is feasible, and by turns never met."""
    prior = np.ones((3, 3)) - np.eye(3)
    rows, columns = np.array([600.0, 250.0, 150.0]), np.array([400.0, 350.0, 250.0])
    done = balance(prior, rows, columns)
    assert done.n_iterations == 5000
    np.testing.assert_allclose(
        done.trade, [[0, 350, 250], [250, 0, 0], [150, 0, 0]], rtol=1e-12, atol=0
    )


def test_sums_that_differ_in_their_last_digits_are_met_in_proportion() -> None:
    prior = np.ones((3, 3)) - np.eye(3)
    rows, columns = np.array([600.0, 300.0, 300.0]), np.array([550.0, 250.0, 400.0 + 1e-7])
    done = balance(prior, rows, columns)
    np.testing.assert_allclose(done.trade.sum(axis=1), rows, rtol=1e-12)
    np.testing.assert_allclose(done.trade.sum(axis=0), columns, rtol=1e-9)


def test_goods_that_leave_some_flows_none_are_split() -> None:
    """The second buyer takes the first good alone, which is all the seller has of it."""
    total = np.zeros((3, 3))
    total[0, 1], total[0, 2] = 60.0, 40.0
    export_share = np.array([[0.6, 0.5, 0.5], [0.4, 0.5, 0.5]])
    import_share = np.array([[0.5, 1.0, 0.4], [0.5, 0.0, 0.6]])
    made = split_goods(
        total, export_share, import_share,
        pair_share=np.zeros((2, 3, 3)), held=np.zeros((3, 3), dtype=bool),
    )  # fmt: skip
    np.testing.assert_allclose(made.trade[:, 0], [[0, 60, 0], [0, 0, 40]], rtol=1e-11, atol=1e-12)


def test_what_cannot_be_met_is_still_refused() -> None:
    for rows, columns in (([1.0, 3.0], [2.0, 2.0]), ([4.0, 0.0], [1.0, 3.0])):
        with pytest.raises(UnmetTotalError):
            balance(np.eye(2), np.array(rows), np.array(columns))


def conductances(rng: np.random.Generator, n: int, smallest: float) -> np.ndarray:
    graph = np.triu(10.0 ** rng.uniform(smallest, 3, (n, n)), k=1)
    return graph + graph.T


@given(seeds, st.integers(2, 8))
@options(max_examples=30)
def test_potentials_of_sources_are_exact_over_fifteen_decades(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    graph, inflow = conductances(rng, n, -12), rng.uniform(size=n)
    inflow[-1] = -inflow[:-1].sum()
    np.testing.assert_allclose(
        potentials(graph, inflow), exact_potentials(graph, inflow), rtol=1e-14
    )


@given(seeds, st.integers(2, 8))
@options(max_examples=30)
def test_currents_of_the_potentials_leave_each_node_with_its_inflow(seed: int, n: int) -> None:
    """Over nine decades: beyond them a difference of potentials is lost in their rounding."""
    rng = np.random.default_rng(seed)
    graph = conductances(rng, n, -6)
    inflow = rng.normal(size=n)
    inflow -= inflow.mean()
    height = potentials(graph, inflow)
    currents = graph * (height[:, None] - height)
    np.testing.assert_allclose(
        currents.sum(axis=1), inflow, atol=1e-11 * np.abs(currents).max() + 1e-12
    )


def test_a_world_whose_largest_state_trades_with_all_loads(spoiled) -> None:
    spoiled.change("held_flows", lambda rows: rows.__delitem__(slice(1, None)))
    for row, sold, bought in ((2, "1000", "700"), (3, "400", "600"), (4, "300", "400")):
        spoiled.put("trade_totals", row, "exports_musd", sold)
        spoiled.put("trade_totals", row, "imports_musd", bought)
    world = load_world(spoiled.path)
    trade = world.trade.sum(axis=0) + world.energy_trade
    np.testing.assert_allclose(trade[1, 2], 0.0, atol=1e-9)
