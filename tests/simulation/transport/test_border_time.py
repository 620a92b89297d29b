"""What less time at borders does to trade, through the paths of the model and its equilibrium.

The evidence is one of trade and hours at the importer's border: 10 % less time goes with 1.41 %
more trade (Kim and Mariano 2020, CAREC; 1 to 2 % in the journal's version). Here a path's hours at
all its gates stand for them, and trade settles at once under costs of its own pair alone, as in a
regression.
"""

from dataclasses import replace

import numpy as np
import pytest

from sim.scenario.blocks.agreements import TransitAgreement
from sim.simulation.model import TradeModel

CERTAIN = {"parameters": False, "events": False, "residual_shocks": False}
CUT = 0.1
EVIDENCE = (0.01, 0.02)


def settled(scenario, world):
    model = TradeModel(scenario, world)
    while model.quarter < int(scenario.horizon.start) + 4:
        model.step()
    return model


@pytest.fixture(scope="module")
def calm(tiny_scenario):
    layers = tiny_scenario.uncertainty_sources.model_copy(update=CERTAIN)
    return tiny_scenario.model_copy(
        update={
            "agreements": {}, "uncertainty_sources": layers, "adjustment": "immediate",
            "model_closure": "direct",
        }
    )  # fmt: skip


def test_ten_per_cent_less_time_at_every_border_has_the_effect_of_the_evidence(calm, tiny_world):
    world = replace(tiny_world, network=replace(tiny_world.network, posts=()))
    behind_a_border = world.region_index("AAA")
    gained, exact = gains(calm, world, world.regions)
    assert EVIDENCE[0] < exact < EVIDENCE[1]
    others = np.arange(len(world.regions)) != behind_a_border
    assert np.all(gained[:, behind_a_border, others] > EVIDENCE[0])
    # Cargo that chooses among routes which differ in cost, or has one by sea, answers less.
    assert gained.max() < exact


def test_where_only_a_part_of_the_time_is_cut_so_is_the_effect(calm, tiny_world):
    a, c, b = (tiny_world.region_index(code) for code in ("AAA", "CCC", "BBB"))
    world = replace(tiny_world, network=replace(tiny_world.network, posts=()))
    gained, exact = gains(calm, world, ("AAA", "CCC"))
    # The way round passes another border, where nothing is cut, and so does the third state's.
    assert np.all(gained[:, [a, c], [c, a]] > 0.8 * exact)
    assert np.all(gained[:, [a, c], [c, a]] < exact)
    assert np.all(gained[:, [a, b], [b, a]] > 0.0)
    assert np.all(gained[:, [a, b], [b, a]] < gained[:, [a, c], [c, a]])
    assert np.all(gained[:, [b, c], [c, b]] < 0.1 * exact)
    # Where lanes are scarce, what comes in addition waits, which takes a part of it back.
    queueing, _ = gains(calm, tiny_world, ("AAA", "CCC"))
    assert np.all(queueing[:, [a, c], [c, a]] > 0.4 * exact)
    assert np.all(queueing[:, [a, c], [c, a]] < gained[:, [a, c], [c, a]])


def test_hours_of_one_good_move_the_cost_and_trade_of_that_good_alone(calm, tiny_world):
    food = tiny_world.goods.index("food")
    others = np.arange(len(tiny_world.goods)) != food

    def begun(**terms):
        """The first quarter: nobody waits yet for what comes in addition."""
        model = TradeModel(with_time_cut(calm, tiny_world, tiny_world.regions, **terms), tiny_world)
        model.step()
        return model.snapshot.trade_cost_change[0], model.snapshot.trade[0]

    whole, none = begun(), begun(goods=())
    for of_all, of_food, without in zip(whole, begun(goods=("food",)), none, strict=True):
        np.testing.assert_array_equal(of_food[food], of_all[food])
        np.testing.assert_array_equal(of_food[others], without[others])
        assert np.all(np.any(of_all != without, axis=(1, 2)))
    for of_all, listed in zip(whole, begun(goods=tiny_world.goods), strict=True):
        np.testing.assert_array_equal(listed, of_all)


def gains(calm, world, members):
    """What the cut adds to trade, (good, exporter, importer), and what the elasticity says [1]."""
    before, after = settled(calm, world), settled(with_time_cut(calm, world, members), world)
    elasticity = before.draws.parameters["border_time_elasticity"][0]
    gained = after.snapshot.trade[0] / before.snapshot.trade[0] - 1.0
    return gained, (1.0 - CUT) ** elasticity - 1.0


def with_time_cut(scenario, world, members, goods="all"):
    share = {"border_time_cut": CUT, "border_time_goods": goods} if goods else {}
    agreement = TransitAgreement.model_validate(
        {
            "kind": "transit",
            "members": members,
            "timeline": {"signed": f"{world.base_year}Q4", "in_force": f"{world.base_year}Q4"},
            **share,
        }
    )
    return scenario.model_copy(update={"agreements": {"cut": agreement}})


def test_so_it_is_between_far_ends_with_many_ways(world, scenario_with, outsider, union_member):
    owners = tuple(sorted({code for gate in world.gates for code in gate.owners}))
    plain = scenario_with(
        uncertainty_sources=CERTAIN, adjustment="immediate", model_closure="direct"
    )
    helped = with_time_cut(plain, world, owners)
    i, j = (world.region_index(code) for code in (outsider, union_member))
    trade = [
        settled(scenario, world).snapshot.trade[0][:, [i, j], [j, i]].sum()
        for scenario in (plain, helped)
    ]
    assert EVIDENCE[0] < trade[1] / trade[0] - 1.0 < EVIDENCE[1]
