"""A copy of the tiny world that a test may spoil."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

TINY = Path(__file__).resolve().parents[1] / "worlds" / "tiny"


class Folder:
    """A folder of tables with means to spoil them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def change(self, table: str, edit: Callable[[list[list[str]]], None]) -> None:
        """Apply `edit` to the lines of a table, header first."""
        path = self.path / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as lines:
            rows = [*csv.reader(lines)]
        edit(rows)
        with path.open("w", encoding="utf-8", newline="") as lines:
            csv.writer(lines, lineterminator="\n").writerows(rows)

    def put(self, table: str, row: int, column: str, value: str) -> None:
        """Set one cell; the header is row 1."""

        def edit(rows: list[list[str]]) -> None:
            rows[row - 1][rows[0].index(column)] = value

        self.change(table, edit)


@pytest.fixture
def tiny() -> Path:
    return TINY


@pytest.fixture
def spoiled(tmp_path: Path) -> Folder:
    path = tmp_path / "world"
    shutil.copytree(TINY, path)
    return Folder(path)
