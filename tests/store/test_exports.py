"""Results in other programs' forms: every number arrives as it was, whatever it is."""

import csv
import io
import json
import math
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.store import StoreError, json_bytes, table_bytes, write_run
from sim.store.exports import IAMC_COLUMNS, QUANTILES, exported
from sim.store.spreadsheet_cells import as_text
from sim.store.study_parts import columns_of, joined_rows, locked_parts, rows_bytes

NUMBERS = st.floats(-1e300, 1e300) | st.sampled_from([math.nan, math.inf, -math.inf])
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12
)
RECORD = {"title": "A question", "versions": {"trade-scenario-simulator": "1.0"}}
YEARS = (2029, 2030)


def study_rows(trade, status, reason):
    """Rows of a study of two cases, as they are stored."""
    n = len(trade)
    return {
        "case": [k % 2 for k in range(n)],
        "run": list(range(n)),
        "trade_elasticity": [5.0 + value if math.isfinite(value) else 5.0 for value in trade],
        "goal|trade_musd": trade,
        "goal|reached": [float(k % 3 == 0) for k in range(n)],
        **{f"goal|trade_musd|{year}": trade for year in YEARS},
        "largest_residual": [1e-12] * n,
        "status": status,
        "reason": reason,
    }


def study(folder, rows, texts=()):
    content = rows_bytes(rows, ["status", "reason", *texts], ["case", "run"])
    files = {"run.json": json_bytes(RECORD), "outcomes.parquet": content}
    return write_run(folder, files)


def read_csv(content):
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def same(texts, values):
    """Whether numbers written as text are the same numbers, to the bit."""
    pairs = zip(texts, values, strict=True)
    return all(float(t) == v or (math.isnan(v) and t == "nan") for t, v in pairs)


