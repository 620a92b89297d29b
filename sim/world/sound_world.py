"""A world found sound, as far as a check of scenarios asks for it.

Of the packaged world it is kept beside the compiled kernels: its tables are read, checked and
calibrated again when they, or the modules that do so, have changed. Faults are never kept.
"""

import hashlib
import os
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sim.world.name_lists import Names

if TYPE_CHECKING:
    from sim.world.own_figures import OwnRow
    from sim.world.world import World

_ROOM = Path(__file__).resolve().parent
PLACE = _ROOM / "__pycache__" / f"sound_world.{sys.implementation.cache_tag}.pickle"
"""Where the packaged world is kept."""
_TABLES = _ROOM / "tables"
_MADE_BY = (_ROOM, _ROOM.parent / "laws")
"""Rooms whose modules read, check and calibrate a world."""
_DIGEST_BYTES = 32


class TradedPairs(Protocol):
    """Trade of the base year by pair, held to a ledger; a `World` has it."""

    @property
    def ledger(self) -> str:
        """Ledger that the trade is held to."""

    @property
    def base_year(self) -> int:
        """Year of the trade."""

    @property
    def regions(self) -> tuple[str, ...]:
        """Codes of the regions."""

    @property
    def region_names(self) -> tuple[str, ...]:
        """Their names."""

    @property
    def energy_pairs(self) -> frozenset[frozenset[str]]:
        """Pairs that a route of energy joins."""

    def pair_musd(self, exporter: str, importer: str) -> float:
        """Flow between two regions, all goods and energy [musd/year]."""


@dataclass(frozen=True)
class BaseTrade:
    """Trade of the base year by pair without arrays."""

    ledger: str
    base_year: int
    regions: tuple[str, ...]
    region_names: tuple[str, ...]
    energy_pairs: frozenset[frozenset[str]]
    flows: tuple[tuple[float, ...], ...]
    """Exporter by importer [musd/year]."""

    def pair_musd(self, exporter: str, importer: str) -> float:
        """Flow between two regions, all goods and energy [musd/year]."""
        return self.flows[self.regions.index(exporter)][self.regions.index(importer)]


@dataclass(frozen=True)
class SoundWorld:
    """Names and trade of a world whose tables have no fault."""

    names: Names
    folder: Path | None
    trade: Mapping[str | None, BaseTrade]
    """By ledger, None for the default."""

    def trade_of(self, ledger: str | None, own: "Sequence[OwnRow]" = ()) -> TradedPairs:
        """Trade held to a ledger, with figures of the analyst's own.

        Raises
        ------
        WorldError
            If no such ledger is kept, or the figures do not fit the tables.
        """
        if not own and ledger in self.trade:
            return self.trade[ledger]
        from sim.world.load import load_world

        return load_world(self.folder, ledger=ledger, own=own)


def sound_world(folder: Path | None = None) -> SoundWorld:
    """Read, check and calibrate a world, for every ledger; the packaged one once.

    Parameters
    ----------
    folder : Path, optional
        Folder of tables, the packaged world if left out.

    Raises
    ------
    WorldError, CalibrationError
        As `load_world`.
    """
    if folder is not None:
        return _read(folder)
    key = _key()
    if (kept := _kept(key)) is not None:
        return kept
    found = _read(None)
    _keep(key, found)
    return found


def _read(folder: Path | None) -> SoundWorld:
    from sim.world.load import check_folder
    from sim.world.names import world_names

    world_of, names = check_folder(folder), world_names(folder)
    return SoundWorld(
        names,
        folder,
        {ledger: _without_arrays(world_of(ledger)) for ledger in (None, *names.ledgers)},
    )


def _without_arrays(world: "World") -> BaseTrade:
    return BaseTrade(
        world.ledger,
        world.base_year,
        world.regions,
        world.region_names,
        world.energy_pairs,
        tuple(tuple(world.pair_musd(a, b) for b in world.regions) for a in world.regions),
    )


def _key() -> bytes:
    """Digest of the packaged tables and of what tells one state of the modules from another."""
    digest = hashlib.sha256(sys.version.encode())
    tables = sorted(path for path in _TABLES.iterdir() if path.suffix in (".csv", ".json"))
    for path in tables:
        content = path.read_bytes()
        digest.update(f"{path.name}:{len(content)}:".encode())
        digest.update(content)
    for module in sorted(found for room in _MADE_BY for found in _modules(room)):
        digest.update(repr(module).encode())
    return digest.digest()


def _modules(room: Path) -> Iterator[tuple[str, int, int]]:
    """Modules of a room with their sizes and times, by which compiled kernels are told too."""
    for place, _, files in os.walk(room):
        for name in files:
            if name.endswith(".py"):
                state = os.stat(os.path.join(place, name))
                yield os.path.join(place, name), state.st_size, state.st_mtime_ns


def _kept(key: bytes) -> SoundWorld | None:
    """Findings of an earlier start on the same tables by the same modules; None without one."""
    try:
        content = PLACE.read_bytes()
    except OSError:
        return None
    signed, made = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    if signed != hashlib.sha256(key + made).digest():
        return None
    found: SoundWorld = pickle.loads(made)
    return found


def _keep(key: bytes, found: SoundWorld) -> None:
    made = pickle.dumps(found, pickle.HIGHEST_PROTOCOL)
    part = PLACE.with_suffix(f".{os.getpid()}")
    try:
        PLACE.parent.mkdir(exist_ok=True)
        part.write_bytes(hashlib.sha256(key + made).digest() + made)
        part.replace(PLACE)
    except OSError:
        # There is nowhere to keep it, as with compiled kernels: it is found again every time.
        return
