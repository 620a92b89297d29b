"""The report as bytes: complete, the same each time, whole in itself, safe to open."""

import csv
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

from sim.report.page.figure import drawing_files
from sim.report.page.style import house_style
from sim.report.policy.agreement_effects import effects_section
from sim.study.workers.pool import process_pool
from tests.builders.pictures import vectors_alone

ENERGY = ("energy-flows", "energy-prices", "supplier-concentration", "unserved-energy")
WITH = (
    "target-fan", "agreement-effects", "agreement-stages", "time-to-target", "route-map",
    "gates-over-time", "route-days-and-charges", "tariffs-and-use",
    "map-of-incomes", "gains-and-losses", "creation-and-diversion", "recorded-since",
    *ENERGY,
)  # fmt: skip
WITHOUT = (
    "target-fan", "time-to-target", "route-map", "gates-over-time", "route-days-and-charges",
    "duties-and-routes", "trade-by-good",
    "growth-of-exports", "recorded-since", *ENERGY,
)  # fmt: skip
WITH_ENERGY = pytest.mark.parametrize("energy", [False, pytest.param(True, marks=pytest.mark.slow)])
VOID = {"meta", "img", "br", "hr", "link", "source"}


class Page(HTMLParser):
    """Elements of a page, and whether every one that opens also closes."""

    def __init__(self, text: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text.decode())
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def rows_of(files, name):
    return list(csv.DictReader(io.StringIO(files[f"figures/{name}.csv"].decode())))


@pytest.mark.parametrize(("report", "names"), [("both", WITH), ("none", WITHOUT)])
def test_every_figure_comes_in_three_forms(report, names, request):
    files = request.getfixturevalue(report)
    figures = {f"figures/{name}.{form}" for name in names for form in ("svg", "png", "csv")}
    if report == "both":
        figures |= {f"figures/{name}-narrow.svg" for name in names}
    assert set(files) == figures | {"report.html", "answer.json"}


@pytest.fixture
def settings_of_a_user():
    """Settings of matplotlib that would show in every figure."""
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "none"}):
        yield


@pytest.mark.slow
def test_rendering_again_under_a_users_own_settings_gives_the_same_bytes(
    made_up, render, both, for_phones, settings_of_a_user
):
    again = render(made_up.scenario())
    assert {path for path in both if both[path] != again[path]} == set()


def test_a_figure_made_again_under_a_users_own_settings_has_the_same_bytes(
    both_made, both, for_phones, settings_of_a_user
):
    (finding,) = both_made.inputs.findings
    with house_style():
        section = effects_section(both_made.inputs, finding)
    assert section.drawings
    for drawing in section.drawings:
        assert drawing.narrow is not None
        files = drawing_files(drawing)
        assert {path for path in files if both[path] != files[path]} == set()


def test_figures_saved_by_other_processes_have_the_same_bytes(both_made, both, settings_of_a_user):
    """Some of them: workers take seconds to start, and a figure half a second to save."""
    some = [section for section in both_made.sections if section.drawings][:4]
    with process_pool(1) as pool:
        again = replace(both_made, sections=tuple(some)).files(pool)
    figures = [path for path in again if path.startswith("figures/")]
    assert len(figures) >= 4 * len(some)
    assert {path for path in figures if both[path] != again[path]} == set()


def test_the_same_report_made_again_has_the_same_page_and_answer(made_up, told, none_told):
    assert told(made_up.scenario({})) == none_told


@pytest.mark.parametrize("report", ["both", "none"])
def test_svg_parses_and_names_nothing_outside_itself(report, request):
    for path, content in request.getfixturevalue(report).items():
        if not path.endswith(".svg"):
            continue
        assert b"<!DOCTYPE" not in content
        root = ElementTree.fromstring(content)
        assert root.find("{http://www.w3.org/2000/svg}title") is not None
        for element in root.iter():
            for key, value in element.attrib.items():
                if key.endswith("href") or key == "src":
                    assert value.startswith("#"), path
                assert not re.search(r"url\((?!#)", value), path


