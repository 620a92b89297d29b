"""Removable items of a folder of results: unfinished results, and older results."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from sim.store.folder_links import LEFT_ALONE
from sim.store.results import ID_LENGTH, StoreError, system_message
from sim.store.stored_results import stored_runs
from sim.store.study_parts import is_held

_ID = f"[0-9a-f]{{{ID_LENGTH}}}"
_STUDY = re.compile(rf"\.{_ID}\.parts")
_DRAFT = re.compile(rf"\.{_ID}-[a-z0-9_]{{8}}(-old)?")
"""Names that the store gives to what is not finished; other hidden folders are not its own."""


@dataclass(frozen=True)
class RemovableFolder:
    """A folder that may be removed."""

    folder: Path
    why: str
    n_bytes: int
    is_study: bool = False
    """Whether it is a study that can go on."""


def unfinished_folders(results: Path) -> list[RemovableFolder]:
    """Studies that were interrupted, and what a killed process left while it was writing.

    Those at which a process is at work are not among them, nor what a link leads to.
    """
    found = []
    for folder in sorted(results.glob("*/.*")):
        is_study = _STUDY.fullmatch(folder.name) is not None
        if folder.is_symlink() or folder.parent.is_symlink():
            continue
        if not folder.is_dir() or not (is_study or _DRAFT.fullmatch(folder.name)):
            continue
        if is_study and is_held(folder):
            continue
        if is_study:
            n_parts = len(list(folder.glob("[0-9]*.parquet")))
            why = f"interrupted study, {n_parts} part{'s' * (n_parts != 1)} finished"
        else:
            why = "left by a process that was killed while writing"
        found.append(RemovableFolder(folder, why, _size(folder), is_study))
    return found


def older_folders(results: Path, keep: int) -> list[RemovableFolder]:
    """Results beyond the newest few of each scenario and command.

    A record that does not bear the name of its folder was not put there by the store.
    """
    seen: dict[tuple[str, str], int] = {}
    found = []
    for stored in stored_runs(results)[0]:
        if stored.record.get("run_id") != stored.folder.name:
            continue
        key = (stored.folder.parent.name, str(stored.record.get("kind", "run")))
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > keep:
            found.append(
                RemovableFolder(stored.folder, f"older than the newest {keep}", stored.n_bytes)
            )
    return found


def remove(chosen: list[RemovableFolder]) -> None:
    """Remove folders, and the folders of scenarios that are then empty; of links the link alone.

    Raises
    ------
    StoreError
        If one cannot be removed, lies behind a link, or a process has begun to work at it.
    """
    for item in chosen:
        if item.is_study and is_held(item.folder):
            raise StoreError(f"{item.folder}: a process is at work on it now; it stays")
        if item.folder.parent.is_symlink():
            raise StoreError(f"{item.folder.parent}: {LEFT_ALONE}")
        try:
            if item.folder.is_symlink():
                item.folder.unlink()
            else:
                shutil.rmtree(item.folder)
            if not any(item.folder.parent.iterdir()):
                item.folder.parent.rmdir()
        except OSError as problem:
            raise StoreError(
                f"{item.folder}: cannot be removed ({system_message(problem)})"
            ) from problem


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
