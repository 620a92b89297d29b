"""Duties that exporters meet on the affected flows, given what the States offer."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray, IndexArray
from sim.laws.numerics.recent_cache import RecentCache
from sim.laws.policy.duty_schedules import (
    Bundles,
    DutyLine,
    PoolTerms,
    StandingDuties,
    bundles,
    terms_of,
)
from sim.simulation.tariffs.affected_flows import AffectedFlows, affected_flows
from sim.simulation.tariffs.concessions import NO_QUOTA, ConcessionTable, TariffOffer
from sim.simulation.tariffs.duty_schedule import DutySchedule


@dataclass(frozen=True)
class DutyTerms:
    """Duties on the affected flows by law, and what consignments on them may claim."""

    flows: AffectedFlows
    concessions: ConcessionTable
    baseline_rate: FloatArray
    """(n_cells,) duty paid in the baseline [1]."""
    schedule: DutySchedule
    """Duties of the own cells without new preferences."""
    bundles: Bundles
    """Lines that consignments of every pool may claim: first those of the own cells without
    quotas."""
    pool_quota: IndexArray
    """(n_pools,) quota of each pool, `NO_QUOTA` for the first n_own."""
    pool_cell: IndexArray
    """(n_pools,) place of each pool's cell among the own ones."""

    @cached_property
    def base(self) -> StandingDuties:
        """Duties of the own cells in the base year."""
        return self.schedule.at(self.flows.place[self.flows.with_terms])

    @cached_property
    def _standing(self) -> RecentCache[StandingDuties]:
        return RecentCache(most=8)

    @cached_property
    def met(self) -> "RecentCache[DutiesMet]":
        """Latest result of `duties`: most quarters change nothing."""
        return RecentCache(most=1)

    def standing(self, quarter: int) -> StandingDuties:
        """Duties of the own cells in a quarter, without new preferences."""
        own = self.flows.place[self.flows.with_terms]
        acting = self.schedule.acting(quarter)
        return self._standing.of(acting, lambda: self.schedule.at(own, quarter))


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


def duty_terms(
    concessions: ConcessionTable,
    schedule: DutySchedule,
    baseline_rate: FloatArray,
    pairs: IndexArray,
    others: IndexArray,
) -> DutyTerms:
    """Collect the flows that concessions, changes of duty, routes and stops touch, with terms.

    Parameters
    ----------
    concessions : ConcessionTable
    schedule : DutySchedule
    baseline_rate : (n_goods, n, n) ndarray
        Duty paid in the baseline [1].
    pairs, others : (n_pairs, 2) ndarray
        Pairs of regions, as `affected_flows` takes them.
    """
    cells = concessions.good, concessions.exporter, concessions.importer
    rows = np.ravel_multi_index(cells, baseline_rate.shape)
    own = np.unique(np.concatenate([rows, schedule.moving()])).astype(np.intp)
    flows = affected_flows(own, pairs, others, baseline_rate.shape)
    pools, quota, cell = _pools(concessions, np.searchsorted(own, rows), len(own))
    return DutyTerms(
        flows=flows,
        concessions=concessions,
        baseline_rate=baseline_rate.reshape(-1)[flows.place],
        schedule=schedule.on(own),
        bundles=bundles(pools),
        pool_quota=np.array(quota, dtype=np.intp),
        pool_cell=np.array(cell, dtype=np.intp),
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


def duties(
    terms: DutyTerms,
    offers: Sequence[TariffOffer],
    parameters: dict[str, FloatArray],
    quarter: int,
) -> DutiesMet:
    """Terms that exporters meet in a quarter, given what the States offer.

    On every consignment the better cut of each layer counts, whichever line or agreement it stands
    in; where several quotas are open on a cell, exporters take the one that spares them more.
    """
    n_runs, table = len(parameters["trade_elasticity"]), terms.concessions
    if not len(terms.flows.with_terms):
        return _nothing(terms, n_runs)
    effect = np.zeros((n_runs, len(table.good)))
    for offer in offers:
        effect[:, offer.rows] = offer.effect
    normal = terms.standing(quarter)
    drawn = parameters["origin_cost_ave"], parameters["preference_use_spread"]
    given = (effect, *normal, *drawn, table.cut, table.origin_cost_ave, table.quota)
    key = tuple(values.tobytes() for values in given)
    return terms.met.of(key, lambda: _met(terms, effect, normal, drawn))


def _met(
    terms: DutyTerms,
    effect: FloatArray,
    normal: StandingDuties,
    drawn: tuple[FloatArray, FloatArray],
) -> DutiesMet:
    """Terms under effects of concessions, (n_runs, n_rows), and duties without them.

    What is drawn are the cost of proving origin and the spread of preference use, by run.
    """
    origin_cost, spread = drawn
    table = terms.concessions
    everywhere = _nothing(terms, len(effect))
    found = terms_of(
        terms.bundles,
        normal.at(terms.pool_cell),
        table.cut * effect[:, None, :],
        origin_cost_ave=np.where(
            np.isnan(table.origin_cost_ave),
            origin_cost[:, None],
            table.origin_cost_ave,
        ),
        spread=spread,
        marked=table.quota != NO_QUOTA,
    )
    for values, own in zip(everywhere, _best(terms, found), strict=True):
        values[:, terms.flows.with_terms] = own
        values.flags.writeable = False
    return everywhere


def _nothing(terms: DutyTerms, n_runs: int) -> DutiesMet:
    """Terms where no preference is new and no duty has changed."""
    shape = (n_runs, len(terms.flows.place))
    rate = np.tile(terms.baseline_rate, (n_runs, 1))
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


def _best(terms: DutyTerms, found: PoolTerms) -> DutiesMet:
    """Terms of the own cells: outside every quota, and with the best quota that is open."""
    n_own = len(terms.flows.with_terms)
    base = 1.0 + terms.base.rate[terms.pool_cell]
    log_duty = np.log((1.0 + found.applied_rate) / base)
    log_origin = np.log(found.origin_cost_factor)
    parts = (log_duty, log_origin, found.applied_rate, found.used_share)
    outside = [values[:, :n_own] for values in parts]
    inside = [values.copy() for values in outside]
    claimed = np.zeros_like(inside[0])
    quota = np.full(claimed.shape, NO_QUOTA, dtype=np.intp)
    for pool in range(n_own, len(terms.pool_cell)):
        at = terms.pool_cell[pool]
        better = log_duty[:, pool] + log_origin[:, pool] < inside[0][:, at] + inside[1][:, at]
        for kept, new in zip(inside, parts, strict=True):
            kept[:, at] = np.where(better, new[:, pool], kept[:, at])
        claimed[:, at] = np.where(better, found.marked_share[:, pool], claimed[:, at])
        quota[:, at] = np.where(better, terms.pool_quota[pool], quota[:, at])
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
