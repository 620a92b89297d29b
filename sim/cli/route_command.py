"""The command that shows the routes between two regions, and what its ports lack."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.terminal import BAD_INPUT, WorldOption, console, load, plain_errors, regions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from sim.scenario.blocks.scenario import Scenario
    from sim.study.route import Route
    from sim.validation.recorded_routes import RouteInUse
    from sim.world.world import World

MIN_SHARE = 0.01
"""Routes below this share of the cargo are not listed, unless something shuts them."""
MAX_LOCKED = 5
"""Shut or unbuilt routes listed, the cheapest first."""


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
                f"days ({24 * (route.days_by.gates + route.days_by.ports):.0f} hours of them at "
                f"borders and in ports), "
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
