"""Boxes of inputs in which something happens often: the patient rule induction method, PRIM.

From the box of all points a thin slice is peeled off again and again, each time the one whose
removal raises the share of hits most (Friedman and Fisher 1999, Statistics and Computing 9). What
is left is a trade-off, told by coverage (share of all hits inside) and density (share of hits among
the points inside), as in Bryant and Lempert (2010), Technol. Forecast. Soc. Change 77.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr
from scipy.stats import binom

from sim.laws.numerics.arrays import BoolArray, FloatArray

PEELED_SHARE = 0.05
MIN_MASS = 0.05
"""Share of points below which nothing more is peeled off [1]."""


class Box(NamedTuple):
    """One box on the way."""

    low: FloatArray
    high: FloatArray
    """(n_inputs,) bounds, both included; infinite where nothing was peeled."""
    coverage: float
    density: float
    mass: float
    """Share of the points inside [1]."""


def peel(inputs: FloatArray, hits: FloatArray) -> list[Box]:
    """Boxes from all points to the smallest worth looking at.

    Parameters
    ----------
    inputs : (n_points, n_inputs) ndarray
    hits : (n_points,) ndarray
        How far each point is a hit: 0 or 1, or a chance in between.

    Returns
    -------
    list of Box
        The first holds every point; density never falls from one to the next.
    """
    n_points, n_inputs = inputs.shape
    low, high = np.full(n_inputs, -np.inf), np.full(n_inputs, np.inf)
    boxes = [scored_box(low, high, inputs, hits)]
    while boxes[-1].mass > MIN_MASS and 0.0 < boxes[-1].density < 1.0:
        inside = contains(low, high, inputs)
        best = None
        for bounds in _slices(low, high, inputs[inside]):
            left = contains(*bounds, inputs)
            n_left = int(left.sum())
            if not MIN_MASS * n_points <= n_left < inside.sum():
                continue
            density = float(hits[left].mean())
            if best is None or (density, n_left) > best[0]:
                best = ((density, n_left), bounds)
        if best is None or best[0][0] < boxes[-1].density:
            break
        low, high = best[1]
        boxes.append(scored_box(low, high, inputs, hits))
    return boxes


def _slices(
    low: FloatArray, high: FloatArray, inside: FloatArray
) -> list[tuple[FloatArray, FloatArray]]:
    """Bounds after peeling each side of each input; equal values go together."""
    made = []
    for k in range(inside.shape[1]):
        values = inside[:, k]
        for side, share in ((0, PEELED_SHARE), (1, 1.0 - PEELED_SHARE)):
            edge = np.quantile(values, share)
            rest = values[values > edge] if side == 0 else values[values < edge]
            if not len(rest):
                continue
            bounds = (low.copy(), high.copy())
            bounds[side][k] = rest.min() if side == 0 else rest.max()
            made.append(bounds)
    return made


def contains(low: FloatArray, high: FloatArray, inputs: FloatArray) -> BoolArray:
    """True for the points that lie in a box, (n_points,)."""
    return np.asarray(((inputs >= low) & (inputs <= high)).all(axis=1))


def scored_box(low: FloatArray, high: FloatArray, inputs: FloatArray, hits: FloatArray) -> Box:
    """A box with its coverage, density and mass among some points."""
    inside = contains(low, high, inputs)
    n_hits, n_inside = float(hits.sum()), int(inside.sum())
    hits_inside = float(hits[inside].sum())
    return Box(
        low,
        high,
        coverage=hits_inside / n_hits if n_hits else float("nan"),
        density=hits_inside / n_inside if n_inside else float("nan"),
        mass=n_inside / len(inputs),
    )


def p_value(box: Box, inputs: FloatArray, hits: FloatArray) -> FloatArray:
    """Probability that each bound of a box does as well by luck, (n_inputs,) [1].

    For each input the box without its bounds sets the share of hits; the box itself would have at
    least its hits by a binomial draw with this probability, or by a normal one where hits are
    chances. One where an input has no bounds.
    """
    inside = contains(box.low, box.high, inputs)
    n_inside, n_hits = int(inside.sum()), float(hits[inside].sum())
    is_counted = bool(np.isin(hits, (0.0, 1.0)).all())
    found = np.ones(len(box.low))
    for k in bounded(box):
        low, high = box.low.copy(), box.high.copy()
        low[k], high[k] = -np.inf, np.inf
        wider = contains(low, high, inputs)
        mean, spread = hits[wider].mean(), hits[wider].std()
        if is_counted:
            found[k] = binom.sf(n_hits - 1, n_inside, mean)
        elif spread > 0.0:
            found[k] = ndtr((n_inside * mean - n_hits) / (spread * np.sqrt(n_inside)))
    return found


def bounded(box: Box) -> Sequence[int]:
    """Inputs that a box has bounds for."""
    return np.flatnonzero(np.isfinite(box.low) | np.isfinite(box.high)).tolist()
