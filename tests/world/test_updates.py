"""Newer figures come from recorded responses; offline nothing changes."""

import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.world.csv_tables.reader import CheckedTable, Row, read_tables
from sim.world.load import load_world
from sim.world.sources.file_kinds import read
from sim.world.sources.files import RefusedError, members
from sim.world.sources.parsed_files import ReadingTask
from sim.world.updates import baci_feed, feeds
from sim.world.updates.revision import files_of, release_notice, revise
from sim.world.updates.trade_feed import PAUSE_S, trade_fetched
from sim.world.updates.trade_revision import places_of

ROOT = Path(__file__).resolve().parents[2]
LAKES = ROOT / "scenarios" / "worlds" / "great-lakes"
BANK_HEAD = (
    '\ufeff"Data Source","World Development Indicators",\n\n"Last Updated Date","2026-10-02",\n\n'
    '"Country Name","Country Code","Indicator Name","Indicator Code","2021","2022","2023",\n'
)
BANK = {
    "NY.GDP.MKTP.CD": (
        '"Rwanda","RWA","GDP (current US$)","NY.GDP.MKTP.CD","11055000000","13500000000",'
        '"14100000000",\n'
        '"Kenya","KEN","GDP (current US$)","NY.GDP.MKTP.CD","109703000000","113420000000","",\n'
    ),
    "SP.POP.TOTL": '"Rwanda","RWA","Population, total","SP.POP.TOTL","","13776698","14094683",\n',
    "NY.GDP.MKTP.KD.ZG": (
        '"Uganda","UGA","GDP growth (annual %)","NY.GDP.MKTP.KD.ZG","","4.6","5.3",\n'
    ),
}
FUND = {"values": {"NGDP_RPCH": {"RWA": {"2023": 8.2, "2027": 7.1}, "KEN": {"2027": 4.9}}}}
BACI = """<div class="titre-rubrique">Download</div><div>This is the
<b>202601</b> version.<ul><li>HS22</li><li>HS17</li></ul></div><div>Archives</div>
<div><a href="/DATA_DOWNLOAD/baci/data/BACI_HS92_V202401b.zip">202401b version:</a></div>"""


