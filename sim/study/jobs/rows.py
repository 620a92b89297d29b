"""Data that a study keeps of a run: one row of numbers, and the rows of a block of runs.

Columns of a row, besides `case`, `run`, `status` and `reason`:

- every parameter under its own name;
- `<target>|chance` and `<target>|touched`: the chance that the year asked, or any year up to it,
  reaches the target, given the run's known path, over all residual paths that it is crossed with;
- with the residual path of the run's own number `<target>|trade_musd` in the year asked,
  `<target>|reached` (1 or 0, in that year or an earlier one), `<target>|first_year` (0: never), and
  `<target>|trade_musd|<year>` for every year of four quarters that ends with the target's quarter;
- the known path of each target's pair by quarter, of which cases are crossed
  (`sim.study.jobs.cases`);
- in the first target's year, every measure of a flow or of a region of a target's pair, as
  `<measure>|<flow or region>`, and the largest residual of the run;
- of energy, by carrier and State of a target's pair, the largest part of demand that goes unserved
  in any year, the volume that is missing in that year, and the largest rise of the price over its
  reference, as `<measure>|<carrier>@<region>`.

A run that fails is a row too: its numbers are missing and `reason` says why.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.laws.numerics.arrays import FloatArray
from sim.simulation.energy.energy_domain import EnergySystem
from sim.simulation.model import TradeModel
from sim.simulation.uncertainty.draws import draw, simulated_quarters
from sim.study.conditioning.crossed_paths import chances_of_runs
from sim.study.conditioning.pairing import Flows, crossing_of
from sim.study.conditioning.residual_paths import RESIDUAL_PATHS
from sim.study.ensemble.asked_answer import missing_share
from sim.study.ensemble.checkpoint import continue_from
from sim.study.ensemble.measures import REGION_MEASURES, axes_of, by_year, measures_of
from sim.study.ensemble.shared_start import SharedDraws, shared_draws_of
from sim.study.jobs.case_columns import FAILED, FINISHED, path_columns, paths_as_columns, years_of

if TYPE_CHECKING:
    from sim.scenario.blocks.agreements import Agreement
    from sim.scenario.blocks.scenario import Scenario
    from sim.world.world import World

Columns = dict[str, Any]

TEXTS = ("status", "reason")
WHOLE = ("case", "run")
FAILURES = (RuntimeError, ArithmeticError, LookupError, ValueError, MemoryError)
"""What may go wrong in a run without stopping the study."""
LONGEST_REASON = 300
FLOW_MEASURES = ("tariff_rate", "used_share", "trade_cost_change")
ENERGY_MEASURES = ("unserved_share", "unserved", "price_rise")


class Job(NamedTuple):
    """One block of runs of one case."""

    number: int
    case: int
    runs: Sequence[int]
    scenario: "Scenario | None"
    """None if there is no such scenario; then `reason` says why."""
    base: "Scenario"
    """What the case is a variation of; cases that differ in terms alone share its draws."""
    world: "World"
    reason: str = ""
    quantiles: FloatArray | None = None
    """(n_runs, n_parameters) places of the parameters in their distributions, if they are set.
    All rows then have the chance of run 0."""


def evaluate(job: Job) -> Columns:
    """Rows of a block of runs.

    A block that fails is cut in half until the run that failed is alone; the numbers of a run do
    not depend on the others in its block.
    """
    if job.scenario is None:
        return _failed(job, job.reason)
    try:
        return _simulated(job, job.scenario)
    except FAILURES as problem:
        if len(job.runs) == 1:
            words = " ".join(str(problem).split())
            return _failed(job, f"{type(problem).__name__}: {words}")
    half = len(job.runs) // 2
    parts = [evaluate(_piece(job, slice(0, half))), evaluate(_piece(job, slice(half, None)))]
    return {name: [*parts[0][name], *parts[1][name]] for name in parts[0]}


def _piece(job: Job, part: slice) -> Job:
    quantiles = None if job.quantiles is None else job.quantiles[part]
    return job._replace(runs=job.runs[part], quantiles=quantiles)


def failed_rows(job: Job) -> Columns:
    """Rows of a block whose process died under it more than once."""
    return _failed(job, "the process that simulated it died, more than once")


def _failed(job: Job, reason: str) -> Columns:
    n_runs = len(job.runs)
    missing = dict.fromkeys(number_columns(job.base, job.world), np.full(n_runs, np.nan))
    return _rows(job, missing, [FAILED] * n_runs, [reason[:LONGEST_REASON]] * n_runs)


def _rows(
    job: Job, numbers: Mapping[str, Any], status: Sequence[str], reason: Sequence[str]
) -> Columns:
    whole = {"case": [job.case] * len(job.runs), "run": list(job.runs)}
    return {**whole, **numbers, "status": list(status), "reason": list(reason)}


def _simulated(job: Job, scenario: "Scenario") -> Columns:
    shared, runs = _shared_draws(job, scenario), _numbers(job)
    model, values = continue_from(
        shared.start, scenario, job.world, runs, draws=shared.draws, energy=shared.energy
    )
    found = outcomes(model, values)
    model.discard()
    columns = number_columns(job.base, job.world)
    nothing = np.full(len(job.runs), np.nan)
    numbers = {name: found.get(name, nothing) for name in columns}
    trade = np.stack([numbers[f"{target}|trade_musd"] for target in job.base.targets])
    is_fine = np.isfinite(trade).all(axis=0)
    status = np.where(is_fine, FINISHED, FAILED).tolist()
    reason = np.where(is_fine, "", "trade is not a finite number").tolist()
    return _rows(job, numbers, status, reason)


def _numbers(job: Job) -> Sequence[int]:
    return job.runs if job.quantiles is None else [0] * len(job.runs)


# --- what points of a study share ----------------------------------------------------------------


def _shared_draws(job: Job, scenario: "Scenario") -> SharedDraws:
    if job.quantiles is not None:
        quarters = simulated_quarters(scenario, job.world)
        runs, first, n_quarters = _numbers(job), quarters.start, len(quarters)
        draws = draw(scenario, job.world, runs, first, n_quarters, quantiles=job.quantiles)
        return SharedDraws(draws, EnergySystem(scenario, job.world, draws))
    source = job.base if differs_in_terms_alone(job.base, scenario) else scenario
    return shared_draws_of(source, job.world, job.runs)


def differs_in_terms_alone(base: "Scenario", scenario: "Scenario") -> bool:
    """True if a scenario adds no agreement to another's and differs in terms alone."""
    same = scenario.model_copy(
        update={"agreements": base.agreements, "title": base.title, "question": base.question}
    )
    return same == base and all(
        name in base.agreements and _frame(agreement) == _frame(base.agreements[name])
        for name, agreement in scenario.agreements.items()
    )


