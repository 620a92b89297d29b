"""A comparison answers what its scenarios ask about, before trade."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from sim.report.page.style import house_style
from sim.report.studies import compare_page as page
from sim.report.summary.asked_bars import asked_bars
from sim.study.compare import Difference
from sim.study.jobs.asked_columns import AskedMeasure, spread_of_values

NAN = float("nan")
SCENARIO = SimpleNamespace(
    asks="energy",
    deficits="universal",
    agreements={},
    energy=SimpleNamespace(force_majeure=()),
    targets={"goal": SimpleNamespace(pair=("AAA", "BBB"))},
)
TRADE = np.array([[[60.0, 40.0], [10.0, 10.0]]])
WORLD = SimpleNamespace(
    trade=TRADE,
    tariffs=SimpleNamespace(applied_rate=np.zeros_like(TRADE)),
    region_names=("Aland", "Beland"),
    region_index=("AAA", "BBB").index,
    energy=SimpleNamespace(
        carriers=("oil", "gas"), carrier_names=("Oil", "Natural gas"), units=("t", "bcm")
    ),
)


def difference(
    measure: str, of: str, before: float, after: float, error: float = 0.001
) -> Difference:
    apart = after - before
    return Difference(
        "stop", "base", measure=measure, of=of, year=None, unit="1", before=before,
        before_interval=(NAN, NAN), after=after, after_interval=(NAN, NAN),
        quantiles=(0.5 * apart, 0.8 * apart, apart, 1.1 * apart, 1.4 * apart), mean=apart,
        mean_interval=(apart - error, apart + error), n_pairs=8,
    )  # fmt: skip


def plan(asks: str):
    scenario = SimpleNamespace(**{**vars(SCENARIO), "asks": asks})
    scenario.model_copy = lambda update: scenario
    case = SimpleNamespace(scenario=scenario, label="stop")
    return SimpleNamespace(n_cases=1, case=lambda _: case, base=scenario, world_of=lambda _: WORLD)


FOUND = [
    difference("unserved_share", "oil@AAA", 0.01, 0.012),
    difference("unserved_share", "gas@BBB", 0.03, 0.10),
    difference("unserved", "gas@BBB", 1.2, 4.1),
    difference("price_rise", "gas@BBB", 0.0, 0.42),
    difference("welfare_change", "AAA", 1.0, 1.02),
    difference("welfare_change", "BBB", 1.0, 1.5),
    difference("tariff_revenue", "AAA", 100.0, 130.0),
]


def test_of_energy_the_largest_shortage_is_told():
    (text,) = page._asked_answers(plan("energy"), FOUND)
    assert text == (
        "stop against base, in the median simulation: 10 % instead of 3 % of Beland's natural gas "
        "demand goes unserved in the worst year; the difference is +7.0 points (5–95 %: +3.5 to "
        "+9.8). Beside it: volume unserved 4.1 bcm instead of 1.2 bcm and price over its reference "
        "42 % instead of 0 %."
    )
    close = [difference("unserved_share", "gas@BBB", 0.03, 0.031, error=0.02)]
    (text,) = page._asked_answers(plan("energy"), close)
    assert text.endswith("; no measurable difference: on average +0.10, error −1.9 to +2.1 points.")


def test_of_income_and_revenue_those_at_home_are_told():
    (income,) = page._asked_answers(plan("income"), FOUND)
    assert "real income of Aland differs by +2.0 million USD (5–95 %: +1.0 to +2.8)." in income
    assert "Since the base year it changes by +2 million USD instead of 0 million USD." in income
    (revenue,) = page._asked_answers(plan("revenue"), FOUND)
    assert "Aland collects 130 million USD instead of 100 million USD in duties" in revenue


def test_of_trade_nothing_is_told_twice():
    assert list(page._asked_answers(plan("trade"), FOUND)) == []


def test_a_year_before_the_one_asked_that_differs_much_more_is_told():
    """A border shut until the year before the target's costs nothing in the year of the target."""
    asked = difference("trade_musd", "goal", 150.0, 149.9)
    years = [
        replace(asked, year=2029, quantiles=(-102.0, -50.0, -30.0, -10.0, -6.0)),
        replace(asked, year=2030),
        replace(asked, year=2031, quantiles=(-400.0, -300.0, -200.0, -100.0, -50.0)),
        replace(asked, of="other", year=2028, quantiles=(-900.0, -800.0, -700.0, -600.0, -500.0)),
    ]
    said = page._most_in(asked, [asked, *years])
    assert said == ("It is largest in 2029: −30 million USD in the median (5–95 %: −100 to −6.0). ")
    assert page._most_in(asked, [asked, *years[1:2]]) == ""


