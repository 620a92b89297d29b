"""The commands as a user types them, each in a process of its own or through the runner."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.validation.check import Check, SkippedCheck
from tests.builders.central_runs import central_runs_left_out
from tests.builders.interrupts import started_to_hear_ctrl_c
from tests.builders.pictures import pictures_left_out, pictures_of

ROOT = Path(__file__).resolve().parents[1]
WORLDS = ROOT / "tests" / "worlds"
SHORT = ("runs=3", "horizon.end=2028Q4", "targets.one-billion.deadline=2028Q4")
LOOKED_AT = ("target-fan", "agreement-effects", "route-map", "energy-flows")
"""Figures whose pictures are saved as a user gets them; there are more."""
runner = CliRunner()


def call(*arguments: object):
    return runner.invoke(app, [str(argument) for argument in arguments])


def run_with(closure: str, output: Path):
    """A small run in the packaged world: what it said, its folder, and that of all results."""
    settings = [f"closure={closure}", *SHORT]
    flags = [word for setting in settings for word in ("--set", setting)]
    result = call("run", ROOT / "scenarios" / "pta.yaml", "--output", output, *flags)
    assert result.exit_code == 0, result.output
    (folder,) = (output / "pta").iterdir()
    return result, folder, output


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A small run of an agreement, read by many tests."""
    pictures = pictures_left_out(pictures_of(*LOOKED_AT), narrow=LOOKED_AT)
    with pictures, central_runs_left_out(ranking=True):
        return run_with("conditional", tmp_path_factory.mktemp("results"))


def test_run_prints_the_answer_and_where_the_report_is(finished):
    result, folder, _ = finished
    assert "simulations, each combined with" in " ".join(result.output.split())
    assert "median" in result.output
    assert str(folder / "report.html") in result.output


def test_run_leaves_everything_a_reader_needs(finished):
    _, folder, _ = finished
    names = {path.name for path in folder.iterdir()}
    assert names >= {
        "scenario.yaml",
        "run.json",
        "series.parquet",
        "outcomes.parquet",
        "report.html",
        "figures",
    }
    for name in LOOKED_AT:
        assert (folder / "figures" / f"{name}.csv").read_text().count("\n") > 2
        picture = (folder / "figures" / f"{name}.png").read_bytes()
        assert picture.startswith(b"\x89PNG\r\n")
        assert len(picture) > 10_000
        for stem in (name, f"{name}-narrow"):
            root = ElementTree.parse(folder / "figures" / f"{stem}.svg").getroot()
            assert len(list(root.iter())) > 50, stem
    record = json.loads((folder / "run.json").read_text())
    assert record["run_id"] == folder.name
    assert record["largest_residual"] < 1e-9
    assert {"seed", "versions", "scenario_hash", "world_hash", "wall_seconds"} <= set(record)


@pytest.mark.parametrize("pictures", ["none", pytest.param("all", marks=pytest.mark.slow)])
def test_a_resolved_scenario_runs_again_to_the_same_bytes(tmp_path, pictures, request):
    if pictures == "none":
        request.getfixturevalue("no_pictures")
    words = ("--world", WORLDS / "tiny", "--output", tmp_path)
    settings = ("runs=4", "horizon.end=2025Q4", "targets.goal.deadline=2025Q4")
    flags = [word for setting in settings for word in ("--set", setting)]
    assert call("run", WORLDS / "tiny.yaml", *words, *flags).exit_code == 0
    (folder,) = (tmp_path / "tiny").iterdir()
    again = call("run", folder / "scenario.yaml", *words)
    assert again.exit_code == 0, again.output
    (other,) = (tmp_path / "scenario").iterdir()
    assert other.name == folder.name
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".parquet", ".svg", ".png", ".csv") or path.name == "scenario.yaml":
            assert path.read_bytes() == (other / path.relative_to(folder)).read_bytes(), path.name


def test_list_shows_the_result(finished):
    _, folder, output = finished
    result = call("list", output)
    assert result.exit_code == 0
    assert folder.name in result.output


def test_list_of_nothing_says_so(tmp_path):
    result = call("list", tmp_path)
    assert result.exit_code == 0
    assert "No results" in result.output


@pytest.mark.parametrize("command", ["list", "clean"])
def test_a_folder_inside_the_results_is_told_which_was_meant(finished, command):
    _, folder, output = finished
    for inside in (folder, folder.parent):
        done = call(command, inside)
        assert done.exit_code == 2
        assert f"wanted that folder: {output}" in done.output
    assert call(command, folder / "run.json").exit_code == 2
    assert call(command, output).exit_code == 0


def test_init_says_what_to_type_in_another_world(tmp_path):
    world = ROOT / "tests" / "worlds" / "tiny"
    done = call("init", "mine", "--output", tmp_path, "--world", world)
    assert f"`sim check {tmp_path / 'mine.yaml'} --world {world}`" in done.output


