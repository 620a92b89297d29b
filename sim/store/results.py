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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from errno import EEXIST, ENOTEMPTY
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from types import UnionType
from typing import Any

from sim import __version__
from sim.laws.numerics.similar_words import nearest
from sim.store.places import LEFT_ALONE, linked_folders
from sim.store.store_errors import StoreError as StoreError
from sim.store.store_errors import UnwrittenError as UnwrittenError

MODEL_NAME = "trade-scenario-simulator"
LIBRARIES = ("numpy", "scipy", "mesa", "xarray", "pyarrow", "matplotlib", "pydantic")
ID_LENGTH = 12
WRITTEN = "written"
"""Key of the moment a result was written, in `run.json`."""
CODE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class StoredRun:
    """One result in the results folder."""

    folder: Path
    record: Mapping[str, Any]
    """What `run.json` holds."""
    n_bytes: int


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


def why(problem: OSError) -> str:
    """Message of the operating system for an error, without the wording of the library."""
    return os.strerror(problem.errno) if problem.errno else str(problem)


def not_there(folder: Path, problem: OSError) -> StoreError:
    """The error of a folder in which results cannot be written."""
    return StoreError(
        f"{folder}: results cannot be written there ({why(problem)}); "
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
        raise UnwrittenError(f"{folder}: writing failed ({why(problem)})") from problem
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
        raise StoreError(f"{path}: cannot be written ({why(problem)})") from problem
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
