"""What the runs say about the question: one finding a target, and the sentence that states it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import bdtr, betaincinv, stdtrit

from sim.laws.calendar import format_quarter, quarter_year
from sim.study.record import by_year, year_ends
from sim.study.variants import AS_ASKED, NO_AGREEMENT

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.world.world import World

FloatArray = NDArray[np.float64]

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
NEGLIGIBLE = 5e-4
"""A change of trade smaller than this is not worth a number [1]."""
WORTH_NAMING = 0.01
"""Share of energy in a pair's trade below which the sentence passes over it [1]."""
INTERVAL = 0.9
"""Coverage of the interval given with a share of runs."""


@dataclass(frozen=True)
class Finding:
    """What the runs say about one target."""

    name: str
    pair: tuple[str, str]
    pair_names: tuple[str, str]
    target_musd: float
    by: str
    """Quarter by which it is to be reached."""
    years: NDArray[np.intp]
    """(n_years,) calendar year in which each year of four quarters ends."""
    trade: FloatArray
    """(n_runs, n_years) trade of the pair in both directions [musd]."""
    variant_trade: Mapping[str, FloatArray]
    """The same for every variant, by name."""
    baseline_musd: float
    """Trade in the base year in the books the run rests on [musd]."""
    at: int
    """Place of the target's year in `years`."""
    energy: FloatArray
    """(n_runs,) energy in the trade of the target's year [musd]."""
    energy_share: float
    """Median share of energy in the trade of the target's year [1]."""
    n_reached: int
    """Runs in which some year up to the target's reaches it."""
    is_probability: bool
    """Whether all three layers of uncertainty were on, so that the share is a probability."""
    is_held: bool = True
    """Whether the books that the run rests on hold the pair's trade themselves."""
    n_stopped: int = 0
    """Runs in which every way of the pair is shut in some quarter, so that no goods are traded."""

    @property
    def directions(self) -> tuple[str, str]:
        """The two directions of the pair's trade, in words."""
        a, b = self.pair_names
        return f"{a} to {b}", f"{b} to {a}"

    @property
    def n_runs(self) -> int:
        """Number of runs."""
        return int(self.trade.shape[0])

    @property
    def energy_shares(self) -> FloatArray:
        """(n_runs,) share of energy in the trade of the target's year [1]."""
        return ratio_of(self.energy, self.trade[:, self.at], nothing=0.0)

    @property
    def energy_share_interval(self) -> tuple[float, float]:
        """What encloses 90 % of these shares over the runs [1]."""
        low, high = np.quantile(self.energy_shares, [QUANTILES[0], QUANTILES[-1]]).tolist()
        return low, high

    @property
    def reached_share(self) -> float:
        """Share of runs that reach the target by its date [1]."""
        return self.n_reached / self.n_runs

    @property
    def reached_interval(self) -> tuple[float, float]:
        """Interval of that share for the number of runs [1]."""
        return share_interval(self.n_reached, self.n_runs)

    @cached_property
    def quantiles(self) -> FloatArray:
        """(n_quantiles, n_years) quantiles of the trade over the runs [musd]."""
        return np.asarray(np.quantile(self.trade, QUANTILES, axis=0))

    def reached_by_year(self, variant: str = AS_ASKED) -> FloatArray:
        """(n_years,) share of a variant's runs that have reached the target by each year [1]."""
        hit = self.variant_trade[variant] >= self.target_musd
        return np.asarray(np.maximum.accumulate(hit, axis=1).mean(axis=0))

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
    tail = (1.0 - INTERVAL) / 2
    hits, misses = n_hits + 0.5, n_runs - n_hits + 0.5
    low = 0.0 if n_hits == 0 else float(betaincinv(hits, misses, tail))
    high = 1.0 if n_hits == n_runs else float(betaincinv(hits, misses, 1.0 - tail))
    return low, high


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
    scenario: "Scenario", world: "World", results: Mapping[str, xr.Dataset]
) -> tuple[Finding, ...]:
    """Findings of every target, in the order of the scenario.

    Parameters
    ----------
    scenario, world
        What was asked and what is.
    results : mapping of str to xarray.Dataset
        Variants by name, from `sim.study.run.run_variants`.
    """
    return tuple(_finding(name, scenario, world, results) for name in scenario.targets)


