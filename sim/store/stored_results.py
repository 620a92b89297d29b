"""Stored results: their records as far as they are whole, the folders that hold them.

A folder of results may come from anybody, so that a record is believed only in the parts whose form
is right.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import UnionType
from typing import Any

from sim.laws.numerics.similar_words import nearest
from sim.store.folder_links import LEFT_ALONE, linked_folders
from sim.store.results import WRITTEN
from sim.store.store_errors import StoreError


@dataclass(frozen=True)
class StoredRun:
    """One result in the results folder."""

    folder: Path
    record: Mapping[str, Any]
    """What `run.json` holds."""
    n_bytes: int


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _named(kind: type | UnionType) -> Callable[[object], bool]:
    return lambda value: (
        isinstance(value, dict) and all(isinstance(v, kind) for v in value.values())
    )


_FORMS: Mapping[str, Callable[[Any], bool]] = {
    "reached_share": lambda value: (
        _named(int | float)(value) and not any(s < 0 or s > 1 for s in value.values())
    ),
    "versions": _named(str),
    "files": _named(str),
    "ledger": lambda value: isinstance(value, str),
    "arguments": lambda value: _texts(value) and bool(value),
    "scenarios": _texts,
    "baselines": _texts,
    "answers": _texts,
    "varied": _texts,
    "pairs": _named(str),
}
"""Forms of what the commands read of a record; all of it may be absent."""


def _is_record(content: object) -> bool:
    """True if an object read from JSON has the form of a run's record, in the parts read."""
    return isinstance(content, dict) and all(
        is_so(content[key]) for key, is_so in _FORMS.items() if key in content
    )


def read_record(folder: Path) -> dict[str, Any] | None:
    """Content of `run.json` of a result, or None if there is no complete result there."""
    try:
        content = _json_of(folder / "run.json")
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and _is_record(content) else None


def _json_of(path: Path) -> object:
    """Content of a file, parsed as JSON.

    Raises
    ------
    OSError, ValueError
        If it is no file (a pipe would be waited for), or holds no JSON.
    """
    if not path.is_file():
        raise OSError(None, "is no file", str(path))
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError("nested too deep") from None


def known_record(folder: Path) -> dict[str, Any]:
    """Content of `run.json` of a result.

    Raises
    ------
    StoreError
        If there is no whole result there; the message names one that is near.
    """
    record = read_record(folder)
    if record is not None:
        return record
    inside = sorted([*folder.glob("*/run.json"), *folder.glob("*/*/run.json")])
    if folder.is_file():
        raise StoreError(f"{folder}: is a file; wanted the folder of a result: {folder.parent}")
    if (folder / "run.json").is_file():
        raise StoreError(f"{folder}: its run.json is damaged; the same command makes it again")
    if inside:
        raise StoreError(
            f"{folder}: is not one result; wanted the folder of one, such as {inside[0].parent}"
        )
    beside = sorted(path.parent.name for path in folder.parent.glob("*/run.json"))
    near = nearest(folder.name, beside)
    meant = f"; did you mean {folder.parent / near}?" if near else ""
    raise StoreError(f"{folder}: no result is there; `sim list` shows where they are{meant}")


def kept_scenarios(folder: Path) -> list[Path]:
    """Scenarios that a result kept, as resolved, in the order they were given.

    Raises
    ------
    StoreError
        If one lies outside the result.
    """
    single = folder / "scenario.yaml"
    if single.is_file():
        kept = [single]
    else:
        names = (read_record(folder) or {}).get("scenarios", [])
        kept = [folder / "scenarios" / f"{name}.yaml" for name in names]
    for path in kept:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise StoreError(f"{folder}: names a scenario that lies elsewhere: {path}")
    return kept


def check_results(folder: Path) -> None:
    """Refuse what is no folder of results, but a file, or a folder inside one.

    Raises
    ------
    StoreError
        If it is; the message says which folder was meant.
    """
    if folder.is_file():
        raise StoreError(f"{folder}: is a file; wanted a folder of results")
    is_result = (folder / "run.json").is_file()
    is_of_scenario = any(folder.glob("*/run.json")) and not any(folder.glob("*/*/run.json"))
    if is_result or is_of_scenario:
        above = folder.absolute().parents[1 if is_result else 0]
        raise StoreError(f"{folder}: lies inside a folder of results; wanted that folder: {above}")


def stored_runs(results: Path) -> tuple[list[StoredRun], list[str]]:
    """Results below a folder, newest first, and what could not be read as one.

    Returns
    -------
    tuple
        Runs, and a line for every folder whose record is missing or damaged, or to which a link
        leads.
    """
    runs = []
    damaged = [f"{link}: {LEFT_ALONE}" for link in linked_folders(results)]
    for record in sorted(results.glob("*/*/run.json")):
        folder = record.parent
        if folder.name.startswith(".") or folder.parent.is_symlink():
            continue
        try:
            content = _json_of(record)
        except (OSError, ValueError) as problem:
            damaged.append(f"{record}: not a readable record ({problem})")
            continue
        if not (isinstance(content, dict) and _is_record(content)):
            damaged.append(f"{record}: not the record of a run")
            continue
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        runs.append((_written_at(record, content), StoredRun(folder, content, size)))
    runs.sort(key=lambda item: (-item[0], str(item[1].folder)))
    return [run for _, run in runs], damaged


def _written_at(path: Path, record: Mapping[str, Any]) -> float:
    """Time when a result was written, from its record; from its file if the record has none.

    A copy of a folder has new dates, and in another order.
    """
    try:
        return datetime.fromisoformat(record[WRITTEN]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return path.stat().st_mtime
