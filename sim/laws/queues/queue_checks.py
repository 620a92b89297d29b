"""Refusal of numbers that cannot be, naming the place."""

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray


def refuse(name: str, value: FloatArray, wrong: NDArray[np.bool_], wanted: str) -> None:
    """Raise a ValueError at the first wrong element."""
    if wrong.any():
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(f"{name}{list(where)} is {value[where]:g}; wanted a number {wanted}")
