"""The answer follows the question: shortages, incomes and revenue by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from sim.study.ensemble.asked_answer import answer_asked, measure_asked, missing_share, table_asked

QUARTERS = [f"{year}Q{q}" for year in (2026, 2027) for q in (1, 2, 3, 4)]
FINDING = SimpleNamespace(pair=("AAA", "BBB"), pair_names=("Aland", "Beland"), by="2027Q4", at=1,
                          years=np.array([2026, 2027]))  # fmt: skip
TRADE = np.array([[[60.0, 20.0], [10.0, 10.0]]])
"""Aland sells 80 million USD of its one good, and takes no duty on it."""
WORLD = SimpleNamespace(
    trade=TRADE,
    tariffs=SimpleNamespace(applied_rate=np.zeros_like(TRADE)),
    energy=SimpleNamespace(units=("Mt", "bcm"), carrier_names=("Oil", "Gas")),
)


def scenario(asks=None, *, fails=(), agreements=()):
    return SimpleNamespace(
        asks=asks,
        deficits="universal",
        agreements=agreements,
        energy=SimpleNamespace(force_majeure=fails),
    )


@pytest.fixture
def results() -> xr.Dataset:
    """Three runs in which Beland lacks gas in 2027 alone, more in each run."""
    shape = (3, len(QUARTERS), 2, 2)
    unserved = np.zeros(shape)
    unserved[:, 4:, 1, 1] = np.array([1.0, 2.0, 3.0])[:, None]
    by_carrier = ("run", "quarter", "carrier", "party")
    by_region = ("run", "quarter", "region")
    income = np.ones((3, len(QUARTERS), 2))
    income[:, 4:, 0] = np.array([1.01, 1.02, 1.03])[:, None]
    return xr.Dataset(
        {
            "unserved": (by_carrier, unserved),
            "energy_used": (by_carrier, 20.0 - unserved),
            "energy_price": (by_carrier, np.where(unserved > 0, 150.0, 100.0)),
            "energy_path_price": (by_carrier, np.full(shape, 100.0)),
            "welfare_change": (by_region, income),
            "tariff_revenue": (by_region, 1000.0 * income),
        },
        coords={"quarter": QUARTERS, "region": ["AAA", "BBB"], "party": ["AAA", "BBB"]},
    )


def test_the_measure_is_the_scenario_s_own_or_what_it_changes():
    assert measure_asked(scenario()) == "trade"
    assert measure_asked(scenario(fails=("one",))) == "energy"
    assert measure_asked(scenario(fails=("one",), agreements=("pta",))) == "trade"
    assert measure_asked(scenario("revenue", fails=("one",))) == "revenue"


def test_a_question_about_trade_has_no_answer_of_its_own(results):
    assert answer_asked(scenario(), WORLD, results, None, FINDING) == ""


def test_a_shortage_is_told_with_its_place_year_share_and_price(results):
    text = answer_asked(scenario("energy"), WORLD, results, None, FINDING)
    assert text == (
        "Beland goes without 2 bcm of gas in 2027 (5–95 %: 1.1 to 2.9), 10 % of its demand, and "
        "pays 50 % more than the reference price."
    )
    assert len(text.split()) <= 30


def test_the_table_has_what_was_asked_by_year(results):
    table = table_asked(scenario("energy"), WORLD, results, None, FINDING)
    assert table.title == "Beland's gas unserved, bcm a year"
    assert table.columns[:4] == ("year to", "5 %", "median", "95 %")
    assert table.rows == (
        ("2026Q4", "0", "0", "0", "0 %", "0 %"),
        ("2027Q4", "1.1", "2", "2.9", "10 %", "50 %"),
    )
    assert table_asked(scenario(), WORLD, results, None, FINDING) is None
    before = results.assign(tariff_revenue=0.0 * results["tariff_revenue"] + 1000.0)
    revenue = table_asked(scenario("revenue"), WORLD, results, before, FINDING)
    assert revenue.title == (
        "Customs revenue of Aland and what the agreements add, million USD a year"
    )
    assert revenue.rows[1] == ("2027Q4", "+11", "+20", "+29", "1,020")
    income = table_asked(scenario("income"), WORLD, results, None, FINDING)
    assert income.rows[1][2] == "+1.6"


def test_no_shortage_is_told_as_such(results):
    full = results.assign(unserved=0.0 * results["unserved"])
    text = answer_asked(scenario("energy"), WORLD, full, None, FINDING)
    assert text == "No shortage of energy in Aland and Beland in the median simulation."


def test_income_and_revenue_are_those_of_the_first_state(results):
    before = results.assign(
        welfare_change=0.0 * results["welfare_change"] + 1.0,
        tariff_revenue=0.0 * results["tariff_revenue"] + 1000.0,
    )
    income = answer_asked(scenario("income"), WORLD, results, before, FINDING)
    assert income == (
        "Real income of Aland in 2027 changes by +1.6 million USD by the agreements (5–95 %: +0.88 "
        "to +2.3)."
    )
    same = answer_asked(scenario("income"), WORLD, results, results, FINDING)
    assert same.startswith(
        "The agreements do not change real income of Aland in 2027: they are not"
    )
    hardly = results.assign(welfare_change=results["welfare_change"] * (1.0 + 1e-9))
    little = answer_asked(scenario("income"), WORLD, results, hardly, FINDING)
    assert little.endswith("by less than 1,000 USD.")
    revenue = answer_asked(scenario("revenue"), WORLD, results, before, FINDING)
    assert revenue == (
        "Customs revenue of Aland in 2027 is 1 billion USD, +20 million USD of it by the "
        "agreements (5–95 %: +11 to +29)."
    )


def test_the_missing_part_is_of_what_is_wanted():
    shares = missing_share(np.array([0.0, 1.0, 3.0, 0.0]), np.array([5.0, 4.0, 1.0, 0.0]))
    assert shares.tolist() == pytest.approx([0.0, 0.2, 0.75, 0.0])
