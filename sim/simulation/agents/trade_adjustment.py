"""Adjustment: what trade and its firms have made of the costs that were offered to them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from mesa import Model

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.simulation.agents.exporters import Exporters
from sim.simulation.snapshot.adjustment_state import AdjustmentState, PastCosts
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.tariffs.duties import DutiesMet
from sim.simulation.tariffs.tariff_domain import AdjustedDuties
from sim.simulation.trade.adjustment_lag import AdjustmentLag, kernel_of

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.diplomacy.visits_and_reforms import Outreach
    from sim.simulation.tariffs.affected_flows import AffectedFlows
    from sim.simulation.uncertainty.draws import Draws
    from sim.world.world import World


class AdjustedCosts(NamedTuple):
    """Log costs over the baseline that trade has adjusted to, each (n_runs, n_cells) [1]."""

    duties: AdjustedDuties
    """Of duties and proof of origin."""
    log_agreed: FloatArray
    """Of what agreements and projects make of the routes."""
    log_wedge: FloatArray
    """What firms add to them."""
    state: AdjustmentState
    """How trade and firms stand afterwards."""


class Adjustment:
    """Lag of trade behind its costs; nothing of it changes during a run.

    Parameters
    ----------
    model : mesa.Model
        Where exporters are an agent.
    scenario, world
        What is asked and what is.
    draws : Draws
        Parameters of the runs.
    cells : AffectedFlows
        Flows whose terms can change.
    on_routes : (n_pairs,) bool ndarray
        Pairs whose cost of routes can change.
    outreach : Outreach
        Dated acts of States, which raise the notice of firms.

    Attributes
    ----------
    lag : AdjustmentLag
    exporters : Exporters or None
    """

    def __init__(
        self,
        model: Model,
        scenario: "Scenario",
        world: "World",
        draws: "Draws",
        cells: "AffectedFlows",
        *,
        on_routes: BoolArray,
        outreach: "Outreach",
    ) -> None:
        parameters = draws.parameters
        own = np.flatnonzero(on_routes[cells.pair] & (cells.pair >= 0))
        agreed = cells.with_terms
        moving = (agreed, agreed, own, agreed, agreed)
        self.lag = AdjustmentLag(kernel_of(parameters), moving)
        size = world.trade.size
        self._columns = np.concatenate(
            [kind * size + cells.place[of_kind] for kind, of_kind in enumerate(moving)]
        )
        self._is_immediate = scenario.adjustment == "immediate"
        self._outreach = outreach
        self.exporters: Exporters | None = None
        if scenario.behaviour.exporters and not self._is_immediate:
            self.exporters = Exporters(model, scenario, world, cells, parameters, draws.runs)

    def initial(self) -> AdjustmentState:
        """Trade of the base year, which has adjusted to its costs."""
        firms = self.exporters.initial() if self.exporters else None
        return AdjustmentState(PastCosts(), self._columns, firms)

    def step(self, now: Snapshot, met: DutiesMet, log_agreed: FloatArray) -> AdjustedCosts:
        """Costs that trade has adjusted to in the next quarter.

        Parameters
        ----------
        now : Snapshot
            The quarter before.
        met : DutiesMet
            Duties and proof of origin that exporters meet, in full.
        log_agreed : (n_runs, n_cells) ndarray
            Log cost of the routes that agreements and projects offer [1].
        """
        state, wedge = now.adjustment, np.zeros_like(log_agreed)
        outside = met.outside_log_duty, met.outside_log_origin_cost
        log_costs = met.log_duty, met.log_origin_cost, log_agreed, *outside
        if self._is_immediate:
            return _of_kinds(log_costs, wedge, state)
        adjusted, past = self.lag.step(state.past, log_costs)
        firms = state.firms
        if self.exporters is not None and firms is not None:
            own = self.exporters.cell
            log_duty, *others = (cost[:, own] for cost in log_costs[:3])
            log_notice = self._outreach.log_notice(now.quarter + 1, self.exporters)
            answer, firms = self.exporters.decide(firms, log_duty, np.add(*others), log_notice)
            for cost, offered in zip(adjusted, log_costs, strict=True):
                cost[:, own] = answer.share * offered[:, own]
            wedge[:, own] = answer.log_wedge
        return _of_kinds(adjusted, wedge, AdjustmentState(past, self._columns, firms))


def _of_kinds(
    log_costs: Sequence[FloatArray], wedge: FloatArray, state: AdjustmentState
) -> AdjustedCosts:
    """Costs in the order of the lag, by name."""
    log_duty, log_origin, log_agreed, *outside = log_costs
    return AdjustedCosts(AdjustedDuties(log_duty, log_origin, *outside), log_agreed, wedge, state)
