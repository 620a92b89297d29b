"""One thread for array libraries, in commands and workers alike."""

import os
import subprocess
import sys

import pytest

from sim.study.workers.pool import process_pool

NAMES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
LOOK = f"""
import os, sys, sim.cli
assert "numpy" not in sys.modules
print(*(os.environ[name] for name in {NAMES}))
"""


def test_commands_have_one_thread_whatever_the_shell_says():
    shell = {**os.environ, **dict.fromkeys(NAMES, "4")}
    done = subprocess.run(
        [sys.executable, "-c", LOOK], env=shell, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1", "1"]


@pytest.mark.parametrize("name", NAMES)
def test_workers_have_one_thread_whatever_the_shell_says(name, monkeypatch):
    monkeypatch.setenv(name, "4")
    pool = process_pool(1)
    assert pool.submit(os.getenv, name).result(timeout=60) == "1"
    pool.shutdown()
