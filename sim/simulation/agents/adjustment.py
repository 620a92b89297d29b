"""Adjustment: what trade and its firms have made of the costs that were offered to them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from mesa import Model

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.simulation.agents.exporters import Exporters
from sim.simulation.snapshot.felt import Felt, Past
from sim.simulation.tariffs.adjustment_lag import Memory, kernel_of

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.diplomacy.visits_and_reforms import Outreach
    from sim.simulation.tariffs.duties import AffectedFlows
    from sim.world.world import World


class Adjustment:
    """Lag of trade behind its costs; nothing of it changes during a run.

    Parameters
    ----------
    model : mesa.Model
        Where exporters are an agent.
    scenario, world
        Question and world.
    cells : Cells
        Cells of the model.
    parameters : dict
        Parameters of every run.
    runs : sequence of int
        Numbers of the runs.
    on_routes : (n_pairs,) bool ndarray
        Pairs whose cost of routes can change.
    outreach : Outreach
        Dated acts of States, which raise the notice of firms.

    Attributes
    ----------
    memory : Memory
    exporters : Exporters or None
    """

    def __init__(
        self,
        model: Model,
        scenario: "Scenario",
        world: "World",
        cells: "AffectedFlows",
        parameters: dict[str, FloatArray],
        runs: Sequence[int],
        *,
        on_routes: BoolArray,
        outreach: "Outreach",
    ) -> None:
        own = np.flatnonzero(on_routes[cells.pair] & (cells.pair >= 0))
        agreed = cells.with_terms
        moving = (agreed, agreed, own, agreed, agreed)
        self.memory = Memory(kernel_of(parameters), moving)
        size = world.trade.size
        self._columns = np.concatenate(
            [kind * size + cells.place[of_kind] for kind, of_kind in enumerate(moving)]
        )
        self._is_immediate = scenario.adjustment == "immediate"
        self._outreach = outreach
        self.exporters: Exporters | None = None
        if scenario.behaviour.exporters and not self._is_immediate:
            self.exporters = Exporters(model, scenario, world, cells, parameters, runs)

    def initial(self) -> Felt:
        """Trade of the base year, which has adjusted to its costs."""
        firms = self.exporters.initial() if self.exporters else None
        return Felt(Past(), self._columns, firms)

    def step(
        self, felt: Felt, quarter: int, log_costs: Sequence[FloatArray]
    ) -> tuple[list[FloatArray], Felt]:
        """Log costs that trade has adjusted to in a quarter, and how it stands afterwards.

        Parameters
        ----------
        felt : Felt
            As the quarter before left it.
        quarter : int
            Index of the quarter.
        log_costs : sequence of (n_runs, n_cells) ndarray
            Offered over the baseline: of the duty, of origin, of agreed routes, and others [1].

        Returns
        -------
        list of (n_runs, n_cells) ndarray, Felt
            One of each kind, and last the log cost that firms add to them [1].
        """
        wedge = np.zeros_like(log_costs[0])
        if self._is_immediate:
            return [*log_costs, wedge], felt
        adjusted, past = self.memory.step(felt.past, log_costs)
        firms = felt.firms
        if self.exporters is not None and firms is not None:
            own = self.exporters.cell
            log_duty, *others = (cost[:, own] for cost in log_costs[:3])
            log_notice = self._outreach.log_notice(quarter, self.exporters)
            answer, firms = self.exporters.decide(firms, log_duty, np.add(*others), log_notice)
            for cost, offered in zip(adjusted, log_costs, strict=True):
                cost[:, own] = answer.share * offered[:, own]
            wedge[:, own] = answer.log_wedge
        return [*adjusted, wedge], Felt(past, self._columns, firms)
