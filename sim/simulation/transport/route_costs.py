"""Offer of the paths to the cells in one quarter, closures and agreements kept apart.

Costs are relative to the baseline's in the same season: nothing agreed, nothing built, gates as
the season leaves them and no queue beyond the hours on record. Where the season shuts every path
they are relative to those of the open season. Once a gate no longer shuts by season they are
relative to the whole year's, which is what ledgers know: the open season is then worth what it adds
to a year. Without any path the cost has no end, and the pair does not trade.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from sim.laws.numerics.arrays import BoolArray, FloatArray, IndexArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.numerics.recent_cache import RecentCache
from sim.laws.transport.along_paths import (
    along,
    cost_of_what_is_left,
    pair_log_cost,
    part_left,
    sparse_rows_of,
)
from sim.laws.transport.route_choice import KeptAttraction, Offer, PathUse, Response, passage
from sim.simulation.snapshot.route_offer import RouteTerms, used_part
from sim.simulation.tariffs.affected_flows import AffectedFlows, pair_means, pair_values
from sim.simulation.transport.path_costs import (
    TONNES_PER_FEU,
    CargoTerms,
    Crossings,
    Gates,
    PathTermsByRun,
    ave_of,
    some_of,
    terms_by_run,
    with_season_open,
)
from sim.simulation.transport.paths import path_table
from sim.simulation.transport.route_constants import RouteChoice
from sim.simulation.transport.route_take_up import Dates, TakeUp, openings
from sim.simulation.transport.season_baseline import KnownSeasons, SeasonBaseline
from sim.simulation.transport.transit_terms import PathTerms, transit
from sim.world.transport.network import HOURS_A_DAY

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


MIN_LEFT = 0.01
"""Part of a pair's trade that must be left to tell how much there would be [1]."""
NO_CARGO = np.zeros((1, 1, 1))
_CHOICES: RecentCache[RouteChoice] = RecentCache(most=2)
_SEASONS: RecentCache[KnownSeasons] = RecentCache(most=3)
"""Of the runs simulated last: variants of a scenario and other ledgers have them in common."""


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
        self.openings = openings(self.transit)
        self._used = np.flatnonzero(self.openings.ever)
        self._paths = self.table.paths_of(self._used)
        self._gates = Crossings.of(self.table, self._used)
        self._weight = sparse_rows_of(self.table.weight)
        self._through = csr_array(self.table.at_gates.T)
        self._loads = cargo.loads
        self._world_tonnes = self.tonnes(world.trade[None])
        self._agreed: dict[bytes, FloatArray] = {}
        self._given: tuple[bytes, PathTermsByRun, IndexArray] | None = None
        self._touched_gates = Crossings.of(self.table, self._used[:0])
        self._kept = KeptAttraction()
        every = terms_by_run(self.table, [self.transit.nothing], np.zeros(1, np.intp), cargo)
        self._nothing = some_of(every, self._used)
        same = self.table, world.network, world.gates, world.base_year, cargo.content
        self.choice = _CHOICES.of(same, lambda: self._route_choice(every, world))
        known = _SEASONS.of((*same, world.trade.tobytes()), lambda: KnownSeasons({}, {}, {}))
        self._base_use = self.choice.log_take_up(self._used)
        self.baseline = SeasonBaseline(
            lambda season: self._use_in(self._nothing, season, self._world_tonnes),
            lambda carried: self.gate_tonnes(self._on_all_paths(carried)),
            cargo.trade_elasticity,
            known,
        )

    def agreed(self, cells: AffectedFlows, status: BoolArray, season: Gates) -> FloatArray:
        """Log cost under agreements and projects once all they open is taken up.

        Parameters
        ----------
        cells, status, season
            As in `terms`.

        Returns
        -------
        (n_runs, n_cells) ndarray
            Over the baseline's of the same season, gates without queues [1].
        """
        given, touched = self._given_by(status)
        if not len(touched):
            return np.zeros((len(self.cargo.dispersion), len(cells.place)))
        key = season.open_share.tobytes()
        if key not in self._agreed:
            agreed = with_season_open(season, lambda g: self._use_in(given, g).log_cost)
            # What is agreed does not lift a season: it is relative to the season's own.
            self._agreed[key] = self._on_cells(cells, agreed, self.baseline.log_cost(season))
        return self._agreed[key]

    def terms(
        self,
        cells: AffectedFlows,
        status: BoolArray,
        *,
        season: Gates,
        gates: Gates,
        tonnes: FloatArray,
        dates: Dates,
        log_agreed: FloatArray,
        log_agreed_so_far: FloatArray,
        seasons: FloatArray | None = None,
    ) -> RouteTerms:
        """Terms that the paths offer in one quarter, and the cargo that each carries.

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
        dates : Dates
            Since when agreements and projects are what they are.
        log_agreed, log_agreed_so_far : (n_runs, n_cells) ndarray
            What `agreed` says and the part of it that trade has adjusted to. Cargo turns to what is
            agreed as its trade does: habit keeps the rest on the paths as they were.
        seasons : (n_gates, n_seasons) ndarray, optional
            Part of each season in which gates used to be open, where some gate no longer shuts by
            season: costs are then relative to those of the whole year.
        """
        given, touched = self._given_by(status)
        baseline = self._usual_cost(season, seasons)
        dated, opened = self._take_up(dates)
        instead, used_share = None, None
        if len(touched):
            other = self._offer(some_of(self._nothing, touched), gates, [dated], touched)
            instead = touched, other
            share = self._share_used(cells, used_part(log_agreed, log_agreed_so_far))
            used_share = share.take(self.table.od_pair, axis=1)
        actual = passage(
            self._paths,
            self._offer(given, gates, [dated, opened]),
            self._loads,
            self._between_gateways(tonnes),
            answer=Response(baseline, self.cargo.trade_elasticity),
            instead=instead,
            constants=self.choice.constants,
            used_share=used_share,
            kept=self._kept,
        )
        elasticity = self.cargo.trade_elasticity
        left = part_left(actual.left, self._weight)
        log_pair = cost_of_what_is_left(left, elasticity)
        log_actual = log_unused = pair_values(cells, log_pair)
        if len(touched):
            left_unused = part_left(actual.left_otherwise, self._weight)
            log_unused = pair_values(cells, cost_of_what_is_left(left_unused, elasticity))
            # What uses the agreement and what does not yet move together.
            log_pair = cost_of_what_is_left(share * left + (1.0 - share) * left_unused, elasticity)
        return RouteTerms(
            carried=self._on_all_paths(actual.carried),
            stranded=np.asarray(self.table.of_pairs @ actual.stranded),
            log_pair=log_pair,
            log_agreed=log_agreed,
            log_actual=log_actual,
            log_unused=log_unused,
        )

    def _usual_cost(self, season: Gates, seasons: FloatArray | None) -> FloatArray:
        """Log cost of the baseline: of the season, or of the whole year where seasons are given."""
        if seasons is None:
            return self.baseline.log_cost(season)
        return self.baseline.log_cost_of_year(seasons)

    def _share_used(self, cells: AffectedFlows, of_cells: FloatArray) -> FloatArray:
        """Part of each pair's cargo that has turned to what is agreed, from that of its cells."""
        return pair_means(cells, of_cells, (len(self.cargo.value_usd), len(self.table.pairs)))

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

    def demand_tonnes(
        self, trade_musd: FloatArray, log_pair: FloatArray, so_far: FloatArray
    ) -> FloatArray:
        """Cargo that there would be at the baseline's cost, (n_goods, n_pairs, n_runs) [t/year].

        Parameters
        ----------
        trade_musd : (n_runs, n_goods, n, n) ndarray
            Trade at the prices of the base year.
        log_pair : (n_goods, n_pairs, n_runs) ndarray
            Log of the cost of routes over the baseline's under which it came about.
        so_far : (n_goods, n_pairs, n_runs) ndarray
            The same as it was before, kept where too little trade is left to tell.
        """
        left = np.exp(-self.cargo.trade_elasticity * log_pair)
        tells = left >= MIN_LEFT
        return np.where(tells, self.tonnes(trade_musd) / np.where(tells, left, 1.0), so_far)

    def gate_tonnes(self, carried: FloatArray) -> FloatArray:
        """Cargo through every gate, (n_runs, n_gates), given that on every path."""
        return np.asarray((self._through @ carried).T)

    def log_open(self, open_share: FloatArray) -> FloatArray:
        """Log of the part of the period in which gates leave each path open.

        Parameters
        ----------
        open_share : (n_gates,) or (n_gates, n_runs) ndarray
            Part of the period in which each gate is open [1].
        """
        with np.errstate(divide="ignore"):
            return np.asarray(self.table.crosses @ np.log(open_share))

    def carried(
        self,
        terms: PathTerms,
        gates: Gates,
        quarter: int | None = None,
        tonnes: FloatArray | None = None,
    ) -> FloatArray:
        """Cargo on every path under some terms fully taken up, (n_paths, n_runs) [t/year].

        Parameters
        ----------
        terms : PathTerms
        gates : Gates
        quarter : int, optional
            For routes that come into use by a date; the base year if left out.
        tonnes : (n_goods, n_pairs, n_runs) ndarray, optional
            The base year's if left out [t/year].
        """
        given = terms_by_run(self.table, [terms], np.zeros(1, np.intp), self.cargo)
        log_use = self.choice.log_take_up(self._used, quarter)
        found = passage(
            self._paths,
            self._offer(some_of(given, self._used), gates, [log_use]),
            self._loads,
            self._between_gateways(self._world_tonnes if tonnes is None else tonnes),
            constants=self.choice.constants,
        )
        return self._on_all_paths(found.carried)

    def _route_choice(self, every: PathTermsByRun, world: "World") -> RouteChoice:
        """Constants of the routes, at the costs that the base year's records leave."""
        seasons = np.array([1.0 - len(g.closed_months) / 12.0 for g in world.gates])
        return RouteChoice(
            self.table,
            ave_of(every, self.cargo),
            np.exp(self.log_open(seasons)),
            self.cargo.dispersion,
            self.cargo.preferences,
            QUARTERS_PER_YEAR * world.base_year + QUARTERS_PER_YEAR - 1,
        )

    def _take_up(self, dates: Dates) -> tuple[TakeUp, TakeUp]:
        """Log take-up of the paths by date, and by what was agreed or built."""
        half_years = self.cargo.preferences.half_years
        dated = self.choice.log_take_up(self._used, dates.quarter)
        if half_years is None:
            return dated, TakeUp(self._used[:0], np.zeros((0, len(self.cargo.dispersion))))
        return dated, self.openings.log_take_up(self._used, dates, half_years)

    def _on_all_paths(self, carried: FloatArray) -> FloatArray:
        """Cargo of all paths, given that of those which this scenario ever uses."""
        answer = np.zeros((self.table.n_paths, carried.shape[1]))
        answer[self._used] = carried
        return answer

    def _offer(
        self,
        given: PathTermsByRun,
        gates: Gates,
        log_use: Sequence[TakeUp],
        touched: IndexArray | None = None,
    ) -> Offer:
        """Offer of the paths in use, or of those touched, with the gates in their present state."""
        at_gates, crosses = self._gates if touched is None else self._touched_gates
        if touched is not None:
            log_use = [use.among(touched) for use in log_use]
        with np.errstate(divide="ignore"):
            usable, log_open = np.log(given.usable, dtype=float), np.log(gates.open_share.T)
        growing = [use for use in log_use if len(use.row)]
        if growing:
            usable = np.array(np.broadcast_to(usable, (len(usable), len(self.cargo.dispersion))))
        for use in growing:
            usable[use.row] += use.log_use
        return Offer(
            charges_usd=along(at_gates, gates.extra_usd.T, given.usd),
            days=along(at_gates, gates.extra_hours.T / HOURS_A_DAY, given.days),
            log_open_share=along(crosses, log_open, usable),
            border_factor=given.border_factor,
        )

    def _between_gateways(self, tonnes: FloatArray) -> FloatArray:
        between = np.ascontiguousarray(tonnes).take(self.table.od_pair, axis=1)
        return np.multiply(between, self.table.od_weight[:, None], out=between)

    def _use_in(
        self, given: PathTermsByRun, season: Gates, tonnes: FloatArray | None = None
    ) -> PathUse:
        """Passage in a season, without queues and with the use of paths of the base year.

        Cargo is that of pairs, (n_goods, n_pairs, n_runs), none if left out.
        """
        return passage(
            self._paths,
            self._offer(given, season, [self._base_use]),
            self._loads,
            NO_CARGO if tonnes is None else self._between_gateways(tonnes),
            constants=self.choice.constants,
            kept=self._kept,
        )

    def _on_cells(
        self, cells: AffectedFlows, log_cost: FloatArray, baseline: FloatArray
    ) -> FloatArray:
        """Log cost over the baseline's on every cell, zero on those whose cargo is not followed."""
        return pair_values(cells, self._of_pairs(log_cost, baseline))

    def _of_pairs(self, log_cost: FloatArray, baseline: FloatArray) -> FloatArray:
        """Log cost over the baseline's of every pair, (n_goods, n_pairs, n_runs)."""
        return pair_log_cost(log_cost, baseline, self.table.weight, self.cargo.trade_elasticity)

    def _given_by(self, status: BoolArray) -> tuple[PathTermsByRun, IndexArray]:
        """Terms under agreements and projects, and the paths for which they differ."""
        key = status.tobytes()
        if self._given is None or self._given[0] != key:
            rows, group = np.unique(status, axis=0, return_inverse=True)
            n = self.transit.n_agreements
            terms = [self.transit.terms(row[:n], row[n:]) for row in rows]
            given = terms_by_run(self.table, terms, group.reshape(-1), self.cargo)
            touched = np.zeros(self.table.n_paths, dtype=np.bool_)
            for each in terms:
                touched |= each.differ(self.transit.nothing)
            own = np.flatnonzero(touched[self._used])
            self._given = (key, some_of(given, self._used), own)
            self._touched_gates = Crossings.of(self.table, self._used[own])
            self._agreed.clear()
        return self._given[1:]
