"""The command that makes a world from files as they are downloaded."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.terminal import BAD_INPUT, plain_errors

if TYPE_CHECKING:
    from sim.world.builder import Spec


def build_world(
    spec: Annotated[Path, typer.Argument(help="File that names regions, base year and files.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder the world goes to.")
    ] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Write SPEC to start from instead.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Make a world again that stands there already.")
    ] = False,
) -> None:
    """Make a world from files as they are downloaded: trade, incomes, duties, distances.

    Example: sim build-world my-world.yaml --output worlds/mine
    """
    from sim.store import write_new, write_world
    from sim.world.builder import build_world as build
    from sim.world.builder import template_text
    from sim.world.csv_tables.table_errors import WorldError
    from sim.world.load import load_world
    from sim.world.trade.calibration import CalibrationError

    with plain_errors():
        if template:
            path = write_new(spec, template_text(spec.name).encode())
            typer.echo(f"{path}: written; name your regions, base year and files in it.")
            return
        asked = _spec(spec)
        if output is None:
            typer.echo("--output is missing; wanted a folder, such as worlds/mine", err=True)
            raise typer.Exit(BAD_INPUT)
        try:
            built = build(asked)
            for line in built.warnings:
                typer.echo(f"Warning: {line}", err=True)
            write_world(output, built.files, replace=replace)
            load_world(output)
        except CalibrationError as error:
            raise WorldError([str(error)]) from None
    for sentence in built.summary:
        typer.echo(sentence)
    typer.echo(f"World: {output}; how good it is and what to improve first: {output / 'REPORT.md'}")


def _spec(path: Path) -> "Spec":
    """Read and check a spec; every mistake is located as in scenarios.

    Raises
    ------
    ScenarioError
        With all mistakes.
    """
    from sim.scenario.text.problems import Problem, ScenarioError
    from sim.scenario.text.tree import place_of, plain
    from sim.scenario.text.tree_file import tree_of_file
    from sim.world.builder import read_spec

    tree = tree_of_file(path, f"`sim build-world {path} --template` writes one to start from")
    spec, faults = read_spec(plain(tree), path.parent)  # type: ignore[arg-type]
    if spec is None:
        found = [Problem.at(place_of(tree, f.path), f.what, f.wanted) for f in faults]
        raise ScenarioError(found)
    return spec
