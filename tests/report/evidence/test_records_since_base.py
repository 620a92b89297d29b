"""Records against the runs: each direction over the months it covers, and inside the band."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from numpy.testing import assert_allclose

from sim.report.evidence.records_since_base import (
    in_words,
    period_of,
    recorded_since,
    since_base,
    years_of,
)
from sim.report.page.report_inputs import ReportInputs
from sim.report.page.style import house_style
from sim.study.ensemble.findings import findings
from sim.study.ensemble.run import run_variants


@pytest.fixture(scope="module")
def inputs(made_up):
    asked = made_up.scenario({}, horizon={"start": "2022Q4", "end": "2030Q4"})
    datasets = made_up.results(asked)
    return ReportInputs(asked, made_up.world(), datasets, made_up.found(asked, datasets))


@pytest.fixture(scope="module")
def simulated(made_up):
    """Runs that know nothing after the base year but growth and world prices."""
    asked = made_up.scenario(
        {},
        horizon={"start": "2022Q4", "end": "2025Q4"},
        targets={"any": {"pair": ["PAK", "KAZ"], "trade_musd": 1000, "deadline": "2025Q2"}},
        closures={},
        uncertainty={},
        runs=128,
        seed=20221118,
        as_of="2022Q4",
    )
    results = run_variants(asked, made_up.world()).variants
    return ReportInputs(asked, made_up.world(), results, findings(asked, made_up.world(), results))


def kept(world, **changes):
    return replace(world, ledgers=tuple(replace(entry, **changes) for entry in world.ledgers))


def told(judged):
    return [
        (one.record.directions, one.period, round(one.record.span.trade_musd, 3)) for one in judged
    ]


OUT, BACK = (("PAK", "KAZ"),), (("KAZ", "PAK"),)
RECORDED = [
    (OUT, "year to 2024-06", 185.25),
    (OUT, "year to 2025-06", 97.96),
    (OUT, "4 months to 2025-10", 24.54),
    (BACK, "year to 2024-06", 0.677),
    (BACK, "year to 2025-06", 129.63),
    (BACK, "4 months to 2025-10", 0.263),
]


def test_each_direction_is_judged_by_the_months_it_covers(inputs):
    (finding,) = inputs.findings
    judged = since_base(inputs, finding)
    assert told(judged) == RECORDED
    result = inputs.asked
    trade = result["goods_trade"].sum("good") + result["energy_trade"]
    months = ["2023Q3", "2023Q4", "2024Q1", "2024Q2"]
    for one in (judged[0], judged[3]):
        (a, b), *_ = one.record.directions
        totals = trade.sel(flow=f"{a}>{b}", quarter=months).mean("quarter").to_numpy()
        # The ledger's error is symmetric in logs, so the middle of the runs stays the middle.
        assert_allclose(one.quantiles[2], np.median(totals), rtol=0.1)
        assert one.quantiles[0] < np.quantile(totals, 0.05)
        assert one.quantiles[-1] > np.quantile(totals, 0.95)


def test_doubtful_years_and_other_books_judge_nothing(inputs):
    (finding,) = inputs.findings
    world = inputs.world
    for spoiled in (
        kept(world, doubtful=True),
        kept(world, ledger="kazakhstan"),
        kept(world, basis="statement"),
        replace(world, held=frozenset()),
    ):
        assert not since_base(replace(inputs, world=spoiled), finding)
        assert recorded_since(replace(inputs, world=spoiled), finding) is None


def test_what_is_not_simulated_is_not_judged(made_up):
    asked = made_up.scenario(
        {},
        horizon={"start": "2024Q1", "end": "2025Q3"},
        targets={"any": {"pair": ["PAK", "KAZ"], "trade_musd": 1000, "deadline": "2025Q2"}},
    )
    datasets = made_up.results(asked)
    inputs = ReportInputs(asked, made_up.world(), datasets, made_up.found(asked, datasets))
    judged = since_base(inputs, inputs.findings[0])
    assert {one.period for one in judged} == {"year to 2025-06"}


def test_the_figure_has_its_data(inputs):
    (finding,) = inputs.findings
    with house_style():
        drawing = recorded_since(inputs, finding)
    recorded = [row for row in drawing.rows if row[0] == "recorded"]
    assert recorded[0][1:4] == ("PAK>KAZ", "2023-07-01", "2024-06-30")
    assert_allclose([row[4] for row in recorded], [trade for *_, trade in RECORDED], atol=0.001)
    assert len(drawing.rows) == 6 * len(recorded)
    assert "year to 2024-06" in drawing.alt


@pytest.mark.parametrize(
    ("start", "end", "words", "years"),
    [
        ("2023-01-01", "2023-12-31", "2023", 1.0),
        ("2023-03-01", "2024-02-29", "year to 2024-02", 1.0),
        ("2025-07-01", "2025-10-31", "4 months to 2025-10", 1 / 3),
        ("2025-07-01", "2025-07-31", "1 month to 2025-07", 1 / 12),
        ("2022-03-21", "2023-03-20", "year to 2023-03", 1.0),
        ("2025-01-01", "2025-01-15", "1 month to 2025-01", 15 / 365.25),
    ],
)
def test_periods_in_words_and_years(start, end, words, years):
    days = date.fromisoformat(start), date.fromisoformat(end)
    assert period_of(*days) == words
    assert_allclose(years_of(*days), years)


def test_exports_of_the_years_since_lie_inside_the_90_per_cent_band(simulated):
    """Nothing was tuned to them: no closure of a later date is told to these runs either."""
    judged = since_base(simulated, simulated.findings[0])
    assert told(judged) == RECORDED
    for one in judged[:3]:
        assert one.is_inside, one
        # And not because the band holds everything: ten times as much or as little lies outside.
        assert one.record.span.trade_musd < 10 * one.quantiles[0]
        assert one.quantiles[-1] < 10 * one.record.span.trade_musd


def test_the_lump_of_imports_lies_outside_and_the_report_says_why(simulated):
    """129.6 million in the year to June 2025, 72.4 of it in two months, 0.7 the year before."""
    (finding,) = simulated.findings
    judged = since_base(simulated, finding)
    assert not judged[4].is_inside
    words = in_words(judged, finding)
    assert "Pakistan to Kazakhstan: 3 of 3 records inside the 90 % band" in words
    assert (
        "yearly rates from 0.58 to 435 million USD: lumps, which no simulation foresees." in words
    )
