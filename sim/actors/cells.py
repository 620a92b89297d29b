"""Cells whose terms agreements and ways can change, and the duties and costs on them.

Most of the trade matrix never meets a policy of the scenario. The few cells that do are held in
flat arrays `(n_runs, n_cells)`; the rest stays at its baseline.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.actors.concessions import ConcessionTable
from sim.actors.snapshot import Snapshot
from sim.actors.state import Offer
from sim.laws.tariffs import preference_use, quota_fill

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]


@dataclass(frozen=True)
class Cells:
    """Places of the cells in the flattened `(n_goods, n, n)` matrix, and what acts on each."""

    place: IntArray
    """(n_cells,) flat index of each cell."""
    row_sets: tuple[IntArray, ...]
    """Rows of the concession table split so that no set names a cell twice."""
    cell_of_row: IntArray
    """(n_rows,) cell that each concession row acts on."""
    pair: IntArray
    """(n_cells,) pair of regions the cell belongs to, -1 where its cargo is not followed."""
    good: IntArray
    """(n_cells,) good of the cell."""
    baseline_rate: FloatArray
    """(n_cells,) duty paid in the baseline [1]."""

    @cached_property
    def with_terms(self) -> IntArray:
        """Cells that concessions act on, rising."""
        return np.unique(self.cell_of_row)


class Duties(NamedTuple):
    """What States offer on the cells for one quarter, quotas not yet filled: (n_runs, n_cells)."""

    offered_rate: FloatArray
    """Preferential rate, the baseline's where nothing is in force [1]."""
    used_share: FloatArray
    """Share of the trade that would claim it [1]."""
    quota_musd: FloatArray
    """Yearly value admitted at that rate, infinite without a quota [musd]."""
    log_duty: FloatArray
    """Log of the average duty factor over its baseline, 0 or less."""
    log_origin_cost: FloatArray
    """Log of the factor that proving origin puts on the cost."""


class Paid(NamedTuple):
    """What is paid once quotas are filled, each (n_runs, n_cells)."""

    applied_rate: FloatArray
    """Average duty paid [1]."""
    used_share: FloatArray
    """Share of the trade that enters at the preferential rate [1]."""
    fill_share: FloatArray
    """Part of the quota that is filled, 0 where there is none [1]."""
    log_duty: FloatArray
    """Log of the duty factor that governs the trade, over its baseline."""
    log_origin_cost: FloatArray
    """Log of the factor that proving origin puts on the cost of the last unit."""


