"""What `sim hindcast` scores is what the model runs: one flow, both ways."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sim.simulation.model import TradeModel
from sim.simulation.uncertainty.residual_shocks import base_flow
from sim.simulation.uncertainty.world_output import price_level, real_output
from sim.study.ensemble.measures import by_year
from sim.study.hindcasts.hindcast import MODEL, hindcast
from sim.world.history.terms import PastTerms
from sim.world.history.trade import PastFlow
from sim.world.history.usual_terms import load_scopes
from sim.world.trade.base_tariffs import BaseTariffs

DUTY, CUT, STEPS = 0.12, 0.6, 3
CERTAIN = {"parameters": False, "events": False, "residual_shocks": False}
TOLERANCE = 0.015
"""Log points: costs of routes move a little in the model, and a year is four quarters there."""
WITH_FIRMS = 0.05
"""The same where firms enter markets one by one, which no hindcast follows."""


@pytest.fixture(scope="module")
def plain(world):
    """The world with one duty everywhere, known parameters and gates that nothing shuts."""
    abroad = ~np.eye(len(world.regions), dtype=bool)
    layers = list(world.tariffs.mfn_rate_by_type)
    rates = {layer: np.full((len(world.goods), len(world.regions)), DUTY * (k == 0))
             for k, layer in enumerate(layers)}  # fmt: skip
    applied = {layer: rate[:, None, :] * abroad for layer, rate in rates.items()}
    known = {
        name: replace(p, low=p.value, high=p.value, distribution="fixed")
        for name, p in world.parameters.items()
    }
    gates = tuple(
        replace(gate, closure_rate_per_year=0.0, closed_months=()) for gate in world.gates
    )
    return replace(
        world, tariffs=BaseTariffs(rates, applied, sum(applied.values())), parameters=known,
        gates=gates, borders=(), closures=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("agreed", "firms", "tolerance"),
    [(False, False, TOLERANCE), (True, False, TOLERANCE), (True, True, WITH_FIRMS)],
)
def test_the_model_gives_the_median_of_the_hindcast_for_a_small_flow(
    plain, scenario_with, outsider, union_member, agreed, firms, tolerance
):
    seller, buyer = union_member, outsider
    deal = {
        "kind": "preferential",
        "members": [buyer, seller],
        "timeline": {"signed": "2023Q1", "in_force": "2023Q2"},
        "concessions": [
            {
                "grantor": buyer,
                "goods": "all",
                "cut": CUT,
                "phase_in_years": STEPS,
                "customs_union": "waiver",
            }
        ],
    }
    scenario = scenario_with(
        uncertainty_sources=CERTAIN,
        agreements={"pta": deal} if agreed else {},
        closures={},
        behaviour={"exporters": firms},
    )
    model = TradeModel(scenario, plain, runs=[0])
    i, j = plain.region_index(seller), plain.region_index(buyer)
    base, quarters = plain.trade[:, i, j].sum(), []
    # Small beside what both trade: prices stand still.
    assert base < 0.01 * plain.trade.sum(axis=0)[:, j].sum()
    while model.quarter < int(scenario.horizon.end):
        model.step()
        goods = model.snapshot.trade[:, :, i, j].sum(axis=1)
        quarters.append(goods * model.snapshot.residual_shock[:, i, j])
    ours = by_year(np.stack(quarters, axis=1), len(quarters) - 1)[0] / base
    past = _past_flow(plain, model, i, j, agreed=agreed)
    flow, world_gdp = past
    done = hindcast([flow], plain, load_scopes(), world_gdp=world_gdp, runs=2)
    theirs = [f.quantile_musd(0.5, MODEL) / base_flow(plain)[i, j] for f in done.forecasts]
    assert_allclose(np.log(ours), np.log(theirs), atol=tolerance)
    if agreed:
        assert theirs[-1] > 1.1 * _without(flow, plain, world_gdp)


def _without(flow, world, world_gdp):
    bare = replace(flow, terms=PastTerms())
    done = hindcast([bare], world, {}, world_gdp=world_gdp, runs=2)
    return done.forecasts[-1].quantile_musd(0.5) / flow.trade_musd[flow.base_year]


def _past_flow(world, model, i, j, *, agreed):
    """The same flow as a row of a table: GDP at the middle of each year, in current dollars."""
    years = range(world.base_year, world.base_year + 5)
    size = np.exp(model.draws.log_growth_by_year[0])
    # Prices at mid-year: half-way between those of the quarters around it.
    middle = [4 * year + 1 for year in years]
    level = np.array([
        1.0 if year == world.base_year else float(np.sqrt(np.prod([
            price_level(world, model.draws.parameters, q)[0] for q in (m, m + 1)
        ]))) for year, m in zip(years, middle, strict=True)
    ])  # fmt: skip
    whole = real_output(world, np.moveaxis(size, -1, 0))
    gdp = world.gdp_musd[:, None] * size[:, : len(years)] * level
    series = [dict(zip(years, gdp[k], strict=True)) for k in (i, j)]
    world_gdp = dict(zip(years, world.gdp_musd.sum() * whole[: len(years)] * level, strict=True))
    terms = PastTerms(
        "preferential", 2023.25, covered_share=1.0, tariff_rate=DUTY, cut=CUT,
        phase_in_years=STEPS, border_time_cut=0.0,
    )  # fmt: skip
    trade = {year: base_flow(world)[i, j] for year in years}
    flow = PastFlow(
        "", world.regions[i], world.regions[j], False, world.base_year, trade,
        tuple(series), terms if agreed else PastTerms(), 2,
    )  # fmt: skip
    return flow, world_gdp
