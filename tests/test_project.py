"""The project as a newcomer finds it."""

import csv
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def name_of(requirement: str) -> str:
    return re.match(r"[\w-]+", requirement)[0].lower().replace("_", "-")


def test_every_dependency_has_an_upper_bound_and_a_pin():
    pins = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    for requirement in PROJECT["dependencies"]:
        assert "<" in requirement, requirement
        assert name_of(requirement) in pins, requirement


def test_the_readme_says_why_each_dependency_is_there():
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Dependencies")[2]
    for requirement in PROJECT["dependencies"]:
        assert name_of(requirement) in section.lower(), requirement


def test_the_readme_names_every_command_and_every_scenario():
    from sim.cli import app

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        assert f"sim {name}" in text, name
    for path in (ROOT / "scenarios").glob("*.yaml"):
        assert f"`{path.stem}`" in text, path.stem


def test_every_file_the_readme_shows_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for place in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (ROOT / place).exists(), place


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def test_every_row_of_every_table_names_its_source_and_quality():
    tables = ROOT / "sim" / "world" / "tables"
    sources = {row["source"] for row in rows_of(tables / "sources.csv")}
    for path in tables.glob("*.csv"):
        for row in rows_of(path):
            assert row["source"] in sources, (path.name, row)
            assert row["flag"] in ("seen", "derived", "estimated"), (path.name, row)


@pytest.mark.slow
def test_the_pinned_versions_install_and_run_in_a_clean_environment(tmp_path):
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", str(ROOT)],
        check=True,
    )
    done = subprocess.run(
        [python, "-m", "sim", "run", ROOT / "scenarios" / "baseline.yaml", "--set", "runs=2"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "From 2 simulations" in " ".join(done.stdout.split())
    assert list((tmp_path / "results" / "baseline").glob("*/report.html"))