def _finding(
    name: str, scenario: "Scenario", world: "World", results: Mapping[str, xr.Dataset]
) -> Finding:
    target = scenario.targets[name]
    horizon = scenario.horizon
    last, ends = year_ends(int(horizon.start), int(horizon.end), int(target.by))
    flows = [f"{a}>{b}" for a, b in (target.pair, target.pair[::-1])]

    def pair_trade(result: xr.Dataset) -> FloatArray:
        goods = result["goods_trade"].sel(flow=flows).sum(["flow", "good"])
        energy = result["energy_trade"].sel(flow=flows).sum("flow")
        return by_year((goods + energy).to_numpy(), last)

    place = {code: index for index, code in enumerate(world.regions)}
    i, j = (place[code] for code in target.pair)
    at = int(np.searchsorted(ends, int(target.by)))
    trade = pair_trade(results[AS_ASKED])
    energy = by_year(results[AS_ASKED]["energy_trade"].sel(flow=flows).sum("flow").to_numpy(), last)
    goods = results[AS_ASKED]["goods_trade"].sel(flow=flows).sum(["flow", "good"]).to_numpy()
    stops = (goods <= 0) & bool(world.trade[:, [i, j], [j, i]].any())
    layers = scenario.layers_of_uncertainty
    flow = world.trade.sum(axis=0) + world.energy_trade
    return Finding(
        name=name,
        pair=target.pair,
        pair_names=(world.region_names[i], world.region_names[j]),
        target_musd=target.trade_musd,
        by=format_quarter(int(target.by)),
        years=np.array([quarter_year(int(q)) for q in ends]),
        trade=trade,
        variant_trade={variant: pair_trade(result) for variant, result in results.items()},
        baseline_musd=float(flow[i, j] + flow[j, i]),
        at=at,
        energy=energy[:, at],
        energy_share=float(np.median(ratio_of(energy[:, at], trade[:, at], nothing=0.0))),
        n_reached=int((trade[:, : at + 1] >= target.trade_musd).any(axis=1).sum()),
        is_probability=layers.parameters and layers.chance and layers.residual,
        is_held={(i, j), (j, i)} <= world.held,
        n_stopped=int(stops.any(axis=1).sum()),
    )


def ratio_of(value: FloatArray, over: FloatArray, *, nothing: float) -> FloatArray:
    """One over the other, `nothing` where the other is nil, as trade is that has stopped."""
    return np.divide(value, over, out=np.full_like(value, nothing), where=over > 0)


def sentence(finding: Finding, ledger: str, base_year: int) -> str:
    """The answer in one sentence, numbers rounded to what is known."""
    a, b = finding.pair_names
    low, middle, high = (finding.quantiles[q, finding.at] for q in (0, 2, 4))
    start = f"{a}–{b} trade reaches {money(finding.target_musd)} a year by {finding.by} in "
    count = f"{finding.n_reached} of {finding.n_runs} runs"
    if finding.is_probability:
        near, far = finding.reached_interval
        count += (
            f" ({percent(finding.reached_share)}, {INTERVAL:.0%} interval {percent(near)} to "
            f"{percent(far)})".replace("0%", "0 %")
        )
    else:
        count += " (no probability is given: a layer of uncertainty is switched off)"
    middle_part = (
        f"; the median run trades {money(middle)} in the year to {finding.by} (5–95 %: "
        f"{money(low)} to {money(high)}), against {money(finding.baseline_musd, digits=3)} in "
        f"{base_year} (ledger: {ledger}{'' if finding.is_held else ', which lacks this pair'})"
    )
    clauses = _energy_clause(finding) + _agreement_clause(finding) + _stop_clause(finding)
    return start + count + middle_part + clauses + "."


def _energy_clause(finding: Finding) -> str:
    """How much of a run's trade, and of the target, energy carries: two medians of their own."""
    if finding.energy_share < WORTH_NAMING:
        return ""
    least, carried, most = np.quantile(finding.energy, [0.05, 0.5, 0.95])
    low, high = (percent(float(edge)) for edge in finding.energy_share_interval)
    return (
        f"; energy, in medians of its own, is {percent(finding.energy_share)} of a run's trade "
        f"(5–95 %: {low} to {high}) and {money(carried)} ({money(least)} to {money(most)}), "
        f"{percent(carried / finding.target_musd)} of the target"
    )


def _agreement_clause(finding: Finding) -> str:
    without = finding.variant_trade.get(NO_AGREEMENT)
    if without is None:
        return ""
    ratio = ratio_of(finding.trade[:, finding.at], without[:, finding.at], nothing=1.0) - 1.0
    low, middle, high = np.quantile(ratio, [0.05, 0.5, 0.95])
    if max(abs(low), abs(high)) < NEGLIGIBLE:
        return "; the agreements hardly change that year's trade"
    # Where an agreement never came about, rounding errors are all that differs.
    shown = [f"{100 * round(value, 9):+.2g} %" for value in (middle, low, high)]
    return f"; the agreements change that year's trade by {shown[0]} ({shown[1]} to {shown[2]})"


def _stop_clause(finding: Finding) -> str:
    """Whether trade in goods stops for a while."""
    if not finding.n_stopped:
        return ""
    return (
        f"; in {finding.n_stopped} of {finding.n_runs} runs every way between the two is shut in "
        "some quarter, and their trade in goods stops"
    )


NOTHING_MUSD = 1e-3


def money(musd: float, digits: int = 2) -> str:
    """Million USD in words, rounded to so many digits.

    Examples
    --------
    >>> money(412.3), money(1000.0), money(7.21), money(12_345.0)
    ('410 million USD', '1 billion USD', '7.2 million USD', '12 billion USD')
    """
    if musd < NOTHING_MUSD:
        return "next to nothing"
    rounded = round(musd, digits - 1 - int(np.floor(np.log10(musd))))
    if rounded >= 1000:
        return f"{rounded / 1000:g} billion USD"
    return f"{rounded:g} million USD"


def percent(share: float) -> str:
    """Share in per cent, whole above one per cent.

    Examples
    --------
    >>> percent(0.047), percent(0.0), percent(0.004)
    ('5 %', '0 %', '0.4 %')
    """
    value = 100 * share
    return f"{value:.1f} %" if 0 < value < 1 else f"{value:.0f} %"
