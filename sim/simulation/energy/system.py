"""Energy in the model: one object that settles a market a year and hands out its terms.

A market is solved once a year, with the mean of each gate's open share over the quarters of the
year: statistics of energy are annual, contracts are nominated by the year, and stocks bridge a
season. What the year settles holds in all its quarters.

Trade follows the recorded flows: a pair keeps its calibrated energy trade of the base year, times
the value of its arcs in use over what the market gave them in the base year; new arcs count in
full, at the importer's price. A pair without arcs in use keeps its recorded energy, which grows
with world output. So the base year is the calibrated one to the last digit.
"""

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.energy import EnergyEquilibrium
from sim.laws.energy.decisions import concentration, security_premium, signs
from sim.laws.numerics.arrays import BoolArray, FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.simulation.energy.arc_openings import EnergyOpenings
from sim.simulation.energy.deals import DealTerms, deal_terms
from sim.simulation.energy.drivers import PathInputs, path_inputs
from sim.simulation.energy.energy_setup import energy_table
from sim.simulation.energy.market import YearInputs, year_market
from sim.simulation.snapshot.energy_outcome import EnergyTerms, no_energy

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.uncertainty.draws import Draws
    from sim.world.world import World


class Expansion(NamedTuple):
    """What a producer decides to add in a year."""

    region: int
    rate: FloatArray
    """(n_runs, c) growth beyond the world's [1/year]."""


