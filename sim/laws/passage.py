"""What passage through a network costs many pairs of ends at once, and which paths carry it.

A path is taken in proportion to its attraction to a good

    attraction = size * open share * exp(-dispersion * ave)
    ave = (1 + charges / value + days * time cost per day) * border factor - 1

and the cost of having all paths of a pair of ends is the logsum

    ave = -log(sum of attractions / sum of sizes) / dispersion

which is never below that of the cheapest path, since a path-size logit counts what paths share only
once (Ben-Akiva and Bierlaire 1999). Sizes stay as they are when a path closes, so closing one never
makes passage cheaper and opening one never dearer. McFadden (1978).

Runs are the last axis here and the loops over paths are compiled, so that what belongs to a pair of
ends stays in the cache until it is done with. Each run is added up in the same order whatever the
batch, so a batch gives the bits of its single runs.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sim.laws.compiled import compiled
from sim.laws.elementary import exp_row, log1p_row, log_row

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Paths:
    """What each path is: sizes, and the pair of ends it joins; sorted by pair of ends."""

    ends: IntArray
    """(n_paths,) pair of ends of each path, rising."""
    of_ends: csr_array
    """(n_ends, n_paths) one where a path joins a pair of ends."""
    size: FloatArray
    """(n_paths,) path size, 1 for a path that shares no link [1]."""

    @cached_property
    def log_size(self) -> FloatArray:
        """Log of the path sizes, (n_paths, 1)."""
        return np.asarray(np.log(self.size)[:, None])

    @cached_property
    def log_all_sizes(self) -> FloatArray:
        """Log of the sum of sizes of each pair of ends, (n_ends,)."""
        return np.asarray(np.log(self.of_ends @ self.size))

    @cached_property
    def first(self) -> IntArray:
        """(n_ends + 1,) where the paths of each pair of ends begin."""
        return np.searchsorted(self.ends, np.arange(self.of_ends.shape[0] + 1))


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


class Passage(NamedTuple):
    """Cost and use of all paths."""

    log_cost: FloatArray
    """(n_goods, n_ends, n_runs) log of 1 + ave, infinite where no path is open."""
    carried: FloatArray
    """(n_paths, n_runs) cargo on each path, in the unit of `cargo`."""
    stranded: FloatArray
    """(n_ends, n_runs) cargo that no path is open to."""
    log_cost_otherwise: FloatArray
    """`log_cost` if the paths in `instead` took what they take there; the same array without."""


class Loads(NamedTuple):
    """What loads are worth and mind, by run."""

    value_usd: FloatArray
    """(n_goods, n_runs) value of a load, > 0 [USD]."""
    time_cost_per_day: FloatArray
    """(n_runs,) cost of a day as a share of the value [1/day]."""
    dispersion: FloatArray
    """(n_runs,) sensitivity of the choice to cost [1]."""


class Answer(NamedTuple):
    """How cargo answers its cost: what costs more than in the baseline is bought less."""

    log_cost_baseline: FloatArray
    """(n_goods, n_ends, n_runs) log of 1 + ave at which all of the cargo moves; where it has no
    end, there is no cargo of ours."""
    trade_elasticity: FloatArray
    """(n_runs,) elasticity of trade to its cost, > 0 [1]."""


def passage(
    paths: Paths,
    offer: Offer,
    loads: Loads,
    cargo: FloatArray,
    *,
    answer: Answer | None = None,
    instead: tuple[IntArray, Offer] | None = None,
) -> Passage:
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

    Returns
    -------
    Passage
        What comes is carried; what wanted to come and finds no path open is stranded.
    """
    n_runs = len(loads.dispersion)
    shape = (len(loads.value_usd), len(paths.first) - 1, n_runs)
    cargo = np.array(np.broadcast_to(cargo, shape), order="C")
    level, charge = _exponents(offer, loads, paths.log_size)
    others, other = np.zeros(0, dtype=np.intp), (level[:0], charge[:0])
    if instead is not None:
        others, other = instead[0], _exponents(instead[1], loads, paths.log_size[instead[0]])
    if answer is None:
        answer = Answer(np.zeros(shape), np.zeros(n_runs))
    log_cost, carried, stranded, otherwise = _spread(
        paths.first,
        paths.log_all_sizes,
        (level, charge),
        (others, *other),
        (-loads.dispersion / loads.value_usd, loads.dispersion),
        cargo,
        (answer.log_cost_baseline, answer.trade_elasticity),
    )
    return Passage(log_cost, carried, stranded, log_cost if instead is None else otherwise)


