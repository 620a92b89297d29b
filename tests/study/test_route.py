"""Ways between two regions, season by season and under a scenario."""

import pytest

from sim.study.route import routes

TIMELINE = {"signed": "2023Q1", "in_force": "2023Q2"}
SUMMER = 4 * 2023 + 2


@pytest.fixture
def ends(outsider, union_member):
    return outsider, union_member


def test_shares_make_up_the_cargo_and_are_the_same_both_ways(world, ends):
    there, back = routes(world, *ends, SUMMER), routes(world, *ends[::-1], SUMMER)
    assert sum(route.share for route in there) == pytest.approx(1.0)
    assert [route.share for route in there] == pytest.approx([route.share for route in back])
    assert {route.name for route in there} != {route.name for route in back}


def test_what_is_not_built_or_not_agreed_carries_nothing(world, ends):
    found = routes(world, *ends, SUMMER)
    for reason in ("not built", "needs an agreement"):
        waiting = [route for route in found if reason in route.shut_by]
        assert waiting
        assert all(route.share == 0 for route in waiting)


def test_a_gate_shut_by_season_carries_nothing_in_that_quarter(world, ends):
    winter = 4 * 2023
    gate = next(gate for gate in world.gates if {1, 2, 3} <= set(gate.closed_months))
    through = [
        route for route in routes(world, *ends, winter) if gate.gate in route.name.split(" > ")
    ]
    assert through
    assert all(
        route.share == 0 and "shut 100 % of the quarter" in route.shut_by for route in through
    )
    # The pass was shut in the base year as well; its route is being taken up since.
    assert not any(
        route.share > 0 for route in routes(world, *ends, SUMMER) if gate.gate in route.name
    )
    later = routes(world, *ends, SUMMER + 4 * 3)
    assert any(route.share > 0 for route in later if gate.gate in route.name)


def test_a_dated_closure_moves_the_cargo_to_the_other_routes_in_use(world, scenario_with, ends):
    free = routes(world, *ends, SUMMER)
    gate = free[0].name.split(" > ")[0]
    shut = scenario_with(closures={gate: [{"from": "2023-01-01"}]})
    found = routes(world, *ends, SUMMER, shut)
    assert all(route.share == 0 for route in found if gate in route.name.split(" > "))
    assert sum(route.share for route in found) == pytest.approx(1.0)
    used = {route.name for route in free if route.share > 0}
    assert {route.name for route in found if route.share > 0} <= used


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
    before, after = routes(world, *ends, SUMMER), routes(world, *ends, SUMMER, scenario)
    gate = corridor.gates[-1]

    def through(found):
        return sum(route.share for route in found if gate in route.name.split(" > "))

    assert through(after) > 1.25 * through(before)
    spared = {route.name: route.gate_hours for route in after}
    assert all(
        spared[route.name] <= route.gate_hours + 1e-9 for route in before if route.share == 0
    )
    # Before it is in force it does nothing.
    early = [routes(world, *ends, 4 * 2022 + 3, asked) for asked in (scenario, None)]
    assert [route.share for route in early[0]] == pytest.approx([route.share for route in early[1]])


def test_wrong_regions_are_named(world):
    with pytest.raises(ValueError, match="XXX: not a region"):
        routes(world, world.regions[0], "XXX", SUMMER)
    with pytest.raises(ValueError, match="two different regions"):
        routes(world, world.regions[0], world.regions[0], SUMMER)


def test_every_pair_of_regions_is_joined(world):
    first = world.regions[0]
    for other in world.regions[1:]:
        assert sum(route.share for route in routes(world, first, other, SUMMER)) == pytest.approx(
            1.0
        )
