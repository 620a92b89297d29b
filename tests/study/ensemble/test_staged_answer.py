"""Stages of an answer are parts of the whole ensemble, whatever was asked before."""

import numpy as np
import pytest

from sim.study.answer_stages import FINAL, FIRM, ROUGH, background_hash, simulation_hash
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT
from sim.study.ensemble.findings import findings
from sim.study.ensemble.run import run_variants
from sim.study.ensemble.staged_answer import StageRunner, joined
from sim.study.workers.interruption import SimulationCancelled, stoppable


def with_cut(scenario, cut, **more):
    treaty = scenario.agreements["treaty"]
    concession = treaty.concessions[0].model_copy(update={"cut": cut})
    treaty = treaty.model_copy(update={"concessions": (concession,), **more})
    return scenario.model_copy(update={"agreements": {"treaty": treaty}})


def same(one, other):
    assert set(one.data_vars) == set(other.data_vars)
    for name in one.data_vars:
        np.testing.assert_array_equal(one[name].to_numpy(), other[name].to_numpy(), name)


@pytest.fixture(scope="module")
def runner(tiny_world, tiny_scenario):
    """One that has answered another setting before."""
    runner = StageRunner(tiny_world)
    runner.answered(with_cut(tiny_scenario, 0.9))
    return runner


def test_a_setting_after_another_has_the_bits_of_a_run_of_its_own(
    runner, tiny_world, tiny_scenario
):
    setting = with_cut(tiny_scenario, 0.2)
    found = runner.answered(FINAL.of(setting))
    alone = run_variants(setting, tiny_world).variants
    assert set(found) == {AS_ASKED, NO_AGREEMENT}
    for name, result in found.items():
        same(result, alone[name])


def test_settings_share_a_background_until_more_than_terms_differs(tiny_scenario, tiny_world):
    def background(scenario):
        return background_hash(scenario, tiny_world)

    one = background(tiny_scenario)
    assert background(with_cut(tiny_scenario, 0.1)) == one
    assert background(tiny_scenario.model_copy(update={"seed": 9})) != one
    assert background(with_cut(tiny_scenario, 0.1, members=("AAA", "CCC"))) != one
    later = tiny_scenario.agreements["treaty"].timeline
    later = later.model_copy(update={"in_force": later.in_force + 2})
    assert background(with_cut(tiny_scenario, 0.5, timeline=later)) != one


def test_without_agreements_settings_are_simulated_once(runner, tiny_scenario, monkeypatch):
    asked = []
    simulated = runner._simulated
    monkeypatch.setattr(
        runner, "_simulated", lambda s, v, r: asked.append([*v]) or simulated(s, v, r)
    )
    runner.answered(with_cut(tiny_scenario, 0.33))
    assert asked == [[AS_ASKED]]


def test_earlier_stages_are_the_first_runs_of_the_later_ones(runner, tiny_scenario):
    larger = tiny_scenario.model_copy(update={"runs": 20})
    rough, whole = runner.answered(ROUGH.of(larger)), runner.answered(FINAL.of(larger))
    few, all_ = (r[AS_ASKED]["goods_trade"].to_numpy() for r in (rough, whole))
    assert few.shape[0] == 16
    assert all_.shape[0] == 20
    assert few.shape[1] < all_.shape[1]  # nothing after the target's year
    np.testing.assert_array_equal(few, all_[:16, : few.shape[1]])
    assert FIRM.of(larger) is larger


def test_a_target_s_sum_is_no_new_simulation(tiny_scenario, tiny_world):
    def asking(musd, deadline):
        (name, target), *_ = tiny_scenario.targets.items()
        changed = {"trade_musd": musd, "deadline": deadline}
        return tiny_scenario.model_copy(
            update={"targets": {name: target.model_copy(update=changed)}, "runs": int(musd)}
        )

    end = tiny_scenario.horizon.end
    assert simulation_hash(asking(5.0, end)) == simulation_hash(asking(9.0, end - 4))
    assert simulation_hash(with_cut(asking(5.0, end), 0.1)) != simulation_hash(asking(5.0, end))


def test_what_a_setting_has_in_common_with_the_last_is_not_read_off_again(
    tiny_world, tiny_scenario, monkeypatch
):
    runner = StageRunner(tiny_world)
    for cut in (0.9, 0.1, 0.4):
        setting = with_cut(tiny_scenario, cut)
        results = runner.answered(setting)
        found = runner.findings_of(setting, results)
        again = findings(setting, tiny_world, results)
        for one, other in zip(found, again, strict=True):
            assert [*one.answer.courses] == [NO_AGREEMENT, AS_ASKED][:: 1 if cut < 0.9 else -1]
            for name, course in other.answer.courses.items():
                np.testing.assert_array_equal(one.answer.courses[name].quantiles, course.quantiles)
                assert one.answer.courses[name].chance == course.chance
                assert one.answer.courses[name].touched == course.touched
            assert one.change.chance == other.change.chance
            assert one.change.median == other.change.median
            assert one.answer.known_share == other.answer.known_share
    crossed = []
    monkeypatch.setattr(
        "sim.study.ensemble.findings.crossing_of", lambda *a, **k: crossed.append(a)
    )
    setting = with_cut(tiny_scenario, 0.7)
    runner.findings_of(setting, runner.answered(setting))
    assert crossed == []


def test_blocks_of_runs_join_to_all_of_them(runner, tiny_world, tiny_scenario):
    parts = [runner.answered(tiny_scenario, runs) for runs in (range(3), range(3, 8))]
    whole = runner.answered(tiny_scenario)
    for name, result in joined(parts).items():
        same(result, whole[name])
        assert result["run"].to_numpy().tolist() == [*range(8)]
        assert result.attrs == whole[name].attrs
        for variable in whole[name].data_vars:
            assert result[variable].attrs == whole[name][variable].attrs


def test_a_simulation_stops_between_quarters(runner, tiny_scenario):
    left = [3]

    def is_wanted():
        left[0] -= 1
        return left[0] > 0

    with stoppable(is_wanted), pytest.raises(SimulationCancelled):
        runner.answered(with_cut(tiny_scenario, 0.44))
    assert left == [0]
    runner.answered(with_cut(tiny_scenario, 0.44))
