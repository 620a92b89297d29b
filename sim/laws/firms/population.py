"""A population of firms in its markets, one quarter at a time.

Strata of firms stand for the firms in them: as many firms as a scenario wants cost no more than
their strata do. What is kept is the expected share of each stratum's firms in each status, as a
departure from its rest in the baseline: a market where nothing happens departs by exactly nothing,
and nothing is rounded away from it. Which sizes of firms there are is drawn (`Strata.counted`),
whether one of them notices a market within a quarter is not: chance of that kind is part of the
residual shocks that every pair's trade has anyway. Axes ``(n_runs, n_cells, n_strata)``, in single
precision, since shares of a stratum are summed once and never fed back into prices.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.firms.attention import Attention
from sim.laws.firms.sizes import STEP, Strata
from sim.laws.firms.turnover import (
    CUSTOMER_RATE,
    HOPE,
    LEARN_RATE,
    LEAVE_RATE,
    MIN_NOTICE,
    STAY_SHARE,
    TRIAL_SALES,
    Turnover,
)
from sim.laws.numerics.arrays import FloatArray

ShareArray = NDArray[np.float32]

SUNK_SHARE = 0.25
"""Part of the sales a newcomer needs that pays back its entry; an established firm does without
them [1]. Estimated."""
ZERO, ONE, TINY = np.float32(0.0), np.float32(1.0), np.float32(1e-6)
BLOCK = 1 << 15
"""Firm-market states worked on together, so that they stay in the cache."""
MAX_GROWTH = 50.0
"""Log of the growth of trade beyond which no market is told apart from one that is shut or free."""


class Rest(NamedTuple):
    """Initial state that firms depart from, as shares of a stratum's firms."""

    order: ShareArray
    """(n_strata,) what the strata reached are added to for the part of a stratum that is."""
    pays: ShareArray
    """(n_strata,) 1 where the market pays."""
    tries: ShareArray
    """(n_strata,) 1 where firms try."""
    hopeful: ShareArray
    tentative: ShareArray
    established: ShareArray
    """(n_runs, 1, n_strata) shares in each status [1]."""
    notice: ShareArray
    """(n_runs, 1, 1) chance of notice [1]."""

    def of(self, block: slice) -> "Rest":
        """The same for some of the runs."""
        return Rest(*self[:3], *(array[block] for array in self[3:]))


class ExportMarkets(NamedTuple):
    """Firms of every market and what they need, constant through a run."""

    turnover: Turnover
    strata: Strata
    n_firms: FloatArray
    """(n_runs, n_cells, n_strata) firms in each stratum."""
    weight: ShareArray
    """(n_runs, n_cells, n_strata) sales of all its firms over the market's trade at rest [1]."""
    tentative: FloatArray
    established: FloatArray
    """(n_runs, 1, n_strata) shares of a stratum's firms at rest, the hopeful tentative [1]."""
    rest: Rest


class Population(NamedTuple):
    """Firms at the start of a quarter: departures from rest, as shares of a stratum's firms."""

    hopeful: ShareArray
    """(n_runs, n_cells, n_strata) tentative ones that it will turn out not to pay [1]."""
    tentative: ShareArray
    """(n_runs, n_cells, n_strata) tentative ones that it pays [1]."""
    established: ShareArray
    """(n_runs, n_cells, n_strata) [1]."""
    paying: ShareArray
    """(n_runs, n_cells) strata below log size 0 that paid last quarter [1]."""
    deepest: ShareArray
    """(n_runs, n_cells) most of them that ever paid [1]."""
    log_customers: FloatArray
    """(n_runs, n_cells) log of the customers of an established firm over those at rest [1]."""


class SalesFactors(NamedTuple):
    """Components of a quarter's sales: logs over the baseline, each (n_runs, n_cells) [1]."""

    price: FloatArray
    """By what customers of old buy."""
    customers: FloatArray
    """By new customers of firms that are there in the baseline too, and by their notice."""
    entry: FloatArray
    """By firms that would not be there, or are there no more."""

    @property
    def log_sales(self) -> FloatArray:
        """Log of the market's sales over its baseline."""
        return self.price + self.customers + self.entry


class Census(NamedTuple):
    """Number of firms in each market, (n_runs, n_cells)."""

    tentative: FloatArray
    """Firms that try the market, those that it will not pay among them."""
    established: FloatArray


