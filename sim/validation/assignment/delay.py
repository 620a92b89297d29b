"""Cost of a link at a volume: the BPR function, and posts that queue.

BPR: `cost = fixed_cost + free_flow_cost * (1 + factor * (volume / capacity) ^ power)`. A link with
factor 0, infinite capacity or no free-flow cost has a constant cost. Posts add
`hour_cost * wait` of `laws.queues.period_queue`, which never becomes infinite.

Each function returns the cost and its derivative with respect to the volume. Shapes broadcast, so
the same code serves one network `(n_links,)` and an ensemble `(n_runs, n_links)`.
"""

from dataclasses import dataclass, replace

import numpy as np

from sim.laws import queues
from sim.laws.numerics.arrays import FloatArray, IntArray

_MIN_UTILISATION = 1e-12
_QUADRATURE = np.polynomial.legendre.leggauss(24)


@dataclass(frozen=True, eq=False)
class Posts:
    """Posts and ports that queue on links; arrays `(n_posts,)` or `(n_runs, n_posts)`."""

    link: IntArray
    """Position of the link each post sits on, (n_posts,); each link at most once."""
    servers: FloatArray
    """Lanes or cranes, > 0."""
    service_hours: FloatArray
    """Hours one server needs for one unit of volume [h/unit]."""
    period_hours: FloatArray
    """Open hours of the period [h]."""
    hour_cost: FloatArray
    """What an hour of waiting costs one unit of volume [cost/h]."""
    backlog: FloatArray | float = 0.0
    """Units left from the period before."""
    variability: FloatArray | float = 1.0
    """Half the sum of the squared coefficients of variation of gaps and service times [1]."""
    formula: queues.WaitFormula = "sakasegawa"
    """Chance to wait; see `laws.queues.period_queue`."""

    def __post_init__(self) -> None:
        link, count = np.unique(self.link, return_counts=True)
        if (count > 1).any():
            twice = int(link[count > 1][0])
            raise ValueError(f"link {twice} has {count.max()} posts; wanted one on each link")

    def queue(self, volume: FloatArray) -> queues.PeriodQueue:
        """Outcome of the period at each post, for the volume of all links `(..., n_links)`."""
        return self._serve(volume[..., self.link])

    def cost_and_slope(self, volume: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Cost of waiting at each post and its derivative, `(..., n_posts)`."""
        outcome = self.queue(volume)
        return self.hour_cost * outcome.wait, self.hour_cost * outcome.wait_slope

    def integral(self, volume: FloatArray) -> FloatArray:
        """Area under the waiting cost from zero to the volume of each post, by quadrature."""
        points, weights = _QUADRATURE
        arrivals = volume[..., self.link]
        area = np.zeros(np.broadcast_shapes(arrivals.shape, np.shape(self.servers)))
        for point, weight in zip(points, weights, strict=True):
            # the square crowds points towards the steep end without missing the start
            share = 1.0 - (0.5 - 0.5 * point) ** 2
            area = area + weight * (0.5 - 0.5 * point) * self._serve(share * arrivals).wait
        return np.asarray(area * arrivals * self.hour_cost)

    def of_runs(self, runs: IntArray) -> "Posts":
        """Posts of some of the runs; arrays without a run axis stay as they are."""
        return replace(
            self,
            servers=run_rows(self.servers, runs),
            service_hours=run_rows(self.service_hours, runs),
            period_hours=run_rows(self.period_hours, runs),
            hour_cost=run_rows(self.hour_cost, runs),
            backlog=run_rows(self.backlog, runs),
            variability=run_rows(self.variability, runs),
        )

    def _serve(self, arrivals: FloatArray) -> queues.PeriodQueue:
        return queues.period_queue(
            arrivals,
            self.backlog,
            servers=self.servers,
            service_hours=self.service_hours,
            period_hours=self.period_hours,
            variability=self.variability,
            formula=self.formula,
        )


def bpr_cost(
    volume: FloatArray,
    free_flow_cost: FloatArray,
    capacity: FloatArray,
    factor: FloatArray,
    power: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Cost of the BPR function and its derivative.

    Parameters
    ----------
    volume : ndarray
        Volume, >= 0, in the unit of `capacity`.
    free_flow_cost, capacity, factor, power : ndarray
        As in the module text; capacity may be inf, and anything where `factor` is 0.

    Returns
    -------
    cost, slope : ndarray
        Without the fixed cost.
    """
    rise, room = congestible(free_flow_cost, capacity, factor)
    utilisation = np.maximum(volume / room, _MIN_UTILISATION)
    risen = rise * utilisation**power
    slope = power * risen / (utilisation * room)
    # exactly free at volume zero, unless the power is zero and the rise a constant
    used = (volume > 0.0) | (power == 0.0)
    return free_flow_cost + np.where(used, risen, 0.0), slope


def with_posts(
    cost: FloatArray, slope: FloatArray, posts: Posts | None, volume: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Cost and slope of links with the waiting at their posts added."""
    if posts is None:
        return cost, slope
    wait, wait_slope = posts.cost_and_slope(volume)
    # posts may differ by run where the links do not
    shape = (*np.broadcast_shapes(cost.shape[:-1], wait.shape[:-1]), volume.shape[-1])
    cost, slope = (np.array(np.broadcast_to(values, shape)) for values in (cost, slope))
    cost[..., posts.link] += wait
    slope[..., posts.link] += wait_slope
    return cost, slope


def bpr_integral(
    volume: FloatArray,
    free_flow_cost: FloatArray,
    capacity: FloatArray,
    factor: FloatArray,
    power: FloatArray,
) -> FloatArray:
    """Area under the BPR function from zero to `volume`."""
    rise, room = congestible(free_flow_cost, capacity, factor)
    utilisation = np.maximum(volume / room, 0.0)
    return np.asarray(volume * (free_flow_cost + rise * utilisation**power / (power + 1.0)))


def congestible(
    free_flow_cost: FloatArray, capacity: FloatArray, factor: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Rise of the cost at capacity, 0 where the cost is constant, and a capacity to divide by."""
    constant = (factor == 0.0) | (free_flow_cost == 0.0) | np.isinf(capacity)
    return np.where(constant, 0.0, free_flow_cost * factor), np.where(constant, 1.0, capacity)


def run_rows(values: FloatArray | float, runs: IntArray) -> FloatArray:
    """Rows of an array `(n_runs, n)`; an array that serves all runs is returned as it is."""
    array = np.asarray(values, dtype=np.float64)
    return array[runs] if array.ndim == 2 and array.shape[0] > 1 else array
