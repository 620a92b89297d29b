"""Closed is closed: with every path of a pair shut its trade stops, and comes back with the paths.

In the tiny world one state has a single gate to the two others, which have two ways between them.
"""

from dataclasses import replace

import numpy as np
import pytest

from sim.scenario.blocks.scenario import Closure
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.route_offer import RouteTerms

A, B, C = range(3)
SHUT_YEAR = 2024
CERTAIN = {"parameters": False, "events": False, "residual_shocks": False}
CUTS = (
    (("pass",), {(A, B), (A, C)}),
    (("bridge", "narrows"), {(A, B), (B, C)}),
    (("pass", "bridge", "narrows"), {(A, B), (A, C), (B, C)}),
)
"""Gates, and the pairs that nothing joins without them."""


@pytest.fixture(scope="module")
def ask(tiny_scenario):
    """The tiny question without agreements or chance, with gates shut for a year."""

    def build(shut=(), **changes):
        spell = Closure.model_validate(
            {"from": f"{SHUT_YEAR}-01-01", "until": f"{SHUT_YEAR}-12-31"}, strict=False
        )
        layers = tiny_scenario.uncertainty_sources.model_copy(update=CERTAIN)
        horizon = tiny_scenario.horizon.model_copy(update={"end": 4 * (SHUT_YEAR + 1) + 1})
        asked = {
            "agreements": {},
            "uncertainty_sources": layers,
            "horizon": horizon,
            "closures": dict.fromkeys(shut, (spell,)),
        }
        return tiny_scenario.model_copy(update=asked | changes)

    return build


def quarters(scenario, world, runs=(0,)):
    """Snapshots by quarter, and the model at its end."""
    model = TradeModel(scenario, world, runs=runs)
    found = {}
    while model.quarter < int(scenario.horizon.end):
        model.step()
        found[model.quarter] = model.snapshot
    return found, model


def between(snapshot, pair):
    a, b = pair
    return snapshot.trade[:, :, [a, b], [b, a]].sum(axis=(1, 2))


@pytest.mark.parametrize("deficits", ["universal", "additive"])
@pytest.mark.parametrize("closure", ["full", "conditional", "direct"])
@pytest.mark.parametrize(("shut", "cut"), CUTS)
def test_trade_of_pairs_without_a_path_stops_and_the_equilibrium_solves(
    ask, tiny_world, shut, cut, closure, deficits
):
    found, model = quarters(ask(shut, model_closure=closure, deficits=deficits), tiny_world)
    pairs = [tuple(pair) for pair in model.transport.routes.table.pairs.tolist()]
    assert cut <= set(pairs)
    before = 4 * SHUT_YEAR - 1
    for quarter, now in found.items():
        is_shut = quarter // 4 == SHUT_YEAR
        assert np.all(now.residual < 1e-9)
        for k, pair in enumerate(pairs):
            stopped = is_shut and pair in cut
            assert (between(now, pair)[0] == 0) == stopped
            assert (now.stranded_tonnes[0, k] > 0) == stopped
            own = model.transport.routes.table.pair == k
            assert (now.path_tonnes[0, own].sum() == 0) == stopped
            if stopped:
                moved = found[before].path_tonnes[0, own].sum()
                assert now.stranded_tonnes[0, k] == pytest.approx(moved, rel=0.25)


@pytest.mark.parametrize(("shut", "cut"), CUTS)
def test_what_opens_again_comes_back_at_once_and_is_as_before_when_queues_are(
    ask, tiny_world, tiny_scenario, shut, cut
):
    later = tiny_scenario.horizon.model_copy(update={"end": 4 * (SHUT_YEAR + 3) - 1})
    found, _ = quarters(ask(shut, horizon=later), tiny_world)
    usual, _ = quarters(ask(horizon=later), tiny_world)
    first, last = 4 * (SHUT_YEAR + 1), int(later.end)
    for pair in cut:
        assert between(found[first], pair) >= 0.99 * between(usual[first], pair)
    np.testing.assert_allclose(found[last].trade, usual[last].trade, rtol=1e-3)


def test_what_is_not_cut_goes_on(ask, tiny_world):
    found, _ = quarters(ask(("pass",)), tiny_world)
    usual, _ = quarters(ask(), tiny_world)
    for quarter in range(4 * SHUT_YEAR, 4 * SHUT_YEAR + 4):
        assert between(found[quarter], (B, C)) > 0.9 * between(usual[quarter], (B, C))
        at_home = [each[quarter].trade[0, :, A, A].sum() for each in (found, usual)]
        assert at_home[0] > at_home[1]


def test_a_season_that_shuts_every_path_stops_trade_as_a_closure_does(ask, tiny_world):
    gates = tuple(
        replace(gate, closed_months=(1, 2, 3)) if gate.gate == "pass" else gate
        for gate in tiny_world.gates
    )
    found, _ = quarters(ask(), replace(tiny_world, gates=gates))
    for quarter, now in found.items():
        assert (between(now, (A, B))[0] == 0) == (quarter % 4 == 0)
        assert (now.stranded_tonnes.sum() > 0) == (quarter % 4 == 0)
        assert np.all(now.residual < 1e-9)


def test_runs_shut_at_different_times_are_those_simulated_alone(ask, tiny_world, tiny_scenario):
    gates = tuple(
        replace(gate, closure_rate_per_year=0.8, mean_closure_days=150.0)
        for gate in tiny_world.gates
    )
    world = replace(tiny_world, gates=gates)
    layers = tiny_scenario.uncertainty_sources
    scenario = ask(agreements=tiny_scenario.agreements, uncertainty_sources=layers)
    batch, _ = quarters(scenario, world, range(4))
    stops = np.array([between(now, (A, B)) == 0 for now in batch.values()])
    assert stops.any()
    assert not stops.all(axis=1).any()
    for run in range(4):
        alone, _ = quarters(scenario, world, [run])
        for quarter, now in alone.items():
            np.testing.assert_array_equal(batch[quarter].trade[run], now.trade[0])


# --- cargo that uses an agreement, and cargo that does not ----------------------------------------


def offered(log_agreed, log_actual, log_unused):
    rows = [np.array([[value]]) for value in (log_agreed, log_actual, log_unused)]
    return RouteTerms(np.zeros((1, 1)), np.zeros((1, 1)), np.zeros((1, 1, 1)), *rows)


def test_cargo_without_the_agreement_stops_where_only_its_paths_are_open():
    terms = offered(-0.2, -0.1, np.inf)
    elasticity = np.array([5.0])
    for share in (1.0, 0.25, 0.0):
        cost = terms.log_cost(np.array([[-0.2 * share]]), elasticity)
        left = np.exp(-elasticity * cost[0])
        assert left[0] == pytest.approx(share * np.exp(0.1 * 5.0), abs=1e-15)
    assert terms.usable_share.item() == 1.0


def test_with_every_path_shut_nothing_of_an_agreement_is_left():
    terms = offered(-0.2, np.inf, np.inf)
    for so_far in (-0.2, -0.05, 0.0):
        assert np.isposinf(terms.log_cost(np.array([[so_far]]), np.array([5.0])))
    assert terms.usable_share.item() == 0.0
    assert np.isposinf(offered(0.0, np.inf, np.inf).log_cost(np.zeros((1, 1)), np.array([5.0])))
