"""Past trade forecast from a past year, and how good the forecasts would have been.

A flow starts from what was traded in its base year. The partners' GDP is taken as it came about,
so that a miss is a miss of trade and not of growth; what was agreed acts by its own terms
(`sim.laws.preference_effects`), drawn where they are not known; and around it lies the fan that
past forecasts of flows of that size call for (`sim.laws.residuals`). Four plainer forecasts stand
beside it, each with the fan of its own measured errors and on the same draws.

Trade is small beside GDP here, so that the law of one flow stands for the equilibrium; partners may
be any two names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.actors.surprises import RESIDUAL_PREDICTOR, error_parts
from sim.laws.adjustment import phase_in_kernel
from sim.laws.calendar import QUARTERS_PER_YEAR
from sim.laws.preference_effects import Behaviour, Terms, agreement_effect
from sim.laws.residuals import residual_paths
from sim.laws.scores import Score, score
from sim.scenario.sampling import draw_parameters, quantiles
from sim.scenario.streams import Streams
from sim.world.past_terms import NONE, PastTerms
from sim.world.past_trade import PastFlow
from sim.world.scopes import Scope
from sim.world.world import World

FloatArray = NDArray[np.float64]

PERSISTENCE, GDP, GDP_UNIT = "persistence", "gdp", "gdp, elasticity 1"
AVERAGE, MODEL = "gdp and average agreement", "model"
METHODS = (PERSISTENCE, GDP, GDP_UNIT, AVERAGE, MODEL)
GDP_ELASTICITY = 0.5
"""Elasticity of trade to each partner's GDP, that of the forecasts whose errors the fan has [1]."""
AVERAGE_EFFECT = 0.4750
"""Log effect of the average agreement once phased in (Advanced Guide, with border controls)."""
PHASE_IN = ("phase_in_impact", "phase_in_year_4", "phase_in_year_8")
HORIZONS = ((1, 1), (2, 3), (4, 6), (7, 10), (11, 60))
"""Groups of horizons that are scored together, ends included [years]."""


@dataclass(frozen=True)
class Forecast:
    """One flow at one horizon."""

    flow: PastFlow
    year: int
    recorded_musd: float
    gdp_to: int | None
    """Last year to which GDP of both partners is known, held at what it was from there on; None
    if one of them is not known at all."""
    gdp_known: bool
    """Whether GDP of both is known in the base year and in this one."""
    log_sample: Mapping[str, FloatArray]
    """(n_runs,) log of the trade each run forecasts, by method [log musd]."""

    @property
    def horizon_years(self) -> int:
        """Years from the base year."""
        return self.year - self.flow.base_year

    def quantile_musd(self, share: float, method: str = MODEL) -> float:
        """Trade that a share of runs stays below [musd]."""
        return float(np.exp(np.quantile(self.log_sample[method], share)))


Keep = Callable[[Forecast], bool]


@dataclass(frozen=True)
class Hindcast:
    """All forecasts of a table."""

    forecasts: tuple[Forecast, ...]
    n_runs: int
    seed: int

    def scores(self, keep: Keep) -> dict[str, Score]:
        """Scores by method of the forecasts to keep."""
        kept = [forecast for forecast in self.forecasts if keep(forecast)]
        recorded = np.log([forecast.recorded_musd for forecast in kept])
        return {
            method: score(_columns([f.log_sample[method] for f in kept], self.n_runs), recorded)
            for method in METHODS
        }

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


def _ahead(forecast: Forecast) -> float:
    return forecast.horizon_years


def _size(forecast: Forecast) -> float:
    return _base(forecast.flow)


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
    runs: int = 1000,
    seed: int = 1,
) -> Hindcast:
    """Forecast past trade as the model would have.

    Parameters
    ----------
    flows : sequence of PastFlow
        What was recorded.
    world : World
        Its parameters and measured forecast errors are used, not its trade.
    scopes : mapping of str to Scope
        Usual terms by kind, for agreements whose own are not known.
    gdp : mapping of str to mapping of int to float, optional
        GDP by region and year for flows that do not bring their own.
    runs, seed : int
        Size and seed of the ensemble; a flow's draws do not depend on the other flows.

    Raises
    ------
    ValueError
        If a flow's kind of agreement has neither terms of its own nor usual ones.
    """
    streams = Streams(seed, range(runs))
    uniforms = streams.uniform("parameters", list(world.parameters), 1)[..., 0]
    parameters = draw_parameters({}, world.parameters, uniforms)
    forecasts: list[Forecast] = []
    for flow in flows:
        own = tuple(
            series or (gdp or {}).get(state, {})
            for series, state in zip(flow.gdp, (flow.exporter, flow.importer), strict=True)
        )
        forecasts += _forecasts(flow, own, world, scopes, streams, parameters)
    return Hindcast(tuple(forecasts), runs, seed)


