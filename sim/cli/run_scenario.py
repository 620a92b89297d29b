"""Carry out a scenario from the command line: simulate, answer, gather what is reported.

What the answer is made of goes first, and what only the report shows after.
"""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sim.cli.progress import progress
from sim.cli.terminal import console, stem_of, warn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor

    from rich.table import Table

    from sim.report.page.report_inputs import ReportInputs
    from sim.scenario.blocks.scenario import Scenario
    from sim.study.ensemble.asked_answer import AskedTable
    from sim.study.ensemble.findings import Finding
    from sim.study.ensemble.run import Results
    from sim.world.world import World

    Start = Callable[..., Callable[[Any], Results]]

ANSWERED_FIRST = 1024
"""Runs up to which the answer is printed before what only the report shows is simulated."""


def command_of(scenario: Path, world: Path | None, settings: "Sequence[str]") -> str:
    """The command that gives the same result again, as it is typed in a shell."""
    words = ["sim", "run", str(scenario)]
    if world is not None:
        words += ["--world", str(world)]
    return shlex.join([*words, *(word for setting in settings for word in ("--set", setting))])


def simulate_and_answer(
    path: Path,
    scenario: "Scenario",
    world_folder: Path | None,
    settings: "Sequence[str]",
    executor: "Executor | None",
    workers: int,
    goal: float | None,
) -> "ReportInputs":
    """Input of the report, simulated; the answer is printed as soon as it is known."""
    from functools import partial

    from sim.study.ensemble.counterfactuals import AS_ASKED, variants_of
    from sim.study.ensemble.findings import findings
    from sim.study.ensemble.run import block_for, runs_elsewhere, start_variants
    from sim.study.workers.first_compilation import compile_laws
    from sim.world.coastlines import load_land

    land, world = load_land(world_folder), _world_of(scenario, world_folder)
    if executor:
        compile_laws(executor, scenario, world)
    width = block_for(scenario.runs, workers)
    start = partial(start_variants, world=world, block=width, executor=executor)
    scenario, known = _simulated_first(scenario, world, start, goal)
    if goal is not None:
        settings = [*(s for s in settings if not s.startswith("runs=")), f"runs={scenario.runs}"]
    later = {name: each for name, each in variants_of(scenario).items() if name not in known}
    others = _other_worlds(scenario, world, world_folder)
    remaining = start(scenario, variants=later, others=others)
    found = findings(scenario, world, known)
    first = _answer_first(scenario, world, known, found)
    _print_answer(scenario, world, known, found, first)
    if executor:
        _import_at_leisure("sim.report.render")
    beside = _started_beside(scenario, world, executor)
    n_elsewhere = len(runs_elsewhere(range(scenario.runs)))
    with progress(scenario.runs * len(later) + n_elsewhere * len(others)) as advance:
        rest = remaining(advance)

    from sim.report.page.report_inputs import ReportInputs

    by_name = {**known, **rest.variants}
    found = findings(scenario, world, by_name, found) if later else found
    elsewhere = {
        ledger: findings(scenario, others[ledger], {AS_ASKED: dataset})
        for ledger, dataset in rest.ledgers.items()
    }
    record = _record(path, scenario, world, by_name, found, first)
    record["command"] = command_of(path, world_folder, settings)
    of_run = scenario, world, by_name, found, record, elsewhere, land
    return ReportInputs(*of_run, **beside())


def _started_beside(
    scenario: "Scenario", world: "World", executor: "Executor | None"
) -> "Callable[[], dict[str, Any]]":
    """Entries of the report's input that only it shows, begun; what is returned waits for them."""
    from sim.study.break_even.gateways import gateway
    from sim.study.break_even.project_appraisal import appraisals
    from sim.study.break_even.supplier_contest import supplier_contests
    from sim.study.one_at_a_time.ranking import start_ranking
    from sim.study.one_at_a_time.spoilers import start_spoilers

    ranking = start_ranking(scenario, world, executor)
    spoilers = start_spoilers(scenario, world, executor)
    known = {
        "contests": supplier_contests(scenario, world),
        "gateway": gateway(scenario, world),
        "appraisals": appraisals(scenario, world),
    }
    return lambda: {**known, "ranking": ranking(), "spoilers": spoilers()}


