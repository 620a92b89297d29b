"""Users' inputs that came out wrong, read in place, and siblings of them with our own values."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.scenario.scenario_file import check_scenario, load_scenario
from sim.simulation.model import TradeModel
from sim.world.load import load_world
from sim.world.names import world_names

TINY = Path(__file__).parent / "worlds" / "tiny"
runner = CliRunner()


def call(*arguments: object):
    return runner.invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def reports(cases: Path) -> Path:
    return cases / "reports"


# --- dated spells ---------------------------------------------------------------------------------

HEAD = """version: 1
title: A spell
question: Does trade of the two ends reach its target?
horizon: {start: 2022Q4, end: 2024Q4}
runs: 2
seed: 3
baseline: {ledger: bayland}
recorded_stops: false
targets: {goal: {pair: [AAA, BBB], trade_musd: 3000, deadline: 2024Q4}}
"""


def path_of(path: Path, names, world, **options) -> np.ndarray:
    """Trade of every quarter of two runs."""
    model = TradeModel(load_scenario(path, names, **options), world, runs=range(2))
    found = []
    while model.quarter < int(model.scenario.horizon.end):
        model.step()
        found.append(np.array(model.snapshot.trade))
    return np.array(found)


def test_overlapping_closures_are_their_union(reports, tiny_names, tiny_world):
    union, overlapping = (
        path_of(reports / "overlapping-closures" / f"{name}.yaml", tiny_names, tiny_world)
        for name in ("union", "overlapping")
    )
    np.testing.assert_array_equal(union, overlapping)
    told = check_scenario(reports / "overlapping-closures" / "overlapping.yaml", tiny_names)
    assert any("days closed twice count once" in str(w) for w in told.warnings)


SPELL = "{{from: 2024-{}, until: 2024-{}}}"
ONE = SPELL.format("04-10", "06-15")
WRITTEN = {
    "nested": f"[{ONE}, {SPELL.format('05-01', '05-03')}]",
    "three": "[" + ", ".join(SPELL.format(*pair) for pair in (
        ("04-10", "05-01"), ("05-02", "05-20"), ("05-15", "06-15"))) + "]",
    "partly shut within": f"[{ONE}, {{from: 2024-05-01, until: 2024-05-20, share: 0.4}}]",
    "last day apart": f"[{SPELL.format('04-10', '06-14')}, {SPELL.format('06-15', '06-15')}]",
    "backwards": f"[{SPELL.format('05-10', '06-15')}, {SPELL.format('04-10', '05-20')}]",
}  # fmt: skip


@pytest.mark.parametrize("how", WRITTEN)
@pytest.mark.parametrize("block", ["closures: {{pass: {}}}\n", "bans"])
def test_a_stop_is_its_days_however_it_is_written(how, block, tiny_names, tiny_world, tmp_path):
    def written(spells: str) -> Path:
        text = block.format(spells)
        if block == "bans":
            each = spells.strip("[]").split("}, {")
            text = "bans:\n" + "".join(
                f"  ban-{k}: {{pair: [BBB, AAA], {one.strip('{}')}}}\n"
                for k, one in enumerate(each)
            )
        file = tmp_path / "spell.yaml"
        file.write_text(HEAD + text, encoding="utf-8")
        return file

    one = path_of(written(f"[{ONE}]"), tiny_names, tiny_world)
    np.testing.assert_array_equal(one, path_of(written(WRITTEN[how]), tiny_names, tiny_world))


def test_a_stop_is_its_days_from_a_parent_or_an_override(tiny_names, tiny_world, tmp_path):
    one, base, child = (tmp_path / f"{name}.yaml" for name in ("one", "base", "child"))
    one.write_text(f"{HEAD}closures: {{pass: [{ONE}]}}\n", encoding="utf-8")
    base.write_text(f"{HEAD}closures: {{pass: {WRITTEN['three']}}}\n", encoding="utf-8")
    child.write_text("extends: base.yaml\ntitle: A child\n", encoding="utf-8")
    known = path_of(one, tiny_names, tiny_world)
    np.testing.assert_array_equal(known, path_of(child, tiny_names, tiny_world))
    set_to = {"closures.pass": WRITTEN["backwards"]}
    np.testing.assert_array_equal(known, path_of(child, tiny_names, tiny_world, overrides=set_to))
    last = {"closures.pass.3.until": "2024-06-20"}
    assert np.any(known != path_of(child, tiny_names, tiny_world, overrides=last))


@pytest.mark.parametrize(
    ("rows", "spells"),
    [
        (["2024-04-10,2024-05-21", "2024-05-10,2024-06-16"], []),
        (["2024-04-10,2024-06-16", "2024-05-01,2024-05-02"], [SPELL.format("04-20", "04-20")]),
        (["2024-04-10,2024-05-21"], [SPELL.format("05-10", "06-15")]),
    ],
)
def test_days_on_record_and_of_a_scenario_are_united(rows, spells, tmp_path):
    """The same days from the table (whose ends are reopenings), the scenario, or some from each."""
    head = (TINY / "closures.csv").read_text(encoding="utf-8").splitlines()[0]
    paths = []
    for on_record, own in ((rows, spells), ([], [ONE])):
        folder = Path(shutil.copytree(TINY, tmp_path / f"world-{len(paths)}"))
        lines = [f"pass,{dates},,no,,invented,estimated" for dates in on_record]
        (folder / "closures.csv").write_text("\n".join([head, *lines, ""]), encoding="utf-8")
        text = HEAD.replace("recorded_stops: false", "recorded_stops: true")
        file = tmp_path / "spell.yaml"
        file.write_text(f"{text}closures: {{pass: [{', '.join(own)}]}}\n", encoding="utf-8")
        paths.append(path_of(file, world_names(folder), load_world(folder)))
    np.testing.assert_array_equal(*paths)


# --- deals ----------------------------------------------------------------------------------------


def test_a_deal_ships_no_more_than_its_way_carries(reports, names, world):
    """Beyond ten million tonnes a year nothing changes, and a smaller deal never trades more."""
    folder = reports / "deal-beyond-capacity"
    goal = [path_of_pair(folder / f"volume-{n}.yaml", names, world) for n in (10, 20, 500)]
    np.testing.assert_array_equal(goal[0], goal[1])
    np.testing.assert_array_equal(goal[0], goal[2])
    half = path_of_pair(
        folder / "volume-10.yaml", names, world, overrides={"energy.deals.oil.volume": "5"}
    )
    assert np.all(half <= goal[0] * (1 + 1e-12))
    assert half.max() < goal[0].max()
    for n, told in ((20, "carries at most 10"), (500, "KAZ makes at most 82.2")):
        warnings = check_scenario(folder / f"volume-{n}.yaml", names).warnings
        assert any(told in str(w) for w in warnings)
    assert not any("at most" in str(w) for w in
                   check_scenario(folder / "volume-10.yaml", names).warnings)  # fmt: skip


def test_a_deal_that_ends_takes_nothing_from_a_later_one(reports, names, world, tmp_path):
    """Two deals of all that the way carries overlap for half a year: each year it is full."""
    alone = reports / "deal-beyond-capacity" / "volume-10.yaml"
    text = alone.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("    oil:"))
    later = line.replace("oil:", "more:").replace("2026Q1", "2026Q3")
    both = tmp_path / "both.yaml"
    ended = line.replace("from: 2026Q1", "from: 2026Q1, until: 2026Q4")
    both.write_text(text.replace(line, f"{ended}\n{later}"), encoding="utf-8")
    # The price law smooths a little over more arcs.
    one, two = (path_of_pair(path, names, world) for path in (alone, both))
    np.testing.assert_allclose(two, one, rtol=1e-4)


def path_of_pair(path: Path, names, world, **options) -> np.ndarray:
    scenario = load_scenario(path, names, **options)
    model = TradeModel(scenario, world, runs=[0])
    ends = [world.region_index(code) for code in ("PAK", "KAZ")]
    found = []
    while model.quarter < 4 * 2027 + 3:
        model.step()
        found.append(
            model.pair_trade(*ends) + model.snapshot.energy_trade[:, ends, ends[::-1]].sum()
        )
    return np.array(found)


# --- results --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_copy_keeps_the_order_in_which_results_were_made(reports, tmp_path):
    """As `steps.sh` of the case does it; a copy dates all files alike, or backwards."""
    assert (reports / "clean-after-copy" / "steps.sh").is_file()
    for runs in (2, 3):
        done = call("run", TINY.with_suffix(".yaml"), "--world", TINY, "--set", f"runs={runs}",
                    "--output", tmp_path / "r")  # fmt: skip
        assert done.exit_code == 0, done.output
    copy = Path(shutil.copytree(tmp_path / "r", tmp_path / "copy"))
    made = sorted(copy.glob("*/*/run.json"), key=lambda path: path.stat().st_mtime)
    for age, path in enumerate(made):
        for each in (path, path.parent):
            os.utime(each, (1e9 - age, 1e9 - age))
    for folder in (tmp_path / "r", copy):
        order = [folder for folder in call("list", folder).output.split() if len(folder) == 12]
        assert order[0] == made[-1].parent.name, order
    assert call("clean", copy, "--keep", 1, "--yes").exit_code == 0
    assert [path.parent.name for path in copy.glob("*/*/run.json")] == [made[-1].parent.name]
