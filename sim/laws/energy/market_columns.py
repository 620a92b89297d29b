"""Reading and checking the columns that describe a market.

Every column is `(k,)` for k entries, or `(n_runs, k)` when it differs between runs; a
scalar stands for all entries. Errors name the column, the place, what came, what is wanted.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import FloatArray, IntArray

Rule = tuple[Callable[[Any], Any], str]

WORTH: Rule = (lambda a: a > -np.inf, "wanted a number (inf for what must be met)")
FINITE: Rule = (np.isfinite, "wanted a finite number")
NOT_NEGATIVE: Rule = (lambda a: np.isfinite(a) & (a >= 0), "wanted a finite number >= 0")
POSITIVE: Rule = (lambda a: np.isfinite(a) & (a > 0), "wanted a finite number > 0")
CAPACITY: Rule = (lambda a: a >= 0, "wanted a number >= 0 (inf for no limit)")
SHARE: Rule = (lambda a: (a >= 0) & (a <= 1), "wanted a share between 0 and 1")
LOSS: Rule = (lambda a: (a >= 0) & (a < 1), "wanted a share >= 0 and < 1")


def indices(where: str, value: ArrayLike, n: int, *, lowest: int = 0) -> IntArray:
    """Whole numbers `>= lowest`, read-only; a scalar is spread over `n` entries."""
    raw = np.asarray(value)
    if raw.size == 0:
        raw = raw.astype(np.int64)
    if raw.dtype.kind not in "iu":
        raise ValueError(f"{where}: {raw.dtype} came; wanted whole numbers")
    if raw.ndim > 1 or raw.size not in (1, n):
        raise ValueError(f"{where}: shape {raw.shape} came; wanted ({n},), one per entry")
    column = np.broadcast_to(raw.astype(np.int64), (n,)).copy()
    low = np.flatnonzero(column < lowest)
    if low.size:
        raise ValueError(f"{where}[{low[0]}]: {column[low[0]]} came; wanted >= {lowest}")
    column.setflags(write=False)
    return column


def numbers(where: str, value: ArrayLike, n: int, rule: Rule) -> FloatArray:
    """Numbers `(n,)` or `(n_runs, n)` that keep `rule`, read-only."""
    try:
        column = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: no numbers came ({error})") from None
    if column.ndim > 2 or (column.ndim > 0 and column.shape[-1] not in (1, n)):
        raise ValueError(
            f"{where}: shape {column.shape} came; wanted ({n},) or (n_runs, {n}), one per entry"
        )
    if column.ndim == 0 or column.shape[-1] != n:
        column = np.broadcast_to(column, (*column.shape[:-1], n)).copy()
    holds, wanted = rule
    held = holds(column)
    if not held.all():
        broken = np.argwhere(~held)
        place = tuple(int(i) for i in broken[0])
        index = ", ".join(str(i) for i in place)
        raise ValueError(f"{where}[{index}]: {column[place]} came; {wanted}")
    column.setflags(write=False)
    return column


def chained(first: ArrayLike, second: ArrayLike) -> FloatArray:
    """Two columns one after the other, spread over runs where only one has them."""
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    runs = a.shape[:-1] or b.shape[:-1]
    return np.concatenate(
        [np.broadcast_to(a, (*runs, a.shape[-1])), np.broadcast_to(b, (*runs, b.shape[-1]))],
        axis=-1,
    )


def n_entries(*columns: ArrayLike) -> int:
    """Number of entries: that of the longest column."""
    widths = [np.shape(column)[-1] if np.ndim(column) else 1 for column in columns]
    return 0 if 0 in widths else max(widths)


def fill(table: object, **columns: IntArray | FloatArray) -> None:
    """Set the columns of a frozen table while it is made."""
    for name, column in columns.items():
        column.setflags(write=False)
        object.__setattr__(table, name, column)
