"""Own figures in a world: what they change, what they leave, and how the difference is shown."""

import numpy as np
import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.world.csv_tables.reader import CheckedTable, Row, read_tables
from sim.world.csv_tables.schema import ALL
from sim.world.describe.differences import describe_differences, differences_of
from sim.world.load import load_world
from sim.world.own_figures import with_own_figures


def row(table: str, source: str = "a ministry", **cells: object):
    return table, tuple((key, str(value)) for key, value in cells.items()), source


FLOW = row("held_flows", exporter="AAA", importer="BBB", trade_musd=650, log_sd="")
GDP = row("gdp", region="AAA", year="", gdp_musd=25000)
DUTY = row("tariffs", importer="CCC", good="all", layer="", tariff_rate=0.3)


def abroad(world):
    n = len(world.regions)
    return world.trade.sum(axis=0) * (1 - np.eye(n)) + world.energy_trade


def test_a_flow_is_held_and_all_others_stay(tiny):
    before, after = (abroad(load_world(tiny, own=own)) for own in ((), (FLOW,)))
    assert after[0, 1] == pytest.approx(650)
    change = after - before
    change[0, 1] = 0.0
    assert np.abs(change).max() < 1e-6
    figure = load_world(tiny, own=(FLOW,)).own_figures[0]
    assert figure.before == pytest.approx(before[0, 1])
    assert (figure.after, figure.source) == (650, "a ministry")


def test_a_flow_may_be_nothing(tiny):
    none = row("held_flows", exporter="AAA", importer="BBB", trade_musd=0, log_sd="")
    assert load_world(tiny, own=(none,)).pair_musd("AAA", "BBB") == 0


def test_a_flow_counts_in_every_ledger(tiny):
    for ledger in ("bayland", "orea"):
        assert load_world(tiny, ledger=ledger, own=(FLOW,)).pair_musd(
            "AAA", "BBB"
        ) == pytest.approx(650)


def test_incomes_and_duties_replace_those_of_the_tables_and_nothing_else(tiny):
    before, after = load_world(tiny), load_world(tiny, own=(GDP, DUTY))
    assert after.gdp_musd.tolist() == [25000, *before.gdp_musd.tolist()[1:]]
    assert after.population_m.tolist() == before.population_m.tolist()
    c = before.region_index("CCC")
    duty = after.tariffs.mfn_rate_by_type["customs_duty"]
    assert duty[:, c].tolist() == [0.3, 0.3]
    others = [k for k in range(3) if k != c]
    assert np.array_equal(
        duty[:, others], before.tariffs.mfn_rate_by_type["customs_duty"][:, others]
    )
    assert [one.before for one in after.own_figures if one.table == "tariffs"] == [0.15, 0.1]


def test_the_hash_tells_figures_from_tables(tiny):
    before, after = load_world(tiny), load_world(tiny, own=(GDP,))
    assert after.tables_hash == before.tables_hash == before.content_hash
    other = load_world(tiny, own=(row("gdp", region="AAA", year="", gdp_musd=25001),))
    assert len({before.content_hash, after.content_hash, other.content_hash}) == 3
    assert load_world(tiny, own=()).content_hash == before.content_hash


def test_each_source_is_cited_once(tiny):
    world = load_world(tiny, own=(FLOW, GDP, row("gdp", "another", region="BBB", year="",
                                                 gdp_musd=1e5)))  # fmt: skip
    own = [s.title for s in world.sources.values() if s.source.startswith("own-")]
    assert own == ["a ministry", "another"]


def test_differences_are_those_that_were_made(tiny):
    tables = read_tables(tiny)
    changed, _ = with_own_figures(tables, (GDP, DUTY))
    assert {name for name in tables if differences_of(tables[name], changed[name])} == {
        "gdp", "tariffs", "sources",
    }  # fmt: skip
    (gdp,) = differences_of(tables["gdp"], changed["gdp"])
    assert (gdp.key, gdp.column, gdp.first, gdp.second) == (
        "AAA 2022",
        "gdp_musd",
        "20000",
        "25000",
    )
    assert [d.key for d in differences_of(tables["tariffs"], changed["tariffs"])] == [
        "CCC metals customs_duty", "CCC food customs_duty",
    ]  # fmt: skip
    assert describe_differences(tables, tables, ("a", "b")) == []


def test_an_own_flow_is_one_difference_and_numbers_are_shown_without_rounding_error(tiny):
    tables = read_tables(tiny)
    held = next(iter(tables["held_flows"]))
    own = Row(0, {**held.cells, "ledger": ALL, "trade_musd": "2229.944901000003"})
    tables["held_flows"] = CheckedTable("held_flows", (held,))
    changed = {**tables, "held_flows": CheckedTable("held_flows", (own,))}
    (found,) = differences_of(tables["held_flows"], changed["held_flows"])
    assert (found.key, found.column) == (f"{held.text('exporter')} {held.text('importer')}",
                                         "trade_musd")  # fmt: skip
    (_, table) = describe_differences(tables, changed, ("a", "b"))
    assert table.rows[0][2:4] == (held.text("trade_musd"), "2229.944901")


def test_the_command_compares_folders_and_scenarios(tiny, tmp_path):
    def call(*words):
        return CliRunner().invoke(app, ["world", *map(str, words)])

    same = call("--diff", tiny, tiny)
    assert same.exit_code == 0
    assert "have the same figures" in same.output
    wrong = call("--diff", tiny, "nowhere")
    assert wrong.exit_code == 2
    assert "a folder of world tables, a scenario file or the word packaged" in wrong.output
    text = (tiny.parent / "tiny.yaml").read_text(encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(
        f"{text}world: {{gdp: [{{region: AAA, gdp_musd: 25000, source: ours}}]}}\n",
        encoding="utf-8",
    )
    done = call("--world", tiny, "--diff", tiny, own)
    assert done.exit_code == 0, done.output
    assert "AAA 2022" in done.output
    assert "25000" in done.output
