"""Scenario files of a folder: read, listed, and saved without losing what somebody else wrote."""

import hashlib
import os
from pathlib import Path

from sim.store.folder_links import open_own
from sim.store.store_errors import StoreError

SUFFIX = ".yaml"


def text_hash(text: str) -> str:
    """SHA-256 of a text, by which a file is known again."""
    return hashlib.sha256(text.encode()).hexdigest()


def scenario_files(folder: Path) -> list[Path]:
    """Scenario files of a folder by name; links are passed over."""
    found = (path for path in folder.glob(f"*{SUFFIX}") if path.is_file())
    return sorted(path for path in found if not path.is_symlink())


def folder_state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Condition of the scenario files of a folder: another after any of them was changed."""
    found = ((path.name, path.stat()) for path in scenario_files(folder))
    return tuple((name, about.st_mtime_ns, about.st_size) for name, about in found)


def text_of(path: Path) -> str:
    """Text of a file as it stands there, line ends included; empty if there is none.

    Raises
    ------
    StoreError
        If it cannot be read as text.
    """
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror or error})") from None


def save_text(path: Path, text: str, expected: str | None) -> str | None:
    """Write a text whole or not at all, if nobody has changed the file meanwhile.

    Parameters
    ----------
    path : Path
    text : str
    expected : str or None
        Hash of the file as it was read; None if it was not there.

    Returns
    -------
    str or None
        What stands in the file instead, if it is another than expected; None once it is written.

    Raises
    ------
    StoreError
        If the place is a link or cannot be written.
    """
    if path.is_symlink():
        raise StoreError(f"{path}: is a link; what it leads to is left alone")
    is_there = path.exists()
    present = text_of(path)
    if is_there and present != text and text_hash(present) != expected:
        return present
    draft = path.with_name(f".{path.name}.part")
    try:
        with open_own(draft, make=True) as part:
            part.truncate()
            part.write(text.encode())
            part.flush()
            os.fsync(part.fileno())
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StoreError(f"{path}: cannot be written ({error.strerror or error})") from None
    return None


def files_in(folder: Path) -> dict[str, bytes]:
    """Contents of the plain files of a folder, by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def stored_file(folder: Path, name: str) -> bytes | None:
    """A finished file below a folder; None if there is none, or a link leads out of it."""
    root = folder.resolve()
    place = (root / name).resolve()
    if not place.is_relative_to(root) or not place.is_file():
        return None
    if any(part.startswith(".") for part in place.relative_to(root).parts):
        return None
    return place.read_bytes()
