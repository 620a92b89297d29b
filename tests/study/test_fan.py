"""The fan of the whole model, as it is simulated."""

from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose

from sim.actors.surprises import RESIDUAL_PREDICTOR
from sim.study.fan import simulated_fan
from sim.study.known_model import FAN_TOLERANCE


def measured(world, years):
    errors = world.forecast_errors
    rows = [errors.horizon_years.index(year) for year in years]
    return errors.rmsle[errors.predictors.index(RESIDUAL_PREDICTOR), rows]


def test_simulated_errors_are_as_large_as_measured_ones(world):
    """The two classes with flows enough for so few runs; `sim validate` has all of them."""
    years = (1, 3)
    fan = simulated_fan(world, years, runs=48)
    assert fan.n_flows.sum() > 0.9 * len(world.regions) * (len(world.regions) - 1)
    assert_allclose(fan.rms[:, 2:], measured(world, years)[:, 2:], rtol=FAN_TOLERANCE)


def test_what_the_model_knows_is_the_smaller_part_of_what_it_does_not(world):
    """Growth, prices, parameters and closures without breaks: a fifth of the variance at most."""
    quiet = {
        name: replace(parameter, value=0.0, low=0.0, high=0.0, distribution="fixed")
        for name, parameter in world.parameters.items()
        if name == "political_break_rate_per_year"
    }
    calm = replace(world, parameters={**world.parameters, **quiet})
    fan = simulated_fan(calm, (1, 3), runs=16, layers=("parameters", "chance"))
    share = fan.rms[:, 2:] / measured(world, (1, 3))[:, 2:]
    assert np.all(share**2 < 0.2)


def test_without_uncertainty_there_is_no_fan(world):
    assert not simulated_fan(world, (1,), runs=2, layers=()).rms.any()
