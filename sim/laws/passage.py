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

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


class Paths(NamedTuple):
    """What each path is: sizes, and the pair of ends it joins."""

    ends: IntArray
    """(n_paths,) pair of ends of each path."""
    of_ends: csr_array
    """(n_ends, n_paths) one where a path joins a pair of ends."""
    size: FloatArray
    """(n_paths,) path size, 1 for a path that shares no link [1]."""


class Passage(NamedTuple):
    """Cost and use of all paths."""

    log_cost: FloatArray
    """(n_goods, n_ends, n_runs) log of 1 + ave, infinite where no path is open."""
    carried: FloatArray
    """(n_paths, n_runs) cargo on each path, in the unit of `cargo`."""
    stranded: FloatArray
    """(n_ends, n_runs) cargo that no path is open to."""


def passage(
    paths: Paths,
    charges_usd: FloatArray,
    days: FloatArray,
    log_open_share: FloatArray,
    border_factor: FloatArray,
    *,
    value_usd: FloatArray,
    time_cost_per_day: FloatArray,
    dispersion: FloatArray,
    cargo: FloatArray,
) -> Passage:
    """Spread cargo over paths and say what passage costs.

    Parameters
    ----------
    paths : Paths
    charges_usd, days, log_open_share, border_factor : (n_paths, n_runs) or (n_paths, 1) ndarray
        Charges for a load [USD], time on the way [days], log of the part of the period in which
        the path is open, factor on its whole cost by hours saved at borders [1].
    value_usd : (n_goods, n_runs) ndarray
        Value of a load, > 0 [USD].
    time_cost_per_day, dispersion : (n_runs,) ndarray
        Cost of a day as a share of the value [1/day]; sensitivity of the choice to cost [1].
    cargo : (n_goods, n_ends, n_runs) or broadcastable ndarray
        What wants to pass; it is split among the paths by their attraction.

    Returns
    -------
    Passage
        Cargo is conserved: carried and stranded together are the cargo.
    """
    n_runs = len(dispersion)
    n_goods, n_ends = len(value_usd), paths.of_ends.shape[0]
    level = np.log(paths.size)[:, None] + log_open_share
    # In the time and the border factor all goods are alike: only the charges tell them apart.
    level = level - dispersion * (time_cost_per_day * (days * border_factor) + border_factor - 1.0)
    charge = np.broadcast_to(charges_usd * border_factor, (len(paths.size), n_runs))
    per_usd = dispersion / value_usd
    cargo = np.broadcast_to(cargo, (n_goods, n_ends, n_runs))
    all_sizes = np.log(paths.of_ends @ paths.size)[:, None]
    log_cost = np.empty((n_goods, n_ends, n_runs))
    carried, stranded = np.zeros((len(paths.size), n_runs)), np.zeros((n_ends, n_runs))
    attraction = np.empty((len(paths.size), n_runs))
    for good in range(n_goods):
        np.multiply(charge, -per_usd[good], out=attraction)
        attraction += level
        np.exp(attraction, out=attraction)
        total = paths.of_ends @ attraction
        some = total > 0.0
        per_attraction = np.divide(cargo[good], total, out=np.zeros_like(total), where=some)
        with np.errstate(divide="ignore"):
            log_cost[good] = np.log1p((all_sizes - np.log(total)) / dispersion)
        attraction *= per_attraction[paths.ends]
        carried += attraction
        stranded += np.where(some, 0.0, cargo[good])
    return Passage(log_cost, carried, stranded)


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
