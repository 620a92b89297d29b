"""Progress of negotiations in each run, and the effort they take."""

from dataclasses import dataclass

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IntArray
from sim.simulation.snapshot.agreement_status import NEVER, Treaties


@dataclass(frozen=True, eq=False)
class Talks:
    """Progress of every negotiation, by run."""

    opened: IntArray
    """(n_runs, n_agreements) quarter in which talks began, `NEVER` where they have not."""
    pressure: FloatArray
    """(n_runs, n_agreements) hazards passed through in the present stage [1]."""
    effort: FloatArray
    """(n_runs, n) share of its diplomatic effort that each State spends on talks [1]."""

    @classmethod
    def at_start(cls, talks_since: IntArray | None, treaties: Treaties, n: int) -> "Talks":
        """Talks before the first step, with `n` States; `talks_since` is (n_agreements,)."""
        opened = np.full(treaties.signed.shape, NEVER)
        if talks_since is not None:
            opened[:] = talks_since
        return cls(opened, np.zeros(opened.shape), np.zeros((len(opened), n)))
