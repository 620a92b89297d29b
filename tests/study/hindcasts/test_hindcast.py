"""Past trade forecast by the model: partial deals stay partial, fans have their measured width."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sim.laws.growth.trade_growth import Sizes, log_growth
from sim.laws.uncertainty.residuals import points_at
from sim.study.hindcasts.hindcast import (
    AVERAGE,
    GDP,
    GDP_UNIT,
    METHODS,
    MODEL,
    PERSISTENCE,
    hindcast,
)
from sim.world.history.terms import PastTerms
from sim.world.history.trade import PastFlow
from sim.world.history.usual_terms import load_scopes

PARTIAL = PastTerms("preferential", 2006.0, covered_share=0.05, tariff_rate=0.12, cut=0.5)
FULL = PastTerms("free-trade", 2006.0, covered_share=0.95, tariff_rate=0.12, cut=1.0)


NOTHING = PastTerms()
WORLD_GDP = {2005: 1e4, 2015: 1.5e4}


def flow(terms=NOTHING, trade=None, gdp=None, **changes):
    series = {2005: 50.0, 2006: 52.0, 2008: 60.0, 2015: 90.0} if trade is None else trade
    own = ({2005: 100.0, 2015: 200.0}, {2005: 10.0, 2015: 40.0}) if gdp is None else gdp
    made = PastFlow("", "Here", "There", False, 2005, series, own, terms, 2)
    return replace(made, **changes)


@pytest.fixture(scope="module")
def past(world):
    scopes = load_scopes()

    def run(*flows, **keys):
        return hindcast(flows, world, scopes, **({"runs": 200, "world_gdp": WORLD_GDP} | keys))

    return run


def middle(forecast, method):
    return forecast.quantile_musd(0.5, method)


def test_persistence_is_the_base_and_gdp_is_half_of_both_growths(past):
    *_, last = past(flow()).forecasts
    assert_allclose(middle(last, PERSISTENCE), 50.0, rtol=1e-9)
    assert_allclose(middle(last, GDP), 50.0 * np.sqrt(2.0 * 4.0), rtol=1e-9)
    assert_allclose(middle(last, GDP_UNIT), 50.0 * 2.0 * 4.0, rtol=1e-9)


def test_gdp_between_known_years_lies_on_a_straight_line_in_logs(past):
    first, *_ = past(flow()).forecasts
    assert_allclose(middle(first, GDP), 50.0 * 8.0**0.05, rtol=1e-9)


def test_where_nothing_was_agreed_the_model_is_the_law_of_growth(past, world):
    """The law that asked pairs of a scenario have, with the median of its errors."""
    for forecast in past(flow()).forecasts:
        part = forecast.horizon_years / 10.0
        grown = Sizes(*(part * np.log(ratio) for ratio in (2.0, 4.0, 1.5)))
        law = log_growth(
            world.growth_law, forecast.horizon_years, 50.0, Sizes(100.0, 10.0, 1e4), grown
        )
        points = points_at(world.error_points, 50.0, [forecast.horizon_years])[0, 0]
        law += points[world.error_points.middle]
        assert_allclose(np.log(middle(forecast, MODEL) / 50.0), law, atol=1e-6)
        assert_array_equal(forecast.log_sample(AVERAGE), forecast.log_sample(GDP))


def test_without_sizes_trade_grows_with_half_of_each_partner(past):
    for bare in (flow(gdp_has_unit=False), flow(gdp=({}, {}))):
        for forecast in past(bare).forecasts:
            assert_allclose(middle(forecast, MODEL), middle(forecast, GDP), rtol=1e-9)
    for forecast in past(flow(), world_gdp={}).forecasts:
        assert_allclose(middle(forecast, MODEL), middle(forecast, GDP), rtol=1e-9)


def test_of_both_directions_together_each_is_half(past):
    one, both = (past(flow(both_directions=b)).forecasts[-1] for b in (False, True))
    swapped = flow(gdp=({2005: 10.0, 2015: 40.0}, {2005: 100.0, 2015: 200.0}))
    halves = [
        np.log(middle(past(replace(f, trade_musd={2005: 25.0, 2015: 1.0})).forecasts[-1], MODEL))
        for f in (flow(), swapped)
    ]
    shift = np.log(2.0)
    # The fan is that of the total, so medians differ by a shade of its size.
    assert_allclose(np.log(middle(both, MODEL)), np.mean(halves) + shift, atol=0.03)
    assert middle(both, MODEL) != middle(one, MODEL)


def test_an_agreement_known_by_its_kind_acts_as_such_did_in_past_trade(past, world):
    terms = dict(
        zip(("new_agreement", "new_union"), world.growth_law.coefficients[-2:], strict=True)
    )
    phased = -np.expm1(-10.0 / 8.0)
    none = middle(past(flow()).forecasts[-1], MODEL)
    for kind, lift in (
        ("free-trade", terms["new_agreement"]),
        ("customs-union", terms["new_agreement"] + terms["new_union"]),
    ):
        *_, last = past(flow(PastTerms(kind, 2006.0))).forecasts
        assert_allclose(np.log(middle(last, MODEL) / none), phased * lift, atol=1e-9)
        *_, old = past(flow(PastTerms(kind, 2001.0))).forecasts
        assert_allclose(middle(old, MODEL), none, rtol=1e-9)
        *_, late = past(flow(PastTerms(kind, 2016.0))).forecasts
        assert_allclose(middle(late, MODEL), none, rtol=1e-9)


def test_nothing_recorded_is_a_miss_below_the_band_and_no_end_of_the_command(past):
    study = past(flow(trade={2005: 50.0, 2009: 0.0, 2015: 60.0}))
    scored = study.scored[MODEL]
    assert np.isfinite(scored.error).all()
    assert not scored.inside[-1, 0]
    assert scored.error[0] < np.log(0.01)


def test_a_partial_deal_comes_out_partial_and_a_full_one_larger(past):
    def lift(terms, method):
        return [
            np.log(middle(f, method) / middle(g, method))
            for f, g in zip(past(flow(terms)).forecasts, past(flow()).forecasts, strict=True)
        ]

    partial, full, average = lift(PARTIAL, MODEL), lift(FULL, MODEL), lift(PARTIAL, AVERAGE)
    assert np.all(np.array(partial) < 0.03)
    assert 0.0 < partial[-1] < 0.1 * full[-1]
    assert 0.1 < full[-1] < average[-1] * 2
    assert_allclose(average[-1], 0.475, rtol=0.05)


def test_terms_that_are_not_known_are_drawn_from_the_usual_ones(past):
    *_, last = past(flow(PastTerms("preferential", 2006.0))).forecasts
    lift = last.effect
    assert len(np.unique(lift)) == 200
    assert 0.0 <= lift.min() < lift.max() < 0.3


def test_an_agreement_in_force_before_the_base_year_adds_what_is_left_of_it(past):
    new, old, ancient = (
        np.median(f.effect)
        for year in (2006.0, 1998.0, 1980.0)
        for f in past(flow(replace(FULL, in_force=year))).forecasts[-1:]
    )
    assert new > old > 0.0
    assert abs(ancient) < 1e-9


def test_points_of_duty_and_a_share_of_it_say_the_same(past):
    share = past(flow(FULL)).forecasts[-1]
    points = past(flow(replace(FULL, cut=None, margin_rate=0.12))).forecasts[-1]
    assert_array_equal(share.log_sample(MODEL), points.log_sample(MODEL))


def test_a_kind_without_usual_terms_asks_for_them(world):
    with pytest.raises(ValueError, match=r"row 2: transit: .* wanted"):
        hindcast([flow(PastTerms("transit"))], world, {}, runs=2)


@pytest.mark.parametrize("size", [0.5, 5.0, 50.0, 500.0])
def test_the_fan_has_the_points_of_past_errors_of_flows_of_that_size(past, world, size):
    trade = {2005: size, 2006: size, 2008: size, 2010: size, 2015: size}
    points = world.error_points.centred()
    for forecast in past(flow(trade=trade), runs=1000).forecasts:
        wanted = points_at(points, size, [forecast.horizon_years])[0, 0]
        found = np.quantile(forecast.fan, points.shares)
        # A thousand runs spread evenly have every point within half a step.
        assert_allclose(found, wanted, atol=0.02 * (wanted[-1] - wanted[0]))


def test_draws_of_a_flow_do_not_depend_on_the_others(past):
    alone, beside = past(flow(FULL)), past(flow(PARTIAL, exporter="Else"), flow(FULL))
    for a, b in zip(alone.forecasts, beside.forecasts[3:], strict=True):
        for method in METHODS:
            assert_array_equal(a.log_sample(method), b.log_sample(method))


def test_unknown_gdp_is_taken_from_the_world_or_held_at_its_base(past):
    bare = flow(gdp=({}, {}))
    held = past(bare).forecasts[-1]
    assert not held.gdp_known
    assert held.gdp_to is None
    assert_allclose(middle(held, GDP), 50.0, rtol=1e-9)
    known = past(bare, gdp={"Here": {2005: 1.0, 2015: 4.0}, "There": {2005: 1.0, 2015: 1.0}})
    assert known.forecasts[-1].gdp_known
    assert_allclose(middle(known.forecasts[-1], GDP), 100.0, rtol=1e-9)


def test_gdp_stays_what_it_was_in_the_last_year_that_is_known(past):
    half_way = ({2005: 100.0, 2008: 150.0}, {2005: 10.0, 2006: 20.0, 2015: 40.0})
    near, at, far = past(flow(gdp=half_way)).forecasts
    assert [f.gdp_to for f in (near, at, far)] == [2006, 2008, 2008]
    assert [f.gdp_known for f in (near, at, far)] == [True, True, False]
    assert_allclose(middle(far, GDP_UNIT), 50.0 * 1.5 * 4.0, rtol=1e-9)
    assert_allclose(middle(far, GDP), 50.0 * np.sqrt(1.5 * 4.0), rtol=1e-9)


def test_gdp_that_begins_after_the_base_year_counts_from_there(past):
    late = ({2006: 100.0, 2015: 200.0}, {2005: 10.0, 2015: 10.0})
    *_, last = past(flow(gdp=late)).forecasts
    assert (last.gdp_known, last.gdp_to) == (False, 2015)
    assert_allclose(middle(last, GDP_UNIT), 100.0, rtol=1e-9)


def test_groups_part_the_forecasts(past, world):
    study = past(flow(FULL), flow(trade={2005: 0.5, 2006: 0.7, 2010: 500.0}, exporter="Else"))
    groups = study.groups(world)
    n = {name: scores[MODEL].n for name, scores in groups.items()}
    assert n.pop("all") == 5
    for words in ("year", "musd", "agreed"):
        assert sum(count for name, count in n.items() if words in name) == 5, words
