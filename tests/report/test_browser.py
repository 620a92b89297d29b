"""The reports as a reader sees them: in a real browser, at a desk, on a phone and on paper."""

import base64
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"
SCENARIOS = TINY.parents[2] / "scenarios"
DESK, PHONE = (1440, 900), (390, 844)
PATIENCE_S = 300
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)
A4_CM = {"width": 21.0, "height": 29.7}
HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=alert(1)>"
STUDY = """
sweep:
  agreements.treaty.concessions.*.cut: [0, 0.5, 1]
"""

COMPLETE = """
return Array.from(document.images).filter(i => !(i.complete && i.naturalWidth > 0))
  .map(i => i.alt || i.src.slice(0, 80))
"""
"""Pictures that are missing."""
ASKED_FOR = """
return performance.getEntriesByType('resource').map(r => r.name).filter(n => !n.startsWith('data:'))
"""
"""What the page fetched."""
TOO_WIDE = """
const wide = document.documentElement.clientWidth + 1;
return document.documentElement.scrollWidth <= wide ? [] :
  Array.from(document.querySelectorAll('body *'))
    .filter(e => e.getBoundingClientRect().right > wide)
    .map(e => e.tagName + ' ' + e.textContent.trim().slice(0, 40))
"""
"""Elements that make the page scroll sideways."""
SORTED = """
const table = document.querySelector('table.sortable');
const texts = () => Array.from(table.tBodies[0].rows).map(r => r.cells[0].textContent.trim());
const button = table.tHead.rows[0].cells[0].querySelector('button');
const before = texts();
button.click();
const once = texts();
button.click();
return [before, once, texts(), table.tHead.rows[0].cells[0].getAttribute('aria-sort')]
"""
"""First column as it stands, after one click on its heading, after two, and what that says."""


def simulate(*words: str) -> None:
    """Run a command of the simulator as a user would."""
    done = subprocess.run(
        [sys.executable, "-m", "sim", *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def asked_in_the_tiny_world(folder: Path, name: str, more: str = "") -> Path:
    text = TINY.with_suffix(".yaml").read_text()
    path = folder / f"{name}.yaml"
    path.write_text(re.sub(r"(?m)^title: .*$", f'title: "{HOSTILE}"', text) + more)
    assert HOSTILE in path.read_text()
    return path


@pytest.fixture(scope="module")
def reports(tmp_path_factory) -> dict[str, Path]:
    """Pages of three scenarios and of a study, by name."""
    folder = tmp_path_factory.mktemp("reports")
    tiny = ("--world", str(TINY))
    hostile = str(asked_in_the_tiny_world(folder, "hostile"))
    swept = str(asked_in_the_tiny_world(folder, "swept", STUDY))
    commands = {
        "main": ("run", str(SCENARIOS / "pta-and-transit.yaml"), "--set", "runs=8"),
        "energy": ("run", str(SCENARIOS / "energy-corridor.yaml"), "--set", "runs=8"),
        "hostile": ("run", hostile, *tiny, "--set", "runs=8"),
        "swept": ("sweep", swept, *tiny, "--runs", "8"),
    }
    found = {}
    for name, words in commands.items():
        simulate(*words, "--output", str(folder / name))
        (found[name],) = (folder / name).glob("*/*/report.html")
    return found


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Chromium without a screen."""
    driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
    if not (driver and chromium):
        pytest.skip("needs Chromium: apt-get install chromium chromium-driver")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for option in (*OPTIONS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService(executable_path=driver)
    opened = webdriver.Chrome(options=options, service=service)
    yield opened
    opened.quit()


def look(browser, path: Path, size: tuple[int, int] = DESK) -> None:
    """Open a page from disk at a size of the window."""
    width, height = size
    narrow = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
    browser.get(path.as_uri())


pytestmark = pytest.mark.slow
PAGES = ("main", "energy", "hostile", "swept")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_asks_for_nothing(browser, reports, name):
    look(browser, reports[name])
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    assert browser.execute_script(COMPLETE) == []
    assert browser.execute_script(ASKED_FOR) == []
    answer = browser.find_element("css selector", "section.answer p").text
    assert re.match(r"\S.*\d.*\.$", answer, re.DOTALL), answer
    figures = list(reports[name].parent.glob("figures/*.svg"))
    assert figures
    assert len(browser.find_elements("css selector", "figure img, figure svg")) == len(figures)
    assert len(browser.find_elements("css selector", "table tbody tr")) >= 5


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("size", [DESK, PHONE])
def test_nothing_sticks_out_at_the_side(browser, reports, name, size):
    look(browser, reports[name], size)
    assert browser.execute_script(TOO_WIDE) == []


def test_a_hostile_title_is_text(browser, reports):
    look(browser, reports["hostile"])
    assert HOSTILE in browser.find_element("tag name", "body").text
    assert browser.title != "taken"
    assert browser.find_elements("css selector", "img[src=x]") == []


def test_a_table_sorts_by_a_click_on_its_heading(browser, reports):
    look(browser, reports["main"])
    before, once, twice, says = browser.execute_script(SORTED)
    assert once != twice == once[::-1]
    assert sorted(before) == sorted(once)
    assert says in {"ascending", "descending"}


def test_tables_can_be_read_without_script(browser, reports):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        look(browser, reports["main"])
        heads = browser.find_elements("css selector", "table.sortable thead th")
        assert heads
        assert all(head.get_attribute("textContent").strip() for head in heads)
        assert browser.find_elements("css selector", "table.sortable button") == []
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_on_a4(browser, reports, name):
    look(browser, reports[name])
    inches = {f"paper{key.title()}": cm / 2.54 for key, cm in A4_CM.items()}
    printed = browser.execute_cdp_cmd("Page.printToPDF", {**inches, "preferCSSPageSize": True})
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF")
    sides = [
        tuple(float(side) * 2.54 / 72 for side in box.split()[2:])
        for box in re.findall(rb"/MediaBox ?\[([^\]]*)\]", pdf)
    ]
    assert len(sides) >= 2
    for width, height in sides:
        assert width == pytest.approx(A4_CM["width"], abs=0.1)
        assert height == pytest.approx(A4_CM["height"], abs=0.1)
