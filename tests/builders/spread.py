"""Whether two sets of runs have the same spread."""

import numpy as np
from scipy.stats import ks_2samp


def least_chance(one, other):
    """Smallest chance of such a difference among all that is compared, if both were the same [1].

    Two-sample test of Kolmogorov and Smirnov, times the number of comparisons (Bonferroni), so it
    falls below a level by chance no more often than the level says; where values repeat, less.

    Parameters
    ----------
    one, other : list of (n_runs, n) ndarray
        What is compared, column by column; each set has its own number of runs.
    """
    pairs = [
        (a[:, k], b[:, k])
        for a, b in zip(one, other, strict=True)
        for k in range(a.shape[1])
        if np.ptp(np.concatenate([a[:, k], b[:, k]])) > 0.0
    ]
    return len(pairs) * min(ks_2samp(a, b, method="asymp").pvalue for a, b in pairs)
