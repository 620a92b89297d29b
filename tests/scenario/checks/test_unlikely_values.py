"""What is allowed and hardly meant is told at its place, and its neighbour is not."""

import numpy as np
import pytest

from sim.laws.diplomacy.effort import attention_effects
from sim.scenario.checks.unlikely_values import REPEATED
from sim.scenario.scenario_file import check_scenario
from sim.simulation.diplomacy.observations import AttentionByState
from sim.world.names import world_names

BLOCKS = {
    "early line": (
        "projects: {{uap: {{complete: {}}}}}\n",
        ("2028Q4", "2029Q1"),
        "on record uap opens in 2029 at the earliest",
    ),
    "goal by per cent": (
        "reach: {{goal: {}, levers: {{agreements.pta: {{cost_musd: 1}}}}}}\nasks: energy\n",
        ("5", "0.05"),
        "wanted a part of it, such as 0.05; is this per cent?",
    ),
    "goal of trade": (
        "reach: {{goal: 0.05, levers: {{agreements.pta: {{cost_musd: 1}}}}}}\nasks: {}\n",
        ("trade", "income"),
        "reach.goal is for a question about energy, income or revenue",
    ),
    "raised by per cent": (
        "duties: {{war: {{importer: UZB, goods: all, from: 2026Q1, add_rate: {}}}}}\n",
        ("2.5", "0.9"),
        "a duty of 250 %; is this per cent? write 0.025",
    ),
    "set to per cent": (
        "duties: {{war: {{importer: UZB, goods: all, from: 2026Q1, to_rate: {}}}}}\n",
        ("4", "1"),
        "a duty of 400 %; is this per cent? write 0.04",
    ),
    "far years": (
        "horizon: {{start: 2022Q4, end: {}}}\n",
        ("2041Q1", "2040Q4"),
        "horizon.end is 2041Q1; growth is in the tables to 2040; each region goes on as in 2040",
    ),
    "equal visits": (
        "diplomacy: {{visits: [{{sending_state: PAK, host_state: UZB, when: 2026Q1}}, "
        "{{when: 2026Q1, sending_state: PAK, host_state: {}}}]}}\n",
        ("UZB", "IRN"),
        "diplomacy.visits.2 is the same as number 1",
    ),
}


@pytest.mark.parametrize("kind", BLOCKS)
def test_what_is_hardly_meant_is_told_and_its_neighbour_is_not(check, valid_text, kind):
    block, (odd, plain), said = BLOCKS[kind]
    lines = valid_text.splitlines(keepends=True)
    where = next(k for k, line in enumerate(lines) if line.startswith("closures:"))
    for key, n in (("projects:", 3), ("horizon:", 1)):
        if block.startswith(key):
            start = next(k for k, line in enumerate(lines) if line.startswith(key))
            lines[start : start + n] = []
            where -= n * (start < where)
    found = {}
    for value in (odd, plain):
        text = [*lines[:where], block.format(value), *lines[where:]]
        checked = check("".join(text))
        assert not checked.problems, checked.problems
        found[value] = [w for w in checked.warnings if said in f"{w.message}; {w.wanted}"]
    assert len(found[odd]) == 1
    assert found[odd][0].line == where + 1
    assert found[plain] == []


def test_energy_given_away_or_finished_too_early_is_told(project_root, tmp_path):
    names = world_names()
    project, year = names.earliest_energy_years[0]
    route = next(route for route in names.energy_arc_ends if route.needs_deal)
    base = (project_root / "scenarios" / "baseline.yaml").read_text(encoding="utf-8")
    told = []
    for discount, quarter in ((1, f"{year - 1}Q4"), (0.99, f"{year}Q1")):
        file = tmp_path / "asked.yaml"
        deal = f"exporter: {route.exporter}, importer: {route.importer}, carrier: {route.carrier}"
        deal += f", arc: {route.name}, volume: 0.1, from: 2027Q1, discount: {discount}"
        block = f"energy:\n  projects: {{{project}: {{completes: {quarter}}}}}\n"
        file.write_text(f"{base}\n{block}  deals: {{gift: {{{deal}}}}}\n", encoding="utf-8")
        checked = check_scenario(file, names)
        assert not checked.problems, checked.problems
        told.append({w.message.split(";")[0].split(" is ")[0] for w in checked.warnings})
    odd = {f"energy.projects.{project}.completes", "energy.deals.gift.discount"}
    assert odd <= told[0]
    assert not odd & told[1]


