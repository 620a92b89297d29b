"""Places of results: nothing is written to or removed from a folder that a link leads to.

A folder of results may come from anybody. A link in it would let a study overwrite, or `sim clean`
remove, what lies elsewhere; so links below a folder of results are left alone and told.
"""

import os
from pathlib import Path
from typing import IO

from sim.store.store_errors import StoreError

LEFT_ALONE = "is a link; what it leads to is left alone"
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def check_inside(results: Path, place: Path) -> None:
    """Refuse a place below a folder of results that a link takes out of it.

    Raises
    ------
    StoreError
        If it does; the message names the link.
    """
    root = results.resolve()
    if place.resolve().is_relative_to(root):
        return
    below = [*reversed(place.relative_to(results).parents), place.relative_to(results)]
    link = next((results / part for part in below if (results / part).is_symlink()), place)
    raise StoreError(
        f"{link}: is a link that leaves {results}; nothing is written through it: remove it, or "
        "choose another folder with --output"
    )


def linked_folders(results: Path) -> list[Path]:
    """Links below a folder of results that are passed over: folders of scenarios and of studies."""
    of_scenarios = [place for place in results.glob("*") if place.is_symlink()]
    of_studies = [
        place
        for place in results.glob("*/.*")
        if place.is_symlink() and not place.parent.is_symlink()
    ]
    return sorted([*of_scenarios, *of_studies])


def open_own(path: Path, *, make: bool) -> IO[bytes]:
    """A file opened to read and write that is no link, made if it is not there and is to be.

    Raises
    ------
    OSError
        If it is a link, cannot be opened, or is not there and not to be made.
    """
    if path.is_symlink():
        raise OSError(None, LEFT_ALONE, str(path))
    flags = os.O_RDWR | _NO_LINK | getattr(os, "O_BINARY", 0) | (os.O_CREAT if make else 0)
    return os.fdopen(os.open(path, flags, 0o666), "r+b")
