"""Finished results on disk.

    results/<scenario>/<run id>/
        scenario.yaml     the scenario as resolved
        run.json          seed, versions, hashes, residuals, wall time, sums of all other files
        series.parquet    long table: model, scenario, region, variable, unit, year, quantile, value
        outcomes.parquet  a row a run: drawn parameters and the trade of each target's year
        figures/          SVG, PNG and the data behind each as CSV
        report.html

Everything is written under a temporary name beside its place and renamed, so a reader never sees
half a result. The run id is the hash of what determines the numbers.
"""

import io
import json
import os
import platform
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from errno import EEXIST, ENOTEMPTY
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sim import __version__
from sim.store.store_errors import StoreError as StoreError
from sim.store.store_errors import UnwrittenError as UnwrittenError

MODEL_NAME = "trade-scenario-simulator"
LIBRARIES = ("numpy", "scipy", "mesa", "xarray", "pyarrow", "matplotlib", "pydantic")
ID_LENGTH = 12
WRITTEN = "written"
"""Key of the moment a result was written, in `run.json`."""
CODE = Path(__file__).resolve().parents[1]


def run_id(scenario_hash: str, world_hash: str) -> str:
    """Identity of a result: hash of the scenario, the world and the code of the model."""
    text = "\n".join((scenario_hash, world_hash, code_hash()))
    return sha256(text.encode()).hexdigest()[:ID_LENGTH]


@cache
def code_hash() -> str:
    """Hash of the model's own code: a version stays the same while code changes, numbers do not."""
    whole = sha256(__version__.encode())
    for path in sorted(CODE.rglob("*.py")):
        whole.update(f"\n{path.relative_to(CODE).as_posix()}\n".encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()[:ID_LENGTH]


def versions() -> dict[str, str]:
    """Versions of the model, its code, Python and the libraries that bear on results."""
    found = {library: version(library) for library in LIBRARIES}
    own = {MODEL_NAME: __version__, "code": code_hash()}
    return {**own, "python": platform.python_version(), **found}


def by_column(names: Iterable[str], rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """Columns of a table by name, from its rows."""
    columns: dict[str, list[Any]] = {}
    for k, name in enumerate(names):
        columns[name] = [row[k] for row in rows]
    return columns


def table_bytes(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """A table as Parquet; the same columns give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), buffer, compression="zstd")
    return buffer.getvalue()


def check_place(folder: Path) -> None:
    """Find out whether results can be written below a folder, before they are made.

    Raises
    ------
    StoreError
        If they cannot.
    """
    try:
        there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
        os.rmdir(mkdtemp(prefix=".", dir=there))
    except OSError as problem:
        raise not_there(folder, problem) from problem


def system_message(problem: OSError) -> str:
    """Message of the operating system for an error, without the wording of the library."""
    return os.strerror(problem.errno) if problem.errno else str(problem)


def not_there(folder: Path, problem: OSError) -> StoreError:
    """The error of a folder in which results cannot be written."""
    return StoreError(
        f"{folder}: results cannot be written there ({system_message(problem)}); "
        "choose another folder with --output"
    )


def write_run(
    folder: Path, files: Mapping[str, bytes], moved: Mapping[str, Path] | None = None
) -> Path:
    """Write the files of one result in place of whatever stood there.

    Parameters
    ----------
    folder : Path
        Place of the result.
    files : mapping of str to bytes
        Contents by path relative to it.
    moved : mapping of str to Path, optional
        Files on the same disk that are too large to hold in memory; they go along.

    Returns
    -------
    Path
        The folder, complete.

    Raises
    ------
    StoreError
        If it cannot be written; nothing is left half-written and what stood there still stands.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as problem:
        raise not_there(folder.parent, problem) from problem
    try:
        for name, content in files.items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for name, source in (moved or {}).items():
            os.replace(source, draft / name)
        draft.chmod(0o755)
        _replace(draft, folder)
    except OSError as problem:
        raise UnwrittenError(f"{folder}: writing failed ({system_message(problem)})") from problem
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def write_new(path: Path, content: bytes) -> Path:
    """Write a file that must not be there yet.

    Raises
    ------
    StoreError
        If it is there already or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file, _taken_back_on_failure(path):
            file.write(content)
            file.flush()
    except OSError as problem:
        if isinstance(problem, FileExistsError) and path.exists():
            raise StoreError(f"{path}: there already; choose another name") from None
        raise StoreError(f"{path}: cannot be written ({system_message(problem)})") from problem
    return path


@contextmanager
def _taken_back_on_failure(path: Path) -> Iterator[None]:
    """Leave no half of a file, which would be in the way of the whole."""
    try:
        yield
    except (OSError, KeyboardInterrupt):
        path.unlink(missing_ok=True)
        raise


def _replace(draft: Path, folder: Path) -> None:
    """Put a finished folder in the place of an older one, which another process may do too."""
    old = draft.with_name(f"{draft.name}-old")
    while True:
        try:
            os.rename(draft, folder)
        except OSError as problem:
            if problem.errno not in (ENOTEMPTY, EEXIST):
                raise
            shutil.rmtree(old, ignore_errors=True)
            with suppress(FileNotFoundError):
                os.rename(folder, old)
        else:
            shutil.rmtree(old, ignore_errors=True)
            return


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """JSON text with a stable order of keys."""
    return (json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
