"""Diplomacy: where effort goes, what it does to trade, and who is left behind by others' deals.

Axes: runs first; States, partners and agreements after them.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr

from sim.laws.numerics.arrays import BoolArray, FloatArray

VISIT, CONSULATE, MISSION = range(3)


def effort_shares(interest: FloatArray, is_busy: BoolArray, pull: ArrayLike) -> FloatArray:
    """Share of a State's diplomatic effort that goes into each negotiation.

    Parameters
    ----------
    interest : (..., n_agreements) ndarray
        How much it wants each [1].
    is_busy : (..., n_agreements) bool ndarray
        Which are being negotiated.
    pull : (...) array_like
        Weight of the outside powers that compete for its attention, against 1 for a negotiation
        that it neither wants nor shuns [1].

    Returns
    -------
    (..., n_agreements) ndarray
        Shares that sum to less than one; the rest goes to the outside powers [1].

    Examples
    --------
    >>> effort_shares(np.zeros(2), np.array([True, False]), 1.0).tolist()
    [0.5, 0.0]
    """
    weight = np.where(is_busy, np.exp(np.clip(interest, -3.0, 3.0)), 0.0)
    rest = np.maximum(np.asarray(pull, dtype=np.float64), 0.0)[..., None]
    total = weight.sum(axis=-1, keepdims=True) + rest
    return np.asarray(weight / np.where(total > 0, total, 1.0))


def concentration(trade: FloatArray) -> FloatArray:
    """Concentration of a State's trade on few partners: Herfindahl index over last axis [1].

    Examples
    --------
    >>> float(concentration(np.array([1.0, 1.0, 0.0])))
    0.5
    """
    total = trade.sum(axis=-1, keepdims=True)
    share = trade / np.where(total > 0, total, 1.0)
    return np.asarray((share**2).sum(axis=-1))


def contagion(exports: FloatArray, import_share: FloatArray, has_deal: BoolArray) -> FloatArray:
    """Extent to which a State's markets are covered by deals that rivals have and it has not.

    Parameters
    ----------
    exports : (..., n_partners) ndarray
        What the State sells to each partner [musd].
    import_share : (..., n_partners, n_rivals) ndarray
        Share of each partner's imports that each rival supplies [1].
    has_deal : (..., n_partners, n_rivals) bool ndarray
        Which rivals have a deal with each partner.

    Returns
    -------
    (...) ndarray
        Share of its partners' imports covered, weighted by what it sells to them, 0 to 1 [1].

    Notes
    -----
    Contagion index of Baldwin and Jaimovich (2012) over the partners considered.
    """
    covered = (import_share * has_deal).sum(axis=-1)
    total = exports.sum(axis=-1)
    return np.asarray((exports * covered).sum(axis=-1) / np.where(total > 0, total, 1.0))


def fading(quarters_since: ArrayLike, fade_years: ArrayLike) -> FloatArray:
    """Remainder of an effect that fades in a straight line, 0 before it starts [1].

    Examples
    --------
    >>> fading(np.array([-1, 0, 4, 8, 9]), 2.0).tolist()
    [0.0, 1.0, 0.5, 0.0, 0.0]
    """
    age = np.asarray(quarters_since, dtype=np.float64)
    left = 1.0 - age / (4.0 * np.asarray(fade_years, dtype=np.float64))
    return np.where(age >= 0, np.clip(left, 0.0, 1.0), 0.0)


def attention_effects(
    quarter: int,
    when: NDArray[np.int64],
    kind: NDArray[np.int64],
    flow: NDArray[np.int64],
    n_flows: int,
    *,
    size: FloatArray,
    fade_years: FloatArray,
) -> FloatArray:
    """Log trade effect of visits, consulates and missions on every flow.

    Parameters
    ----------
    quarter : int
        The present quarter.
    when, kind, flow : (n_acts,) ndarray
        Quarter of each act, its kind (0 visit, 1 consulate, 2 mission) and the flow it works on.
    n_flows : int
        Number of flows.
    size : (n_runs, 3) ndarray
        Log trade effect of one act by kind [1].
    fade_years : (n_runs,) ndarray
        Time in which the effect of a visit or a mission is gone [years].

    Returns
    -------
    (n_runs, n_flows) ndarray
        Consulates stay and add up; of visits, and of missions, the freshest counts [1].

    Notes
    -----
    Visits: exports of the visitor +8-10 %, short-lived (Nitsch 2007). Consulates: +6-10 % each
    (Rose 2007). Missions: about nothing once pair effects are held (Head and Ries 2010).
    """
    effect = np.zeros((len(size), n_flows))
    for of_kind in range(3):
        left = np.zeros_like(effect)
        for act in np.flatnonzero(kind == of_kind):
            at = flow[act]
            if of_kind == CONSULATE:
                left[:, at] += quarter >= when[act]
            else:
                left[:, at] = np.maximum(left[:, at], fading(quarter - when[act], fade_years))
        effect += size[:, [of_kind]] * left
    return effect


def converted_memoranda(count: int, probability: FloatArray, uniform: FloatArray) -> FloatArray:
    """Memoranda that become projects, by inversion of uniform draws (binomial).

    Examples
    --------
    >>> converted_memoranda(35, np.array([0.09, 0.82]), np.array([0.5, 0.5])).tolist()
    [3.0, 29.0]
    """
    at_most = bdtr(np.arange(count, dtype=np.float64), count, probability[..., None])
    return np.asarray((at_most < uniform[..., None]).sum(axis=-1), dtype=np.float64)
