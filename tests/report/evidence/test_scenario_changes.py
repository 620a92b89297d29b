"""Everything that a scenario changes is told, and the world's names are used for it."""

from pathlib import Path

import pytest

from sim.report.evidence.assumptions import share_form_in_words
from sim.report.evidence.scenario_changes import changes_of, changes_section
from sim.scenario.blocks.quarters import Quarter
from sim.scenario.blocks.scenario import Scenario, UncertainInput
from sim.scenario.scenario_file import load_scenario
from sim.world.load import load_world
from sim.world.names import world_names

SCENARIOS = Path(__file__).resolve().parents[3] / "scenarios"
CHANGES = (
    "agreements", "duties", "ends", "trade_costs", "closures", "bans", "recorded_stops",
    "open_all_year", "projects", "energy", "diplomacy", "reforms", "world",
)  # fmt: skip
"""Blocks that change the world of a scenario."""
RULES = {
    "as_of", "asks",
    "version", "title", "question", "horizon", "runs", "seed", "baseline", "targets", "behaviour",
    "uncertainty", "uncertainty_sources", "adjustment", "model_closure", "deficits", "levers",
    "sweep", "reach",
}  # fmt: skip
"""What is asked and how it is computed: told in other places."""


@pytest.fixture(scope="module")
def world():
    return load_world()


def told(name: str, world) -> dict[str, tuple[str, ...]]:
    scenario = load_scenario(SCENARIOS / f"{name}.yaml", world_names())
    return {change.heading: change.points for change in changes_of(scenario, world)}


def test_every_block_of_a_scenario_is_a_change_or_a_rule():
    assert set(Scenario.model_fields) == RULES | set(CHANGES)


def test_deals_of_energy_are_told_with_volume_unit_and_terms(world):
    crude, *_, to_sea = told("energy-corridor", world)["Energy"]
    assert crude == (
        "crude: up to 2 Mt a year of crude oil from Kazakhstan to Pakistan from 2027Q3, 70\xa0% of "
        "it paid even if it is not taken, 3\xa0% below the buyer's market price."
    )
    assert to_sea.startswith("lpg-to-sea: up to 0.2 Mt a year of LPG")
    assert to_sea.endswith("from 2028Q1, through Gwadar, once it pays.")


def test_duties_that_change_and_agreements_that_end_are_told(world):
    war = told("tariff-war", world)
    opening, answer = war["Duties that change"]
    assert opening == (
        "Iran adds 25 percentage points to its customs duty on all goods from Pakistan from 2026Q1 "
        "to 2027Q4, on top of every preferential rate."
    )
    assert "its additional duties on all goods from Iran from 2026Q3, on top" in answer
    assert war["Agreements that end"] == (
        "EU GSP+ and Everything but Arms ends for Pakistan after 2027Q4.",
    )


def test_lines_gates_visits_and_reforms_are_told(world):
    assert told("tapi", world)["Energy"][0].endswith("complete in 2030Q1.")
    assert told("trans-afghan-railway", world)["Lines to be built"][0].endswith("in 2031Q1.")
    asked = load_scenario(SCENARIOS / "baseline.yaml", world_names())
    lifted = asked.model_copy(update={"open_all_year": {"khunjerab": Quarter.parse("2026Q4")}})
    told_of = {change.heading: change.points for change in changes_of(lifted, world)}
    (open_all_year,) = told_of["Gates open all year"]
    assert open_all_year == "Khunjerab-Sost no longer shuts by season from 2026Q4 on."
    visits, memoranda, courting = told("diplomacy", world)["Diplomacy"]
    assert "Kazakhstan to Pakistan in 2026Q1; Pakistan to Kazakhstan in 2027Q4" in visits
    assert "35 memoranda" in memoranda
    assert "is 9 to 82\xa0% (uniform), each adding 0.5\xa0% to trade" in memoranda
    assert "European Union courts Kazakhstan from 2027Q1 on" in courting
    single_window, *_, budget = told("reforms", world)["Reforms"]
    assert "Pakistan cuts the hours at its border by 20\xa0%" in single_window
    assert "60 million USD a year" in budget
    transit = next(p for h, p in told("port-competition", world).items() if h.startswith("transit"))
    assert any("TIR" in point for point in transit)
    assert any("25\xa0% more lanes" in point for point in transit)


@pytest.mark.parametrize("name", sorted(path.stem for path in SCENARIOS.glob("*.yaml")))
def test_all_that_ships_is_told_without_codes(world, name):
    for heading, points in told(name, world).items():
        assert points, heading
        for point in points:
            assert point.endswith("."), point
            assert not set(point.replace(":", " ").replace(",", " ").split()) & set(world.regions)


def test_a_dated_line_stands_beside_the_official_dates_that_were_kept(world):
    (told_of,) = [
        points for heading, points in told("trans-afghan-railway", world).items()
        if any("Trans-Afghan" in point for point in points)
    ]  # fmt: skip
    ends = [one.outcome for one in world.official.targets if one.measure == "works"]
    kept, missed = ends.count("met"), ends.count("missed")
    assert missed > 0
    assert f"Of {kept + missed} official dates for works on record" in told_of[-1]
    assert f"known end, {kept} were kept" in told_of[-1]


def test_who_may_join_is_told_and_costs_as_shares_are_in_per_cent(made_up, world):
    open_pta = made_up.PREFERENTIAL | {"may_join": ["UZB", "TJK"]}
    size = {"uniform": [0.005, 0.02]}
    visas = {"pair": ["PAK", "KAZ"], "cost_share": size, "from": "2027Q3", "source": "assumption"}
    delay = {"pair": ["PAK", "KAZ"], "days": {"fixed": 2}, "from": "2027Q3", "source": "assumption"}
    costs = {"visas": visas, "delay": delay}
    asked = made_up.scenario({"pta": open_pta}, trade_costs=costs)
    pta, *others = changes_of(asked, world)
    joins = (
        "Uzbekistan and Tajikistan may join on the same terms once the agreement has worked a year."
    )
    assert joins in pta.points
    (told_of,) = [change.points for change in others if change.heading == "Costs of trading"]
    assert "as a share of the value, of 0.5 to 2\xa0% (uniform) on all goods" in told_of[0]
    assert "in days, of 2 on all goods" in told_of[1]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"triangular": (0.01, 0.02, 0.05)}, "1 to 5\xa0% (triangular, most likely 2\xa0%)"),
        ({"normal": (0.02, 0.01)}, "2\xa0% (normal, s.d. 1\xa0%)"),
        ({"lognormal": (0.02, 0.3)}, "2\xa0% (lognormal, log s.d. 0.3)"),
        ({"fixed": 0.03}, "3\xa0%"),
    ],
)
def test_shares_of_every_form_are_told_in_per_cent(given, said):
    assert share_form_in_words(UncertainInput.model_validate(given)) == said


def test_a_scenario_without_agreements_says_that_it_adds_none(made_up):
    inputs = made_up.inputs(made_up.scenario({}))
    assert changes_section(inputs).blocks[0].text == "The scenario adds no agreement of its own."
