"""Exponential and logarithm for loops over many numbers.

As exact as the platform's own, within one unit in the last place, but written without branches or
tables, so that a compiled loop does four numbers at a time: a quarter of the time of the
platform's. They give the same bits on every machine and at every length of an array, which the
array library's own do not.

Method and coefficients: FDLIBM, e_exp.c and e_log.c. Copyright (C) 1993 by Sun Microsystems, Inc.
All rights reserved. Developed at SunSoft, a Sun Microsystems, Inc. business. Permission to use,
copy, modify, and distribute this software is freely granted, provided that this notice is
preserved.
"""

from collections.abc import Callable

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.jit import compiled

LOG2_E = 1.4426950408889634
LOG_2_HIGH, LOG_2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
WHOLE = 6755399441055744.0
"""One and a half times 2^52: a number added to it is rounded, and stands in its lowest bits."""
WHOLE_BITS = 0x4338000000000000
BIAS, FRACTION_BITS = 1023, 52
LARGEST, SMALLEST = 709.782712893384, -706.893623549172
"""Beyond these the exponential is infinite, or less than 1e-307."""
SMALLEST_NORMAL = 2.2250738585072014e-308
ROOT_HALF_BITS, ONE_BITS, FRACTION = 0x3FE6A09E667F3BCD, 0x3FF0000000000000, 0x000FFFFFFFFFFFFF

P1, P2, P3 = 1.66666666666666019037e-01, -2.77777777770155933842e-03, 6.61375632143793436117e-05
P4, P5 = -1.65339022054652515390e-06, 4.13813679705723846039e-08
L1, L2, L3 = 6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01
L4, L5, L6 = 2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01
L7 = 1.479819860511658591e-01


@compiled
def _of_bits(bits: int) -> float:
    return np.int64(bits).view(np.float64)


@compiled
def exp(x: float) -> float:
    """Exponential of a number; what is less than 1e-307 is zero."""
    whole = x * LOG2_E + WHOLE
    n = whole - WHOLE
    high, low = x - n * LOG_2_HIGH, n * LOG_2_LOW
    rest = high - low
    square = rest * rest
    odd = rest - square * (P1 + square * (P2 + square * (P3 + square * (P4 + square * P5))))
    y = 1.0 - ((low - rest * odd / (2.0 - odd)) - high)
    # The last doubling is done apart: the power of two may be no number where the product is one.
    power = int(np.float64(whole).view(np.int64)) - WHOLE_BITS - 1
    y = y * _of_bits((power + BIAS) << FRACTION_BITS) * 2.0
    y = 0.0 if x < SMALLEST else y
    return np.inf if x > LARGEST else y


@compiled
def log(x: float) -> float:
    """Logarithm of a number; what is less than the smallest normal number counts as zero."""
    bits = int(np.float64(x).view(np.int64)) + (ONE_BITS - ROOT_HALF_BITS)
    exponent = int(np.uint64(bits) >> np.uint64(FRACTION_BITS)) - BIAS
    n = _of_bits(exponent + WHOLE_BITS) - WHOLE
    f = _of_bits((bits & FRACTION) + ROOT_HALF_BITS) - 1.0
    s = f / (2.0 + f)
    square = s * s
    fourth = square * square
    even = fourth * (L2 + fourth * (L4 + fourth * L6))
    odd = square * (L1 + fourth * (L3 + fourth * (L5 + fourth * L7)))
    half = 0.5 * f * f
    y = n * LOG_2_HIGH - ((half - (s * (half + even + odd) + n * LOG_2_LOW)) - f)
    y = -np.inf if x < SMALLEST_NORMAL else y
    y = np.nan if x < 0.0 else y
    return y if x < np.inf else x


@compiled
def log1p(x: float) -> float:
    """Logarithm of one plus a number, exact also where the number is small."""
    u = 1.0 + x
    lost = x - (u - 1.0)
    lost = lost / u if 0.0 < u < np.inf else 0.0
    return log(u) + lost


def exp_of(values: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """Exponential of every number of an array, in `out` if given; nothing is warned of."""
    return _of_all(exp_row, values, out)


def log_of(values: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """Logarithm of every number of an array, in `out` if given; nothing is warned of."""
    return _of_all(log_row, values, out)


def log1p_of(values: FloatArray) -> FloatArray:
    """Logarithm of one plus every number of an array; nothing is warned of."""
    return _of_all(log1p_row, values, None)


def _of_all(
    loop: Callable[[FloatArray, FloatArray], None], values: FloatArray, out: FloatArray | None
) -> FloatArray:
    values = np.asarray(values, dtype=np.float64, order="C")
    answer = np.empty_like(values) if out is None else out
    # The views say that both lie without gaps, which is what lets a loop take four at a time.
    loop(values.reshape(-1), answer.reshape(-1))
    return answer


# The answer of a row must lie apart from its numbers: what may overlap is done one at a time.


@compiled
def exp_row(values: FloatArray, answer: FloatArray) -> None:
    """Exponentials, (n,), for use in compiled loops."""
    for k in range(values.size):
        answer[k] = exp(values[k])


@compiled
def log_row(values: FloatArray, answer: FloatArray) -> None:
    """Logarithms, (n,), for use in compiled loops."""
    for k in range(values.size):
        answer[k] = log(values[k])


@compiled
def log1p_row(values: FloatArray, answer: FloatArray) -> None:
    """Logarithms of one plus the numbers, (n,), for use in compiled loops."""
    for k in range(values.size):
        answer[k] = log1p(values[k])