def _forecasts(
    flow: PastFlow,
    gdp: tuple[Mapping[int, float], ...],
    world: World,
    scopes: Mapping[str, Scope],
    streams: Streams,
    parameters: Mapping[str, FloatArray],
) -> list[Forecast]:
    """Forecasts of one flow at every year for which something was recorded."""
    n_years = max(flow.horizon_years)
    fans = _fans(flow, world, streams, n_years)
    effect = _yearly_effect(flow, world, scopes, streams, parameters, n_years)
    average = _average_effect(flow, world, n_years)
    start = np.log(_base(flow))
    forecasts = []
    for ahead in flow.horizon_years:
        year = flow.base_year + ahead
        grown = sum(_log_growth(series, flow.base_year, year) for series in gdp)
        ends = [end for series in gdp if (end := _known_to(series, year)) is not None]
        gdp_to = min(ends) if len(ends) == len(gdp) else None
        begins = all(series and min(series) <= flow.base_year for series in gdp)
        fan, own_fan = (fans[name][:, ahead - 1] for name in (RESIDUAL_PREDICTOR, PERSISTENCE))
        with_gdp = start + GDP_ELASTICITY * grown
        samples = {
            PERSISTENCE: start + own_fan,
            GDP: with_gdp + fan,
            GDP_UNIT: start + grown + fan,
            AVERAGE: with_gdp + average[ahead - 1] + fan,
            MODEL: with_gdp + effect[:, ahead - 1] + fan,
        }
        known = begins and gdp_to == year
        forecasts.append(Forecast(flow, year, flow.trade_musd[year], gdp_to, known, samples))
    return forecasts


def _fans(flow: PastFlow, world: World, streams: Streams, n_years: int) -> dict[str, FloatArray]:
    """Log surprise of each calendar year by predictor, (n_runs, n_years)."""
    actor = [f"{flow.exporter}>{flow.importer}@{flow.base_year}"]
    uniform = streams.uniform("past passing residual", actor, n_years)
    normal = streams.normal("past lasting residual", actor, QUARTERS_PER_YEAR * n_years)
    year = np.repeat(np.arange(n_years), QUARTERS_PER_YEAR)
    fans = {}
    for predictor in (RESIDUAL_PREDICTOR, PERSISTENCE):
        parts = error_parts(world, np.array([_base(flow)]), predictor)
        paths = residual_paths(uniform, normal, parts, year)[:, 0]
        yearly = np.log(np.exp(paths).reshape(len(paths), n_years, -1).mean(axis=-1))
        # Measured errors lie around the naive forecast itself, not around a sample's median.
        fans[predictor] = yearly - np.median(yearly, axis=0)
    return fans


def _yearly_effect(
    flow: PastFlow,
    world: World,
    scopes: Mapping[str, Scope],
    streams: Streams,
    parameters: Mapping[str, FloatArray],
    n_years: int,
) -> FloatArray:
    """Log effect of what was agreed over that in the base year, (n_runs, n_years)."""
    n_runs = len(streams.runs)
    if flow.terms.kind == NONE:
        return np.zeros((n_runs, n_years))
    in_force = _in_force(flow)
    # The history begins with the agreement where that was in force before the base year.
    first = min(int(np.floor(in_force)), flow.base_year)
    n_quarters = QUARTERS_PER_YEAR * (flow.base_year + n_years + 1 - first)
    starts = first + np.arange(n_quarters) / QUARTERS_PER_YEAR
    drawn = np.stack([parameters[point] for point in PHASE_IN])
    kernel = phase_in_kernel(*np.maximum.accumulate(drawn, axis=0))
    behaviour = Behaviour(*(parameters[name] for name in Behaviour._fields))
    terms = _drawn_terms(flow, world, scopes, streams)
    path = agreement_effect(terms, behaviour, starts - in_force, kernel)
    yearly = path.reshape(n_runs, -1, QUARTERS_PER_YEAR).mean(axis=-1)
    base = flow.base_year - first
    return np.asarray(yearly[:, base + 1 :] - yearly[:, base : base + 1])


