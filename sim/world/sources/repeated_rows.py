"""Rows of a table that say the same thing twice."""

from collections.abc import Sequence

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.numerics.arrays import IndexArray as IntArray
from sim.world.sources.text_sheet import TextSheet


def group_of(columns: Sequence[IntArray], n_rows: int) -> IntArray:
    """Number of the combination that stands in each row, (n_rows,).

    Parameters
    ----------
    columns : sequence of (n_rows,) ndarray
        Integers; renumbered one column at a time, so that the key fits whatever they hold.
    n_rows : int
        Rows, for no column at all.
    """
    key = np.zeros(n_rows, dtype=np.int64)
    for column in columns:
        words, which = np.unique(column, return_inverse=True)
        key = key * len(words) + which.reshape(-1)
        key = np.unique(key, return_inverse=True)[1].reshape(-1)
    return np.asarray(key, dtype=np.intp)


def without_repeats(
    sheet: TextSheet, keep: BoolArray, group: IntArray, value: FloatArray, place: int, what: str
) -> BoolArray:
    """Rows without those that say again what a row above says, (n_rows,).

    Parameters
    ----------
    sheet : TextSheet
    keep : (n_rows,) ndarray
        Rows that count.
    group : (n_rows,) ndarray
        Rows of one number should stand once.
    value : (n_rows,) ndarray
    place : int
        Column of the values.
    what : str
        Subject of a row, such as "the same flow and product".

    Raises
    ------
    RefusedError
        If two rows of one group differ.
    """
    rows = np.flatnonzero(keep)
    _, first, of = np.unique(group[rows], return_index=True, return_inverse=True)
    same = rows[first][of.reshape(-1)]
    again = rows != same
    differ = again & (value[rows] != value[same])
    if differ.any():
        at = int(np.argmax(differ))
        above = sheet.line(int(same[at]))
        told = f"differs from line {above} for {what}"
        sheet.refuse(int(rows[at]), place, told, "wanted one of them")
    out = np.zeros(len(keep), dtype=np.bool_)
    out[rows[~again]] = True
    return out


def repetition_notes(n: int) -> list[str]:
    """Sentence on `n` rows that were left out as repetitions; none where there are none."""
    rows = "row says" if n == 1 else "rows say"
    return [f"{n} {rows} what a row above says; counted once"] if n else []
