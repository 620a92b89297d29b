"""What passage through a network costs many pairs of ends at once, and which paths carry it.

A path is taken in proportion to its attraction to a good

    attraction = size * open share * exp(-dispersion * ave)
    ave = (1 + charges / value + days * time cost per day) * border factor - 1

and the cost of having all paths of a pair of ends is the logsum

    ave = -log(sum of attractions / sum of sizes) / dispersion

which is never below that of the cheapest path, since a path-size logit counts what paths share only
once (Ben-Akiva and Bierlaire 1999). Sizes stay as they are when a path closes, so closing one never
makes passage cheaper and opening one never dearer. McFadden (1978).

Runs are the last axis here and sums are sparse products with ones: each run is added up in the same
order whatever the batch, so a batch gives the bits of its single runs.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

BLOCK_PATHS = 300
"""Paths handled at once."""


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
        """Log of the sum of sizes of each pair of ends, (n_ends, 1)."""
        return np.asarray(np.log(self.of_ends @ self.size)[:, None])

    @cached_property
    def blocks(self) -> tuple[tuple[slice, slice, csr_array], ...]:
        """Paths, ends and sums of a few pairs of ends at a time, as a processor's cache holds."""
        first = np.searchsorted(self.ends, np.arange(self.of_ends.shape[0] + 1))
        cuts = [0]
        for end in range(1, len(first)):
            if first[end] - first[cuts[-1]] >= BLOCK_PATHS or end == len(first) - 1:
                cuts.append(end)
        return tuple(
            (slice(first[a], first[b]), slice(a, b), self.of_ends[a:b, first[a] : first[b]])
            for a, b in pairwise(cuts)
        )


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
    """(n_goods, n_ends, n_runs) log of 1 + ave at which all of the cargo moves."""
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
    shape = (len(loads.value_usd), paths.of_ends.shape[0], n_runs)
    level, charge = _exponents(offer, loads, paths.log_size)
    per_usd = -loads.dispersion / loads.value_usd
    cargo = np.broadcast_to(cargo, shape)
    total, carried = np.empty(shape), np.zeros((len(paths.size), n_runs))
    others, total_otherwise = np.zeros(0, dtype=np.intp), total
    if instead is not None:
        others, total_otherwise = instead[0], np.empty_like(total)
        other_level, other_charge = _exponents(instead[1], loads, paths.log_size[others])
    for own, ends, sums in paths.blocks:
        first, last = np.searchsorted(others, (own.start, own.stop))
        row, at = others[first:last] - own.start, paths.ends[own] - ends.start
        attraction = np.empty((own.stop - own.start, n_runs))
        for good in range(shape[0]):
            np.multiply(charge[own], per_usd[good], out=attraction)
            attraction += level[own]
            np.exp(attraction, out=attraction)
            total[good, ends] = sums @ attraction
            each = _per_attraction(paths, total, cargo, loads, answer, good, ends)
            carried[own] += attraction * each[at]
            if instead is not None:
                if len(row):
                    replaced = other_charge[first:last] * per_usd[good] + other_level[first:last]
                    attraction[row] = np.exp(replaced)
                total_otherwise[good, ends] = sums @ attraction
    log_cost = _log_cost(paths.log_all_sizes, total, loads)
    otherwise = log_cost
    if instead is not None:
        otherwise = _log_cost(paths.log_all_sizes, total_otherwise, loads)
    stranded = np.where(total > 0.0, 0.0, cargo).sum(axis=0)
    return Passage(log_cost, carried, stranded, otherwise)


def _per_attraction(
    paths: Paths,
    total: FloatArray,
    cargo: FloatArray,
    loads: Loads,
    answer: Answer | None,
    good: int,
    ends: slice,
) -> FloatArray:
    """Cargo that comes over the sum of attractions, for some pairs of ends and one good."""
    found, coming = total[good, ends], cargo[good, ends]
    if answer is not None:
        cost = _log_cost(paths.log_all_sizes[ends], found, loads)
        change = cost - answer.log_cost_baseline[good, ends]
        coming = coming * np.exp(-answer.trade_elasticity * change)
    return np.divide(coming, found, out=np.zeros(found.shape), where=found > 0.0)


def _exponents(offer: Offer, loads: Loads, log_size: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Exponent of the attraction without charges, and the charges, (n_paths, n_runs)."""
    factor = offer.border_factor
    # In the time and the border factor all goods are alike: only the charges tell them apart.
    ave = loads.time_cost_per_day * (offer.days * factor) + factor - 1.0
    level = log_size + offer.log_open_share - loads.dispersion * ave
    return level, np.broadcast_to(offer.charges_usd * factor, level.shape)


def _log_cost(log_all_sizes: FloatArray, total: FloatArray, loads: Loads) -> FloatArray:
    with np.errstate(divide="ignore"):
        ave = (log_all_sizes - np.log(total)) / loads.dispersion
    return np.asarray(np.log1p(ave))


def pair_log_cost(
    log_cost_change: FloatArray, weight: csr_array, trade_elasticity: FloatArray
) -> FloatArray:
    """Log cost change of a pair of regions whose cargo runs between several pairs of ends.

    Cargo stays with its ends, so trade answers the cost of each: the pair's cost change is that
    which moves its trade as much as the ends' own changes do together.

    Parameters
    ----------
    log_cost_change : (n_goods, n_ends, n_runs) ndarray
        Log of the cost over the baseline's, infinite where nothing passes.
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

    >>> change = np.array([0.0, np.inf]).reshape(1, 2, 1)
    >>> both = csr_array(np.array([[0.5, 0.5]]))
    >>> float(np.exp(-5.0 * pair_log_cost(change, both, np.array([5.0]))).item())
    0.5
    """
    left = np.exp(-trade_elasticity * log_cost_change)
    answer = np.empty((len(left), weight.shape[0], left.shape[-1]))
    for good, of_good in enumerate(left):
        with np.errstate(divide="ignore"):
            answer[good] = -np.log(weight @ of_good) / trade_elasticity
    return answer