def test_a_difference_of_trade_that_is_none_says_so():
    assert page._apart(-1e-6, 1e-9, 1e-5) == "no future differs by more than 1,000 USD"
    assert page._apart(9.0, 38.0, 100.0) == (
        "the difference within a future is +38 million USD in the median (5–95 %: +9.0 to +100)"
    )


def of_year(year, middle):
    quantiles = (middle - 1.0, middle - 0.5, middle, middle + 0.5, middle + 1.0)
    return replace(difference("trade_musd", "goal", 100.0, 100.0 + middle), year=year,
                   quantiles=quantiles)  # fmt: skip


def test_income_of_the_table_is_money_and_trade_of_the_year_asked_stands_once():
    target = SimpleNamespace(pair=("AAA", "BBB"), deadline="2030Q4")
    scenario = SimpleNamespace(**{**vars(SCENARIO), "targets": {"goal": target}})
    world = SimpleNamespace(**{**vars(WORLD), "regions": ("AAA", "BBB")})
    asking = SimpleNamespace(base=scenario, world_of=lambda _: world)
    found = [of_year(None, 5.0), of_year(2030, 5.0), FOUND[4], FOUND[0]]
    rows = [*page._rows(asking, found)]
    assert [row[2:6] for row in rows] == [
        ("trade_musd", "goal", "2030", "1"),
        ("income_change_musd", "AAA", "2030", "million USD/yr"),
        ("unserved_share", "oil@AAA", "", "1"),
    ]
    assert rows[1][6] == 0.0
    assert rows[1][9] == pytest.approx(2.0)  # of 100 million USD of sales, 2 %


def test_columns_of_energy_hold_the_worst_year_of_each_run(monkeypatch):
    from sim.study.conditioning.pairing import Window
    from sim.study.jobs import rows
    from sim.study.jobs.case_columns import TargetYears

    unserved = np.zeros((2, 8, 1, 1))
    unserved[0, 4:] = 1.0
    unserved[1, :4] = 3.0
    used = np.full_like(unserved, 9.0)
    price = np.where(unserved > 0, 12.0, 10.0)
    values = {
        "unserved": unserved, "energy_used": used, "energy_price": price,
        "energy_path_price": np.full_like(price, 10.0),
    }  # fmt: skip
    monkeypatch.setattr(rows, "years_of", lambda *_: TargetYears(Window(0, 2), 1, (2026, 2027)))
    model = SimpleNamespace(scenario=SimpleNamespace(targets={"goal": None}))
    found = rows._of_energy(model, values, {"carrier": ["gas"], "party": ["AAA"]})
    assert found["unserved_share|gas@AAA"].tolist() == [0.1, 0.25]
    assert found["unserved|gas@AAA"].tolist() == [1.0, 3.0]
    assert np.allclose(found["price_rise|gas@AAA"], 0.2)
    assert rows._of_energy(model, {}, {}) == {}


def test_the_figure_of_what_is_asked_has_a_bar_for_each_scenario(for_phones):
    share = AskedMeasure("energy", "unserved_share", "", "Beland's gas", "1")
    spread = spread_of_values(np.linspace(0.0, 0.2, 9))
    with house_style():
        drawing = asked_bars(share, {"base": spread, "stop": spread}, {"stop": 0.083}, "stamp")
        texts = [text.get_text() for text in drawing.figure.axes[0].texts]
        plain = [text.get_text() for text in drawing.narrow.axes[0].texts]
    assert texts == plain == ["10", "10 (+8.3)"]
    assert drawing.title == "Part of Beland's gas demand unserved in the worst year"
    assert "stop 10 % (1.0 to 19)" in drawing.alt
    assert [row[0] for row in drawing.rows] == ["base", "stop"]
    assert drawing.rows[0][3] == pytest.approx(0.1)
