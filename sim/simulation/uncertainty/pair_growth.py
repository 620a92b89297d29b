"""Expected growth of asked pairs: what past trade says, where the equilibrium says otherwise.

In the trade equilibrium all that a flow knows of growth is who produces more. Past trade says more:
flows far from what their partners' size calls for drift towards it, and GDP is followed with an
elasticity below one (`sim.laws.growth.trade_growth`). Every asked pair carries the difference,

    log factor = log growth by the law + median error of the law - log growth by the equilibrium

both under the growth of the run itself and at the trade costs and duties of the base year. So the
factor depends on the draws of growth, prices and the trade elasticity alone, never on a policy: a
run and its twin without agreements carry the same one, and what agreements do stays exact.

The equilibrium without policy is solved at the middle of every year, where growth bends; between,
its log is a straight line.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.laws import gravity
from sim.laws.growth.trade_growth import Sizes, log_growth
from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.policy.tariffs import cost_elasticity
from sim.laws.uncertainty.residuals import points_at
from sim.simulation.uncertainty.residual_shocks import asked_pairs, base_flow
from sim.simulation.uncertainty.world_output import price_level, real_output

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


def years_ahead(world: "World", quarters: NDArray[np.intp]) -> FloatArray:
    """Years from the middle of the base year to that of each quarter; 0 up to its end [years]."""
    ahead = (quarters + 0.5) / QUARTERS_PER_YEAR - world.base_year - 0.5
    return np.where(quarters // QUARTERS_PER_YEAR <= world.base_year, 0.0, ahead)


def growth_factor(
    scenario: "Scenario",
    world: "World",
    parameters: Mapping[str, FloatArray],
    growth: FloatArray,
    yearly: FloatArray,
    quarters: NDArray[np.intp],
) -> FloatArray:
    """Factor on each asked pair's trade over what the equilibrium without policy makes of growth.

    Parameters
    ----------
    scenario, world
        What is asked and what is; a world without a law of growth keeps the equilibrium's.
    parameters : mapping of str to (n_runs,) ndarray
        Drawn values.
    growth : (n_runs, n_regions, n_quarters) ndarray
        Real size over that of the base year by quarter [1].
    yearly : (n_runs, n_regions, n_years) ndarray
        Log of it at the middle of the base year and of every year after it [1].
    quarters : (n_quarters,) int ndarray
        Quarters covered.

    Returns
    -------
    (n_runs, n_regions, n_regions, n_quarters) ndarray
        1 for pairs that nobody asks about and up to the end of the base year [1].
    """
    n_runs, n = growth.shape[:2]
    factor = np.ones((n_runs, n, n, len(quarters)))
    flow = base_flow(world)
    # What nobody traded in goods the equilibrium lets nobody trade.
    pairs = [p for p in asked_pairs(scenario, world) if world.trade[:, p[0], p[1]].any()]
    if world.growth_law is None or not pairs:
        return factor
    exporter, importer = np.array(pairs).T
    ahead = years_ahead(world, quarters)
    level = np.stack([price_level(world, parameters, int(q)) for q in quarters], axis=-1)
    output = np.stack([real_output(world, growth[..., k]) for k in range(len(quarters))], axis=-1)
    own, whole = np.log(growth * level[:, None]), np.log(output * level)
    gdp = world.gdp_musd
    sizes = Sizes(gdp[exporter, None], gdp[importer, None], gdp.sum())
    grown = Sizes(own[:, exporter], own[:, importer], whole[:, None])
    expected = log_growth(world.growth_law, ahead, flow[exporter, importer, None], sizes, grown)
    points = points_at(world.error_points, flow[exporter, importer], ahead)
    settled = _settled(
        scenario, world, parameters, yearly, int(np.ceil(ahead[-1])), (exporter, importer)
    )
    log_factor = expected + points[..., world.error_points.middle] - whole[:, None]
    log_factor -= _on_a_line(settled, ahead)
    factor[:, exporter, importer] = np.where(ahead > 0.0, np.exp(log_factor), 1.0)
    return factor


def _settled(
    scenario: "Scenario",
    world: "World",
    parameters: Mapping[str, FloatArray],
    yearly: FloatArray,
    n_years: int,
    pair: tuple[NDArray[np.intp], NDArray[np.intp]],
) -> FloatArray:
    """Log of goods trade over the base year's in middle of every year, (n_runs, n_pairs, years)."""
    base = np.log(world.trade[:, *pair].sum(axis=0))
    answer = [np.zeros((len(yearly), len(base)))]
    found: gravity.Equilibrium | None = None
    for year in range(1, n_years + 1):
        found = gravity.equilibrium(
            world.trade,
            trade_elasticity=cost_elasticity(parameters["trade_elasticity"])[:, None],
            tariff_rate_baseline=world.tariffs.applied_rate,
            tariff_rate=world.tariffs.applied_rate,
            productivity_change=np.exp(yearly[:, None, :, year]),
            deficits=scenario.deficits,
            closure=scenario.model_closure,
            start=found,
        )
        answer.append(np.log(found.trade[:, :, *pair].sum(axis=1)) - base)
    return np.stack(answer, axis=-1)


def _on_a_line(by_year: FloatArray, ahead: FloatArray) -> FloatArray:
    """Values between those of the middle of years, last axis."""
    place = np.minimum(np.floor(ahead).astype(np.intp), by_year.shape[-1] - 2)
    if by_year.shape[-1] == 1:
        return np.zeros((*by_year.shape[:-1], len(ahead)))
    part = ahead - place
    return np.asarray(by_year[..., place] * (1.0 - part) + by_year[..., place + 1] * part)
