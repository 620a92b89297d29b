"""How far negotiations have come in each run, and what effort they take."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.actors.treaties import NEVER, Treaties

if TYPE_CHECKING:
    from sim.actors.agenda import Agenda

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Talks:
    """How far every negotiation has come, by run."""

    opened: IntArray
    """(n_runs, n_agreements) quarter in which talks began, `NEVER` where they have not."""
    pressure: FloatArray
    """(n_runs, n_agreements) hazards passed through in the present stage [1]."""
    effort: FloatArray
    """(n_runs, n) share of its diplomatic effort that each State spends on talks [1]."""

    @classmethod
    def at_start(cls, agenda: "Agenda | None", treaties: Treaties, n: int) -> "Talks":
        """Talks as they stand before the first step, with `n` States."""
        opened = np.full(treaties.signed.shape, NEVER)
        if agenda is not None:
            opened[:] = agenda.talks_since
        return cls(opened, np.zeros(opened.shape), np.zeros((len(opened), n)))
