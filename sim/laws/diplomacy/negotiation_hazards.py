"""Formation of agreements: a State's interest, what speeds it up, when a stage is over.

An agreement passes through stages: talks open, it is signed, it enters into force. A stage lasts a
random time with hazard ``h`` a quarter, which is that of a typical negotiation times what speeds
this one up or slows it down (proportional hazards, Moser and Rose 2012). A stage is over when the
hazards passed through add up to a threshold drawn once for the run, the agreement and the stage:

    sum of h over quarters >= -log(u),   u uniform in (0, 1)

so the same draws serve every scenario, and whatever raises a hazard only brings the date forward.
At ``u = 1/2`` a negotiation with nothing special about it takes the typical (median) time.

Axes: `(n_runs, n_agreements)`; members on an axis after them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR

MAX_LOG_FACTOR = 3.0
"""Interest beyond this moves a hazard no further: a factor of twenty either way."""


class Motives(NamedTuple):
    """Motives of a State for an agreement, each a pure number near 0 where there is none."""

    target_gap: ArrayLike
    """Log of target over present trade, for targets with other members, 0 to 1."""
    trade_gain: ArrayLike
    """Log change of trade with the other members that the model expects at once."""
    welfare_gain: ArrayLike
    """Real income gained over trade with the other members [1]."""
    diversification: ArrayLike
    """How much it would lean less on few partners, 0 to 1."""
    rivals: ArrayLike
    """Share of the other members' imports that rivals have won better terms for, 0 to 1."""
    losses: ArrayLike
    """Duty and import-competing sales lost, each as a share of all of its own, added up."""


def interest(motives: Motives, weights: Motives) -> FloatArray:
    """Interest of a State in an agreement: weighted sum of its motives, losses against it.

    Returns
    -------
    (...) ndarray
        0 for a State that neither gains nor loses [1].

    Examples
    --------
    >>> weights = Motives(0.5, 1.0, 5.0, 0.5, 0.5, 5.0)
    >>> float(interest(Motives(1.0, 0.1, 0.0, 0.1, 0.0, 0.01), weights))
    0.6
    """
    for_it = [np.asarray(m) * w for m, w in zip(motives[:-1], weights[:-1], strict=True)]
    return np.asarray(sum(for_it) - np.asarray(motives.losses) * weights.losses)


def base_hazard(median_years: ArrayLike) -> FloatArray:
    """Hazard a quarter of a stage whose median length is given [1/quarter].

    Examples
    --------
    >>> float(base_hazard(1.0) * 4 / np.log(2))
    1.0
    """
    return np.asarray(
        np.log(2.0) / (QUARTERS_PER_YEAR * np.asarray(median_years, dtype=np.float64))
    )


def will_factor(interest_of_member: FloatArray, is_member: BoolArray) -> FloatArray:
    """Factor on the hazard from the interest of the least keen member.

    Parameters
    ----------
    interest_of_member : (..., n_members) ndarray
        Interest of every State [1].
    is_member : (..., n_members) bool ndarray
        Which of them have to agree.
    """
    least = np.where(is_member, interest_of_member, np.inf).min(axis=-1)
    return np.asarray(np.exp(np.clip(least, -MAX_LOG_FACTOR, MAX_LOG_FACTOR)))


def number_factor(n_members: ArrayLike, weight: ArrayLike) -> FloatArray:
    """Factor on the hazard from the number of members, 1 for two: more take longer.

    Notes
    -----
    Moser and Rose (2012): 88 negotiations 1988-2009 lasted longer with more countries.
    """
    return np.asarray(np.exp(-np.asarray(weight) * (np.asarray(n_members, float) - 2.0)))


def shared_tie(ties: FloatArray, shared: BoolArray) -> FloatArray:
    """Closeness from the institutions that all members share, 0 to 1.

    Parameters
    ----------
    ties : (n_institutions,) ndarray
        Closeness that each institution alone brings, 0 to 1 [1].
    shared : (..., n_institutions) bool ndarray
        Which of them all members belong to.

    Notes
    -----
    Institutions overlap: what is left to gain after one is what the next works on.

    Examples
    --------
    >>> float(shared_tie(np.array([0.5, 0.5]), np.array([True, True])))
    0.75
    """
    return np.asarray(1.0 - np.where(shared, 1.0 - ties, 1.0).prod(axis=-1))


def capacity_factor(
    rule_of_law: FloatArray, infrastructure: FloatArray, reference: ArrayLike, weight: ArrayLike
) -> FloatArray:
    """Factor on the hazard of entry into force from the weakest member's capacity.

    Parameters
    ----------
    rule_of_law, infrastructure : (..., n_members) ndarray
        Capacity of each member, 0 to 1 [1].
    reference : float
        Product of the two of a State that takes the typical time [1].
    weight : array_like
        Elasticity of the hazard to the product [1].

    Notes
    -----
    Gray (2014): the implementation gap is where weak rule of law meets poor infrastructure.
    """
    weakest = (rule_of_law * infrastructure).min(axis=-1)
    return np.asarray((np.maximum(weakest, 1e-6) / reference) ** weight)


def stage_passed(pressure: FloatArray, hazard: FloatArray, threshold: FloatArray) -> BoolArray:
    """True where a stage ends in a quarter, given the hazards passed through before it."""
    return pressure + hazard >= threshold


def threshold(uniform: FloatArray) -> FloatArray:
    """Sum of hazards at which a stage ends, from draws in (0, 1).

    Examples
    --------
    >>> float(threshold(np.array(0.5)) / base_hazard(3.0)).__round__(6)
    12.0
    """
    return -np.log(uniform)
