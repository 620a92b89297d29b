"""Results on disk: whole or not at all."""

import json
import os
import resource
import signal
from pathlib import Path

import pytest

from sim.store import StoreError, json_bytes, run_id, stored_runs, table_bytes, write_new, write_run


def test_files_arrive_with_their_folders(tmp_path):
    folder = write_run(tmp_path / "a" / "b", {"x.txt": b"1", "figures/y.svg": b"2"})
    assert (folder / "x.txt").read_bytes() == b"1"
    assert (folder / "figures" / "y.svg").read_bytes() == b"2"
    assert os.listdir(tmp_path / "a") == ["b"]


def test_a_new_result_replaces_the_old_one_whole(tmp_path):
    write_run(tmp_path / "r", {"old.txt": b"1", "both.txt": b"1"})
    write_run(tmp_path / "r", {"both.txt": b"2"})
    assert [path.name for path in (tmp_path / "r").iterdir()] == ["both.txt"]
    assert (tmp_path / "r" / "both.txt").read_bytes() == b"2"


def test_two_processes_may_write_the_same_result(tmp_path, monkeypatch):
    """Another one puts its own in place just after ours has moved the old one away."""
    folder, rename, others = tmp_path / "r", os.rename, [b"2", b"3"]
    write_run(folder, {"a": b"1"})

    def with_another(source, place):
        rename(source, place)
        if Path(source) == folder and others:
            folder.mkdir()
            (folder / "a").write_bytes(others.pop())

    monkeypatch.setattr(os, "rename", with_another)
    write_run(folder, {"a": b"4"})
    assert not others
    assert (folder / "a").read_bytes() == b"4"
    assert os.listdir(tmp_path) == ["r"]


def test_a_failed_write_leaves_the_old_result_standing(tmp_path):
    write_run(tmp_path / "r", {"a": b"1"})
    with pytest.raises(StoreError, match="writing failed"):
        write_run(tmp_path / "r", {"a": b"2", "a/b": b"3"})
    assert (tmp_path / "r" / "a").read_bytes() == b"1"
    assert os.listdir(tmp_path) == ["r"]


def test_a_folder_that_cannot_be_made_is_a_plain_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="--output"):
        write_run(tmp_path / "file" / "r", {"a": b"1"})


def test_the_same_table_gives_the_same_bytes():
    table = {"name": ["a", "b"], "value": [1.0, 2.0]}
    assert table_bytes(table) == table_bytes(dict(table))


def test_the_identity_depends_on_scenario_and_world():
    assert run_id("a", "b") == run_id("a", "b")
    assert len({run_id("a", "b"), run_id("b", "a"), run_id("a", "c")}) == 3


def test_json_keeps_its_order():
    assert json_bytes({"b": 1, "a": "é"}) == '{\n  "a": "é",\n  "b": 1\n}\n'.encode()


def test_results_are_listed_newest_first_and_damaged_ones_named(tmp_path):
    for age, name in enumerate(["new", "old"]):
        folder = write_run(tmp_path / "s" / name, {"run.json": json_bytes({"scenario": name})})
        os.utime(folder / "run.json", (1e9 - age, 1e9 - age))
    write_run(tmp_path / "s" / "broken", {"run.json": b"{"})
    runs, damaged = stored_runs(tmp_path)
    assert [stored.record["scenario"] for stored in runs] == ["new", "old"]
    assert len(damaged) == 1
    assert "broken" in damaged[0]
    assert runs[0].n_bytes == len(json.dumps({"scenario": "new"}, indent=2)) + 1


def test_no_results_is_an_empty_list(tmp_path: Path):
    assert stored_runs(tmp_path / "nowhere") == ([], [])


@pytest.mark.parametrize(
    "content", [b"[1, 2]", b"null", b'{"reached_share": null}', b'{"reached_share": {"a": "b"}}']
)
def test_json_that_is_no_record_is_named_as_damaged(tmp_path, content):
    write_run(tmp_path / "s" / "odd", {"run.json": content})
    runs, damaged = stored_runs(tmp_path)
    assert not runs
    assert "not the record of a run" in damaged[0]


def test_a_new_file_below_a_file_is_not_called_there_already(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be written"):
        write_new(tmp_path / "file" / "a.yaml", b"1")
    write_new(tmp_path / "a.yaml", b"1")
    with pytest.raises(StoreError, match="there already"):
        write_new(tmp_path / "a.yaml", b"2")


def test_half_a_new_file_is_taken_back(tmp_path):
    """A disk that is full, which takes the first bytes of a file and no more."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limit[1]))
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            write_new(tmp_path / "a.csv", b"1" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, before)
    assert os.listdir(tmp_path) == []


def test_the_identity_of_a_result_is_that_of_the_code_too(monkeypatch, tmp_path):
    from sim.store import results

    known, ours = results.run_id("scenario", "world"), results.code_hash()
    (tmp_path / "law.py").write_text("x = 1\n")
    monkeypatch.setattr(results, "CODE", tmp_path)
    results.code_hash.cache_clear()
    try:
        other = results.run_id("scenario", "world")
        (tmp_path / "law.py").write_text("x = 2\n")
        results.code_hash.cache_clear()
        assert len({known, other, results.run_id("scenario", "world")}) == 3
    finally:
        monkeypatch.undo()
        results.code_hash.cache_clear()
    assert results.versions()["code"] == ours
