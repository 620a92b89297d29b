"""Laws of balancing, gravity estimates and the split over goods."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as options
from hypothesis import strategies as st

from sim.world.trade.calibration import (
    CalibrationError,
    balance,
    domestic_sales,
    fit_gravity,
    split_goods,
)

seeds = st.integers(0, 10_000)
sizes = st.integers(3, 7)


def matrix(seed: int, n: int) -> np.ndarray:
    """Positive off-diagonal flows of very different size."""
    flows = np.random.default_rng(seed).lognormal(3.0, 1.5, (n, n))
    np.fill_diagonal(flows, 0.0)
    return flows


def slow_balance(prior, rows, columns, held, rounds):
    """Scaling by rows and columns, one cell at a time."""
    n = len(prior)
    cells = [[0.0 if held[i][j] else float(prior[i][j]) for j in range(n)] for i in range(n)]
    left_rows = [rows[i] - sum(prior[i][j] for j in range(n) if held[i][j]) for i in range(n)]
    left_columns = [columns[j] - sum(prior[i][j] for i in range(n) if held[i][j]) for j in range(n)]
    for _ in range(rounds):
        for j in range(n):
            total = sum(cells[i][j] for i in range(n))
            for i in range(n):
                cells[i][j] *= left_columns[j] / total if total else 0.0
        for i in range(n):
            total = sum(cells[i])
            for j in range(n):
                cells[i][j] *= left_rows[i] / total if total else 0.0
    return [[prior[i][j] if held[i][j] else cells[i][j] for j in range(n)] for i in range(n)]


@given(seeds, st.integers(4, 7))
@options(max_examples=40)
def test_balanced_matrix_meets_its_totals_and_keeps_what_is_held(seed: int, n: int) -> None:
    goal = matrix(seed, n)
    held = np.zeros((n, n), dtype=bool)
    held[0, 1] = held[1, 0] = True
    prior = np.where(held, goal, matrix(seed + 1, n))
    done = balance(prior, goal.sum(axis=1), goal.sum(axis=0), held=held)
    np.testing.assert_allclose(done.trade.sum(axis=1), goal.sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(done.trade.sum(axis=0), goal.sum(axis=0), rtol=1e-9)
    assert done.trade[0, 1] == goal[0, 1]
    assert done.trade[1, 0] == goal[1, 0]
    assert done.residual <= 1e-12


@given(seeds, sizes)
@options(max_examples=40)
def test_a_matrix_that_meets_its_totals_does_not_move(seed: int, n: int) -> None:
    goal = matrix(seed, n)
    done = balance(goal, goal.sum(axis=1), goal.sum(axis=0))
    np.testing.assert_allclose(done.trade, goal, rtol=1e-12)


@given(seeds, sizes, st.floats(0.01, 100))
@options(max_examples=30)
def test_units_of_the_prior_do_not_matter(seed: int, n: int, scale: float) -> None:
    prior, goal = matrix(seed, n), matrix(seed + 1, n)
    totals = goal.sum(axis=1), goal.sum(axis=0)
    first, second = balance(prior, *totals).trade, balance(prior * scale, *totals).trade
    np.testing.assert_allclose(first, second, rtol=1e-9)


@given(seeds, st.integers(4, 6))
@options(max_examples=20)
def test_balancing_keeps_cross_ratios(seed: int, n: int) -> None:
    prior, goal = matrix(seed, n), matrix(seed + 1, n)
    done = balance(prior, goal.sum(axis=1), goal.sum(axis=0)).trade

    def cross(x):
        return x[0, 2] * x[1, 3] / (x[0, 3] * x[1, 2])

    assert cross(done) == pytest.approx(cross(prior), rel=1e-9)


def test_balancing_agrees_with_its_plain_twin() -> None:
    goal = matrix(5, 4)
    prior = matrix(6, 4)
    held = np.zeros((4, 4), dtype=bool)
    held[2, 3] = True
    prior[2, 3] = goal[2, 3]
    done = balance(prior, goal.sum(axis=1), goal.sum(axis=0), held=held)
    twin = slow_balance(prior, goal.sum(axis=1), goal.sum(axis=0), held, done.n_iterations)
    np.testing.assert_allclose(done.trade, twin, rtol=1e-12)


def test_zero_stays_zero() -> None:
    prior = matrix(1, 5)
    prior[0, 3] = 0.0
    done = balance(prior, prior.sum(axis=1) * 2, prior.sum(axis=0) * 2)
    assert done.trade[0, 3] == 0.0


def test_totals_that_cannot_be_met_are_refused() -> None:
    prior = matrix(2, 3)
    rows, columns = prior.sum(axis=1), prior.sum(axis=0)
    with pytest.raises(CalibrationError, match="wanted equal sums"):
        balance(prior, rows * 1.1, columns)
    held = np.zeros((3, 3), dtype=bool)
    held[0, 1] = True
    too_much = prior.copy()
    too_much[0, 1] = 2 * rows[0]
    with pytest.raises(CalibrationError, match="held cells of row 0 exceed its total"):
        balance(too_much, rows, columns, held=held)
    with pytest.raises(CalibrationError, match="after 50 rounds a total is missed"):
        balance(np.diag([1.0, 1.0]), np.array([1.0, 3.0]), np.array([2.0, 2.0]), max_iterations=50)


@given(seeds, st.integers(5, 8), st.floats(-2.0, -0.3), st.floats(0.0, 1.0))
@options(max_examples=20)
def test_gravity_finds_the_cells_left_out_of_a_gravity_matrix(
    seed: int, n: int, distance: float, border: float
) -> None:
    rng = np.random.default_rng(seed)
    log_distance = np.log(rng.uniform(200, 9000, (n, n)))
    log_distance = (log_distance + log_distance.T) / 2
    near = (log_distance < np.median(log_distance)).astype(float)
    truth = np.exp(distance * log_distance + border * near)
    truth *= np.outer(rng.lognormal(3, 1, n), rng.lognormal(3, 1, n))
    np.fill_diagonal(truth, 0.0)
    recorded = np.ones((n, n), dtype=bool)
    recorded[0, 1] = recorded[2, 0] = False
    shown = np.where(recorded, truth, -1e9)
    fit = fit_gravity(shown, recorded, np.stack([log_distance, near]))
    np.testing.assert_allclose(fit.trade, truth, rtol=1e-5)
    np.testing.assert_allclose(fit.slopes, [distance, border], atol=1e-5)


def test_given_slopes_are_kept() -> None:
    truth = matrix(3, 4)
    recorded = np.ones((4, 4), dtype=bool)
    recorded[0, 1] = False
    covariates = np.random.default_rng(0).uniform(1, 2, (1, 4, 4))
    fit = fit_gravity(truth, recorded, covariates, slopes=(-1.0,))
    assert fit.slopes.tolist() == [-1.0]
    assert fit.trade[0, 1] > 0


def goods_case(seed: int, n: int, g: int):
    """Shares and pairs that some flows by good do meet."""
    rng = np.random.default_rng(seed)
    flows = rng.uniform(0.5, 2.0, (g, n, n))
    flows[:, np.arange(n), np.arange(n)] = 0.0
    pairs = flows.sum(axis=0)
    export_share = flows.sum(axis=2) / pairs.sum(axis=1)
    import_share = flows.sum(axis=1) / pairs.sum(axis=0)
    return pairs, export_share, import_share


@given(seeds, st.integers(3, 6), st.integers(2, 5))
@options(max_examples=25)
def test_goods_of_a_pair_sum_to_it_and_exporters_keep_their_mix(seed: int, n: int, g: int) -> None:
    pairs, export_share, import_share = goods_case(seed, n, g)
    nothing = np.zeros((n, n), dtype=bool)
    done = split_goods(
        pairs, export_share, import_share, pair_share=np.zeros((g, n, n)), held=nothing
    )
    np.testing.assert_allclose(done.trade.sum(axis=0), pairs, rtol=1e-9)
    sold = done.trade.sum(axis=2)
    np.testing.assert_allclose(sold, export_share * pairs.sum(axis=1), rtol=1e-9)
    assert done.importer_gap < 1e-6
    assert done.trade.min() >= 0


def test_a_pair_with_known_goods_keeps_them() -> None:
    pairs, export_share, import_share = goods_case(11, 4, 3)
    held = np.zeros((4, 4), dtype=bool)
    held[0, 1] = True
    pair_share = np.zeros((3, 4, 4))
    pair_share[:, 0, 1] = 0.7, 0.3, 0.0
    done = split_goods(pairs, export_share, import_share, pair_share=pair_share, held=held)
    np.testing.assert_allclose(done.trade[:, 0, 1], pairs[0, 1] * np.array([0.7, 0.3, 0.0]))
    rest = pairs[0].sum() - pairs[0, 1]
    sold = done.trade[:, 0].sum(axis=1) - done.trade[:, 0, 1]
    np.testing.assert_allclose(sold, export_share[:, 0] * rest, rtol=1e-9)


def test_tastes_that_cannot_be_met_leave_no_flow_at_nothing() -> None:
    pairs = np.ones((3, 3)) - np.eye(3)
    export_share = np.array([[0.9, 0.1, 0.5], [0.1, 0.9, 0.5]])
    import_share = np.array([[0.8, 0.5, 0.2], [0.2, 0.5, 0.8]])
    done = split_goods(
        pairs,
        export_share,
        import_share,
        pair_share=np.zeros((2, 3, 3)),
        held=np.zeros((3, 3), dtype=bool),
    )
    assert done.importer_gap > 1e-3
    # without the bound the smallest of these flows is 1e-50
    assert done.trade[:, ~np.eye(3, dtype=bool)].min() > 1e-5
    np.testing.assert_allclose(done.trade.sum(axis=0), pairs, rtol=1e-9)


@given(seeds)
@options(max_examples=20)
def test_domestic_sales_and_exports_make_up_output_above_the_floor(seed: int) -> None:
    rng = np.random.default_rng(seed)
    output, exports = rng.uniform(1, 10, (2, 5)), rng.uniform(1, 10, (2, 5))
    sales = domestic_sales(output, exports, 0.25)
    free = output - exports > 0.25 * exports
    np.testing.assert_allclose((sales + exports)[free], output[free])
    assert np.all(sales[~free] == 0.25 * exports[~free])
