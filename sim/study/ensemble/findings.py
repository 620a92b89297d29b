"""Results of the runs on the question: one finding per target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import bdtr, stdtrit

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.calendar import format_quarter, quarter_year
from sim.laws.uncertainty.crossing import Estimate
from sim.laws.uncertainty.intervals import COVERAGE
from sim.laws.uncertainty.intervals import share_interval as interval_of_share
from sim.study.conditioning.crossed_paths import (
    QUANTILES,
    TargetAnswer,
    TradeChange,
    TradeCourse,
    answer_of,
    ratio_of,
)
from sim.study.conditioning.pairing import Flows, Window, crossing_of
from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT
from sim.study.ensemble.measures import by_year, year_ends
from sim.world.describe.pair_overview import recorded_directions

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World


INTERVAL = COVERAGE
"""Coverage of the interval given with an estimate."""
MIDDLE = QUANTILES.index(0.5)


@dataclass(frozen=True)
class Finding:
    """Results of the runs for one target."""

    name: str
    pair: tuple[str, str]
    pair_names: tuple[str, str]
    target_musd: float
    by: str
    """Quarter by which it is to be reached."""
    years: NDArray[np.intp]
    """(n_years,) calendar year in which each year of four quarters ends."""
    trade: FloatArray
    """(n_runs, n_years) trade of the pair in both directions, each run with the residual path of
    its own number [musd]."""
    variant_trade: Mapping[str, FloatArray]
    """The same for every variant, by name."""
    answer: TargetAnswer
    """What known paths crossed with residual paths say."""
    baseline_musd: float
    """Trade in the base year in the ledgers the run rests on [musd]."""
    at: int
    """Place of the target's year in `years`."""
    energy: FloatArray
    """(n_runs,) energy in the trade of the target's year [musd]."""
    energy_share: float
    """Median share of energy in the trade of the target's year [1]."""
    is_probability: bool
    """Whether all three layers of uncertainty were on, so that a share is a probability."""
    held: tuple[bool, bool] = (True, True)
    """Whether the ledgers that the run rests on record each of the two directions themselves."""
    is_own: bool = False
    """Whether a figure of the scenario stands in for theirs."""
    stated_musd: float | None = None
    """Trade of the base year as those ledgers were quoted, not as they record it [musd]."""
    n_stopped: int = 0
    """Runs in which every route of the pair is shut in some quarter: no goods are traded."""

    @property
    def is_held(self) -> bool:
        """True if these ledgers record both directions."""
        return all(self.held)

    @property
    def directions(self) -> tuple[str, str]:
        """The two directions of the pair's trade, in words."""
        a, b = self.pair_names
        return f"{a} to {b}", f"{b} to {a}"

    @property
    def year_ends(self) -> tuple[str, ...]:
        """Quarters with which the years end."""
        return tuple(f"{year}{self.by[4:]}" for year in self.years)

    @property
    def n_runs(self) -> int:
        """Number of runs, each a known path."""
        return int(self.trade.shape[0])

    @property
    def energy_shares(self) -> FloatArray:
        """(n_runs,) share of energy in the trade of the target's year [1]."""
        return ratio_of(self.energy, self.trade[:, self.at], nothing=0.0)

    @property
    def energy_share_interval(self) -> tuple[float, float]:
        """Interval that encloses 90 % of these shares over the runs [1]."""
        low, high = np.quantile(self.energy_shares, [QUANTILES[0], QUANTILES[-1]]).tolist()
        return low, high

    @property
    def course(self) -> TradeCourse:
        """Trade as asked by year, over all pairs of paths."""
        return self.answer.courses[AS_ASKED]

    @property
    def quantiles(self) -> FloatArray:
        """(n_quantiles, n_years) quantiles of the trade as asked [musd]."""
        return self.course.quantiles

    @property
    def median(self) -> Estimate:
        """Median trade in the year asked, with its interval [musd]."""
        return self.course.median[self.at]

    @property
    def chance(self) -> Estimate:
        """Chance that the year asked reaches the target [1]."""
        return self.course.chance[self.at]

    @property
    def touched(self) -> Estimate:
        """Chance that some year up to the one asked reaches the target [1]."""
        return self.course.touched[self.at]

    @property
    def without(self) -> TradeCourse | None:
        """Trade without agreements by year; None if there are none."""
        return self.answer.courses.get(NO_AGREEMENT)

    @property
    def change(self) -> TradeChange | None:
        """All that is asked against no agreement, in the year asked; None if there is none."""
        return self.answer.changes.get(AS_ASKED)

    @property
    def hits(self) -> NDArray[np.bool_]:
        """(n_runs,) whether each run, with its own residual path, reaches the target in time."""
        return np.asarray((self.trade[:, : self.at + 1] >= self.target_musd).any(axis=1))

    @property
    def first_year(self) -> NDArray[np.intp]:
        """(n_runs,) first year that reaches the target, 0 where none within the horizon does."""
        hit = self.trade >= self.target_musd
        return np.where(hit.any(axis=1), self.years[hit.argmax(axis=1)], 0)


