"""Pages of studies show levers in words: no dotted path stands where a person reads."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.laws.methods.prim import Box
from sim.laws.uncertainty.crossing import Estimate
from sim.report.page import blocks
from sim.report.page.page import data_rows
from sim.report.page.style import house_style
from sim.report.studies import sweep_page as sweep_pages
from sim.report.studies.discover_page import discover_page
from sim.report.studies.explain_page import explain_page
from sim.report.studies.reach_page import reach_page
from sim.report.studies.sensitivity_page import sensitivity_page
from sim.report.studies.study_page import _in_words
from sim.scenario.scenario_file import load_scenario
from sim.study.discover import Discovery
from sim.study.explain import Attribution, explain_plan, levers_of
from sim.study.mix_futures import Mix, MixResult, ReachAnswer
from sim.study.reach import LeverSearch
from sim.study.sensitivity import Design, SensitivityIndex, uncertain_inputs
from sim.study.sweep import PointSummary, points_of, sweep_plan
from sim.world.load import load_world
from sim.world.names import world_names
from sim.world.titles import world_titles

pytestmark = pytest.mark.usefixtures("for_phones")
ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))
PATH = re.compile(r"\b[a-z][a-z_]*\.[a-z*]|_|\.\*")
"""A dot or an underscore inside a word, as paths and keys have them."""
FILE = re.compile(r"\b[a-z-]+\.(csv|parquet)\b")


@cache
def names():
    return world_names(None)


@cache
def world(ledger):
    return load_world(None, ledger=ledger)


def world_of(scenario):
    return world(scenario.baseline.ledger)


@cache
def scenario_of(file):
    return load_scenario(file, names())


def with_(block):
    """Shipped scenarios that have a block, one of those that have the same."""
    found = {tuple(block(scenario_of(file)) or ()): file for file in reversed(SHIPPED)}
    found.pop((), None)
    assert found
    return pytest.mark.parametrize("file", found.values(), ids=lambda file: file.stem)


def read(page):
    """Everything of a page that a person reads, but for what it rests on and how to repeat it."""
    yield from (page.title, page.question, *page.answers, *page.notes)
    for drawing in page.drawings:
        yield from (drawing.title, drawing.alt, drawing.caption)
        yield from (
            drawing.words.get(column, column.replace("_", " ")) for column in drawing.columns
        )
        yield from (cell for row in data_rows(drawing) for cell in row)
        for figure in (drawing.figure, drawing.narrow):
            for text in figure.findobj(match=lambda artist: hasattr(artist, "get_text")):
                yield text.get_text()
    for table in page.tables:
        yield table.title
        for block in _in_words(table):
            if isinstance(block, blocks.TableBlock):
                yield block.caption
                yield from (column.title for column in block.columns)
                yield from (c if isinstance(c, str) else c.text for row in block.rows for c in row)


def assert_in_words(page, paths):
    texts = [*read(page)]
    assert texts
    for text in texts:
        assert not PATH.search(FILE.sub("", text)), text
        assert not any(path in text for path in paths if not path.isalpha()), text
    return " ".join(texts)


def attribution(target, measure, paths):
    parts = np.linspace(1.0, 2.0, len(paths))
    around = (0.0, 200.0)
    return Attribution(
        target=target, measure=measure, without=10.0, with_all=10.0 + float(parts.sum()),
        levers=paths, parts=parts, interval=np.stack([parts - 1, parts + 1], axis=1),
        without_interval=around, with_all_interval=around, total_interval=around, n_runs=8,
    )  # fmt: skip


@with_(lambda scenario: scenario.levers or scenario.agreements)
def test_explain_tells_levers_by_their_titles(file):
    scenario = scenario_of(file)
    levers = levers_of(scenario)
    plan = explain_plan(scenario, levers, 8, world_of, names())
    measures = ("trade_musd", "reached_share")
    found = [attribution(t, m, levers.paths) for t in scenario.targets for m in measures]
    with house_style():
        page = explain_page(plan, levers, found, "stamp")
    text = assert_in_words(page, levers.paths)
    assert "agreement" in text or "Reform" in text


def point(case, target, chance):
    return PointSummary(case, target, 8, 0, chance, (0.0, 0.5), (1.0, 2.0, 3.0, 4.0, 5.0 + case))


@with_(lambda scenario: scenario.sweep)
def test_sweep_tells_levers_by_their_titles(file, monkeypatch):
    scenario = scenario_of(file)
    points = points_of(scenario)
    plan = sweep_plan(scenario, points, 8, world_of, names())
    apart = Estimate(0.1, 0.05, 0.15)
    monkeypatch.setattr(sweep_pages, "difference_of_cases", lambda *_: apart)
    found = [point(k, t, 0.01 * k) for k in range(len(points)) for t in scenario.targets]
    with house_style():
        page = sweep_pages.sweep_page(plan, None, points, found, "stamp")
    text = assert_in_words(page, [*points[0]])
    assert "tariff cut (pta) 100 %" in text


@with_(lambda scenario: scenario.sweep)
def test_curves_of_a_sweep_tell_levers_by_their_titles(file):
    scenario = scenario_of(file)
    points = points_of(scenario, "latin", 8)
    plan = sweep_plan(scenario, points, 8, world_of, names())
    found = [point(k, t, 0.0) for k in range(8) for t in scenario.targets]
    for each in found:
        object.__setattr__(each, "trade_musd", (1.0, 2.0, 3.0, 4.0, 5.0))
    with house_style():
        page = sweep_pages.sweep_page(plan, None, points, found, "stamp")
    assert_in_words(page, [*points[0]])


@with_(lambda scenario: scenario.reach and scenario.reach.levers)
def test_reach_tells_levers_by_their_titles(file):
    scenario = scenario_of(file)
    search = LeverSearch.of(scenario, 8, names(), None)
    plan = search.plan(world_of)
    paths = tuple(search.levers)
    mixes = [
        MixResult(k, Mix((float(k),) * len(paths), k == 2), 10.0 * k, 0.1 * k, (0.0, 0.5), 100.0,
                  (90.0, 110.0), 8)
        for k in (0, 1)
    ]  # fmt: skip
    none, all_of_them = mixes
    answer = ReachAnswer(
        target=next(iter(scenario.targets)), target_musd=1e3, goal=None, by="2030Q4",
        probability=0.05, levers=paths, none=none, frontier=tuple(mixes), chosen=all_of_them,
        held_out=all_of_them, held_out_none=none, gained=Estimate(0.1, 0.05, 0.15),
        is_reachable=True, cost_cut=0.1, levers_cut=0.05, start=all_of_them, quantile_musd=900.0,
    )  # fmt: skip
    with house_style():
        page = reach_page(plan, search, answer, "stamp")
    text = assert_in_words(page, paths)
    assert "border time cut (transit agreement) 90 %" in text


def discovery(target, inputs):
    n = len(inputs)
    low, high = np.full(n, -np.inf), np.full(n, np.inf)
    low[-2:], high[-1] = 0.2, 0.6
    box = Box(low, high, coverage=0.5, density=0.6, mass=0.2)
    return Discovery(
        target, inputs, np.zeros(n), np.ones(n), box, np.zeros(n), (box,), 0.2, 64
    )  # fmt: skip


@with_(lambda scenario: scenario.sweep)
def test_discover_tells_inputs_by_their_titles(file):
    scenario = scenario_of(file)
    points = points_of(scenario)
    plan = sweep_plan(scenario, points, 8, world_of, names(), kind="discover")
    inputs = (*uncertain_inputs(scenario, world_of(scenario)), *points[0])
    with house_style():
        page = discover_page(plan, [discovery(t, inputs) for t in scenario.targets], "stamp")
    text = assert_in_words(page, inputs)
    assert "tariff cut (pta) from 20 % up" in text


def test_sensitivity_tells_inputs_by_their_titles():
    scenario = scenario_of(ROOT / "scenarios" / "pta-and-transit.yaml")
    inputs = uncertain_inputs(scenario, world_of(scenario))
    plan = sweep_plan(scenario, ({},), 8, world_of, names(), kind="sensitivity")
    nothing = np.zeros((8, len(inputs)))
    design = Design("morris", inputs, 4, nothing, nothing)
    found = [
        SensitivityIndex(t, name, "mean_effect", 0.1, 0.05 if k % 2 else -0.05, 0.2)
        for t in scenario.targets
        for k, name in enumerate(inputs)
    ]
    with house_style():
        page = sensitivity_page(plan, design, found, "stamp")
    text = assert_in_words(page, inputs)
    titles = world_titles()["parameters"]
    assert all(titles[name].partition(", ")[0] in text for name in inputs)
