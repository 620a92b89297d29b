"""Newton's method for scaling a matrix to its totals, for where scaling by turns creeps.

Scaling rows and columns by turns misses by a constant factor less each round, and by no more than
the round's inverse where the totals drive some cells to nothing. The factors minimise a convex sum
of exponentials, whose second derivative is the Laplacian of the graph of cells, so Newton's steps
solve that: eliminated without a subtraction, it keeps its digits however small the cells between
two groups have become. Steps are cut short so that the sum falls for certain.

Sums and products only, as in `sim.world.trade.calibration`. Bacharach (1970); Grassmann, Taksar and
Heyman (1985), Operations Research 33(5); Sun and Tran-Dinh (2019), Mathematical Programming 178.
"""

import numpy as np

from sim.laws.numerics.arrays import FloatArray

MAX_STEPS = 150
SMALLEST = 1e-290
"""Cells below this are nothing."""
NO_ROOM = 1e-14
"""Part of its row's and column's totals below which a scaled cell is taken to have no room."""


def newton_scaled(
    cells: FloatArray, rows: FloatArray, columns: FloatArray, *, max_steps: int = MAX_STEPS
) -> FloatArray:
    """Scale rows and columns of a matrix towards its totals.

    Parameters
    ----------
    cells : (n, m) ndarray
        Start, >= 0.
    rows, columns : (n,), (m,) ndarray
        Totals to meet, >= 0. Sums that differ, as those of rounded figures do, are met with the
        columns in proportion.
    max_steps : int
        Steps before giving up.

    Returns
    -------
    (n, m) ndarray
        Scaled cells, those that no totals leave room for at nothing. Whether they meet the totals
        is for the caller to see.

    Examples
    --------
    No room is left for the cell of the first row and second column; by turns it would fall to a
    thousandth after a thousand rounds:

    >>> found = newton_scaled(np.array([[1.0, 1.0], [0.0, 1.0]]), np.ones(2), np.ones(2))
    >>> found.round(12).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    n = len(rows)
    rows, columns = np.maximum(rows, 0.0), np.maximum(columns, 0.0)
    columns = columns * (rows.sum() / max(float(columns.sum()), SMALLEST))
    found = np.where(cells > SMALLEST, cells, 0.0)
    for _ in range(max_steps):
        found = found * factors(columns, found.sum(axis=0))
        found = found * factors(rows, found.sum(axis=1))[:, None]
        missing = columns - found.sum(axis=0)
        if np.all(np.abs(missing) <= 1e-15 * columns):
            break
        graph = np.zeros((n + len(columns), n + len(columns)))
        graph[:n, n:], graph[n:, :n] = found, found.T
        lift = potentials(graph, np.concatenate([np.zeros(n), -missing]))
        step = np.where(found > 0, lift[:n, None] - lift[n:], 0.0)
        longest = float(np.abs(step).max(initial=0.0))
        if not 0.0 < longest < 1e15:
            break
        found = found * np.exp(step * (np.log1p(longest) / longest))
        found = np.where(found > SMALLEST, found, 0.0)
    return np.where(found > NO_ROOM * np.minimum(rows[:, None], columns), found, 0.0)


def potentials(graph: FloatArray, inflow: FloatArray) -> FloatArray:
    """Potentials at which currents through a graph leave each node with its inflow.

    Parameters
    ----------
    graph : (n, n) ndarray
        Conductances, >= 0 and symmetric; the diagonal does not count.
    inflow : (n,) ndarray
        What enters at each node; sums to nothing over each connected part.

    Returns
    -------
    (n,) ndarray
        Zero at one node of each part.

    Examples
    --------
    >>> line = np.array([[0.0, 2.0, 0.0], [2.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    >>> potentials(line, np.array([1.0, 0.0, -1.0])).tolist()
    [1.5, 1.0, 0.0]
    """
    n = len(inflow)
    between, left = graph.copy(), inflow.copy()
    degree = np.zeros(n)
    for k in range(n - 1):
        out = between[k, k + 1 :]
        degree[k] = out.sum()
        if degree[k] > SMALLEST:
            share = out / degree[k]
            left[k + 1 :] += share * left[k]
            between[k + 1 :, k + 1 :] += out[:, None] * share
    height = np.zeros(n)
    for k in reversed(range(n - 1)):
        if degree[k] > SMALLEST:
            pulled = (between[k, k + 1 :] * height[k + 1 :]).sum()
            height[k] = (left[k] + pulled) / degree[k]
    return height


def factors(wanted: FloatArray, found: FloatArray) -> FloatArray:
    """Factors that bring sums to those wanted, and zero where nothing is found."""
    return np.where(found > 0, wanted / np.where(found > 0, found, 1.0), 0.0)
