"""Worlds made of downloads: known sums, precedence, conflicts, gaps, and located refusals."""

import gzip
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.world.builder import build_world, read_spec
from sim.world.builder.filling import fill
from sim.world.csv_tables.table_errors import WorldError
from sim.world.load import load_world
from sim.world.sources.countries import NOWHERE, UNKNOWN, WORLD, countries
from sim.world.sources.file_kinds import read
from sim.world.sources.files import RefusedError, members
from sim.world.sources.parsed_files import ReadingTask
from tests.builders import downloads
from tests.builders.downloads import rows_of

REGIONS = ["KEN", "UGA", {"code": "EU", "name": "European Union", "members": "EU27"}]


def spec_of(folder: Path, **more: object):
    plain = {"base_year": downloads.YEAR, "regions": REGIONS, "files": ["downloads"], **more}
    spec, faults = read_spec(plain, folder)
    assert not faults, faults
    return spec


def written(built, folder: Path) -> Path:
    folder.mkdir()
    for name, content in built.files.items():
        (folder / name).write_bytes(content)
    return folder


def flow(folder: Path, exporter: str, importer: str) -> dict[str, str]:
    rows = rows_of(folder / "trade_prior.csv")
    return next(r for r in rows if (r["exporter"], r["importer"]) == (exporter, importer))


@pytest.fixture(scope="module")
def east_africa(tmp_path_factory):
    folder = tmp_path_factory.mktemp("east-africa")
    downloads.make(folder / "downloads")
    built = build_world(spec_of(folder))
    return built, written(built, folder / "world")


def test_the_importers_report_counts_less_freight(east_africa):
    _, folder = east_africa
    row = flow(folder, "KEN", "UGA")
    assert float(row["trade_musd"]) == pytest.approx(265.0 / 1.06)
    assert (row["source"], row["flag"]) == ("comtrade-uganda", "derived")
    assert float(flow(folder, "UGA", "KEN")["trade_musd"]) == pytest.approx(159.0 / 1.06)


def test_breakdowns_and_finer_products_are_not_added(east_africa):
    """Kenya's sales to Germany and the Netherlands stand once each in 40 rows of its file."""
    _, folder = east_africa
    assert float(flow(folder, "KEN", "EU")["trade_musd"]) == pytest.approx(300.0)


def test_the_rest_of_the_world_closes_the_totals_of_the_world_row(east_africa):
    _, folder = east_africa
    sold = sum(v for (f, p, _), v in downloads.KENYA.items() if (f, p) == ("X", "W00"))
    # Uganda's own report of what it bought of Kenya, and Kenya's own of the others.
    assert float(flow(folder, "KEN", "ROW")["trade_musd"]) == pytest.approx(sold - 300.0 - 230.0)


def test_what_both_sides_report_differently_is_listed_with_both_values(east_africa):
    built, folder = east_africa
    rows = rows_of(folder / "conflicts.csv")
    row = next(r for r in rows if r["what"].startswith("KEN to UGA"))
    assert float(row["used"]) == pytest.approx(250.0)
    assert float(row["set_aside"]) == pytest.approx(230.0)
    assert "importer's report" in row["used_from"]
    assert "exporter's report" in row["set_aside_from"]
    assert f"Disagreements between sources: {len(rows)}." in built.summary


def test_the_exporters_report_can_go_first(tmp_path):
    downloads.make(tmp_path / "downloads")
    built = build_world(spec_of(tmp_path, mirror="exporter"))
    folder = written(built, tmp_path / "world")
    assert float(flow(folder, "KEN", "UGA")["trade_musd"]) == pytest.approx(230.0)


def test_goods_of_a_pair_are_those_of_its_file(east_africa):
    _, folder = east_africa
    world = load_world(folder)
    i, j = world.region_index("KEN"), world.region_index("UGA")
    assert world.energy_trade[i, j] == pytest.approx(74.2 / 1.06)
    assert world.trade[world.goods.index("metals"), i, j] == pytest.approx(127.2 / 1.06)


def test_duties_are_those_of_the_file_and_preferences_become_margins(east_africa):
    _, folder = east_africa
    world = load_world(folder)
    (rates,) = world.tariffs.mfn_rate_by_type.values()
    metals, uganda, kenya = world.goods.index("metals"), *map(world.region_index, ("UGA", "KEN"))
    assert rates[metals, uganda] == pytest.approx(0.16)
    assert world.tariffs.applied_rate[metals, kenya, uganda] == 0
    food = world.goods.index("food")
    assert rates[food, kenya] == pytest.approx((0.60 + 0.10) / 2)
    assert world.tariffs.applied_rate[metals, uganda, kenya] == rates[metals, kenya]
    simple = build_world(spec_of(folder.parent, tariffs="simple"))
    text = simple.files["tariffs.csv"].decode()
    assert "UGA,metals,customs_duty,0.17,,trains,derived" in text


def test_incomes_growth_and_distances_are_those_of_the_files(east_africa):
    _, folder = east_africa
    world = load_world(folder)
    kenya, uganda = map(world.region_index, ("KEN", "UGA"))
    assert world.gdp_musd[kenya] == pytest.approx(110_000)
    assert world.population_m[uganda] == pytest.approx(46)
    assert world.growth[kenya, world.growth_years.index(2025)] == pytest.approx(0.058)
    distances = rows_of(folder / "distances.csv")
    near = next(r for r in distances if (r["region"], r["partner"]) == ("KEN", "UGA"))
    assert (near["distance_km"], near["contiguous"], near["flag"]) == ("510.0", "yes", "seen")