@pytest.mark.parametrize("block", REPEATED)
def test_what_is_told_of_an_act_that_stands_twice_is_what_the_law_does(block):
    def effect(times):
        if block == "outside_attention":
            ones = np.ones(times, dtype=np.int64)
            return AttentionByState(0 * ones, 9 * ones, np.full((times, 2), 0.3)).at(5).max()
        kind = ("visits", "consulates", "missions").index(block)
        return attention_effects(
            5,
            np.full(times, 4),
            np.full(times, kind),
            np.zeros(times, dtype=np.int64),
            1,
            size=np.full((1, 3), 0.1),
            fade_years=np.array([2.0]),
        ).max()

    assert effect(1) > 0
    assert effect(2) == pytest.approx((2 if "both count" in REPEATED[block] else 1) * effect(1))


@pytest.mark.parametrize(
    ("once", "twice", "where"),
    [
        ("members: [PAK, AFG, UZB, KAZ]", "members: [PAK, AFG, UZB, KAZ, AFG]", "members"),
        ("partners: [KAZ]", "partners: [KAZ, KAZ]", "concessions.1.partners"),
        ("goods: [food, metals]", "goods: [food, metals, food]", "concessions.1.goods"),
        ("    fee_cut: 0.5", "    fee_cut: 0.5\n    may_join: [IRN, IRN]", "may_join"),
    ],
)
def test_a_name_that_stands_twice_in_a_list_counts_once(check, valid_text, once, twice, where):
    assert once in valid_text
    found = check(valid_text.replace(once, twice, 1))
    assert not found.problems
    (told,) = [w for w in found.warnings if "counts once" in w.wanted]
    assert where in told.message
    if where != "may_join":
        assert found.scenario == check(valid_text).scenario


def test_two_prices_of_one_year_are_refused_and_the_same_one_twice_is_not(project_root, tmp_path):
    file, names = tmp_path / "asked.yaml", world_names()
    text = (project_root / "tests/worlds/every-energy-list.yaml").read_text(encoding="utf-8")
    point = "    - {carrier: crude, year: 2026, price_usd_per_unit: 700}\n"
    for again, n_problems in ((point, 0), (point.replace("700", "600"), 1)):
        file.write_text(text.replace(point, point + again), encoding="utf-8")
        found = check_scenario(file, names)
        assert len(found.problems) == n_problems
        if n_problems:
            assert "energy.prices.2 gives crude another price in 2026" in found.problems[0].message


@pytest.mark.parametrize(
    ("plain", "slip", "said"),
    [
        ("signed: 2026Q4", "signed: 1926Q4", "signed is 1926Q4, 96 years before the horizon"),
        ("from: 2025-10-11", "from: 1925-10-11", "from is 1925-10-11, 97 years before"),
        ("ends: 2034Q4", "ends: 2199Q4", "ends is 2199Q4, 164 years after the horizon"),
        ("trade_musd: 1000", "trade_musd: 1e7", "1e+07 million USD, more than any two states"),
    ],
)
def test_a_slip_in_a_year_or_a_unit_is_told(check, valid_text, plain, slip, said):
    assert plain in valid_text
    found = check(valid_text.replace(plain, slip, 1))
    assert not found.problems
    assert [w for w in found.warnings if said in w.message]
    assert not check(valid_text).warnings


def test_a_price_many_times_that_on_record_is_told(project_root, tmp_path):
    file, names = tmp_path / "asked.yaml", world_names()
    text = (project_root / "tests/worlds/every-energy-list.yaml").read_text(encoding="utf-8")
    for price, n in ((700, 0), (70_000, 1), (7, 1)):
        file.write_text(text.replace("unit: 700", f"unit: {price}"), encoding="utf-8")
        found = check_scenario(file, names)
        assert not found.problems
        assert len([w for w in found.warnings if "is the unit right?" in w.wanted]) == n
