"""Drivers of the energy market from year to year, independent of the market itself.

Prices, incomes, projects and shocks of a scenario, by year from the base year on.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.energy.decisions import completion_year
from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.numerics.spells import Days, Spell, strongest_factor
from sim.scenario.blocks.energy import BY_HAZARD, NEVER
from sim.scenario.sampling.random_streams import Streams

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.simulation.uncertainty.draws import Draws
    from sim.world.energy.balances import EnergyWorld
    from sim.world.world import World


USUAL_SECURITY_WEIGHT = 0.1
USUAL_ELASTICITY_FACTOR = 1.0
"""Where a world's parameters do not say."""


class PathInputs(NamedTuple):
    """Inputs from outside the market, by year on the last axis unless said otherwise."""

    money: FloatArray
    """(n_runs, c, n_years) world price over that of the base year [1]."""
    cost_scale: FloatArray
    """(n_runs, n_years) general prices over those of the base year [1]."""
    demand_scale: FloatArray
    """(n_runs, c, n, n_years) demand at unchanged prices over the base year's [1]."""
    world_scale: FloatArray
    """(n_runs, c, n_years) the same of all regions together [1]."""
    built: FloatArray
    """(n_runs, n_projects, n_years) part of the year in which each project is there [1]."""
    elasticity_factor: FloatArray
    """(n_runs,) factor on the elasticities of supply and demand [1]."""
    security_weight: FloatArray
    """(n_runs,) premium of a buyer for spreading its suppliers [1]."""


def path_inputs(scenario: "Scenario", world: "World", draws: "Draws") -> PathInputs:
    """Read the paths of a block of runs.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    draws : Draws
        Of the runs.
    """
    first_quarter = draws.first_quarter
    last = first_quarter + draws.growth.shape[-1] - 1
    years = np.arange(world.base_year, last // QUARTERS_PER_YEAR + 1)
    inflation = 1.0 + draws.parameters["world_inflation_rate"]
    income = _yearly_income(draws, years, first_quarter)
    elasticity = world.energy.income_elasticity[None, :, None, None]
    demand_scale = income[:, None] ** elasticity
    one = np.ones(len(draws.runs))
    return PathInputs(
        money=_money(scenario, world, years, inflation) * _strayed(world, draws, len(years)),
        cost_scale=inflation[:, None] ** (years - world.base_year),
        demand_scale=demand_scale,
        world_scale=_world_scale(world.energy, demand_scale),
        built=_built(scenario, world, draws.runs, years),
        elasticity_factor=draws.parameters.get(
            "energy_elasticity_factor", USUAL_ELASTICITY_FACTOR * one
        ),
        security_weight=draws.parameters.get("energy_security_weight", USUAL_SECURITY_WEIGHT * one),
    )


def _yearly_income(draws: "Draws", years: NDArray[np.intp], first_quarter: int) -> FloatArray:
    """Real size of each region over the base year's, (n_runs, n, n_years)."""
    quarter_year = (first_quarter + np.arange(draws.growth.shape[-1])) // QUARTERS_PER_YEAR
    means = [draws.growth[..., quarter_year == year].mean(axis=-1) for year in years]
    return np.stack(means, axis=-1)


def _world_scale(energy: "EnergyWorld", demand_scale: FloatArray) -> FloatArray:
    """Growth of all demand for a carrier, what plants take in following what they give out."""
    used = energy.consumption[None, :, :, None]
    total = used.sum(axis=2)
    final = (used * demand_scale).sum(axis=2) / np.where(total > 0, total, 1.0)
    plants = ~energy.arcs.is_trade
    taken = np.zeros(final.shape[1])
    onward = np.zeros_like(final)
    for a in np.flatnonzero(plants):
        c, out = energy.arcs.carrier[a], energy.arcs.carrier_out[a]
        taken[c] += energy.arcs.flow[a]
        onward[:, c] += energy.arcs.flow[a] * final[:, out]
    weight = total[..., 0] + taken
    scale = (total[..., 0][..., None] * final + onward) / np.where(weight > 0, weight, 1.0)[
        ..., None
    ]
    return np.asarray(np.where(weight[..., None] > 0, scale, 1.0))


def _money(
    scenario: "Scenario", world: "World", years: NDArray[np.intp], inflation: FloatArray
) -> FloatArray:
    """World price by run, carrier and year: history, points of the scenario, then flat real."""
    energy = world.energy
    path = np.ones((len(inflation), len(energy.carriers), len(years)))
    points = {(p.carrier, p.year): p.price_usd_per_unit for p in scenario.energy.prices}
    for c, carrier in enumerate(energy.carriers):
        for t, year in enumerate(years.tolist()):
            if (carrier, year) in points:
                path[:, c, t] = points[carrier, year] / energy.base_price[c]
            elif year in energy.price_years:
                path[:, c, t] = energy.price_path[c, energy.price_years.index(year)]
            elif t > 0:
                path[:, c, t] = path[:, c, t - 1] * inflation
    days = Days.of_years(years)
    for c, carrier in enumerate(energy.carriers):
        spikes = [
            (Spell.dated(spike.from_date, spike.until), spike.factor)
            for spike in scenario.energy.spikes
            if spike.carrier == carrier
        ]
        if spikes:
            path[:, c] *= days.mean(strongest_factor(days, spikes))
    return path


def _strayed(world: "World", draws: "Draws", n_years: int) -> FloatArray:
    """Factor by which each world price strays from its path, (n_runs, c, n_years) [1]."""
    log_factor = np.zeros((len(draws.price), len(world.energy.carriers), n_years))
    for place, spread in enumerate(world.price_spreads):
        follows = [world.energy.carriers.index(carrier) for carrier in spread.carriers]
        log_factor[:, follows, 1:] = draws.price[:, place, None, : n_years - 1]
    return np.exp(log_factor)


def _built(
    scenario: "Scenario", world: "World", runs: Sequence[int], years: NDArray[np.intp]
) -> FloatArray:
    """Part of each year in which each project is complete, (n_runs, n_projects, n_years)."""
    projects, plans = world.energy.projects, scenario.energy.projects
    built = np.zeros((len(runs), len(projects), len(years)))
    names = [project.project for project in projects]
    uniforms = Streams(scenario.seed, runs).uniform("energy projects", names, len(years))
    drawn = completion_year(
        uniforms,
        np.array([project.completion_hazard for project in projects]),
        earliest=np.array([project.earliest_year for project in projects]),
        first=int(years[0]),
    )
    for p, name in enumerate(names):
        completes = plans[name].completes if name in plans else NEVER
        if completes == BY_HAZARD:
            built[:, p] = years > drawn[:, p, None]  # in full use from the year after
        elif completes != NEVER:
            quarters = QUARTERS_PER_YEAR * years[:, None] + np.arange(QUARTERS_PER_YEAR)
            built[:, p] = (quarters >= int(completes)).mean(axis=1)
    return built
