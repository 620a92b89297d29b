"""What agreements and finished lines do to paths: whose cargo, at which gates, and how much."""

import numpy as np
import pytest

from sim.simulation.transport.paths import path_table
from sim.simulation.transport.transit_terms import TIR_FEES_CUT, TIR_HOURS_CUT, transit

TIMELINE = {"signed": "2023Q1", "in_force": "2023Q2"}


@pytest.fixture(scope="module")
def pair(world, outsider, union_member):
    return tuple(sorted((world.region_index(outsider), world.region_index(union_member))))


@pytest.fixture(scope="module")
def table(world, pair, partner):
    third = world.region_index(partner)
    pairs = {pair, *(tuple(sorted((end, third))) for end in pair)}
    return path_table(world.network, len(world.gates), tuple(sorted(pairs)))


@pytest.fixture
def corridor(world, outsider, union_member):
    """A named route that only an agreement opens."""
    ends = {outsider, union_member}
    return next(c for c in world.corridors if set(c.ends) == ends and c.status == "needs-agreement")


@pytest.fixture
def terms_of(world, scenario_with, table, corridor):
    """What the paths take with and without an agreement of all states on the corridor."""

    def build(finished=False, members=None, **terms):
        agreement = {
            "kind": "transit",
            "members": members or sorted({*corridor.ends, *corridor.transit}),
            "timeline": TIMELINE,
            **terms,
        }
        rules = transit(scenario_with(agreements={"t": agreement}), world, table)
        built = np.full(rules.n_projects, finished)
        return rules.nothing, rules.terms(np.ones(1, dtype=bool), built)

    return build


def gates_inside(world, members):
    return np.array([bool(g.owners) and set(g.owners) <= set(members) for g in world.gates])


def test_an_agreement_with_no_terms_changes_nothing(terms_of):
    before, after = terms_of()
    assert not after.differ(before).any()


def test_hours_and_fees_are_cut_where_all_owners_of_a_gate_are_members(
    world, table, corridor, terms_of
):
    before, after = terms_of(border_time_cut=0.4, fee_cut=0.5)
    members = {*corridor.ends, *corridor.transit}
    inside = gates_inside(world, members)
    served = np.array(
        [any(world.regions[r] in members for r in table.pairs[p]) for p in table.pair]
    )
    hours = np.array([gate.border_hours for gate in world.gates])
    fees = np.array([gate.fee_usd_per_feu for gate in world.gates])
    for p in range(table.n_paths):
        cut = inside & served[p]
        spared = 0.4 * sum(table.passes[p, cut] * hours[cut])
        assert before.hours[p] - after.hours[p] == pytest.approx(spared)
        saved = 0.5 * sum(table.passes[p, cut] * fees[cut])
        assert before.usd[p] - after.usd[p] == pytest.approx(saved)


def test_hours_are_cut_of_the_goods_named_and_stay_for_all_others(world, terms_of):
    _, whole = terms_of(border_time_cut=0.4, tir=True)
    _, sealed = terms_of(tir=True)
    before, after = terms_of(border_time_cut=0.4, tir=True, border_time_goods=[world.goods[0]])
    assert after.hours.shape == after.hours_ratio.shape == (len(world.goods), len(whole.hours))
    np.testing.assert_array_equal(after.hours[0], whole.hours)
    np.testing.assert_array_equal(after.hours_ratio[0], whole.hours_ratio)
    for good in range(1, len(world.goods)):
        np.testing.assert_array_equal(after.hours[good], sealed.hours)
    assert np.all((sealed.hours - after.mean_hours) >= -1e-12)
    np.testing.assert_array_equal(
        after.differ(before),
        whole.differ(
            before.__class__(
                **{**vars(before), "hours": before.hours[0], "hours_ratio": before.hours_ratio[0]}
            )
        ),
    )


def test_recognition_of_controls_saves_the_same_hours_and_brings_no_route_into_use(
    world, scenario_with, table, corridor
):
    common = {
        "members": sorted({*corridor.ends, *corridor.transit}), "timeline": TIMELINE,
        "border_time_cut": 0.4,
    }  # fmt: skip

    def terms(kind, **more):
        asked = scenario_with(agreements={"t": {"kind": kind, **common, **more}})
        rules = transit(asked, world, table)
        return rules.nothing, rules.terms(np.ones(1, bool), np.zeros(rules.n_projects, bool))

    opens = {"routes": [corridor.corridor]}
    (nothing, customs), (_, passage) = terms("customs"), terms("transit", opens=opens)
    np.testing.assert_array_equal(customs.hours, passage.hours)
    np.testing.assert_array_equal(customs.usd, nothing.usd)
    np.testing.assert_array_equal(customs.usable, nothing.usable)
    assert (passage.usable & ~nothing.usable).any()


