"""The model: one quarter for all runs at once.

Usage::

    model = TradeModel(load_scenario(path, names), load_world(), runs=range(64))
    model.run_to_end()  # to the end of the horizon
    model.snapshot.trade  # (n_runs, n_goods, n_exporters, n_importers)

It is an ordinary Mesa model as well: `TradeModel(path)` loads its own world and takes one run, so
`mesa.batch_run(TradeModel, {"scenario": path, "run": range(20)})` works and its `datacollector` has
the trade towards each target. Actors observe the same snapshot and decide before anything is
applied, so their order cannot matter; each decides for every run in one call.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.laws import gravity
from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.policy.tariffs import tariff_revenue
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.load import load_scenario
from sim.simulation.agents.adjustment import Adjustment
from sim.simulation.agents.energy_producer import EnergyProducer
from sim.simulation.agents.exporters import Exporters, target_pairs
from sim.simulation.agents.gates import Decisions, Infrastructure
from sim.simulation.agents.state import State
from sim.simulation.diplomacy import preview
from sim.simulation.diplomacy.negotiation import advance
from sim.simulation.diplomacy.negotiation_setup import AgreementPreview, agenda
from sim.simulation.diplomacy.visits_and_reforms import outreach
from sim.simulation.energy.system import EnergySystem
from sim.simulation.snapshot.accession import with_accessions
from sim.simulation.snapshot.agreement_status import Treaties
from sim.simulation.snapshot.capacity import initial_capacity
from sim.simulation.snapshot.energy_outcome import EnergyTerms, Expansion
from sim.simulation.snapshot.felt import Felt
from sim.simulation.snapshot.handover import continued
from sim.simulation.snapshot.route_offer import RouteTerms
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.snapshot.talks import Talks
from sim.simulation.tariffs.concessions import concession_table
from sim.simulation.tariffs.duties import Adjusted, DutiesPaid, duties, fill_quotas, find_cells
from sim.simulation.tariffs.duty_schedule import duty_schedule
from sim.simulation.transport.gate_queues import Traffic
from sim.simulation.transport.path_costs import Gates, cargo_terms
from sim.simulation.transport.route_costs import Routes
from sim.simulation.transport.route_take_up import Dates
from sim.simulation.transport.stopped_trade import StoppedTrade
from sim.simulation.uncertainty.draws import Draws, draw, simulated_quarters
from sim.simulation.uncertainty.world_output import price_level, real_output
from sim.world.load import load_world
from sim.world.names import world_names
from sim.world.world import World


class TradeModel(mesa.Model):
    """States, gates and the trade between regions, stepping quarters for all runs at once.

    Parameters
    ----------
    scenario : Scenario or path
        What is asked; a path is loaded and checked.
    world : World, optional
        What is; the packaged world held to the scenario's ledger unless given.
    runs : sequence of int, optional
        Numbers of the runs to simulate together; `(run,)` unless given.
    run : int
        The one run to simulate when `runs` is not given.
    draws : Draws, optional
        Draws of the same runs made for a scenario that differs in its agreements alone.
    energy : EnergySystem, optional
        Energy of the same runs made for such a scenario, which remembers what it has solved:
        nothing but draws bears on it.
    start : Snapshot, optional
        Condition of the same runs to continue from, made by a model of any scenario that has been
        the same so far (`sim.study.ensemble.checkpoint`); the base year unless given.

    Attributes
    ----------
    snapshot : Snapshot
        The present condition; replaced at each step.
    quarter : int
        Index of the present quarter.
    """

    def __init__(
        self,
        scenario: Scenario | Path | str,
        world: World | None = None,
        *,
        runs: Sequence[int] | None = None,
        run: int = 0,
        draws: Draws | None = None,
        energy: EnergySystem | None = None,
        start: Snapshot | None = None,
    ) -> None:
        # Nothing that bears on results comes from the model's own generator.
        super().__init__(rng=0)
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(Path(scenario), world_names(None))
        self.scenario = with_accessions(scenario)
        self.world = world or load_world(ledger=scenario.baseline.ledger)
        self.runs = tuple(runs) if runs is not None else (run,)
        quarters = simulated_quarters(scenario, self.world)
        self.first_quarter = quarters.start
        self.draws = draws or draw(scenario, self.world, self.runs, quarters.start, len(quarters))
        self.energy = energy or EnergySystem(scenario, self.world, self.draws)
        self.concessions = concession_table(self.scenario, self.world)
        self.longest_phase_in = self.concessions.longest_phase_in(len(self.scenario.agreements))
        cargo = cargo_terms(self.world, self.draws.parameters)
        self.routes = Routes(self.scenario, self.world, self.draws.followed, cargo)
        schedule = duty_schedule(self.scenario, self.world)
        table, base_rate = self.routes.table, self.world.preferences
        stops = self.draws.pair_stops
        # Firms sell in the same markets in every variant, in a world without a network too.
        others = np.concatenate([stops.ends, target_pairs(self.scenario, self.world)])
        self.cells = find_cells(self.concessions, schedule, table.pairs, base_rate, others)
        self.stopped = StoppedTrade(stops, self.cost_elasticity, self.cells, table, self.world)
        self.agenda = agenda(
            self.scenario, self.world, self.draws.parameters, self.runs, self.preview
        )
        self.outreach = outreach(self.scenario, self.world, self.draws.parameters, self.runs)
        self._create_actors()
        first = self._first_snapshot(self.energy.initial() if start is None else start.energy)
        self.snapshot = continued(start, first, self.longest_phase_in) if start else first
        self.datacollector = mesa.DataCollector(
            model_reporters={
                f"{name}_trade_musd": partial(self._median_trade, *target.pair)
                for name, target in self.scenario.targets.items()
            }
        )

    def _create_actors(self) -> None:
        for region in range(len(self.world.regions)):
            State(self, region, self.concessions, self.agenda)
        self.infrastructure = Infrastructure(
            self, self.scenario, self.world, self.draws, self.first_quarter
        )
        for region, produces in enumerate(self.world.energy.production.T > 0):
            if produces.any():
                EnergyProducer(self, region, produces, self.world.energy.expansion_limit)
        self.adjustment = Adjustment(
            self,
            self.scenario,
            self.world,
            self.cells,
            self.draws.parameters,
            self.runs,
            on_routes=self.routes.may_change,
            outreach=self.outreach,
        )
        # Mesa counts the agents of each model in a table that would keep all models for good.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    @property
    def exporters(self) -> Exporters | None:
        """Firms that find their markets; None where they are switched off."""
        return self.adjustment.exporters

    @property
    def cost_elasticity(self) -> FloatArray:
        """Elasticity of trade to costs other than duty, (n_runs,) [1]."""
        return self.routes.cargo.trade_elasticity

    def _first_snapshot(self, energy: EnergyTerms) -> Snapshot:
        """The base year as the world records it; nothing has happened yet."""
        n_runs, n = len(self.runs), len(self.world.regions)
        shape = (n_runs, *self.world.trade.shape)
        n_cells = len(self.cells.place)
        nothing = np.zeros((n_runs, n_cells))
        gates = np.broadcast_to(self.draws.season_open_share[:, 0], (n_runs, len(self.world.gates)))
        trade = np.broadcast_to(self.world.trade, shape)
        duty = np.broadcast_to(self.world.preferences, shape)
        treaties = Treaties.dated(self.scenario.agreements, n_runs)
        return Snapshot(
            quarter=self.first_quarter,
            trade=trade,
            energy=energy,
            residual_shock=np.exp(self.draws.residual[..., 0]),
            known_factor=np.ones((n_runs, n, n)),
            trade_cost_change=np.ones(shape),
            tariff_rate=duty,
            tariff_revenue=(trade * duty).sum(axis=(1, 2)),
            welfare_change=np.ones((n_runs, n)),
            cell_place=self.cells.place,
            used_share=nothing,
            quota_fill_share=nothing,
            log_duty=nothing,
            path_tonnes=np.zeros((n_runs, self.routes.table.n_paths)),
            stranded_tonnes=np.zeros((n_runs, len(self.routes.table.pairs))),
            wanted_tonnes=np.moveaxis(self.routes.tonnes(trade), -1, 0),
            gate_open_share=gates,
            capacity=initial_capacity(gates.shape),
            **self.infrastructure.at_rest(gates)._asdict(),
            price_level=np.ones(n_runs),
            treaties=treaties,
            talks=Talks.at_start(
                None if self.agenda is None else self.agenda.talks_since, treaties, n
            ),
            stage=treaties.stage(self.first_quarter, self.longest_phase_in),
            felt=self.adjustment.initial(),
            equilibrium=None,
            residual=np.zeros(n_runs),
            n_iterations=np.zeros(n_runs),
        )

    # --- the quarter ----------------------------------------------------------------------------

    @property
    def quarter(self) -> int:
        """Index of the present quarter."""
        return self.snapshot.quarter

    def step(self) -> None:
        """Advance one quarter: everybody observes and decides, then all of it is applied."""
        offers = self.agents_by_type[State].map("decide", self.snapshot)
        gates = self.infrastructure.decide(self.snapshot)
        parameters = self.draws.parameters
        terms = duties(self.cells, self.concessions, offers, parameters, self.quarter + 1)
        season = Gates.by_season(self.draws.season_open_share[:, self._coming])
        offered = self.routes.agreed(self.cells, self._status, season)
        costs = terms.log_duty, terms.log_origin_cost, offered, *terms[2:4]
        reached, felt = self.adjustment.step(self.snapshot.felt, self.quarter + 1, costs)
        log_duty, log_origin, log_agreed, *outside, log_wedge = reached
        routes = self._route_terms(gates, offered, log_agreed)
        adjusted = Adjusted(log_duty, log_origin, *outside)
        elasticity = parameters["trade_elasticity"]
        paid = fill_quotas(self.cells, terms, adjusted, self.snapshot, elasticity)
        # What firms sell beyond that needs the same routes, so a closure strikes it as well.
        log_wedge = log_wedge * routes.usable_share
        log_routes = routes.log_cost(log_agreed, self.cost_elasticity)
        log_routes = self.stopped.on_costs(log_routes, log_agreed, self._coming)
        log_cost = paid.log_origin_cost + log_routes + log_wedge
        fuels = 1e6 * self.snapshot.energy.added_load_mt
        traffic = self.infrastructure.serve(self.snapshot, gates, routes, self.routes, fuels)
        self.snapshot = self._settle(paid, routes, log_cost, gates, traffic, felt)
        self.datacollector.collect(self)
        self.running = self.quarter < int(self.scenario.horizon.end)

    def run_to_end(self) -> "TradeModel":
        """Step to the end of the horizon."""
        while self.quarter < int(self.scenario.horizon.end):
            self.step()
        return self

    # --- what a quarter is made of --------------------------------------------------------------

    def _negotiate(self) -> tuple[Treaties, Talks]:
        """Dates and talks as of the coming quarter, once every State has said what it wants."""
        if self.agenda is None:
            return self.snapshot.treaties, self.snapshot.talks
        stances = self.agents_by_type[State].map("negotiate", self.snapshot)
        return advance(self.agenda, self.snapshot, [s for s in stances if s is not None])

    def preview(self, name: str) -> AgreementPreview:
        """What an agreement would bring at once if it were fully in force in the base year."""
        return preview.gains(TradeModel, self.world, self.scenario, name, self.first_quarter)

    @property
    def _status(self) -> NDArray[np.bool_]:
        """Agreements in force and projects finished in the coming quarter."""
        quarter = self.quarter + 1
        in_force, opening = self.snapshot.treaties.is_in_force(quarter), self.draws.project_opening
        return np.concatenate([in_force, opening <= quarter], axis=1)

    def _route_terms(
        self, gates: Decisions, log_agreed: FloatArray, log_agreed_so_far: FloatArray
    ) -> RouteTerms:
        """What the routes offer in the coming quarter, and what they carry."""
        since = [self.snapshot.treaties.in_force, self.draws.project_opening]
        tonnes = np.moveaxis(self.snapshot.wanted_tonnes, 0, -1)
        terms = self.routes.terms(
            self.cells,
            self._status,
            season=Gates.by_season(self.draws.season_open_share[:, self._coming]),
            gates=Gates(gates.open_share, self.snapshot.gate_delay_ahead_hours, gates.extra_usd),
            tonnes=tonnes,
            dates=Dates(self.quarter + 1, np.concatenate(since, axis=1)),
            log_agreed=log_agreed,
            log_agreed_so_far=log_agreed_so_far,
            seasons=self.infrastructure.seasons if self.draws.season_lifted[self._coming] else None,
        )
        return self.stopped.on_routes(terms, tonnes, self._coming)

    @property
    def _coming(self) -> int:
        """Place of the coming quarter in the draws."""
        return self.quarter + 1 - self.first_quarter

    def _wanted_tonnes(self, real_trade: FloatArray, routes: RouteTerms) -> FloatArray:
        """Cargo at the baseline's cost of routes, (n_runs, n_goods, n_pairs)."""
        so_far = np.moveaxis(self.snapshot.wanted_tonnes, 0, -1)
        return np.moveaxis(self.routes.wanted_tonnes(real_trade, routes.log_pair, so_far), -1, 0)

    def _energy(self, quarter: int, world_output: FloatArray) -> EnergyTerms:
        """Energy in the coming quarter; with a new year producers have made up their minds."""
        expansions: list[Expansion] = []
        if quarter % QUARTERS_PER_YEAR == 0 and self.world.energy:
            expansions = self.agents_by_type[EnergyProducer].map("decide", self.snapshot.energy)
        return self.energy.step(self.snapshot.energy, expansions, quarter, world_output)

    def _settle(
        self,
        paid: DutiesPaid,
        routes: RouteTerms,
        log_cost: FloatArray,
        gates: Decisions,
        traffic: Traffic,
        felt: Felt,
    ) -> Snapshot:
        """Equilibrium trade at the costs that have come about, and what is shipped.

        Exporters answer the duties they have adjusted to; the State collects the present ones.
        """
        quarter, tick = self.quarter + 1, self._coming
        treaties, talks = self._negotiate()
        tariff_rate = self._on_the_matrix(paid.applied_rate, self.world.preferences)
        adjusted = self.cells.adjusted_rate(paid.log_duty)
        adjusted_rate = self._on_the_matrix(adjusted, self.world.preferences)
        trade_cost = self._on_the_matrix(np.exp(log_cost), np.ones(self.world.trade.shape))
        elasticity = self.cost_elasticity
        trade_cost = self.outreach.on_cost(trade_cost, quarter, elasticity, self.exporters)
        found = gravity.equilibrium(
            self.world.trade,
            trade_cost_change=trade_cost,
            trade_elasticity=elasticity[:, None],
            tariff_rate_baseline=self.world.preferences,
            tariff_rate=adjusted_rate,
            productivity_change=self.draws.growth[:, None, :, tick],
            deficits=self.scenario.deficits,
            closure=self.scenario.model_closure,
            start=self.snapshot.equilibrium,
        )
        level = price_level(self.world, self.draws.parameters, quarter)
        nominal = real_output(self.world, self.draws.growth[..., tick]) * level
        trade = found.trade * nominal[:, None, None, None]
        return Snapshot(
            quarter=quarter,
            trade=trade,
            energy=self._energy(quarter, nominal),
            residual_shock=self.draws.pair_factor(tick),
            known_factor=self.draws.known_factor(tick),
            trade_cost_change=trade_cost,
            tariff_rate=tariff_rate,
            tariff_revenue=tariff_revenue(trade, tariff_rate).sum(axis=(1, 2)),
            welfare_change=found.welfare_change,
            cell_place=self.cells.place,
            used_share=paid.used_share,
            quota_fill_share=paid.fill_share,
            log_duty=paid.log_duty,
            path_tonnes=routes.carried.T,
            stranded_tonnes=routes.stranded.T,
            wanted_tonnes=self._wanted_tonnes(trade / level[:, None, None, None], routes),
            gate_open_share=gates.open_share,
            capacity=gates.capacity,
            **traffic._asdict(),
            price_level=level,
            treaties=treaties,
            talks=talks,
            stage=treaties.stage(quarter, self.longest_phase_in),
            felt=felt,
            equilibrium=found,
            residual=found.residual,
            n_iterations=np.asarray(found.n_iterations, dtype=np.float64),
        )

    def _on_the_matrix(self, on_cells: FloatArray, elsewhere: FloatArray) -> FloatArray:
        """Spread the cells' values over the whole matrix, (n_runs, n_goods, n, n)."""
        matrix = np.broadcast_to(elsewhere, (len(self.runs), *elsewhere.shape)).copy()
        matrix.reshape(len(self.runs), -1)[:, self.cells.place] = on_cells
        return matrix

    # --- for Mesa's own tools -------------------------------------------------------------------

    @staticmethod
    def _median_trade(first: str, second: str, model: "TradeModel") -> float:
        """Median over the runs of the trade towards a target, at a year's rate [musd]."""
        a, b = (model.world.region_index(code) for code in (first, second))
        return float(np.median(model.pair_trade(a, b)))

    def stranded_tonnes(self, a: int, b: int) -> FloatArray:
        """Goods of two regions that no way was open to at a year's rate, (n_runs,) [t/year]."""
        own = np.all(self.routes.table.pairs == sorted((a, b)), axis=1)
        return np.asarray(self.snapshot.stranded_tonnes[:, own].sum(axis=1))

    def pair_trade(self, a: int, b: int) -> FloatArray:
        """Trade of two regions in both directions at a year's rate, (n_runs,) [musd]."""
        return self.snapshot.pair_trade(a, b)
