"""Workers answer as `sim run` does, give up what nobody wants, and are replaced when they end."""

import asyncio
import json
import os
import signal
import time
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `lab` is not installed")

from typer.testing import CliRunner

from sim.cli import app
from sim.lab import stage_jobs
from sim.lab.answers import Answers, AnswerStream
from sim.lab.questions import LEDGERS, PARTS, StageJob, blocks_of
from sim.lab.stage_jobs import answer
from sim.lab.workers import LabWorkers
from sim.scenario.scenario_file import load_scenario
from sim.world.load import load_world
from sim.world.names import world_names
from tests.lab.machine_load import slowdown

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"
WORLD = load_world(TINY)
TWO = """\
extends: tiny.yaml
title: Two treaties
question: Which of two treaties matters?
agreements:
  road:
    kind: transit
    members: [AAA, BBB]
    timeline: {signed: 2023Q1, in_force: 2024Q1}
    border_time_cut: 0.5
"""


def loaded(path):
    return load_scenario(path, world_names(TINY))


@pytest.fixture
def two(tmp_path):
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "tiny.yaml").write_bytes(TINY.with_suffix(".yaml").read_bytes())
    (tmp_path / "two.yaml").write_text(TWO)
    return tmp_path / "two.yaml"


@pytest.mark.usefixtures("no_pictures", "no_central_runs")
def test_the_final_answer_is_that_of_sim_run_in_every_digit(two, tmp_path):
    result = CliRunner().invoke(
        app, ["run", str(two), "--world", str(TINY), "--output", str(tmp_path), "--workers", "1"]
    )
    assert result.exit_code == 0, result.output
    stored = json.loads(next(tmp_path.glob("two/*/answer.json")).read_text(encoding="utf-8"))
    scenario = loaded(two)
    final = answer(StageJob(1, scenario, TINY, "final"))
    parts = answer(StageJob(2, scenario, TINY, PARTS))
    told = json.loads(json.dumps(parts))["targets"]
    assert {target["name"]: target["answer"] for target in told} == stored["targets"]
    assert parts["run_id"] == stored["run"]["run_id"]
    assert parts["scenario_hash"] == stored["run"]["scenario_hash"]
    for one, other in zip(final["targets"], parts["targets"], strict=True):
        whole = other["answer"] | {"agreement_effects": one["answer"]["agreement_effects"]}
        assert one["answer"] == whole
        assert one["lines"] == other["lines"]
    # Each agreement is there from the first, and what all add is what the second line says.
    for levers in (final["targets"][0]["levers"], told[0]["levers"]):
        names = [lever["name"] for lever in levers]
        assert names == ["treaty (preferential)", "road (transit)", "all together"]
        *alone, together = levers
        span = together["median"]["words"].partition("(")[2]
        assert told[0]["lines"][1].endswith(f" ({span}.")
        known = together["median"].items() >= told[0]["answer"]["trade_musd_difference"].items()
        assert known
        assert [lever["median"] is None for lever in alone] == [levers is not told[0]["levers"]] * 2


