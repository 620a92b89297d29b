"""States that may join: protocols of their own, on the terms of the members."""

import pytest

from sim.scenario.blocks.energy import Energy, PricePoint
from sim.scenario.blocks.projects import LinePlan
from sim.scenario.scenario_file import load_scenario
from sim.simulation.diplomacy.preview import preview_question
from sim.simulation.diplomacy.toll_bargain import TollBargain, toll_bargain
from sim.simulation.snapshot.accession import parent_of, with_accessions


@pytest.fixture
def regional(project_root, names):
    return load_scenario(project_root / "scenarios" / "regional-integration.yaml", names)


def test_nobody_who_may_join_leaves_the_scenario_as_it_is(project_root, names):
    scenario = load_scenario(project_root / "scenarios" / "negotiated.yaml", names)
    assert with_accessions(scenario) is scenario


def test_every_joiner_has_a_protocol_with_mirrored_terms(regional):
    whole = with_accessions(regional)
    for name, agreement in regional.agreements.items():
        assert whole.agreements[name] is agreement
        assert parent_of(name) is None
        for code in agreement.may_join:
            protocol = whole.agreements[f"{name}+{code}"]
            assert parent_of(f"{name}+{code}") == name
            assert protocol.members == (*agreement.members, code)
            assert protocol.timeline.in_force is None
            if agreement.kind == "preferential":
                terms = {(c.grantor, c.partners, c.goods, c.cut) for c in protocol.concessions}
                granted = {(c.grantor, (code,), c.goods, c.cut) for c in agreement.concessions}
                returned = {(code, (c.grantor,), c.goods, c.cut) for c in agreement.concessions}
                assert terms == granted | returned


def test_a_preview_is_one_certain_quarter_of_one_agreement(regional):
    now = regional.horizon.start
    energy = Energy(prices=(PricePoint(carrier="crude", year=2030, price_usd_per_unit=1.0),))
    line = {"uap": LinePlan.model_construct(complete=now)}
    more = {"projects": line, "open_all_year": {"khunjerab": now}, "energy": energy}
    busy = regional.model_copy(update=more)
    whole = with_accessions(busy)
    asked = preview_question(whole, "pta", int(whole.horizon.start))
    assert list(asked.agreements) == ["pta"]
    assert asked.horizon.end == asked.horizon.start + 1
    assert all(c.phase_in_years == 0 for c in asked.agreements["pta"].concessions)
    assert not any(asked.uncertainty_sources.model_dump().values())
    # Nothing else happens, so it is the same preview whatever else a scenario asks.
    assert asked == preview_question(with_accessions(regional), "pta", int(whole.horizon.start))


def test_a_joint_toll_is_split_among_those_on_the_way(world, regional):
    bargain = toll_bargain(regional.agreements["transit"], world)
    on_the_way = {
        code
        for route in world.corridors
        if {*route.ends, *route.transit} <= set(regional.agreements["transit"].members)
        for code in route.transit
    }
    paid = {world.regions[k] for k in range(len(world.regions)) if bargain.share[k] > 0}
    assert paid <= on_the_way
    assert paid
    assert bargain.is_accepted


def test_a_state_that_earns_more_alone_does_not_accept(world, regional):
    bargain = toll_bargain(regional.agreements["transit"], world)
    greedy = TollBargain(bargain.share, bargain.share + 1.0)
    assert not greedy.is_accepted