def share_interval(n_hits: int, n_runs: int) -> tuple[float, float]:
    """Interval of a share of runs for their number (Jeffreys) [1].

    Examples
    --------
    >>> [round(edge, 3) for edge in share_interval(5, 10)], share_interval(0, 10)[0]
    ([0.262, 0.738], 0.0)
    """
    return interval_of_share(n_hits / n_runs, n_runs)


def median_interval(values: FloatArray) -> tuple[float, float]:
    """Interval of a median for the number of values, whatever their distribution.

    As many values lie below the median as heads fall among fair coins, so two of the values, as
    far from either end, enclose it; fewer than five never do with enough certainty.

    Examples
    --------
    >>> median_interval(np.arange(1.0, 12.0)), median_interval(np.arange(4.0))
    ((3.0, 9.0), (-inf, inf))
    """
    ranked = np.sort(values)
    at_most = bdtr(np.arange(float(len(ranked))), len(ranked), 0.5)
    n_outside = int((at_most < (1.0 - INTERVAL) / 2).sum())
    if n_outside == 0:
        return -np.inf, np.inf
    return float(ranked[n_outside - 1]), float(ranked[-n_outside])


def mean_interval(values: FloatArray) -> tuple[float, float]:
    """Interval of a mean for the number of values, by Student's t.

    Examples
    --------
    >>> low, high = mean_interval(np.array([1.0, 2.0, 3.0]))
    >>> round(low, 3), round(high, 3)
    (0.314, 3.686)
    """
    n = len(values)
    if n < 2:
        return -np.inf, np.inf
    half = float(stdtrit(n - 1, (1.0 + INTERVAL) / 2) * values.std(ddof=1) / np.sqrt(n))
    mean = float(values.mean())
    return mean - half, mean + half


def findings(
    scenario: "Scenario",
    world: "World",
    results: Mapping[str, xr.Dataset],
    known: Sequence[Finding] | None = None,
) -> tuple[Finding, ...]:
    """Findings of every target, in the order of the scenario.

    Parameters
    ----------
    scenario, world
        What was asked and what is.
    results : mapping of str to xarray.Dataset
        Variants by name, from `sim.study.ensemble.run.run_variants`.
    known : sequence of Finding, optional
        Findings of some of these variants, which are not worked out again.
    """
    before = {finding.name: finding.answer for finding in known or ()}
    return tuple(
        _finding(name, scenario, world, results, before.get(name)) for name in scenario.targets
    )