def open_market(turnover: Turnover, strata: Strata, n_firms: FloatArray) -> ExportMarkets:
    """Markets whose firms have come to rest.

    Parameters
    ----------
    turnover : Turnover
    strata : Strata
    n_firms : (n_runs or 1, n_cells, n_strata) ndarray
        Firms in each stratum.
    """
    each = strata.sales(turnover.slope)[:, None, :]
    pays, hopes = strata.edge >= 0, (strata.edge >= -HOPE) & (strata.edge < 0)
    established = turnover.established[:, None, None] * pays
    tentative = turnover.tentative[:, None, None] * pays
    tentative = tentative + turnover.hopeful[:, None, None] * hopes
    sales = n_firms * each
    at_rest = (sales * (established + TRIAL_SALES * tentative)).sum(axis=-1, keepdims=True)
    weight = (sales / at_rest).astype(np.float32)
    return ExportMarkets(
        turnover,
        strata,
        np.broadcast_to(n_firms, weight.shape),
        weight,
        tentative,
        established,
        _at_rest(turnover, strata),
    )


def _at_rest(turnover: Turnover, strata: Strata) -> Rest:
    """Initial state of the firms in every stratum."""
    pays, tries = strata.edge >= 0, strata.edge >= -HOPE

    def lift(by_run: FloatArray, where: NDArray[np.bool_] | float = 1.0) -> ShareArray:
        return np.asarray(by_run[:, None, None] * where, dtype=np.float32)

    return Rest(
        order=(np.round(strata.edge / STEP) + 1.0).astype(np.float32),
        pays=pays.astype(np.float32),
        tries=tries.astype(np.float32),
        hopeful=lift(turnover.hopeful, tries & ~pays),
        tentative=lift(turnover.tentative, pays),
        established=lift(turnover.established, pays),
        notice=lift(turnover.notice),
    )


def first_population(market: ExportMarkets) -> Population:
    """Firms at rest in the baseline."""
    shape = market.weight.shape
    nothing, none = np.zeros(shape, dtype=np.float32), np.zeros(shape[:2], dtype=np.float32)
    return Population(nothing, nothing, nothing, none, none, np.zeros(shape[:2]))


def standing(
    market: ExportMarkets,
    population: Population,
    log_trade: FloatArray,
    attention: Attention | None = None,
) -> SalesFactors:
    """Return the sales factors of firms for this quarter.

    Parameters
    ----------
    market, population
    log_trade : (n_runs, n_cells) ndarray
        Log of the trade that the market would settle at, over its baseline [1].
    attention : Attention, optional
        What raises the notice of buyers this quarter.
    """
    attention = attention or Attention.none(log_trade.shape)
    hopeful, tentative, established = (_summed(market.weight, s) for s in population[:3])
    entry = TRIAL_SALES * (hopeful + tentative) + established
    return SalesFactors(
        price=market.turnover.impact[:, None] * _bounded(log_trade),
        customers=population.log_customers + np.log(_notice(attention)),
        entry=np.log1p(np.maximum(entry, -1.0 + np.exp(-MAX_GROWTH))),
    )


def census(market: ExportMarkets, population: Population) -> Census:
    """Firms that are in each market at the start of a quarter."""
    tentative = market.tentative + population.hopeful
    return Census(
        tentative=_summed(market.n_firms, tentative + population.tentative),
        established=_summed(market.n_firms, market.established + population.established),
    )


def _summed(weight: NDArray[np.floating], shares: NDArray[np.floating]) -> FloatArray:
    """Sum over strata, (n_runs, n_cells)."""
    return np.asarray(np.einsum("rck,rck->rc", weight, shares), dtype=np.float64)


def _notice(attention: Attention) -> FloatArray:
    return np.maximum(attention.notice_factor, MIN_NOTICE)


def _bounded(log_trade: FloatArray) -> FloatArray:
    return np.clip(log_trade, -MAX_GROWTH, MAX_GROWTH)


