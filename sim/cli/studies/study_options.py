"""Options that every study takes, and what a study came from, written beside its result."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from inspect import Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.terminal import OutputOption, SetOption, WorldOption, stem_of

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario

MAX_RUNS = 1_000_000
"""Runs of a case, as many as a scenario may ask for."""
STOP_SHARE = 0.1


def _address(given: str | None) -> str | None:
    """An address that a scheduler can have.

    Raises
    ------
    typer.BadParameter
        If it cannot.
    """
    if given is not None and re.fullmatch(r"[a-z]+://[^\s/]+:[0-9]{1,5}", given) is None:
        raise typer.BadParameter(f"{given!r}: wanted protocol, host and port, as tcp://host:8786")
    return given


RunsOption = Annotated[
    int | None,
    typer.Option("--runs", min=1, max=MAX_RUNS, help="Runs of each case, if not the scenario's."),
]
PrecisionOption = Annotated[
    float | None,
    typer.Option(
        "--precision",
        min=0.05,
        max=50.0,
        help="Run until chances are known to within so many percentage points (half the 90 % "
        "interval); instead of --runs.",
    ),
]


def goal_of(precision: float | None, runs: int | None) -> float | None:
    """Half-width that chances are to have [1].

    Raises
    ------
    typer.BadParameter
        If a number of runs is wanted as well.
    """
    if precision is not None and runs is not None:
        raise typer.BadParameter("--precision finds the number of runs itself; leave out --runs")
    return None if precision is None else precision / 100.0


WorkersOption = Annotated[
    int | None, typer.Option(min=1, help="Processes; as many as processors unless given.")
]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        callback=_address, help="Dask scheduler that does the work, such as tcp://host:8786."
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask, however large it is.")]
StopOption = Annotated[
    float,
    typer.Option(min=0.0, max=1.0, help="Share of failed runs beyond which the study stops."),
]


@dataclass(frozen=True)
class StudyOptions:
    """Options of every study, as they are typed.

    Raises
    ------
    typer.BadParameter
        If a precision is wanted and a number of runs as well.
    """

    output: OutputOption = Path("results")
    runs: RunsOption = None
    precision: PrecisionOption = None
    workers: WorkersOption = None
    cluster: ClusterOption = None
    world: WorldOption = None
    settings: SetOption = None
    yes: YesOption = False
    stop_share: StopOption = STOP_SHARE

    def __post_init__(self) -> None:
        """Refuse two answers to the same question."""
        goal_of(self.precision, self.runs)

    @property
    def goal(self) -> float | None:
        """Half-width that chances are to have [1]."""
        return goal_of(self.precision, self.runs)


Command = Callable[..., None]


def study_command(*, without: Sequence[str] = ()) -> Callable[[Command], Command]:
    """Give a command the options of every study behind those of its own.

    Parameters
    ----------
    without : sequence of str
        Fields of `StudyOptions` that this command does not offer; they keep their defaults.

    Returns
    -------
    callable
        Decorator of a command that takes them together, as the keyword `options`.
    """
    shared = [p for p in signature(StudyOptions).parameters.values() if p.name not in without]

    def decorate(command: Command) -> Command:
        own = [p for p in signature(command).parameters.values() if p.name != "options"]

        @wraps(command)
        def call(**given: object) -> None:
            options = {p.name: given.pop(p.name) for p in shared}
            command(**given, options=StudyOptions(**options))  # type: ignore[arg-type]

        call.__signature__ = Signature([*own, *shared])  # type: ignore[attr-defined]
        return call

    return decorate


@dataclass(frozen=True)
class StudyOrigin:
    """Scenarios and options of a study that bear on its numbers: enough to repeat it."""

    command: str
    """As it is typed in a shell."""
    arguments: tuple[str, ...]
    """Command and its own options, for `sim verify`."""
    stem: str
    """Name of the result's folder."""
    scenarios: Mapping[str, "Scenario"]
    """Scenarios that are written beside the result, by name."""
    baselines: tuple[str, ...] = ()
    """Names of those the others are compared with."""


def origin_of_one(
    command: str,
    file: Path,
    scenario: "Scenario",
    options: StudyOptions,
    own: Mapping[str, object],
) -> StudyOrigin:
    """Origin of a study of one scenario; `own` are the options that only this command has."""
    return StudyOrigin(
        command=typed_command(command, [file], options, own),
        arguments=arguments_of(command, options, own),
        stem=stem_of(file),
        scenarios={"The scenario": scenario},
    )


def arguments_of(command: str, options: StudyOptions, own: Mapping[str, object]) -> tuple[str, ...]:
    """The command and the options that were given and bear on numbers, as they are typed."""
    asked = {"--runs": options.runs, "--precision": options.precision, **own}
    given = {option: str(value) for option, value in asked.items() if value is not None}
    return (command, *(word for pair in given.items() for word in pair))


def typed_command(
    command: str,
    files: Sequence[Path],
    options: StudyOptions,
    own: Mapping[str, object],
    baselines: Sequence[Path] = (),
    without: Sequence[str] = (),
) -> str:
    """The command that gives the same numbers again, as it is typed in a shell."""
    words = ["sim", command, *map(str, files)]
    for path in without:
        words += ["--without", path]
    for file in baselines:
        words += ["--baseline", str(file)]
    if options.world is not None:
        words += ["--world", str(options.world)]
    for setting in options.settings or ():
        words += ["--set", setting]
    return shlex.join([*words, *arguments_of(command, options, own)[1:]])
