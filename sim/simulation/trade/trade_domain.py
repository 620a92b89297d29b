"""Trade: the equilibrium at the costs that have come about, and the duties that it pays."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws import gravity
from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.policy.tariffs import cost_elasticity, rate_over, tariff_revenue
from sim.simulation.diplomacy.visits_and_reforms import FirmMarkets, Outreach
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.tariffs.affected_flows import AffectedFlows
from sim.simulation.tariffs.tariff_domain import DutiesPaid
from sim.simulation.trade.stated_costs import StatedCosts
from sim.simulation.transport.transport_domain import RouteOffer
from sim.simulation.uncertainty.world_output import nominal_output, price_level

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.uncertainty.draws import Draws
    from sim.world.world import World


class TradeOutcome(NamedTuple):
    """Trade of a quarter, named as in the `Snapshot`."""

    trade: FloatArray
    trade_cost_change: FloatArray
    tariff_rate: FloatArray
    tariff_revenue: FloatArray
    welfare_change: FloatArray
    price_level: FloatArray
    equilibrium: gravity.Equilibrium | None
    residual: FloatArray
    n_iterations: FloatArray

    @property
    def real_trade(self) -> FloatArray:
        """Trade at the prices of the base year, (n_runs, n_goods, n, n) [musd]."""
        return np.asarray(self.trade / self.price_level[:, None, None, None])


class Trade:
    """Equilibrium of trade of a block of runs; nothing of it changes during a run.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    draws : Draws
        Growth and parameters of the runs.
    cells : AffectedFlows
        Flows whose terms can change.
    outreach : Outreach
        Dated acts of States, which lower costs.
    firms : FirmMarkets, optional
        Markets of firms who answer the attention of States themselves.
    """

    def __init__(
        self,
        scenario: "Scenario",
        world: "World",
        draws: "Draws",
        cells: AffectedFlows,
        outreach: Outreach,
        firms: FirmMarkets | None,
    ) -> None:
        self._scenario, self._world, self._draws = scenario, world, draws
        self._cells, self._outreach, self._firms = cells, outreach, firms
        self._stated = StatedCosts(scenario, world, draws.parameters, draws.runs)
        self._elasticity = cost_elasticity(draws.parameters["trade_elasticity"])

    def initial(self) -> TradeOutcome:
        """Trade of the base year as the world records it."""
        world, n_runs = self._world, len(self._draws.runs)
        shape = (n_runs, *world.trade.shape)
        trade, duty = (
            np.broadcast_to(each, shape) for each in (world.trade, world.tariffs.applied_rate)
        )
        return TradeOutcome(
            trade=trade,
            trade_cost_change=np.ones(shape),
            tariff_rate=duty,
            tariff_revenue=(trade * duty).sum(axis=(1, 2)),
            welfare_change=np.ones((n_runs, len(world.regions))),
            price_level=np.ones(n_runs),
            equilibrium=None,
            residual=np.zeros(n_runs),
            n_iterations=np.zeros(n_runs),
        )

    def step(
        self, now: Snapshot, paid: DutiesPaid, routes: RouteOffer, log_wedge: FloatArray
    ) -> TradeOutcome:
        """Trade of the next quarter.

        Exporters answer the duties they have adjusted to; the State collects the present ones.

        Parameters
        ----------
        now : Snapshot
            The quarter before.
        paid : DutiesPaid
            Duties of the next quarter and the cost of proving origin.
        routes : RouteOffer
            Its routes.
        log_wedge : (n_runs, n_cells) ndarray
            Log cost that firms add [1].
        """
        world, draws, quarter = self._world, self._draws, now.quarter + 1
        tick, base_rate = draws.tick(quarter), world.tariffs.applied_rate
        # What firms sell beyond that needs the same routes, so a closure strikes it as well.
        log_wedge = log_wedge * routes.terms.usable_share
        log_cost = paid.log_origin_cost + routes.log_cost + log_wedge
        # Duties of all other cells stand at the baseline's.
        own = self._cells.with_terms
        place = self._cells.place[own]
        base_of_own = base_rate.reshape(-1)[place]
        adjusted = rate_over(base_of_own, paid.log_duty.take(own, axis=1))
        cost = on_the_matrix(np.exp(log_cost), np.ones(world.trade.shape), self._cells.place)
        cost = self._outreach.on_cost(cost, quarter, self._elasticity, self._firms)
        cost = self._stated.on_cost(cost, quarter)
        found = gravity.equilibrium(
            world.trade,
            trade_cost_change=cost,
            trade_elasticity=self._elasticity[:, None],
            tariff_rate_baseline=base_rate,
            tariff_rate=on_the_matrix(adjusted, base_rate, place),
            productivity_change=draws.growth[:, None, :, tick],
            deficits=self._scenario.deficits,
            closure=self._scenario.model_closure,
            start=now.equilibrium,
        )
        output = nominal_output(world, draws.growth[..., tick], draws.parameters, quarter)
        trade = found.trade * output[:, None, None, None]
        tariff_rate = on_the_matrix(paid.applied_rate.take(own, axis=1), base_rate, place)
        return TradeOutcome(
            trade=trade,
            trade_cost_change=cost,
            tariff_rate=tariff_rate,
            tariff_revenue=tariff_revenue(trade, tariff_rate).sum(axis=(1, 2)),
            welfare_change=found.welfare_change,
            price_level=price_level(world, draws.parameters, quarter),
            equilibrium=found,
            residual=found.residual,
            n_iterations=np.asarray(found.n_iterations, dtype=np.float64),
        )


def on_the_matrix(on_cells: FloatArray, elsewhere: FloatArray, place: IndexArray) -> FloatArray:
    """Values of some flows spread over the whole matrix of trade.

    Parameters
    ----------
    on_cells : (n_runs, n_cells) ndarray
    elsewhere : (n_goods, n, n) ndarray
        Values of all other flows.
    place : (n_cells,) ndarray
        Place of each cell in the flattened matrix.

    Returns
    -------
    (n_runs, n_goods, n, n) ndarray
    """
    matrix = np.empty((len(on_cells), *elsewhere.shape))
    matrix[:] = elsewhere
    matrix.reshape(len(on_cells), -1)[:, place] = on_cells
    return matrix
