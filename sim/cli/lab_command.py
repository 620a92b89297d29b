"""The command that opens a scenario in a browser on this machine."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from sim.cli.terminal import FAILED, INTERRUPTED, WorldOption, plain_errors

MISSING = (
    "sim lab needs the packages starlette and uvicorn: pip install 'trade-scenario-simulator[lab]'"
)
Given = Annotated[
    str | None,
    typer.Argument(
        metavar="[SCENARIO]",
        help="Scenario file, or a link copied from another lab; the folder scenarios/ if left out.",
    ),
]


def lab(
    scenario: Given = None,
    world: WorldOption = None,
    port: Annotated[int, typer.Option(min=1024, max=65525, help="First port to try.")] = 8765,
    browser: Annotated[bool, typer.Option(help="Open the address in a browser.")] = True,
    workers: Annotated[
        int, typer.Option(min=1, max=16, help="Processes that simulate blocks of runs.")
    ] = 2,
    read_only: Annotated[bool, typer.Option("--read-only", help="Never write a file.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Tell errors in full.")] = False,
) -> None:
    """Answer a scenario in a browser while its levers are moved; nothing leaves this machine.

    On a machine elsewhere: ssh -L 8765:127.0.0.1:8765 HOST, then sim lab --no-browser there.

    Example: sim lab scenarios/pta-and-transit.yaml
    """
    try:
        from sim.lab.serve import LabOptions, serve
    except ModuleNotFoundError as error:
        if error.name not in ("starlette", "uvicorn"):
            raise
        typer.echo(MISSING, err=True)
        raise typer.Exit(FAILED) from None

    with plain_errors():
        folder, fragment = _opened(scenario)
        options = LabOptions(folder, fragment, world, port, workers, read_only, browser, debug)
        try:
            serve(options, typer.echo)
        except KeyboardInterrupt:
            typer.echo("Stopped.", err=True)
            raise typer.Exit(INTERRUPTED) from None


def _opened(given: str | None) -> tuple[Path, str]:
    """Folder of the scenarios and the part of the address that says what is opened."""
    if given is None:
        return Path("scenarios"), ""
    if "#v=" in given:
        return Path("scenarios"), f"#{given.partition('#')[2]}"
    path = Path(given)
    if not path.is_file():
        raise typer.BadParameter(f"{given}: there is no such file")
    return path.parent, f"#v=1&s={quote(path.name)}"
