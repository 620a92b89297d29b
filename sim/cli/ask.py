"""Commands that take a scenario: run it, check it, start one."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.terminal import (
    BAD_INPUT,
    OutputOption,
    SetOption,
    WorldOption,
    console,
    load,
    plain_errors,
    stem_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from sim.report.series import Material
    from sim.scenario.schema import Scenario
    from sim.study.findings import Finding
    from sim.world.world import World


def run(
    scenario: Annotated[Path, typer.Argument(help="Scenario file, such as scenarios/pta.yaml.")],
    output: OutputOption = Path("results"),
    world: WorldOption = None,
    settings: SetOption = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as processors unless given.")
    ] = None,
) -> None:
    """Simulate a scenario and write its answer, figures, tables and report.

    Example: sim run scenarios/pta-and-transit.yaml
    """
    with plain_errors():
        asked = load(scenario, world, settings)
        command = command_of(scenario, world, settings or ())
        _run(scenario, asked, output, world, workers or os.cpu_count() or 1, command)


def command_of(scenario: Path, world: Path | None, settings: "Sequence[str]") -> str:
    """The command that gives the same result again, as it is typed in a shell."""
    words = ["sim", "run", str(scenario)]
    if world is not None:
        words += ["--world", str(world)]
    return shlex.join([*words, *(word for setting in settings for word in ("--set", setting))])


def _run(
    path: Path,
    scenario: "Scenario",
    output: Path,
    world_folder: Path | None,
    workers: int,
    command: str,
) -> None:
    from time import perf_counter

    from sim.store import check_place
    from sim.store.places import check_inside
    from sim.study.crew import processes
    from sim.study.variants import variants_of

    started = perf_counter()
    check_inside(output, output / stem_of(path))
    check_place(output)
    least = scenario.runs * len(variants_of(scenario))
    # Workers take seconds to start: meanwhile this process reads what it needs itself.
    with processes(workers, least) as executor:
        width = workers if executor else 1
        material = _material(path, scenario, world_folder, command, executor, width)

        from sim.report.render import render_report
        from sim.scenario.resolving import resolved_yaml
        from sim.store import table_bytes, write_run
        from sim.store.results import MODEL_NAME
        from sim.store.sums import sealed
        from sim.study.tables import outcomes_table, series_table

        world, results, found = material.world, material.results, material.findings
        files = {
            "scenario.yaml": resolved_yaml(scenario).encode(),
            "series.parquet": table_bytes(series_table(MODEL_NAME, scenario, results, found)),
            "outcomes.parquet": table_bytes(outcomes_table(world, results, found)),
            **render_report(material, executor=executor),
        }
    record = {**material.record, "wall_seconds": round(perf_counter() - started, 2)}
    folder = output / stem_of(path) / record["run_id"]
    write_run(folder, {**files, "run.json": sealed(record, files)})
    _print_answer(found, record)
    typer.echo(f"Report: {folder / 'report.html'}")


def _material(
    path: Path,
    scenario: "Scenario",
    world_folder: Path | None,
    command: str,
    executor: "Executor | None",
    workers: int,
) -> "Material":
    """Everything the report is made of, simulated."""
    from importlib import import_module
    from threading import Thread

    from sim.study.findings import findings
    from sim.study.other_books import books_that_differ
    from sim.study.ranking import rank_assumptions
    from sim.study.run import block_for, idle_agreements, run_variants
    from sim.study.variants import AS_ASKED, variants_of
    from sim.world.land import load_land
    from sim.world.load import load_world
    from sim.world.names import world_names

    world = load_world(world_folder, ledger=scenario.baseline.ledger)
    for name in idle_agreements(scenario, world):
        typer.echo(
            f"Warning: agreements.{name} changes nothing: no concession is granted, or no way "
            "on record lies within its members.",
            err=True,
        )
    ledgers = world_names(world_folder).ledgers
    others = {other: load_world(world_folder, ledger=other) for other in ledgers}
    others = books_that_differ(scenario, world, others)
    n_simulated = scenario.runs * (len(variants_of(scenario)) + len(others))
    if executor:
        # It takes seconds as well, in which the workers are busy.
        Thread(target=import_module, args=("sim.report.render",)).start()
    with _progress(n_simulated) as advance:
        results, books = run_variants(
            scenario,
            world,
            others=others,
            block=block_for(scenario.runs, workers),
            executor=executor,
            progress=advance,
        )

    from sim.report.series import Material

    found = findings(scenario, world, results)
    elsewhere = {
        ledger: findings(scenario, others[ledger], {AS_ASKED: dataset})
        for ledger, dataset in books.items()
    }
    record = _record(path, scenario, world, results, found) | {"command": command}
    land, ranking = load_land(world_folder), rank_assumptions(scenario, world, executor)
    return Material(scenario, world, results, found, record, elsewhere, land, ranking)


def _record(
    path: Path,
    scenario: "Scenario",
    world: "World",
    results: "Mapping[str, Any]",
    found: "Sequence[Finding]",
) -> dict[str, Any]:
    """What `run.json` says of a run, but for the command and the time it took."""
    from sim.scenario.resolving import scenario_hash
    from sim.store import run_id, versions
    from sim.study.headline import sentence

    return {
        "run_id": run_id(scenario_hash(scenario), world.content_hash),
        "scenario": stem_of(path),
        "title": scenario.title,
        "question": scenario.question,
        "seed": scenario.seed,
        "runs": scenario.runs,
        "ledger": world.ledger,
        "scenario_hash": scenario_hash(scenario),
        "world_hash": world.content_hash,
        "versions": versions(),
        "largest_residual": max(float(r["residual"].max()) for r in results.values()),
        "answers": [sentence(finding, world.ledger, world.base_year) for finding in found],
        "reached_share": {f.name: f.chance.value for f in found if f.is_probability},
    }


@contextmanager
def _progress(total: int) -> "Iterator[Any]":
    """Progress on standard error: a bar on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeRemainingColumn

    screen = Console(stderr=True)
    columns = (
        *Progress.get_default_columns()[:2],
        TextColumn("{task.completed}/{task.total} runs"),
    )
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    ) as bar:
        task = bar.add_task("simulating", total=total)
        yield lambda n: bar.advance(task, n)


