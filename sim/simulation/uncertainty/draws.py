"""Everything that chance and ignorance contribute to a block of runs, drawn before the first step.

Three layers, each of which a scenario can switch off: uncertain parameters, chance in the run
(closures of gates, growth that misses its outlook) and residual residual shocks of each pair's
trade.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray, IndexArray, IntArray
from sim.laws.transport.capacity_decisions import completion_quarter
from sim.laws.transport.outages import chance_closures, open_share
from sim.scenario.sampling.quantiles import ParameterDraws, draw_parameters
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.closures.gate_openings import (
    after_records,
    dated_open_share,
    season_is_lifted,
    season_open_share,
)
from sim.simulation.closures.shut_borders import (
    KEPT_PARAMETER,
    USUAL_KEPT_SHARE,
    PairStops,
    RandomClosures,
    gates_in_use,
    pair_stops,
)
from sim.simulation.snapshot.agreement_status import NEVER
from sim.simulation.uncertainty.base_error import residual_and_base_error
from sim.simulation.uncertainty.pair_growth import growth_factor
from sim.simulation.uncertainty.residual_shocks import asked_pairs
from sim.simulation.uncertainty.shocks import border_closures, break_factor, price_shocks

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


class PairFactors(NamedTuple):
    """Factors on the trade of those pairs that have any, quarters first."""

    place: IndexArray
    """(n_pairs,) place of each in the flattened matrix of regions."""
    known: FloatArray
    """(n_quarters, n_runs, n_pairs) expected growth and what political breaks leave [1]."""
    residual: FloatArray
    """(n_quarters, n_runs, n_pairs) log residual shock [1]."""


@dataclass(frozen=True)
class Draws:
    """Inputs that differ between runs; quarter 0 is the base-year quarter the model starts from."""

    runs: tuple[int, ...]
    """Numbers of the runs."""
    first_quarter: int
    """Index of the quarter that all axes of quarters begin with."""
    parameters: ParameterDraws
    """(n_runs,) value of every parameter, by name."""
    growth: FloatArray
    """(n_runs, n_regions, n_quarters) real size over that of the base year [1]."""
    log_growth_by_year: FloatArray
    """(n_runs, n_regions, n_years) log of it at the middle of the base year and each after it."""
    growth_factor: FloatArray
    """(n_runs, n_regions, n_regions, n_quarters) expected trade of each asked pair over what the
    equilibrium makes of growth [1]."""
    gate_open_share: FloatArray
    """(n_runs, n_gates, n_quarters) part of the quarter in which a gate is open [1]."""
    season_open_share: FloatArray
    """(n_gates, n_quarters) the same by season alone, which the baseline already has [1]."""
    dated_open_share: FloatArray
    """(n_gates, n_quarters) the same by season, records and dates of the scenario [1]."""
    season_lifted: NDArray[np.bool_]
    """(n_quarters,) whether some gate of the baseline's seasons no longer shuts by season."""
    pair_stops: PairStops
    """Trade of pairs that bans and shut borders stop."""
    project_opening: IntArray
    """(n_runs, n_projects) first quarter in which each project is in use."""
    break_factor: FloatArray
    """(n_runs, n_regions, n_regions, n_quarters) what political breaks leave of each asked pair's
    trade [1]."""
    price: FloatArray
    """(n_runs, n_benchmarks, n_years) log deviation of world prices by calendar year after the base
    year, in the order of the world's `price_spreads` [1]."""
    residual: FloatArray
    """(n_runs, n_regions, n_regions, n_quarters) log residual shock of each asked pair [1]."""
    followed: tuple[tuple[int, int], ...]
    """Pairs of regions whose cargo is followed through the network: drawn with, not by chance, so
    that a scenario and the same one without its agreements crowd the same gates."""

    def tick(self, quarter: int) -> int:
        """Place of a quarter on the axes of quarters."""
        return quarter - self.first_quarter

    def pair_factor(self, tick: int) -> FloatArray:
        """Factor on what the equilibrium gives each pair, (n_runs, n_regions, n_regions) [1].

        Expected growth, residual shock and political breaks; none of them reads a policy.
        """
        factors = self._pair_factors
        return self._of_all_pairs(np.exp(factors.residual[tick]) * factors.known[tick])

    def known_factor(self, tick: int) -> FloatArray:
        """The part of it that is no residual shock: expected growth and political breaks [1]."""
        return self._of_all_pairs(self._pair_factors.known[tick])

    def _of_all_pairs(self, values: FloatArray) -> FloatArray:
        answer = np.ones((len(self.runs), *self.residual.shape[1:3]))
        answer.reshape(len(answer), -1)[:, self._pair_factors.place] = values
        return answer

    @cached_property
    def _pair_factors(self) -> PairFactors:
        # Pairs that nobody asks about, and quarters far apart, would cost their traffic each time.
        n_runs, n, _, n_quarters = self.residual.shape
        growth, left, log = (
            values.reshape(n_runs, n * n, n_quarters)
            for values in (self.growth_factor, self.break_factor, self.residual)
        )
        has_any = [(growth != 1.0), (left != 1.0), (log != 0.0)]
        place = np.flatnonzero(sum(some.any(axis=(0, 2)) for some in has_any))
        known = growth[:, place] * left[:, place]
        by_quarter = (np.ascontiguousarray(np.moveaxis(v, -1, 0)) for v in (known, log[:, place]))
        return PairFactors(place, *by_quarter)


