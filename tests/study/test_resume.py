"""A study that is killed at any moment ends with the bytes of one that was left in peace."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.store.checksums import checksums
from tests.builders.interrupts import started_to_hear_ctrl_c

SWEEP = """
sweep:
  agreements.treaty.concessions.*.cut: [0, 0.2, 0.4, 0.6, 0.8, 1]
"""
NUMBERS = (".parquet", ".csv", ".svg", ".png", ".yaml")
TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"
PATIENCE_S = 120


def command(folder: Path, output: Path, *options: str) -> list[str]:
    study = folder / "study.yaml"
    study.write_text(TINY.with_suffix(".yaml").read_text() + SWEEP)
    words = ["sweep", str(study), "--world", str(TINY), "--output", str(output), "--runs", "8"]
    return [sys.executable, "-m", "sim", *words, *options]


def start(words: list[str]) -> subprocess.Popen:
    return started_to_hear_ctrl_c(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )


def n_parts(output: Path) -> int:
    return len(list(output.glob("*/.*.parts/[0-9]*.parquet")))


def kill_after(process: subprocess.Popen, output: Path, more: int, seconds: float) -> None:
    """End a process and nothing else, some parts and some time from now."""
    wanted, patience = n_parts(output) + more, time.monotonic() + PATIENCE_S
    while process.poll() is None and n_parts(output) < wanted:
        assert time.monotonic() < patience
        time.sleep(0.002)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def finish(words: list[str]) -> str:
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


def result(output: Path) -> dict[str, str]:
    (folder,) = output.glob("study/*")
    return checksums(folder, NUMBERS)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    finish(command(folder, folder / "results", "--workers", "1"))
    sums = result(folder / "results")
    assert {"outcomes.parquet", "outcomes.csv", "points.csv"} < sums.keys()
    return sums


@pytest.mark.slow
def test_kills_and_damage_bear_on_no_byte(undisturbed, tmp_path):
    chance = random.Random(20221118)
    output = tmp_path / "results"
    words = command(tmp_path, output, "--workers", "1")
    for more in (1, 2):
        kill_after(start(words), output, more, chance.uniform(0.0, 0.05))
    parts = sorted(output.glob("*/.*.parts/[0-9]*.parquet"))
    parts[0].write_bytes(parts[0].read_bytes()[:-100])
    parts[1].write_bytes(parts[2].read_bytes())
    said = finish(words)
    assert "runs were done before" in said
    assert "2 damaged or foreign parts are done again" in said
    assert result(output) == undisturbed
    assert os.listdir(output / "study") == [folder.name for folder in output.glob("study/*")]


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_many_kills_at_random_moments_bear_on_no_byte(undisturbed, tmp_path, workers):
    chance = random.Random(int(workers))
    for attempt in range(6):
        output = tmp_path / f"results-{attempt}"
        words = command(tmp_path, output, "--workers", workers)
        n_kills = 0
        while not list(output.glob("study/*/run.json")) and n_kills < 12:
            kill_after(start(words), output, 0, chance.uniform(1.0, 6.0))
            n_kills += 1
        finish(words)
        assert result(output) == undisturbed


@pytest.mark.slow
def test_a_second_process_says_so_and_an_interrupted_one_how_to_go_on(undisturbed, tmp_path):
    output = tmp_path / "results"
    words = command(tmp_path, output, "--workers", "1")
    first = start(words)
    while n_parts(output) < 1:
        time.sleep(0.002)
    first.send_signal(signal.SIGSTOP)
    second = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    first.send_signal(signal.SIGINT)
    first.send_signal(signal.SIGCONT)
    said, _ = first.communicate(timeout=PATIENCE_S)
    assert second.returncode == 2
    assert "another process is at work on this study" in second.stderr
    assert first.returncode == 130
    assert "the same command goes on from there" in said
    assert "Traceback" not in said
    finish(words)
    assert result(output) == undisturbed
