"""Residual paths chosen by what records say of each direction.

Residual shocks of two directions are independent, and so are most records of them. Few of many
paths agree with the records of both directions at once, but many agree with those of one: each
direction's paths are therefore chosen by its own records and put together again (importance
resampling; Smith and Gelfand 1992), and what the choice favours the weights take back.
"""

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray

OPEN_SHARE = 0.1
"""Part of the choice that is left to chance, so that no weight can be without bound [1]."""


def chosen_paths(log_likelihood: FloatArray, n: int) -> tuple[IndexArray, FloatArray]:
    """Choose paths in proportion to a likelihood, evenly spaced along its sum.

    Parameters
    ----------
    log_likelihood : (n_paths,) ndarray
        Of what is on record given each path.
    n : int
        Paths wanted; one that is likely is chosen more than once.

    Returns
    -------
    chosen : (n,) int ndarray
        Numbers of the paths, rising.
    log_favour : (n,) ndarray
        Log of how much more often than by chance each was to be chosen, to be taken off its weight.

    Examples
    --------
    >>> chosen, favour = chosen_paths(np.zeros(4), 4)
    >>> chosen, favour
    (array([0, 1, 2, 3]), array([0., 0., 0., 0.]))
    """
    weight = np.exp(log_likelihood - log_likelihood.max())
    n_paths = len(weight)
    share = (1.0 - OPEN_SHARE) * weight / weight.sum() + OPEN_SHARE / n_paths
    places = (np.arange(n) + 0.5) / n
    chosen = np.minimum(np.searchsorted(np.cumsum(share), places), n_paths - 1)
    return chosen, np.log(share[chosen] * n_paths)
