"""Costs that a scenario states: sign and size by closed form, timing by the law of adjustment."""

from typing import Any

import numpy as np
import pytest

from sim.laws.policy.tariffs import cost_elasticity
from sim.scenario.blocks.duty_blocks import TradeCost
from sim.simulation.model import TradeModel
from sim.simulation.trade.adjustment_lag import kernel_of
from sim.simulation.trade.stated_costs import StatedCosts

RUNS = range(3)


def entry(**given: Any) -> TradeCost:
    content = {"pair": ("AAA", "BBB"), "from": "2023Q1", "source": "Assumption", **given}
    return TradeCost.model_validate(content)


def scenario_with(tiny_scenario, *entries, **changes):
    named = {f"cost-{k}": one for k, one in enumerate(entries)}
    return tiny_scenario.model_copy(update={"trade_costs": named, "agreements": {}, **changes})


def costs(scenario, world, quarter):
    parameters = {
        name: np.full(len(RUNS), parameter.value) for name, parameter in world.parameters.items()
    }
    shape = (len(RUNS), len(world.goods), len(world.regions), len(world.regions))
    stated = StatedCosts(scenario, world, parameters, RUNS)
    return stated.on_cost(np.ones(shape), quarter), parameters


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ({"cost_share": {"fixed": 0.05}}, lambda w, p: 1.05),
        ({"days": {"fixed": 3.0}}, lambda w, p: 1.0 + 3.0 * p["time_cost_per_day"][0]),
        ({"usd_per_container": {"fixed": 900.0}}, lambda w, p: 1.0 + 900.0 / w.value_per_feu_usd),
        (
            {"trade_change": {"fixed": -0.2}},
            lambda w, p: 0.8 ** (-1.0 / cost_elasticity(p["trade_elasticity"])[0]),
        ),
    ],
)
def test_each_size_is_the_cost_that_its_unit_says(tiny_scenario, tiny_world, size, expected):
    asked = scenario_with(tiny_scenario, entry(**size), adjustment="immediate")
    factor, parameters = costs(asked, tiny_world, 2023 * 4)
    a, b = (tiny_world.region_index(code) for code in ("AAA", "BBB"))
    wanted = np.broadcast_to(expected(tiny_world, parameters), len(tiny_world.goods))
    for i, j in ((a, b), (b, a)):
        assert factor[0, :, i, j] == pytest.approx(wanted)
    factor[:, :, a, b] = factor[:, :, b, a] = 1.0
    assert (factor == 1.0).all()


def test_a_change_of_trade_is_what_trade_does_where_prices_are_held(tiny_scenario, tiny_world):
    """The direct closure holds prices: trade over trade without it is the stated change."""
    entries = entry(trade_change={"fixed": -0.25}, exporter="AAA")
    changes = {"adjustment": "immediate", "model_closure": "direct"}
    trade = []
    for given in ((entries,), ()):
        asked = scenario_with(tiny_scenario, *given, **changes)
        model = TradeModel(asked, tiny_world, runs=RUNS)
        model.step()
        model.step()
        trade.append(model.snapshot.trade)
    a, b = (tiny_world.region_index(code) for code in ("AAA", "BBB"))
    assert trade[0][:, :, a, b] == pytest.approx(0.75 * trade[1][:, :, a, b])
    assert trade[0][:, :, b, a] == pytest.approx(trade[1][:, :, b, a])


def test_trade_answers_over_the_years_as_it_answers_a_duty_and_forgets_alike(
    tiny_scenario, tiny_world
):
    one = entry(cost_share={"fixed": 0.1}, until="2024Q4")
    asked = scenario_with(tiny_scenario, one)
    a, b = (tiny_world.region_index(code) for code in ("AAA", "BBB"))
    first, last = 2023 * 4, 2024 * 4 + 3
    for quarter in (first - 1, first, first + 3, last, last + 1, last + 40):
        factor, parameters = costs(asked, tiny_world, quarter)
        reached = np.cumsum(kernel_of(parameters)[0])

        def part(age, reached=reached):
            return 0.0 if age < 0 else reached[min(age, len(reached) - 1)]

        felt = part(quarter - first) - part(quarter - last - 1)
        assert np.log(factor[0, 0, a, b]) == pytest.approx(felt * np.log(1.1), abs=1e-12)


def test_parts_of_a_spell_and_entries_in_any_order_are_the_same_cost(tiny_scenario, tiny_world):
    whole = entry(cost_share={"fixed": 0.1}, until="2024Q4")
    parts = (
        entry(cost_share={"fixed": 0.1}, **{"from": "2024Q1"}, until="2024Q4"),
        entry(cost_share={"fixed": 0.1}, until="2023Q4"),
    )
    for quarter in (2023 * 4 + 2, 2024 * 4 + 2, 2026 * 4):
        one, _ = costs(scenario_with(tiny_scenario, whole), tiny_world, quarter)
        two, _ = costs(scenario_with(tiny_scenario, *parts), tiny_world, quarter)
        assert one == pytest.approx(two, rel=1e-12)


def test_a_range_is_drawn_once_for_each_run(tiny_scenario, tiny_world):
    one = entry(cost_share={"uniform": (0.01, 0.03)})
    asked = scenario_with(tiny_scenario, one, adjustment="immediate")
    factor, _ = costs(asked, tiny_world, 2023 * 4)
    a, b = (tiny_world.region_index(code) for code in ("AAA", "BBB"))
    drawn = factor[:, 0, a, b] - 1.0
    assert len(set(drawn)) == len(RUNS)
    assert ((drawn >= 0.01) & (drawn <= 0.03)).all()
