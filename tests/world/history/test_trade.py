"""Tables of past trade: many layouts, one meaning; every mistake at its place."""

import zipfile
from pathlib import Path

import pytest

from sim.study.hindcasts.hindcast_tables import TEMPLATE
from sim.world.csv_tables.table_errors import WorldError
from sim.world.history.downloaded_trade import load_past
from sim.world.history.trade import load_past_trade, recorded_gdp


@pytest.fixture
def read(tmp_path):
    def load(text):
        path = tmp_path / "events.csv"
        path.write_text(text, encoding="utf-8")
        return load_past_trade(path)

    return load


LAYOUTS = {
    "row a horizon": (
        "exporter,importer,base_year,year,base_trade_musd,trade_musd,gdp_exporter_base,"
        "gdp_exporter,gdp_importer_base,gdp_importer\n"
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
    "one partner": (HEAD + "A,A,2005,2006,10,12,,\n", "names 'A' twice; wanted two"),
    "trade": ("exporter,importer,year\nA,B,2001\n", "has no trade"),
    "cells": (HEAD + "A,B,2005\n", "events.csv:2: 3 cells; wanted 8"),
    "contradiction": (HEAD + GOOD + "A,B,2005,2007,11,12,,\n", "11 where 10 stands for 2005"),
    "terms": (HEAD + GOOD + "A,B,2005,2007,10,12,fta,\n", "events.csv:3:agreement: A-B: other"),
    "nothing after": (HEAD + "A,B,2005,2005,10,10,,\n", "nothing recorded after 2005"),
    "no base": (HEAD + "A,B,2005,2006,,12,,\n", "no trade in the base year 2005"),
    "empty": (HEAD, "has no rows below its header"),
    "nothing": ("", "events.csv:1: is empty; wanted a table as `sim hindcast --template` prints"),
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
    flows, unused = load_past_trade(Path(__file__).parents[3] / "docs" / "past-trade.csv")
    assert len(flows) == 7
    assert unused == ()
    assert {flow.terms.kind for flow in flows} == {"none"}


UNITS = {
    "trade_musd": 1.0,
    "Trade (USD million)": 1.0,
    "Trade, million USD": 1.0,
    "Trade in millions of USD": 1.0,
    "trade_usd_mn": 1.0,
    "Trade (US$ Mil)": 1.0,
    "Trade (US$ m)": 1.0,
    "Trade, billion dollars": 1e3,
    "Trade (USD bn)": 1e3,
    "Trade ('000 USD)": 1e-3,
    "Trade (thousand US$)": 1e-3,
    "trade_kusd": 1e-3,
    "Trade (US$)": 1e-6,
    "Trade in US dollars": 1e-6,
    "Trade value (USD)": 1e-6,
    "Trade in 1000 USD": 1e-3,
    "Trade (1,000 USD)": 1e-3,
    "Exports value, kUSD": 1e-3,
    "Trade, USDm": 1.0,
    "Trade [Mio. USD]": 1.0,
    "TRADE (MILLIONS OF DOLLARS)": 1.0,
    "trade_mln_usd": 1.0,
    "Trade (USDbn)": 1e3,
}


@pytest.mark.parametrize("heading", UNITS)
def test_an_amount_means_the_same_in_every_unit(read, heading):
    rows = "".join(f"A,B,{year},{musd / UNITS[heading]!r}\n" for year, musd in AMOUNTS.items())
    (flow,), unused = read(f'exporter,importer,year,"{heading}"\n{rows}')
    assert dict(flow.trade_musd) == pytest.approx(AMOUNTS)
    assert not unused


AMOUNTS = {2003: 850.0, 2009: 1310.0}


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("Trade (million)", "unknown column"),
        ("trade_musd_million", "has a unit or a word that is not read"),
        ("Trade (USD million billion)", "has a unit or a word that is not read"),
        ("Trade (EUR million)", "is in eur; wanted US dollars"),
        ("Trade, PKR million", "is in pkr; wanted US dollars"),
    ],
)
def test_a_unit_that_is_none_is_refused(read, heading, said):
    with pytest.raises(WorldError, match=said):
        read(f'exporter,importer,year,"{heading}"\nA,B,2003,1\nA,B,2004,2\n')


TERMS = (
    "exporter,importer,year,trade_musd,agreement,in_force\nA,B,2003,1,fta,{}\nA,B,2009,2,fta,{}\n"
)


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("3011", "events.csv:2:in_force: 3011 is out of range; wanted a year from 1900 to 2100"),
        ("0000", "0000 is out of range"),
        ("2006-02-30", "2006-02-30 is a day that does not exist"),
        ("2006-13", "2006-13 is a day that does not exist"),
        ("06-2006", "'06-2006' is no date"),
    ],
)
def test_a_date_that_cannot_be_is_told_at_its_place(read, date, said):
    with pytest.raises(WorldError) as error:
        read(TERMS.format(date, date))
    assert said in str(error.value)