def test_a_broken_file_is_named_with_its_place_and_nothing_runs(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("version: 1\ntitel: x\n")
    result = call("run", path, "--output", tmp_path / "out")
    assert result.exit_code == 2
    assert f"{path}:2:1" in result.output
    assert "title" in result.output
    assert not (tmp_path / "out").exists()
    assert "Traceback" not in result.output


def test_check_counts_problems_over_files(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("nonsense: 1\n")
    result = call("check", tmp_path / "a.yaml", tmp_path / "b.yaml", ROOT / "scenarios/pta.yaml")
    assert result.exit_code == 2
    assert "a.yaml" in result.output
    assert "b.yaml" in result.output


def test_a_missing_file_is_a_plain_mistake(tmp_path):
    result = call("run", tmp_path / "nowhere.yaml")
    assert result.exit_code == 2
    assert "nowhere.yaml" in result.output


@pytest.mark.parametrize(
    "words", [("run", "scenarios/baseline.yaml"), ("hindcast", "docs/past-trade.csv")]
)
def test_an_output_that_cannot_be_written_is_told_before_anything_is_simulated(
    tmp_path, monkeypatch, words
):
    monkeypatch.setattr("sim.study.ensemble.run.run_variants", None)
    monkeypatch.setattr("sim.study.hindcasts.hindcast.hindcast", None)
    (tmp_path / "file").write_text("in the way")
    result = call(words[0], ROOT / words[1], "--output", tmp_path / "file")
    assert result.exit_code == 2
    assert "--output" in result.output


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (OSError(28, "No space left on device", "/a/b"), "/a/b: cannot be used (No space left"),
        (MemoryError(), "not enough memory"),
    ],
)
def test_what_the_system_refuses_is_told_in_words(monkeypatch, problem, said):
    def refuse(*_):
        raise problem

    monkeypatch.setattr("sim.world.cache.checked_world.checked_world", refuse)
    result = call("check", ROOT / "scenarios" / "baseline.yaml")
    assert result.exit_code == 1
    assert said in result.output


def test_a_file_name_that_is_not_utf_8_is_a_plain_mistake(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff.yaml")
    path.write_bytes((ROOT / "scenarios" / "baseline.yaml").read_bytes())
    result = call("check", path)
    assert result.exit_code == 2
    assert "its name is not usable" in result.output


def test_a_setting_without_a_value_is_a_plain_mistake():
    result = call("run", ROOT / "scenarios" / "baseline.yaml", "--set", "runs")
    assert result.exit_code == 2
    assert "path=value" in result.output


def test_init_writes_a_file_that_passes_the_check(tmp_path):
    assert call("init", "mine", "--output", tmp_path).exit_code == 0
    assert call("check", tmp_path / "mine.yaml").exit_code == 0
    again = call("init", "mine", "--output", tmp_path)
    assert again.exit_code == 2
    assert "there already" in again.output


def test_init_about_a_pair_builds_on_the_folder_s_baseline_and_tells_what_is_known(tmp_path):
    text = (ROOT / "scenarios" / "baseline.yaml").read_text(encoding="utf-8")
    (tmp_path / "baseline.yaml").write_text(text, encoding="utf-8")
    done = call("init", "mine", "--output", tmp_path, "--pair", "aze", "PAK")
    assert done.exit_code == 0, done.output
    written = (tmp_path / "mine.yaml").read_text(encoding="utf-8")
    assert "extends: baseline.yaml" in written
    assert "closures" not in written.partition("extends")[2]
    for told in (done.output, written):
        assert "Agreement on record" in told
        assert "closures on record" in told
    assert call("check", tmp_path / "mine.yaml").exit_code == 0


def test_init_without_a_pair_builds_on_the_folder_s_baseline_and_keeps_its_targets(tmp_path):
    world = ("--world", ROOT / "tests" / "worlds" / "tiny")
    text = (ROOT / "tests" / "worlds" / "tiny.yaml").read_text()
    (tmp_path / "baseline.yaml").write_text(text[: text.index("agreements:")])
    done = call("init", "mine", "--output", tmp_path, *world)
    assert done.exit_code == 0
    assert "Trade in 2022, both directions" in done.output
    written = (tmp_path / "mine.yaml").read_text()
    assert "extends: baseline.yaml" in written
    assert "goal (AAA and BBB, 3000 million USD by 2027Q4)" in written
    checked = call("check", tmp_path / "mine.yaml", *world)
    assert checked.exit_code == 0, checked.output
    from sim.scenario.scenario_file import load_scenario
    from sim.world.names import world_names

    made = load_scenario(tmp_path / "mine.yaml", world_names(world[1]))
    assert [*made.targets] == ["goal"]
    assert made.agreements["preference"].members == ("AAA", "BBB")


def test_init_about_a_pair_without_a_baseline_starts_from_the_whole_file(tmp_path):
    assert call("init", "mine", "--output", tmp_path, "--pair", "UZB", "PAK").exit_code == 0
    written = (tmp_path / "mine.yaml").read_text(encoding="utf-8")
    assert "pair: [UZB, PAK]" in written
    wrong = call("init", "other", "--output", tmp_path, "--pair", "PAKI", "UZB")
    assert wrong.exit_code == 2
    assert "not a region" in wrong.output


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "-x", "two\nlines"])
def test_init_wants_a_plain_name(tmp_path, name):
    result = call("init", "--output", tmp_path / "here", "--", name)
    assert result.exit_code == 2
    assert "plain name" in result.output
    assert not list(tmp_path.rglob("*.yaml"))


