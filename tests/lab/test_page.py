"""The page in a real browser without a network, on the tiny world."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `lab` is not installed")

from tests.builders.interrupts import started_to_hear_ctrl_c
from tests.lab.machine_load import slowdown
from tests.lab.processes import children
from tests.report.browser import Browser, found_browser

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "worlds" / "tiny"
CUT = "[...document.querySelectorAll('.lever')].find(b => b.dataset.key.endsWith(',\"cut\"]'))"
STAGE = "document.getElementById('stage-name').textContent"
TEXT = "document.getElementById('text').value"
CURRENT = "lab.state.answered === lab.state.text && !document.body.classList.contains('stale')"
TITLE = "<script>window.wrong = 1</script><b>Pass</b>"


class Served:
    """A lab of its own, as it is started from a terminal."""

    folder = ROOT
    """Folder it is started in, below which it keeps something for its next start."""

    def __init__(self, folder: Path, *options: str) -> None:
        text = (TINY.with_suffix(".yaml")).read_text(encoding="utf-8")
        (folder / "pyproject.toml").touch()
        self.folder, self.file = folder, folder / "tiny.yaml"
        self.file.write_text(text.replace("title: A way through the pass", f'title: "{TITLE}"'))
        self.begin(str(self.file), "--world", str(TINY), *options)

    def begin(self, *words: str) -> None:
        """Start it and wait for its address."""
        command = [sys.executable, "-m", "sim", "lab", *words, "--no-browser", "--port", "8790"]
        own = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = started_to_hear_ctrl_c(
            command, cwd=self.folder, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.address = self.process.stdout.readline().removeprefix("Lab: ").strip()
        assert self.address.startswith("http://127.0.0.1:"), self.process.stderr.read()

    def stop(self) -> int:
        """End it as Ctrl-C does; its exit code."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self.process.communicate()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    served = Served(tmp_path_factory.mktemp("lab"))
    yield served
    assert served.stop() == 130


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    program = found_browser()
    if program is None:
        pytest.skip("there is no Chromium on this machine")
    browser = Browser(program, tmp_path_factory.mktemp("profile") / "p")
    yield browser
    browser.close()


def until(browser, expression, patience_s=200.0):
    began = time.monotonic()
    while not (value := browser.value(expression)):
        shown = browser.value("document.body ? document.body.innerText : ''")
        assert time.monotonic() < began + patience_s, f"{expression}: {shown}"
        time.sleep(0.03)
    return value


@pytest.fixture
def page(served, browser):
    """The page with its final answer."""
    browser.send("Emulation.setDeviceMetricsOverride", width=1440, height=900,
                 deviceScaleFactor=1, mobile=False)  # fmt: skip
    browser.send("Page.navigate", url="about:blank")
    own = served.address.split("?")[0]
    browser.send("Storage.clearDataForOrigin", origin=own.rstrip("/"), storageTypes="local_storage")
    browser.errors.clear()
    browser.asked_for.clear()
    browser.send("Page.navigate", url=served.address)
    # The first of all may have to compile the laws.
    until(browser, "window.lab && lab.state.answer && lab.state.answer.stage === 'ledgers'", 300.0)
    yield browser
    assert browser.errors == []
    foreign = [a for a in browser.asked_for if not a.startswith((own, "data:", "about:", "blob:"))]
    assert foreign == []


def drag(browser, steps, seconds):
    """Move the slider of the cut as a hand does, without waiting for anything."""
    browser.value(
        f"""(() => {{
        const range = {CUT}.querySelector('input[type=range]');
        range.dispatchEvent(new PointerEvent("pointerdown", {{bubbles: true}}));
        window.shown = []; window.wrong = [];
        new MutationObserver(() => {{
            const stale = document.body.classList.contains("stale");
            const answered = lab.state.answered;
            if (!stale && answered !== lab.state.text) window.wrong.push(answered);
            window.shown.push(answered);
        }}).observe(document.getElementById("lines"), {{childList: true}});
        let k = 0;
        const timer = setInterval(() => {{
            range.value = 10 + k * 80 / {steps};
            range.dispatchEvent(new Event("input", {{bubbles: true}}));
            if (++k > {steps}) {{
                clearInterval(timer);
                range.dispatchEvent(new Event("change", {{bubbles: true}}));
                window.released = true;
            }}
        }}, {1000 * seconds / steps});
        window.released = false; return 1; }})()"""
    )
    until(browser, "window.released")


