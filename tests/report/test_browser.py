"""Reports in a real browser: opened from disk, clicked, narrowed to a phone, printed."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "worlds" / "tiny"
HOSTILE = '<script>document.title = "taken"</script> & $x_1$ </style>'
CUT = "agreements.treaty.concessions.*.cut"
N_RUNS = 16
PHONE_PX, DESK_PX = 390, 1440
A4_PT = (595, 842)

_spec = importlib.util.spec_from_file_location(
    "report_browser", Path(__file__).with_name("browser.py")
)
assert _spec is not None
assert _spec.loader is not None
browsers = importlib.util.module_from_spec(_spec)
sys.modules[_spec.name] = browsers
_spec.loader.exec_module(browsers)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A Chromium with an empty profile."""
    program = browsers.found_browser()
    if program is None:
        pytest.skip(f"no Chromium here: none of {', '.join(browsers.NAMES)} is on the path")
    opened = browsers.Browser(program, tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


def study(folder: Path, command: str, *given: object) -> Path:
    """Page of a study."""
    done = CliRunner().invoke(
        app, [command, *(str(one) for one in given), "--output", str(folder), "--workers", "1"]
    )
    assert done.exit_code == 0, done.output
    (page,) = folder.glob("*/*/report.html")
    return page


@pytest.fixture(scope="module")
def pages(browser, tmp_path_factory) -> dict[str, Path]:
    """Pages of the main scenario, of one with a hostile title, of a comparison and of a sweep."""
    folder = tmp_path_factory.mktemp("pages")
    asked = (TINY.with_suffix(".yaml")).read_text()
    title = asked.splitlines()[1]
    assert title.startswith("title:")
    hostile = folder / "hostile.yaml"
    hostile.write_text(
        asked.replace(title, f"title: '{HOSTILE}'") + f"\nsweep:\n  {CUT}: [0, 0.5, 1]\n"
    )
    other = folder / "other.yaml"
    other.write_text("extends: hostile.yaml\nagreements: {treaty: null}\nsweep: null\n")
    small = ("--world", TINY)
    runs = ("--set", f"runs={N_RUNS}")
    main = ROOT / "scenarios" / "pta-and-transit.yaml"
    return {
        "main": study(folder / "main", "run", main, *runs),
        "hostile": study(folder / "hostile", "run", hostile, *small, *runs),
        "compare": study(folder / "compare", "compare", hostile, other, *small),
        "sweep": study(folder / "sweep", "sweep", hostile, *small, "--runs", N_RUNS),
    }


@pytest.fixture(params=["main", "hostile", "compare", "sweep"])
def page(request, pages) -> Path:
    """A page of each kind."""
    return pages[request.param]


def test_a_page_from_disk_is_whole_and_asks_for_nothing(browser, page):
    browser.open(page)
    pictures = browser.value("[...document.images].map(i => i.complete && i.naturalWidth > 0)")
    assert pictures
    assert all(pictures)
    assert browser.value("document.querySelector('.answer p').offsetHeight") > 0
    assert browser.errors == []
    assert browser.abroad == []
    assert page.as_uri() in browser.asked_for
    assert {url for url in browser.asked_for if url.startswith("file:")} == {page.as_uri()}


def test_what_would_be_asked_for_would_be_seen(browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '<img src="http://127.0.0.1:9/picture.png"><script>throw new Error("broken")</script>'
        f'<div style="width: {PHONE_PX + 100}px">wide</div>'
    )
    browser.open(page, PHONE_PX)
    assert browser.abroad == ["http://127.0.0.1:9/picture.png"]
    assert any("broken" in error for error in browser.errors)
    assert browser.value("[...document.images].map(i => i.naturalWidth > 0)") == [False]
    assert browser.value("document.documentElement.scrollWidth") > PHONE_PX


def test_a_title_made_of_markup_stays_text(browser, pages):
    browser.open(pages["hostile"])
    assert browser.value("document.title") == HOSTILE
    assert browser.value("document.querySelector('h1').textContent") == HOSTILE
    assert browser.value("document.scripts.length") == 1


@pytest.mark.parametrize("width", [PHONE_PX, DESK_PX])
def test_nothing_sticks_out_at_the_side(browser, page, width):
    browser.open(page, width)
    assert browser.value("document.documentElement.scrollWidth") <= width
    wide = """[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll')
        && e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.outerHTML.slice(0, 99))"""
    assert browser.value(wide) == []


def test_a_click_on_a_heading_sorts_its_table(browser, page):
    browser.open(page)
    # What is folded is opened by its reader first.
    browser.value("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    n_tables = browser.value("document.querySelectorAll('table.sortable').length")
    for k in range(n_tables):
        table = f"document.querySelectorAll('table.sortable')[{k}]"
        first = f"[...{table}.tBodies[0].rows].map(r => r.cells[0].textContent.trim())"
        before = browser.value(first)
        orders = []
        for _ in range(2):
            x, y = browser.value(
                f"(b => {{ b.scrollIntoView({{block: 'center'}}); b = b.getBoundingClientRect();"
                f" return [b.x + b.width / 2, b.y + b.height / 2]; }})"
                f"({table}.querySelector('th button'))"
            )
            browser.click(x, y)
            orders.append(
                (browser.value(f"{table}.querySelector('th').ariaSort"), browser.value(first))
            )
        assert [order for order, _ in orders] == ["ascending", "descending"]
        up, down = (rows for _, rows in orders)
        assert sorted(up) == sorted(down) == sorted(before)
        assert browser.value(f"(r => r.every((t, k) => k == 0 || r[k - 1].localeCompare(t) <= 0))"
                             f"({up!r})")  # fmt: skip
        assert len(set(before)) < 2 or up != down
    assert browser.errors == []


def test_the_main_page_has_tables_to_sort(browser, pages):
    browser.open(pages["main"])
    assert browser.value("document.querySelectorAll('table.sortable').length") >= 2


def test_without_script_the_page_reads_the_same(browser, page):
    # Buttons are put in by the script: their absence shows that it did not run.
    text = "document.body.innerText.replace(/\\s+/g, ' ')"
    browser.open(page)
    with_script = browser.value(text)
    browser.open(page, script=False)
    assert browser.value("document.querySelectorAll('button').length") == 0
    assert browser.value(text) == with_script
    assert browser.value("document.querySelectorAll('td').length") > 0


def test_the_page_prints_on_a4_without_cutting_figures(browser, page):
    browser.open(page)
    printed = browser.pdf()
    assert printed.startswith(b"%PDF-")
    sizes = re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert len(sizes) >= 2
    assert {(round(float(w)), round(float(h))) for w, h in sizes} == {A4_PT}


def test_landmarks_contents_and_boxes_that_move_have_names(browser, page):
    browser.open(page)
    for landmark in ("header", "nav", "main"):
        assert browser.value(f"document.querySelectorAll('body {landmark}').length") >= 1
    links = "[...document.querySelectorAll('nav a, a.skip')]"
    assert browser.value(f"{links}.filter(a => !document.querySelector(a.hash)).length") == 0
    headings = "[...document.querySelectorAll('main > section[id] > h2')].map(h => h.textContent)"
    listed = "[...document.querySelectorAll('nav a')].map(a => a.textContent)"
    assert browser.value(listed) == browser.value(headings)
    boxes = "[...document.querySelectorAll('.scroll')]"
    nameless = f"{boxes}.filter(e => !e.getAttribute('aria-label') || e.tabIndex != 0).length"
    assert browser.value(nameless) == 0
