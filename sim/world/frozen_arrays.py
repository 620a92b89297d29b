"""Read-only arrays from the columns of checked tables."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.world.csv_tables.reader import CheckedTable

Places = Mapping[str, int]
Array = TypeVar("Array", bound=NDArray[Any])


def frozen(array: Array) -> Array:
    """Return the array itself, read-only from now on."""
    array.setflags(write=False)
    return array


def places_of(names: Iterable[str]) -> dict[str, int]:
    """Place of every name in its list."""
    return {name: place for place, name in enumerate(names)}


def index_of(names: Iterable[str], places: Places) -> IndexArray:
    """Places of names, -1 for what has none."""
    return frozen(np.array([places.get(name, -1) for name in names], dtype=np.intp))


def numbers(table: CheckedTable, column: str, blank: float = 0.0) -> FloatArray:
    """Numbers of a column, with a value for blank cells."""
    cells = [row.number_or_none(column) for row in table]
    return frozen(np.array([blank if c is None else c for c in cells], dtype=np.float64))
