"""Forecasts of past flows side by side: one place in every array for each flow and later year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.laws.growth.trade_growth import GrowthLaw, Sizes, half_of_both, log_growth
from sim.laws.numerics.arrays import FloatArray
from sim.world.history.terms import CUSTOMS_UNION
from sim.world.history.trade import PastFlow

Series = Mapping[int, float]


@dataclass(frozen=True, eq=False)
class ForecastGrid:
    """Known data of every forecast, each `(n_forecasts,)`."""

    flow: NDArray[np.intp]
    """Place of its flow."""
    year: NDArray[np.intp]
    horizon_years: FloatArray
    trade_musd: FloatArray
    """In the base year [musd]."""
    gdp_musd: Sizes
    """In the base year, NaN where not known [musd]."""
    log_gdp_growth: Sizes
    """0 where nothing is known [1]."""
    gdp_to: tuple[int | None, ...]
    gdp_known: tuple[bool, ...]
    both_directions: NDArray[np.bool_]
    new_agreement: FloatArray
    """1 where an agreement of unknown terms has come into force since the base year."""
    new_union: FloatArray


def grid_of(
    flows: Sequence[PastFlow], gdp: Mapping[str, Series], world_gdp: Series
) -> ForecastGrid:
    """Lay the forecasts of all flows side by side.

    Parameters
    ----------
    flows : sequence of PastFlow
    gdp : mapping of str to mapping of int to float
        GDP by region for flows that do not bring their own [musd].
    world_gdp : mapping of int to float
        GDP of the whole world by year [musd].
    """
    flow, year, cells, ends, known = [], [], [], [], []
    whole = LogSeries(world_gdp)
    for place, one in enumerate(flows):
        sides = [
            (series or gdp.get(state, {}), one.gdp_has_unit or not series)
            for series, state in zip(one.gdp, (one.exporter, one.importer), strict=True)
        ]
        logs = [LogSeries(series) for series, _ in sides]
        sizes = [
            log.level(one.base_year) if has_unit else np.nan
            for log, (_, has_unit) in zip(logs, sides, strict=True)
        ]
        fresh = one.is_new_without_terms
        for ahead in one.horizon_years:
            at = one.base_year + ahead
            new = fresh and one.base_year < one.in_force_year < at + 1
            growths = [log.growth(one.base_year, at) for log in (*logs, whole)]
            union = new and one.terms.kind == CUSTOMS_UNION
            cells.append((ahead, one.trade_musd[one.base_year], *sizes, *growths, new, union))
            to = [end for log in logs if (end := log.known_to(at)) is not None]
            ends.append(min(to) if len(to) == len(logs) else None)
            begins = all(log.first is not None and log.first <= one.base_year for log in logs)
            known.append(begins and ends[-1] == at)
            flow.append(place)
            year.append(at)
    columns = np.array(cells, dtype=np.float64).reshape(-1, 9).T
    horizon, base, own, other, *grown, new_, union_ = columns
    years = np.array([one.base_year for one in flows], dtype=np.intp)[flow]
    size = (
        np.exp([whole.log_level(int(y)) for y in years]) if world_gdp else np.full(len(own), np.nan)
    )
    return ForecastGrid(
        flow=np.array(flow, dtype=np.intp),
        year=np.array(year, dtype=np.intp),
        horizon_years=horizon,
        trade_musd=base,
        gdp_musd=Sizes(own, other, size),
        log_gdp_growth=Sizes(*grown),
        gdp_to=tuple(ends),
        gdp_known=tuple(known),
        both_directions=np.array([flows[k].both_directions for k in flow], dtype=np.bool_),
        new_agreement=new_,
        new_union=union_,
    )


def expected_growth(
    law: GrowthLaw, grid: ForecastGrid, median_error: FloatArray | float
) -> FloatArray:
    """Log growth of every flow by the law and the median of its errors, (n_forecasts,) [1].

    Where the size of a partner or of the world is not known, trade grows with half of each
    partner's growth: the law has nothing to say of a flow's distance from gravity then. Of flows
    counted in both directions together each direction is taken for half of the total.
    """
    share = np.where(grid.both_directions, 0.5, 1.0)
    sizes, growth = grid.gdp_musd, grid.log_gdp_growth
    there, back = (
        log_growth(
            law, grid.horizon_years, share * grid.trade_musd,
            Sizes(sizes[a], sizes[b], sizes.world), Sizes(growth[a], growth[b], growth.world),
            new_agreement=grid.new_agreement, new_union=grid.new_union,
        )
        for a, b in ((0, 1), (1, 0))
    )  # fmt: skip
    by_law = np.where(grid.both_directions, 0.5 * (there + back), there) + median_error
    plain = log_growth(half_of_both(), grid.horizon_years, 1.0, Sizes(1.0, 1.0, 1.0), growth)
    return np.where(np.isfinite(by_law), by_law, plain)


class LogSeries:
    """A figure by year, on a straight line in logs between known years.

    Beyond the last year that is known it stays what it was then, before the first what it is in
    that one.

    Examples
    --------
    >>> gdp = LogSeries({2005: 100.0, 2015: 400.0})
    >>> [round(float(np.exp(gdp.growth(2005, end))), 9) for end in (2010, 2015, 2020)]
    [2.0, 4.0, 4.0]
    """

    def __init__(self, series: Series) -> None:
        self._years = sorted(series)
        self._logs = np.log([series[year] for year in self._years])

    @property
    def first(self) -> int | None:
        """First year that is known."""
        return self._years[0] if self._years else None

    def known_to(self, year: int) -> int | None:
        """Last year up to another one that is known; None if there is none."""
        if not self._years or year < self._years[0]:
            return None
        return min(year, self._years[-1])

    def log_level(self, year: int) -> float:
        """Log of the figure in a year; NaN where nothing is known."""
        return float(np.interp(year, self._years, self._logs)) if self._years else float("nan")

    def level(self, year: int) -> float:
        """The figure in a year; NaN where nothing is known."""
        return float(np.exp(self.log_level(year)))

    def growth(self, start: int, end: int) -> float:
        """Log growth between two years; 0 where nothing is known."""
        return self.log_level(end) - self.log_level(start) if self._years else 0.0
