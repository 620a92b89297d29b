"""Ports and posts beside a plain twin: the same paths from the same luck, else the same spread."""

import math
import random
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import mesa
import numpy as np
import pytest
from numpy.testing import assert_allclose

from sim.scenario.sampling.random_streams import Streams
from sim.scenario.scenario_file import load_scenario
from sim.simulation.agents.border_post import BorderPost
from sim.simulation.agents.port import Port
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.agreement_status import NEVER, Treaties
from sim.simulation.snapshot.capacity import build, initial_capacity
from sim.simulation.transport.gate_queues import Service, serve
from sim.world.names import world_names
from tests.builders.spread import least_chance
from tests.twins.port_twin import (
    PortTwin,
    Queue,
    Terms,
    TwinPlace,
    TwinPort,
    TwinPost,
    baseline_of,
    deciding,
    serve_quarter,
    twin_of,
)

SCENARIOS = Path(__file__).resolve().parents[3] / "scenarios"
SEEN = ("open_share", "capacity", "extra_usd", "use", "left", "delay", "delay_ahead")
FIRST, N_QUARTERS = 4 * 2023, 40
PORTS = (
    Terms(handling_usd=150.0, used=0.88, servers=6, service_hours=30.0),
    Terms(handling_usd=90.0, used=0.8, servers=3, service_hours=24.0),
    Terms(handling_usd=200.0, used=0.5, servers=4, service_hours=36.0),
    Terms(handling_usd=120.0),  # of which nobody knows what it can serve
)
POST = Terms(used=0.78, servers=60, service_hours=0.5, lanes_paid=(0.1, 0.3))
PLACES = [
    t._replace(quarter_hours=2191.5 if t.used else 0.0, unit_tonnes=1e4 if t in PORTS else 20.0)
    for t in (*PORTS, POST)
]
POST_AT = len(PORTS)
"""The post lies behind all ports; each of the two agreements pays for lanes there."""
IN_FORCE, ENDS = (FIRST + 6, FIRST + 16), (NEVER, FIRST + 26)
SEASON = np.ones((len(PLACES), N_QUARTERS))
SEASON[2, ::4], SEASON[POST_AT, ::4] = 0.0, 2 / 3
PER_USD = 0.01
"""Part of the cargo that a dollar turns to other ports [1/USD]."""
BASE_MT, DISTANCE_USD = 12.0, (0.0, 60.0, 90.0, 200.0)


class Luck(NamedTuple):
    """What chance brings, runs first."""

    demand: np.ndarray
    """(n_runs, n_quarters) cargo at the charges and waits of the base year [t/year]."""
    freight_usd: np.ndarray
    """(n_runs, n_ports, n_quarters) what it costs to come by each port [USD/FEU]."""
    open_share: np.ndarray
    """(n_runs, n_places, n_quarters) [1]."""
    response: np.ndarray
    """(n_runs,) part of the cargo that an hour of waiting turns away [1/h]."""


def luck_of(normal, uniform):
    """Luck from draws (n_runs, 1 + n_ports, n_quarters) and (n_runs, n_places + 1, n_quarters)."""
    growth = 0.016 + 0.04 * normal[:, 0]
    shut = np.where(uniform[:, :-1] < 0.98, 0.0, np.where(uniform[:, :-1] < 0.99, 1.0, 0.4))
    open_share = (1.0 - shut) * np.where(SEASON > 0.0, SEASON, 1.0)
    return Luck(
        demand=1e6 * BASE_MT * np.exp(np.cumsum(growth, axis=-1)),
        freight_usd=np.array(DISTANCE_USD)[:, None] + 20.0 * normal[:, 1:],
        open_share=open_share,
        response=0.001 + 0.003 * uniform[:, -1, 0],
    )


def keyed_luck(runs):
    """Luck from numbers by key."""
    streams, places = Streams(5, runs), [f"place {k}" for k in range(len(PLACES) + 1)]
    normal = streams.normal("cargo", places[: len(PORTS) + 1], N_QUARTERS)
    return luck_of(normal, streams.uniform("shut", places, N_QUARTERS))