def _finding(
    name: str,
    scenario: "Scenario",
    world: "World",
    results: Mapping[str, xr.Dataset],
    known: TargetAnswer | None,
) -> Finding:
    target = scenario.targets[name]
    horizon = scenario.horizon
    last, ends = year_ends(int(horizon.start), int(horizon.end), int(target.deadline))
    place = {code: index for index, code in enumerate(world.regions)}
    i, j = (place[code] for code in target.pair)
    at = int(np.searchsorted(ends, int(target.deadline)))
    asked, labels = results[AS_ASKED], flow_labels(target.pair)
    flows = {variant: flows_of(result, target.pair) for variant, result in results.items()}
    trade = {variant: by_year(each.own, last) for variant, each in flows.items()}
    energy = by_year(asked["energy_trade"].sel(flow=labels).sum("flow").to_numpy(), last)[:, at]
    layers = scenario.uncertainty_sources
    flow = world.trade.sum(axis=0) + world.energy_trade
    runs = asked["run"].to_numpy().tolist()
    crossing = known.crossing if known else crossing_of(
        scenario, world, target.pair, runs, flows[AS_ASKED]
    )  # fmt: skip
    answer = answer_of(
        crossing, flows, Window.to(last), at, target.trade_musd, against=NO_AGREEMENT, known=known
    )
    return Finding(
        name=name,
        pair=target.pair,
        pair_names=(world.region_names[i], world.region_names[j]),
        target_musd=target.trade_musd,
        by=format_quarter(int(target.deadline)),
        years=np.array([quarter_year(int(q)) for q in ends]),
        trade=trade[AS_ASKED],
        variant_trade=trade,
        answer=answer,
        baseline_musd=float(flow[i, j] + flow[j, i]),
        at=at,
        energy=energy,
        energy_share=float(np.median(ratio_of(energy, trade[AS_ASKED][:, at], nothing=0.0))),
        is_probability=layers.parameters and layers.events and layers.residual_shocks,
        held=recorded_directions(world, *target.pair),
        is_own=world.has_own_flow(*target.pair),
        stated_musd=_stated(world, target.pair),
        n_stopped=_n_stopped(asked, labels) if world.trade[:, [i, j], [j, i]].any() else 0,
    )


def _n_stopped(asked: xr.Dataset, labels: Sequence[str]) -> int:
    """Runs in which trade in goods stops in some quarter."""
    goods = asked["goods_trade"].sel(flow=labels).sum(["flow", "good"]).to_numpy()
    return int((goods <= 0).any(axis=1).sum())


def _stated(world: "World", pair: tuple[str, str]) -> float | None:
    """Statement about the base year in the ledgers of the run that counts; None without any."""
    said = [
        entry.trade_musd
        for entry in world.stated(*pair)
        if entry.ledger == world.ledger and entry.start.startswith(str(world.base_year))
    ]
    return said[0] if said else None


def flow_labels(pair: tuple[str, str]) -> list[str]:
    """Labels of both directions of a pair in a record."""
    return [f"{a}>{b}" for a, b in (pair, pair[::-1])]


OF_FLOWS = ("goods_trade", "known_trade", "new_trade", "energy_trade")
"""Measures of a pair's trade, with and without its residual shock."""


def flows_of(result: xr.Dataset, pair: tuple[str, str]) -> Flows:
    """Trade of a pair as it was recorded, with and without its residual shock."""
    own = result[[*OF_FLOWS]].sel(flow=flow_labels(pair))
    goods = own["goods_trade"].sum(["flow", "good"])
    return Flows(
        known=own["known_trade"].transpose("run", "flow", "quarter").to_numpy(),
        apart=own["new_trade"].sum("flow").to_numpy(),
        own=(goods + own["energy_trade"].sum("flow")).to_numpy(),
    )


def percent(share: float) -> str:
    """Share in per cent, whole above one per cent.

    Examples
    --------
    >>> percent(0.047), percent(0.0), percent(0.004)
    ('5 %', '0 %', '0.4 %')
    """
    value = 100 * share
    return f"{value:.1f} %" if 0 < value < 1 else f"{value:.0f} %"
