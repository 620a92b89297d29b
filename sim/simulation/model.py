"""The model: one quarter for all runs at once.

Usage::

    model = TradeModel(load_scenario(path, names), load_world(), runs=range(64))
    model.run_to_end()  # to the end of the horizon
    model.snapshot.trade  # (n_runs, n_goods, n_exporters, n_importers)

It is an ordinary Mesa model as well: `TradeModel(path)` loads its own world and takes one run, so
`mesa.batch_run(TradeModel, {"scenario": path, "run": range(20)})` works and its `datacollector` has
the trade towards each target. Actors observe the same snapshot and decide before anything is
applied, so their order cannot matter; each decides for every run in one call.

Every domain has the same three doors. It is set up once from scenario, world and draws, and nothing
of it changes afterwards; `initial()` is its part of the first snapshot; `step()` takes the snapshot
of a quarter and what was decided on it, and gives its part of the next. So all that a run carries
from quarter to quarter is in its snapshot.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import mesa
import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.scenario.blocks.scenario import Scenario
from sim.scenario.scenario_file import load_scenario
from sim.simulation.agents.actors import Actors
from sim.simulation.agents.exporters import Exporters
from sim.simulation.agents.gates import Infrastructure
from sim.simulation.agents.trade_adjustment import Adjustment
from sim.simulation.diplomacy import preview
from sim.simulation.diplomacy.diplomacy_domain import Agreements
from sim.simulation.diplomacy.negotiation_setup import AgreementPreview
from sim.simulation.diplomacy.visits_and_reforms import outreach
from sim.simulation.energy.energy_domain import EnergySystem
from sim.simulation.snapshot.accession import with_accessions
from sim.simulation.snapshot.energy_outcome import EnergyTerms
from sim.simulation.snapshot.handover import continued
from sim.simulation.snapshot.snapshot import Snapshot
from sim.simulation.tariffs.tariff_domain import Tariffs
from sim.simulation.trade.trade_domain import Trade
from sim.simulation.transport.path_costs import cargo_terms
from sim.simulation.transport.route_costs import Routes
from sim.simulation.transport.transport_domain import Transport
from sim.simulation.uncertainty.draws import Draws, draw, simulated_quarters
from sim.world.load import load_world
from sim.world.names import world_names
from sim.world.world import World

MAX_RUN = 2**31
"""Numbers of runs are below it."""


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

    Raises
    ------
    ValueError
        If there is no run, or the number of one is negative or too large.

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
        self.world = world or load_world(ledger=scenario.baseline.ledger, own=scenario.own_figures)
        self.runs = _numbers(runs if runs is not None else (run,))
        quarters = simulated_quarters(scenario, self.world)
        self.first_quarter = quarters.start
        self.draws = draws or draw(scenario, self.world, self.runs, quarters.start, len(quarters))
        self._set_up(energy or EnergySystem(scenario, self.world, self.draws))
        first = self._first_snapshot(self.energy.initial() if start is None else start.energy)
        phase_in_years = self.diplomacy.phase_in_years
        self.snapshot = continued(start, first, phase_in_years) if start else first
        self.datacollector = mesa.DataCollector(
            model_reporters={
                f"{name}_trade_musd": partial(self._median_trade, *self._places(*target.pair))
                for name, target in self.scenario.targets.items()
            }
        )

    def _set_up(self, energy: EnergySystem) -> None:
        """Set up every domain, and the actors."""
        scenario, world, draws = self.scenario, self.world, self.draws
        routes = Routes(scenario, world, draws.followed, cargo_terms(world, draws.parameters))
        self.tariffs = Tariffs(scenario, world, draws, routes.table.pairs)
        cells, concessions = self.tariffs.cells, self.tariffs.concessions
        self.transport = Transport(world, draws, routes, cells)
        phase_in_years = concessions.longest_phase_in(len(scenario.agreements))
        self.diplomacy = Agreements(scenario, world, draws, phase_in_years, self.preview)
        self.outreach = outreach(scenario, world, draws.parameters, self.runs)
        self.gates = Infrastructure(self, scenario, world, draws, self.transport)
        self.actors = Actors(self, world, concessions, self.diplomacy.agenda, self.gates)
        self.adjustment = Adjustment(
            self,
            scenario,
            world,
            draws,
            cells,
            on_routes=routes.may_change,
            outreach=self.outreach,
        )
        self.trade = Trade(scenario, world, draws, cells, self.outreach, self.exporters)
        self.energy = energy
        # Mesa counts the agents of each model in a table that would keep all models for good.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    @property
    def exporters(self) -> Exporters | None:
        """Firms that find their markets; None where they are switched off."""
        return self.adjustment.exporters

    def _first_snapshot(self, energy: EnergyTerms) -> Snapshot:
        """The base year as the world records it; nothing has happened yet."""
        n_runs, n = len(self.runs), len(self.world.regions)
        return Snapshot.made_of(
            self.first_quarter,
            self.trade.initial(),
            self.transport.initial(),
            self.gates.initial(),
            self.diplomacy.initial(),
            tariffs=self.tariffs.initial(),
            energy=energy,
            adjustment=self.adjustment.initial(),
            residual_shock=np.exp(self.draws.residual[..., 0]),
            known_factor=np.ones((n_runs, n, n)),
            carried=self.actors.initial(),
        )

    # --- the quarter ----------------------------------------------------------------------------

    @property
    def quarter(self) -> int:
        """Index of the present quarter."""
        return self.snapshot.quarter

    def step(self) -> None:
        """Advance one quarter: everybody decides on the same snapshot, then all is applied.

        Raises
        ------
        ValueError
            At the end of the horizon.
        """
        if self.quarter >= int(self.scenario.horizon.end):
            raise ValueError(f"the horizon ends with {self.scenario.horizon.end}; no step is left")
        now, quarter = self.snapshot, self.quarter + 1
        decided = self.actors.decide(now)
        duties = self.tariffs.met(now, decided.tariffs)
        agreed = self.transport.agreed(now)
        adjusted = self.adjustment.step(now, duties, agreed)
        paid = self.tariffs.step(now, duties, adjusted.duties)
        routes = self.transport.step(now, decided.gates, agreed, adjusted.log_agreed)
        trade = self.trade.step(now, paid, routes, adjusted.log_wedge)
        self.snapshot = Snapshot.made_of(
            quarter,
            trade,
            self.transport.outcome(now, routes.terms, trade.real_trade),
            self.gates.step(now, decided.gates, routes.terms),
            self.diplomacy.step(now, decided.negotiations),
            tariffs=self.tariffs.outcome(paid),
            energy=self.energy.step(now.energy, decided.expansions, quarter),
            adjustment=adjusted.state,
            residual_shock=self.draws.pair_factor(self.draws.tick(quarter)),
            known_factor=self.draws.known_factor(self.draws.tick(quarter)),
            carried=decided.carried,
            before=now,
        )
        self.datacollector.collect(self)
        self.running = self.quarter < int(self.scenario.horizon.end)

    def run_to_end(self) -> "TradeModel":
        """Step to the end of the horizon."""
        while self.quarter < int(self.scenario.horizon.end):
            self.step()
        return self

    def discard(self) -> None:
        """Free what the model holds, once it is read; it can do nothing more.

        A model and its agents hold each other: without this, a hundred megabytes of arrays for each
        block would stay until Python next looks for such circles, and leave holes in memory.
        """
        self.__dict__.clear()

    def preview(self, name: str) -> AgreementPreview:
        """Gains of an agreement at once if it were fully in force in the base year."""
        return preview.gains(TradeModel, self.world, self.scenario, name, self.first_quarter)

    # --- for Mesa's own tools -------------------------------------------------------------------

    def _places(self, first: str, second: str) -> tuple[int, int]:
        return self.world.region_index(first), self.world.region_index(second)

    @staticmethod
    def _median_trade(a: int, b: int, model: "TradeModel") -> float:
        """Median over the runs of the trade towards a target, at a year's rate [musd]."""
        return float(np.median(model.pair_trade(a, b)))

    def stranded_tonnes(self, a: int, b: int) -> FloatArray:
        """Goods of two regions that no way was open to at a year's rate, (n_runs,) [t/year]."""
        own = np.all(self.transport.routes.table.pairs == sorted((a, b)), axis=1)
        return np.asarray(self.snapshot.stranded_tonnes[:, own].sum(axis=1))

    def pair_trade(self, a: int, b: int) -> FloatArray:
        """Trade of two regions in both directions at a year's rate, (n_runs,) [musd]."""
        return self.snapshot.pair_trade(a, b)


def _numbers(runs: Sequence[int]) -> tuple[int, ...]:
    """Numbers of runs, of which there is one at least and none is beyond what can be drawn."""
    wrong = [run for run in runs if not 0 <= run < MAX_RUN]
    if wrong or not len(runs):
        came = f"{wrong[0]} is among the runs" if wrong else "there is no run"
        raise ValueError(f"{came}; wanted one or more whole numbers from 0 to {MAX_RUN - 1}")
    return tuple(runs)
