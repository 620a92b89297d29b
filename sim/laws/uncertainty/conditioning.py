"""Weights that records of trade give to simulated paths.

A simulated path is a known path, which the laws make, times a residual path, which they cannot
know. Every known path is crossed with every residual path; a pair's weight is proportional to the
likelihood of what the ledger recorded, given the trade that the pair simulates. Errors of a record
are logarithmic with a Student distribution, so that one record far from everything simulated costs
every pair nearly the same and does not decide.

Axes: `(n_known, n_residual)` of pairs; `D` directions of trade; `Q` quarters; `E` records.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp, stdtr, stdtrit

from sim.laws.numerics.arrays import FloatArray

N_ERRORS = 99
"""Errors of a record, evenly spread over their distribution, that its quantiles are taken over."""


class RecordEntries(NamedTuple):
    """Records of trade over parts of the simulated quarters."""

    weight: FloatArray
    """(E, D, Q) part of a year that a record covers, by direction and quarter [years]."""
    recorded_musd: FloatArray
    """(E,) trade over the period of each, not at a year's rate [musd]."""
    log_sd: FloatArray
    """(E,) scale of the log error of each [1]."""
    degrees: FloatArray
    """(E,) degrees of freedom of each error's Student distribution."""
    floor_musd: FloatArray
    """(E,) trade below which size tells nothing; added to what is recorded and to what is simulated
    before they are compared [musd]."""

    @property
    def n(self) -> int:
        """Number of records."""
        return len(self.recorded_musd)


class EffectiveSample(NamedTuple):
    """Number of equally weighted draws that would be as sure as the weighted ones."""

    pairs: float
    """Of all pairs of a known and a residual path."""
    known: float
    """Of known paths, each with the weight of all its pairs."""
    residual: float
    """Of residual paths, likewise."""


def log_likelihood(known: FloatArray, factor: FloatArray, entries: RecordEntries) -> FloatArray:
    """Log likelihood of the records given each pair, on one scale for all groups of paths.

    Parameters
    ----------
    known : (n_known, D, Q) ndarray
        Trade that the laws simulate at a year's rate [musd/year].
    factor : (n_residual, D, Q) ndarray
        Residual factor on trade, error of the base year included [1].
    entries : RecordEntries
        Records over the same directions and quarters. No two may cover the same trade: their
        errors count as independent.

    Returns
    -------
    (n_known, n_residual) ndarray
        Up to a constant that depends on the records alone; 0 without records.

    Raises
    ------
    ValueError
        If the arrays do not have the same directions and quarters.
    """
    shape = known.shape[1:]
    if not shape == factor.shape[1:] == entries.weight.shape[1:]:
        raise ValueError(
            f"directions and quarters differ: known paths {shape}, residual paths "
            f"{factor.shape[1:]}, records {entries.weight.shape[1:]}"
        )
    residual = factor.reshape(len(factor), -1).T
    total = np.zeros((len(known), len(factor)))
    for k in range(entries.n):
        # One matrix product a record: no array has known, residual and quarter axes at once.
        simulated = (known * entries.weight[k]).reshape(len(known), -1) @ residual
        total += _log_density(simulated, entries, k)
    return total


def simulated_records(trade: FloatArray, entries: RecordEntries) -> FloatArray:
    """Simulated trade over the period and directions of each record.

    Parameters
    ----------
    trade : (n, D, Q) ndarray
        Simulated trade at a year's rate, residuals included [musd/year].
    entries : RecordEntries

    Returns
    -------
    (n, E) ndarray
        [musd].
    """
    return np.asarray(np.einsum("ndq,edq->ne", trade, entries.weight))


def share_below(simulated: FloatArray, entries: RecordEntries, weight: FloatArray) -> FloatArray:
    """Probability that a ledger would record less than each record, given what is simulated.

    Parameters
    ----------
    simulated : (n, E) ndarray
        Trade over the period of each record [musd].
    entries : RecordEntries
    weight : (n,) ndarray
        Weights of the simulated paths, which sum to 1.

    Returns
    -------
    (E,) ndarray
        [1]. The error of the ledger is part of it, so records are spread evenly over 0 to 1 where
        simulation and error are right.
    """
    error = np.log((entries.recorded_musd + entries.floor_musd) / (simulated + entries.floor_musd))
    return np.asarray(weight @ stdtr(entries.degrees, error / entries.log_sd))


def record_quantiles(
    simulated: FloatArray, entries: RecordEntries, weight: FloatArray, shares: FloatArray
) -> FloatArray:
    """Quantiles of what a ledger would record, given what is simulated.

    Parameters
    ----------
    simulated : (n, E) ndarray
        Trade over the period of each record [musd].
    entries : RecordEntries
    weight : (n,) ndarray
        Weights of the simulated paths, which sum to 1.
    shares : (n_shares,) ndarray
        In (0, 1), rising.

    Returns
    -------
    (n_shares, E) ndarray
        [musd].
    """
    levels = (np.arange(N_ERRORS) + 0.5) / N_ERRORS
    found = np.empty((len(shares), entries.n))
    for k in range(entries.n):
        error = np.exp(entries.log_sd[k] * stdtrit(entries.degrees[k], levels))
        floor = entries.floor_musd[k]
        values = np.maximum((simulated[:, k, None] + floor) * error - floor, 0.0).ravel()
        order = np.argsort(values)
        up_to = np.cumsum(np.repeat(weight / N_ERRORS, N_ERRORS)[order])
        found[:, k] = values[order][np.searchsorted(up_to, shares * up_to[-1])]
    return found


def effective_sample(log_weight: FloatArray) -> EffectiveSample:
    """Effective size of a weighted sample of pairs (Kish 1965): one over the sum of squares.

    Parameters
    ----------
    log_weight : (n_known, n_residual) ndarray
        Log weights, normalised or not.

    Examples
    --------
    >>> effective_sample(np.zeros((4, 8)))
    EffectiveSample(pairs=32.0, known=4.0, residual=8.0)
    """
    weight = np.exp(log_weight - logsumexp(log_weight))
    return EffectiveSample(*(_kish(w) for w in (weight, weight.sum(axis=1), weight.sum(axis=0))))


def _kish(weight: FloatArray) -> float:
    return float(round(1.0 / float((weight**2).sum()), 9))


def _log_density(simulated: FloatArray, entries: RecordEntries, k: int) -> FloatArray:
    """Log density of a record's error up to a constant that all pairs share."""
    floor, degrees = entries.floor_musd[k], entries.degrees[k]
    error = np.log((simulated + floor) / (entries.recorded_musd[k] + floor)) / entries.log_sd[k]
    return np.asarray(-0.5 * (degrees + 1.0) * np.log1p(error**2 / degrees))
