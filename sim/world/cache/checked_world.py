"""A world found sound, as far as a check of scenarios asks for it.

Of the packaged world it is kept beside the compiled kernels: its tables are read, checked and
calibrated again when they, or the modules that do so, have changed. Faults are never kept.
"""

import hashlib
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sim.world.cache.cache_files import read_cached, state_of_modules, write_cached
from sim.world.name_lists import Names

if TYPE_CHECKING:
    from sim.world.own_figures import OwnRow
    from sim.world.world import World

_NAME = "checked_world"
_TABLES = Path(__file__).resolve().parent.parent / "tables"
_MADE_BY = ("world", "laws")
"""Rooms whose modules read, check and calibrate a world."""


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


def mutual_musd(trade: TradedPairs, a: str, b: str) -> float:
    """Flows between two regions in both directions together [musd/year]."""
    return trade.pair_musd(a, b) + trade.pair_musd(b, a)


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
class CheckedWorld:
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


def checked_world(folder: Path | None = None) -> CheckedWorld:
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
    if (kept := read_cached(_NAME, key)) is not None:
        known: CheckedWorld = pickle.loads(kept)
        return known
    found = _read(None)
    write_cached(_NAME, key, pickle.dumps(found, pickle.HIGHEST_PROTOCOL))
    return found


def _read(folder: Path | None) -> CheckedWorld:
    from sim.world.load import check_folder
    from sim.world.names import world_names

    world_of, names = check_folder(folder), world_names(folder)
    return CheckedWorld(
        names,
        folder,
        {ledger: _without_arrays(world_of(ledger)) for ledger in (None, *names.ledgers)},
    )


def _without_arrays(world: "World") -> BaseTrade:
    def exports_of(exporter: str) -> tuple[float, ...]:
        return tuple(world.pair_musd(exporter, importer) for importer in world.regions)

    return BaseTrade(
        world.ledger,
        world.base_year,
        world.regions,
        world.region_names,
        world.energy_pairs,
        tuple(map(exports_of, world.regions)),
    )


def _key() -> bytes:
    """Digest of the packaged tables and of the modules that read them."""
    digest = hashlib.sha256(state_of_modules(_MADE_BY))
    tables = sorted(path for path in _TABLES.iterdir() if path.suffix in (".csv", ".json"))
    for path in tables:
        content = path.read_bytes()
        digest.update(f"{path.name}:{len(content)}:".encode())
        digest.update(content)
    return digest.digest()
