"""A report reads nothing but what it is made with: templates, code and fonts, whatever is asked."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import matplotlib
import pytest

HERE = Path(__file__).resolve().parent
SIM = HERE.parents[1] / "sim"
SECRET = "do not print me"
SCRIPT = """
import importlib.util, json, os, sys, sysconfig
from dataclasses import replace
from pathlib import Path

spec = importlib.util.spec_from_file_location("report_fixtures", sys.argv[1])
made_up = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = made_up
spec.loader.exec_module(made_up)

import matplotlib.font_manager
from sim.report.render import render_report
from sim.report.studies.study_page import StudyPage, StudyTable, study_files
from sim.report.page.style import house_style

here = os.getcwd()
paths = (f"{here}/secret.txt", f"file://{here}/secret.txt", "../secret.txt", "secret.txt")
lure = " ".join([*paths, "{% include 'secret.txt' %} {{ cycler.__init__ }} <img src=secret.txt>"])
inputs = made_up.inputs(made_up.scenario(title=lure, question=lure), energy=False)
inputs = replace(inputs, record={**made_up.RECORD, "command": lure, "scenario": "secret.txt"})

import sim.report.page.figure
all_forms, n_saved = sim.report.page.figure.drawing_files, 0
def some_in_all_forms(drawing):
    # Every third: what a picture is saved with is the same for all of them.
    global n_saved
    n_saved += 1
    if n_saved % 3 == 1:
        return all_forms(drawing)
    stem = f"figures/{drawing.name}"
    empty = b'<svg width="9" height="9" viewBox="0 0 9 9" xmlns="http://www.w3.org/2000/svg"/>'
    narrow = {f"{stem}-narrow.svg": empty} if drawing.narrow is not None else {}
    return {f"{stem}.svg": empty, f"{stem}.png": b"", f"{stem}.csv": b"", **narrow}
sim.report.page.figure.drawing_files = some_in_all_forms
table = StudyTable("points", lure, lure, ("name", "trade_musd"), ((lure, 1.0),))
page = StudyPage(lure, lure, lure, (lure,), (), (table,), (lure,))

opened, changed = [], []
watching = True
def watch(event, arguments):
    if not watching:
        return
    if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        path, mode, flags = arguments
        opened.append(os.fsdecode(path))
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            changed.append(os.fsdecode(path))
    elif event in ("os.listdir", "os.scandir") and arguments[0] is not None:
        opened.append(os.fsdecode(arguments[0]))
    elif event in ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "subprocess.Popen",
                   "socket.connect", "socket.getaddrinfo", "os.system", "os.exec"):
        changed.append(f"{event} {arguments}")
sys.addaudithook(watch)
files = render_report(inputs)
with house_style():
    of_study = study_files(page, {"command": lure}, [("secret.txt", lure)])
watching = False
assert n_saved >= 9

import matplotlib
roots = {sys.prefix, sys.base_prefix, matplotlib.get_data_path(), *sysconfig.get_paths().values()}
roots |= {str(Path(root).resolve()) for root in roots}
for name in ("report.html", "answer.json"):
    Path(f"run-{name}").write_bytes(files[name])
    Path(f"study-{name}").write_bytes(of_study[name])
told = {"opened": opened, "changed": changed, "roots": sorted(roots),
        "fonts": [entry.fname for entry in matplotlib.font_manager.fontManager.ttflist]}
Path("told.json").write_text(json.dumps(told))
"""
LOADS = {"src", "srcset", "href", "data", "action", "poster", "xlink:href", "background"}


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """A folder with a secret in it, in which a report and a study were rendered under watch."""
    folder = tmp_path_factory.mktemp("watched")
    for place in (folder, folder.parent):
        (place / "secret.txt").write_text(SECRET)
    (folder / "watch.py").write_text(SCRIPT)
    fonts = folder / "matplotlib"
    fonts.mkdir()
    for known in Path(matplotlib.get_cachedir()).glob("fontlist-*.json"):
        shutil.copy(known, fonts)  # the machine's fonts are looked for once
    command = [sys.executable, "watch.py", str(HERE / "fixtures.py")]
    env_path = str(SIM.parent)
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": env_path, "HOME": str(folder),
             "MPLCONFIGDIR": str(fonts), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder, json.loads((folder / "told.json").read_text())


def test_only_templates_code_and_fonts_are_opened(watched):
    folder, told = watched
    roots = [Path(root) for root in told["roots"]]
    for text in told["opened"]:
        path = Path(folder, text).resolve()
        is_ours = path.is_relative_to(SIM / "report" / "templates") or (
            path.is_relative_to(SIM)
            and (path.suffix in ("", ".py") or path.parent.name == "__pycache__")
        )
        is_of_python = any(path.is_relative_to(root) for root in roots)
        assert is_ours or is_of_python or text in told["fonts"], text
    assert any(text.endswith(".html.j2") for text in told["opened"])
    assert not any("secret" in text for text in told["opened"])


def test_nothing_is_written_started_or_asked_of_a_network(watched):
    """Beyond what is compiled, and paths that are found, the first time that they are needed."""
    _, told = watched
    assert [text for text in told["changed"] if f"{SIM}/" not in text] == []
    assert all("__pycache__" in text for text in told["changed"])


class Loads(HTMLParser):
    """Whatever a page would load or lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in LOADS]


@pytest.mark.parametrize("name", ["run-report.html", "study-report.html"])
def test_pages_lead_to_nothing_outside_themselves(watched, name):
    folder, _ = watched
    html = (folder / name).read_text()
    page = Loads(html)
    assert SECRET not in html
    assert not page.tags & {"iframe", "object", "embed", "link", "base", "form", "video", "audio"}
    for address in page.addresses:
        assert address.startswith(("#", "data:image/svg+xml,")), address
    styles = "".join(re.findall(r"<style>(.*?)</style>", html, re.S))
    assert not re.search(r"url\(|@import|@font-face|https?:", styles)
    scripts = "".join(re.findall(r"<script>(.*?)</script>", html, re.S))
    assert not re.search(r"fetch|XMLHttp|import\(|https?:|file:", scripts)


@pytest.mark.parametrize("name", ["run", "study"])
def test_what_looks_like_a_path_or_a_template_stays_text(watched, name):
    folder, _ = watched
    answer = json.loads((folder / f"{name}-answer.json").read_text())
    assert "{% include 'secret.txt' %}" in answer["title"]
    assert SECRET not in json.dumps(answer)
    html = (folder / f"{name}-report.html").read_text()
    assert "{% include &#39;secret.txt&#39; %}" in html
    assert "&lt;img src=secret.txt&gt;" in html
