"""Ranking of assumptions: one at a time, the same as simulated by hand, and forced deals."""

import numpy as np
import pytest

from sim.scenario.sampling.quantiles import draw_parameters
from sim.scenario.variation import varied
from sim.simulation.model import TradeModel
from sim.simulation.uncertainty.draws import draw, simulated_quarters
from sim.study.one_at_a_time.ranking import EDGES, start_ranking
from sim.study.sensitivity import uncertain_inputs


def by_hand(scenario, world, quantile_of=None):
    """Trade of the target's year in one plain model, events and residual shocks off."""
    layers = {"parameters": True, "events": False, "residual_shocks": False}
    bare = scenario.model_copy(
        update={"uncertainty_sources": scenario.uncertainty_sources.model_copy(update=layers)}
    )
    places = np.full((1, len(world.parameters)), 0.5)
    for name, place in (quantile_of or {}).items():
        places[0, list(world.parameters).index(name)] = place
    quarters = simulated_quarters(bare, world)
    draws = draw(bare, world, (0,), quarters.start, len(quarters), quantiles=places)
    model = TradeModel(bare, world, runs=(0,), draws=draws)
    (target,) = bare.targets.values()
    a, b = (world.region_index(code) for code in target.pair)
    trade = []
    while model.quarter < int(target.deadline):
        model.step()
        trade.append(model.pair_trade(a, b)[0])
    return np.mean(trade[-4:])


@pytest.fixture(scope="module")
def ranking(tiny_scenario, tiny_world):
    return start_ranking(tiny_scenario, tiny_world)()


def test_each_move_is_what_a_simulation_of_its_own_gives(ranking, tiny_scenario, tiny_world):
    assert ranking.middle[0] == pytest.approx(by_hand(tiny_scenario, tiny_world), rel=1e-12)
    parameters = [move for move in ranking.moves if move.origin == "parameter"]
    assert parameters
    assert {move.name for move in parameters} <= set(uncertain_inputs(tiny_scenario, tiny_world))
    for move in ranking.ranked(0)[:2]:
        if move.origin == "parameter":
            for place, found in zip(EDGES, (move.low, move.high), strict=True):
                alone = by_hand(tiny_scenario, tiny_world, {move.name: place})
                assert found[0] == pytest.approx(alone, rel=1e-12)


def test_parameters_are_moved_to_the_points_of_their_distributions(
    ranking, tiny_scenario, tiny_world
):
    for move in ranking.moves:
        if move.origin != "parameter":
            continue
        for place, value in zip(EDGES, move.values, strict=True):
            uniforms = np.full((1, len(tiny_world.parameters)), place)
            drawn = draw_parameters(tiny_scenario.uncertainty, tiny_world.parameters, uniforms)
            assert value == pytest.approx(drawn[move.name][0])


def test_an_entry_of_the_scenario_is_taken_out(ranking, tiny_scenario, tiny_world):
    (treaty,) = [move for move in ranking.moves if move.name == "agreements.treaty"]
    without = varied(tiny_scenario, {"agreements.treaty": False})
    assert treaty.low[0] == treaty.high[0]
    assert treaty.low[0] == pytest.approx(by_hand(without, tiny_world), rel=1e-12)
    assert treaty.low[0] < ranking.middle[0]


def test_the_largest_move_stands_first(ranking):
    middle = float(ranking.middle[0])
    spans = [move.span(0, middle) for move in ranking.ranked(0)]
    assert spans == sorted(spans, reverse=True)
    assert len(spans) == len(ranking.moves)


def test_a_range_of_the_scenario_itself_is_moved_and_is_at_its_median_elsewhere(
    world, scenario_with, outsider, union_member
):
    pair, base = [outsider, union_member], world.base_year
    signed = {"count": 20, "when": f"{base + 1}Q1", "conversion": {"uniform": [0.1, 0.9]}}
    signed |= {"pair": pair, "years_to_project": 1, "trade_effect_per_project": 0.02}
    asked = scenario_with(diplomacy={"memoranda": {"roadmap": signed}})
    found = start_ranking(asked, world)()
    (moved,) = [m for m in found.moves if m.origin == "range"]
    assert moved.name == "diplomacy.memoranda.roadmap.conversion_rate"
    assert moved.values == pytest.approx((0.14, 0.86))
    assert moved.low[0] < found.middle[0] < moved.high[0]
    at_median = varied(asked, {moved.name: 0.5})
    assert found.middle[0] == pytest.approx(by_hand(at_median, world), rel=1e-12)
    (entry,) = [m for m in found.moves if m.name == "diplomacy.memoranda.roadmap"]
    assert entry.low[0] < moved.low[0]


@pytest.mark.slow
def test_a_deal_that_only_its_clauses_make_ship_says_who_pays(project_root, world, names):
    from sim.scenario.scenario_file import load_scenario

    asked = load_scenario(project_root / "scenarios" / "energy-corridor.yaml", names)
    deals = {deal.name: deal for deal in start_ranking(asked, world)().deals}
    assert set(deals) == set(asked.energy.deals)
    forced = deals["crude"]
    terms = asked.energy.deals["crude"]
    assert forced.shipped == pytest.approx(terms.take_or_pay * terms.volume, rel=0.02)
    assert forced.shipped_freely < 0.1 * forced.shipped
    assert forced.seller_pays_musd > 0.0
    free = deals["lpg"]
    assert free.shipped_freely == pytest.approx(free.shipped, rel=0.01)
    assert free.seller_pays_musd + free.buyer_pays_musd == pytest.approx(0.0, abs=1.0)