def test_what_lies_in_the_folder_and_is_no_table_is_told(east_africa):
    built, _ = east_africa
    (warning,) = built.warnings
    assert "notes.pdf: a PDF" in warning
    assert warning in built.files["REPORT.md"].decode()


def test_every_row_has_a_source_and_the_report_counts_the_estimates(east_africa):
    built, folder = east_africa
    sources = {row["source"] for row in rows_of(folder / "sources.csv")}
    estimated = 0
    for path in folder.glob("*.csv"):
        if path.stem not in ("conflicts", "sources"):
            for row in rows_of(path):
                assert row["source"] in sources, (path.name, row)
                assert row["flag"] in ("seen", "derived", "estimated")
                estimated += path.stem == "trade_prior" and row["flag"] == "estimated"
    assert f"{estimated} flows are estimated by gravity" in " ".join(built.summary)
    assert "re-exports of 55 million USD stand inside exports" in built.files["REPORT.md"].decode()


def test_the_order_of_rows_and_files_of_one_kind_changes_nothing(east_africa, tmp_path):
    built, _ = east_africa
    folder = downloads.make(tmp_path / "downloads")
    for name in ("TradeData_kenya.csv", "comtrade_uganda.csv", "trains.csv"):
        lines = (folder / name).read_bytes().split(b"\n")
        body = [line for line in lines[1:] if line]
        random.Random(3).shuffle(body)
        (folder / name).write_bytes(b"\n".join([lines[0], *body]))
    again = build_world(spec_of(tmp_path))
    for name, content in built.files.items():
        if name.endswith(".csv"):
            assert again.files[name] == content, name


def test_the_extract_of_baci_has_its_known_sums(cases, tmp_path):
    archive = cases / "data" / "BACI_HS17_V202301_extract.zip"
    (tmp_path / "gdp.csv").write_text(
        "country,year,gdp_musd,population_m\nAFG,2020,20143,39\nPakistan,2020,300426,227\n"
        "ZAF,2020,338000,59\nKAZ,2020,171000,18.8\n",
        encoding="utf-8",
    )
    (tmp_path / "own.csv").write_text(
        "exporter,importer,good,trade_musd\nPAK,AFG,food,500\nPAK,AFG,textiles,100\n"
        "KAZ,AFG,food,400\nPAK,ROW,textiles,15000\nKAZ,ROW,27,30000\n",
        encoding="utf-8",
    )
    plain = {
        "base_year": 2020,
        "regions": ["AFG", "PAK", "ZAF", "KAZ"],
        "files": [str(archive), "gdp.csv", "own.csv"],
    }
    spec, faults = read_spec(plain, tmp_path)
    assert not faults
    world = load_world(written(build_world(spec), tmp_path / "world"))
    n = len(world.regions)
    afg, pak, zaf, kaz = range(4)
    abroad = world.trade.sum(axis=0) * (1 - np.eye(n)) + world.energy_trade
    assert abroad[afg].sum() == pytest.approx(513.844, abs=5e-4)
    assert abroad[afg, pak] == pytest.approx(369.902, abs=5e-4)
    assert world.trade[world.goods.index("food"), afg, pak] == pytest.approx(211.273, abs=5e-4)
    assert world.energy_trade[afg, pak] == pytest.approx(19.032, abs=6e-4)
    assert world.trade[world.goods.index("textiles"), afg, pak] == pytest.approx(117.317, abs=5e-4)
    assert abroad[zaf, kaz] == pytest.approx(18.851, abs=5e-4)
    assert abroad[pak, afg] == pytest.approx(600)


def test_goods_can_be_chapters_of_the_analysts_own(cases, tmp_path):
    archive = cases / "data" / "BACI_HS17_V202301_extract.zip"
    (tmp_path / "gdp.csv").write_text("country,year,gdp_musd\nAFG,2020,20143\nPAK,2020,300426\n")
    plain = {
        "base_year": 2020,
        "regions": ["AFG", "PAK"],
        "goods": {"farm": "01-24", "clothing": [50, "51-63"]},
        "files": [str(archive), "gdp.csv"],
    }
    spec, _ = read_spec(plain, tmp_path)
    assert [good.code for good in spec.goods] == ["farm", "clothing", "other", "energy"]
    built = build_world(spec)
    rows = written(built, tmp_path / "w")
    share = {r["good"]: float(r["share"]) for r in rows_of(rows / "pair_composition.csv")
             if (r["exporter"], r["importer"]) == ("AFG", "PAK")}  # fmt: skip
    assert share["farm"] == pytest.approx(211.273 / 369.902, abs=1e-5)
    assert share["clothing"] == pytest.approx(117.317 / 369.902, abs=1e-5)


NO_COUNTRY = ":2:exporter: plain table: 'AAA' is no country and no region of this world; wanted"
DOWNLOADED = {
    # file: exports of the first row's pair in 2018 [musd], or words of the refusal
    "comtrade-new.csv": 35.1,
    "comtrade-old.csv": 35.1,
    "cepii.csv": 35.1,
    "wits.csv": 35.1,
    "baci.csv": 1.7022,
    "gegravity.csv": ":1:trade: gegravity table: the heading has no unit in US dollars; wanted",
    "decimal.csv": NO_COUNTRY,
    "missing.csv": NO_COUNTRY,
}


