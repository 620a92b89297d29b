"""Rate at which exporters come and go, and its effect on a small lasting cut in cost.

Rates are per quarter. Of the firms whom the market pays, a share is unaware, tentative or
established; of those whom it nearly pays (the hopeful), unaware or tentative:

    unaware -> tentative        notice
    tentative -> established    LEARN_RATE * STAY_SHARE      (only where it pays)
    tentative -> unaware        the rest of LEARN_RATE
    established -> unaware      LEAVE_RATE

A cut of size ``y`` opens the market to firms at the margin, who start as the hopeful did. The share
of the whole effect reached after ``q`` quarters is exact in the limit of small ``y``.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.recent_cache import RecentCache

SIZE_TAIL = 2.46
"""Tail index of a market's sales by firm [1]: Eaton, Kortum and Kramarz (2011), from memory."""
STEEPEST_SLOPE = 0.95
"""Largest share of the elasticity that firms already there may carry; entry has the rest [1]."""
LEARN_RATE = 0.4
"""Chance that a tentative firm learns within the quarter what the market is worth to it.
Estimated: most of those who begin in a year do not sell in the next (Eaton and others 2007)."""
STAY_SHARE = 0.85
"""Share of them that stay, where the market pays firms of their size [1]. Estimated."""
LEAVE_RATE = 0.025
"""Chance that an established firm gives up in the quarter: a tenth a year. Estimated."""
TRIAL_SALES = 0.05
"""Sales of a tentative firm over those of an established one of its size [1]. Estimated:
newcomers are tiny (Eaton and others 2007)."""
HOPE = 2.5
"""Log number of firms below the paying size that still try, times as many for each 1 of it [1].
Estimated, so that nearly half of a year's exporters are new (Eaton and others 2007)."""
CUSTOMER_RATE = 0.5
"""Part of the missing customers that an established firm wins in a quarter [1]. Estimated."""
MIN_NOTICE, MAX_NOTICE = 1e-3, 0.9

YEAR_4 = 16


class Turnover(NamedTuple):
    """Rates of a population by run, and the shares of its firms in each status at rest."""

    impact: FloatArray
    """(n_runs,) share of the elasticity that acts at once [1]."""
    slope: FloatArray
    """(n_runs,) share that firms already there carry in the long run, one over the tail [1]."""
    notice: FloatArray
    """(n_runs,) chance that an unaware firm notices the market within a quarter [1]."""

    @property
    def unaware(self) -> FloatArray:
        """(n_runs,) share of the firms whom the market pays that are not in it [1]."""
        once_in = self.notice / LEARN_RATE + self.notice * STAY_SHARE / LEAVE_RATE
        return np.asarray(1.0 / (1.0 + once_in))

    @property
    def tentative(self) -> FloatArray:
        """(n_runs,) share of them that try it [1]."""
        return self.notice * self.unaware / LEARN_RATE

    @property
    def established(self) -> FloatArray:
        """(n_runs,) share of them that are established [1]."""
        return LEARN_RATE * STAY_SHARE * self.tentative / LEAVE_RATE

    @property
    def hopeful(self) -> FloatArray:
        """(n_runs,) share of the firms whom it nearly pays that try it [1]."""
        return np.asarray(self.notice / (self.notice + LEARN_RATE))

    @property
    def lasting_gain(self) -> FloatArray:
        """(n_runs,) log trade that a small lasting log rise of notice ends in [1]."""
        paid = self.established + TRIAL_SALES * self.tentative
        hopeful = TRIAL_SALES * self.hopeful * np.expm1((1.0 - self.slope) * HOPE)
        entry = paid * self.unaware + hopeful * (1.0 - self.hopeful)
        return np.asarray(1.0 + entry / (paid + hopeful))


def solve_notice(impact: ArrayLike, year_4: ArrayLike) -> Turnover:
    """Rates with which a small cut reaches given shares of its effect at once and by year 4.

    Parameters
    ----------
    impact, year_4 : (n_runs,) array_like
        Share of the whole effect reached at once and after four years [1].

    Notes
    -----
    Where firms already there cannot make room for the impact, they carry it all. A share by year 4
    that no rate of notice reaches is approached as nearly as one can; how much is reached by year 8
    follows from the two.
    """
    at_once, wanted = np.broadcast_arrays(
        np.asarray(impact, dtype=np.float64), np.asarray(year_4, dtype=np.float64)
    )
    key = at_once.shape, at_once.tobytes(), wanted.tobytes()
    return _SOLVED.of(key, lambda: _solved(at_once, wanted))


_SOLVED: RecentCache[Turnover] = RecentCache(most=2)
"""Of the runs simulated last: variants of a scenario have them in common."""


