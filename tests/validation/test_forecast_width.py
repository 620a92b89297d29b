"""The fan of the whole model, as it is simulated."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sim.simulation.model import TradeModel
from sim.validation.forecast_width import LAYERS, _everybody, _yearly, simulated_fan
from sim.validation.model_facts import FAN_TOLERANCE


def width(points):
    return (points[..., -1] - points[..., 0])[..., None]


@pytest.mark.slow
def test_simulated_errors_have_the_measured_points(world):
    """The two classes with flows enough for so few paths; `sim validate` has all of them."""
    fan = simulated_fan(world, (1, 4), runs=16, paths=16)
    assert fan.n_flows.sum() > 0.9 * len(world.regions) * (len(world.regions) - 1)
    miss = np.abs(fan.simulated - fan.measured)[2:] / width(fan.measured)[2:]
    assert np.all(miss < FAN_TOLERANCE)


@pytest.mark.slow
def test_measured_points_have_the_longer_lower_tail(world):
    fan = simulated_fan(world, (1,), runs=2)
    assert np.all(-fan.measured[..., 0] > fan.measured[..., -1])


def test_what_the_model_knows_is_the_smaller_part_of_what_it_does_not(world):
    """Growth, prices, parameters and closures without breaks: half as wide at most."""
    quiet = {
        name: replace(parameter, value=0.0, low=0.0, high=0.0, distribution="fixed")
        for name, parameter in world.parameters.items()
        if name == "political_break_rate_per_year"
    }
    calm = replace(world, parameters={**world.parameters, **quiet})
    fan = simulated_fan(calm, (1, 4), runs=16, layers=("parameters", "events"))
    share = width(fan.simulated)[2:] / width(fan.measured)[2:]
    assert np.all(share**2 < 0.2)


def test_without_uncertainty_there_is_no_fan(world):
    assert not simulated_fan(world, (1,), runs=2, layers=()).simulated.any()


def test_the_first_path_laid_over_a_run_is_its_own(world):
    """Number for number but for new routes of energy, which share no shock."""
    scenario = _everybody(world, 1, 1, LAYERS)
    model = TradeModel(scenario, world, runs=range(2))
    quarters, every = [], slice(None)
    while model.quarter < int(scenario.horizon.end):
        model.step()
        goods = model.snapshot.trade.sum(axis=1) * model.snapshot.residual_shock
        quarters.append(goods + model.snapshot.shocked_energy_trade(every, every))
    whole = np.mean(quarters, axis=0)
    crossed = np.exp(_yearly(world, (1,), range(2), 1, LAYERS, 3)[:2, 0])
    kept = np.isfinite(crossed)
    assert kept.sum() > 800
    assert_allclose(crossed[kept], whole[kept], rtol=1e-3)