def test_the_answer_grows_surer_and_says_so(page):
    assert "final · as sim run (8 runs)" in page.value(STAGE)
    lines = page.value("[...document.querySelectorAll('#lines p')].map(p => p.textContent)")
    assert len(lines) == 2
    assert lines[0].startswith("Trade in 2027:")
    assert page.value("document.querySelectorAll('#fans svg[role=img]').length") == 1
    name = page.value("document.querySelector('#fans svg').getAttribute('aria-label')")
    assert len(name.split()) <= 25


def test_text_of_files_is_shown_as_text(page):
    assert page.value("document.getElementById('title').textContent") == TITLE
    assert page.value("window.wrong === undefined")


def test_a_drag_shows_the_last_setting_and_never_a_stale_one_as_current(page):
    drag(page, 100, 2.0)
    until(page, "lab.state.answer.stage === 'ledgers' && lab.state.answered === lab.state.text")
    assert "cut: 0.9" in page.value(TEXT)
    assert page.value("lab.state.answered === document.getElementById('text').value")
    assert page.value("window.wrong") == []
    assert page.value("new Set(window.shown).size") <= 8
    assert page.value(f"{CUT}.querySelector('input[type=number]').value") == "90"


def test_one_drag_is_one_step_and_undo_gives_the_first_text_back(page, served):
    drag(page, 10, 0.3)
    page.value("document.getElementById('undo').click()")  # before its last edit is answered
    before = served.file.read_text(encoding="utf-8")
    until(page, f"lab.state.text === {json.dumps(before)}")
    page.value("lab.idle().then(() => (window.settled = true))")
    until(page, "window.settled && lab.state.answered === lab.state.text")
    assert page.value(TEXT) == before
    assert page.value("lab.state.future.length") == 1
    assert page.value("document.getElementById('undo').disabled")
    page.value("document.getElementById('redo').click()")
    until(page, "document.getElementById('text').value.includes('cut: 0.9')")


def typed(browser, old, new):
    browser.value(
        f"""(() => {{ const area = document.getElementById("text");
        area.value = area.value.replace({old!r}, {new!r});
        area.dispatchEvent(new Event("input", {{bubbles: true}})); return 1; }})()""".replace(
            "\n", " "
        )
    )


def test_typing_moves_controls_and_problems_stand_at_their_lines(page):
    typed(page, "cut: 0.5", "cut: 0.25")
    until(page, f"{CUT}.querySelector('input[type=number]').value === '25'")
    until(page, "lab.state.answer.stage === 'ledgers' && lab.state.answered === lab.state.text")
    typed(page, "cut: 0.25", "cut: 25")
    until(page, "document.querySelector('#gutter .bad') !== null")
    assert page.value("document.querySelector('#gutter .bad').textContent") == "17!"
    assert "percent" in page.value("document.getElementById('problems').textContent")
    assert "last valid" in page.value("document.getElementById('valid').textContent")
    assert page.value("document.title").startswith("(1) ")
    typed(page, "cut: 25", "cut: [")
    until(page, "document.getElementById('controls').hasAttribute('inert')")
    typed(page, "cut: [", "cut: 0.75")
    until(page, f"{CUT}.querySelector('input[type=number]').value === '75'")
    assert page.value("!document.getElementById('controls').hasAttribute('inert')")


def put(browser, per_cent):
    """Type a number into the box of the cut."""
    browser.value(
        f"(() => {{ const box = {CUT}.querySelector('input[type=number]');"
        f" box.value = {per_cent}; box.dispatchEvent(new Event('change', {{bubbles: true}})); }})()"
    )
    until(browser, f"location.hash.includes('cut:{per_cent / 100}') && {CURRENT}")


