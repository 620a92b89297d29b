"""docs/own-world.md, followed word for word on a folder of downloads."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from tests.builders import downloads
from tests.builders.pictures import pictures_left_out
from tests.report import words

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "own-world.md"
SHORT = ("--set", "horizon.end=2029Q4")
"""Up to the target and no further."""
runner = CliRunner()


def call(*words: str):
    return runner.invoke(app, [*words])


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """Outputs of the page's commands, in a folder with downloads."""
    folder = tmp_path_factory.mktemp("analyst")
    downloads.make(folder / "downloads")
    outputs = []
    commands = re.findall(r"^\$ sim (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) == 5
    with pytest.MonkeyPatch.context() as patch, pictures_left_out():
        patch.chdir(folder)
        for command in commands:
            words = shlex.split(command)
            if words[0] == "run":
                words += ["--set", "runs=8", *SHORT, "--workers", "1"]
            done = call(*words)
            assert done.exit_code == 0, (command, done.output)
            outputs.append(done.output)
    return folder, outputs


def test_five_commands_lead_from_downloads_to_a_report(followed):
    folder, outputs = followed
    assert "Trade: " in outputs[1]
    assert "no problem found" in outputs[3]
    assert "Kenya–Uganda trade" in outputs[4].replace("\n", " ")
    (report,) = folder.glob("results/kenya-uganda/*/report.html")
    page = report.read_text(encoding="utf-8")
    assert "The routes of this world are estimated" in page
    first = words.first_screen(page)
    assert "Routes are estimated from geography, not on record." in first
    assert re.search(r"Estimated: \d+ of \d+ .*duties.* Energy has no market here\.", first)
    assert len(first.split()) <= words.MAX_OF_FIRST_PAGE
    assert "no ratings of States" in page
    assert "Energy is held at its recorded or derived value" in page


def test_the_answer_does_not_say_that_the_records_lack_a_pair_they_have(followed):
    _, outputs = followed
    assert "lacks this pair" not in outputs[4].replace("\n", " ")


def test_a_world_is_not_written_over_something_else(followed, tmp_path, monkeypatch):
    folder, _ = followed
    monkeypatch.chdir(folder)
    again = ("build-world", "east-africa.yaml", "--output", "worlds/east-africa")
    assert call(*again).exit_code == 2
    assert call(*again, "--replace").exit_code == 0
    (folder / "worlds/east-africa/mine.txt").write_text("x")
    refused = call(*again, "--replace")
    assert refused.exit_code == 2
    assert "mine.txt" in refused.output
    assert call("build-world", "nowhere.yaml", "--output", str(tmp_path / "w")).exit_code == 2


def test_mistakes_of_the_spec_are_located(followed, tmp_path):
    folder, _ = followed
    spec = tmp_path / "spec.yaml"
    text = (folder / "east-africa.yaml").read_text(encoding="utf-8")
    spec.write_text(text.replace("- KEN\n", "- Kenyya\n"), encoding="utf-8")
    (tmp_path / "downloads").mkdir()
    done = call("build-world", str(spec), "--output", str(tmp_path / "w"))
    assert done.exit_code == 2
    assert f"{spec}:7:5: 'Kenyya' is no country" in done.output
    assert "did you mean 'Kenya'?" in done.output
    assert not (tmp_path / "w").exists()


@pytest.mark.usefixtures("no_pictures", "no_central_runs")
def test_a_transit_agreement_acts_on_estimated_routes(followed, tmp_path, monkeypatch):
    folder, _ = followed
    monkeypatch.chdir(folder)
    path = folder / "quicker.yaml"
    path.write_text(
        "extends: kenya-uganda.yaml\nagreements:\n  borders: null\n  through:\n"
        "    kind: transit\n    members: [KEN, UGA]\n"
        "    timeline: {signed: 2022Q1, in_force: 2022Q3}\n    border_time_cut: 0.5\n",
        encoding="utf-8",
    )
    ran = call("run", str(path), "--world", "worlds/east-africa", "--output", str(tmp_path),
               "--set", "runs=4", *SHORT, "--workers", "1")  # fmt: skip
    assert ran.exit_code == 0, ran.output
    assert "changes nothing" not in ran.output
    said = " ".join(ran.output.split())
    change = re.search(r"The agreements change trade in that year by \+([\d.]+) %", said)
    assert change, said
    assert 1.0 < float(change[1]) < 30.0


@pytest.mark.usefixtures("no_pictures", "no_central_runs")
def test_without_a_network_a_transit_agreement_is_told_that_it_cannot_act(
    followed, tmp_path, monkeypatch
):
    folder, _ = followed
    monkeypatch.chdir(folder)
    spec = (folder / "east-africa.yaml").read_text(encoding="utf-8")
    (folder / "bare.yaml").write_text(f"{spec}network: none\n", encoding="utf-8")
    assert call("build-world", "bare.yaml", "--output", "worlds/bare").exit_code == 0
    path = folder / "transit.yaml"
    path.write_text(
        "extends: kenya-uganda.yaml\nagreements:\n  through:\n    kind: transit\n"
        "    members: [KEN, UGA]\n    timeline: {signed: 2026Q1, in_force: 2027Q1}\n"
        "    border_time_cut: 0.3\n",
        encoding="utf-8",
    )
    done = call("check", str(path), "--world", "worlds/bare")
    assert done.exit_code == 0, done.output
    assert "agreements.through: this world has no transport network" in done.output
    ran = call("run", str(path), "--world", "worlds/bare", "--output", str(tmp_path),
               "--set", "runs=4", *SHORT, "--workers", "1")  # fmt: skip
    assert ran.exit_code == 0, ran.output
    assert "agreements.through changes nothing" in ran.output


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize("command", ["compare", "sweep", "explain", "hindcast"])
def test_other_commands_do_with_such_a_world(followed, tmp_path, monkeypatch, command):
    folder, _ = followed
    monkeypatch.chdir(folder)
    world, output = ("--world", "worlds/east-africa"), ("--output", str(tmp_path))
    few = ("--runs", "4", "--workers", "1")
    if command == "hindcast":
        done = call(
            "hindcast", str(ROOT / "docs" / "past-trade.csv"), "--runs", "20", *world, *output
        )
        assert done.exit_code == 0, (done.output, done.exception)
        assert "it is held at the last year that is known" in " ".join(done.output.split())
        assert "Pakistan to Kazakhstan: PAK to KAZ" in done.output
        return
    levers = folder / "levers.yaml"
    levers.write_text(
        "extends: kenya-uganda.yaml\nlevers: [agreements.borders]\n"
        "sweep: {agreements.borders.border_time_cut: [0.1, 0.3]}\n",
        encoding="utf-8",
    )
    files = ("kenya-uganda.yaml", "levers.yaml") if command == "compare" else ("levers.yaml",)
    done = call(command, *files, *few, *world, *output)
    assert done.exit_code == 0, (done.output, done.exception)
