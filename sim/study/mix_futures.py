"""Mixes of levers of the inverse question, their futures, and the answer that comes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.laws.numerics.number_format import NOTHING_MUSD
from sim.laws.uncertainty.crossing import Estimate, PathPairs
from sim.store.study_parts import PartStore
from sim.study.jobs.asked_columns import (
    AskedMeasure,
    candidate_measures,
    leading_measures,
    spreads_of,
)
from sim.study.jobs.case_columns import years_of
from sim.study.jobs.cases import Rows, case_trade, crossings_of, finished_runs
from sim.study.jobs.plan import Plan, case_rows
from sim.study.workers.study_errors import StudyError

OUTLINE = 32
"""Futures of a run by which the law judges mixes that are not simulated."""


class MixFutures(NamedTuple):
    """Futures of a mix in the year asked."""

    pairs: PathPairs
    values: list[FloatArray]
    """Trade of every pair of paths, by group [musd]; of another measure its value, with the other
    sign where less is better."""
    runs: list[int]
    """Numbers of the runs."""
    known: FloatArray
    """(n_runs,) the same without residual shock."""
    is_trade: bool = True
    """Whether gains add as logarithms, as those of trade do."""

    def score(self, level: float) -> float:
        """Quantile of the futures on the scale on which gains add."""
        return float(self.scored(self.pairs.quantiles(self.values, (level,)))[0])

    def known_score(self, runs: Sequence[int]) -> FloatArray:
        """Scores of some runs without residual shock, (n_runs,)."""
        return self.scored(self.known[np.searchsorted(self.runs, runs)])

    def outline(self, runs: Sequence[int]) -> FloatArray:
        """Scores of evenly spread futures of some runs, (n_runs, n_levels)."""
        levels = (np.arange(OUTLINE) + 0.5) / OUTLINE
        each = np.concatenate([np.quantile(group, levels, axis=1).T for group in self.values])
        return self.scored(each[np.searchsorted(self.runs, runs)])

    def scored(self, values: FloatArray) -> FloatArray:
        """Values on the scale on which gains add."""
        if not self.is_trade:
            return values
        return np.asarray(np.log(np.maximum(values, NOTHING_MUSD)))

    def gained(self, before: "MixFutures", wanted: float) -> Estimate:
        """Difference of the chances of two views of the same runs; unknown of others."""
        if self.runs != before.runs:
            return Estimate(np.nan, -np.inf, np.inf)
        return self.pairs.chance_difference(self.values, before.values, wanted)


class Goal(NamedTuple):
    """Goal of a search: a measure that is not trade, and how much of it is wanted."""

    measure: AskedMeasure
    amount: float
    """In the measure's unit."""

    @property
    def wanted(self) -> float:
        """The amount as values of a view have it: more is better."""
        return self.measure.wants * self.amount

    def as_asked(self, median: Estimate) -> Estimate:
        """A median of a view in the measure's own sign."""
        value, *ends = (self.measure.wants * each for each in median)
        return Estimate(value, min(ends), max(ends))


class Mix(NamedTuple):
    """One setting of all levers."""

    parts: tuple[float, ...]
    """Part of the way of each lever, 0 to 1."""
    is_held_out: bool = False
    """Whether it is simulated with runs that had no part in the search."""


@dataclass(frozen=True)
class MixResult:
    """Results of a mix."""

    case: int
    mix: Mix
    cost_musd: float
    reached_share: float
    """Chance that the year asked reaches the target, or a run the goal [1]."""
    reached_interval: tuple[float, float]
    median: float
    """Median trade in the year asked [musd], or of the goal's measure in its unit."""
    median_interval: tuple[float, float]
    """90 % interval of it for the number of paths."""
    n_runs: int


@dataclass(frozen=True)
class ReachAnswer:
    """The answer to the inverse question."""

    target: str
    target_musd: float
    goal: Goal | None
    """What was searched for in place of the target."""
    by: str
    probability: float
    levers: tuple[str, ...]
    none: MixResult
    frontier: tuple[MixResult, ...]
    """Mixes of the search by rising cost."""
    chosen: MixResult
    """The cheapest that meets the probability, else the one that comes nearest."""
    held_out: MixResult
    """The same mix with runs that had no part in the search."""
    held_out_none: MixResult
    gained: Estimate
    """Difference of the chances of these two, over the same futures [1]."""
    is_reachable: bool
    cost_cut: float
    """Cut of trade costs that by the gravity law takes the median of the year asked to the target
    [1]."""
    levers_cut: float
    """Cut of trade costs that by the same law does what the best mix does to that median [1]."""
    start: MixResult | None
    """The mix that the search began at; None if no lever is needed."""
    quantile_musd: float
    """Trade in the year asked that the requested share of the best mix's futures reach [musd]; of
    a goal that is not trade it is not known."""


def goal_of(plan: Plan, store: PartStore, amount: float) -> Goal:
    """Goal in the leading measure of what a scenario asks, by the mixes of no and of all levers.

    Raises
    ------
    StudyError
        If the question is about trade, whose goal is the target, or nothing answers it.
    """
    world = plan.world_of(plan.base)
    groups = candidate_measures(plan.base, world)
    cases = [case_rows(plan, store, case) for case in (0, 1)]
    measures = leading_measures(
        groups, [spreads_of(groups, rows, finished_runs(rows)) for rows in cases]
    )
    if not measures:
        raise StudyError(
            "reach.goal is for questions about energy, income or revenue (asks: …) that the "
            "world's tables can answer; for one about trade leave it out: its goal is the target"
        )
    return Goal(measures[0], amount)


def view_of(plan: Plan, rows: Rows, case: int, name: str) -> MixFutures:
    """Cross the finished runs of a case in the year that a target asks about."""
    trade = case_trade(rows, plan.base, name)
    years = years_of(plan.base, plan.base.targets[name])
    (crossing,) = crossings_of(plan, name, [trade], [case])
    quarters = years.window.year(years.at)
    return MixFutures(
        pairs=crossing.pairs,
        values=crossing.trade(trade.flows, quarters),
        runs=trade.runs.tolist(),
        known=trade.flows.without_shock(quarters),
    )


def view_of_goal(rows: Rows, goal: Goal) -> MixFutures:
    """View the finished runs of a case in a measure that is not trade."""
    fine = finished_runs(rows)
    values = goal.measure.wants * goal.measure.values(rows, fine)
    runs = np.asarray(rows["run"])[fine].astype(np.intp).tolist()
    return MixFutures(
        PathPairs(((len(values), 1),)), [values[:, None]], runs, values, is_trade=False
    )
