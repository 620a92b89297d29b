"""Commands that ask why and how: explain, reach, sensitivity, discover."""

from pathlib import Path
from typing import Annotated, cast

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
from sim.cli.study_commands import of_one, stamp, within, worlds
from sim.cli.terminal import OutputOption, SetOption, WorldOption, load, plain_errors


def explain(
    scenario: Annotated[Path, typer.Argument(help="Scenario with levers: or agreements.")],
    output: OutputOption = Path("results"),
    runs: RunsOption = None,
    precision: PrecisionOption = None,
    orders: Annotated[
        int | None, typer.Option(min=2, help="Orders that are drawn beyond ten levers.")
    ] = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    world: WorldOption = None,
    settings: SetOption = None,
    yes: YesOption = False,
    stop_share: StopOption = STOP_SHARE,
) -> None:
    """Say how much each lever contributes to reaching the target (Shapley).

    Example: sim explain scenarios/pta-and-transit.yaml
    """
    goal = goal_of(precision, runs)
    with plain_errors():
        asked = load(scenario, world, settings)
        from sim.report.studies.explain_page import explain_page
        from sim.study.explain import attributions, explain_plan, levers_of
        from sim.world.names import world_names

        levers = levers_of(asked, orders)
        plan = explain_plan(asked, levers, runs or asked.runs, worlds(world), world_names(world))
        plan = within(plan, goal)
        options = {"--runs": runs, "--precision": precision, "--orders": orders}
        means = StudyOptions(output, workers, cluster, yes, stop_share)
        means = of_one("explain", scenario, asked, world, settings, options, means)
        conduct(
            plan,
            means,
            lambda plan, store: explain_page(
                plan, levers, attributions(plan, levers, store), stamp(plan)
            ),
        )


def reach(
    scenario: Annotated[Path, typer.Argument(help="Scenario with a reach: block.")],
    output: OutputOption = Path("results"),
    runs: RunsOption = None,
    precision: PrecisionOption = None,
    probability: Annotated[
        float | None,
        typer.Option(min=0.01, max=0.99, help="Share of runs that is to reach the target."),
    ] = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    world: WorldOption = None,
    settings: SetOption = None,
    yes: YesOption = False,
    stop_share: StopOption = STOP_SHARE,
) -> None:
    """Find the least costly settings of the levers that reach the target.

    Example: sim reach scenarios/pta-and-transit.yaml --probability 0.2
    """
    goal = goal_of(precision, runs)
    with plain_errors():
        asked = load(scenario, world, settings)
        from sim.report.studies.reach_page import reach_page
        from sim.study.reach import LeverSearch
        from sim.world.names import world_names

        search = LeverSearch.of(asked, runs or asked.runs, world_names(world), probability)
        options = {"--runs": runs, "--precision": precision, "--probability": probability}
        means = StudyOptions(output, workers, cluster, yes, stop_share)
        means = of_one("reach", scenario, asked, world, settings, options, means)
        conduct(
            within(search.plan(worlds(world)), goal),
            means,
            lambda plan, store: reach_page(plan, search, search.answer(plan, store), stamp(plan)),
            search.grow,
        )


def sensitivity(
    scenario: Annotated[Path, typer.Argument(help="Scenario with uncertain inputs.")],
    output: OutputOption = Path("results"),
    method: Annotated[str, typer.Option(help="morris or sobol.")] = "morris",
    size: Annotated[
        int | None, typer.Option(min=2, help="Trajectories (morris) or base samples (sobol).")
    ] = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    world: WorldOption = None,
    settings: SetOption = None,
    yes: YesOption = False,
) -> None:
    """Say which uncertain inputs matter, with intervals (Morris or Sobol).

    Example: sim sensitivity scenarios/pta.yaml --method sobol --size 256
    """
    if method not in ("morris", "sobol"):
        raise typer.BadParameter(f"--method {method}: wanted morris or sobol")
    with plain_errors():
        asked = load(scenario, world, settings)
        from sim.report.studies.sensitivity_page import sensitivity_page
        from sim.study.sensitivity import Method, design_of, indices, sensitivity_plan

        loader = worlds(world)
        known = loader(asked)
        design = design_of(asked, known, cast(Method, method), size)
        plan = sensitivity_plan(asked, design, loader)
        typer.echo(
            f"{method} with {len(design.inputs)} inputs and size {design.size} needs "
            f"{plan.n_runs:,} runs.",
            err=True,
        )
        options = {"--method": method, "--size": size}
        means = StudyOptions(output, workers, cluster, yes)
        means = of_one("sensitivity", scenario, asked, world, settings, options, means)
        conduct(
            plan,
            means,
            lambda plan, store: sensitivity_page(
                plan, design, indices(plan, design, store), stamp(plan)
            ),
        )


def discover(
    scenario: Annotated[Path, typer.Argument(help="Scenario; a sweep: block adds inputs.")],
    output: OutputOption = Path("results"),
    runs: RunsOption = None,
    points: Annotated[
        int | None, typer.Option(min=1, help="Points of the swept inputs (Latin hypercube).")
    ] = None,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    world: WorldOption = None,
    settings: SetOption = None,
    yes: YesOption = False,
    stop_share: StopOption = STOP_SHARE,
) -> None:
    """Find the ranges of the inputs in which the target is met (PRIM).

    Example: sim discover scenarios/pta-and-transit.yaml --runs 64
    """
    with plain_errors():
        asked = load(scenario, world, settings)
        from sim.report.studies.discover_page import discover_page
        from sim.study.discover import discoveries
        from sim.study.sweep import points_of, sweep_plan
        from sim.world.names import world_names

        at = points_of(asked, "latin", points)
        known = (worlds(world), world_names(world))
        plan = sweep_plan(asked, at, runs or asked.runs, *known, kind="discover", apart=True)
        options = {"--runs": runs, "--points": points}
        means = StudyOptions(output, workers, cluster, yes, stop_share)
        means = of_one("discover", scenario, asked, world, settings, options, means)
        conduct(
            plan,
            means,
            lambda plan, store: discover_page(plan, discoveries(plan, at, store), stamp(plan)),
        )
