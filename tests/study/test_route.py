"""Ways between two regions, season by season and under a scenario."""

import pytest

from sim.study.route import ways

TIMELINE = {"signed": "2023Q1", "in_force": "2023Q2"}
SUMMER = 4 * 2023 + 2


@pytest.fixture
def ends(outsider, union_member):
    return outsider, union_member


def test_shares_make_up_the_cargo_and_are_the_same_both_ways(world, ends):
    there, back = ways(world, *ends, SUMMER), ways(world, *ends[::-1], SUMMER)
    assert sum(way.share for way in there) == pytest.approx(1.0)
    assert [way.share for way in there] == pytest.approx([way.share for way in back])
    assert {way.name for way in there} != {way.name for way in back}


def test_what_is_not_built_or_not_agreed_carries_nothing(world, ends):
    found = ways(world, *ends, SUMMER)
    for reason in ("not built", "needs an agreement"):
        waiting = [way for way in found if reason in way.shut_by]
        assert waiting
        assert all(way.share == 0 for way in waiting)


def test_a_gate_shut_by_season_carries_nothing_in_that_quarter(world, ends):
    winter = 4 * 2023
    gate = next(gate for gate in world.gates if {1, 2, 3} <= set(gate.closed_months))
    through = [way for way in ways(world, *ends, winter) if gate.gate in way.name.split(" > ")]
    assert through
    assert all(way.share == 0 and "shut 100 % of the quarter" in way.shut_by for way in through)
    # The pass was shut in the base year as well; its route is being taken up since.
    assert not any(way.share > 0 for way in ways(world, *ends, SUMMER) if gate.gate in way.name)
    later = ways(world, *ends, SUMMER + 4 * 3)
    assert any(way.share > 0 for way in later if gate.gate in way.name)


def test_a_dated_closure_moves_the_cargo_to_the_other_routes_in_use(world, scenario_with, ends):
    free = ways(world, *ends, SUMMER)
    gate = free[0].name.split(" > ")[0]
    shut = scenario_with(closures={gate: [{"from": "2023-01-01"}]})
    found = ways(world, *ends, SUMMER, shut)
    assert all(way.share == 0 for way in found if gate in way.name.split(" > "))
    assert sum(way.share for way in found) == pytest.approx(1.0)
    used = {way.name for way in free if way.share > 0}
    assert {way.name for way in found if way.share > 0} <= used


def test_a_transit_agreement_opens_its_route_and_spares_time_and_fees(world, scenario_with, ends):
    corridor = next(
        c for c in world.corridors if set(c.ends) == set(ends) and c.status == "needs-agreement"
    )
    agreement = {
        "kind": "transit",
        "members": sorted({*corridor.ends, *corridor.transit}),
        "timeline": TIMELINE,
        "opens": {"routes": [corridor.corridor]},
        "border_time_cut": 0.5,
        "fee_cut": 0.5,
        "joint_toll": True,
    }
    scenario = scenario_with(agreements={"t": agreement})
    before, after = ways(world, *ends, SUMMER), ways(world, *ends, SUMMER, scenario)
    gate = corridor.gates[-1]

    def through(found):
        return sum(way.share for way in found if gate in way.name.split(" > "))

    assert through(after) > 1.25 * through(before)
    spared = {way.name: way.gate_hours for way in after}
    assert all(spared[way.name] <= way.gate_hours + 1e-9 for way in before if way.share == 0)
    # Before it is in force it does nothing.
    early = [ways(world, *ends, 4 * 2022 + 3, asked) for asked in (scenario, None)]
    assert [way.share for way in early[0]] == pytest.approx([way.share for way in early[1]])


def test_wrong_regions_are_named(world):
    with pytest.raises(ValueError, match="XXX: not a region"):
        ways(world, world.regions[0], "XXX", SUMMER)
    with pytest.raises(ValueError, match="two different regions"):
        ways(world, world.regions[0], world.regions[0], SUMMER)


def test_every_pair_of_regions_is_joined(world):
    first = world.regions[0]
    for other in world.regions[1:]:
        assert sum(way.share for way in ways(world, first, other, SUMMER)) == pytest.approx(1.0)
