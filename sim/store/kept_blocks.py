"""Blocks of results in a folder that goes with its process, so that several processes share them.

The oldest go first once there is too much; what somebody is about to read stays.
"""

import os
import pickle
from collections import Counter, OrderedDict
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

MAX_BYTES = 600 * 2**20
"""Room that blocks take together [B]."""


def write_block(path: Path, content: Any) -> int:
    """Write a block whole or not at all; its size [B]."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        pickle.dump(content, file, protocol=5)
        size = file.tell()
    os.replace(draft, path)
    return size


def read_block(path: Path) -> Any:
    """A block that this program has written into a folder of its own."""
    with path.open("rb") as file:
        return pickle.load(file)


class KeptBlocks:
    """Blocks by what they are made of.

    Parameters
    ----------
    most_bytes : int
        Room that they may take [B].
    """

    def __init__(self, most_bytes: int = MAX_BYTES) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self._most = most_bytes
        self._sizes: OrderedDict[Hashable, int] = OrderedDict()
        self._paths: dict[Hashable, Path] = {}
        self._in_use: Counter[Hashable] = Counter()
        self._n_made = 0

    @property
    def n_bytes(self) -> int:
        """Room that they take now [B]."""
        return sum(self._sizes.values())

    def at_hand(self, key: Hashable) -> Path | None:
        """File of a block; None if it is not kept."""
        if key not in self._sizes:
            return None
        self._sizes.move_to_end(key)
        return self._paths[key]

    def new_path(self) -> Path:
        """A place for a new block."""
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="sim-lab-")
        self._n_made += 1
        return Path(self._folder.name) / f"{self._n_made}.block"

    def keep(self, key: Hashable, path: Path, size: int) -> None:
        """Keep a block that was written; the oldest that nobody uses go if there are too many."""
        self._remove(key)
        self._paths[key], self._sizes[key] = path, size
        for old in [*self._sizes]:
            if self.n_bytes <= self._most or old == key:
                break
            if not self._in_use[old]:
                self._remove(old)

    @contextmanager
    def in_use(self, keys: Iterable[Hashable]) -> Iterator[None]:
        """Blocks that stay where they are as long as they may be read, kept already or not."""
        used = [*keys]
        self._in_use.update(used)
        try:
            yield
        finally:
            self._in_use.subtract(used)
            self._in_use = +self._in_use

    def close(self) -> None:
        """Remove all of them."""
        if self._folder is not None:
            self._folder.cleanup()
        self._folder = None
        self._sizes.clear()

    def _remove(self, key: Hashable) -> None:
        if key in self._sizes:
            del self._sizes[key]
            self._paths.pop(key).unlink(missing_ok=True)
