"""Past trade forecast from a past year, and how good the forecasts would have been.

What is scored is what runs: a flow starts from what was traded in its base year and grows by the
law that asked pairs of a scenario have (`sim.laws.growth.trade_growth`), the partners' and the
world's GDP taken as they came about, so that a miss is a miss of trade and not of growth; what was
agreed acts by its own terms through the functions the model calls
(`sim.study.hindcasts.past_effects`), drawn where they are not known; and around it lies the fan of
residual shocks (`sim.laws.uncertainty.residuals`). An agreement of which only the name or the kind
is known, free trade or customs union, acts as such agreements did in past trade, a term of the law
of growth. Four plainer forecasts stand beside it, each with the same fan, placed so that its median
is the plain forecast.

Trade is small beside GDP here, so that the law of one flow stands for the equilibrium; partners may
be any two names. Every flow has the same draws, so that none depends on another.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtri

from sim.laws.growth.trade_growth import half_of_both
from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import QUARTERS_PER_YEAR
from sim.laws.policy.adjustment import phase_in_kernel, stepped_phase_in
from sim.laws.uncertainty.forecast_scores import ForecastScores, Score, score_each
from sim.laws.uncertainty.residuals import latent_paths, points_at, shock
from sim.scenario.sampling.random_streams import Streams
from sim.simulation.trade.adjustment_lag import PHASE_IN
from sim.study.hindcasts.past_flows import ForecastGrid, expected_growth, grid_of
from sim.study.hindcasts.past_terms import agreed_effects
from sim.world.history.terms import NONE
from sim.world.history.trade import PastFlow
from sim.world.history.usual_terms import Scope
from sim.world.world import World

PERSISTENCE, GDP, GDP_UNIT = "persistence", "gdp", "gdp, elasticity 1"
AVERAGE, MODEL = "gdp and average agreement", "model"
METHODS = (PERSISTENCE, GDP, GDP_UNIT, AVERAGE, MODEL)
GDP_ELASTICITY = 0.5
"""Elasticity of trade to each partner's GDP in the plain forecast [1]."""
AVERAGE_EFFECT = 0.4750
"""Log effect of the average agreement once phased in (Advanced Guide, with border controls)."""
HORIZONS = ((1, 1), (2, 3), (4, 6), (7, 10), (11, 60))
"""Groups of horizons that are scored together, ends included [years]."""
FLOOR_MUSD = 0.01
"""What counts as recorded at least: a flow that left the record is a miss, not an infinite one."""
CHUNK = 2000
"""Forecasts scored together."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """One flow at one horizon."""

    flow: PastFlow
    year: int
    recorded_musd: float
    """0 where nothing was recorded."""
    gdp_to: int | None
    """Last year to which GDP of both partners is known, held at what it was from there on; None
    if one of them is not known at all."""
    gdp_known: bool
    """Whether GDP of both is known in the base year and in this one."""
    centre: Mapping[str, float]
    """Log of the median forecast by method, without what was agreed by known terms [log musd]."""
    fan: FloatArray
    """(n_runs,) log error around it, median 0 [1]."""
    effect: FloatArray
    """(n_runs,) or (1,) log effect of known terms, in the model's forecast alone [1]."""

    @property
    def horizon_years(self) -> int:
        """Years from the base year."""
        return self.year - self.flow.base_year

    def log_sample(self, method: str) -> FloatArray:
        """(n_runs,) log of the trade each run forecasts [log musd]."""
        known = self.effect if method == MODEL else 0.0
        return np.asarray(self.centre[method] + known + self.fan)

    def quantile_musd(self, share: float, method: str = MODEL) -> float:
        """Trade that a share of runs stays below [musd]."""
        return float(np.exp(np.quantile(self.log_sample(method), share)))


Keep = Callable[[Forecast], bool]