@given(st.lists(st.tuples(NUMBERS, TEXTS), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_numbers_and_words_are_the_same_in_every_form(rows):
    trade = [number for number, _ in rows]
    words = [text for _, text in rows]
    with TemporaryDirectory() as folder:
        status = ["finished" if math.isfinite(value) else "failed" for value in trade]
        made = study(Path(folder) / "s" / "r", study_rows(trade, status, words))
        parquet = columns_of((made / "outcomes.parquet").read_bytes())
        assert same(map(repr, parquet["goal|trade_musd"].tolist()), trade)
        text = read_csv(exported(made, "csv"))
        assert same([row["goal|trade_musd"] for row in text], trade)
        assert [row["reason"] for row in text] == [as_text(word) for word in words]
        assert [int(row["run"]) for row in text] == list(range(len(rows)))
        table = read_csv(exported(made, "iamc"))
        with tarfile.open(fileobj=io.BytesIO(exported(made, "ema"))) as archive:
            outcomes = json.load(archive.extractfile("metadata.json"))["outcomes"]
            files = {name: file for _, name, file in outcomes}
            assert same(
                archive.extractfile(files["goal_trade_musd"]).read().decode().split(), trade
            )
    for case in (0, 1):
        there = [value for value in trade[case::2] if math.isfinite(value)]
        expected = [float(np.quantile(there, q)) for q in QUANTILES] if there else []
        for year in YEARS:
            found = [
                row["value"]
                for row in table
                if row["scenario"].endswith(f"case {case}") and int(row["year"]) == year
            ]
            assert same(found, expected)


@given(st.lists(NUMBERS, min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_a_workbook_holds_the_same_numbers(trade):
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra 'excel'")
    with TemporaryDirectory() as folder:
        status, reason = ["finished"] * len(trade), ["=1+1"] * len(trade)
        made = study(Path(folder) / "s" / "r", study_rows(trade, status, reason))
        book = openpyxl.load_workbook(io.BytesIO(exported(made, "xlsx")))
    words, units, heading, *rows = book["outcomes"].iter_rows()
    at = [cell.value for cell in heading].index("goal|trade_musd")
    assert (words[at].value, units[at].value) == ("Goal, trade", "million USD a year")
    assert book["outcomes"].freeze_panes == "A4"
    assert book.sheetnames[0] == "about"
    for row, value in zip(rows, trade, strict=True):
        if math.isfinite(value):
            assert row[at].value == pytest.approx(value, rel=1e-15, abs=0.0)
        else:
            assert row[at].value == (None if math.isnan(value) else f"{value}")
        assert (row[-1].value, row[-1].data_type) == ("=1+1", "s")  # words are never formulas


@given(st.lists(st.tuples(NUMBERS, TEXTS), min_size=2, max_size=9))
@settings(max_examples=30, deadline=None)
def test_the_csv_beside_a_study_has_the_numbers_of_its_parquet(rows):
    half = len(rows) // 2
    with TemporaryDirectory() as folder, locked_parts(Path(folder) / "p", "study", {}) as store:
        for number, part in enumerate((rows[:half], rows[half:])):
            columns = {"run": range(len(part)), "trade": [v for v, _ in part],
                       "reason": [t for _, t in part]}  # fmt: skip
            store.put(number, rows_bytes(columns, ["reason"], ["run"]))
        made = joined_rows(store, [0, 1], "outcomes")
        whole = columns_of(made["outcomes.parquet"].read_bytes())
        text = read_csv(made["outcomes.csv"].read_bytes())
    assert same([row["trade"] for row in text], whole["trade"].tolist())
    assert same(map(repr, whole["trade"].tolist()), [value for value, _ in rows])
    assert whole["reason"] == [text for _, text in rows]
    assert [row["reason"] for row in text] == [as_text(text) for _, text in rows]


def test_rows_say_what_is_varied_in_their_case(tmp_path):
    varied = {"agreements.a.cut": [0.5, 1.0], "closure": ["full", "direct"]}
    with locked_parts(tmp_path / "p", "study", {}) as store:
        for case in range(2):
            columns = {"case": [case] * 2, "run": range(2), "trade": [1.0, 2.0]}
            store.put(case, rows_bytes(columns, [], ["case", "run"]))
        made = joined_rows(store, [0, 1], "outcomes", varied)
    whole = columns_of(made["outcomes.parquet"].read_bytes())
    assert list(whole) == ["case", "agreements.a.cut", "closure", "run", "trade"]
    assert whole["agreements.a.cut"].tolist() == [0.5, 0.5, 1.0, 1.0]
    assert whole["closure"] == ["full", "full", "direct", "direct"]


def test_others_read_what_is_varied_and_the_pair(tmp_path):
    rows = study_rows([1.0, 2.0], ["finished"] * 2, [""] * 2)
    rows = {"case": rows.pop("case"), "a.cut": [0.5, 1.0], "closure": ["full", "direct"], **rows}
    made = study(tmp_path / "s" / "r", rows, texts=["closure"])
    record = {**RECORD, "varied": ["a.cut", "closure"], "pairs": {"goal": "AAA-BBB"}}
    (made / "run.json").write_bytes(json_bytes(record))
    table = read_csv(exported(made, "iamc"))
    assert {row["region"] for row in table} == {"AAA-BBB"}
    assert table[0]["scenario"] == "A question|a.cut = 0.5, closure = full"
    with tarfile.open(fileobj=io.BytesIO(exported(made, "ema"))) as archive:
        experiments = read_csv(archive.extractfile("experiments.csv").read())
        kinds = json.load(archive.extractfile("metadata.json"))["experiments"]
    assert [row["closure"] for row in experiments] == ["full", "direct"]
    assert (kinds["a.cut"], kinds["closure"]) == ("float64", "object")


def test_others_read_the_names_of_what_is_compared(tmp_path):
    made = study(tmp_path / "s" / "r", study_rows([1.0, 2.0], ["finished"] * 2, [""] * 2))
    record = {**RECORD, "kind": "compare", "scenarios": ["before", "after"]}
    (made / "run.json").write_bytes(json_bytes(record))
    assert {row["scenario"] for row in read_csv(exported(made, "iamc"))} == {"before", "after"}
    with tarfile.open(fileobj=io.BytesIO(exported(made, "ema"))) as archive:
        experiments = read_csv(archive.extractfile("experiments.csv").read())
    assert [row["policy"] for row in experiments] == ["before", "after"]


@pytest.fixture
def run(tmp_path):
    """A result of `sim run`: quantiles over the runs as a long table."""
    n = len(QUANTILES)
    series = {
        "model": ["m"] * n,
        "scenario": ["s"] * n,
        "region": ["PAK>KAZ"] * n,
        "variable": ["Trade|Both Directions"] * n,
        "unit": ["million USD/yr"] * n,
        "year": [2030] * n,
        "quantile": list(QUANTILES),
        "value": [0.1 * k + 1e-17 for k in range(n)],
    }
    files = {
        "run.json": json_bytes(RECORD),
        "series.parquet": table_bytes(series),
        "outcomes.parquet": table_bytes({"run": [0, 1], "goal|trade_musd": [1.0, 2.0]}),
    }
    return write_run(tmp_path / "s" / "r", files), series


def test_the_long_table_of_a_run_names_its_quantiles(run):
    folder, series = run
    table = read_csv(exported(folder, "iamc"))
    assert tuple(table[0]) == IAMC_COLUMNS
    names = ["5th Percentile", "25th Percentile", "Median", "75th Percentile", "95th Percentile"]
    assert [row["variable"] for row in table] == [f"Trade|Both Directions|{n}" for n in names]
    assert same([row["value"] for row in table], series["value"])
    keys = [tuple(row[k] for k in IAMC_COLUMNS if k != "value") for row in table]
    assert len(set(keys)) == len(keys)


def test_a_run_exports_its_series_as_csv(run):
    folder, series = run
    assert same([row["value"] for row in read_csv(exported(folder, "csv"))], series["value"])


def test_runs_that_failed_count_in_no_quantile(tmp_path):
    rows = study_rows([1.0, 2.0, math.nan, 4.0], ["finished", "finished", "failed", "finished"],
                      ["", "", "no solution", ""])  # fmt: skip
    table = read_csv(exported(study(tmp_path / "s" / "r", rows), "iamc"))
    assert all(math.isfinite(float(row["value"])) for row in table)
    medians = [row for row in table if row["variable"].endswith("Median")]
    of_first = [float(row["value"]) for row in medians if row["scenario"].endswith("case 0")]
    assert of_first == [1.0] * len(YEARS)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "run.json").unlink(), "no result is there"),
        (lambda folder: (folder / "run.json").write_text("{"), "run.json is damaged"),
        (lambda folder: (folder / "outcomes.parquet").unlink(), "not whole"),
        (lambda folder: (folder / "outcomes.parquet").write_bytes(b"PAR1"), "cannot be read"),
        (
            lambda folder: (folder / "outcomes.parquet").write_bytes(table_bytes({"x": [1]})),
            "has no column 'case'",
        ),
    ],
)
def test_a_result_that_is_not_whole_is_a_plain_error(tmp_path, spoil, said):
    folder = study(tmp_path / "s" / "r", study_rows([1.0, 2.0], ["finished"] * 2, ["", ""]))
    spoil(folder)
    with pytest.raises(StoreError, match=said):
        exported(folder, "iamc")


