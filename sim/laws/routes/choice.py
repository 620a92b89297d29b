"""How cargo spreads over the paths of a pair: path-size logit.

    share_p = PS_p exp(-dispersion * cost_p) / sum over the paths of the pair
    PS_p    = sum over links a of p of (length_a / length_p) / (number of paths of the pair on a)
    logsum  = -1/dispersion * ln sum_p PS_p exp(-dispersion * cost_p)

Paths that share links share the benefit of being chosen: two copies of one path weigh as one.
Ben-Akiva and Bierlaire (1999), eqs. 26-28. A closed path has cost inf, share 0, and no part in
the sizes of the others.

Inside, runs are the last axis and sums over links and paths are sparse products with ones: each
run is summed in the same order whatever the batch, so a batch gives the bits of its single runs.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from sim.laws.routes.paths import PathSet

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def path_size(
    paths: PathSet, length: FloatArray, *, open_path: BoolArray | None = None
) -> FloatArray:
    """Size of each path, 1 for a path that shares no link.

    Parameters
    ----------
    paths : PathSet
    length : (n_links,) float
        Weight of a link in the overlap, such as its free-flow cost, >= 0. A path of no length
        counts every link alike.
    open_path : (..., n_paths) bool, optional
        Paths that can be used; the others do not crowd anybody.

    Returns
    -------
    (..., n_paths) float
        In (0, 1]; 1 also for closed paths.

    Raises
    ------
    ValueError
        If a length is missing, negative or not finite.
    """
    length = _lengths(length, paths.n_links)
    usable = np.ones(paths.n_paths, np.bool_) if open_path is None else open_path
    lead = usable.shape[:-1]
    if not paths.n_paths:
        return np.ones((*lead, 0))
    by_path = usable.reshape(-1, paths.n_paths).T.astype(np.float64)
    path_of_entry = np.repeat(np.arange(paths.n_paths), np.diff(paths.start))
    key = paths.pair[path_of_entry] * paths.n_links + paths.link
    keys, group = np.unique(key, return_inverse=True)
    entries = np.arange(key.size)
    gather = sparse.csr_matrix((np.ones(key.size), (group, entries)), shape=(keys.size, key.size))
    users = np.maximum(np.asarray(gather @ by_path[path_of_entry]), 1.0)
    weight = length[paths.link]
    total = _sums_by_path(paths, weight[:, None])[path_of_entry, 0]
    count = np.diff(paths.start)[path_of_entry]
    share = np.where(total > 0.0, weight / np.where(total > 0.0, total, 1.0), 1.0 / count)
    size = _sums_by_path(paths, share[:, None] / users[group])
    size = np.where((by_path > 0.0) & (size > 0.0), size, 1.0)
    return np.ascontiguousarray(size.T).reshape(*lead, paths.n_paths)


def _lengths(length: ArrayLike, n_links: int) -> FloatArray:
    values = np.asarray(length, dtype=np.float64)
    if values.shape != (n_links,):
        raise ValueError(f"length has shape {values.shape}; ({n_links},) is wanted")
    wrong = np.flatnonzero(~((values >= 0.0) & np.isfinite(values)))
    if wrong.size:
        raise ValueError(
            f"length of link {wrong[0]} is {values[wrong[0]]:g}; 0 or more, finite is wanted"
        )
    return values


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
        raise ValueError(f"dispersion is {dispersion.min():g}; above 0 and finite is wanted")


def _sums_by_path(paths: PathSet, entries: FloatArray) -> FloatArray:
    """Sum entries `(n_entries, n_runs)` over the links of each path."""
    one = sparse.csr_matrix(
        (np.ones(paths.link.size), np.arange(paths.link.size), paths.start),
        shape=(paths.n_paths, paths.link.size),
    )
    return np.asarray(one @ entries)