def test_init_adds_the_ending_once_and_quotes_what_to_type(tmp_path):
    result = call("init", "a b.yaml", "--output", tmp_path)
    assert (tmp_path / "a b.yaml").is_file()
    assert f"`sim check '{tmp_path / 'a b.yaml'}'`" in result.output


def test_the_recorded_command_holds_what_was_changed(finished):
    _, folder, _ = finished
    command = json.loads((folder / "run.json").read_text())["command"]
    settings = " ".join(f"--set {setting}" for setting in ("closure=conditional", *SHORT))
    assert command.endswith(f"pta.yaml {settings}")
    assert settings in (folder / "report.html").read_text(encoding="utf-8")


def test_names_with_brackets_are_text_and_not_markup(tmp_path):
    folder = tmp_path / "[/x]" / "[bold]" / "1"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text('{"scenario": "[/y]", "ledger": "[red]z"}')
    result = call("list", tmp_path / "[/x]")
    assert result.exit_code == 0, result.output
    assert "[/y]" in result.output
    assert "[red]z" in result.output
    assert call("list", tmp_path / "[/z]").exit_code == 0


def test_schema_is_the_one_in_the_scenarios_folder():
    text = call("schema").output
    assert json.loads(text)["title"] == "Scenario"
    assert text == (ROOT / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8")


def test_schema_can_list_the_names_of_a_world():
    whole = json.loads(call("schema", "--names").output)
    region = whole["$defs"]["Concession"]["properties"]["by"]
    assert len(region["enum"]) == len(region["x-enum-titles"]) > 20
    tiny = json.loads(call("schema", "--world", ROOT / "tests" / "worlds" / "tiny").output)
    assert "AAA" in tiny["$defs"]["Concession"]["properties"]["by"]["enum"]


def test_world_shows_both_ledgers_and_another_world():
    assert "kazakhstan" in call("world").output
    tiny = call("world", "--world", ROOT / "tests" / "worlds" / "tiny")
    assert tiny.exit_code == 0
    wrong = call("world", "--ledger", "nobody")
    assert wrong.exit_code == 2


def test_validate_says_what_is_reproduced_what_misses_and_what_was_skipped(tmp_path, monkeypatch):
    """Each kind of row; tests/validation has the checks themselves."""
    rows = [
        Check("well", "price", 2.0, 2.0, 0.1, "1", "a book"),
        Check("badly", "price", 2.0, 3.0, 0.1, "1", "a book", is_known_miss=True),
        SkippedCheck("elsewhere", "its files are not here"),
    ]
    monkeypatch.setattr("sim.validation.known_answers.all_checks", lambda _: rows)
    result = call("validate", "--cases", tmp_path)
    assert result.exit_code == 0, result.output
    assert "1 known to miss" in result.output
    assert "skipped" in result.output
    rows.append(replace(rows[0], ours=9.0))
    failed = call("validate", "--cases", tmp_path)
    assert failed.exit_code == 1
    assert "1 known answers were not reproduced" in failed.output


@pytest.mark.slow
def test_validate_is_green_and_says_what_it_skipped(tmp_path):
    result = call("validate", "--cases", tmp_path)
    assert result.exit_code == 0, result.output
    assert "ok" in result.output
    assert "skipped" in result.output


def test_a_file_or_folder_that_no_command_reads_is_told(tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("[", encoding="utf-8")
    for arguments, told in (
        (("validate", "--cases", tmp_path / "absent"), "no such folder"),
        (("schema", broken), "files are read with --reference alone"),
        (("schema", "--reference", tmp_path / "absent.yaml"), "there is no such file"),
        (("schema", "--reference", broken), "broken.yaml:1:"),
    ):
        done = call(*arguments)
        assert done.exit_code == 2, arguments
        assert told in " ".join(done.output.replace("│", " ").split()), done.output


@pytest.mark.parametrize(
    "command", ["run", "check", "init", "schema", "list", "world", "route", "validate"]
)
def test_every_command_has_help_with_an_example(command):
    result = call(command, "--help")
    assert result.exit_code == 0
    assert "Example: sim" in result.output


def test_help_and_a_check_import_nothing_heavy():
    heavy = {"numpy", "scipy", "mesa", "matplotlib", "pyarrow", "xarray", "jinja2"}
    code = (
        "import sys; from typer.testing import CliRunner; from sim.cli import app; "
        "r = CliRunner().invoke(app, sys.argv[1:]); assert r.exit_code == 0, r.output; "
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    check = ["check", str(ROOT / "scenarios" / "pta-and-transit.yaml")]
    call(*check)  # what the packaged world was found to be is kept from then on
    for arguments in (["--help"], check):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "[]", arguments


OF_EVERY_CLOSURE = {
    "agreement-effects", "agreement-stages", "assumption-ranking", "creation-and-diversion",
    "energy-flows", "energy-prices", "gates-over-time", "recorded-since",
    "route-days-and-charges", "route-map", "supplier-concentration", "target-fan",
    "tariffs-and-use", "time-to-target", "uncertainty-sources", "unserved-energy",
}  # fmt: skip


def drawn_in(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "figures").glob("*.png")}


def test_a_conditional_closure_gives_a_report(finished):
    _, folder, _ = finished
    assert drawn_in(folder) == OF_EVERY_CLOSURE | {"map-of-incomes", "gains-and-losses"}


@pytest.mark.slow
def test_a_direct_closure_gives_a_report(tmp_path):
    _, folder, _ = run_with("direct", tmp_path)
    assert drawn_in(folder) == OF_EVERY_CLOSURE | {"growth-of-exports"}


def workers_of(pid: int) -> list[bool]:
    """Whether each worker of a process has spent processor time: they are copies of its child."""
    listing = subprocess.run(
        ["ps", "-eo", "ppid=,pid=,time="], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in listing.stdout.splitlines()]
    copied = {own for parent, own, _ in rows if parent == str(pid)}
    return [bool(set("123456789") & set(spent)) for parent, _, spent in rows if parent in copied]


@pytest.mark.skipif(shutil.which("ps") is None, reason="needs ps to see the workers")
def test_an_interrupted_run_says_so_and_writes_nothing(tmp_path):
    """Ctrl-C reaches the whole group of processes, as in a terminal."""
    scenario = ROOT / "scenarios" / "baseline.yaml"
    command = [sys.executable, "-m", "sim", "run", scenario, "-o", tmp_path / "out"]
    process = started_to_hear_ctrl_c(
        [*command, "--set", "runs=20000", "--workers", "2"],
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd=ROOT,
    )
    deadline = time.monotonic() + 60
    while sum(at_work := workers_of(process.pid)) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)  # until they have begun what they were told to do
    os.killpg(process.pid, signal.SIGINT)
    try:
        _, errors = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    assert at_work == [True, True]
    assert process.returncode == 130
    assert errors.strip().endswith("Interrupted; nothing was written.")
    assert "Traceback" not in errors
    assert not (tmp_path / "out").exists()


def test_route_by_ports_takes_names_and_wants_a_scenario():
    lacking = call("route", "KAZ", "SAU", "--ports")
    assert lacking.exit_code == 2
    assert "wanted --scenario" in lacking.output
    scenario = ("--ports", "--scenario", ROOT / "scenarios" / "transit.yaml")
    by_code, by_name = (call("route", one, "SAU", *scenario) for one in ("kaz", "Kazakhstan"))
    assert by_code.exit_code == by_name.exit_code == 0, by_name.output
    assert by_code.output == by_name.output
    assert "USD a container" in by_name.output
    assert call("route", "KAZ", "nowhere", *scenario).exit_code == 2


def test_route_prints_ways_and_names_a_wrong_region(outsider, union_member):
    result = call("route", outsider, union_member.lower(), "--at", "2026Q1")
    assert result.exit_code == 0, result.output
    assert "USD a container" in result.output
    assert all(len(line) <= 80 for line in result.output.splitlines()[:4])
    assert "Closures: " in result.output
    assert "…" not in result.output
    assert "2026Q1" in result.output
    scenario = ROOT / "scenarios" / "transit.yaml"
    assert call("route", outsider, union_member, "--scenario", scenario).exit_code == 0
    wrong = call("route", outsider, "nowhere")
    assert wrong.exit_code == 2
    assert "not a region" in wrong.output
    near = call("route", outsider, f"{union_member[:2]}?")
    assert near.exit_code == 2
    assert f"did you mean '{union_member}'?" in near.output
    assert call("route", outsider, union_member, "--at", "2026").exit_code == 2
