"""Capacity that is ordered when a place stays busy and is there some years later."""

from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray, IntArray
from sim.laws.transport.capacity_decisions import busy_quarters, expansion

TRIGGER = 0.9
WANTED = 0.75
PATIENCE = 4.0
BUILD_QUARTERS = 8
MAX_FACTOR = 2.0
"""Assumptions: a place that is used to more than nine tenths for a year orders what brings it back
to three quarters, at most twice what there is, and has it two years later. The year counts again
from then: how busy the smaller place was says nothing of the larger one."""


class Capacity(NamedTuple):
    """Capacity of places and orders for more, each `(n_runs, n_gates)`."""

    factor: FloatArray
    """Capacity over that of the base year [1]."""
    busy: FloatArray
    """Quarters in a row in which it was used above the trigger [quarters]."""
    due: IntArray
    """Quarter in which an order is finished; of no meaning without one."""
    order: FloatArray
    """Factor by which the order raises capacity, 1 without one [1]."""

    def of_gates(self, gates: IndexArray) -> "Capacity":
        """Columns of some gates, each (n_runs, n_chosen)."""
        factor, busy, due, order = self
        return Capacity(factor[:, gates], busy[:, gates], due[:, gates], order[:, gates])

    def put(self, gates: IndexArray, own: "Capacity") -> None:
        """Write the columns of some gates; only while the whole is being made."""
        for column, values in zip(self, own, strict=True):
            column[:, gates] = values


def initial_capacity(shape: tuple[int, ...]) -> Capacity:
    """Capacity of the base year, with nothing on order."""
    return Capacity(
        np.ones(shape), np.zeros(shape), np.zeros(shape, dtype=np.int64), np.ones(shape)
    )


def build(now: Capacity, quarter: int, utilisation: FloatArray) -> Capacity:
    """Capacity in a quarter: finished orders count, and places that stay busy order more.

    Parameters
    ----------
    now : Capacity
        In the quarter before.
    quarter : int
        Index of the quarter that begins.
    utilisation : ndarray
        Use of the capacity in the quarter before, same shape [1].
    """
    factor, busy, due, order = now
    on_order = order > 1.0
    busy = busy_quarters(busy, utilisation, trigger=TRIGGER)
    if on_order.any():
        done = on_order & (due <= quarter)
        factor = np.where(done, factor * order, factor)
        order = np.where(done, 1.0, order)
        busy = np.where(done, 0.0, busy)
    if (busy >= PATIENCE).any():
        wanted = expansion(utilisation, busy, patience=PATIENCE, wanted=WANTED, most=MAX_FACTOR)
        new = (order == 1.0) & (wanted > 1.0)
        order = np.where(new, wanted, order)
        due = np.where(new, quarter + BUILD_QUARTERS, due)
    return Capacity(factor, busy, due, order)


class GateDecision(NamedTuple):
    """Decision of a post or port for the coming quarter, each (n_runs,)."""

    capacity_factor: FloatArray
    """Capacity over that of the base year, lanes that agreements pay for among it [1]."""
    extra_usd: FloatArray
    """Charge beyond that of the base year [USD/FEU]."""


class GateDecisions(NamedTuple):
    """Decisions of all posts and ports for the coming quarter, each (n_runs, n_gates)."""

    open_share: FloatArray
    """Part of the quarter in which each is open [1]."""
    capacity_factor: FloatArray
    extra_usd: FloatArray
    capacity: Capacity
    """What is built and on order at each."""