@pytest.mark.parametrize("year", ["3009", "1.5e3", "2009.5", "٢٠٠٩", "2_009"])
def test_a_year_that_cannot_be_is_told(read, year):
    with pytest.raises(WorldError, match=r"events\.csv:3:year"):
        read(f"exporter,importer,year,trade_musd\nA,B,2003,1\nA,B,{year},2\n")


def test_decimal_commas_and_grouped_thousands_are_read(read):
    (flow,), _ = read("exporter;importer;year;trade_musd\nA;B;2003;2.417,25\nA;B;2009;3.100\n")
    assert dict(flow.trade_musd) == {2003: 2417.25, 2009: 3100.0}
    (flow,), _ = read("exporter;importer;year;trade_musd\nA;B;2003;2.417\nA;B;2009;3.1\n")
    assert dict(flow.trade_musd) == {2003: 2.417, 2009: 3.1}


def test_a_decimal_comma_between_commas_is_told(read):
    with pytest.raises(WorldError) as error:
        read('exporter,importer,year,trade_musd\nA,B,2003,"2,5"\nA,B,2009,3,5\n')
    assert "events.csv:2:trade_musd" in str(error.value)
    assert "is this a decimal comma? write 2.5" in str(error.value)
    assert "events.csv:3: 5 cells; wanted 4, as in the header" in str(error.value)


@pytest.mark.parametrize("mark", ["..", "NA", "n/a", "-", "NaN", "…".replace("…", "...")])
def test_a_figure_that_is_marked_as_missing_is_blank(read, mark):
    head = "exporter,importer,base_year,year,base_trade_musd,trade_musd\n"
    (flow,), unused = read(head + f"A,B,2003,2006,4,5\nA,C,2003,2006,4,{mark}\n")
    assert flow.importer == "B"
    assert unused == ("row 3 (A-C: what came of it is missing)",)


@pytest.mark.parametrize("char", ["\x1b", "\x07"])
def test_a_name_that_cannot_be_shown_is_refused(read, char):
    with pytest.raises(WorldError, match=r"events\.csv:2:exporter: holds the control character"):
        read(f"exporter,importer,year,trade_musd\nA{char},B,2003,1\n")


DOWNLOADED = {
    "baci": {2015: 1.4305, 2018: 1.7022},
    "cepii": {2015: 21.5, 2018: 35.1},
    "comtrade-new": {2015: 21.5, 2018: 35.1},
    "comtrade-old": {2015: 21.5, 2018: 35.1},
    "wits": {2015: 21.5, 2016: 20.1, 2017: 28.8, 2018: 35.1},
}


@pytest.mark.parametrize("stem", DOWNLOADED)
def test_files_are_read_as_they_are_downloaded(cases, stem):
    flows, _ = load_past(cases / "reports" / "files-as-downloaded" / f"{stem}.csv")
    (flow,) = [f for f in flows if f.importer == "KAZ" and not f.both_directions]
    assert flow.exporter == ("CIV" if stem == "comtrade-old" else "PAK")
    assert dict(flow.trade_musd) == pytest.approx(DOWNLOADED[stem])
    assert flow.terms.kind == "none"


def test_the_importers_report_is_less_freight(cases):
    flows, _ = load_past(cases / "reports" / "files-as-downloaded" / "comtrade-new.csv")
    (back,) = [f for f in flows if f.exporter == "KAZ"]
    assert back.trade_musd[2015] == pytest.approx(11.5 / 1.06)


def test_incomes_of_a_download_go_with_its_flows(cases):
    ((flow,), _) = load_past(cases / "reports" / "files-as-downloaded" / "cepii.csv")
    exporter, importer = flow.gdp
    assert exporter[2015] == pytest.approx(270_556.131)
    assert importer[2018] == pytest.approx(179_339.994)


def test_a_zip_with_a_file_a_year_is_one_series(tmp_path):
    with zipfile.ZipFile(tmp_path / "baci.zip", "w") as packed:
        for year, value in ((2015, 1430.5), (2018, 1702.2)):
            text = f"t,i,j,k,v,q\n{year},586,398,010121,{value},NA\n"
            packed.writestr(f"BACI_HS92_Y{year}_V202401b.csv", text)
        packed.writestr("country_codes_V202401b.csv", "country_code,country_iso3\n586,PAK\n")
    ((flow,), _) = load_past(tmp_path / "baci.zip")
    assert dict(flow.trade_musd) == pytest.approx({2015: 1.4305, 2018: 1.7022})


