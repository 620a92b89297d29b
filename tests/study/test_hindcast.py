"""Past trade forecast by the model: partial deals stay partial, fans have their measured width."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sim.actors.surprises import error_parts
from sim.laws.residuals import predicted_rms
from sim.study.hindcast import AVERAGE, GDP, GDP_UNIT, METHODS, MODEL, PERSISTENCE, hindcast
from sim.world.past_terms import PastTerms
from sim.world.past_trade import PastFlow
from sim.world.scopes import load_scopes

PARTIAL = PastTerms("preferential", 2006.0, covered_share=0.05, tariff_rate=0.12, cut=0.5)
FULL = PastTerms("free-trade", 2006.0, covered_share=0.95, tariff_rate=0.12, cut=1.0)


NOTHING = PastTerms()


def flow(terms=NOTHING, trade=None, gdp=None, **changes):
    series = {2005: 50.0, 2006: 52.0, 2008: 60.0, 2015: 90.0} if trade is None else trade
    own = ({2005: 100.0, 2015: 200.0}, {2005: 10.0, 2015: 40.0}) if gdp is None else gdp
    made = PastFlow("", "Here", "There", False, 2005, series, own, terms, 2)
    return replace(made, **changes)


@pytest.fixture(scope="module")
def past(world):
    scopes = load_scopes()

    def run(*flows, **keys):
        return hindcast(flows, world, scopes, **({"runs": 200} | keys))

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


def test_where_nothing_was_agreed_the_model_is_gdp_alone(past):
    for forecast in past(flow()).forecasts:
        assert_array_equal(forecast.log_sample[MODEL], forecast.log_sample[GDP])
        assert_array_equal(forecast.log_sample[AVERAGE], forecast.log_sample[GDP])


def test_a_partial_deal_comes_out_partial_and_a_full_one_larger(past):
    def lift(terms, method):
        return [np.log(middle(f, method) / middle(f, GDP)) for f in past(flow(terms)).forecasts]

    partial, full, average = lift(PARTIAL, MODEL), lift(FULL, MODEL), lift(PARTIAL, AVERAGE)
    assert np.all(np.array(partial) < 0.03)
    assert 0.0 < partial[-1] < 0.1 * full[-1]
    assert 0.1 < full[-1] < average[-1] * 2
    assert_allclose(average[-1], 0.475, rtol=0.05)


def test_terms_that_are_not_known_are_drawn_from_the_usual_ones(past):
    *_, last = past(flow(PastTerms("preferential", 2006.0))).forecasts
    lift = last.log_sample[MODEL] - last.log_sample[GDP]
    assert len(np.unique(lift)) == 200
    assert 0.0 <= lift.min() < lift.max() < 0.3


def test_an_agreement_in_force_before_the_base_year_adds_what_is_left_of_it(past):
    new, old, ancient = (
        np.median(f.log_sample[MODEL] - f.log_sample[GDP])
        for year in (2006.0, 1998.0, 1980.0)
        for f in past(flow(replace(FULL, in_force=year))).forecasts[-1:]
    )
    assert new > old > 0.0
    assert abs(ancient) < 1e-9


def test_points_of_duty_and_a_share_of_it_say_the_same(past):
    share = past(flow(FULL)).forecasts[-1]
    points = past(flow(replace(FULL, cut=None, margin_rate=0.12))).forecasts[-1]
    assert_array_equal(share.log_sample[MODEL], points.log_sample[MODEL])


def test_a_kind_without_usual_terms_asks_for_them(world):
    with pytest.raises(ValueError, match=r"row 2: transit: .* are wanted"):
        hindcast([flow(PastTerms("transit"))], world, {}, runs=2)


@pytest.mark.parametrize("size", [0.5, 5.0, 50.0, 500.0])
def test_the_fan_is_as_wide_as_past_errors_of_flows_of_that_size(past, world, size):
    trade = {2005: size, 2006: size, 2008: size, 2010: size, 2015: size}
    study = past(flow(trade=trade), runs=4000)
    parts = error_parts(world, np.array([size]))
    for forecast in study.forecasts:
        spread = forecast.log_sample[MODEL] - np.median(forecast.log_sample[MODEL])
        expected = float(predicted_rms(parts, forecast.horizon_years)[0])
        assert_allclose(np.sqrt((spread**2).mean()), expected, rtol=0.1)


def test_draws_of_a_flow_do_not_depend_on_the_others(past):
    alone, beside = past(flow(FULL)), past(flow(PARTIAL, exporter="Else"), flow(FULL))
    for a, b in zip(alone.forecasts, beside.forecasts[3:], strict=True):
        for method in METHODS:
            assert_array_equal(a.log_sample[method], b.log_sample[method])


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
