"""Names are text everywhere: in the terminal, in figures, in every table that is handed on."""

import csv
import io
import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from sim.cli import app
from sim.report.page.figure import csv_bytes
from sim.scenario.blocks.fields import first_control
from sim.store import table_bytes
from sim.store.exports import exported
from sim.store.spreadsheet_cells import as_text
from sim.store.study_parts import joined_rows, locked_parts, rows_bytes
from tests.builders.central_runs import central_runs_left_out
from tests.builders.pictures import pictures_left_out, vectors_alone

TINY = Path(__file__).resolve().parent / "worlds" / "tiny"
ODD = "Orea [/x] [red]:smile: $x_1^2$ <b>&"
runner = CliRunner()


def call(*arguments: object):
    return runner.invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A world and a scenario whose names are markup to somebody, and what a run of it left."""
    folder = tmp_path_factory.mktemp("names")
    world = Path(shutil.copytree(TINY, folder / "world"))
    regions = world / "regions.csv"
    regions.write_text(regions.read_text().replace("Orea", ODD))
    text = TINY.with_suffix(".yaml").read_text()
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    (folder / "odd.yaml").write_text(text.replace(title, "title: '=1+1 [/x]'"))
    with pictures_left_out(vectors_alone), central_runs_left_out(ranking=True):
        done = call("run", folder / "odd.yaml", "--world", world, "--set", "runs=4",
                    "--output", folder / "results", "--workers", 1)  # fmt: skip
    assert done.exit_code == 0, (done.output, done.exception)
    return folder, done.output


def test_a_run_shows_names_as_they_are_typed(place):
    folder, said = place
    assert ODD in said.replace("\n", "")
    (result,) = (folder / "results").glob("*/*/run.json")
    figures = sorted((result.parent / "figures").glob("*.svg"))
    assert figures
    for figure in figures:
        ElementTree.fromstring(figure.read_bytes())


def test_the_world_is_shown_with_names_as_they_are_typed(place):
    folder, _ = place
    for option in ((), ("--network",)):
        done = call("world", "--world", folder / "world", *option)
        assert done.exit_code == 0
        assert "Traceback" not in done.output
    said = call("world", "--world", folder / "world").output
    assert all(word in said for word in ("[/x]", "[red]", ":smile:"))


@pytest.mark.parametrize("form", ["csv", "iamc"])
def test_no_export_holds_a_formula(place, form):
    folder, _ = place
    (record,) = (folder / "results").glob("*/*/run.json")
    rows = list(csv.reader(io.StringIO(exported(record.parent, form).decode())))
    cells = {cell for row in rows for cell in row}
    assert not any(cell.startswith(("=", "@")) for cell in cells)
    assert json.loads(record.read_text())["title"] == "=1+1 [/x]"


def test_events_of_past_trade_are_shown_as_they_are_typed(tmp_path):
    path = tmp_path / "past.csv"
    path.write_text(
        "event,exporter,importer,base_year,year,base_trade_musd,trade_musd\n"
        "[/x] =1,PAK,KAZ,2010,2015,90,140\n"
    )
    done = call("hindcast", path, "--runs", 20, "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "[/x] =1: PAK to KAZ" in done.output


def test_recorded_names_are_shown_as_they_are_typed(cases, tmp_path):
    given_names = cases / "reports" / "markup-in-names"
    world = Path(shutil.copytree(TINY, tmp_path / "world"))
    shutil.copy(given_names / "regions.csv", world)
    done = call("world", "--world", world)
    assert (done.exit_code, "Orea [/x]" in done.output) == (0, True)
    done = call("hindcast", given_names / "past.csv", "--runs", 20)
    assert (done.exit_code, "[/x] deal" in done.output) == (0, True)


FORMULAS = ("=1+1", "@SUM(A1)", "+1+1", "-1-1", "\t=1", "\r=1", "=cmd|' /C calc'!A0")


@pytest.mark.parametrize("word", FORMULAS)
def test_words_are_no_formulas_in_any_table(word, tmp_path):
    marked = f"'{word}"
    assert as_text(word) == marked
    text = csv_bytes(("name", "x"), [(word, 1.5)]).decode()
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == [marked, "1.5"]
    with locked_parts(tmp_path / ".parts", "0123456789ab", {}) as store:
        columns = {"case": [0], "status": [word]}
        store.put(0, rows_bytes(columns, ("status",), ("case",)))
        made = joined_rows(store, [0], "outcomes", {"title": [word]})
        rows = list(csv.reader(io.StringIO(made["outcomes.csv"].read_bytes().decode(), newline="")))
    assert rows[1].count(marked) == 2


@pytest.mark.parametrize("word", ["food", "-", "-0.5", "+1", "-1,200", "+3 %", "", "a=b", "'x"])
def test_plain_words_and_numbers_stay_as_they_are(word):
    assert as_text(word) == word


def test_the_columns_of_a_study_are_text_in_iamc(tmp_path):
    outcomes = {"case": [0, 0], "run": [0, 1], "status": ["finished"] * 2,
                "t|trade_musd|2030": [1.0, 2.0]}  # fmt: skip
    (tmp_path / "outcomes.parquet").write_bytes(table_bytes(outcomes))
    record = {"title": "=1+1", "kind": "sweep", "pairs": {"t": "=A-B"}}
    (tmp_path / "run.json").write_text(json.dumps(record))
    rows = list(csv.reader(io.StringIO(exported(tmp_path, "iamc").decode())))
    assert {row[1] for row in rows[1:]} == {"'=1+1|case 0"}
    assert {row[2] for row in rows[1:]} == {"'=A-B"}


@given(st.text())
def test_what_is_shown_can_stand_in_a_drawing(text):
    """XML takes every text but that with control characters, which is refused when it is read."""
    if first_control(text) is None:
        plain = text.replace("&", "&amp;").replace("<", "&lt;")
        ElementTree.fromstring(f"<t>{plain}</t>")


@pytest.mark.parametrize("char", ["\x1b", "\x00", "\x07", "\x9b", "\ufffe"])
def test_a_title_that_cannot_be_shown_is_refused(tmp_path, char):
    text = TINY.with_suffix(".yaml").read_text()
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    path = tmp_path / "s.yaml"
    path.write_text(text.replace(title, f'title: "a\\u{ord(char):04x}b"'))
    done = call("check", path, "--world", TINY)
    assert done.exit_code == 2
    assert f"holds the control character U+{ord(char):04X}" in done.output
