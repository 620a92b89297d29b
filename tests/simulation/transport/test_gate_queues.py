"""Gates that serve: the base year at rest, queues that follow, what a lag of one quarter does."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sim.simulation.transport.gate_queues import Service, find_service, serve

HOURS = 24.0 * 91.3
N_GATES = 3
"""Two gates that queue, and one of which nothing is known."""
RESPONSE = np.array([[0.002]])
"""Two per mille of the cargo turns away for one more hour."""


def service(used=(0.7, 0.9)):
    """A post of 4 lanes and a port of 6 berths, at rest."""
    nothing = np.zeros(2)
    return Service(
        gate=np.array([0, 2]),
        servers=np.array([4.0, 6.0]),
        service_hours=np.array([1.0, 30.0]),
        quarter_hours=np.array([HOURS / 2, HOURS]),
        tonnes_per_unit=np.array([20.0, 10_000.0]),
        utilisation=np.array(used),
        wait_hours=nothing,
        backlog=nothing,
    )


def settled(place, tonnes, *, n, **terms):
    """Serve the same quarter again and again."""
    still = np.zeros((len(tonnes), N_GATES))
    backlog, delay = still, still
    steady = {"open_share": np.ones_like(still), "capacity_factor": np.ones_like(still)}
    for _ in range(n):
        found = serve(
            place, tonnes, np.zeros_like(tonnes), backlog=backlog, delay_hours=delay,
            season_share=np.ones(N_GATES), response=RESPONSE, **(steady | terms),
        )  # fmt: skip
        backlog, delay = found.gate_backlog, found.gate_delay_ahead_hours
    return found


def tonnes_of(share, n_runs=1):
    """Cargo that takes a share of every gate's capacity on top of the rest [t/year]."""
    place = service()
    tonnes = np.zeros((n_runs, N_GATES))
    tonnes[:, place.gate] = share * 4.0 * place.room * place.tonnes_per_unit
    return tonnes


def test_the_base_year_of_the_world_is_at_rest(world):
    place = find_service(world)
    n = len(world.gates)
    tonnes = np.zeros((1, n))
    backlog = np.zeros((1, n))
    backlog[:, place.gate] = place.backlog
    found = serve(
        place, tonnes, tonnes, season_share=np.ones(n), open_share=np.ones((1, n)),
        capacity_factor=np.ones((1, n)), backlog=backlog, delay_hours=np.zeros((1, n)),
        response=RESPONSE,
    )  # fmt: skip
    assert_allclose(found.gate_backlog, backlog, atol=1e-6)
    assert_allclose(found.gate_delay_ahead_hours, 0.0, atol=1e-6)
    assert_allclose(found.gate_utilisation[0, place.gate], place.utilisation, rtol=1e-12)


@settings(max_examples=30)
@given(st.floats(0.1, 1.0), st.floats(0.0, 1.0))
def test_a_season_that_shuts_a_gate_for_a_part_leaves_its_use_while_open_as_it_was(share, part):
    place = service()
    tonnes = np.zeros((1, N_GATES))
    tonnes[:, place.gate] = part * share * 4.0 * place.utilisation * place.room
    tonnes[:, place.gate] *= place.tonnes_per_unit
    season = np.full(N_GATES, share)
    nothing = np.zeros((1, N_GATES))
    found = serve(
        place, tonnes, tonnes, season_share=season, open_share=season[None],
        capacity_factor=np.ones((1, N_GATES)), backlog=nothing, delay_hours=nothing,
        response=RESPONSE,
    )  # fmt: skip
    assert_allclose(found.gate_utilisation[0, place.gate], place.utilisation, rtol=1e-9)


@settings(max_examples=30)
@given(st.floats(0.0, 2.0), st.floats(1.0, 3.0))
def test_more_capacity_never_lengthens_a_gates_own_queue(load, factor):
    tonnes = tonnes_of(load)
    more = np.full((1, N_GATES), factor)
    found, wider = (settled(service(), tonnes, n=4, capacity_factor=c) for c in (more**0, more))
    assert np.all(wider.gate_backlog <= found.gate_backlog + 1e-9)
    assert np.all(wider.gate_delay_ahead_hours <= found.gate_delay_ahead_hours + 1e-9)
    assert np.all(wider.gate_utilisation <= found.gate_utilisation + 1e-12)


