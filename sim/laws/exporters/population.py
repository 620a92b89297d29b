"""A population of firms in its markets, one quarter at a time.

What is kept is the expected share of each stratum's firms in each status, as a departure from its
rest in the baseline: a market where nothing happens departs by exactly nothing, and nothing is
rounded away from it. Which sizes of firms there are is drawn (`Strata.counted`), whether one of
them is noticed within a quarter is not: chance of that kind is part of the surprises that every
pair's trade has anyway. Axes ``(n_runs, n_cells, n_strata)``, in single precision, since shares of
a stratum are summed once and never fed back into prices.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.exporters.attention import Attention
from sim.laws.exporters.firms import STEP, Strata
from sim.laws.exporters.turnover import (
    CUSTOMER_RATE,
    HOPE,
    LEARN_RATE,
    LEAST_NOTICE,
    LEAVE_RATE,
    STAY_SHARE,
    TRIAL_SALES,
    Turnover,
)

FloatArray = NDArray[np.float64]
ShareArray = NDArray[np.float32]

SUNK_SHARE = 0.25
"""Part of the sales a newcomer needs that pays back its entry; an established firm does without
them [1]. Estimated."""
BLOCK = 1 << 15
"""Firm-market states worked on together, so that they stay in the cache."""
MOST_GROWTH = 50.0
"""Log of the growth of trade beyond which no market is told apart from one that is shut or free."""


class Market(NamedTuple):
    """Firms of every market and what they need, constant through a run."""

    turnover: Turnover
    strata: Strata
    n_firms: FloatArray
    """(n_runs or 1, n_cells, n_strata) firms in each stratum."""
    weight: ShareArray
    """(n_runs, n_cells, n_strata) sales of all its firms over the market's trade at rest [1]."""


class Population(NamedTuple):
    """Departures from rest in the baseline, each `(n_runs, n_cells, n_strata)` or a market's."""

    paying: ShareArray
    """Share of the firms whom the market pays enough to enter, as it was last quarter [1]."""
    hopeful: ShareArray
    """Tentative ones that it will turn out not to pay, a departure as all that follow [1]."""
    tentative: ShareArray
    """Tentative ones that it pays [1]."""
    established: ShareArray
    log_customers: FloatArray
    """(n_runs, n_cells) log of the customers of an established firm over those at rest [1]."""


class Standing(NamedTuple):
    """What a quarter's sales are made of, each (n_runs, n_cells), logs over the baseline."""

    price: FloatArray
    """By what customers of old buy."""
    customers: FloatArray
    """By new customers of firms that are there in the baseline too."""
    entry: FloatArray
    """By firms that would not be there, or are there no more."""
    n_tentative: FloatArray
    """Firms that try the market, those who nearly can among them."""
    n_established: FloatArray

    @property
    def log_sales(self) -> FloatArray:
        """Log of the market's sales over its baseline."""
        return self.price + self.customers + self.entry


def open_market(turnover: Turnover, strata: Strata, n_firms: FloatArray) -> Market:
    """Markets whose firms have come to rest.

    Parameters
    ----------
    turnover : Turnover
    strata : Strata
    n_firms : (n_runs or 1, n_cells, n_strata) ndarray
        Firms in each stratum.
    """
    each = strata.sales(turnover.slope)[:, None, :]
    pays = strata.edge >= 0
    active = np.where(pays, turnover.established[:, None], 0.0)
    active = active + TRIAL_SALES * _tentative_at_rest(turnover, strata)
    sales = n_firms * each
    at_rest = (sales * active[:, None, :]).sum(axis=-1, keepdims=True)
    return Market(turnover, strata, n_firms, (sales / at_rest).astype(np.float32))


def _tentative_at_rest(turnover: Turnover, strata: Strata) -> FloatArray:
    """Share of each stratum that is tentative at rest, (n_runs, n_strata)."""
    pays, hopes = strata.edge >= 0, (strata.edge >= -HOPE) & (strata.edge < 0)
    return np.asarray(
        turnover.tentative[:, None] * pays + turnover.hopeful[:, None] * hopes, dtype=np.float64
    )


def first_population(market: Market) -> Population:
    """Firms at rest in the baseline."""
    shape = market.weight.shape
    pays = np.broadcast_to((market.strata.edge >= 0).astype(np.float32), shape)
    nothing = np.zeros(shape, dtype=np.float32)
    return Population(pays, nothing, nothing, nothing, np.zeros(shape[:2]))


def standing(market: Market, population: Population, log_trade: FloatArray) -> Standing:
    """What firms sell this quarter.

    Parameters
    ----------
    market, population
    log_trade : (n_runs, n_cells) ndarray
        Log of the trade that the market would settle at, over its baseline [1].
    """
    turnover, strata = market.turnover, market.strata
    tentative = population.hopeful + population.tentative
    extra = np.float32(TRIAL_SALES) * tentative + population.established
    entry = (extra * market.weight).sum(axis=-1).astype(np.float64)
    at_rest = (market.n_firms * _tentative_at_rest(turnover, strata)[:, None]).sum(axis=-1)
    paid = (market.n_firms * (strata.edge >= 0)).sum(axis=-1)
    return Standing(
        price=turnover.impact[:, None] * _bounded(log_trade),
        customers=population.log_customers,
        entry=np.log1p(np.maximum(entry, -1.0 + 1e-9)),
        n_tentative=at_rest + (market.n_firms * tentative).sum(axis=-1),
        n_established=paid * turnover.established[:, None]
        + (market.n_firms * population.established).sum(axis=-1),
    )


def _bounded(log_trade: FloatArray) -> FloatArray:
    return np.clip(log_trade, -MOST_GROWTH, MOST_GROWTH)


