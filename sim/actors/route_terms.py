"""What the paths offer the cells in one quarter, closures and agreements told apart.

Costs are told against the baseline's in the same season: nothing agreed, nothing built, gates as
the season leaves them and no queue beyond the hours on record. Where the season shuts every path
they are told against those of the open season. Once a gate no longer shuts by season they are told
against the whole year's, which is what books know: the open season is then worth what it adds to a
year. Without any path the cost has no end, and the pair does not trade.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.actors.cells import Cells, pair_values
from sim.actors.offered import RouteTerms
from sim.actors.paths import PathTable, path_table
from sim.actors.transit import PathTerms, transit
from sim.laws.elementary import exp_of, log_of
from sim.laws.passage import Answer, Loads, Offer, Passage, along, pair_log_cost, passage
from sim.laws.trade_costs import border_time_factor
from sim.world.network import HOURS_A_DAY

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.world.world import World

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]

TONNES_PER_FEU = 20.0
"""Load of a forty-foot container in all tables."""
LEAST_LEFT = 0.01
"""Part of a pair's trade that must be left to tell how much there would be [1]."""
NO_CARGO = np.zeros((1, 1, 1))


@dataclass(frozen=True, eq=False)
class CargoTerms:
    """What the cost of a path depends on besides the path; runs are the last axis."""

    value_usd: FloatArray
    """(n_goods, n_runs) value of a forty-foot container [USD]."""
    time_cost_per_day: FloatArray
    dispersion: FloatArray
    border_time_elasticity: FloatArray
    trade_elasticity: FloatArray
    """(n_runs,) each, as in the parameters table."""

    @property
    def loads(self) -> Loads:
        """What the law of passage takes of it."""
        return Loads(self.value_usd, self.time_cost_per_day, self.dispersion)


class Gates(NamedTuple):
    """How gates stand in a quarter; the first axis is one where all runs are alike."""

    open_share: FloatArray
    """(n_runs, n_gates) part of the quarter in which each is open [1]."""
    extra_hours: FloatArray
    """(n_runs, n_gates) hours to pass beyond those on record [h]."""
    extra_usd: FloatArray
    """(n_runs, n_gates) charges beyond those on record [USD/FEU]."""

    @classmethod
    def by_season(cls, open_share: FloatArray) -> "Gates":
        """Gates that only the season shuts, (n_gates,), without queues."""
        nothing = np.zeros((1, len(open_share)))
        return cls(open_share[None], nothing, nothing)


class _Given(NamedTuple):
    """What holds of some paths in every run; (n_paths, n_runs), or (n_paths, 1) if all alike."""

    usd: FloatArray
    days: FloatArray
    usable: BoolArray
    border_factor: FloatArray


