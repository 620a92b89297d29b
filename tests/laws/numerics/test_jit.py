"""Compiled kernels: what they keep, and what they do without a place to keep it."""

import numpy as np

from sim.laws.numerics.jit import compiled


def test_a_function_without_a_file_is_compiled_all_the_same():
    names = {}
    exec("def double(x):\n    return 2.0 * x\n", names)
    assert compiled(names["double"])(3.0) == 6.0


def test_dividing_by_zero_gives_infinity_as_with_arrays():
    names = {}
    exec("def share(a, b):\n    return a / b\n", names)
    assert compiled(names["share"])(1.0, 0.0) == np.inf
