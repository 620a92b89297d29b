"""Tables of past trade: many layouts, one meaning; every mistake at its place."""

from pathlib import Path

import pytest

from sim.study.past_tables import TEMPLATE
from sim.world.past_trade import load_past_trade, recorded_gdp
from sim.world.problems import WorldError


@pytest.fixture
def read(tmp_path):
    def load(text):
        path = tmp_path / "events.csv"
        path.write_text(text, encoding="utf-8")
        return load_past_trade(path)

    return load


LAYOUTS = {
    "row a horizon": (
        "exporter,importer,base_year,year,base_trade_musd,trade_musd,gdp_exporter_base_musd,"
        "gdp_exporter_musd,gdp_importer_base_musd,gdp_importer_musd\n"
        "AA,BB,2005,2008,100,150,10,12,20,26\n"
        "AA,BB,2005,2010,100,170,10,13,20,29\n"
    ),
    "panel": (
        "importer;exporter;year;trade_usd;gdp_o;gdp_d\n"
        "BB;AA;2010;170e6;13;29\nBB;AA;2005;100e6;10;20\nBB;AA;2008;150e6;12;26\n"
    ),
    "column a year": (
        "Exporter\tImporter\tTrade 2005 (musd)\tTrade 2008 (musd)\tTrade 2010 (musd)\t"
        "GDP exporter 2005\tGDP exporter 2008\tGDP exporter 2010\t"
        "GDP importer 2005\tGDP importer 2008\tGDP importer 2010\n"
        "AA\tBB\t100\t150\t170\t10\t12\t13\t20\t26\t29\n"
    ),
    "horizons ahead": (
        "iso_o,iso_d,base_year,h,trade_base_busd,trade_busd,gdp_o_base,gdp_o,gdp_d_base,gdp_d\n"
        "AA,BB,2005,3,0.1,0.15,10,12,20,26\nAA,BB,2005,5,0.1,0.17,10,13,20,29\n"
    ),
    "imports": (
        "reporter,partner,flow,year,value_musd,gdp_reporter,gdp_partner\n"
        "BB,AA,imports,2005,100,20,10\nBB,AA,imports,2008,150,26,12\nBB,AA,imports,2010,170,29,13\n"
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_say_the_same(read, layout):
    (flow,), unused = read(LAYOUTS[layout])
    assert not unused
    assert (flow.exporter, flow.importer, flow.both_directions) == ("AA", "BB", False)
    assert flow.base_year == 2005
    assert dict(flow.trade_musd) == pytest.approx({2005: 100, 2008: 150, 2010: 170})
    assert flow.gdp == ({2005: 10, 2008: 12, 2010: 13}, {2005: 20, 2008: 26, 2010: 29})
    assert flow.terms.kind == "none"
    assert flow.horizon_years == (3, 5)


@pytest.mark.parametrize("pair", ["AA-BB", "AA – BB", "AA/BB", "AA->BB"])
def test_a_pair_is_both_directions_unless_it_points(read, pair):
    (flow,), _ = read(f"pair,year,trade_musd\n{pair},2005,10\n{pair},2006,12\n")
    assert (flow.exporter, flow.importer) == ("AA", "BB")
    assert flow.both_directions is (">" not in pair)


def test_the_template_passes_its_own_check(read):
    flows, unused = read(TEMPLATE)
    assert [flow.terms.kind for flow in flows] == ["preferential", "none"]
    assert flows[0].horizon_years == (3, 5)
    assert flows[0].terms.in_force == 2006.5
    assert not unused


def test_without_a_base_year_a_flow_starts_before_its_agreement_or_at_its_first_record(read):
    rows = "exporter,importer,year,trade_musd,agreement,in_force\n"
    rows += "".join(f"AA,BB,{year},{year - 1990},pta,2006-03\n" for year in range(2003, 2009))
    rows += "".join(f"AA,CC,{year},{year - 1990},,\n" for year in range(2003, 2009))
    (with_deal, without), _ = read(rows)
    assert (with_deal.base_year, without.base_year) == (2005, 2003)


def test_an_agreement_that_begins_within_a_panel_is_dated_by_it(read):
    rows = "exporter,importer,year,trade_musd,agreement\n"
    rows += "AA,BB,2003,5,none\nAA,BB,2004,5,none\nAA,BB,2005,6,fta\nAA,BB,2006,7,fta\n"
    (flow,), _ = read(rows)
    assert (flow.terms.kind, flow.terms.in_force, flow.base_year) == ("free-trade", 2005.0, 2004)


def test_headings_that_mean_nothing_here_are_set_aside(read):
    _, unused = read("exporter,importer,year,trade_musd,zzz\nA,B,2001,1,x\nA,B,2002,1,x\n")
    assert unused == ("zzz",)


HEAD = "exporter,importer,base_year,year,base_trade_musd,trade_musd,agreement,covered_share\n"
GOOD = "A,B,2005,2006,10,12,pta,0.1\n"
MISTAKES = {
    "amount": (HEAD + GOOD + "A,C,2005,2006,10,-3,,\n", "events.csv:3:trade_musd: '-3'"),
    "year": (HEAD + "A,B,2005,206,10,12,,\n", "events.csv:2:year: '206' is out of range"),
    "per cent": (HEAD + "A,B,2005,2006,10,12,pta,35\n", "is this per cent? write 0.35"),
    "kind": (HEAD + "A,B,2005,2006,10,12,preferntial,\n", "did you mean 'preferential'?"),
    "heading": ("exporter,importer,year,trade_musd,covered_shar\nA,B,2001,1,\n", "'covered_share'"),
    "margin": ("exporter,importer,year,trade_musd,margin\nA,B,2001,1,\n", ":1:margin: a share of"),
    "unit": ("exporter,importer,year,trade\nA,B,2001,1\n", ":1:trade: has no unit"),
    "partners": ("year,trade_musd\n2001,1\n", "names no partners"),
    "one partner": (HEAD + "A,A,2005,2006,10,12,,\n", "names 1 partners; two are wanted"),
    "trade": ("exporter,importer,year\nA,B,2001\n", "has no trade"),
    "cells": (HEAD + "A,B,2005\n", "events.csv:2: 3 cells; 8 are wanted"),
    "contradiction": (HEAD + GOOD + "A,B,2005,2007,11,12,,\n", "11 where 10 stands for 2005"),
    "terms": (HEAD + GOOD + "A,B,2005,2007,10,12,fta,\n", "events.csv:3:agreement: A-B: other"),
    "nothing after": (HEAD + "A,B,2005,2005,10,10,,\n", "nothing recorded after 2005"),
    "no base": (HEAD + "A,B,2005,2006,,12,,\n", "no trade in the base year 2005"),
    "empty": (HEAD, "has no rows below its header"),
    "twice": ("exporter,importer,year,trade_musd,trade_usd\nA,B,2001,1,1\n", "says the same as"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_at_its_place(read, mistake):
    text, words = MISTAKES[mistake]
    with pytest.raises(WorldError) as error:
        read(text)
    assert words in str(error.value)


def test_every_mistake_is_told_at_once(read):
    with pytest.raises(WorldError) as error:
        read(HEAD + "A,B,2005,206,10,12,,\nA,C,2005,2006,x,12,,\n")
    assert len(error.value.problems) == 2


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"exporter"])
def test_what_is_no_table_is_refused_in_words(tmp_path, content):
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    with pytest.raises(WorldError, match="wanted"):
        load_past_trade(path)
    with pytest.raises(WorldError, match="cannot be read"):
        load_past_trade(tmp_path / "none.csv")


def test_gdp_of_the_world_is_there_by_region_and_year(world):
    known = recorded_gdp()
    for k, region in enumerate(world.regions):
        assert known[region][world.base_year] == world.gdp_musd[k]


def test_the_example_that_ships_is_read_whole():
    flows, unused = load_past_trade(Path(__file__).parents[2] / "docs" / "past-trade.csv")
    assert len(flows) == 7
    assert unused == ()
    assert {flow.terms.kind for flow in flows} == {"none"}