@pytest.mark.parametrize("name", DOWNLOADED)
def test_files_as_downloaded_are_read_or_refused_in_one_sentence(cases, name):
    (member,) = members(cases / "reports" / "files-as-downloaded" / name)
    wanted = DOWNLOADED[name]
    if isinstance(wanted, str):
        with pytest.raises(RefusedError) as told:
            read(member, ReadingTask(2018))
        assert wanted in str(told.value)
        assert "\n" not in str(told.value)
        return
    _, reading = read(member, ReadingTask(2018))
    first = reading.trade[0]
    _, kazakhstan = map(countries().find, ("Pakistan", "Kazakhstan"))
    rows = [f for f in reading.trade if (f.year == 2018).any() and f.side == first.side]
    found = sum(float(f.musd[(f.year == 2018) & (f.importer == kazakhstan)].sum()) for f in rows)
    assert found == pytest.approx(wanted)


def test_a_unit_beside_the_file_stands_in_for_one_in_the_heading(cases):
    (member,) = members(cases / "reports" / "files-as-downloaded" / "gegravity.csv")
    _, reading = read(member, ReadingTask(2018, unit="million USD"))
    assert reading.trade[0].musd.tolist() == [21.5, 35.1]


@pytest.mark.parametrize("name", ["million-1.csv", "million-2.csv", "musd.csv"])
def test_a_unit_in_words_is_that_unit(cases, name):
    (member,) = members(cases / "reports" / "million-usd-in-heading" / name)
    asked = ReadingTask(2010, regions={"aaa": 0, "bbb": 1})
    _, reading = read(member, asked)
    assert reading.trade[0].musd.tolist() == [1200, 1500]