def test_cargo_that_no_member_buys_or_sells_has_no_part_in_it(table, terms_of, world, partner):
    strangers = [code for code in world.regions if code != partner][-2:]
    before, after = terms_of(members=strangers, border_time_cut=0.9, fee_cut=0.9, joint_toll=True)
    named = {world.region_index(code) for code in strangers}
    served = np.array([bool(named & set(table.pairs[p])) for p in table.pair])
    assert not after.differ(before)[~served].any()


def test_a_carnet_spares_inspections_and_the_guarantee_at_road_posts_alone(
    world, table, corridor, terms_of
):
    before, after = terms_of(tir=True)
    road = np.array([gate.kind == "border-post" for gate in world.gates])
    road &= gates_inside(world, {*corridor.ends, *corridor.transit})
    hours = np.array([gate.border_hours for gate in world.gates])
    fees = np.array([gate.fee_usd_per_feu for gate in world.gates])
    own = table.pair == table.pairs.tolist().index(sorted(map(world.region_index, corridor.ends)))
    spared = TIR_HOURS_CUT * (table.passes * road) @ hours
    np.testing.assert_allclose((before.hours - after.hours)[own], spared[own])
    saved = TIR_FEES_CUT * (table.passes * road) @ fees
    np.testing.assert_allclose((before.usd - after.usd)[own], saved[own], atol=1e-9)


def test_a_carnet_and_a_cut_leave_what_both_leave(terms_of):
    before, cut = terms_of(border_time_cut=0.4)
    _, both = terms_of(border_time_cut=0.4, tir=True)
    ratio = (both.hours / np.where(before.hours > 0, before.hours, 1.0))[both.hours < cut.hours]
    assert len(ratio)
    assert ratio.min() >= 0.6 * (1 - TIR_HOURS_CUT) - 1e-12


def test_a_joint_toll_is_that_of_the_textbook_line(table, world, corridor, terms_of):
    """Of n separate tolls (n + 1) / 2n are left, and one alone stays as it is."""
    before, after = terms_of(joint_toll=True)
    members = {world.region_index(code) for code in (*corridor.ends, *corridor.transit)}
    seen = set()
    for p in range(table.n_paths):
        states = np.flatnonzero(table.tolled[p])
        inside = set(states) <= members and bool(members & set(table.pairs[table.pair[p]]))
        n = max(len(states), 1)
        left = (n + 1) / (2 * n) if inside else 1.0
        assert after.toll_usd[p] == pytest.approx(left * before.toll_usd[p])
        seen.add((inside, n))
    assert {n for inside, n in seen if inside} >= {1, 2}


def test_a_named_route_opens_to_members_cargo_alone(table, world, corridor, terms_of):
    before, after = terms_of(opens={"routes": [corridor.corridor]})
    links = dict(world.network.corridor_links)[corridor.corridor]
    needs = [k for k in links if world.network.status[k] == "needs-agreement"]
    assert needs
    opened = after.usable & ~before.usable
    assert opened.any()
    assert np.all(table.locked[opened][:, needs].any(axis=1))
    assert np.all(after.usable[before.usable])
    np.testing.assert_array_equal(after.hours, before.hours)


def test_a_finished_line_is_open_to_all_and_a_planned_one_to_nobody(table, world, terms_of):
    before, after = terms_of(finished=True)
    planned = world.network.project >= 0
    over = np.array([planned[list(links)].any() for links in table.links])
    assert not before.usable[over].any()
    assert after.usable[over].any()
    np.testing.assert_array_equal(after.usable[~over], before.usable[~over])


def test_the_largest_cut_of_two_agreements_holds(world, scenario_with, table, corridor):
    members = sorted({*corridor.ends, *corridor.transit})

    def agreement(cut):
        return {
            "kind": "transit", "members": members, "timeline": TIMELINE, "border_time_cut": cut
        }  # fmt: skip

    asked = scenario_with(agreements={"weak": agreement(0.1), "strong": agreement(0.5)})
    rules = transit(asked, world, table)
    none = np.zeros(rules.n_projects, dtype=bool)
    both, strong = (rules.terms(np.array(active), none) for active in ([True] * 2, [False, True]))
    np.testing.assert_array_equal(both.hours, strong.hours)
