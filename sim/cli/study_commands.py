"""Commands that ask more than one run can answer: sweep, compare."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from sim.cli.run_study import (
    STOP_SHARE,
    ClusterOption,
    PrecisionOption,
    RunsOption,
    StopOption,
    StudyOptions,
    WorkersOption,
    YesOption,
    conduct,
    goal_of,
)
from sim.cli.terminal import OutputOption, SetOption, WorldOption, load, plain_errors, stem_of

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.study.jobs.plan import Plan
    from sim.study.sweep import Design
    from sim.world.world import World


def sweep(
    scenario: Annotated[Path, typer.Argument(help="Scenario with a sweep: block.")],
    output: OutputOption = Path("results"),
    runs: RunsOption = None,
    precision: PrecisionOption = None,
    design: Annotated[
        str | None, typer.Option(help="grid, latin or sobol; a grid unless a range is swept.")
    ] = None,
    points: Annotated[
        int | None, typer.Option(min=1, help="Points of a Latin hypercube or Sobol sequence.")
    ] = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    world: WorldOption = None,
    settings: SetOption = None,
    yes: YesOption = False,
    stop_share: StopOption = STOP_SHARE,
) -> None:
    """Simulate every point of a scenario's sweep; goes on where it was interrupted.

    Example: sim sweep scenarios/pta-and-transit.yaml --runs 64
    """
    goal = goal_of(precision, runs)
    with plain_errors():
        asked = load(scenario, world, settings)
        from sim.report.studies.sweep_page import sweep_page
        from sim.study.sweep import points_of, summaries, sweep_plan
        from sim.world.names import world_names

        at = points_of(asked, design_of(design), points)
        plan = sweep_plan(asked, at, runs or asked.runs, worlds(world), world_names(world))
        plan = within(plan, goal)
        options = {"--runs": runs, "--precision": precision, "--design": design, "--points": points}
        means = StudyOptions(output, workers, cluster, yes, stop_share)
        means = of_one("sweep", scenario, asked, world, settings, options, means)
        conduct(
            plan,
            means,
            lambda plan, store: sweep_page(plan, store, at, summaries(plan, store), stamp(plan)),
        )


def compare(
    scenarios: Annotated[list[Path], typer.Argument(help="Two or more scenario files.")],
    baseline: Annotated[
        list[Path] | None,
        typer.Option(help="Scenario to compare with, the first unless given; can be repeated."),
    ] = None,
    output: OutputOption = Path("results"),
    runs: RunsOption = None,
    precision: PrecisionOption = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    world: WorldOption = None,
    settings: SetOption = None,
    yes: YesOption = False,
    stop_share: StopOption = STOP_SHARE,
) -> None:
    """Compare scenarios on the same draws: paired differences, by measure and year.

    Example: sim compare scenarios/baseline.yaml scenarios/pta.yaml scenarios/transit.yaml
    """
    files = list(dict.fromkeys([*(baseline or ()), *scenarios]))
    if len(files) < 2:
        raise typer.BadParameter("wanted two or more scenarios, or one and a --baseline")
    goal = goal_of(precision, runs)
    with plain_errors():
        called = apart(files)
        asked = {called[file]: load(file, world, settings) for file in files}
        from sim.report.studies.compare_page import compare_page
        from sim.study.compare import compare_plan, with_other_targets

        first = next(iter(asked.values()))
        if others := with_other_targets(asked):
            told = f"{', '.join(others)}: held to the targets of {next(iter(asked))}, not its own"
            typer.echo(f"Warning: {told}", err=True)
        n_baselines = len(dict.fromkeys(baseline)) if baseline else 1
        plan = compare_plan(asked, runs or first.runs, worlds(world), n_baselines=n_baselines)
        plan = within(plan, goal)
        options = {"--runs": runs, "--precision": precision}
        means = StudyOptions(
            output, workers, cluster, yes, stop_share,
            command=typed(
                "compare", files[n_baselines if baseline else 0:], world, settings,
                options, files[:n_baselines] if baseline else (),
            ),
            arguments=("compare", *words(options)),
            baselines=tuple(asked)[:n_baselines],
            stem="-".join(asked).encode()[:80].decode(errors="ignore"),
            scenarios=asked,
        )  # fmt: skip
        conduct(
            plan,
            means,
            lambda plan, store: compare_page(plan, store, range(n_baselines), stamp(plan)),
        )


def apart(files: "Sequence[Path]") -> dict[Path, str]:
    """Names of scenarios that are compared: those of their files, with folders where alike.

    Examples
    --------
    >>> list(apart([Path("a/plan.yaml"), Path("b/plan.yaml"), Path("b/other.yaml")]).values())
    ['a-plan', 'b-plan', 'other']
    """
    found = {file: stem_of(file) for file in files}
    for depth in range(1, max(len(file.absolute().parents) for file in files)):
        alike = [file for file, name in found.items() if [*found.values()].count(name) > 1]
        for file in alike:
            above = file.absolute().parts[-1 - depth : -1]
            found[file] = "-".join([*above, stem_of(file)])
    return found


def within(plan: "Plan", goal: float | None) -> "Plan":
    """The plan as it is, or with as many runs as a precision takes."""
    from sim.study.jobs.sureness import to_within

    return plan if goal is None else to_within(plan, goal)


def worlds(folder: Path | None) -> "Callable[[Scenario], World]":
    """Loader of the world of a scenario, each loaded once."""
    from sim.world.load import load_world

    loaded = cache(lambda ledger, own: load_world(folder, ledger=ledger, own=own))
    return lambda scenario: loaded(scenario.baseline.ledger, scenario.own_figures)


def design_of(word: str | None) -> "Design | None":
    """A design by its name.

    Raises
    ------
    typer.BadParameter
        If there is none of that name.
    """
    from typing import get_args

    from sim.study.sweep import Design

    if word is not None and word not in get_args(Design):
        raise typer.BadParameter(f"--design {word}: wanted {', '.join(get_args(Design))}")
    return cast("Design | None", word)


def words(options: Mapping[str, object]) -> tuple[str, ...]:
    """Options that were given, as they are typed."""
    given = {option: str(value) for option, value in options.items() if value is not None}
    return tuple(word for pair in given.items() for word in pair)


def stamp(plan: "Plan") -> str:
    """Ledgers, runs and seed, for the foot of figures."""
    base = plan.base
    cases = f" of each of {plan.n_cases:,} cases" if plan.n_cases > 1 else ""
    return f"Ledger: {base.baseline.ledger}. {plan.n_runs:,} runs{cases}, seed {base.seed}."


def of_one(
    command: str,
    file: Path,
    scenario: "Scenario",
    world: Path | None,
    settings: "Sequence[str] | None",
    options: Mapping[str, object],
    means: StudyOptions,
) -> StudyOptions:
    """Options of a study of one scenario, with what is typed to repeat it."""
    return replace(
        means,
        command=typed(command, [file], world, settings, options),
        arguments=(command, *words(options)),
        stem=stem_of(file),
        scenarios={"The scenario": scenario},
    )


def typed(
    command: str,
    files: "Sequence[Path]",
    world: Path | None,
    settings: "Sequence[str] | None",
    options: Mapping[str, object],
    baselines: "Sequence[Path]" = (),
) -> str:
    """The command that gives the same numbers again, as it is typed in a shell."""
    typing = ["sim", command, *map(str, files)]
    for file in baselines:
        typing += ["--baseline", str(file)]
    if world is not None:
        typing += ["--world", str(world)]
    for setting in settings or ():
        typing += ["--set", setting]
    return shlex.join([*typing, *words(options)])