@pytest.mark.parametrize(("report", "names"), [("both", WITH), ("none", WITHOUT)])
def test_page_loads_nothing_and_describes_each_figure(report, names, request):
    page = Page(request.getfixturevalue(report)["report.html"])
    pictures = [attributes for tag, attributes in page.elements if tag == "img"]
    assert len(pictures) == len(names)
    for picture in pictures:
        assert str(picture["src"]).startswith("data:image/svg+xml,")
        assert len(str(picture["alt"])) > 40
    assert not {"link", "iframe", "object"} & {tag for tag, _ in page.elements}
    assert [attributes for tag, attributes in page.elements if tag == "script"] == [{}]
    for tag, attributes in page.elements:
        if tag != "img":
            assert attributes.get("src") is None
        assert str(attributes.get("href") or "#").startswith("#")
    html = request.getfixturevalue(report)["report.html"].decode()
    styles = re.findall(r"<style>(.*?)</style>", html, re.S)
    assert not re.search(r"url\(|@import|@font-face", "".join(styles))


def test_page_has_its_parts_in_order(both):
    headings = [
        "Key numbers",
        "What must happen, by whom",
        "Who gains, who loses",
        "How sure",
        "Projection",
        "Trade against the target",
        "Changes from the baseline",
        "Requirements of the target",
        "Effects of the agreements",
        "Stages of the agreements",
        "Time to target",
        "Routes and border crossings",
        "Energy",
        "Products with most to gain, and rivals",
        "Duties, preferences and cost of trading",
        "Who may spoil it",
        "Trade by good, before and after",
        "Gains and losses of real income",
        "Trade creation and trade diversion",
        "Confidence",
        "Assumptions",
        "Limits of the model",
        "Sources",
        "Reproduction",
    ]
    found = re.findall(r"<h2[^>]*>(.*?)</h2>", both["report.html"].decode())
    found.remove("Contents")
    assert found == headings


def test_recorded_figures_stand_as_precisely_as_they_are_quoted(both):
    page = Page(both["report.html"])
    assert "73.5" in page.text.split("What statistics record")[1].split("Assumptions")[0]


@WITH_ENERGY
def test_text_of_the_author_and_of_the_world_stays_text(made_up, told, energy):
    hostile = '<script>alert(1)</script> & $x_1$ "quoted"'
    asked = made_up.scenario(title=hostile, question=hostile)
    here = made_up.world()
    names = ("<b>$A_1$</b> & co", *here.region_names[1:])
    odd = replace(here, region_names=names)
    files = told(asked, odd, energy=energy, saved=vectors_alone, narrow=energy)
    pictures = [content for path, content in files.items() if path.endswith(".svg")]
    assert len(pictures) == (2 * len(WITH) if energy else len(WITH) - len(ENERGY))
    for content in pictures:
        ElementTree.fromstring(content)
    page = Page(files["report.html"])
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert hostile in page.text
    assert names[0] in page.text


def test_data_of_the_fan_are_the_quantiles_of_the_runs(made_up, both):
    asked = made_up.scenario()
    datasets = made_up.results(asked)
    (finding,) = made_up.found(asked, datasets)
    rows = rows_of(both, "target-fan")
    for k, name in enumerate(("q05", "q25", "q50", "q75", "q95")):
        own = [r for r in rows if (r["series"], r["quantile"]) == ("as asked", name)]
        drawn = [float(r["trade_musd_per_year"]) for r in own]
        np.testing.assert_allclose(drawn, finding.quantiles[k], rtol=1e-9)


def test_data_of_the_effects_are_paired(made_up, both):
    asked = made_up.scenario()
    datasets = made_up.results(asked)
    (finding,) = made_up.found(asked, datasets)
    rows = {
        (r["variant"], r["quantile"]): float(r["difference_musd_per_year"])
        for r in rows_of(both, "agreement-effects")
    }
    assert {variant for variant, _ in rows} == {"pta", "transit", "all together"}
    # On the same residual paths and weights, not run by run.
    assert rows["all together", "q95"] == pytest.approx(finding.change.musd[-1], rel=1e-9)


