"""Constants of the choice of routes, by which it reproduces the base year's shares in every run.

With shares s of the routes between a pair of gateways, cost c of each and C their mean, constants
are such that a mode's sum of attractions is

    T = s_mode ** (1 / nesting) * exp(-dispersion * C)

and a route's part of it is its share over the mode's. So shares come out as they are on record, the
cost of having all routes is C, and both hold for each good and run whatever its parameters. A route
that is not in use gets the constant by which it reaches its ceiling at the costs of the base year;
where no ceiling is on record, the odds at which it is taken at the cost of the routes in use.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.fastmath import exp_of, log_of
from sim.laws.transport.route_choice import Constants
from sim.simulation.transport.paths import PathTable
from sim.simulation.transport.route_take_up import TakeUp, take_up
from sim.simulation.transport.route_use import sums

ROUNDS = 60
"""Halvings of the interval in which the attraction of a new route is sought."""
WIDEST = 40.0
"""Half of that interval on the log scale [1]."""


class Preferences(NamedTuple):
    """Parameters of route choice besides cost, by run; `(n_runs,)` each."""

    nesting: FloatArray
    """Sensitivity of the choice of mode over that of the path [1]."""
    half_years: FloatArray | None
    """Time in which half of a new route's use is reached [years]; at once where None."""
    odds: FloatArray
    """Odds at which a new route is taken in the end at the cost of those in use [1]."""


def preferences_of(parameters: Mapping[str, FloatArray]) -> Preferences:
    """Preferences by the parameters of a world, which may do without these.

    Parameters
    ----------
    parameters : mapping of str to (n_runs,) ndarray
        As drawn.
    """
    like = np.ones_like(parameters["trade_elasticity"])
    return Preferences(
        nesting=parameters.get("mode_choice_nesting", like),
        half_years=parameters.get("route_take_up_years"),
        odds=parameters.get("new_route_odds", like),
    )


class RouteChoice:
    """Constants of all routes, and the use of those that come into use by a date.

    Parameters
    ----------
    table : PathTable
        All paths.
    ave : (n_goods, n_paths, n_runs) ndarray
        Cost of each path in the base year as a share of the value [1].
    open_share : (n_paths,) ndarray
        Part of the year in which seasons leave each path open [1].
    dispersion : (n_runs,) ndarray
        Sensitivity of the choice of path to its cost [1].
    preferences : Preferences
    base_quarter : int
        Last quarter of the base year.
    """

    def __init__(
        self,
        table: PathTable,
        ave: FloatArray,
        open_share: FloatArray,
        dispersion: FloatArray,
        preferences: Preferences,
        base_quarter: int,
    ) -> None:
        self._table, self._preferences = table, preferences
        self._base_quarter = base_quarter
        units = table.use.units
        self._dated = np.flatnonzero(units.since > 0)
        if table.use.is_known:
            cost, level = _unit_costs(table, ave, open_share, dispersion)
            self.constants, self._log_base = self._made(cost, level, dispersion)
        else:
            shape = (len(ave), len(units.od), len(dispersion))
            of_sizes = -log_of(sums(table.use.unit, table.size))[:, None]
            whole = np.array(np.broadcast_to(of_sizes, shape))
            self.constants = Constants(whole, preferences.nesting)
            self._log_base = np.zeros((0, len(dispersion)))

    def log_take_up(self, paths: IndexArray, quarter: int | None = None) -> TakeUp:
        """Use of routes that come into use by a date, over that at the ceiling.

        Parameters
        ----------
        paths : (n,) ndarray
            Places of the paths that are asked for.
        quarter : int, optional
            The base year if left out.
        """
        half = self._preferences.half_years
        log_use = self._log_base
        if quarter is not None and half is not None:
            since = self._table.use.units.since[self._dated, None]
            ages = (np.asarray(q + 1.0 - since) for q in (self._base_quarter, quarter))
            start, now = (take_up(age, half) for age in ages)
            gone = np.maximum(now - start, 0.0) / (1.0 - start)
            begun = np.exp(log_use)
            with np.errstate(divide="ignore"):
                log_use = np.log(begun + (1.0 - begun) * gone)
        elif quarter is not None:
            log_use = log_use[:0]
        dated = np.full(len(self._table.use.units.od), -1)
        dated[self._dated[: len(log_use)]] = np.arange(len(log_use))
        of_path = dated[self._table.use.unit[paths]]
        row = np.flatnonzero(of_path >= 0)
        return TakeUp(row, log_use[of_path[row]])

    def _made(
        self, cost: FloatArray, level: FloatArray, dispersion: FloatArray
    ) -> tuple[Constants, FloatArray]:
        """Constants of all units, and log use in the base year of those with a date."""
        units = self._table.use.units
        nesting, odds = self._preferences.nesting, self._preferences.odds
        share, ceiling = units.share, units.ceiling
        n_ods = len(self._table.od_pair)
        of_nest = sums(units.nest, share)[units.nest]
        is_used = share > 0.0
        weighted = np.where(
            is_used[:, None], share[:, None] * np.where(is_used[:, None], cost, 0.0), 0.0
        )
        mean = np.stack(
            [csr_array((np.ones(len(share)), (units.od, np.arange(len(share)))),
                       shape=(n_ods, len(share))) @ each for each in weighted]
        )  # fmt: skip
        mean = mean[:, units.od]
        # Attraction of each unit over exp(-dispersion C): as shares say, or as its ceiling does.
        with np.errstate(divide="ignore", invalid="ignore"):
            in_use = log_of(of_nest)[:, None] / nesting + (log_of(share) - log_of(of_nest))[:, None]
        wanted = np.where(ceiling[:, None] > 0.0, ceiling[:, None], odds / (1.0 + odds))
        grows = (ceiling > share) | ~is_used
        sought, others = grows.copy(), _others(units.od, share, of_nest)
        sought[self._dated] = True
        to_come = np.zeros_like(in_use)
        to_come[sought] = _log_attraction(
            wanted[sought], share[sought], of_nest[sought], others[sought], nesting
        )
        log_attraction = np.where(grows[:, None], to_come, in_use)
        # Without a ceiling, what it costs counts: its own level stands for that of its sizes.
        by_cost = ~is_used & (ceiling == 0.0)
        anchor = np.where(by_cost[:, None], 0.0, dispersion * (cost - mean))
        log_constant = log_attraction + anchor - level
        dated = self._dated
        log_base = np.where(is_used[dated, None], in_use[dated] - to_come[dated], -np.inf)
        log_constant = np.where(np.isfinite(log_constant), log_constant, 0.0)
        return Constants(np.ascontiguousarray(log_constant), nesting), log_base


