"""Files beside the compiled kernels: what took long to find, by what it was found from.

A file holds a digest of what its content was found from and of the content itself; one that is
spoiled, or was found from something else, counts for nothing. Where there is nowhere to keep a
file, as with compiled kernels, everything is found again every time.
"""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

PLACE = Path(__file__).resolve().parent / "__pycache__"
"""Folder of the files."""
_SIM = Path(__file__).resolve().parents[2]
_DIGEST_BYTES = 32


def cache_path(name: str) -> Path:
    """Path of a kept file, one for each version of the interpreter."""
    return PLACE / f"{name}.{sys.implementation.cache_tag}.kept"


def state_of_modules(rooms: Iterable[str]) -> bytes:
    """Digest of the interpreter and of the modules of some rooms, such as `laws/transport`.

    Modules are told apart by their sizes and times, as compiled kernels tell them.
    """
    digest = hashlib.sha256(sys.version.encode())
    for module in sorted(found for room in rooms for found in _modules(_SIM / room)):
        digest.update(repr(module).encode())
    return digest.digest()


def _modules(room: Path) -> Iterator[tuple[str, int, int]]:
    for place, _, files in os.walk(room):
        for name in files:
            if name.endswith(".py"):
                state = os.stat(os.path.join(place, name))
                yield os.path.join(place, name), state.st_size, state.st_mtime_ns


def read_cached(name: str, key: bytes) -> bytes | None:
    """Content kept under a name, if it was found from what the key stands for."""
    try:
        content = cache_path(name).read_bytes()
    except OSError:
        return None
    signed, found = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    return found if signed == hashlib.sha256(key + found).digest() else None


def write_cached(name: str, key: bytes, found: bytes) -> None:
    """Keep what was found under a name, in place of what was kept before."""
    with suppress(OSError):
        write_whole(cache_path(name), hashlib.sha256(key + found).digest() + found)


def keep_newest(prefix: str, n: int) -> None:
    """Delete all but the newest kept files whose names begin alike."""
    with suppress(OSError):
        delete_older(PLACE, f"{prefix}*.kept", n)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and its folders where there are none.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    part = path.with_suffix(f".{os.getpid()}")
    path.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(content)
    part.replace(path)


def delete_older(folder: Path, pattern: str, n: int) -> None:
    """Delete all but the newest files of a pattern.

    Raises
    ------
    OSError
        If one cannot be looked at or deleted.
    """
    for old in sorted(folder.glob(pattern), key=lambda file: -file.stat().st_mtime)[n:]:
        old.unlink(missing_ok=True)
