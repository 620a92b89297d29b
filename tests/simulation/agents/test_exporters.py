"""Exporters in the model: rest, where they settle, who they are, whose attention they answer."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from sim.simulation.model import TradeModel
from sim.study.ensemble.measures import firms_of, record, standing_of

CERTAIN = {"parameters": False, "events": False, "residual_shocks": False}
OFF = {"exporters": False}


@pytest.fixture
def tiny(tiny_scenario):
    """The treaty of the tiny world with more keys changed."""

    def build(**changes):
        behaviour = tiny_scenario.behaviour.model_copy(update=changes.pop("behaviour", {}))
        horizon = tiny_scenario.horizon.model_copy(update=changes.pop("horizon", {}))
        return tiny_scenario.model_copy(
            update={"behaviour": behaviour, "horizon": horizon, **changes}
        )

    return build


def test_without_anything_new_there_is_no_telling_them_from_the_curve(tiny, tiny_world) -> None:
    still, unchanged = tiny(agreements={}), replace(tiny_world, margins=())
    with_firms = TradeModel(still, unchanged, runs=range(3)).run_to_end()
    curve = TradeModel(tiny(agreements={}, behaviour=OFF), unchanged, runs=range(3)).run_to_end()
    assert np.array_equal(with_firms.snapshot.trade, curve.snapshot.trade)


def test_they_settle_where_trade_settles_at_once(tiny, tiny_world) -> None:
    certain = tiny(
        uncertainty_sources=tiny().uncertainty_sources.model_copy(update=CERTAIN),
        model_closure="direct",
        behaviour={"firms": 1000},
    )
    late = certain.horizon.model_copy(update={"end": type(certain.horizon.end)(4 * 2075)})
    certain = certain.model_copy(update={"horizon": late})
    # Half a century of growth would crowd gates that nobody builds out.
    still = replace(tiny_world, growth=np.zeros_like(tiny_world.growth))
    slow = TradeModel(certain, still, runs=[0]).run_to_end()
    at_once = certain.model_copy(update={"adjustment": "immediate"})
    fast = TradeModel(at_once, still, runs=[0]).run_to_end()
    np.testing.assert_allclose(slow.snapshot.trade, fast.snapshot.trade, rtol=0.01)


def test_a_batch_is_its_single_runs(tiny, tiny_world) -> None:
    whole = TradeModel(tiny(), tiny_world, runs=range(4)).run_to_end()
    for run in (0, 3):
        alone = TradeModel(tiny(), tiny_world, runs=[run]).run_to_end()
        np.testing.assert_allclose(alone.snapshot.trade[0], whole.snapshot.trade[run], rtol=1e-12)
        assert np.array_equal(
            standing_of(alone).standing.entry[0], standing_of(whole).standing.entry[run]
        )


def test_runs_differ_by_their_firms_alone_when_there_are_few(tiny, tiny_world) -> None:
    layers = tiny().uncertainty_sources.model_copy(update={**CERTAIN, "events": True})

    def spread(n_firms):
        asked = tiny(uncertainty_sources=layers, behaviour={"firms": n_firms})
        model = TradeModel(asked, tiny_world, runs=range(4)).run_to_end()
        return standing_of(model).standing.entry.std(axis=0).max()

    assert spread(10) > 3 * spread(3000) > 0


def test_what_is_recorded_adds_up(tiny, tiny_world) -> None:
    model = TradeModel(tiny(), tiny_world, runs=range(3))
    kept = record(model)
    np.testing.assert_allclose(
        kept["exporter_trade"].sum(axis=-1), kept["goods_trade"].sum(axis=-1), rtol=1e-12
    )
    newcomers = kept["exporter_trade"][..., 1]
    assert np.all(newcomers[:, 0] == 0.0)
    assert np.all(newcomers.max(axis=-1)[:, -1] > 0)
    numbers = kept["exporters"]
    assert numbers.shape == (3, newcomers.shape[1], 2, 2)
    assert np.all(
        numbers.sum(axis=-1).max(axis=-1)[:, -1] > numbers.sum(axis=-1).max(axis=-1)[:, 0]
    )


def test_switched_off_there_are_none(tiny, tiny_world) -> None:
    model = TradeModel(tiny(behaviour=OFF), tiny_world, runs=[0])
    assert model.exporters is None
    with pytest.raises(ValueError, match=r"behaviour\.exporters is false"):
        firms_of(model)
    assert "exporter_trade" not in record(model)


def test_a_visit_reaches_trade_once_and_fades(world, scenario_with, outsider, union_member) -> None:
    """Its firms answer a visit on a target's pair, so its cost must not fall as well."""
    when = f"{world.base_year + 1}Q1"
    visit = {"visits": [{"sending_state": outsider, "host_state": union_member, "when": when}]}
    calm = {"uncertainty_sources": CERTAIN, "model_closure": "direct"}
    i, j = world.region_index(outsider), world.region_index(union_member)

    def path(**keys):
        model = TradeModel(scenario_with(**calm, **keys), world, runs=[0])
        trade = []
        for _ in range(14):
            model.step()
            trade.append(model.snapshot.trade[0, :, i, j].sum())
        return np.log(trade), model

    visited, model = path(diplomacy=visit)
    effect = visited - path()[0]
    assert effect[0] == pytest.approx(float(model.draws.parameters["visit_trade_effect"][0]))
    assert all(later < now for now, later in pairwise(effect))
    assert 0 < effect[-1] < 0.006


def test_firms_start_more_cheaply_where_others_serve_the_same_union(world, scenario_with) -> None:
    union = next(members for members in world.customs_unions.values() if len(members) > 1)
    seller = next(code for code in world.regions if code not in union)
    by = f"{world.base_year + 3}Q4"
    targets = {
        f"goal-{code}": {"pair": [seller, code], "trade_musd": 1000, "deadline": by}
        for code in union[:2]
    }
    model = TradeModel(scenario_with(targets=targets), world, runs=[0])
    n_markets, n_goods = len(firms_of(model).cell), len(world.goods)
    assert n_markets == 4 * n_goods
    served, other = (
        (firms_of(model).exporter == world.region_index(seller))
        & (firms_of(model).importer == world.region_index(code))
        for code in union[:2]
    )

    def newcomers(**behaviour):
        own = TradeModel(scenario_with(targets=targets, behaviour=behaviour), world, runs=[0])
        exporters, firms = firms_of(own), standing_of(own)
        calm, quiet = np.zeros((1, n_markets)), np.zeros((1, n_markets))
        for quarter in range(16):
            # The first market opens; a year later so does the second, by less.
            cut = np.where(served, -0.3, np.where(other & (quarter >= 4), -0.05, 0.0))
            _, firms = exporters.decide(firms, calm, cut[None], quiet)
        return firms.standing.entry[0]

    helped, plain = newcomers(similar_markets=True), newcomers()
    assert np.all(helped[other] > plain[other])