def archive(code: str) -> bytes:
    """A download of the World Bank: the table, and two of notes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as files:
        files.writestr(f"API_{code}_DS2_en_csv_v2_1.csv", BANK_HEAD + BANK[code])
        files.writestr(
            f"Metadata_Country_API_{code}_DS2_en_csv_v2_1.csv",
            '"Country Code","Region","IncomeGroup","SpecialNotes","TableName",\n'
            '"RWA","Sub-Saharan Africa","Low income","","Rwanda",\n',
        )
        files.writestr(
            f"Metadata_Indicator_API_{code}_DS2_en_csv_v2_1.csv",
            '"INDICATOR_CODE","INDICATOR_NAME","SOURCE_NOTE","SOURCE_ORGANIZATION",\n'
            f'"{code}","x","y","z",\n',
        )
    return packed.getvalue()


def recorded(url: str) -> bytes:
    if url == baci_feed.PAGE:
        return BACI.encode()
    if "datamapper" in url:
        return json.dumps(FUND).encode()
    return archive(next(code for code in BANK if code in url))


def newer(folder: Path):
    found = []
    for feed, path in feeds.fetched(folder, recorded):
        found += [(feed, read(member, ReadingTask(0))[1]) for member in members(path)]
    return found


def test_estimated_and_own_publishers_rows_are_revised_and_years_added(tmp_path):
    tables = read_tables(LAKES)
    revision = revise(tables, newer(tmp_path), date(2026, 11, 1))
    assert set(revision.changed) == {"gdp", "growth", "sources"}
    gdp = {(r.text("region"), r.text("year")): r for r in revision.tables["gdp"]}
    assert gdp["RWA", "2022"].number("gdp_musd") == 13500
    assert gdp["RWA", "2022"].number("population_m") == 13.777
    assert (gdp["RWA", "2022"].text("source"), gdp["RWA", "2022"].text("flag")) == (
        "wb-wdi-gdp", "seen",
    )  # fmt: skip
    assert gdp["RWA", "2023"].number("gdp_musd") == 14100
    assert ("KEN", "2023") not in gdp  # no people of that year
    assert (
        gdp["KEN", "2022"].cells
        == next(r for r in tables["gdp"] if r.text("region") == "KEN").cells
    )  # 113,420 is 113,400 but for rounding
    growth = {(r.text("region"), r.text("year")): r for r in revision.tables["growth"]}
    assert growth["RWA", "2027"].number("real_growth") == pytest.approx(0.071)
    assert growth["RWA", "2027"].text("source") == "imf-weo"
    assert growth["UGA", "2023"].text("source") == "wb-wdi-growth"
    old = {(r.text("region"), r.text("year")): r for r in tables["growth"]}
    assert growth["TZA", "2027"] == old["TZA", "2027"]


def test_a_row_of_another_publisher_stays(tmp_path):
    tables = read_tables(LAKES)
    seen = [Row(row.line, {**row.cells, "flag": "seen"}) for row in tables["gdp"]]
    tables["gdp"] = CheckedTable("gdp", tuple(seen))
    revision = revise(tables, newer(tmp_path), date(2026, 11, 1))
    gdp = {(r.text("region"), r.text("year")): r for r in revision.tables["gdp"]}
    assert gdp["RWA", "2022"].number("gdp_musd") == 13300


def test_the_newer_world_loads_and_the_same_figures_change_nothing(tmp_path):
    tables = read_tables(LAKES)
    found = newer(tmp_path)
    revision = revise(tables, found, date(2026, 11, 1))
    folder = tmp_path / "world"
    folder.mkdir()
    for name, content in files_of(LAKES, revision).items():
        (folder / name).write_bytes(content)
    world = load_world(folder)
    assert world.gdp_musd[world.region_index("RWA")] == 13500
    assert world.sources["imf-weo"].publisher == "International Monetary Fund"
    assert revise(read_tables(folder), found, date(2026, 12, 1)).changed == ()


def test_a_newer_release_of_baci_is_told():
    tables = read_tables(ROOT / "sim" / "world" / "tables")
    assert baci_feed.newest_release(recorded) == "202601"
    assert baci_feed.newest_release(lambda url: b"<a href='BACI_HS92_V202401b.zip'>") == "202401b"
    assert baci_feed.newest_release(lambda url: b"<html>") == ""
    assert "BACI 202601 is out; trade here rests on 202501" in release_notice(tables, "202601")
    assert "202501b is out" in release_notice(tables, "202501b")
    assert release_notice(tables, "202501") == release_notice(tables, "") == ""


def test_an_answer_that_is_no_data_is_refused(tmp_path):
    with pytest.raises(RefusedError, match="IMF DataMapper: the answer is not JSON"):
        list(feeds.fetched(tmp_path, lambda url: b"<html>"))


PAIRS = {
    "646": {"M": {"404": 371.0, "800": 26.5}, "X": {"404": 28.0}},  # Rwanda
    "404": {"M": {"646": 34.98}, "X": {"646": 360.0}},  # Kenya
}
"""Recorded trade by reporter, flow and partner [musd]; other countries have not reported."""


def recorded_trade(url: str) -> bytes:
    """An answer of the preview: the rows of one reporter and flow, the world among the partners."""
    asked = dict(pair.split("=") for pair in url.partition("?")[2].split("&"))
    flow = asked["flowCode"]
    partners = {**PAIRS.get(asked["reporterCode"], {}).get(flow, {})}
    partners |= {"0": sum(partners.values())} if partners else {}
    rows = [
        {"typeCode": "C", "freqCode": "A", "refYear": int(asked["period"]), "refMonth": 52,
         "period": asked["period"], "reporterCode": int(asked["reporterCode"]),
         "flowCode": flow, "partnerCode": int(partner), "partner2Code": 0,
         "classificationCode": "H6", "cmdCode": "TOTAL", "customsCode": "C00", "motCode": 0,
         "primaryValue": 1e6 * musd, "isReported": False, "isAggregate": True}
        for partner, musd in partners.items()
    ]  # fmt: skip
    return json.dumps({"elapsedTime": "0.1", "count": len(rows), "data": rows}).encode()


def newer_trade(folder: Path, places, fetch=recorded_trade):
    paused: list[float] = []
    found = []
    for feed, path in trade_fetched(folder, places, 2022, fetch, paused.append):
        found += [(feed, read(member, ReadingTask(2022))[1]) for member in members(path)]
    assert paused == [PAUSE_S] * (2 * len(places) - 1)
    return found


def test_trade_of_the_preview_revises_estimated_flows_and_their_sums(tmp_path):
    tables = read_tables(LAKES)
    found = newer_trade(tmp_path, [*places_of(tables).values()])
    revision = revise(tables, found, date(2026, 11, 1), trade=True)
    assert set(revision.changed) == {"trade_prior", "held_flows", "trade_totals", "sources"}
    trade = {(r.text("exporter"), r.text("importer")): r for r in revision.tables["trade_prior"]}
    # The importer's report less freight, before the exporter's: 371 / 1.06, not 360.
    assert trade["KEN", "RWA"].number("trade_musd") == pytest.approx(350.0)
    assert (trade["KEN", "RWA"].text("source"), trade["KEN", "RWA"].text("flag")) == (
        "un-comtrade", "derived",
    )  # fmt: skip
    assert trade["RWA", "KEN"].number("trade_musd") == pytest.approx(33.0)
    before = {(r.text("exporter"), r.text("importer")): r for r in tables["trade_prior"]}
    assert trade["UGA", "RWA"] == before["UGA", "RWA"]  # 26.5 / 1.06 is the 25 that it had
    old, new = ({r.text("region"): r for r in of["trade_totals"]}
                for of in (tables, revision.tables))  # fmt: skip
    for region, name in (("KEN", "exports_musd"), ("RWA", "imports_musd")):
        assert new[region].number(name) - old[region].number(name) == pytest.approx(20)
    assert new["TZA"] == old["TZA"]
    for name in ("exports_musd", "imports_musd"):
        moved = sum(r.number(name) for r in revision.tables["trade_totals"])
        assert moved - sum(r.number(name) for r in tables["trade_totals"]) == pytest.approx(23.0)
    folder = tmp_path / "world"
    folder.mkdir()
    for name, content in files_of(LAKES, revision).items():
        (folder / name).write_bytes(content)
    assert load_world(folder).sources["un-comtrade"].publisher == "United Nations"
    again = revise(read_tables(folder), found, date(2026, 12, 1), trade=True)
    assert again.changed == ()
    assert revise(tables, found, date(2026, 11, 1)).changed == ()


def test_reconciled_trade_and_national_records_stay(tmp_path):
    tables = read_tables(LAKES)
    for name in ("trade_prior", "held_flows"):
        seen = [Row(row.line, {**row.cells, "flag": "seen"}) for row in tables[name]]
        tables[name] = CheckedTable(name, tuple(seen))
    found = newer_trade(tmp_path, [*places_of(tables).values()])
    assert revise(tables, found, date(2026, 11, 1), trade=True).changed == ()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"<html>", "is not JSON with rows under data"),
        (b'{"statusCode": 429, "message": "Rate limit is exceeded."}', "is not JSON with rows"),
        (json.dumps({"data": [{"period": "2022"}] * 500}).encode(), "500 rows, where the preview"),
    ],
)
def test_an_answer_of_the_preview_that_is_none_or_cut_off_is_refused(tmp_path, answer, said):
    with pytest.raises(RefusedError, match=said):
        list(trade_fetched(tmp_path, [0], 2022, lambda url: answer))


def test_trade_is_fetched_only_where_it_is_asked_for(tmp_path, monkeypatch):
    asked: list[str] = []

    def answer(url: str) -> bytes:
        asked.append(url)
        return recorded_trade(url) if "comtrade" in url else recorded(url)

    monkeypatch.setattr(feeds, "fetch_url", answer)
    monkeypatch.setattr("sim.world.updates.trade_feed.PAUSE_S", 0.0)
    assert call("--world", LAKES).exit_code == 0
    assert not [url for url in asked if "comtrade" in url]
    done = call("--world", LAKES, "--trade")
    assert done.exit_code == 0, done.output
    assert len([url for url in asked if "comtrade" in url]) == 12  # six countries, two flows
    assert "KEN RWA" in done.output
    assert "un-comtrade" in done.output


def call(*words: object):
    return CliRunner().invoke(app, ["update-world", *map(str, words)])


def test_without_a_network_nothing_changes_and_it_says_so(tmp_path, monkeypatch):
    def dead(url: str) -> bytes:
        raise feeds.NoNetworkError(f"{url}: no answer (Name or service not known)")

    monkeypatch.setattr(feeds, "fetch_url", dead)
    done = call("--world", LAKES, "--output", tmp_path / "newer", "--yes")
    assert done.exit_code == 1
    assert "no answer" in done.output
    assert "Nothing was changed" in done.output
    assert not (tmp_path / "newer").exists()


def test_differences_and_their_effect_are_shown_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(feeds, "fetch_url", recorded)
    scenario = ROOT / "scenarios" / "worlds" / "rwanda-kenya.yaml"
    words = (scenario, "--world", LAKES, "--runs", "4", "--output", tmp_path / "newer")
    done = call(*words)
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert "RWA 2022" in said
    assert "with newer figures" in said
    assert "Nothing was written" in said
    assert not (tmp_path / "newer").exists()
    written = call("--world", LAKES, "--output", tmp_path / "newer", "--yes")
    assert written.exit_code == 0, written.output
    assert load_world(tmp_path / "newer").region_names == load_world(LAKES).region_names


FLOWS = {("646", "404"): 28.0, ("404", "646"): 362.0, ("800", "646"): 260.0}
"""Trade of 2022 in the recorded release, by numbers of exporter and importer [musd]."""


def release(path: Path, *years: int) -> None:
    """A download of BACI: a file a year, lists of codes, a readme."""
    with zipfile.ZipFile(path, "w") as packed:
        for year in years:
            rows = "".join(
                f"{year},{i},{j},{k},{1e3 * musd * part:.3f},NA\n"
                for (i, j), musd in FLOWS.items()
                for k, part in (("090111", 0.75), ("271019", 0.25))
            )
            packed.writestr(f"BACI_HS22_Y{year}_V202601.csv", f"t,i,j,k,v,q\n{rows}")
        packed.writestr("country_codes_V202601.csv", "country_code,country_iso3\n646,RWA\n")
        packed.writestr("Readme.txt", "Version: 202601\n\nRelease Date: 2026 01 22\n")


@pytest.fixture
def with_release(monkeypatch):
    """Addresses that were asked for, with a network that answers as recorded."""
    asked: list[str] = []

    def answer(url: str) -> bytes:
        asked.append(url)
        return recorded(url)

    def download(url: str, path: Path) -> None:
        asked.append(url)
        release(path, 2022, 2023)

    monkeypatch.setattr(feeds, "fetch_url", answer)
    monkeypatch.setattr(feeds, "fetch_file", download)
    return asked


def test_the_newest_release_of_baci_revises_trade(tmp_path, with_release):
    done = call("--world", LAKES, "--from", "baci", "--output", tmp_path / "newer", "--yes")
    assert done.exit_code == 0, done.output
    assert with_release[-1] == (
        "https://www.cepii.fr/DATA_DOWNLOAD/baci/data/BACI_HS22_V202601.zip"
    )
    assert "is out" not in done.output
    tables = read_tables(tmp_path / "newer")
    trade = {(r.text("exporter"), r.text("importer")): r for r in tables["trade_prior"]}
    assert trade["KEN", "RWA"].number("trade_musd") == pytest.approx(362.0)
    assert trade["KEN", "RWA"].text("source") == "cepii-baci"
    (source,) = [s for s in tables["sources"] if s.text("source") == "cepii-baci"]
    assert source.text("title") == "BACI, HS22, version 202601, sums of products"
    assert load_world(tmp_path / "newer").sources["cepii-baci"].publisher == "CEPII"


def test_a_download_of_the_release_says_the_same_as_the_network(tmp_path, with_release):
    path = tmp_path / "BACI_HS22_V202601.zip"
    release(path, 2022, 2023)
    done = call("--world", LAKES, "--trade", "--from", path, "--output", tmp_path / "a", "--yes")
    assert done.exit_code == 0, done.output
    assert with_release == []
    assert (
        call("--world", LAKES, "--from", "baci", "--output", tmp_path / "b", "--yes").exit_code == 0
    )
    flows = [read_tables(tmp_path / name)["trade_prior"].column("trade_musd") for name in "ab"]
    assert flows[0] == flows[1]


def test_a_release_that_cannot_be_had_changes_nothing(tmp_path, monkeypatch, with_release):
    def dead(url: str, path: Path) -> None:
        raise feeds.NoNetworkError(f"{url}: 5 of 300,000,000 bytes came")

    monkeypatch.setattr(feeds, "fetch_file", dead)
    done = call("--world", LAKES, "--from", "baci", "--output", tmp_path / "newer", "--yes")
    assert done.exit_code == 1
    assert "5 of 300,000,000 bytes came. Nothing was changed" in " ".join(done.output.split())
    assert not (tmp_path / "newer").exists()


@pytest.mark.parametrize(("year", "revision"), [(2024, "HS22"), (2019, "HS17"), (1995, "HS92")])
def test_the_newest_revision_that_has_the_year_is_fetched(tmp_path, year, revision):
    feed, path = baci_feed.baci_fetched(tmp_path, year, recorded, lambda url, path: None)
    assert path.name == f"BACI_{revision}_V202601.zip"
    assert revision in feed.title


@pytest.mark.parametrize(
    ("year", "page", "said"),
    [(1990, BACI, "begins after 1990"), (2022, "<html>", "the page names no release")],
)
def test_a_page_that_names_no_release_and_a_year_before_baci_are_refused(
    tmp_path, year, page, said
):
    with pytest.raises(RefusedError, match=said):
        baci_feed.baci_fetched(tmp_path, year, lambda url: page.encode(), lambda url, path: None)


def test_a_file_is_fetched_whole_or_not_at_all(tmp_path, monkeypatch):
    class Answer(io.BytesIO):
        headers: ClassVar = {"Content-Length": "6"}

    monkeypatch.setattr(feeds, "urlopen", lambda request, timeout: Answer(b"abcdef"))
    feeds.fetch_file("https://x", tmp_path / "whole")
    assert (tmp_path / "whole").read_bytes() == feeds.fetch_url("https://x")
    monkeypatch.setattr(feeds, "urlopen", lambda request, timeout: Answer(b"abc"))
    with pytest.raises(feeds.NoNetworkError, match="3 of 6 bytes came"):
        feeds.fetch_file("https://x", tmp_path / "part")
