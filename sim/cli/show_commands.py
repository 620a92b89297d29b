"""Commands that show what is there: results, the world, known answers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.terminal import FAILED, WorldOption, console, load, plain_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

    from sim.world.csv_tables.reader import CheckedTable
    from sim.world.describe.overview import TitledTable

PACKAGED_WORD = "packaged"
"""Word for the world that comes with the project in a comparison."""
PUBLISHED = Path("../shared/cases")
"""Folder of published answers, unless another is given."""


def list_(
    results: Annotated[Path, typer.Argument(help="Folder of results.")] = Path("results"),
) -> None:
    """List results, newest first.

    Example: sim list
    """
    from rich.table import Table
    from rich.text import Text

    from sim.store import stored_runs
    from sim.store.checksums import changed_files
    from sim.store.cleaning import unfinished_folders
    from sim.store.stored_results import check_results

    with plain_errors():
        check_results(results)
    runs, damaged = stored_runs(results)
    columns = ("scenario", "asked", "run", "ledger", "runs", "reached", "MB")
    table = Table(*columns, title=Text(f"Results in {results}"))
    for stored in runs:
        record = stored.record
        shares = record.get("reached_share", {}).values()
        table.add_row(
            Text(str(record.get("scenario", "?"))),
            Text(str(record.get("kind", "run"))),
            Text(stored.folder.name),
            Text(str(record.get("ledger", "?"))),
            str(record.get("runs", "?")),
            ", ".join(f"{100 * share:.0f} %" for share in shares) or "-",
            f"{stored.n_bytes / 1e6:.1f}",
        )
    screen = console()
    screen.print(table if runs else Text(f"No results in {results}; `sim run FILE` makes one."))
    for line in damaged:
        typer.echo(line, err=True)
    for stored in runs:
        if changed := changed_files(stored.folder, stored.record):
            told = f"changed since it was written: {', '.join(changed)}"
            typer.echo(f"{stored.folder}: {told}", err=True)
    for item in unfinished_folders(results):
        goes_on = "the same command goes on, " if item.is_study else ""
        typer.echo(f"{item.folder}: {item.why}; {goes_on}`sim clean` removes it.", err=True)


def world(
    world: WorldOption = None,
    ledger: Annotated[str | None, typer.Option(help="Ledger the baseline is held to.")] = None,
    network: Annotated[
        bool, typer.Option("--network", help="The transport network instead.")
    ] = False,
    energy: Annotated[
        bool,
        typer.Option("--energy", help="Energy instead: balances, routes, contracts, projects."),
    ] = False,
    agreements: Annotated[
        bool, typer.Option("--agreements", help="Agreements on record instead, with margins.")
    ] = False,
    diff: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--diff",
            help="Two worlds to tell apart: folders, scenario files with figures of their own, "
            "or the word packaged.",
        ),
    ] = None,
) -> None:
    """Print what is in the world: regions, totals, ledgers, quality flags, gaps.

    Example: sim world --ledger kazakhstan
    """
    from sim.world.describe.agreements_overview import describe_agreements, silent_agreements
    from sim.world.describe.energy_overview import describe_energy
    from sim.world.describe.network_overview import describe_network
    from sim.world.describe.overview import describe_world
    from sim.world.load import check_folder

    if diff is not None:
        _print_differences(diff, world)
        return
    with plain_errors():
        loaded = check_folder(world)(ledger)
    for line in loaded.warnings:
        typer.echo(f"Warning: {line}", err=True)
    screen = console()
    chosen = [
        (network, describe_network),
        (energy, describe_energy),
        (agreements, describe_agreements),
    ]
    parts = [describe for asked, describe in chosen if asked]
    shown = [section for describe in parts for section in describe(loaded)]
    for section in shown or [*describe_world(loaded), silent_agreements(loaded)]:
        screen.print(table_of(section))


def table_of(section: "TitledTable") -> "Table":
    """A titled table for the screen."""
    from rich.table import Table

    table = Table(title=section.title, title_justify="left")
    for column in section.columns:
        table.add_column(column, overflow="fold")
    for row in section.rows:
        table.add_row(*map(str, row))
    return table


def _print_differences(sides: tuple[str, str], world: Path | None) -> None:
    """Tables in which two worlds differ."""
    from sim.world.describe.differences import describe_differences

    with plain_errors():
        first, second = (_side(word, world) for word in sides)
    found = describe_differences(first, second, sides)
    if not found:
        typer.echo(f"{sides[0]} and {sides[1]} have the same figures.")
    for section in found:
        console().print(table_of(section))


def _side(word: str, world: Path | None) -> "Mapping[str, CheckedTable]":
    """Tables of a folder, of the packaged world, or of the world under a scenario's figures."""
    from sim.world.csv_tables.reader import PACKAGED, read_tables
    from sim.world.csv_tables.table_errors import WorldError
    from sim.world.load import tables_with

    path = PACKAGED if word == PACKAGED_WORD else Path(word)
    if path.is_dir():
        return read_tables(path)
    if not path.is_file():
        wanted = f"wanted a folder of world tables, a scenario file or the word {PACKAGED_WORD}"
        raise WorldError([f"{word}: no such file or folder; {wanted}"])
    asked = load(path, world)
    tables = read_tables(world or PACKAGED)
    return tables_with(tables, asked.baseline.ledger, asked.own_figures)[0]


def validate(
    cases: Annotated[
        Path | None,
        typer.Option(help="Folder of published answers.", show_default=str(PUBLISHED)),
    ] = None,
) -> None:
    """Reproduce known answers and print ours beside the published ones.

    Example: sim validate
    """
    from rich.table import Table

    from sim.validation.check import Check
    from sim.validation.known_answers import all_checks

    if cases is not None and not cases.is_dir():
        raise typer.BadParameter(f"{cases}: no such folder; wanted one of published answers")
    table = Table("case", "quantity", "published", "ours", "difference", "tolerance", "")
    verdicts = []
    for row in all_checks(cases or PUBLISHED):
        if isinstance(row, Check):
            verdicts.append(row.verdict)
            table.add_row(
                row.case,
                row.quantity,
                f"{row.published:.6g}",
                f"{row.ours:.6g}",
                f"{row.ours - row.published:+.1e}",
                f"{row.tolerance:.0e}",
                row.verdict,
            )
        else:
            table.add_row(row.case, "skipped", "", "", "", "", row.reason)
    screen = console()
    screen.print(table)
    if missed := verdicts.count("MISS"):
        screen.print(f"{missed} known to miss; docs/credibility.md says why.")
    if failed := verdicts.count("FAILED"):
        screen.print(f"{failed} known answers were not reproduced, or no longer miss.")
        raise typer.Exit(FAILED)
