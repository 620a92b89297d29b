"""Blocks in files: kept within their room, never taken away from whoever is about to read."""

import pytest

from sim.store.kept_blocks import KeptBlocks, read_block, write_block


@pytest.fixture
def kept():
    kept = KeptBlocks(most_bytes=250)
    yield kept
    kept.close()


def put(kept, key):
    path = kept.new_path()
    write_block(path, key)
    kept.keep(key, path, 100)
    return path


def test_a_block_is_read_as_it_was_written_and_leaves_no_draft(kept):
    path = put(kept, "a")
    assert kept.at_hand("a") == path
    assert read_block(path) == "a"
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert kept.at_hand("b") is None


def test_the_oldest_goes_first_and_what_is_in_use_stays(kept):
    first = put(kept, "a")
    with kept.in_use(["a", "d"]):
        for key in ("b", "c", "d"):
            put(kept, key)
        assert first.exists()
        assert kept.at_hand("b") is None
        assert kept.n_bytes <= 300
    put(kept, "e")
    assert kept.n_bytes <= 250
    assert not first.exists()
    assert kept.at_hand("e")


def test_a_block_made_twice_is_kept_once_and_all_go_in_the_end(kept):
    one, other = put(kept, "a"), put(kept, "a")
    assert not one.exists()
    assert kept.n_bytes == 100
    kept.close()
    assert not other.parent.exists()