@pytest.mark.slow
def test_the_address_leads_back_to_the_text_and_back_to_the_five_before(page, served, tmp_path):
    texts = [page.value(TEXT)]
    for per_cent in (11, 22, 33, 44, 55):
        put(page, per_cent)
        texts.append(page.value(TEXT))
    assert len({*texts}) == 6
    page.value("document.querySelector('[data-panel=tables]').click()")
    page.value("localStorage.clear()")
    page.value("window.isOld = true; setTimeout(() => location.reload())")
    until(page, f"!window.isOld && window.lab && lab.state.answer && {CURRENT}")
    assert page.value(TEXT) == texts[-1]
    assert page.value("document.querySelector('[aria-selected=true]').dataset.panel") == "tables"
    shown = page.value("document.getElementById('lines').textContent")

    # Somebody else opens the link: the same text, answer and panel.
    address, link = page.value("location.href").partition("#")[::2]
    other = Browser(found_browser(), tmp_path / "other")
    try:
        token = served.address.partition("?")[2].partition("#")[0]
        other.send("Page.navigate", url=f"{address}?{token}#{link}")
        until(other, f"window.lab && lab.state.answer && {CURRENT}")
        assert other.value(TEXT) == texts[-1]
        panel = "document.querySelector('[aria-selected=true]').dataset.panel"
        assert other.value(panel) == "tables"
        stage = page.value("lab.state.answer.stage")
        until(other, f"lab.state.answer.stage === {stage!r}")
        assert other.value("document.getElementById('lines').textContent") == shown
    finally:
        other.close()

    for earlier in reversed(texts[:-1]):
        page.value("history.back()")
        until(page, f"lab.state.text === {json.dumps(earlier)} && {CURRENT}")
        assert page.value(TEXT) == earlier
    page.value("history.forward()")
    until(page, f"lab.state.text === {json.dumps(texts[1])} && {CURRENT}")


@pytest.mark.slow
def test_saving_asks_before_it_writes_over_somebody_elses(page, served):
    before = served.file.read_bytes()
    try:
        drag(page, 5, 0.2)
        until(page, "lab.state.answered === lab.state.text")
        page.value("document.getElementById('save').click()")
        until(page, "document.getElementById('valid').textContent.startsWith('saved')")
        assert served.file.read_text(encoding="utf-8") == page.value(TEXT)
        served.file.write_text("title: another\n")
        typed(page, "cut: 0.9", "cut: 0.8")
        page.value("document.getElementById('save').click()")
        until(page, "document.getElementById('dialog').open")
        assert "title: another" in page.value("document.getElementById('dialog').textContent")
        assert served.file.read_text() == "title: another\n"
        page.value("document.getElementById('dialog').close()")
        assert len(page.errors) == 1  # the browser tells of the refusal (409), as it should
        page.errors.clear()
    finally:
        served.file.write_bytes(before)


@pytest.mark.parametrize(
    ("width", "height"), [(390, 844), pytest.param(360, 640, marks=pytest.mark.slow)]
)
def test_on_a_phone_nothing_runs_out_and_the_fan_stays_in_view(page, width, height):
    page.send("Emulation.setDeviceMetricsOverride", width=width, height=height,
              deviceScaleFactor=1, mobile=False)  # fmt: skip
    page.send("Emulation.setScrollbarsHidden", hidden=True)
    for panel in ("levers", "parts", "tables", "file"):
        page.value(f"document.querySelector('[data-panel={panel}]').click()")
        time.sleep(0.1)
        assert page.value("document.documentElement.scrollWidth") <= width, panel
    page.value("document.querySelector('[data-panel=levers]').click(); window.scrollTo(0, 0)")
    page.value(
        f"{CUT}.querySelector('input[type=range]')"
        ".dispatchEvent(new PointerEvent('pointerdown', {bubbles: true}))"
    )
    seen = page.value(
        "(() => { const a = document.getElementById('answer').getBoundingClientRect();"
        " const t = document.querySelector('.targetmark').getBoundingClientRect();"
        " const l = document.getElementById('levers').getBoundingClientRect();"
        " return a.top >= 0 && t.top >= a.bottom && t.bottom <= Math.min(l.top, innerHeight); })()"
    )
    page.value("document.body.classList.remove('dragging')")
    assert seen


