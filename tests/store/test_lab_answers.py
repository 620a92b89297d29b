"""Answers kept for the next lab: found again from the same, never from anything else."""

import os

import pytest

from sim.store import lab_answers
from sim.store.lab_answers import MAX_KEPT, LabAnswers

ANSWER = {"scenario_hash": "a", "stage": "ledgers", "targets": [{"median": 0.1 + 0.2}]}


def files(results):
    return sorted(results.rglob("*"))


def test_an_answer_is_found_again_in_every_digit(tmp_path):
    LabAnswers(tmp_path, "w").keep("a", ANSWER)
    assert LabAnswers(tmp_path, "w").at_hand("a") == ANSWER
    assert [each.suffix for each in files(tmp_path / ".lab")] == [".json"]


def test_nothing_is_found_of_another_scenario_world_or_code(tmp_path, monkeypatch):
    kept = LabAnswers(tmp_path, "w")
    kept.keep("a", ANSWER)
    assert kept.at_hand("b") is None
    assert LabAnswers(tmp_path, "v").at_hand("a") is None
    before = lab_answers.versions()
    monkeypatch.setattr(lab_answers, "versions", lambda: before | {"code": "another"})
    assert kept.at_hand("a") is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"scenario_hash": "b"}', b"\xff"])
def test_a_spoiled_file_counts_for_nothing(tmp_path, content):
    kept = LabAnswers(tmp_path, "w")
    kept.keep("a", ANSWER)
    (file,) = files(tmp_path / ".lab")
    file.write_bytes(content)
    assert kept.at_hand("a") is None


def test_a_lab_that_only_reads_and_one_behind_a_link_write_nothing(tmp_path):
    LabAnswers(tmp_path, "w", may_write=False).keep("a", ANSWER)
    assert files(tmp_path) == []
    results, elsewhere = tmp_path / "results", tmp_path / "elsewhere"
    results.mkdir()
    elsewhere.mkdir()
    (results / ".lab").symlink_to(elsewhere)
    linked = LabAnswers(results, "w")
    linked.keep("a", ANSWER)
    assert files(elsewhere) == []
    assert linked.at_hand("a") is None


def test_the_oldest_go_first(tmp_path):
    kept = LabAnswers(tmp_path, "w")
    for k in range(MAX_KEPT + 3):
        kept.keep(str(k), ANSWER | {"scenario_hash": str(k)})
        newest = max(files(tmp_path / ".lab"), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (k, k))
    assert len(files(tmp_path / ".lab")) == MAX_KEPT
    assert kept.at_hand("0") is None
    assert kept.at_hand(str(MAX_KEPT + 2)) is not None