def _frame(agreement: "Agreement") -> tuple[object, ...]:
    """Kind and members of an agreement: the parts that draws may depend on."""
    return agreement.kind, agreement.members


# --- columns -------------------------------------------------------------------------------------


def number_columns(scenario: "Scenario", world: "World") -> tuple[str, ...]:
    """Names of the numbers of a row, in order."""
    names = list(world.parameters)
    for target, asked in scenario.targets.items():
        words = ("trade_musd", "chance", "touched", "reached", "first_year")
        names += [f"{target}|{word}" for word in words]
        names += [f"{target}|trade_musd|{year}" for year in years_of(scenario, asked).numbers]
    flows = dict.fromkeys(
        flow
        for asked in scenario.targets.values()
        for flow in (f"{asked.pair[0]}>{asked.pair[1]}", f"{asked.pair[1]}>{asked.pair[0]}")
    )
    ends_of = dict.fromkeys(code for asked in scenario.targets.values() for code in asked.pair)
    names += [f"{measure}|{flow}" for measure in FLOW_MEASURES for flow in flows]
    names += [f"{measure}|{region}" for measure in REGION_MEASURES for region in ends_of]
    names += [
        f"{measure}|{carrier}@{region}"
        for measure in ENERGY_MEASURES
        for carrier in world.energy.carriers
        for region in ends_of
    ]
    for pair in dict.fromkeys(asked.pair for asked in scenario.targets.values()):
        known, apart = path_columns(scenario, pair)
        names += [*known, *apart]
    return (*names, "largest_residual")


