"""Types of arrays that all rooms share, and arrays as compiled loops take them."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
IndexArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]


def for_reading(array: FloatArray) -> FloatArray:
    """The array as compiled loops read it: a view of doubles without gaps that is not written.

    A kernel is compiled again for every mixture of arrays that may be written and may not, ten
    seconds each time in a fresh installation; and what a snapshot keeps may not.
    """
    array = np.ascontiguousarray(array, dtype=np.float64)
    if not array.flags.writeable:
        return array
    view = array.view()
    view.setflags(write=False)
    return view
