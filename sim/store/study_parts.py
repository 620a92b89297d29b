"""Parts of a study in progress: each a table that was finished, named by its own checksum.

    results/<scenario>/.<study id>.parts/
        plan.json                      what is being done, for `sim list`
        lock                           held by the process at work
        000012-9f86d081884c7d65.parquet

A part is written under a temporary name and renamed, so that a process killed at any moment leaves
whole parts only. The checksum covers the study, the number of the part and its bytes: a part that
was damaged, cut short, or brought from elsewhere does not bear its own name and is done again.
"""

import io
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from sim.store.folder_links import open_own
from sim.store.results import StoreError, UnwrittenError, json_bytes, not_there, system_message
from sim.store.spreadsheet_cells import as_text

SUM_LENGTH = 16
LOCK = "lock"
_PART = "[0-9]*-*.parquet"


class BusyError(StoreError):
    """Another process is at work on the same study."""


class PartStore:
    """Finished parts of one study. Made by `locked_parts`, which holds the lock.

    Parameters
    ----------
    folder : Path
        Where the parts are.
    study : str
        Identity of the study; parts of another one are not taken.
    """

    def __init__(self, folder: Path, study: str) -> None:
        self.folder = folder
        self.study = study
        self._paths: dict[int, Path] = {}
        self.n_damaged = 0
        """Parts that were found damaged or foreign, and removed."""
        for path in sorted(folder.glob(_PART)):
            number = path.name.partition("-")[0]
            if number.isdigit() and path.name == self._name(int(number), path.read_bytes()):
                self._paths[int(number)] = path
            else:
                path.unlink()
                self.n_damaged += 1
        for path in folder.glob("*.draft"):
            path.unlink()
        for path in folder.parent.glob(f".{study}-*"):
            shutil.rmtree(path, ignore_errors=True)  # a result that was being put together

    def _name(self, number: int, content: bytes) -> str:
        key = f"{self.study}\n{number}\n".encode()
        return f"{number:06d}-{sha256(key + content).hexdigest()[:SUM_LENGTH]}.parquet"

    @property
    def done(self) -> frozenset[int]:
        """Numbers of the parts that are finished."""
        return frozenset(self._paths)

    def put(self, number: int, content: bytes) -> None:
        """Keep a finished part.

        Raises
        ------
        StoreError
            If it cannot be written; what is finished stays.
        """
        draft = self.folder / f"{number:06d}.draft"
        try:
            draft.write_bytes(content)
            path = self.folder / self._name(number, content)
            os.replace(draft, path)
        except OSError as problem:
            draft.unlink(missing_ok=True)
            raise UnwrittenError(
                f"{self.folder}: a part cannot be written ({system_message(problem)}); "
                f"{len(self._paths)} finished parts are kept, the same command goes on from there"
            ) from problem
        self._paths[number] = path

    def read(self, number: int) -> bytes:
        """Bytes of a finished part."""
        return self._paths[number].read_bytes()


@contextmanager
def locked_parts(folder: Path, study: str, plan: Mapping[str, Any]) -> Iterator[PartStore]:
    """Parts of a study, locked for this process; removed by `remove_parts` once they are joined.

    Raises
    ------
    BusyError
        If another process is at work on it.
    StoreError
        If the folder cannot be written, or is or holds a link, through which others would be.
    """
    _refuse_links([folder])
    lock = _locked(folder)
    try:
        _refuse_links(folder.iterdir())
        (folder / "plan.json").write_bytes(json_bytes(plan))
        store = PartStore(folder, study)
    except StoreError:
        lock.close()
        raise
    except OSError as problem:
        lock.close()
        raise StoreError(f"{folder}: cannot be used ({problem.strerror})") from problem
    try:
        yield store
    finally:
        lock.close()


def _refuse_links(places: Iterable[Path]) -> None:
    for place in places:
        if place.is_symlink():
            raise StoreError(f"{place}: is a link; nothing is written through it: remove it first")


def is_held(folder: Path) -> bool:
    """True if a process is at work on the study of a folder."""
    try:
        with open_own(folder / LOCK, make=False) as file:
            return not _lock(file)
    except OSError:
        return False