def test_a_download_of_one_year_or_without_a_unit_is_refused_with_the_remedy(cases, tmp_path):
    one = tmp_path / "one.csv"
    one.write_text("t,i,j,k,v,q\n2015,586,398,010121,215.5,12\n", encoding="utf-8")
    with pytest.raises(WorldError, match="CEPII BACI: no pair with trade in two years; wanted"):
        load_past(one)
    with pytest.raises(WorldError, match="gegravity table: the heading has no unit") as error:
        load_past(cases / "reports" / "files-as-downloaded" / "gegravity.csv")
    assert len(error.value.problems) == 1


def test_marks_and_decimal_commas_of_own_tables_are_read(cases):
    folder = cases / "reports" / "files-as-downloaded"
    small, large = load_past(folder / "decimal.csv")[0]
    assert dict(small.trade_musd) == {2010: 5.2, 2013: 6.1}
    assert dict(large.trade_musd) == {2010: 1203.5, 2013: 1350.1}
    flows, unused = load_past(folder / "missing.csv")
    assert (len(flows), len(unused)) == (1, 5)


def test_a_million_in_a_heading_is_a_million(cases):
    for path in sorted((cases / "reports" / "million-usd-in-heading").glob("*.csv")):
        ((flow,), _) = load_past_trade(path)
        assert dict(flow.trade_musd) == {2010: 1200.0, 2015: 1500.0}, path.name


NAMES = (
    "United States - Israel",
    "Customs Union of the West (CUW)",
    "customs union of three states",
    "Transit Agreement (Lakes) - Accession of Kenya",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_resembles_a_kind_is_a_name(read, name):
    # One of the Deep Trade Agreements names was taken for a slip, and the whole table refused.
    (flow,), unused = read(HEAD + f'A,B,2005,2006,10,12,"{name}",\n')
    assert not unused
    assert flow.terms.kind in ("free-trade", "customs-union")


PANEL = "exporter,importer,year,trade_musd,gdp_o_musd,tariff_rate,cut,in_force,note\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            "AA,BB,2005,100,9000,0.1,0.5,2006,\nAA,BB,2008,150e6,9500,0.1,0.5,2006,\n",
            "events.csv:3:trade_musd: AA-BB: 1.5e+08 million USD in 2008 is more than any two",
        ),
        (
            "AA,BB,2005,1,9000,0.1,0.5,2006,\nAA,BB,2008,1500,9500,0.1,0.5,2006,\n",
            "events.csv:3:trade_musd: AA-BB: from 1 in 2005 to 1500 in 2008 no state has come",
        ),
        (
            "AA,BB,2005,100,9000,0.1,0.5,2006,\nAA,BB,2008,150,95e6,0.1,0.5,2006,\n",
            "events.csv:3:gdp_o_musd: AA-BB: from 9000 in 2005 to 9.5e+07 in 2008",
        ),
        (
            "AA,BB,2005,100,9,0.1,0.5,2006,\nAA,BB,2008,150,9500,0.1,0.5,2006,\n",
            "events.csv:2:gdp_o_musd: AA-BB: 9 million USD in 2005 is the output of no state",
        ),
        (
            "AA,BB,2005,100,9000,0.1,0.5,2099,\nAA,BB,2008,150,9500,0.1,0.5,2099,\n",
            "events.csv:2:in_force: 2099 with trade of 2005 to 2008; is the year right?",
        ),
        (
            "AA,BB,1905,100,9000,0.1,0.5,2006,\nAA,BB,2008,150,9500,0.1,0.5,2006,\n",
            "events.csv:3:trade_musd: AA-BB: is 103 years after 1905; at most 60",
        ),
        (
            "AA,BB,2005,100,9000,10,0.5,2006,\nAA,BB,2008,150,9500,10,0.5,2006,\n",
            "events.csv:2:tariff_rate: 10 and 1 more of 2 rates are above 1: is the column in per",
        ),
        (
            "AA,BB,2005,100,9000,2.5,0.5,2006,\nAA,BB,2008,150,9500,,,,\n",
            "events.csv:2:tariff_rate: 2.5 is a duty of 250 %: is this per cent? write 0.025; if",
        ),
    ],
)
def test_amounts_that_cannot_be_meant_are_told_at_their_place(read, rows, said):
    with pytest.raises(WorldError) as caught:
        read(PANEL + rows)
    assert said in str(caught.value)


def test_a_duty_above_100_per_cent_stands_where_its_row_says_that_it_is_meant(read):
    (flow,), _ = read(f"{PANEL}AA,BB,2005,100,9000,2.5,0.5,2006,sugar\nAA,BB,2008,150,9500,,,,\n")
    assert flow.terms.tariff_rate == 2.5