def _unit_costs(
    table: PathTable, ave: FloatArray, open_share: FloatArray, dispersion: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Cost of every unit with its paths as in the base year, and log of their sizes.

    Returns
    -------
    cost : (n_goods, n_units, n_runs) ndarray
        Of the paths in use, or of all where none is [1].
    level : (n_units, 1) ndarray
        Log of the sum of the sizes that the cost goes by [1].
    """
    use = table.use
    n_units = len(use.units.od)
    base = open_share * use.base_open * (use.in_use & ~table.locked.any(axis=1))
    none = sums(use.unit, base, n_units)[use.unit] == 0.0
    weight = table.size * np.where(none, np.maximum(open_share, 1e-6), base)
    places = np.arange(table.n_paths)
    together = csr_array((weight, (use.unit, places)), shape=(n_units, table.n_paths))
    level = log_of(sums(use.unit, weight, n_units))[:, None]
    worth = [np.asarray(together @ exp_of(-dispersion * each)) for each in ave]
    return np.stack([(level - log_of(each)) / dispersion for each in worth]), level


def _others(od: IndexArray, share: FloatArray, of_nest: FloatArray) -> FloatArray:
    """Share of the other modes between the same gateways, (n_units,) [1]."""
    return np.asarray(np.maximum(sums(od, share)[od] - of_nest, 0.0))


def _log_attraction(
    wanted: FloatArray,
    share: FloatArray,
    of_nest: FloatArray,
    others: FloatArray,
    nesting: FloatArray,
) -> FloatArray:
    """Log attraction by which a unit reaches a share while all others keep theirs.

    Parameters
    ----------
    wanted : (n_units, n_runs) ndarray
        Share to reach [1].
    share, of_nest, others : (n_units,) ndarray
        Share of the unit, of its mode, and of the other modes in the base year [1].
    nesting : (n_runs,) ndarray

    Returns
    -------
    (n_units, n_runs) ndarray
        One stands for a mode that had all cargo.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = exp_of(log_of(of_nest)[:, None] / nesting)
        rest = (
            rest
            * np.where(of_nest > 0, 1.0 - share / np.where(of_nest > 0, of_nest, 1.0), 0.0)[:, None]
        )
    low = np.full(wanted.shape, -WIDEST)
    high = np.full(wanted.shape, WIDEST)
    for _ in range(ROUNDS):
        middle = 0.5 * (low + high)
        own = exp_of(middle)
        power = exp_of(nesting * log_of(rest + own))
        below = own / (rest + own) * power < wanted * (others[:, None] + power)
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    # Where there is nothing else it has all cargo at any attraction.
    alone = (rest == 0.0) & (others[:, None] == 0.0)
    return np.where(alone, 0.0, 0.5 * (low + high))