def test_a_decimal_comma_is_read_where_semicolons_part_the_cells(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("exporter;importer;trade_musd\nKEN;UGA;1.203,5\nUGA;KEN;5,2\n")
    _, reading = read(members(path)[0], ReadingTask(2020))
    assert reading.trade[0].musd.tolist() == [1203.5, 5.2]


BROKEN = {
    "t,i,j,k,v,q\n2020,4,586,010121,1.0,NA\n2020,4,586,010121,abc,NA\n": ":3:v: CEPII BACI: 'abc'",
    "t,i,j,k,v,q\n2020,4,586,010121,1.0\n": ":2: CEPII BACI: 5 cells where the heading has 6",
    "t,i,j,k,v,q\n2019,4,586,010121,1.0,NA\n": "holds 2019 and not the base year 2020",
    "exporter,importer,trade_musd\nKEN,UGA,1\n\nKEN,Ugganda,2\n": ":4:importer: plain table: 'Ug",
    "exporter,importer,trade_musd\nKEN,UGA,-1\n": ":2:trade_musd: plain table: '-1' is below 0",
    "exporter,importer,trade_musd\nKEN,UGA\n": ":2: plain table: 2 cells where the heading has 3",
    "exporter,importer,trade_eur\nKEN,UGA,1\n": "no unit in US dollars",
    "exporter,importer,trade_musd\n": "no rows below the heading",
    "importer,good,tariff\nKEN,food,5\n": "does not say whether this is per cent",
    "a,b,c\n1,2,3\n": "the headings a, b, c are not those of any format known here",
    "Reporter,Product,Partner,DutyType,Simple Average\n404,01,000,MFN,5\n": ":1: TRAINS",
    "<!DOCTYPE html><html></html>": "is a web page",
    "": "is empty",
}


@pytest.mark.parametrize("text", BROKEN)
def test_what_cannot_be_read_is_refused_where_it_stands(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(RefusedError) as told:
        read(members(path)[0], ReadingTask(2020))
    assert BROKEN[text] in str(told.value)
    assert str(told.value).startswith(str(path))
    assert "wanted" in str(told.value)


def test_rows_that_contradict_each_other_are_refused(tmp_path):
    text = downloads.comtrade_new()
    line = next(line for line in text.splitlines() if ",X,Export,800," in line)
    path = tmp_path / "x.csv"
    path.write_text(text + line + "\n")
    _, reading = read(members(path)[0], ReadingTask(downloads.YEAR))
    assert any("counted once" in note for note in reading.notes)
    path.write_text(text + line.replace("20000000", "21000000") + "\n")
    with pytest.raises(RefusedError, match="differs from line 2"):
        read(members(path)[0], ReadingTask(downloads.YEAR))


def test_some_months_are_not_a_year(tmp_path):
    def month(number: int) -> str:
        return (
            f"C,M,2021{number:02d}01,2021,{number},2021{number:02d},404,KEN,Kenya,X,Export,800,UGA,"
            "Uganda,0,W00,HS,TOTAL,All,C00,0,1000000,true,"
        )

    path = tmp_path / "x.csv"
    path.write_text("\n".join([downloads.COMTRADE_NEW, *map(month, range(1, 8))]) + "\n")
    with pytest.raises(RefusedError, match="no whole year"):
        read(members(path)[0], ReadingTask(2021))
    path.write_text("\n".join([downloads.COMTRADE_NEW, *map(month, range(1, 13))]) + "\n")
    _, reading = read(members(path)[0], ReadingTask(2021))
    assert reading.trade[0].musd.sum() == pytest.approx(12)


WDI_LAYOUTS = {
    "databank": "Series Name,Series Code,Country Name,Country Code,2020 [YR2020],2021 [YR2021]\n"
    "GDP (current US$),NY.GDP.MKTP.CD,Kenya,KEN,..,110000000000\n\n"
    "Data from database: World Development Indicators,,,,,\n",
    "long": "country,iso3c,date,indicator,value\nKenya,KEN,2021,NY.GDP.MKTP.CD,110000000000\n",
    "by series": "Country Name,Country Code,Time,Time Code,GDP (current US$) [NY.GDP.MKTP.CD]\n"
    "Kenya,KEN,2021,YR2021,110000000000\n",
    "by name": "Country Name,Country Code,Indicator Name,Year,Value\n"
    "Kenya,KEN,GDP (current US$),2021,110000000000\n",
    "weo of 2025": "COUNTRY,INDICATOR,SERIES_CODE,OBS_MEASURE,2020,2021\n"
    "Kenya,GDP,KEN.NGDPD.A,OBS_VALUE,,110\n",
}


@pytest.mark.parametrize("layout", WDI_LAYOUTS)
def test_facts_come_in_many_layouts(tmp_path, layout):
    path = tmp_path / "x.csv"
    path.write_text(WDI_LAYOUTS[layout])
    _, reading = read(members(path)[0], ReadingTask(2021))
    (fact,) = [f for f in reading.facts if (f.year == 2021).any()]
    assert fact.what == "gdp_musd"
    assert fact.value.tolist() == pytest.approx([110_000])


def test_duties_and_trade_come_in_other_layouts_of_wits(tmp_path):
    """Bulk files of TRAINS, country profiles and trade queries, on one duty and one flow."""
    texts = {
        "bulk.csv": "Reporter_ISO_N,Year,ProductCode,Sum_Of_Rates,SimpleAverage\n"
        "404,2021,100190,20,10\n",
        "profile.csv": "Reporter,Partner,Product categories,Indicator Type,Indicator,2020,2021\n"
        "Kenya,World,Vegetable,Tariff,MFN Weighted Average (%),9,10\n"
        "Kenya,Uganda,All Products,Export,Export(US$ Mil),500,600\n",
        "query.csv": "Nomenclature,ReporterISO3,ProductCode,ReporterName,PartnerISO3,PartnerName,"
        "Year,TradeFlowName,TradeFlowCode,TradeValue in 1000 USD\n"
        "HS,KEN,10,Kenya,UGA,Uganda,2021,Export,6,600000\n",
    }
    found = {}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
        _, found[name] = read(members(tmp_path / name)[0], ReadingTask(2021))
    for name in ("bulk.csv", "profile.csv"):
        duties = [d for d in found[name].duties if (d.year == 2021).any()]
        assert duties[0].rate.tolist() == [pytest.approx(0.10)], name
    for name in ("profile.csv", "query.csv"):
        flows = [f for f in found[name].trade if (f.year == 2021).any()]
        assert flows[0].musd.tolist() == [pytest.approx(600)], name


BULK = (
    "typeCode", "freqCode", "refPeriodId", "refYear", "refMonth", "period", "reporterCode",
    "flowCode", "partnerCode", "partner2Code", "classificationCode", "isOriginalClassification",
    "cmdCode", "customsCode", "mosCode", "motCode", "qty", "cifvalue", "fobvalue", "primaryValue",
    "isReported", "isAggregate",
)  # fmt: skip


def test_a_bulk_file_of_comtrade_is_read_packed_as_it_comes(tmp_path):
    """Tabs, no names, six digits and their sums, every mode of transport, re-exports apart."""

    def row(flow: str, partner: int, code: str, value: float, mot: int = 0, customs: str = "C00"):
        cells = ["C", "A", "20210101", "2021", "52", "2021", "404", flow, str(partner), "0", "H5",
                 "1", code, customs, "0", str(mot), "", "", "", f"{value}", "0", "1"]  # fmt: skip
        return "\t".join(cells)

    lines = ["\t".join(BULK), row("X", 800, "TOTAL", 9e6), row("X", 800, "27", 5e6),
             row("X", 800, "2710", 5e6), row("X", 800, "271019", 5e6),
             row("X", 800, "27", 4e6, mot=3200), row("X", 800, "27", 1e6, customs="C01"),
             row("X", 800, "09", 3e6), row("X", 800, "9999AA", 1e6), row("RX", 800, "27", 2e6),
             row("M", 899, "27", 7e6), row("M", 0, "27", 8e6)]  # fmt: skip
    path = tmp_path / "COMTRADE-FINAL-CA404202100H5.txt.gz"
    path.write_bytes(gzip.compress("\n".join([*lines, ""]).encode()))
    (out, into) = read(members(path)[0], ReadingTask(2021))[1].trade
    by_product = dict(zip(out.product.tolist(), out.musd.tolist(), strict=True))
    assert by_product == {0: 9.0, 2727: 5.0, 909: 3.0}
    assert sorted(into.exporter.tolist()) == [NOWHERE, WORLD]


def test_the_report_says_how_often_estimated_borders_shut(east_africa):
    built, _ = east_africa
    said = " ".join(built.files["REPORT.md"].decode().split())
    assert "No closure is on record: a border shuts 0.05 times a year for 14 days" in said


def test_plain_figures_of_a_group_go_before_sums_of_its_countries(tmp_path):
    downloads.make(tmp_path / "downloads")
    (tmp_path / "own.csv").write_text(
        "exporter;importer;good;Trade (USD million)\nKenya;EU;food;1.234,5\nEU;ROW;;9,5\n"
    )
    (tmp_path / "duty.csv").write_text("importer,good,tariff_rate\nEU,metals,0.031\n")
    built = build_world(spec_of(tmp_path, files=["own.csv", "duty.csv", "downloads"]))
    folder = written(built, tmp_path / "world")
    assert float(flow(folder, "KEN", "EU")["trade_musd"]) == 1234.5
    assert float(flow(folder, "EU", "ROW")["trade_musd"]) == 9.5
    assert flow(folder, "EU", "ROW")["flag"] == "seen"
    tariffs = rows_of(folder / "tariffs.csv")
    row = next(r for r in tariffs if (r["importer"], r["good"]) == ("EU", "metals"))
    assert float(row["tariff_rate"]) == 0.031
    conflicts = rows_of(folder / "conflicts.csv")
    assert any(float(row["used"]) == 1234.5 for row in conflicts), conflicts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("importer,good,tariff_rate\nEU,food,3.1\nEU,metals,4\n", "is the column in per cent?"),
        ("importer,good,tariff_rate\nEU,metals,3.1\n", "a note in its row that says so"),
        ("importer,good,tariff_percent\nEU,metals,3100\n", "at most 1000 per cent"),
    ],
)
def test_duties_above_100_per_cent_are_asked_about_in_fractions(tmp_path, text, said):
    (tmp_path / "duty.csv").write_text(text)
    with pytest.raises(RefusedError, match=r"duty\.csv:2:tariff_") as caught:
        read(members(tmp_path / "duty.csv")[0], ReadingTask(2021))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exporter,importer,year,trade_musd\nKEN,UGA,2021,5e8\n", "'5e8' is 5e+08 million"),
        ("country,year,gdp_musd\nKEN,2021,1.1e11\n", "'1.1e11' is 1.1e+11 million"),
        ("country,year,gdp_musd\nKEN,2021,0\n", "'0' is 0 million, which is no country's"),
        ("country,year,population_m\nKEN,2021,53000000\n", "is 5.3e+07 million, which is no"),
    ],
)
def test_amounts_in_another_unit_than_the_heading_says_are_told_in_the_file(tmp_path, text, said):
    (tmp_path / "own.csv").write_text(text)
    with pytest.raises(RefusedError, match=r"own\.csv:2:") as caught:
        read(members(tmp_path / "own.csv")[0], ReadingTask(2021))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "importer,good,tariff_rate,note\nEU,metals,3.1,sugar within it\n",
        "importer,good,tariff_percent\nEU,metals,310\n",
    ],
)
def test_a_duty_above_100_per_cent_that_is_meant_reaches_the_world_with_a_warning(tmp_path, text):
    downloads.make(tmp_path / "downloads")
    (tmp_path / "duty.csv").write_text(text)
    built = build_world(spec_of(tmp_path, files=["duty.csv", "downloads"]))
    assert any("a duty above 100 %, the highest 310 %" in line for line in built.warnings)
    loaded = load_world(written(built, tmp_path / "world"))
    assert loaded.tariffs.mfn_rate_by_type["customs_duty"].max() == 3.1
    assert "310 % as the files have it" in loaded.warnings[0]


