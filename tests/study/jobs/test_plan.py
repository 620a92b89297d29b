"""Studies in parts: rows of a block, failures, resuming, the same bytes whoever did it."""

import weakref

import numpy as np
import pytest

from sim.laws.solve_errors import SolveError
from sim.simulation.model import TradeModel
from sim.store.study_parts import columns_of, locked_parts
from sim.study.ensemble import checkpoint
from sim.study.ensemble.checkpoint import continue_from
from sim.study.ensemble.measures import by_year, record
from sim.study.jobs import rows as outcome
from sim.study.jobs.case_columns import FAILED, FINISHED
from sim.study.jobs.plan import case_rows, run_jobs
from sim.study.jobs.rows import Job, differs_in_terms_alone, evaluate, number_columns
from sim.study.workers.study_errors import StudyError
from tests.study.conftest import CUT


def job(scenario, world, runs=range(3), **changes):
    return Job(0, 0, runs, scenario, scenario, world)._replace(**changes)


def test_a_row_says_what_the_model_says(brief_scenario, tiny_world):
    rows = evaluate(job(brief_scenario, tiny_world))
    model = TradeModel(brief_scenario, tiny_world, runs=range(3))
    values = record(model)
    quarterly = values["goods_trade"].sum(axis=(2, 3)) + values["energy_trade"].sum(axis=2)
    target = brief_scenario.targets["goal"]
    last = int(target.deadline) - int(brief_scenario.horizon.start)
    yearly = by_year(quarterly, last)
    np.testing.assert_array_equal(rows["goal|trade_musd"], yearly[:, -1])
    np.testing.assert_array_equal(rows["goal|reached"], (yearly >= 3000).any(axis=1))
    assert rows["status"] == [FINISHED] * 3
    assert set(number_columns(brief_scenario, tiny_world)) < set(rows)
    assert rows["trade_elasticity"].tolist() == model.draws.parameters["trade_elasticity"].tolist()


def test_a_poisoned_run_costs_its_row_and_no_other(brief_scenario, tiny_world, monkeypatch):
    class Poisoned(TradeModel):
        def __init__(self, *args, runs, **options):
            if 2 in runs:
                raise SolveError("run 2 does\nnot settle")
            super().__init__(*args, runs=runs, **options)

    whole = evaluate(job(brief_scenario, tiny_world, range(5)))
    monkeypatch.setattr(checkpoint, "TradeModel", Poisoned)
    rows = evaluate(job(brief_scenario, tiny_world, range(5)))
    assert rows["run"] == whole["run"]
    assert rows["status"] == [FINISHED, FINISHED, FAILED, FINISHED, FINISHED]
    assert rows["reason"][2] == "SolveError: run 2 does not settle"
    others = [0, 1, 3, 4]
    for column in number_columns(brief_scenario, tiny_world):
        assert np.isnan(rows[column][2]), column
        np.testing.assert_array_equal(np.array(rows[column])[others], whole[column][others])


def test_trade_that_is_no_number_is_a_failure(brief_scenario, tiny_world, monkeypatch):
    def broken(*parts, **options):
        model, values = continue_from(*parts, **options)
        values["goods_trade"][1] = np.nan
        return model, values

    monkeypatch.setattr(outcome, "continue_from", broken)
    assert evaluate(job(brief_scenario, tiny_world))["status"] == [FINISHED, FAILED, FINISHED]


def test_a_block_leaves_memory_at_once(brief_scenario, tiny_world, monkeypatch):
    left = []

    def watched(*parts, **options):
        model, values = continue_from(*parts, **options)
        left.append(weakref.ref(model.snapshot))
        return model, values

    monkeypatch.setattr(outcome, "continue_from", watched)
    evaluate(job(brief_scenario, tiny_world))
    assert [snapshot() for snapshot in left] == [None]


def test_a_mistake_of_the_program_is_no_failed_run(brief_scenario, tiny_world, monkeypatch):
    monkeypatch.setattr(outcome, "continue_from", lambda: None)
    with pytest.raises(TypeError):
        evaluate(job(brief_scenario, tiny_world))


def test_points_share_draws_only_where_they_may(brief_scenario):
    treaty = brief_scenario.agreements["treaty"]
    cut = treaty.model_copy(update={"origin_cost_ave": 0.05})
    other = treaty.model_copy(update={"members": ("AAA", "CCC")})
    for update, shared in [
        ({"agreements": {}}, True),
        ({"agreements": {"treaty": cut}}, True),
        ({"agreements": {"treaty": other}}, False),
        ({"agreements": {"new": treaty}}, False),
        ({"seed": 4}, False),
    ]:
        made = brief_scenario.model_copy(update=update)
        assert differs_in_terms_alone(brief_scenario, made) is shared, update


