"""Reports in a real browser: opened from disk, clicked, narrowed to a phone, printed."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.report.page.page import LONGEST_ALT

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "worlds" / "tiny"
HOSTILE = '<script>document.title = "taken"</script> & $x_1$ </style>'
CUT = "agreements.treaty.concessions.*.cut"
N_RUNS = 16
PHONE_PX, SCREEN_PX, DESK_PX = 390, 1280, 1440
A4_PT = (595, 842)


def neighbour(name: str):
    """A module beside this one."""
    spec = importlib.util.spec_from_file_location(
        f"report_{name}", Path(__file__).with_name(f"{name}.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


browsers = neighbour("browser")
words = neighbour("words")


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


@pytest.mark.parametrize("width", [PHONE_PX, SCREEN_PX, DESK_PX])
def test_nothing_sticks_out_at_the_side(browser, page, width):
    browser.open(page, width)
    assert browser.value("document.documentElement.scrollWidth") <= width
    wide = """[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll')
        && e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.outerHTML.slice(0, 99))"""
    assert browser.value(wide) == []


@pytest.fixture(scope="module")
def small_page(browser, tmp_path_factory) -> Path:
    """Main report of the small world."""
    return study(tmp_path_factory.mktemp("small"), "run", TINY.with_suffix(".yaml"),
                 "--world", TINY)  # fmt: skip


OPENED = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
SCROLLING = """[...document.querySelectorAll('.scroll')]
    .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.getAttribute('aria-label'))"""


def test_no_table_or_figure_moves_sideways_on_a_phone(browser, small_page):
    browser.open(small_page, PHONE_PX)
    browser.value(OPENED)
    edges = "[...document.querySelectorAll('figure img')].map(i => i.getBoundingClientRect().right)"
    assert len(browser.value(edges)) > 5
    assert max(browser.value(edges)) <= PHONE_PX
    assert browser.value("document.querySelectorAll('table.wide').length") > 5
    assert browser.value(SCROLLING) == []
    assert browser.value("document.documentElement.scrollWidth") <= PHONE_PX
    # The measure itself: a table that cannot shrink would be seen.
    browser.value("document.querySelector('table').style.minWidth = '600px'")
    assert len(browser.value(SCROLLING)) == 1


def test_a_stacked_cell_stands_behind_its_heading(browser, small_page):
    browser.open(small_page, PHONE_PX)
    browser.value(OPENED)
    wrong = """[...document.querySelectorAll('table')].flatMap(t =>
        [...t.tBodies[0].rows].flatMap(r => [...r.cells].filter((c, k) => {
            const told = getComputedStyle(c, '::before').content;
            const head = t.tHead.rows[0].cells[k].textContent.trim().replace(/\\s+/g, ' ');
            return t.classList.contains('wide')
                ? told.slice(1, -1).replace(/\\"/g, '"').replace(/\\s+/g, ' ') !== head
                : told !== 'none';
        }).map(c => c.outerHTML.slice(0, 99))))"""
    assert browser.value(wrong) == []
    widths = "[...document.querySelectorAll('.wide td')].map(c => c.getBoundingClientRect().right)"
    assert max(browser.value(widths)) <= PHONE_PX


def test_stacked_tables_sort_by_keyboard_and_print_as_tables(browser, small_page):
    browser.open(small_page, PHONE_PX)
    browser.value(OPENED)
    seen = """[...document.querySelectorAll('.wide.sortable button')].map(b => {
        const box = b.getBoundingClientRect(); return box.width > 0 && box.height > 0; })"""
    assert all(browser.value(seen))
    browser.value("document.querySelector('.wide.sortable button').focus()")
    browser.press("Enter")
    assert browser.value("!!document.querySelector('.wide.sortable th[aria-sort]')")
    browser.send("Emulation.setEmulatedMedia", media="print")
    try:
        shown = """[...document.querySelectorAll('table.wide')].map(t => [
            t, t.rows[0].cells[0], t.tHead].map(e => getComputedStyle(e).display))"""
        assert set(map(tuple, browser.value(shown))) == {
            ("table", "table-cell", "table-header-group")
        }
    finally:
        browser.send("Emulation.setEmulatedMedia", media="")


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


def test_figures_are_drawn_for_a_phone_and_not_swiped(browser, page):
    browser.open(page, PHONE_PX)
    browser.value("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    loaded = "[...document.images].map(i => [i.currentSrc.length > 0, i.naturalWidth, i.width])"
    assert browser.value(loaded)
    narrow = browser.value(
        "[...document.querySelectorAll('source')].map(s => s.srcset.split(' ')[0].slice(-40))"
    )
    shown = browser.value("[...document.images].map(i => i.currentSrc.slice(-40))")
    assert shown == narrow
    wide = "[...document.images].filter(i => i.getBoundingClientRect().right > innerWidth).length"
    assert browser.value(wide) == 0


def test_descriptions_of_figures_are_short_and_their_data_are_tables(browser, page):
    browser.open(page)
    lengths = browser.value("[...document.images].map(i => i.alt.split(/\\s+/).length)")
    assert max(lengths) <= LONGEST_ALT
    tables = browser.value("document.querySelectorAll('figure details.data table').length")
    assert tables == len(lengths)


def focused(browser) -> str:
    return browser.value(
        "(e => [e.tagName, e.className, e.getAttribute('href') || e.textContent.trim()].join('|'))"
        "(document.activeElement)"
    )


def test_the_keyboard_skips_sorts_and_opens(browser, pages):
    browser.open(pages["main"])
    browser.press("Tab")
    assert focused(browser) == "A|skip|#answer"
    browser.press("Enter")
    assert browser.value("location.hash") == "#answer"
    # Of a table's headings one alone is a stop; arrows go on from there.
    table = "document.querySelector('table.sortable')"
    stops = browser.value(f"[...{table}.querySelectorAll('th button')].map(b => b.tabIndex)")
    assert stops == [0, *[-1] * (len(stops) - 1)]
    browser.value(f"{table}.querySelector('th button').focus()")
    browser.press("ArrowRight")
    headings = browser.value(f"[...{table}.querySelectorAll('th button')].map(b => b.textContent)")
    assert focused(browser).endswith(f"|{headings[1]}")
    browser.press("Enter")
    assert browser.value(f"{table}.querySelectorAll('th')[1].ariaSort") is not None
    browser.value("document.querySelector('main details summary').focus()")
    browser.press("Enter")
    assert browser.value("document.querySelector('main details').open") is True
    assert browser.errors == []


def test_the_main_report_is_short_and_so_is_its_first_page(pages):
    html = pages["main"].read_text()
    assert len(words.on_page(html, is_folded=False).split()) <= words.MAX
    assert len(words.first_screen(html).split()) <= words.MAX_OF_FIRST_PAGE
