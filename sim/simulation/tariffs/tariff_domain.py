"""Tariffs: the flows whose terms can change, what exporters meet on them, and what is paid."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.tariffs.concessions import TariffOffer, concession_table
from sim.simulation.tariffs.duties import (
    Adjusted,
    DutiesMet,
    DutiesPaid,
    duties,
    fill_quotas,
    find_cells,
)
from sim.simulation.tariffs.duty_schedule import duty_schedule

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.uncertainty.draws import Draws
    from sim.world.world import World


class TariffOutcome(NamedTuple):
    """Preferences and quotas of a quarter on the cells, named as in the `Snapshot`."""

    cell_place: IndexArray
    used_share: FloatArray
    quota_fill_share: FloatArray
    log_duty: FloatArray


class Tariffs:
    """Duties of a block of runs; nothing of it changes during a run.

    Parameters
    ----------
    scenario, world
        What is asked, accessions included, and what is.
    draws : Draws
        Parameters and stops of the runs.
    routed_pairs : (n_pairs, 2) ndarray
        Pairs of regions whose cargo is followed through the network.

    Attributes
    ----------
    concessions : ConcessionTable
    cells : AffectedFlows
    """

    def __init__(
        self, scenario: "Scenario", world: "World", draws: "Draws", routed_pairs: IndexArray
    ) -> None:
        self.concessions = concession_table(scenario, world)
        schedule = duty_schedule(scenario, world)
        # Firms sell in the same markets in every variant, in a world without a network too.
        others = np.concatenate([draws.pair_stops.ends, target_pairs(scenario, world)])
        self.cells = find_cells(self.concessions, schedule, routed_pairs, world.preferences, others)
        self._draws = draws

    def initial(self) -> TariffOutcome:
        """No preference is new in the base year."""
        nothing = np.zeros((len(self._draws.runs), len(self.cells.place)))
        return TariffOutcome(self.cells.place, nothing, nothing, nothing)

    def met(self, now: Snapshot, offers: Sequence[TariffOffer]) -> DutiesMet:
        """Duties that exporters meet in the next quarter, given what the States offer."""
        parameters = self._draws.parameters
        return duties(self.cells, self.concessions, offers, parameters, now.quarter + 1)

    def step(self, now: Snapshot, met: DutiesMet, adjusted: Adjusted) -> DutiesPaid:
        """Duties that are paid in the next quarter, once its quotas are filled.

        Parameters
        ----------
        now : Snapshot
            The quarter before.
        met : DutiesMet
        adjusted : Adjusted
            Part of them that trade has adjusted to.
        """
        elasticity = self._draws.parameters["trade_elasticity"]
        return fill_quotas(self.cells, met, adjusted, now, elasticity)

    def outcome(self, paid: DutiesPaid) -> TariffOutcome:
        """Part of the paid duties that the snapshot keeps."""
        return TariffOutcome(self.cells.place, paid.used_share, paid.fill_share, paid.log_duty)


def target_pairs(scenario: "Scenario", world: "World") -> IndexArray:
    """Places of the two states of every target, (n_targets, 2)."""
    pairs = [tuple(map(world.region_index, t.pair)) for t in scenario.targets.values()]
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)
