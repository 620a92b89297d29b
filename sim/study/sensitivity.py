"""Sensitivity: which uncertain parameters the trade of the target's year answers to.

A question about energy, income or revenue is answered first in that measure, in its own unit.

Chance and residual shocks are switched off, so that the answer depends on the parameters alone;
each is moved over its own distribution, by its quantiles. Indices are of the logarithm of trade,
since its errors multiply, and come from SALib (extra `sensitivity`): Morris' screening (Campolongo
and others 2007) for many inputs at little cost, Sobol's shares of the variance (Saltelli 2010) for
few. An index always has its interval; one whose interval holds 0 is not told from 0.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.store.study_parts import PartStore
from sim.study.jobs.asked_columns import (
    SAME,
    AskedMeasure,
    candidate_measures,
    leading_measures,
    spreads_of,
)
from sim.study.jobs.case_columns import FINISHED
from sim.study.jobs.plan import Case, Plan, case_rows
from sim.study.workers.study_errors import StudyError

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

Method = Literal["morris", "sobol"]

DEFAULT_SIZE = {"morris": 20, "sobol": 128}
MAX_RUNS = 1_000_000
"""Runs of a study, which are all planned in memory."""
LEVELS = 4
CONFIDENCE = 0.9
RESAMPLES = 200
ROUNDING = 1e-6
"""Part of the largest index below which another is taken for none [1]."""
EDGE = 1e-4
"""Quantiles nearer to 0 or 1 are moved in; distributions may have no end."""


@dataclass(frozen=True)
class Design:
    """Inputs that are varied, and their values."""

    method: Method
    inputs: tuple[str, ...]
    size: int
    """Trajectories (Morris) or base samples (Sobol)."""
    places: FloatArray
    """(n_runs, n_inputs) quantiles, in the order the analysis wants."""
    quantiles: FloatArray
    """(n_runs, n_parameters) the same, with all other parameters at their medians."""


@dataclass(frozen=True)
class SensitivityIndex:
    """Sensitivity of the trade of one target, or of the measure asked about, to one input."""

    target: str
    """Target, or stem of the measure."""
    input: str
    measure: str
    """`first_order`, `total` (shares of the variance) or `mean_effect` (log trade)."""
    value: float
    low: float
    high: float
    """90 % interval."""
    asked: AskedMeasure | None = None
    """The measure that is asked about, where it is not trade."""

    @property
    def differs_from_0(self) -> bool:
        """True if the interval excludes 0."""
        return self.low > 0.0


def uncertain_inputs(scenario: "Scenario", world: "World") -> tuple[str, ...]:
    """Parameters that are not the same in every run."""
    inputs = []
    for name, parameter in world.parameters.items():
        given = scenario.uncertainty.get(name)
        is_fixed = (
            given.form == "fixed"
            if given is not None
            else parameter.distribution == "fixed" or parameter.low == parameter.high
        )
        if not is_fixed:
            inputs.append(name)
    return tuple(inputs)


def design_of(
    scenario: "Scenario", world: "World", method: Method, size: int | None = None
) -> Design:
    """Places of the inputs in every run.

    Parameters
    ----------
    scenario, world
        What is asked and what is.
    method : str
        `morris` or `sobol`.
    size : int, optional
        Trajectories or base samples.

    Raises
    ------
    StudyError
        If SALib is not there, nothing is uncertain, or the size is too large or does not go with
        the method.
    """
    sample, _ = _salib(method)
    inputs = uncertain_inputs(scenario, world)
    if not inputs:
        raise StudyError("no parameter is uncertain in this scenario: there is nothing to compare")
    size = size or DEFAULT_SIZE[method]
    n_each = len(inputs) + (2 if method == "sobol" else 1)
    if size * n_each > MAX_RUNS:
        raise StudyError(
            f"--size {size:,} needs {size * n_each:,} runs; wanted at most {MAX_RUNS // n_each:,}"
        )
    if method == "sobol" and size & (size - 1):
        raise StudyError(
            f"Sobol samples come in powers of 2; take --size {2 ** round(np.log2(size))}"
        )
    options: dict[str, Any] = {"seed": scenario.seed % 2**32}
    if method == "sobol":
        options["calc_second_order"] = False
    else:
        options["num_levels"] = LEVELS
    places = np.asarray(sample(_problem(inputs), size, **options), dtype=np.float64)
    quantiles = np.full((len(places), len(world.parameters)), 0.5)
    columns = [list(world.parameters).index(name) for name in inputs]
    quantiles[:, columns] = np.clip(places, EDGE, 1.0 - EDGE)
    return Design(method, inputs, size, places, quantiles)


def _salib(method: Method) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """SALib's sampler and analyser of a method."""
    try:
        from SALib.analyze import morris as analyse_morris
        from SALib.analyze import sobol as analyse_sobol
        from SALib.sample import morris as sample_morris
        from SALib.sample import sobol as sample_sobol
    except ImportError:
        raise StudyError(
            "sim sensitivity needs SALib: pip install 'trade-scenario-simulator[sensitivity]'"
        ) from None
    if method == "morris":
        return sample_morris.sample, analyse_morris.analyze
    return sample_sobol.sample, analyse_sobol.analyze