def _locked(folder: Path) -> IO[bytes]:
    """The lock of a folder; it is let go when the process ends, however it ends."""
    path = folder / LOCK
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = open_own(path, make=True)
        except FileNotFoundError:
            continue  # removed by the process that has just finished
        except OSError as problem:
            raise not_there(folder.parent, problem) from problem
        if not _lock(file):
            file.close()
            raise BusyError(
                f"{folder}: another process is at work on this study; wait for it or end it"
            )
        if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return file
        file.close()


def _lock(file: IO[bytes]) -> bool:
    """True if an exclusive lock on an open file is obtained at once."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def remove_parts(store: PartStore) -> None:
    """Remove what is no longer needed, the lock last."""
    shutil.rmtree(store.folder, ignore_errors=True)


def rows_bytes(
    columns: Mapping[str, Sequence[Any]], texts: Sequence[str], whole: Sequence[str]
) -> bytes:
    """Rows of runs as Parquet with kinds that do not depend on what is in them.

    Parameters
    ----------
    columns : mapping of str to sequence
        Numbers are kept as they are; what is missing is NaN.
    texts, whole : sequence of str
        Columns that hold text and whole numbers.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {**dict.fromkeys(texts, pa.string()), **dict.fromkeys(whole, pa.int64())}
    table = pa.table(
        {name: pa.array(values, kinds.get(name, pa.float64())) for name, values in columns.items()}
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def columns_of(content: bytes, names: Sequence[str] | None = None) -> dict[str, Any]:
    """Columns of a table in Parquet, all or some: arrays of numbers, lists of text."""
    import pyarrow as pa

    table = _table_of(content, names)
    return {
        field.name: column.to_pylist() if pa.types.is_string(field.type) else column.to_numpy()
        for field, column in zip(table.schema, table.columns, strict=True)
    }


def _table_of(content: bytes, names: Sequence[str] | None = None) -> Any:
    """A table in Parquet, read in this thread: those of the library may abort a process at exit."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = pq.ParquetFile(pa.BufferReader(content), pre_buffer=False)
    return file.read(columns=None if names is None else list(names), use_threads=False)


def joined_rows(
    store: PartStore,
    numbers: Sequence[int],
    name: str,
    varied: Mapping[str, Sequence[float] | Sequence[str]] | None = None,
    *,
    without: tuple[str, ...] = (),
) -> dict[str, Path]:
    """All parts one after the other, as one Parquet and one CSV file beside the parts.

    One part is in memory at a time.

    Parameters
    ----------
    store, numbers, name
        Which parts, and what the files are to be called.
    varied : mapping of str to sequence, optional
        What each case has at the paths that a study varies, by path; a column each.
    without : tuple of str
        How columns begin that are left out.

    Returns
    -------
    dict of str to Path
        The files by the name they are to have.

    Raises
    ------
    StoreError
        If they cannot be written; then nothing of them is left.
    """
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    def part(number: int) -> Any:
        table = _table_of(store.read(number))
        kept = [column for column in table.column_names if not column.startswith(without)]
        return _with_varied(table.select(kept) if without else table, varied or {})

    made = {f"{name}.{kind}": store.folder / f"{name}.{kind}" for kind in ("parquet", "csv")}
    schema = part(numbers[0]).schema
    try:
        with (
            pq.ParquetWriter(made[f"{name}.parquet"], schema, compression="zstd") as whole,
            pc.CSVWriter(made[f"{name}.csv"], schema) as text,
        ):
            for number in numbers:
                table = part(number)
                whole.write_table(table)
                text.write_table(_words_as_text(table))
    except OSError as problem:
        for path in made.values():
            path.unlink(missing_ok=True)
        raise UnwrittenError(
            f"{store.folder}: the parts cannot be joined ({system_message(problem)}); "
            "all of them are kept, the same command goes on from there"
        ) from problem
    return made


def _words_as_text(table: Any) -> Any:
    """A table whose words no sheet takes for formulas."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            words = [as_text(word) for word in table.column(place).to_pylist()]
            table = table.set_column(place, field, pa.array(words, pa.string()))
    return table


def _with_varied(table: Any, varied: Mapping[str, Sequence[float] | Sequence[str]]) -> Any:
    """Rows of one case with what it has at the paths that are varied, after its number."""
    import pyarrow as pa

    for path, values in reversed(list(varied.items())):
        value = values[table["case"][0].as_py()]
        kind = pa.string() if isinstance(value, str) else pa.float64()
        table = table.add_column(1, path, pa.array([value] * len(table), kind))
    return table
