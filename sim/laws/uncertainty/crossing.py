"""Estimates from known paths crossed with residual paths, and how sure they are.

What the laws know of a pair's trade and what they do not know multiply and do not depend on each
other, so every known path k can be met with every residual path r:

    trade(k, r) = sum over directions d, quarters q of known(k, d, q) * factor(r, d, q) + apart(k)

K + R paths give K * R pairs, which are no independent sample: those in one row share a known path,
those in one column a residual path, or a part that it is put together from. The error of an
estimate, also of one with weights that are made to sum to 1, is to first order the sum of what the
pairs contribute. Two pairs depend on each other only by what they share (Hoeffding 1948), and with
parts a and b of the residual paths the variance is that of clusters in three ways (Cameron, Gelbach
and Miller 2011, *Robust inference with multiway clustering*, eq. 2.13),

    var = S(k) + S(a) + S(b) - S(ab) - S(ka) - S(kb) + S(kab)

with S the sum over clusters of the square of the sum within each. Residual paths that are whole
have S(k) + S(r) - S(kr), which is unbiased for the spread among known paths over K, that among
residual paths over R and that of their interaction over K * R together (Owen 2007, *The pigeonhole
bootstrap*, eq. 2). Few pairs have a part and the known path in common, so S(ka) + S(kb) - S(kab) is
taken for S(kab). Rows are those of the jackknife, which allows for what a known path of large
weight does to the estimate itself.

Degrees of freedom are Satterthwaite's (1946), of known and of residual paths by their effective
number and the fourth moment of what they contribute. Intervals: `sim.laws.uncertainty.intervals`.

Axes: known paths, residual paths. Many known paths come in groups with residual paths of their own;
then every argument is a sequence with one array a group.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.intervals import (
    UPPER,
    blended_error,
    difference_interval,
    logistic_interval,
    moment_degrees,
    share_interval,
)
from sim.laws.uncertainty.ranked_values import UnweightedSample, WeightedSample

Values = Sequence[FloatArray]
"""One number a pair: (n_known, n_residual) for every group."""

Sample = UnweightedSample | WeightedSample
"""Values in rising order."""

NOTHING = np.zeros(0)
SCARCE = 0.03
"""Share below which the error is steadied by that of this share [1]."""
MIN_WIDTH = 0.01
"""Share of the pairs, on either side, over which a density is measured at least [1]."""
MIN_LEFT = 0.05
"""Weight that the other known paths are taken to have at least beside one [1]."""
MIN_DEGREES = 0.5
"""Fewest degrees of freedom: a single path carries all."""
MIN_EFFECTIVE = 3.0
"""Effective number of pairs below which a quantile has no interval."""


class Estimate(NamedTuple):
    """A number with its 90 % interval of simulation error."""

    value: float
    low: float
    high: float


class Influence(NamedTuple):
    """Contribution of each path and pair to the error of an estimate.

    Influences of one set of pairs add like the estimates they belong to. Contributions of pairs may
    be left out, which errs on the wide side by what the interaction is worth.
    """

    known: FloatArray
    """(n_known,) contributions of the known paths of all groups."""
    residual: FloatArray
    """The same of the parts of residual paths that are independent, all kinds one after another."""
    paths: FloatArray = NOTHING
    """(n_residual,) contributions of residual paths that have several parts, else nothing."""
    pairs: FloatArray = NOTHING
    """(n_pairs,) contributions of the pairs where paths are crossed, else nothing."""

    def minus(self, other: "Influence") -> "Influence":
        """Influence on a difference of two estimates on the same pairs."""
        return Influence(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))

    def times(self, factor: float) -> "Influence":
        """Influence on a multiple of the estimate."""
        return Influence(*(factor * each for each in self))


@dataclass(frozen=True)
class PathPairs:
    """Weights of the pairs of some groups of known and residual paths.

    Parameters
    ----------
    shapes : sequence of (int, int)
        Known and residual paths of every group.
    log_weight : sequence of ndarray, optional
        Log weight of every pair, `(n_known, n_residual)` a group, on one scale; all alike by
        default.
    """

    shapes: tuple[tuple[int, int], ...]
    log_weight: tuple[FloatArray, ...] | None = None
    parents: tuple[NDArray[np.intp], ...] | None = None
    """Where a residual path is put together from parts that other paths share, the number of each
    part, (n_parts, n_residual) by group: parts are what is independent then, not paths."""

    @property
    def n_pairs(self) -> int:
        """Pairs of paths."""
        return sum(k * r for k, r in self.shapes)

    @property
    def n_known(self) -> int:
        """Known paths."""
        return sum(k for k, _ in self.shapes)

    @property
    def n_residual(self) -> int:
        """Residual paths."""
        return sum(r for _, r in self.shapes)

    @cached_property
    def weight(self) -> tuple[FloatArray, ...]:
        """Weight of every pair, 1 in total; one number a group where all are alike."""
        if self.log_weight is None:
            return (np.array(1.0 / self.n_pairs),) * len(self.shapes)
        top = max(float(each.max()) for each in self.log_weight)
        raw = [np.exp(each - top) for each in self.log_weight]
        total = sum(float(each.sum()) for each in raw)
        return tuple(each / total for each in raw)

    @cached_property
    def effective_sample(self) -> float:
        """Number of pairs of equal weight that would be as good.

        The effective number of known paths times that of residual paths, or of those of their parts
        that are fewest: pairs by themselves would count a path as often as it is met.
        """
        if self.log_weight is None:
            return float(self.n_pairs)
        n_known, n_residual = self._effective_paths
        return n_known * n_residual / len(self.shapes)  # a path meets those of its group

    @cached_property
    def _effective_paths(self) -> tuple[float, float]:
        """Effective numbers of known and of residual paths."""
        known, squares = [], []
        for group, (weight, shape) in enumerate(zip(self.weight, self.shapes, strict=True)):
            full = np.broadcast_to(weight, shape)
            known.append(full.sum(axis=1))
            squares.append([(part**2).sum() for part in self._by_part(full.sum(axis=0), group)])
        n_known = float(1.0 / (np.concatenate(known) ** 2).sum())
        return n_known, float(1.0 / np.sum(squares, axis=0).max())

    def _by_part(self, columns: FloatArray, group: int) -> list[FloatArray]:
        """Sums over the residual paths that have a part in common, for every kind of part."""
        if self.parents is None:
            return [columns]
        return [
            np.bincount(part, weights=columns).astype(np.float64) for part in self.parents[group]
        ]

    @cached_property
    def _leverage(self) -> FloatArray:
        """Factor on the contributions of known paths by which their squares are the jackknife's."""
        shares = [
            np.broadcast_to(weight, shape).sum(axis=1)
            for weight, shape in zip(self.weight, self.shapes, strict=True)
        ]
        n = self.n_known
        left = np.maximum(1.0 - np.concatenate(shares), MIN_LEFT)
        return np.asarray(np.sqrt((n - 1) / n) / left)

    @property
    def _n_parts(self) -> int:
        """Parts of a residual path that others share; itself where it is whole."""
        return 1 if self.parents is None else len(self.parents[0])

    def influence(self, errors: Values) -> Influence:
        """Influence on the mean of errors whose weighted mean is zero."""
        known, residual, paths, pairs = [], [], [], []
        for group, (error, weight) in enumerate(zip(errors, self.weight, strict=True)):
            weighted = error * weight
            columns = weighted.sum(axis=0)
            known.append(weighted.sum(axis=1))
            pairs.append(weighted.ravel())
            paths.append(columns)
            residual += self._by_part(columns, group)
        rows = np.concatenate(known) * self._leverage
        if self.n_residual == 1:  # every run has its own
            return Influence(rows, NOTHING)
        return Influence(
            rows,
            np.concatenate(residual),
            np.concatenate(paths) if self._n_parts > 1 else NOTHING,
            np.concatenate(pairs),
        )

    def spread(self, influence: Influence) -> tuple[float, float]:
        """Standard error of an estimate, and the quantile of Student's t that goes with it."""
        if self.n_known < 2:
            return np.inf, np.inf
        known, residual, paths, pairs = (float((each**2).sum()) for each in influence)
        n_known, n_residual = self._effective_paths
        n_parts = self._n_parts if len(influence.paths) else 1
        columns = paths if n_parts > 1 else residual
        # Of n contributions whose sum is known to be nil, as many as n - 1 are free.
        free_known, free_residual = (1.0 - min(1.0 / n, 0.5) for n in self._effective_paths)
        by_residual = (residual - (n_parts - 1) * paths) / free_residual
        # Pairs also hold what their rows and columns do, each among fewer.
        own = len(self.shapes) * (free_known * known / n_residual + columns / n_known)
        twice = (pairs - own) / (free_known * free_residual)
        total = max(known + by_residual - max(twice, 0.0), known, residual / self._n_parts)
        if total <= 0.0:
            return 0.0, float(stdtrit(self._effective_paths[0] - 1.0, UPPER))
        shares = np.array([known, total - known]) / total
        carried = (influence.known, influence.paths if n_parts > 1 else influence.residual)
        degrees = [
            max(min(moment_degrees(each), n - 1.0), MIN_DEGREES)
            for each, n in zip(carried, self._effective_paths, strict=True)
        ]
        return float(np.sqrt(total)), float(stdtrit(1.0 / (shares**2 / degrees).sum(), UPPER))

    def average(self, values: Values) -> float:
        """Weighted mean."""
        return float(
            sum(
                float((value * weight).sum()) if weight.ndim else float(value.sum() * weight)
                for value, weight in zip(values, self.weight, strict=True)
            )
        )

    def mean(self, values: Values) -> Estimate:
        """Weighted mean with its interval.

        Examples
        --------
        >>> pairs = PathPairs(((2, 3),))
        >>> round(pairs.mean([np.array([[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]])]).value, 3)
        2.5
        """
        centre = self.average(values)
        return self.within(centre, self.influence([value - centre for value in values]))

    def within(self, value: float, influence: Influence) -> Estimate:
        """An estimate with the interval that an influence leaves it."""
        error, t = self.spread(influence)
        half = t * error if np.isfinite(error) else np.inf
        return Estimate(value, value - half, value + half)

    # --- shares ---------------------------------------------------------------------------------

    def reached(self, values: Values, target: float) -> tuple[float, Influence]:
        """Share of the pairs whose value is at least a target, and the influence on it."""
        return self._share([value >= target for value in values])

    def _share(self, hits: Sequence[NDArray[np.bool_]]) -> tuple[float, Influence]:
        numbers = [hit.astype(np.float64) for hit in hits]
        share = min(self.average(numbers), 1.0)  # weights sum to 1 but for their rounding
        return share, self.influence([number - share for number in numbers])

    def chance(
        self, values: Values, target: float, ends: tuple[float, float] | None = None
    ) -> Estimate:
        """Share of the pairs whose value is at least a target, with its interval.

        Where nearly none or nearly all do, their effective number is that of the pairs beyond the
        outer few in a hundred (`SCARCE`) of the values.
        """
        share, influence = self.reached(values, target)
        error, t = self.spread(influence)
        is_likely = SCARCE <= share <= 1.0 - SCARCE
        if is_likely and 0.0 < error < np.inf:
            return Estimate(share, *logistic_interval(share, error, t))
        n, t_likelier = self._likelier(share, influence, values, ends)
        bounds = share_interval(share, n * (ndtri(UPPER) / t_likelier) ** 2 if n else 0.0)
        if is_likely or not 0.0 < error < np.inf:
            return Estimate(share, *bounds)
        low, high = logistic_interval(share, blended_error(share, error, n), t)
        # What is rarer than likelier values is no surer in its outer end than by their error.
        low, high = (low, min(high, bounds[1])) if share < 0.5 else (max(low, bounds[0]), high)
        return Estimate(share, low, high)

    def ends(self, ranked: Sample) -> tuple[float, float]:
        """Values that `SCARCE` of the pairs lie below, and above."""
        low, high = ranked.at((SCARCE, 1.0 - SCARCE)).tolist()
        return low, high

    def _likelier(
        self,
        share: float,
        influence: Influence,
        values: Values,
        ends: tuple[float, float] | None = None,
    ) -> tuple[float, float]:
        """Independent draws that would fix the share of likelier values as well, and t."""
        if not SCARCE <= share <= 1.0 - SCARCE:
            low, high = ends or self.ends(self.ranked(values))
            share, influence = self.reached(values, high if share < 0.5 else low)
        error, t = self.spread(influence)
        if not np.isfinite(error):
            return 0.0, t
        if error == 0.0 or not 0.0 < share < 1.0:
            return self._effective_paths[0], float(ndtri(UPPER))
        return float(share * (1.0 - share) / error**2), t

    def chance_difference(self, after: Values, before: Values, target: float) -> Estimate:
        """Difference between two shares of the same pairs, with its interval."""
        first, second = (self.reached(values, target) for values in (after, before))
        value = first[0] - second[0]
        if all(np.array_equal(a, b) for a, b in zip(after, before, strict=True)):
            return Estimate(0.0, 0.0, 0.0)
        moved = self.average(
            [(a >= target) != (b >= target) for a, b in zip(after, before, strict=True)]
        )
        if moved == 0.0:
            n, t = self._likelier(*first, after)
            _, most = share_interval(0.0, n * (ndtri(UPPER) / t) ** 2 if n else 0.0)
            return Estimate(value, -most, most)
        error, t = self.spread(first[1].minus(second[1]))
        if not np.isfinite(error):
            return Estimate(value, -np.inf, np.inf)
        low, high = difference_interval(value, moved, t * error)
        # Gained is at most what reaches the target after, lost what reached it before.
        most, least = (self.chance(values, target).high for values in (after, before))
        return Estimate(value, max(low, -least), min(high, most))

    # --- quantiles ------------------------------------------------------------------------------

    def ranked(self, values: Values) -> Sample:
        """Values in rising order, with the weights of their pairs."""
        flat = np.concatenate([value.ravel() for value in values])
        if self.log_weight is None:
            return UnweightedSample(flat)
        return WeightedSample(flat, self._flat_weight)

    @cached_property
    def _flat_weight(self) -> FloatArray:
        return np.concatenate([each.ravel() for each in self.weight])

    def quantiles(self, values: Values, levels: Sequence[float]) -> FloatArray:
        """Quantiles, (n_levels,): linear between neighbours, or the value that holds the weight."""
        return self.ranked(values).at(levels)

    def below_influence(self, values: Values, at: float) -> Influence:
        """Influence on the share of the pairs at or below a quantile."""
        return self._share([value <= at for value in values])[1]

    def quantile(self, values: Values, level: float, ranked: Sample | None = None) -> Estimate:
        """A quantile with its interval: that of its share, read off the values."""
        ranked = self.ranked(values) if ranked is None else ranked
        at = float(ranked.at((level,))[0])
        error, t = self.spread(self.below_influence(values, at))
        z = ndtri(UPPER)
        if not np.isfinite(error):
            return Estimate(at, -np.inf, np.inf)
        if error == 0.0:
            return Estimate(at, *ranked.ends)
        n = level * (1.0 - level) / error**2 * (z / t) ** 2
        if n < MIN_EFFECTIVE:
            return Estimate(at, -np.inf, np.inf)
        low, high = ranked.at(share_interval(level, float(n)))
        return Estimate(at, float(low), float(high))

    def quantile_error(self, values: Values, level: float) -> tuple[float, Influence]:
        """A quantile, and the influence on it: that on its share over the density there."""
        ranked = self.ranked(values)
        at = float(ranked.at((level,))[0])
        influence = self.below_influence(values, at)
        error, t = self.spread(influence)
        width = min(max(t * error if np.isfinite(error) else 0.0, MIN_WIDTH), level, 1.0 - level)
        low, high = ranked.at((level - width, level + width))
        return at, influence.times(-float(high - low) / (2.0 * width))

    def quantile_difference(self, after: Values, before: Values, level: float) -> Estimate:
        """Difference between the same quantile of two sets of values, with its interval."""
        first, second = (self.quantile_error(values, level) for values in (after, before))
        return self.within(first[0] - second[0], first[1].minus(second[1]))
