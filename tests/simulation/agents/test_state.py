"""Offers of States: terms on record in force, and those that were agreed."""

from types import SimpleNamespace

import mesa
import numpy as np
from numpy.testing import assert_array_equal

from sim.laws.policy.tariffs import phased_share
from sim.simulation.agents.state import AHEAD, State
from sim.simulation.tariffs.concessions import ON_RECORD

N_RUNS = 2


class Treaties:
    """One agreement, in force in the second run from a quarter on."""

    since = 8110

    def is_in_force(self, quarter):
        return np.array([[False], [quarter >= self.since]])

    def years_in_force(self, quarter):
        return np.array([[-1.0], [(quarter - self.since) / 4]])


def test_terms_on_record_are_those_of_each_quarter_however_far_and_in_whatever_order():
    steps = np.array([0.0, 5.0, 3.0])
    table = SimpleNamespace(
        rows_of=lambda region: np.arange(3),
        first=np.array([8000, 8105, 0]),
        last=np.array([8200, 10**6, 10**6]),
        phase_in_years=steps,
        agreement=np.array([ON_RECORD, ON_RECORD, 0]),
    )
    state = State(mesa.Model(rng=0), 0, table)
    for quarter in (8100, 8101, 8125, 8100 + AHEAD, 8300, 8090, 8110):
        snapshot = SimpleNamespace(
            quarter=quarter - 1, trade=np.zeros((N_RUNS, 1)), treaties=Treaties()
        )
        effect = state.decide(snapshot).effect
        dated = [1.0 if 8000 <= quarter <= 8200 else 0.0]
        dated.append(float(phased_share((quarter - 8105) / 4, 5.0)))
        agreed = float(phased_share((quarter - Treaties.since) / 4, 3.0))
        assert_array_equal(effect, [[*dated, 0.0], [*dated, agreed]])
