"""Dates of signature, entry into force and end of agreements, by run: as agreed so far.

An agreement with dates has the same ones in every run; one that is negotiated comes about in some
runs and not, or not yet, in others. Either way everybody reads the same arrays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray, IntArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.simulation.snapshot.accession import parent_of

if TYPE_CHECKING:
    from sim.scenario.blocks.agreements import Agreement


NEVER = 4 * 10_000
"""Quarter of what has no date."""
STAGE_SIGNED, STAGE_IN_FORCE, STAGE_PHASED_IN = 1, 2, 3


@dataclass(frozen=True, eq=False)
class Treaties:
    """Quarters of every agreement, `NEVER` where there is none so far."""

    signed: IntArray
    in_force: IntArray
    """(n_runs, n_agreements) first quarter signed and in force."""
    ends: IntArray
    """(n_runs, n_agreements) last quarter in force."""
    names: tuple[str, ...] = ()
    """Names of the agreements, accessions among them."""

    @classmethod
    def dated(cls, agreements: "Mapping[str, Agreement]", n_runs: int) -> "Treaties":
        """Agreements with the same dates in each of `n_runs`; none yet where one is negotiated.

        Who has joined an agreement is party to it until that ends.
        """
        timelines = {name: agreement.timeline for name, agreement in agreements.items()}
        dates = np.empty((len(timelines), 3), dtype=np.int64)
        for row, (name, t) in zip(dates, timelines.items(), strict=True):
            known = (t.signed, t.in_force, timelines.get(parent_of(name) or name, t).ends)
            row[:] = [NEVER if date is None else date for date in known]
        signed, in_force, ends = (np.broadcast_to(c, (n_runs, len(dates))) for c in dates.T)
        return cls(signed, in_force, ends, tuple(agreements))

    def is_in_force(self, quarter: int) -> BoolArray:
        """Agreements that are in force in a quarter, (n_runs, n_agreements)."""
        return (self.in_force <= quarter) & (quarter <= self.ends)

    def years_in_force(self, quarter: int) -> FloatArray:
        """Years since entry into force, negative before it, (n_runs, n_agreements) [years]."""
        return (quarter - self.in_force) / QUARTERS_PER_YEAR

    def stage(self, quarter: int, phase_in_years: FloatArray) -> FloatArray:
        """Stage of every agreement: 0 none, 1 signed, 2 in force, 3 fully phased in.

        Parameters
        ----------
        quarter : int
            Index of the quarter.
        phase_in_years : (n_agreements,) ndarray
            Annual steps of the slowest concession [years].

        Returns
        -------
        (n_runs, n_agreements) ndarray
            Stages [1].
        """
        signed = (self.signed <= quarter) & (quarter < self.in_force) & (quarter <= self.ends)
        steps_done = (quarter - self.in_force) // QUARTERS_PER_YEAR + 1
        phased = np.where(steps_done >= phase_in_years, STAGE_PHASED_IN, STAGE_IN_FORCE)
        return np.where(self.is_in_force(quarter), phased, np.where(signed, STAGE_SIGNED, 0)) * 1.0