@dataclass(frozen=True, eq=False)
class Hindcast:
    """All forecasts of a table."""

    forecasts: tuple[Forecast, ...]
    n_runs: int
    seed: int

    @cached_property
    def scored(self) -> dict[str, ForecastScores]:
        """Scores of every forecast by method."""
        recorded = np.log([max(f.recorded_musd, FLOOR_MUSD) for f in self.forecasts])
        parts: dict[str, list[ForecastScores]] = {method: [] for method in METHODS}
        for chunk in self._chunks():
            for method, of_method in parts.items():
                samples = np.stack([f.log_sample(method) for f in self.forecasts[chunk]])
                of_method.append(score_each(samples.T, recorded[chunk]))
        return {method: _joined(found) for method, found in parts.items()}

    def quantiles_musd(self, shares: Sequence[float], method: str = MODEL) -> FloatArray:
        """Trade that shares of runs stay below, (n_forecasts, n_shares) [musd]."""
        found = []
        for chunk in self._chunks():
            samples = np.stack([f.log_sample(method) for f in self.forecasts[chunk]])
            found.append(np.quantile(samples, shares, axis=1))
        return np.exp(np.concatenate(found, axis=1).T)

    def scores(self, keep: Keep) -> dict[str, Score]:
        """Scores by method of the forecasts to keep."""
        kept = np.array([keep(forecast) for forecast in self.forecasts], dtype=np.bool_)
        return {method: scored.pooled(kept) for method, scored in self.scored.items()}

    def groups(self, world: World) -> dict[str, dict[str, Score]]:
        """Scores of all forecasts, then by horizon, by size of the flow and by what was agreed."""
        keepers = {"all": _between(_ahead, 0, np.inf)}
        for low, high in HORIZONS:
            name = f"{low} to {high} years" if low < high else f"{low} year"
            keepers[name] = _between(_ahead, low, high + 1)
        errors = world.forecast_errors
        for low, high in zip(errors.size_low_musd, errors.size_high_musd, strict=True):
            name = f"{low:g} to {high:g} musd" if np.isfinite(high) else f"above {low:g} musd"
            smallest = low == errors.size_low_musd.min()
            keepers[name] = _between(_size, 0.0 if smallest else low, high)
        for kind in dict.fromkeys(forecast.flow.terms.kind for forecast in self.forecasts):
            keepers[f"agreed: {kind}"] = _agreed(kind)
        scored = {name: self.scores(keep) for name, keep in keepers.items()}
        return {name: by_method for name, by_method in scored.items() if by_method[MODEL].n}

    def _chunks(self) -> list[slice]:
        starts = range(0, len(self.forecasts), CHUNK)
        return [slice(start, start + CHUNK) for start in starts]


def _joined(chunks: Sequence[ForecastScores]) -> ForecastScores:
    """Scores of several chunks of forecasts, one after the other."""
    return ForecastScores(*(np.concatenate(p, axis=-1) for p in zip(*chunks, strict=True)))


def _ahead(forecast: Forecast) -> float:
    return forecast.horizon_years


def _size(forecast: Forecast) -> float:
    return forecast.flow.trade_musd[forecast.flow.base_year]


def _between(value: Callable[[Forecast], float], low: float, high: float) -> Keep:
    return lambda forecast: low <= value(forecast) < high


def _agreed(kind: str) -> Keep:
    return lambda forecast: forecast.flow.terms.kind == kind


