"""Schedules of duty: lines of agreements on one good, and what exporters make of them.

Duties of several layers (customs duty, additional duties) are charged on the same value and add.
A line of a schedule cuts some layers by a share and covers a share of the good's trade. Lines nest:
consignments stand in one order, and a line that covers a share ``c`` covers the first ``c`` of it.
So between two neighbouring shares every consignment meets the same lines, and of two cuts of one
layer the better counts. A line that is written twice, split by layer or merged, or stands in
another place, changes nothing.

Lines of agreements whose proof of origin costs alike are claimed with one proof; otherwise an
exporter takes the lines of one cost alone, or all with the dearest proof, whichever saves more.

A `Bundle` is a set of lines that one part of one pool's trade may claim together; pools are what
answers are asked for (a cell of the trade matrix, with or without the lines of one quota).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.policy.tariffs import claim


class DutyLine(NamedTuple):
    """One line of a schedule as far as bundling is concerned."""

    covered_share: float
    """Share of the trade that it covers [1]."""
    origin_cost_ave: float
    """Median cost of proving origin, NaN where a run's parameter stands [1]."""


class Bundles(NamedTuple):
    """Sets of lines to choose from, by pool and part of its trade."""

    line: IndexArray
    """(n_entries,) lines of all bundles, one bundle after the other."""
    start: IndexArray
    """(n_bundles,) where each begins in `line`."""
    part: IndexArray
    """(n_bundles,) part of some pool's trade that it competes for, rising."""
    width: FloatArray
    """(n_parts,) share of the pool's trade in each part [1]."""
    pool: IndexArray
    """(n_parts,) pool of each part, rising."""
    turns: tuple[IndexArray, ...]
    """Bundles split so that no set has a part twice."""


class PoolTerms(NamedTuple):
    """Terms that pools of trade meet, each (n_runs, n_pools)."""

    used_share: FloatArray
    """Share of the trade that claims a preference [1]."""
    applied_rate: FloatArray
    """Average duty paid [1]."""
    origin_cost_factor: FloatArray
    """Factor on the trade cost from proving origin, >= 1 [1]."""
    marked_share: FloatArray
    """Share of the trade that claims with a line that is marked [1]."""


def bundles(pools: Sequence[Sequence[tuple[int, DutyLine]]]) -> Bundles:
    """Collect the sets of lines that each part of each pool may claim.

    Parameters
    ----------
    pools : sequence of sequences of (int, DutyLine)
        Number and terms of the lines of every pool.

    Examples
    --------
    >>> found = bundles([[(0, DutyLine(0.3, 0.02)), (1, DutyLine(1.0, 0.02))]])
    >>> found.width.tolist(), found.line.tolist(), found.start.tolist()
    ([0.3, 0.7], [0, 1, 1], [0, 2])
    """
    line: list[int] = []
    start: list[int] = []
    part: list[int] = []
    width: list[float] = []
    pool_of: list[int] = []
    turns: list[list[int]] = []
    for pool, lines in enumerate(pools):
        shares = sorted({one.covered_share for _, one in lines if one.covered_share > 0.0})
        for below, share in zip([0.0, *shares], shares, strict=False):
            there = [(number, one) for number, one in lines if one.covered_share >= share]
            for turn, numbers in enumerate(_choices(there)):
                if turn == len(turns):
                    turns.append([])
                turns[turn].append(len(start))
                start.append(len(line))
                line += numbers
                part.append(len(width))
            width.append(share - below)
            pool_of.append(pool)
    return Bundles(
        line=np.array(line, dtype=np.intp),
        start=np.array(start, dtype=np.intp),
        part=np.array(part, dtype=np.intp),
        width=np.array(width, dtype=np.float64),
        pool=np.array(pool_of, dtype=np.intp),
        turns=tuple(np.array(numbers, dtype=np.intp) for numbers in turns),
    )


def _choices(lines: Sequence[tuple[int, DutyLine]]) -> list[list[int]]:
    """Lines of each origin cost alone and, where costs differ, all of them together."""
    groups: dict[float | None, list[int]] = {}
    for number, one in lines:
        cost = None if np.isnan(one.origin_cost_ave) else one.origin_cost_ave
        groups.setdefault(cost, []).append(number)
    alone = [groups[cost] for cost in sorted(groups, key=lambda c: (c is None, c or 0.0))]
    return alone if len(alone) < 2 else [*alone, [number for number, _ in lines]]


