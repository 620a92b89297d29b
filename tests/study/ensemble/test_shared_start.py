"""What variants have in common is simulated once, and nothing can be told from it afterwards."""

import numpy as np
import pytest

from sim.scenario.scenario_file import load_scenario
from sim.simulation.model import TradeModel
from sim.study.common_quarters import last_common_quarter
from sim.study.ensemble.checkpoint import continue_from
from sim.study.ensemble.counterfactuals import variants_of
from sim.study.ensemble.measures import record
from sim.study.ensemble.shared_start import make_shared_draws

RUNS = range(2)


def loaded(project_root, names, stem, end=None):
    """A shipped scenario, up to an earlier quarter if one is given."""
    overrides = {} if end is None else {"horizon.end": end}
    return load_scenario(project_root / "scenarios" / f"{stem}.yaml", names, overrides=overrides)


def moved(scenario, name, quarters):
    """The scenario with one agreement's dates later by some quarters."""
    agreement = scenario.agreements[name]
    dates = {key: getattr(agreement.timeline, key) + quarters for key in ("signed", "in_force")}
    timeline = agreement.timeline.model_copy(update=dates)
    agreements = {**scenario.agreements, name: agreement.model_copy(update={"timeline": timeline})}
    return scenario.model_copy(update={"agreements": agreements})


def begun(scenario, world):
    """Draws and energy that models of these runs share, and the checkpoint they have in common."""
    shared = make_shared_draws(scenario, world, RUNS)
    return {"draws": shared.draws, "energy": shared.energy}, shared.start


def both_ways(scenario, world, shared, start):
    """A scenario recorded from its first quarter, and from the checkpoint."""
    alone = record(TradeModel(scenario, world, runs=RUNS, **shared))
    return alone, continue_from(start, scenario, world, RUNS, **shared)[1]


def same(one, other):
    assert set(one) == set(other)
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


# The second has a railway built before its agreement is in force, which trade has adjusted to.
@pytest.mark.slow
@pytest.mark.parametrize("stem", ["pta-and-transit", "trans-afghan-railway"])
def test_every_variant_has_the_bits_of_a_simulation_of_its_own(project_root, names, world, stem):
    scenario = loaded(project_root, names, stem)
    shared, start = begun(scenario, world)
    assert start is not None
    plain = scenario.model_copy(update={"agreements": {}})
    common = last_common_quarter(plain, scenario, world)
    assert start.snapshot.quarter == common > shared["draws"].first_quarter
    for variant in variants_of(scenario).values():
        same(*both_ways(variant, world, shared, start))


@pytest.mark.parametrize("quarters", [-9, 5])
def test_other_dates_are_kept_whether_they_allow_a_common_beginning_or_not(
    project_root, names, world, quarters
):
    scenario = loaded(project_root, names, "pta", "2030Q4")
    other = moved(scenario, "pta", quarters)
    same(*both_ways(other, world, *begun(scenario, world)))


@pytest.mark.parametrize("stem", ["negotiated", "baseline", "regional-integration"])
def test_what_may_come_about_at_any_time_or_never_has_no_quiet_beginning(
    project_root, names, world, stem
):
    scenario = loaded(project_root, names, stem)
    assert begun(scenario, world)[1] is None


def test_what_is_in_force_from_the_start_leaves_nothing_to_share(project_root, names, world):
    scenario = moved(loaded(project_root, names, "pta"), "pta", -20)
    assert begun(scenario, world)[1] is None


def test_what_comes_after_the_horizon_leaves_a_last_step(project_root, names, world):
    scenario = moved(loaded(project_root, names, "pta"), "pta", 60)
    same(*both_ways(scenario, world, *begun(scenario, world)))
