"""Visits, memoranda and reforms: what they cost, when they work, and that trade balances."""

import numpy as np
import pytest

from sim.scenario.blocks.reforms import Reforms
from sim.simulation.diplomacy.visits_and_reforms import outreach
from sim.simulation.model import TradeModel

CERTAIN = {"parameters": False, "events": False, "residual_shocks": False}


@pytest.fixture
def flow(world, scenario_with, outsider, union_member):
    """Trade from one to the other and totals, after some quarters with more keys."""
    i, j = world.region_index(outsider), world.region_index(union_member)

    def trade(n_quarters=5, **keys):
        keys = {"uncertainty_sources": CERTAIN, "model_closure": "direct", **keys}
        model = TradeModel(scenario_with(**keys), world, runs=[0])
        for _ in range(n_quarters):
            model.step()
        assert model.snapshot.residual[0] < 1e-9
        return model, model.snapshot.trade[0, :, i, j].sum()

    return trade


def test_a_visit_raises_the_visitors_exports_by_what_was_measured(
    world, flow, outsider, union_member
):
    when = f"{world.base_year + 1}Q4"
    visit = {"visits": [{"sending_state": outsider, "host_state": union_member, "when": when}]}
    plain, without = flow(4)
    model, visited = flow(4, diplomacy=visit)
    wanted = float(model.draws.parameters["visit_trade_effect"][0])
    assert np.log(visited / without) == pytest.approx(wanted, rel=1e-6)
    off, _ = flow(4, diplomacy=visit, behaviour={"attention": False})
    assert np.array_equal(off.snapshot.trade, plain.snapshot.trade)


def test_projects_are_as_many_as_the_share_named_and_work_after_their_lag(
    world, flow, outsider, union_member
):
    signed = {
        "pair": [outsider, union_member],
        "count": 35,
        "when": f"{world.base_year + 1}Q1",
        "conversion": 0.09,
        "years_to_project": 0.5,
        "trade_effect_per_project": 0.01,
    }
    _, without = flow(3)
    model, early = flow(2, diplomacy={"memoranda": {"a": signed}})
    assert not model.outreach.projects(model.quarter).any()
    model, late = flow(3, diplomacy={"memoranda": {"a": signed}})
    n_projects = model.outreach.projects(model.quarter)[0, 0]
    assert n_projects == 3
    assert np.log(late / without) == pytest.approx(0.01 * n_projects, rel=1e-6)
    assert early > 0


def test_conversion_spreads_over_the_runs_as_the_scenario_says(
    world, scenario_with, outsider, union_member
):
    signed = {"pair": [outsider, union_member], "count": 1000, "when": f"{world.base_year}Q4"}
    signed |= {"conversion": {"uniform": [0.09, 0.82]}}
    model = TradeModel(
        scenario_with(diplomacy={"memoranda": {"a": signed}}), world, runs=range(200)
    )
    share = np.sort(model.outreach.n_projects[:, 0] / 1000)
    assert abs(np.median(share) - 0.455) < 0.06
    assert 0.05 < share[0] < 0.13 < 0.75 < share[-1] < 0.86


def test_a_border_reform_cuts_the_cost_of_what_the_reformer_imports_once_it_is_paid_for(
    world, flow, outsider, union_member
):
    step = {"state": union_member, "measure": "border_time", "change": 0.3, "duration_years": 0.25}
    step |= {"start": f"{world.base_year + 1}Q1", "cost_musd": 10}
    # In the first quarter that it works in, before queues answer what comes by it.
    plain, without = flow(2)
    for budget, works in ((100.0, True), (1.0, False)):
        reforms = {"steps": {"a": step}, "budget_musd": {union_member: budget}}
        model, reformed = flow(2, reforms=reforms)
        assert bool(model.outreach.reforms(model.quarter)[0]) == works
        gain = 0.7 ** float(model.draws.parameters["border_time_elasticity"][0]) if works else 1.0
        assert reformed / without == pytest.approx(gain, rel=1e-6)
        i, j = world.region_index(union_member), world.region_index(outsider)
        others = model.snapshot.trade_cost_change[0, :, i, j]
        assert others == pytest.approx(plain.snapshot.trade_cost_change[0, :, i, j], rel=1e-9)


def test_a_border_reform_for_one_good_cuts_the_cost_of_that_good_alone(tiny_scenario, tiny_world):
    step = {"state": "BBB", "measure": "border_time", "change": 0.3, "duration_years": 0}
    step |= {"start": "2022Q4", "cost_musd": 1}
    parameters = {name: np.array([p.value]) for name, p in tiny_world.parameters.items()}

    def cost(**terms):
        reforms = Reforms.model_validate({"steps": {"a": {**step, **terms}}})
        asked = tiny_scenario.model_copy(update={"reforms": reforms})
        acts = outreach(asked, tiny_world, parameters, [0])
        before = np.full((1, *tiny_world.trade.shape), 1.1)
        elasticity = parameters["trade_elasticity"] - 1.0
        return acts.on_cost(before, 4 * 2024, elasticity)[0], before[0]

    whole, before = cost()
    some, _ = cost(goods=("metals",))
    metals = tiny_world.goods.index("metals")
    others = np.arange(len(tiny_world.goods)) != metals
    np.testing.assert_array_equal(some[metals], whole[metals])
    np.testing.assert_array_equal(some[others], before[others])
    # Closed form: hours to the elasticity over that of trade; goods of its own cross no border.
    b = tiny_world.region_index("BBB")
    power = -parameters["border_time_elasticity"] / (parameters["trade_elasticity"] - 1.0)
    np.testing.assert_allclose(some[metals, 0, b] / before[metals, 0, b], 0.7**power)
    assert some[metals, b, b] == pytest.approx(before[metals, b, b])


def test_reforms_of_capacity_speed_entry_and_touch_no_trade(
    world, scenario_with, outsider, union_member
):
    step = {"state": outsider, "measure": "rule_of_law", "change": 0.3, "duration_years": 0}
    step |= {"start": f"{world.base_year}Q4", "cost_musd": 1}
    open_treaty = {
        "kind": "preferential",
        "members": [outsider, union_member],
        "timeline": {"negotiated": {"signed": f"{world.base_year}Q4"}},
        "concessions": [{"grantor": outsider, "goods": "all", "cut": 0.5}],
    }
    plain, reformed = (
        TradeModel(
            scenario_with(agreements={"a": open_treaty}, reforms={"steps": steps}),
            world,
            runs=range(4),
        )
        for steps in ({}, {"a": step})
    )
    now = plain.quarter
    assert np.all(
        reformed.diplomacy.agenda.entry_pace(now) >= plain.diplomacy.agenda.entry_pace(now)
    )
    assert not reformed.outreach.border_log_cost.any()
