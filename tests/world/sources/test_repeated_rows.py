"""Rows that stand twice in a download: the same once, different ones refused with both lines."""

from pathlib import Path

import numpy as np
import pytest

from sim.world.builder import build_world, read_spec
from sim.world.sources.file_kinds import read
from sim.world.sources.files import RefusedError, members
from sim.world.sources.parsed_files import ReadingTask
from sim.world.sources.repeated_rows import group_of

TRADE = "exporter,importer,good,trade_musd\nKEN,UGA,27,60\nUGA,KEN,food,20\n"


def reading(folder: Path, text: str, name: str = "own.csv", goods=()):
    (folder / name).write_text(text, encoding="utf-8")
    (member,) = members(folder / name)
    return read(member, ReadingTask(2021, goods={word: word for word in goods}))[1]


def test_groups_are_those_of_whole_rows():
    rng = np.random.default_rng(3)
    columns = [rng.integers(-3, 3, 200) for _ in range(4)]
    group = group_of(columns, 200)
    rows = [tuple(row) for row in np.stack(columns, axis=1).tolist()]
    for a in range(200):
        for b in range(a):
            assert (group[a] == group[b]) == (rows[a] == rows[b])
    assert group_of((), 3).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (TRADE + "Kenya,Uganda,27,61\n", "own.csv:4:trade_musd: plain table: '61' differs from "
         "line 2 for the same flow; wanted one of them"),
        ("country,year,gdp_musd\nKEN,2021,5\nKEN,2021,6\n", "own.csv:3:gdp_musd: plain table: '6' "
         "differs from line 2 for the same country and year"),
        ("importer,good,tariff_percent\nKEN,food,10\nKEN,food,20\n", "own.csv:3:tariff_percent: "
         "plain table: '20' differs from line 2 for the same duty"),
        ("t,i,j,k,v,q\n2021,404,800,010121,1,1\n2021,404,800,010122,1,1\n2021,404,800,010121,1,1\n",
         "own.csv:4: CEPII BACI: the exporter, importer and product of line 2 again"),
    ],
)  # fmt: skip
def test_rows_that_differ_are_refused_with_both_lines(tmp_path, text, what):
    with pytest.raises(RefusedError) as error:
        reading(tmp_path, text)
    assert what in str(error.value)


def test_rows_that_say_the_same_count_once_and_this_is_told(tmp_path):
    found = reading(tmp_path, TRADE + "Kenya,Uganda,27,60\nKenya,Uganda,27,\n")
    assert found.trade[0].musd.tolist() == [60.0, 20.0]
    assert "1 row says what a row above says; counted once" in found.notes


def test_products_and_other_columns_part_a_flow(tmp_path):
    """Two codes of one chapter, and two means of transport, are parts of one flow."""
    codes = reading(tmp_path, "exporter,importer,hs,trade_musd\nKEN,UGA,2709,5\nKEN,UGA,2710,5\n")
    assert codes.trade[0].musd.sum() == 10.0
    assert len(set(codes.trade[0].product.tolist())) == 1
    by_mode = reading(
        tmp_path, "exporter,importer,mode,trade_musd\nKEN,UGA,road,5\nKEN,UGA,rail,7\n"
    )
    assert by_mode.trade[0].musd.sum() == 12.0


def test_a_good_that_the_world_lacks_is_refused_with_the_nearest(tmp_path):
    text = TRADE.replace("food", "foood")
    with pytest.raises(RefusedError, match=r":3:good: plain table: 'foood' is no good of this"):
        reading(tmp_path, text, goods=("food", "energy"))
    with pytest.raises(RefusedError, match="did you mean 'food'"):
        reading(tmp_path, text, goods=("food", "energy"))
    assert reading(tmp_path, text).trade[0].labels == ("foood",)


def test_a_message_is_one_line_whatever_the_cell_holds(tmp_path):
    with pytest.raises(RefusedError, match="'12 or so' is no number") as error:
        reading(tmp_path, 'exporter,importer,trade_musd\nKEN,UGA,"12\nor so"\n')
    assert "\n" not in str(error.value)


def test_a_product_of_baci_has_six_digits(tmp_path):
    with pytest.raises(RefusedError, match="a product is below 0 or has more than six digits"):
        reading(tmp_path, "t,i,j,k,v,q\n2021,404,800,1010121,1,1\n")


def test_a_zip_that_is_cut_off_is_told_from_a_workbook(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK\3\4" + b"0" * 100)
    with pytest.raises(RefusedError, match="cut off; wanted a file that is whole; download it"):
        members(tmp_path / "x.zip")


def test_trade_of_other_years_alone_is_told(tmp_path):
    (tmp_path / "own.csv").write_text(TRADE, encoding="utf-8")
    (tmp_path / "old.csv").write_text(
        "exporter,importer,year,trade_musd\nKEN,RWA,2019,12\n", encoding="utf-8"
    )
    (tmp_path / "gdp.csv").write_text(
        "country,year,gdp_musd\nKEN,2021,110000\nUGA,2021,42000\n", encoding="utf-8"
    )
    plain = {"base_year": 2021, "regions": ["KEN", "UGA"],
             "files": ["own.csv", "old.csv", "gdp.csv"]}  # fmt: skip
    spec, _ = read_spec(plain, tmp_path)
    assert any("trade of 2019, not of 2021; not used" in w for w in build_world(spec).warnings)
