"""Commands that show what is there: results, the world, its routes, known answers."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.terminal import (
    BAD_INPUT,
    FAILED,
    WorldOption,
    console,
    load,
    plain_errors,
    regions_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.table import Table

    from sim.scenario.blocks.scenario import Scenario
    from sim.study.route import Route
    from sim.validation.recorded_routes import RouteInUse
    from sim.world.csv_tables.reader import CheckedTable
    from sim.world.describe.overview import TitledTable
    from sim.world.world import World

MIN_SHARE = 0.01
"""Routes below this share of the cargo are not listed, unless something shuts them."""
PACKAGED_WORD = "packaged"
"""Word for the world that comes with the project in a comparison."""
PUBLISHED = Path("../shared/cases")
"""Folder of published answers, unless another is given."""
MAX_LOCKED = 5
"""Shut or unbuilt routes listed, the cheapest first."""


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
    from sim.store.cleaning import unfinished
    from sim.store.results import check_results

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
    for item in unfinished(results):
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


def route(
    a: Annotated[str, typer.Argument(help="Region at one end, such as its code.", metavar="FROM")],
    b: Annotated[str, typer.Argument(help="Region at the other end.", metavar="TO")],
    at: Annotated[str | None, typer.Option(help="Quarter, such as 2026Q1.")] = None,
    scenario: Annotated[
        Path | None, typer.Option(help="Scenario whose closures and agreements act.")
    ] = None,
    ports: Annotated[
        bool,
        typer.Option("--ports", help="Break-even of the ports of FROM's cargo; wants a scenario."),
    ] = False,
    world: WorldOption = None,
) -> None:
    """Print the routes between two regions: time, cost, share, and what shuts them.

    Example: sim route FROM TO --at 2026Q1 --scenario scenarios/transit.yaml
    """
    from sim.laws.numerics.calendar import format_quarter
    from sim.study.route import routes
    from sim.validation.recorded_routes import routes_in_use
    from sim.world.load import load_world
    from sim.world.names import world_names

    with plain_errors():
        asked = load(scenario, world) if scenario else None
        own = asked.own_figures if asked else ()
        ledger = asked.baseline.ledger if asked and ports else None
        loaded = load_world(world, ledger=ledger, own=own)
        a, b = regions_of((a, b), world_names(world))
        if ports:
            _print_ports(a, b, at, asked, loaded)
            return
        with _refused_values():
            quarter = _quarter_of(at, 4 * loaded.base_year + 3)
            found = routes(loaded, a, b, quarter, asked)
    title = f"Routes between {a} and {b} in {format_quarter(quarter)}"
    for line in _route_lines(title, loaded.goods, found):
        typer.echo(line)
    if named := routes_in_use(loaded, a, b, quarter):
        console().print(_route_table(loaded.base_year, quarter // 4, named))


@contextmanager
def _refused_values() -> "Iterator[None]":
    """Turn a value that a law refuses into words and the exit code of a mistake."""
    try:
        yield
    except ValueError as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(BAD_INPUT) from None


def _quarter_of(at: str | None, usual: int) -> int:
    from sim.laws.numerics.calendar import parse_quarter

    return parse_quarter(at) if at else usual


def _print_ports(a: str, b: str, at: str | None, asked: "Scenario | None", loaded: "World") -> None:
    """Print what each port of a region's cargo lacks against the cheapest other."""
    import numpy as np

    from sim.laws.numerics.calendar import format_quarter
    from sim.study.break_even.port_gaps import port_gaps
    from sim.study.route import require_pair

    with _refused_values():
        if asked is None:
            raise ValueError("--ports: wanted --scenario, whose agreements and ranges count")
        quarter = _quarter_of(at, int(asked.horizon.end))
        require_pair(loaded, a, b)
    found = port_gaps(asked, loaded, a, b, quarter)
    typer.echo(
        f"Ports of {a} for its cargo with {b} in {format_quarter(quarter)}: what each costs more "
        f"than the cheapest other, for a container worth {found.load_usd:,.0f} USD"
    )
    for gap in found.ports:
        low, middle, high = np.quantile(gap.gap_usd, [0.05, 0.5, 0.95])
        days = np.quantile(gap.gap_days, 0.5)
        closed = "" if gap.is_open else "; not open to this cargo"
        for line in _wrapped(
            f"{loaded.network.node_names[gap.port]}: {middle:+,.0f} USD a container "
            f"({low:+,.0f} to {high:+,.0f}), as much as {days:+.1f} days; "
            f"charges {gap.usd_per_feu:,.0f} USD, of them "
            f"{gap.leviable_usd:,.0f} fees and tolls; {gap.days:.0f} days{closed}"
        ):
            typer.echo(line)
    if not found.ports:
        typer.echo("No two ports serve this cargo.")


def _route_table(base_year: int, year: int, found: "Sequence[RouteInUse]") -> "Table":
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(
        title=f"Routes in use: shares of the pair's cargo in {base_year}, and in {year} with "
        "nothing agreed",
        title_justify="left",
        box=SIMPLE,
        padding=(0, 1),
    )
    table.add_column("route", overflow="fold")
    for heading in ("mode", "recorded", "flag", "source"):
        table.add_column(heading)
    for heading in (f"model {base_year}", f"model {year}"):
        table.add_column(heading, justify="right")
    for route in found:
        shares = (f"{100 * share:.1f} %" for share in (route.modelled, route.now))
        recorded = f"{100 * route.recorded:.1f} %"
        table.add_row(route.route, route.mode, recorded, route.flag, route.source, *shares)
    return table


def _route_lines(title: str, goods: "Sequence[str]", found: "Sequence[Route]") -> list[str]:
    """Each route with its name on lines of its own, then its numbers, then what shuts it."""
    carrying = [route for route in found if route.share >= MIN_SHARE]
    locked = [route for route in found if route.share < MIN_SHARE and route.shut_by]
    lines = [title]
    for n, route in enumerate([*carrying, *locked[:MAX_LOCKED]], start=1):
        costs = ", ".join(
            f"{good} {100 * ave:.0f} %" for good, ave in zip(goods, route.ave, strict=True)
        )
        lines += [
            "",
            *_wrapped(f"{n}. {route.name} ({', '.join(route.modes)})"),
            *_wrapped(
                f"{100 * route.share:.0f} % of the cargo, {route.km:,.0f} km, {route.days:.0f} "
                f"days ({route.gate_hours:.0f} hours of them at borders and ports), "
                f"{route.usd_per_feu:,.0f} USD a container, {route.usd_per_tonne:.0f} USD a "
                "tonne",
                indent=3,
            ),
            *_wrapped(f"Cost as a share of the value: {costs}", indent=3),
            *_wrapped(f"Closures: {', '.join(route.shut_by) or 'none'}", indent=3),
        ]
    return lines


def _wrapped(text: str, indent: int = 0) -> list[str]:
    """A text in lines that fit the window, or 80 columns where there is none; nothing is cut."""
    from shutil import get_terminal_size
    from textwrap import wrap

    margin = " " * indent
    return wrap(text, get_terminal_size((80, 24)).columns, initial_indent=margin,
                subsequent_indent=f"{margin}   ", break_long_words=False)  # fmt: skip


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

    from sim.validation.all import all_checks
    from sim.validation.check import Check

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