def _world_of(scenario: "Scenario", folder: Path | None) -> "World":
    """World of a scenario, in which its pairs trade; targets that are met already are told."""
    from sim.study.targets_in_base_year import require_trade, targets_met
    from sim.world.load import load_world

    world = load_world(folder, ledger=scenario.baseline.ledger, own=scenario.own_figures)
    require_trade(scenario, world)
    for told in targets_met(scenario, world):
        warn(told)
    return world


def _simulated_first(
    scenario: "Scenario", world: "World", start: "Start", goal: float | None
) -> "tuple[Scenario, Mapping[str, Any]]":
    """Variants that the answer needs, and the scenario with the number of runs that they have."""
    from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT, variants_of

    variants = variants_of(scenario)
    # Of many runs each block would be begun twice: then nothing is answered beforehand.
    if scenario.runs <= ANSWERED_FIRST or goal is not None:
        told = (AS_ASKED, NO_AGREEMENT)
        variants = {name: each for name, each in variants.items() if name in told}
    if goal is not None:
        _warn_of_idle(scenario, world)
        return _until_precise(scenario, world, variants, start, goal)
    answering = start(scenario, variants=variants)
    _warn_of_idle(scenario, world)
    with progress(scenario.runs * len(variants)) as advance:
        return scenario, answering(advance).variants


def _until_precise(
    scenario: "Scenario",
    world: "World",
    variants: "Mapping[str, Scenario]",
    start: "Start",
    goal: float,
) -> "tuple[Scenario, Mapping[str, Any]]":
    """The answer with as many runs as a precision takes; standard error says how sure it is."""
    from functools import partial

    from sim.study.ensemble.findings import findings
    from sim.study.precision import until_precise

    def simulate(asked: "Scenario", runs: range) -> "Mapping[str, Any]":
        sized = {
            name: each.model_copy(update={"runs": asked.runs}) for name, each in variants.items()
        }
        with progress(len(runs) * len(variants)) as advance:
            return start(asked, variants=sized, runs=runs)(advance).variants

    def read(asked: "Scenario", known: "Mapping[str, Any]") -> "Sequence[Finding]":
        return findings(asked, world, known)

    sure = until_precise(scenario, goal, simulate, read, partial(typer.echo, err=True))
    return sure.scenario, sure.variants


def _import_at_leisure(module: str) -> None:
    """Import a module that takes seconds while the workers are busy."""
    from importlib import import_module
    from threading import Thread

    Thread(target=import_module, args=(module,)).start()


def _other_worlds(scenario: "Scenario", world: "World", folder: Path | None) -> "dict[str, World]":
    """The world held to the ledgers that record the targets' pairs differently."""
    from sim.study.ensemble.other_ledgers import ledgers_that_differ
    from sim.world.load import check_folder
    from sim.world.names import world_names

    world_of, own = check_folder(folder), scenario.own_figures
    others = {other: world_of(other, own) for other in world_names(folder).ledgers}
    return ledgers_that_differ(scenario, world, others)


def _warn_of_idle(scenario: "Scenario", world: "World") -> None:
    from sim.study.ensemble.run import idle_agreements

    for name in idle_agreements(scenario, world):
        typer.echo(
            f"Warning: agreements.{name} changes nothing: no concession is granted, or no route "
            "on record lies within its members.",
            err=True,
        )


def _answer_first(
    scenario: "Scenario", world: "World", known: "Mapping[str, Any]", found: "Sequence[Finding]"
) -> str:
    """Answer to a question that is not about trade; empty for one that is."""
    from sim.study.ensemble.asked_answer import answer_asked
    from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT

    return answer_asked(scenario, world, known[AS_ASKED], known.get(NO_AGREEMENT), found[0])


