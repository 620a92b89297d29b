"""Long use: random moves on two tabs leave no error, no orphan and no growth.

What the lab keeps fills up first, which takes one to five minutes as the machine is free or busy;
only what comes after is measured. `SIM_LAB_SOAK_S` sets the length of that [s], 3600 before a
release; `SIM_LAB_SOAK_LOG` names a file for the course of memory, processes and errors.
"""

import os
import random
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest

pytest.importorskip("starlette", reason="the extra `lab` is not installed")

from tests.lab.test_page import Served, until
from tests.lab.test_page_rules import DONE, children, memory_mb
from tests.report.browser import Browser, found_browser

SOAK_S = float(os.environ.get("SIM_LAB_SOAK_S", "90"))
SPAN_S = 30.0
"""Time over which memory is averaged while what is kept fills up [s]: a block of runs comes and
goes within it."""
SETTLED = 1.05
"""Growth from one span to the next below which nothing fills up any more."""
FILLING_S = 600.0
"""Time after which what still grows is held to grow for ever [s]."""
MOVE = """(() => {
  const all = [...document.querySelectorAll(".lever:not([hidden]) input[type=range]")];
  const range = all[Math.floor(Math.random() * all.length)];
  const low = +range.min, high = +range.max;
  for (let k = 0; k < 5; k++) {
    range.value = low + Math.random() * (high - low);
    range.dispatchEvent(new Event("input", { bubbles: true }));
  }
  range.dispatchEvent(new Event("change", { bubbles: true }));
  return 1; })()"""
CLICK = "document.getElementById('{}').click()"
ACTS = ((MOVE, 0.7), (CLICK.format("undo"), 0.2), (CLICK.format("redo"), 0.1))
"""Acts of a hand and how likely each is."""


class Sample(NamedTuple):
    """Condition at one time."""

    seconds: float
    server_mb: float
    """Of the server and its workers, without files, which other processes may have open too."""
    pages_mb: float
    """Heaps of the pages."""
    processes: int
    """Children of the server."""
    errors: int
    """Messages of the pages' consoles."""


def sampled(began, served, tabs):
    heaps = [int(tab.send("Runtime.getHeapUsage")["usedSize"]) / 2**20 for tab in tabs]
    pid = served.process.pid
    errors = sum(len(tab.errors) for tab in tabs)
    own = memory_mb(pid, "Pss_Anon|Pss_Shmem")
    return Sample(time.monotonic() - began, own, sum(heaps), len(children(pid)), errors)


def soaked(served, tabs, log):
    """Samples of a long use at random, from the time on when all is filled that is kept."""
    chance, began, filling = random.Random(20221118), time.monotonic(), []
    print(",".join(Sample._fields), file=log)

    def one():
        (act,) = chance.choices([act for act, _ in ACTS], [share for _, share in ACTS])
        chance.choice(tabs).value(act)
        time.sleep(chance.uniform(0.05, 1.5))
        found = sampled(began, served, tabs)
        print(",".join(f"{each:.0f}" for each in found), file=log, flush=True)
        return found

    while not is_settled(filling):
        assert time.monotonic() < began + FILLING_S, "memory grows and grows"
        filling.append(one())
    samples, ends = [], time.monotonic() + SOAK_S
    while time.monotonic() < ends:
        samples.append(one())
    return samples


def is_settled(samples):
    """Whether the server's memory has stopped to grow, from each of three spans to the next."""
    if not samples or samples[-1].seconds < 3 * SPAN_S:
        return False
    spans = [[], [], []]
    for each in samples:
        ago = int((samples[-1].seconds - each.seconds) // SPAN_S)
        if ago < len(spans):
            spans[ago].append(each.server_mb)
    medians = [median(span) if span else 0.0 for span in reversed(spans)]
    return all(after < SETTLED * before for before, after in pairwise(medians))


def is_grown(samples, memory, room):
    """Whether memory in the second half is above that in the first by more than some room.

    By medians: what one block of runs takes comes and goes.
    """
    sizes = [getattr(each, memory) for each in samples]
    half = len(sizes) // 2
    return median(sizes[half:]) > room * median(sizes[:half])


@pytest.mark.slow
def test_a_soak_on_two_tabs_leaves_no_error_no_orphan_and_no_growth(tmp_path):
    program = found_browser()
    if program is None:
        pytest.skip("there is no Chromium on this machine")
    served = Served(tmp_path)
    tabs = [Browser(program, tmp_path / name) for name in ("one", "two")]
    pids = []
    path = Path(os.environ.get("SIM_LAB_SOAK_LOG", tmp_path / "soak.csv"))
    try:
        for tab in tabs:
            tab.send("Page.navigate", url=served.address)
        for tab in tabs:
            until(tab, f"window.lab && {DONE}", 300.0)
        with path.open("w", encoding="utf-8") as log:
            samples = soaked(served, tabs, log)
        for tab in tabs:
            until(tab, DONE, 120.0)
            assert tab.value("lab.state.answered === document.getElementById('text').value")
            assert tab.errors == []
        pids = children(served.process.pid)
        # Three workers, what they are copied from, and what watches over shared memory.
        assert len(pids) <= 5
        assert max(each.server_mb for each in samples) < 2500
        assert not is_grown(samples, "server_mb", 1.10 if SOAK_S < 600 else 1.05)
        assert not is_grown(samples, "pages_mb", 1.5)
    finally:
        for tab in tabs:
            tab.close()
        assert served.stop() == 130
    ends = time.monotonic() + 10.0
    # What watches over shared memory ends once all others have.
    while left := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < ends, left
        time.sleep(0.1)
