"""Rules of access, print and long use, checked on the page in a real browser."""

import json
import random
import re
import threading
import time
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `lab` is not installed")

from tests.lab.processes import children
from tests.lab.test_page import (  # noqa: F401
    CUT,
    STAGE,
    TEXT,
    Served,
    browser,
    page,
    press,
    served,
    until,
)

pytestmark = pytest.mark.slow  # a lab and a browser of their own; test_page.py has them as well

DONE = "lab.state.answer && lab.state.answered === lab.state.text"
CONTRAST = """(() => {
  const light = (c) => { const [r, g, b] = c.map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92
    : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const read = (text) => (/rgba?\\(([^)]*)\\)/.exec(text) || [0, "0,0,0,0"])[1]
    .split(/[ ,/]+/).map(Number);
  const behind = (e) => { for (; e; e = e.parentElement) {
    const [r, g, b, a = 1] = read(getComputedStyle(e).backgroundColor);
    if (a > .99) return [r, g, b]; }
    return [255, 255, 255]; };
  const low = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !e.getClientRects().length) continue;
    if (e.closest("[hidden], .heard, .skip, :disabled, option, title, noscript")) continue;
    const style = getComputedStyle(e);
    const ink = read(e.closest("svg") ? style.fill : style.color).slice(0, 3);
    const [a, b] = [light(ink), light(behind(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) low.push(e.outerHTML.slice(0, 90));
  }
  return low; })()"""


def test_text_stands_out_from_its_ground(page):  # noqa: F811
    page.value("document.getElementById('all').click()")
    assert page.value(CONTRAST) == []
    page.value("document.getElementById('all').click()")


def test_roles_states_order_and_live_regions(page):  # noqa: F811
    page.value("for (const d of document.querySelectorAll('details')) d.open = true")
    wrong = page.value(
        """(() => { const wrong = [];
        const roles = ["button", "img", "group", "switch", "status", "alert", "tab", "tablist",
                       "toolbar"];
        for (const e of document.querySelectorAll("[role]"))
            if (!roles.includes(e.getAttribute("role"))) wrong.push("role " + e.outerHTML);
        for (const e of document.querySelectorAll("[aria-controls], [aria-labelledby]"))
            for (const name of ["aria-controls", "aria-labelledby"])
                for (const id of (e.getAttribute(name) || "").split(" ").filter(Boolean))
                    if (!document.getElementById(id)) wrong.push(name + " " + id);
        for (const e of document.querySelectorAll("[tabindex]"))
            if (e.tabIndex > 0) wrong.push("tabindex " + e.outerHTML.slice(0, 80));
        for (const e of document.querySelectorAll("[role=tab]"))
            if (!/true|false/.test(e.getAttribute("aria-selected"))) wrong.push("tab");
        for (const e of document.querySelectorAll("th"))
            if (!e.scope && e.textContent.trim()) wrong.push("th " + e.outerHTML);
        for (const e of document.querySelectorAll("svg [role=button]"))
            if (!e.getAttribute("aria-label") || e.tabIndex !== 0) wrong.push("gate");
        const levels = [...document.querySelectorAll("h1, h2, h3")].map((h) => +h.tagName[1]);
        levels.forEach((l, k) => { if (k && l > levels[k - 1] + 1) wrong.push("heading " + k); });
        const inside = document.querySelectorAll("[aria-hidden=true] :is(button, input)");
        if (inside.length) wrong.push("hidden but focusable");
        return wrong; })()"""
    )
    assert wrong == []
    live = page.value(
        "[...document.querySelectorAll('[aria-live=polite], [role=status]')].map(e => e.id)"
    )
    assert live == ["heard", "valid"]
    assert page.value("document.getElementById('heard').textContent").startswith("final: Trade")
    assert page.value("document.documentElement.lang") == "en"


def test_every_stop_of_the_keyboard_shows_and_none_is_a_trap(page):  # noqa: F811
    page.value("document.body.focus()")
    seen = []
    for _ in range(400):
        press(page, "Tab")
        name = page.value(
            "(() => { const e = document.activeElement; if (e === document.body) return '';"
            " const s = getComputedStyle(e); const r = e.querySelector?.('.room');"
            " const ring = r && getComputedStyle(r).stroke !== 'none';"
            " const name = e.id || e.dataset?.gate || e.ariaLabel || e.textContent.slice(0, 30);"
            " const shown = s.outlineStyle !== 'none' || ring;"
            " return (shown ? '' : 'NO FOCUS ') + e.tagName + name; })()"
        )
        if name == "" or (seen and name == seen[0]):
            break
        seen.append(name)
    assert len(seen) < 399
    assert [name for name in seen if name.startswith("NO FOCUS")] == []
    assert any("TEXTAREA" in name for name in seen)
    assert any(name.startswith("g") for name in seen)


def test_the_keyboard_alone_shuts_a_crossing_compares_and_saves(page, served):  # noqa: F811
    before = served.file.read_bytes()
    try:
        press(page, "c", text="c")
        until(page, "!document.getElementById('beside').hidden")
        page.value("document.querySelector('.gate.used').focus()")
        gate = page.value("document.activeElement.dataset.gate")
        press(page, "Enter")
        until(page, "document.getElementById('dialog').open")
        page.value("document.getElementById('dialog-do').focus()")
        press(page, "Enter", text="\r")
        until(page, f"lab.state.closures[{gate!r}] && !document.getElementById('dialog').open")
        until(page, f"{DONE} && lab.state.answer.stage === 'ledgers'")
        assert f"  {gate}:" in page.value(TEXT)
        assert page.value(
            f"document.querySelector('[data-gate={gate}]').classList.contains('shut')"
        )
        columns = "[...document.querySelectorAll('#beside th')].map(e => e.textContent).join()"
        assert page.value(columns).startswith(",A,now")
        assert page.value("document.querySelectorAll('path.kept').length") == 1
        against = "[...document.querySelectorAll('#beside tr')].map(e => e.textContent)"
        until(page, f"{against}.some(t => /against A: chance, points–[^…]/.test(t))")
        press(page, "s", "KeyS", modifiers=2)
        until(page, "document.getElementById('valid').textContent.startsWith('saved')")
        assert served.file.read_text(encoding="utf-8") == page.value(TEXT)
    finally:
        served.file.write_bytes(before)


