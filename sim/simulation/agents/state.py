"""States: they set the tariff that partners' goods meet, and negotiate what will change it."""

import numpy as np
from mesa import Agent, Model

from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.policy.tariffs import phased_share
from sim.simulation.diplomacy.negotiation import NegotiationDecision, stance
from sim.simulation.diplomacy.negotiation_setup import Agenda
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.tariffs.concessions import ON_RECORD, ConcessionTable, TariffOffer


class State(Agent):
    """A country that acts: it carries out the agreements that bind it and negotiates others.

    Parameters
    ----------
    model : mesa.Model
    region : int
        Index of its region.
    table : ConcessionTable
        Concessions of all states; it acts on its own rows.
    agenda : Agenda, optional
        What is negotiated; nothing unless given.
    """

    def __init__(
        self,
        model: Model,
        region: int,
        table: ConcessionTable,
        agenda: Agenda | None = None,
    ) -> None:
        super().__init__(model)
        self.region = region
        self.rows = table.rows_of(region)
        self._spell = table.first[self.rows], table.last[self.rows]
        self._phase_in_years = table.phase_in_years[self.rows]
        self._agreement = table.agreement[self.rows]
        self._agenda = agenda if agenda is not None and agenda.negotiators[region] else None

    def decide(self, snapshot: Snapshot) -> TariffOffer:
        """Offer the cuts that its agreements bind it to in the coming quarter."""
        n_runs, n_rows = len(snapshot.trade), len(self._phase_in_years)
        if not n_rows:
            return TariffOffer(self.rows, np.zeros((n_runs, 0)))
        quarter = snapshot.quarter + 1
        first, last = self._spell
        active = np.broadcast_to((first <= quarter) & (quarter <= last), (n_runs, n_rows))
        years = np.broadcast_to((quarter - first) / QUARTERS_PER_YEAR, (n_runs, n_rows))
        asked = np.flatnonzero(self._agreement != ON_RECORD)
        if len(asked):
            own = self._agreement[asked]
            active, years = active.copy(), years.copy()
            active[:, asked] &= snapshot.treaties.is_in_force(quarter)[:, own]
            years[:, asked] = snapshot.treaties.years_in_force(quarter)[:, own]
        share = phased_share(years, self._phase_in_years)
        return TariffOffer(self.rows, np.where(active, share, 0.0))

    def negotiate(self, snapshot: Snapshot) -> NegotiationDecision | None:
        """Say how much it wants each agreement under negotiation; None if it is party to none."""
        return stance(self._agenda, self.region, snapshot) if self._agenda else None
