"""Bytes of files as they are downloaded: plain, gzipped or in a zip, in any common encoding."""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sim.world.csv_tables.csv_text import SEPARATOR_LINE

HEAD_BYTES = 65_536
_NOT_TEXT = {
    b"PK\x03\x04": "an Excel workbook or another packed file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"<stata_dta>": "a Stata file",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
}
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)
"""Of a packed file; among them that it wants a password or an unknown way of packing."""
_TABULAR = (".csv", ".tsv", ".txt", ".tab", ".xls")
"""Endings of members of a zip that are read; WEO's `.xls` is text."""


class RefusedError(ValueError):
    """A file that is not read: one sentence with its place, its format and the remedy."""

    def __init__(self, place: str, what: str, wanted: str, *, is_format: bool = True) -> None:
        self.place, self.what, self.wanted = place, what, wanted
        self.is_format = is_format
        super().__init__(f"{place}: {what}; {wanted}")


@dataclass(frozen=True)
class Member:
    """A file, or a file within a zip."""

    path: Path
    inner: str = ""

    @property
    def shown(self) -> str:
        """Name in messages."""
        return f"{self.path}!{self.inner}" if self.inner else str(self.path)

    @property
    def file_name(self) -> str:
        """Name without folders."""
        return self.inner.rpartition("/")[2] if self.inner else self.path.name

    @contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """Bytes from the beginning."""
        try:
            if self.inner:
                with zipfile.ZipFile(self.path) as packed, packed.open(self.inner) as stream:
                    yield stream
            elif self.path.suffix == ".gz":
                with gzip.open(self.path) as stream:
                    yield stream  # type: ignore[misc]
            else:
                with self.path.open("rb") as stream:
                    yield stream
        except _UNREADABLE as error:
            why = getattr(error, "strerror", None) or str(error)
            wanted = "wanted a file that is whole; download it again"
            raise RefusedError(self.shown, f"cannot be read ({why})", wanted) from None

    def as_utf8(self) -> bytes:
        """All bytes, of a text in another encoding as they are in UTF-8."""
        with self.stream() as stream:
            content = stream.read()
        encoding = encoding_of(content[:HEAD_BYTES])
        return content if encoding == "utf8" else content.decode(encoding, "replace").encode()

    def head(self) -> bytes:
        """The first bytes."""
        with self.stream() as stream:
            return stream.read(HEAD_BYTES)

    def digest_name(self) -> str:
        """Stem of the file as a word."""
        stem = self.file_name.rsplit(".", 1)[0]
        word = "".join(c if c.isascii() and c.isalnum() else "-" for c in stem.casefold())
        return "-".join(filter(None, word.split("-"))) or "file"


def members(path: Path) -> list[Member]:
    """Files of a zip that may be tables, or the file itself.

    Raises
    ------
    RefusedError
        If there is no such file, or a zip holds no table.
    """
    if not path.is_file():
        raise RefusedError(str(path), "no such file", "wanted the file as it was downloaded")
    if not zipfile.is_zipfile(path) or path.suffix.casefold() in (".xlsx", ".xlsm", ".ods"):
        if path.suffix.casefold() == ".zip" and path.stat().st_size:
            wanted = "wanted a file that is whole; download it again"
            raise RefusedError(str(path), "is no zip, or one that is cut off", wanted)
        return [Member(path)]
    with zipfile.ZipFile(path) as packed:
        inner = [
            info.filename
            for info in packed.infolist()
            if not info.is_dir() and info.filename.casefold().endswith(_TABULAR)
            and not info.filename.startswith("__MACOSX")
        ]  # fmt: skip
    if not inner:
        raise RefusedError(str(path), "a zip without a CSV file", "wanted one with .csv in it")
    return [Member(path, name) for name in sorted(inner)]


def encoding_of(head: bytes) -> str:
    r"""Encoding of a text by its first bytes.

    Examples
    --------
    >>> encoding_of(b"a,b"), encoding_of("é".encode("latin-1")), encoding_of(b"\xff\xfea\x00")
    ('utf8', 'latin-1', 'utf-16')
    """
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if max(zeros := [head[at:40:2].count(0) for at in (1, 0)]) > 15 > min(zeros):
        return "utf-16-le" if zeros[0] > 15 else "utf-16-be"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4 or len(head) < HEAD_BYTES:
            return "latin-1"
    return "utf8"


def text_head(member: Member) -> tuple[str, str]:
    """The beginning of a text file and its encoding.

    Raises
    ------
    RefusedError
        If the file is no text, or empty.
    """
    head = member.head()
    for mark, what in _NOT_TEXT.items():
        if head.startswith(mark):
            raise RefusedError(member.shown, what, "wanted the table saved as CSV")
    encoding = encoding_of(head)
    if b"\0" in head and not encoding.startswith(("utf-16", "utf-32")):
        raise RefusedError(member.shown, "not a text file", "wanted the table saved as CSV")
    text = head.decode(encoding, errors="replace").lstrip("\ufeff")
    if not text.strip():
        raise RefusedError(member.shown, "is empty", "wanted a table with a heading")
    return text, encoding


def delimiter_of(lines: list[str]) -> str:
    """Separator of the cells, by which most of the first lines fall apart most evenly.

    A first line such as `sep=;`, with which spreadsheets name it, goes before.
    """
    if lines and (said := SEPARATOR_LINE.fullmatch(lines[0])):
        return said[1]
    best, score = ",", 0
    for mark in ",;\t|":
        counts = [len(next(csv.reader([line], delimiter=mark), [])) for line in lines[:20]]
        widest = max(counts, default=1)
        agreeing = counts.count(widest) * (widest - 1)
        if widest > 1 and agreeing > score:
            best, score = mark, agreeing
    return best


def lines_of(text: str) -> list[str]:
    """Whole lines of the beginning of a text; a line cut off at the end is left out."""
    lines = io.StringIO(text, newline=None).read().split("\n")
    return lines[:-1] if len(lines) > 1 and len(text) > HEAD_BYTES // 4 else lines
