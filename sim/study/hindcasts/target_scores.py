"""Official targets of the past: how many were met, and what the law of growth gave them.

The law starts in the year of the announcement, from the trade stated then, with the GDP of both
sides as it came about and, beyond the last year on record, as the outlook has it; around it lies
the fan of residual shocks of a flow of that size (`sim.study.hindcasts.hindcast`). No agreement or
corridor that was announced with a target acts: what is measured is how a target stands to what
trade of such a pair does by itself. A chance is that of any year up to the deadline.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.laws.uncertainty.forecast_scores import brier_score
from sim.laws.uncertainty.intervals import share_interval
from sim.study.hindcasts.hindcast import MODEL, hindcast
from sim.world.history.terms import PastTerms
from sim.world.history.trade import PastFlow
from sim.world.official_targets import MET, MISSED, OfficialTarget
from sim.world.world import World

RUNS, SEED = 4000, 1
INFLATION = "world_inflation_rate"
Series = Mapping[int, float]
Outlook = tuple[Mapping[str, Series], Series]
"""GDP by region and of the whole world, by year [musd]."""


@dataclass(frozen=True)
class JudgedTarget:
    """One official target and, where the trade it began from is known, its chance."""

    target: OfficialTarget
    chance: float | None
    """Chance that some year up to the deadline reaches it [1]; None where it has none."""
    interval: tuple[float, float] | None
    """90 % interval of the chance for the number of runs [1]."""

    @property
    def is_scored(self) -> bool:
        """True if it has both a chance and a known outcome."""
        return self.chance is not None and self.target.outcome in (MET, MISSED)


@dataclass(frozen=True)
class TargetRecord:
    """Frequency with which targets were met, and quality of the stated chances."""

    n_passed: int
    """Targets whose outcome is known."""
    n_met: int
    met_interval: tuple[float, float]
    """90 % interval of the share met, as if targets were independent draws [1]."""
    reached_shares: tuple[float, ...]
    """Part of the amount that each missed one reached, rising [1]."""
    n_scored: int
    expected_met: float
    """Sum of the chances of those that are scored."""
    n_scored_met: int
    brier: float
    """Mean squared error of the chances; NaN where none is scored."""
    brier_official: float
    """The same of somebody who takes every target for certain."""


@dataclass(frozen=True)
class TargetStudy:
    """All targets on record and what they say together."""

    judged: tuple[JudgedTarget, ...]
    record: TargetRecord


def judge_targets(world: World, *, runs: int = RUNS, seed: int = SEED) -> TargetStudy:
    """Give every target of trade the chance it had, and count how targets ended.

    Parameters
    ----------
    world : World
        Its targets, law of growth, measured errors, GDP and outlook are used, not its trade.
    runs, seed : int
        Size and seed of the fans.
    """
    targets = world.official.targets
    outlook = with_outlook(world)
    flows = {k: _flow(k, one, outlook) for k, one in enumerate(targets) if _has_base(one, outlook)}
    judged = [JudgedTarget(one, None, None) for one in targets]
    if flows:
        done = hindcast(
            list(flows.values()), world, {}, gdp=outlook[0], world_gdp=outlook[1],
            runs=runs, seed=seed,
        )  # fmt: skip
        for k, flow in flows.items():
            paths = np.stack([f.log_sample(MODEL) for f in done.forecasts if f.flow is flow])
            judged[k] = _judged(targets[k], paths)
    return TargetStudy(tuple(judged), record_of(judged))


def outcomes_of(world: World) -> TargetRecord:
    """Record of how targets ended, without the chances that they had."""
    return record_of([JudgedTarget(one, None, None) for one in world.official.targets])


def record_of(judged: Sequence[JudgedTarget]) -> TargetRecord:
    """Count how targets ended and score the chances of those that have one."""
    ended = [one for one in judged if one.target.outcome in (MET, MISSED)]
    met = [one for one in ended if one.target.outcome == MET]
    missed = [one.target.reached_share for one in ended if one.target.outcome == MISSED]
    scored = [one for one in ended if one.is_scored]
    chances = np.array([one.chance for one in scored], dtype=np.float64)
    came = np.array([one.target.outcome == MET for one in scored], dtype=np.float64)
    n = len(ended)
    return TargetRecord(
        n_passed=n,
        n_met=len(met),
        met_interval=share_interval(len(met) / n, n) if n else (0.0, 1.0),
        reached_shares=tuple(sorted(share for share in missed if share is not None)),
        n_scored=len(scored),
        expected_met=float(chances.sum()),
        n_scored_met=int(came.sum()),
        brier=brier_score(chances, came),
        brier_official=brier_score(np.ones_like(came), came),
    )


def with_outlook(world: World) -> Outlook:
    """GDP by year on record, and beyond it as the outlook has it, at constant exchange rates.

    The world grows as its regions do together, weighted by their GDP of the last year on record.
    """
    inflation = world.parameters[INFLATION].value
    rates = {
        region: dict(zip(world.growth_years, world.growth[k] + inflation, strict=True))
        for k, region in enumerate(world.regions)
    }
    weights = world.gdp_musd / world.gdp_musd.sum()
    whole = dict(zip(world.growth_years, weights @ world.growth + inflation, strict=True))
    grown = {
        region: _grown(series, rates.get(region, {}))
        for region, series in world.official.gdp.items()
    }
    return grown, _grown(world.official.world_gdp, whole)


def _grown(series: Series, rates: Series) -> Series:
    """A series carried on from its last year as long as yearly growth is known."""
    carried = dict(series)
    year = max(carried, default=None)
    while year is not None and year + 1 in rates:
        carried[year + 1] = carried[year] * (1.0 + rates[year + 1])
        year += 1
    return carried


def _has_base(target: OfficialTarget, outlook: Outlook) -> bool:
    """True if a chance can be given: a pair of this world, an amount, a base before a date."""
    base, last = target.base_year, target.by_year
    if not all(target.partners) or not target.base_musd or not target.amount:
        return False
    known = all(region in outlook[0] for side in target.partners for region in side)
    return known and base is not None and last is not None and base < last


def _flow(row: int, target: OfficialTarget, outlook: Outlook) -> PastFlow:
    """The flow a target is about, from its base year to the last in which it could be met."""
    base, last = target.base_year, target.by_year
    assert base is not None
    assert last is not None
    assert target.base_musd is not None
    years = range(base, last + 1)
    sides = [_joint_gdp(side, years, outlook) for side in target.partners]
    first, second = ("+".join(side) for side in target.partners)
    return PastFlow(
        event=target.name, exporter=first, importer=second, both_directions=True, base_year=base,
        trade_musd={year: target.base_musd if year == base else 0.0 for year in years},
        gdp=(sides[0], sides[1]), terms=PastTerms(), row=row,
    )  # fmt: skip


def _joint_gdp(side: Sequence[str], years: Sequence[int], outlook: Outlook) -> dict[int, float]:
    """GDP of several regions together in the years in which that of each is known [musd]."""
    of_regions = [outlook[0][region] for region in side]
    total: dict[int, float] = {}
    for year in sorted({*years}.intersection(*of_regions)):
        total[year] = sum(of_region[year] for of_region in of_regions)
    return total


def _judged(target: OfficialTarget, paths: NDArray[np.float64]) -> JudgedTarget:
    """Chance of a target by its (n_years, n_runs) paths of log trade."""
    assert target.amount is not None
    chance = float((paths.max(axis=0) >= np.log(target.amount)).mean())
    return JudgedTarget(target, chance, share_interval(chance, paths.shape[1]))