def test_a_folder_that_is_no_result_names_one_that_is(run):
    folder, _ = run
    for wrong, said in (
        (folder / "run.json", f"is a file; wanted the folder of a result: {folder}"),
        (folder.parent, f"wanted the folder of one, such as {folder}"),
        (folder.parent.parent, f"wanted the folder of one, such as {folder}"),
        (folder.parent / "rr", f"did you mean {folder}"),
    ):
        with pytest.raises(StoreError, match=re.escape(said)):
            exported(wrong, "csv")


@pytest.mark.filterwarnings("ignore")
def test_pyam_reads_the_long_table(pyam, run, tmp_path):
    folder, series = run
    rows = study_rows([3.0, 4.0], ["finished"] * 2, ["", ""])
    for number, result in enumerate((folder, study(tmp_path / "s" / "q", rows))):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(exported(result, "iamc"))
        read = pyam.IamDataFrame(path)
        assert not read.empty
        if result == folder:
            assert sorted(read.data["value"]) == sorted(series["value"])


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted in /proc")
def test_a_table_is_read_in_one_thread(tmp_path):
    """Threads of the library that still run at exit abort the process, now and then."""
    (tmp_path / "t.parquet").write_bytes(table_bytes({"case": [0, 1], "x": [1.0, 2.0]}))
    code = (
        "import os, sys, pyarrow.parquet; from pathlib import Path; "
        "from sim.store.study_parts import columns_of; "
        "before = len(os.listdir('/proc/self/task')); "
        "columns_of(Path(sys.argv[1]).read_bytes()); "
        "print(len(os.listdir('/proc/self/task')) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "t.parquet")],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.stdout.strip() == "0"
