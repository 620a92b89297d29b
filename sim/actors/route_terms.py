"""What the corridors offer the cells in one quarter, closures and agreements told apart."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.actors.cells import Cells, corridor_log_cost
from sim.actors.corridors import (
    CargoTerms,
    CorridorCosts,
    CorridorTable,
    InForce,
    corridor_costs,
)
from sim.laws.trade_costs import trade_cost_change

FloatArray = NDArray[np.float64]


class RouteTerms(NamedTuple):
    """What the corridors offer in one quarter."""

    share: FloatArray
    """(n_runs, n_corridors) share of the pair's cargo by corridor [1]."""
    log_agreed: FloatArray
    """(n_runs, n_cells) log cost under the agreements, the gates as the season leaves them."""
    log_actual: FloatArray
    """(n_runs, n_cells) log cost under the agreements, the gates as they are."""
    log_unused: FloatArray
    """(n_runs, n_cells) the same for cargo that does not use the agreements yet."""

    def log_cost(self, log_agreed_so_far: FloatArray) -> FloatArray:
        """Log cost when trade has adjusted to a part of what the agreements offer.

        Closures strike at once, but cannot take away what has not been gained: the part of the
        cargo that uses an agreement bears its closures, the rest those of the routes without it.
        """
        offers = self.log_agreed != 0
        share = np.divide(
            log_agreed_so_far, self.log_agreed, out=np.ones_like(self.log_agreed), where=offers
        ).clip(0.0, 1.0)
        return share * self.log_actual + (1.0 - share) * self.log_unused


def route_terms(
    cells: Cells,
    table: CorridorTable,
    cargo: CargoTerms,
    agreed: InForce,
    *,
    season_open: FloatArray,
    gate_open: FloatArray,
) -> RouteTerms:
    """Cost of the corridors against the baseline's in the same season.

    Parameters
    ----------
    cells, table, cargo
        Cells that corridors serve, the corridors, and what cargo is worth and minds.
    agreed : InForce
        Transit agreements in force.
    season_open : (1, n_gates) ndarray
        Part of the quarter in which each gate is open by season alone [1].
    gate_open : (n_runs, n_gates) ndarray
        Part of the quarter in which it is open [1].
    """

    def costs(is_open: FloatArray, terms: InForce) -> CorridorCosts:
        return corridor_costs(table, cargo, gate_open=is_open, **terms._asdict())

    alone = InForce.nothing(len(table.order))
    baseline = costs(season_open, alone).ave
    # A pair whose corridors are all shut in the baseline trades by ways that are not on record.
    known = np.isfinite(baseline)

    def log_change(ave: FloatArray) -> FloatArray:
        change = trade_cost_change(np.where(known, ave, 0.0), np.where(known, baseline, 0.0))
        return corridor_log_cost(cells, change)

    unused = costs(gate_open, alone)
    log_unused = log_change(unused.ave)
    if agreed.is_nothing:
        return RouteTerms(unused.share, np.zeros_like(log_unused), log_unused, log_unused)
    actual = costs(gate_open, agreed)
    log_agreed = log_change(costs(season_open, agreed).ave)
    return RouteTerms(actual.share, log_agreed, log_change(actual.ave), log_unused)
