"""Baseline of every season: nothing agreed, nothing built, gates as the season leaves them.

It does not depend on what is asked, so that models of the same runs share what is worked out.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.fastmath import exp_of, log_of
from sim.laws.transport.route_choice import PathUse
from sim.simulation.transport.path_costs import Gates, with_season_open


class KnownSeasons(NamedTuple):
    """Results computed so far, by the open shares of gates."""

    use: dict[bytes, tuple[FloatArray, FloatArray]]
    """Log cost by pair of ends, and cargo at the gates."""
    reference: dict[bytes, FloatArray]
    """Log cost that costs are relative to."""
    open_tonnes: dict[bytes, FloatArray]
    """Cargo at the gates while each is open."""


class SeasonBaseline:
    """Costs of passage and cargo at gates in the baseline, each season worked out once.

    Parameters
    ----------
    use_in : callable
        Passage with the cargo of the base year, given the gates of a season.
    at_gates : callable
        Cargo through every gate, given that on every path.
    trade_elasticity : (n_runs,) ndarray
        Elasticity of trade to its cost [1].
    known : KnownSeasons
        Added to.
    """

    def __init__(
        self,
        use_in: Callable[[Gates], PathUse],
        at_gates: Callable[[FloatArray], FloatArray],
        trade_elasticity: FloatArray,
        known: KnownSeasons,
    ) -> None:
        self._use_in, self._at_gates, self._elasticity = use_in, at_gates, trade_elasticity
        self._known = known

    def _in(self, season: Gates) -> tuple[FloatArray, FloatArray]:
        """Log cost by pair of ends, and cargo at the gates."""
        key = season.open_share.tobytes()
        known = self._known.use
        if key not in known:
            use = self._use_in(season)
            known[key] = use.log_cost, self._at_gates(use.carried)
        return known[key]

    def log_cost(self, season: Gates) -> FloatArray:
        """Log cost that costs of a season are relative to, (n_goods, n_ends, n_runs)."""
        key = season.open_share.tobytes()
        if key not in self._known.reference:
            self._known.reference[key] = with_season_open(season, lambda gates: self._in(gates)[0])
        return self._known.reference[key]

    def log_cost_of_year(self, seasons: FloatArray) -> FloatArray:
        """Log cost that moves as much as those of all seasons of a year on average.

        Ledgers know the trade of a year: the seasons in which a gate is shut are part of it.

        Parameters
        ----------
        seasons : (n_gates, n_seasons) ndarray
            Part of each season in which each gate is open [1].
        """
        key = seasons.tobytes()
        if key not in self._known.reference:
            elasticity = self._elasticity
            costs = [self._in(Gates.by_season(share))[0] for share in seasons.T]
            moves = np.mean([exp_of(-elasticity * cost) for cost in costs], axis=0)
            is_open = self.log_cost(Gates.by_season(np.ones(len(seasons))))
            self._known.reference[key] = np.where(moves > 0.0, -log_of(moves) / elasticity, is_open)
        return self._known.reference[key]

    def gate_tonnes(self, season: Gates) -> FloatArray:
        """Cargo through every gate, (n_runs, n_gates) [t/year]."""
        return self._in(season)[1]

    def open_gate_tonnes(self, seasons: FloatArray) -> FloatArray:
        """The same while each gate is open.

        Parameters
        ----------
        seasons : (n_gates, n_seasons) ndarray
            Part of each season of a year in which each gate is open [1].

        Returns
        -------
        (n_runs, n_gates) ndarray
            Nothing at a gate that never is [t/year].
        """
        key = seasons.tobytes()
        known = self._known.open_tonnes
        if key not in known:
            each = [self.gate_tonnes(Gates.by_season(share)) for share in seasons.T]
            time = seasons.sum(axis=1)
            known[key] = np.sum(each, axis=0) / np.where(time > 0.0, time, 1.0)
        return known[key]
