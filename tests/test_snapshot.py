"""A snapshot carries a run on: put back, or taken to another model, the same quarters follow.

The tiny world has no energy market. Where there is one, its system still keeps the years that it
has settled, so a run goes on from a stored snapshot only beside the same energy system.
"""

import pickle

import numpy as np
import pytest

from sim.simulation.model import TradeModel
from sim.simulation.snapshot.snapshot import arrays_of

RUNS = range(3)


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
