"""Commands that take a scenario: run it, check it, start one."""

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.studies.study_options import PrecisionOption, RunsOption, goal_of
from sim.cli.terminal import (
    BAD_INPUT,
    OutputOption,
    SetOption,
    WorldOption,
    load,
    plain_errors,
    regions_of,
    stem_of,
    warn,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.scenario.blocks.scenario import Scenario

BASELINE = "baseline.yaml"


def run(
    scenario: Annotated[Path, typer.Argument(help="Scenario file, such as scenarios/pta.yaml.")],
    output: OutputOption = Path("results"),
    world: WorldOption = None,
    settings: SetOption = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as processors unless given.")
    ] = None,
    runs: RunsOption = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Seed of all draws, if not the scenario's.")
    ] = None,
    precision: PrecisionOption = None,
) -> None:
    """Simulate a scenario and write its answer, figures, tables and report.

    Example: sim run scenarios/pta-and-transit.yaml --precision 1
    """
    goal = goal_of(precision, runs)
    short = {"runs": runs, "seed": seed}
    settings = [*(settings or ()), *(f"{k}={v}" for k, v in short.items() if v is not None)]
    with plain_errors():
        asked = load(scenario, world, settings)
        n_workers = workers or os.cpu_count() or 1
        _run(scenario, asked, output, world, n_workers, settings, goal)


def _run(
    path: Path,
    scenario: "Scenario",
    output: Path,
    world_folder: Path | None,
    workers: int,
    settings: "Sequence[str]",
    goal: float | None,
) -> None:
    from time import perf_counter

    from sim.cli.run_scenario import simulate_and_answer
    from sim.store import check_place
    from sim.store.folder_links import check_inside
    from sim.study.ensemble.counterfactuals import variants_of
    from sim.study.workers.pool import processes

    started = perf_counter()
    check_inside(output, output / stem_of(path))
    check_place(output)
    least = scenario.runs * len(variants_of(scenario))
    # Workers take seconds to start: meanwhile this process reads what it needs itself.
    with processes(workers, least) as executor:
        width = workers if executor else 1
        inputs = simulate_and_answer(path, scenario, world_folder, settings, executor, width, goal)
        scenario = inputs.scenario

        from sim.report.render import render_report
        from sim.scenario.writing import resolved_yaml
        from sim.store import table_bytes, write_run
        from sim.store.checksums import with_checksums
        from sim.store.results import MODEL_NAME
        from sim.study.ensemble.result_tables import outcomes_table, series_table

        world, results, found = inputs.world, inputs.results, inputs.findings
        files = {
            "scenario.yaml": resolved_yaml(scenario).encode(),
            "series.parquet": table_bytes(series_table(MODEL_NAME, scenario, results, found)),
            "outcomes.parquet": table_bytes(outcomes_table(world, results, found)),
            **render_report(inputs, executor=executor, tell=warn),
        }
    record = {**inputs.record, "wall_seconds": round(perf_counter() - started, 2)}
    folder = output / stem_of(path) / record["run_id"]
    write_run(folder, {**files, "run.json": with_checksums(record, files)})
    typer.echo(f"Report: {folder / 'report.html'}")


def check(
    files: Annotated[list[Path], typer.Argument(help="Scenario files.")], world: WorldOption = None
) -> None:
    """Check scenarios without running them: every problem at once, with its place.

    Example: sim check scenarios/*.yaml
    """
    from sim.scenario.scenario_file import check_scenario
    from sim.scenario.text.problems import format_problems
    from sim.study.targets_in_base_year import targets_met, untraded_targets
    from sim.world.cache.checked_world import checked_world

    with plain_errors():
        known = checked_world(world)
        outcomes = [check_scenario(path, known.names) for path in files]
        sound = [
            (path, asked, known.trade_of(asked.baseline.ledger, asked.own_figures))
            for path, outcome in zip(files, outcomes, strict=True)
            if (asked := outcome.scenario) is not None
        ]
        untraded: list[str] = []
        met: list[str] = []
        for path, asked, own in sound:
            untraded += (f"{path}: {told}" for told in untraded_targets(asked, own))
            met += (f"{path}: {told}" for told in targets_met(asked, own))
    n = sum(len(outcome.problems) for outcome in outcomes) + len(untraded)
    for outcome in outcomes:
        if outcome.problems:
            typer.echo(format_problems(outcome.problems), err=True)
        if outcome.warnings:
            typer.echo(f"Warning: {format_problems(outcome.warnings)}", err=True)
    for told in untraded:
        typer.echo(told, err=True)
    for told in met:
        warn(told)
    for hint in dict.fromkeys(hint for outcome in outcomes for hint in outcome.hints):
        typer.echo(f"Hint: {hint}", err=True)
    if n:
        typer.echo(f"{n} problem{'s' * (n != 1)}; nothing was run.", err=True)
        raise typer.Exit(BAD_INPUT)
    typer.echo(f"{len(files)} file{'s' * (len(files) != 1)} checked, no problem found.")