def test_a_whole_border_is_shut_crossing_by_crossing(page):
    """Each after what is shut there already; a crossing that stays shut is left as it is."""
    script = page.value("document.querySelector('script[src]').getAttribute('src')")
    page.value(
        f"""import("{script.replace("main.js", "map.js")}").then(({{ crossing }}) => {{
        const ended = [{{ from: "2026-02-01", until: "2026-12-31" }}];
        const open = [{{ from: "2025-01-01" }}];
        const state = {{ gates: {{ a: "A", b: "B", c: "C", d: "D" }},
            borders: {{ "X and Y": ["a", "b", "c"], "Ports and straits": ["d"] }},
            closures: {{ a: {{ spells: ended, below: ended }},
                c: {{ spells: open, below: open }} }} }};
        const edits = [];
        const one = crossing("a", state, 2030, (list) => edits.push(list));
        one.act.run();
        const all = document.createElement("div");
        all.append(...one.body);
        all.querySelectorAll("[type=radio]")[1].checked = true;
        one.act.run();
        const port = crossing("d", state, 2030, () => {{}});
        window.made = {{ edits, words: all.textContent,
            choices: port.body.filter((e) => e.querySelector("[type=radio]")).length }};
        }})"""
    )
    until(page, "window.made")
    made = page.value("window.made")
    ended = {"from": "2026-02-01", "until": "2026-12-31"}
    new = {"from": "2027-01-01", "until": "2030-12-31"}
    one = [["closures", "a"], [ended, new], [ended]]
    assert made["edits"] == [[one], [one, [["closures", "b"], [new], None]]]
    assert "all 3 crossings between X and Y: A, B, C" in made["words"]
    assert made["choices"] == 0