def draw(
    scenario: "Scenario",
    world: "World",
    runs: Sequence[int],
    first_quarter: int,
    n_quarters: int,
    *,
    quantiles: FloatArray | None = None,
) -> Draws:
    """Draw the inputs of a block of runs.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    runs : sequence of int
        Numbers of the runs; a run's draws do not depend on the others in the block.
    first_quarter, n_quarters : int
        Quarters covered, counted from the one the model starts from.
    quantiles : (n_runs, n_parameters) float, optional
        Where each parameter lies in its distribution, in (0, 1), for a study that sets them
        itself; drawn unless given.
    """
    streams = Streams(scenario.seed, runs)
    layers = scenario.uncertainty_sources
    quarters = np.arange(first_quarter, first_quarter + n_quarters)
    if quantiles is None:
        parameters = drawn_parameters(scenario, world, runs)
    else:
        parameters = draw_parameters(scenario.uncertainty, world.parameters, quantiles)
    opening = _project_opening(scenario, world, streams, by_chance=layers.events)
    chance = _chance(scenario, world, streams, quarters, opening, by_chance=layers.events)
    dated = dated_open_share(scenario, world, quarters)
    kept = parameters.get(KEPT_PARAMETER, np.full(len(streams.runs), USUAL_KEPT_SHARE))
    yearly = _growth_by_year(world, streams, quarters, parameters, by_chance=layers.events)
    growth = _growth(world, quarters, yearly)
    return Draws(
        runs=tuple(runs),
        first_quarter=first_quarter,
        parameters=parameters,
        growth=growth,
        log_growth_by_year=yearly,
        growth_factor=growth_factor(scenario, world, parameters, growth, yearly, quarters),
        gate_open_share=dated * open_share([chance.own, chance.shared]),
        season_open_share=season_open_share(world, quarters),
        dated_open_share=dated,
        season_lifted=season_is_lifted(scenario, world, quarters),
        pair_stops=pair_stops(scenario, world, quarters, chance, kept),
        project_opening=opening,
        break_factor=_break_factor(
            scenario, world, streams, parameters, n_quarters, by_chance=layers.events
        ),
        price=_price(world, streams, quarters, by_chance=layers.events),
        residual=residual_and_base_error(scenario, world, streams, quarters),
        followed=routed_pairs(scenario, world),
    )


def in_ledgers(
    draws: Draws, scenario: "Scenario", world: "World", runs: Sequence[int], quarters: range
) -> Draws:
    """The same draws for the same world held to another ledger.

    What trades more in the ledgers was forecast with smaller errors and grows otherwise.

    Parameters
    ----------
    draws : Draws
        Of these runs and quarters in the ledgers of any ledger.
    scenario, world
        What is asked, and the world in the ledgers that are wanted.
    runs : sequence of int
        Numbers of the runs.
    quarters : range
        Quarters covered.
    """
    covered = np.array(quarters)
    known = (draws.parameters, draws.growth, draws.log_growth_by_year)
    return replace(
        draws,
        residual=residual_and_base_error(scenario, world, Streams(scenario.seed, runs), covered),
        growth_factor=growth_factor(scenario, world, *known, covered),
    )


def simulated_quarters(scenario: "Scenario", world: "World") -> range:
    """Quarters from the one the model starts from to the end of the horizon."""
    first = min(int(scenario.horizon.start), 4 * world.base_year + 3)
    return range(first, int(scenario.horizon.end) + 1)


def drawn_parameters(scenario: "Scenario", world: "World", runs: Sequence[int]) -> ParameterDraws:
    """Parameters of the runs alone, with the bits that they have in `draw`.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    runs : sequence of int
        Numbers of the runs.
    """
    names = list(world.parameters)
    uniforms = Streams(scenario.seed, runs).uniform("parameters", names, 1)[..., 0]
    if not scenario.uncertainty_sources.parameters:
        # The middle of every distribution: what the run would be if nothing were uncertain.
        uniforms = np.full_like(uniforms, 0.5)
    return draw_parameters(scenario.uncertainty, world.parameters, uniforms)