@pytest.mark.slow
def test_a_run_in_full_from_the_page_leads_to_its_report(page, served, tmp_path):  # noqa: F811
    page.value("document.getElementById('full').click()")
    page.value(
        "[...document.querySelectorAll('#dialog button')]"
        ".find(b => b.textContent === 'Run and report').click()"
    )
    until(page, "document.querySelector('#dialog a') !== null", 200.0)
    place = page.value("document.querySelector('#dialog a').getAttribute('href')")
    assert re.fullmatch(r"/results/tiny/\w+/report\.html", place)
    assert page.value(f"fetch('{place}').then(r => 1) && 1")
    page.value("document.getElementById('dialog').close()")


@pytest.mark.slow
def test_answer_and_fan_print_on_the_first_page_and_bands_differ_in_grey(page):  # noqa: F811
    text = page.pdf()
    assert text.startswith(b"%PDF-")
    page.send("Emulation.setEmulatedMedia", media="print")
    try:
        seen = page.value(
            "['#answer', '#trade svg'].map(s => document.querySelector(s).getBoundingClientRect())"
            ".map(r => r.bottom + scrollY)"
        )
        assert max(seen) < 1050  # a sheet of A4 at 96 dots an inch, margins taken off
        grey = page.value(
            """(() => { const of = (name, what) => getComputedStyle(
              document.querySelector('.' + name))[what];
            return [of('outer', 'fill'), of('inner', 'fill'), of('ghost', 'strokeDasharray'),
                    of('target', 'strokeDasharray'), of('median', 'strokeDasharray')]; })()"""
        )
        assert grey[0] != grey[1]
        assert len({*grey[2:]}) == 3
        shown = page.value(
            "[...document.querySelectorAll('button')].filter(e => e.getClientRects().length).length"
        )
        assert shown == 0
    finally:
        page.send("Emulation.setEmulatedMedia", media="")


# --- many tabs -----------------------------------------------------------------------


def memory_mb(pid, parts="Pss"):
    """Memory of a process and its children, what they share counted once [MB].

    `parts` is a pattern of the kinds counted. Those of files depend on who else has them open.
    """
    pids = [str(pid), *children(pid)]
    total = 0
    for each in pids:
        try:
            status = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue
        # One that has just ended has none.
        total += sum(int(kb) for kb in re.findall(rf"^(?:{parts}):\s+(\d+)", status, re.M))
    return total / 1024


class Tab:
    """A tab without a window: it asks as the page does."""

    def __init__(self, address, name):
        self.root, _, token = address.partition("/?t=")
        self.name, self.number = name, 0
        token = token.partition("#")[0]
        port = self.root.rpartition(":")[2]
        self.headers = {
            "Cookie": f"sim-lab-{port}={token}", "Origin": self.root, "X-Sim-Lab": "1",
            "Content-Type": "application/json", "X-Sim-Tab": name,
        }  # fmt: skip

    def post(self, path, **body):
        data = json.dumps(body).encode()
        asked = urllib.request.Request(self.root + path, data, self.headers)
        return urllib.request.urlopen(asked, timeout=120)

    def ask(self, text, stages):
        self.number += 1
        with self.post(
            "/api/ask", file="tiny.yaml", text=text, stages=stages, tab=self.name,
            number=self.number,
        ) as reply:  # fmt: skip
            parts = reply.read().decode().split("\n\n")
        return [
            json.loads(part.partition("data: ")[2])
            for part in parts
            if part.startswith("event: answer")
        ]

    def hash_of(self, text):
        with self.post("/api/check", file="tiny.yaml", text=text) as reply:
            return json.loads(reply.read())["scenario_hash"]


@pytest.mark.slow
def test_eight_tabs_at_once_each_get_their_own_answers(tmp_path):
    served = Served(tmp_path)  # noqa: F811
    wrong, n_answers = [], [0] * 8
    text = served.file.read_text(encoding="utf-8")

    def drag(k):
        tab, chance = Tab(served.address, f"tab-{k}"), random.Random(k)
        ends = time.monotonic() + 30.0
        while time.monotonic() < ends:
            mine = text.replace("cut: 0.5", f"cut: {chance.randrange(1, 99) / 100}")
            mine = mine.replace("runs: 8", f"runs: {9 + k}")
            wanted = tab.hash_of(mine)
            for told in tab.ask(mine, ["rough", "final"] if chance.random() < 0.2 else ["rough"]):
                n_answers[k] += 1
                if told["scenario_hash"] != wanted or told["runs"] != 9 + k:
                    wrong.append((k, told["scenario_hash"], told["runs"]))

    try:
        Tab(served.address, "first").ask(text, ["rough"])  # laws are compiled
        threads = [threading.Thread(target=drag, args=(k,)) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert min(n_answers) >= 2
        assert memory_mb(served.process.pid) < 2500
    finally:
        assert served.stop() == 130
