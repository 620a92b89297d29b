"""Stochastic user equilibrium on fixed path sets, for many runs at once.

Volumes `v` on the links whose cost varies are sought such that the cargo that chooses its paths at
the costs of `v` gives `v` again: `v = y(c(v))`. Newton's method,

    (I + A S) step = y - v,     A = -dy/dc (positive semidefinite),  S = dc/dv,

is solved by conjugate gradients in the symmetric form `I + S^1/2 A S^1/2`; each product costs as
much as one loading. The step is shortened until the derivative of the objective of Sheffi and
Powell (1982), `(v - y) S step`, no longer says it is too long. Daganzo (1982) shows the problem to
be concave in costs; the solution is unique where costs rise with volume.

Every run stops at its own convergence; a batch gives the bits of its single runs (`loading`).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray
from sim.laws.transport.path_sets import PathSet, path_size
from sim.validation.assignment.choice import check_dispersion
from sim.validation.assignment.delay import Posts, bpr_cost, congestible, run_rows, with_posts
from sim.validation.assignment.loading import LinkCosts, LoadingState, StochasticProblem, Sums

_PLAIN_STEPS = 12
_EASING = (1 / 256, 1 / 64, 1 / 16, 1 / 4, 1.0)
_EASED_TOLERANCE = 1e-2


@dataclass(frozen=True, eq=False)
class LinkRuns:
    """Links whose numbers differ by run; arrays that broadcast to `(n_runs, n_links)`."""

    free_flow_cost: FloatArray
    """Part of the cost that congestion multiplies, >= 0 [cost]."""
    capacity: FloatArray
    """Volume at which the cost has risen by `bpr_factor`; inf for a constant cost."""
    bpr_factor: FloatArray
    """Rise of the cost at capacity [1]."""
    bpr_power: FloatArray
    """Power of volume over capacity."""
    fixed_cost: FloatArray | float = 0.0
    """Cost that congestion leaves alone [cost]."""
    posts: Posts | None = None
    """Posts and ports that queue on some links."""

    def cost_and_slope(self, volume: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Cost of each link at `volume` `(n_runs, n_links)`, and its derivative."""
        cost, slope = bpr_cost(
            volume, self.free_flow_cost, self.capacity, self.bpr_factor, self.bpr_power
        )
        return with_posts(cost + self.fixed_cost, slope, self.posts, volume)

    def varies(self) -> BoolArray:
        """True where the cost of a link depends on its volume in any run, `(n_links,)`."""
        rise, _ = congestible(self.free_flow_cost, self.capacity, self.bpr_factor)
        varying = np.asarray(np.atleast_2d((rise > 0.0) & (self.bpr_power > 0.0)).any(axis=0))
        if self.posts is not None:
            varying[self.posts.link] = True
        return varying

    def of_runs(self, runs: IntArray) -> "LinkRuns":
        """Links of some of the runs; arrays without a run axis stay as they are."""
        own = {
            name: run_rows(getattr(self, name), runs)
            for name in ("free_flow_cost", "capacity", "bpr_factor", "bpr_power", "fixed_cost")
        }
        posts = None if self.posts is None else self.posts.of_runs(runs)
        return replace(self, **own, posts=posts)


@dataclass(frozen=True, eq=False)
class RunsAssignment:
    """Equilibrium of each run. Sums stay finite: closed paths carry 0, unserved cargo is apart."""

    link_volume: FloatArray
    """Volume of each link, (n_runs, n_links); the sum of `path_volume`, so cargo is conserved."""
    link_cost: FloatArray
    """Cost of each link that the choice was made at, (n_runs, n_links)."""
    path_volume: FloatArray
    """Volume of each path, (n_runs, n_paths)."""
    path_share: FloatArray
    """Share of each path in its pair, (n_runs, n_paths); 0 when closed."""
    cost: FloatArray
    """Logsum cost of each pair, (n_runs, n_pairs); inf where no path is open."""
    unserved: FloatArray
    """Demand without an open path, (n_runs, n_pairs)."""
    residual: FloatArray
    """Sum of |y - v| over the sum of y on links of varying cost, (n_runs,)."""
    n_iterations: IntArray
    """Newton steps, (n_runs,)."""
    converged: BoolArray
    """Whether `residual` is within the tolerance asked for, (n_runs,)."""


def assign_runs(
    paths: PathSet,
    links: LinkCosts,
    demand: ArrayLike,
    *,
    dispersion: ArrayLike,
    open: BoolArray | None = None,  # noqa: A002 - the word of the field
    length: FloatArray | None = None,
    start: FloatArray | None = None,
    tolerance: float = 1e-8,
    max_iterations: int = 60,
) -> RunsAssignment:
    """Path-size logit equilibrium of every run.

    Parameters
    ----------
    paths : PathSet
        Paths of each pair, the same in all runs.
    links : LinkCosts
        Costs by run, such as `LinkRuns` or a `Network`.
    demand : (n_pairs,) or (n_runs, n_pairs) float
        Volume of each pair, >= 0 [tonnes per period].
    dispersion : float or (n_runs,)
        Reaction to cost, > 0 [1/cost].
    open : (n_links,) or (n_runs, n_links) bool, optional
        False closes a link; closed is closed.
    length : (n_links,) float, optional
        Weights of links in the path sizes; None is plain logit.
    start : (n_runs, n_links) float, optional
        Volumes to start from, such as those of the period before; the answer differs by less than
        the tolerance.
    tolerance : float
        Largest `residual` at which a run stops.
    max_iterations : int
        Newton steps at most; a run that needs more is returned with `converged` False.

    Returns
    -------
    RunsAssignment

    Raises
    ------
    ValueError
        If demand or dispersion is out of range or a shape does not fit.
    """
    problem = _problem(paths, links, demand, dispersion, open, length)
    if start is None:
        volume = problem.chosen(problem.at(np.zeros((paths.n_links, problem.theta.size))))
    else:
        shape = (paths.n_links, problem.theta.size)
        volume = np.array(np.broadcast_to(np.asarray(start, np.float64).T, shape), order="C")
    state, steps = _solve(problem, volume, tolerance, _PLAIN_STEPS)
    hard = np.flatnonzero(state.residual > tolerance)
    if hard.size:
        again = problem.of_runs(hard)
        eased, more = _solve_by_easing(again, state.of_runs(hard).volume, tolerance, max_iterations)
        steps[hard] += more
        state.put(hard, eased)
    return _outcome(problem, state, steps, tolerance)


