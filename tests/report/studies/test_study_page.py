"""Pages of studies: tables in parts that fit, names that stay names."""

import csv
import io
import json
import re
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest

from sim.report.page.style import house_style
from sim.report.studies.heatmap import SweepGrid, SweptAxis, shades
from sim.report.studies.study_page import MAX_ROWS, StudyPage, StudyTable, study_files
from sim.report.studies.waterfall import waterfall
from sim.scenario.blocks.quarters import Quarter
from sim.scenario.lever_titles import LeverTitle
from sim.study.explain import Attribution

HOSTILE = '<script>alert(1)</script> $x_1$ & "a"'
RECORD = {"run_id": "0123", "command": HOSTILE, "seed": 7}


def files_of(*tables: StudyTable, **changes) -> dict[str, bytes]:
    given = {"title": "Title", "question": "Question?", "overline": "Kicker", "answers": ("Yes.",),
             "drawings": (), "notes": ("Note.",)}  # fmt: skip
    page = StudyPage(tables=tables, **(given | changes))
    with house_style():
        return study_files(page, RECORD, [("name", "text")])


def table(n_rows: int, **changes) -> StudyTable:
    rows = tuple((f"case {k % 2}", "base", f"row {k}", float(k), 2.0) for k in range(n_rows))
    columns = ("scenario", "baseline", "border_time_cut", "size", "other")
    given = {"n_words": 3, "n_groups": 2, "on_page": ("border_time_cut", "size")}
    return StudyTable("sizes", "Sizes", "In metres.", columns, rows, **(given | changes))


def test_a_table_falls_into_parts_and_the_file_has_all_of_it():
    files = files_of(table(5))
    html = files["report.html"].decode()
    assert re.findall("<h3>(.*?)</h3>", html) == ["case 0 against base", "case 1 against base"]
    parts = html.split("<h3>")[1:]
    assert [re.findall(r">(row \d)<", part) for part in parts] == [
        ["row 0", "row 2", "row 4"],
        ["row 1", "row 3"],
    ]
    heads = re.findall(r"<th .*?>(.*?)</th>", parts[0])
    assert heads == ["border time cut", "size"]
    assert "All columns are in sizes.csv" in html
    rows = list(csv.DictReader(io.StringIO(files["sizes.csv"].decode())))
    assert len(rows) == 5
    assert set(rows[0]) == {"scenario", "baseline", "border_time_cut", "size", "other"}


def test_a_plain_table_stays_in_one_part_and_says_where_it_is_cut():
    html = files_of(table(MAX_ROWS + 1, n_groups=0, on_page=()))["report.html"].decode()
    assert "<h3>" not in html
    assert f"The first {MAX_ROWS} of {MAX_ROWS + 1} rows" in html
    assert "base" in html


def test_a_table_without_rows_still_has_its_heads():
    assert "border time cut" in files_of(table(0))["report.html"].decode()


def test_all_text_of_a_study_stays_text():
    named = StudyTable(HOSTILE, HOSTILE, HOSTILE, (HOSTILE, HOSTILE + "2"), ((HOSTILE, 1.0),))
    named = StudyTable(
        "stem", *(getattr(named, n) for n in ("title", "caption", "columns", "rows"))
    )
    html = files_of(named, title=HOSTILE, question=HOSTILE, overline=HOSTILE, answers=(HOSTILE,),
                    notes=(HOSTILE,))["report.html"].decode()  # fmt: skip
    assert html.count("alert(1)") >= 8
    assert "<script>alert" not in html


def attribution(name: str, parts: list[float]) -> Attribution:
    changes = {"target": name, "measure": "reached_share", "levers": tuple(f"{name}{k}" for k in
               range(len(parts))), "parts": np.array(parts), "interval": np.zeros((len(parts), 2)),
               "without": 0.25, "with_all": 0.25 + sum(parts),
               "without_interval": (0.2, 0.3), "with_all_interval": (0.2, 0.9),
               "total_interval": (0.0, 0.0), "n_runs": 8}  # fmt: skip
    return Attribution(**changes)


def drawn(found: Attribution, stamp: str = "stamp"):
    target = SimpleNamespace(deadline=Quarter(2030 * 4 + 3), trade_musd=1e3)
    titles = {lever: LeverTitle(lever) for lever in found.levers}
    return waterfall(found, target, "the goal", titles, stamp)


@pytest.mark.parametrize("name", ["$x_1$", "$\\frac{", HOSTILE])
def test_a_dollar_in_a_figure_is_a_dollar(name):
    with house_style():
        ends = (SweptAxis(name, LeverTitle(name), (name, "b")),
                SweptAxis(name, LeverTitle(name), ("c", name)))  # fmt: skip
        grid = SweepGrid(name, 1e3, ends,
                    np.array([[0.0, 0.5], [0.2, 1.0]]),
                    np.array([[900.0, 950.0], [1000.0, 1100.0]]))  # fmt: skip
        drawings = [shades(grid, name), drawn(attribution(name, [0.1]), name)]
        for drawing in drawings:
            for text in drawing.figure.findobj(
                match=lambda artist: hasattr(artist, "get_parse_math")
            ):
                assert not text.get_parse_math(), text.get_text()
        files = files_of(drawings=tuple(drawings))
    for path, content in files.items():
        if path.endswith(".svg"):
            ElementTree.fromstring(content)


