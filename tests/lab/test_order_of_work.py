"""Who is worked for first, and where, with workers that compute nothing."""

import asyncio
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from sim.lab import answers as answers_module
from sim.lab import workers as workers_module
from sim.lab.answers import Answers, AnswerStream
from sim.lab.app import _messages
from sim.lab.questions import ORDER, StageJob
from sim.lab.workers import LabWorkers, LostWorkerError
from sim.laws.numerics.recent_cache import RecentCache
from sim.scenario.writing import scenario_hash
from sim.study.workers.interruption import SimulationCancelled


class StillWorker:
    """A worker that is at a job until it is told to end it, or to give it up."""

    def __init__(self, context, courtesy):
        self.courtesy, self.is_warm, self.knows = courtesy, True, RecentCache(most=8)
        self.flag = SimpleNamespace(name="")
        self.job = self.work = None

    def begin(self):
        pass

    def give(self, job):
        self.job, self.work = job, Future()
        return self.work

    def stop(self, number):
        assert number == self.job.number
        self.work.set_exception(SimulationCancelled())

    def done(self):
        self.work.set_result({"stage": self.job.stage})

    def close(self):
        pass


@pytest.fixture
def still(monkeypatch):
    monkeypatch.setattr(workers_module, "shared_imports", lambda needs: None)
    monkeypatch.setattr(workers_module, "LabWorker", StillWorker)
    return lambda: LabWorkers(2)


async def settled():
    for _ in range(20):
        await asyncio.sleep(0.002)


def jobs(workers):
    return [
        (each.job.stage, each.job.runs) if each.work and not each.work.done() else None
        for each in workers.workers
    ]


def test_a_rough_question_never_waits_for_a_block_and_only_so_many_work_beside_it(
    still, tiny_scenario
):
    async def all_of_it():
        workers, tasks = still(), []

        def ask(stage, runs=None):
            job = StageJob(0, tiny_scenario, None, stage, runs=runs)
            tasks.append(asyncio.create_task(workers.answer(job, (stage, runs))))

        ask("final", range(4))
        ask("final", range(4, 8))
        await settled()
        assert jobs(workers) == [None, ("final", range(4)), ("final", range(4, 8))]
        ask("rough")
        await settled()
        assert jobs(workers)[0] == ("rough", None)
        workers.workers[1].done()
        ask("final", range(8, 12))
        await settled()
        assert jobs(workers)[1] is None  # two are at work already
        workers.workers[0].done()
        await settled()
        assert jobs(workers)[:2] == [None, ("final", range(8, 12))]
        workers.workers[2].done()
        workers.workers[1].done()
        await asyncio.gather(*tasks)
        assert workers.is_idle
        assert [each.courtesy for each in workers.workers] == [0, 5, 5]

    asyncio.run(all_of_it())


def test_a_question_is_answered_though_no_process_can_be_started(still, tiny_scenario):
    async def all_of_it():
        workers = still()

        def refused():
            raise OSError("too many files")

        workers.workers[0].begin = refused
        with pytest.raises(LostWorkerError, match="too many files"):
            await asyncio.wait_for(workers.answer(StageJob(0, tiny_scenario, None, "rough")), 5.0)
        assert workers.is_idle

    asyncio.run(all_of_it())


def test_the_first_rough_question_has_the_machine_to_itself(still, tiny_scenario):
    async def all_of_it():
        workers = still()
        workers.workers[0].is_warm = False
        rough = StageJob(0, tiny_scenario, None, "rough")
        block = StageJob(0, tiny_scenario, None, "firm", runs=range(4))
        tasks = [asyncio.create_task(workers.answer(job)) for job in (rough, block)]
        await settled()
        assert jobs(workers) == [("rough", None), None, None]
        workers.workers[0].done()
        await settled()
        assert jobs(workers) == [None, ("firm", range(4)), None]
        workers.workers[1].done()
        await asyncio.gather(*tasks)

    asyncio.run(all_of_it())


def test_a_rough_question_that_waits_long_is_taken_by_any_worker(still, tiny_scenario, monkeypatch):
    monkeypatch.setattr(workers_module, "SPILL_S", 0.2)

    async def all_of_it():
        workers = still()
        job = StageJob(0, tiny_scenario, None, "rough")
        tasks = [asyncio.create_task(workers.answer(job)) for _ in range(2)]
        await settled()
        assert jobs(workers) == [("rough", None), None, None]
        await asyncio.sleep(0.25)
        assert jobs(workers) == [("rough", None), ("rough", None), None]
        for each in workers.workers[:2]:
            each.done()
        await asyncio.gather(*tasks)

    asyncio.run(all_of_it())


def other(scenario, seed):
    return scenario.model_copy(update={"seed": seed})


def test_what_nobody_asked_for_gives_way_and_is_hurried_once_somebody_does(
    still, tiny_scenario, tiny_world
):
    up, down, new = (other(tiny_scenario, seed) for seed in (101, 102, 103))

    async def all_of_it():
        workers = still()
        answers = Answers(workers, None, tiny_world)
        answers.prepare([up, down])
        await settled()
        assert workers.workers[0].job.scenario == up

        # Somebody asks for it: it goes on, and a rough question about something else waits.
        asked = asyncio.create_task(answers.of(up, "rough"))
        await settled()
        later = asyncio.create_task(answers.of(new, "rough"))
        await settled()
        assert workers.workers[0].job.scenario == up
        workers.workers[0].done()
        assert (await asked)["stage"] == "rough"
        await settled()
        assert workers.workers[0].job.scenario == new
        workers.workers[0].done()
        await later
        await settled()
        assert workers.is_idle  # the rest was given up

        answers.prepare([down])
        await settled()
        assert workers.workers[0].job.scenario == down
        at_once = asyncio.create_task(answers.of(other(new, 104), "rough"))
        await settled()
        assert workers.workers[0].job.scenario.seed == 104
        workers.workers[0].done()
        await at_once
        await settled()
        assert workers.is_idle
        assert answers.known(down, "rough") is None
        # Once it is asked it has the rank of what is asked.
        last = asyncio.create_task(answers.of(down, "rough"))
        await settled()
        assert [each.rank for each in workers._busy.values()] == [0]
        workers.workers[0].done()
        await last
        answers.close()

    asyncio.run(all_of_it())


