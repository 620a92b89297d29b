"""States: they set the tariff that partners' goods meet, and negotiate what will change it."""

from typing import NamedTuple

import numpy as np
from mesa import Agent, Model

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.policy.tariffs import phased_share
from sim.simulation.diplomacy.negotiation import NegotiationDecision, stance
from sim.simulation.diplomacy.negotiation_setup import Agenda
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.tariffs.concessions import ON_RECORD, ConcessionTable, TariffOffer

AHEAD = 64
"""Quarters for which terms on record are worked out at once."""


class RecordedTerms(NamedTuple):
    """Terms on record in some consecutive quarters, (n_quarters, n_rows)."""

    first: int
    is_active: BoolArray
    """Whether each concession is within its dates."""
    share: FloatArray
    """Share of its cut that is in effect by them [1]."""


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
        self._record: RecordedTerms | None = None
        agreement = table.agreement[self.rows]
        self._asked = np.flatnonzero(agreement != ON_RECORD)
        self._agreement = agreement[self._asked]
        self._agenda = agenda if agenda is not None and agenda.negotiators[region] else None

    def decide(self, snapshot: Snapshot) -> TariffOffer:
        """Offer the cuts that its agreements bind it to in the coming quarter."""
        n_runs, n_rows = len(snapshot.trade), len(self._phase_in_years)
        if not n_rows:
            return TariffOffer(self.rows, np.zeros((n_runs, 0)))
        quarter = snapshot.quarter + 1
        record = self._in_reach_of(quarter)
        share = np.empty((n_runs, n_rows))
        # What is on record is the same in every run.
        share[:] = record.share[quarter - record.first]
        if len(self._asked):
            asked, own = self._asked, self._agreement
            active = record.is_active[quarter - record.first, asked]
            in_force = snapshot.treaties.is_in_force(quarter)[:, own] & active
            since = snapshot.treaties.years_in_force(quarter)[:, own]
            steps = phased_share(since, self._phase_in_years[asked])
            share[:, asked] = np.where(in_force, steps, 0.0)
        return TariffOffer(self.rows, share)

    def _in_reach_of(self, quarter: int) -> RecordedTerms:
        """Terms on record in some quarters, this one among them."""
        if self._record is None or not 0 <= quarter - self._record.first < AHEAD:
            first, last = self._spell
            quarters = np.arange(quarter, quarter + AHEAD)[:, None]
            active = (first <= quarters) & (quarters <= last)
            years = (quarters - first) / QUARTERS_PER_YEAR
            share = np.where(active, phased_share(years, self._phase_in_years), 0.0)
            self._record = RecordedTerms(quarter, active, share)
        return self._record

    def negotiate(self, snapshot: Snapshot) -> NegotiationDecision | None:
        """Say how much it wants each agreement under negotiation; None if it is party to none."""
        return stance(self._agenda, self.region, snapshot) if self._agenda else None