@compiled
def _spread(
    first: IntArray,
    log_all_sizes: FloatArray,
    exponents: tuple[FloatArray, FloatArray],
    instead: tuple[IntArray, FloatArray, FloatArray],
    choice: tuple[FloatArray, FloatArray],
    cargo: FloatArray,
    answer: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Log cost, cargo on the paths, cargo stranded, and log cost with other paths instead."""
    level, charge = exponents
    others, other_level, other_charge = instead
    per_usd, dispersion = choice
    log_baseline, elasticity = answer
    n_goods, n_ends, n_runs = cargo.shape
    log_cost, otherwise = np.empty(cargo.shape), np.empty(cargo.shape)
    carried, stranded = np.zeros(level.shape), np.zeros((n_ends, n_runs))
    attraction = np.empty((level.shape[0], n_runs))
    total, away, coming = np.empty(n_runs), np.empty(n_runs), np.empty(n_runs)
    path = np.arange(level.shape[0])
    after = np.searchsorted(others, first)
    for end in range(n_ends):
        own, of_others = (first[end], first[end + 1]), (after[end], after[end + 1])
        for good in range(n_goods):
            _attract(attraction, level, charge, per_usd[good], path, own)
            _add_up(total, attraction, own)
            _price(log_cost[good, end], total, log_all_sizes[end], dispersion)
            for run in range(n_runs):
                base = log_baseline[good, end, run]
                dearer = log_cost[good, end, run] - base
                away[run] = -elasticity[run] * dearer if base < np.inf else -np.inf
            exp_row(away, coming)
            for run in range(n_runs):
                if total[run] > 0.0:
                    total[run] = cargo[good, end, run] * coming[run] / total[run]
                elif log_baseline[good, end, run] < np.inf:
                    stranded[end, run] += cargo[good, end, run]
            for p in range(own[0], own[1]):
                for run in range(n_runs):
                    carried[p, run] += attraction[p, run] * total[run]
            if of_others[0] == of_others[1]:
                otherwise[good, end] = log_cost[good, end]
                continue
            _attract(attraction, other_level, other_charge, per_usd[good], others, of_others)
            _add_up(total, attraction, own)
            _price(otherwise[good, end], total, log_all_sizes[end], dispersion)
    return log_cost, carried, stranded, otherwise


@compiled
def _attract(
    attraction: FloatArray,
    level: FloatArray,
    charge: FloatArray,
    per_usd: FloatArray,
    path: IntArray,
    rows: tuple[int, int],
) -> None:
    """Attractions of the paths that some rows of exponents belong to."""
    exponent = np.empty(per_usd.size)
    for k in range(rows[0], rows[1]):
        for run in range(per_usd.size):
            exponent[run] = level[k, run] + charge[k, run] * per_usd[run]
        exp_row(exponent, attraction[path[k]])


@compiled
def _add_up(total: FloatArray, attraction: FloatArray, paths: tuple[int, int]) -> None:
    total[:] = 0.0
    for p in range(paths[0], paths[1]):
        for run in range(total.size):
            total[run] += attraction[p, run]


@compiled
def _price(
    log_cost: FloatArray, total: FloatArray, log_all_sizes: float, dispersion: FloatArray
) -> None:
    log_row(total, log_cost)
    ave = np.empty(total.size)
    for run in range(total.size):
        ave[run] = (log_all_sizes - log_cost[run]) / dispersion[run]
    log1p_row(ave, log_cost)


def _exponents(offer: Offer, loads: Loads, log_size: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Exponent of the attraction without charges, and the charges, (n_paths, n_runs)."""
    factor = offer.border_factor
    # In the time and the border factor all goods are alike: only the charges tell them apart.
    ave = loads.time_cost_per_day * (offer.days * factor) + factor - 1.0
    level = log_size + offer.log_open_share - loads.dispersion * ave
    return level, np.array(np.broadcast_to(offer.charges_usd * factor, level.shape), order="C")


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
    first, ends = weight.indptr.astype(np.intp), weight.indices.astype(np.intp)
    shares = (first, ends, weight.data)
    return _pair_log_cost(log_cost, log_cost_baseline, shares, trade_elasticity)


@compiled
def _pair_log_cost(
    log_cost: FloatArray,
    log_baseline: FloatArray,
    shares: tuple[IntArray, IntArray, FloatArray],
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
