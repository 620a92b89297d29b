"""Own figures are told with what they replace and who says so."""

from pathlib import Path

from sim.report.evidence.own_figure_changes import HEADING
from sim.report.evidence.scenario_changes import changes_of
from sim.report.evidence.sources import sources_of
from sim.scenario.scenario_file import load_scenario
from sim.world.load import load_world
from sim.world.names import world_names

WORLDS = Path(__file__).parents[2] / "worlds"
OWN = """\
world:
  trade:
    - {exporter: AAA, importer: BBB, trade_musd: 650, source: customs of Orea}
    - {exporter: BBB, importer: AAA, trade_musd: 350, source: customs of Orea}
  gdp: [{region: AAA, gdp_musd: 25000, source: census}]
  growth: [{region: CCC, year: 2025, real_growth: 0.015, source: plan}]
  tariffs: [{importer: CCC, goods: all, tariff_rate: 0.3, source: gazette}]
"""


def test_every_figure_stands_beside_the_one_of_the_tables(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text((WORLDS / "tiny.yaml").read_text("utf-8") + OWN, encoding="utf-8")
    scenario = load_scenario(path, world_names(WORLDS / "tiny"))
    world = load_world(WORLDS / "tiny", ledger="bayland", own=scenario.own_figures)
    (change,) = [one for one in changes_of(scenario, world) if one.heading == HEADING]
    said = [point.replace("\u202f", " ").replace("\u00a0", " ") for point in change.points]
    assert said == [
        "Exports of Orea to Bayland in 2022: 650 million USD instead of 700 (customs of Orea).",
        "Exports of Bayland to Orea in 2022: 350 million USD instead of 300 (customs of Orea).",
        "GDP of Orea in 2022: 25,000 million USD instead of 20,000 (census).",
        "Growth of Crossing in 2025: 1.5 % instead of 2 % (plan).",
        "Customs duty of Crossing on all goods in 2022: 30 % instead of 10 % to 15 % (gazette).",
    ]
    cited = repr(sources_of(world, [("AAA", "BBB")]).blocks[0])
    assert all(source in cited for source in ("customs of Orea", "census", "plan", "gazette"))
    assert world.has_own_flow("BBB", "AAA")
    assert not world.has_own_flow("AAA", "CCC")
