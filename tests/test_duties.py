"""Duties in the whole model: sign and size against closed forms, and what is reached when."""

from dataclasses import replace

import numpy as np
import pytest

from sim.laws.numerics.calendar import parse_quarter
from sim.laws.policy.adjustment import phase_in_kernel
from sim.scenario.blocks.quarters import Quarter
from sim.scenario.scenario_file import load_scenario
from sim.simulation.model import TradeModel
from sim.world.load import load_world
from tests.conftest import ROOT

CERTAIN = {"parameters": False, "events": False, "residual_shocks": False}
START = "2023Q1"


def end_of(model, exporter, importer):
    i, j = (model.world.region_index(code) for code in (exporter, importer))
    return model.snapshot.trade[0, :, i, j]


def path(scenario, world, exporter, importer):
    """Trade by good of every quarter."""
    model, found = TradeModel(scenario, world, runs=[0]), {}
    while model.quarter < int(scenario.horizon.end):
        model.step()
        found[model.quarter] = end_of(model, exporter, importer).copy()
    return found


@pytest.fixture
def asked(scenario_with, outsider, union_member):
    """A certain scenario where only trade costs count, so that answers have a closed form."""

    def build(**keys):
        terms = {"uncertainty_sources": CERTAIN, "model_closure": "direct", **keys}
        return scenario_with(**terms)

    return build


def rise(by, on, rate=0.25, **terms):
    return {
        "importer": by,
        "exporters": [on],
        "goods": "all",
        "add_rate": rate,
        "from": START,
        **terms,
    }


def test_trade_at_the_border_answers_one_plus_the_duty_with_the_elasticity_stated(
    world, asked, outsider, union_member
):
    """In closed form: the log of trade falls by the elasticity times the log of the duty factor,
    less what its own small share takes of the importer's price level."""
    i, j = world.region_index(union_member), world.region_index(outsider)
    plain = asked(adjustment="immediate")
    model = TradeModel(plain, world, runs=[0]).run_to_end()
    war = asked(adjustment="immediate", duties={"war": rise(outsider, union_member)})
    after = end_of(TradeModel(war, world, runs=[0]).run_to_end(), union_member, outsider)
    before = end_of(model, union_member, outsider)
    base = world.tariffs.applied_rate[:, i, j]
    elasticity = model.draws.parameters["trade_elasticity"][0]
    expected = -elasticity * np.log((1.0 + base + 0.25) / (1.0 + base))
    traded = before > 1e-6
    np.testing.assert_allclose(np.log(after / before)[traded], expected[traded], rtol=2e-3)


def test_what_is_reached_after_years_is_what_the_kernel_says(world, asked, outsider, union_member):
    """One step of duty; markets that no target names follow the kernel itself."""
    third = next(
        code for code in world.regions[::-1] if code not in {outsider, union_member, "ROW"}
    )
    horizon = {"start": "2022Q4", "end": "2033Q4"}
    still = {"behaviour": {"exporters": False}, "horizon": horizon}
    plain = path(asked(**still), world, third, outsider)
    war = {"war": rise(outsider, third, rate=0.02, preferences="ignore")}
    phased = path(asked(**still, duties=war), world, third, outsider)
    whole = path(asked(**still, duties=war, adjustment="immediate"), world, third, outsider)
    points = [world.parameters[f"phase_in_{point}"] for point in ("impact", "year_4", "year_8")]
    model = TradeModel(asked(**still), world, runs=[0])
    drawn = [model.draws.parameters[point.name][0] for point in points]
    kernel = phase_in_kernel(*drawn).cumsum()
    first = parse_quarter(START)
    good = int(np.argmax(plain[first]))
    for years in (0, 1, 4, 8, 10):
        quarter = first + 4 * years
        now = np.log(phased[quarter] / plain[quarter])[good]
        settled = np.log(whole[quarter] / plain[quarter])[good]
        assert now / settled == pytest.approx(kernel[4 * years], abs=5e-3), years


def test_steps_of_a_schedule_are_answered_each_from_its_date(world, asked, outsider, union_member):
    """A cut in four steps is the sum of four cuts, each followed by the kernel: delayed once."""
    horizon = {"start": "2022Q4", "end": "2030Q4"}
    still = {"behaviour": {"exporters": False}, "horizon": horizon}

    def agreement(steps):
        line = {"grantor": outsider, "goods": "all", "cut": 0.2, "phase_in_years": steps}
        return {
            "pta": {
                "kind": "preferential",
                "members": [outsider, union_member],
                "timeline": {"signed": START, "in_force": START},
                "origin_cost_ave": 0,
                "concessions": [line],
            }
        }

    plain = path(asked(**still), world, union_member, outsider)
    stepped, at_once, whole = (
        path(asked(**still, agreements=agreement(n), **more), world, union_member, outsider)
        for n, more in ((4, {}), (0, {}), (0, {"adjustment": "immediate"}))
    )
    first = parse_quarter(START)
    good = int(np.argmax(plain[first]))

    def log(found, years):
        quarter = first + 4 * years
        return np.log(found[quarter] / plain[quarter])[good]

    for years in (0, 1, 3, 6):
        kernel = [log(at_once, age) / log(whole, age) for age in range(years + 1)]
        expected = sum(kernel[years - step] for step in range(min(years, 3) + 1)) / 4.0
        assert log(stepped, years) / log(whole, years) == pytest.approx(expected, abs=0.01)


