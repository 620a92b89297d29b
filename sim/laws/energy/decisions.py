"""Choices of producers, buyers and builders of energy: pure rules on arrays of any shape.

A producer expands while its netback beats the price at which its industry keeps pace with the
world; it signs a contract when the buyer's netback beats its alternative; a buyer pays more to a
supplier that makes it depend less on one (Herfindahl-Hirschman index of its suppliers); a project
is complete in the first year in which its hazard strikes.
"""

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import FloatArray, IndexArray


def expansion_rate(
    netback: ArrayLike, full_cost: ArrayLike, *, response: ArrayLike, limit: ArrayLike
) -> FloatArray:
    """Growth of capacity beyond that of the market, chosen in one year [1/year].

    Parameters
    ----------
    netback : array_like
        What a unit earns at the producer, carriage paid [money/unit].
    full_cost : array_like
        Price at which new capacity just pays [money/unit].
    response : array_like
        Growth chosen for a margin of 100 per cent [1/year].
    limit : array_like
        Most that is added, or not renewed, in a year, >= 0 [1/year].

    Notes
    -----
    The rate is in proportion to the margin over full cost, both ways: what does not pay is not
    renewed. With a lead time the response must be small, or all build at once what all then
    regret.

    Examples
    --------
    >>> expansion_rate([80.0, 100.0, 150.0, 900.0], 100.0, response=0.1, limit=0.05).round(
    ...     3
    ... ).tolist()
    [-0.02, 0.0, 0.05, 0.05]
    """
    margin = np.asarray(netback, dtype=np.float64) / np.asarray(full_cost) - 1.0
    return np.asarray(np.clip(np.asarray(response) * margin, -np.asarray(limit), limit))


def concentration(bought: ArrayLike) -> FloatArray:
    """Herfindahl-Hirschman index over the last axis: 1 for one supplier, 0 for none [1].

    Examples
    --------
    >>> concentration([[10.0, 0.0], [5.0, 5.0], [0.0, 0.0]]).tolist()
    [1.0, 0.5, 0.0]
    """
    amounts = np.asarray(bought, dtype=np.float64)
    total = amounts.sum(axis=-1, keepdims=True)
    share = np.divide(amounts, total, out=np.zeros_like(amounts), where=total > 0)
    return np.asarray((share**2).sum(axis=-1))


def security_premium(
    before: ArrayLike, after: ArrayLike, import_share: ArrayLike, *, weight: ArrayLike
) -> FloatArray:
    """Share of the price that a buyer adds for a supplier which spreads its risk [1].

    Parameters
    ----------
    before, after : array_like
        Concentration of its suppliers without and with the new one [1].
    import_share : array_like
        Part of its consumption that is imported [1].
    weight : array_like
        Premium for going from one supplier to very many with everything imported [1].

    Examples
    --------
    >>> float(security_premium(0.8, 0.5, 0.5, weight=0.2).round(3))
    0.03
    """
    gain = np.maximum(np.asarray(before, dtype=np.float64) - np.asarray(after), 0.0)
    return np.asarray(np.asarray(weight) * gain * np.asarray(import_share))


def gain_of_signing(
    price: ArrayLike, cost: ArrayLike, alternative: ArrayLike, *, premium: ArrayLike = 0.0
) -> FloatArray:
    """Gain of buyer and seller together from a unit under contract [money/unit].

    Parameters
    ----------
    price : array_like
        What a unit is worth delivered to the buyer [money/unit].
    cost : array_like
        Cost of bringing it [money/unit].
    alternative : array_like
        What the seller earns elsewhere [money/unit].
    premium : array_like
        Share of the price that the buyer adds for security [1].

    Examples
    --------
    >>> gain_of_signing(100.0, 30.0, [60.0, 75.0, 75.0], premium=[0.0, 0.0, 0.1]).round(9).tolist()
    [10.0, -5.0, 5.0]
    """
    worth = np.asarray(price, dtype=np.float64) * (1.0 + np.asarray(premium))
    return np.asarray(worth - np.asarray(cost) - np.asarray(alternative))


def completion_year(
    uniforms: ArrayLike, hazard: ArrayLike, *, earliest: ArrayLike, first: int
) -> FloatArray:
    """First year in which a project is complete; inf where it is not within the years drawn.

    Parameters
    ----------
    uniforms : (..., n_years) array_like
        Draws in (0, 1), one a year.
    hazard : (...) array_like
        Chance to be completed in a year from the earliest on [1/year].
    earliest : (...) array_like
        First year in which it may be complete.
    first : int
        Year of the first draw.

    Examples
    --------
    >>> completion_year([[0.1, 0.9, 0.3], [0.9, 0.9, 0.9]], 0.4, earliest=2027, first=2026)
    array([2028.,   inf])
    """
    draws = np.asarray(uniforms, dtype=np.float64)
    years = first + np.arange(draws.shape[-1])
    strikes = (draws < np.asarray(hazard)[..., None]) & (years >= np.asarray(earliest)[..., None])
    return np.where(strikes.any(axis=-1), years[strikes.argmax(axis=-1)], np.inf)


def deliverable(volume: FloatArray, group: IndexArray, limit: FloatArray) -> FloatArray:
    """Volumes that a limit shared by several deals leaves them, (d, q) [unit/year].

    Deals that share a limit are cut in the same proportion in the quarters in which they run at
    the same time, and in no other, so that one deal written as two, by volume or by dates, is cut
    as the one. A larger volume never leaves less in all, in any quarter.

    Parameters
    ----------
    volume : (d, q) ndarray
        What was agreed by quarter, 0 where a deal does not run [unit/year].
    group : (d,) int ndarray
        Deals of one number share a limit.
    limit : (d,) ndarray
        The limit of each deal's group, infinite where there is none [unit/year].

    Examples
    --------
    >>> volume = np.array([[8.0, 8.0, 0.0], [0.0, 4.0, 4.0]])
    >>> deliverable(volume, np.zeros(2, int), np.full(2, 6.0))
    array([[6., 4., 0.],
           [0., 2., 4.]])
    """
    _, place = np.unique(group, return_inverse=True)
    total = np.zeros((len(volume), volume.shape[1]))
    np.add.at(total, place, volume)
    wanted = total[place]
    share = np.where(wanted > 0.0, limit[:, None] / np.where(wanted > 0.0, wanted, 1.0), 1.0)
    return np.asarray(volume * np.minimum(share, 1.0))
