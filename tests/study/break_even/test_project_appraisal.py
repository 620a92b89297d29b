"""Project appraisal: closed forms, and order against what was built and what was not."""

from dataclasses import replace

import numpy as np
import pytest

from sim.laws.methods.annuity import annual_charge
from sim.scenario.blocks.projects import LinePlan
from sim.scenario.blocks.quarters import Quarter
from sim.study.break_even.project_appraisal import LIVES, RETURNS, appraisal, appraisals
from sim.world.investments import Investment
from sim.world.load import load_world


def figure(cost, capacity=None, unit="", **other):
    given = {
        "investment": "x", "title": "Line", "project": "tunnel", "date": "2025",
        "status": "estimate", "note": "", "source": "s", "flag": "seen",
    } | other  # fmt: skip
    return Investment(cost_musd=cost, capacity=capacity, unit=unit, **given)


@pytest.fixture(scope="module")
def recorded():
    """Appraisals of what is on record, by title, without any scenario."""
    by_title: dict[str, list[Investment]] = {}
    for one in load_world().investments:
        by_title.setdefault(one.title.partition(" (")[0], []).append(one)
    return {title: appraisal(figures, None) for title, figures in by_title.items()}


def test_the_need_is_the_annuity_over_costs_returns_and_lives():
    found = appraisal([figure(600.0, 5.0, "Mt"), figure(500.0)], 200.0)
    expected = annual_charge([500.0, 500.0, 600.0], np.array(RETURNS), np.array(LIVES))
    assert found.needs_musd == pytest.approx(expected)
    assert found.charge == pytest.approx(expected / 5.0)
    assert found.cargo_mt == pytest.approx(expected / 10.0)  # 200 USD for 20 t
    assert replace_saving(found, 0.0).cargo_mt is None
    assert replace_saving(found, None).cargo_mt is None


def replace_saving(found, saves):
    return found._replace(saves_usd=saves)


def test_what_was_built_asks_least_of_its_cargo_and_what_finds_no_investor_most(recorded):
    """Hairatan runs, works on the Chinese line go on, the trans-Afghan one missed three starts."""
    built, works, none = (
        recorded[title]
        for title in (
            "Railway Hairatan-Mazar-i-Sharif",
            "China-Kyrgyzstan-Uzbekistan railway",
            "Trans-Afghan railway",
        )
    )
    assert (built.status, works.status, none.status) == (
        "built", "under-construction", "estimate",
    )  # fmt: skip
    first = none.needs_musd / 3.0  # what it carries at first, on record
    assert (built.charge < works.charge).all()
    assert (works.charge < first).all()
    assert built.charge[2] < 10.0
    assert first[1] > 90.0


def test_the_line_of_power_needs_less_than_its_agreed_price_leaves(recorded):
    """Of 9.35 cents a kWh 1.25 are for transit; Tajik power sold next door fetched about 2."""
    charge = recorded["CASA-1000 power line"].charge
    assert charge[0] == pytest.approx(2.28, abs=0.02)
    assert charge[2] < 9.35 - 1.25 - 2.0


def test_a_line_saves_what_it_takes_off_the_cheapest_open_route(tiny_scenario, tiny_world):
    world = replace(tiny_world, investments=(figure(500.0, 6.0, "Mt"),))
    plan = {"tunnel": LinePlan(completes=Quarter.parse("2026Q1"))}
    asked = tiny_scenario.model_copy(update={"projects": plan})
    (found,) = appraisals(asked, world)
    assert found.saves_usd is not None
    assert found.saves_usd >= 0.0
    assert appraisals(tiny_scenario, world) == ()
