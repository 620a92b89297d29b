"""Recorded years against the runs: held against the right months, and inside the band."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sim.report.recorded import recorded_since, since_base
from sim.report.series import Material
from sim.report.style import house_style
from sim.study.findings import findings
from sim.study.run import run_variants


@pytest.fixture(scope="module")
def material(made_up):
    asked = made_up.scenario({}, horizon={"start": "2022Q4", "end": "2030Q4"})
    datasets = made_up.results(asked)
    return Material(asked, made_up.world(), datasets, made_up.found(asked, datasets))


def kept(world, **changes):
    return replace(world, ledgers=tuple(replace(entry, **changes) for entry in world.ledgers))


def test_a_year_is_judged_by_the_twelve_months_it_covers(material):
    (finding,) = material.findings
    since = since_base(material, finding)
    assert [judged.record.period for judged in since.judged] == [
        "year to 2024-06",
        "year to 2025-06",
    ]
    result = material.asked
    trade = result["goods_trade"].sum(["flow", "good"]) + result["energy_trade"].sum("flow")
    for judged in since.judged:
        year = int(judged.record.period[8:12])
        months = [f"{year - 1}Q3", f"{year - 1}Q4", f"{year}Q1", f"{year}Q2"]
        totals = trade.sel(quarter=months).mean("quarter").to_numpy()
        assert judged.below == np.mean(totals < judged.record.trade_musd)
        place = since.quarters.index(judged.quarter)
        assert_allclose(since.quantiles[:, place], np.quantile(totals, (0.1, 0.25, 0.5, 0.75, 0.9)))


def test_doubtful_years_and_other_books_judge_nothing(material):
    (finding,) = material.findings
    world = material.world
    for spoiled in (kept(world, doubtful=True), kept(world, ledger="kazakhstan")):
        assert not since_base(replace(material, world=spoiled), finding).judged
        assert recorded_since(replace(material, world=spoiled), finding) is None


def test_a_year_that_ends_inside_a_quarter_is_passed_over(material):
    (finding,) = material.findings
    odd = kept(material.world, start="2023-08-01", end="2024-07-31", exporter="", doubtful=False)
    assert not since_base(replace(material, world=odd), finding).judged


def test_the_figure_has_its_data(material):
    (finding,) = material.findings
    with house_style():
        drawing = recorded_since(material, finding)
    recorded = [row for row in drawing.rows if row[0] == "recorded"]
    assert [row[1:3] for row in recorded] == [
        ("2024Q2", 185.927),
        ("2025Q2", pytest.approx(227.59)),
    ]
    assert "2024-06" in drawing.alt


def test_recorded_years_lie_inside_the_80_per_cent_band(made_up):
    """Nothing was tuned to them: no closure of a later date is told to these runs either."""
    asked = made_up.scenario(
        {},
        horizon={"start": "2022Q4", "end": "2025Q2"},
        targets={"any": {"pair": ["PAK", "KAZ"], "trade_musd": 1000, "by": "2025Q2"}},
        closures={},
        uncertainty={},
        runs=128,
        seed=20221118,
    )
    results = run_variants(asked, made_up.world()).variants
    material = Material(asked, made_up.world(), results, findings(asked, made_up.world(), results))
    since = since_base(material, material.findings[0])
    assert len(since.judged) == 2
    for judged in since.judged:
        assert judged.is_inside, judged
        # And not because the band holds everything: half and double lie outside.
        low, *_, high = since.quantiles[:, since.quarters.index(judged.quarter)]
        assert judged.record.trade_musd / 2 < low
        assert high < judged.record.trade_musd * 2.5
