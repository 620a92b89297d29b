"""A scenario continues from another's quarter with the bits of a simulation of its own."""

import numpy as np
import pytest

from sim.laws.numerics.calendar import parse_quarter
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.scenario_file import load_scenario
from sim.simulation.model import TradeModel
from sim.simulation.snapshot.handover import moved_columns
from sim.study.common_quarters import (
    DATED_BY_DAY,
    DATED_BY_QUARTER,
    READ_BY_NO_QUARTER,
    last_common_quarter,
)
from sim.study.ensemble.checkpoint import continue_from, run_until
from sim.study.ensemble.measures import record
from sim.world.names import world_names

RUNS = range(3)
NEGOTIATED = """extends: tiny.yaml
agreements:
  treaty: {timeline: {negotiated: {talks_since: 2022Q1}}}
"""


@pytest.fixture
def loaded(project_root, tmp_path):
    """Load the tiny scenario with other entries laid over it."""
    tiny = project_root / "tests" / "worlds"

    def load(more="", base="tiny.yaml"):
        (tmp_path / "tiny.yaml").write_text((tiny / "tiny.yaml").read_text(encoding="utf-8"))
        (tmp_path / "open.yaml").write_text(NEGOTIATED, encoding="utf-8")
        path = tmp_path / "asked.yaml"
        path.write_text(f"extends: {base}\n{more}\n", encoding="utf-8")
        return load_scenario(path, world_names(tiny / "tiny"))

    return load


def same(one, other):
    assert set(one) == set(other)
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


def kept_at(scenario, world, quarter, runs=RUNS):
    return run_until(TradeModel(scenario, world, runs=runs), quarter)


CHANGES = {
    "a cut, from its entry into force": (
        "agreements: {treaty: {concessions: [{grantor: BBB, goods: all, cut: 0.9}]}}", "2023Q2"),
    "an agreement more": (
        "agreements: {way: {kind: transit, members: [AAA, BBB, CCC], border_time_cut: 0.5, "
        "timeline: {signed: 2024Q1, in_force: 2025Q2}}}", "2025Q1"),
    "an agreement less": ("agreements: {treaty: null}", "2023Q2"),
    "a duty": (
        "duties: {war: {importer: BBB, exporters: [AAA], goods: all, add_rate: 0.2, "
        "from: 2026Q1}}", "2025Q4"),
    "a closure": ("closures: {pass: [{from: 2025-06-10, until: 2025-11-30}]}", "2025Q1"),
    "a ban": ("bans: {no: {pair: [AAA, CCC], from: 2026-02-01, until: 2026-05-31}}", "2025Q4"),
    "a season": ("open_all_year: {pass: 2026Q3}", "2026Q2"),
}  # fmt: skip


@pytest.mark.parametrize("change", list(CHANGES))
def test_a_change_is_continued_from_the_quarter_before_it(loaded, tiny_world, change) -> None:
    more, quarter = CHANGES[change]
    scenario, changed = loaded(), loaded(more)
    common = last_common_quarter(scenario, changed, tiny_world)
    assert common == parse_quarter(quarter) == last_common_quarter(changed, scenario, tiny_world)
    model, found = continue_from(kept_at(scenario, tiny_world, common), changed, tiny_world, RUNS)
    assert model.steps == int(changed.horizon.end) - common
    whole = record(TradeModel(changed, tiny_world, runs=RUNS))
    same(found, whole)
    plain = record(TradeModel(scenario, tiny_world, runs=RUNS))
    assert any(not np.array_equal(values, whole[name]) for name, values in plain.items())


def test_a_closure_that_ends_later_is_the_same_until_the_first_of_both_ends(
    loaded, tiny_world
) -> None:
    first, second = (
        loaded(f"closures: {{pass: [{{from: 2024-06-10, until: {until}}}]}}")
        for until in ("2025-03-31", "2026-12-31")
    )
    common = last_common_quarter(first, second, tiny_world)
    assert common == parse_quarter("2025Q1")
    _, found = continue_from(kept_at(first, tiny_world, common), second, tiny_world, RUNS)
    same(found, record(TradeModel(second, tiny_world, runs=RUNS)))