def test_a_tariff_war_lowers_trade_between_its_parties_and_hardly_that_of_others(
    world, scenario_with, outsider, union_member, partner
):
    terms = {"uncertainty_sources": CERTAIN}
    duties = {
        "opening": rise(outsider, partner, preferences="ignore"),
        "answer": rise(partner, outsider, preferences="ignore"),
    }
    # Posts and ports that see less cargo build less, which is no matter of the duty.
    world = replace(world, network=replace(world.network, posts=(), port_terms=()))
    plain = TradeModel(scenario_with(**terms), world, runs=[0]).run_to_end()
    war = TradeModel(scenario_with(**terms, duties=duties), world, runs=[0]).run_to_end()
    assert np.all(end_of(war, outsider, partner) < end_of(plain, outsider, partner))
    assert np.all(end_of(war, partner, outsider) < end_of(plain, partner, outsider))
    lost = 1.0 - end_of(war, outsider, partner) / end_of(plain, outsider, partner)
    third = end_of(war, union_member, outsider) / end_of(plain, union_member, outsider)
    # What is left is income: the parties earn a little less and buy a little less of everybody.
    assert np.all(np.abs(third - 1.0) < 0.02 * lost)


def test_duties_that_end_are_forgotten(world, asked, outsider, union_member):
    short = rise(outsider, union_member, until="2023Q4")
    plain = asked(adjustment="immediate")
    war = asked(adjustment="immediate", duties={"war": short})
    before, after = (path(one, world, union_member, outsider) for one in (plain, war))
    during, later = parse_quarter("2023Q2"), parse_quarter("2024Q2")
    assert np.all(after[during] < before[during])
    # Gates that were less crowded meanwhile leave a trace.
    np.testing.assert_allclose(after[later], before[later], rtol=1e-5)


def test_who_loses_a_preference_sells_less_to_who_gave_it(world, scenario_with):
    """An exit from the preference on record that takes most off its duties."""
    held = [one for one in world.agreements if one.kind == "unilateral"]
    margin = next(one for one in world.margins if one.agreement == held[0].agreement)
    ends = {margin.agreement: [{"last_quarter": "2023Q1", "members": [margin.exporter]}]}
    terms = {"uncertainty_sources": CERTAIN}
    plain = TradeModel(scenario_with(**terms), world, runs=[0]).run_to_end()
    left = TradeModel(scenario_with(**terms, ends=ends), world, runs=[0]).run_to_end()
    lost, before = (end_of(m, margin.exporter, margin.importer) for m in (left, plain))
    k = world.goods.index(margin.good) if margin.good in world.goods else 0
    assert lost[k] < before[k]


def users_path(cases, folder, file, world, names, pair):
    place = cases / "reports" / folder / f"{file}.yaml"
    if not place.is_file():
        pytest.skip("users' own files are not there")
    model = TradeModel(load_scenario(place, names), world, runs=range(4)).run_to_end()
    return model.pair_trade(*(world.region_index(code) for code in pair))


def test_what_is_on_record_and_written_out_by_hand_is_the_same(cases, world, names):
    found = [
        users_path(cases, "agreements-on-record-never-start", file, world, names, ("KAZ", "IRN"))
        for file in ("as-it-stands", "written-out")
    ]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-3)


def test_both_duties_in_one_line_or_two_are_the_same(cases, tiny_names):
    world = load_world(ROOT / "tests" / "worlds" / "tiny")
    one, two, customs = (
        users_path(cases, "layers-two-lines", file, world, tiny_names, ("AAA", "BBB"))
        for file in ("one-line", "two-lines", "customs-only")
    )
    np.testing.assert_array_equal(one, two)
    assert np.all(customs < one)


def test_a_record_that_ended_is_as_if_it_never_had_been_in_the_long_run(tiny_world, tiny_scenario):
    """Leaving at once is the same as no agreement at all."""
    plain = tiny_scenario.model_copy(update={"agreements": {}})
    treaty = tiny_scenario.agreements["treaty"]
    gone = treaty.model_copy(update={"leaves": {"AAA": Quarter(int(treaty.timeline.in_force) - 1)}})
    left = tiny_scenario.model_copy(update={"agreements": {"treaty": gone}})
    one, other = (TradeModel(s, tiny_world, runs=[0]).run_to_end() for s in (plain, left))
    np.testing.assert_allclose(one.snapshot.trade, other.snapshot.trade, rtol=1e-12)
