"""A world found sound is found once; what is kept says what the tables say."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.world.cache import cache_files
from sim.world.cache import checked_world as module
from sim.world.cache.cache_files import cache_path
from sim.world.cache.checked_world import checked_world
from sim.world.csv_tables.reader import PACKAGED
from sim.world.csv_tables.table_errors import WorldError
from sim.world.load import load_world
from sim.world.names import world_names


@pytest.fixture
def tables(tmp_path, tiny, monkeypatch) -> Path:
    """Tables that stand for the packaged ones, small, and a place of their own to be kept at."""
    folder = Path(shutil.copytree(tiny, tmp_path / "tables"))
    shutil.copy(PACKAGED / "land.json", folder)
    for name in ("sim.world.csv_tables.reader", "sim.world.load", "sim.world.names",
                 "sim.world.coastlines"):  # fmt: skip
        monkeypatch.setattr(f"{name}.PACKAGED", folder)
    monkeypatch.setattr(module, "_TABLES", folder)
    monkeypatch.setattr(cache_files, "PLACE", tmp_path / "kept")
    return folder


@pytest.fixture
def reads(monkeypatch) -> list[Path | None]:
    """Folders that were read and checked."""
    found: list[Path | None] = []
    read = module._read
    monkeypatch.setattr(module, "_read", lambda folder: found.append(folder) or read(folder))
    return found


def test_the_packaged_tables_are_meant() -> None:
    assert module._TABLES == PACKAGED


def test_what_is_kept_says_what_the_tables_say(tables, reads) -> None:
    first, again = checked_world(), checked_world()
    assert reads == [None]
    assert again == first
    assert again.names == world_names(tables)
    for ledger in (None, *again.names.ledgers):
        trade, world = again.trade_of(ledger), load_world(tables, ledger=ledger)
        assert (trade.ledger, trade.base_year) == (world.ledger, world.base_year)
        assert (trade.regions, trade.region_names) == (world.regions, world.region_names)
        assert trade.energy_pairs == world.energy_pairs
        for a in world.regions:
            for b in world.regions:
                assert trade.pair_musd(a, b) == world.pair_musd(a, b)


def test_other_tables_are_read_anew_and_their_faults_told(tables, reads) -> None:
    checked_world()
    path = tables / "gdp.csv"
    sound = path.read_text()
    path.write_text(sound.replace("\n", "\nAAA,x,", 1))
    for _ in range(2):
        with pytest.raises(WorldError, match=r"gdp\.csv:2"):
            checked_world()
    path.write_text(sound)
    checked_world()
    assert len(reads) == 3


def test_other_modules_read_anew(tables, reads, monkeypatch) -> None:
    checked_world()
    monkeypatch.setattr(cache_files, "_modules", lambda room: iter([("sim/world/load.py", 1, 2)]))
    checked_world()
    assert len(reads) == 2


def test_what_was_spoiled_is_not_believed(tables, reads) -> None:
    checked_world()
    path = cache_path(module._NAME)
    content = bytearray(path.read_bytes())
    content[-40] ^= 1
    for spoiled in (bytes(content), b"", b"short"):
        path.write_bytes(spoiled)
        checked_world()
    assert len(reads) == 4


def test_without_a_place_it_is_found_every_time(tables, reads, tmp_path, monkeypatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(cache_files, "PLACE", tmp_path / "file")
    assert checked_world() == checked_world()
    assert len(reads) == 2


def test_a_folder_of_ones_own_is_never_kept(tables, tiny) -> None:
    before = sorted(tiny.iterdir())
    assert checked_world(tiny).folder == tiny
    assert sorted(tiny.iterdir()) == before
    assert not cache_path(module._NAME).exists()


def test_an_unknown_ledger_and_own_figures_go_to_the_tables(tables) -> None:
    known = checked_world()
    with pytest.raises(WorldError, match="ledger: 'nobody' is unknown"):
        known.trade_of("nobody")


def test_a_check_loads_no_arrays(project_root) -> None:
    code = (
        "import sys\n"
        "sys.argv = ['sim', 'check', 'scenarios/pta-and-transit.yaml']\n"
        "from sim.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "print('numpy' in sys.modules)"
    )
    done = [subprocess.run([sys.executable, "-c", code], cwd=project_root, check=True,
                           capture_output=True, text=True).stdout for _ in range(2)]  # fmt: skip
    assert done[1] == "1 file checked, no problem found.\nFalse\n"
