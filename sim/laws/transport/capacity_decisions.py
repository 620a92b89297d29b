"""Decisions of those who keep ports, posts and lines.

When a line opens, when lanes and berths are added, what a port asks: rules of thumb, each with its
assumption. Arrays broadcast, runs first.
"""

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import FloatArray, IntArray


def completion_quarter(
    uniform: FloatArray, *, first_quarter: int, hazard_per_year: float, never: int
) -> IntArray:
    """Quarter in which a project opens whose chance to do so is the same every quarter.

    Parameters
    ----------
    uniform : (n_runs,) ndarray
        Draws in (0, 1).
    first_quarter : int
        First quarter in which it may open.
    hazard_per_year : float
        Chance to open within a year, 0 to 1 [1/year].
    never : int
        Quarter that stands for not at all; nothing opens later.

    Returns
    -------
    (n_runs,) ndarray

    Examples
    --------
    Half of all runs see it within a year when the chance a year is one half:

    >>> completion_quarter(np.array([0.1, 0.49, 0.51]), first_quarter=0, hazard_per_year=0.5, \
never=99).tolist()
    [0, 3, 4]
    """
    if hazard_per_year <= 0.0:
        return np.full(uniform.shape, never, dtype=np.int64)
    if hazard_per_year >= 1.0:
        return np.full(uniform.shape, first_quarter, dtype=np.int64)
    quarters = 4.0 * np.log1p(-uniform) / np.log1p(-hazard_per_year)
    opening = first_quarter + np.floor(quarters)
    return np.asarray(np.minimum(opening, never), dtype=np.int64)


def busy_quarters(so_far: FloatArray, utilisation: FloatArray, *, trigger: float) -> FloatArray:
    """Quarters in a row in which a place was used more than it should be.

    Examples
    --------
    >>> busy_quarters(np.array([0.0, 3.0, 3.0]), np.array([0.95, 0.95, 0.5]), trigger=0.9).tolist()
    [1.0, 4.0, 0.0]
    """
    return np.where(utilisation > trigger, so_far + 1.0, 0.0)


def expansion(
    utilisation: FloatArray, busy: FloatArray, *, patience: float, wanted: float, most: float
) -> FloatArray:
    """Factor on the capacity that is ordered once a place has been busy long enough.

    Parameters
    ----------
    utilisation : (n_runs,) ndarray
        Arrivals over capacity [1].
    busy : (n_runs,) ndarray
        Quarters in a row above the trigger, from `busy_quarters`.
    patience : float
        Quarters it must have been busy.
    wanted : float
        Utilisation that is aimed at [1].
    most : float
        Largest factor of one order [1].

    Returns
    -------
    (n_runs,) ndarray
        One where nothing is ordered [1].

    Notes
    -----
    Assumption: nobody builds on one bad quarter, and what is built brings the utilisation back to
    the planner's. Ports are commonly planned for 70 to 75 % of their capacity (UNCTAD 1985, Port
    Development, 2nd edition, remembered).

    Examples
    --------
    >>> orders = expansion(np.array([0.9, 0.9, 3.0]), np.array([4.0, 3.0, 9.0]), patience=4.0, \
wanted=0.75, most=2.0)
    >>> orders.round(6).tolist()
    [1.2, 1.0, 2.0]
    """
    factor = np.clip(utilisation / wanted, 1.0, most)
    return np.where(busy >= patience, factor, 1.0)


def port_charge_factor(
    utilisation: ArrayLike, normal: ArrayLike, *, elasticity: float, most: float
) -> FloatArray:
    """Ratio of a port's charge to its charge at normal utilisation.

    Parameters
    ----------
    utilisation, normal : array_like
        Arrivals over capacity, now and in the base year [1].
    elasticity : float
        Percent on the charge for one percent more utilisation [1].
    most : float
        Largest factor; its inverse is the smallest [1].

    Returns
    -------
    ndarray
        Factor on the charge [1].

    Notes
    -----
    Assumption: a port charges what its scarcity bears. Empty berths make it cheaper, full ones
    dearer, and never by more than `most`.

    Examples
    --------
    >>> factor = port_charge_factor([0.6, 0.15, 9.0], 0.6, elasticity=0.5, most=2.0)
    >>> factor.tolist()
    [1.0, 0.5, 2.0]
    """
    ratio = np.asarray(utilisation, dtype=np.float64) / np.asarray(normal, dtype=np.float64)
    return np.minimum(np.maximum(np.maximum(ratio, 0.0) ** elasticity, 1.0 / most), most)
