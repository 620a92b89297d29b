"""Words in tables that other programs open: text there too, never a formula."""

import csv
from collections.abc import Iterable

FORMULA = ("=", "@", "\t", "\r")
"""What a sheet takes for a formula when a cell of a CSV file begins with it."""
SIGNS = ("+", "-")
"""The same, but where a number follows."""


def as_text(value: object) -> object:
    """A value as it may stand in a CSV file: words that a sheet would reckon with are marked.

    The mark is that of the sheets themselves, an apostrophe before the word.

    Examples
    --------
    >>> as_text("=1+1"), as_text("-0.5"), as_text("-1+1"), as_text("food"), as_text(2.0)
    ("'=1+1", '-0.5', "'-1+1", 'food', 2.0)
    """
    if not isinstance(value, str) or not is_formula(value):
        return value
    return f"'{value}"


def is_formula(word: str) -> bool:
    """True if a spreadsheet would interpret a word as a formula."""
    if word.startswith(FORMULA):
        return True
    return word.startswith(SIGNS) and len(word) > 1 and not _is_number(word)


def csv_of(rows: Iterable[Iterable[object]]) -> bytes:
    """Rows as comma-separated text, words as text, whatever ends of lines are in them."""
    lines = _Lines()
    # Only what holds a part of the end of a line is put in quotes.
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerows(map(as_text, row) for row in rows)
    return "".join(lines.kept).encode()


class _Lines:
    """Takes lines and ends each as this project does."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def write(self, line: str) -> None:
        self.kept.append(f"{line[:-2]}\n")


def _is_number(word: str) -> bool:
    try:
        float(word.replace(",", "").removesuffix("%").strip())
    except ValueError:
        return False
    return True
