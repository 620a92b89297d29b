"""What passage through a network costs many pairs of ends at once, and which paths carry it.

A path has an attraction to a good

    attraction = constant * size * open share * exp(-dispersion * ave)
    ave = (1 + charges / value + days * time cost per day) * border factor - 1

with one constant for the paths of a route. Cargo chooses a mode first, then a path of that mode in
proportion to its attraction: with T the sum of attractions within a mode, a mode is taken in
proportion to T ** nesting, and the cost of having all modes of a pair of ends is the logsum

    ave = -log(sum over modes of T ** nesting) / (nesting * dispersion)

(McFadden 1978). The constants say what the routes carry at given costs and set the level of ave.
Without any, paths are weighed by cost alone in one mode and the constant is one over the sum of all
sizes, so that the cost is never below that of the cheapest path: a path-size logit counts what
paths share only once (Ben-Akiva and Bierlaire 1999). Constants and sizes stay as they are when a
path closes, so closing one never makes passage cheaper and opening one never dearer.

Runs are the last axis here and the loops over paths are compiled, so that what belongs to a pair of
ends stays in the cache until it is done with. Each run is added up in the same order whatever the
batch, so a batch gives the bits of its single runs.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from sim.laws.numerics.array_bounds import check_counts, check_places, check_range, groups_of
from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.fastmath import exp_row, log_row
from sim.laws.numerics.jit import compiled
from sim.laws.transport.route_choice_kernel import spread


@dataclass(frozen=True, eq=False)
class Paths:
    """What each path is: sizes, and the pair of ends it joins; sorted by pair of ends and mode."""

    ends: IndexArray
    """(n_paths,) pair of ends of each path, rising."""
    of_ends: csr_array
    """(n_ends, n_paths) one where a path joins a pair of ends."""
    size: FloatArray
    """(n_paths,) path size, 1 for a path that shares no link [1]."""
    nest: IndexArray | None = None
    """(n_paths,) mode within its pair of ends, numbered over all of them, rising; one if None."""
    unit: IndexArray | None = None
    """(n_paths,) route whose constant holds; that of the pair of ends if None."""

    @cached_property
    def log_size(self) -> FloatArray:
        """Log of the path sizes, (n_paths,)."""
        return np.asarray(np.log(self.size))

    @cached_property
    def log_all_sizes(self) -> FloatArray:
        """Log of the sum of sizes of each pair of ends, (n_ends,)."""
        return np.asarray(np.log(self.of_ends @ self.size))

    @cached_property
    def first(self) -> IndexArray:
        """(n_ends + 1,) where the paths of each pair of ends begin."""
        return np.searchsorted(self.ends, np.arange(self.of_ends.shape[0] + 1))

    @cached_property
    def places(self) -> tuple[IndexArray, IndexArray, IndexArray, IndexArray]:
        """Where the paths of each pair of ends and of each mode begin, and modes and routes."""
        nest = self.ends if self.nest is None else self.nest
        unit = self.ends if self.unit is None else self.unit
        _, start = np.unique(nest, return_index=True)
        of_end = np.searchsorted(self.ends[start], np.arange(self.of_ends.shape[0] + 1))
        first_of_nest = np.append(start, len(nest)).astype(np.intp)
        return self.first, of_end.astype(np.intp), first_of_nest, unit


class Offer(NamedTuple):
    """What paths take, each (n_paths, n_runs), or (n_paths, 1) where all runs are alike."""

    charges_usd: FloatArray
    """Charges for a load [USD]."""
    days: FloatArray
    """Time on the way [days]."""
    log_open_share: FloatArray
    """Log of the part of the period in which the path is open."""
    border_factor: FloatArray
    """Factor on the whole cost by hours saved at borders [1]."""


class PathUse(NamedTuple):
    """Cost and use of all paths."""

    log_cost: FloatArray
    """(n_goods, n_ends, n_runs) log of 1 + ave, infinite where no path is open."""
    carried: FloatArray
    """(n_paths, n_runs) cargo on each path, in the unit of `cargo`."""
    stranded: FloatArray
    """(n_ends, n_runs) cargo that no path is open to."""
    log_cost_otherwise: FloatArray
    """`log_cost` if the paths in `instead` took what they take there; the same array without."""


class CargoLoads(NamedTuple):
    """What loads are worth and mind, by run."""

    value_usd: FloatArray
    """(n_goods, n_runs) value of a load, > 0 [USD]."""
    time_cost_per_day: FloatArray
    """(n_runs,) cost of a day as a share of the value [1/day]."""
    dispersion: FloatArray
    """(n_runs,) sensitivity of the choice to cost [1]."""


class Constants(NamedTuple):
    """What routes carry beyond what their costs say."""

    log_constant: FloatArray
    """(n_goods, n_units, n_runs) log of the constant of every route."""
    nesting: FloatArray
    """(n_runs,) sensitivity of the choice of mode over that of the path, in (0, 1] [1]."""


class Response(NamedTuple):
    """How cargo answers its cost: what costs more than in the baseline is bought less."""

    log_cost_baseline: FloatArray
    """(n_goods, n_ends, n_runs) log of 1 + ave at which all of the cargo moves; where it has no
    end, there is no cargo of ours."""
    trade_elasticity: FloatArray
    """(n_runs,) elasticity of trade to its cost, > 0 [1]."""


def passage(
    paths: Paths,
    offer: Offer,
    loads: CargoLoads,
    cargo: FloatArray,
    *,
    answer: Response | None = None,
    instead: tuple[IndexArray, Offer] | None = None,
    constants: Constants | None = None,
    used_share: FloatArray | None = None,
) -> PathUse:
    """Spread cargo over paths and say what passage costs.

    Parameters
    ----------
    paths : Paths
    offer : Offer
    loads : Loads
    cargo : (n_goods, n_ends, n_runs) or broadcastable ndarray
        What wants to pass; it is split among the paths by their attraction.
    answer : Answer, optional
        How much of it stays away, or comes beyond it, for the cost; all of it comes if left out.
    instead : ((n_others,) ndarray, Offer), optional
        Rising places of some paths, and what they take if things were otherwise.
    constants : Constants, optional
        Of the routes; cost alone decides if left out.
    used_share : (n_goods, n_ends, n_runs) ndarray, optional
        Part of the cargo that takes the paths as they are, where `instead` says what the rest of it
        goes by; all of it if left out.

    Returns
    -------
    Passage
        What comes is carried; what wanted to come and finds no path open is stranded.
    """
    n_runs = len(loads.dispersion)
    shape = (len(loads.value_usd), len(paths.first) - 1, n_runs)
    cargo = np.array(np.broadcast_to(cargo, shape), order="C")
    check_places(paths.first, len(paths.log_size))
    if not shape[1]:  # a world without a network
        nothing = np.zeros((0, n_runs))
        return PathUse(cargo, nothing, nothing, cargo)
    others, other = np.zeros(0, dtype=np.intp), (np.zeros((0, 1)),) * 4
    if instead is not None:
        others, other = instead[0], _contiguous(instead[1], len(instead[0]))
        check_range(others, len(paths.log_size))
    if answer is None:
        answer = Response(np.zeros(shape), np.zeros(n_runs))
    if constants is None:
        alone = np.broadcast_to(-paths.log_all_sizes[:, None], shape)
        constants = Constants(alone, np.ones(n_runs))
    check_range(paths.places[3], constants.log_constant.shape[1])
    used = np.ones((1, 1, 1)) if used_share is None else used_share
    log_cost, carried, stranded, otherwise = spread(
        (*paths.places, paths.log_size),
        _contiguous(offer, len(paths.log_size)),
        (others, other),
        (-loads.dispersion / loads.value_usd, loads.time_cost_per_day, loads.dispersion),
        (np.require(constants.log_constant, np.float64, ["C", "W"]), constants.nesting),
        paths.nest is not None,
        cargo,
        np.array(np.broadcast_to(used, shape), order="C"),
        (answer.log_cost_baseline, answer.trade_elasticity),
    )
    return PathUse(log_cost, carried, stranded, log_cost if instead is None else otherwise)


def _contiguous(offer: Offer, n: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    check_counts(offer, n)
    charges, days, log_open, factor = (np.require(v, np.float64, ["C", "W"]) for v in offer)
    return charges, days, log_open, factor


def along(paths: csr_array, at_places: FloatArray, own: FloatArray) -> FloatArray:
    """What paths take of their own and at the places they pass.

    Parameters
    ----------
    paths : (n_paths, n_places) sparse array
        How often each path passes each place [1].
    at_places : (n_places, n_runs) ndarray
        What passing takes; (n_places, 1) where all runs are alike.
    own : (n_paths, n_runs) or (n_paths, 1) ndarray

    Returns
    -------
    (n_paths, n_runs) ndarray
        (n_paths, 1) where all runs are alike in both.
    """
    own, at_places = (np.require(v, np.float64, ["C", "W"]) for v in (own, at_places))
    n_runs = max(own.shape[1], at_places.shape[1])
    answer = np.empty((paths.shape[0], n_runs))
    first, place = groups_of(paths, len(at_places))
    _along(answer, first, place, paths.data, at_places, own)
    return answer


@compiled
def _along(
    answer: FloatArray,
    first: IndexArray,
    place: IndexArray,
    times: FloatArray,
    at_places: FloatArray,
    own: FloatArray,
) -> None:
    alike = at_places.shape[1] == 1
    for path in range(answer.shape[0]):
        row = answer[path]
        row[:] = own[path]
        for k in range(first[path], first[path + 1]):
            if alike:
                row += times[k] * at_places[place[k], 0]
            else:
                taken = at_places[place[k]]
                for run in range(row.size):
                    row[run] += times[k] * taken[run]


def pair_log_cost(
    log_cost: FloatArray,
    log_cost_baseline: FloatArray,
    weight: csr_array,
    trade_elasticity: FloatArray,
) -> FloatArray:
    """Log cost change of a pair of regions whose cargo runs between several pairs of ends.

    Cargo stays with its ends, so trade answers the cost of each: the pair's cost change is that
    which moves its trade as much as the ends' own changes do together.

    Parameters
    ----------
    log_cost : (n_goods, n_ends, n_runs) ndarray
        Log of 1 + ave, infinite where nothing passes.
    log_cost_baseline : (n_goods, n_ends, n_runs) ndarray
        The same in the baseline; where that has no end, nothing is known to change.
    weight : (n_pairs, n_ends) sparse array
        Share of the pair's cargo between the ends [1].
    trade_elasticity : (n_runs,) ndarray
        Elasticity of trade to its cost, > 0 [1].

    Returns
    -------
    (n_goods, n_pairs, n_runs) ndarray
        Infinite where nothing passes between any of the ends.

    Examples
    --------
    One of two equal gateways is shut: half of the trade is left.

    >>> cost = np.array([0.3, np.inf]).reshape(1, 2, 1)
    >>> both = csr_array(np.array([[0.5, 0.5]]))
    >>> change = pair_log_cost(cost, np.full((1, 2, 1), 0.3), both, np.array([5.0]))
    >>> float(np.exp(-5.0 * change).item())
    0.5
    """
    shares = (*groups_of(weight, log_cost.shape[1]), weight.data)
    return _pair_log_cost(log_cost, log_cost_baseline, shares, trade_elasticity)


@compiled
def _pair_log_cost(
    log_cost: FloatArray,
    log_baseline: FloatArray,
    shares: tuple[IndexArray, IndexArray, FloatArray],
    trade_elasticity: FloatArray,
) -> FloatArray:
    first, ends, share = shares
    n_goods, _, n_runs = log_cost.shape
    answer = np.empty((n_goods, first.size - 1, n_runs))
    left, away, kept = np.empty(n_runs), np.empty(n_runs), np.empty(n_runs)
    for good in range(n_goods):
        for pair in range(first.size - 1):
            left[:] = 0.0
            for k in range(first[pair], first[pair + 1]):
                for run in range(n_runs):
                    base = log_baseline[good, ends[k], run]
                    dearer = log_cost[good, ends[k], run] - base
                    away[run] = -trade_elasticity[run] * dearer if base < np.inf else 0.0
                exp_row(away, kept)
                for run in range(n_runs):
                    left[run] += share[k] * kept[run]
            log_row(left, kept)
            for run in range(n_runs):
                answer[good, pair, run] = -kept[run] / trade_elasticity[run]
    return answer
