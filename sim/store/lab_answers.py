"""Answers of a lab to scenarios as their files say, kept below the results for its next start.

Each stands under a hash of everything that it follows from: scenario, world, the model's code and
the libraries. What was worked out from anything else is never found.
"""

import json
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from sim.store.folder_links import check_inside
from sim.store.results import versions
from sim.store.store_errors import StoreError
from sim.world.cache.cache_files import delete_older, write_whole

FOLDER = ".lab"
"""Folder below that of the results."""
MAX_KEPT = 40
"""Answers kept; the oldest go first [some 60 kB each]."""


class LabAnswers:
    """Answers by the hash of their scenario.

    Parameters
    ----------
    results : Path
        Folder of results.
    world_hash : str
        Hash of everything that the world holds.
    may_write : bool
        Whether answers may be kept too.
    """

    def __init__(self, results: Path, world_hash: str, *, may_write: bool = True) -> None:
        self._folder, self._may_write = results / FOLDER, may_write
        self._results, self._world_hash = results, world_hash

    def _path(self, scenario_hash: str) -> Path:
        made_of = json.dumps([scenario_hash, self._world_hash, versions()], sort_keys=True)
        return self._folder / f"{sha256(made_of.encode()).hexdigest()}.json"

    def at_hand(self, scenario_hash: str) -> dict[str, Any] | None:
        """The answer kept of a scenario; None if there is none that still holds."""
        try:
            check_inside(self._results, self._folder)
            found = json.loads(self._path(scenario_hash).read_bytes())
        except (OSError, ValueError, StoreError):
            return None
        is_own = isinstance(found, dict) and found.get("scenario_hash") == scenario_hash
        return found if is_own else None

    def keep(self, scenario_hash: str, answer: dict[str, Any]) -> None:
        """Keep an answer in the place of an earlier one, where anything can be written."""
        if not self._may_write:
            return
        with suppress(OSError, StoreError):
            check_inside(self._results, self._folder)
            content = json.dumps(answer, ensure_ascii=False).encode()
            write_whole(self._path(scenario_hash), content)
            delete_older(self._folder, "*.json", MAX_KEPT)