class EnergySystem:
    """Markets of all years of a block of runs.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    draws : Draws
        Growth, gates and parameters of the runs.
    runs : sequence of int
        Their numbers.
    first_quarter : int
        Quarter that the draws begin with.
    """

    def __init__(
        self,
        scenario: "Scenario",
        world: "World",
        draws: "Draws",
        runs: Sequence[int],
        first_quarter: int,
    ) -> None:
        self.world, self.draws, self.n_runs = world, draws, len(runs)
        self._behaviour = scenario.behaviour
        self._settled: dict[int, EnergyTerms] = {}
        self._markets: dict[int, tuple[YearInputs, EnergyEquilibrium]] = {}
        self._first_quarter = first_quarter
        if not world.energy:
            return
        self.table = energy_table(world, dict(scenario.energy.deals))
        self._path: PathInputs = path_inputs(scenario, world, draws, runs, first_quarter)
        self._openings = EnergyOpenings(
            scenario, world, draws, self.table.market_arcs, first_quarter
        )
        self._expanded = np.ones((self.n_runs, *self.table.shape))
        self._pending: list[tuple[int, int, int, FloatArray]] = []
        self._signed = np.broadcast_to(
            ~self.table.pledges.awaits_gain, (self.n_runs, len(self.table.pledges.arc))
        ).copy()
        self._base: FloatArray = np.zeros(0)
        self._found: EnergyEquilibrium | None = None
        self._settle_year(world.base_year)

    def settle(self, quarter: int, world_output: FloatArray) -> EnergyTerms:
        """Terms of energy in a quarter; its year is settled when it is first asked for.

        Parameters
        ----------
        quarter : int
            Index of the quarter; years come in order.
        world_output : (n_runs,) ndarray
            World output in current prices over the base year's [1].
        """
        left = self.draws.pair_stops.energy_left(
            quarter - self._first_quarter, len(self.world.regions)
        )
        recorded = self.world.energy_trade * left * world_output[:, None, None]
        if not self.world.energy:
            return no_energy(self.n_runs, recorded, len(self.world.gates))
        year = quarter // QUARTERS_PER_YEAR
        if year not in self._settled:
            self._settle_year(year)
        terms = self._settled[year]
        if year == self.world.base_year:
            return terms
        known = self._covered
        return terms._replace(energy_trade=np.where(known, terms.energy_trade, recorded))

    def in_ledgers(self, world: "World") -> "EnergySystem":
        """The same markets, read in the ledgers of another ledger.

        Parameters
        ----------
        world : World
            The same world held to another ledger, which knows other values of the same flows. Its
            years are those that have been settled here.
        """
        other = copy(self)
        other.world = world
        other._settled = {
            year: other._terms(year, *market) for year, market in self._markets.items()
        }
        return other

    @property
    def market_arcs(self) -> tuple[str, ...]:
        """Names of all arcs of energy: the tables', then contracts, then deals."""
        return self.table.market_arcs.names if self.world.energy else ()

    def deal_terms(self, year: int) -> dict[str, DealTerms]:
        """Terms of the scenario's deals in a year that has been settled, by name."""
        if year not in self._markets:
            return {}
        return deal_terms(self.table, self.world.energy.units, *self._markets[year])

    def needs(self, year: int) -> bool:
        """Whether a year has yet to be settled."""
        return bool(self.world.energy) and year not in self._settled

    def expand(self, decisions: Sequence[Expansion], year: int) -> None:
        """Start what producers decided in a year; it produces after the carrier's lead time."""
        if not self._behaviour.energy_expansion:
            return
        lead = self.world.energy.lead_years
        for region, rate in decisions:
            for c in np.flatnonzero((rate != 0).any(axis=0)):
                self._pending.append((year + 1 + int(lead[c]), int(c), region, rate[:, c]))

    # --- one year -------------------------------------------------------------------------------

    def _settle_year(self, year: int) -> None:
        """Solve the market of a year and read its terms."""
        self._complete_expansions(year)
        inputs = self._inputs(year)
        self._found = year_market(self.table, inputs, self._found)
        if year == self.world.base_year:
            self._base = self._value(self._found)
        terms = self._terms(year, inputs, self._found)
        self._settled[year], self._markets[year] = terms, (inputs, self._found)
        self._sign(terms, inputs)

    def _complete_expansions(self, year: int) -> None:
        for due, c, region, rate in self._pending:
            if due == year:
                self._expanded[:, c, region] *= 1.0 + rate
        self._pending = [item for item in self._pending if item[0] > year]

    def _inputs(self, year: int) -> YearInputs:
        path, market_arcs, pledges = self._path, self.table.market_arcs, self.table.pledges
        tick = year - self.world.base_year
        quarters = QUARTERS_PER_YEAR * year + np.arange(QUARTERS_PER_YEAR)
        runs = (pledges.first[:, None] <= quarters) & (quarters <= pledges.last[:, None])
        built = np.where(market_arcs.project >= 0, path.built[:, market_arcs.project, tick], 1.0)
        there = market_arcs.usable | np.isin(np.arange(len(market_arcs.names)), pledges.arc)
        world_scale = path.world_scale[..., tick]
        return YearInputs(
            money=path.money[..., tick],
            demand_scale=path.demand_scale[..., tick],
            supply_scale=self._supply_scale(tick) * self._expanded,
            world_scale=world_scale,
            cost_scale=path.cost_scale[:, tick],
            elasticity_factor=path.elasticity_factor,
            arc_elasticity=self.world.energy.arc_elasticity,
            open_share=self._openings.of_year(year) * built * there,
            pledged_share=runs.mean(axis=1) * self._signed,
        )

    def _supply_scale(self, tick: int) -> FloatArray:
        """Supply grows with the world's demand; where no world price is kept, with its region's."""
        local = np.isnan(self.world.energy.base_price)[None, :, None]
        world_scale = self._path.world_scale[..., tick][:, :, None]
        return np.where(local, self._path.demand_scale[..., tick], world_scale)

    # --- what a market says ---------------------------------------------------------------------

    def _value(self, found: EnergyEquilibrium) -> FloatArray:
        """Value of what crosses a border on each way, (n_runs, w) [musd]."""
        market_arcs = self.table.market_arcs
        price = np.nan_to_num(found.price[:, market_arcs.carrier_out, market_arcs.head])
        value = found.flow * market_arcs.delivered_share * price * market_arcs.price_share
        return np.asarray(np.where(market_arcs.is_trade, np.maximum(value, 0.0), 0.0))

    @property
    def _in_use(self) -> BoolArray:
        """(w,) arcs that carried in the base year."""
        market_arcs = self.table.market_arcs
        return np.asarray((market_arcs.flow > 0) & market_arcs.is_trade)

    def _by_pair(self, on_arcs: FloatArray, chosen: BoolArray) -> FloatArray:
        """Sum arcs by carrier and pair, (n_runs, c, n, n)."""
        market_arcs, (c, n) = self.table.market_arcs, self.table.shape
        w = np.flatnonzero(chosen)
        total = np.zeros((self.n_runs, c * n * n))
        cell = (market_arcs.carrier_out[w] * n + market_arcs.tail[w]) * n + market_arcs.head[w]
        for place, column in zip(cell, w, strict=True):
            total[:, place] += on_arcs[:, column]
        return total.reshape(self.n_runs, c, n, n)

    @property
    def _covered(self) -> BoolArray:
        """(n, n) pairs whose energy the market explains."""
        market_arcs, n = self.table.market_arcs, self.table.shape[1]
        pairs = np.zeros((n, n), dtype=np.bool_)
        pairs[market_arcs.tail, market_arcs.head] = True
        return pairs & ~np.eye(n, dtype=np.bool_)

    def _known_trade(self, value: FloatArray) -> FloatArray:
        """Trade by carrier on the arcs in use, as recorded, (n_runs, c, n, n)."""
        base = self._by_pair(self._base, self._in_use)
        total = base.sum(axis=1, keepdims=True)
        recorded = self.world.energy_trade
        # Value recorded for each dollar that the market found in the base year.
        scale = np.divide(recorded, total, out=np.zeros_like(total), where=total > 0)
        return np.asarray(self._by_pair(value, self._in_use) * scale)

    def _terms(self, year: int, inputs: YearInputs, found: EnergyEquilibrium) -> EnergyTerms:
        table, market_arcs = self.table, self.table.market_arcs
        value = self._value(found)
        new = self._by_pair(value, ~self._in_use)
        trade = self._known_trade(value) + new
        energy_trade = trade.sum(axis=1)
        if year == self.world.base_year:
            energy_trade = np.broadcast_to(self.world.energy_trade, energy_trade.shape)
        brought = self._by_pair(found.flow * market_arcs.delivered_share, market_arcs.is_trade)
        demand = table.demand
        wanted = np.zeros_like(found.consumed)
        wanted[:, demand.carrier, demand.region] = (
            inputs.demand_scale[:, demand.carrier, demand.region] * demand.quantity
        )
        needed = found.consumed + self._converted(found.flow)
        imports = brought.sum(axis=2)
        weight = np.abs(found.flow) * self.world.energy.tonnes_per_unit[market_arcs.carrier]
        return EnergyTerms(
            year=year,
            energy_trade=energy_trade,
            carrier_trade=trade,
            new_trade=new,
            flow=found.flow,
            price=found.price,
            reference_price=inputs.money[:, :, None] * self.world.energy.price,
            consumed=found.consumed,
            shortfall=np.maximum(wanted - found.consumed, 0.0),
            concentration=concentration(brought.swapaxes(2, 3)),
            import_share=np.minimum(
                np.divide(imports, needed, out=np.zeros_like(imports), where=needed > 0), 1.0
            ),
            gate_load_mt=self._at_gates(np.where(market_arcs.is_trade, weight, 0.0)),
        )

    def _at_gates(self, on_arcs: FloatArray) -> FloatArray:
        """Sum what arcs bring to gates, (n_runs, n_gates).

        Not as a matrix product: that would give a run other bits in a batch than alone.
        """
        load_share = self.table.market_arcs.load_share
        total = np.zeros((self.n_runs, load_share.shape[1]))
        for w, gate in zip(*np.nonzero(load_share), strict=True):
            total[:, gate] += on_arcs[:, w] * load_share[w, gate]
        return total

    def _converted(self, flow: FloatArray) -> FloatArray:
        """What plants take in, (n_runs, c, n) [unit]."""
        market_arcs = self.table.market_arcs
        taken = np.zeros((self.n_runs, *self.table.shape))
        for w in np.flatnonzero(~market_arcs.is_trade):
            taken[:, market_arcs.carrier[w], market_arcs.tail[w]] += flow[:, w]
        return taken

    def _sign(self, terms: EnergyTerms, inputs: YearInputs) -> None:
        """Sign the deals that wait, in the runs where buyer and seller gain from them."""
        if not self._behaviour.energy_signing:
            return
        pledges, market_arcs = self.table.pledges, self.table.market_arcs
        weight = self._path.security_weight * self._behaviour.security
        # Prices of long before the first delivery sign nothing: the year before it is the first.
        is_near = pledges.first // QUARTERS_PER_YEAR <= terms.year + 1
        for p in np.flatnonzero(pledges.awaits_gain & is_near):
            w = pledges.arc[p]
            c, seller, buyer = market_arcs.carrier[w], market_arcs.tail[w], market_arcs.head[w]
            now = self._by_pair(terms.flow * market_arcs.delivered_share, market_arcs.is_trade)[
                :, c, :, buyer
            ]
            then = now.copy()
            then[:, seller] += pledges.quantity[p]
            premium = security_premium(
                concentration(now),
                concentration(then),
                terms.import_share[:, c, buyer],
                weight=weight,
            )
            worth = (
                terms.price[:, c, buyer]
                * market_arcs.delivered_share[w]
                * market_arcs.price_share[w]
            )
            cost = inputs.cost_scale * market_arcs.cost[w]
            self._signed[:, p] |= signs(worth, cost, terms.price[:, c, seller], premium=premium)
