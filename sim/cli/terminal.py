"""Shared parts of the commands: options, error messages, tables."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from sim.scenario.blocks.scenario import Scenario

BAD_INPUT = 2
"""Exit code when the input is wrong and nothing was run."""
INTERRUPTED = 130
"""Exit code after Ctrl-C."""
FAILED = 1
"""Exit code when something was run and did not come out."""
WIDE = 140
"""Columns of text written to a file or a pipe, where no terminal sets the width."""

WorldOption = Annotated[
    Path | None,
    typer.Option("--world", help="Folder of world tables, if not the packaged ones."),
]
OutputOption = Annotated[Path, typer.Option("--output", "-o", help="Folder that results go to.")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change one value, such as --set runs=64 (can be repeated)."),
]


_simulated: list[int] = []
"""Runs that the present command has simulated; empty while nothing was run."""


def noted(advance: "Callable[[int], None]") -> "Callable[[int], None]":
    """Take note of what is simulated: from then on no exit code says that nothing was run."""

    def note(n: int) -> None:
        _simulated.append(n)
        advance(n)

    return note


def _code_of_mistake() -> int:
    return FAILED if _simulated else BAD_INPUT


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn every mistake of the input into words and an exit code."""
    from sim.cli.interrupts import harmless_interrupts
    from sim.laws.solve_errors import SolveError
    from sim.scenario.text.problems import ScenarioError
    from sim.store import StoreError, UnwrittenError
    from sim.study.workers.study_errors import StudyError
    from sim.world.csv_tables.table_errors import CalibrationError, WorldError

    _simulated.clear()
    try:
        with harmless_interrupts():
            yield
    except ScenarioError as error:
        n = len(error.problems)
        nothing = "" if _simulated else "; nothing was run"
        typer.echo(f"{error}\n{n} problem{'s' * (n != 1)}{nothing}.", err=True)
        raise typer.Exit(_code_of_mistake()) from None
    except UnwrittenError as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(FAILED) from None
    except (WorldError, CalibrationError, StoreError, StudyError) as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(_code_of_mistake()) from None
    except KeyboardInterrupt:
        typer.echo("Interrupted; nothing was written.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except MemoryError:
        typer.echo("There is not enough memory; take fewer runs, points or workers.", err=True)
        raise typer.Exit(FAILED) from None
    except BrokenPipeError:
        raise  # nobody reads on, as behind `| head`
    except OSError as error:
        what = error.filename or "a file or connection"
        typer.echo(f"{what}: cannot be used ({error.strerror or error})", err=True)
        raise typer.Exit(FAILED) from None
    except SolveError as error:
        typer.echo(f"The trade equilibrium was not found: {error}", err=True)
        raise typer.Exit(FAILED) from None


def console() -> "Console":
    """Terminal output; plain text where it is not a terminal. Names are shown as they are typed."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else WIDE
    return Console(highlight=False, markup=False, emoji=False, width=width)


def warn(text: str) -> None:
    """A warning on standard error."""
    typer.echo(f"Warning: {text}", err=True)


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


def stem_of(path: Path) -> str:
    """Stem for the name of a result: the name of a scenario's file, or that it had none."""
    return path.stem if str(path) != "-" else "standard-input"


def load(path: Path, world: Path | None, settings: "Sequence[str] | None" = None) -> "Scenario":
    """Read and check a scenario; warnings go to standard error."""
    from sim.scenario.scenario_file import check_scenario
    from sim.scenario.text.problems import ScenarioError, format_problems
    from sim.world.names import world_names

    checked = check_scenario(path, world_names(world), overrides=overrides(settings))
    if checked.scenario is None:
        raise ScenarioError(checked.problems, checked.warnings)
    if checked.warnings:
        typer.echo(f"Warning: {format_problems(checked.warnings)}", err=True)
    return checked.scenario


def regions_of(pair: tuple[str, str], names: Any) -> tuple[str, str]:
    """Two different regions as the world spells them.

    A code is taken in capitals or not, and a region by its whole name too; an institution is told
    with its members, a state that is part of a larger region with that.

    Raises
    ------
    typer.BadParameter
        If one is no region, or both are the same.
    """
    a, b = (_region(word, names) for word in pair)
    if a == b:
        raise typer.BadParameter(f"{a!r} twice; wanted two regions")
    return a, b


def _region(word: str, names: Any) -> str:
    from sim.scenario.text.suggestions import suggestion_for

    code = word.strip().upper()
    if code in names.regions:
        return code
    titles = getattr(names, "region_names", ())
    by_title = dict(zip((title.casefold() for title in titles), names.regions, strict=False))
    if word.strip().casefold() in by_title:
        return str(by_title[word.strip().casefold()])
    told = suggestion_for(code, "regions", "region", names)
    near = f"; did you mean {told.near!r}?" if told.near else ""
    raise typer.BadParameter(f"{told.what}; {told.wanted}{near}")