def outcomes(model: TradeModel, values: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Numbers of every run of a model that was recorded.

    Parameters
    ----------
    model : TradeModel
        At the end of its horizon.
    values : mapping
        From `sim.study.ensemble.measures.record`.

    Returns
    -------
    dict of str to (n_runs,) ndarray
    """
    scenario = model.scenario
    found: dict[str, FloatArray] = dict(model.draws.parameters)
    labels = axes_of(model)
    for name, target in scenario.targets.items():
        at = [labels["flow"].index(f"{a}>{b}") for a, b in (target.pair, target.pair[::-1])]
        own = values["goods_trade"][:, :, at].sum(axis=(2, 3))
        flows = Flows(
            known=values["known_trade"][:, :, at].swapaxes(1, 2),
            apart=values["new_trade"][:, :, at].sum(axis=2),
            own=own + values["energy_trade"][:, :, at].sum(axis=2),
        )
        found |= _of_target(model, name, flows) | paths_as_columns(scenario, target.pair, flows)
    found |= _measured(model, values, labels) | _of_energy(model, values, labels)
    found["largest_residual"] = np.max(values["residual"], axis=1)
    return found


def _of_target(model: TradeModel, name: str, flows: Flows) -> dict[str, FloatArray]:
    """Numbers of one target."""
    scenario = model.scenario
    target = scenario.targets[name]
    years = years_of(scenario, target)
    window, at = years.window, years.at
    yearly = by_year(flows.own, window.first + 4 * window.n_years - 1)
    hit = yearly >= target.trade_musd
    first = np.where(hit.any(axis=1), np.array(years.numbers)[hit.argmax(axis=1)], 0)
    crossing = crossing_of(
        scenario, model.world, target.pair, model.runs, flows, n_paths=RESIDUAL_PATHS
    )
    chance, touched = chances_of_runs(crossing, flows, window, at, target.trade_musd)
    found = {
        f"{name}|trade_musd": yearly[:, at],
        f"{name}|chance": chance,
        f"{name}|touched": touched,
        f"{name}|reached": np.asarray(hit[:, : at + 1].any(axis=1), dtype=np.float64),
        f"{name}|first_year": np.asarray(first, dtype=np.float64),
    }
    return found | {
        f"{name}|trade_musd|{year}": yearly[:, k] for k, year in enumerate(years.numbers)
    }


def _of_energy(
    model: TradeModel, values: Mapping[str, FloatArray], labels: Mapping[str, Sequence[str]]
) -> dict[str, FloatArray]:
    """Worst year of every carrier and State of a target: unserved part and volume, and price."""
    if "unserved" not in values:
        return {}
    first = next(iter(model.scenario.targets.values()))
    last = years_of(model.scenario, first).window
    yearly = {
        name: by_year(values[name], last.first + 4 * last.n_years - 1)
        for name in ("unserved", "energy_used", "energy_price", "energy_path_price")
    }
    share = missing_share(yearly["unserved"], yearly["energy_used"])
    worst_year = share.argmax(axis=1)[:, None]
    missing, volume = (
        np.take_along_axis(each, worst_year, axis=1)[:, 0] for each in (share, yearly["unserved"])
    )
    rise = (yearly["energy_price"] / yearly["energy_path_price"] - 1.0).max(axis=1)
    return {
        f"{measure}|{carrier}@{region}": worst[:, c, side]
        for measure, worst in zip(ENERGY_MEASURES, (missing, volume, rise), strict=True)
        for c, carrier in enumerate(labels["carrier"])
        for side, region in enumerate(labels["party"])
    }


def _measured(
    model: TradeModel, values: Mapping[str, FloatArray], labels: Mapping[str, Sequence[str]]
) -> dict[str, FloatArray]:
    """Measures of flows and regions in the first target's year."""
    horizon = model.scenario.horizon
    first = next(iter(model.scenario.targets.values()))
    last = int(first.deadline) - int(horizon.start)
    found = {}
    for measure in measures_of(model):
        if measure.name in (*FLOW_MEASURES, *REGION_MEASURES):
            year = by_year(values[measure.name], last)[:, -1]
            for k, label in enumerate(labels[measure.axes[0]]):
                found[f"{measure.name}|{label}"] = year[:, k]
    return found