def test_countries_go_by_codes_and_names_in_five_languages():
    known = countries()
    for words in (("KEN", "404", "Kenya", "Кения"), ("CIV", "Ivory Coast", "Côte d'Ivoire"),
                  ("TUR", "Turkey", "Türkiye", "Турция", "Turquie"), ("KOR", "Korea, Rep.", "410"),
                  ("COD", "Congo, Dem. Rep.", "ZAR"), ("IND", "699"), ("FRA", "251")):  # fmt: skip
        assert len({known.find(word) for word in words}) == 1, words
    assert known.find("AAA") == UNKNOWN


FAULTS = (
    ({"regions": ["KEN", "Ugandda"]}, "did you mean 'Uganda'"),
    ({"regions": ["KEN", "KEN", "UGA"]}, "'KEN' is listed twice"),
    ({"goods": {"a": "01-24", "b": "20-30"}}, "chapter 20 stands in a already"),
    ({"goods": {"a": "27-28"}}, "holds chapter 27 and others"),
    ({"base_year": "2o21"}, "base_year is '2o21'"),
    ({"file": ["x"]}, "the key 'file' is unknown; wanted"),
    ({"files": ["downlods"]}, "did you mean 'downloads'"),
    ({"mirror": "both"}, "mirror is 'both'"),
)


@pytest.mark.parametrize(("change", "words"), FAULTS)
def test_mistakes_of_the_spec_are_named(tmp_path, change, words):
    (tmp_path / "downloads").mkdir()
    plain = {"base_year": 2021, "regions": REGIONS, "files": ["downloads"], **change}
    spec, faults = read_spec(plain, tmp_path)
    assert spec is None
    assert any(words in f"{fault.what}; {fault.wanted}" for fault in faults), faults


def test_a_base_year_that_no_file_has_is_said(tmp_path):
    downloads.make(tmp_path / "downloads")
    with pytest.raises(WorldError, match="wanted a year that they have: 2021"):
        build_world(spec_of(tmp_path, base_year=2019))