def test_whatever_can_be_used_has_a_name_and_landmarks_are_there(page):
    page.value("document.getElementById('all').click()")
    nameless = page.value(
        """[...document.querySelectorAll("button, input, select, textarea, [role=img]")]
        .filter(e => !e.closest("[hidden]") && !e.getAttribute("aria-label")
        && !e.textContent.trim() && ![...(e.labels || [])].some(l => l.textContent.trim()))
        .map(e => e.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
    for landmark in ("header", "main", "nav", "aside"):
        assert page.value(f"document.querySelectorAll('{landmark}').length") >= 1
    assert page.value("document.querySelectorAll('h1').length") == 1
    twice = page.value(
        "(() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);"
        " return ids.filter((id, k) => ids.indexOf(id) !== k); })()"
    )
    assert twice == []


def press(browser, key, code=None, modifiers=0, text=None):
    common = {"key": key, "code": code or key, "modifiers": modifiers,
              "windowsVirtualKeyCode": KEY_CODES.get(key, ord(key[0].upper()))}  # fmt: skip
    browser.send(
        "Input.dispatchKeyEvent", type="keyDown", **common, **({"text": text} if text else {})
    )
    browser.send("Input.dispatchKeyEvent", type="keyUp", **common)


KEY_CODES = {"ArrowRight": 39, "Tab": 9, "Escape": 27, "/": 191, "]": 221}


def test_the_keyboard_alone_changes_a_lever_and_takes_it_back(page, served):
    page.value("document.body.focus()")
    press(page, "/", "Slash", text="/")
    assert page.value("document.activeElement.id") == "find"
    for letter in "tariff cut":
        press(page, letter, text=letter)
    until(page, "document.querySelectorAll('.lever:not([hidden])').length === 1")
    for _ in range(8):
        if page.value("document.activeElement.type") == "range":
            break
        press(page, "Tab")
    assert page.value("document.activeElement.type") == "range"
    press(page, "ArrowRight")
    until(page, "document.getElementById('text').value.includes('cut: 0.51')")
    until(
        page, "lab.state.answered === lab.state.text && !document.body.classList.contains('stale')"
    )
    press(page, "z", "KeyZ", modifiers=2)
    until(page, "document.getElementById('text').value.includes('cut: 0.5,')")
    assert page.value(TEXT) == served.file.read_text(encoding="utf-8")


@pytest.mark.slow
def test_it_prints_with_answer_and_fan_on_the_first_page(page):
    printed = page.pdf()
    assert printed.startswith(b"%PDF-")
    assert re.search(rb"/MediaBox", printed)


CLOSED_S = 0.5
"""Time in which workers notice that a page was closed, on a quiet machine [s]."""


@pytest.mark.slow
def test_closing_the_page_leaves_workers_idle_within_half_a_second(page, served):
    slow, took = slowdown(), []
    for k in range(5):
        typed(page, re.search("runs: [0-9]+", page.value(TEXT))[0], f"runs: {900 + k}")
        until(page, f"lab.state.answer.stage === 'firm' && {CURRENT}")
        pids = children(served.process.pid)
        assert is_busy_for(pids, 1.0)
        began = time.monotonic()
        page.send("Page.navigate", url="about:blank")
        took.append(last_busy(pids, 1.0 + 2.0 * slow) - began)
        page.send("Page.navigate", url=served.address)
        until(page, f"window.lab && lab.state.answer && {CURRENT}")
    slow = max(slow, slowdown())
    sys.stdout.write(f"idle {took} s after the page was closed, slowdown {slow:.1f}\n")
    assert sorted(took)[2] <= CLOSED_S * slow, (took, slow)


def processor_time(pids):
    """Processor time that processes have used so far [ticks of a hundredth of a second]."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total


def is_busy_for(pids, seconds):
    """Whether processes compute within so many seconds."""
    before, ends = processor_time(pids), time.monotonic() + seconds
    while processor_time(pids) <= before + 1 and time.monotonic() < ends:
        time.sleep(0.01)
    return processor_time(pids) > before + 1


def last_busy(pids, seconds):
    """Time at which processes were last seen to compute, of so many seconds."""
    last = began = time.monotonic()
    before = processor_time(pids)
    while time.monotonic() < began + seconds:
        time.sleep(0.01)
        now = processor_time(pids)
        if now > before:
            before, last = now, time.monotonic()
    return last


REPLACED_S = 6.0
"""Time by which an answer may be late whose workers were killed, on a quiet machine [s]."""


@pytest.mark.slow
def test_workers_that_are_killed_cost_six_seconds_and_are_told_of_once(page, served):
    slow, took = slowdown(), {}
    told = "document.getElementById('told').textContent"
    for runs, is_killed in ((700, False), (701, True)):
        typed(page, re.search("runs: [0-9]+", page.value(TEXT))[0], f"runs: {runs}")
        until(page, f"lab.state.answer.stage === 'firm' && {CURRENT}")
        began = time.monotonic()
        if is_killed:
            busy = [pid for pid in children(served.process.pid) if is_busy_for([pid], 0.3)]
            assert busy
            for pid in busy:
                os.kill(int(pid), signal.SIGKILL)
        until(page, f"['final', 'parts', 'ledgers'].includes(lab.state.answer.stage) && {CURRENT}")
        took[is_killed] = time.monotonic() - began
        assert page.value(told).count("A worker ended and was replaced") == int(is_killed)
    slow = max(slow, slowdown())
    sys.stdout.write(
        f"final after {took[False]:.2f} s, {took[True]:.2f} with workers killed, "
        f"slowdown {slow:.1f}\n"
    )
    assert took[True] - took[False] <= REPLACED_S * slow, (took, slow)
    typed(page, "runs: 701", "runs: 700")
    until(page, f"lab.state.answer.stage === 'ledgers' && {CURRENT}")
    assert page.value(told) == ""