def test_a_table_without_a_later_record_says_so(read):
    with pytest.raises(WorldError, match="no flow that goes beyond its base year"):
        read(
            "exporter,importer,base_year,year,base_trade_musd,trade_musd\nAA,BB,2005,2010,100,..\n"
        )


@pytest.mark.parametrize("heading", ["Trade (crore USD)", "Trade (hundred million USD)",
                                     "Trade (USD Million, constant 2015)"])  # fmt: skip
def test_a_unit_that_is_not_read_is_refused_without_a_nearest_column(read, heading):
    with pytest.raises(WorldError, match="has a unit or a word that is not read") as error:
        read(f'exporter,importer,year,"{heading}"\nA,B,2010,1\n')
    assert "did you mean" not in str(error.value)


WRITTEN = {
    "1 203.5": "write 1203.5", "1'203": "write 1203", "1\u00a0203": "write 1203",
    "$5": "the unit stands in the heading; write 5", "5 %": "this is per cent; wanted an amount",
    "۵٫۲": "are these digits of another script? write 5.2", '"5,2"': "decimal comma? write 5.2",
}  # fmt: skip


@pytest.mark.parametrize("cell", WRITTEN)
def test_an_amount_in_other_signs_is_told_as_it_should_be_written(read, cell):
    with pytest.raises(WorldError, match="is no amount") as error:
        read(
            f"exporter,importer,base_year,year,base_trade_musd,trade_musd\nA,B,2003,2006,{cell},5\n"
        )
    assert WRITTEN[cell] in str(error.value)
    assert "write 0.05" not in str(error.value)


def test_an_outcome_before_its_base_is_refused_and_a_panel_may_begin_before(read):
    head = "exporter,importer,base_year,year,base_trade_musd,trade_musd\n"
    with pytest.raises(WorldError, match="3:year: 1900 is before the base year 2003"):
        read(head + "A,B,2003,2006,4,5\nA,B,2003,1900,4,6\n")
    panel = "exporter,importer,base_year,year,trade_musd\n"
    ((flow,), _) = read(panel + "A,B,2003,2001,3\nA,B,2003,2003,4\nA,B,2003,2006,5\n")
    assert dict(flow.trade_musd) == {2003: 4.0, 2006: 5.0}


WAYS = {
    "UTF-16": lambda text: text.encode("utf-16"),
    "Latin-1": lambda text: text.encode("latin-1"),
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("is_packed", [False, True])
def test_own_tables_are_read_in_any_encoding_packed_or_not(tmp_path, way, is_packed):
    content = WAYS[way]("exporter,importer,year,trade_musd\nCôte,B,2003,4\nCôte,B,2006,5\n")
    path = tmp_path / ("own.zip" if is_packed else "own.csv")
    if is_packed:
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("own.csv", content)
    else:
        path.write_bytes(content)
    ((flow,), _) = load_past(path)
    assert (flow.exporter, dict(flow.trade_musd)) == ("Côte", {2003: 4.0, 2006: 5.0})


def test_a_download_that_lacks_a_heading_is_told_as_one(tmp_path, cases):
    text = (cases / "reports" / "files-as-downloaded" / "comtrade-new.csv").read_text("latin-1")
    path = tmp_path / "x.csv"
    path.write_text(text.replace("primaryValue", "value"), encoding="utf-8")
    with pytest.raises(WorldError, match=r"x\.csv:1: .* resembles UN Comtrade \(new layout\) with"):
        load_past(path)
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as packed:
        for name in ("a.csv", "b.csv"):
            packed.writestr(name, "exporter,importer,year,trade_musd\nA,B,2003,4\n")
    with pytest.raises(WorldError, match="has 2 tables"):
        load_past(tmp_path / "two.zip")


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "sep=,"])
def test_a_line_that_says_what_separates_the_cells_is_read_over(read, line):
    rows = "exporter;importer;year;trade_musd\nA;B;2003;4,5\nA;B;2006;5,5\n"
    if line == "sep=,":
        rows = rows.replace(",", ".").replace(";", ",")
    ((flow,), _) = read(f"{line}\n{rows}")
    assert dict(flow.trade_musd) == {2003: 4.5, 2006: 5.5}
    with pytest.raises(WorldError, match=":3:trade_musd: 'x'"):
        read("sep=,\nexporter,importer,year,trade_musd\nA,B,2003,x\n")


def test_bars_between_cells_are_told(read):
    with pytest.raises(
        WorldError, match="cells are separated by bars; wanted commas or semicolons or"
    ):
        read("exporter|importer|year|trade_musd\nA|B|2003|4\n")