def advance(
    market: ExportMarkets,
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
    if attention is None and not any(array.any() for array in (log_trade, *population)):
        return population
    slope = market.turnover.slope[:, None]
    attention = attention or Attention.none(log_trade.shape)
    notice = _notice(attention)
    entry_size = np.log1p(SUNK_SHARE * (attention.entry_cost_factor - 1.0)) / slope
    level = _bounded(log_trade)
    paying = _strata_reached(level - entry_size, slope)
    wanted = (slope - market.turnover.impact[:, None]) * level
    new = Population(
        population.hopeful.copy(),
        population.tentative.copy(),
        population.established.copy(),
        paying,
        np.maximum(population.deepest, paying),
        population.log_customers + CUSTOMER_RATE * (wanted - population.log_customers),
    )
    trying = _strata_reached(level + HOPE, slope)
    staying = _strata_reached(level - np.log1p(-SUNK_SHARE) / slope, slope)
    n_runs = max(1, BLOCK // (log_trade.shape[1] * market.strata.n_strata))
    for start in range(0, len(level), n_runs):
        block = slice(start, start + n_runs)
        shares = new.hopeful[block], new.tentative[block], new.established[block]
        firms = _Firms(*shares, market.rest.of(block))
        firms.reclassify(population.paying[block], paying[block], trying[block])
        if (staying[block] < population.deepest[block]).any():
            firms.give_up(staying[block], population.deepest[block])
        firms.meet(paying[block], trying[block], notice[block].astype(np.float32))
    return new


def _strata_reached(size: FloatArray, slope: FloatArray) -> ShareArray:
    """Number of strata below log size 0 that hold firms above ``-size``, in part by their sales."""
    whole = np.floor(size / STEP)
    margin = 1.0 - slope
    part = np.expm1(margin * (size - STEP * whole)) / np.expm1(margin * STEP)
    return (whole + part).astype(np.float32)


class _Firms(NamedTuple):
    """Firms of a block of runs, changed in place: what a quarter does to them, in order."""

    hopeful: ShareArray
    tentative: ShareArray
    established: ShareArray
    rest: Rest

    def _reached(self, strata: ShareArray) -> ShareArray:
        """Part of each stratum that `strata` of them cover."""
        covered: ShareArray = strata[..., None] + self.rest.order
        # Half the time of the array library's own way to say so.
        np.maximum(covered, ZERO, out=covered)
        np.minimum(covered, ONE, out=covered)
        return covered

    def reclassify(self, before: ShareArray, now: ShareArray, trying: ShareArray) -> None:
        """Hopeful firms that the market comes to pay are tentative, those it ceases to, hopeful."""
        if np.array_equal(before, now):
            return
        opened = self._reached(now)
        opened -= self._reached(before)
        run, cell, stratum = np.nonzero(opened)
        if not len(run):
            return
        here, order = (run, cell, stratum), self.rest.order[stratum]
        step = opened[here]
        paid = np.clip(before[run, cell] + order, ZERO, ONE)
        tried = np.clip(trying[run, cell] + order, ZERO, ONE)
        hopeful = self.hopeful[here] + self.rest.hopeful[run, 0, stratum]
        tentative = self.tentative[here] + self.rest.tentative[run, 0, stratum]
        rises = step > 0
        part = step / np.where(rises, np.maximum(tried - paid, step), np.maximum(paid, -step))
        moved = part * np.where(rises, hopeful, tentative)
        self.hopeful[here] -= moved
        self.tentative[here] += moved

    def give_up(self, staying: ShareArray, deepest: ShareArray) -> None:
        """Established firms that cannot even cover what serving the market costs leave it.

        Of a stratum reached in part, the largest firms are there, and the smallest of them go.
        """
        there = np.maximum(self._reached(deepest), TINY)
        lost = np.maximum(ONE - self._reached(staying) / there, ZERO)
        lost *= self.established + self.rest.established
        lost *= np.float32(LEARN_RATE)
        np.subtract(self.established, lost, out=self.established)

    def meet(self, paying: ShareArray, trying: ShareArray, notice_factor: ShareArray) -> None:
        """Unaware firms notice the market, tentative ones learn, some established ones leave."""
        rest, hopeful, tentative, established = self.rest, *self[:3]
        pays = self._reached(paying)
        hopes = self._reached(trying)
        hopes -= pays
        hopes -= rest.tries - rest.pays
        pays -= rest.pays
        pays -= tentative
        pays -= established
        hopes -= hopeful
        at_rest = rest.pays - rest.tentative - rest.established
        new = self._noticed(pays, at_rest, notice_factor)
        settled = tentative * np.float32(LEARN_RATE * STAY_SHARE)
        np.multiply(established, np.float32(1.0 - LEAVE_RATE), out=established)
        np.add(established, settled, out=established)
        np.multiply(tentative, np.float32(1.0 - LEARN_RATE), out=tentative)
        np.add(tentative, new, out=tentative)
        at_rest = (rest.tries - rest.pays) - rest.hopeful
        new = self._noticed(hopes, at_rest, notice_factor)
        np.multiply(hopeful, np.float32(1.0 - LEARN_RATE), out=hopeful)
        np.add(hopeful, new, out=hopeful)

    def _noticed(
        self, unaware: ShareArray, at_rest: ShareArray, notice_factor: ShareArray
    ) -> ShareArray:
        """Firms that notice the market beyond those that do at rest; overwrites `unaware`."""
        np.maximum(unaware, -at_rest, out=unaware)
        if (notice_factor != ONE).any():
            unaware *= notice_factor[..., None]
            unaware += (notice_factor - ONE)[..., None] * at_rest
        unaware *= self.rest.notice
        return unaware
