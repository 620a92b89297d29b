"""States: they set the tariff that partners' goods meet, and negotiate what will change it."""

from typing import NamedTuple

import numpy as np
from mesa import Agent, Model
from numpy.typing import NDArray

from sim.actors.agenda import Agenda
from sim.actors.concessions import ConcessionTable
from sim.actors.negotiation import Stance, stance
from sim.actors.snapshot import Snapshot
from sim.laws.tariffs import phased_share, preferential_rate

FloatArray = NDArray[np.float64]


class Offer(NamedTuple):
    """What a State offers on the rows of its concessions for one quarter."""

    rows: slice
    """Its rows in the concession table."""
    rate: FloatArray
    """(n_runs, n_rows) preferential rate, the unpreferred rate where nothing is in force [1]."""
    in_force: NDArray[np.bool_]
    """(n_runs, n_rows) whether the row's agreement is in force."""


class State(Agent):
    """A country that acts: it carries out the agreements that bind it and negotiates others.

    Parameters
    ----------
    model : mesa.Model
    region : int
        Index of its region.
    table : ConcessionTable
        Concessions of all states; it acts on its own rows.
    layer_rates : (n_layers, n_rows) ndarray
        Its duties by layer on those rows [1].
    agenda : Agenda, optional
        What is negotiated; nothing unless given.
    """

    def __init__(
        self,
        model: Model,
        region: int,
        table: ConcessionTable,
        layer_rates: FloatArray,
        agenda: Agenda | None = None,
    ) -> None:
        super().__init__(model)
        self.region = region
        self.rows = table.rows_of(region)
        self._cut = table.cut[:, self.rows]
        self._phase_in_years = table.phase_in_years[self.rows]
        self._agreement = table.agreement[self.rows]
        self._layer_rates = layer_rates[:, self.rows]
        self._agenda = agenda if agenda is not None and agenda.negotiators[region] else None

    def decide(self, snapshot: Snapshot) -> Offer:
        """Offer the rates that its agreements bind it to in the coming quarter."""
        if not len(self._phase_in_years):
            n_runs = len(snapshot.trade)
            return Offer(self.rows, np.zeros((n_runs, 0)), np.zeros((n_runs, 0), dtype=np.bool_))
        quarter = snapshot.quarter + 1
        active = snapshot.treaties.is_in_force(quarter)[:, self._agreement]
        years = snapshot.treaties.years_in_force(quarter)[:, self._agreement]
        share = np.where(active, phased_share(years, self._phase_in_years), 0.0)
        return Offer(
            self.rows,
            preferential_rate(self._layer_rates[:, None, :], self._cut[:, None, :] * share),
            active,
        )

    def negotiate(self, snapshot: Snapshot) -> Stance | None:
        """Say how much it wants each agreement under negotiation; None if it is party to none."""
        return stance(self._agenda, self.region, snapshot) if self._agenda else None
