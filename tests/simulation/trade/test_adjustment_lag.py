"""What trade remembers of costs, beside the law that knows every quarter."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws.policy.adjustment import phase_in_kernel
from sim.simulation.snapshot.adjustment_state import PastCosts
from sim.simulation.trade.adjustment_lag import AdjustmentLag
from tests.twins.plain_twins import plain_lagged

N_RUNS, N_CELLS, N_QUARTERS = 3, 5, 70


def kernels(n_runs: int) -> np.ndarray:
    shares = np.sort(np.random.default_rng(1).uniform(0, 1, (3, n_runs)), axis=0)
    return phase_in_kernel(*shares)


def histories(seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(N_QUARTERS, 2, N_RUNS, N_CELLS))


def test_every_quarter_counts_by_its_age_however_long_the_past() -> None:
    kernel, history, own = kernels(N_RUNS), histories(), np.arange(N_CELLS)
    lag, past = AdjustmentLag(kernel, (own, own)), PastCosts()
    for quarter in range(N_QUARTERS):
        reached, past = lag.step(past, list(history[quarter]))
        for kind in range(2):
            past_of = history[: quarter + 1, kind]
            wanted = [
                [plain_lagged(past_of[:, run, cell], kernel[run].cumsum()) for cell in own]
                for run in range(N_RUNS)
            ]
            assert_allclose(reached[kind], wanted, rtol=1e-9, atol=1e-12)


def test_what_nothing_can_move_stays_at_its_baseline() -> None:
    own = (np.array([1, 3]), np.array([], dtype=np.intp))
    lag, past = AdjustmentLag(kernels(N_RUNS), own), PastCosts()
    for costs in histories():
        (first, second), past = lag.step(past, list(costs))
    assert not first[:, [0, 2, 4]].any()
    assert first[:, own[0]].all()
    assert not second.any()


def test_what_is_forgotten_leaves_no_trace() -> None:
    own = np.arange(N_CELLS)
    lag, one, other = AdjustmentLag(kernels(N_RUNS), (own,)), PastCosts(), PastCosts()
    for quarter, (a, b) in enumerate(zip(histories(2), histories(3), strict=True)):
        same = quarter >= N_QUARTERS - 49
        (first,), one = lag.step(one, [a[0]])
        (second,), other = lag.step(other, [a[0] if same else b[0]])
    assert_array_equal(first, second)
