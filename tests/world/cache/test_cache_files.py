"""Kept files say what was found, or nothing."""

import os

import pytest

from sim.world.cache import cache_files
from sim.world.cache.cache_files import (
    cache_path,
    keep_newest,
    read_cached,
    state_of_modules,
    write_cached,
)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_files, "PLACE", tmp_path / "kept")


def test_a_file_is_believed_only_under_its_key() -> None:
    write_cached("found", b"key", b"content")
    assert read_cached("found", b"key") == b"content"
    assert read_cached("found", b"other") is None
    assert read_cached("never", b"key") is None


@pytest.mark.parametrize("spoil", [lambda c: c[:-1], lambda c: b"", lambda c: c + b"x",
                                   lambda c: bytes([c[0] ^ 1]) + c[1:]])  # fmt: skip
def test_a_spoiled_file_counts_for_nothing(spoil) -> None:
    write_cached("found", b"key", b"content")
    cache_path("found").write_bytes(spoil(cache_path("found").read_bytes()))
    assert read_cached("found", b"key") is None


def test_without_a_place_nothing_is_kept(tmp_path, monkeypatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(cache_files, "PLACE", tmp_path / "file")
    write_cached("found", b"key", b"content")
    keep_newest("found", 1)
    assert read_cached("found", b"key") is None


def test_only_the_newest_stay() -> None:
    for age, name in enumerate(("paths-c", "paths-b", "paths-a", "other")):
        write_cached(name, b"key", b"content")
        os.utime(cache_path(name), (1000 - age, 1000 - age))
    keep_newest("paths-", 2)
    assert [read_cached(name, b"key") for name in ("paths-a", "paths-b", "paths-c", "other")] == [
        None, b"content", b"content", b"content",
    ]  # fmt: skip


def test_another_module_is_another_state(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(cache_files, "_SIM", tmp_path)
    (tmp_path / "room").mkdir()
    module = tmp_path / "room" / "law.py"
    module.write_text("a = 1\n")
    before = state_of_modules(("room",))
    assert state_of_modules(("room",)) == before
    module.write_text("a = 22\n")
    assert state_of_modules(("room",)) != before