def _average_effect(flow: PastFlow, world: World, n_years: int) -> FloatArray:
    """Log effect if the agreement were an average one, phased in as usual, (n_years,)."""
    if flow.terms.kind == NONE:
        return np.zeros(n_years)
    reached = np.cumsum(phase_in_kernel(*(world.parameters[point].value for point in PHASE_IN)))
    reached = np.concatenate([[0.0], reached])
    years = flow.base_year + np.arange(n_years + 1) + 0.5 - _in_force(flow)
    place = np.clip(np.floor(years * QUARTERS_PER_YEAR).astype(int) + 1, 0, len(reached) - 1)
    effect = AVERAGE_EFFECT * reached[place]
    return np.asarray(effect[1:] - effect[0])


def _drawn_terms(
    flow: PastFlow, world: World, scopes: Mapping[str, Scope], streams: Streams
) -> Terms:
    """Terms of a flow's agreement by run: its own where known, else drawn from the usual ones."""
    terms, n_runs = flow.terms, len(streams.runs)
    scope = scopes.get(terms.kind)
    if scope is None and (terms.covered_share is None or _cut(terms, 1.0) is None):
        raise ValueError(
            f"row {flow.row}: {terms.kind}: this world has no usual terms of it "
            "(agreement_scopes.csv); covered_share and cut are wanted"
        )
    names = ("covered_share", "cut", "border_time_cut")
    actors = [f"{flow.event}{flow.exporter}>{flow.importer}:{name}" for name in names]
    uniform = streams.uniform("past terms", actors, 1)[..., 0]
    rate = terms.tariff_rate
    if rate is None:
        rate = _usual_duty(world, flow)
    known = (terms.covered_share, _cut(terms, rate), terms.border_time_cut)
    usual = (
        (None,) * 3 if scope is None else (scope.covered_share, scope.cut, scope.border_time_cut)
    )
    covered, cut, spared = (
        _values(value, three, uniform[:, k])
        for k, (value, three) in enumerate(zip(known, usual, strict=True))
    )
    steps = terms.phase_in_years
    if steps is None:
        steps = 0.0 if scope is None else scope.phase_in_years
    return Terms(np.full(n_runs, rate), covered, cut, steps, spared)


def _values(
    known: float | None, usual: tuple[float, float, float] | None, uniform: FloatArray
) -> FloatArray:
    if known is not None or usual is None:
        return np.full(len(uniform), known or 0.0)
    low, _, high = usual
    if low == high:
        return np.full(len(uniform), low)
    return quantiles("triangular", usual, uniform)


def _cut(terms: PastTerms, rate: float) -> float | None:
    """Share of the duty taken off, where it or the points taken off are known."""
    if terms.margin_rate is None:
        return terms.cut
    return min(terms.margin_rate / rate, 1.0) if rate > 0.0 else 0.0


def _usual_duty(world: World, flow: PastFlow) -> float:
    """Mean duty of the importer, of both partners, or of all regions, as far as they are known."""
    rates = np.sum(list(world.tariffs.values()), axis=0).mean(axis=0)
    asked = (flow.exporter, flow.importer) if flow.both_directions else (flow.importer,)
    known = [rates[world.region_index(code)] for code in asked if code in world.regions]
    return float(np.mean(known or rates))


def _in_force(flow: PastFlow) -> float:
    """Entry into force [year]; the start of the year after the base where it is not known."""
    return flow.base_year + 1.0 if flow.terms.in_force is None else flow.terms.in_force


def _base(flow: PastFlow) -> float:
    return flow.trade_musd[flow.base_year]


def _known_to(gdp: Mapping[int, float], year: int) -> int | None:
    """Last year up to another one to which GDP is known; None if it is not known at all."""
    if not gdp or year < min(gdp):
        return None
    return min(year, max(gdp))


def _log_growth(gdp: Mapping[int, float], start: int, end: int) -> float:
    """Log growth of GDP between two years, between known ones on a straight line in logs.

    Beyond the last year that is known GDP stays what it was then, before the first what it is in
    that one.

    Examples
    --------
    >>> gdp = {2005: 100.0, 2015: 400.0}
    >>> [round(float(np.exp(_log_growth(gdp, 2005, end))), 9) for end in (2010, 2015, 2020)]
    [2.0, 4.0, 4.0]
    """
    if not gdp:
        return 0.0
    years = sorted(gdp)
    logs = np.log([gdp[year] for year in years])
    low, high = np.interp([start, end], years, logs)
    return float(high - low)


def _columns(samples: Sequence[FloatArray], n_runs: int) -> FloatArray:
    return np.stack(samples, axis=1) if samples else np.empty((n_runs, 0))
