"""Downloads as people spoil them: each is read to the same sums, or refused with the remedy."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.world.sources.file_kinds import read, read_whole
from sim.world.sources.files import RefusedError, members
from sim.world.sources.parsed_files import Reading, ReadingTask
from tests.builders import downloads, downloads_isthmus

ASKED = ReadingTask(downloads.YEAR)
Rows = list[list[str]]
GRAVITY = """\
year,country_id_o,country_id_d,iso3_o,iso3_d,country_exists_o,dist,contig,gdp_o,pop_o,tradeflow_baci
2021,KEN,UGA,KEN,UGA,1,506,1,109700000.5,53005,820000
2021,UGA,KEN,UGA,KEN,1,506,1,40510000,45853,305000
2021,DEU.1,KEN,DEU,KEN,0,6300,0,,,
2021,DEU.2,KEN,DEU,KEN,1,6350,0,4259000000,83196,125000.5
"""
PROFILE = """\
Reporter,Partner,Product categories,Indicator Type,Indicator,2020,2021
Kenya,Uganda,All Products,Export,Export(US$ Mil),21.5,20.25
Kenya,World,All Products,Export,Export(US$ Mil),22089,20534
"""
QUERY = """\
Nomenclature,ReporterISO3,ProductCode,PartnerISO3,Year,TradeFlowName,TradeValue in 1000 USD
H5,KEN,27,UGA,2021,Export,60000.5
H5,KEN,09,UGA,2021,Export,20000
H5,KEN,09,DEU,2021,Import,1000
"""
WEO_2025 = """\
COUNTRY,INDICATOR,SERIES_CODE,OBS_MEASURE,2021,2022
Kenya,Gross domestic product,KEN.NGDP_RPCH.A,OBS_VALUE,7.6,4.9
Uganda,Gross domestic product,UGA.NGDP_RPCH.A,OBS_VALUE,5.5,6.4
"""
FILES = {
    "comtrade-new": (downloads.comtrade_new(), "primaryValue"),
    "comtrade-old": (downloads.comtrade_old(), "Trade Value (US$)"),
    "trains": (downloads.trains(), "Simple Average"),
    "wdi-wide": (downloads.wdi_wide(), "2021"),
    "wdi-long": (downloads_isthmus.wdi(), "value"),
    "weo": (WEO_2025, "2021"),
    "geodist": (downloads.geodist(), "distw"),
    "gravity": (GRAVITY, "tradeflow_baci"),
    "baci": (downloads_isthmus.baci().replace("2022", "2021"), "v"),
    "query": (QUERY, "TradeValue in 1000 USD"),
    "profile": (PROFILE, "2021"),
    "plain": ("exporter,importer,good,trade_musd\nKenya,Uganda,27,60.5\nUGA,KEN,09,12.25\n",
              "trade_musd"),
    "incomes": ("country,year,gdp_musd\nKEN,2021,109700.5\nUGA,2021,40510\n", "gdp_musd"),
    "duties": ("importer,good,tariff_percent\nKEN,01-24,25.5\nUGA,27,7\n", "tariff_percent"),
}  # fmt: skip
"""Text and the column of its values, which is told where one of them is wrong."""


def rows_of(text: str) -> Rows:
    return [*csv.reader(io.StringIO(text))]


def text_of(rows: Rows, mark: str = ",", end: str = "\n") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=mark, lineterminator=end).writerows(rows)
    return text.getvalue()


def with_commas(rows: Rows) -> Rows:
    return [[c.replace(".", ",") if re.fullmatch(r" *-?\d+\.\d+ *", c) else c for c in row]
            for row in rows]  # fmt: skip


def head_of(rows: Rows, name: str) -> tuple[int, int]:
    """Line of the headings, from 0, and place of one of them."""
    line = next(k for k, row in enumerate(rows) if name in row)
    return line, rows[line].index(name)


def sums(readings: list[Reading]) -> dict[str, float]:
    """Sums of everything that was read."""
    found: dict[str, float] = {}

    def add(what: str, values: np.ndarray) -> None:
        found[what] = found.get(what, 0.0) + float(np.nansum(values))

    for reading in readings:
        for flow in reading.trade:
            is_named = (flow.exporter > -3) & (flow.importer > -3)
            add(f"trade {flow.side}", flow.musd[is_named])
        for fact in reading.facts:
            add(fact.what, fact.value)
        for pair in reading.distances:
            add("km", pair.km)
        for duty in reading.duties:
            add("duties", duty.rate)
    return found


def read_bytes(folder: Path, content: bytes, name: str = "file.csv") -> list[Reading]:
    path = folder / name
    path.write_bytes(content)
    return [read(member, ASKED)[1] for member in members(path)]


SAME: dict[str, Callable[[str], bytes]] = {
    "byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-be"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "ends of lines": lambda text: text.replace("\n", "\r\n").encode(),
    "semicolons": lambda text: text_of(rows_of(text), ";").encode(),
    "bars": lambda text: text_of(rows_of(text), "|").encode(),
    "decimal commas": lambda text: text_of(with_commas(rows_of(text)), ";", "\r\n").encode(),
    "decimal commas and tabs": lambda text: text_of(with_commas(rows_of(text)), "\t").encode(),
    "saved by Excel": lambda text: (
        "sep=;\r\n" + text_of(with_commas(rows_of(text)), ";", "\r\n")).encode("cp1252"),
    "a title above": lambda text: f"My ministry\nas of March\n\n{text}".encode(),
    "blank cells after": lambda text: text_of([[*row, "", ""] for row in rows_of(text)]).encode(),
}  # fmt: skip


@pytest.mark.parametrize("way", SAME)
@pytest.mark.parametrize("name", FILES)
def test_a_file_saved_otherwise_says_the_same(tmp_path, name, way):
    text, _ = FILES[name]
    text = text.encode("ascii", "replace").decode()
    wanted = sums(read_bytes(tmp_path, text.encode(), "plain.csv"))
    assert wanted
    assert sums(read_bytes(tmp_path, SAME[way](text))) == pytest.approx(wanted)


def repeated(rows: Rows, name: str, change: Callable[[str], str]) -> Rows:
    """Table with its first row once more at the end, with another value."""
    line, place = head_of(rows, name)
    row = [*rows[line + 1]]
    row[place] = change(row[place])
    return [*rows, row]


@pytest.mark.parametrize("name", FILES)
def test_a_row_that_stands_twice_counts_once_and_is_told_or_refused(tmp_path, name):
    text, column = FILES[name]
    wanted = sums(read_bytes(tmp_path, text.encode(), "once.csv"))
    twice = text_of(repeated(rows_of(text), column, str)).encode()
    if name == "baci":
        with pytest.raises(
            RefusedError, match="the exporter, importer and product of line 2 again"
        ):
            read_bytes(tmp_path, twice)
        return
    readings = read_bytes(tmp_path, twice)
    assert sums(readings) == pytest.approx(wanted)
    if name != "incomes":
        assert "what a row above says; counted once" in str([r.notes for r in readings])


@pytest.mark.parametrize("name", FILES)
def test_rows_that_contradict_each_other_are_refused_with_both_lines(tmp_path, name):
    text, column = FILES[name]
    rows = repeated(rows_of(text), column, lambda cell: f"{3.0 * float(cell)}")
    line, _ = head_of(rows, column)
    with pytest.raises(RefusedError) as error:
        read_bytes(tmp_path, text_of(rows).encode())
    assert f"line {line + 2}" in str(error.value)
    assert f"file.csv:{len(rows)}" in str(error.value)
    assert "wanted" in str(error.value)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("cell", "said"), [("-3e9", ""), ("#REF!", "'#REF!' is no number")])
def test_a_value_that_cannot_be_is_refused_at_its_place(tmp_path, name, cell, said):
    text, column = FILES[name]
    rows = rows_of(text)
    line, place = head_of(rows, column)
    rows[line + 1][place] = cell
    with pytest.raises(RefusedError) as error:
        read_bytes(tmp_path, text_of(rows).encode())
    assert f"file.csv:{line + 2}:{column}: " in str(error.value)
    assert said in str(error.value)


COUNTED = FILES.keys() - {"baci", "comtrade-old", "plain", "incomes", "duties"}
"""Files that hold groups of countries beside countries; own tables are refused."""


@pytest.mark.parametrize("name", sorted(COUNTED))
def test_a_name_that_is_no_country_is_counted_and_named(tmp_path, name):
    text, _ = FILES[name]
    for word in ("Uganda", "UGA", ",800,", '"UGA"', "GTM"):
        text = text.replace(word, ",997," if word == ",800," else "Wakanda")
    told = str([r.notes for r in read_bytes(tmp_path, text.encode()) if r.notes])
    assert re.search(r"\d+ rows? with a name or code that is no country here left out: ", told)
    assert "Wakanda" in told or "997" in told


def test_all_reports_of_no_country_are_refused(tmp_path):
    text = downloads.comtrade_old().replace(",800,", ",997,")
    with pytest.raises(RefusedError, match=r"17 rows with a name .* no country here left out: 997"):
        read_bytes(tmp_path, text.encode())


def test_numbers_of_no_country_in_baci_are_told_with_their_trade(tmp_path):
    text = "t,i,j,k,v,q\n2021,404,800,270900,3000.0,1\n2021,404,997,270900,1000.0,1\n"
    (reading,) = read_bytes(tmp_path, text.encode())
    assert reading.notes == [
        "numbers of no country (997) have 1.0 million USD, 25 % of all; counted with the rest of "
        "the world"
    ]


REFUSED = {
    "a decimal comma": ("importer,good,tariff_percent\nKEN,27,\"25,5\"\n", "write 25.5"),
    "growth in thousands": ("COUNTRY,SERIES_CODE,2021\nKenya,KEN.NGDP_RPCH.A,\"5,400\"\n",
                            "'5,400' is 5400 %, which is no country's"),
    "other money": (downloads.comtrade_old().replace("US$", "EUR"),
                    "'Trade Value (EUR)' is in EUR, and values in US dollars are read"),
    "another heading": (downloads.comtrade_new().replace("primaryValue", "primaryVal"),
                        "UN Comtrade (new layout) without primaryValue; is that 'primaryVal'?"),
    "lines in quotation marks": ('"exporter,importer,trade_musd"\n"KEN,UGA,3"\n',
                                 "whole lines stand in quotation marks"),
    "no separator": ("exporter importer trade_musd\nKEN UGA 3\n",
                     "wanted cells separated by commas, semicolons, tabs or bars"),
    "headings alone": ("iso_o,iso_d,dist", "CEPII GeoDist: no rows below the heading"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_is_refused_with_the_remedy(tmp_path, what):
    text, said = REFUSED[what]
    with pytest.raises(RefusedError) as error:
        read_bytes(tmp_path, text.encode())
    assert said in str(error.value)
    assert "file.csv" in str(error.value)


@pytest.fixture
def archive(tmp_path) -> Path:
    """A download of BACI as it comes: a file a year, two lists of codes, a readme."""
    path = tmp_path / "BACI_HS17_V202501.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for year in range(2018, 2023):
            text = f"t,i,j,k,v,q\n{year},404,800,270900,{year}.0,1\n"
            packed.writestr(f"BACI_HS17_Y{year}_V202501.csv", text)
        packed.writestr("country_codes_V202501.csv", "country_code,country_iso3\n404,KEN\n")
        packed.writestr("product_codes_HS17_V202501.csv", "code,description\n270900,Oil\n")
        packed.writestr("Readme.txt", "BACI, version 202501.\nSee the page of CEPII.\n")
    return path


def test_of_a_zip_with_a_file_a_year_the_base_year_is_read(archive):
    readings, refused = read_whole(archive, ASKED)
    assert refused == []
    assert sums(readings) == {"trade 0": pytest.approx(2.021)}
    (trade,) = [reading for reading in readings if reading.trade]
    assert trade.notes == ["files of other years beside it: 2018, 2019, 2020, 2022"]


def test_a_zip_without_the_base_year_is_refused_with_the_years_it_has(archive):
    readings, refused = read_whole(archive, ReadingTask(2012))
    assert not any(reading.trade for reading in readings)
    assert refused == [
        f"{archive}: CEPII BACI: holds 2018, 2019, 2020, 2021, 2022 and not the base year 2012; "
        "wanted that year's file, or base_year: 2022"
    ]


def test_one_bad_table_of_a_zip_leaves_the_others(tmp_path):
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.csv", "exporter,importer,trade_musd\nKEN,UGA,x\n")
        packed.writestr("b.csv", "exporter,importer,trade_musd\nKEN,UGA,5\n")
    readings, (told,) = read_whole(path, ASKED)
    assert sums(readings) == {"trade 0": 5.0}
    assert told.startswith(f"{path}!a.csv:2:trade_musd: plain table: 'x' is no number")