def test_gravity_gives_back_flows_that_follow_it():
    """Flows made by the law with slopes -1.3 and 0.7: left out one in five, all are found again."""
    rng = np.random.default_rng(5)
    n = 12
    places = rng.uniform(0, 5000, (n, 2))
    km = np.hypot(*(places[:, None] - places).transpose(2, 0, 1)) + 50
    touching = km < 1500
    np.fill_diagonal(touching, val=False)
    size = rng.lognormal(0, 1, n)
    flows = 1e6 * size[:, None] * size * km**-1.3 * np.exp(0.7 * touching)
    np.fill_diagonal(flows, 0)
    recorded = rng.uniform(size=(n, n)) > 0.2
    found = fill(flows, recorded, 1e5 * size, km, touching)
    assert found.is_fitted
    assert found.slopes == pytest.approx((-1.3, 0.7), abs=0.01)
    assert found.trade == pytest.approx(flows, rel=0.02)


def test_a_region_without_any_record_trades_by_its_gdp():
    flows = np.array([[0.0, 10.0, 0.0], [10.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    recorded = flows > 0
    km = np.full((3, 3), 1000.0)
    found = fill(flows, recorded, np.array([1.0, 1.0, 2.0]), km, np.zeros((3, 3), dtype=bool))
    assert found.trade[2, 0] == pytest.approx(20.0)
    assert found.trade[0, 1] == 10.0


FUZZED = {
    "kenya": downloads.comtrade_new,
    "uganda": downloads.comtrade_old,
    "trains": downloads.trains,
    "wdi": downloads.wdi_wide,
    "weo": downloads.weo,
    "geodist": downloads.geodist,
    "baci": lambda: (
        "t,i,j,k,v,q\n" + "".join(f"2021,404,800,{k:06d},   1.0,NA\n" for k in range(10121, 10161))
    ),
    "plain": lambda: "exporter;importer;good;trade_musd\n" + "KEN;UGA;27;1.203,5\n" * 40,
    "gravity": lambda: (
        "year,iso3_o,iso3_d,dist,contig,gdp_o,tradeflow_baci\n"
        + "2021,KEN,UGA,510,1,110000000,600000\n" * 30
    ),
}


@settings(max_examples=150)
@given(st.binary(max_size=300), st.integers(0, 1200), st.sampled_from(sorted(FUZZED)))
def test_readers_survive_any_bytes(tmp_path_factory, junk, at, which):
    content = FUZZED[which]().encode()
    path = tmp_path_factory.mktemp("fuzz") / "x.csv"
    path.write_bytes(content[:at] + junk + content[at + len(junk) :])
    told = ""
    try:
        read(members(path)[0], ReadingTask(downloads.YEAR))
    except RefusedError as error:
        told = str(error)
    assert "\n" not in told


NASTY = (
    *("", "-", "..", "NaN", "1e400", "inf", "9" * 25, "-5", "0x1F", "1,2,3", "١٢", "KEN", "2021.5"),
    *("0", "World", "\u00a0", "é", "1;2", "TOTAL", "99999", "3000000"),
)


@settings(max_examples=400)
@given(
    st.sampled_from(sorted(FUZZED)),
    st.sampled_from(NASTY),
    st.integers(1, 12),
    st.integers(0, 24),
)
def test_readers_survive_any_cell(tmp_path_factory, which, value, row, column):
    lines = FUZZED[which]().split("\n")
    mark = "\t" if which == "weo" else ";" if which == "plain" else ","
    row = min(row, len(lines) - 2)
    cells = lines[row].split(mark)
    cells[column % len(cells)] = f'"{value}"'
    lines[row] = mark.join(cells)
    path = tmp_path_factory.mktemp("fuzz") / "x.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    told = ""
    try:
        _, reading = read(members(path)[0], ReadingTask(downloads.YEAR))
        for flow in reading.trade:
            assert np.isfinite(flow.musd).all()
    except RefusedError as error:
        told = str(error)
    assert "\n" not in told


def test_a_zip_that_is_cut_off_is_refused(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("x.csv", "t,i,j,k,v,q\n" + "2020,4,586,010121,1.0,NA\n" * 5000)
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + b"\x00" * 40 + whole[80:])
    with pytest.raises(RefusedError):
        read(members(path)[0], ReadingTask(2020))


def test_in_a_folder_own_figures_go_before_reconciled_ones_whatever_their_names(tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    rows = "t,i,j,k,v,q\n2021,404,800,270900,5000.0,1\n2021,800,404,090111,7000.0,1\n"
    (folder / "BACI_HS17_Y2021_V202501.csv").write_text(rows, encoding="utf-8")
    (folder / "zz.csv").write_text("exporter,importer,good,trade_musd\nKEN,UGA,27,6\n")
    (folder / "wdi.csv").write_text("country,year,gdp_musd\nKEN,2021,110000\nUGA,2021,40000\n")
    built = build_world(spec_of(tmp_path, regions=["KEN", "UGA"]))
    world = written(built, tmp_path / "world")
    assert float(flow(world, "KEN", "UGA")["trade_musd"]) == 6.0
    assert float(flow(world, "UGA", "KEN")["trade_musd"]) == 7.0
    (row,) = rows_of(world / "conflicts.csv")
    assert (row["used_from"], row["set_aside_from"]) == ("zz.csv", "BACI_HS17_Y2021_V202501.csv")


def test_a_group_of_which_files_have_some_countries_is_said_to_be_in_part(east_africa):
    built, folder = east_africa
    said = " ".join(built.summary)
    assert (
        "European Union, in part: of its 27 countries 2 in files of trade of 2021 and 2 in files "
        "of GDP; what the others have is missing from its sums." in said
    )
    gdp = {(r["region"], r["year"]): r for r in rows_of(folder / "gdp.csv")}
    assert gdp["EU", "2021"]["flag"] == "estimated"
    # Two countries are no rest of the world: it has what the others leave of the whole.
    rest = sum(float(row["gdp_musd"]) for row in gdp.values())
    assert rest == pytest.approx(97_527_000.0)
    assert gdp["ROW", "2021"]["flag"] == "estimated"


PLAIN_HEADINGS = {
    "trade_2021_musd": ("", 2021),
    "Exports FOB (USD million)": ("", 2021),
    "imports_musd": ("", 2021),
    "Trade, current prices (million USD)": ("", 2021),
    "trade_2019_musd": ("", 2019),
    "trade_constant_musd": ("a unit or a word that is not read", 0),
    "Trade CIF (USD million)": ("a unit or a word that is not read", 0),
    "trade_meur": ("no unit in US dollars but meur", 0),
}


@pytest.mark.parametrize("heading", PLAIN_HEADINGS)
def test_a_heading_of_a_plain_table_is_a_declared_one_or_is_refused(tmp_path, heading):
    said, year = PLAIN_HEADINGS[heading]
    path = tmp_path / "own.csv"
    path.write_text(f'exporter,importer,"{heading}"\nKEN,UGA,60\n', encoding="utf-8")
    if said:
        with pytest.raises(RefusedError, match=said) as error:
            read(members(path)[0], ReadingTask(2021))
        assert f"own.csv:1:{heading}: " in str(error.value)
        return
    (flows,) = read(members(path)[0], ReadingTask(2021))[1].trade
    assert (flows.year.tolist(), flows.musd.tolist()) == ([year], [60.0])


@pytest.mark.parametrize("heading", ["gdp_constant_musd", "GDP per head (USD)", "gdp_ppp_musd"])
def test_other_incomes_are_not_taken_for_gdp(tmp_path, heading):
    path = tmp_path / "own.csv"
    path.write_text(f"country,year,{heading}\nKEN,2021,110000\n", encoding="utf-8")
    with pytest.raises(
        RefusedError, match=r"wanted gdp_musd \(current prices\), population_m or gr"
    ):
        read(members(path)[0], ReadingTask(2021))
    path.write_text(f"country,year,gdp_musd,{heading}\nKEN,2021,110000,2\n", encoding="utf-8")
    (fact,) = read(members(path)[0], ReadingTask(2021))[1].facts
    assert fact.value.tolist() == [110000.0]


def part_flows(folder: Path, own: str, other: str, **more: object):
    """Own table before another file, and the world that they make."""
    (folder / "own.csv").write_text(f"exporter,importer,good,trade_musd\n{own}")
    (folder / "BACI_HS17_Y2021_V202501.csv").write_text(f"t,i,j,k,v,q\n{other}")
    (folder / "wdi.csv").write_text(
        "country,year,gdp_musd\nKEN,2021,110000\nUGA,2021,40000\nDEU,2021,4e6\nFRA,2021,3e6\n"
    )
    files = ["own.csv", "BACI_HS17_Y2021_V202501.csv", "wdi.csv"]
    goods = {"food": "01-24", "energy": 27, "rest": "25,26,28-99"}
    built = build_world(spec_of(folder, files=files, goods=goods, **more))
    return built, written(built, folder / "world")


BOTH_WAYS = (
    "2021,404,800,090111,20000,1\n2021,404,800,100110,30000,1\n2021,404,800,270900,60000,1\n"
    "2021,404,800,720810,90000,1\n2021,800,404,090111,70000,1\n2021,404,276,090111,500000,1\n"
    "2021,404,250,060310,100000,1\n2021,404,250,270900,7000,1\n"
)


def test_an_own_figure_of_a_product_stands_for_that_product_alone(tmp_path):
    own = "KEN,UGA,27,12.5\nKEN,UGA,09,25\nUGA,KEN,,80\n"
    built, folder = part_flows(tmp_path, own, BOTH_WAYS, regions=["KEN", "UGA"])
    # Coffee 25 and fuel 12.5 are the analyst's; wheat 30 and metals 90 are BACI's.
    assert float(flow(folder, "KEN", "UGA")["trade_musd"]) == pytest.approx(157.5)
    assert float(flow(folder, "UGA", "KEN")["trade_musd"]) == 80.0
    parts = {r["good"]: float(r["share"]) for r in rows_of(folder / "pair_composition.csv")
             if (r["exporter"], r["importer"]) == ("KEN", "UGA")}  # fmt: skip
    assert parts == pytest.approx({"food": 55 / 157.5, "rest": 90 / 157.5, "energy": 12.5 / 157.5})
    conflicts = {r["what"]: r for r in rows_of(folder / "conflicts.csv")}
    row = conflicts["KEN to UGA, million USD"]
    assert (float(row["used"]), float(row["set_aside"])) == (157.5, 200.0)
    assert (
        "own.csv has some products of a flow; the others are those of BACI_HS17_Y2021_V202501.csv"
        in " ".join(built.warnings)
    )


def test_an_own_figure_of_a_product_of_a_group_stands_for_that_product_alone(tmp_path):
    _, folder = part_flows(tmp_path, "KEN,EU,food,400\n", BOTH_WAYS)
    assert float(flow(folder, "KEN", "EU")["trade_musd"]) == pytest.approx(407.0)


def test_a_good_of_chapters_apart_stands_for_them_alone(tmp_path):
    own = "KEN,UGA,rest,3\n"
    _, folder = part_flows(tmp_path, own, BOTH_WAYS, regions=["KEN", "UGA"])
    # Fuel is chapter 27, amid those of the rest, and is not the rest's.
    assert float(flow(folder, "KEN", "UGA")["trade_musd"]) == pytest.approx(113.0)


def test_products_that_no_other_file_has_are_all_that_there_is(tmp_path):
    own = "KEN,UGA,27,12.5\nKEN,UGA,rest,3\n"
    built, folder = part_flows(tmp_path, own, "2021,800,404,090111,7,1\n", regions=["KEN", "UGA"])
    assert float(flow(folder, "KEN", "UGA")["trade_musd"]) == pytest.approx(15.5)
    assert "has some products" not in " ".join(built.warnings)


def test_a_folder_within_the_folder_is_told_and_not_read(tmp_path):
    downloads.make(tmp_path / "downloads")
    (tmp_path / "downloads" / "more").mkdir()
    (tmp_path / "downloads" / "more" / "own.csv").write_text(
        "exporter,importer,trade_musd\nKEN,UGA,5\n"
    )
    built = build_world(spec_of(tmp_path))
    inner = tmp_path / "downloads" / "more"
    assert f"{inner}: a folder within a folder is not read; name it under files" in built.warnings
    assert not any(
        row["source"] == "own"
        for row in rows_of(written(built, tmp_path / "world") / "trade_prior.csv")
    )


def test_parts_of_flows_are_those_that_a_loop_over_rows_gives(tmp_path):
    dice = random.Random("parts of flows")
    numbers = {"KEN": "404", "UGA": "800", "DEU": "276"}
    pairs = [(a, b) for a in numbers for b in numbers if a != b]
    chapters = dice.sample(range(1, 98), 12)
    other = {(a, b, c): round(dice.uniform(1, 90), 3) for a, b in pairs
             for c in chapters if dice.random() < 0.6}  # fmt: skip
    own = {(a, b, c): round(dice.uniform(1, 90), 3) for a, b in pairs[:4]
           for c in chapters if dice.random() < 0.3}  # fmt: skip
    wanted: dict[tuple[str, str], float] = {}
    for a, b in pairs:
        for c in range(1, 98):
            value = own.get((a, b, c), other.get((a, b, c), 0.0))
            wanted[a, b] = wanted.get((a, b), 0.0) + value
    _, folder = part_flows(
        tmp_path,
        "".join(f"{a},{b},{c:02d},{value}\n" for (a, b, c), value in own.items()),
        "".join(f"2021,{numbers[a]},{numbers[b]},{c:02d}0110,{1e3 * value},1\n"
                for (a, b, c), value in other.items()),
        regions=["KEN", "UGA", "DEU"],
    )  # fmt: skip
    for (a, b), value in wanted.items():
        assert float(flow(folder, a, b)["trade_musd"]) == pytest.approx(value), (a, b)


OFFICIAL = {
    "Afghanistan, Islamic Republic of": "AFG", "China, People's Republic of": "CHN",
    "Serbia, Republic of": "SRB", "Türkiye, Republic of": "TUR", "Comoros, Union of the": "COM",
    "Venezuela, República Bolivariana de": "VEN", "Aruba, Kingdom of the Netherlands": "ABW",
    "Congo, Democratic Republic of the": "COD", "Congo, Republic of": "COG", "Congo, Rep.": "COG",
    "Dem. Rep. of the Congo": "COD", "Rep. of Korea": "KOR", "Korea, Republic of": "KOR",
    "Dem. People's Rep. of Korea": "PRK", "United Rep. of Tanzania": "TZA", "Lao P.D.R.": "LAO",
    "Solomon Isds": "SLB", "N. Mariana Isds": "MNP", "Br. Virgin Isds": "VGB",
    "FS Micronesia": "FSM", "Hong Kong SAR": "HKG", "Islamic Republic of Iran": "IRN",
    "Ethiopia, The Federal Democratic Republic of": "ETH", "Kyrgyz Republic": "KGZ",
}  # fmt: skip


@pytest.mark.parametrize("name", OFFICIAL)
def test_long_names_of_the_fund_and_short_ones_of_comtrade_are_known(name):
    known = countries()
    assert known.find(name) >= 0
    assert known.codes[known.find(name)] == OFFICIAL[name]


@pytest.mark.parametrize(
    "name",
    ["Korea, Dem. Rep.", "European Union", "Union of South America", "Kingdom of", "Republic of X"],
)
def test_a_title_alone_makes_no_country(name):
    assert countries().find(name) < 0


def test_a_series_of_one_country_tells_it_whatever_its_name(tmp_path):
    path = tmp_path / "weo.csv"
    path.write_text(
        "COUNTRY,SERIES_CODE,OBS_MEASURE,2021\nLand of many lakes,UGA.NGDP_RPCH.A,OBS_VALUE,5.5\n"
    )
    (fact,) = read(members(path)[0], ReadingTask(2021))[1].facts
    assert countries().codes[fact.country[0]] == "UGA"
