"""Least-cost equilibrium on given paths: one Newton step of all pairs together.

Beckmann's objective is minimised over path volumes. In each pair the path with the largest volume
is the reference; the volumes `x >= 0` of the others are free, and with `E` = links of a path minus
links of its reference, `s` = slopes of link costs,

    gradient g = E c,    Hessian H = E diag(s) E'.

The quadratic model is minimised under `x >= 0` by conjugate gradients on the free variables, bent
at the bounds (More and Toraldo, 1991), then a line search takes the true costs along the straight
segment to the solution, which stays feasible. Bertsekas and Gafni (1983) showed such projected
Newton methods to converge superlinearly on traffic problems; all pairs move at once, so the work is
in a few sparse products and not in a loop over pairs.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray
from sim.validation.assignment.congested_network import CrowdedNetwork

_ROUNDS = 20
_INNER = 60
_SHORTENINGS = 8
_STALL = 0.1
_ENOUGH = 0.1
_FULL = 1.0 - 1e-12


@dataclass(frozen=True, eq=False)
class PathLoads:
    """Paths in use and what they carry, sorted by pair; each pair has at least one."""

    incidence: "sparse.csr_matrix[np.float64]"
    """1 where a path uses a link, (n_paths, n_links), links sorted in each row."""
    pair: IntArray
    """Pair of each path, rising, (n_paths,)."""
    volume: FloatArray
    """Volume of each path, >= 0, (n_paths,)."""
    demand: FloatArray
    """Volume of each pair, > 0, (n_pairs,)."""

    def link_volume(self) -> FloatArray:
        """Volume of each link."""
        return np.asarray(self.incidence.T @ self.volume)

    def first(self) -> IntArray:
        """Position of the first path of each pair."""
        return np.searchsorted(self.pair, np.arange(self.demand.size))

    def reference(self) -> IntArray:
        """Path of each pair that carries most, the first of several."""
        largest = np.maximum.reduceat(self.volume, self.first())
        candidates = np.flatnonzero(self.volume == largest[self.pair])
        _, first = np.unique(self.pair[candidates], return_index=True)
        return candidates[first]

    def with_volume(self, volume: FloatArray) -> "PathLoads":
        """Other volumes on the same paths."""
        return PathLoads(self.incidence, self.pair, volume, self.demand)

    def added(self, incidence: "sparse.csr_matrix[np.float64]", pair: IntArray) -> "PathLoads":
        """With further, empty paths."""
        every_pair = np.concatenate([self.pair, pair])
        order = np.argsort(every_pair, kind="stable")
        volume = np.concatenate([self.volume, np.zeros(pair.size)])
        stacked = sparse.vstack([self.incidence, incidence], format="csr")
        return PathLoads(stacked[order], every_pair[order], volume[order], self.demand)

    def used(self) -> "PathLoads":
        """Without empty paths."""
        keep = self.volume > 0.0
        keep[self.reference()] = True
        kept = np.flatnonzero(keep)
        return PathLoads(self.incidence[kept], self.pair[kept], self.volume[kept], self.demand)


def newton_step(network: CrowdedNetwork, loads: PathLoads) -> PathLoads:
    """Volumes closer to the least-cost equilibrium of the given paths."""
    flow = loads.link_volume()
    cost, slope = network.cost_and_slope(flow)
    reference = loads.reference()
    others = np.ones(loads.pair.size, np.bool_)
    others[reference] = False
    free = np.flatnonzero(others)
    if not free.size:
        return loads
    model = _Model(loads, free, reference, cost, slope)
    moved = model.solution() - model.volume
    change = np.zeros(loads.pair.size)
    change[free] = moved
    change[reference] = -np.bincount(model.pair, moved, minlength=loads.demand.size)
    length = _line_search(network, flow, np.asarray(loads.incidence.T @ change), cost)
    return loads.with_volume(np.maximum(loads.volume + length * change, 0.0))


class _Model:
    """Quadratic model of the objective in the volumes of the paths that are no reference."""

    def __init__(
        self,
        loads: PathLoads,
        free: IntArray,
        reference: IntArray,
        cost: FloatArray,
        slope: FloatArray,
    ) -> None:
        self.pair = loads.pair[free]
        self.demand = loads.demand
        self.volume = loads.volume[free]
        self._share = loads.demand[self.pair]
        self._detour = loads.incidence[free] - loads.incidence[reference[self.pair]]
        self._detour_by_link = self._detour.T.tocsr()
        self._slope = slope
        self.gradient = np.asarray(self._detour @ cost)
        # where no slope holds a path back, a step may move at most the demand of its pair
        self._damping = np.abs(self.gradient) / self._share
        self._diagonal = np.asarray(abs(self._detour) @ slope) + self._damping
        self._diagonal = np.where(self._diagonal > 0.0, self._diagonal, 1.0)

    def solution(self) -> FloatArray:
        """Approximate minimum of the model under the bounds."""
        point, gradient, value = self.volume, self.gradient, 0.0
        size_at_start = 0.0
        for round_ in range(_ROUNDS):
            full = self._is_full(point)
            fixed = full | (self._at_bound(point, gradient, round_ == 0) & (gradient > 0.0))
            residual = np.where(fixed, 0.0, -gradient)
            size = float(residual @ (residual / self._diagonal))
            size_at_start = size_at_start or size
            if size <= _ENOUGH**2 * size_at_start * (round_ > 0) or size == 0.0:
                break
            direction = self._conjugate_gradients(residual, fixed, size)
            if round_ == 0:
                direction = np.where(fixed & ~full, -gradient / self._diagonal, direction)
            step = self._bent_search(point, gradient, value, direction)
            if step is None:
                downhill = self._downhill(point, gradient, full)
                step = self._bent_search(point, gradient, value, downhill)
            if step is None:
                break
            point, gradient, value = step
        return point

    def _product(self, x: FloatArray) -> FloatArray:
        by_link = self._slope * (self._detour_by_link @ x)
        return np.asarray(self._detour @ by_link + self._damping * x)

    def _is_full(self, point: FloatArray) -> BoolArray:
        """Paths of pairs whose reference has nothing left to give in this model."""
        taken = np.bincount(self.pair, point, minlength=self.demand.size)
        return np.asarray((taken >= self.demand * _FULL)[self.pair])

    def _at_bound(self, point: FloatArray, gradient: FloatArray, near: bool) -> BoolArray:
        """True where a path is empty or, at first, would be after its own step."""
        reach = np.minimum(1e-3 * self._share, np.maximum(gradient / self._diagonal, 0.0))
        return np.asarray(point <= (reach if near else 0.0))

    def _feasible(self, point: FloatArray) -> FloatArray:
        """Not below zero, nor more in a pair than its demand."""
        point = np.maximum(point, 0.0)
        taken = np.bincount(self.pair, point, minlength=self.demand.size)
        over = taken > self.demand
        return point * np.where(over, self.demand / np.where(over, taken, 1.0), 1.0)[self.pair]

    def _conjugate_gradients(
        self, residual: FloatArray, fixed: BoolArray, size: float
    ) -> FloatArray:
        """Newton direction of the variables that are not fixed; stops when it stalls."""
        solution = np.zeros_like(residual)
        direction = residual / self._diagonal
        start, gained = size, 0.0
        for inner in range(_INNER):
            image = self._product(direction)
            image[fixed] = 0.0
            curvature = float(direction @ image)
            if curvature <= 0.0:
                break
            length = size / curvature
            solution = solution + length * direction
            residual = residual - length * image
            gain = length * size
            gained += gain
            conditioned = residual / self._diagonal
            following = float(residual @ conditioned)
            if following <= _ENOUGH**2 * start or (inner and gain <= _STALL * gained):
                break
            direction = conditioned + (following / size) * direction
            size = following
        return solution

    def _downhill(self, point: FloatArray, gradient: FloatArray, full: BoolArray) -> FloatArray:
        """Scaled steepest descent, as long as the model alone would have it."""
        blocked = full | ((point <= 0.0) & (gradient > 0.0))
        direction = np.where(blocked, 0.0, -gradient / self._diagonal)
        curvature = float(direction @ self._product(direction))
        return direction * (-float(gradient @ direction) / curvature if curvature > 0.0 else 1.0)

    def _bent_search(
        self, point: FloatArray, gradient: FloatArray, value: float, direction: FloatArray
    ) -> tuple[FloatArray, FloatArray, float] | None:
        """Point, gradient and value after a step that lowers the model; None if there is none."""
        length = 1.0
        for _ in range(_SHORTENINGS):
            trial = self._feasible(point + length * direction)
            slope = self.gradient + self._product(trial - self.volume)
            reached = 0.5 * float((slope + self.gradient) @ (trial - self.volume))
            if reached < value and reached <= value + 1e-4 * float(gradient @ (trial - point)):
                return trial, slope, reached
            length *= 0.4
        return None


def _line_search(
    network: CrowdedNetwork, flow: FloatArray, change: FloatArray, cost: FloatArray
) -> float:
    """Length of step at which the true costs no longer say it is too long."""
    falling, length = float(cost @ change), 1.0
    for _ in range(_SHORTENINGS):
        trial = np.maximum(flow + length * change, 0.0)
        rising = float(network.cost_and_slope(trial)[0] @ change)
        if rising <= 0.1 * abs(falling):
            break
        length *= min(max(abs(falling) / (abs(falling) + rising), 0.1), 0.7)
    return length