def test_shared_draws_bear_on_no_number(brief_scenario, tiny_world):
    without = brief_scenario.model_copy(update={"agreements": {}})
    shared = evaluate(job(without, tiny_world, base=brief_scenario))
    own = evaluate(job(without, tiny_world))
    for column, values in shared.items():
        np.testing.assert_array_equal(values, own[column])


def test_every_point_of_a_sweep_equals_its_single_runs(swept, carried_out, tiny_world):
    plan = swept([{CUT: 0.0}, {CUT: 1.0}])
    store = carried_out(plan)
    for case in range(2):
        rows = case_rows(plan, store, case)
        for run in range(3):
            model = TradeModel(plan.case(case).scenario, tiny_world, runs=[run]).run_to_end()
            alone = evaluate(job(plan.case(case).scenario, tiny_world, [run]))
            assert rows["goal|trade_musd"][run] == alone["goal|trade_musd"][0]
            assert model.snapshot.trade.shape[0] == 1
    assert case_rows(plan, store, 0)["goal|trade_musd"][0] != rows["goal|trade_musd"][0]


def test_what_is_done_is_not_done_again(swept, carried_out, monkeypatch):
    plan = swept([{CUT: 0.0}, {CUT: 1.0}])
    first = carried_out(plan, most_jobs=1)
    assert first.done == {0}
    asked = []
    monkeypatch.setattr(
        "sim.study.jobs.plan.evaluate", lambda j: asked.append(j.number) or evaluate(j)
    )
    run_jobs(plan, first, None)
    assert asked == [1]
    assert first.done == {0, 1}


def test_a_point_that_cannot_be_is_a_failed_case(swept, carried_out):
    plan = swept([{CUT: 3.0}])
    rows = case_rows(plan, carried_out(plan), 0)
    assert set(rows["status"]) == {FAILED}
    assert "wanted" not in rows["reason"][0]
    assert "cut is 3" in rows["reason"][0]


def test_too_many_failures_stop_the_study_and_keep_what_is_done(swept, carried_out, tmp_path):
    plan = swept([{}, {CUT: 3.0}, {}], n_runs=64)
    with pytest.raises(StudyError, match=r"64 of 128 runs failed.*\n.*64 times: no such scenario"):
        carried_out(plan, stop_share=0.1)
    assert len(list((tmp_path / plan.study_id).glob("*.parquet"))) == 2


def test_failures_count_when_the_study_goes_on(swept, tmp_path, monkeypatch):
    plan = swept([{}, {CUT: 3.0}, {}, {}], n_runs=64)
    with locked_parts(tmp_path / "parts", plan.study_id, {}) as store:
        with pytest.raises(StudyError) as first:
            run_jobs(plan, store, None, stop_share=0.1)
        asked = []
        monkeypatch.setattr(
            "sim.study.jobs.plan.evaluate", lambda j: asked.append(j.number) or evaluate(j)
        )
        with pytest.raises(StudyError) as again:
            run_jobs(plan, store, None, stop_share=0.1)
        assert str(again.value) == str(first.value)
        assert "--stop-share 0.5 lets it go on" in str(again.value)
        assert not asked
        run_jobs(plan, store, None, stop_share=0.5)
    assert asked == [2, 3]


def test_the_identity_is_that_of_what_determines_the_rows(swept, brief_scenario):
    ids = {
        swept([{CUT: 0.0}]).study_id,
        swept([{CUT: 0.1}]).study_id,
        swept([{CUT: 0.0}], n_runs=4).study_id,
        swept([{CUT: 0.0}], kind="discover").study_id,
    }
    assert len(ids) == 4
    assert swept([{CUT: 0.0}]).study_id in ids


def test_rows_survive_the_disk(brief_scenario, tiny_world):
    from sim.store.study_parts import rows_bytes
    from sim.study.jobs.rows import TEXTS, WHOLE

    rows = evaluate(job(brief_scenario, tiny_world))
    back = columns_of(rows_bytes(rows, TEXTS, WHOLE))
    assert list(back) == list(rows)
    for name, values in rows.items():
        np.testing.assert_array_equal(back[name], values)


@pytest.mark.slow
def test_two_workers_leave_the_bytes_that_one_does(swept, carried_out, tmp_path):
    from sim.study.workers.pool import process_workers

    plan = swept([{CUT: c} for c in (0.0, 0.5, 1.0)])
    alone = carried_out(plan)
    with (
        process_workers(2) as worker_pool,
        locked_parts(tmp_path / "together", plan.study_id, {}) as together,
    ):
        run_jobs(plan, together, worker_pool)
    for number in range(plan.n_jobs):
        assert alone.read(number) == together.read(number)
