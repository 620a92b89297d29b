"""Settings continue from states of settings before them, with the bits of a simulation alone."""

import numpy as np
import pytest

from sim.laws.numerics.calendar import parse_quarter
from sim.scenario.scenario_file import load_scenario
from sim.simulation.energy.energy_domain import EnergySystem
from sim.simulation.model import TradeModel
from sim.simulation.uncertainty.draws import draw, simulated_quarters
from sim.study.ensemble import kept_states, shared_start
from sim.study.ensemble.kept_states import KeptState, KeptStates
from sim.study.ensemble.measures import record
from sim.study.ensemble.staged_answer import StageRunner
from sim.world.names import world_names

RUNS = range(3)
ROOM = 2**28
TWO = """agreements:
  way: {kind: transit, members: [AAA, BBB, CCC], border_time_cut: 0.5,
        timeline: {signed: 2024Q1, in_force: 2026Q2}}"""
LATER = {
    "a cut of the later agreement": (TWO.replace("0.5", "0.7"), "2026Q1"),
    "its date": (TWO.replace("2026Q2", "2027Q1"), "2026Q1"),
    "a closure": (TWO + "\nclosures: {pass: [{from: 2027-06-10, until: 2027-11-30}]}", "2026Q4"),
    "a duty": (
        TWO + "\nduties: {war: {importer: BBB, exporters: [AAA], goods: all, add_rate: 0.2, "
        "from: 2027Q2}}", "2026Q4"),
    "a season": (TWO + "\nopen_all_year: {pass: 2026Q3}", "2026Q1"),
}  # fmt: skip


@pytest.fixture
def loaded(project_root, tmp_path):
    tiny = project_root / "tests" / "worlds"

    def load(more):
        (tmp_path / "tiny.yaml").write_text((tiny / "tiny.yaml").read_text(encoding="utf-8"))
        path = tmp_path / "asked.yaml"
        path.write_text(f"extends: tiny.yaml\n{more}\n", encoding="utf-8")
        return load_scenario(path, world_names(tiny / "tiny"))

    return load


@pytest.fixture
def room(monkeypatch):
    monkeypatch.setattr(shared_start, "_STATES", KeptStates(ROOM))


def drawn(scenario, world, runs=RUNS):
    quarters = simulated_quarters(scenario, world)
    draws = draw(scenario, world, runs, quarters.start, len(quarters))
    return draws, EnergySystem(scenario, world, draws)


def simulated(states, scenario, world, runs=RUNS):
    """The scenario on draws of its own, from what is kept."""
    draws, energy = drawn(scenario, world, runs)
    kept = states.last_before(scenario, world, draws)
    begin = kept or KeptState(None, frozenset(draws.parameters.used))
    model, values = states.continued(begin, scenario, world, draws, energy)
    return kept, model, values


def same(one, other):
    assert set(one) == set(other)
    for name, values in one.items():
        np.testing.assert_array_equal(values, other[name], err_msg=name)


@pytest.mark.parametrize("change", list(LATER))
def test_a_late_change_continues_from_the_setting_before_it(loaded, tiny_world, change):
    more, quarter = LATER[change]
    states = KeptStates(ROOM)
    simulated(states, loaded(TWO), tiny_world)
    scenario = loaded(more)
    kept, model, found = simulated(states, scenario, tiny_world)
    assert kept.quarter == parse_quarter(quarter)
    assert model.steps == int(scenario.horizon.end) - kept.quarter
    alone = TradeModel(scenario, tiny_world, runs=RUNS)
    same(found, record(alone))
    # What is marked as read is what a simulation from the start reads.
    assert model.draws.parameters.used == alone.draws.parameters.used


