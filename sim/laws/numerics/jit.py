"""Kernels that are loops: compiled once, kept on disk beside their source.

For laws whose loops are too short for array calls to pay: an elimination of five hundred
numbers is a thousand times shorter than the calls it would take. Everything that array
operations do well stays with numpy.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
T = TypeVar("T")


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """The function compiled for the types it is called with; `py_func` is its plain twin.

    Sums keep their order and nothing is contracted, so that a run gets the same bits in a batch
    of any size. Dividing by zero gives infinity, as with arrays.
    """
    try:
        kept = numba.njit(cache=True, error_model="numpy")(function)
    except RuntimeError:
        # There is nowhere to keep it: it is compiled again in every process.
        kept = numba.njit(error_model="numpy")(function)
    return cast("Callable[P, T]", kept)