def own_luck(n_runs, seed):
    """Luck from Python's own generator."""
    dice = random.Random(seed)
    shape = (n_runs, len(PORTS) + 1, N_QUARTERS), (n_runs, len(PLACES) + 1, N_QUARTERS)
    normal = [dice.gauss(0.0, 1.0) for _ in range(math.prod(shape[0]))]
    uniform = [dice.random() for _ in range(math.prod(shape[1]))]
    return luck_of(np.reshape(normal, shape[0]), np.reshape(uniform, shape[1]))


# --- cargo that answers, or does not --------------------------------------------------------------


def base_tonnes():
    """(n_places,) cargo of the base year, all ports open [t/year]."""
    weight = [math.exp(-PER_USD * usd) for usd in DISTANCE_USD]
    return [1e6 * BASE_MT * w / sum(weight) for w in weight] + [1e6 * BASE_MT]


def all_runs_cargo(luck, tick, extra_usd, delay, open_share, *, answers):
    """(n_runs, n_places) cargo that comes to each place [t/year]."""
    usd = luck.freight_usd[:, :, tick]
    total = luck.demand[:, tick]
    if answers:
        usd_an_hour = luck.response[:, None] / PER_USD
        usd = usd + extra_usd[:, :POST_AT] + usd_an_hour * delay[:, :POST_AT]
        total = total * np.exp(-luck.response * delay[:, POST_AT])
    weight = np.exp(-PER_USD * usd) * open_share[:, :POST_AT]
    weighed = weight.sum(axis=1)
    share = weight / np.where(weighed > 0.0, weighed, 1.0)[:, None]
    by_port = total[:, None] * share
    passing = by_port.sum(axis=1) * (open_share[:, POST_AT] > 0.0)
    return np.concatenate([by_port, passing[:, None]], axis=1)


def one_runs_cargo(luck, run, tick, places, *, answers):
    """The same in one run, told place by place."""
    weights, response = [], float(luck.response[run])
    for k, port in enumerate(places[:-1]):
        usd = float(luck.freight_usd[run, k, tick])
        if answers:
            usd += port.extra_usd + response / PER_USD * port.delay_ahead
        weights.append(math.exp(-PER_USD * usd) * port.open_share)
    total = float(luck.demand[run, tick])
    if answers:
        total *= math.exp(-response * places[-1].delay_ahead)
    by_port = [total * w / sum(weights) if w else 0.0 for w in weights]
    return [*by_port, sum(by_port) if places[-1].open_share else 0.0]


# --- the two models -------------------------------------------------------------------------------


def service():
    """What the places can serve, at rest in the base year by the twin's own queue."""
    known = [k for k, terms in enumerate(PLACES) if terms.used]
    twin = PortTwin([(TwinPlace, PLACES[k], [1.0]) for k in known], FIRST, 0.0).places
    columns = ("servers", "service_hours", "quarter_hours", "unit_tonnes", "used")
    terms = [np.array([getattr(PLACES[k], name) for k in known], dtype=float) for name in columns]
    wait, left = ([getattr(p, name) for p in twin] for name in ("wait_on_record", "left"))
    return Service(np.array(known), *terms, np.array(wait), np.array(left))


def batched(luck, *, answers):
    """Path of every run, decided by the agents of the model proper; arrays as `SEEN`."""
    model, place, n = mesa.Model(rng=0), service(), len(luck.demand)
    agents = [Port(model, k, terms.handling_usd, terms.used) for k, terms in enumerate(PLACES[:-1])]
    lanes = np.array(POST.lanes_paid)
    agents.append(BorderPost(model, POST_AT, lanes))
    dates = [np.broadcast_to(d, (n, 2)) for d in (np.full(2, FIRST), IN_FORCE, ENDS)]
    use = np.tile([terms.used for terms in PLACES], (n, 1))
    left, ahead = np.zeros((2, n, len(PLACES)))
    left[:, place.gate] = place.backlog
    path, built = [], initial_capacity((n, len(PLACES)))
    for tick in range(N_QUARTERS):
        seen = SimpleNamespace(
            quarter=FIRST + tick, gate_utilisation=use, treaties=Treaties(*dates)
        )
        built = build(built, FIRST + tick + 1, use)
        decided = [a.decide(seen, built.factor[:, a.gate]) for a in agents]
        capacity, extra = (np.array(values).T for values in zip(*decided, strict=True))
        open_share = luck.open_share[:, :, tick]
        tonnes = all_runs_cargo(luck, tick, extra, ahead, open_share, answers=answers)
        season = SEASON[:, tick]
        found = serve(
            place, tonnes, base_tonnes() * season * np.ones((n, 1)), season_share=season,
            open_share=open_share, capacity_factor=capacity, backlog=left, delay_hours=ahead,
            response=luck.response[:, None],
        )  # fmt: skip
        use, left, ahead = found.gate_utilisation, found.gate_backlog, found.gate_delay_ahead_hours
        path.append([open_share, capacity, extra, use, left, found.gate_delay_hours, ahead])
    return dict(zip(SEEN, np.moveaxis(path, 0, 1), strict=True))