def test_what_is_continued_is_itself_continued_from(loaded, tiny_world):
    states = KeptStates(ROOM)
    for cut in ("0.5", "0.6", "0.7", "0.8"):
        kept, _, _ = simulated(states, loaded(TWO.replace("0.5", cut)), tiny_world)
    assert kept.quarter == parse_quarter("2026Q1")
    kept, _, _ = simulated(states, loaded(TWO.replace("0.5", "0.6")), tiny_world)
    assert kept.quarter == parse_quarter("2027Q4")  # the very same: the last state that was kept


def test_the_quarter_to_stop_at_may_be_that_of_a_state(loaded, tiny_world):
    scenario, states = loaded(TWO), KeptStates(ROOM)
    simulated(states, scenario, tiny_world)
    draws, energy = drawn(scenario, tiny_world)
    until = parse_quarter("2026Q1")
    kept = states.last_before(scenario, tiny_world, draws, until)
    model, found = states.continued(kept, scenario, tiny_world, draws, energy, until=until)
    assert model.steps == 0
    same(found, record(TradeModel(scenario, tiny_world, runs=RUNS), until=until))


def test_a_first_setting_that_is_agreed_later_gives_its_state_to_one_that_is_agreed_earlier(
    loaded, tiny_world, room
):
    """Their common beginning is then a state of the first with its own agreements."""
    late, early = loaded(TWO), loaded(TWO.replace("2026Q2", "2026Q1"))
    runner = StageRunner(tiny_world)
    for setting in (late, early, late.model_copy(update={"agreements": early.agreements})):
        found = runner.answered(setting, range(2))
    alone = StageRunner(tiny_world).answered(early, range(2))
    assert all(result.identical(found[name]) for name, result in alone.items())


def test_nothing_is_kept_without_room_and_old_states_go_first(loaded, tiny_world):
    none = KeptStates(0)
    simulated(none, loaded(TWO), tiny_world)
    assert none.n_bytes == 0
    assert simulated(none, loaded(TWO), tiny_world)[0] is None
    one = KeptStates(ROOM)
    simulated(one, loaded(TWO), tiny_world)
    few = KeptStates(int(1.5 * one.n_bytes))
    for seed in range(3):
        simulated(few, loaded(f"{TWO}\nseed: {seed}"), tiny_world)
        assert 0 < few.n_bytes <= few.most_bytes
    assert simulated(few, loaded(f"{TWO}\nseed: 0"), tiny_world)[0] is None


def test_states_of_few_simulations_are_kept(loaded, tiny_world, monkeypatch):
    monkeypatch.setattr(kept_states, "MAX_COURSES", 2)
    states = KeptStates(ROOM)
    for seed in range(3):
        simulated(states, loaded(f"{TWO}\nseed: {seed}"), tiny_world)
    found = [simulated(states, loaded(f"{TWO}\nseed: {seed}"), tiny_world)[0] for seed in (0, 2)]
    assert found[0] is None
    assert found[1] is not None


@pytest.mark.parametrize("more", ["seed: 9", "adjustment: immediate", "horizon: {end: 2027Q4}"])
def test_what_has_no_date_finds_no_state(loaded, tiny_world, more):
    states = KeptStates(ROOM)
    simulated(states, loaded(TWO), tiny_world)
    assert simulated(states, loaded(f"{TWO}\n{more}"), tiny_world)[0] is None
    assert simulated(states, loaded(TWO), tiny_world, range(1, 4))[0] is None


def test_answers_of_the_lab_are_those_of_a_process_that_keeps_nothing(
    loaded, tiny_world, room, monkeypatch
):
    settings = [loaded(TWO), *(loaded(more) for more, _ in LATER.values())]
    runner = StageRunner(tiny_world)
    kept = [runner.answered(each, range(2)) for each in settings]
    monkeypatch.setattr(shared_start, "_STATES", KeptStates(0))
    shared_start._SHARED._made.clear()
    for setting, found in zip(settings, kept, strict=True):
        alone = StageRunner(tiny_world).answered(setting, range(2))
        assert set(alone) == set(found)
        for name, result in alone.items():
            assert result.identical(found[name]), name