def _solve(
    problem: "StochasticProblem", volume: FloatArray, tolerance: float, max_iterations: int
) -> tuple["LoadingState", IntArray]:
    """Newton's method from `volume`; a run that has converged is set aside."""
    state = problem.at(volume)
    steps = np.zeros(problem.theta.size, dtype=np.int64)
    moving = np.flatnonzero(state.residual > tolerance)
    part, now = problem.of_runs(moving), state.of_runs(moving)
    for _ in range(max_iterations):
        if not moving.size:
            break
        steps[moving] += 1
        now = part.search(now, part.newton_step(now))
        done = now.residual <= tolerance
        if done.any():
            state.put(moving[done], now.of_runs(np.flatnonzero(done)))
            left = np.flatnonzero(~done)
            moving, part, now = moving[left], part.of_runs(left), now.of_runs(left)
    state.put(moving, now)
    return state, steps


def _solve_by_easing(
    problem: "StochasticProblem", volume: FloatArray, tolerance: float, max_iterations: int
) -> tuple["LoadingState", IntArray]:
    """Newton's method with a dispersion that rises to the true one.

    Where all cargo jumps from one path to another, the choice says nothing about the step; a
    smaller dispersion spreads it, and its equilibrium is a start for the next.
    """
    steps = np.zeros(problem.theta.size, dtype=np.int64)
    for ease in _EASING:
        goal = tolerance if ease == 1.0 else _EASED_TOLERANCE
        state, more = _solve(problem.eased(ease), volume, goal, max_iterations)
        steps += more
        volume = state.volume
    return state, steps


def _outcome(
    problem: StochasticProblem, state: LoadingState, steps: IntArray, tolerance: float
) -> RunsAssignment:
    """Runs first again, and what could not be served set apart."""
    by_run = {
        "link_volume": np.asarray(problem.sums.paths_of_link @ state.flow),
        "link_cost": state.cost,
        "path_volume": state.flow,
        "path_share": state.share,
        "cost": state.logsum,
        "unserved": np.where(np.isfinite(state.logsum), 0.0, problem.demand),
    }
    return RunsAssignment(
        **{name: np.ascontiguousarray(value.T) for name, value in by_run.items()},
        residual=state.residual,
        n_iterations=steps,
        converged=state.residual <= tolerance,
    )


def _problem(
    paths: PathSet,
    links: LinkCosts,
    demand: ArrayLike,
    dispersion: ArrayLike,
    is_open: BoolArray | None,
    length: FloatArray | None,
) -> StochasticProblem:
    """Check what came and lay it out."""
    wanted, theta, usable = _inputs(paths, links, demand, dispersion, is_open)
    size = np.ones((paths.n_paths, 1))
    if length is not None:
        one_size_fits_all = None if usable.all() else usable.T
        size = np.atleast_2d(path_size(paths, length, open_path=one_size_fits_all)).T
    varying = np.flatnonzero(links.varies())
    by_path = paths.incidence
    by_link = by_path.T.tocsr()
    over_varying = sparse.csr_matrix(np.ones((1, varying.size)))
    sums = Sums(by_path, by_link, varying, by_path[:, varying], by_link[varying], over_varying)
    log_size = np.where(usable, np.log(size), -np.inf)
    return StochasticProblem(paths, sums, links, wanted, theta, log_size)


def _inputs(
    paths: PathSet,
    links: LinkCosts,
    demand: ArrayLike,
    dispersion: ArrayLike,
    is_open: BoolArray | None,
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Demand (n_pairs, n_runs), dispersion (n_runs,), usable paths (n_paths, n_runs)."""
    volume = np.atleast_2d(np.asarray(demand, dtype=np.float64))
    theta = np.atleast_1d(np.asarray(dispersion, dtype=np.float64))
    gates = np.atleast_2d(np.ones(paths.n_links, np.bool_) if is_open is None else is_open)
    if volume.shape[1:] != (paths.n_pairs,) or gates.shape[1:] != (paths.n_links,):
        raise ValueError(
            f"demand has shape {volume.shape} and open {gates.shape}; wanted "
            f"(n_runs, {paths.n_pairs}) and (n_runs, {paths.n_links})"
        )
    if not ((volume >= 0.0) & np.isfinite(volume)).all():
        raise ValueError(f"demand is {volume.min():g} at least; wanted 0 or more and finite")
    check_dispersion(theta)
    runs_of_links = links.cost_and_slope(np.zeros((1, paths.n_links)))[0].shape[:1]
    (n_runs,) = np.broadcast_shapes(theta.shape, volume.shape[:1], gates.shape[:1], runs_of_links)
    closed = paths.incidence @ np.ascontiguousarray((~gates).T.astype(np.float64))
    return (
        np.ascontiguousarray(np.broadcast_to(volume, (n_runs, paths.n_pairs)).T),
        np.array(np.broadcast_to(theta, (n_runs,))),
        np.ascontiguousarray(np.broadcast_to(closed == 0.0, (paths.n_paths, n_runs))),
    )
