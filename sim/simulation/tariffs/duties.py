"""Cells whose terms agreements and routes can change, and the duties and costs on them.

Most of the trade matrix never meets a policy of the scenario. The few cells that do are held in
flat arrays `(n_runs, n_cells)`; the rest stays at its baseline.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.recent import Recent
from sim.laws.policy.duty_schedules import (
    Bundles,
    DutyLine,
    PoolTerms,
    StandingDuties,
    bundles,
    terms_of,
)
from sim.simulation.tariffs.concessions import NO_QUOTA, ConcessionTable, TariffOffer
from sim.simulation.tariffs.duty_schedule import DutySchedule


@dataclass(frozen=True)
class AffectedFlows:
    """Places of the cells in the flattened `(n_goods, n, n)` matrix, and what acts on each."""

    place: IndexArray
    """(n_cells,) flat index of each cell."""
    with_terms: IndexArray
    """(n_own,) cells whose duties can change, rising."""
    pair: IndexArray
    """(n_cells,) pair of regions the cell belongs to, -1 where its cargo is not followed."""
    good: IndexArray
    """(n_cells,) good of the cell."""
    baseline_rate: FloatArray
    """(n_cells,) duty paid in the baseline [1]."""
    schedule: DutySchedule
    """Duties of the own cells without new preferences."""
    bundles: Bundles
    """What consignments of every pool may claim: first those of the own cells without quotas."""
    pool_quota: IndexArray
    """(n_pools,) quota of each pool, `NO_QUOTA` for the first n_own."""
    pool_cell: IndexArray
    """(n_pools,) place of each pool's cell in `with_terms`."""
    quota_musd: FloatArray
    """(n_quotas,) yearly value of each quota, granted once [musd]."""

    @cached_property
    def base(self) -> StandingDuties:
        """Duties of the own cells in the base year."""
        return self.schedule.at(self.place[self.with_terms])

    @cached_property
    def _standing(self) -> Recent[StandingDuties]:
        return Recent(most=8)

    @cached_property
    def met(self) -> "Recent[DutiesMet]":
        """Latest result of `duties`: most quarters change nothing."""
        return Recent(most=1)

    def standing(self, quarter: int) -> StandingDuties:
        """Duties of the own cells in a quarter, without new preferences."""
        own = self.place[self.with_terms]
        acting = self.schedule.acting(quarter)
        return self._standing.of(acting, lambda: self.schedule.at(own, quarter))

    def adjusted_rate(self, log_duty: FloatArray) -> FloatArray:
        """Duty of the own cells, the log factors of all over their baseline given.

        `(n_runs, n_cells)` and `(n_runs, n_own)` [1].
        """
        rate = self.baseline_rate[self.with_terms]
        return rate + (1.0 + rate) * np.expm1(log_duty.take(self.with_terms, axis=1))


class DutiesMet(NamedTuple):
    """Duties met on the cells for one quarter, quotas not yet filled: (n_runs, n_cells).

    Where a quota is open, `log_duty` and its like count it as boundless; `outside` is what is met
    beyond it, and the same elsewhere.
    """

    log_duty: FloatArray
    """Log of the average duty factor over its baseline."""
    log_origin_cost: FloatArray
    """Log of the factor that proving origin puts on the cost."""
    outside_log_duty: FloatArray
    outside_log_origin_cost: FloatArray
    applied_rate: FloatArray
    """Average duty paid [1]."""
    outside_applied_rate: FloatArray
    used_share: FloatArray
    """Share of the trade that would claim a preference [1]."""
    outside_used_share: FloatArray
    claimed_share: FloatArray
    """Share of the trade that would claim the quota [1]."""
    quota: IndexArray
    """Quota that is open on the cell, `NO_QUOTA` for none."""