def find_cells(table: ConcessionTable, pairs: IntArray, baseline_rate: FloatArray) -> Cells:
    """Collect the cells that concessions and the cost of ways touch.

    Parameters
    ----------
    table : ConcessionTable
    pairs : (n_pairs, 2) ndarray
        Pairs of regions whose cargo is followed through the network.
    baseline_rate : (n_goods, n, n) ndarray
        Duty paid in the baseline [1].
    """
    n_goods, n, _ = baseline_rate.shape
    rows = np.ravel_multi_index((table.good, table.exporter, table.importer), baseline_rate.shape)
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    goods = np.repeat(np.arange(n_goods), len(ends))
    both = np.tile(ends, (n_goods, 1))
    on_ways = np.ravel_multi_index((goods, both[:, 0], both[:, 1]), baseline_rate.shape)
    place = np.unique(np.concatenate([rows, on_ways])).astype(np.intp)
    pair = np.full(len(place), -1, dtype=np.intp)
    pair_index = np.tile(np.arange(len(pairs)), 2 * n_goods)
    pair[np.searchsorted(place, on_ways)] = pair_index
    cell_of_row = np.searchsorted(place, rows).astype(np.intp)
    return Cells(
        place=place,
        row_sets=_row_sets(cell_of_row),
        cell_of_row=cell_of_row,
        pair=pair,
        good=(place // (n * n)).astype(np.intp),
        baseline_rate=baseline_rate.reshape(-1)[place],
    )


def _row_sets(cell_of_row: IntArray) -> tuple[IntArray, ...]:
    """Split rows so that each set has every cell at most once."""
    sets: list[list[int]] = []
    seen: dict[int, int] = {}
    for row, cell in enumerate(cell_of_row.tolist()):
        turn = seen.get(cell, 0)
        seen[cell] = turn + 1
        if turn == len(sets):
            sets.append([])
        sets[turn].append(row)
    return tuple(np.array(rows, dtype=np.intp) for rows in sets)


def duties(
    cells: Cells,
    table: ConcessionTable,
    offers: Sequence[Offer],
    parameters: dict[str, FloatArray],
) -> Duties:
    """Terms that exporters meet, given what the States offer.

    Where two agreements cover a cell, exporters take the cheaper.
    """
    n_runs = len(parameters["trade_elasticity"])
    shape = (n_runs, len(cells.place))
    mfn = np.broadcast_to(cells.baseline_rate, shape)
    best = Duties(
        mfn.copy(), np.zeros(shape), np.full(shape, np.inf), np.zeros(shape), np.zeros(shape)
    )
    if not len(cells.cell_of_row):
        return best
    offered = np.empty((n_runs, len(cells.cell_of_row)))
    active = np.empty(offered.shape, dtype=np.bool_)
    for offer in offers:
        offered[:, offer.rows], active[:, offer.rows] = offer.rate, offer.in_force
    for rows in cells.row_sets:
        at = cells.cell_of_row[rows]
        new = _terms(cells, table, rows, offered[:, rows], parameters)
        cost, best_cost = (d.log_duty + d.log_origin_cost for d in (new, best))
        better = active[:, rows] & (cost < best_cost[:, at])
        for kept, found in zip(best, new, strict=True):
            kept[:, at] = np.where(better, found, kept[:, at])
    return best


def _terms(
    cells: Cells,
    table: ConcessionTable,
    rows: IntArray,
    offered: FloatArray,
    parameters: dict[str, FloatArray],
) -> Duties:
    """Terms of a set of concession rows, one a cell."""
    mfn = cells.baseline_rate[cells.cell_of_row[rows]]
    own_cost = table.origin_cost_ave[rows]
    use = preference_use(
        mfn,
        offered,
        origin_cost_ave=np.where(
            np.isnan(own_cost), parameters["origin_cost_ave"][:, None], own_cost
        ),
        spread=parameters["preference_use_spread"][:, None],
        covered_share=table.covered_share[rows],
    )
    return Duties(
        offered_rate=np.minimum(offered, mfn),
        used_share=use.used_share,
        quota_musd=np.broadcast_to(table.quota_musd[rows], offered.shape),
        log_duty=np.log((1.0 + use.applied_rate) / (1.0 + mfn)),
        log_origin_cost=np.log(use.origin_cost_factor),
    )


def fill_quotas(
    cells: Cells,
    terms: Duties,
    log_duty: FloatArray,
    log_origin_cost: FloatArray,
    snapshot: Snapshot,
    trade_elasticity: FloatArray,
) -> Paid:
    """Fill the quotas and settle what is paid.

    Parameters
    ----------
    cells, terms
        Cells and what is offered on them.
    log_duty, log_origin_cost : (n_runs, n_cells) ndarray
        Log factors of duty and of proving origin that trade has adjusted to, quotas left aside.
    snapshot : Snapshot
        The quarter before; its trade, with its own duty taken out, is the demand.
    trade_elasticity : (n_runs,) ndarray
        Elasticity of trade to its duty-paid cost [1].

    Notes
    -----
    Trade is valued before duty, so it moves with the power ``1 + elasticity`` of the duty factor.
    A full quota raises the duty that governs the trade until what claims the quota just fills it,
    at most to the duty outside. Who holds the quota keeps the difference. As much of the saving
    as the last unit loses, so much of the cost of proving origin it is spared.
    """
    shape, own = log_duty.shape, cells.with_terms
    everywhere = Paid(
        applied_rate=np.tile(cells.baseline_rate, (shape[0], 1)),
        used_share=np.zeros(shape),
        fill_share=np.zeros(shape),
        log_duty=np.zeros(shape),
        log_origin_cost=np.zeros(shape),
    )
    if len(own):
        terms = Duties(*(values[:, own] for values in terms))
        costs = (log_duty[:, own], log_origin_cost[:, own])
        paid = _filled(cells, terms, *costs, snapshot, trade_elasticity)
        for values, found in zip(everywhere, paid, strict=True):
            values[:, own] = found
    return everywhere


def _filled(
    cells: Cells,
    terms: Duties,
    log_duty: FloatArray,
    log_origin_cost: FloatArray,
    snapshot: Snapshot,
    trade_elasticity: FloatArray,
) -> Paid:
    """What is paid on the cells that concessions act on."""
    own = cells.with_terms
    _, exporter, importer = np.unravel_index(cells.place[own], snapshot.trade.shape[1:])
    trade = snapshot.trade.reshape(len(trade_elasticity), -1)[:, cells.place[own]]
    power = 1.0 + trade_elasticity[:, None]
    before = snapshot.log_duty[:, own]
    untaxed = trade * snapshot.surprise[:, exporter, importer] * np.exp(power * before)
    mfn = cells.baseline_rate[own]
    fill = quota_fill(
        untaxed * np.exp(-power * log_duty) * terms.used_share,
        terms.quota_musd,
        quota_rate=(1.0 + mfn) * np.exp(log_duty) - 1.0,
        outside_rate=mfn,
        trade_elasticity=power,
    )
    limited = np.isfinite(terms.quota_musd)
    governing = np.where(limited, np.log((1.0 + fill.marginal_rate) / (1.0 + mfn)), log_duty)
    shipped = untaxed * np.exp(-power * governing)
    inside = np.where(limited, fill.fill_share, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        in_quota = np.where(shipped > 0, inside * terms.quota_musd / shipped, 0.0)
    used = np.where(limited, np.minimum(in_quota, terms.used_share), terms.used_share)
    left = np.divide(governing, log_duty, out=np.ones_like(governing), where=log_duty != 0)
    applied = mfn + used * (terms.offered_rate - mfn)
    return Paid(applied, used, inside, governing, left * log_origin_cost)


def pair_values(cells: Cells, values: FloatArray) -> FloatArray:
    """Values of pairs on every cell of theirs, both directions alike, zero on all others.

    Parameters
    ----------
    cells : Cells
    values : (n_goods, n_pairs, n_runs) ndarray
        By good and pair.

    Returns
    -------
    (n_runs, n_cells) ndarray
    """
    known = np.flatnonzero(cells.pair >= 0)
    answer = np.zeros((values.shape[-1], len(cells.place)))
    answer[:, known] = values[cells.good[known], cells.pair[known]].T
    return answer
