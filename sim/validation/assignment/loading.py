"""One step of the stochastic equilibrium: choice at given costs, Newton step, line search.

Axes: links, paths or pairs first, runs last. Sums over links and paths are sparse products with
ones, column by column in a fixed order, and elementwise work is the same for any batch, so that a
batch gives the bits of its single runs. See `stochastic` for the equations.
"""

from dataclasses import dataclass, fields, replace
from typing import Protocol

import numpy as np
from scipy import sparse

from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray
from sim.laws.transport.path_sets import PathSet
from sim.validation.assignment.choice import pair_shares

_CAREFUL = 0.01
_MAX_INNER = 300
_MAX_SHORTENINGS = 12
_TINY = 1e-300


class LinkCosts(Protocol):
    """Interface of links that the equilibrium needs; `Network` and `LinkRuns` implement it."""

    def cost_and_slope(self, volume: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Cost and its derivative at volumes `(n_runs, n_links)`; each run on its own."""

    def varies(self) -> BoolArray:
        """True where the cost of a link depends on its volume in any run, `(n_links,)`."""

    def of_runs(self, runs: IntArray) -> "LinkCosts":
        """Costs of some of the runs, in that order."""


@dataclass(frozen=True, eq=False)
class LoadingState:
    """All that follows from the volumes the costs are charged at; runs last."""

    volume: FloatArray
    cost: FloatArray
    slope: FloatArray
    share: FloatArray
    logsum: FloatArray
    flow: FloatArray
    excess: FloatArray
    residual: FloatArray

    def of_runs(self, runs: IntArray) -> "LoadingState":
        """State of some of the runs."""
        return LoadingState(**{f.name: columns(getattr(self, f.name), runs) for f in fields(self)})

    def put(self, runs: IntArray, other: "LoadingState") -> None:
        """Take over `other` as the state of `runs`."""
        for f in fields(self):
            getattr(self, f.name)[..., runs] = getattr(other, f.name)


@dataclass(frozen=True, eq=False)
class Sums:
    """Sparse sums with ones: paths by link, links by path, and both for links that vary."""

    links_of_path: "sparse.csr_matrix[np.float64]"
    paths_of_link: "sparse.csr_matrix[np.float64]"
    varying: IntArray
    varying_of_path: "sparse.csr_matrix[np.float64]"
    paths_of_varying: "sparse.csr_matrix[np.float64]"
    over_varying: "sparse.csr_matrix[np.float64]"


@dataclass(frozen=True, eq=False)
class StochasticProblem:
    """One call of `assign_runs`, or some of its runs, laid out with runs last."""

    paths: PathSet
    sums: Sums
    links: LinkCosts
    demand: FloatArray
    theta: FloatArray
    log_size: FloatArray
    forcing: float = 0.1
    """Accuracy of the linear systems relative to their right side, at most."""

    def of_runs(self, runs: IntArray) -> "StochasticProblem":
        """The problem of some of the runs."""
        return replace(
            self,
            links=self.links.of_runs(runs),
            demand=columns(self.demand, runs),
            theta=self.theta[runs],
            log_size=columns(self.log_size, runs),
        )

    def eased(self, ease: float) -> "StochasticProblem":
        """Same problem with a smaller dispersion, solved with more care."""
        return replace(self, theta=self.theta * ease, forcing=_CAREFUL)

    def chosen(self, state: LoadingState) -> FloatArray:
        """Volume of each link that the choice leads to."""
        return np.asarray(self.sums.paths_of_link @ state.flow)

    def at(self, volume: FloatArray) -> LoadingState:
        """Choice at the costs of `volume`."""
        cost, slope = (
            np.array(np.broadcast_to(x.T, volume.shape), order="C")
            for x in self.links.cost_and_slope(np.ascontiguousarray(volume.T))
        )
        utility = self.log_size - self.theta * (self.sums.links_of_path @ cost)
        share, logsum = pair_shares(self.paths, utility, self.theta)
        flow = share * self.demand[self.paths.pair]
        chosen = np.asarray(self.sums.paths_of_varying @ flow)
        excess = chosen - volume[self.sums.varying]
        residual = self.total(np.abs(excess)) / np.maximum(self.total(chosen), _TINY)
        return LoadingState(
            volume, cost, slope[self.sums.varying], share, logsum, flow, excess, residual
        )

    def total(self, values: FloatArray) -> FloatArray:
        """Sum over the varying links, in one order whatever the batch, `(n_runs,)`."""
        summed: FloatArray = np.asarray(self.sums.over_varying @ values)
        return np.asarray(summed[0])

    def newton_step(self, state: LoadingState) -> FloatArray:
        """Solve (I + A S) step = excess by preconditioned conjugate gradients."""
        root = np.sqrt(state.slope)
        spread = self.theta * state.flow
        own = np.asarray(self.sums.paths_of_varying @ (spread * (1.0 - state.share)))
        scale = 1.0 / (1.0 + state.slope * own)
        left = root * state.excess
        solution = np.zeros_like(left)
        conditioned = scale * left
        direction = conditioned
        size = self.total(left * conditioned)
        goal = np.minimum(self.forcing, np.sqrt(state.residual)) ** 2 * size
        going = size > 0.0
        for _ in range(_MAX_INNER):
            if not going.any():
                break
            image = direction + root * self._swapped(state, root * direction)
            length = np.where(going, size / np.maximum(self.total(direction * image), _TINY), 0.0)
            solution = solution + length * direction
            left = left - length * image
            conditioned = scale * left
            size_next = np.where(going, self.total(left * conditioned), size)
            going &= size_next > goal
            direction = conditioned + (size_next / np.maximum(size, _TINY)) * direction
            size = size_next
        step = state.excess - self._swapped(state, root * solution)
        # an inexact solution may point uphill; the scaled excess never does
        downhill = self.total(state.excess * state.slope * step) > 0.0
        return np.where(downhill, step, scale * state.excess)

    def search(self, state: LoadingState, step: FloatArray) -> LoadingState:
        """Shorten the step of each run until it no longer overshoots.

        The problem is concave in costs with gradient `excess`, so a step after which the gradient
        still points ahead along the change of costs has gained, whatever lies between.
        """
        best: LoadingState | None = None
        runs, part, before = np.arange(self.theta.size), self, state
        length, varying = np.ones(self.theta.size), self.sums.varying
        for _ in range(_MAX_SHORTENINGS):
            volume = before.volume.copy()
            volume[varying] = np.maximum(volume[varying] + length * step, 0.0)
            trial = part.at(volume)
            if best is None:
                best = trial
            else:
                best.put(runs, trial)
            change = (trial.cost - before.cost)[varying]
            behind, ahead = self.total(before.excess * change), self.total(trial.excess * change)
            fine = (ahead >= 0.0) | (trial.residual <= 0.5 * before.residual)
            left = np.flatnonzero(~fine)
            if not left.size:
                break
            secant = behind[left] / np.maximum(behind[left] - ahead[left], _TINY)
            length = length[left] * np.clip(secant, 0.1, 0.6)
            step = columns(step, left)
            runs, part, before = runs[left], part.of_runs(left), before.of_runs(left)
        return state if best is None else best

    def _swapped(self, state: LoadingState, change: FloatArray) -> FloatArray:
        """A times a change of costs: the volume that moves to other paths."""
        by_path: FloatArray = np.asarray(self.sums.varying_of_path @ change)
        mean = np.asarray(self.paths.membership @ (state.share * by_path))
        by_path -= np.take(mean, self.paths.pair, axis=0)
        by_path *= state.flow
        return np.asarray(self.sums.paths_of_varying @ by_path) * self.theta


def columns(values: FloatArray, runs: IntArray) -> FloatArray:
    """Values of some runs in C order, which plain indexing of the last axis would not keep."""
    return np.take(values, runs, axis=-1)
