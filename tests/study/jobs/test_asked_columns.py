"""Measures of questions that are not about trade: whose, in which unit, told from none or not."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim.study.explain import attributions, explain_plan, levers_of
from sim.study.jobs.asked_columns import (
    Spread,
    candidate_measures,
    leading_measures,
    paired_difference,
    spread_of_values,
    spreads_of,
)
from sim.study.jobs.cases import finished_runs
from sim.study.jobs.plan import case_rows
from sim.study.sweep import summaries, sweep_plan

WORLD = SimpleNamespace(
    region_names=("Aland", "Beland"),
    region_index=("AAA", "BBB").index,
    energy=SimpleNamespace(
        carriers=("oil", "gas"), carrier_names=("Oil", "Natural gas"), units=("t", "bcm")
    ),
)
COLUMNS = ("unserved_share", "unserved", "price_rise")


@pytest.fixture
def energy(tiny_scenario):
    return candidate_measures(tiny_scenario.model_copy(update={"asks": "energy"}), WORLD)


def rows_of(shares):
    n_runs = len(next(iter(shares.values())))
    rows = {f"{m}|{c}@{r}": np.zeros(n_runs) for m in COLUMNS for c in ("oil", "gas")
            for r in ("AAA", "BBB")}  # fmt: skip
    return rows | {f"unserved_share|{of}": np.array(each) for of, each in shares.items()}


def test_trade_is_no_measure_of_its_own(tiny_scenario, tiny_world):
    assert candidate_measures(tiny_scenario, tiny_world) == ()


def test_energy_is_told_where_most_is_missing_in_any_case(energy):
    every = np.ones(3, dtype=bool)
    cases = [
        spreads_of(energy, rows_of({"oil@AAA": [0.1, 0.1, 0.1]}), every),
        spreads_of(energy, rows_of({"gas@BBB": [0.0, 0.2, 0.9]}), every),
    ]
    lead, volume, price = leading_measures(energy, cases)
    assert (lead.column, lead.unit) == ("unserved_share|gas@BBB", "1")
    assert (volume.column, volume.unit) == ("unserved|gas@BBB", "bcm/yr")
    assert price.place == "Beland's natural gas"
    assert lead.wants == -1
    # What is not known of every run is told nowhere.
    unknown = spreads_of(energy, rows_of({"gas@BBB": [np.nan, 0.2, 0.9]}), every)
    assert lead.column not in unknown
    assert leading_measures(energy, []) == ()


def test_a_difference_that_the_runs_do_not_tell_from_none_says_so():
    before = np.arange(8.0)
    assert paired_difference(before, before).is_none
    assert paired_difference(before * (1 + 1e-12), before).is_none
    shifted = paired_difference(before + 1.0, before)
    assert shifted.is_measurable  # however far the runs lie apart
    assert shifted.quantiles == (1.0,) * 5
    luck = paired_difference(before[::-1], before)
    assert not luck.is_none
    assert not luck.is_measurable


@pytest.mark.parametrize("asks", ["income", "revenue"])
def test_a_sweep_tells_every_point_in_the_measure_asked(
    asks, tiny_scenario, tiny_names, tiny_world, world_of, carried_out
):
    scenario = tiny_scenario.model_copy(update={"asks": asks})
    points = [{"agreements.treaty.concessions.*.cut": cut} for cut in (0.0, 1.0)]
    plan = sweep_plan(scenario, points, 4, world_of, tiny_names)
    store = carried_out(plan)
    none, whole = summaries(plan, store)
    (measure,) = leading_measures(
        candidate_measures(scenario, tiny_world), [none.asked, whole.asked]
    )
    assert (measure.place, measure.unit) == ("Orea", "million USD/yr")
    rows = [case_rows(plan, store, case) for case in (0, 1)]
    values = [measure.values(each, finished_runs(each)) for each in rows]
    assert whole.asked[measure.column] == spread_of_values(values[1])
    column = {"income": "welfare_change|AAA", "revenue": "tariff_revenue|AAA"}[asks]
    raw = np.asarray(rows[1][column])
    if asks == "revenue":
        assert values[1] == pytest.approx(raw)
    else:  # a relative change of the income of goods, in money
        assert np.all((values[1] > 0) == (raw > 1.0))
        assert np.corrcoef(values[1], raw)[0, 1] == pytest.approx(1.0)


def test_parts_in_the_measure_asked_sum_to_what_all_levers_change(
    asked, tiny_world, tiny_names, world_of, carried_out
):
    scenario = asked("asks: income\nlevers: [agreements.treaty, closures]\nclosures:\n  pass:\n"
                     "    - {from: 2025-01-01, until: 2028-12-31}\n")  # fmt: skip
    levers = levers_of(scenario)
    plan = explain_plan(scenario, levers, 6, world_of, tiny_names)
    store = carried_out(plan)
    found = attributions(plan, levers, store)
    assert [a.measure for a in found] == ["income_change_musd", "trade_musd", "reached_share"]
    income = found[0]
    assert income.unit == "million USD/yr"
    assert income.parts.sum() == pytest.approx(income.with_all - income.without, abs=1e-9)
    ends = [case_rows(plan, store, case) for case in plan.ends]
    means = [np.mean(income.asked.values(rows, finished_runs(rows))) for rows in ends]
    assert [income.without, income.with_all] == pytest.approx(means)
    # As sure as the mean of what each run gains, however far the runs lie apart.
    gained = [income.asked.values(rows, finished_runs(rows)) for rows in ends]
    _, low, high = paired_difference(gained[1], gained[0]).mean
    assert income.total_interval == pytest.approx((low, high), rel=1e-6)


def test_spreads_hold_the_interval_of_a_median():
    assert isinstance(found := spread_of_values(np.arange(11.0)), Spread)
    assert found.median == (5.0, 2.0, 8.0)
