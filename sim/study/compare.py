"""Compare scenarios on the same draws: paired differences against one or several baselines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.resolving import scenario_hash
from sim.store.parts import PartStore
from sim.study.findings import QUANTILES, mean_interval, median_interval, share_interval
from sim.study.outcome import FINISHED
from sim.study.plan import Case, Plan, case_rows
from sim.study.problems import StudyError

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.world.world import World

FloatArray = NDArray[np.float64]
UNITS = {
    "trade_musd": "million USD/yr",
    "reached": "share of runs",
    "exports": "million USD/yr",
    "imports": "million USD/yr",
    "tariff_revenue": "million USD/yr",
    "welfare_change": "1",
    "tariff_rate": "1",
    "used_share": "1",
    "trade_cost_change": "1",
}


@dataclass(frozen=True)
class Difference:
    """One measure of one scenario against one baseline, over the paired runs."""

    scenario: str
    baseline: str
    measure: str
    of: str
    """Target, flow or region it is measured of."""
    year: int | None
    unit: str
    before: float
    """Median of the baseline; of `reached`, the share of its runs."""
    before_interval: tuple[float, float]
    """90 % interval of it for the number of runs."""
    after: float
    """The same of the scenario."""
    after_interval: tuple[float, float]
    quantiles: tuple[float, ...]
    """Quantiles of the differences over the runs; `QUANTILES` says which."""
    mean: float
    """Mean of the differences."""
    mean_interval: tuple[float, float]
    """90 % interval of that mean for the number of runs."""
    n_pairs: int
    """Runs that finished on both sides."""


def compare_plan(
    scenarios: Mapping[str, "Scenario"],
    n_runs: int,
    world_of: Callable[[str], "World"],
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
        World by ledger.
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
    ledgers = dict.fromkeys(case.scenario.baseline.ledger for case in cases if case.scenario)
    identity = {
        "scenarios": hashes,
        "names": names,
        "baselines": n_baselines,
        "worlds": [world_of(ledger).content_hash for ledger in ledgers],
    }
    return Plan(
        "compare", first, len(cases), n_runs, lambda number: cases[number], world_of, identity
    )


def with_other_targets(scenarios: Mapping[str, "Scenario"]) -> tuple[str, ...]:
    """Scenarios that ask for other targets than the first, to which a comparison holds them all.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
        By name, as for `compare_plan`.
    """
    goals = {
        name: {key: (sorted(t.pair), t.trade_musd, t.by) for key, t in scenario.targets.items()}
        for name, scenario in scenarios.items()
    }
    first = next(iter(goals.values()))
    return tuple(name for name, asked in goals.items() if asked != first)


def differences(plan: Plan, store: PartStore, baselines: Sequence[int]) -> list[Difference]:
    """Every measure and year of every scenario against every baseline."""
    rows = [case_rows(plan, store, case) for case in range(plan.n_cases)]
    labels = [plan.case(case).label for case in range(plan.n_cases)]
    found = []
    for baseline in baselines:
        for case in range(plan.n_cases):
            if case != baseline:
                pair = (labels[case], labels[baseline])
                found += _differences(rows[case], rows[baseline], pair)
    return found


def _differences(
    after: Mapping[str, Any], before: Mapping[str, Any], names: tuple[str, str]
) -> list[Difference]:
    fine = np.array(
        [
            {one, other} == {FINISHED}
            for one, other in zip(after["status"], before["status"], strict=True)
        ]
    )
    found = []
    for column, values in after.items():
        measure, of, year = parts_of(column)
        if measure not in UNITS or not fine.any():
            continue
        a, b = values[fine], before[column][fine]
        difference = a - b
        middle = _share if measure == "reached" else _median
        found.append(
            Difference(
                *names,
                measure=measure,
                of=of,
                year=year,
                unit=UNITS[measure],
                before=middle(b)[0],
                before_interval=middle(b)[1],
                after=middle(a)[0],
                after_interval=middle(a)[1],
                quantiles=tuple(float(q) for q in np.quantile(difference, QUANTILES)),
                mean=float(difference.mean()),
                mean_interval=mean_interval(difference),
                n_pairs=int(fine.sum()),
            )
        )
    return found


def _share(hits: FloatArray) -> tuple[float, tuple[float, float]]:
    """Share of the runs, and its interval for their number."""
    return float(hits.mean()), share_interval(int(hits.sum()), len(hits))


def _median(values: FloatArray) -> tuple[float, tuple[float, float]]:
    """Median run, and its interval for the number of runs."""
    return float(np.median(values)), median_interval(values)


def parts_of(column: str) -> tuple[str, str, int | None]:
    """Measure, what it is of, and year of a column of a row.

    Examples
    --------
    >>> parts_of("goal|trade_musd|2030"), parts_of("exports|AAA"), parts_of("run")
    (('trade_musd', 'goal', 2030), ('exports', 'AAA', None), ('run', '', None))
    """
    words = column.split("|")
    if len(words) == 3:
        return words[1], words[0], int(words[2])
    if len(words) == 2:
        of, measure = words if words[1] in ("trade_musd", "reached", "first_year") else words[::-1]
        return measure, of, None
    return column, "", None