def _growth_by_year(
    world: "World",
    streams: Streams,
    quarters: NDArray[np.intp],
    parameters: dict[str, FloatArray],
    *,
    by_chance: bool,
) -> FloatArray:
    """Log real size by run, region and year, at the middle of the base year and all after it.

    Beyond the last year of the outlook its growth goes on.
    """
    last = max(int(quarters[-1]) // 4 + 1, world.growth_years[-1])
    years = np.arange(world.growth_years[0], last + 1)
    beyond = np.repeat(world.growth[:, -1:], len(years) - len(world.growth_years), axis=1)
    log_rate = np.log1p(np.concatenate([world.growth, beyond], axis=1))[None]
    if by_chance:
        residual_shock = streams.normal("growth", world.regions, len(years))
        log_rate = log_rate + residual_shock * parameters["growth_sd"][:, None, None]
    level = np.cumsum(np.broadcast_to(log_rate, (len(streams.runs), *log_rate.shape[1:])), axis=-1)
    return np.concatenate([np.zeros_like(level[..., :1]), level], axis=-1)


def _growth(world: "World", quarters: NDArray[np.intp], yearly: FloatArray) -> FloatArray:
    """Real size by run, region and quarter, on a straight line in logs between mid-years."""
    points = world.base_year + np.arange(yearly.shape[-1]) + 0.5
    centres = (quarters + 0.5) / 4
    where = np.clip(np.searchsorted(points, centres) - 1, 0, len(points) - 2)
    part = np.clip(centres - points[where], 0.0, 1.0)
    size = yearly[..., where] + (yearly[..., where + 1] - yearly[..., where]) * part
    # The base year is known as a whole, so every quarter of it stands at the base.
    return np.exp(np.where(quarters // 4 <= world.base_year, 0.0, size))


def _chance(
    scenario: "Scenario",
    world: "World",
    streams: Streams,
    quarters: NDArray[np.intp],
    project_opening: IntArray,
    *,
    by_chance: bool,
) -> RandomClosures:
    """Closures of gates and of whole borders by chance."""
    shape = (len(streams.runs), len(world.gates), len(quarters))
    own, shared = np.zeros(shape), np.zeros(shape)
    if by_chance and world.gates:
        names = [gate.gate for gate in world.gates]
        # Nothing has closed by chance in the quarter the model starts from, nor while it is known.
        open_to_chance = (quarters > quarters[0]) & after_records(scenario, world, quarters)
        own = open_to_chance * chance_closures(
            streams.uniform("closure starts", names, len(quarters)),
            streams.uniform("closure lengths", names, len(quarters)),
            rate_per_year=[gate.closure_rate_per_year for gate in world.gates],
            mean_days=[gate.mean_closure_days for gate in world.gates],
        )
        shared = open_to_chance * border_closures(world, streams, len(quarters))
    return RandomClosures(own, shared, gates_in_use(world, project_opening, quarters))


def _break_factor(
    scenario: "Scenario",
    world: "World",
    streams: Streams,
    parameters: dict[str, FloatArray],
    n_quarters: int,
    *,
    by_chance: bool,
) -> FloatArray:
    """Part of every requested pair's trade left by breaks; 1 elsewhere and in quarter one."""
    n = len(world.regions)
    factor = np.ones((len(streams.runs), n, n, n_quarters))
    pairs = asked_pairs(scenario, world)
    if by_chance:
        named = [(world.regions[i], world.regions[j]) for i, j in pairs]
        exporter, importer = np.array(pairs).T
        left = break_factor(named, streams, parameters, n_quarters - 1)
        factor[:, exporter, importer, 1:] = left
    return factor


def _price(
    world: "World", streams: Streams, quarters: NDArray[np.intp], *, by_chance: bool
) -> FloatArray:
    """Log deviation of world prices in the years covered; those on record are known."""
    n_years = max(int(quarters[-1]) // 4 - world.base_year, 0)
    n_known = max(world.energy.price_years, default=world.base_year) - world.base_year
    path = np.zeros((len(streams.runs), len(world.price_spreads), n_years))
    if by_chance and n_years > n_known:
        path[..., n_known:] = price_shocks(world, streams, n_years - n_known)
    return path


def _project_opening(
    scenario: "Scenario", world: "World", streams: Streams, *, by_chance: bool
) -> IntArray:
    """First quarter in which each project is in use; what no scenario names is never built."""
    projects = world.network.projects
    uniforms = streams.uniform("project completion", [p.project for p in projects], 1)[..., 0]
    if not by_chance:
        uniforms = np.full_like(uniforms, 0.5)
    opening = np.full(uniforms.shape, NEVER, dtype=np.int64)
    for k, project in enumerate(projects):
        plan = scenario.projects.get(project.project)
        if plan is None or plan.completes == "never":
            continue
        if plan.completes == "by_hazard":
            hazard = plan.hazard_per_year
            opening[:, k] = completion_quarter(
                uniforms[:, k],
                first_quarter=4 * project.earliest_year,
                hazard_per_year=project.completion_hazard if hazard is None else hazard,
                never=NEVER,
            )
        else:
            opening[:, k] = int(plan.completes)
    return opening


def routed_pairs(scenario: "Scenario", world: "World") -> tuple[tuple[int, int], ...]:
    """Pairs with an end in a state that a target or an agreement names, lower index first.

    Pairs one of whose routes is still being taken up join them: what they load gates with changes
    whatever is asked. Other pairs keep the trade cost of the base year. A world without a network
    has none.
    """
    if not world.network.nodes:
        return ()
    places = {state for pair in asked_pairs(scenario, world) for state in pair}
    n = len(world.regions)
    growing = {record.pair for record in world.network.route_shares if record.since is not None}
    return tuple(
        (i, j)
        for i in range(n)
        for j in range(i + 1, n)
        if i in places or j in places or (i, j) in growing
    )
