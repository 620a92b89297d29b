"""Errors in a folder of tables, reported all at once and each with its place."""

import re
from collections.abc import Iterable

from sim.laws.numerics.similar_words import nearest

NO_BREAK = frozenset("\u00a0\u2007\u202f\u2060\ufeff\u200b")
"""Blanks that look like a space, or like nothing, and are neither."""
MAX_SAID = 50
"""Problems that are said one by one; the rest is counted."""
MAX_COMPARED = 200
"""Wrong names for which a near one is looked for."""
_MILLIONS = {"musd", "million", "millions", "mln", "mio", "mn"}
_OTHER_UNITS = {
    "usd", "kusd", "tusd", "busd", "bnusd", "thousand", "thousands", "billion", "billions", "bn",
    "eur", "keur", "meur", "bneur", "euro", "euros",
}  # fmt: skip


class WorldError(ValueError):
    """A world that cannot be loaded; every problem found is listed.

    Attributes
    ----------
    problems : tuple of str
        One line each: ``table.csv:row:column: what is wrong; what is wanted; nearest name``.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        more = len(self.problems) - MAX_SAID
        said = [*self.problems[:MAX_SAID], *([f"and {more:,} more problems"] if more > 0 else ())]
        super().__init__("\n".join(said))


class CalibrationError(ValueError):
    """Records that no matrix can meet; the message has the numbers."""


class Problems:
    """A list of problems that grows while tables are read and is raised once."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, table: str, row: int | None, column: str | None, message: str) -> None:
        """Note one problem; `row` is the line of the file, the header being line 1."""
        place = [f"{table}.csv", *([str(row)] if row else []), *([column] if column else [])]
        self._lines.append(f"{':'.join(place)}: {message}")

    def raise_if_any(self) -> None:
        """Raise what has been noted so far.

        Raises
        ------
        WorldError
            If anything has been noted.
        """
        if self._lines:
            raise WorldError(self._lines)


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """Say which of `names` was probably meant, or nothing.

    Examples
    --------
    >>> did_you_mean("txtiles", ["food", "textiles"])
    "; did you mean 'textiles'?"
    >>> did_you_mean("xyz", ["food", "textiles"])
    ''
    """
    if any(char in NO_BREAK for char in word):
        at = next(char for char in word if char in NO_BREAK)
        return f"; it holds a no-break space (U+{ord(at):04X})"
    meant = nearest(word, names)
    return f"; did you mean '{meant}'?" if meant else ""


def nearest_column(word: str, columns: Iterable[str]) -> str:
    """Say which column was probably meant; of one in another unit, that a name changes no amount.

    Examples
    --------
    >>> nearest_column("exports_mus", ["exports_musd"])
    "; did you mean 'exports_musd'?"
    >>> nearest_column("exports_kusd", ["exports_musd"])
    "; 'exports_musd' is in million USD: wanted amounts in that unit, not the name alone"
    """
    near = did_you_mean(word, columns)
    meant = near[near.find("'") + 1 : near.rfind("'")]
    if meant.endswith("_musd") and _is_other_unit(word):
        return f"; '{meant}' is in million USD: wanted amounts in that unit, not the name alone"
    return "" if word.endswith("_musd") and _is_other_unit(meant) else near


def _is_other_unit(heading: str) -> bool:
    """True if a heading states a unit other than million USD for its amounts."""
    words = set(re.findall("[a-z]+", heading.casefold()))
    return bool(words & _OTHER_UNITS) and not words & _MILLIONS
