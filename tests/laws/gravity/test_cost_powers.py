"""Powers of trade costs against the same written out, and what is known of a baseline."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws import gravity
from sim.laws.gravity.cost_powers import flows_of, wedges, weighted_powers
from sim.laws.gravity.problem import GravityProblem

N_RUNS, N_GOODS, N = 3, 2, 5


def question(rng, *, n_costs=N_RUNS, n_duties=N_RUNS, taxed=True):
    """Costs of which two in three stand still, few duties that change, one route that is cut."""
    shape = (N_GOODS, N, N)
    cost = rng.normal(0, 0.3, (n_costs, *shape)) * (rng.random((n_costs, *shape)) < 0.4)
    cost[0, 1, 2, 3] = np.inf
    base = rng.uniform(0, 0.3, (1, *shape)) * taxed
    duty = np.where(rng.random((n_duties, *shape)) < 0.1, 0.5 * base, base)
    share = rng.dirichlet(np.ones(N), (1, N_GOODS, N)).swapaxes(-1, -2)
    elasticity = rng.uniform(2, 8, (N_RUNS, N_GOODS))
    return cost, duty, base, elasticity, share


def plain(cost, duty, base, elasticity, share, shift):
    wedge = cost + np.log((1 + duty) / (1 + base)) - shift[..., None, :]
    gross = share * np.exp(-elasticity[..., None, None] * wedge)
    return gross, gross / (1 + duty)


@pytest.mark.parametrize("n_costs", [1, N_RUNS])
@pytest.mark.parametrize("n_duties", [1, N_RUNS])
@pytest.mark.parametrize("is_shifted", [False, True])
def test_powers_are_those_written_out(n_costs, n_duties, is_shifted):
    rng = np.random.default_rng(n_costs + 2 * n_duties)
    given = question(rng, n_costs=n_costs, n_duties=n_duties)
    shift = rng.normal(0, 1, (N_RUNS, N_GOODS, N)) * is_shifted
    found = weighted_powers(*given, shift)
    gross, net = plain(*given, shift)
    assert_allclose(found.gross, gross, rtol=1e-13)
    assert_allclose(found.net, net, rtol=1e-13)
    wedge = np.abs(given[0] + np.log((1 + given[1]) / (1 + given[2])))
    reach = np.where(np.isfinite(wedge), wedge, 0).max(axis=(1, 2, 3))
    assert_allclose(found.reach, np.broadcast_to(reach, N_RUNS), rtol=1e-12)
    finite = np.isfinite(wedge)
    assert_allclose(np.abs(wedges(*given[:3]))[finite], wedge[finite], rtol=1e-9, atol=1e-15)


def test_a_run_has_the_same_powers_in_any_batch():
    given = question(np.random.default_rng(5))
    nothing = np.zeros((1, N_GOODS, N))
    together = weighted_powers(*given, nothing)
    for run in range(N_RUNS):
        own = (a[[run]] if len(a) > 1 else a for a in given)
        alone = weighted_powers(*own, nothing)
        assert_array_equal(alone.gross[0], together.gross[run])
        assert_array_equal(alone.net[0], together.net[run])
        assert alone.reach[0] == together.reach[run]


def test_without_any_duty_gross_and_net_are_one():
    given = question(np.random.default_rng(6), taxed=False)
    found = weighted_powers(*given, np.zeros((1, N_GOODS, N)))
    assert found.net is found.gross


@pytest.mark.parametrize("deficits", gravity.DEFICITS)
@pytest.mark.parametrize("closure", gravity.CLOSURES)
def test_a_baseline_that_was_changed_in_place_is_another_baseline(deficits, closure):
    rng = np.random.default_rng(7)
    trade = rng.uniform(1, 2, (N_GOODS, N, N)) + 5 * np.eye(N)
    duty = rng.uniform(0, 0.2, trade.shape) * (1 - np.eye(N))
    terms = {"trade_elasticity": 4.0, "deficits": deficits, "closure": closure}

    def answer():
        cost = np.where(np.eye(N) > 0, 1.0, 1.1)
        rates = {"tariff_rate_baseline": duty, "tariff_rate": duty / 2}
        return gravity.equilibrium(trade, trade_cost_change=cost, **rates, **terms).trade

    first = answer()
    trade[0, 0, 1] *= 2.0
    changed = answer()
    assert not np.allclose(first, changed)
    trade[0, 0, 1] /= 2.0
    assert_array_equal(answer(), first)
    duty[0, 0, 1] += 0.1
    assert not np.allclose(first, answer())


@pytest.mark.parametrize("n_nets", [1, N_RUNS])
def test_flows_and_their_duty_are_those_of_array_operations_to_the_bit(n_nets):
    rng = np.random.default_rng(n_nets)
    net = rng.random((n_nets, N_GOODS, N, N))
    power, bought = rng.random((2, N_RUNS, N_GOODS, N))
    flows = flows_of(net, power, bought)
    assert_array_equal(flows, net * power[..., None] * bought[..., None, :])
    for tariff in (net, net[:, :1], net[..., :1], np.zeros((1, 1, 1, 1)), np.full((1, 1, 1, 1), 2)):
        problem = SimpleNamespace(tariff=tariff, n_states=N)
        duty = GravityProblem.revenue(problem, flows)
        assert_array_equal(duty, (flows * tariff).sum(axis=-2).sum(axis=1))