def hindcast(
    flows: Sequence[PastFlow],
    world: World,
    scopes: Mapping[str, Scope],
    *,
    gdp: Mapping[str, Mapping[int, float]] | None = None,
    world_gdp: Mapping[int, float] | None = None,
    runs: int = 1000,
    seed: int = 1,
) -> Hindcast:
    """Forecast past trade as the model would have.

    Parameters
    ----------
    flows : sequence of PastFlow
        What was recorded.
    world : World
        Its law of growth, parameters and measured errors are used, not its trade.
    scopes : mapping of str to Scope
        Usual terms by kind, for agreements whose own are not known.
    gdp : mapping of str to mapping of int to float, optional
        GDP by region and year for flows that do not bring their own [musd].
    world_gdp : mapping of int to float, optional
        GDP of the whole world by year [musd].
    runs, seed : int
        Size and seed of the ensemble; a flow's draws do not depend on the other flows.

    Raises
    ------
    ValueError
        If a flow's kind of agreement has neither terms of its own nor usual ones.
    """
    streams = Streams(seed, range(runs))
    grid = grid_of(flows, gdp or {}, world_gdp or {})
    points = world.error_points
    at = points_at(points, grid.trade_musd, grid.horizon_years[:, None])[:, 0]
    middle = at[:, points.middle] if world.growth_law is not None else 0.0
    fans = _fans(streams, grid, at - at[:, points.middle, None], points.shares)
    effects = agreed_effects(flows, world, scopes, streams)
    start = np.log(grid.trade_musd)
    grown = grid.log_gdp_growth.exporter + grid.log_gdp_growth.importer
    with_gdp = start + GDP_ELASTICITY * grown
    law = world.growth_law or half_of_both()
    centres = {
        PERSISTENCE: start,
        GDP: with_gdp,
        GDP_UNIT: start + grown,
        AVERAGE: with_gdp + _average_effect(flows, grid, world),
        MODEL: start + expected_growth(law, grid, middle),
    }
    nothing = np.zeros(1)
    forecasts = []
    for k, (place, year) in enumerate(zip(grid.flow.tolist(), grid.year.tolist(), strict=True)):
        flow = flows[place]
        effect = effects.get(place)
        forecasts.append(
            Forecast(
                flow, year, flow.trade_musd[year], grid.gdp_to[k], grid.gdp_known[k],
                {method: float(centre[k]) for method, centre in centres.items()}, fans[k],
                nothing if effect is None else effect[:, year - flow.base_year - 1],
            )
        )  # fmt: skip
    return Hindcast(tuple(forecasts), runs, seed)


def _fans(
    streams: Streams, grid: ForecastGrid, log_error: FloatArray, shares: FloatArray
) -> FloatArray:
    """Log residual shock of the calendar year of every forecast by run, (n_forecasts, n_runs).

    Latent paths are those of the simulator, of a flow of middling size; the numbers of a year are
    spread evenly over the normal distribution, so that a fan has its quantiles without luck.
    """
    n_years, n_runs = int(grid.horizon_years.max()), len(streams.runs)
    yearly, _ = latent_paths(
        streams.normal("past passing residual", ["any flow"], 1 + n_years),
        streams.normal("past lasting residual", ["any flow"], QUARTERS_PER_YEAR * n_years),
        [1.0],
    )
    yearly = yearly[:, 0]
    even = ndtri((yearly.argsort(axis=0).argsort(axis=0) + 0.5) / n_runs)
    years = grid.horizon_years.astype(np.intp) - 1
    fans = shock(even.T[years], log_error[:, None, :], shares)
    return fans - np.median(fans, axis=1, keepdims=True)


def _average_effect(flows: Sequence[PastFlow], grid: ForecastGrid, world: World) -> FloatArray:
    """Log effect if every agreement were an average one, phased in as usual, (n_forecasts,)."""
    reached = np.cumsum(phase_in_kernel(*(world.parameters[point].value for point in PHASE_IN)))
    reached = np.concatenate([[0.0], stepped_phase_in(reached)])

    def at(year: int, flow: PastFlow) -> float:
        quarters = np.floor((year + 0.5 - flow.in_force_year) * QUARTERS_PER_YEAR)
        return float(reached[int(np.clip(quarters + 1, 0, len(reached) - 1))])

    effect = [
        0.0 if flows[k].terms.kind == NONE
        else AVERAGE_EFFECT * (at(year, flows[k]) - at(flows[k].base_year, flows[k]))
        for k, year in zip(grid.flow.tolist(), grid.year.tolist(), strict=True)
    ]  # fmt: skip
    return np.array(effect)