def _solved(at_once: FloatArray, wanted: FloatArray) -> Turnover:
    slope = np.clip(at_once, 1.0 / SIZE_TAIL, STEEPEST_SLOPE)
    low = np.full(at_once.shape, MIN_NOTICE)
    high = np.full(at_once.shape, MAX_NOTICE)
    for _ in range(40):
        notice = np.sqrt(low * high)
        reached = phase_in(Turnover(at_once, slope, notice), YEAR_4, first=YEAR_4)
        too_slow = reached[..., 0] < wanted
        low, high = np.where(too_slow, notice, low), np.where(too_slow, high, notice)
    return Turnover(at_once, slope, np.sqrt(low * high))


def phase_in(turnover: Turnover, n_quarters: int, *, first: int = 0) -> FloatArray:
    """Share of the effect of a small cut reached `first`, … `n_quarters` quarters after it.

    Parameters
    ----------
    turnover : Turnover
    n_quarters : int
    first : int
        Earliest quarter that is wanted.

    Returns
    -------
    (n_runs, n_quarters + 1 - first) ndarray
        Tends to 1 [1].

    Examples
    --------
    >>> reached = phase_in(solve_notice([0.24], [0.85]), 40)[0]
    >>> [round(float(reached[4 * year]), 2) for year in (0, 1, 4, 8, 10)]
    [0.24, 0.57, 0.85, 0.96, 0.98]
    """
    impact, slope, notice = turnover
    margin = 1.0 - slope
    waiting = np.exp(margin * HOPE)
    at_rest = TRIAL_SALES * (turnover.tentative + turnover.hopeful * (waiting - 1.0))
    sales = (at_rest + turnover.established) / margin
    at_first = turnover.hopeful
    tentative, established = at_first, np.zeros_like(notice)
    hopeful, customers = np.zeros_like(notice), np.zeros_like(notice)
    reached = []
    for quarter in range(n_quarters + 1):
        if quarter >= first:
            opened = TRIAL_SALES * (tentative - at_first + waiting * hopeful) + established
            reached.append(impact + customers + opened / sales)
        noticed = notice * (1.0 - tentative - established)
        established = (1.0 - LEAVE_RATE) * established + LEARN_RATE * STAY_SHARE * tentative
        tentative = (1.0 - LEARN_RATE) * tentative + noticed
        hopeful = (1.0 - LEARN_RATE) * hopeful + notice * (1.0 - hopeful)
        customers = customers + CUSTOMER_RATE * (slope - impact - customers)
    return np.stack(reached, axis=-1)


class YearOnYear(NamedTuple):
    """Ledger statistics of the exporters of a market at rest from one year to the next."""

    new_share: FloatArray
    """(n_runs,) share of the year's exporters that did not sell in the year before [1]."""
    new_sales_share: FloatArray
    """(n_runs,) their share of the year's sales [1]."""
    new_survival: FloatArray
    """(n_runs,) share of the new ones that sell in the next year too [1]."""


def year_on_year(turnover: Turnover) -> YearOnYear:
    """Newcomers' share, sales and survival in a market at rest, by calendar year."""
    margin = 1.0 - turnover.slope
    number_of_hopeful, sales_of_hopeful = np.expm1(HOPE), np.expm1(margin * HOPE)
    new, known, again, sold = (np.zeros_like(turnover.notice) for _ in range(4))
    total = TRIAL_SALES * (turnover.tentative + turnover.hopeful * sales_of_hopeful)
    total = total + turnover.established
    for pays, number, weight in ((True, 1.0, 1.0), (False, number_of_hopeful, sales_of_hopeful)):
        idle = turnover.unaware if pays else 1.0 - turnover.hopeful
        absent = idle * (1.0 - turnover.notice) ** 3
        year = _newcomers(turnover.notice, absent, pays)
        known = known + number * (1.0 - absent)
        new, again = new + number * year.number, again + number * year.again
        sold = sold + weight * year.sales
    return YearOnYear(new / known, sold / total, again / new)


class _Newcomers(NamedTuple):
    number: FloatArray
    again: FloatArray
    sales: FloatArray


def _newcomers(notice: FloatArray, absent: FloatArray, pays: bool) -> _Newcomers:
    """Follow firms that sold nothing last year through this year and the next."""
    stay = STAY_SHARE if pays else 0.0
    never, out = absent, np.zeros_like(absent)
    tentative, established, sales = (np.zeros_like(absent) for _ in range(3))
    for _ in range(4):
        settled = LEARN_RATE * stay * tentative
        left = LEARN_RATE * (1.0 - stay) * tentative + LEAVE_RATE * established
        established = established - LEAVE_RATE * established + settled
        tentative = (1.0 - LEARN_RATE) * tentative + notice * (never + out)
        out = (1.0 - notice) * out + left
        never = (1.0 - notice) * never
        sales = sales + (TRIAL_SALES * tentative + established) / 4.0
    number = absent - never
    # Next year they sell if they are still there in its first quarter, or come back.
    gone = LEARN_RATE * (1.0 - stay) * tentative + LEAVE_RATE * established
    back = 1.0 - (1.0 - notice) ** 4
    again = tentative + established - gone + out * back + gone * (1.0 - (1.0 - notice) ** 3)
    return _Newcomers(number, again, np.asarray(sales))
