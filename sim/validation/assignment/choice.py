"""Distribution of cargo over the paths of a pair: path-size logit.

    share_p = PS_p exp(-dispersion * cost_p) / sum over the paths of the pair
    logsum  = -1/dispersion * ln sum_p PS_p exp(-dispersion * cost_p)

`PS_p` is the size of a path (`sim.laws.transport.path_sets`); Ben-Akiva and Bierlaire (1999), eqs.
26-28. A closed path has cost inf, share 0, and no part in the sizes of the others.

Inside, runs are the last axis and sums over links and paths are sparse products with ones: each
run is summed in the same order whatever the batch, so a batch gives the bits of its single runs.
"""

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import FloatArray
from sim.laws.transport.path_sets import PathSet


def logit_shares(
    cost: ArrayLike, dispersion: float, *, size: ArrayLike = 1.0
) -> tuple[FloatArray, FloatArray]:
    """Shares and logsum cost of the paths of one pair, on the last axis.

    Parameters
    ----------
    cost : (..., n_paths) float
        Generalised cost of each path; inf where closed.
    dispersion : float
        Reaction to cost, > 0 [1/cost]; large is nearly least cost.
    size : (..., n_paths) float
        Path sizes; 1 is plain logit.

    Returns
    -------
    share : (..., n_paths) float
    logsum : (...) float
        Inf where every path is closed.

    Examples
    --------
    >>> share, logsum = logit_shares([100.0, 110.0, 130.0], 0.05)
    >>> share.round(4), round(float(logsum), 4)
    (array([0.5465, 0.3315, 0.122 ]), 87.9174)
    """
    check_dispersion(np.asarray(dispersion))
    price = np.asarray(cost, dtype=np.float64)
    utility = np.log(np.asarray(size, dtype=np.float64)) - dispersion * price
    best = utility.max(axis=-1, keepdims=True)
    best = np.where(np.isfinite(best), best, 0.0)
    weight = np.exp(utility - best)
    total = weight.sum(axis=-1, keepdims=True)
    served = total > 0.0
    share = weight / np.where(served, total, 1.0)
    logsum = -(best + np.log(np.where(served, total, 1.0))) / dispersion
    return share, np.where(served, logsum, np.inf)[..., 0]


def pair_shares(
    paths: PathSet, utility: FloatArray, dispersion: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Shares `(n_paths, n_runs)` and logsums `(n_pairs, n_runs)` from utilities, runs last.

    `utility` is ln size - dispersion * cost; -inf where the path is closed.
    """
    best = np.full((paths.n_pairs, utility.shape[1]), -np.inf)
    present, first = np.unique(paths.pair, return_index=True)
    if present.size:
        best[present] = np.maximum.reduceat(utility, first, axis=0)
    best = np.where(np.isfinite(best), best, 0.0)
    weight = np.exp(utility - best[paths.pair])
    total = paths.membership @ weight
    served = total > 0.0
    safe = np.where(served, total, 1.0)
    logsum = np.where(served, -(best + np.log(safe)) / dispersion, np.inf)
    return weight / safe[paths.pair], logsum


def check_dispersion(dispersion: FloatArray) -> None:
    """Refuse dispersions that are not above 0."""
    if not ((dispersion > 0.0) & np.isfinite(dispersion)).all():
        raise ValueError(f"dispersion is {dispersion.min():g}; wanted above 0 and finite")
