"""A folder of world tables on disk."""

from collections.abc import Mapping
from pathlib import Path

from sim.store.results import StoreError, write_run


def write_world(folder: Path, files: Mapping[str, bytes], *, replace: bool = False) -> Path:
    """Write the files of a world.

    Parameters
    ----------
    folder : Path
        Where it goes; it must not be there yet, or be empty, unless it may be replaced.
    files : mapping of str to bytes
        Contents by name.
    replace : bool
        Whether a folder that holds nothing but such files may be replaced.

    Raises
    ------
    StoreError
        If something else stands there, or it cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{folder}: is a file; wanted a folder that is not there yet")
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    other = [name for name in there if name not in files]
    if there and (other or not replace):
        hint = f"it holds {other[0]}" if other else "--replace makes it again"
        raise StoreError(f"{folder}: is there already ({hint}); wanted another folder")
    return write_run(folder, files)
