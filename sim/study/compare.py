"""Compare scenarios on the same draws: paired differences against one or several baselines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.numerics.arrays import FloatArray
from sim.laws.uncertainty.crossing import Estimate, PathPairs
from sim.scenario.writing import scenario_hash
from sim.store.study_parts import PartStore
from sim.study.conditioning.crossed_paths import QUANTILES
from sim.study.ensemble.findings import mean_interval, median_interval
from sim.study.jobs.case_columns import years_of
from sim.study.jobs.cases import case_trade, crossings_of, finished_runs
from sim.study.jobs.plan import Case, Plan, case_rows
from sim.study.workers.study_errors import StudyError

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

UNITS = {
    "trade_musd": "million USD/yr",
    "reached": "share of futures",
    "touched": "share of futures",
    "exports": "million USD/yr",
    "imports": "million USD/yr",
    "tariff_revenue": "million USD/yr",
    "welfare_change": "1",
    "tariff_rate": "1",
    "used_share": "1",
    "trade_cost_change": "1",
    "unserved_share": "share of demand",
    "unserved": "unit of the carrier/yr",
    "price_rise": "1",
}
OF_TARGETS = ("trade_musd", "chance", "touched", "reached", "first_year")
"""Words of columns that say something of a target."""


@dataclass(frozen=True)
class Difference:
    """One measure of one scenario against one baseline, over the same futures or runs."""

    scenario: str
    baseline: str
    measure: str
    of: str
    """Target, flow or region it is measured of."""
    year: int | None
    unit: str
    before: float
    """Median of the baseline; of `reached` the chance that the year asked reaches the target, of
    `touched` that it or an earlier year does."""
    before_interval: tuple[float, float]
    """90 % interval of it for the number of paths."""
    after: float
    """The same of the scenario."""
    after_interval: tuple[float, float]
    quantiles: tuple[float, ...]
    """Quantiles of the differences; `QUANTILES` says which; none of a difference of chances."""
    mean: float
    """Mean of the differences."""
    mean_interval: tuple[float, float]
    """90 % interval of that mean for the number of paths."""
    n_pairs: int
    """Runs that finished on both sides."""


def compare_plan(
    scenarios: Mapping[str, "Scenario"],
    n_runs: int,
    world_of: Callable[["Scenario"], "World"],
    *,
    n_baselines: int = 1,
) -> Plan:
    """Plan that simulates every scenario with the runs, the seed and the targets of the first.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
        By name; baselines come first.
    n_runs : int
        Runs of each.
    world_of : callable
        World by scenario.
    n_baselines : int
        How many of them the others are compared with.

    Raises
    ------
    StudyError
        If their horizons or their targets' pairs differ, so that there is nothing to compare.
    """
    names = list(scenarios)
    first = scenarios[names[0]]
    for name in names[1:]:
        if scenarios[name].horizon != first.horizon:
            ours, theirs = (
                f"{h.start} to {h.end}" for h in (first.horizon, scenarios[name].horizon)
            )
            raise StudyError(
                f"{name} runs from {theirs}, {names[0]} from {ours}; wanted the same horizon "
                "(--set horizon.end=… changes it for all)"
            )
    shared = {"targets": first.targets, "seed": first.seed, "runs": n_runs}
    cases = [Case(name, scenarios[name].model_copy(update=shared)) for name in names]
    hashes = [scenario_hash(case.scenario) for case in cases if case.scenario is not None]
    identity = {
        "scenarios": hashes,
        "names": names,
        "baselines": n_baselines,
        "worlds": [*dict.fromkeys(world_of(c.scenario).content_hash for c in cases if c.scenario)],
    }
    return Plan(
        "compare", first, len(cases), n_runs, lambda number: cases[number], world_of, identity,
        ends=(0, len(cases) - 1),
    )  # fmt: skip


def with_other_targets(scenarios: Mapping[str, "Scenario"]) -> tuple[str, ...]:
    """Scenarios that ask for other targets than the first, to which a comparison holds them all.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
        By name, as for `compare_plan`.
    """
    goals = {name: _goals_of(scenario) for name, scenario in scenarios.items()}
    first = next(iter(goals.values()))
    return tuple(name for name, asked in goals.items() if asked != first)


def _goals_of(scenario: "Scenario") -> dict[str, tuple[list[str], float, int]]:
    """Pair, trade and deadline of every target."""
    return {
        name: (sorted(target.pair), target.trade_musd, target.deadline)
        for name, target in scenario.targets.items()
    }


def differences(plan: Plan, store: PartStore, baselines: Sequence[int]) -> list[Difference]:
    """Every measure and year of every scenario against every baseline.

    Trade and chances are of crossed paths, all else of the runs.
    """
    rows = [case_rows(plan, store, case) for case in range(plan.n_cases)]
    labels = [plan.case(case).label for case in range(plan.n_cases)]
    found = []
    for baseline in baselines:
        for case in range(plan.n_cases):
            if case != baseline:
                fine = finished_runs(rows[case]) & finished_runs(rows[baseline])
                sides = _Sides(labels[case], labels[baseline], int(fine.sum()))
                if fine.any():
                    found += _of_trade(plan, rows, (case, baseline), fine, sides)
                    found += _of_runs(rows[case], rows[baseline], fine, sides)
    world = plan.world_of(plan.base)
    units = dict(zip(world.energy.carriers, world.energy.units, strict=True))
    return [
        replace(d, unit=f"{units[d.of.partition('@')[0]]}/yr") if d.measure == "unserved" else d
        for d in found
    ]


class _Sides(NamedTuple):
    """The two sides of a comparison."""

    scenario: str
    baseline: str
    n_pairs: int


def _of_trade(
    plan: Plan,
    rows: Sequence[Mapping[str, Any]],
    cases: tuple[int, int],
    fine: NDArray[np.bool_],
    sides: _Sides,
) -> list[Difference]:
    """Trade and chances of the targets, over the same pairs of known and residual paths."""
    found = []
    for name, target in plan.base.targets.items():
        trades = [case_trade(rows[case], plan.base, name, fine) for case in cases]
        crossings = crossings_of(plan, name, trades, cases, weighs=1)
        pairs, years = crossings[0].pairs, years_of(plan.base, target)
        best: list[list[FloatArray]] = []
        for number, year in enumerate(years.numbers):
            both = [
                crossing.trade(trade.flows, years.window.year(number))
                for crossing, trade in zip(crossings, trades, strict=True)
            ]
            made = _of_year(pairs, both, name, year, sides)
            if number <= years.at:
                best = (
                    [list(map(np.maximum, *b)) for b in zip(best, both, strict=True)]
                    if best
                    else both
                )
            if number == years.at:
                found += [
                    replace(made, year=None),
                    _of_chance(pairs, both, target.trade_musd, "reached", name, sides),
                    _of_chance(pairs, best, target.trade_musd, "touched", name, sides),
                ]
            found.append(made)
    return found


def _of_year(
    pairs: PathPairs, both: Sequence[list[FloatArray]], name: str, year: int, sides: _Sides
) -> Difference:
    """Trade of a year."""
    after, before = both
    difference = [a - b for a, b in zip(after, before, strict=True)]
    estimates = (
        pairs.quantile(before, 0.5), pairs.quantile(after, 0.5), pairs.mean(difference)
    )  # fmt: skip
    quantiles = pairs.quantiles(difference, QUANTILES)
    return _difference(sides, ("trade_musd", name, year), estimates, quantiles)


def _of_chance(
    pairs: PathPairs,
    both: Sequence[list[FloatArray]],
    target_musd: float,
    measure: str,
    name: str,
    sides: _Sides,
) -> Difference:
    """Chance that trade reaches the target; a difference of chances has no quantiles."""
    after, before = both
    estimates = (
        pairs.chance(before, target_musd),
        pairs.chance(after, target_musd),
        pairs.chance_difference(after, before, target_musd),
    )
    nothing = np.full(len(QUANTILES), np.nan)
    return _difference(sides, (measure, name, None), estimates, nothing)


def _of_runs(
    after: Mapping[str, Any], before: Mapping[str, Any], fine: NDArray[np.bool_], sides: _Sides
) -> list[Difference]:
    """Every other measure, over the paired runs."""
    found = []
    for column, values in after.items():
        measure, of, year = parts_of(column)
        if measure not in UNITS or measure in OF_TARGETS:
            continue
        a, b = values[fine], before[column][fine]
        mean = Estimate(float((a - b).mean()), *mean_interval(a - b))
        quantiles = np.quantile(a - b, QUANTILES)
        found.append(
            _difference(sides, (measure, of, year), (_median(b), _median(a), mean), quantiles)
        )
    return found


def _difference(
    sides: _Sides,
    what: tuple[str, str, int | None],
    estimates: tuple[Estimate, Estimate, Estimate],
    quantiles: FloatArray,
) -> Difference:
    """A line: baseline, scenario and mean difference with their intervals, and quantiles."""
    measure, of, year = what
    before, after, mean = estimates
    return Difference(
        sides.scenario,
        sides.baseline,
        measure=measure,
        of=of,
        year=year,
        unit=UNITS[measure],
        before=before.value,
        before_interval=before[1:],
        after=after.value,
        after_interval=after[1:],
        quantiles=tuple(float(q) for q in quantiles),
        mean=mean.value,
        mean_interval=mean[1:],
        n_pairs=sides.n_pairs,
    )


def _median(values: FloatArray) -> Estimate:
    """Median run, and its interval for the number of runs."""
    return Estimate(float(np.median(values)), *median_interval(values))


def parts_of(column: str) -> tuple[str, str, int | None]:
    """Measure, what it is of, and year of a column of a row.

    Examples
    --------
    >>> parts_of("goal|trade_musd|2030"), parts_of("exports|AAA"), parts_of("run")
    (('trade_musd', 'goal', 2030), ('exports', 'AAA', None), ('run', '', None))
    """
    words = column.split("|")
    if len(words) == 3 and words[1] == "trade_musd":
        return words[1], words[0], int(words[2])
    if len(words) == 2:
        of, measure = words if words[1] in OF_TARGETS else words[::-1]
        return measure, of, None
    return column, "", None