def find_cells(
    table: ConcessionTable,
    schedule: DutySchedule,
    pairs: IndexArray,
    baseline_rate: FloatArray,
    stopped: IndexArray | None = None,
) -> AffectedFlows:
    """Collect the cells that concessions, changes of duty, routes and stops of commerce touch.

    Parameters
    ----------
    table : ConcessionTable
    schedule : DutySchedule
    pairs : (n_pairs, 2) ndarray
        Pairs of regions whose cargo is followed through the network.
    baseline_rate : (n_goods, n, n) ndarray
        Duty paid in the baseline [1].
    stopped : (n_stops, 2) ndarray, optional
        Pairs of regions whose trade something stops, and others whose cells are wanted whether or
        not anything acts on them.
    """
    n_goods, n, _ = baseline_rate.shape
    rows = np.ravel_multi_index((table.good, table.exporter, table.importer), baseline_rate.shape)
    on_routes = _both_ways(pairs, baseline_rate.shape)
    others = _both_ways(pairs[:0] if stopped is None else stopped, baseline_rate.shape)
    own = np.unique(np.concatenate([rows, schedule.moving()])).astype(np.intp)
    place = np.unique(np.concatenate([own, on_routes, others])).astype(np.intp)
    pair = np.full(len(place), -1, dtype=np.intp)
    pair_index = np.tile(np.arange(len(pairs)), 2 * n_goods)
    pair[np.searchsorted(place, on_routes)] = pair_index
    pools, quota, cell = _pools(table, np.searchsorted(own, rows), len(own))
    return AffectedFlows(
        place=place,
        with_terms=np.searchsorted(place, own).astype(np.intp),
        pair=pair,
        good=(place // (n * n)).astype(np.intp),
        baseline_rate=baseline_rate.reshape(-1)[place],
        schedule=schedule.on(own),
        bundles=bundles(pools),
        pool_quota=np.array(quota, dtype=np.intp),
        pool_cell=np.array(cell, dtype=np.intp),
        quota_musd=table.quota_musd,
    )


def _pools(
    table: ConcessionTable, own_of_row: IndexArray, n_own: int
) -> tuple[list[list[tuple[int, DutyLine]]], list[int], list[int]]:
    """Lines of every pool: of each cell those without a quota, then each quota's with these."""
    free: list[list[tuple[int, DutyLine]]] = [[] for _ in range(n_own)]
    limited: dict[tuple[int, int], list[tuple[int, DutyLine]]] = {}
    for row, cell in enumerate(own_of_row.tolist()):
        line = DutyLine(float(table.covered_share[row]), float(table.origin_cost_ave[row]))
        quota = int(table.quota[row])
        lines = free[cell] if quota == NO_QUOTA else limited.setdefault((cell, quota), [])
        lines.append((row, line))
    pools, quotas, cells = list(free), [NO_QUOTA] * n_own, list(range(n_own))
    for (cell, quota), lines in sorted(limited.items()):
        pools.append([*free[cell], *lines])
        quotas.append(quota)
        cells.append(cell)
    return pools, quotas, cells


def _both_ways(pairs: IndexArray, shape: tuple[int, ...]) -> IndexArray:
    """Flat places of all goods of pairs in both directions, by good, direction and pair."""
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    goods = np.repeat(np.arange(shape[0]), len(ends))
    both = np.tile(ends, (shape[0], 1))
    return np.asarray(np.ravel_multi_index((goods, both[:, 0], both[:, 1]), shape))


def duties(
    cells: AffectedFlows,
    table: ConcessionTable,
    offers: Sequence[TariffOffer],
    parameters: dict[str, FloatArray],
    quarter: int,
) -> DutiesMet:
    """Terms that exporters meet in a quarter, given what the States offer.

    On every consignment the better cut of each layer counts, whichever line or agreement it stands
    in; where several quotas are open on a cell, exporters take the one that spares them more.
    """
    n_runs = len(parameters["trade_elasticity"])
    if not len(cells.with_terms):
        return _nothing(cells, n_runs)
    effect = np.zeros((n_runs, len(table.good)))
    for offer in offers:
        effect[:, offer.rows] = offer.effect
    normal = cells.standing(quarter)
    drawn = parameters["origin_cost_ave"], parameters["preference_use_spread"]
    given = (effect, *normal, *drawn, table.cut, table.origin_cost_ave, table.quota)
    key = tuple(values.tobytes() for values in given)
    return cells.met.of(key, lambda: _met(cells, table, effect, normal, drawn))


def _met(
    cells: AffectedFlows,
    table: ConcessionTable,
    effect: FloatArray,
    normal: StandingDuties,
    drawn: tuple[FloatArray, FloatArray],
) -> DutiesMet:
    """Terms under effects of concessions, (n_runs, n_rows), and duties without them.

    What is drawn are the cost of proving origin and the spread of preference use, by run.
    """
    origin_cost, spread = drawn
    everywhere = _nothing(cells, len(effect))
    found = terms_of(
        cells.bundles,
        normal.at(cells.pool_cell),
        table.cut * effect[:, None, :],
        origin_cost_ave=np.where(
            np.isnan(table.origin_cost_ave),
            origin_cost[:, None],
            table.origin_cost_ave,
        ),
        spread=spread,
        marked=table.quota != NO_QUOTA,
    )
    for values, own in zip(everywhere, _best(cells, found), strict=True):
        values[:, cells.with_terms] = own
        values.flags.writeable = False
    return everywhere


def _nothing(cells: AffectedFlows, n_runs: int) -> DutiesMet:
    """Terms where no preference is new and no duty has changed."""
    shape = (n_runs, len(cells.place))
    rate = np.tile(cells.baseline_rate, (n_runs, 1))
    return DutiesMet(
        log_duty=np.zeros(shape),
        log_origin_cost=np.zeros(shape),
        outside_log_duty=np.zeros(shape),
        outside_log_origin_cost=np.zeros(shape),
        applied_rate=rate,
        outside_applied_rate=rate.copy(),
        used_share=np.zeros(shape),
        outside_used_share=np.zeros(shape),
        claimed_share=np.zeros(shape),
        quota=np.full(shape, NO_QUOTA, dtype=np.intp),
    )


def _best(cells: AffectedFlows, found: PoolTerms) -> DutiesMet:
    """Terms of the own cells: outside every quota, and with the best quota that is open."""
    n_own = len(cells.with_terms)
    base = 1.0 + cells.base.rate[cells.pool_cell]
    log_duty = np.log((1.0 + found.applied_rate) / base)
    log_origin = np.log(found.origin_cost_factor)
    parts = (log_duty, log_origin, found.applied_rate, found.used_share)
    outside = [values[:, :n_own] for values in parts]
    inside = [values.copy() for values in outside]
    claimed = np.zeros_like(inside[0])
    quota = np.full(claimed.shape, NO_QUOTA, dtype=np.intp)
    for pool in range(n_own, len(cells.pool_cell)):
        at = cells.pool_cell[pool]
        better = log_duty[:, pool] + log_origin[:, pool] < inside[0][:, at] + inside[1][:, at]
        for kept, new in zip(inside, parts, strict=True):
            kept[:, at] = np.where(better, new[:, pool], kept[:, at])
        claimed[:, at] = np.where(better, found.marked_share[:, pool], claimed[:, at])
        quota[:, at] = np.where(better, cells.pool_quota[pool], quota[:, at])
    duty, origin, applied, used = zip(inside, outside, strict=True)
    return DutiesMet(
        duty[0],
        origin[0],
        duty[1],
        origin[1],
        applied[0],
        applied[1],
        used[0],
        used[1],
        claimed,
        quota,
    )
