"""What `sim clean` may remove: never what stands, never what a process is at work on."""

import os
from pathlib import Path
from tempfile import mkdtemp

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.store import StoreError, json_bytes, write_run
from sim.store.cleaning import RemovableFolder, older_folders, remove, unfinished_folders
from sim.store.study_parts import locked_parts

runner = CliRunner()


@pytest.fixture
def results(tmp_path):
    """Two runs and two sweeps of one scenario, one run of another, each older than the last."""
    made = [("s", "new", "run"), ("s", "old", "run"), ("s", "w1", "sweep"), ("s", "w0", "sweep"),
            ("t", "only", "run")]  # fmt: skip
    for age, (scenario, name, kind) in enumerate(made):
        record = {"kind": kind, "scenario": scenario, "title": name, "runs": 2, "run_id": name}
        folder = write_run(tmp_path / scenario / name, {"run.json": json_bytes(record)})
        os.utime(folder / "run.json", (1e9 - age, 1e9 - age))
    return tmp_path


LEFT, BUSY = "0123456789ab", "ba9876543210"
"""Identities of studies."""


def names(items):
    return sorted(item.folder.name for item in items)


def call(*arguments, **options):
    return runner.invoke(app, [str(argument) for argument in arguments], **options)


def test_the_newest_of_each_scenario_and_command_are_kept(results):
    assert names(older_folders(results, 1)) == ["old", "w0"]
    assert names(older_folders(results, 2)) == []


def test_only_what_nobody_is_at_work_on_is_unfinished(results):
    left, busy = (results / "s" / f".{name}.parts" for name in (LEFT, BUSY))
    with locked_parts(left, LEFT, {}) as store:
        store.put(0, b"part")
    draft = Path(mkdtemp(prefix=f".{LEFT}-", dir=results / "s"))
    with locked_parts(busy, BUSY, {}):
        found = unfinished_folders(results)
        assert names(found) == sorted([left.name, draft.name])
    assert "1 part finished" in next(i.why for i in found if i.folder == left)
    assert names(unfinished_folders(results)) == sorted([busy.name, left.name, draft.name])


@pytest.mark.parametrize(
    "theirs", ["project/.git", "s/.ipynb_checkpoints", "s/.venv-old", ".cache/.x", "s/.my.parts"]
)
def test_hidden_folders_of_others_are_left_alone(results, theirs):
    (results / theirs).mkdir(parents=True)
    assert unfinished_folders(results) == []
    call("clean", results, "--keep", 1, "--yes")
    assert (results / theirs).is_dir()


def test_records_of_other_programs_are_left_alone(results):
    for name in ("one", "two"):
        write_run(results / "theirs" / name, {"run.json": json_bytes({"run_id": 7})})
    assert names(older_folders(results, 1)) == ["old", "w0"]


def test_of_a_link_the_link_is_removed_alone(results, tmp_path_factory):
    kept = tmp_path_factory.mktemp("elsewhere") / "old"
    (results / "s" / "old").rename(kept)
    (results / "s" / "old").symlink_to(kept)
    assert call("clean", results, "--keep", 1, "--yes").exit_code == 0
    assert not (results / "s" / "old").is_symlink()
    assert (kept / "run.json").is_file()


def test_a_study_that_goes_on_while_it_is_asked_about_stays(results):
    folder = results / "s" / f".{LEFT}.parts"
    with locked_parts(folder, LEFT, {}) as store:
        store.put(0, b"part")
    chosen = unfinished_folders(results)
    with locked_parts(folder, LEFT, {}), pytest.raises(StoreError, match="at work"):
        remove(chosen)
    assert names(unfinished_folders(results)) == [folder.name]


def test_the_folder_of_a_scenario_goes_with_its_last_result(results):
    remove([RemovableFolder(results / "t" / "only", "", 0)])
    assert not (results / "t").exists()
    assert (results / "s").is_dir()


def test_what_cannot_be_removed_is_a_plain_error(results):
    with pytest.raises(StoreError, match="cannot be removed"):
        remove([RemovableFolder(results / "s" / "nothing", "", 0)])


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "what\nn\n"])
def test_nothing_goes_without_a_yes(results, answer):
    done = call("clean", results, "--keep", 1, input=answer)
    assert "Remove these 2?" in done.output
    assert all((results / "s" / name / "run.json").is_file() for name in ("old", "w0"))


def test_a_yes_removes_what_was_listed_and_nothing_else(results):
    done = call("clean", results, "--keep", 1, input="y\n")
    assert done.exit_code == 0
    assert "2 removed" in done.output
    assert sorted(path.name for path in results.glob("*/*")) == ["new", "only", "w1"]


def test_list_shows_the_newest_first(results):
    done = call("list", results)
    assert done.exit_code == 0, done.output
    shown = [word for word in done.output.split() if word in ("new", "old", "w1", "w0", "only")]
    assert shown == ["new", "old", "w1", "w0", "only"]