class Routes:
    """Paths of a scenario's pairs and what they cost, quarter by quarter.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    pairs : tuple of (int, int)
        Pairs of regions whose cargo is followed, lower index first.
    cargo : CargoTerms
        What cargo is worth and minds, by run.
    """

    def __init__(
        self,
        scenario: "Scenario | None",
        world: "World",
        pairs: tuple[tuple[int, int], ...],
        cargo: CargoTerms,
    ) -> None:
        self.table = path_table(world.network, len(world.gates), pairs)
        self.transit = transit(scenario, world, self.table)
        self.cargo = cargo
        self._loads = cargo.loads
        self._world_tonnes = self.tonnes(world.trade[None])
        self._baseline: dict[bytes, Passage] = {}
        self._told: dict[bytes, FloatArray] = {}
        self._agreed: dict[bytes, FloatArray] = {}
        self._given: tuple[bytes, _Given, IntArray] | None = None
        self._nothing = _given(self.table, [self.transit.nothing], np.zeros(1, np.intp), cargo)

    def terms(
        self,
        cells: Cells,
        status: BoolArray,
        *,
        season: Gates,
        gates: Gates,
        tonnes: FloatArray,
        seasons: FloatArray | None = None,
    ) -> RouteTerms:
        """What the paths offer in one quarter and how much each of them carries.

        Parameters
        ----------
        cells : Cells
            Cells that the pairs' cargo belongs to.
        status : (n_runs, n_agreements + n_projects) bool ndarray
            Agreements in force, then projects finished.
        season, gates : Gates
            As the season alone leaves the gates, and as they are.
        tonnes : (n_goods, n_pairs, n_runs) ndarray
            Cargo of both directions that there would be at the baseline's cost [t/year].
        seasons : (n_gates, n_seasons) ndarray, optional
            Part of each season in which gates used to be open, where some gate no longer shuts by
            season: costs are then told against those of the whole year.
        """
        given, touched = self._given_by(status)
        # Ends that nothing joins in the baseline trade by ways that are not on record.
        of_season = self._told_against(season)
        baseline = of_season if seasons is None else self._told_against_year(seasons)
        cargo = self._between_gateways(tonnes)
        instead = None
        if len(touched):
            instead = touched, self._offer(_of_paths(self._nothing, touched), gates, touched)
        actual = passage(
            self.table.paths,
            self._offer(given, gates),
            self._loads,
            cargo,
            answer=Answer(baseline, self.cargo.trade_elasticity),
            instead=instead,
        )
        log_pair = self._of_pairs(actual.log_cost, baseline)
        log_actual = log_unused = pair_values(cells, log_pair)
        log_agreed = np.zeros_like(log_actual)
        if len(touched):
            log_unused = self._on_cells(cells, actual.log_cost_otherwise, baseline)
            agreed = _with_season_open(season, lambda gates: self._agreed_cost(given, gates))
            # What is agreed does not lift a season: it is told against the season's own.
            log_agreed = self._on_cells(cells, agreed, of_season)
        return RouteTerms(
            carried=actual.carried,
            stranded=np.asarray(self.table.of_pairs @ actual.stranded),
            log_pair=log_pair,
            log_agreed=log_agreed,
            log_actual=log_actual,
            log_unused=log_unused,
        )

    @property
    def may_change(self) -> BoolArray:
        """Pairs for which some agreement or project may change something; one more is False."""
        n_agreements, n_projects = self.transit.n_agreements, self.transit.n_projects
        all_of_it = self.transit.terms(
            np.ones(n_agreements, np.bool_), np.ones(n_projects, np.bool_)
        )
        pairs = np.zeros(len(self.table.pairs) + 1, dtype=np.bool_)
        pairs[self.table.pair[all_of_it.differ(self.transit.nothing)]] = True
        return pairs

    def tonnes(self, trade_musd: FloatArray) -> FloatArray:
        """Cargo of the pairs in both directions, (n_goods, n_pairs, n_runs) [t/year].

        Parameters
        ----------
        trade_musd : (n_runs, n_goods, n, n) ndarray
            Trade at the prices of the base year; a first axis of one serves all runs.
        """
        a, b = self.table.pairs.T
        both = trade_musd[:, :, a, b] + trade_musd[:, :, b, a]
        loads = 1e6 * both.transpose(1, 2, 0) / self.cargo.value_usd[:, None]
        return np.asarray(TONNES_PER_FEU * loads)

    def wanted_tonnes(
        self, trade_musd: FloatArray, log_pair: FloatArray, so_far: FloatArray
    ) -> FloatArray:
        """Cargo that there would be at the baseline's cost, (n_goods, n_pairs, n_runs) [t/year].

        Parameters
        ----------
        trade_musd : (n_runs, n_goods, n, n) ndarray
            Trade at the prices of the base year.
        log_pair : (n_goods, n_pairs, n_runs) ndarray
            Log of the cost of ways over the baseline's under which it came about.
        so_far : (n_goods, n_pairs, n_runs) ndarray
            The same as it was before, kept where too little trade is left to tell.
        """
        left = np.exp(-self.cargo.trade_elasticity * log_pair)
        tells = left >= LEAST_LEFT
        return np.where(tells, self.tonnes(trade_musd) / np.where(tells, left, 1.0), so_far)

    def gate_tonnes(self, carried: FloatArray) -> FloatArray:
        """Cargo through every gate, (n_runs, n_gates), given that on every path."""
        return np.asarray((self.table.at_gates.T @ carried).T)

    def base_gate_tonnes(self, season: Gates) -> FloatArray:
        """The same in the baseline of the same season."""
        return self.gate_tonnes(self._in_baseline(season).carried)

    def open_gate_tonnes(self, seasons: FloatArray) -> FloatArray:
        """The same in the baseline while each gate is open.

        Parameters
        ----------
        seasons : (n_gates, n_seasons) ndarray
            Part of each season of a year in which each gate is open [1].

        Returns
        -------
        (n_runs, n_gates) ndarray
            Nothing at a gate that never is [t/year].
        """
        each = [self.base_gate_tonnes(Gates.by_season(share)) for share in seasons.T]
        time = seasons.sum(axis=1)
        return np.asarray(np.sum(each, axis=0) / np.where(time > 0.0, time, 1.0))

    def log_open(self, open_share: FloatArray) -> FloatArray:
        """Log of the part of the period in which gates leave each path open.

        Parameters
        ----------
        open_share : (n_gates,) or (n_gates, n_runs) ndarray
            Part of the period in which each gate is open [1].
        """
        with np.errstate(divide="ignore"):
            return np.asarray(self.table.crosses @ np.log(open_share))

    def choice(self, terms: PathTerms, gates: Gates) -> tuple[FloatArray, FloatArray]:
        """Cost of every path and its share of the pair's cargo, for one run.

        Returns
        -------
        ave : (n_goods, n_paths) ndarray
            Cost as a share of the value [1].
        share : (n_paths,) ndarray
            Mean over goods; zero where a path is shut [1].
        """
        given = _given(self.table, [terms], np.zeros(1, np.intp), self.cargo)
        n_goods = len(self.cargo.value_usd)
        cargo = np.full((n_goods, len(self.table.pairs), 1), 1.0 / n_goods)
        cargo = self._between_gateways(cargo)
        found = passage(self.table.paths, self._offer(given, gates), self._loads, cargo)
        time = given.days[:, 0] * self.cargo.time_cost_per_day
        ave = (1.0 + given.usd[:, 0] / self.cargo.value_usd + time) * given.border_factor[:, 0]
        return ave - 1.0, found.carried[:, 0]

    def _offer(self, given: _Given, gates: Gates, paths: IntArray | None = None) -> Offer:
        """What the paths, or some of them, take with the gates as they stand."""
        at_gates, crosses = self.table.at_gates, self.table.crosses
        if paths is not None:
            at_gates, crosses = at_gates[paths], crosses[paths]
        with np.errstate(divide="ignore"):
            usable, log_open = np.log(given.usable, dtype=float), np.log(gates.open_share.T)
        return Offer(
            charges_usd=along(at_gates, gates.extra_usd.T, given.usd),
            days=along(at_gates, gates.extra_hours.T / HOURS_A_DAY, given.days),
            log_open_share=along(crosses, log_open, usable),
            border_factor=given.border_factor,
        )

    def _in_baseline(self, season: Gates) -> Passage:
        """Passage in the baseline of the same season, with the cargo of the base year."""
        key = season.open_share.tobytes()
        if key not in self._baseline:
            cargo = self._between_gateways(self._world_tonnes)
            offer = self._offer(self._nothing, season)
            self._baseline[key] = passage(self.table.paths, offer, self._loads, cargo)
        return self._baseline[key]

    def _told_against(self, season: Gates) -> FloatArray:
        """Log cost in the baseline that costs of a season are told against."""
        key = season.open_share.tobytes()
        if key not in self._told:
            self._told[key] = _with_season_open(season, lambda g: self._in_baseline(g).log_cost)
        return self._told[key]

    def _told_against_year(self, seasons: FloatArray) -> FloatArray:
        """Log cost in the baseline that moves as much as those of all its seasons on average.

        Books know the trade of a year: the seasons in which a gate is shut are part of it.
        """
        key = seasons.tobytes()
        if key not in self._told:
            elasticity = self.cargo.trade_elasticity
            costs = [self._in_baseline(Gates.by_season(share)).log_cost for share in seasons.T]
            moves = np.mean([exp_of(-elasticity * cost) for cost in costs], axis=0)
            is_open = self._told_against(Gates.by_season(np.ones(len(seasons))))
            self._told[key] = np.where(moves > 0.0, -log_of(moves) / elasticity, is_open)
        return self._told[key]

    def _between_gateways(self, tonnes: FloatArray) -> FloatArray:
        return tonnes[:, self.table.od_pair] * self.table.od_weight[:, None]

    def _agreed_cost(self, given: _Given, season: Gates) -> FloatArray:
        """Log cost in the season, without queues; good until other agreements hold."""
        key = season.open_share.tobytes()
        if key not in self._agreed:
            offer = self._offer(given, season)
            found = passage(self.table.paths, offer, self._loads, NO_CARGO)
            self._agreed[key] = found.log_cost
        return self._agreed[key]

    def _on_cells(self, cells: Cells, log_cost: FloatArray, baseline: FloatArray) -> FloatArray:
        """Log cost over the baseline's on every cell, zero on those whose cargo is not followed."""
        return pair_values(cells, self._of_pairs(log_cost, baseline))

    def _of_pairs(self, log_cost: FloatArray, baseline: FloatArray) -> FloatArray:
        """Log cost over the baseline's of every pair, (n_goods, n_pairs, n_runs)."""
        return pair_log_cost(log_cost, baseline, self.table.weight, self.cargo.trade_elasticity)

    def _given_by(self, status: BoolArray) -> tuple[_Given, IntArray]:
        """What holds under agreements and projects, and the paths for which it differs."""
        key = status.tobytes()
        if self._given is None or self._given[0] != key:
            rows, group = np.unique(status, axis=0, return_inverse=True)
            n = self.transit.n_agreements
            terms = [self.transit.terms(row[:n], row[n:]) for row in rows]
            given = _given(self.table, terms, group.reshape(-1), self.cargo)
            touched = np.zeros(self.table.n_paths, dtype=np.bool_)
            for each in terms:
                touched |= each.differ(self.transit.nothing)
            self._given = (key, given, np.flatnonzero(touched))
            self._agreed.clear()
        return self._given[1:]


