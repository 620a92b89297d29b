"""Commands that ask more than one run can answer: sweep, compare."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from sim.cli.studies.run_study import conduct
from sim.cli.studies.study_options import (
    StudyOptions,
    StudyOrigin,
    arguments_of,
    origin_of_one,
    study_command,
    typed_command,
)
from sim.cli.terminal import load, plain_errors, stem_of

if TYPE_CHECKING:
    from sim.scenario.blocks.scenario import Scenario
    from sim.study.jobs.plan import Plan
    from sim.study.sweep import Design
    from sim.world.world import World


@study_command()
def sweep(
    scenario: Annotated[Path, typer.Argument(help="Scenario with a sweep: block.")],
    design: Annotated[
        str | None, typer.Option(help="grid, latin or sobol; a grid unless a range is swept.")
    ] = None,
    points: Annotated[
        int | None, typer.Option(min=1, help="Points of a Latin hypercube or Sobol sequence.")
    ] = None,
    *,
    options: StudyOptions,
) -> None:
    """Simulate every point of a scenario's sweep; goes on where it was interrupted.

    Example: sim sweep scenarios/pta-and-transit.yaml --runs 64
    """
    with plain_errors():
        asked = load(scenario, options.world, options.settings)
        from sim.report.studies.sweep_page import sweep_page
        from sim.study.sweep import points_of, summaries, sweep_plan
        from sim.world.names import world_names

        at = points_of(asked, design_of(design), points)
        plan = sweep_plan(
            asked,
            at,
            options.runs or asked.runs,
            world_loader(options.world),
            world_names(options.world),
        )
        plan = with_precision(plan, options.goal)
        own = {"--design": design, "--points": points}
        conduct(
            plan,
            options,
            origin_of_one("sweep", scenario, asked, options, own),
            lambda plan, store: sweep_page(plan, store, at, summaries(plan, store), stamp(plan)),
        )


@study_command()
def compare(
    scenarios: Annotated[
        list[Path], typer.Argument(help="Two or more scenario files, or one with --without.")
    ],
    baseline: Annotated[
        list[Path] | None,
        typer.Option(help="Scenario to compare with, the first unless given; can be repeated."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            help="Compare one scenario with itself without this block, such as duties or "
            "agreements.transit; can be repeated."
        ),
    ] = None,
    *,
    options: StudyOptions,
) -> None:
    """Compare scenarios on the same draws: paired differences, by measure and year.

    Example: sim compare scenarios/baseline.yaml scenarios/pta.yaml scenarios/transit.yaml
    """
    files = list(dict.fromkeys([*(baseline or ()), *scenarios]))
    with plain_errors():
        asked = _compared(files, without or (), options)
        from sim.report.studies.compare_page import compare_page
        from sim.study.compare import compare_plan, with_other_targets

        first = next(iter(asked.values()))
        if others := with_other_targets(asked):
            told = f"{', '.join(others)}: held to the targets of {next(iter(asked))}, not its own"
            typer.echo(f"Warning: {told}", err=True)
        n_named = len(dict.fromkeys(baseline or ()))
        n_baselines = n_named or 1
        plan = compare_plan(
            asked, options.runs or first.runs, world_loader(options.world), n_baselines=n_baselines
        )
        plan = with_precision(plan, options.goal)
        origin = StudyOrigin(
            command=typed_command(
                "compare", files[n_named:], options, {}, files[:n_named], without or ()
            ),
            arguments=arguments_of("compare", options, {}),
            stem="-".join(asked).encode()[:80].decode(errors="ignore"),
            scenarios=asked,
            baselines=tuple(asked)[:n_baselines],
        )
        conduct(
            plan,
            options,
            origin,
            lambda plan, store: compare_page(plan, store, range(n_baselines), stamp(plan)),
        )


def _compared(
    files: "Sequence[Path]", without: "Sequence[str]", options: StudyOptions
) -> "Mapping[str, Scenario]":
    """Scenarios that are compared, by name, the baselines first.

    Raises
    ------
    typer.BadParameter
        If there are not two sides.
    """
    if without and len(files) != 1:
        raise typer.BadParameter("wanted one scenario with --without, which makes the baseline")
    if len(files) < 2 and not without:
        raise typer.BadParameter(
            "wanted two or more scenarios, or one and a --baseline or a --without"
        )
    called = distinct_names(files)
    asked = {called[file]: load(file, options.world, options.settings) for file in files}
    return with_and_without(asked, without, options.world) if without else asked


def with_and_without(
    asked: "Mapping[str, Scenario]", without: "Sequence[str]", folder: Path | None
) -> "dict[str, Scenario]":
    """The one scenario behind itself with some blocks taken out."""
    from sim.scenario.variation import without_blocks
    from sim.world.names import world_names

    ((name, scenario),) = asked.items()
    bare = without_blocks(scenario, without, world_names(folder))
    words = "-".join(part for path in without for part in path.split(".") if part.isidentifier())
    return {f"{name}-without-{words or 'it'}": bare, name: scenario}


def distinct_names(files: "Sequence[Path]") -> dict[Path, str]:
    """Names of scenarios that are compared: those of their files, with folders where alike.

    Examples
    --------
    >>> list(
    ...     distinct_names(
    ...         [Path("a/plan.yaml"), Path("b/plan.yaml"), Path("b/other.yaml")]
    ...     ).values()
    ... )
    ['a-plan', 'b-plan', 'other']
    """
    found = {file: stem_of(file) for file in files}
    for depth in range(1, max(len(file.absolute().parents) for file in files)):
        alike = [file for file, name in found.items() if [*found.values()].count(name) > 1]
        for file in alike:
            above = file.absolute().parts[-1 - depth : -1]
            found[file] = "-".join([*above, stem_of(file)])
    return found


def with_precision(plan: "Plan", goal: float | None) -> "Plan":
    """The plan as it is, or with as many runs as a precision takes."""
    from sim.study.jobs.study_precision import to_within

    return plan if goal is None else to_within(plan, goal)


def world_loader(folder: Path | None) -> "Callable[[Scenario], World]":
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


def stamp(plan: "Plan") -> str:
    """Ledgers, runs and seed, for the foot of figures."""
    base = plan.base
    cases = f" of each of {plan.n_cases:,} cases" if plan.n_cases > 1 else ""
    return f"Ledger: {base.baseline.ledger}. {plan.n_runs:,} runs{cases}, seed {base.seed}."
