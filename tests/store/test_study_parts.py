"""Parts of a study: whole or not at all, nobody else's, one process at a time."""

import os
import resource
import signal
import subprocess
import sys

import pytest

from sim.store import StoreError
from sim.store.study_parts import (
    BusyError,
    columns_of,
    is_held,
    joined_rows,
    locked_parts,
    remove_parts,
    rows_bytes,
)

ROWS = {"run": [0, 1], "trade": [1.5, float("nan")], "status": ["finished", "failed"]}


def content(run: int = 0) -> bytes:
    return rows_bytes({**ROWS, "run": [run, run + 1]}, ["status"], ["run"])


def test_parts_are_found_again(tmp_path):
    with locked_parts(tmp_path / "p", "study", {}) as store:
        store.put(3, content())
    with locked_parts(tmp_path / "p", "study", {}) as store:
        assert store.done == {3}
        assert store.read(3) == content()


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "renumber", "foreign", "rename"])
def test_a_part_that_is_not_itself_is_removed_and_counted(tmp_path, damage):
    folder = tmp_path / "p"
    with locked_parts(folder, "other" if damage == "foreign" else "study", {}) as store:
        store.put(1, content())
    (part,) = folder.glob("*.parquet")
    whole = part.read_bytes()
    if damage == "cut":
        part.write_bytes(whole[: len(whole) // 2])
    elif damage == "flip":
        part.write_bytes(whole[:50] + bytes([whole[50] ^ 1]) + whole[51:])
    elif damage == "empty":
        part.write_bytes(b"")
    elif damage == "renumber":
        part.rename(folder / part.name.replace("000001", "000002"))
    elif damage == "rename":
        part.rename(folder / "1-wrong.parquet")
    with locked_parts(folder, "study", {}) as store:
        assert not store.done
        assert store.n_damaged == 1
        assert not list(folder.glob("*.parquet"))


def test_what_a_killed_writer_left_is_removed(tmp_path):
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "000007.draft").write_bytes(b"half")
    (tmp_path / ".study-abc").mkdir()
    with locked_parts(folder, "study", {}) as store:
        assert not store.done
    assert not list(folder.glob("*.draft"))
    assert not (tmp_path / ".study-abc").exists()


def test_a_second_process_is_told_and_touches_nothing(tmp_path):
    code = (
        "import sys; from pathlib import Path; from sim.store.study_parts import locked_parts\n"
        "with locked_parts(Path(sys.argv[1]), 'study', {}): print('in', flush=True); input()"
    )
    folder = tmp_path / "p"
    process = subprocess.Popen(
        [sys.executable, "-c", code, folder],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "in\n"
    assert is_held(folder)
    with pytest.raises(BusyError, match="another process"), locked_parts(folder, "study", {}):
        pass
    process.kill()
    process.communicate()
    assert not is_held(folder)
    with locked_parts(folder, "study", {}):  # a lock goes with the process that held it
        pass


def test_a_folder_that_cannot_be_made_is_a_plain_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with (
        pytest.raises(StoreError, match="--output"),
        locked_parts(tmp_path / "file" / "p", "s", {}),
    ):
        pass


def test_a_full_disk_keeps_what_is_finished(tmp_path):
    """A limit on the size of files stands for a full disk: both fail in the middle of a write."""
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from sim.store import StoreError; from sim.store.study_parts import locked_parts\n"
        "with locked_parts(Path(sys.argv[1]), 'study', {}) as store:\n"
        "    store.put(0, b'small')\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "    try: store.put(1, b'x' * 5000)\n"
        "    except StoreError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "p"], capture_output=True, text=True, check=True
    )
    assert "1 finished parts are kept" in done.stdout
    assert "File too large" in done.stdout
    with locked_parts(tmp_path / "p", "study", {}) as store:
        assert store.done == {0}
        assert store.n_damaged == 0
    assert not list((tmp_path / "p").glob("*.draft"))


def test_joined_rows_are_all_parts_in_order(tmp_path):
    with locked_parts(tmp_path / "p", "study", {}) as store:
        store.put(1, content(2))
        store.put(0, content(0))
        made = joined_rows(store, [0, 1], "outcomes")
        table = columns_of(made["outcomes.parquet"].read_bytes())
        assert table["run"].tolist() == [0, 1, 2, 3]
        assert table["status"] == ["finished", "failed"] * 2
        lines = made["outcomes.csv"].read_text().splitlines()
        assert lines[0] == '"run","trade","status"'
        assert len(lines) == 5
        remove_parts(store)
    assert os.listdir(tmp_path) == []


def test_parts_that_cannot_be_joined_leave_no_half_and_stay(tmp_path):
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with locked_parts(tmp_path / "p", "study", {}) as store:
        store.put(0, content(0))
        there = sorted(path.name for path in store.folder.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, limit[1]))
        try:
            with pytest.raises(StoreError, match=r"cannot be joined \(File too large\)"):
                joined_rows(store, [0], "outcomes")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
            signal.signal(signal.SIGXFSZ, before)
        assert sorted(path.name for path in store.folder.iterdir()) == there


def test_the_kinds_of_columns_do_not_depend_on_what_is_in_them():
    nothing = rows_bytes(
        {"run": [0], "trade": [float("nan")], "status": ["x"]}, ["status"], ["run"]
    )
    table = columns_of(nothing)
    assert table["trade"].dtype == "float64"
    assert table["run"].dtype == "int64"
