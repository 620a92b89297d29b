"""Checksums of a result, by which every byte that is changed later is found.

`run.json` lists the SHA-256 of all other files, and of itself without that last sum.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from sim.store.results import WRITTEN, json_bytes

FILES, SEAL = "files", "seal"
RECORD = "run.json"


def with_checksums(
    record: Mapping[str, Any], files: Mapping[str, bytes], moved: Mapping[str, Path] | None = None
) -> bytes:
    """`run.json` of a result, with the moment, the sums of its files and its own.

    Parameters
    ----------
    record : mapping
        What else it says.
    files, moved : mapping
        All other files, as `sim.store.write_run` takes them.
    """
    sums = {name: sha256(content).hexdigest() for name, content in files.items()}
    sums |= {name: sum_of(path) for name, path in (moved or {}).items()}
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    whole = {WRITTEN: now, **record, FILES: sums}
    return json_bytes({**whole, SEAL: sha256(json_bytes(whole)).hexdigest()})


def changed_files(folder: Path, record: Mapping[str, Any]) -> list[str]:
    """Files of a result that are not as they were written, or are gone.

    Parameters
    ----------
    folder : Path
    record : mapping
        What `run.json` says; all is well with files of which it lists no sum.
    """
    sums = record.get(FILES, {})
    changed = [name for name, known in sums.items() if not _is(folder, name, known)]
    bare = {key: value for key, value in record.items() if key != SEAL}
    is_sealed = record.get(SEAL) == sha256(json_bytes(bare)).hexdigest()
    path = folder / RECORD
    if not is_sealed or path.is_symlink() or path.read_bytes() != json_bytes(record):
        changed.append(RECORD)
    return sorted(changed)


def checksums(folder: Path, suffixes: Sequence[str]) -> dict[str, str]:
    """SHA-256 of the files of a result with certain endings, by relative path."""
    return {
        path.relative_to(folder).as_posix(): sum_of(path)
        for path in sorted(folder.rglob("*"))
        if path.suffix in suffixes and path.is_file()
    }


def sum_of(path: Path) -> str:
    """SHA-256 of a file, which is not held in memory."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _is(folder: Path, name: str, known: str) -> bool:
    path = folder / name
    inside = path.resolve().is_relative_to(folder.resolve())
    return inside and path.is_file() and sum_of(path) == known
