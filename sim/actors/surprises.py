"""Surprises: what no law knows about a pair's trade, as large as past forecasts were wrong."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.actors.events import break_variance
from sim.laws.calendar import quarter_year
from sim.laws.residuals import ErrorVariance, fit_error_variance, residual_paths
from sim.scenario.sampling import draw_parameters
from sim.scenario.streams import Streams

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.world.world import World

FloatArray = NDArray[np.float64]

LEAST_LEFT = 0.01
"""Share of a measured variance that is left to surprises whatever else accounts for it."""
RESIDUAL_PREDICTOR = "gdp_half"
"""Past forecasts whose errors the residual layer has: those that followed half of both GDPs'
growth, the nearest to what a trade equilibrium does when everybody grows; the first on record where
a world has none of that name."""


def size_classes(
    world: "World", predictor: str = RESIDUAL_PREDICTOR, explained: FloatArray | float = 0.0
) -> Iterator[tuple[float, float, ErrorVariance]]:
    """Size classes of flows with the variance of the errors of a naive forecast of them.

    Yields
    ------
    tuple
        Lower and upper bound of the baseline flow [musd], and the fitted variance.
    """
    errors = world.forecast_errors
    place = errors.predictors.index(predictor) if predictor in errors.predictors else 0
    for size, (low, high) in enumerate(
        zip(errors.size_low_musd, errors.size_high_musd, strict=True)
    ):
        measured = errors.rmsle[place, :, size]
        left = np.sqrt(np.maximum(measured**2 - explained, LEAST_LEFT * measured**2))
        parts = fit_error_variance(errors.horizon_years, left, errors.n[place, :, size])
        yield float(low), float(high), parts


def residual_variance(
    world: "World", parameters: Mapping[str, float] | None = None
) -> ErrorVariance:
    """Variance of the surprises of every pair, by the size of its baseline flow.

    Parameters
    ----------
    world : World
        What is.
    parameters : mapping of str to float, optional
        Middle values that say how often politics breaks trade off. Past forecasts missed such
        breaks too, so what they add to the fan is taken off what is left to surprises.

    Returns
    -------
    ErrorVariance
        Arrays `(n_regions, n_regions)`, exporter by importer.
    """
    flow = world.trade.sum(axis=0) + world.energy_trade
    return error_parts(world, flow, explained=break_variance(parameters or {}, _horizons(world)))


def _horizons(world: "World") -> FloatArray:
    return np.asarray(world.forecast_errors.horizon_years, dtype=np.float64)


def error_parts(
    world: "World",
    flow_musd: FloatArray,
    predictor: str = RESIDUAL_PREDICTOR,
    explained: FloatArray | float = 0.0,
) -> ErrorVariance:
    """Variance of the errors of a naive forecast of flows, by their size in the base year.

    Parameters
    ----------
    world : World
        What is.
    flow_musd : ndarray
        Flows in one direction [musd/year].
    predictor : str
        Which forecasts; the first on record where there is none of that name.
    explained : (n_horizons,) ndarray
        Variance by measured horizon that something else accounts for [1].

    Returns
    -------
    ErrorVariance
        Arrays of the shape of `flow_musd`.
    """
    passing, wander = np.zeros_like(flow_musd), np.zeros_like(flow_musd)
    smallest = world.forecast_errors.size_low_musd.min()
    for low, high, parts in size_classes(world, predictor, explained):
        # Flows below the smallest class err at least as much as it does.
        inside = (flow_musd >= (0.0 if low == smallest else low)) & (flow_musd < high)
        passing[inside], wander[inside] = parts.passing, parts.wander
    return ErrorVariance(passing, wander)


def asked_pairs(scenario: "Scenario", world: "World") -> list[tuple[int, int]]:
    """Ordered pairs between the states that targets and agreements name."""
    named = {code for target in scenario.targets.values() for code in target.pair}
    named |= {code for agreement in scenario.agreements.values() for code in agreement.members}
    places = sorted(world.region_index(code) for code in named)
    return [(i, j) for i in places for j in places if i != j]


def residual(
    scenario: "Scenario", world: "World", streams: Streams, quarters: NDArray[np.intp]
) -> FloatArray:
    """Log surprise of each asked pair's trade, (n_runs, n_regions, n_regions, n_quarters) [1].

    Two directions of a pair are surprised independently: of the six pairs whose both directions are
    on record in two years running, changes are ranked alike no more than by luck (Spearman -0.14,
    FY18 and FY25). What befalls both at once, a break or a shut border, is drawn as such.
    """
    n = len(world.regions)
    paths = np.zeros((len(streams.runs), n, n, len(quarters)))
    if not scenario.layers_of_uncertainty.residual:
        return paths
    exporter, importer = np.array(asked_pairs(scenario, world)).T
    variance = residual_variance(world, _middle(scenario, world))
    names = [
        f"{world.regions[i]}>{world.regions[j]}" for i, j in zip(exporter, importer, strict=True)
    ]
    years = np.array([quarter_year(int(q)) for q in quarters])
    n_years = max(int(years[-1]) - world.base_year, 1)
    paths[:, exporter, importer] = residual_paths(
        streams.uniform("passing residual", names, n_years),
        streams.normal("lasting residual", names, len(quarters)),
        ErrorVariance(variance.passing[exporter, importer], variance.wander[exporter, importer]),
        years - world.base_year - 1,
    )
    return paths


def _middle(scenario: "Scenario", world: "World") -> dict[str, float]:
    """Median of every parameter as the scenario has it, the same whatever runs are drawn."""
    half = np.full((1, len(world.parameters)), 0.5)
    drawn = draw_parameters(scenario.uncertainty, world.parameters, half)
    return {name: float(values[0]) for name, values in drawn.items()}
