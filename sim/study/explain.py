"""Explain: how much each lever contributes to reaching the target, by Shapley's rule.

Every coalition of levers is simulated with the same runs, the others switched off. What a coalition
comes to is the median trade in the year asked and the chance that it reaches the target, over the
same pairs of known and residual paths; the parts of the levers sum to what all of them change. A
question about energy, income or revenue is answered in the mean of that over the same runs.
Intervals hold the error of both kinds of paths, and beyond ten levers that of the orders too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.methods.shapley import MAX_EXACT, coalitions_of, shapley, shapley_of_orders
from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.crossing import Influence, PathPairs
from sim.store.study_parts import PartStore
from sim.study.jobs.asked_columns import (
    AskedMeasure,
    candidate_measures,
    leading_measures,
    spreads_of,
)
from sim.study.jobs.case_columns import years_of
from sim.study.jobs.cases import case_crossing, case_trade, crossings_of, finished_runs
from sim.study.jobs.plan import Case, Plan, case_rows
from sim.study.sweep import case_of, without_inner
from sim.study.workers.study_errors import StudyError

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.scenario.text.known_names import NamesLike
    from sim.world.world import World


MAX_LEVERS = 60
DEFAULT_ORDERS = 32


@dataclass(frozen=True)
class Attribution:
    """Contributions of the levers to one target, in one measure."""

    target: str
    measure: str
    """`trade_musd` (median of the year asked), `reached_share` (chance of the target in it), or
    the mean of a measure that the question is about, by its stem."""
    without: float
    """What no lever comes to."""
    with_all: float
    levers: tuple[str, ...]
    parts: FloatArray
    """(n_levers,) sum to `with_all - without`."""
    interval: FloatArray
    """(n_levers, 2) 90 % interval of each part for the number of paths."""
    without_interval: tuple[float, float]
    """90 % interval of what no lever comes to, for the number of paths."""
    with_all_interval: tuple[float, float]
    total_interval: tuple[float, float]
    n_runs: int
    """Runs that finished in every coalition."""
    asked: AskedMeasure | None = None
    """That measure, where it is neither trade nor the chance of the target."""

    @property
    def unit(self) -> str:
        """Unit of the parts; `1` for shares."""
        if self.asked is not None:
            return self.asked.unit
        return "million USD/yr" if self.measure == "trade_musd" else "1"


@dataclass(frozen=True)
class Levers:
    """Levers of a scenario and the coalitions that are looked at."""

    paths: tuple[str, ...]
    coalitions: tuple[int, ...]
    orders: tuple[tuple[int, ...], ...]
    """Empty if every coalition is looked at."""


def levers_of(scenario: "Scenario", n_orders: int | None = None) -> Levers:
    """Levers of a scenario, its agreements unless it names them, and the coalitions to simulate.

    Parameters
    ----------
    scenario : Scenario
    n_orders : int, optional
        Orders that are looked at beyond ten levers; 32 unless given.

    Raises
    ------
    StudyError
        If there is nothing to switch.
    """
    paths = scenario.levers or tuple(f"agreements.{name}" for name in scenario.agreements)
    if not paths:
        raise StudyError(
            "there is nothing to explain: no levers, and no agreements; add levers: […]"
        )
    if len(paths) > MAX_LEVERS:
        raise StudyError(f"there are {len(paths)} levers; wanted at most {MAX_LEVERS}")
    if len(paths) <= MAX_EXACT:
        return Levers(paths, tuple(range(2 ** len(paths))), ())
    generator = np.random.default_rng(scenario.seed)
    drawn = [generator.permutation(len(paths)).tolist() for _ in range(n_orders or DEFAULT_ORDERS)]
    # Each order is looked at backwards too, which makes their mean steadier.
    orders = tuple(tuple(o) for order in drawn for o in (order, order[::-1]))
    return Levers(paths, tuple(coalitions_of(orders)), orders)


def explain_plan(
    scenario: "Scenario",
    levers: Levers,
    n_runs: int,
    world_of: Callable[["Scenario"], "World"],
    names: "NamesLike | None",
) -> Plan:
    """Plan that simulates every coalition with the same runs."""

    def case(number: int) -> Case:
        coalition = levers.coalitions[number]
        off = {path: False for k, path in enumerate(levers.paths) if not coalition >> k & 1}
        return case_of(scenario, without_inner(off), names)

    identity = {"levers": levers.paths, "coalitions": levers.coalitions}
    varied = {}
    for k, path in enumerate(levers.paths):
        varied[path] = ["on" if coalition >> k & 1 else "off" for coalition in levers.coalitions]
    n_cases = len(levers.coalitions)
    return Plan(
        "explain", scenario, n_cases, n_runs, case, world_of, identity,
        varied=varied, ends=(0, n_cases - 1),
    )  # fmt: skip


def attributions(plan: Plan, levers: Levers, store: PartStore) -> list[Attribution]:
    """Parts of the levers, for every target by trade and by its chance."""
    fine = _finished_everywhere(plan, store)
    found = []
    for target in plan.base.targets:
        trade, chance, pairs = _worth(plan, store, target, fine)
        n_runs = int(fine.sum())
        found.append(_attributed(target, "trade_musd", trade, levers, pairs, n_runs))
        found.append(_attributed(target, "reached_share", chance, levers, pairs, n_runs))
    return [*_of_what_is_asked(plan, levers, store, fine), *found]


def _of_what_is_asked(
    plan: Plan, levers: Levers, store: PartStore, fine: NDArray[np.bool_]
) -> Iterator[Attribution]:
    """Parts in the measures of a question that is not about trade, each a mean over the runs.

    Parts of a mean are means of the parts of each run, so that their error is that of a mean of
    paired differences; few runs do not know a difference of medians.
    """
    groups = candidate_measures(plan.base, plan.world_of(plan.base))
    if not groups:
        return
    ends = [spreads_of(groups, case_rows(plan, store, case), fine) for case in plan.ends]
    measures = leading_measures(groups, ends)
    n_runs = int(fine.sum())
    pairs = PathPairs(((n_runs, 1),))
    worth: dict[str, list[tuple[float, Influence]]] = {m.column: [] for m in measures}
    for case in range(plan.n_cases):
        rows = case_rows(plan, store, case)
        for m in measures:
            values = m.values(rows, fine)[:, None]
            mean = pairs.average([values])
            worth[m.column].append((mean, pairs.influence([values - mean])))
    target = next(iter(plan.base.targets))
    for m in measures:
        stacked = _stacked(worth[m.column])
        made = _attributed(target, m.stem, stacked, levers, pairs, n_runs)
        yield replace(made, asked=m)


def _finished_everywhere(plan: Plan, store: PartStore) -> NDArray[np.bool_]:
    """Runs that finished in every coalition."""
    fine, reasons = np.ones(plan.n_runs, dtype=np.bool_), set()
    for case in range(plan.n_cases):
        rows = case_rows(plan, store, case)
        fine &= finished_runs(rows)
        reasons |= {reason for reason in rows["reason"] if reason}
    if not fine.any():
        raise StudyError(f"no run finished in every coalition: {'; '.join(sorted(reasons)[:3])}")
    return fine


class _Worth(NamedTuple):
    """Value of every coalition in one measure, and its precision."""

    values: FloatArray
    """(n_coalitions,)"""
    known: FloatArray
    """(n_coalitions, n_known) influence of the known paths."""
    residual: FloatArray
    """(n_coalitions, n_parts) influence of the parts of residual paths."""
    paths: FloatArray
    """(n_coalitions, n_residual) influence of the residual paths that have parts. That of single
    pairs is left out: there are too many of them to keep for every coalition."""

    def influence(self, coalition: int) -> Influence:
        """Influence on what a coalition comes to."""
        return Influence(*(each[coalition] for each in self[1:]))


def _worth(
    plan: Plan, store: PartStore, name: str, fine: NDArray[np.bool_]
) -> tuple[_Worth, _Worth, PathPairs]:
    """Median trade and chance of the year asked in every coalition, one in memory at a time."""
    target = plan.base.targets[name]
    years = years_of(plan.base, target)
    asked = plan.n_cases - 1
    whole = case_trade(case_rows(plan, store, asked), plan.base, name, fine)
    # All of them weighted by the records as the scenario with every lever is.
    (base,) = crossings_of(plan, name, [whole], [asked])
    medians: list[tuple[float, Influence]] = []
    chances: list[tuple[float, Influence]] = []
    for case in range(plan.n_cases):
        trade = case_trade(case_rows(plan, store, case), plan.base, name, fine)
        crossing = case_crossing(plan, name, base, asked, case, trade)
        values = crossing.trade(trade.flows, years.window.year(years.at))
        medians.append(base.pairs.quantile_error(values, 0.5))
        chances.append(base.pairs.reached(values, target.trade_musd))
    return _stacked(medians), _stacked(chances), base.pairs


def _stacked(each: Sequence[tuple[float, Influence]]) -> _Worth:
    return _Worth(
        np.array([value for value, _ in each]),
        np.stack([influence.known for _, influence in each]),
        np.stack([influence.residual for _, influence in each]),
        np.stack([influence.paths for _, influence in each]),
    )


def _attributed(
    target: str, measure: str, worth: _Worth, levers: Levers, pairs: PathPairs, n_runs: int
) -> Attribution:
    """Parts and intervals from what every coalition comes to.

    Parts are linear in it, so influences have parts as values have them; where not all orders are
    looked at, the spread of their contributions adds to the error.
    """
    parts, among_orders = _parts(worth.values, levers)
    known, *others = (_parts(each, levers)[0] for each in worth[1:])
    interval = np.array(
        [
            pairs.within(float(part), Influence(np.append(own, extra), *rest))[1:]
            for part, extra, own, *rest in zip(parts, among_orders, known, *others, strict=True)
        ]
    )
    ends = [worth.influence(coalition) for coalition in (0, -1)]
    without, with_all = (float(worth.values[c]) for c in (0, -1))
    return Attribution(
        target=target,
        measure=measure,
        without=without,
        with_all=with_all,
        levers=levers.paths,
        parts=parts,
        interval=interval,
        without_interval=pairs.within(without, ends[0])[1:],
        with_all_interval=pairs.within(with_all, ends[1])[1:],
        total_interval=pairs.within(with_all - without, ends[1].minus(ends[0]))[1:],
        n_runs=n_runs,
    )


def _parts(values: FloatArray, levers: Levers) -> tuple[FloatArray, FloatArray]:
    """Parts (n_levers, ...) of what every coalition comes to, and the error of their mean."""
    if not levers.orders:
        parts = shapley(values)
        return parts, np.zeros(parts.shape)
    by_coalition = dict(zip(levers.coalitions, values, strict=True))
    each = shapley_of_orders(by_coalition, levers.orders)
    # An order and its reverse are no two draws.
    pairs = each.reshape(-1, 2, *each.shape[1:]).mean(axis=1)
    n = len(pairs)
    error = pairs.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.zeros(pairs.shape[1:])
    return np.asarray(pairs.mean(axis=0)), np.asarray(error)