def one_by_one(luck, *, answers):
    """Path of every run, one twin after the other; (n_quarters, n_runs, n_places) by `SEEN`."""
    n = len(luck.demand)
    path = {name: np.zeros((N_QUARTERS, n, len(PLACES))) for name in SEEN}
    for run in range(n):
        kinds = [TwinPort] * POST_AT + [TwinPost]
        calendars = [[1.0, *row] for row in luck.open_share[run].tolist()]
        made = list(zip(kinds, PLACES, calendars, strict=True))
        twin = PortTwin(made, FIRST, float(luck.response[run]))
        for tick in range(N_QUARTERS):
            quarter, season = FIRST + tick + 1, SEASON[:, tick].tolist()
            twin.decide([a <= quarter <= b for a, b in zip(IN_FORCE, ENDS, strict=True)])
            tonnes = one_runs_cargo(luck, run, tick, twin.places, answers=answers)
            usual = [t * s for t, s in zip(base_tonnes(), season, strict=True)]
            twin.serve(tonnes, usual, season)
            for name, values in path.items():
                values[tick, run] = [getattr(p, name) for p in twin.places]
    return path


def assert_same_paths(one, other):
    for name in SEEN:
        assert_allclose(one[name], other[name], rtol=1e-9, atol=1e-9, err_msg=name)


# --- one luck, one path ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def luck():
    return keyed_luck(range(64))


@pytest.mark.parametrize("answers", [False, True])
def test_the_plain_twin_takes_the_same_path_in_every_run(luck, answers):
    found = batched(luck, answers=answers)
    assert_same_paths(one_by_one(luck, answers=answers), found)
    # Every rule was at work: some built and some did not, charges fell and rose, queues, closures.
    built = found["capacity"][-1]
    assert (built[:, :3] == 1.0).any()
    assert (built > 1.2).any()
    assert len(np.unique(built[:, 0])) > 20
    asked = found["extra_usd"] / np.array([t.handling_usd or 1.0 for t in PLACES])
    assert asked.min() < -0.2
    assert asked.max() > 0.3
    assert found["delay_ahead"].max() > 24.0
    assert (found["use"] == 0.0).any()


# --- luck of its own, the same spread -------------------------------------------------------------


def spread(path):
    """What is compared of every run, (n_runs, n_places) each.

    Capacity, charge and queue at the end, and their means over all years.
    """
    names = ("capacity", "extra_usd", "left", "delay_ahead", "use")
    return [part for name in names for part in (path[name][-1], path[name].mean(axis=0))]


N_LUCKY = 256


@pytest.fixture(scope="module")
def all_runs():
    return batched(keyed_luck(range(N_LUCKY)), answers=True)


def test_the_plain_twin_with_luck_of_its_own_has_the_same_spread(all_runs):
    twins = one_by_one(own_luck(N_LUCKY, 1), answers=True)
    assert least_chance(spread(twins), spread(all_runs)) > 0.05