def _sentences(found: "Sequence[Finding]", world: "World") -> list[str]:
    from sim.study.ensemble.headline import sentence

    return [sentence(finding, world.ledger, world.base_year) for finding in found]


def _record(
    path: Path,
    scenario: "Scenario",
    world: "World",
    results: "Mapping[str, Any]",
    found: "Sequence[Finding]",
    first: str,
) -> dict[str, Any]:
    """Entries of `run.json` for a run, except the command and the time it took."""
    from sim.scenario.writing import scenario_hash
    from sim.store import run_id, versions

    return {
        "run_id": run_id(scenario_hash(scenario), world.content_hash),
        "scenario": stem_of(path),
        "title": scenario.title,
        "question": scenario.question,
        "seed": scenario.seed,
        "runs": scenario.runs,
        "ledger": world.ledger,
        "scenario_hash": scenario_hash(scenario),
        "world_hash": world.tables_hash,
        "versions": versions(),
        "largest_residual": max(float(r["residual"].max()) for r in results.values()),
        "answers": [*filter(None, [first]), *_sentences(found, world)],
        "reached_share": {f.name: f.chance.value for f in found if f.is_probability},
    }


def _table_first(
    scenario: "Scenario", world: "World", known: "Mapping[str, Any]", found: "Sequence[Finding]"
) -> "AskedTable | None":
    """Table of a question that is not about trade; None for one that is."""
    from sim.study.ensemble.asked_answer import table_asked
    from sim.study.ensemble.counterfactuals import AS_ASKED, NO_AGREEMENT

    return table_asked(scenario, world, known[AS_ASKED], known.get(NO_AGREEMENT), found[0])


def _print_answer(
    scenario: "Scenario",
    world: "World",
    known: "Mapping[str, Any]",
    found: "Sequence[Finding]",
    first: str,
) -> None:
    """Print what was asked with its table, then trade, in short where it was not asked."""
    from rich.table import Table

    screen, answers = console(), _sentences(found, world)
    table = _table_first(scenario, world, known, found)
    if first:
        screen.print(first, style="bold", markup=False)
    if table is not None:
        shown = Table(title=table.title)
        for k, column in enumerate(table.columns):
            shown.add_column(column, justify="right" if k else "left")
        for row in table.rows:
            shown.add_row(*row)
        screen.print(shown)
    for finding, answer in zip(found, answers, strict=True):
        screen.print(answer, style="bold", markup=False)
        screen.print(_trade_table(finding, is_short=table is not None))
    screen.file.flush()  # what reads along need not wait for the report


def _trade_table(finding: "Finding", *, is_short: bool) -> "Table":
    """Trade by year; in short the first year and that of the target, without the quartiles."""
    from rich.table import Table

    from sim.study.conditioning.crossed_paths import QUANTILES

    levels = [k for k, q in enumerate(QUANTILES) if not is_short or q not in (0.25, 0.75)]
    years = sorted({0, finding.at}) if is_short else range(len(finding.years))
    table = Table(title=f"Trade of {' and '.join(finding.pair_names)}, million USD a year")
    table.add_column("year to", justify="left")
    for q in (QUANTILES[k] for k in levels):
        table.add_column("median" if q == 0.5 else f"{100 * q:.0f} %", justify="right")
    table.add_column("reaches it", justify="right")
    table.add_column("by then", justify="right")
    course = finding.course
    for k in years:
        row = [f"{finding.quantiles[q, k]:,.0f}" for q in levels]
        mark = " <- target" if k == finding.at else ""
        label = f"{finding.years[k]}{finding.by[4:]}{mark}"
        chances = (course.chance[k].value, course.touched[k].value)
        table.add_row(label, *row, *(f"{100 * chance:.0f} %" for chance in chances))
    return table
