"""Surroundings: terminals of any kind, folders that share a base, pipes, files named alike."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.cli.studies.study_commands import distinct_names
from sim.scenario.text.inheritance import project_of
from sim.study.sweep import _once
from sim.study.workers.pool import WorkerPool, completed_jobs

ROOT = Path(__file__).resolve().parents[1]
TINY = ROOT / "tests" / "worlds" / "tiny"
TEXT = TINY.with_suffix(".yaml").read_text(encoding="utf-8")
runner = CliRunner()


def call(*arguments: object, **options: object):
    return runner.invoke(app, [str(argument) for argument in arguments], **options)


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "encoding",
    ["ascii", *(pytest.param(each, marks=SLOW) for each in ("utf-8", "cp1252", "cp437", "koi8-r"))],
)
def test_output_in_any_encoding_ends_well(encoding):
    known = {**os.environ, "PYTHONIOENCODING": f"{encoding}:strict", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", "sim", "world"], capture_output=True, env=known,
                          check=False, cwd=ROOT)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"kiye" in done.stdout


@pytest.fixture
def project(tmp_path):
    (tmp_path / "project" / "common").mkdir(parents=True)
    (tmp_path / "project" / "lands" / "one").mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").touch()
    (tmp_path / "project" / "common" / "base.yaml").write_text(TEXT)
    (tmp_path / "outside.yaml").write_text(TEXT)
    return tmp_path / "project"


def test_a_base_is_shared_among_the_folders_of_a_project(project):
    mine = project / "lands" / "one" / "mine.yaml"
    mine.write_text("extends: ../../common/base.yaml\ntitle: One\n")
    assert project_of(mine) == project
    done = call("check", mine, "--world", TINY)
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("route", ["../../../outside.yaml", "link.yaml"])
def test_nothing_is_extended_from_outside_a_project(project, route):
    mine = project / "lands" / "one" / "mine.yaml"
    mine.with_name("link.yaml").symlink_to(project.parent / "outside.yaml")
    mine.write_text(f"extends: {route}\ntitle: One\n")
    done = call("check", mine, "--world", TINY)
    assert done.exit_code == 2
    assert "leaves the scenario's project" in done.output


def test_the_recorded_base_above_is_found(cases):
    mine = cases / "reports" / "extends-from-above" / "country" / "mine.yaml"
    assert call("check", mine, "--world", TINY).exit_code == 0


def test_files_of_the_same_name_are_told_apart_by_their_folders():
    files = [Path("x/a/plan.yaml"), Path("y/a/plan.yaml"), Path("b/plan.yaml"), Path("c/so.yaml")]
    assert list(distinct_names(files).values()) == ["x-a-plan", "y-a-plan", "b-plan", "so"]
    assert list(distinct_names([Path("one.yaml"), Path("two.yaml")]).values()) == ["one", "two"]


def test_files_of_the_same_name_are_compared(tmp_path):
    for folder, cut in (("low", 0.1), ("high", 0.9)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "plan.yaml").write_text(f"extends: ../base.yaml\nruns: {cut * 20:g}\n")
    (tmp_path / "base.yaml").write_text(TEXT)
    files = [tmp_path / folder / "plan.yaml" for folder in ("low", "high")]
    done = call("compare", *files, "--world", TINY, "--runs", 2, "--output", tmp_path / "r",
                "--workers", 1)  # fmt: skip
    assert done.exit_code == 0, (done.output, done.exception)
    (result,) = (tmp_path / "r").glob("*/*/scenarios")
    assert sorted(path.name for path in result.iterdir()) == ["high-plan.yaml", "low-plan.yaml"]


def test_standard_input_is_read(tmp_path):
    done = call("check", "-", "--world", TINY, input=TEXT)
    assert done.exit_code == 0, done.output
    done = call("check", "-", "--world", TINY, input=TEXT.replace("runs:", "rnus:"))
    assert done.exit_code == 2
    assert "-:5:1: unknown key 'rnus'" in done.output


@pytest.mark.parametrize(
    ("listed", "once"),
    [((0.5, 0.5, 1), (0.5, 1)), ((1, 1.0, True), (1.0, True)), (("a", "b", "a"), ("a", "b"))],
)
def test_a_point_that_is_listed_twice_is_simulated_once(listed, once):
    assert _once(listed) == once


class Task(NamedTuple):
    number: int


def _slowly(task: Task) -> int:
    time.sleep(0.3)
    return task.number


def test_a_worker_that_is_silent_is_told_and_waited_for():
    worker_pool = WorkerPool(lambda: ThreadPoolExecutor(1), 1)
    worker_pool.patience_s = 0.1
    said: list[str] = []
    worker_pool.tell = said.append
    done = [
        value
        for _, value in completed_jobs(_slowly, [Task(3)], worker_pool, lambda job: job.number)
    ]
    worker_pool.executor.shutdown()
    assert done == [3]
    assert "a worker may hang" in said[0]


def test_a_study_that_nobody_is_asked_about_simulates_nothing(tmp_path):
    path = tmp_path / "big.yaml"
    path.write_text(TEXT + "sweep:\n  agreements.treaty.concessions.*.cut: [0, 1]\n")
    before = time.perf_counter()
    done = call("sweep", path, "--world", TINY, "--runs", 100_000, "--output", tmp_path / "r")
    assert done.exit_code == 2
    assert "add --yes" in done.output
    assert time.perf_counter() - before < 60.0
    assert not list((tmp_path / "r").glob("*/.*.parts/*.parquet"))
