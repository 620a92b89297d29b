"""Queues: textbook values, and the law of one period."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.laws import queues
from sim.validation import steady_queues
from tests.twins import routes_twin as twin


@pytest.fixture(scope="module")
def known(cases: Path) -> dict:
    path = cases / "routes" / "queues.json"
    if not path.is_file():
        pytest.skip(f"{path} is absent")
    return json.loads(path.read_text())


def posts() -> st.SearchStrategy[dict[str, float]]:
    return st.fixed_dictionaries(
        {
            "servers": st.sampled_from([0.5, 1.0, 1.5, 2.0, 6.0, 40.0, 300.0]),
            "service_hours": st.floats(0.01, 5.0),
            "period_hours": st.floats(1.0, 5000.0),
            "variability": st.floats(0.05, 5.0),
            "formula": st.sampled_from(["erlang", "sakasegawa"]),
        }
    )


def room_of(post: dict[str, float]) -> float:
    return post["servers"] * post["period_hours"] / post["service_hours"]


def test_erlang_values_are_those_of_the_tables(known):
    for row in known["MMc"]:
        load, servers = row["c"] * row["rho"], row["c"]
        exact = row["P_wait_exact"]
        waits = row["P_wait"] if exact is None else float(Fraction(exact))
        wait = float(steady_queues.mmc_wait(load, 1.0, servers))
        assert float(steady_queues.erlang_b(load, servers)) == pytest.approx(
            row["erlangB"], rel=1e-13
        )
        assert float(steady_queues.erlang_c(load, servers)) == pytest.approx(waits, rel=1e-13)
        assert wait == pytest.approx(row["Wq_over_service"], rel=1e-13)
        assert wait * load == pytest.approx(row["Lq"], rel=1e-13)


@pytest.mark.parametrize(
    ("case", "arguments"),
    [
        ("MMcK c=3 K=10 lam=4 mu=1.2", (4.0, 1 / 1.2, 3.0, 10)),
        ("MMcK c=2 K=6 lam=3 mu=1 (overload)", (3.0, 1.0, 2.0, 6)),
    ],
)
def test_finite_queues_are_those_of_the_tables(known, case, arguments):
    found = steady_queues.finite_queue(*arguments)
    ours = (found.blocked_share, found.queue, found.wait, found.throughput, found.utilisation)
    names = ("P_block", "Lq", "Wq", "throughput", "util")
    for name, value in zip(names, ours, strict=True):
        assert float(value) == pytest.approx(known[case][name], rel=1e-13)


def test_general_queues_are_those_of_the_tables(known):
    def numbers(text: str) -> dict[str, float]:
        return {k: float(v) for k, v in (part.split("=") for part in text.split(","))}

    for text, wait in known["MG1"].items():
        n = numbers(text)
        assert float(steady_queues.mg1_wait(n["rho"], 1.0, n["cv2"])) == pytest.approx(
            wait, rel=1e-13
        )
    for text, wait in known["AllenCunneen"].items():
        n = numbers(text)
        ours = steady_queues.allen_cunneen_wait(n["rho"] * n["c"], 1.0, n["c"], n["ca2"], n["cs2"])
        assert float(ours) == pytest.approx(wait, rel=1e-13)
    for text, wait in known["Kingman_GG1"].items():
        n = numbers(text)
        ours = steady_queues.kingman_wait(n["rho"], 1.0, n["ca"] ** 2, n["cs"] ** 2)
        assert float(ours) == pytest.approx(wait, rel=1e-13)


def test_fluid_overload_builds_and_clears(known):
    fluid = steady_queues.fluid_backlog([120.0] * 10 + [80.0] * 15, 100.0)
    answer = known["fluid_overload"]
    assert fluid.backlog.max() == answer["peak_backlog"]
    assert np.flatnonzero(fluid.backlog[9:] == 0)[0] == answer["days_to_clear"]
    assert fluid.delay.sum() == answer["total_delay_units"]


def test_fluid_clears_within_a_period():
    fluid = steady_queues.fluid_backlog([0.0, 0.0], 100.0, backlog=50.0)
    assert fluid.backlog.tolist() == [0.0, 0.0]
    assert fluid.delay.tolist() == [12.5, 0.0]
    assert fluid.served.tolist() == [50.0, 0.0]


@given(st.floats(0.01, 500.0), st.integers(1, 300))
@settings(max_examples=200)
def test_erlang_b_equals_its_recursion(load, servers):
    assert float(steady_queues.erlang_b(load, servers)) == pytest.approx(
        twin.erlang_b(load, servers), rel=1e-11
    )


@given(st.floats(0.1, 200.0), st.floats(0.2, 200.0))
def test_servers_need_not_be_whole(load, servers):
    between = float(steady_queues.erlang_b(load, servers))
    assume(between > 1e-290)  # below that nothing is told from zero
    more, fewer = (float(steady_queues.erlang_b(load, servers + d)) for d in (0.1, -0.1))
    assert more < between < fewer


def test_servers_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match=r"servers\[1\] is 0; wanted a number above 0"):
        steady_queues.erlang_c(1.0, [1.0, 0.0])
    with pytest.raises(ValueError, match=r"arrivals\[\] is -1; wanted a number 0 or more"):
        queues.period_queue(-1.0, 0.0, servers=1.0, service_hours=1.0, period_hours=1.0)


@given(posts(), st.floats(0.0, 4.0), st.floats(0.0, 3.0))
@settings(max_examples=200)
def test_no_cargo_is_lost_and_nothing_is_infinite(post, arrived, left):
    arrivals, backlog = arrived * room_of(post), left * room_of(post)
    found = queues.period_queue(arrivals, backlog, **post)
    assert float(found.served + found.backlog) == pytest.approx(arrivals + backlog, rel=1e-15)
    assert 0 <= float(found.served) <= room_of(post) * (1 + 1e-12)
    assert float(found.backlog) >= 0
    assert np.isfinite(found.wait)
    assert 0 <= float(found.utilisation) < 1


@given(posts(), st.floats(0.0, 2.0), st.floats(0.0, 3.0))
@settings(max_examples=200)
def test_more_arrivals_never_wait_less(post, left, most):
    arrivals = np.linspace(0.0, most, 60) * room_of(post)
    found = queues.period_queue(arrivals, left * room_of(post), **post)
    assert (np.diff(found.wait) >= -1e-9 * found.wait.max()).all()
    assert (np.diff(found.backlog) >= -1e-9 * found.backlog.max()).all()
    assert (found.wait_slope >= 0).all()


@given(posts(), st.floats(0.0, 2.0), st.floats(1.01, 3.0))
@settings(max_examples=200)
def test_more_lanes_never_lengthen_their_own_queue(post, arrived, more):
    arrivals = arrived * room_of(post)
    few, many = (
        queues.period_queue(arrivals, 0.0, **{**post, "servers": post["servers"] * factor})
        for factor in (1.0, more)
    )
    assert float(many.wait) <= float(few.wait) * (1 + 1e-9) + 1e-12
    assert float(many.backlog) <= float(few.backlog) * (1 + 1e-9) + 1e-12


@given(posts(), st.floats(0.01, 2.0), st.floats(0.0, 1.0))
@settings(max_examples=200)
def test_the_slope_is_the_derivative(post, arrived, left):
    arrivals, backlog = arrived * room_of(post), left * room_of(post)
    step = 1e-5 * arrivals
    low, high = (
        float(queues.period_queue(arrivals + s, backlog, **post).wait) for s in (-step, step)
    )
    found = queues.period_queue(arrivals, backlog, **post)
    scale = float(found.wait) / arrivals
    assert float(found.wait_slope) == pytest.approx(
        (high - low) / (2 * step), rel=1e-3, abs=1e-5 * scale
    )


@given(st.integers(1, 30), st.floats(0.1, 3.0), st.floats(0.05, 3.0))
@settings(max_examples=60)
def test_the_period_equals_its_bisection(servers, arrived, variability):
    post = {"servers": float(servers), "service_hours": 0.5, "period_hours": 100.0}
    room = room_of(post)
    found = queues.period_queue(arrived * room, 0.0, variability=variability, **post)
    known = twin.served_share(arrived * room, room, servers, variability)
    assert float(found.utilisation) == pytest.approx(known, rel=1e-10)


@pytest.mark.parametrize("servers", [1.0, 4.0, 60.0])
def test_a_long_period_waits_as_in_steady_state(servers):
    rate = 0.9 * servers
    found = queues.period_queue(
        rate * 1e7, 0.0, servers=servers, service_hours=1.0, period_hours=1e7
    )
    assert float(found.wait) == pytest.approx(
        float(steady_queues.mmc_wait(rate, 1.0, servers)), rel=1e-4
    )


def test_deep_overload_waits_as_a_fluid():
    found = queues.period_queue(
        4000.0, 0.0, servers=2.0, service_hours=1.0, period_hours=1000.0, variability=0.5
    )
    fluid = steady_queues.fluid_backlog([4000.0], 2000.0)
    assert float(found.backlog) == pytest.approx(float(fluid.backlog[0]), rel=1e-3)
    assert float(found.wait) == pytest.approx(500.0, rel=1e-3)


def test_a_backlog_that_clears_waits_as_a_fluid():
    found = queues.period_queue(0.0, 500.0, servers=1.0, service_hours=1.0, period_hours=1000.0)
    assert float(found.wait) == pytest.approx(125.0, rel=0.01)
    assert float(found.backlog) < 2.0


@pytest.mark.parametrize("formula", ["erlang", "sakasegawa"])
def test_the_wait_is_smooth_across_full_utilisation(formula):
    share = np.linspace(0.9, 1.1, 2001)
    post = {"servers": 3.0, "service_hours": 0.5, "period_hours": 2160.0}
    found = queues.period_queue(share * room_of(post), 0.0, formula=formula, **post)
    bends = np.abs(np.diff(found.wait, 3))
    assert bends.max() < 1e-2 * np.abs(np.diff(found.wait)).max()


def test_a_batch_gives_the_bits_of_its_members():
    rng = np.random.default_rng(5)
    arrivals, servers = rng.uniform(0, 3e4, (16, 7)), rng.integers(1, 30, (16, 7)).astype(float)
    post = {"service_hours": 0.7, "period_hours": 2160.0, "variability": 0.8}
    for formula in ("erlang", "sakasegawa"):
        batch = queues.period_queue(arrivals, 3.0, servers=servers, formula=formula, **post)
        for run in range(16):
            alone = queues.period_queue(
                arrivals[run], 3.0, servers=servers[run], formula=formula, **post
            )
            for name in vars(batch):
                assert np.array_equal(getattr(batch, name)[run], getattr(alone, name))
