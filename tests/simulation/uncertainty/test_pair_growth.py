"""Expected growth of asked pairs: the law's, whatever the equilibrium says or policy does."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws.growth.trade_growth import Sizes, log_growth
from sim.laws.uncertainty.residuals import points_at
from sim.simulation.model import TradeModel
from sim.simulation.uncertainty.draws import draw, simulated_quarters
from sim.simulation.uncertainty.pair_growth import years_ahead
from sim.simulation.uncertainty.residual_shocks import asked_pairs, base_flow
from sim.simulation.uncertainty.world_output import price_level, real_output

LAYERS = {"parameters": True, "events": True, "residual_shocks": False}


@pytest.fixture(scope="module")
def calm(world):
    """The world without political breaks, closures by chance, projects or energy to speak of."""
    parameters = {
        name: replace(parameter, value=0.0, low=0.0, high=0.0, distribution="fixed")
        if name == "political_break_rate_per_year" else parameter
        for name, parameter in world.parameters.items()
    }  # fmt: skip
    gates = tuple(replace(gate, closure_rate_per_year=0.0) for gate in world.gates)
    # Routes that are taken up by date would move costs as well.
    known = tuple(replace(row, since=None, ceiling=0.0) for row in world.network.route_shares)
    network = replace(world.network, route_shares=known)
    calm = {"parameters": parameters, "gates": gates, "network": network}
    return replace(world, **calm, borders=(), closures=())


def test_without_policy_a_pair_grows_by_the_law(calm, scenario_with):
    scenario = scenario_with(uncertainty_sources=LAYERS, closures={})
    model = TradeModel(scenario, calm, runs=range(4))
    draws, quarters = model.draws, np.array(simulated_quarters(scenario, calm))
    i, j = asked_pairs(scenario, calm)[0]
    base, flow = calm.trade[:, i, j].sum(), base_flow(calm)[i, j]
    gdp = calm.gdp_musd
    while model.quarter < int(scenario.horizon.end):
        model.step()
        tick = model.quarter - model.first_quarter
        level = price_level(calm, draws.parameters, model.quarter)
        size = draws.growth[..., tick]
        grown = Sizes(*(np.log(size[:, p] * level) for p in (i, j)),
                      np.log(real_output(calm, size) * level))  # fmt: skip
        ahead = years_ahead(calm, quarters[tick : tick + 1])
        law = log_growth(calm.growth_law, ahead, flow, Sizes(gdp[i], gdp[j], gdp.sum()), grown)
        law = law + points_at(calm.error_points, flow, ahead)[0, 0, calm.error_points.middle]
        ours = np.log(
            model.snapshot.trade[:, :, i, j].sum(axis=1)
            * model.snapshot.residual_shock[:, i, j]
            / base
        )
        # Costs move a little with congestion and seasons; the law itself is met far closer.
        assert_allclose(ours, law, atol=0.01)


def test_factor_is_one_up_to_the_end_of_the_base_year_and_for_pairs_nobody_asks_about(
    world, scenario_with
):
    scenario = scenario_with(uncertainty_sources=LAYERS)
    quarters = simulated_quarters(scenario, world)
    factor = draw(scenario, world, range(2), quarters.start, len(quarters)).growth_factor
    assert_array_equal(factor[..., 0], 1.0)
    asked = np.zeros(factor.shape[1:3], dtype=bool)
    asked[tuple(np.array(asked_pairs(scenario, world)).T)] = True
    assert_array_equal(factor[:, ~asked], 1.0)
    assert np.all(factor[:, asked][..., -1] != 1.0)


def test_policy_leaves_the_factor_alone(world, scenario_with, outsider, union_member):
    deal = {
        "t": {
            "kind": "transit",
            "members": [outsider, union_member],
            "timeline": {"signed": "2023Q1", "in_force": "2023Q2"},
        }
    }
    quarters = simulated_quarters(scenario_with(), world)
    with_it, without = (
        draw(scenario_with(agreements=a), world, range(3), quarters.start, len(quarters))
        for a in (deal, {})
    )
    i, j = world.region_index(outsider), world.region_index(union_member)
    assert_array_equal(with_it.growth_factor[:, i, j], without.growth_factor[:, i, j])


def test_a_longer_horizon_and_other_runs_leave_a_runs_factor_alone(world, scenario_with):
    scenario = scenario_with(uncertainty_sources=LAYERS)
    start = simulated_quarters(scenario, world).start
    long = draw(scenario, world, range(4), start, 29).growth_factor
    assert_allclose(
        draw(scenario, world, [2], start, 14).growth_factor[0], long[2, ..., :14], rtol=1e-12
    )


def test_a_world_without_a_law_keeps_what_the_equilibrium_makes_of_growth(world, scenario_with):
    bare, scenario = replace(world, growth_law=None), scenario_with()
    quarters = simulated_quarters(scenario, world)
    assert np.all(draw(scenario, bare, [0], quarters.start, len(quarters)).growth_factor == 1.0)
