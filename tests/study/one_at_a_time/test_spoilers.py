"""Spoilers: each is one change, has the sign of its law and the size of a plain simulation."""

from datetime import date

import numpy as np
import pytest

from sim.scenario.blocks.scenario import Closure
from sim.study.one_at_a_time.central_runs import (
    CentralRun,
    central_of,
    simulated,
    varied_runs,
)
from sim.study.one_at_a_time.spoilers import (
    BORDER,
    IN_TRANSIT,
    N_RUNS,
    RISE,
    RIVAL,
    UNION,
    WITHDRAWAL,
    places_of,
    spoilers_of,
    start_spoilers,
)


@pytest.fixture(scope="module")
def effects(tiny_scenario, tiny_world):
    return {(e.kind, e.who): e for e in start_spoilers(tiny_scenario, tiny_world)()}


def test_places_are_a_latin_hypercube_that_the_seed_fixes():
    places = places_of(3, 5)
    slices = np.sort(np.floor(places * N_RUNS), axis=0)
    assert (slices == np.arange(N_RUNS)[:, None]).all()
    assert (places == places_of(3, 5)).all()
    assert (places != places_of(4, 5)).any()


def test_a_state_that_takes_its_cuts_back_leaves_trade_without_the_agreement(
    effects, tiny_scenario, tiny_world
):
    """BBB alone grants, so that its withdrawal is the scenario without the treaty."""
    central = central_of(tiny_scenario)
    bare = central.model_copy(update={"agreements": {}})
    places = places_of(tiny_scenario.seed, len(tiny_world.parameters))
    alone = simulated(tiny_world, CentralRun(bare, places, bare)).trade[:, 0]
    found = effects[WITHDRAWAL, "BBB"]
    assert found.trade_with_it == pytest.approx(alone, rel=1e-9)
    assert (found.change < 0).all()


def test_a_spoiler_that_acts_late_has_the_bits_of_a_simulation_of_its_own(
    tiny_scenario, tiny_world
):
    central = central_of(tiny_scenario)
    scenarios = [one.scenario for one in spoilers_of(central, tiny_world)]
    places = places_of(tiny_scenario.seed, len(tiny_world.parameters))
    jobs = varied_runs(tiny_world, scenarios, places, central)
    assert jobs[0].departures, "some continue from the central scenario"
    for job in jobs:
        alone = simulated(tiny_world, CentralRun(job.scenario, places, job.scenario))
        again = simulated(tiny_world, job)
        assert again.trade.tobytes() == alone.trade.tobytes()
        assert again.deals == alone.deals


def test_parameters_read_by_a_simulation_are_its_own_whoever_ran_before(tiny_scenario, tiny_world):
    central, places = central_of(tiny_scenario), np.full((1, len(tiny_world.parameters)), 0.5)
    job = CentralRun(central, places, central)
    first = simulated(tiny_world, job).used
    assert first < set(tiny_world.parameters)
    for one in spoilers_of(central, tiny_world):
        simulated(tiny_world, *varied_runs(tiny_world, [one.scenario], places, central))
    assert simulated(tiny_world, job).used == first


def test_duties_cost_trade_by_less_than_their_law_at_once_and_fully_adjusted(effects):
    """Ten points on all goods of one direction: no more than that direction, and some of it."""
    for state in ("AAA", "BBB"):
        share = effects[RISE, state].change / effects[RISE, state].asked
        assert (share < 0).all()
        assert (share > 1.1**-7 - 1).all()


def test_nothing_else_differs_from_the_scenario(tiny_scenario, tiny_world):
    central = central_of(tiny_scenario)
    for one in spoilers_of(central, tiny_world):
        changed = {
            name
            for name in type(central).model_fields
            if getattr(one.scenario, name) != getattr(central, name)
        }
        expected = {
            UNION: "agreements", WITHDRAWAL: "agreements", RISE: "duties",
            BORDER: "closures", IN_TRANSIT: "closures", RIVAL: "ends",
        }  # fmt: skip
        assert changed == {expected[one.kind]}, one.kind


def test_a_union_is_tried_where_it_could_refuse_and_its_member_does_not_act_alone(
    tiny_scenario, tiny_world
):
    (name, agreement) = next(iter(tiny_scenario.agreements.items()))
    (cut,) = agreement.concessions
    union = next(iter(tiny_world.customs_unions), None)
    if union is None:
        pytest.skip("the tiny world has no customs union")
    (member, *_) = tiny_world.customs_unions[union]
    granted = cut.model_copy(update={"grantor": member, "customs_union": "waiver"})
    agreements = {name: agreement.model_copy(update={"concessions": (granted,)})}
    asked = tiny_scenario.model_copy(update={"agreements": agreements})
    kinds = {(one.kind, one.who) for one in spoilers_of(asked, tiny_world)}
    assert (UNION, union) in kinds
    assert (WITHDRAWAL, member) not in kinds
    refused = next(one for one in spoilers_of(asked, tiny_world) if one.kind == UNION)
    assert refused.scenario.agreements[name].concessions[0].customs_union == "refuse"


def test_what_is_shut_adds_to_the_closures_of_the_scenario(tiny_scenario, tiny_world):
    own = {"pass": (Closure.model_validate({"from": date(2024, 1, 1), "until": date(2024, 2, 1)}),)}
    asked = tiny_scenario.model_copy(update={"closures": own, "recorded_stops": True})
    for one in spoilers_of(asked, tiny_world):
        if one.kind in (BORDER, IN_TRANSIT):
            assert one.scenario.closures["pass"][0] == own["pass"][0]


def test_cargo_that_cannot_pass_costs_trade(effects):
    on_the_way = [e for (kind, _), e in effects.items() if kind == IN_TRANSIT]
    assert on_the_way
    assert all((e.change <= 1e-9 * e.asked).all() for e in on_the_way)
    assert min(float((e.change / e.asked).min()) for e in on_the_way) < -0.01


def test_a_rival_s_preference_takes_trade_from_the_pair(effects):
    rivals = {who: e for (kind, who), e in effects.items() if kind == RIVAL}
    assert {"a-c-union", "b-c-new"} & set(rivals)
    for effect in rivals.values():
        assert (effect.change <= 1e-6 * effect.asked).all()
