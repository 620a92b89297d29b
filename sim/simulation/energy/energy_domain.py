"""Energy in the model: a market that is settled once a year, and the terms that it sets.

Nothing of a system changes during a run: what one year hands to the next is the `EnergyState` of
the snapshot. A system only remembers which state followed from which, so that scenarios that share
it solve each market once; without that memory the answers are the same.

A market is solved once a year, with the mean of each gate's open share over the quarters of the
year: statistics of energy are annual, contracts are nominated by the year, and stocks bridge a
season. What the year settles holds in all its quarters.

Trade follows the recorded flows: a pair keeps its calibrated energy trade of the base year, times
the value of its arcs in use over what the market gave them in the base year; new arcs count in
full, at the importer's price. A pair without arcs in use keeps its recorded energy, which grows
with world output. So the base year is the calibrated one to the last digit.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.laws.energy import EnergyEquilibrium
from sim.laws.energy.decisions import concentration
from sim.laws.numerics.arrays import BoolArray, FloatArray, IndexArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.numerics.run_axis import sums_of_columns
from sim.simulation.energy.arc_openings import EnergyOpenings
from sim.simulation.energy.deals import DealTerms, deal_terms
from sim.simulation.energy.drivers import PathInputs, path_inputs
from sim.simulation.energy.energy_setup import energy_table
from sim.simulation.energy.signing import BuyersView, offers_in, signed_offers
from sim.simulation.energy.yearly_market import YearInputs, year_market
from sim.simulation.snapshot.energy_outcome import (
    EnergyState,
    EnergyTerms,
    Expansion,
    ExpansionOrder,
    no_energy,
)
from sim.simulation.uncertainty.world_output import nominal_output

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.uncertainty.draws import Draws
    from sim.world.world import World


class _Known(NamedTuple):
    """One year that has been solved, and from what."""

    before: EnergyState | None
    expansions: tuple[Expansion, ...]
    after: EnergyState


class EnergySystem:
    """Energy market of a block of runs.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    draws : Draws
        Growth, gates and parameters of the runs.
    """

    def __init__(self, scenario: "Scenario", world: "World", draws: "Draws") -> None:
        self.world, self.draws, self.n_runs = world, draws, len(draws.runs)
        self._behaviour = scenario.behaviour
        self._known: dict[int, _Known] = {}
        if not world.energy:
            return
        self.table = energy_table(world, dict(scenario.energy.deals))
        self._path: PathInputs = path_inputs(scenario, world, draws)
        arcs = self.table.market_arcs
        self._openings = EnergyOpenings(scenario, world, draws, arcs)
        # Arcs that carried in the base year, and deals on them: trade that is recorded.
        self._in_use = np.asarray((arcs.flow[arcs.arc] > 0) & arcs.is_trade)
        self._covered = self._pairs_of(arcs.tail[self._in_use], arcs.head[self._in_use])

    def initial(self) -> EnergyTerms:
        """Terms of the base year, whose market is solved when it is first asked for."""
        if not self.world.energy:
            recorded = self._recorded(self.draws.first_quarter, np.ones(self.n_runs))
            return no_energy(self.n_runs, recorded, len(self.world.gates))
        return self._terms(self._followed(None, (), self._base_state))

    def step(
        self,
        energy: EnergyTerms,
        expansions: Sequence[Expansion],
        quarter: int,
    ) -> EnergyTerms:
        """Terms of energy in the next quarter; the market is solved where a year begins with it.

        Parameters
        ----------
        energy : EnergyTerms
            Of the quarter before.
        expansions : sequence of Expansion
            Decisions of producers on those terms; they count where a year begins.
        quarter : int
            Index of the quarter.
        """
        size = self.draws.growth[..., self.draws.tick(quarter)]
        output = nominal_output(self.world, size, self.draws.parameters, quarter)
        recorded = self._recorded(quarter, output)
        if energy.state is None:
            return no_energy(self.n_runs, recorded, len(self.world.gates))
        year = quarter // QUARTERS_PER_YEAR
        if year != energy.state.year:
            decided = tuple(expansions) if self._behaviour.energy_expansion else ()
            state = self._followed(energy.state, decided, lambda: self._next(energy, decided))
            energy = self._terms(state)
        if year == self.world.base_year:
            return energy
        # Where no route carried anything in the base year, the market explains new trade alone.
        beside = recorded + energy.new_total
        return energy._replace(energy_trade=np.where(self._covered, energy.energy_trade, beside))

    def in_ledgers(self, world: "World") -> "EnergySystem":
        """The same markets, read in the ledgers of another ledger.

        Parameters
        ----------
        world : World
            The same world held to another ledger, which knows other values of the same flows.
        """
        other = copy(self)
        other.world = world
        return other

    @property
    def market_arcs(self) -> tuple[str, ...]:
        """Names of all arcs of energy: the tables', then contracts, then deals."""
        return self.table.market_arcs.names if self.world.energy else ()

    def deal_terms(self, state: EnergyState | None) -> dict[str, DealTerms]:
        """Terms of the scenario's deals in the year of a state, by name."""
        if state is None:
            return {}
        inputs = self._inputs(state.year, state.expanded, state.signed)
        return deal_terms(self.table, self.world.energy.units, inputs, state.market)

    def market_if(self, state: EnergyState, signed: BoolArray) -> EnergyEquilibrium:
        """Market of a state's year if other deals had been signed, (n_runs, p)."""
        return year_market(self.table, self._inputs(state.year, state.expanded, signed))

    def carriage_cost(self, arc: int, year: int) -> FloatArray:
        """Cost of a unit under contract on an arc in a year, (n_runs,) [USD/unit]."""
        tick = year - self.world.base_year
        money, scale = self._path.money[..., tick], self._path.cost_scale[:, tick]
        return self.table.market_arcs.carriage_cost(arc, money, scale)

    # --- one year -------------------------------------------------------------------------------

    def _recorded(self, quarter: int, world_output: FloatArray) -> FloatArray:
        """Energy trade on record, grown with world output and without what is stopped [musd]."""
        left = self.draws.pair_stops.energy_left(self.draws.tick(quarter), len(self.world.regions))
        return np.asarray(self.world.energy_trade * left * world_output[:, None, None])

    def _followed(
        self,
        before: EnergyState | None,
        expansions: tuple[Expansion, ...],
        solve: Callable[[], EnergyState],
    ) -> EnergyState:
        """State that follows from another, remembered for the next scenario of these runs."""
        year = self.world.base_year if before is None else before.year + 1
        known = self._known.get(year)
        if known is None or known.before is not before or not _same(known.expansions, expansions):
            known = _Known(before, expansions, solve())
            self._known[year] = known
        return known.after

    def _base_state(self) -> EnergyState:
        """Market of the base year."""
        awaits, year = self.table.pledges.awaits_gain, self.world.base_year
        signed = np.broadcast_to(~awaits, (self.n_runs, len(awaits))).copy()
        expanded = np.ones((self.n_runs, *self.table.shape))
        found = year_market(self.table, self._inputs(year, expanded, signed))
        return EnergyState(
            year=year,
            market=found,
            base_value=self._by_pair(self._value(found), self._in_use).sum(axis=1),
            base_load_mt=self._gate_load(found),
            expanded=expanded,
            orders=(),
            signed=signed,
        )

    def _next(self, energy: EnergyTerms, expansions: Sequence[Expansion]) -> EnergyState:
        """Market of the year after, once producers have decided and deals are signed."""
        state = energy.state
        assert state is not None
        year = state.year + 1
        orders, expanded = [*state.orders, *self._ordered(expansions, state.year)], state.expanded
        done = [order for order in orders if order.due == year]
        if done:
            expanded = expanded.copy()
        for order in done:
            expanded[:, order.carrier, order.region] *= 1.0 + order.rate
        signed = self._signed(energy, state)
        return state._replace(
            year=year,
            market=year_market(
                self.table, self._inputs(year, expanded, signed), self._expected(state)
            ),
            expanded=expanded,
            orders=tuple(order for order in orders if order.due > year),
            signed=signed,
        )

    def _expected(self, state: EnergyState) -> EnergyEquilibrium:
        """A year's market at the world prices of the next, from which its search starts."""
        tick = state.year - self.world.base_year
        rise = self._path.money[..., tick + 1] / self._path.money[..., tick]
        return replace(state.market, price=state.market.price * rise[..., None])

    def _ordered(self, expansions: Sequence[Expansion], year: int) -> Iterator[ExpansionOrder]:
        """Capacity that producers begin to build in a year; ready after the carrier's lead time."""
        lead = self.world.energy.lead_years
        for region, rate in expansions:
            for c in np.flatnonzero((rate != 0).any(axis=0)):
                yield ExpansionOrder(year + 1 + int(lead[c]), int(c), region, rate[:, c])

    def _inputs(self, year: int, expanded: FloatArray, signed: BoolArray) -> YearInputs:
        path, market_arcs, pledges = (
            self._path,
            self.table.market_arcs,
            self.table.pledges,
        )
        tick = year - self.world.base_year
        quarters = QUARTERS_PER_YEAR * year + np.arange(QUARTERS_PER_YEAR)
        built = np.where(market_arcs.project >= 0, path.built[:, market_arcs.project, tick], 1.0)
        there = market_arcs.usable | np.isin(np.arange(len(market_arcs.names)), pledges.arc)
        world_scale = path.world_scale[..., tick]
        return YearInputs(
            money=path.money[..., tick],
            demand_scale=path.demand_scale[..., tick],
            supply_scale=self._supply_scale(tick) * expanded,
            world_scale=world_scale,
            cost_scale=path.cost_scale[:, tick],
            elasticity_factor=path.elasticity_factor,
            arc_elasticity=self.world.energy.arc_elasticity,
            open_share=self._openings.of_year(year) * built * there,
            pledged_share=pledges.delivered_share(quarters).mean(axis=1) * signed,
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

    def _by_pair(self, on_arcs: FloatArray, chosen: BoolArray) -> FloatArray:
        """Sum arcs by carrier and pair, (n_runs, c, n, n)."""
        market_arcs, (c, n) = self.table.market_arcs, self.table.shape
        cell = (market_arcs.carrier_out * n + market_arcs.tail) * n + market_arcs.head
        total = sums_of_columns(on_arcs, np.where(chosen, cell, -1), c * n * n)
        return total.reshape(self.n_runs, c, n, n)

    def _pairs_of(self, tail: IndexArray, head: IndexArray) -> BoolArray:
        """(n, n) pairs whose energy the market explains."""
        n = self.table.shape[1]
        pairs = np.zeros((n, n), dtype=np.bool_)
        pairs[tail, head] = True
        return pairs & ~np.eye(n, dtype=np.bool_)

    def _known_trade(self, value: FloatArray, base_value: FloatArray) -> FloatArray:
        """Trade by carrier on the arcs in use, as recorded, (n_runs, c, n, n)."""
        # Value recorded for each dollar that the market found in the base year.
        scale = np.divide(
            self.world.energy_trade, base_value, out=np.zeros_like(base_value), where=base_value > 0
        )
        trade = self._by_pair(value, self._in_use)
        trade *= scale[:, None]
        return trade

    def _terms(self, state: EnergyState) -> EnergyTerms:
        """Terms that the market of a year sets, recorded energy left out."""
        table, market_arcs = self.table, self.table.market_arcs
        year, found, tick = state.year, state.market, state.year - self.world.base_year
        value = self._value(found)
        new = self._by_pair(value, ~self._in_use)
        trade = self._known_trade(value, state.base_value) + new
        energy_trade = trade.sum(axis=1)
        if year == self.world.base_year:
            energy_trade = np.broadcast_to(self.world.energy_trade, energy_trade.shape)
        brought = self._by_pair(found.flow * market_arcs.delivered_share, market_arcs.is_trade)
        demand = table.demand
        wanted = np.zeros_like(found.consumed)
        wanted[:, demand.carrier, demand.region] = (
            self._path.demand_scale[:, demand.carrier, demand.region, tick] * demand.quantity
        )
        needed = found.consumed + self._converted(found.flow)
        imports = brought.sum(axis=2)
        return EnergyTerms(
            year=year,
            energy_trade=energy_trade,
            carrier_trade=trade,
            new_trade=new,
            new_total=new.sum(axis=1),
            flow=found.flow,
            price=found.price,
            reference_price=self._path.money[..., tick][:, :, None] * self.world.energy.price,
            consumed=found.consumed,
            shortfall=np.maximum(wanted - found.consumed, 0.0),
            concentration=concentration(brought.swapaxes(2, 3)),
            import_share=np.minimum(
                np.divide(imports, needed, out=np.zeros_like(imports), where=needed > 0), 1.0
            ),
            gate_load_mt=self._gate_load(found),
            state=state,
        )

    def _gate_load(self, found: EnergyEquilibrium) -> FloatArray:
        """Tonnes that arcs bring to gates, (n_runs, n_gates) [Mt/year].

        Not as a matrix product: that would give a run other bits in a batch than alone.
        """
        market_arcs = self.table.market_arcs
        weight = np.abs(found.flow) * self.world.energy.tonnes_per_unit[market_arcs.carrier]
        on_arcs, load_share = np.where(market_arcs.is_trade, weight, 0.0), market_arcs.load_share
        w, gate = np.nonzero(load_share)
        brought = on_arcs[:, w] * load_share[w, gate]
        return sums_of_columns(brought, gate, load_share.shape[1])

    def _converted(self, flow: FloatArray) -> FloatArray:
        """Input of plants, (n_runs, c, n) [unit]."""
        market_arcs = self.table.market_arcs
        taken = np.zeros((self.n_runs, *self.table.shape))
        for w in np.flatnonzero(~market_arcs.is_trade):
            taken[:, market_arcs.carrier[w], market_arcs.tail[w]] += flow[:, w]
        return taken

    def _signed(self, terms: EnergyTerms, state: EnergyState) -> BoolArray:
        """Deals signed by the end of a year: also where buyer and seller gain by its prices."""
        waiting = offers_in(self.table.pledges, state.year)
        if not self._behaviour.energy_signing or not waiting.size:
            return state.signed
        market_arcs, tick = self.table.market_arcs, state.year - self.world.base_year
        market = BuyersView(
            price=terms.price,
            bought=self._by_pair(terms.flow * market_arcs.delivered_share, market_arcs.is_trade),
            used=terms.consumed + self._converted(terms.flow),
            import_share=terms.import_share,
            money=self._path.money[..., tick],
            cost_scale=self._path.cost_scale[:, tick],
            security_weight=self._path.security_weight * self._behaviour.security,
        )
        return signed_offers(self.table, market, state.signed, waiting, state.year + 1)


def _same(one: tuple[Expansion, ...], other: tuple[Expansion, ...]) -> bool:
    """True if producers decided the same in every run."""
    return len(one) == len(other) and all(
        a.region == b.region and np.array_equal(a.rate, b.rate)
        for a, b in zip(one, other, strict=True)
    )
