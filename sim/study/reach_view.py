"""Futures of one mix of levers in the year asked, as the inverse question looks at them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.crossing import Pairs
from sim.study.jobs.case_columns import years_of
from sim.study.jobs.cases import Rows, case_trade, crossings_of
from sim.study.jobs.plan import Plan
from sim.study.money_words import NOTHING_MUSD

OUTLINE = 32
"""Futures of a run by which the law judges mixes that are not simulated."""


class View(NamedTuple):
    """Futures of a mix in the year asked."""

    pairs: Pairs
    values: list[FloatArray]
    """Trade of every pair of paths, by group [musd]."""
    runs: list[int]
    """Numbers of the runs."""
    known: FloatArray
    """(n_runs,) trade without residual shock [musd]."""

    def log_trade(self, level: float) -> float:
        """Logarithm of a quantile of the trade."""
        return float(
            np.log(max(float(self.pairs.quantiles(self.values, (level,))[0]), NOTHING_MUSD))
        )

    def log_known(self, runs: Sequence[int]) -> FloatArray:
        """Logarithm of the trade of some runs without residual shock, (n_runs,)."""
        chosen = self.known[np.searchsorted(self.runs, runs)]
        return np.asarray(np.log(np.maximum(chosen, NOTHING_MUSD)))

    def outline(self, runs: Sequence[int]) -> FloatArray:
        """Logarithms of evenly spread futures of some runs, (n_runs, n_levels)."""
        levels = (np.arange(OUTLINE) + 0.5) / OUTLINE
        each = np.concatenate([np.quantile(group, levels, axis=1).T for group in self.values])
        chosen = each[np.searchsorted(self.runs, runs)]
        return np.asarray(np.log(np.maximum(chosen, NOTHING_MUSD)))


def view_of(plan: Plan, rows: Rows, case: int, name: str) -> View:
    """Cross the finished runs of a case in the year that a target asks about."""
    trade = case_trade(rows, plan.base, name)
    years = years_of(plan.base, plan.base.targets[name])
    (crossing,) = crossings_of(plan, name, [trade], [case])
    quarters = years.window.year(years.at)
    return View(
        pairs=crossing.pairs,
        values=crossing.trade(trade.flows, quarters),
        runs=trade.runs.tolist(),
        known=trade.flows.without_shock(quarters),
    )