class StandingDuties(NamedTuple):
    """Duties without the lines, by pool."""

    layer_rates: FloatArray
    """(n_layers, n_pools) duty before any preference [1]."""
    margins: FloatArray
    """(n_layers, n_pools) share off each layer for everybody, without proof to be paid for [1]."""
    extra_rate: FloatArray
    """(n_pools,) duty that no preference touches [1]."""

    @property
    def rate(self) -> FloatArray:
        """Duty of what claims nothing, (n_pools,) [1]."""
        return np.asarray(self.extra_rate + (self.layer_rates * (1.0 - self.margins)).sum(axis=0))

    def at(self, pools: IndexArray) -> "StandingDuties":
        """The same for some of the pools, in the order asked."""
        return StandingDuties(
            self.layer_rates[:, pools], self.margins[:, pools], self.extra_rate[pools]
        )


def terms_of(
    found: Bundles,
    standing: StandingDuties,
    cut: FloatArray,
    *,
    origin_cost_ave: FloatArray,
    spread: FloatArray,
    marked: NDArray[np.bool_],
) -> PoolTerms:
    """Duty and cost of proving origin on every pool when each part takes its best bundle.

    Parameters
    ----------
    found : Bundles
    standing : StandingDuties
        Duties of what claims nothing, by pool.
    cut : (n_runs, n_layers, n_lines) ndarray
        Share that each line takes off each layer now; 0 where it is not in force [1].
    origin_cost_ave : (n_runs, n_lines) ndarray
        Median cost of proving origin as a share of the value [1].
    spread : (n_runs,) ndarray
        Standard deviation of the log of that cost [1].
    marked : (n_lines,) ndarray of bool
        Lines whose use is told apart.
    """
    normal = standing.rate
    n_runs, n_parts = len(cut), len(found.width)
    used, rate, gain = (np.zeros((n_runs, n_parts)) for _ in range(3))
    rate += normal[found.pool]
    with_mark = np.zeros(n_parts, dtype=np.bool_)
    if len(found.line):
        is_marked = np.logical_or.reduceat(marked[found.line], found.start)
        offers = _offers(found, standing, cut, origin_cost_ave)
        with_mark[found.part] = is_marked[np.arange(len(found.part))]
    for bundle in found.turns:
        at = found.part[bundle]
        low, cost = (values[:, bundle] for values in offers)
        tried = claim(normal[found.pool[at]], low, origin_cost_ave=cost, spread=spread[:, None])
        better = tried.gain > gain[:, at]
        for kept, new in zip((used, rate, gain), (tried.used_share, low, tried.gain), strict=True):
            kept[:, at] = np.where(better, new, kept[:, at])

    def on_pools(values: FloatArray) -> FloatArray:
        total = np.zeros((n_runs, len(normal)))
        for k, pool in enumerate(found.pool.tolist()):
            total[:, pool] += found.width[k] * values[:, k]
        return total

    applied = normal + on_pools(used * (rate - normal[found.pool]))
    duty_paid = (1.0 + normal) * (1.0 - on_pools(gain))
    factor = np.maximum(duty_paid / (1.0 + applied), 1.0)
    return PoolTerms(on_pools(used), applied, factor, on_pools(used * with_mark))


def _offers(
    found: Bundles, standing: StandingDuties, cut: FloatArray, origin_cost_ave: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Preferential rate and cost of proving origin of every bundle, (n_runs, n_bundles)."""
    pool = found.pool[found.part]
    best = np.maximum.reduceat(cut[:, :, found.line], found.start, axis=-1)
    best = np.maximum(best, standing.margins[:, pool])
    low = standing.extra_rate[pool] + (standing.layer_rates[:, pool] * (1.0 - best)).sum(axis=1)
    acts = (cut > 0.0).any(axis=1)
    costs = np.where(acts, origin_cost_ave, 0.0)
    return low, np.maximum.reduceat(costs[:, found.line], found.start, axis=-1)


def raised_rate(base: FloatArray, added: FloatArray, levels: FloatArray) -> FloatArray:
    """Duty that rises make of a duty: the highest that any of them says.

    Parameters
    ----------
    base : (...) ndarray
        Duty without them [1].
    added : (..., n_rises) ndarray
        Points that each adds, NaN where it does not act or sets a level [1].
    levels : (..., n_rises) ndarray
        Rate that each sets, above or below the base, NaN where it does not [1].

    Returns
    -------
    (...) ndarray
        The base where none acts.

    Examples
    --------
    >>> nothing = np.nan
    >>> raised_rate(np.array([0.1]), np.array([[0.2, 0.05]]), np.array([[nothing] * 2])).round(9)
    array([0.3])
    >>> raised_rate(np.array([0.1]), np.array([[nothing]]), np.array([[0.02]]))
    array([0.02])
    """
    said = np.concatenate([base[..., None] + added, levels], axis=-1)
    highest = np.max(np.where(np.isnan(said), -np.inf, said), axis=-1, initial=-np.inf)
    return np.asarray(np.where(np.isfinite(highest), highest, base))
