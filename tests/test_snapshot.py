"""A snapshot carries a run on: put back, or taken to another model, the same quarters follow."""

import pickle
from dataclasses import fields, is_dataclass, replace
from typing import NamedTuple

import numpy as np
import pytest

from sim.laws import energy
from sim.scenario.scenario_file import load_scenario
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.capacity import Capacity
from sim.simulation.snapshot.energy_outcome import Expansion
from sim.simulation.snapshot.handover import continued

RUNS = range(3)


def arrays_of(part):
    """Arrays of a snapshot or of any part of one, in order, at whatever depth they stand."""
    if isinstance(part, np.ndarray):
        yield part
    elif isinstance(part, tuple | list):
        for item in part:
            yield from arrays_of(item)
    elif is_dataclass(part):
        for field in fields(part):
            yield from arrays_of(getattr(part, field.name))


def digits(snapshot):
    return [(a.shape, a.dtype.str, np.ascontiguousarray(a).tobytes()) for a in arrays_of(snapshot)]


def steps(model, n):
    """Snapshots of the next quarters."""
    found = []
    for _ in range(n):
        model.step()
        found.append(digits(model.snapshot))
    return found


@pytest.mark.parametrize("stop", [0, 1, 2, 5, 11])
def test_a_run_goes_on_from_a_stored_quarter_with_the_same_bits(
    tiny_world, tiny_scenario, stop
) -> None:
    whole = TradeModel(tiny_scenario, tiny_world, runs=RUNS)
    path = steps(whole, 14)
    first = TradeModel(tiny_scenario, tiny_world, runs=RUNS)
    steps(first, stop)
    stored = pickle.dumps(first.snapshot)
    second = TradeModel(tiny_scenario, tiny_world, runs=RUNS)
    second.snapshot = pickle.loads(stored)
    assert steps(second, 14 - stop) == path[stop:]


def test_a_snapshot_that_is_put_back_gives_the_same_quarters_again(tiny_world, tiny_scenario):
    model = TradeModel(tiny_scenario, tiny_world, runs=RUNS)
    steps(model, 3)
    start = model.snapshot
    once = steps(model, 8)
    model.snapshot = start
    assert steps(model, 8) == once


def test_nothing_of_a_snapshot_can_be_changed(tiny_world, tiny_scenario):
    model = TradeModel(tiny_scenario, tiny_world, runs=RUNS)
    steps(model, 2)
    assert not any(array.flags.writeable for array in arrays_of(model.snapshot))


class Fares(NamedTuple):
    """Record of an agent that the model does not have."""

    usd: np.ndarray


def test_a_record_of_an_agent_is_found_by_its_type_frozen_and_handed_on(tiny_world, tiny_scenario):
    model = TradeModel(tiny_scenario, tiny_world, runs=RUNS)
    fares = Fares(np.ones(3))
    more = replace(model.snapshot, carried=(*model.snapshot.carried, fares))
    assert more.of(Fares) is fares
    assert more.of(Capacity) is model.snapshot.of(Capacity)
    assert not fares.usd.flags.writeable
    assert np.array_equal(pickle.loads(pickle.dumps(more)).of(Fares).usd, fares.usd)
    with pytest.raises(LookupError, match="agents carry Capacity, no Fares"):
        model.snapshot.of(Fares)
    with pytest.raises(ValueError, match="other agents"):
        continued(more, model.snapshot, model.diplomacy.phase_in_years)


@pytest.mark.parametrize("stop", [4, 6])
def test_a_run_with_energy_goes_on_from_a_stored_quarter_across_the_border_of_a_year(
    project_root, names, world, stop
) -> None:
    """Deals that wait to be signed and capacity on order are carried on like the rest."""
    scenario = load_scenario(project_root / "scenarios" / "energy-corridor.yaml", names)
    whole = TradeModel(scenario, world, runs=RUNS)
    steps(whole, stop)
    stored = pickle.dumps(whole.snapshot)
    state = pickle.loads(stored).energy.state
    assert state.orders
    assert not state.signed.all()
    path = steps(whole, 5)
    # No memory of the markets that the first model solved.
    other = TradeModel(scenario, world, runs=RUNS)
    other.snapshot = pickle.loads(stored)
    assert steps(other, 5) == path
    assert other.snapshot.energy.state.year > state.year


def test_scenarios_that_share_energy_solve_each_market_once_and_none_that_another_state_needs(
    project_root, names, world, monkeypatch
) -> None:
    scenario = load_scenario(project_root / "scenarios" / "baseline.yaml", names)
    model = TradeModel(scenario, world, runs=[0])
    solved, solve = [], energy.equilibrium

    def counted(*parts, **options):
        solved.append(parts)
        return solve(*parts, **options)

    monkeypatch.setattr(energy, "equilibrium", counted)
    path = steps(model, 2)
    other = TradeModel(scenario, world, runs=[0], draws=model.draws, energy=model.energy)
    assert steps(other, 2) == path
    assert len(solved) == 1
    rate = np.full((1, len(world.energy.carriers)), 0.1)
    terms, year = model.energy.initial(), world.base_year + 1
    grown = model.energy.step(terms, [Expansion(0, rate)], 4 * year)
    assert len(solved) == 2
    assert len(grown.state.orders) == len(world.energy.carriers)
