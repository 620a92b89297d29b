"""The commands. Each answers `--help` with an example; heavy rooms are imported where needed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from sim.scenario.schema import Scenario
    from sim.study.findings import Finding

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Scenario simulator for trade policy: from a question in YAML to an answer with figures.",
)

BAD_INPUT = 2
"""Exit code when the input is wrong and nothing was run."""
INTERRUPTED = 130
"""Exit code after Ctrl-C."""
WIDE = 140
"""Columns of text written to a file or a pipe, where no terminal sets the width."""
FAILED = 1
"""Exit code when something was run and did not come out."""

WorldOption = Annotated[
    Path | None,
    typer.Option("--world", help="Folder of world tables, if not the packaged ones."),
]
OutputOption = Annotated[Path, typer.Option("--output", "-o", help="Folder that results go to.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change one value, such as --set runs=64 (can be repeated)."),
]


def main() -> None:
    """Run the command line."""
    app()


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn every mistake of the input into words and an exit code."""
    from sim.laws.errors import SolveError
    from sim.scenario.problems import ScenarioError
    from sim.store import StoreError
    from sim.world.problems import WorldError

    try:
        yield
    except ScenarioError as error:
        n = len(error.problems)
        typer.echo(f"{error}\n{n} problem{'s' * (n != 1)}; nothing was run.", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except (WorldError, StoreError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        typer.echo("Interrupted; nothing was written.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except SolveError as error:
        typer.echo(f"The trade equilibrium was not found: {error}", err=True)
        raise typer.Exit(FAILED) from None


def console() -> "Console":
    """Terminal output; plain text where it is not a terminal."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)


def overrides(settings: "Sequence[str] | None") -> dict[str, str]:
    """`path=value` pairs from the command line.

    Raises
    ------
    typer.BadParameter
        If one has no `=`.
    """
    pairs = {}
    for setting in settings or ():
        path, equals, value = setting.partition("=")
        if not equals:
            raise typer.BadParameter(f"--set {setting}: wanted path=value, such as runs=64")
        pairs[path.strip()] = value.strip()
    return pairs


def load(path: Path, world: Path | None, settings: "Sequence[str] | None" = None) -> "Scenario":
    """Read and check a scenario; warnings go to standard error."""
    from sim.scenario.loading import check_scenario
    from sim.scenario.problems import ScenarioError, format_problems
    from sim.world.names import world_names

    checked = check_scenario(path, world_names(world), overrides=overrides(settings))
    if checked.scenario is None:
        raise ScenarioError(checked.problems, checked.warnings)
    if checked.warnings:
        typer.echo(f"Warning: {format_problems(checked.warnings)}", err=True)
    return checked.scenario


@app.command()
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
        _run(scenario, asked, output, world, workers or os.cpu_count() or 1)


def _run(
    path: Path, scenario: "Scenario", output: Path, world_folder: Path | None, workers: int
) -> None:
    from time import perf_counter

    from sim.report.render import render_report
    from sim.scenario.resolving import resolved_yaml, scenario_hash
    from sim.store import json_bytes, run_id, table_bytes, versions, write_run
    from sim.study.findings import findings, sentence
    from sim.study.run import processes, run_variants, variants_of
    from sim.study.tables import outcomes_table, series_table
    from sim.world.load import load_world

    started = perf_counter()
    world = load_world(world_folder, ledger=scenario.baseline.ledger)
    n_simulated = scenario.runs * len(variants_of(scenario))
    with _progress(n_simulated) as advance, processes(workers, n_simulated) as executor:
        results = run_variants(scenario, world, executor=executor, progress=advance)
    found = findings(scenario, world, results)
    identity = run_id(scenario_hash(scenario), world.content_hash)
    folder = output / path.stem / identity
    record: dict[str, Any] = {
        "run_id": identity,
        "scenario": path.stem,
        "title": scenario.title,
        "question": scenario.question,
        "command": f"sim run {path}",
        "seed": scenario.seed,
        "runs": scenario.runs,
        "ledger": world.ledger,
        "scenario_hash": scenario_hash(scenario),
        "world_hash": world.content_hash,
        "versions": versions(),
        "largest_residual": max(float(r["residual"].max()) for r in results.values()),
        "answers": [sentence(finding, world.ledger, world.base_year) for finding in found],
        "reached_share": {f.name: f.reached_share for f in found if f.is_probability},
    }
    files = {
        "scenario.yaml": resolved_yaml(scenario).encode(),
        "series.parquet": table_bytes(series_table("sim", scenario, results, found)),
        "outcomes.parquet": table_bytes(outcomes_table(world, results, found)),
        **render_report(scenario, world, results, found, record),
    }
    record["wall_seconds"] = round(perf_counter() - started, 2)
    write_run(folder, {**files, "run.json": json_bytes(record)})
    _print_answer(found, record)
    typer.echo(f"Report: {folder / 'report.html'}")


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

    from sim.study.findings import QUANTILES

    screen = console()
    for finding, answer in zip(found, record["answers"], strict=True):
        screen.print(f"[bold]{answer}[/bold]")
        table = Table(title=f"Trade of {' and '.join(finding.pair_names)}, million USD a year")
        table.add_column("year to", justify="left")
        for q in QUANTILES:
            table.add_column("median" if q == 0.5 else f"{100 * q:.0f} %", justify="right")
        table.add_column("reached by", justify="right")
        reached = (finding.trade >= finding.target_musd).cumsum(axis=1) > 0
        for k, year in enumerate(finding.years):
            row = [f"{value:,.0f}" for value in finding.quantiles[:, k]]
            mark = " <- target" if k == finding.at else ""
            label = f"{year}{finding.by[4:]}{mark}"
            table.add_row(label, *row, f"{100 * reached[:, k].mean():.0f} %")
        screen.print(table)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Scenario files.")], world: WorldOption = None
) -> None:
    """Check scenarios without running them: every problem at once, with its place.

    Example: sim check scenarios/*.yaml
    """
    from sim.scenario.loading import check_scenario
    from sim.scenario.problems import format_problems
    from sim.world.names import world_names

    with plain_errors():
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


@app.command()
def init(
    name: Annotated[str, typer.Argument(help="Name of the new scenario.")],
    folder: Annotated[Path, typer.Option(help="Folder it goes to.")] = Path("scenarios"),
    world: WorldOption = None,
) -> None:
    """Start a scenario: a commented file that passes the check.

    Example: sim init my-question
    """
    from sim.scenario.starter import starter_text
    from sim.store import write_new
    from sim.world.names import world_names

    with plain_errors():
        text = starter_text(name, world_names(world))
        path = write_new(folder / f"{name}.yaml", text.encode())
    typer.echo(f"{path}: written; `sim check {path}` checks it, `sim run {path}` answers it.")


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors.

    Example: sim schema > scenarios/scenario.schema.json
    """
    from sim.scenario.schema import schema_text

    typer.echo(schema_text(), nl=False)


@app.command(name="list")
def list_(
    results: Annotated[Path, typer.Argument(help="Folder of results.")] = Path("results"),
) -> None:
    """List results, newest first.

    Example: sim list
    """
    from rich.table import Table

    from sim.store import stored_runs

    runs, damaged = stored_runs(results)
    table = Table(
        "scenario", "run", "books", "runs", "reached", "MB", title=f"Results in {results}"
    )
    for stored in runs:
        record = stored.record
        shares = record.get("reached_share", {}).values()
        table.add_row(
            str(record.get("scenario", "?")),
            stored.folder.name,
            str(record.get("ledger", "?")),
            str(record.get("runs", "?")),
            ", ".join(f"{100 * share:.0f} %" for share in shares) or "-",
            f"{stored.n_bytes / 1e6:.1f}",
        )
    screen = console()
    screen.print(table if runs else f"No results in {results}; `sim run FILE` makes one.")
    for line in damaged:
        typer.echo(line, err=True)


@app.command()
def world(
    world: WorldOption = None,
    ledger: Annotated[str | None, typer.Option(help="Books the baseline is held to.")] = None,
    network: Annotated[
        bool, typer.Option("--network", help="The transport network instead.")
    ] = False,
) -> None:
    """Print what is in the world: regions, totals, ledgers, quality flags, gaps.

    Example: sim world --ledger kazakhstan
    """
    from rich.table import Table

    from sim.world.describe import describe_world
    from sim.world.describe_network import describe_network
    from sim.world.load import load_world

    with plain_errors():
        loaded = load_world(world, ledger=ledger)
    screen = console()
    for section in describe_network(loaded) if network else describe_world(loaded):
        table = Table(*section.columns, title=section.title, title_justify="left")
        for row in section.rows:
            table.add_row(*map(str, row))
        screen.print(table)


@app.command()
def validate(
    cases: Annotated[Path, typer.Option(help="Folder of published answers.")] = Path(
        "../shared/cases"
    ),
) -> None:
    """Reproduce known answers and print ours beside the published ones.

    Example: sim validate
    """
    from rich.table import Table

    from sim.study.checks import Check
    from sim.study.validate import all_checks

    table = Table("case", "quantity", "published", "ours", "difference", "tolerance", "")
    failed = 0
    for row in all_checks(cases):
        if isinstance(row, Check):
            failed += not row.ok
            table.add_row(
                row.case,
                row.quantity,
                f"{row.published:.6g}",
                f"{row.ours:.6g}",
                f"{row.ours - row.published:+.1e}",
                f"{row.tolerance:.0e}",
                "ok" if row.ok else "FAILED",
            )
        else:
            table.add_row(row.case, "skipped", "", "", "", "", row.reason)
    screen = console()
    screen.print(table)
    if failed:
        screen.print(f"{failed} known answers were not reproduced.")
        raise typer.Exit(FAILED)
