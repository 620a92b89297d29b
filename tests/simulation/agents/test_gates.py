"""Posts and ports in the model: lanes, charges, berths, queues and what passes them."""

from dataclasses import replace

import numpy as np
import pytest

from sim.simulation.agents.border_post import BorderPost
from sim.simulation.agents.port import Port
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.capacity import BUILD_QUARTERS, PATIENCE, build, initial_capacity

CERTAIN = {"parameters": False, "events": False, "residual_shocks": False}
TIMELINE = {"signed": "2023Q1", "in_force": "2023Q2"}


def test_what_stays_busy_is_widened_after_the_time_it_takes_to_build():
    building = initial_capacity((3,))
    use = np.array([0.95, 0.95, 0.5])
    factors = []
    for quarter in range(20):
        if quarter == 2:
            use = np.array([0.95, 0.6, 0.5])  # one of the two was busy for a moment only
        building = build(building, quarter, use)
        factors.append(building.factor)
    built = np.array(factors)
    ready = int(PATIENCE) - 1 + BUILD_QUARTERS
    assert np.all(built[:ready] == 1.0)
    assert built[ready, 0] == pytest.approx(0.95 / 0.75)
    assert np.all(built[:, 1:] == 1.0)


def test_what_has_just_been_widened_is_not_widened_again_for_how_busy_it_was_before():
    arrivals = np.array([0.95, 1.6, 2.2])
    building = initial_capacity((3,))
    for quarter in range(40):
        building = build(building, quarter, arrivals / building.factor)
    # The second may only double and is left with eight tenths; that is not enough for the third.
    assert building.factor == pytest.approx([0.95 / 0.75, 2.0, 2.2 / 0.75])


def test_every_place_with_an_owner_has_somebody_who_decides(world, scenario_with):
    model = TradeModel(scenario_with(), world, runs=range(2))
    deciding = sorted(
        agent.gate for kind in (Port, BorderPost) for agent in model.agents_by_type[kind]
    )
    assert deciding == [k for k, gate in enumerate(world.gates) if gate.owners]


def test_a_gate_that_winter_shuts_for_a_part_is_as_busy_while_open_as_the_tables_say(
    tiny_world, tiny_scenario
):
    model = TradeModel(tiny_scenario, tiny_world, runs=range(2))
    part = model.draws.season_open_share[:, 0]
    shut_for_a_part = [post for post in tiny_world.network.posts if 0.0 < part[post.gate] < 1.0]
    assert shut_for_a_part
    for post in shut_for_a_part:
        told = model.snapshot.gate_utilisation[:, post.gate]
        assert told == pytest.approx([post.utilisation] * 2)
    never = model.gates.at_rest(np.zeros((2, len(tiny_world.gates))))
    assert not never.gate_utilisation.any()


def test_lanes_that_an_agreement_pays_for_shorten_the_wait(
    world, scenario_with, outsider, union_member
):
    routes = [c for c in world.corridors if set(c.ends) == {outsider, union_member}]
    members = sorted({code for c in routes for code in (*c.ends, *c.transit)})
    terms = {"kind": "transit", "members": members, "timeline": TIMELINE}
    calm = {"uncertainty_sources": CERTAIN}
    few = TradeModel(
        scenario_with(agreements={"t": {**terms, "border_time_cut": 0.2}}, **calm), world
    ).run_to_end()
    lanes = {**terms, "border_time_cut": 0.2, "lanes_added_share": 0.5}
    many = TradeModel(scenario_with(agreements={"t": lanes}, **calm), world).run_to_end()
    inside = [
        k for k, g in enumerate(world.gates)
        if g.kind != "port" and g.owners and set(g.owners) <= set(members)
    ]  # fmt: skip
    before, after = (m.snapshot.gate_delay_ahead_hours[0, inside] for m in (few, many))
    assert np.all(after <= before + 1e-9)
    assert np.any(after < before - 1e-3)


def test_places_without_a_choice_do_what_they_would_if_they_were_asked(world, scenario_with):
    owners = next(g.owners for g in world.gates if g.kind != "port" and len(set(g.owners)) == 2)
    paid = {"kind": "transit", "members": list(owners), "timeline": TIMELINE}
    paid["lanes_added_share"] = 0.5
    model = TradeModel(scenario_with(agreements={"t": paid}), world, runs=range(3))
    for _ in range(8):
        model.step()
    decided = model.gates.decide(model.snapshot)
    actors = model.gates.actors
    assert {actor.has_choice for actor in actors} == {True, False}
    for actor in actors:
        built = decided.capacity.factor[:, actor.gate]
        factor, extra_usd = actor.decide(model.snapshot, built)
        np.testing.assert_array_equal(decided.capacity_factor[:, actor.gate], factor)
        np.testing.assert_array_equal(decided.extra_usd[:, actor.gate], extra_usd)


def test_more_fuel_at_a_gate_makes_cargo_wait_and_choose_other_ways(world, scenario_with):
    model = TradeModel(scenario_with(uncertainty_sources=CERTAIN), world)
    for _ in range(3):
        model.step()
    gate = int(np.argmax(model.snapshot.gate_tonnes[0] * (model.snapshot.gate_utilisation[0] > 0)))
    decided = model.gates.decide(model.snapshot)
    nothing = np.zeros((1, len(model.tariffs.cells.place)))
    terms = model.transport.step(model.snapshot, decided, nothing, nothing).terms
    more = np.zeros((1, len(world.gates)))
    plain = model.gates.serve(model.snapshot, decided, terms, more)
    more[0, gate] = 2.0 * plain.gate_tonnes[0, gate] + 1e6
    loaded = model.gates.serve(model.snapshot, decided, terms, more)
    assert loaded.gate_delay_ahead_hours[0, gate] > plain.gate_delay_ahead_hours[0, gate]
    others = np.arange(len(world.gates)) != gate
    np.testing.assert_array_equal(
        loaded.gate_delay_ahead_hours[:, others], plain.gate_delay_ahead_hours[:, others]
    )


def test_a_fuller_port_asks_more(world, scenario_with):
    model = TradeModel(scenario_with(uncertainty_sources=CERTAIN), world)
    ports = [port for port in model.agents_by_type[Port] if port.has_choice]
    assert ports
    for port in ports:
        asked = []
        for factor in (0.5, 1.0, 1.5):
            used = model.snapshot.gate_utilisation.copy()
            used[:, port.gate] = factor * port.normal_utilisation
            decision = port.decide(replace(model.snapshot, gate_utilisation=used), np.ones(1))
            asked.append(float(decision.extra_usd[0]))
        assert asked[0] <= asked[1] <= asked[2]
        assert asked[1] == pytest.approx(0.0)


def test_gates_and_paths_of_a_batch_are_those_of_its_single_runs(world, scenario_with):
    scenario = scenario_with(
        projects={world.network.projects[0].project: {"completes": "by_hazard"}}
    )
    batch = TradeModel(scenario, world, runs=range(5)).run_to_end().snapshot
    for run in (0, 4):
        alone = TradeModel(scenario, world, runs=[run]).run_to_end().snapshot
        for name in ("path_tonnes", "gate_tonnes", "gate_delay_hours", "stranded_tonnes", "trade"):
            np.testing.assert_array_equal(getattr(batch, name)[run], getattr(alone, name)[0])