def test_data_of_the_incomes_are_paired(made_up, both):
    asked = made_up.scenario()
    datasets = made_up.results(asked)
    year = [f"2030Q{q}" for q in (1, 2, 3, 4)]
    means = [
        datasets[name]["welfare_change"].sel(region="UZB", quarter=year).mean("quarter").to_numpy()
        for name in ("as asked", "no agreement")
    ]
    rows = [r for r in rows_of(both, "gains-and-losses") if r["region"] == "UZB"]
    (row,) = (r for r in rows if r["quantile"] == "q50")
    middle, musd = (float(row[f"real_income_change_{unit}"]) for unit in ("share", "musd"))
    world = made_up.world()
    place = world.region_index("UZB")
    sold = (
        world.trade[:, place].sum() + (world.trade * world.tariffs.applied_rate)[:, :, place].sum()
    )
    change = np.median(means[0] / means[1] - 1.0) * sold / world.gdp_musd[place]
    assert middle == pytest.approx(change, rel=1e-6)
    assert musd == pytest.approx(middle * world.gdp_musd[place], rel=1e-6)


def test_answer_says_what_the_page_says(both):
    answer = json.loads(both["answer.json"])
    target = answer["targets"]["one-billion"]
    assert target["headline"] in Page(both["report.html"]).text
    assert answer["ledger"] == "pakistan"
    assert target["sentence"].startswith(target["headline"])
    assert target["reached_share"] == target["chance"]["value"] <= target["touched"]["value"]
    assert target["trade_musd_by_year"]["2030Q4"]["q50"] > 0
    assert set(target["agreement_effects"]) == {"pta", "transit", "all together"}


def test_wall_time_is_not_in_the_answer(made_up, both):
    assert "wall_seconds" in made_up.RECORD
    assert b"wall" not in both["answer.json"]


def test_an_agreement_alone_is_named(made_up):
    inputs = made_up.inputs(made_up.scenario({"pta": made_up.PREFERENTIAL}), energy=False)
    with house_style():
        (drawing,) = effects_section(inputs, inputs.findings[0]).drawings
    place = drawing.columns.index("variant")
    assert {row[place] for row in drawing.rows} == {"pta"}


@WITH_ENERGY
def test_each_target_has_its_own_figures(made_up, told, energy):
    targets = {
        "near": {"pair": ["PAK", "KAZ"], "trade_musd": 300, "deadline": "2027Q2"},
        "far": {"pair": ["PAK", "UZB"], "trade_musd": 5000, "deadline": "2035Q4"},
    }
    files = told(made_up.scenario(targets=targets), energy=energy)
    paths = [path for path in files if path.startswith("figures/") and "-narrow" not in path]
    stems = {path.split("/")[1].rsplit(".", 1)[0] for path in paths}
    # It is never reached.
    not_far = {"time-to-target-far"}
    left_out = {"agreement-stages", *(() if energy else ENERGY)}
    own = [name for name in WITH if name not in left_out]
    of_each = {f"{name}-{target}" for name in own for target in targets}
    assert stems == of_each - not_far | {"agreement-stages"}
    assert set(json.loads(files["answer.json"])["targets"]) == set(targets)
    assert len(re.findall(r"<img ", files["report.html"].decode())) == len(stems)


def test_a_single_run_and_switched_off_layers_render(made_up, told):
    layers = {"parameters": False, "events": False, "residual_shocks": False}
    files = told(made_up.scenario(runs=1, uncertainty_sources=layers), energy=False)
    text = Page(files["report.html"]).text
    assert "the share is not a probability" in text
    assert "may be read as a probability" not in text


def test_figures_stay_within_bounds(both):
    assert len(both["report.html"]) < 2_700_000
    for path, content in both.items():
        if path.endswith(".png"):
            assert content.startswith(b"\x89PNG")
            assert b"Software" not in content
