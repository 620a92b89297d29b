"""The command that makes a world from files as they are downloaded."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.terminal import BAD_INPUT, plain_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.scenario.text.problems import ScenarioError
    from sim.scenario.text.tree import MappingNode
    from sim.world.builder import Fault, Spec

SPECIFICATION = "the specification of a world: base_year: 2021, regions: …, files: …"


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
    from sim.world.builder import UnfitError, template_text
    from sim.world.builder import build_world as build
    from sim.world.csv_tables.table_errors import WorldError
    from sim.world.load import load_world
    from sim.world.trade.calibration import CalibrationError

    with plain_errors():
        if template:
            path = write_new(spec, template_text(spec.name).encode())
            typer.echo(f"{path}: written; name your regions, base year and files in it.")
            return
        tree, asked = _spec(spec)
        if output is None:
            typer.echo("--output is missing; wanted a folder, such as worlds/mine", err=True)
            raise typer.Exit(BAD_INPUT)
        try:
            built = build(asked)
            for line in built.warnings:
                typer.echo(f"Warning: {line}", err=True)
            write_world(output, built.files, replace=replace)
            load_world(output)
        except UnfitError as error:
            for line in error.set_aside:
                typer.echo(f"Warning: {line}", err=True)
            raise _located(tree, [error.fault]) from None
        except CalibrationError as error:
            raise WorldError([str(error)]) from None
    for sentence in built.summary:
        typer.echo(sentence)
    typer.echo(f"World: {output}; how good it is and what to improve first: {output / 'REPORT.md'}")


def _spec(path: Path) -> "tuple[MappingNode, Spec]":
    """Read and check a spec; every mistake is located as in scenarios.

    Raises
    ------
    ScenarioError
        With all mistakes.
    """
    from sim.scenario.text.tree import plain
    from sim.scenario.text.tree_file import tree_of_file
    from sim.world.builder import read_spec

    start = "`sim build-world my-world.yaml --template` writes one to start from"
    tree = tree_of_file(path, SPECIFICATION, start)
    spec, faults = read_spec(plain(tree), path.parent)  # type: ignore[arg-type]
    if spec is None:
        raise _located(tree, faults)
    return tree, spec


def _located(tree: "MappingNode", faults: "Sequence[Fault]") -> "ScenarioError":
    """Faults of a spec at their places in its file."""
    from sim.scenario.text.problems import Problem, ScenarioError
    from sim.scenario.text.tree import key_place_of, place_of

    return ScenarioError([
        Problem.at((key_place_of if f.is_key else place_of)(tree, f.path), f.what, f.wanted)
        for f in faults
    ])  # fmt: skip
