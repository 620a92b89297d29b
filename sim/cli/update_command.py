"""The command that brings a world's incomes, growth and trade up to date."""

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.terminal import FAILED, WorldOption, console, load, plain_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sim.scenario.blocks.scenario import Scenario
    from sim.world.csv_tables.reader import CheckedTable
    from sim.world.sources.parsed_files import Reading
    from sim.world.updates.feeds import Feed

EFFECT_RUNS = 64
BACI = "baci"
"""Word in the place of a file that stands for the newest release of BACI."""


def update_world(
    scenarios: Annotated[
        list[Path] | None,
        typer.Argument(help="Scenario files whose answers are compared before and after."),
    ] = None,
    world: WorldOption = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Folder the newer world goes to; nowhere without."),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--from", help="Downloads instead; the word baci fetches the newest BACI."),
    ] = None,
    trade: Annotated[
        bool,
        typer.Option(
            "--trade",
            help="Trade of the base year too (UN Comtrade's public preview; slow, no key wanted).",
        ),
    ] = False,
    runs: Annotated[int, typer.Option("--runs", min=1, help="Runs of each answer.")] = EFFECT_RUNS,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over the same world, if it stands there.")
    ] = False,
) -> None:
    """Fetch newer incomes, growth and trade; show differences and their effect, then write.

    Example: sim update-world scenarios/pta.yaml --output worlds/newer
    """
    from datetime import UTC, datetime

    from sim.world.csv_tables.reader import PACKAGED, read_tables
    from sim.world.csv_tables.world_facts import base_year
    from sim.world.updates.revision import files_of, revise

    with plain_errors(), _offline_told():
        asked = {path: load(path, world, [f"runs={runs}"]) for path in scenarios or ()}
        tables = read_tables(world or PACKAGED)
        year = base_year(tables)
        newer = _from_files(files, year) if files else _from_network(tables, year, trade=trade)
        trade |= BACI in map(str, files or ())
        revision = revise(tables, newer, datetime.now(UTC).date(), trade=trade)
        if not revision.changed:
            typer.echo("Nothing is newer than what this world has; nothing was changed.")
            return
        _print_differences(tables, revision.tables)
        content = files_of(world, revision)
        with TemporaryDirectory(prefix="sim-update-") as folder:
            _try_out(Path(folder) / "newer", content, asked, world)
        _write(output, content, yes=yes, replace=replace)


@contextmanager
def _offline_told() -> "Iterator[None]":
    """Say that nothing was changed where there is no network."""
    from sim.world.updates.feeds import NoNetworkError

    try:
        yield
    except NoNetworkError as error:
        typer.echo(
            f"{error}. Nothing was changed. Where there is no network, --from takes files "
            "downloaded elsewhere.",
            err=True,
        )
        raise typer.Exit(FAILED) from None


def _from_network(
    tables: "Mapping[str, CheckedTable]", year: int, *, trade: bool
) -> "list[tuple[Feed, Reading]]":
    """Newer figures of all feeds; a new release of BACI is told."""
    from sim.world.updates.baci_feed import newest_release
    from sim.world.updates.feeds import fetch_url, fetched
    from sim.world.updates.revision import release_notice
    from sim.world.updates.trade_feed import trade_fetched
    from sim.world.updates.trade_revision import places_of

    with TemporaryDirectory(prefix="sim-fetch-") as folder:
        paths = [*fetched(Path(folder), fetch_url)]
        if trade:
            asked = [*places_of(tables).values()]
            paths += trade_fetched(Path(folder), asked, year, fetch_url)
        found = [(feed, reading) for feed, path in paths for reading in _readings(path, year)]
    if notice := release_notice(tables, newest_release(fetch_url)):
        typer.echo(notice)
    return found


def _from_files(files: "Sequence[Path]", year: int) -> "list[tuple[Feed, Reading]]":
    from sim.world.sources.file_kinds import BY_NAME
    from sim.world.updates.feeds import Feed

    found = []
    for path in files:
        if str(path) == BACI:
            found += _from_baci(year)
            continue
        for reading in _readings(path, year):
            kind, name = BY_NAME[reading.kind], reading.member.digest_name()
            publisher = kind.publisher or "own file"
            feed = Feed(name, publisher, path.name, kind.licence, kind.url, path.name)
            found.append((feed, reading))
    return found


def _from_baci(year: int) -> "list[tuple[Feed, Reading]]":
    """Trade of a year in the newest release of BACI."""
    from sim.world.updates.baci_feed import baci_fetched
    from sim.world.updates.feeds import fetch_file, fetch_url

    with TemporaryDirectory(prefix="sim-fetch-") as folder:
        feed, path = baci_fetched(Path(folder), year, fetch_url, fetch_file)
        return [(feed, reading) for reading in _readings(path, year)]


def _readings(path: Path, year: int) -> "Iterator[Reading]":
    from sim.world.csv_tables.table_errors import WorldError
    from sim.world.sources.file_kinds import read_whole
    from sim.world.sources.parsed_files import ReadingTask

    readings, refused = read_whole(path, ReadingTask(year))
    if refused:
        raise WorldError(refused)
    yield from readings


def _print_differences(
    old: "Mapping[str, CheckedTable]", new: "Mapping[str, CheckedTable]"
) -> None:
    from sim.cli.show_commands import table_of
    from sim.world.describe.differences import describe_differences

    for section in describe_differences(old, new, ("now", "newer")):
        console().print(table_of(section))


def _try_out(
    folder: Path, content: "Mapping[str, bytes]", asked: "Mapping[Path, Scenario]",
    world: Path | None,
) -> None:  # fmt: skip
    """Load the newer world and answer the questions in both."""
    from sim.store import write_world
    from sim.study.update_effect import effects
    from sim.world.load import load_world

    write_world(folder, content)
    load_world(folder)
    if not asked:
        typer.echo("No scenario was named, so no answer was compared: sim update-world FILE …")
    for path, scenario in asked.items():
        ledger, own = scenario.baseline.ledger, scenario.own_figures
        worlds = [load_world(place, ledger=ledger, own=own) for place in (world, folder)]
        for effect in effects(scenario, *worlds):
            medians, chances = effect.median_musd, effect.chance
            typer.echo(
                f"{path}: {effect.target}: median of {effect.year} {medians[0]:,.0f} million USD "
                f"now, {medians[1]:,.0f} with newer figures; chance of the target "
                f"{100 * chances[0]:.1f} % now, {100 * chances[1]:.1f} % "
                f"({scenario.runs} runs, the same draws)."
            )


def _write(
    output: Path | None, content: "Mapping[str, bytes]", *, yes: bool, replace: bool
) -> None:
    import sys

    from sim.store import write_world

    if output is None:
        typer.echo("Nothing was written; --output FOLDER keeps the newer world.")
        return
    if not yes and not (
        sys.stdin.isatty() and typer.confirm(f"Write the newer world to {output}?")
    ):
        typer.echo("Nothing was written; --yes writes without asking.")
        return
    write_world(output, content, replace=replace)
    typer.echo(f"World: {output}; `--world {output}` uses it.")
