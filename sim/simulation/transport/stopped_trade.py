"""Stops of commerce as costs on cells, and as cargo that does not move.

A ban takes a part of what would be traded otherwise: its cost is added to that of the routes. A
shut border leaves no more than its part of what there would be with every gate open: routes round
it may cost more than that says, never less. Both strike at once and are gone at once; recorded
trade came back in the months after borders reopened.
"""

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.simulation.closures.shut_borders import PairStops
from sim.simulation.snapshot.route_offer import RouteTerms
from sim.simulation.tariffs.affected_flows import AffectedFlows
from sim.simulation.transport.paths import PathTable

if TYPE_CHECKING:
    from sim.world.world import World


class StoppedTrade:
    """Stops of the pairs of a model, quarter by quarter.

    Parameters
    ----------
    stops : PairStops
        Part of the trade of pairs that is stopped.
    elasticity : (n_runs,) ndarray
        Elasticity of trade to its cost [1].
    cells : AffectedFlows
        All goods of these pairs in both directions are among them.
    table : PathTable
        Paths of the pairs whose cargo is followed.
    world : World
    """

    def __init__(
        self,
        stops: PairStops,
        elasticity: FloatArray,
        cells: AffectedFlows,
        table: PathTable,
        world: "World",
    ) -> None:
        self._stops, self._table, self._elasticity = stops, table, elasticity
        number = {(int(a), int(b)): k for k, (a, b) in enumerate(stops.ends)}
        good, exporter, importer = np.unravel_index(cells.place, world.trade.shape)
        ends = zip(*np.sort([exporter, importer], axis=0), strict=True)
        stop = np.array([number.get((int(a), int(b)), -1) for a, b in ends], dtype=np.intp)
        self._cell = np.flatnonzero(stop >= 0)
        self._stop, self._good = stop[self._cell], good[self._cell]
        followed = [number.get((int(a), int(b)), -1) for a, b in table.pairs]
        of_pair = np.array(followed, dtype=np.intp)
        self._pair = np.flatnonzero(of_pair >= 0)
        self._stop_of_pair = of_pair[self._pair]
        self._paths = np.flatnonzero(of_pair[table.pair] >= 0)
        place = np.searchsorted(self._pair, table.pair[self._paths])
        ones, every = np.ones(len(place)), np.arange(len(place))
        self._on_own = csr_array((ones, (place, every)), shape=(len(self._pair), len(place)))

    def on_costs(self, log_routes: FloatArray, log_agreed: FloatArray, tick: int) -> FloatArray:
        """Log cost on the cells with what stops trade.

        Parameters
        ----------
        log_routes : (n_runs, n_cells) ndarray
            Log cost of the routes over the baseline's, as gates stand.
        log_agreed : (n_runs, n_cells) ndarray
            The same with all gates open, as far as trade has adjusted to it.
        tick : int
            Place of the quarter in the draws.
        """
        if not (len(self._cell) and self._stops.acts[tick]):
            return log_routes
        banned, stopped = (
            _log_cost(self._of(part, self._stop, self._good, tick), self._elasticity[:, None])
            for part in (self._stops.banned, self._stops.stopped)
        )
        answer = log_routes.copy()
        open_cost, present = log_agreed[:, self._cell], log_routes[:, self._cell]
        answer[:, self._cell] = _together(present, open_cost, banned, stopped)
        return answer

    def on_routes(self, terms: RouteTerms, tonnes: FloatArray, tick: int) -> RouteTerms:
        """Terms of the routes without the cargo that is stopped.

        Parameters
        ----------
        terms : RouteTerms
            As the gates alone leave them.
        tonnes : (n_goods, n_pairs, n_runs) ndarray
            Cargo that there would be at the baseline's cost [t/year].
        tick : int
            Place of the quarter in the draws.
        """
        if not (len(self._pair) and self._stops.acts[tick]):
            return terms
        own, n_goods, elasticity = self._pair, len(tonnes), self._elasticity
        goods = np.repeat(np.arange(n_goods), len(own))
        stops = np.tile(self._stop_of_pair, n_goods)
        banned, stopped = (
            _log_cost(self._of(part, stops, goods, tick), self._elasticity[:, None]).T.reshape(
                n_goods, len(own), -1
            )
            for part in (self._stops.banned, self._stops.stopped)
        )
        present = terms.log_pair[:, own]
        after = _together(present, np.zeros_like(present), banned, stopped)
        moved = tonnes[:, own] * np.exp(-elasticity * present)
        left = (tonnes[:, own] * np.exp(-elasticity * after)).sum(axis=0)
        moving = moved.sum(axis=0)
        share = np.ones((len(self._table.pairs), len(elasticity)))
        share[own] = np.divide(left, moving, out=np.ones_like(left), where=moving > 0.0)
        log_pair, stranded = terms.log_pair.copy(), terms.stranded.copy()
        log_pair[:, own] = after
        carried, on_paths = terms.carried.copy(), share[self._table.pair[self._paths]]
        before = carried[self._paths]
        stranded[own] += np.asarray(self._on_own @ (before * (1.0 - on_paths)))
        carried[self._paths] = before * on_paths
        return terms._replace(carried=carried, stranded=stranded, log_pair=log_pair)

    def _of(self, part: FloatArray, stop: IndexArray, good: IndexArray, tick: int) -> FloatArray:
        """Part stopped of some goods of some pairs in a quarter, (n_runs, n)."""
        of_good = good if part.shape[2] > 1 else np.zeros_like(good)
        return part[:, stop, of_good, tick]


def _log_cost(stopped: FloatArray, elasticity: FloatArray) -> FloatArray:
    """Log of the cost at which only the rest of the trade is left; infinite where nothing is."""
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log1p(-stopped) / elasticity)


def _together(
    routes: FloatArray, open_cost: FloatArray, banned: FloatArray, stopped: FloatArray
) -> FloatArray:
    """Log cost of routes, bans and shut borders together."""
    with_bans = routes + banned
    return np.where(stopped > banned, np.maximum(with_bans, open_cost + stopped), with_bans)