def test_levers_that_change_nothing_get_a_scale_with_marks_apart():
    with house_style():
        drawing = drawn(attribution("lever", [0.0, 0.0]))
        (axes,) = drawing.figure.axes
        drawing.figure.canvas.draw()
        marks = [label.get_text() for label in axes.get_yticklabels()]
    assert len(set(marks)) == len(marks)


def test_the_answer_holds_the_tables_of_a_study_as_amounts():
    rows = (("a", 3, 0.25, 0.1, 0.4, 12.0), ("b", 7, float("nan"), 0.0, 1.0, 1.0))
    columns = ("lever", "runs", "reached_share", "low", "high", "cost_musd")
    of_levers = StudyTable("levers", "Levers", "By cost.", columns, rows)
    files = files_of(of_levers, reached_share=(("goal", 0.25),))
    answer = json.loads(files["answer.json"])
    assert answer["answers"] == ["Yes."]
    assert answer["reached_share"] == {"goal": 0.25}
    assert answer["run"] == {"run_id": "0123", "command": HOSTILE, "seed": 7}
    first, second = answer["sections"]["of-levers"]["tables"][0]["rows"]
    share = {"value": 0.25, "unit": "1", "low": 0.1, "high": 0.4, "text": "25\u00a0%"}
    assert first["reached share"] == share
    assert first["low"] == {"value": 0.1, "unit": "1", "text": "10\u00a0%"}
    assert first["runs"] == {"value": 3, "unit": "runs", "text": "3"}
    assert first["cost musd"]["unit"] == "million USD"
    assert second["reached share"]["value"] is None
    assert second["reached share"]["text"] == "–"
    assert list(answer["sections"]) == ["of-levers", "reading", "reproduction"]
    again = files_of(of_levers, reached_share=(("goal", 0.25),))
    assert again["answer.json"] == files["answer.json"]


def test_the_answer_holds_what_a_figure_of_a_study_draws():
    found = attribution("lever", [0.1, 0.2])
    with house_style():
        drawing = drawn(found)
        files = files_of(drawings=(drawing,))
    (figure,) = json.loads(files["answer.json"])["sections"][f"of-{drawing.name}"]["figures"]
    largest, other = figure["facts"]
    assert largest == {
        "lever": "lever1",
        "part": {"value": 0.2, "unit": "1", "low": 0, "high": 0},
    }
    assert other["lever"] == "lever0"


def test_bounds_without_a_column_on_the_page_stand_behind_their_number():
    columns = ("mix", "reached_share", "reached_low", "reached_high", "median_trade_musd",
               "median_low", "median_high")  # fmt: skip
    inf = float("inf")
    rows = (("a", 0.25, 0.1, 0.4, 357.04, 268.4, 448.9), ("b", 0.5, 0.0, 1.0, 9.0, -inf, inf))
    shown = ("mix", "reached_share", "median_trade_musd")
    files = files_of(StudyTable("mixes", "Mixes", "", columns, rows, on_page=shown))
    first, second = json.loads(files["answer.json"])["sections"]["of-mixes"]["tables"][0]["rows"]
    assert list(first) == ["mix", "reached share", "median trade musd"]
    assert first["reached share"]["text"] == "25 ± 15\xa0%"
    median = first["median trade musd"]
    assert (median["low"], median["high"]) == (268.4, 448.9)
    assert median["text"] == "357 ± 92"
    # What is not known is said nowhere to be known.
    assert second["median trade musd"] == {
        "value": 9, "unit": "million USD", "low": None, "high": None, "text": "9"
    }  # fmt: skip
    assert 'class="n i"' in files["report.html"].decode()


def test_measures_carry_their_unit_and_stand_in_where_a_number_is_not_known():
    columns = ("measure", "unit", "difference_q05", "difference_q50", "difference_q95", "mean",
               "mean_low", "mean_high")  # fmt: skip
    nan = float("nan")
    rows = (("tariff_rate", "1", -0.02, -0.01, 0.0, -0.01, -0.02, 0.0),
            ("reached", "share of futures", nan, nan, nan, 0.25, 0.125, 0.5),
            ("trade_musd", "million USD/yr", -0.004, 0.004, 3.0, 1.0, 0.0, 2.0))  # fmt: skip
    table = StudyTable("all", "All", "", columns, rows, n_words=2,
                  on_page=("measure", "difference_q50"),
                  instead={"difference_q50": "mean"})  # fmt: skip
    answer = json.loads(files_of(table)["answer.json"])
    told = {
        row["measure"]: row["difference q50"]
        for row in answer["sections"]["of-all"]["tables"][0]["rows"]
    }
    assert told["duty paid, % of the value"]["value"] == -0.01
    assert told["duty paid, % of the value"]["text"] == "−1 (−2\xa0to\xa00)"
    assert told["chance of the target, %"]["text"] == "25 ± 25"
    assert told["trade, million USD a year"]["text"] == "0 (0\xa0to\xa03)"


def test_a_median_among_quantiles_has_them_for_an_interval():
    columns = ("lever", "trade_musd_q05", "trade_musd_q50", "trade_musd_q95", "cost_musd")
    files = files_of(StudyTable("levers", "Levers", "", columns, (("a", 1.0, 2.0, 5.0, 9.0),)))
    (row,) = json.loads(files["answer.json"])["sections"]["of-levers"]["tables"][0]["rows"]
    median = {"value": 2, "unit": "million USD", "low": 1, "high": 5, "text": "2"}
    assert row["trade musd q50"] == median
    assert "low" not in row["cost musd"]