def test_negotiations_stand_where_they_stood(loaded, tiny_world) -> None:
    more = "closures: {bridge: [{from: 2026-01-01, until: 2026-12-31}]}"
    scenario, changed = loaded(base="open.yaml"), loaded(more, base="open.yaml")
    common = last_common_quarter(scenario, changed, tiny_world)
    assert common == parse_quarter("2025Q4")
    kept = kept_at(scenario, tiny_world, common, range(8))
    assert kept.snapshot.talks.pressure.any()
    model, found = continue_from(kept, changed, tiny_world, range(8))
    assert model.steps == int(changed.horizon.end) - common
    same(found, record(TradeModel(changed, tiny_world, runs=range(8))))


def test_energy_knows_the_days_of_a_whole_year(project_root, names, world) -> None:
    """A strait that shuts in August moves the market of its year, which is simulated again."""
    path = project_root / "scenarios" / "energy-corridor.yaml"
    shut = {"closures.suez": "[{from: 2029-08-01, until: 2029-08-31}]"}
    scenario, changed = (load_scenario(path, names, overrides=keys) for keys in ({}, shut))
    common = last_common_quarter(scenario, changed, world)
    assert common == parse_quarter("2028Q4")
    kept = kept_at(scenario, world, common, range(2))
    model, found = continue_from(kept, changed, world, range(2))
    assert model.steps == int(changed.horizon.end) - common
    same(found, record(TradeModel(changed, world, runs=range(2))))
    first = int(changed.horizon.start)
    flow = found["energy_flow"][:, [common - first, common + 1 - first]]
    assert np.any(flow[:, 0] != flow[:, 1])


@pytest.mark.parametrize(
    "more",
    [
        "seed: 9",
        "targets: {goal: {pair: [AAA, CCC]}}",
        "adjustment: immediate",
        "horizon: {end: 2027Q4}",
        "agreements: {treaty: {timeline: {negotiated: {}}}}",
    ],
)
def test_what_has_no_date_is_simulated_from_the_start(loaded, tiny_world, more) -> None:
    scenario, changed = loaded(), loaded(more)
    assert last_common_quarter(scenario, changed, tiny_world) is None
    kept = kept_at(scenario, tiny_world, parse_quarter("2023Q1"))
    model, found = continue_from(kept, changed, tiny_world, RUNS)
    assert model.steps == int(changed.horizon.end) - model.first_quarter
    same(found, record(TradeModel(changed, tiny_world, runs=RUNS)))


def test_entries_that_are_told_apart_are_entries_of_a_scenario() -> None:
    told_apart = READ_BY_NO_QUARTER | DATED_BY_QUARTER.keys() | DATED_BY_DAY.keys()
    assert told_apart < set(Scenario.model_fields)


def test_what_no_quarter_reads_leaves_all_in_common(loaded, tiny_world) -> None:
    scenario = loaded()
    other = loaded("title: Another\nruns: 3\ntargets: {goal: {trade_musd: 9000}}")
    assert last_common_quarter(scenario, other, tiny_world) == int(scenario.horizon.end)


def test_a_checkpoint_of_other_runs_is_not_continued_from(loaded, tiny_world) -> None:
    scenario = loaded()
    kept = kept_at(scenario, tiny_world, parse_quarter("2024Q1"))
    model, _ = continue_from(kept, scenario, tiny_world, range(3, 6))
    assert model.steps == int(scenario.horizon.end) - model.first_quarter


def test_a_quarter_outside_the_horizon_is_refused(loaded, tiny_world) -> None:
    with pytest.raises(ValueError, match="2031Q1 is not within the horizon"):
        kept_at(loaded(), tiny_world, parse_quarter("2031Q1"))


def test_a_snapshot_that_does_not_fit_is_refused(loaded, tiny_world) -> None:
    kept = kept_at(loaded(), tiny_world, parse_quarter("2025Q1")).snapshot
    with pytest.raises(ValueError, match="other runs"):
        TradeModel(loaded(), tiny_world, runs=range(2), start=kept)
    new = "{kind: transit, members: [AAA, CCC], timeline: {negotiated: {}}, border_time_cut: 0.1}"
    asked = loaded(f"agreements: {{new: {new}}}")
    with pytest.raises(ValueError, match="new is negotiated"):
        TradeModel(asked, tiny_world, runs=RUNS, start=kept)


def test_a_column_that_goes_must_be_empty() -> None:
    values = np.array([[0.0, 2.0]])
    assert moved_columns(values, np.array([1, 4]), np.array([4, 9])).tolist() == [[2.0, 0.0]]
    with pytest.raises(ValueError, match="cannot change"):
        moved_columns(values, np.array([1, 4]), np.array([1, 9]))
