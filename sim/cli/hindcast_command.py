"""The command that holds the model against past trade."""

import shlex
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.terminal import BAD_INPUT, WorldOption, console, noted, plain_errors, warn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

    from sim.laws.uncertainty.forecast_scores import Score
    from sim.study.hindcasts.hindcast import Forecast, Hindcast

MAX_LISTED = 40
"""Forecasts listed one by one; all of them are in the files."""


def hindcast(
    table: Annotated[
        Path | None,
        typer.Argument(help="CSV of past trade; --template shows one.", metavar="TABLE"),
    ] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Print a table to start from, and stop.")
    ] = False,
    targets: Annotated[
        bool,
        typer.Option("--targets", help="Score the official targets on record instead of a table."),
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for tables, scores and figure.")
    ] = None,
    runs: Annotated[int, typer.Option(min=2, max=100_000, help="Runs of each forecast.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 1,
    world: WorldOption = None,
) -> None:
    """Forecast past trade from a past year and score the forecasts: RMSLE, bias, bands, CRPS.

    With --targets: official targets on record, what came of them, and the chances they had.

    Example: sim hindcast docs/past-trade.csv --output results/hindcast
    """
    if template:
        from sim.study.hindcasts.hindcast_tables import TEMPLATE

        typer.echo(TEMPLATE, nl=False)
        return
    if targets:
        with plain_errors():
            _targets(output, runs, seed, world)
        return
    if table is None:
        typer.echo("TABLE is missing; wanted a CSV of past trade, as --template prints", err=True)
        raise typer.Exit(BAD_INPUT)
    with plain_errors():
        _hindcast(table, output, runs, seed, world)


def _targets(output: Path | None, runs: int, seed: int, folder: Path | None) -> None:
    """Print the official targets on record with what came of them and their chances."""
    from rich.table import Table

    from sim.report.evidence.official_targets_section import record_in_words, target_rows
    from sim.store import check_place, run_id, write_run
    from sim.store.folder_links import check_inside
    from sim.store.spreadsheet_cells import csv_of
    from sim.study.hindcasts.target_scores import judge_targets
    from sim.world.load import load_world

    if output is not None:
        check_inside(output, output / "official-targets")
        check_place(output)
    loaded = load_world(folder)
    if not loaded.official.targets:
        typer.echo("this world has no table of official targets; wanted official_targets.csv",
                   err=True)  # fmt: skip
        raise typer.Exit(BAD_INPUT)
    study = judge_targets(loaded, runs=runs, seed=seed)
    noted(lambda _: None)(runs)
    headings, rows = target_rows(study)
    shown = Table(title="Official targets and what came of them", title_justify="left")
    for heading in headings:
        shown.add_column(heading)
    for row in rows:
        shown.add_row(*row)
    console().print(shown)
    typer.echo(record_in_words(study.record))
    if output is not None:
        asked = sha256(repr((runs, seed)).encode()).hexdigest()
        place = output / "official-targets" / run_id(asked, loaded.content_hash)
        typer.echo(f"Written: {write_run(place, {'targets.csv': csv_of([headings, *rows])})}")


def _hindcast(path: Path, output: Path | None, runs: int, seed: int, folder: Path | None) -> None:
    from sim.report.render import render_hindcast
    from sim.store import check_place, json_bytes, run_id, write_run
    from sim.store.folder_links import check_inside
    from sim.study.hindcasts.hindcast import hindcast as study
    from sim.study.hindcasts.hindcast_tables import forecast_rows, score_record
    from sim.world.history.downloaded_trade import load_past
    from sim.world.history.trade import recorded_gdp, recorded_world_gdp
    from sim.world.history.usual_terms import load_scopes
    from sim.world.load import load_world

    if output is not None:
        check_inside(output, output / f"hindcast-{path.stem}")
        check_place(output)
    flows, unused = load_past(path)
    if unused:
        typer.echo(f"Warning: {path}: not used: {', '.join(unused)}", err=True)
    loaded = load_world(folder)
    try:
        done = study(
            flows, loaded, load_scopes(folder), gdp=recorded_gdp(folder),
            world_gdp=recorded_world_gdp(folder), runs=runs, seed=seed,
        )  # fmt: skip
    except ValueError as error:
        typer.echo(f"{path}: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from None
    noted(lambda _: None)(runs)
    _warn(done)
    groups = done.groups(loaded)
    _print(done, groups)
    if output is not None:
        command = shlex.join(["sim", "hindcast", str(path), f"--runs={runs}", f"--seed={seed}"])
        asked = sha256(repr((flows, runs, seed)).encode()).hexdigest()
        place = output / f"hindcast-{path.stem}" / run_id(asked, loaded.content_hash)
        record = {**score_record(done, groups, loaded), "command": command}
        files = {
            "scores.json": json_bytes(record),
            **forecast_rows(done, groups),
            **render_hindcast(done, tell=warn),
        }
        typer.echo(f"Written: {write_run(place, files)}")


def _warn(study: "Hindcast") -> None:
    """Say which forecasts had to do without GDP."""
    without = [
        f"{f.flow.name} {f.year}, {_known_to(f)}" for f in study.forecasts if not f.gdp_known
    ]
    if without:
        shown = "; ".join(without[:3]) + ("; …" if len(without) > 3 else "")
        typer.echo(
            f"Warning: GDP of both partners is not known in all years of {len(without)} of "
            f"{len(study.forecasts)} forecasts ({shown}): it is held at the last year that is "
            "known.",
            err=True,
        )


def _known_to(forecast: "Forecast") -> str:
    """Last year for which GDP of both partners is known, in words."""
    if forecast.gdp_to is None:
        return "not known"
    is_late = forecast.gdp_to == forecast.year
    return "not known in the base year" if is_late else f"known to {forecast.gdp_to}"


def _print(study: "Hindcast", groups: "Mapping[str, Mapping[str, Score]]") -> None:
    screen = console()
    screen.print(_forecast_table(study))
    if len(study.forecasts) > MAX_LISTED:
        screen.print(f"The first {MAX_LISTED} of {len(study.forecasts)} forecasts.")
    first, *others = groups
    screen.print(_score_table("All forecasts", {first: groups[first]}))
    screen.print(_score_table("Groups", {name: groups[name] for name in others}))


def _forecast_table(study: "Hindcast") -> "Table":
    from rich.table import Table

    from sim.study.hindcasts.hindcast import GDP, MODEL

    table = Table(title="Recorded and forecast, million USD a year", title_justify="left")
    for heading in ("flow", "from", "year", "agreed"):
        table.add_column(heading)
    for heading in ("base", "recorded", "gdp", "model", "10 %", "90 %", ""):
        table.add_column(heading, justify="right")
    for f in study.forecasts[:MAX_LISTED]:
        low, high = f.quantile_musd(0.1), f.quantile_musd(0.9)
        base = f.flow.trade_musd[f.flow.base_year]
        amounts = (base, f.recorded_musd, f.quantile_musd(0.5, GDP), f.quantile_musd(0.5, MODEL))
        table.add_row(
            f.flow.name,
            str(f.flow.base_year),
            str(f.year),
            f.flow.terms.kind,
            *(f"{value:,.4g}" for value in (*amounts, low, high)),
            "in" if low <= f.recorded_musd <= high else "out",
        )
    return table


def _score_table(title: str, groups: "Mapping[str, Mapping[str, Score]]") -> "Table":
    from rich.table import Table

    from sim.laws.uncertainty.forecast_scores import BANDS

    table = Table(title=title, title_justify="left")
    for heading in ("forecasts", "method"):
        table.add_column(heading)
    for heading in ("n", "RMSLE", "bias", *(f"in {100 * b:.0f} %" for b in BANDS), "CRPS"):
        table.add_column(heading, justify="right")
    for name, by_method in groups.items():
        for k, (method, s) in enumerate(by_method.items()):
            cells: Sequence[str] = (
                f"{s.rmsle:.3f}",
                f"{s.bias:+.3f}",
                *(f"{100 * share:.0f} %" for share in s.coverage),
                f"{s.crps:.3f}",
            )
            table.add_row("" if k else name, method, str(s.n), *cells)
        table.add_section()
    return table