@pytest.mark.parametrize(
    ("kind", "rule", "value", "n_runs"),
    [
        pytest.param(TwinPlace, "build_quarters", 4, N_LUCKY, marks=pytest.mark.slow),
        pytest.param(TwinPlace, "trigger", 0.85, 64, marks=pytest.mark.slow),
        (TwinPlace, "wanted", 0.65, 64),
        (TwinPort, "elasticity", 0.7, 64),
        (TwinPost, "ask", TwinPlace.ask, 64),
    ],
)
def test_a_twin_with_another_rule_has_other_paths_and_another_spread(
    all_runs, monkeypatch, kind, rule, value, n_runs
):
    """Most rules tell in fewer runs than the ones above are compared in."""
    monkeypatch.setattr(kind, rule, value)
    some = keyed_luck(range(4))
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_same_paths(one_by_one(some, answers=True), batched(some, answers=True))
    twins = one_by_one(own_luck(n_runs, 1), answers=True)
    assert least_chance(spread(twins), spread(all_runs)) < 1e-4


# --- the model proper -----------------------------------------------------------------------------

ASKED = """\
extends: tiny.yaml
horizon: {end: 2040Q4}
closures: {harbour: [{from: 2030-02-01, until: 2030-07-15}]}
year_round: {pass: 2031Q2}
agreements:
  lanes:
    kind: transit
    members: [AAA, CCC]
    timeline: {signed: 2024Q1, in_force: 2024Q3, ends: 2033Q4}
    lanes_added_share: 0.3
"""


@pytest.fixture
def tiny_asked(tmp_path, tiny_names):
    tiny = Path(__file__).resolve().parents[2] / "worlds" / "tiny.yaml"
    (tmp_path / "tiny.yaml").write_text(tiny.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "asked.yaml").write_text(ASKED, encoding="utf-8")
    return load_scenario(tmp_path / "asked.yaml", tiny_names)


def assert_twins_follow(model):
    """Step a model to its end, and a twin of each run with it, told the same traffic."""
    gates, n_runs = deciding(model.world), len(model.runs)
    twins = [twin_of(model, run) for run in range(n_runs)]
    decide, decided = model.gates.decide, []
    model.gates.decide = lambda seen: decided.append(decide(seen)) or decided[-1]
    while model.quarter < int(model.scenario.horizon.end):
        base, season = baseline_of(model, model.quarter + 1)
        treaties = model.snapshot.treaties
        in_force = treaties.is_in_force(model.quarter + 1).tolist()
        told = [[p.use for p in twin.places] for twin in twins]
        assert_allclose(told, model.snapshot.gate_utilisation[:, gates], rtol=1e-9, atol=1e-9)
        model.step()
        seen = model.snapshot
        columns = [
            *decided[-1][:3], seen.gate_utilisation, seen.gate_backlog, seen.gate_delay_hours,
            seen.gate_delay_ahead_hours,
        ]  # fmt: skip
        for run, twin in enumerate(twins):
            twin.decide(in_force[run])
            twin.serve(seen.gate_tonnes[run, gates].tolist(), base[run], season)
        for name, values in zip(SEEN, columns, strict=True):
            own = [[getattr(p, name) for p in twin.places] for twin in twins]
            assert_allclose(own, values[:, gates], rtol=1e-9, atol=1e-9, err_msg=name)
    return np.array([d.capacity_factor for d in decided])


def test_twins_follow_the_model_proper_in_an_invented_world(tiny_world, tiny_asked):
    built = assert_twins_follow(TradeModel(tiny_asked, tiny_world, runs=range(8)))
    assert len(np.unique(built)) > 2


def test_twins_follow_the_model_proper_in_the_world_as_it_is(world):
    scenario = load_scenario(SCENARIOS / "port-competition.yaml", world_names())
    built = assert_twins_follow(TradeModel(scenario, world, runs=range(2)))
    assert len(np.unique(built[-1])) > 10


# --- parts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [0.0, 3.0, 4e3])
@pytest.mark.parametrize("load", [1e-3, 0.5, 0.99, 1.0, 1.3])
def test_the_plain_queue_loses_nothing_and_knows_its_slope(load, before):
    terms = {"servers": 4.0, "service_hours": 0.5, "hours": 2000.0}
    arrivals = load * 16_000.0
    low, middle, high = (
        serve_quarter(arrivals + step, before, **terms) for step in (-0.01, 0.0, 0.01)
    )
    assert isinstance(middle, Queue)
    assert max(0.0, before + arrivals - 16_000.0) <= middle.left <= before + arrivals
    assert (high.wait - low.wait) / 0.02 == pytest.approx(middle.slope, rel=1e-3, abs=1e-12)