def _problem(inputs: tuple[str, ...]) -> dict[str, Any]:
    return {"num_vars": len(inputs), "names": list(inputs), "bounds": [[0.0, 1.0]] * len(inputs)}


def sensitivity_plan(
    scenario: "Scenario", design: Design, world_of: Callable[["Scenario"], "World"]
) -> Plan:
    """Plan of one case whose runs differ in their parameters alone."""
    layers = scenario.uncertainty_sources.model_copy(
        update={"parameters": True, "events": False, "residual_shocks": False}
    )
    bare = scenario.model_copy(update={"uncertainty_sources": layers})
    identity = {"method": design.method, "size": design.size, "inputs": design.inputs}
    return Plan(
        kind="sensitivity",
        base=bare,
        n_cases=1,
        n_runs=len(design.places),
        case=lambda _: Case("parameters alone", bare),
        world_of=world_of,
        identity=identity,
        quantiles=design.quantiles,
    )


def indices(plan: Plan, design: Design, store: PartStore) -> list[SensitivityIndex]:
    """Indices of every input for every target, the largest first.

    Raises
    ------
    StudyError
        If a run failed or its trade has no logarithm: an index cannot do without it.
    """
    rows = case_rows(plan, store, 0)
    for run, (status, reason) in enumerate(zip(rows["status"], rows["reason"], strict=True)):
        if status != FINISHED:
            raise StudyError(f"run {run} failed ({reason}); indices need every run")
    found = _of_what_is_asked(plan, design, rows)
    for target in plan.base.targets:
        trade = rows[f"{target}|trade_musd"]
        if not (trade > 0).all():
            run = int(np.flatnonzero(~(trade > 0))[0])
            raise StudyError(
                f"run {run} has no trade towards {target}; indices are of its logarithm"
            )
        found += _indices(target, np.log(trade), design, plan.base.seed)
    return found


def _of_what_is_asked(
    plan: Plan, design: Design, rows: Mapping[str, Any]
) -> list[SensitivityIndex]:
    """Indices of the leading measure of a question that is not about trade.

    None where it is the same in every run: then no input bears on it.
    """
    groups = candidate_measures(plan.base, plan.world_of(plan.base))
    every = np.ones(len(design.places), dtype=np.bool_)
    measures = leading_measures(groups, [spreads_of(groups, rows, every)]) if groups else ()
    if not measures:
        return []
    lead = measures[0]
    values = lead.values(rows, every)
    if np.ptp(values) <= SAME * float(np.abs(values).max()):
        return []
    found = _indices(lead.stem, values, design, plan.base.seed)
    return [replace(index, asked=lead) for index in found]


def _indices(target: str, outcome: FloatArray, design: Design, seed: int) -> list[SensitivityIndex]:
    if np.ptp(outcome) < 1e-12:
        raise StudyError(f"{target}: trade is the same in every run; no input bears on it")
    _, analyse = _salib(design.method)
    options = {"conf_level": CONFIDENCE, "num_resamples": RESAMPLES, "seed": seed % 2**32}
    problem = _problem(design.inputs)
    if design.method == "morris":
        result = analyse(problem, design.places, outcome, num_levels=LEVELS, **options)
        measures = {"mean_effect": ("mu_star", "mu_star_conf")}
    else:
        # Centred and scaled, as Saltelli and others (2010) advise.
        scaled = (outcome - outcome.mean()) / outcome.std()
        result = analyse(problem, scaled, calc_second_order=False, **options)
        measures = {"total": ("ST", "ST_conf"), "first_order": ("S1", "S1_conf")}
    return [
        index
        for measure, (value, half) in measures.items()
        for index in _ranked(target, measure, design.inputs, result, value, half)
    ]


def _ranked(
    target: str,
    measure: str,
    inputs: tuple[str, ...],
    result: Mapping[str, Any],
    value: str,
    half: str,
) -> list[SensitivityIndex]:
    values = np.asarray(result[value], dtype=np.float64)
    halves = np.asarray(result[half], dtype=np.float64)
    if not (np.isfinite(values).all() and np.isfinite(halves).all()):
        raise StudyError(f"{target}: an index of {measure} is not a number")
    # Next to the largest a millionth is what rounding leaves of no effect.
    halves = np.where(values < ROUNDING * values.max(), np.maximum(halves, values), halves)
    made = [
        SensitivityIndex(target, name, measure, float(v), float(v - h), float(v + h))
        for name, v, h in zip(inputs, values, halves, strict=True)
    ]
    return sorted(made, key=lambda index: -index.value)
