"""Trade of every pair of a known and a residual path."""

import numpy as np

from sim.laws.numerics.arrays import FloatArray


def pair_trade(known: FloatArray, factor: FloatArray, apart: FloatArray) -> FloatArray:
    """Trade of every pair of paths in one year.

    Parameters
    ----------
    known : (n_known, n_directions, n_quarters) ndarray
        Trade that the laws expect at a year's rate [musd/year].
    factor : (n_residual, n_directions, n_quarters) ndarray
        What the residual shock makes of it [1].
    apart : (n_known, n_quarters) ndarray
        Trade that has no residual shock [musd/year].

    Returns
    -------
    (n_known, n_residual) ndarray
        Mean over the quarters [musd/year]. Added in a fixed order, so that the bits do not depend
        on which other paths there are.

    Examples
    --------
    >>> pair_trade(np.full((1, 2, 4), 10.0), np.full((3, 2, 4), 2.0), np.full((1, 4), 5.0))
    array([[45., 45., 45.]])
    """
    n_quarters = known.shape[2]
    terms_known = known.reshape(len(known), -1) / n_quarters
    terms_factor = factor.reshape(len(factor), -1)
    total = np.repeat(apart.mean(axis=1)[:, None], len(factor), axis=1)
    for k in range(terms_known.shape[1]):
        total += terms_known[:, k, None] * terms_factor[:, k]
    return np.asarray(total)
