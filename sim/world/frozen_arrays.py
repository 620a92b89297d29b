"""Read-only arrays from the columns of checked tables, and read-only mappings of them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.world.csv_tables.reader import CheckedTable

Places = Mapping[str, int]
Array = TypeVar("Array", bound=NDArray[Any])
Value = TypeVar("Value")


class ReadOnlyMapping(Mapping[str, Value]):
    """A mapping that cannot be changed and can be sent to another process."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Value]) -> None:
        self._items = dict(items)

    def __getitem__(self, key: str) -> Value:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"ReadOnlyMapping({self._items!r})"


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