@pytest.mark.parametrize("is_known", [False, True])
def test_a_background_that_is_being_learnt_is_not_given_up_for_a_setting_that_shares_it(
    still, tiny_scenario, tiny_world, is_known
):
    treaty = tiny_scenario.agreements["treaty"]
    less = treaty.concessions[0].model_copy(update={"cut": 0.11})
    treaty = treaty.model_copy(update={"concessions": (less,)})
    setting = tiny_scenario.model_copy(update={"agreements": {"treaty": treaty}})

    async def all_of_it():
        workers = still()
        answers = Answers(workers, None, tiny_world)
        first = workers.workers[0]
        if is_known:
            first.knows.keep(answers._home(tiny_scenario, "rough"), True)
        answers.prepare([tiny_scenario])
        await settled()
        asked = asyncio.create_task(answers.of(setting, "rough"))
        await settled()
        assert first.job.scenario == (setting if is_known else tiny_scenario)
        first.done()
        await settled()
        assert first.job.scenario == setting
        if not is_known:
            first.done()
        await asked
        await settled()
        assert workers.is_idle  # firm answers ahead are given up all the same
        answers.close()

    asyncio.run(all_of_it())


def test_firm_answers_follow_rough_ones_ahead_of_any_question(
    still, tiny_scenario, tiny_world, monkeypatch
):
    monkeypatch.setattr(answers_module, "REST_S", 0.1)

    async def all_of_it():
        workers = still()
        answers = Answers(workers, None, tiny_world)
        answers.prepare([tiny_scenario])
        await settled()
        workers.workers[0].done()
        await settled()
        assert answers.known(tiny_scenario, "rough")
        assert workers.is_idle
        await asyncio.sleep(0.15)
        assert [each for each in jobs(workers) if each] == [("firm", range(8))]
        # Work that is under way is not begun again.
        answers.prepare([other(tiny_scenario, 5)])
        await settled()
        assert [each for each in jobs(workers) if each] == [("firm", range(8))]
        asked = asyncio.create_task(answers.of(other(tiny_scenario, 7), "rough"))
        await settled()
        assert [each for each in jobs(workers) if each] == [("rough", None)]
        workers.workers[0].done()
        await asked
        answers.close()

    asyncio.run(all_of_it())


def test_a_setting_seen_before_is_told_by_its_surest_answer_alone(tiny_scenario):
    class Asleep:
        is_idle = False

    answers = Answers(Asleep(), None, None)
    own = scenario_hash(tiny_scenario)
    for stage in ORDER[:3]:
        answers._kept.keep((own, stage), {"stage": stage})
    assert AnswerStream(answers, tiny_scenario, [*ORDER]).stages == ["final", "parts", "ledgers"]
    assert AnswerStream(answers, tiny_scenario, ["rough"]).stages == ["final"]
    assert AnswerStream(answers, other(tiny_scenario, 9), [*ORDER]).stages == [*ORDER]


def test_a_setting_seen_before_is_told_once_and_before_anything_is_begun(tiny_scenario):
    class Never:
        n, n_replaced, is_idle = 2, 0, False

    async def told():
        answers = Answers(Never(), None, None)
        for stage in ORDER:
            answers._kept.keep((scenario_hash(tiny_scenario), stage), {"stage": stage})
        lab = SimpleNamespace(answers=answers, asking={}, newest={"tab": 1})
        asked = AnswerStream(answers, tiny_scenario, [*ORDER])
        messages = _messages(lab, None, "tab", 1, asked)
        first = await anext(messages)
        assert asked._tasks == {}
        return [first, *[each async for each in messages]]

    first, last = asyncio.run(told())
    assert first.startswith(b"event: answer")
    assert b'"stage": "ledgers"' in first
    assert last.startswith(b"event: done")


def test_the_next_lab_begins_with_the_answer_to_the_scenario_as_its_file_says(
    tiny_scenario, tmp_path
):
    from sim.store.lab_answers import LabAnswers

    class Ready:
        n, is_idle = 2, False

        async def answer(self, job, home=None, *, is_ahead=False):
            return {"stage": job.stage, "scenario_hash": scenario_hash(job.scenario), "bytes": 0}

    async def asked(is_as_filed):
        answers = Answers(Ready(), None, None, LabAnswers(tmp_path, "w"))
        answers._home = lambda *_: None
        wanted = AnswerStream(answers, tiny_scenario, [*ORDER], is_as_filed=is_as_filed)
        told = [(await wanted.begin(place))["stage"] for place in range(len(wanted.stages))]
        answers.close()
        return told

    assert asyncio.run(asked(is_as_filed=False)) == [*ORDER]
    assert asyncio.run(asked(is_as_filed=True)) == [*ORDER]
    assert asyncio.run(asked(is_as_filed=True)) == ["ledgers"]
    assert asyncio.run(asked(is_as_filed=False)) == [*ORDER]
