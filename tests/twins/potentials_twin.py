"""Potentials of a graph of conductances in exact fractions."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray


def exact_potentials(
    graph: NDArray[np.float64], inflow: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Potentials with the last node at zero, by Gaussian elimination without rounding."""
    n = len(inflow) - 1
    rows = [[-Fraction(float(graph[i, j])) for j in range(n)] for i in range(n)]
    for i in range(n):
        rows[i][i] = sum((Fraction(float(x)) for j, x in enumerate(graph[i]) if j != i), Fraction())
    left = [Fraction(float(x)) for x in inflow[:n]]
    for k in range(n):
        for i in range(k + 1, n):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [x - factor * y for x, y in zip(rows[i], rows[k], strict=True)]
            left[i] -= factor * left[k]
    found = [Fraction()] * n
    for k in reversed(range(n)):
        known = sum((rows[k][j] * found[j] for j in range(k + 1, n)), Fraction())
        found[k] = (left[k] - known) / rows[k][k]
    return np.array([*map(float, found), 0.0])