def _print_answer(found: "Sequence[Finding]", record: "Mapping[str, Any]") -> None:
    from rich.table import Table

    from sim.study.crossed import QUANTILES

    screen = console()
    for finding, answer in zip(found, record["answers"], strict=True):
        screen.print(answer, style="bold", markup=False)
        table = Table(title=f"Trade of {' and '.join(finding.pair_names)}, million USD a year")
        table.add_column("year to", justify="left")
        for q in QUANTILES:
            table.add_column("median" if q == 0.5 else f"{100 * q:.0f} %", justify="right")
        table.add_column("reaches it", justify="right")
        table.add_column("has so far", justify="right")
        course = finding.course
        for k, year in enumerate(finding.years):
            row = [f"{value:,.0f}" for value in finding.quantiles[:, k]]
            mark = " <- target" if k == finding.at else ""
            label = f"{year}{finding.by[4:]}{mark}"
            chances = (course.chance[k].value, course.touched[k].value)
            table.add_row(label, *row, *(f"{100 * chance:.0f} %" for chance in chances))
        screen.print(table)


def check(
    files: Annotated[list[Path], typer.Argument(help="Scenario files.")], world: WorldOption = None
) -> None:
    """Check scenarios without running them: every problem at once, with its place.

    Example: sim check scenarios/*.yaml
    """
    from sim.scenario.loading import check_scenario
    from sim.scenario.problems import format_problems
    from sim.world.consistency import check_tables
    from sim.world.names import world_names

    with plain_errors():
        check_tables(world)
        names = world_names(world)
        outcomes = [check_scenario(path, names) for path in files]
    n = sum(len(outcome.problems) for outcome in outcomes)
    for outcome in outcomes:
        if outcome.problems:
            typer.echo(format_problems(outcome.problems), err=True)
        if outcome.warnings:
            typer.echo(f"Warning: {format_problems(outcome.warnings)}", err=True)
    if n:
        typer.echo(f"{n} problem{'s' * (n != 1)}; nothing was run.", err=True)
        raise typer.Exit(BAD_INPUT)
    typer.echo(f"{len(files)} file{'s' * (len(files) != 1)} checked, no problem found.")


def init(
    name: Annotated[str, typer.Argument(help="Name of the new scenario.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder it goes to.")] = Path(
        "scenarios"
    ),
    world: WorldOption = None,
) -> None:
    """Start a scenario: a commented file that passes the check.

    Example: sim init my-question
    """
    from sim.scenario.starter import starter_text
    from sim.store import write_new
    from sim.world.names import world_names

    stem = name.removesuffix(".yaml")
    if not stem or stem.startswith((".", "-")) or Path(stem).name != stem or not stem.isprintable():
        raise typer.BadParameter(f"{name!r}: wanted a plain name; --output says where it goes")
    with plain_errors():
        text = starter_text(stem, world_names(world))
        path = write_new(output / f"{stem}.yaml", text.encode())
    typed = shlex.join([str(path), *(("--world", str(world)) if world is not None else ())])
    typer.echo(f"{path}: written; `sim check {typed}` checks it, `sim run {typed}` answers it.")


def schema() -> None:
    """Print the JSON Schema of scenario files, for editors.

    Example: sim schema > scenarios/scenario.schema.json
    """
    from sim.scenario.schema import schema_text

    typer.echo(schema_text(), nl=False)