def test_blocks_are_all_runs_once_and_every_worker_has_a_share_of_the_firm_ones():
    for n_runs in (1, 8, 31, 32, 63, 64, 65, 100, 256, 300, 1024):
        for n_workers in (1, 2, 5):
            blocks = blocks_of(n_runs, n_workers)
            assert [run for block in blocks for run in block] == [*range(n_runs)]
            assert max(map(len, blocks)) <= 96
            firm = [block for block in blocks if block.start < 64]
            assert firm[-1].stop == min(64, n_runs)
            assert len(firm) == max(1, min(n_workers, min(64, n_runs) // 16))
            assert max(map(len, firm)) - min(map(len, firm)) <= 1


def test_an_answer_put_together_from_blocks_is_that_of_one_piece(two, tmp_path):
    scenario = loaded(two).model_copy(update={"runs": 20})
    kinds = (("final", range(12)), ("final", range(12, 20)), (PARTS, range(12)),
             (PARTS, range(12, 20)), (LEDGERS, range(20)))  # fmt: skip
    paths = []
    for k, (stage, runs) in enumerate(kinds):
        paths.append(tmp_path / f"{k}.block")
        job = StageJob(1, scenario, TINY, stage, runs=runs, place=paths[-1])
        assert answer(job)["bytes"] == paths[-1].stat().st_size
    blocks = (tuple(paths[:2]), tuple(paths[2:4]), tuple(paths[4:]))
    for stage in ("final", PARTS, LEDGERS):
        stage_jobs._last.clear()
        pieces = answer(StageJob(1, scenario, TINY, stage, blocks=blocks))
        stage_jobs._last.clear()
        assert pieces == answer(StageJob(1, scenario, TINY, stage))


def test_lines_are_short_and_rows_name_members_first(tiny_scenario):
    told = answer(StageJob(1, tiny_scenario, TINY, "rough"))["targets"][0]
    assert len(told["lines"]) == 2
    assert sum(len(line.split()) for line in told["lines"]) <= 60
    assert {row["region"] for row in told["gains"]["rows"][:2]} == {"AAA", "BBB"}
    assert told["routes"]["rows"]
    assert told["answer"]["n_residual_paths"] == 2048


async def idle(workers, patience_s=30.0):
    began = time.monotonic()
    while not workers.is_idle:
        assert time.monotonic() < began + patience_s
        await asyncio.sleep(0.01)
    return time.monotonic() - began


@pytest.mark.slow
def test_work_is_shared_stopped_and_survives_the_end_of_a_worker(tiny_scenario):
    """One pair of processes for all of it: they take seconds to start."""
    workers = LabWorkers(2)
    answers = Answers(workers, TINY, WORLD)
    slow = tiny_scenario.model_copy(update={"runs": 900})

    async def all_of_it():
        first, same = await asyncio.gather(
            answers.of(tiny_scenario, "rough"), answers.of(tiny_scenario, "rough")
        )
        assert first is same
        assert answers.known(tiny_scenario, "rough") is first
        assert first["runs"] == 8

        # One of two who ask the same goes; the work goes on. Both go; it stops soon.
        one = asyncio.create_task(answers.of(slow, "final"))
        two = asyncio.create_task(answers.of(slow, "final"))
        await asyncio.sleep(0.3)
        one.cancel()
        await asyncio.sleep(0.1)
        assert not workers.is_idle
        two.cancel()
        assert await idle(workers) < 3.0 * slowdown()
        assert workers.n_replaced == 0
        assert workers.n_waiting == 0
        assert answers.known(slow, "final") is None

        # A worker that is killed while it computes is replaced and the answer is right.
        again = asyncio.create_task(answers.of(slow.model_copy(update={"seed": 4}), "firm"))
        await asyncio.sleep(0.3)
        for pid in workers.workers[1].pids:
            os.kill(pid, signal.SIGKILL)
        found = await again
        assert workers.n_replaced == 1

        # So are workers that end while they have nothing to do.
        while not workers.is_idle:
            await asyncio.sleep(0.05)
        for worker in workers.workers:
            for pid in worker.pids:
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.5)
        late = tiny_scenario.model_copy(update={"seed": 9})
        assert (await answers.of(late, "final"))["runs"] == 8
        assert workers.n_replaced >= 2

        # What can wait gives way to what cannot, and is done after it.
        fewer = slow.model_copy(update={"runs": 300})
        late = [asyncio.create_task(answers.of(fewer, stage)) for stage in ("final", "firm")]
        await asyncio.sleep(0.4)
        order = []
        for task, name in zip(late, ("final", "firm"), strict=True):
            task.add_done_callback(lambda _, name=name: order.append(name))
        rough = await answers.of(slow.model_copy(update={"seed": 5}), "rough")
        assert rough["runs"] == 16
        assert "final" not in order
        firm, final = await late[1], await late[0]
        assert (firm["runs"], final["runs"]) == (64, 300)
        assert order == ["firm", "final"]
        return found

    try:
        found = asyncio.run(all_of_it())
        here = answer(StageJob(1, slow.model_copy(update={"seed": 4}), TINY, "firm"))
        assert found == here
        pids = [pid for worker in workers.workers for pid in worker.pids]
        assert len(pids) == 3
    finally:
        workers.close()
        answers.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_newer_question_about_the_same_text_shares_the_work_of_the_older(tiny_scenario):
    from sim.lab.app import Lab, _messages

    class Slow:
        """Workers that count what they are given."""

        n_replaced = n_given = 0
        is_idle = False

        async def answer(self, job, home=None, *, is_ahead=False):
            self.n_given += 1
            await asyncio.sleep(0.2)
            return {"stage": job.stage}

    class Connected:
        async def is_disconnected(self):
            return False

    async def all_of_it():
        workers = Slow()
        lab = Lab(None, Answers(workers, TINY, WORLD), str, None)

        async def asked(number):
            lab.newest["tab"] = number
            wanted = AnswerStream(lab.answers, tiny_scenario, ["rough"])
            told = _messages(lab, Connected(), "tab", number, wanted)
            return b"".join([message async for message in told])

        older = asyncio.create_task(asked(1))
        await asyncio.sleep(0.05)
        newer = await asked(2)
        return workers.n_given, await older, newer, lab.asking

    n_given, older, newer, left = asyncio.run(all_of_it())
    assert n_given == 1
    assert b"event: stopped" in older
    assert b"event: answer" not in older
    assert b"event: answer" in newer
    assert left == {}
