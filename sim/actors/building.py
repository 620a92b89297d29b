"""Capacity that is ordered when a place stays busy and is there some years later."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.infrastructure import busy_quarters, expansion

FloatArray = NDArray[np.float64]

TRIGGER = 0.9
WANTED = 0.75
PATIENCE = 4.0
BUILD_QUARTERS = 8
MOST = 2.0
"""Assumptions: a place that is used to more than nine tenths for a year orders what brings it back
to three quarters, at most twice what there is, and has it two years later. The year counts anew
from then: how busy the smaller place was says nothing of the larger one."""


class GateDecision(NamedTuple):
    """What a post or port decides for the coming quarter, each (n_runs,)."""

    open_share: FloatArray
    """Part of the quarter in which it is open [1]."""
    capacity_factor: FloatArray
    """Capacity over that of the base year [1]."""
    extra_usd: FloatArray
    """Charge beyond that of the base year [USD/FEU]."""


class Building:
    """Capacity of one place in every run, and what is on order."""

    def __init__(self, n_runs: int) -> None:
        self._factor = np.ones(n_runs)
        self._busy = np.zeros(n_runs)
        self._due = np.zeros(n_runs, dtype=np.int64)
        self._order = np.ones(n_runs)

    def step(self, quarter: int, utilisation: FloatArray) -> FloatArray:
        """Capacity factor of a quarter, given how busy the one before it was; called once each."""
        on_order = self._order > 1.0
        self._busy = busy_quarters(self._busy, utilisation, trigger=TRIGGER)
        if on_order.any():
            done = on_order & (self._due <= quarter)
            self._factor = np.where(done, self._factor * self._order, self._factor)
            self._order = np.where(done, 1.0, self._order)
            self._busy = np.where(done, 0.0, self._busy)
        if (self._busy >= PATIENCE).any():
            wanted = expansion(utilisation, self._busy, patience=PATIENCE, wanted=WANTED, most=MOST)
            new = (self._order == 1.0) & (wanted > 1.0)
            self._order = np.where(new, wanted, self._order)
            self._due = np.where(new, quarter + BUILD_QUARTERS, self._due)
        return self._factor