def init(
    name: Annotated[str, typer.Argument(help="Name of the new scenario.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder it goes to.")] = Path(
        "scenarios"
    ),
    pair: Annotated[
        tuple[str, str] | None,
        typer.Option(help="The two regions asked about; what the world knows of them is listed."),
    ] = None,
    world: WorldOption = None,
) -> None:
    """Start a scenario: a commented file that passes the check.

    Where the folder has a baseline.yaml, it builds on that; without --pair it asks about the pair
    of its first target.

    Example: sim init my-question --pair A B
    """
    from sim.scenario.template import starter_text
    from sim.store import write_new
    from sim.world.names import world_names

    stem = name.removesuffix(".yaml")
    if not stem or stem.startswith((".", "-")) or Path(stem).name != stem or not stem.isprintable():
        raise typer.BadParameter(f"{name!r}: wanted a plain name; --output says where it goes")
    with plain_errors():
        names = world_names(world)
        asked = None if pair is None else regions_of(pair, names)
        if (output / BASELINE).is_file():
            text = _on_baseline(stem, asked, output / BASELINE, world)
        else:
            of = asked or names.regions[:2]
            known, trade = _known(of, names.ledgers[0], world)
            text = starter_text(stem, names, asked, trade)
            if asked is not None:
                for sentence in known:
                    typer.echo(sentence)
                typer.echo(f"There is no {BASELINE} in {output}: the file stands by itself.")
        path = write_new(output / f"{stem}.yaml", text.encode())
    typed = shlex.join([str(path), *(("--world", str(world)) if world is not None else ())])
    typer.echo(f"{path}: written; `sim check {typed}` checks it, `sim run {typed}` answers it.")


def _known(pair: "Sequence[str]", ledger: str, world: Path | None) -> "tuple[Sequence[str], float]":
    """Sentences on what the world knows of a pair, and its trade in both directions [musd]."""
    from sim.world.cache.checked_world import mutual_musd
    from sim.world.describe.pair_overview import known_of_pair
    from sim.world.load import load_world

    a, b = pair
    loaded = load_world(world, ledger=ledger)
    return known_of_pair(loaded, a, b), mutual_musd(loaded, a, b)


def _on_baseline(stem: str, asked: tuple[str, str] | None, base: Path, world: Path | None) -> str:
    """Text of a scenario about a pair that extends a baseline; tells what is known of the pair.

    Without a pair it is that of the baseline's first target, and its targets stay.
    """
    from sim.scenario.template import pair_text
    from sim.world.cache.checked_world import mutual_musd
    from sim.world.describe.pair_overview import known_of_pair
    from sim.world.load import load_world
    from sim.world.names import world_names

    scenario = load(base, world)
    pair = asked or next(iter(scenario.targets.values())).pair
    targets = {
        name: f"{t.pair[0]} and {t.pair[1]}, {t.trade_musd:g} million USD by {t.deadline}"
        for name, t in scenario.targets.items()
    }
    loaded = load_world(world, ledger=scenario.baseline.ledger, own=scenario.own_figures)
    known = known_of_pair(loaded, *pair)
    for sentence in known:
        typer.echo(sentence)
    names = world_names(world)
    trade = mutual_musd(loaded, *pair)
    return pair_text(
        stem, names, pair, base.name, targets, known, keeps_targets=asked is None, trade_musd=trade
    )


def schema(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Scenario files to take the reference's examples from."),
    ] = None,
    reference: Annotated[
        bool, typer.Option("--reference", help="Print a Markdown page of all keys instead.")
    ] = False,
    names: Annotated[
        bool, typer.Option("--names", help="List the names of the world wherever one is due.")
    ] = False,
    world: WorldOption = None,
) -> None:
    """Print the JSON Schema of scenario files, for editors.

    Example: sim schema > scenarios/scenario.schema.json
    """
    from sim.scenario.blocks.scenario import schema_text
    from sim.scenario.reference import reference_text
    from sim.scenario.text.inheritance import assemble
    from sim.scenario.text.problems import ScenarioError

    if files and not reference:
        raise typer.BadParameter(f"{files[0]}: files are read with --reference alone")
    if reference:
        with plain_errors():
            for path in files or ():
                if problems := assemble(path).problems:
                    raise ScenarioError(problems)
        typer.echo(reference_text(files or ()), nl=False)
        return
    if not names and world is None:
        typer.echo(schema_text(), nl=False)
        return
    from sim.world.titles import world_titles

    with plain_errors():
        typer.echo(schema_text(world_titles(world)), nl=False)
