"""Results that strangers made: what they say is data, and no link in them leads anywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.cli.rerun_options import REPLAYED, replayed
from sim.store import StoreError, json_bytes, write_run
from sim.store.checksums import changed_files, with_checksums
from sim.store.folder_links import check_inside
from sim.store.stored_results import kept_scenarios, stored_runs
from sim.store.study_parts import is_held, locked_parts
from tests.builders.central_runs import central_runs_left_out
from tests.builders.pictures import pictures_left_out

HERE = Path(__file__).resolve().parent
TINY = HERE / "worlds" / "tiny"
ID = "0123456789ab"
runner = CliRunner()


def call(*arguments: object):
    return runner.invoke(app, [str(argument) for argument in arguments])


def made_in(output: Path, *settings: str) -> Path:
    """Folder of a small run."""
    flags = [word for setting in ("runs=2", *settings) for word in ("--set", setting)]
    done = call("run", TINY.with_suffix(".yaml"), "--world", TINY, "--output", output, *flags,
                "--workers", 1)  # fmt: skip
    assert done.exit_code == 0, done.output
    return next(output.glob("*/*/run.json")).parent


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    """One result of two runs."""
    with pictures_left_out(), central_runs_left_out():
        return made_in(tmp_path_factory.mktemp("ours"), "horizon.end=2025Q4",
                       "targets.goal.deadline=2025Q4")  # fmt: skip


@pytest.fixture
def result(ours, tmp_path):
    return Path(copytree(ours, tmp_path / "results" / "tiny" / ours.name))


def forge(result: Path, **changes: object) -> None:
    """Say something else in a record and renew its sums, as anybody can."""
    record = json.loads((result / "run.json").read_bytes())
    files = {name: (result / name).read_bytes() for name in record["files"]}
    bare = {key: value for key, value in record.items() if key not in ("files", "seal")}
    (result / "run.json").write_bytes(with_checksums({**bare, **changes}, files))


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--world", "/elsewhere"],
        ["sweep", "--cluster", "tcp://stranger:8786"],
        ["sweep", "--output", "/elsewhere"],
        ["compare", "--runs", "2", "--runs", "3"],
        ["compare", "--runs"],
        ["compare", "--runs", "-1"],
        ["compare", "--runs", "1000001"],
        ["compare", "--runs=2"],
        ["compare", "../elsewhere.yaml"],
        ["sensitivity", "--method", "--yes"],
        ["reach", "--probability", "1e400"],
        ["hindcast", "--output", "x"],
        ["clean", "--yes"],
    ],
)
def test_verify_repeats_nothing_but_harmless_options(result, arguments, monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("something was run"))
    forge(result, arguments=arguments)
    done = call("verify", result, "--world", TINY)
    assert done.exit_code == 2, done.output
    assert "its run.json" in done.output


def test_the_options_that_are_repeated_bear_on_numbers_alone():
    known = {option for options in REPLAYED.values() for option in options}
    assert known == {"--runs", "--design", "--points", "--orders", "--probability", "--method",
                     "--size", "--precision"}  # fmt: skip
    asked = ["sensitivity", "--method", "sobol", "--size", "256"]
    assert replayed(asked) == asked


def verified_from_within(result: Path, planted: str) -> subprocess.CompletedProcess:
    """`sim verify .` in the folder of a result, beside whose files lies code that Python knows."""
    (result / "typer.py").write_text(planted)
    code = "from sim.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-P", "-c", code, "verify", ".", "--world", str(TINY)],
        capture_output=True, text=True, cwd=result, check=False,
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},
    )  # fmt: skip


def test_verify_runs_no_code_that_lies_beside_a_result(result, tmp_path):
    """The command that it starts gets as far as reading the scenario, which is a broken one."""
    (result / "scenario.yaml").write_text("nonsense: 1\n")
    forge(result)
    done = verified_from_within(result, f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert not (tmp_path / "ran").exists()
    assert done.returncode == 2, done.stderr
    assert "could not be run again" in done.stderr
    assert "nonsense" in done.stderr


@pytest.mark.slow
def test_verify_from_within_a_result_finds_the_same_bits(tmp_path):
    # Two years without the treaty: few pictures, which have to come out the same.
    result = made_in(tmp_path / "results", "agreements.treaty=null", "horizon.end=2024Q4",
                     "targets.goal.deadline=2024Q4")  # fmt: skip
    done = verified_from_within(result, f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert not (tmp_path / "ran").exists()
    assert done.returncode == 0, done.stderr
    assert "the same to the bit" in done.stdout


@pytest.mark.parametrize("name", ["../../elsewhere", "/elsewhere"])
def test_a_kept_scenario_lies_in_its_result(tmp_path, name):
    folder = write_run(tmp_path / "s" / ID, {"run.json": json_bytes({"scenarios": [name]})})
    with pytest.raises(StoreError, match="lies elsewhere"):
        kept_scenarios(folder)


def test_a_scenario_that_is_a_link_out_of_its_result_is_not_read(result, tmp_path):
    (tmp_path / "theirs.yaml").write_text("version: 1\n")
    (result / "scenario.yaml").unlink()
    (result / "scenario.yaml").symlink_to(tmp_path / "theirs.yaml")
    assert "scenario.yaml" in changed_files(result, json.loads((result / "run.json").read_bytes()))
    with pytest.raises(StoreError, match="lies elsewhere"):
        kept_scenarios(result)


@pytest.mark.parametrize("name", ["series.parquet", "run.json", "outcomes.parquet"])
def test_changed_numbers_are_told_by_list_and_not_exported(result, tmp_path, name):
    path = result / name
    path.write_bytes(path.read_bytes() + b" ")
    told = f"changed since it was written: {name}"
    assert told in call("list", result.parents[1]).output
    done = call("export", result, "--output", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert told in done.output
    assert not (tmp_path / "out.csv").exists()


def test_a_record_behind_a_link_is_told_and_not_exported(result, tmp_path):
    (tmp_path / "theirs.json").write_bytes((result / "run.json").read_bytes())
    (result / "run.json").unlink()
    (result / "run.json").symlink_to(tmp_path / "theirs.json")
    told = "changed since it was written: run.json"
    assert told in call("list", result.parents[1]).output
    done = call("export", result, "--output", tmp_path / "out.csv")
    assert (done.exit_code, told in done.output) == (2, True)


def test_a_changed_report_is_told_by_export(result, tmp_path):
    (result / "report.html").write_text("changed")
    done = call("export", result, "--output", tmp_path / "out.csv")
    assert done.exit_code == 0
    assert "Warning" in done.output
    assert "changed since it was written: report.html" in done.output


def test_a_changed_result_is_told_where_its_report_is_printed(result, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    path = result / "series.parquet"
    path.write_bytes(path.read_bytes() + b" ")
    said = call("report", result, "--output", tmp_path / "out.pdf").output
    assert "changed since it was written: series.parquet" in said


@pytest.mark.parametrize(("code", "told"), [(2, 2), (1, 1), (130, 1), (-9, 1)])
def test_verify_says_whether_anything_was_run_again(result, monkeypatch, code, told):
    failed = subprocess.CompletedProcess([], code, "", "it says why")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    done = call("verify", result, "--world", TINY)
    assert done.exit_code == told
    assert "it says why" in done.output


@pytest.fixture
def linked(tmp_path):
    """A folder of results with links to what somebody else holds dear."""
    dear = tmp_path / "dear"
    (dear / f".{ID}.parts").mkdir(parents=True)
    (dear / "docs").mkdir()
    (dear / f".{ID}.parts" / "thesis.txt").write_text("keep")
    (dear / "docs" / "a.txt").write_text("keep")
    write_run(dear / "old", {"run.json": json_bytes({"run_id": "old"})})
    results = tmp_path / "results"
    (results / "link").mkdir(parents=True)
    (results / "linked").symlink_to("../dear")
    (results / "link" / f".{ID}.parts").symlink_to("../../dear/docs")
    return results


def below(folder):
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.parametrize("command", [("list",), ("clean", "--yes"), ("clean", "--keep", 1, "-y")])
def test_links_out_of_a_folder_of_results_are_left_alone(linked, command):
    before = below(linked.parent / "dear")
    done = call(command[0], linked, *command[1:])
    assert done.exit_code == 0
    assert f"{linked / 'linked'}: is a link" in done.output
    assert f"{linked / 'link' / f'.{ID}.parts'}: is a link" in done.output
    assert below(linked.parent / "dear") == before


def test_links_made_by_the_recorded_case_are_left_alone(cases, tmp_path):
    made = cases / "reports" / "clean-through-a-link" / "make.sh"
    subprocess.run(["sh", str(made), str(tmp_path)], check=True)
    before = below(tmp_path / "precious")
    for command in (("list",), ("clean", "--yes")):
        assert call(command[0], tmp_path / "results", *command[1:]).exit_code == 0
        assert below(tmp_path / "precious") == before


def test_nothing_is_locked_that_has_no_lock(tmp_path):
    assert not is_held(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("planted", ["lock", "plan.json", "000000.draft", "outcomes.csv"])
def test_a_study_writes_through_no_link(tmp_path, planted):
    (tmp_path / "dear").write_text("keep")
    parts = tmp_path / f".{ID}.parts"
    parts.mkdir()
    (parts / planted).symlink_to(tmp_path / "dear")
    with pytest.raises(StoreError), locked_parts(parts, ID, {}):
        pytest.fail("the study began")
    assert (tmp_path / "dear").read_text() == "keep"


def test_a_study_begins_in_no_folder_behind_a_link(tmp_path):
    (tmp_path / "dear").mkdir()
    (tmp_path / f".{ID}.parts").symlink_to(tmp_path / "dear")
    with (
        pytest.raises(StoreError, match="is a link"),
        locked_parts(tmp_path / f".{ID}.parts", ID, {}),
    ):
        pytest.fail("the study began")
    assert list((tmp_path / "dear").iterdir()) == []


def test_a_run_leaves_its_folder_of_results_by_no_link(tmp_path):
    (tmp_path / "dear").mkdir()
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "tiny").symlink_to(tmp_path / "dear")
    with pytest.raises(StoreError, match="leaves"):
        check_inside(tmp_path / "results", tmp_path / "results" / "tiny" / ID)
    done = call("run", TINY.with_suffix(".yaml"), "--world", TINY, "--output", tmp_path / "results")
    assert done.exit_code == 2
    assert "is a link that leaves" in done.output
    assert list((tmp_path / "dear").iterdir()) == []


def test_a_folder_of_results_may_itself_be_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "results").symlink_to(tmp_path / "disk")
    check_inside(tmp_path / "results", tmp_path / "results" / "tiny" / ID)


def test_the_order_of_results_survives_a_copy(tmp_path):
    for name in ("first", "second", "third"):
        write_run(tmp_path / "s" / name, {"run.json": with_checksums({"run_id": name}, {})})
    for age, name in enumerate(("first", "third", "second")):  # as a copy dates them
        os.utime(tmp_path / "s" / name / "run.json", (1e9 - age, 1e9 - age))
    assert [run.folder.name for run in stored_runs(tmp_path)[0]] == ["third", "second", "first"]


@pytest.mark.parametrize("content", ["[" * 100_000, '{"reached_share": {"a": 1e999}}',
                                     '{"reached_share": {"a": 1' + "0" * 400 + "}}"])  # fmt: skip
def test_a_record_that_makes_no_sense_is_told(tmp_path, content):
    folder = tmp_path / "s" / ID
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(content)
    done = call("list", tmp_path)
    assert done.exit_code == 0
    assert f"{folder / 'run.json'}: not" in done.output


def test_what_a_record_names_is_shown_as_it_is_typed(tmp_path):
    record = {"run_id": ID, "scenario": "[/x]", "runs": "[red]", "ledger": ":smile:"}
    write_run(tmp_path / "s" / ID, {"run.json": with_checksums(record, {})})
    done = call("list", tmp_path)
    assert done.exit_code == 0
    assert all(word in done.output for word in ("[/x]", "[red]", ":smile:"))
