"""Transport: what routes cost and carry in a quarter, with gates, queues, agreements and stops."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.simulation.closures.gate_openings import season_open_share
from sim.simulation.snapshot.capacity import GateDecisions
from sim.simulation.snapshot.route_offer import RouteTerms
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.tariffs.affected_flows import AffectedFlows
from sim.simulation.transport.path_costs import Gates
from sim.simulation.transport.route_costs import Routes
from sim.simulation.transport.route_take_up import Dates
from sim.simulation.transport.stopped_trade import StoppedTrade

if TYPE_CHECKING:
    from sim.simulation.uncertainty.draws import Draws
    from sim.world.world import World


class RouteOffer(NamedTuple):
    """Routes of a quarter as trade finds them."""

    terms: RouteTerms
    """What paths offer and carry."""
    log_cost: FloatArray
    """(n_runs, n_cells) log cost that trade bears, over its baseline, stops of trade included."""


class TransportOutcome(NamedTuple):
    """Cargo of a quarter, named as in the `Snapshot`."""

    path_tonnes: FloatArray
    stranded_tonnes: FloatArray
    demand_tonnes: FloatArray


class Transport:
    """Routes of a block of runs, and stops of trade; nothing of it changes during a run.

    Parameters
    ----------
    world : World
    draws : Draws
        Seasons, closures, stops and projects of the runs.
    routes : Routes
        Routes of the pairs that are followed, under the scenario's agreements.
    cells : AffectedFlows
        Flows whose terms can change.
    """

    def __init__(
        self, world: "World", draws: "Draws", routes: Routes, cells: AffectedFlows
    ) -> None:
        self.routes, self._cells, self._world, self._draws = routes, cells, world, draws
        self._stopped = StoppedTrade(
            draws.pair_stops, routes.cargo.trade_elasticity, cells, routes.table, world
        )
        year = QUARTERS_PER_YEAR * world.base_year + np.arange(QUARTERS_PER_YEAR)
        self.seasons = season_open_share(world, year)

    def initial(self) -> TransportOutcome:
        """Nothing is on the way before the first quarter; cargo is that of the base year."""
        n_runs, table = len(self._draws.runs), self.routes.table
        trade = np.broadcast_to(self._world.trade, (n_runs, *self._world.trade.shape))
        return TransportOutcome(
            path_tonnes=np.zeros((n_runs, table.n_paths)),
            stranded_tonnes=np.zeros((n_runs, len(table.pairs))),
            demand_tonnes=np.moveaxis(self.routes.tonnes(trade), -1, 0),
        )

    def agreed(self, now: Snapshot) -> FloatArray:
        """Log cost of routes in the next quarter once all that is agreed and built is taken up.

        `(n_runs, n_cells)`, over the baseline's, gates as the season leaves them [1].
        """
        return self.routes.agreed(self._cells, self._status(now), self._season(now))

    def step(
        self,
        now: Snapshot,
        decided: GateDecisions,
        log_agreed: FloatArray,
        log_agreed_so_far: FloatArray,
    ) -> RouteOffer:
        """Cost of the routes in the next quarter, and the cargo that they carry.

        Parameters
        ----------
        now : Snapshot
            The quarter before.
        decided : GateDecisions
            Of posts and ports.
        log_agreed, log_agreed_so_far : (n_runs, n_cells) ndarray
            Cost that agreements and projects offer, and the part of it that trade has adjusted to.
        """
        tick, tonnes = self._tick(now), np.moveaxis(now.demand_tonnes, 0, -1)
        since = np.concatenate([now.treaties.in_force, self._draws.project_opening], axis=1)
        terms = self.routes.terms(
            self._cells,
            self._status(now),
            season=self._season(now),
            gates=Gates(decided.open_share, now.gate_delay_ahead_hours, decided.extra_usd),
            tonnes=tonnes,
            dates=Dates(now.quarter + 1, since),
            log_agreed=log_agreed,
            log_agreed_so_far=log_agreed_so_far,
            seasons=self.seasons if self._draws.season_lifted[tick] else None,
        )
        log_cost = terms.log_cost(log_agreed_so_far, self.routes.cargo.trade_elasticity)
        return RouteOffer(
            self._stopped.on_routes(terms, tonnes, tick),
            self._stopped.on_costs(log_cost, log_agreed_so_far, tick),
        )

    def outcome(self, now: Snapshot, terms: RouteTerms, real_trade: FloatArray) -> TransportOutcome:
        """Cargo of the next quarter, as the snapshot keeps it.

        Parameters
        ----------
        now : Snapshot
            The quarter before.
        terms : RouteTerms
            What paths carry.
        real_trade : (n_runs, n_goods, n, n) ndarray
            Trade at the prices of the base year [musd].
        """
        so_far = np.moveaxis(now.demand_tonnes, 0, -1)
        wanted = self.routes.demand_tonnes(real_trade, terms.log_pair, so_far)
        return TransportOutcome(terms.carried.T, terms.stranded.T, np.moveaxis(wanted, -1, 0))

    def _tick(self, now: Snapshot) -> int:
        """Place of the next quarter in the draws."""
        return self._draws.tick(now.quarter + 1)

    def _season(self, now: Snapshot) -> Gates:
        return Gates.by_season(self._draws.season_open_share[:, self._tick(now)])

    def _status(self, now: Snapshot) -> BoolArray:
        """Agreements in force and projects finished in the next quarter."""
        quarter = now.quarter + 1
        in_force, opening = now.treaties.is_in_force(quarter), self._draws.project_opening
        return np.concatenate([in_force, opening <= quarter], axis=1)