def advance(
    market: Market,
    population: Population,
    log_trade: FloatArray,
    attention: Attention | None = None,
) -> Population:
    """Let firms notice, try, learn, stay and leave for one quarter.

    Parameters
    ----------
    market, population
    log_trade : (n_runs, n_cells) ndarray
        Log of the trade that the market would settle at, over its baseline [1].
    attention : Attention, optional
        What raises the notice or cuts the entry cost this quarter.

    Returns
    -------
    Population
        Firms at the start of the next quarter.
    """
    slope = market.turnover.slope[:, None]
    notice_factor = np.ones_like(log_trade) if attention is None else attention.notice_factor
    entry_cost = np.ones_like(log_trade) if attention is None else attention.entry_cost_factor
    entry_size = np.log(1.0 - SUNK_SHARE + SUNK_SHARE * entry_cost) / slope
    level = _bounded(log_trade)
    thresholds = np.stack(
        [level - entry_size, level + HOPE, level - np.log(1.0 - SUNK_SHARE) / slope]
    )
    positions = _strata_reached(thresholds, slope).astype(np.float32)
    wanted = (slope - market.turnover.impact[:, None]) * level
    wanted = wanted + np.log(np.maximum(notice_factor, LEAST_NOTICE))
    customers = population.log_customers
    moved = [np.empty_like(array) for array in population[:4]]
    runs = max(1, BLOCK // (log_trade.shape[1] * market.strata.n_strata))
    for start in range(0, len(level), runs):
        block = slice(start, start + runs)
        at_rest = _at_rest(market, block)
        shares = (array[block] for array in population[:4])
        new = _advance_block(
            at_rest, *shares, positions[:, block], notice_factor[block].astype(np.float32)
        )
        for kept, found in zip(moved, new, strict=True):
            kept[block] = found
    return Population(*moved, customers + CUSTOMER_RATE * (wanted - customers))


def _strata_reached(size: FloatArray, slope: FloatArray) -> FloatArray:
    """Number of strata below log size 0 that hold firms above ``-size``, in part by their sales."""
    whole = np.floor(size / STEP)
    margin = 1.0 - slope
    part = np.expm1(margin * (size - STEP * whole)) / np.expm1(margin * STEP)
    return np.asarray(whole + part)


class _AtRest(NamedTuple):
    """What a block departs from; shares of a stratum's firms, (n_runs, 1, n_strata)."""

    order: ShareArray
    """(n_strata,) strata between each and log size 0, plus 1 for those below it."""
    pays: ShareArray
    hopes: ShareArray
    hopeful: ShareArray
    tentative: ShareArray
    established: ShareArray
    unaware: ShareArray
    unaware_hopeful: ShareArray
    notice: ShareArray
    """(n_runs, 1, 1)"""


def _at_rest(market: Market, block: slice) -> _AtRest:
    """Rest of a block of runs."""
    edge, turnover = market.strata.edge, market.turnover
    pays, hopes = edge >= 0, (edge >= -HOPE) & (edge < 0)

    def lift(by_run: FloatArray, where: NDArray[np.bool_]) -> ShareArray:
        return (by_run[block, None, None] * where).astype(np.float32)

    return _AtRest(
        order=(np.round(edge / STEP) + 1.0).astype(np.float32),
        pays=pays.astype(np.float32),
        hopes=hopes.astype(np.float32),
        hopeful=lift(turnover.hopeful, hopes),
        tentative=lift(turnover.tentative, pays),
        established=lift(turnover.established, pays),
        unaware=lift(turnover.unaware, pays),
        unaware_hopeful=lift(1.0 - turnover.hopeful, hopes),
        notice=turnover.notice[block, None, None].astype(np.float32),
    )


def _advance_block(
    rest: _AtRest,
    paying: ShareArray,
    hopeful: ShareArray,
    tentative: ShareArray,
    established: ShareArray,
    positions: ShareArray,
    notice_factor: ShareArray,
) -> tuple[ShareArray, ...]:
    """One quarter of a block of runs: the four arrays of `Population` by stratum."""
    pays, tries, stays = (
        np.clip(position[..., None] + rest.order, 0.0, 1.0) for position in positions
    )
    opened = pays - paying
    if opened.any():
        # Firms whom the market comes to pay were hopeful before; firms it ceases to pay are again.
        tiny = np.float32(1e-6)
        joined = np.maximum(opened, 0.0) / np.maximum(tries - paying, tiny)
        fallen = np.minimum(opened, 0.0) / np.maximum(paying, tiny)
        changed = joined * (hopeful + rest.hopeful) + fallen * (tentative + rest.tentative)
        hopeful, tentative = hopeful - changed, tentative + changed
    factor, learn = notice_factor[..., None], np.float32(LEARN_RATE)
    more = factor - np.float32(1.0)
    unaware = np.maximum(pays - rest.pays - tentative - established, -rest.unaware)
    noticed = rest.notice * (factor * unaware + more * rest.unaware)
    waiting = np.maximum(tries - pays - rest.hopes - hopeful, -rest.unaware_hopeful)
    tried = rest.notice * (factor * waiting + more * rest.unaware_hopeful)
    kept = np.float32(1.0 - LEAVE_RATE) * established
    if stays.min() < 1.0:
        kept = kept - learn * (np.float32(1.0) - stays) * (established + rest.established)
    return (
        pays,
        (np.float32(1.0) - learn) * hopeful + tried,
        (np.float32(1.0) - learn) * tentative + noticed,
        kept + np.float32(LEARN_RATE * STAY_SHARE) * tentative,
    )
