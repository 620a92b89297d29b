"""Comparison of known facts on exporters with the firms at the world's parameters."""

from collections.abc import Iterator

import numpy as np

from sim.laws import firms as exporters
from sim.laws.firms import Attention, ExportMarkets
from sim.laws.numerics.arrays import FloatArray
from sim.laws.policy.adjustment import by_year, stepped_phase_in
from sim.validation.check import Check
from sim.world.load import load_world

SMALL = 0.01
"""Log trade in the long run of the small cut that is followed [1]."""
N_FIRMS, MANY_RUNS = 1000, 200
SETTLED = 400
"""Quarters after which firms are taken to have settled."""
GUIDE = "Yotov and others (2016), Advanced Guide, with border controls"
TURNOVER = "Eaton and others (2007), Colombia: nearly half are new, tiny, most gone the next year"
SEARCH = "Eaton and others (2025), search and learning: ten years over one year"
GRAVITY = "the equilibrium law: what trade settles at"


def known_exporters() -> list[Check]:
    """Checks of the population of firms: phase-in, turnover, rest and attention."""
    parameters = load_world().parameters
    points = [parameters[f"phase_in_{point}"] for point in ("impact", "year_4")]

    def turnover_at(end: str) -> exporters.Turnover:
        return exporters.solve_notice(*([getattr(point, end)] for point in points))

    slowest, turnover, fastest = map(turnover_at, ("low", "value", "high"))
    market = _market(turnover, 1)
    size = {what: parameters[f"{what}_trade_effect"].value for what in ("visit", "consulate")}
    mission = parameters["mission_trade_effect"].value
    fade = parameters["visit_fade_years"].value
    return [
        *_phase_in(market, slowest, fastest),
        *_turnover(turnover),
        *_rest(turnover, market),
        *_attention(market, size["visit"], fade, size["consulate"], mission),
    ]


def _market(turnover: exporters.Turnover, n_runs: int, seed: int | None = None) -> ExportMarkets:
    """One market with as many firms as expected, or as drawn."""
    strata = exporters.size_strata(N_FIRMS)
    firms = np.broadcast_to(strata.expected, (n_runs, 1, strata.n_strata))
    if seed is not None:
        firms = strata.counted(np.random.default_rng(seed).random(firms.shape))
    rates = (np.repeat(rate, n_runs) for rate in turnover)
    return exporters.open_market(exporters.Turnover(*rates), strata, firms)


def _sales(market: ExportMarkets, level: float, log_notice: FloatArray) -> FloatArray:
    """Log sales of every quarter at one long-run level, (n_quarters, n_runs)."""
    population, path = exporters.first_population(market), []
    shape = (market.weight.shape[0], 1)
    for notice in np.exp(log_notice):
        attention = Attention(np.full(shape, notice), np.ones(shape))
        settled = np.full(shape, level)
        path.append(exporters.standing(market, population, settled, attention).log_sales[:, 0])
        population = exporters.advance(market, population, settled, attention)
    return np.array(path)


def _phase_in(
    market: ExportMarkets, slowest: exporters.Turnover, fastest: exporters.Turnover
) -> Iterator[Check]:
    reached = _sales(market, SMALL, np.zeros(44))[:, 0] / SMALL
    case = "exporters, a small cut in typical steps"
    yearly = by_year(stepped_phase_in(reached))
    low, high = (
        by_year(stepped_phase_in(exporters.phase_in(ends, 44)))[0] for ends in (slowest, fastest)
    )
    for years, published in ((0, 0.2436), (4, 0.8493), (8, 0.9952)):
        name = f"share of an agreement's effect in year {years}"
        # The range of the parameters is what is claimed.
        spread = float(high[years] - low[years]) / 2
        yield Check(case, name, published, float(yearly[years]), spread, "1", GUIDE)
    case = "exporters, a small lasting cut"
    later = reached[40:44].mean() / reached[4:8].mean()
    yield Check(
        case, "year beginning after 10 years over after 1", 1.48, float(later), 0.1, "1", SEARCH
    )


def _turnover(turnover: exporters.Turnover) -> Iterator[Check]:
    ledgers, case = exporters.year_on_year(turnover), "exporters, a market at rest"
    for name, published, ours, tolerance in (
        ("share of a year's exporters that are new", 0.5, ledgers.new_share, 0.05),
        ("their share of the year's sales", 0.0, ledgers.new_sales_share, 0.05),
        ("share of them that sell the next year too", 0.25, ledgers.new_survival, 0.25),
    ):
        yield Check(case, name, published, float(ours[0]), tolerance, "1", TURNOVER)


def _rest(turnover: exporters.Turnover, market: ExportMarkets) -> Iterator[Check]:
    case = f"exporters, {N_FIRMS} firms a market"
    still = np.abs(_sales(market, 0.0, np.zeros(40))).max()
    yield Check(case, "drift where nothing happens", 0.0, float(still), 0.0, "log", GRAVITY)
    settled = np.zeros(SETTLED)
    for level in (1.0, -1.0):
        ours = float(_sales(market, level, settled)[-1, 0])
        yield Check(
            case,
            f"where firms settle whom log trade of {level:+g} awaits",
            level,
            ours,
            0.01,
            "log",
            GRAVITY,
        )
    drawn = _sales(_market(turnover, MANY_RUNS, seed=1), 1.0, settled)[-1]
    spread = float(np.quantile(np.abs(drawn - 1.0), 0.95))
    what = "miss of that in 19 runs of 20, firms drawn"
    yield Check(case, what, 0.0, spread, 0.01, "log", GRAVITY)


def _attention(
    market: ExportMarkets, visit: float, fade_years: float, consulate: float, mission: float
) -> Iterator[Check]:
    case, quarters = "exporters, attention", np.arange(44)
    fading = visit * np.clip(1.0 - quarters / (4.0 * fade_years), 0.0, 1.0)
    visited = 100 * np.expm1(_sales(market, 0.0, fading)[:, 0])
    nitsch = "Nitsch (2007): 8 to 10 %, short-lived"
    yield Check(case, "exports after a visit", 9.0, float(visited[0]), 1.0, "%", nitsch)
    yield Check(case, "two years later", 0.0, float(visited[8]), 1.0, "%", nitsch)
    lasting = np.full(44, consulate / float(market.turnover.lasting_gain[0]))
    stands = 100 * np.expm1(_sales(market, 0.0, lasting)[:, 0])
    rose = "Rose (2007): 6 to 10 %"
    yield Check(case, "exports 10 years after a consulate", 8.0, float(stands[40]), 2.0, "%", rose)
    sent = 100 * np.expm1(_sales(market, 0.0, np.full(44, mission))[:, 0]).max()
    head_ries = "Head and Ries (2010): about nothing"
    yield Check(case, "exports after a trade mission", 0.0, float(sent), 1.0, "%", head_ries)