@settings(max_examples=30)
@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_more_cargo_never_shortens_the_wait(load, more):
    found, fuller = (settled(service(), tonnes_of(x), n=4) for x in (load, load + more))
    assert np.all(fuller.gate_delay_ahead_hours >= found.gate_delay_ahead_hours - 1e-9)
    assert np.all(np.isfinite(fuller.gate_delay_ahead_hours))


def test_a_gate_that_is_shut_serves_nothing_and_keeps_its_queue():
    place, tonnes = service(), tonnes_of(0.4)
    crowded = settled(place, tonnes, n=3)
    shut = np.ones((1, N_GATES))
    shut[:, 0] = 0.0
    found = serve(
        place, tonnes * shut, np.zeros_like(tonnes), season_share=np.ones(N_GATES), open_share=shut,
        capacity_factor=np.ones((1, N_GATES)), backlog=crowded.gate_backlog,
        delay_hours=crowded.gate_delay_ahead_hours, response=RESPONSE,
    )  # fmt: skip
    assert found.gate_tonnes[0, 0] == 0.0
    assert found.gate_utilisation[0, 0] == 0.0
    assert found.gate_backlog[0, 0] == crowded.gate_backlog[0, 0]
    assert found.gate_delay_ahead_hours[0, 0] == 0.0


@pytest.mark.parametrize("load", [0.05, 0.2, 0.5, 0.9])
def test_the_lag_of_a_quarter_rests_where_solving_the_quarter_does(load):
    """Cargo that answers the wait it meets, solved within the quarter, against the lagged rule.

    Both share one rest point: the wait at which what comes is what that wait lets come. The lagged
    rule gets there without swinging.
    """
    place, full = service(), tonnes_of(load)
    delay = np.zeros((1, N_GATES))
    backlog = np.zeros((1, N_GATES))
    still = np.ones((1, N_GATES))
    path = []
    for _ in range(80):
        tonnes = full * np.exp(-RESPONSE * delay)
        found = serve(
            place, tonnes, np.zeros_like(tonnes), season_share=still[0], open_share=still,
            capacity_factor=still, backlog=backlog, delay_hours=delay, response=RESPONSE,
        )  # fmt: skip
        backlog, delay = found.gate_backlog, found.gate_delay_ahead_hours
        path.append(delay[0, place.gate])
    assert_allclose(delay[0, place.gate], solved_to_rest(place, full), rtol=1e-5)
    swings = np.abs(np.diff(path, axis=0))
    assert np.all(swings[40:] <= 1e-3 * swings.max())


def solved_to_rest(place, full):
    """Wait at rest of each gate alone: what comes at that wait is served with just that wait.

    At rest as much is served as comes, so the queue is the one that has always stood; the wait of
    a quarter lies between those at its start and at its end.
    """
    waits = []
    for k, gate in enumerate(place.gate):
        rate = place.servers[k] / place.service_hours[k]
        power = math.sqrt(2.0 * (place.servers[k] + 1.0)) - 1.0
        more = full[0, gate] / (4.0 * place.tonnes_per_unit[k] * place.room[k])

        def too_short(delay, k=k, rate=rate, power=power, more=more):
            u = place.utilisation[k] + more * math.exp(-RESPONSE[0, 0] * delay)
            if u >= 1.0:
                return True
            end = u**power / ((1.0 - u) * rate)
            start = u * end
            queue, idle = 2.0 * start * rate, place.room[k] * (1.0 - u)
            return end + 0.5 * queue / (queue + idle) * (start - end) > delay

        low, high = 0.0, 1e5
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if too_short(middle) else (low, middle)
        waits.append(high)
    return np.array(waits)


def test_a_batch_of_gates_is_its_single_runs():
    loads = np.linspace(0.0, 1.2, 5)
    tonnes = np.concatenate([tonnes_of(load) for load in loads])
    found = settled(service(), tonnes, n=3)
    for r in range(len(loads)):
        alone = settled(service(), tonnes[r : r + 1], n=3)
        for batch, single in zip(found, alone, strict=True):
            assert_array_equal(batch[r : r + 1], single)
