"""Trade of a target's pair in every pair of a known and a residual path, and what is read off it.

One year is in memory at a time, for all variants that are compared; see
`sim.laws.uncertainty.crossing` for the estimates and their intervals. Variants have the same
residual paths and the same weights, so that what differs between them is policy alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.crossing import Estimate, PathPairs, Values
from sim.study.conditioning.pairing import Crossing, Flows, Window
from sim.study.workers.interruption import go_on

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MIDDLE = QUANTILES.index(0.5)
SAME = 1e-9
"""Relative difference below which two numbers differ by rounding alone [1]."""


@dataclass(frozen=True)
class TradeCourse:
    """Trade of one variant towards a target by year, over all pairs of paths."""

    quantiles: FloatArray
    """(n_quantiles, n_years) of the trade; `QUANTILES` says which [musd]."""
    median: tuple[Estimate, ...]
    """Median of each year with its interval [musd]."""
    chance: tuple[Estimate, ...]
    """Chance that each year reaches the target [1]."""
    touched: tuple[Estimate, ...]
    """Chance that it or an earlier year does [1]."""


@dataclass(frozen=True)
class TradeChange:
    """Trade of a variant in the year asked against that of another in the same pairs of paths."""

    chance: Estimate
    """Difference of the chances that the year reaches the target [1]."""
    touched: Estimate
    """Difference of the chances that it or an earlier year does [1]."""
    median: Estimate
    """Difference of the medians [musd]."""
    musd: FloatArray
    """(n_quantiles,) quantiles over the pairs of the difference [musd]."""
    share: FloatArray
    """(n_quantiles,) quantiles over the pairs of the relative difference [1]."""


@dataclass(frozen=True)
class TargetAnswer:
    """Results of crossed paths for one target."""

    courses: Mapping[str, TradeCourse]
    """By variant."""
    changes: Mapping[str, TradeChange]
    """Variants against the one that they are compared with, in the year asked."""
    known_share: Mapping[str, float]
    """Share of the known paths that reach the target in the year asked without any residual
    shock, by variant [1]."""
    crossing: Crossing


def answer_of(
    crossing: Crossing,
    variants: Mapping[str, Flows],
    window: Window,
    at: int,
    target_musd: float,
    *,
    against: str | None = None,
    known: TargetAnswer | None = None,
) -> TargetAnswer:
    """Read everything off the pairs of paths that is told about a target.

    Parameters
    ----------
    crossing : Crossing
    variants : mapping of str to Flows
        By name.
    window : Window
        Years of the answer.
    at : int
        Place of the year asked among them.
    target_musd : float
        What is to be reached [musd/year].
    against : str, optional
        Variant that the others are compared with.
    known : TargetAnswer, optional
        The answer of some of these variants, which is not worked out again.
    """
    told, compared = (known.courses, known.changes) if known else ({}, {})
    new = variants.keys() - told.keys()
    # What the new ones are compared with is needed once more, but not looked at by itself.
    needed = {name: each for name, each in variants.items() if name in new | {against}}
    courses: dict[str, list[tuple[FloatArray, Estimate, Estimate, Estimate]]] = {}
    best: dict[str, list[FloatArray]] = {}
    changes: dict[str, TradeChange] = {}
    for year in range(window.n_years):
        go_on()
        quarters = window.year(year)
        of_year = {name: crossing.trade(flows, quarters) for name, flows in needed.items()}
        for name, values in of_year.items():
            before = best.get(name)
            best[name] = values if before is None else list(map(np.maximum, before, values))
            if name in new:
                entry = _year(crossing.pairs, values, best[name], target_musd)
                courses.setdefault(name, []).append(entry)
        if year == at and against is not None and against in needed:
            changes = {
                name: _change(
                    crossing.pairs, (values, of_year[against]), (best[name], best[against]),
                    target_musd,
                )
                for name, values in of_year.items()
                if name in new and name != against
            }  # fmt: skip
    asked = window.year(at)
    return TargetAnswer(
        courses={**told, **{name: _course(years) for name, years in courses.items()}},
        changes={**compared, **changes},
        known_share={
            name: float((flows.without_shock(asked) >= target_musd).mean())
            for name, flows in variants.items()
        },
        crossing=crossing,
    )


def _year(
    pairs: PathPairs, values: Values, best: Values, target_musd: float
) -> tuple[FloatArray, Estimate, Estimate, Estimate]:
    ranked = pairs.ranked(values)
    ends = pairs.ends(ranked)
    return (
        ranked.at(QUANTILES),
        pairs.quantile(values, 0.5, ranked),
        pairs.chance(values, target_musd, ends),
        # Of a year that is the best so far the ends are others: few fall below those of one year.
        pairs.chance(best, target_musd),
    )


def _course(years: Sequence[tuple[FloatArray, Estimate, Estimate, Estimate]]) -> TradeCourse:
    quantiles, median, chance, touched = zip(*years, strict=True)
    return TradeCourse(np.stack(quantiles, axis=1), median, chance, touched)


def _change(
    pairs: PathPairs,
    values: tuple[Values, Values],
    best: tuple[Values, Values],
    target_musd: float,
) -> TradeChange:
    after, before = values
    difference = [
        # Where an agreement never came about, rounding errors are all that differs.
        np.where(np.abs(a - b) < SAME * b, 0.0, a - b)
        for a, b in zip(after, before, strict=True)
    ]
    share = [ratio_of(d, b, nothing=0.0) for d, b in zip(difference, before, strict=True)]
    settled = [b + d for d, b in zip(difference, before, strict=True)]
    return TradeChange(
        chance=pairs.chance_difference(settled, before, target_musd),
        touched=pairs.chance_difference(*best, target_musd),
        median=pairs.quantile_difference(settled, before, 0.5),
        musd=pairs.quantiles(difference, QUANTILES),
        share=pairs.quantiles(share, QUANTILES),
    )


def ratio_of(value: FloatArray, over: FloatArray, *, nothing: float) -> FloatArray:
    """One over the other, `nothing` where the other is nil, as trade is that has stopped."""
    return np.divide(value, over, out=np.full_like(value, nothing), where=over > 0)


def chances_of_runs(
    crossing: Crossing, flows: Flows, window: Window, at: int, target_musd: float
) -> tuple[FloatArray, FloatArray]:
    """Chance of each run by its known path alone: share of the residual paths that reach.

    Returns
    -------
    in_year, touched : (n_runs,) ndarray
        That reach the target in the year asked, and in it or an earlier year [1].
    """
    n_runs = len(flows.own)
    in_year, touched = np.zeros(n_runs), np.zeros(n_runs)
    groups = crossing.groups
    weights = [
        np.broadcast_to(weight, shape)
        for weight, shape in zip(crossing.pairs.weight, crossing.pairs.shapes, strict=True)
    ]
    best: list[FloatArray] | None = None
    for values in _years(crossing, flows, window, at):
        best = values if best is None else list(map(np.maximum, best, values))
        for group, value, most, weight in zip(groups, values, best, weights, strict=True):
            in_year[group] = _share(value >= target_musd, weight)
            touched[group] = _share(most >= target_musd, weight)
    return in_year, touched


def _share(hit: NDArray[np.bool_], weight: FloatArray) -> FloatArray:
    """Weight of the pairs that hit over that of all, by known path.

    Row by row and by the largest weight of the row, so that a path has the same bits beside any
    others.
    """
    rows = (own / own.max() for own in weight)
    return np.array(
        [row[of_path].sum() / row.sum() for of_path, row in zip(hit, rows, strict=True)]
    )


def _years(crossing: Crossing, flows: Flows, window: Window, at: int) -> Iterator[list[FloatArray]]:
    for year in range(at + 1):
        yield crossing.trade(flows, window.year(year))
