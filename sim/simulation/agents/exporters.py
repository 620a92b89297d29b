"""Exporters of the targets' pairs: one population, deciding in every run and market at once.

A market is one good from one end of a target's pair to the other. What its firms do reaches trade
through its cost: of what agreements offer they have taken up the share that their sales show, and
what is left between their sales and that share is a cost of its own, which is gone once they have
settled. All other markets follow the published curve (`sim.laws.policy.adjustment`).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from mesa import Agent, Model

from sim.laws import firms as exporters
from sim.laws.firms import Attention, SalesFactors
from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.policy.tariffs import cost_elasticity
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.snapshot.adjustment_state import Firms
from sim.simulation.tariffs.tariff_domain import target_pairs

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.tariffs.affected_flows import AffectedFlows
    from sim.world.world import World


STATUSES = ("incumbents", "newcomers")
STANDINGS = ("tentative", "established")


class FirmResponse(NamedTuple):
    """Response of firms to the costs that they are offered, each (n_runs, n_markets)."""

    share: FloatArray
    """Part of every offer that they have taken up [1]."""
    log_wedge: FloatArray
    """Log cost between what they would sell at that part and what they sell [1]."""


class Exporters(Agent):
    """Firms of the markets between the states of every target.

    Parameters
    ----------
    model : mesa.Model
    scenario, world
        What is asked and what is.
    cells : AffectedFlows
        Cells of the model, some of which are the firms' markets.
    parameters : dict
        Parameters of every run.
    runs : sequence of int
        Numbers of the runs.

    Attributes
    ----------
    cell : (n_markets,) ndarray
        The cell that each market is.
    good, exporter, importer : (n_markets,) ndarray
        What it trades, from where, to where.
    """

    def __init__(
        self,
        model: Model,
        scenario: "Scenario",
        world: "World",
        cells: "AffectedFlows",
        parameters: dict[str, FloatArray],
        runs: Sequence[int],
    ) -> None:
        super().__init__(model)
        self.cell = _markets(scenario, world, cells)
        places = np.unravel_index(cells.place[self.cell], world.trade.shape)
        self.good, self.exporter, self.importer = places
        impact = parameters["phase_in_impact"]
        self._turnover = exporters.solve_notice(
            impact, np.maximum(impact, parameters["phase_in_year_4"])
        )
        self.lasting_gain = self._turnover.lasting_gain
        strata = exporters.size_strata(scenario.behaviour.firms)
        counts = np.broadcast_to(strata.expected, (len(runs), len(self.cell), strata.n_strata))
        if scenario.uncertainty_sources.events:
            streams = Streams(scenario.seed, runs)
            counts = strata.counted(
                streams.uniform("firms by size", self._names(world), strata.n_strata)
            )
        self._market = exporters.open_market(self._turnover, strata, counts)
        self._elasticity = cost_elasticity(parameters["trade_elasticity"])[:, None]
        self._peers = _peers(world, *places) * scenario.behaviour.similar_markets
        self._shape = len(runs), len(self.cell)

    def initial(self) -> Firms:
        """Firms of the base year: all markets at rest."""
        population, nothing = exporters.first_population(self._market), np.zeros(self._shape)
        at_rest = SalesFactors(nothing, nothing, nothing)
        return Firms(population, at_rest, exporters.census(self._market, population))

    def _names(self, world: "World") -> list[str]:
        code, good = world.regions, world.goods
        markets = zip(self.exporter, self.importer, self.good, strict=True)
        return [f"{code[i]}>{code[j]} {good[s]}" for i, j, s in markets]

    def decide(
        self, firms: Firms, log_duty: FloatArray, log_cost: FloatArray, log_notice: FloatArray
    ) -> tuple[FirmResponse, Firms]:
        """Sell what the firms that are there can, and let the coming quarter change them.

        Parameters
        ----------
        firms : Firms
            As the quarter before left them.
        log_duty, log_cost : (n_runs, n_markets) ndarray
            What is offered: log of the duty and of the cost over the baseline's [1].
        log_notice : (n_runs, n_markets) ndarray
            Log of the notice that others have raised [1].
        """
        settled = -(1.0 + self._elasticity) * log_duty - self._elasticity * log_cost
        attention = self._attention(firms, log_notice)
        now = firms.population
        firms = Firms(
            exporters.advance(self._market, now, settled, attention),
            exporters.standing(self._market, now, settled, attention),
            exporters.census(self._market, now),
        )
        sales = firms.standing.log_sales
        reached = np.divide(sales, settled, out=np.ones_like(sales), where=settled != 0)
        share = np.clip(reached, 0.0, 1.0)
        return FirmResponse(share, (share * settled - sales) / self._elasticity), firms

    def _attention(self, firms: Firms, log_notice: FloatArray) -> Attention | None:
        """Notice, and a cheaper start where firms came to serve a similar market."""
        new = -np.expm1(-np.maximum(firms.standing.entry, 0.0))
        if not log_notice.any() and not (self._peers.any() and new.any()):
            return None
        best = np.max(new[:, None, :] * self._peers, axis=-1, initial=0.0)
        return Attention(np.exp(log_notice), exporters.similar_market_cost(best))

    def flow_trade(
        self, firms: Firms, trade: FloatArray, i: IndexArray, j: IndexArray
    ) -> FloatArray:
        """Trade of whole flows by the firms that carry it, (n_runs, n_flows, n_statuses) [musd].

        Parameters
        ----------
        firms : Firms
            Of the quarter.
        trade : (n_runs, n_goods, n, n) ndarray
            Trade of the quarter [musd].
        i, j : (n_flows,) ndarray
            Exporter and importer of each flow.
        """
        own = trade[:, self.good, self.exporter, self.importer]
        by_newcomers = own * -np.expm1(-np.maximum(firms.standing.entry, 0.0))
        new = by_newcomers @ self.of_flows(i, j)
        return np.stack([trade[:, :, i, j].sum(axis=1) - new, new], axis=-1)

    def flow_firms(self, firms: Firms, i: IndexArray, j: IndexArray) -> FloatArray:
        """Firms of whole flows by status, (n_runs, n_flows, n_standings)."""
        return np.stack([number @ self.of_flows(i, j) for number in firms.census], axis=-1)

    def of_flows(self, i: IndexArray, j: IndexArray) -> FloatArray:
        """1 where a market belongs to a flow, (n_markets, n_flows); flows go from `i` to `j`."""
        belongs = (self.exporter[:, None] == i) & (self.importer[:, None] == j)
        return np.asarray(belongs, dtype=np.float64)


def _markets(scenario: "Scenario", world: "World", cells: "AffectedFlows") -> IndexArray:
    """Cells between the two states of any target, both directions."""
    _, exporter, importer = np.unravel_index(cells.place, world.trade.shape)
    asked = np.zeros(len(cells.place), dtype=np.bool_)
    for a, b in target_pairs(scenario, world):
        asked |= ((exporter == a) & (importer == b)) | ((exporter == b) & (importer == a))
    return np.flatnonzero(asked)


def _peers(
    world: "World", good: IndexArray, exporter: IndexArray, importer: IndexArray
) -> FloatArray:
    """1 for markets of one exporter and good whose buyers are in one customs union."""
    together = np.zeros((len(world.regions),) * 2, dtype=np.bool_)
    for members in world.customs_unions.values():
        places = [world.region_index(code) for code in members]
        together[np.ix_(places, places)] = True
    np.fill_diagonal(together, val=False)
    same = (good[:, None] == good) & (exporter[:, None] == exporter)
    return np.asarray(same & together[importer[:, None], importer], dtype=np.float64)
