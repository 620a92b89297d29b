"""Estimates from known paths crossed with residual paths, and how sure they are.

What the laws know of a pair's trade and what they do not know multiply and do not depend on each
other, so every known path k can be met with every residual path r:

    trade(k, r) = sum over directions d, quarters q of known(k, d, q) * factor(r, d, q) + apart(k)

K + R paths give K * R pairs. They are no independent sample: pairs in one row share a known path,
pairs in one column a residual path. The mean of any x(k, r) therefore has the variance of a
two-sample statistic (Hoeffding 1948; Owen 2007, *The pigeonhole bootstrap*, eq. 2),

    var = var over k of (mean over r) / K + var over r of (mean over k) / R,

which counts the interaction, of order 1 / (K R), once too often. Weighted means, quantiles and
differences are linearised: `Influence` holds what each known and each residual path contributes.
Effective numbers of paths give the degrees of freedom (Satterthwaite 1946), and shares have
Jeffreys' interval at their effective number of pairs (Korn and Graubard 1998).

Axes: known paths, residual paths. Many known paths come in groups, each crossed with residual paths
of its own; then every argument is a sequence with one array a group.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri, stdtrit

from sim.laws.numerics.arrays import FloatArray

Values = Sequence[FloatArray]
"""One number a pair: (n_known, n_residual) for every group."""

Ranked = tuple[FloatArray, FloatArray | None]
"""Values in rising order, and the share of all weight up to each (None: evenly)."""

COVERAGE = 0.9
"""Coverage of every interval."""
SCARCE = 0.03
"""Share below which the effective number of pairs is measured at this share instead [1]."""
LEAST_WIDTH = 0.01
"""Share of the pairs, on either side, over which a density is measured at least [1]."""
LEAST_EFFECTIVE = 3.0
"""Effective number of pairs below which a quantile has no interval."""


class Estimate(NamedTuple):
    """A number with its 90 % interval of simulation error."""

    value: float
    low: float
    high: float


class Influence(NamedTuple):
    """What each path contributes to the error of an estimate; the sum of squares is its variance.

    Influences of one set of pairs add like the estimates they belong to.
    """

    known: FloatArray
    """(n_known,) contributions of the known paths of all groups."""
    residual: FloatArray
    """The same of the residual paths of all groups."""

    def minus(self, other: "Influence") -> "Influence":
        """Influence on a difference of two estimates on the same pairs."""
        return Influence(self.known - other.known, self.residual - other.residual)

    def times(self, factor: float) -> "Influence":
        """Influence on a multiple of the estimate."""
        return Influence(factor * self.known, factor * self.residual)


def pair_trade(known: FloatArray, factor: FloatArray, apart: FloatArray) -> FloatArray:
    """Trade of every pair of paths in one year.

    Parameters
    ----------
    known : (n_known, n_directions, n_quarters) ndarray
        Trade that the laws expect at a year's rate [musd/year].
    factor : (n_residual, n_directions, n_quarters) ndarray
        What the residual shock makes of it [1].
    apart : (n_known, n_quarters) ndarray
        Trade that has no residual shock [musd/year].

    Returns
    -------
    (n_known, n_residual) ndarray
        Mean over the quarters [musd/year]. Added in a fixed order, so that the bits do not depend
        on which other paths there are.

    Examples
    --------
    >>> pair_trade(np.full((1, 2, 4), 10.0), np.full((3, 2, 4), 2.0), np.full((1, 4), 5.0))
    array([[45., 45., 45.]])
    """
    n_quarters = known.shape[2]
    terms_known = known.reshape(len(known), -1) / n_quarters
    terms_factor = factor.reshape(len(factor), -1)
    total = np.repeat(apart.mean(axis=1)[:, None], len(factor), axis=1)
    for k in range(terms_known.shape[1]):
        total += terms_known[:, k, None] * terms_factor[:, k]
    return np.asarray(total)


@dataclass(frozen=True)
class Pairs:
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

    def influence(self, errors: Values) -> Influence:
        """Influence on the mean of errors whose weighted mean is zero."""
        known, residual = [], []
        for group, (error, weight) in enumerate(zip(errors, self.weight, strict=True)):
            if weight.ndim:
                weighted = error * weight
                rows, columns = weighted.sum(axis=1), weighted.sum(axis=0)
            else:
                rows, columns = error.sum(axis=1) * weight, error.sum(axis=0) * weight
            known.append(rows)
            n = len(columns)
            # Within the group: its mean is the known paths' doing.
            scale = np.sqrt(n / (n - 1)) if n > 1 else 0.0
            residual += self._by_part(scale * (columns - columns.mean()), group)
        n = self.n_known
        return Influence(
            np.concatenate(known) * np.sqrt(n / (n - 1) if n > 1 else 1.0),
            np.concatenate(residual),
        )

    def spread(self, influence: Influence) -> tuple[float, float]:
        """Standard error of an estimate, and the quantile of Student's t that goes with it."""
        by_known = float((influence.known**2).sum())
        by_residual = float((influence.residual**2).sum())
        total = by_known + by_residual
        if self.n_known < 2:
            return np.inf, np.inf
        freedom = [max(n - 1.0, 0.5) for n in self._effective_paths]
        squares = by_known**2 / freedom[0] + by_residual**2 / freedom[1]
        degrees = total**2 / squares if squares > 0 else freedom[0]
        return float(np.sqrt(total)), float(stdtrit(degrees, (1.0 + COVERAGE) / 2))

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
        >>> pairs = Pairs(((2, 3),))
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
        share = self.average(numbers)
        return share, self.influence([number - share for number in numbers])

    def chance(
        self, values: Values, target: float, ends: tuple[float, float] | None = None
    ) -> Estimate:
        """Share of the pairs whose value is at least a target, with its interval.

        Where nearly none or nearly all do, their effective number is that of the pairs beyond the
        outer few in a hundred (`SCARCE`) of the values.
        """
        share, influence = self.reached(values, target)
        n = self._effective_number(share, influence, values, ends)
        low, high = share_interval(share, n)
        return Estimate(share, low, high)

    def ends(self, ranked: Ranked) -> tuple[float, float]:
        """Values that `SCARCE` of the pairs lie below, and above."""
        low, high = self.at_levels(ranked, (SCARCE, 1.0 - SCARCE)).tolist()
        return low, high

    def _effective_number(
        self,
        share: float,
        influence: Influence,
        values: Values,
        ends: tuple[float, float] | None = None,
    ) -> float:
        """Independent draws that would fix a share as well."""
        if not SCARCE <= share <= 1.0 - SCARCE:
            low, high = ends or self.ends(self.ranked(values))
            share, influence = self.reached(values, high if share < 0.5 else low)
        error, t = self.spread(influence)
        if not np.isfinite(error):
            return 0.0
        if error == 0.0 or not 0.0 < share < 1.0:
            return self._effective_paths[0]
        return float(share * (1.0 - share) / error**2 * (ndtri((1.0 + COVERAGE) / 2) / t) ** 2)

    def chance_difference(self, after: Values, before: Values, target: float) -> Estimate:
        """Difference between two shares of the same pairs, with its interval."""
        first, second = (self.reached(values, target) for values in (after, before))
        value = first[0] - second[0]
        moved = any(
            ((a >= target) != (b >= target)).any() for a, b in zip(after, before, strict=True)
        )
        if moved or all(np.array_equal(a, b) for a, b in zip(after, before, strict=True)):
            return self.within(value, first[1].minus(second[1]))
        _, most = share_interval(0.0, self._effective_number(*first, after))
        return Estimate(value, -most, most)

    # --- quantiles ------------------------------------------------------------------------------

    def ranked(self, values: Values) -> Ranked:
        """Values in rising order, and the share of all weight up to each (None: evenly)."""
        flat = np.concatenate([value.ravel() for value in values])
        if self.log_weight is None:
            flat.sort()
            return flat, None
        weight = np.concatenate([each.ravel() for each in self.weight])
        order = np.argsort(flat)
        return flat[order], np.cumsum(weight[order])

    def quantiles(self, values: Values, levels: Sequence[float]) -> FloatArray:
        """Quantiles, (n_levels,): linear between neighbours, or the value that holds the weight."""
        return self.at_levels(self.ranked(values), levels)

    @staticmethod
    def at_levels(ranked: Ranked, levels: Sequence[float]) -> FloatArray:
        """Quantiles read off ranked values, (n_levels,)."""
        values, up_to = ranked
        if up_to is None:
            places = [level * (len(values) - 1) for level in levels]
            return np.asarray(np.interp(places, np.arange(float(len(values))), values))
        return values[np.minimum(np.searchsorted(up_to, levels), len(values) - 1)]

    def below_influence(self, values: Values, at: float) -> Influence:
        """Influence on the share of the pairs at or below a quantile."""
        return self._share([value <= at for value in values])[1]

    def quantile(self, values: Values, level: float, ranked: Ranked | None = None) -> Estimate:
        """A quantile with its interval: that of its share, read off the values."""
        ranked = self.ranked(values) if ranked is None else ranked
        at = float(self.at_levels(ranked, (level,))[0])
        error, t = self.spread(self.below_influence(values, at))
        z = ndtri((1.0 + COVERAGE) / 2)
        if not np.isfinite(error):
            return Estimate(at, -np.inf, np.inf)
        if error == 0.0:
            return Estimate(at, *_all_alike(ranked[0], at))
        n = level * (1.0 - level) / error**2 * (z / t) ** 2
        if n < LEAST_EFFECTIVE:
            return Estimate(at, -np.inf, np.inf)
        low, high = self.at_levels(ranked, share_interval(level, float(n)))
        return Estimate(at, float(low), float(high))

    def quantile_error(self, values: Values, level: float) -> tuple[float, Influence]:
        """A quantile, and the influence on it: that on its share over the density there."""
        ranked = self.ranked(values)
        at = float(self.at_levels(ranked, (level,))[0])
        influence = self.below_influence(values, at)
        error, t = self.spread(influence)
        width = min(max(t * error if np.isfinite(error) else 0.0, LEAST_WIDTH), level, 1.0 - level)
        low, high = self.at_levels(ranked, (level - width, level + width))
        return at, influence.times(-float(high - low) / (2.0 * width))

    def quantile_difference(self, after: Values, before: Values, level: float) -> Estimate:
        """Difference between the same quantile of two sets of values, with its interval."""
        first, second = (self.quantile_error(values, level) for values in (after, before))
        return self.within(first[0] - second[0], first[1].minus(second[1]))


def _all_alike(values: FloatArray, at: float) -> tuple[float, float]:
    """Interval of a quantile whose share has no spread: itself where all values are alike."""
    return (at, at) if values[0] == values[-1] else (float(values[0]), float(values[-1]))


def share_interval(share: float, n: float) -> tuple[float, float]:
    """Jeffreys' interval of a share of so many independent draws, which may be a fraction [1].

    Examples
    --------
    >>> [round(edge, 3) for edge in share_interval(0.5, 10)], share_interval(0.0, 10)[0]
    ([0.262, 0.738], 0.0)
    """
    tail = (1.0 - COVERAGE) / 2
    hits, misses = share * n + 0.5, (1.0 - share) * n + 0.5
    low = 0.0 if share <= 0.0 else float(betaincinv(hits, misses, tail))
    high = 1.0 if share >= 1.0 else float(betaincinv(hits, misses, 1.0 - tail))
    # Of less than one hit the law's lower end may lie above the share itself.
    return min(low, share), max(high, share)