def _with_season_open(season: Gates, log_cost: Callable[[Gates], FloatArray]) -> FloatArray:
    """Log cost in a season, or with every gate open where the season shuts every path."""
    found = log_cost(season)
    if np.isfinite(found).all():
        return found
    return np.where(
        np.isfinite(found), found, log_cost(Gates.by_season(np.ones(season.open_share.shape[-1])))
    )


def _of_paths(given: _Given, paths: IntArray) -> _Given:
    usd, days, usable, border_factor = given
    return _Given(usd[paths], days[paths], usable[paths], border_factor[paths])


def _given(
    table: PathTable, terms: Sequence[PathTerms], group: IntArray, cargo: CargoTerms
) -> _Given:
    """What holds of the paths in every run; `group` says which terms are whose."""
    picked = np.zeros(1, np.intp) if len(terms) == 1 else group

    def by_run(name: str) -> NDArray[np.float64]:
        return np.stack([getattr(each, name) for each in terms], axis=1)[:, picked]

    ratio = by_run("hours_ratio")
    factor = np.ones((table.n_paths, 1))
    cut = (ratio != 1.0).any(axis=1)
    if cut.any():
        factor = np.ones((table.n_paths, len(cargo.dispersion)))
        factor[cut] = border_time_factor(
            ratio[cut],
            border_time_elasticity=cargo.border_time_elasticity,
            trade_elasticity=cargo.trade_elasticity,
        )
    # Hours on record count as time on the way; what is cut of them acts by the border evidence
    # alone, or it would count twice.
    days = table.days + table.gate_hours / HOURS_A_DAY
    return _Given(by_run("usd"), days[:, None], by_run("usable").astype(np.bool_), factor)
