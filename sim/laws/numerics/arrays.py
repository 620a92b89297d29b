"""Types of arrays that all rooms share, and arrays as compiled loops take them."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
IndexArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]


def for_kernel(values: FloatArray) -> FloatArray:
    """The array as compiled loops take it: doubles without gaps that may be written.

    The same array where it is one, at a twentieth of the time of `numpy.require`.
    """
    if values.dtype == np.float64 and values.flags.carray:
        return values
    return np.require(values, np.float64, ["C", "W"])


def for_reading(array: FloatArray) -> FloatArray:
    """A view of the array that is always of the same type, contiguous and read-only.

    A kernel is compiled again for every mixture of arrays that may be written and may not: ten
    seconds each time in a fresh installation.
    """
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
