"""Tables of a hindcast: what comes out, and one to start from."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.laws.uncertainty.forecast_scores import BANDS, Score
from sim.store.spreadsheet_cells import csv_of
from sim.study.hindcasts.hindcast import METHODS, Hindcast
from sim.world.world import World

TEMPLATE = """\
# A row is a flow at one later year. Needed: the partners, the years, the trade. Blank: unknown.
# direction: exports (or blank), imports, both. agreement: none, preferential (partial scope),
# free-trade, customs-union, unilateral, transit. Shares and rates: 0.1 is 10 %.
event,exporter,importer,direction,base_year,year,base_trade_musd,trade_musd,\
gdp_exporter_base_musd,gdp_exporter_musd,gdp_importer_base_musd,gdp_importer_musd,\
agreement,in_force,covered_share,tariff_rate,cut,phase_in_years,border_time_cut
deal,AAA,BBB,both,2005,2008,120,150,100000,118000,52000,60000,\
preferential,2006-07,0.05,0.12,0.5,3,
deal,AAA,BBB,both,2005,2010,120,165,100000,127000,52000,66000,\
preferential,2006-07,0.05,0.12,0.5,3,
nothing,CCC,BBB,exports,2005,2010,40,38,9000,12000,52000,66000,none,,,,,,
"""
"""A table to start from, invented; lines that begin with # are passed over."""
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


def forecast_rows(study: Hindcast, groups: Mapping[str, Mapping[str, Score]]) -> dict[str, bytes]:
    """Forecasts and scores as CSV files, by name."""
    medians = [f"{method.replace(',', '').replace(' ', '_')}_musd" for method in METHODS]
    shares = [f"q{100 * share:02.0f}_musd" for share in QUANTILES]
    heading = ["flow", "base_year", "year", "horizon_years", "agreement", "base_trade_musd",
               "recorded_musd", "gdp_known", "gdp_to", *medians, *shares]  # fmt: skip
    middles = np.concatenate([study.quantiles_musd((0.5,), method) for method in METHODS], axis=1)
    points = study.quantiles_musd(QUANTILES)
    forecasts = [
        (
            f.flow.name,
            f.flow.base_year,
            f.year,
            f.horizon_years,
            f.flow.terms.kind,
            f.flow.trade_musd[f.flow.base_year],
            f.recorded_musd,
            "yes" if f.gdp_known else "no",
            "" if f.gdp_to is None else f.gdp_to,
            *middles[k],
            *points[k],
        )
        for k, f in enumerate(study.forecasts)
    ]
    bands = [f"inside_{100 * band:.0f}" for band in BANDS]
    scores = [
        (group, method, s.n, s.rmsle, s.bias, *s.coverage, s.crps)
        for group, by_method in groups.items()
        for method, s in by_method.items()
    ]
    columns = ["forecasts", "method", "n", "rmsle", "bias", *bands, "crps"]
    return {"forecasts.csv": _csv(heading, forecasts), "scores.csv": _csv(columns, scores)}


def score_record(
    study: Hindcast, groups: Mapping[str, Mapping[str, Score]], world: World
) -> dict[str, Any]:
    """Scores as a record for machines."""
    scores: dict[str, dict[str, Any]] = {}
    for group, by_method in groups.items():
        scores[group] = {method: _score_json(score) for method, score in by_method.items()}
    return {
        "scores": scores,
        "n_forecasts": len(study.forecasts),
        "n_runs": study.n_runs,
        "seed": study.seed,
        "world_hash": world.content_hash,
    }


def _score_json(score: Score) -> dict[str, Any]:
    coverage = dict(zip(map(str, BANDS), score.coverage, strict=True))
    return {**score._asdict(), "coverage": coverage}


def _csv(heading: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    return csv_of([heading, *([*map(_plain, row)] for row in rows)])


def _plain(cell: object) -> object:
    """A cell, a number with at most ten digits."""
    return f"{cell:.10g}" if isinstance(cell, float | np.floating) else cell
